//! `overround import --feed F [--received-at T] FILE...`

use super::{CliError, Common, read_time};
use crate::pipeline::ingest::Answer;
use chrono::{DateTime, Utc};
use feeds::{Endpoint, FEEDS, PriceFormat, find_feed};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which files of which feed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The feed whose answers these are
    #[arg(long)]
    feed: String,
    /// The feed's key of the competition, where a file does not say it
    #[arg(long, value_name = "KEY")]
    sport: Option<String>,
    /// When the answers were received [default: now]
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    received_at: Option<DateTime<Utc>>,
    /// How prices are written: decimal or american [default: told from the prices]
    #[arg(long, value_parser = ["decimal", "american"])]
    price_format: Option<String>,
    /// The files
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

#[derive(Default, Serialize)]
struct Report {
    files: usize,
    events: usize,
    bookmakers: usize,
    quotes: usize,
    changes: usize,
    issues: usize,
    quarantined: usize,
    review: usize,
}

/// A larger file is no answer of a feed.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

pub(super) async fn run(common: &Common, args: Args) -> Result<(), CliError> {
    let feed = find_feed(&args.feed).ok_or_else(|| {
        let known: Vec<&str> = FEEDS.iter().map(|feed| feed.key()).collect();
        CliError(format!(
            "there is no feed `{}`; there are: {}",
            args.feed,
            known.join(", ")
        ))
    })?;
    // Every file is looked at before the first is taken in.
    let bodies = args
        .files
        .iter()
        .map(|path| read(path))
        .collect::<Result<Vec<_>, _>>()?;
    let state = common.open().await?;
    let received_at = args.received_at.unwrap_or_else(|| state.clock.now());
    let price_format = args.price_format.as_deref().map(|format| match format {
        "american" => PriceFormat::American,
        _ => PriceFormat::Decimal,
    });
    let mut report = Report::default();
    let mut bookmakers = BTreeSet::new();
    for (path, body) in args.files.iter().zip(&bodies) {
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let answer = Answer {
            endpoint: Endpoint::Unknown,
            competition: args.sport.as_deref(),
            request: &name,
            query: &[],
            body,
            received_at,
            price_format,
        };
        let ingested = state.pipeline.ingest(feed, answer).await?;
        report.files += 1;
        report.events += ingested.events;
        report.quotes += ingested.quotes;
        report.changes += ingested.changes;
        report.issues += ingested.issues;
        report.quarantined += ingested.quarantined;
        report.review += ingested.review;
        bookmakers.extend(ingested.bookmakers);
    }
    report.bookmakers = bookmakers.len();
    common.print(&report, |report| {
        format!(
            "{} files: {} events, {} bookmakers, {} prices; {} changes recorded, {} issues, {} prices quarantined, {} events to review",
            report.files, report.events, report.bookmakers, report.quotes, report.changes, report.issues, report.quarantined, report.review
        )
    })
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let fail = |error: std::io::Error| CliError(format!("{} cannot be read: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(fail)?.len();
    if size > MAX_FILE_BYTES {
        return Err(CliError(format!(
            "{} is larger than {} MiB: no answer of a feed is",
            path.display(),
            MAX_FILE_BYTES >> 20
        )));
    }
    std::fs::read(path).map_err(fail)
}
