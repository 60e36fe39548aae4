//! `overround opportunities --kind arbitrage`

use super::{CliError, Common, columns, read_time};
use crate::api::opportunities::opportunity_json;
use crate::desk::boards::arbitrage_on;
use crate::desk::strategies::{Running, read_params};
use crate::pipeline::evaluate::Seen;
use crate::state::AppState;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::opportunity::{Found, OpportunityKind, Verdict};
use domain::{Board, EventId, Stage, StrategyId, UserId};
use engine::BooksById;
use engine::strategies::ArbitrageParams;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use store::{EventFilter, Strategy};

/// What to look for, and as of when.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Of which kind
    #[arg(long, default_value = "arbitrage", value_parser = ["arbitrage", "value", "middle", "low_hold", "steam", "promotion"])]
    kind: String,
    /// On the boards as they were at a time [default: now]
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    as_of: Option<DateTime<Utc>>,
    /// The least profit (value and steam: the least edge): 0.01 is 1 %; 0 for arbitrage
    #[arg(long, allow_hyphen_values = true)]
    min_profit: Option<f64>,
    /// Prices gross, or net of each bookmaker's commission (arbitrage; the others are net)
    #[arg(long, default_value = "none", value_parser = ["none", "profile"])]
    commission: String,
    /// Leave out what has a leg not seen for longer
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u32>,
    /// Events that have started: include or exclude
    #[arg(long, default_value = "exclude", value_parser = ["include", "exclude"])]
    in_play: String,
    /// Use lay prices, too (arbitrage)
    #[arg(long)]
    lay: bool,
    /// Combine different lines and markets where every scenario is covered (arbitrage)
    #[arg(long)]
    across_lines: bool,
    /// A parameter of the kind's strategy, as its form names it; several are allowed (all kinds but arbitrage)
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
}

/// Boards read at a time.
const PAGE: u32 = 200;

/// The parameter that is the least profit of a kind.
const fn least_of(kind: OpportunityKind) -> Option<&'static str> {
    match kind {
        OpportunityKind::Value | OpportunityKind::Steam => Some("min_edge"),
        OpportunityKind::Promotion => Some("min_value"),
        OpportunityKind::Arbitrage => Some("min_profit"),
        OpportunityKind::Middle | OpportunityKind::LowHold => None,
    }
}

/// How boards are searched.
enum Search {
    Arbitrage(ArbitrageParams),
    Strategy(Box<Running>),
}

fn search(args: &Args, now: DateTime<Utc>) -> Result<Search, CliError> {
    if args.min_profit.is_some_and(|profit| !profit.is_finite()) {
        return Err(CliError("--min-profit: expected a number such as 0.01".into()));
    }
    let kind = OpportunityKind::from_code(&args.kind).unwrap_or(OpportunityKind::Arbitrage);
    if kind == OpportunityKind::Arbitrage {
        if !args.params.is_empty() {
            return Err(CliError(
                "--param: arbitrage has flags of its own; see `overround opportunities --help`".into(),
            ));
        }
        return Ok(Search::Arbitrage(ArbitrageParams {
            min_profit: args.min_profit.unwrap_or(0.0),
            is_gross: args.commission == "none",
            max_age_s: args.max_age,
            in_play: args.in_play == "include",
            lay: args.lay,
            across_lines: args.across_lines,
            is_best_of_all: true,
            ..ArbitrageParams::default()
        }));
    }
    if args.lay || args.across_lines || args.commission == "profile" {
        return Err(CliError(
            "--lay, --across-lines and --commission are for arbitrage; the other kinds reckon net, see --param".into(),
        ));
    }
    let mut given = Map::new();
    given.insert("in_play".to_owned(), args.in_play.clone().into());
    given.insert("max_age_s".to_owned(), args.max_age.unwrap_or(0).into());
    if let Some(profit) = args.min_profit {
        let name = least_of(kind).ok_or_else(|| {
            CliError(format!(
                "--min-profit: a {} has a cost; use --param max_{}=..",
                kind.name().to_lowercase(),
                if kind == OpportunityKind::Middle {
                    "cost"
                } else {
                    "hold"
                }
            ))
        })?;
        given.insert(name.to_owned(), Value::from((profit * 1e8).round() / 1e6));
    }
    for param in &args.params {
        let (name, value) = param
            .split_once('=')
            .ok_or_else(|| CliError(format!("--param: `{param}`: expected NAME=VALUE")))?;
        given.insert(name.trim().to_owned(), value.trim().into());
    }
    Ok(Search::Strategy(Box::new(Running {
        params: read_params(kind, &given)?,
        accounts: Arc::default(),
        row: Strategy {
            id: StrategyId(0),
            owner: UserId(0),
            kind,
            name: kind.name().to_owned(),
            is_enabled: true,
            stage: Stage::Draft,
            version: 0,
            params: Value::Null,
            created_at: now,
            updated_at: now,
        },
    })))
}

async fn look(
    state: &AppState,
    search: &Search,
    board: Board,
    books: &BooksById,
    max_age: Option<u32>,
) -> Result<Vec<Found>, CliError> {
    let is_fresh = |found: &Found| max_age.is_none() || found.verdict != Verdict::Stale;
    Ok(match search {
        Search::Arbitrage(params) => arbitrage_on(&board, books, params)
            .into_iter()
            .filter(is_fresh)
            .collect(),
        Search::Strategy(strategy) => {
            let seen = Seen::of(&state.store, board).await?;
            let found = seen
                .look(strategy, books)
                .found
                .into_iter()
                .map(|finding| finding.found);
            found.filter(is_fresh).collect()
        }
    })
}

pub(super) async fn run(common: &Common, args: Args) -> Result<(), CliError> {
    let state = common.open().await?;
    let as_of = args.as_of.unwrap_or_else(|| state.clock.now());
    let search = search(&args, as_of)?;
    let books: BooksById = state
        .store
        .bookmakers()
        .await?
        .into_iter()
        .map(|book| (book.id, book))
        .collect();
    let mut found: Vec<(Event, Found)> = Vec::new();
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
            let event = board.event.clone();
            let here = look(&state, &search, board, &books, args.max_age).await?;
            found.extend(here.into_iter().map(|found| (event.clone(), found)));
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
                .map(|leg| {
                    let lay = if leg.side == domain::Side::Lay { "lay " } else { "" };
                    format!("{lay}{} {} at {}", leg.outcome.code(), leg.price, leg.bookmaker)
                })
                .collect();
            vec![
                format!("{:+.4} %", found.profit * 100.0),
                found.verdict.code().to_owned(),
                event.name(),
                found.market.to_string(),
                legs.join(" | "),
            ]
        });
        columns(&lines.collect::<Vec<_>>())
    })
}
