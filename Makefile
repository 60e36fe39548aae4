# `make run` and `make test` are all that a newcomer needs; each installs what it lacks.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test dev lint bench torture clean-data

help: ## Lists these
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

# An optimised build: a debug one is ready sooner, and then every page and its WASM is slow.
run: ## Builds and starts Overround on http://127.0.0.1:8080, with the demo feed (LISTEN=, DATA_DIR=, ARGS=)
	@tools/setup.sh run
	@tools/run.sh $(ARGS)

test: ## Runs every suite, or SUITES="store feeds"
	@tools/setup.sh test
	@tools/test.sh $(SUITES)

dev: ## Starts a debug build that rebuilds and reloads as files change
	@tools/setup.sh run
	@tools/dev.sh $(ARGS)

lint: ## Formatting and clippy
	@tools/setup.sh run
	@tools/lint.sh

bench: ## Measures speed and size: ours, limit, ratio
	@tools/setup.sh test
	@tools/bench.sh $(ARGS)

torture: ## Kills the program 300 times during ingest and while serving, on both databases
	@tools/setup.sh test
	@OVERROUND_CRASHES=300 tools/test.sh crash

clean-data: ## Deletes the data of `make run` (DATA_DIR=), after asking
	@tools/clean-data.sh
