//! `overround bets`: a user's bets, the last placed first.

use super::{CliError, Common, columns, find_user};
use crate::api::bets::{BetRow, BetsQuery, bet_row, read_filter};
use serde_json::json;

/// Which bets.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// E-mail address of the user
    #[arg(long)]
    email: String,
    /// paper or real
    #[arg(long)]
    mode: Option<String>,
    /// open or settled
    #[arg(long)]
    status: Option<String>,
    /// At a bookmaker, by key
    #[arg(long)]
    bookmaker: Option<String>,
    /// In a sport, e.g. basketball
    #[arg(long)]
    sport: Option<String>,
    /// With a tag
    #[arg(long)]
    tag: Option<String>,
    /// Only those that a person must settle
    #[arg(long)]
    needs_person: bool,
    /// At most so many
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

/// Rows of one read.
const PAGE: u32 = 500;

pub(super) async fn run(common: &Common, args: Args) -> Result<(), CliError> {
    let state = common.open().await?;
    let owner = find_user(&state, &args.email).await?.id;
    let query = BetsQuery {
        mode: args.mode,
        status: args.status,
        bookmaker: args.bookmaker,
        sport: args.sport,
        tag: args.tag,
        needs_person: Some(args.needs_person),
        ..BetsQuery::default()
    };
    let filter = read_filter(&state, &query).await?;
    let books = state.boards.profiles().await?;
    let (mut rows, mut after): (Vec<BetRow>, _) = (Vec::new(), None);
    loop {
        let left = args.limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        let page = state.store.bets_after(owner, &filter, after, left.min(PAGE)).await?;
        rows.extend(page.items.into_iter().map(|stored| bet_row(stored, &books)));
        after = page.next;
        if after.is_none() || rows.len() >= args.limit as usize {
            break;
        }
    }
    common.print(&json!({"bets": rows}), |_| {
        columns(&rows.iter().map(line).collect::<Vec<_>>())
    })
}

fn line(row: &BetRow) -> Vec<String> {
    let came_of_it = match (&row.settlement, &row.needs_person) {
        (Some(settled), _) => format!("{} {}", settled.settled_as, settled.profit),
        (None, Some(_)) => "to settle by hand".to_owned(),
        (None, None) => "open".to_owned(),
    };
    vec![
        row.id.to_string(),
        row.placed_at.format("%Y-%m-%d %H:%M").to_string(),
        row.mode.to_owned(),
        row.summary.clone(),
        row.price.clone().unwrap_or_default(),
        format!("{} {}", row.stake, row.currency),
        came_of_it,
    ]
}
