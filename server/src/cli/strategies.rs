//! `overround strategies list|export|import|enable|disable`: a user's strategies.

use super::{CliError, Common, columns, find_user};
use crate::api::strategies::strategy_row;
use crate::desk::strategies;
use crate::state::AppState;
use domain::{StrategyId, UserId};
use serde_json::json;
use std::path::PathBuf;
use store::{Strategy, StrategyChange};

/// What to do with strategies.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List a user's strategies and what came of them
    List(Owner),
    /// Print a user's strategies as YAML
    Export(Owner),
    /// Take in strategies from a YAML file, beside those there are
    Import {
        #[command(flatten)]
        owner: Owner,
        /// The file, as `export` prints it
        file: PathBuf,
    },
    /// Switch a strategy on
    Enable {
        #[command(flatten)]
        owner: Owner,
        /// Its number, as `list` shows it
        id: i64,
    },
    /// Switch a strategy off
    Disable {
        #[command(flatten)]
        owner: Owner,
        /// Its number, as `list` shows it
        id: i64,
    },
}

/// Whose.
#[derive(Debug, clap::Args)]
pub(super) struct Owner {
    /// E-mail address of the user
    #[arg(long)]
    email: String,
}

impl Owner {
    async fn find(&self, state: &AppState) -> Result<UserId, CliError> {
        Ok(find_user(state, &self.email).await?.id)
    }
}

/// Yaml is read up to this size.
const MAX_YAML: u64 = 1 << 20;

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let state = common.open().await?;
    match command {
        Command::List(owner) => list(common, &state, owner.find(&state).await?).await,
        Command::Export(owner) => {
            let rows = strategies::of_user(&state, owner.find(&state).await?).await?;
            let yaml = strategies::to_yaml(&rows.into_iter().map(|(row, _)| row).collect::<Vec<Strategy>>())?;
            common.print(&json!({"yaml": yaml}), |_| yaml.clone())
        }
        Command::Import { owner, file } => {
            let owner = owner.find(&state).await?;
            let unreadable = |error: std::io::Error| CliError(format!("{}: {error}", file.display()));
            if std::fs::metadata(&file).map_err(unreadable)?.len() > MAX_YAML {
                return Err(CliError(format!(
                    "{}: a file of strategies has at most 1 MiB",
                    file.display()
                )));
            }
            let yaml = std::fs::read_to_string(&file).map_err(unreadable)?;
            let made = strategies::import(&state, owner, &yaml).await?;
            common.print(&json!({"imported": made.len()}), |_| format!("{} taken in", made.len()))
        }
        Command::Enable { owner, id } => switch(common, &state, &owner, id, true).await,
        Command::Disable { owner, id } => switch(common, &state, &owner, id, false).await,
    }
}

async fn list(common: &Common, state: &AppState, owner: UserId) -> Result<(), CliError> {
    let rows = strategies::of_user(state, owner).await?;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(row, results)| strategy_row(row, results))
        .collect();
    common.print(&json!({"strategies": rows}), |_| {
        let lines = rows.iter().map(|row| {
            vec![
                row.id.to_string(),
                row.name.clone(),
                row.kind.to_owned(),
                row.stage.to_owned(),
                if row.is_enabled { "on" } else { "off" }.to_owned(),
                format!("version {}", row.version),
                format!(
                    "{} open, {} closed, {} skipped",
                    row.results.open, row.results.closed, row.results.skipped
                ),
            ]
        });
        columns(&lines.collect::<Vec<_>>())
    })
}

async fn switch(common: &Common, state: &AppState, owner: &Owner, id: i64, is_enabled: bool) -> Result<(), CliError> {
    let change = StrategyChange {
        is_enabled: Some(is_enabled),
        ..StrategyChange::default()
    };
    let owner = owner.find(state).await?;
    let row = strategies::change(state, owner, StrategyId(id), &change).await?;
    common.print(&json!({"id": id, "is_enabled": is_enabled}), |_| {
        format!("{} is {}", row.name, if is_enabled { "on" } else { "off" })
    })
}
