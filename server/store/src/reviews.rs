//! Identity questions that wait for a person.

use chrono::{DateTime, Utc};
use domain::{CompetitionId, EventId, ParticipantId, ReviewId, UserId};
use sea_orm::DatabaseTransaction;

use crate::{
    Cursor, IngestTx, Page, Result, Store, StoreError,
    codec::{self, instant, instant_or_null, millis},
    connection::bump_version,
    sql::{Batch, Columns, Kind, Query},
};

/// Where a review is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewState {
    /// Nobody has decided yet.
    Open,
    /// The reading is this event.
    Linked,
    /// The reading is a new event: the next reading creates it.
    Created,
    /// The reading is to be left alone.
    Dismissed,
}

impl ReviewState {
    const ALL: [Self; 4] = [Self::Open, Self::Linked, Self::Created, Self::Dismissed];

    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Linked => "linked",
            Self::Created => "created",
            Self::Dismissed => "dismissed",
        }
    }

    /// The state of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    pub(crate) fn of(code: &str) -> Result<Self> {
        Self::from_code(code).ok_or_else(|| StoreError::corrupt("state", code))
    }
}

/// A question to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReview {
    /// The feed's id of the event in question.
    pub feed_id: String,
    /// The competition, where that is known.
    pub competition_id: Option<CompetitionId>,
    /// What the feed said of it.
    pub reading: serde_json::Value,
    /// What it could be, best first. Never applied without a person.
    pub suggestions: serde_json::Value,
    /// When the question came up.
    pub created_at: DateTime<Utc>,
}

/// A question, and perhaps its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Which.
    pub id: ReviewId,
    /// From which feed.
    pub feed: String,
    /// The question.
    pub question: NewReview,
    /// Where it is.
    pub state: ReviewState,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// By whom.
    pub decided_by: Option<UserId>,
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is this event. The feed's id leads there from now on, and so do the names given.
    Link {
        /// Which event.
        event_id: EventId,
        /// The feed's names of participants, and whose they are.
        aliases: Vec<(String, ParticipantId)>,
    },
    /// It is a new event.
    Create,
    /// Leave it alone.
    Dismiss,
}

impl Decision {
    const fn state(&self) -> ReviewState {
        match self {
            Self::Link { .. } => ReviewState::Linked,
            Self::Create => ReviewState::Created,
            Self::Dismiss => ReviewState::Dismissed,
        }
    }
}

struct Waiting {
    feed: String,
    feed_id: String,
}

impl Store {
    /// Identity questions, oldest first; in one state or in all.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn reviews(&self, state: Option<ReviewState>, after: Option<Cursor>, limit: u32) -> Result<Page<Review>> {
        let mut query = Query::new(
            "SELECT id, feed, feed_id, competition_id, reading, suggestions, created_at, state, decided_at, decided_by \
             FROM reviews WHERE 1 = 1",
        );
        if let Some(state) = state {
            query.push(" AND state = ").bind(state.code());
        }
        if let Some(after) = after {
            query
                .push(" AND (created_at, id) > (")
                .bind_all([after.key.into(), after.id.into()])
                .push(")");
        }
        query.push(" ORDER BY created_at, id LIMIT ").bind(i64::from(limit) + 1);
        let rows = query.all(self.reader()).await?;
        let items = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            Ok(Review {
                id: ReviewId(columns.get()?),
                feed: columns.get()?,
                question: NewReview {
                    feed_id: columns.get()?,
                    competition_id: columns.get::<Option<i64>>()?.map(CompetitionId),
                    reading: codec::json(&columns.get::<String>()?)?,
                    suggestions: codec::json(&columns.get::<String>()?)?,
                    created_at: instant(columns.get()?)?,
                },
                state: ReviewState::of(&columns.get::<String>()?)?,
                decided_at: instant_or_null(columns.get()?)?,
                decided_by: columns.get::<Option<i64>>()?.map(UserId),
            })
        });
        let items = items.collect::<Result<_>>()?;
        Ok(Page::cut(items, limit, |row: &Review| Cursor {
            key: millis(row.question.created_at),
            id: row.id.0,
        }))
    }

    /// Decides an open question, and records who did. False when there is no such open question.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the event or a participant is not there, or the feed's id leads elsewhere already.
    pub async fn decide_review(
        &self,
        id: ReviewId,
        decision: &Decision,
        by: UserId,
        at: DateTime<Utc>,
    ) -> Result<bool> {
        let tx = self.begin_write().await?;
        let state = decision.state();
        let Some(waiting) = change_state(&tx, id, "state = 'open'", state, Some((by, at))).await? else {
            return Ok(false);
        };
        let mut detail = serde_json::Value::Null;
        if let Decision::Link { event_id, aliases } = decision {
            let mut query = Query::new("INSERT INTO feed_events (feed, feed_id, event_id, first_seen_at) VALUES (");
            query.bind_all([
                waiting.feed.as_str().into(),
                waiting.feed_id.as_str().into(),
                event_id.0.into(),
                millis(at).into(),
            ]);
            query.push(")").run(&tx).await?;
            let mut query = Query::new("SELECT competition_id FROM events WHERE id = ");
            let row = query.bind(event_id.0).one(&tx).await?;
            let row = row.ok_or(StoreError::Conflict {
                constraint: Some("feed_events_event_id_fkey".to_owned()),
            })?;
            let competition: i64 = row.try_get_by_index(0)?;
            add_aliases(&tx, &waiting.feed, competition, aliases, (id, by, at)).await?;
            detail = serde_json::json!({
                "event_id": event_id,
                "aliases": aliases.iter().map(|(name, id)| (name, id)).collect::<Vec<_>>(),
            });
        }
        record_decision(&tx, id, state.code(), &detail, by, at).await?;
        bump_version(&tx, "reviews").await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a decision back: the question is open again, and the link and names that it made are gone. What was recorded
    /// of the event meanwhile stays. False when there is no such decided question.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn undo_review(&self, id: ReviewId, by: UserId, at: DateTime<Utc>) -> Result<bool> {
        let tx = self.begin_write().await?;
        let Some(waiting) = change_state(&tx, id, "state <> 'open'", ReviewState::Open, None).await? else {
            return Ok(false);
        };
        let mut query = Query::new("DELETE FROM feed_events WHERE feed = ");
        query
            .bind(waiting.feed.as_str())
            .push(" AND feed_id = ")
            .bind(waiting.feed_id.as_str())
            .run(&tx)
            .await?;
        let mut query = Query::new("DELETE FROM participant_aliases WHERE review_id = ");
        query.bind(id.0).run(&tx).await?;
        record_decision(&tx, id, "undone", &serde_json::Value::Null, by, at).await?;
        bump_version(&tx, "reviews").await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn change_state(
    tx: &DatabaseTransaction,
    id: ReviewId,
    condition: &str,
    state: ReviewState,
    decided: Option<(UserId, DateTime<Utc>)>,
) -> Result<Option<Waiting>> {
    let mut query = Query::new("UPDATE reviews SET state = ");
    query
        .bind(state.code())
        .push(", decided_by = ")
        .bind(decided.map(|(by, _)| by.0));
    query
        .push(", decided_at = ")
        .bind(decided.map(|(_, at)| millis(at)))
        .push(" WHERE id = ")
        .bind(id.0);
    let row = query
        .push(&format!(" AND {condition} RETURNING feed, feed_id"))
        .one(tx)
        .await?;
    row.map(|row| {
        Ok(Waiting {
            feed: row.try_get_by_index(0)?,
            feed_id: row.try_get_by_index(1)?,
        })
    })
    .transpose()
}

async fn add_aliases(
    tx: &DatabaseTransaction,
    feed: &str,
    competition: i64,
    aliases: &[(String, ParticipantId)],
    (review, by, at): (ReviewId, UserId, DateTime<Utc>),
) -> Result<()> {
    const KINDS: &[Kind] = &[
        Kind::Text,
        Kind::Int,
        Kind::Text,
        Kind::Int,
        Kind::Int,
        Kind::Int,
        Kind::Int,
    ];
    let mut rows = Batch::new(KINDS);
    for (name, participant) in aliases {
        rows.push([
            feed.into(),
            competition.into(),
            name.as_str().into(),
            participant.0.into(),
            millis(at).into(),
            by.0.into(),
            review.0.into(),
        ]);
    }
    rows.run(tx, |rows| {
        format!(
            "INSERT INTO participant_aliases (feed, competition_id, name, participant_id, confirmed_at, confirmed_by, \
             review_id) SELECT v.* FROM ({rows}) AS v WHERE true ON CONFLICT (feed, competition_id, name) DO NOTHING"
        )
    })
    .await?;
    Ok(())
}

async fn record_decision(
    tx: &DatabaseTransaction,
    id: ReviewId,
    action: &str,
    detail: &serde_json::Value,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<()> {
    let mut query = Query::new("INSERT INTO review_decisions (review_id, action, detail, at, by_user) VALUES (");
    query.bind_all([
        id.0.into(),
        action.into(),
        detail.to_string().into(),
        millis(at).into(),
        by.0.into(),
    ]);
    query.push(")").run(tx).await?;
    Ok(())
}

impl IngestTx {
    /// Asks identity questions of this feed. A question about the same id is asked once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_reviews(&self, reviews: &[NewReview]) -> Result<()> {
        const KINDS: &[Kind] = &[
            Kind::Text,
            Kind::Text,
            Kind::IntOrNull,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Int,
        ];
        let mut rows = Batch::new(KINDS);
        for review in reviews {
            rows.push([
                self.feed.as_str().into(),
                review.feed_id.as_str().into(),
                review.competition_id.map(|id| id.0).into(),
                review.reading.to_string().into(),
                review.suggestions.to_string().into(),
                ReviewState::Open.code().into(),
                millis(review.created_at).into(),
            ]);
        }
        rows.run(&self.tx, |rows| {
            format!(
                "INSERT INTO reviews (feed, feed_id, competition_id, reading, suggestions, state, created_at) {rows} \
                 ON CONFLICT (feed, feed_id) DO NOTHING"
            )
        })
        .await?;
        Ok(())
    }
}
