//! Events and competitions, as known at a time.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    BookKind, BookProfile, BookmakerId, CompetitionId, EventId, EventStatus, Participant, ParticipantId, SnapshotId,
    Sport,
    event::{Event, Score},
};
use sea_orm::{ConnectionTrait, QueryResult};

use crate::{
    Cursor, Page, Result, Store, StoreError,
    codec::{self, bound, instant, instant_or_null, millis},
    connection::bump_version,
    sql::{Batch, Columns, Kind, Query},
};

/// Which events are wanted; an empty filter wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this sport.
    pub sport: Option<Sport>,
    /// Of this competition.
    pub competition: Option<CompetitionId>,
    /// With one of these; none means any.
    pub statuses: Vec<EventStatus>,
    /// Starting at or after this.
    pub starts_from: Option<DateTime<Utc>>,
    /// Starting before this.
    pub starts_to: Option<DateTime<Utc>>,
    /// With this in the name of a participant or of the competition, in whatever case.
    pub text: Option<String>,
    /// With this participant.
    pub participant: Option<ParticipantId>,
    /// Made up by the demo feed, or not.
    pub is_demo: Option<bool>,
    /// Latest start first; otherwise earliest.
    pub descending: bool,
}

/// One recorded state of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventState {
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// Where it was in its life.
    pub status: EventStatus,
    /// The score, when known.
    pub score: Option<Score>,
    /// True when that score was the result.
    pub is_final_score: bool,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// When the feed says it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// The answer it came in.
    pub snapshot_id: Option<SnapshotId>,
}

/// A league, cup or tour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Competition {
    /// Which.
    pub id: CompetitionId,
    /// Its key here, as `basketball/nba`.
    pub key: String,
    /// Of which sport.
    pub sport: Sport,
    /// As shown.
    pub name: String,
    /// True when the demo feed made it up.
    pub is_demo: bool,
}

/// A competition as a feed offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedCompetition {
    /// Which feed.
    pub feed: String,
    /// The feed's own key.
    pub feed_key: String,
    /// Which competition.
    pub competition_id: CompetitionId,
    /// As shown.
    pub name: String,
    /// Of which sport.
    pub sport: Sport,
    /// False when out of season.
    pub is_active: bool,
    /// True when it is a winner market without single events.
    pub has_outrights: bool,
    /// When the feed last named it.
    pub seen_at: DateTime<Utc>,
}

/// An event that changed since it was last evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedEvent {
    /// Which event.
    pub event_id: EventId,
    /// How often it had changed when this was read. Handed back to [`Store::mark_evaluated`], so that a change in the
    /// meantime is not taken for evaluated.
    pub changes: i64,
}

/// An event, and when its state was received.
pub(crate) struct Found {
    pub(crate) event: Event,
    pub(crate) state_received_at: DateTime<Utc>,
}

/// Selects events as known at a time, as far as the conditions; `s` is the state.
fn select(as_of: Option<DateTime<Utc>>) -> Query {
    let columns = "SELECT e.id, c.sport, c.id, c.name, s.starts_at, s.status, s.home_score, s.away_score, e.is_demo";
    let tables = "FROM events e JOIN competitions c ON c.id = e.competition_id";
    if as_of.is_none() {
        return Query::new(format!(
            "{columns}, s.state_received_at {tables} JOIN events s ON s.id = e.id WHERE "
        ));
    }
    let mut query = Query::new(format!(
        "{columns}, s.received_at {tables} JOIN event_states s ON s.id = (SELECT h.id FROM event_states h \
         WHERE h.event_id = e.id AND h.received_at <= "
    ));
    query
        .bind(bound(as_of))
        .push(" ORDER BY h.received_at DESC, h.id DESC LIMIT 1) WHERE ");
    query
}

fn found(row: &QueryResult) -> Result<Found> {
    let mut columns = Columns::of(row);
    let event = Event {
        id: EventId(columns.get()?),
        sport: Sport::from_key(&columns.get::<String>()?),
        competition_id: CompetitionId(columns.get()?),
        competition: columns.get()?,
        participants: Vec::new(),
        starts_at: instant(columns.get()?)?,
        status: codec::status(&columns.get::<String>()?)?,
        score: codec::score(columns.get()?, columns.get()?)?,
        is_demo: columns.get()?,
    };
    Ok(Found {
        event,
        state_received_at: instant(columns.get()?)?,
    })
}

/// The events of these numbers that were known at a time, by number.
pub(crate) async fn find_events(
    db: &impl ConnectionTrait,
    ids: &[EventId],
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<Found>> {
    let mut query = select(as_of);
    query
        .push("e.id")
        .is_in(db, ids.iter().map(|id| id.0))
        .push(" ORDER BY e.id");
    complete(db, &query.all(db).await?).await
}

async fn complete(db: &impl ConnectionTrait, rows: &[QueryResult]) -> Result<Vec<Found>> {
    let mut events = rows.iter().map(found).collect::<Result<Vec<_>>>()?;
    let ids: Vec<EventId> = events.iter().map(|found| found.event.id).collect();
    let mut participants = participants(db, &ids).await?;
    for found in &mut events {
        found.event.participants = participants.remove(&found.event.id).unwrap_or_default();
    }
    Ok(events)
}

/// Who takes part in events, in order.
pub(crate) async fn participants(
    db: &impl ConnectionTrait,
    events: &[EventId],
) -> Result<HashMap<EventId, Vec<Participant>>> {
    let mut query = Query::new(
        "SELECT ep.event_id, ep.participant_id, ep.role, p.name FROM event_participants ep \
         JOIN participants p ON p.id = ep.participant_id WHERE ep.event_id",
    );
    query
        .is_in(db, events.iter().map(|id| id.0))
        .push(" ORDER BY ep.event_id, ep.position");
    let mut by_event: HashMap<EventId, Vec<Participant>> = HashMap::with_capacity(events.len());
    for row in query.all(db).await? {
        let mut columns = Columns::of(&row);
        let event = EventId(columns.get()?);
        let participant = Participant {
            id: ParticipantId(columns.get()?),
            role: codec::role(&columns.get::<String>()?)?,
            name: columns.get()?,
        };
        by_event.entry(event).or_default().push(participant);
    }
    Ok(by_event)
}

/// Text to look for anywhere, with the wildcards of `LIKE` taken literally.
fn contains(text: &str) -> String {
    let escaped = text
        .to_lowercase()
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

impl Store {
    /// An event as known at a time; `None` when it was not known then.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn event(&self, id: EventId, as_of: Option<DateTime<Utc>>) -> Result<Option<Event>> {
        Ok(find_events(self.reader(), &[id], as_of)
            .await?
            .pop()
            .map(|found| found.event))
    }

    /// The event that a feed calls by an identifier of its own; none for one that is not known or waits for a review.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn event_of_feed(&self, feed: &str, feed_id: &str) -> Result<Option<EventId>> {
        let mut query = Query::new("SELECT event_id FROM feed_events WHERE feed = ");
        query
            .bind(feed.to_owned())
            .push(" AND feed_id = ")
            .bind(feed_id.to_owned());
        let row = query.one(self.reader()).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(EventId))
    }

    /// Events as known at a time, by start.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn events(
        &self,
        filter: &EventFilter,
        as_of: Option<DateTime<Utc>>,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<Event>> {
        let db = self.reader();
        let mut query = select(as_of);
        query.push("1 = 1");
        if let Some(sport) = &filter.sport {
            query.push(" AND c.sport = ").bind(sport.key());
        }
        if let Some(competition) = filter.competition {
            query.push(" AND e.competition_id = ").bind(competition.0);
        }
        if !filter.statuses.is_empty() {
            query.push(" AND s.status");
            query.is_in_texts(
                db,
                filter.statuses.iter().map(|status| status.code().to_owned()).collect(),
            );
        }
        if let Some(from) = filter.starts_from {
            query.push(" AND s.starts_at >= ").bind(millis(from));
        }
        if let Some(to) = filter.starts_to {
            query.push(" AND s.starts_at < ").bind(millis(to));
        }
        if let Some(is_demo) = filter.is_demo {
            query.push(" AND e.is_demo = ").bind(is_demo);
        }
        if let Some(participant) = filter.participant {
            query.push(
                " AND EXISTS (SELECT 1 FROM event_participants ep WHERE ep.event_id = e.id AND ep.participant_id = ",
            );
            query.bind(participant.0).push(")");
        }
        if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            query
                .push(" AND (LOWER(c.name) LIKE ")
                .bind(contains(text))
                .push(" ESCAPE '\\'");
            query.push(
                " OR EXISTS (SELECT 1 FROM event_participants ep JOIN participants p ON p.id = ep.participant_id \
                 WHERE ep.event_id = e.id AND LOWER(p.name) LIKE ",
            );
            query.bind(contains(text)).push(" ESCAPE '\\'))");
        }
        let (comparison, order) = if filter.descending { ("<", "DESC") } else { (">", "ASC") };
        if let Some(after) = after {
            query.push(&format!(" AND (s.starts_at, e.id) {comparison} ("));
            query.bind_all([after.key.into(), after.id.into()]).push(")");
        }
        query
            .push(&format!(" ORDER BY s.starts_at {order}, e.id {order} LIMIT "))
            .bind(i64::from(limit) + 1);
        let events = complete(db, &query.all(db).await?).await?;
        let events = events.into_iter().map(|found| found.event).collect();
        Ok(Page::cut(events, limit, |event: &Event| Cursor {
            key: millis(event.starts_at),
            id: event.id.0,
        }))
    }

    /// Events that are scheduled or live and whose start has come, by start.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn due_events(&self, now: DateTime<Utc>) -> Result<Vec<Event>> {
        let db = self.reader();
        let mut query = select(None);
        query
            .push("e.status IN ('scheduled', 'live') AND e.starts_at <= ")
            .bind(millis(now));
        query.push(" ORDER BY e.starts_at, e.id");
        Ok(complete(db, &query.all(db).await?)
            .await?
            .into_iter()
            .map(|found| found.event)
            .collect())
    }

    /// Every state recorded of an event up to a time, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn event_states(&self, id: EventId, as_of: Option<DateTime<Utc>>) -> Result<Vec<EventState>> {
        let mut query = Query::new(
            "SELECT starts_at, status, home_score, away_score, is_final_score, received_at, source_at, snapshot_id \
             FROM event_states WHERE event_id = ",
        );
        query
            .bind(id.0)
            .push(" AND received_at <= ")
            .bind(bound(as_of))
            .push(" ORDER BY received_at, id");
        let rows = query.all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(EventState {
                    starts_at: instant(columns.get()?)?,
                    status: codec::status(&columns.get::<String>()?)?,
                    score: codec::score(columns.get()?, columns.get()?)?,
                    is_final_score: columns.get()?,
                    received_at: instant(columns.get()?)?,
                    source_at: instant_or_null(columns.get()?)?,
                    snapshot_id: columns.get::<Option<i64>>()?.map(SnapshotId),
                })
            })
            .collect()
    }

    /// The feeds that covered an event, and when each last did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn event_feeds(&self, id: EventId) -> Result<Vec<(String, DateTime<Utc>)>> {
        let mut query = Query::new("SELECT feed, last_received_at FROM event_feeds WHERE event_id = ");
        let rows = query.bind(id.0).push(" ORDER BY feed").all(self.reader()).await?;
        rows.iter()
            .map(|row| Ok((row.try_get_by_index(0)?, instant(row.try_get_by_index(1)?)?)))
            .collect()
    }

    /// Events that changed since they were last evaluated, longest waiting first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn changed_events(&self, limit: u32) -> Result<Vec<ChangedEvent>> {
        let mut query = Query::new(
            "SELECT id, changes FROM events WHERE changes > evaluated_changes ORDER BY changed_at, id LIMIT ",
        );
        let rows = query.bind(i64::from(limit)).all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                Ok(ChangedEvent {
                    event_id: EventId(row.try_get_by_index(0)?),
                    changes: row.try_get_by_index(1)?,
                })
            })
            .collect()
    }

    /// Notes that events were evaluated as far as they had changed when read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark_evaluated(&self, events: &[ChangedEvent], at: DateTime<Utc>) -> Result<()> {
        mark_evaluated(self.writer(), events, at).await
    }

    /// Every bookmaker, by name.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bookmakers(&self) -> Result<Vec<BookProfile>> {
        let sql = "SELECT id, key, name, kind, commission_bp, clone_group, is_demo FROM bookmakers ORDER BY name, id";
        let rows = Query::new(sql).all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                let (id, key, name) = (BookmakerId(columns.get()?), columns.get()?, columns.get()?);
                let kind = codec::book_kind(&columns.get::<String>()?)?;
                let commission: i64 = columns.get()?;
                let commission_bp =
                    u16::try_from(commission).map_err(|_| StoreError::corrupt("commission_bp", commission))?;
                let (clone_group, is_demo) = (columns.get()?, columns.get()?);
                Ok(BookProfile {
                    id,
                    key,
                    name,
                    kind,
                    commission_bp,
                    clone_group,
                    is_demo,
                })
            })
            .collect()
    }

    /// Changes what is known of how a bookmaker prices; false when there is no such bookmaker.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_bookmaker(
        &self,
        id: BookmakerId,
        kind: BookKind,
        commission_bp: u16,
        clone_group: Option<&str>,
    ) -> Result<bool> {
        let mut query = Query::new("UPDATE bookmakers SET kind = ");
        query
            .bind(kind.code())
            .push(", commission_bp = ")
            .bind(i64::from(commission_bp));
        query
            .push(", clone_group = ")
            .bind(clone_group.map(str::to_owned))
            .push(" WHERE id = ")
            .bind(id.0);
        let tx = self.begin_write().await?;
        let is_known = query.run(&tx).await? > 0;
        if is_known {
            bump_version(&tx, "bookmakers").await?;
        }
        tx.commit().await?;
        Ok(is_known)
    }

    /// Every competition, by sport and name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn competitions(&self) -> Result<Vec<Competition>> {
        let sql = "SELECT id, key, sport, name, is_demo FROM competitions ORDER BY sport, name, id";
        let rows = Query::new(sql).all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(Competition {
                    id: CompetitionId(columns.get()?),
                    key: columns.get()?,
                    sport: Sport::from_key(&columns.get::<String>()?),
                    name: columns.get()?,
                    is_demo: columns.get()?,
                })
            })
            .collect()
    }

    /// The competitions a feed offers, by sport and name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn feed_competitions(&self, feed: &str) -> Result<Vec<FeedCompetition>> {
        let mut query = Query::new(
            "SELECT f.feed, f.feed_key, c.id, c.name, c.sport, f.is_active, f.has_outrights, f.seen_at \
             FROM feed_competitions f JOIN competitions c ON c.id = f.competition_id WHERE f.feed = ",
        );
        let rows = query
            .bind(feed)
            .push(" ORDER BY c.sport, c.name, f.feed_key")
            .all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(FeedCompetition {
                    feed: columns.get()?,
                    feed_key: columns.get()?,
                    competition_id: CompetitionId(columns.get()?),
                    name: columns.get()?,
                    sport: Sport::from_key(&columns.get::<String>()?),
                    is_active: columns.get()?,
                    has_outrights: columns.get()?,
                    seen_at: instant(columns.get()?)?,
                })
            })
            .collect()
    }
}

/// See [`Store::mark_evaluated`].
pub(crate) async fn mark_evaluated(
    db: &impl ConnectionTrait,
    events: &[ChangedEvent],
    at: DateTime<Utc>,
) -> Result<()> {
    const KINDS: &[Kind] = &[Kind::Int, Kind::Int, Kind::Int];
    let mut sorted = events.to_vec();
    sorted.sort_by_key(|changed| changed.event_id);
    let mut rows = Batch::new(KINDS);
    for changed in sorted {
        rows.push([changed.event_id.0.into(), changed.changes.into(), millis(at).into()]);
    }
    rows.run(db, |rows| {
        format!(
            "UPDATE events SET evaluated_changes = v.column2, evaluated_at = v.column3 FROM ({rows}) AS v \
             WHERE events.id = v.column1 AND events.evaluated_changes < v.column2"
        )
    })
    .await?;
    Ok(())
}
