//! What tells whether an event's board is still the one that was read.

use chrono::{DateTime, Utc};
use domain::EventId;

use crate::{
    Result, Store,
    codec::millis,
    sql::{Columns, Query},
};

/// How far an event has come: equal marks mean an equal board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventMark {
    /// Which event.
    pub event_id: EventId,
    /// How often its state or its prices changed.
    pub changes: i64,
    /// When a feed last covered it, in milliseconds since 1970; unchanged prices were seen again then. 0 when none did.
    pub covered_at_ms: i64,
}

impl Store {
    /// The marks of the events that start at or after a time, and of all that are not over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn event_marks(&self, starts_from: DateTime<Utc>) -> Result<Vec<EventMark>> {
        let mut query = Query::new(
            "SELECT e.id, e.changes, COALESCE((SELECT MAX(f.last_received_at) FROM event_feeds f WHERE f.event_id = e.id), 0) \
             FROM events e WHERE e.status IN ('scheduled', 'live', 'postponed') OR e.starts_at >= ",
        );
        let rows = query
            .bind(millis(starts_from))
            .push(" ORDER BY e.id")
            .all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(EventMark {
                    event_id: EventId(columns.get()?),
                    changes: columns.get()?,
                    covered_at_ms: columns.get()?,
                })
            })
            .collect()
    }
}
