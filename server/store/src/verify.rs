//! Proof that what is current follows from the history.

use sea_orm::ConnectionTrait;

use crate::{Result, Store, sql::Query};

/// What a comparison of the current tables with the history found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoldReport {
    /// Events compared.
    pub events: u64,
    /// Quotes compared, withdrawn ones included.
    pub quotes: u64,
    /// What does not follow from the history, for people; at most a hundred of a kind.
    pub differences: Vec<String>,
}

impl FoldReport {
    /// True when everything follows.
    pub fn is_sound(&self) -> bool {
        self.differences.is_empty()
    }
}

/// A query for what is wrong, as one text per row, and what its rows mean.
const CHECKS: &[&str] = &[
    // A quote that is not the last row of its history. When it was last seen, and what was found then, is no history.
    "SELECT 'quote of selection ' || q.selection_id || ' at bookmaker ' || q.bookmaker_id || ' (' || q.side || ', ' \
     || q.feed || ') is not its history' FROM quotes q LEFT JOIN quote_changes c ON c.id = (SELECT h.id \
     FROM quote_changes h WHERE h.selection_id = q.selection_id AND h.bookmaker_id = q.bookmaker_id \
     AND h.side = q.side AND h.feed = q.feed AND h.is_folded ORDER BY h.id DESC LIMIT 1) \
     WHERE c.id IS NULL OR c.id <> q.change_id OR c.event_id <> q.event_id OR COALESCE(c.price, 0) <> COALESCE(q.price, 0) \
     OR c.price_text <> q.price_text OR COALESCE(c.previous_price, 0) <> COALESCE(q.previous_price, 0) \
     OR c.received_at <> q.received_at OR c.snapshot_id <> q.snapshot_id \
     OR COALESCE(q.source_at, 0) < COALESCE(c.source_at, 0) OR q.last_seen_at < q.received_at LIMIT 100",
    // History without a quote.
    "SELECT 'history row ' || c.id || ' has no quote' FROM quote_changes c LEFT JOIN quotes q \
     ON q.selection_id = c.selection_id AND q.bookmaker_id = c.bookmaker_id AND q.side = c.side AND q.feed = c.feed \
     WHERE q.change_id IS NULL LIMIT 100",
    // History that goes back in time, or names what is not there.
    "SELECT 'history row ' || c.id || ' was received before the row it follows' FROM quote_changes c \
     JOIN quote_changes p ON p.id = (SELECT MAX(h.id) FROM quote_changes h WHERE h.selection_id = c.selection_id \
     AND h.bookmaker_id = c.bookmaker_id AND h.id < c.id AND h.side = c.side AND h.feed = c.feed AND h.is_folded) \
     WHERE c.is_folded AND p.received_at > c.received_at LIMIT 100",
    "SELECT 'history row ' || c.id || ' belongs to another event than its selection' FROM quote_changes c \
     LEFT JOIN selections s ON s.id = c.selection_id WHERE s.id IS NULL OR s.event_id <> c.event_id LIMIT 100",
    "SELECT 'history row ' || c.id || ' names an answer or bookmaker that is not there' FROM quote_changes c \
     LEFT JOIN snapshots s ON s.id = c.snapshot_id LEFT JOIN bookmakers b ON b.id = c.bookmaker_id \
     WHERE s.id IS NULL OR b.id IS NULL LIMIT 100",
    // An event that is not its last state.
    "SELECT 'event ' || e.id || ' is not its history' FROM events e LEFT JOIN event_states s ON s.id = (SELECT h.id \
     FROM event_states h WHERE h.event_id = e.id ORDER BY h.received_at DESC, h.id DESC LIMIT 1) \
     WHERE s.id IS NULL OR s.starts_at <> e.starts_at OR s.status <> e.status \
     OR COALESCE(s.home_score, -1) <> COALESCE(e.home_score, -1) OR COALESCE(s.away_score, -1) <> COALESCE(e.away_score, -1) \
     OR s.is_final_score <> e.is_final_score OR s.received_at <> e.state_received_at LIMIT 100",
];

async fn count(db: &impl ConnectionTrait, sql: &str) -> Result<u64> {
    let row = Query::new(sql).one(db).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

impl Store {
    /// Compares the current quotes and events with what their histories say. Reads everything.
    ///
    /// # Errors
    /// When the database does not answer; differences are not an error.
    pub async fn verify_fold(&self) -> Result<FoldReport> {
        let tx = self.begin_read().await?;
        let mut report = FoldReport {
            events: count(&tx, "SELECT COUNT(*) FROM events").await?,
            quotes: count(&tx, "SELECT COUNT(*) FROM quotes").await?,
            differences: Vec::new(),
        };
        for check in CHECKS {
            for row in Query::new(*check).all(&tx).await? {
                report.differences.push(row.try_get_by_index(0)?);
            }
        }
        tx.commit().await?;
        Ok(report)
    }
}
