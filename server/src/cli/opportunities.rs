//! `overround opportunities --kind arbitrage`

use super::{CliError, Common, columns, read_time};
use crate::api::opportunities::opportunity_json;
use chrono::{DateTime, Utc};
use domain::EventId;
use domain::event::Event;
use engine::BooksById;
use engine::opportunities::{ArbitrageParams, Commission, InPlay, find_arbitrage};
use serde_json::json;
use store::EventFilter;

/// What to look for, and as of when.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Of which kind
    #[arg(long, default_value = "arbitrage", value_parser = ["arbitrage"])]
    kind: String,
    /// On the boards as they were at a time [default: now]
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    as_of: Option<DateTime<Utc>>,
    /// The least return on the total stake: 0.01 is 1 %
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    min_profit: f64,
    /// Prices gross, or net of each bookmaker's commission
    #[arg(long, default_value = "none", value_parser = ["none", "profile"])]
    commission: String,
    /// Leave out what has a leg not seen for longer
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u32>,
    /// Events that have started: include or exclude
    #[arg(long, default_value = "exclude", value_parser = ["include", "exclude"])]
    in_play: String,
}

/// Boards read at a time.
const PAGE: u32 = 200;

pub(super) async fn run(common: &Common, args: Args) -> Result<(), CliError> {
    if !args.min_profit.is_finite() {
        return Err(CliError("--min-profit: expected a number such as 0.01".into()));
    }
    let state = common.open().await?;
    let as_of = args.as_of.unwrap_or_else(|| state.clock.now());
    let params = ArbitrageParams {
        min_profit: args.min_profit,
        commission: if args.commission == "profile" {
            Commission::Profile
        } else {
            Commission::None
        },
        max_age_s: args.max_age,
        in_play: if args.in_play == "include" {
            InPlay::Include
        } else {
            InPlay::Exclude
        },
    };
    let books: BooksById = state
        .store
        .bookmakers()
        .await?
        .into_iter()
        .map(|book| (book.id, book))
        .collect();
    let mut found: Vec<(Event, domain::opportunity::Found)> = Vec::new();
    let mut after = None;
    loop {
        let page = state
            .store
            .events(&EventFilter::default(), Some(as_of), after, PAGE)
            .await?;
        let ids: Vec<EventId> = page
            .items
            .iter()
            .filter(|event| !event.status.is_over())
            .map(|event| event.id)
            .collect();
        for mut board in state.store.boards(&ids, Some(as_of)).await? {
            board.as_of = as_of;
            let fresh = |found: &domain::opportunity::Found| {
                args.max_age.is_none() || found.verdict != domain::opportunity::Verdict::Stale
            };
            found.extend(
                find_arbitrage(&board, &books, &params)
                    .into_iter()
                    .filter(fresh)
                    .map(|found| (board.event.clone(), found)),
            );
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    found.sort_by(|(_, one), (_, other)| other.profit.total_cmp(&one.profit));
    let rows: Vec<_> = found
        .iter()
        .map(|(event, found)| opportunity_json(event, found))
        .collect();
    common.print(&json!({"opportunities": rows}), |_| {
        let lines = found.iter().map(|(event, found)| {
            let legs: Vec<String> = found
                .legs
                .iter()
                .map(|leg| format!("{} {} at {}", leg.outcome.code(), leg.price, leg.bookmaker))
                .collect();
            vec![
                format!("{:+.4} %", found.profit * 100.0),
                event.name(),
                found.market.to_string(),
                legs.join(" | "),
            ]
        });
        columns(&lines.collect::<Vec<_>>())
    })
}
