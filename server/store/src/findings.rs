//! What was odd about the data, and the quotes that were kept out because of it.

use chrono::{DateTime, Utc};
use domain::{EventId, IssueId, IssueKind, Severity, Side, SnapshotId};
use sea_orm::ConnectionTrait;

use crate::{
    Cursor, IngestTx, Page, Result, Store,
    codec::{self, instant, millis},
    sql::{Batch, Columns, Kind, Query},
};

/// A finding to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIssue {
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// In which answer.
    pub snapshot_id: Option<SnapshotId>,
    /// At which event.
    pub event_id: Option<EventId>,
    /// At which bookmaker, by key.
    pub bookmaker: Option<String>,
    /// What was found.
    pub kind: IssueKind,
    /// How much it matters.
    pub severity: Severity,
    /// What and where, for a person; holds no secret.
    pub detail: String,
    /// How many alike this row stands for.
    pub count: i64,
}

/// A recorded finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "a recorded issue is an issue with a number")]
pub struct Issue {
    /// Which.
    pub id: IssueId,
    /// From which feed.
    pub feed: String,
    /// What was found.
    pub issue: NewIssue,
}

/// Which findings are wanted; an empty filter wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueFilter {
    /// From this feed.
    pub feed: Option<String>,
    /// Of this kind.
    pub kind: Option<IssueKind>,
    /// Of this severity.
    pub severity: Option<Severity>,
    /// At least this severe.
    pub min_severity: Option<Severity>,
    /// At this event.
    pub event_id: Option<EventId>,
    /// Found at or after this.
    pub from: Option<DateTime<Utc>>,
    /// Found before this.
    pub to: Option<DateTime<Utc>>,
}

/// How many findings of a kind there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueCount {
    /// From which feed.
    pub feed: String,
    /// Of which kind.
    pub kind: IssueKind,
    /// Of which severity.
    pub severity: Severity,
    /// How many.
    pub count: i64,
}

/// A quote to keep out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQuarantined {
    /// The answer it came in.
    pub snapshot_id: SnapshotId,
    /// Of which event, where that is known.
    pub event_id: Option<EventId>,
    /// The market, for a person.
    pub market: String,
    /// The outcome, for a person.
    pub outcome: String,
    /// The bookmaker's key.
    pub bookmaker: String,
    /// Back or lay.
    pub side: Side,
    /// The price as it was received.
    pub price_text: String,
    /// Why it was kept out.
    pub reason: IssueKind,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

/// A quote that was kept out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Which.
    pub id: i64,
    /// From which feed.
    pub feed: String,
    /// What was kept out, and why.
    pub quote: NewQuarantined,
}

async fn insert_issues(db: &impl ConnectionTrait, feed: &str, issues: &[NewIssue]) -> Result<()> {
    const KINDS: &[Kind] = &[
        Kind::Int,
        Kind::Text,
        Kind::IntOrNull,
        Kind::IntOrNull,
        Kind::TextOrNull,
        Kind::Text,
        Kind::Text,
        Kind::Text,
        Kind::Int,
    ];
    let mut rows = Batch::new(KINDS);
    for issue in issues {
        rows.push([
            millis(issue.found_at).into(),
            feed.into(),
            issue.snapshot_id.map(|id| id.0).into(),
            issue.event_id.map(|id| id.0).into(),
            issue.bookmaker.clone().into(),
            issue.kind.code().into(),
            issue.severity.code().into(),
            issue.detail.as_str().into(),
            issue.count.into(),
        ]);
    }
    rows.run(db, |rows| {
        format!(
            "INSERT INTO issues (found_at, feed, snapshot_id, event_id, bookmaker, kind, severity, detail, count) {rows}"
        )
    })
    .await?;
    Ok(())
}

pub(crate) fn filtered(query: &mut Query, filter: &IssueFilter) {
    if let Some(feed) = &filter.feed {
        query.push(" AND feed = ").bind(feed.as_str());
    }
    if let Some(kind) = filter.kind {
        query.push(" AND kind = ").bind(kind.code());
    }
    if let Some(severity) = filter.severity {
        query.push(" AND severity = ").bind(severity.code());
    }
    if let Some(least) = filter.min_severity {
        let enough = [Severity::Info, Severity::Warning, Severity::Error]
            .into_iter()
            .filter(|severity| *severity >= least);
        query
            .push(" AND severity IN (")
            .bind_all(enough.map(|severity| severity.code().into()))
            .push(")");
    }
    if let Some(event) = filter.event_id {
        query.push(" AND event_id = ").bind(event.0);
    }
    if let Some(from) = filter.from {
        query.push(" AND found_at >= ").bind(millis(from));
    }
    if let Some(to) = filter.to {
        query.push(" AND found_at < ").bind(millis(to));
    }
}

impl Store {
    /// Records findings outside of taking a reading in, as when an answer could not be read at all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_issues(&self, feed: &str, issues: &[NewIssue]) -> Result<()> {
        let tx = self.begin_write().await?;
        insert_issues(&tx, feed, issues).await?;
        Ok(tx.commit().await?)
    }

    /// Findings, newest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn issues(&self, filter: &IssueFilter, after: Option<Cursor>, limit: u32) -> Result<Page<Issue>> {
        let mut query = Query::new(
            "SELECT id, feed, found_at, snapshot_id, event_id, bookmaker, kind, severity, detail, count FROM issues \
             WHERE 1 = 1",
        );
        filtered(&mut query, filter);
        if let Some(after) = after {
            query
                .push(" AND (found_at, id) < (")
                .bind_all([after.key.into(), after.id.into()])
                .push(")");
        }
        query
            .push(" ORDER BY found_at DESC, id DESC LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.all(self.reader()).await?;
        let items = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            Ok(Issue {
                id: IssueId(columns.get()?),
                feed: columns.get()?,
                issue: NewIssue {
                    found_at: instant(columns.get()?)?,
                    snapshot_id: columns.get::<Option<i64>>()?.map(SnapshotId),
                    event_id: columns.get::<Option<i64>>()?.map(EventId),
                    bookmaker: columns.get()?,
                    kind: codec::issue_kind(&columns.get::<String>()?)?,
                    severity: codec::severity(&columns.get::<String>()?)?,
                    detail: columns.get()?,
                    count: columns.get()?,
                },
            })
        });
        let items = items.collect::<Result<_>>()?;
        Ok(Page::cut(items, limit, |row: &Issue| Cursor {
            key: millis(row.issue.found_at),
            id: row.id.0,
        }))
    }

    /// How many findings there are of each feed and kind, most first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn issue_counts(&self, from: DateTime<Utc>) -> Result<Vec<IssueCount>> {
        let mut query =
            Query::new("SELECT feed, kind, severity, CAST(SUM(count) AS BIGINT) FROM issues WHERE found_at >= ");
        query
            .bind(millis(from))
            .push(" GROUP BY feed, kind, severity ORDER BY 4 DESC, feed, kind");
        let rows = query.all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(IssueCount {
                    feed: columns.get()?,
                    kind: codec::issue_kind(&columns.get::<String>()?)?,
                    severity: codec::severity(&columns.get::<String>()?)?,
                    count: columns.get()?,
                })
            })
            .collect()
    }

    /// Quotes that were kept out, newest first; of one event or of all.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn quarantined(
        &self,
        event: Option<EventId>,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<Quarantined>> {
        let mut query = Query::new(
            "SELECT id, feed, snapshot_id, event_id, market, outcome, bookmaker, side, price_text, reason, received_at \
             FROM quarantined_quotes WHERE 1 = 1",
        );
        if let Some(event) = event {
            query.push(" AND event_id = ").bind(event.0);
        }
        if let Some(after) = after {
            query
                .push(" AND (received_at, id) < (")
                .bind_all([after.key.into(), after.id.into()])
                .push(")");
        }
        query
            .push(" ORDER BY received_at DESC, id DESC LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.all(self.reader()).await?;
        let items = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            Ok(Quarantined {
                id: columns.get()?,
                feed: columns.get()?,
                quote: NewQuarantined {
                    snapshot_id: SnapshotId(columns.get()?),
                    event_id: columns.get::<Option<i64>>()?.map(EventId),
                    market: columns.get()?,
                    outcome: columns.get()?,
                    bookmaker: columns.get()?,
                    side: codec::side(&columns.get::<String>()?)?,
                    price_text: columns.get()?,
                    reason: codec::issue_kind(&columns.get::<String>()?)?,
                    received_at: instant(columns.get()?)?,
                },
            })
        });
        let items = items.collect::<Result<_>>()?;
        Ok(Page::cut(items, limit, |row: &Quarantined| Cursor {
            key: millis(row.quote.received_at),
            id: row.id,
        }))
    }
}

impl IngestTx {
    /// Records findings of this feed.
    ///
    /// # Errors
    /// When the database does not answer, or an event or answer is not there.
    pub async fn add_issues(&self, issues: &[NewIssue]) -> Result<()> {
        insert_issues(&self.tx, &self.feed, issues).await
    }

    /// Keeps quotes of this feed out.
    ///
    /// # Errors
    /// When the database does not answer, or an event or answer is not there.
    pub async fn add_quarantined(&self, quotes: &[NewQuarantined]) -> Result<()> {
        const KINDS: &[Kind] = &[
            Kind::Text,
            Kind::Int,
            Kind::IntOrNull,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Int,
        ];
        let mut rows = Batch::new(KINDS);
        for quote in quotes {
            rows.push([
                self.feed.as_str().into(),
                quote.snapshot_id.0.into(),
                quote.event_id.map(|id| id.0).into(),
                quote.market.as_str().into(),
                quote.outcome.as_str().into(),
                quote.bookmaker.as_str().into(),
                quote.side.code().into(),
                quote.price_text.as_str().into(),
                quote.reason.code().into(),
                millis(quote.received_at).into(),
            ]);
        }
        rows.run(&self.tx, |rows| {
            format!(
                "INSERT INTO quarantined_quotes (feed, snapshot_id, event_id, market, outcome, bookmaker, side, \
                 price_text, reason, received_at) {rows}"
            )
        })
        .await?;
        Ok(())
    }
}
