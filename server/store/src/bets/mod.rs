//! Bets, the money behind them, what each user allows, and what was decided against.
//!
//! Whatever changes a user's bets or money first takes that user's lock ([`RequestTx::lock_bets`]), so limits are checked against
//! what will still be true when the bet is there. A bet's lines in the ledger are the difference of two states of its money
//! ([`domain::ledger::postings`]); they are written by the same function that writes the bet, and by no other.

mod changes;
mod list;
mod money;
mod settings;
mod write;

pub use changes::{BetDecision, Decided, NewDecision};
pub use list::{BetFilter, BetOrder, BetRowForStats, BetsTotal, Import, LegFacts, LegToClose, NewImport, Of};
pub use money::{Account, Entry, EntryFilter, Flow, NewAccount, NewEntry, RateRow};
pub use settings::Bettor;
pub use write::{About, BetChange, BetHistory, BetState};

use crate::{
    Result, StoreError,
    codec::{self, instant, instant_or_null},
    sql::Columns,
};
use domain::bet::{Bet, SettledBet};
use domain::close::Close;
use domain::{AccountId, BetId, BookmakerId, ImportId, OpportunityId, StrategyId};
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::HashMap;

/// A bet with what only its own pages need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBet {
    /// The bet.
    pub bet: Bet,
    /// Why a person must settle it; none as long as it settles by itself.
    pub needs_person: Option<String>,
    /// How much better its price was than the close, in millionths.
    pub clv_ppm: Option<i64>,
    /// What its price was worth at the close, in millionths.
    pub close_edge_ppm: Option<i64>,
}

/// The columns that [`stored_bet`] reads; the closes come from `bet_legs`.
const COLUMNS: &str = "b.id, b.account_id, b.bookmaker_id, b.currency, b.mode, b.wager, b.placed_at, b.recorded_at, b.status, b.fates, b.cash_outs, \
     b.settled_as, b.payout, b.commission, b.settled_at, b.settle_reason, b.is_automatic, b.at_risk, b.strategy_id, \
     b.strategy_version, b.opportunity_id, b.edge_ppm, b.note, b.tags, b.reference, b.version, b.import_id, b.deleted_at, \
     b.needs_person, b.clv_ppm, b.close_edge_ppm";

fn stored_bet(row: &QueryResult) -> Result<StoredBet> {
    let mut columns = Columns::of(row);
    let id = BetId(columns.get()?);
    let account_id = AccountId(columns.get()?);
    let bookmaker_id = columns.get::<Option<i64>>()?.map(BookmakerId);
    let currency = columns.get::<String>()?;
    let mode = codec::bet_mode(&columns.get::<String>()?)?;
    let wager: domain::bet::Wager = read_json("a wager", &columns.get::<String>()?)?;
    let placed_at = instant(columns.get()?)?;
    let recorded_at = instant(columns.get()?)?;
    let status = codec::bet_status(&columns.get::<String>()?)?;
    let fates = read_json("fates", &columns.get::<String>()?)?;
    let cash_outs = read_json("cash-outs", &columns.get::<String>()?)?;
    let settled_as: Option<String> = columns.get()?;
    let payout: Option<i64> = columns.get()?;
    let commission: Option<i64> = columns.get()?;
    let settled_at: Option<i64> = columns.get()?;
    let reason: Option<String> = columns.get()?;
    let is_automatic: Option<bool> = columns.get()?;
    let settled = match (settled_as, payout, settled_at) {
        (Some(settled_as), Some(payout), Some(at)) => Some(SettledBet {
            settled_as: codec::settled_as(&settled_as)?,
            payout,
            commission: commission.unwrap_or(0),
            at: instant(at)?,
            reason: reason.unwrap_or_default(),
            is_automatic: is_automatic.unwrap_or(false),
        }),
        _ => None,
    };
    let at_risk = columns.get()?;
    let strategy: (Option<i64>, Option<i64>) = (columns.get()?, columns.get()?);
    let strategy = match strategy {
        (Some(id), Some(version)) => Some((StrategyId(id), codec::version(version)?)),
        _ => None,
    };
    let legs = wager.legs.len();
    let bet = Bet {
        id,
        account_id,
        bookmaker_id,
        currency: read_currency(&currency)?,
        mode,
        wager,
        placed_at,
        recorded_at,
        status,
        fates,
        cash_outs,
        settled,
        at_risk,
        strategy,
        opportunity_id: columns.get::<Option<i64>>()?.map(OpportunityId),
        edge_ppm: columns.get()?,
        note: columns.get()?,
        tags: read_json("tags", &columns.get::<String>()?)?,
        reference: columns.get()?,
        version: codec::version(columns.get()?)?,
        import_id: columns.get::<Option<i64>>()?.map(ImportId),
        deleted_at: instant_or_null(columns.get()?)?,
        closes: vec![None; legs],
    };
    Ok(StoredBet {
        bet,
        needs_person: columns.get()?,
        clv_ppm: columns.get()?,
        close_edge_ppm: columns.get()?,
    })
}

/// Reads bets and the closes of their legs.
async fn with_closes(db: &impl ConnectionTrait, rows: &[QueryResult]) -> Result<Vec<StoredBet>> {
    let mut bets = rows.iter().map(stored_bet).collect::<Result<Vec<_>>>()?;
    if bets.is_empty() {
        return Ok(bets);
    }
    let places: HashMap<i64, usize> = bets.iter().enumerate().map(|(at, bet)| (bet.bet.id.0, at)).collect();
    let mut query =
        crate::sql::Query::new("SELECT bet_id, position, close FROM bet_legs WHERE close IS NOT NULL AND bet_id");
    let legs = query.is_in(db, places.keys().copied()).all(db).await?;
    for row in &legs {
        let mut columns = Columns::of(row);
        let (id, position): (i64, i64) = (columns.get()?, columns.get()?);
        let close: Close = read_json("a close", &columns.get::<String>()?)?;
        let bet = places.get(&id).and_then(|at| bets.get_mut(*at));
        let place = bet.and_then(|bet| bet.bet.closes.get_mut(usize::try_from(position).ok()?));
        if let Some(place) = place {
            *place = Some(close);
        }
    }
    Ok(bets)
}

fn read_json<'t, T: serde::Deserialize<'t>>(what: &str, text: &'t str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(what, error))
}

fn write_json(what: &str, value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(what, error))
}

fn read_currency(code: &str) -> Result<domain::Currency> {
    code.parse().map_err(|_| StoreError::corrupt("currency", code))
}
