# Built with the same scripts as `make run`. Debian 13 on both sides: one C library, and its Node.js runs wasm-opt.
FROM rust:1.95-trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
ENV CARGO_TARGET_DIR=/target
WORKDIR /src
# The tools first: they change seldom and take long.
COPY rust-toolchain.toml Cargo.lock ./
COPY tools tools
RUN tools/setup.sh run
COPY . .
RUN tools/build.sh && tools/package.sh /opt/overround

FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /data overround \
    && install -d -o overround -g overround -m 700 /data
COPY --from=build /opt/overround /opt/overround
ENV PATH=/opt/overround:$PATH LEPTOS_OUTPUT_NAME=overround LEPTOS_SITE_ROOT=/opt/overround/site LEPTOS_HASH_FILES=true
USER overround
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["healthcheck", "8080"]
CMD ["overround", "serve", "--listen", "0.0.0.0:8080", "--data-dir", "/data"]
