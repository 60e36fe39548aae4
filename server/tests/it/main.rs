//! The server in process, and its command line: one binary for all.

mod access;
mod accounts;
mod api;
mod app;
mod command_line;
mod feed_faults;
mod recordings;
mod structure;
mod vendor;
