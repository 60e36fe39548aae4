//! The price history: every change, and how lines moved.

use chrono::{DateTime, Utc};
use domain::{
    BookmakerId, EventId, Line, MarketKey, MarketKind, Outcome, Period, Price, QuoteChangeId, SelectionId, Side,
    SnapshotId, board::QuoteFlags,
};
use sea_orm::QueryResult;
use std::collections::BTreeMap;

use crate::{
    Cursor, Page, Result, Store,
    codec::{self, bound, instant, instant_or_null, millis},
    sql::{Columns, Query},
};

/// Which changes are wanted; an empty filter wants all of the event's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Of this kind of market.
    pub kind: Option<MarketKind>,
    /// On this part of the event.
    pub period: Option<Period>,
    /// Of this very market. A market without a line is not the one with line 0.
    pub market: Option<MarketKey>,
    /// On this line, from the home or over side.
    pub line: Option<Line>,
    /// Of this outcome.
    pub outcome: Option<Outcome>,
    /// Back or lay.
    pub side: Option<Side>,
    /// At this bookmaker.
    pub bookmaker_id: Option<BookmakerId>,
    /// Received at or after this.
    pub from: Option<DateTime<Utc>>,
    /// Received before this.
    pub to: Option<DateTime<Utc>>,
}

/// One row of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// Which row.
    pub id: QuoteChangeId,
    /// Of which event.
    pub event_id: EventId,
    /// Of which selection.
    pub selection_id: SelectionId,
    /// The selection's market.
    pub market: MarketKey,
    /// The selection's outcome.
    pub outcome: Outcome,
    /// Whose.
    pub bookmaker_id: BookmakerId,
    /// Back or lay.
    pub side: Side,
    /// The feed it came through.
    pub feed: String,
    /// The price; `None` when it was withdrawn.
    pub price: Option<Price>,
    /// The price as it was received.
    pub price_text: String,
    /// The price before.
    pub previous: Option<Price>,
    /// When the book says it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The answer it came in.
    pub snapshot_id: SnapshotId,
    /// Validation findings.
    pub flags: QuoteFlags,
    /// For a correction: the row it replaces (of several corrections, always the first row).
    pub supersedes: Option<QuoteChangeId>,
}

/// One point of a price or line over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePoint {
    /// Whose.
    pub bookmaker_id: BookmakerId,
    /// The feed it came through.
    pub feed: String,
    /// Back or lay.
    pub side: Side,
    /// On which line, from the home or over side.
    pub line: Option<Line>,
    /// Whose statistic, where the market has one.
    pub participant: Option<String>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The price; `None` when it was withdrawn.
    pub price: Option<Price>,
}

fn history_row(row: &QueryResult) -> Result<HistoryRow> {
    let mut columns = Columns::of(row);
    Ok(HistoryRow {
        id: QuoteChangeId(columns.get()?),
        event_id: EventId(columns.get()?),
        selection_id: SelectionId(columns.get()?),
        market: codec::market(
            &columns.get::<String>()?,
            &columns.get::<String>()?,
            columns.get()?,
            columns.get()?,
        )?,
        outcome: codec::outcome(&columns.get::<String>()?),
        bookmaker_id: BookmakerId(columns.get()?),
        side: codec::side(&columns.get::<String>()?)?,
        feed: columns.get()?,
        price: codec::price(columns.get()?)?,
        price_text: columns.get()?,
        previous: codec::price(columns.get()?)?,
        source_at: instant_or_null(columns.get()?)?,
        received_at: instant(columns.get()?)?,
        snapshot_id: SnapshotId(columns.get()?),
        flags: QuoteFlags(codec::int32("flags", columns.get()?)?),
        supersedes: columns.get::<Option<i64>>()?.map(QuoteChangeId),
    })
}

impl Store {
    /// How often an event's prices were read within a span, in seconds: the median time between two answers to the same question,
    /// and of several questions the slowest. `None` when none was asked twice.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reading_interval_s(
        &self,
        event: EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Option<u32>> {
        let mut query = Query::new("SELECT feed, scope_id, received_at FROM coverage WHERE event_id = ");
        query.bind(event.0).push(" AND received_at >= ").bind(millis(from));
        query.push(" AND received_at <= ").bind(millis(to));
        let rows = query
            .push(" ORDER BY feed, scope_id, received_at")
            .all(self.reader())
            .await?;
        let mut gaps: BTreeMap<(String, i64), Vec<i64>> = BTreeMap::new();
        let mut before: Option<((String, i64), i64)> = None;
        for row in &rows {
            let mut columns = Columns::of(row);
            let (question, at) = ((columns.get()?, columns.get()?), columns.get()?);
            if let Some((same, earlier)) = before.filter(|(same, _)| *same == question) {
                gaps.entry(same).or_default().push(at - earlier);
            }
            before = Some((question, at));
        }
        let median = |mut gaps: Vec<i64>| {
            gaps.sort_unstable();
            gaps[gaps.len() / 2]
        };
        let slowest = gaps.into_values().map(median).max();
        Ok(slowest.and_then(|millis| u32::try_from((millis + 999) / 1000).ok()))
    }

    /// What happened to an event's prices, oldest first. Corrected rows are there, and so are their corrections.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn quote_history(
        &self,
        event: EventId,
        filter: &HistoryFilter,
        as_of: Option<DateTime<Utc>>,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<HistoryRow>> {
        let mut query = Query::new(
            "SELECT c.id, c.event_id, c.selection_id, s.kind, s.period, s.line, s.participant, s.outcome, \
             c.bookmaker_id, c.side, c.feed, c.price, c.price_text, c.previous_price, c.source_at, c.received_at, \
             c.snapshot_id, c.flags, c.supersedes \
             FROM selections s JOIN quote_changes c ON c.selection_id = s.id WHERE s.event_id = ",
        );
        query.bind(event.0).push(" AND c.received_at <= ").bind(bound(as_of));
        if let Some(kind) = &filter.kind {
            query.push(" AND s.kind = ").bind(kind.code());
        }
        if let Some(period) = filter.period {
            query.push(" AND s.period = ").bind(period.code());
        }
        if let Some(market) = &filter.market {
            query
                .push(" AND s.kind = ")
                .bind(market.kind.code())
                .push(" AND s.period = ")
                .bind(market.period.code());
            query
                .push(" AND s.participant = ")
                .bind(market.participant.clone().unwrap_or_default());
            match market.line {
                Some(line) => query.push(" AND s.line = ").bind(i64::from(line.hundredths())),
                None => query.push(" AND s.line IS NULL"),
            };
        }
        if let Some(line) = filter.line {
            query.push(" AND s.line = ").bind(i64::from(line.hundredths()));
        }
        if let Some(outcome) = &filter.outcome {
            query.push(" AND s.outcome = ").bind(outcome.code());
        }
        if let Some(side) = filter.side {
            query.push(" AND c.side = ").bind(side.code());
        }
        if let Some(bookmaker) = filter.bookmaker_id {
            query.push(" AND c.bookmaker_id = ").bind(bookmaker.0);
        }
        if let Some(from) = filter.from {
            query.push(" AND c.received_at >= ").bind(millis(from));
        }
        if let Some(to) = filter.to {
            query.push(" AND c.received_at < ").bind(millis(to));
        }
        if let Some(after) = after {
            query
                .push(" AND (c.received_at, c.id) > (")
                .bind_all([after.key.into(), after.id.into()])
                .push(")");
        }
        query
            .push(" ORDER BY c.received_at, c.id LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.all(self.reader()).await?;
        let items = rows.iter().map(history_row).collect::<Result<_>>()?;
        Ok(Page::cut(items, limit, |row: &HistoryRow| Cursor {
            key: millis(row.received_at),
            id: row.id.0,
        }))
    }

    /// How the prices of an outcome moved on every line of a kind of market, oldest first. A corrected price shows as
    /// corrected, at the time the wrong one was received.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn line_movement(
        &self,
        event: EventId,
        kind: &MarketKind,
        period: Period,
        outcome: &Outcome,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<LinePoint>> {
        let mut query = Query::new(
            "SELECT c.bookmaker_id, c.feed, c.side, s.line, s.participant, COALESCE(r.received_at, c.received_at), c.price \
             FROM selections s JOIN quote_changes c ON c.selection_id = s.id \
             LEFT JOIN quote_changes r ON r.id = c.supersedes WHERE s.event_id = ",
        );
        query
            .bind(event.0)
            .push(" AND s.kind = ")
            .bind(kind.code())
            .push(" AND s.period = ")
            .bind(period.code());
        query
            .push(" AND s.outcome = ")
            .bind(outcome.code())
            .push(" AND c.received_at <= ")
            .bind(bound(as_of));
        query.push(
            " AND NOT EXISTS (SELECT 1 FROM quote_changes n WHERE n.supersedes = COALESCE(c.supersedes, c.id) \
             AND n.id > c.id AND n.received_at <= ",
        );
        query
            .bind(bound(as_of))
            .push(") ORDER BY 6, COALESCE(c.supersedes, c.id)");
        let rows = query.all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(LinePoint {
                    bookmaker_id: BookmakerId(columns.get()?),
                    feed: columns.get()?,
                    side: codec::side(&columns.get::<String>()?)?,
                    line: codec::line(columns.get()?)?,
                    participant: Some(columns.get::<String>()?).filter(|name| !name.is_empty()),
                    received_at: instant(columns.get()?)?,
                    price: codec::price(columns.get()?)?,
                })
            })
            .collect()
    }
}
