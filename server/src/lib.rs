//! The server: input, output and wiring. It alone reads the environment, the clock and the random source.

pub mod api;
pub mod backend;
pub mod cli;
pub mod clock;
pub mod config;
pub mod desk;
pub mod http;
pub mod jobs;
pub mod logging;
pub mod pipeline;
pub mod setup;
pub mod state;
pub mod vault;
pub mod work;
