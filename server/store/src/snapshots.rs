//! What the feeds answered, byte for byte: compressed, hashed, dated.

use chrono::{DateTime, Utc};
use domain::SnapshotId;
use sea_orm::{ConnectionTrait, QueryResult};
use sha2::{Digest, Sha256};

use crate::{
    Cursor, IngestTx, Page, Result, Store, StoreError,
    codec::{instant, millis},
    sql::{Columns, Query},
};

/// An answer to archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSnapshot {
    /// From which feed.
    pub feed: String,
    /// What was asked for, in the feed's words, e.g. `odds`.
    pub endpoint: String,
    /// The feed's key of the competition, where one was asked for.
    pub competition: Option<String>,
    /// Path and query as sent, without the key.
    pub request: String,
    /// When the answer was here.
    pub received_at: DateTime<Utc>,
    /// How its prices are written, e.g. `decimal`.
    pub price_format: Option<String>,
}

/// What an answer held, for people to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotCounts {
    /// Events.
    pub events: i64,
    /// Usable quotes.
    pub quotes: i64,
    /// Rows it added to the price history.
    pub changes: i64,
    /// Findings.
    pub issues: i64,
}

/// An archived answer, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Which.
    pub id: SnapshotId,
    /// What was asked, and when the answer came.
    pub source: NewSnapshot,
    /// SHA-256 of the body in hexadecimal.
    pub body_hash: String,
    /// Size of the body, not compressed.
    pub body_bytes: i64,
    /// What it held.
    pub counts: SnapshotCounts,
}

/// Where an answer was archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Archived {
    /// The snapshot.
    pub id: SnapshotId,
    /// False when the very answer (feed, request, time of receipt, body) was archived before.
    pub is_new: bool,
}

/// Fast, and a tenth of the size on the JSON that feeds send.
const COMPRESSION_LEVEL: i32 = 3;

const COLUMNS: &str = "id, feed, endpoint, competition, request, received_at, price_format, body_hash, body_bytes, \
                       events, quotes, changes, issues";

/// A body as it is stored.
struct Body {
    hash: String,
    bytes: i64,
    compressed: Vec<u8>,
}

impl Body {
    fn of(body: &[u8]) -> Result<Self> {
        let compressed = zstd::bulk::compress(body, COMPRESSION_LEVEL)
            .map_err(|error| StoreError::Setup(format!("an answer could not be compressed: {error}")))?;
        let hash = hex::encode(Sha256::digest(body));
        Ok(Self {
            hash,
            bytes: i64::try_from(body.len()).unwrap_or(i64::MAX),
            compressed,
        })
    }
}

async fn archive(tx: &impl ConnectionTrait, snapshot: &NewSnapshot, body: Body) -> Result<Archived> {
    let received_at = millis(snapshot.received_at);
    let mut query = Query::new("SELECT id FROM snapshots WHERE feed = ");
    query
        .bind(snapshot.feed.as_str())
        .push(" AND received_at = ")
        .bind(received_at);
    query.push(" AND body_hash = ").bind(body.hash.as_str());
    query.push(" AND request = ").bind(snapshot.request.as_str());
    if let Some(row) = query.one(tx).await? {
        return Ok(Archived {
            id: SnapshotId(row.try_get_by_index(0)?),
            is_new: false,
        });
    }
    let mut query = Query::new("INSERT INTO snapshot_bodies (hash, body, created_at) VALUES (");
    query.bind_all([body.hash.as_str().into(), body.compressed.into(), received_at.into()]);
    query.push(") ON CONFLICT (hash) DO NOTHING").run(tx).await?;
    let mut query = Query::new(
        "INSERT INTO snapshots (feed, endpoint, competition, request, received_at, price_format, body_hash, body_bytes) \
         VALUES (",
    );
    query.bind_all([
        snapshot.feed.as_str().into(),
        snapshot.endpoint.as_str().into(),
        snapshot.competition.clone().into(),
        snapshot.request.as_str().into(),
        received_at.into(),
        snapshot.price_format.clone().into(),
        body.hash.into(),
        body.bytes.into(),
    ]);
    let row = query.push(") RETURNING id").one(tx).await?;
    let row = row.ok_or_else(|| StoreError::Corrupt("an inserted snapshot has no number".to_owned()))?;
    Ok(Archived {
        id: SnapshotId(row.try_get_by_index(0)?),
        is_new: true,
    })
}

fn snapshot(row: &QueryResult) -> Result<Snapshot> {
    let mut columns = Columns::of(row);
    Ok(Snapshot {
        id: SnapshotId(columns.get()?),
        source: NewSnapshot {
            feed: columns.get()?,
            endpoint: columns.get()?,
            competition: columns.get()?,
            request: columns.get()?,
            received_at: instant(columns.get()?)?,
            price_format: columns.get()?,
        },
        body_hash: columns.get()?,
        body_bytes: columns.get()?,
        counts: SnapshotCounts {
            events: columns.get()?,
            quotes: columns.get()?,
            changes: columns.get()?,
            issues: columns.get()?,
        },
    })
}

impl Store {
    /// Archives an answer before anybody tries to read it. The same body is stored once, and the same answer is archived
    /// once.
    ///
    /// # Errors
    /// When the database does not answer or its disk is full.
    pub async fn archive_snapshot(&self, new: &NewSnapshot, body: &[u8]) -> Result<Archived> {
        let body = Body::of(body)?;
        let tx = self.begin_write().await?;
        self.lock_in(&tx, &format!("archive:{}", new.feed)).await?;
        let archived = archive(&tx, new, body).await?;
        tx.commit().await?;
        Ok(archived)
    }

    /// An archived answer, without its body.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn snapshot(&self, id: SnapshotId) -> Result<Option<Snapshot>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM snapshots WHERE id = "));
        query
            .bind(id.0)
            .one(self.reader())
            .await?
            .as_ref()
            .map(snapshot)
            .transpose()
    }

    /// The body of an archived answer as it was received; `None` when there is no such answer or its retention is over.
    ///
    /// # Errors
    /// When the database does not answer, or the body does not have its hash.
    pub async fn snapshot_body(&self, id: SnapshotId) -> Result<Option<Vec<u8>>> {
        let mut query = Query::new(
            "SELECT s.body_hash, s.body_bytes, b.body FROM snapshots s JOIN snapshot_bodies b ON b.hash = s.body_hash \
             WHERE s.id = ",
        );
        let Some(row) = query.bind(id.0).one(self.reader()).await? else {
            return Ok(None);
        };
        let mut columns = Columns::of(&row);
        let (hash, bytes, compressed): (String, i64, Vec<u8>) = (columns.get()?, columns.get()?, columns.get()?);
        let damaged = || StoreError::Corrupt(format!("the body of snapshot {id}"));
        let capacity = usize::try_from(bytes).map_err(|_| damaged())?;
        let body = zstd::bulk::decompress(&compressed, capacity).map_err(|_| damaged())?;
        if hex::encode(Sha256::digest(&body)) != hash {
            return Err(damaged());
        }
        Ok(Some(body))
    }

    /// Archived answers, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn snapshots(&self, feed: Option<&str>, after: Option<Cursor>, limit: u32) -> Result<Page<Snapshot>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM snapshots WHERE 1 = 1"));
        if let Some(feed) = feed {
            query.push(" AND feed = ").bind(feed);
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
        let items = rows.iter().map(snapshot).collect::<Result<_>>()?;
        Ok(Page::cut(items, limit, |row: &Snapshot| Cursor {
            key: millis(row.source.received_at),
            id: row.id.0,
        }))
    }
}

impl IngestTx {
    /// As [`Store::archive_snapshot`], within the transaction.
    ///
    /// # Errors
    /// When the database does not answer or its disk is full.
    pub async fn add_snapshot(&self, new: &NewSnapshot, body: &[u8]) -> Result<Archived> {
        archive(&self.tx, new, Body::of(body)?).await
    }

    /// Notes what the answer held.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish_snapshot(&self, id: SnapshotId, counts: SnapshotCounts) -> Result<()> {
        let mut query = Query::new("UPDATE snapshots SET events = ");
        query
            .bind(counts.events)
            .push(", quotes = ")
            .bind(counts.quotes)
            .push(", changes = ")
            .bind(counts.changes);
        query
            .push(", issues = ")
            .bind(counts.issues)
            .push(" WHERE id = ")
            .bind(id.0)
            .run(&self.tx)
            .await?;
        Ok(())
    }
}
