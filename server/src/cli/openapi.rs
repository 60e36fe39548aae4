//! `overround openapi`

use super::{CliError, Common};

/// Nothing of its own.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(common: &Common, Args {}: Args) -> Result<(), CliError> {
    let document = crate::api::document();
    common.print(&document, |document| {
        serde_json::to_string_pretty(document).unwrap_or_default()
    })
}
