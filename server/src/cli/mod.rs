//! The command line: one file per subcommand.
//!
//! Every command writes what it found to stdout (one JSON document with `--json`), logs and errors to stderr, and ends with
//! 0 only on success. An error is one line that says what to do.

mod api_key;
mod arb;
mod bet_files;
mod bets;
mod devig;
mod doctor;
mod events;
mod import;
mod kelly;
mod migrate;
mod openapi;
mod opportunities;
mod serve;
mod settle;
mod strategies;
mod user;

use crate::clock::{SystemClock, SystemEntropy};
use crate::config::{Config, ConfigError};
use crate::desk::accounts;
use crate::http::errors::ApiError;
use crate::setup;
use crate::state::AppState;
use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand};
use domain::{OddsFormat, Price};
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use store::{StoreError, User};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "overround",
    version,
    about = "A self-hosted odds desk",
    propagate_version = true
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// Folder for the database, the key of sealed secrets and the logs
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// PostgreSQL address; without it SQLite in the data folder
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Configuration file [default: overround.yaml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Print one JSON document
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the desk: pages, API, jobs
    Serve(serve::Args),
    /// Bring the database to this version's schema
    Migrate(migrate::Args),
    /// Check the data folder, the database, the clock and the feeds
    Doctor(doctor::Args),
    /// Make and list users, set passwords
    #[command(subcommand)]
    User(user::Command),
    /// Make, list and revoke keys to the JSON API
    #[command(subcommand)]
    ApiKey(api_key::Command),
    /// Read recorded answers of a feed, through the very steps of a live fetch
    Import(import::Args),
    /// List events
    Events(events::Args),
    /// Find opportunities in the recorded odds
    Opportunities(opportunities::Args),
    /// List, switch and carry a user's strategies
    #[command(subcommand)]
    Strategies(strategies::Command),
    /// List a user's bets
    Bets(bets::Args),
    /// Bring a user's bets in and out of files
    #[command(subcommand)]
    BetFiles(bet_files::Command),
    /// Take the closes of bets whose events have started, and settle those whose events are over
    Settle,
    /// Stakes for an arbitrage, honest about rounding
    Arb(arb::Args),
    /// Fair probabilities behind the prices of a market
    Devig(devig::Args),
    /// How much of the bankroll to stake
    Kelly(kelly::Args),
    /// Print the OpenAPI document
    Openapi(openapi::Args),
}

/// What ends a command: one line for a person.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CliError(pub String);

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<ApiError> for CliError {
    fn from(error: ApiError) -> Self {
        let said: Vec<String> = error
            .entries()
            .iter()
            .map(|entry| match &entry.field {
                Some(field) => format!("{field}: {}", entry.detail),
                None => entry.detail.clone(),
            })
            .collect();
        Self(said.join("; "))
    }
}

impl Common {
    /// The configuration, with these flags on top.
    fn config(&self, more: &[(&str, Option<String>)]) -> Result<Config, ConfigError> {
        let mut flags: Vec<(&str, String)> = Vec::new();
        let own = [
            ("data_dir", self.data_dir.as_ref().map(|dir| dir.display().to_string())),
            ("database_url", self.database_url.clone()),
            ("log_level", self.log_level.clone()),
        ];
        for (name, value) in own.iter().chain(more) {
            if let Some(value) = value {
                flags.push((name, value.clone()));
            }
        }
        Config::load(self.config.as_deref(), &flags)
    }

    /// The parts of the server, on a migrated database, without logs on disk.
    async fn open(&self) -> Result<AppState, CliError> {
        self.open_with(self.config(&[])?).await
    }

    async fn open_with(&self, config: Config) -> Result<AppState, CliError> {
        crate::logging::start(&config, false)?;
        setup::open(config, Arc::new(SystemClock), Arc::new(SystemEntropy))
            .await
            .map_err(|error| CliError(error.to_string()))
    }

    /// Prints a value: as JSON when asked for, else as `text` makes it.
    fn print<T: Serialize>(&self, value: &T, text: impl FnOnce(&T) -> String) -> Result<(), CliError> {
        let said = if self.json {
            serde_json::to_string(value).map_err(|error| CliError(error.to_string()))?
        } else {
            text(value)
        };
        print_text(&said)
    }
}

/// Prints text as it is, with one line end.
fn print_text(said: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out
        .write_all(said.trim_end().as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
    {
        // The reader has seen enough, as in `overround events | head`.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// The user with an e-mail address.
async fn find_user(state: &AppState, email: &str) -> Result<User, CliError> {
    let email = accounts::read_email(email)?;
    let found = state.store.find_user_by_email(&email).await?;
    found.ok_or_else(|| CliError(format!("there is no user {email}; see `overround user list`")))
}

/// Reads an instant as people write it: RFC 3339, or epoch seconds.
fn read_time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .ok()
        .or_else(|| {
            text.parse()
                .ok()
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        })
        .ok_or_else(|| "expected a time such as 2026-11-21T18:00:00Z".to_owned())
}

/// Decimal prices with commas between, as a flag holds them.
fn decimal_prices(flag: &str, text: &str) -> Result<Vec<Price>, CliError> {
    text.split(',')
        .map(|text| {
            OddsFormat::Decimal
                .read(text)
                .map_err(|error| CliError(format!("--{flag}: `{text}`: {error}")))
        })
        .collect()
}

/// Lines up columns for a terminal.
fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|at| {
            rows.iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            format!("{}\n", cells.join("  ").trim_end())
        })
        .collect()
}

/// Runs what the command line says.
pub async fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            // One line that says what to do, instead of clap's paragraph.
            let text = error.to_string();
            let first = text.lines().next().unwrap_or("error: this command line cannot be read");
            let hint = text
                .lines()
                .find(|line| line.trim_start().starts_with("tip:"))
                .map_or("see `overround --help`", str::trim);
            let missing: Vec<&str> = text
                .lines()
                .skip(1)
                .take_while(|line| !line.is_empty())
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            eprintln!(
                "{}",
                [&[first][..], &missing, &[&format!("({hint})")]].concat().join(" ")
            );
            return ExitCode::from(2);
        }
        Err(help) => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    let common = &cli.common;
    let done = match cli.command {
        Command::Serve(args) => serve::run(common, args).await,
        Command::Migrate(args) => migrate::run(common, args).await,
        Command::Doctor(args) => doctor::run(common, args).await,
        Command::User(command) => user::run(common, command).await,
        Command::ApiKey(command) => api_key::run(common, command).await,
        Command::Import(args) => import::run(common, args).await,
        Command::Events(args) => events::run(common, args).await,
        Command::Opportunities(args) => opportunities::run(common, args).await,
        Command::Strategies(command) => strategies::run(common, command).await,
        Command::Bets(args) => bets::run(common, args).await,
        Command::BetFiles(command) => bet_files::run(common, command).await,
        Command::Settle => settle::run(common).await,
        Command::Arb(args) => arb::run(common, args),
        Command::Devig(args) => devig::run(common, args),
        Command::Kelly(args) => kelly::run(common, args),
        Command::Openapi(args) => openapi::run(common, args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", error.0.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

/// A database's name as people say it.
const fn backend_name(backend: store::Backend) -> &'static str {
    match backend {
        store::Backend::Sqlite => "SQLite",
        store::Backend::Postgres => "PostgreSQL",
    }
}
