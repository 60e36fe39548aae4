//! Boards: the quotes of events as of a time.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use domain::{
    Board, BoardMarket, BookmakerId, EventId, MarketKey, Quote, QuoteChangeId, SelectionId, SnapshotId,
    board::QuoteFlags,
    reading::{Lines, Scope},
};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};

use crate::{
    Result, Store, StoreError,
    codec::{self, instant, instant_or_null},
    events::{Found, find_events},
    sql::{Columns, Query},
};

/// What an answer is complete for, in the form it is stored: markets as `kind|period`, or `kind|period|lines` where it is
/// complete for some lines only.
#[derive(Serialize, Deserialize)]
struct StoredScope {
    markets: Vec<String>,
    bookmakers: Option<Vec<String>>,
}

impl StoredScope {
    /// The lines of a market at a bookmaker that it is complete for; `None` when it says nothing of them.
    fn lines_of(&self, market: &MarketKey, bookmaker: &str) -> Option<Lines> {
        let (kind, period) = (market.kind.code(), market.period.code());
        let is_of_bookmaker = self
            .bookmakers
            .as_ref()
            .is_none_or(|keys| keys.iter().any(|key| key == bookmaker));
        [Lines::All, Lines::Main, Lines::Alternate]
            .into_iter()
            .find(|lines| self.markets.binary_search(&scope_market(&kind, period, *lines)).is_ok())
            .filter(|_| is_of_bookmaker)
    }
}

fn scope_market(kind: &str, period: &str, lines: Lines) -> String {
    match lines {
        Lines::All => format!("{kind}|{period}"),
        Lines::Main | Lines::Alternate => format!("{kind}|{period}|{}", lines.code()),
    }
}

/// The stored form of a scope; equal scopes have equal texts.
pub(crate) fn scope_text(scope: &Scope) -> String {
    let mut markets: Vec<String> = scope
        .markets
        .iter()
        .map(|(kind, period, lines)| scope_market(&kind.code(), period.code(), *lines))
        .collect();
    markets.sort();
    markets.dedup();
    let mut bookmakers = scope.bookmakers.clone();
    if let Some(keys) = &mut bookmakers {
        keys.sort();
        keys.dedup();
    }
    serde_json::to_string(&StoredScope { markets, bookmakers }).unwrap_or_default()
}

/// A quote, where it belongs, and whose it is by key.
struct Row {
    event: EventId,
    market: MarketKey,
    bookmaker: String,
    /// What the answer that brought the price was complete for; not read of the newest board.
    scope_id: Option<i64>,
    quote: Quote,
}

/// Selects quotes: `k` says who and what, `price` is the row with the price (`k` itself, or of the history).
fn select(price: &str, last_seen: &str, change: &str, scope: &str) -> String {
    format!(
        "SELECT k.event_id, s.kind, s.period, s.line, s.participant, b.key, {scope}, {last_seen}, {change}, \
         {price}.snapshot_id, k.selection_id, s.outcome, k.bookmaker_id, k.feed, k.side, {price}.price, \
         {price}.price_text, {price}.source_at, {price}.received_at, {price}.previous_price, {price}.flags \
         FROM quotes k JOIN selections s ON s.id = k.selection_id JOIN bookmakers b ON b.id = k.bookmaker_id"
    )
}

fn row(row: &QueryResult) -> Result<Row> {
    let mut columns = Columns::of(row);
    let event = EventId(columns.get()?);
    let market = codec::market(
        &columns.get::<String>()?,
        &columns.get::<String>()?,
        columns.get()?,
        columns.get()?,
    )?;
    let (bookmaker, scope_id) = (columns.get()?, columns.get()?);
    let last_seen_at = instant(columns.get()?)?;
    let quote = Quote {
        change_id: QuoteChangeId(columns.get()?),
        snapshot_id: SnapshotId(columns.get()?),
        selection_id: SelectionId(columns.get()?),
        outcome: codec::outcome(&columns.get::<String>()?),
        bookmaker_id: BookmakerId(columns.get()?),
        feed: columns.get()?,
        side: codec::side(&columns.get::<String>()?)?,
        price: codec::price(columns.get()?)?.ok_or_else(|| StoreError::corrupt("price", "none"))?,
        price_text: columns.get()?,
        source_at: instant_or_null(columns.get()?)?,
        received_at: instant(columns.get()?)?,
        last_seen_at,
        previous: codec::price(columns.get()?)?,
        flags: QuoteFlags(codec::int32("flags", columns.get()?)?),
    };
    Ok(Row {
        event,
        market,
        bookmaker,
        scope_id,
        quote,
    })
}

/// The quotes that stand now.
async fn current(db: &impl ConnectionTrait, events: &[EventId]) -> Result<Vec<Row>> {
    let mut query = Query::new(select("k", "k.last_seen_at", "k.change_id", "CAST(NULL AS BIGINT)"));
    query
        .push(" WHERE k.price IS NOT NULL AND k.event_id")
        .is_in(db, events.iter().map(|id| id.0));
    query.all(db).await?.iter().map(row).collect()
}

/// The quotes that stood at a time: of each, the last row received by then. `quotes` holds every quote there ever was,
/// so it serves as the list of what to look for.
async fn past(db: &impl ConnectionTrait, events: &[EventId], as_of: DateTime<Utc>) -> Result<Vec<Row>> {
    let mut query = Query::new(select("q", "q.received_at", "q.id", "p.scope_id"));
    query.push(
        " JOIN quote_changes q ON q.id = (SELECT h.id FROM quote_changes h WHERE h.selection_id = k.selection_id \
         AND h.bookmaker_id = k.bookmaker_id AND h.side = k.side AND h.feed = k.feed AND h.is_folded \
         AND h.received_at <= ",
    );
    query.bind(codec::millis(as_of)).push(
        " ORDER BY h.id DESC LIMIT 1) LEFT JOIN snapshots p ON p.id = q.snapshot_id \
         WHERE q.price IS NOT NULL AND k.event_id",
    );
    let rows = query.is_in(db, events.iter().map(|id| id.0)).all(db).await?;
    let mut rows = rows.iter().map(row).collect::<Result<Vec<_>>>()?;
    let coverage = coverage(db, events, as_of).await?;
    for row in &mut rows {
        let covering = coverage
            .get(&(row.event, row.quote.feed.clone()))
            .map_or(&[][..], Vec::as_slice);
        let lines_of = |covered: &Covered| covered.scope.lines_of(&row.market, &row.bookmaker);
        let brought = covering.iter().find(|covered| Some(covered.scope_id) == row.scope_id);
        let among = brought.and_then(lines_of);
        let tells = |lines: Lines| among.is_none_or(|among| lines.cover(among));
        let seen = covering.iter().filter(|covered| lines_of(covered).is_some_and(tells));
        if let Some(seen) = seen.map(|covered| covered.at).max() {
            row.quote.last_seen_at = row.quote.last_seen_at.max(seen);
        }
    }
    Ok(rows)
}

type Coverage = HashMap<(EventId, String), Vec<Covered>>;

/// The latest answer of a scope that covered an event.
struct Covered {
    scope_id: i64,
    scope: Arc<StoredScope>,
    at: DateTime<Utc>,
}

/// When each feed last covered each event by a time, for each of its scopes.
async fn coverage(db: &impl ConnectionTrait, events: &[EventId], as_of: DateTime<Utc>) -> Result<Coverage> {
    let mut query = Query::new(
        "SELECT v.event_id, v.feed, s.id, s.body, MAX(v.received_at) FROM coverage v JOIN scopes s ON s.id = v.scope_id \
         WHERE v.received_at <= ",
    );
    query
        .bind(codec::millis(as_of))
        .push(" AND v.event_id")
        .is_in(db, events.iter().map(|id| id.0));
    let rows = query.push(" GROUP BY v.event_id, v.feed, s.id, s.body").all(db).await?;
    let mut scopes: HashMap<i64, Arc<StoredScope>> = HashMap::new();
    let mut coverage = Coverage::new();
    for row in &rows {
        let mut columns = Columns::of(row);
        let (event, feed, scope_id): (i64, String, i64) = (columns.get()?, columns.get()?, columns.get()?);
        let (body, at): (String, i64) = (columns.get()?, columns.get()?);
        if let Entry::Vacant(entry) = scopes.entry(scope_id) {
            let scope = serde_json::from_str(&body).map_err(|error| StoreError::corrupt("a scope", error))?;
            entry.insert(Arc::new(scope));
        }
        if let Some(scope) = scopes.get(&scope_id) {
            coverage.entry((EventId(event), feed)).or_default().push(Covered {
                scope_id,
                scope: scope.clone(),
                at: instant(at)?,
            });
        }
    }
    Ok(coverage)
}

fn assemble(found: Found, rows: Vec<Row>, as_of: Option<DateTime<Utc>>) -> Board {
    let seen = rows.iter().map(|row| row.quote.last_seen_at).max();
    let as_of = as_of.unwrap_or_else(|| seen.map_or(found.state_received_at, |seen| seen.max(found.state_received_at)));
    let mut markets: BTreeMap<MarketKey, Vec<Quote>> = BTreeMap::new();
    for row in rows {
        markets.entry(row.market).or_default().push(row.quote);
    }
    let markets = markets.into_iter().map(|(key, mut quotes)| {
        quotes.sort_by(|a, b| {
            (&a.outcome, a.side, a.bookmaker_id, &a.feed).cmp(&(&b.outcome, b.side, b.bookmaker_id, &b.feed))
        });
        BoardMarket { key, quotes }
    });
    Board {
        event: found.event,
        as_of,
        markets: markets.collect(),
    }
}

impl Store {
    /// The board of an event as of a time; `None` when the event was not known then. Without a time it is the newest, and
    /// its `as_of` is when its newest part was received.
    ///
    /// A past board shows each price with the book's own time and the findings as they were when the price changed; the
    /// newest board shows the latest of both for the unchanged price.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn board(&self, event: EventId, as_of: Option<DateTime<Utc>>) -> Result<Option<Board>> {
        Ok(self.boards(&[event], as_of).await?.pop())
    }

    /// As [`Store::board`], for several events, by number. Events that were not known then are left out.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn boards(&self, events: &[EventId], as_of: Option<DateTime<Utc>>) -> Result<Vec<Board>> {
        let tx = self.begin_read().await?;
        let found = find_events(&tx, events, as_of).await?;
        let known: Vec<EventId> = found.iter().map(|found| found.event.id).collect();
        let rows = match as_of {
            None => current(&tx, &known).await?,
            Some(as_of) => past(&tx, &known, as_of).await?,
        };
        tx.commit().await?;
        let mut by_event: HashMap<EventId, Vec<Row>> = HashMap::with_capacity(known.len());
        for row in rows {
            by_event.entry(row.event).or_default().push(row);
        }
        Ok(found
            .into_iter()
            .map(|found| {
                let rows = by_event.remove(&found.event.id).unwrap_or_default();
                assemble(found, rows, as_of)
            })
            .collect())
    }
}
