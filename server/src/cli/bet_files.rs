//! `overround bet-files`: a user's bets in and out of files, and an import undone.

use super::{CliError, Common, find_user, print_text};
use crate::api::bets::{BetsQuery, read_filter};
use crate::desk::bets::files::{self, Plan, Progress, Upload, Verdict};
use crate::desk::bets::in_request;
use crate::desk::preferences::Preferences;
use crate::state::AppState;
use domain::bet::BetMode;
use domain::{Currency, ImportId};
use engine::bet_file::{json, sheet};
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;
use store::User;

/// What to do with files of bets.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Record the bets of a file, all of them or none
    Import(Import),
    /// Print bets as a file that can be imported again
    Export(Export),
    /// Remove the bets of an import
    Undo(Undo),
}

/// A file to record.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// CSV or JSON as exported here, or the CSV of another tracker
    file: PathBuf,
    /// E-mail address of the user
    #[arg(long)]
    email: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// paper or real, where the file does not say
    #[arg(long, default_value = "real")]
    mode: String,
    /// The account's name, where the file does not say; without, one for each bookmaker
    #[arg(long, default_value = "")]
    account: String,
    /// Where the file does not say; without, the user's own
    #[arg(long)]
    currency: Option<Currency>,
}

/// Bets to print.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// E-mail address of the user
    #[arg(long)]
    email: String,
    /// csv or json
    #[arg(long, default_value = "csv", value_parser = ["csv", "json"])]
    format: String,
    /// paper or real
    #[arg(long)]
    mode: Option<String>,
    /// open or settled
    #[arg(long)]
    status: Option<String>,
}

/// An import to undo.
#[derive(Debug, clap::Args)]
pub(super) struct Undo {
    /// The import's number
    import: i64,
    /// E-mail address of the user
    #[arg(long)]
    email: String,
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let state = common.open().await?;
    match command {
        Command::Import(args) => import(common, &state, args).await,
        Command::Export(args) => export(common, &state, args).await,
        Command::Undo(args) => undo(common, &state, args).await,
    }
}

async fn import(common: &Common, state: &AppState, args: Import) -> Result<(), CliError> {
    let user = find_user(state, &args.email).await?;
    let bytes = std::fs::read(&args.file).map_err(|error| CliError(format!("{}: {error}", args.file.display())))?;
    if bytes.len() > files::MAX_FILE {
        return Err(CliError(format!(
            "a file may have {} MiB at most",
            files::MAX_FILE >> 20
        )));
    }
    let mode = BetMode::from_code(&args.mode).ok_or_else(|| CliError("--mode: paper or real".to_owned()))?;
    let currency = match args.currency {
        Some(currency) => currency,
        None => state.store.bettor(user.id).await?.currency,
    };
    let name = args
        .file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let upload = Upload {
        name,
        bytes: bytes.into(),
        mapping: None,
        mode,
        account: args.account,
        currency,
    };
    let rows = files::read(state, &upload, Preferences::of(&user).zone()).await?.rows;
    let (id, plan) = if args.dry_run {
        (None, files::dry_run(state, user.id, rows).await?)
    } else {
        let books = state.boards.profiles().await?;
        let progress = Progress::default();
        let done = in_request(state, async |tx| {
            files::import(state, &books, tx, user.id, &upload.name, rows, &progress).await
        });
        let (id, plan) = done.await?;
        (Some(id.0), plan)
    };
    let counts = plan.import(&upload.name);
    let said = json!({
        "import": id, "total": counts.total, "added": counts.added, "duplicates": counts.duplicate, "refused": counts.refused,
        "refusals": refusals(&plan),
    });
    common.print(&said, |_| {
        let done = if args.dry_run { "would be recorded" } else { "recorded" };
        let mut text = format!(
            "{} bets {done}, {} there already, {} refused\n",
            counts.added, counts.duplicate, counts.refused
        );
        for refusal in refusals(&plan) {
            // Writing to a String cannot fail.
            _ = writeln!(text, "  {refusal}");
        }
        if let Some(id) = id {
            _ = writeln!(
                text,
                "undo it with: overround bet-files undo {id} --email {}",
                user.email
            );
        }
        text
    })
}

/// Why rows cannot be recorded, a line each.
fn refusals(plan: &Plan) -> Vec<String> {
    let refused = plan.rows.iter().filter_map(|row| match &row.verdict {
        Verdict::Refused(complaints) => Some((row.line, complaints)),
        _ => None,
    });
    refused
        .map(|(line, complaints)| {
            let why: Vec<String> = complaints
                .iter()
                .map(|complaint| format!("{} `{}`: {}", complaint.column, complaint.value, complaint.why))
                .collect();
            format!("line {line}: {}", why.join("; "))
        })
        .collect()
}

async fn export(common: &Common, state: &AppState, args: Export) -> Result<(), CliError> {
    let User { id: owner, .. } = find_user(state, &args.email).await?;
    let query = BetsQuery {
        mode: args.mode,
        status: args.status,
        ..BetsQuery::default()
    };
    let filter = read_filter(state, &query).await?;
    let books = state.boards.profiles().await?;
    let bets = files::written(&state.store, owner, &filter, &books).await?;
    let text = if args.format == "json" || common.json {
        json::write(&bets).map_err(|error| CliError(error.to_string()))?
    } else {
        sheet::write(&bets)
    };
    print_text(&text)
}

async fn undo(common: &Common, state: &AppState, args: Undo) -> Result<(), CliError> {
    let owner = find_user(state, &args.email).await?.id;
    let removed = in_request(state, async |tx| {
        files::undo(state, tx, owner, ImportId(args.import)).await
    })
    .await?;
    common.print(&json!({"removed": removed}), |_| format!("{removed} bets removed\n"))
}
