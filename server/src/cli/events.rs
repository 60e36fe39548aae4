//! `overround events`

use super::{CliError, Common, columns, read_time};
use chrono::{DateTime, Utc};
use domain::{EventStatus, Sport};
use serde_json::json;
use store::EventFilter;

/// Which events.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Of one sport, e.g. basketball
    #[arg(long)]
    sport: Option<String>,
    /// scheduled, live, final, postponed or cancelled
    #[arg(long)]
    status: Option<String>,
    /// Starting at or after
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    from: Option<DateTime<Utc>>,
    /// Starting before
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    to: Option<DateTime<Utc>>,
    /// As known at a time [default: now]
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    as_of: Option<DateTime<Utc>>,
    /// At most so many
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

/// Rows of one read.
const PAGE: u32 = 500;

pub(super) async fn run(common: &Common, args: Args) -> Result<(), CliError> {
    let status = match &args.status {
        Some(code) => Some(
            EventStatus::from_code(code)
                .ok_or_else(|| CliError("--status is scheduled, live, final, postponed or cancelled".into()))?,
        ),
        None => None,
    };
    let state = common.open().await?;
    let filter = EventFilter {
        sport: args.sport.as_deref().map(Sport::from_key),
        statuses: status.into_iter().collect(),
        starts_from: args.from,
        starts_to: args.to,
        ..EventFilter::default()
    };
    let mut events = Vec::new();
    let mut after = None;
    loop {
        let left = args
            .limit
            .saturating_sub(u32::try_from(events.len()).unwrap_or(u32::MAX));
        let page = state.store.events(&filter, args.as_of, after, left.min(PAGE)).await?;
        events.extend(page.items);
        after = page.next;
        if after.is_none() || events.len() >= args.limit as usize {
            break;
        }
    }
    let rows: Vec<_> = events.iter().map(crate::api::events::event_row).collect();
    common.print(&json!({"events": rows}), |_| {
        let lines = events.iter().map(|event| {
            vec![
                event.id.to_string(),
                event.starts_at.format("%Y-%m-%d %H:%M").to_string(),
                event.status.code().to_owned(),
                event.competition.clone(),
                event.name(),
            ]
        });
        columns(&lines.collect::<Vec<_>>())
    })
}
