//! What strategies found, as long as it stands and afterwards.

use chrono::{DateTime, Utc};
use domain::{
    EventId, OpportunityId, StrategyId, UserId,
    opportunity::{Found, OpportunityKind, Verdict},
};
use sea_orm::{DatabaseTransaction, QueryResult};

use crate::{
    ChangedEvent, Cursor, Page, Result, Store, StoreError,
    codec::{self, bound, instant, instant_or_null, millis},
    connection::bump_version,
    events::mark_evaluated,
    sql::{Columns, Query},
};

/// An opportunity to record.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOpportunity {
    /// By which strategy, and in which version of it.
    pub strategy: (StrategyId, u32),
    /// Of which event.
    pub event_id: EventId,
    /// What was found.
    pub found: Found,
    /// How, step by step.
    pub trace: serde_json::Value,
}

/// A recorded opportunity, as of a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Opportunity {
    /// Which.
    pub id: OpportunityId,
    /// By which strategy, and in which version of it when it was first found.
    pub strategy: (StrategyId, u32),
    /// In which version of it that was found last.
    pub version: u32,
    /// Of which event.
    pub event_id: EventId,
    /// What was found, last.
    pub found: Found,
    /// How, step by step.
    pub trace: serde_json::Value,
    /// When it was first found.
    pub opened_at: DateTime<Utc>,
    /// When it was last found otherwise than before, as far as was known.
    pub refreshed_at: DateTime<Utc>,
    /// When it was gone.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it was gone.
    pub close_reason: Option<String>,
    /// The highest profit seen.
    pub best_profit: f64,
}

/// Which opportunities are wanted; an empty filter wants all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpportunityFilter {
    /// Found by this user's strategies.
    pub owner: Option<UserId>,
    /// Found by this strategy.
    pub strategy: Option<StrategyId>,
    /// Of this kind.
    pub kind: Option<OpportunityKind>,
    /// Of this event.
    pub event_id: Option<EventId>,
    /// Standing, or gone.
    pub is_open: Option<bool>,
    /// With this verdict.
    pub verdict: Option<Verdict>,
    /// In play, or not.
    pub is_in_play: Option<bool>,
    /// Made up by the demo feed, or not.
    pub is_demo: Option<bool>,
    /// With at least this profit on the total stake.
    pub min_profit: Option<f64>,
}

/// What an evaluation changes, all at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciliation {
    /// When.
    pub at: DateTime<Utc>,
    /// Found and not known. One that stands already (same strategy, event and identity) is refreshed instead.
    pub opened: Vec<NewOpportunity>,
    /// Known and found otherwise than before; the trace says by which version of the strategy.
    pub refreshed: Vec<(OpportunityId, Found, serde_json::Value)>,
    /// No longer there, and why.
    pub closed: Vec<(OpportunityId, String)>,
    /// The events evaluated.
    pub evaluated: Vec<ChangedEvent>,
}

/// The opportunities as of a time, each with its last reading by then.
fn select(as_of: Option<DateTime<Utc>>) -> Query {
    let mut query = Query::new(
        "SELECT o.id, o.strategy_id, o.strategy_version, o.event_id, r.body, r.trace, o.opened_at, r.found_at, o.closed_at, o.close_reason, \
         (SELECT MAX(b.profit) FROM opportunity_readings b WHERE b.opportunity_id = o.id AND b.found_at <= ",
    );
    query.bind(bound(as_of)).push(
        ") FROM opportunities o JOIN events e ON e.id = o.event_id JOIN opportunity_readings r \
         ON r.opportunity_id = o.id AND r.found_at = (SELECT MAX(h.found_at) FROM opportunity_readings h \
         WHERE h.opportunity_id = o.id AND h.found_at <= ",
    );
    query
        .bind(bound(as_of))
        .push(") WHERE o.opened_at <= ")
        .bind(bound(as_of));
    query
}

fn opportunity(row: &QueryResult, as_of: Option<DateTime<Utc>>) -> Result<Opportunity> {
    let mut columns = Columns::of(row);
    let id = OpportunityId(columns.get()?);
    let strategy = (StrategyId(columns.get()?), codec::version(columns.get()?)?);
    let event_id = EventId(columns.get()?);
    let found = serde_json::from_str(&columns.get::<String>()?)
        .map_err(|error| StoreError::corrupt("an opportunity's body", error))?;
    let trace: serde_json::Value = codec::json(&columns.get::<String>()?)?;
    // A trace names the strategy and its version as a pair.
    let version = trace["strategy"][1]
        .as_u64()
        .and_then(|version| u32::try_from(version).ok());
    let (opened_at, refreshed_at) = (instant(columns.get()?)?, instant(columns.get()?)?);
    let closed_at = instant_or_null(columns.get()?)?.filter(|at| as_of.is_none_or(|as_of| *at <= as_of));
    let close_reason = columns.get::<Option<String>>()?.filter(|_| closed_at.is_some());
    let best_profit = columns.get()?;
    Ok(Opportunity {
        id,
        strategy,
        version: version.unwrap_or(strategy.1),
        event_id,
        found,
        trace,
        opened_at,
        refreshed_at,
        closed_at,
        close_reason,
        best_profit,
    })
}

impl Store {
    /// The opportunities that stand; of some events or of all.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn open_opportunities(&self, events: Option<&[EventId]>) -> Result<Vec<Opportunity>> {
        let mut query = select(None);
        query.push(" AND o.closed_at IS NULL");
        if let Some(events) = events {
            query
                .push(" AND o.event_id")
                .is_in(self.reader(), events.iter().map(|id| id.0));
        }
        let rows = query.push(" ORDER BY o.id").all(self.reader()).await?;
        rows.iter().map(|row| opportunity(row, None)).collect()
    }

    /// The opportunities of a user's strategies that stand; of some events or of all.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn open_opportunities_of(&self, owner: UserId, events: Option<&[EventId]>) -> Result<Vec<Opportunity>> {
        let mut query = select(None);
        query
            .push(" AND o.closed_at IS NULL AND o.strategy_id IN (SELECT id FROM strategies WHERE user_id = ")
            .bind(owner.0)
            .push(")");
        if let Some(events) = events {
            query
                .push(" AND o.event_id")
                .is_in(self.reader(), events.iter().map(|id| id.0));
        }
        let rows = query.push(" ORDER BY o.id").all(self.reader()).await?;
        rows.iter().map(|row| opportunity(row, None)).collect()
    }

    /// The events on which an opportunity stands, whosever.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events_with_opportunities(&self) -> Result<Vec<EventId>> {
        let mut query =
            Query::new("SELECT DISTINCT event_id FROM opportunities WHERE closed_at IS NULL ORDER BY event_id");
        let rows = query.all(self.reader()).await?;
        rows.iter().map(|row| Ok(EventId(row.try_get_by_index(0)?))).collect()
    }

    /// How many opportunities of a user's strategies stand, by kind.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_opportunity_counts(&self, owner: UserId) -> Result<Vec<(OpportunityKind, i64)>> {
        let mut query = Query::new(
            "SELECT o.kind, COUNT(*) FROM opportunities o WHERE o.closed_at IS NULL AND o.strategy_id IN \
             (SELECT id FROM strategies WHERE user_id = ",
        );
        let rows = query.bind(owner.0).push(") GROUP BY o.kind").all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok((codec::opportunity_kind(&columns.get::<String>()?)?, columns.get()?))
            })
            .collect()
    }

    /// Writes what an evaluation changed, and that it happened. Doing it again changes nothing. Answers with the numbers of
    /// what was opened, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn apply_reconciliation(&self, changes: &Reconciliation) -> Result<Vec<OpportunityId>> {
        let tx = self.begin_write().await?;
        self.lock_in(&tx, "evaluate").await?;
        let at = millis(changes.at);
        for (id, reason) in &changes.closed {
            let mut query = Query::new("UPDATE opportunities SET closed_at = ");
            query
                .bind(at)
                .push(", close_reason = ")
                .bind(reason.as_str())
                .push(" WHERE id = ")
                .bind(id.0);
            query.push(" AND closed_at IS NULL").run(&tx).await?;
        }
        for (id, found, trace) in &changes.refreshed {
            let mut query = Query::new("UPDATE opportunities SET refreshed_at = ");
            query
                .bind(at)
                .push(", best_profit = CASE WHEN best_profit > ")
                .bind(found.profit);
            query
                .push(" THEN best_profit ELSE ")
                .bind(found.profit)
                .push(" END WHERE id = ")
                .bind(id.0);
            if query.push(" AND closed_at IS NULL").run(&tx).await? > 0 {
                add_reading(&tx, *id, found, trace, at).await?;
            }
        }
        let mut opened = Vec::with_capacity(changes.opened.len());
        for new in &changes.opened {
            let mut query = Query::new(
                "INSERT INTO opportunities (kind, strategy_id, strategy_version, event_id, identity, opened_at, refreshed_at, \
                 best_profit) VALUES (",
            );
            query.bind_all([
                new.found.kind.code().into(),
                new.strategy.0.0.into(),
                i64::from(new.strategy.1).into(),
                new.event_id.0.into(),
                new.found.identity().into(),
                at.into(),
                at.into(),
                new.found.profit.into(),
            ]);
            query.push(
                ") ON CONFLICT (strategy_id, event_id, identity) WHERE closed_at IS NULL DO UPDATE SET \
                 refreshed_at = excluded.refreshed_at RETURNING id",
            );
            let row = query.one(&tx).await?;
            let row = row.ok_or_else(|| StoreError::Corrupt("an inserted opportunity has no number".to_owned()))?;
            let id = OpportunityId(row.try_get_by_index(0)?);
            add_reading(&tx, id, &new.found, &new.trace, at).await?;
            opened.push(id);
        }
        mark_evaluated(&tx, &changes.evaluated, changes.at).await?;
        if !(changes.opened.is_empty() && changes.refreshed.is_empty() && changes.closed.is_empty()) {
            bump_version(&tx, "evaluate").await?;
        }
        tx.commit().await?;
        Ok(opened)
    }

    /// Opportunities as of a time, newest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn list_opportunities(
        &self,
        filter: &OpportunityFilter,
        as_of: Option<DateTime<Utc>>,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<Opportunity>> {
        let mut query = select(as_of);
        if let Some(kind) = filter.kind {
            query.push(" AND o.kind = ").bind(kind.code());
        }
        if let Some(owner) = filter.owner {
            query
                .push(" AND o.strategy_id IN (SELECT id FROM strategies WHERE user_id = ")
                .bind(owner.0)
                .push(")");
        }
        if let Some(strategy) = filter.strategy {
            query.push(" AND o.strategy_id = ").bind(strategy.0);
        }
        if let Some(event) = filter.event_id {
            query.push(" AND o.event_id = ").bind(event.0);
        }
        if let Some(is_open) = filter.is_open {
            let negation = if is_open { "" } else { "NOT " };
            query
                .push(&format!(" AND {negation}(o.closed_at IS NULL OR o.closed_at > "))
                .bind(bound(as_of))
                .push(")");
        }
        if let Some(verdict) = filter.verdict {
            query.push(" AND r.verdict = ").bind(verdict.code());
        }
        if let Some(is_in_play) = filter.is_in_play {
            query.push(" AND r.is_in_play = ").bind(is_in_play);
        }
        if let Some(is_demo) = filter.is_demo {
            query.push(" AND e.is_demo = ").bind(is_demo);
        }
        if let Some(min_profit) = filter.min_profit {
            query.push(" AND r.profit >= ").bind(min_profit);
        }
        if let Some(after) = after {
            query
                .push(" AND (o.opened_at, o.id) < (")
                .bind_all([after.key.into(), after.id.into()])
                .push(")");
        }
        query
            .push(" ORDER BY o.opened_at DESC, o.id DESC LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.all(self.reader()).await?;
        let items = rows.iter().map(|row| opportunity(row, as_of)).collect::<Result<_>>()?;
        Ok(Page::cut(items, limit, |row: &Opportunity| Cursor {
            key: millis(row.opened_at),
            id: row.id.0,
        }))
    }

    /// An opportunity of a user's strategies as of a time; `None` when it was not known then, or is somebody else's.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn opportunity(
        &self,
        owner: UserId,
        id: OpportunityId,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Option<Opportunity>> {
        let mut query = select(as_of);
        query
            .push(" AND o.strategy_id IN (SELECT id FROM strategies WHERE user_id = ")
            .bind(owner.0)
            .push(")");
        let row = query.push(" AND o.id = ").bind(id.0).one(self.reader()).await?;
        row.map(|row| opportunity(&row, as_of)).transpose()
    }
}

async fn add_reading(
    tx: &DatabaseTransaction,
    id: OpportunityId,
    found: &Found,
    trace: &serde_json::Value,
    at: i64,
) -> Result<()> {
    let body = serde_json::to_string(found).map_err(|error| StoreError::corrupt("an opportunity's body", error))?;
    let mut query = Query::new(
        "INSERT INTO opportunity_readings (opportunity_id, found_at, profit, verdict, is_in_play, body, trace) VALUES (",
    );
    query.bind_all([
        id.0.into(),
        at.into(),
        found.profit.into(),
        found.verdict.code().into(),
        found.is_in_play.into(),
        body.into(),
        trace.to_string().into(),
    ]);
    query
        .push(") ON CONFLICT (opportunity_id, found_at) DO NOTHING")
        .run(tx)
        .await?;
    Ok(())
}
