//! `overround migrate`

use super::{CliError, Common, backend_name};
use serde::Serialize;

/// Nothing of its own.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Report {
    database: String,
    is_ready: bool,
}

pub(super) async fn run(common: &Common, Args {}: Args) -> Result<(), CliError> {
    let state = common.open().await?;
    let report = Report {
        database: backend_name(state.store.backend()).to_owned(),
        is_ready: state.store.is_ready().await?,
    };
    common.print(&report, |report| {
        format!("The {} database has the current schema.", report.database)
    })
}
