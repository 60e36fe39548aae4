//! Taking readings in: what is known is read, and what is new is written, in one transaction.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::{
    BookKind, BookmakerId, CompetitionId, EventId, EventStatus, MarketKey, Outcome, Participant, ParticipantId, Price,
    QuoteChangeId, Role, SelectionId, Side, SnapshotId, Sport,
    board::QuoteFlags,
    event::Score,
    reading::{Lines, Scope},
};
use sea_orm::{DatabaseTransaction, QueryResult};

use crate::{
    Result, ReviewState, Store, StoreError,
    codec::{self, instant, instant_or_null, millis, millis_or_null},
    connection::bump_version,
    sql::{Batch, Columns, Kind, Query, reserve_ids},
};

/// A transaction that takes one feed's readings in. While it lives no other one of the same feed does (on SQLite: no
/// other writer at all), so what it reads stays true until it commits. Dropping it without [`IngestTx::commit`] leaves
/// nothing behind.
#[derive(Debug)]
pub struct IngestTx {
    pub(crate) tx: DatabaseTransaction,
    pub(crate) feed: String,
}

/// What a reading needs to know to recognise its events.
#[derive(Clone, Debug)]
pub struct IdentityQuery {
    /// The feed's keys of the competitions in the reading.
    pub competition_keys: Vec<String>,
    /// The feed's ids of the events in the reading.
    pub feed_ids: Vec<String>,
    /// Other events of these competitions are wanted that start at or after this.
    pub starts_from: DateTime<Utc>,
    /// And at or before this.
    pub starts_to: DateTime<Utc>,
}

/// What is known of the events of some competitions.
#[derive(Clone, Debug, Default)]
pub struct KnownIdentities {
    /// Competitions by this feed's key.
    pub competitions: HashMap<String, CompetitionId>,
    /// Events by this feed's id.
    pub linked: HashMap<String, EventId>,
    /// The linked events, and those of the competitions within the times asked for; by number.
    pub events: Vec<KnownEvent>,
    /// The participants of the competitions.
    pub participants: Vec<KnownParticipant>,
    /// Other names of participants that a person has confirmed for this feed.
    pub aliases: Vec<KnownAlias>,
    /// Events that wait for a person, or waited, by this feed's id.
    pub reviews: HashMap<String, ReviewState>,
}

/// An event as last recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownEvent {
    /// Which event.
    pub id: EventId,
    /// In which competition.
    pub competition_id: CompetitionId,
    /// Who takes part; home first.
    pub participants: Vec<Participant>,
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// Where it is in its life.
    pub status: EventStatus,
    /// The latest score.
    pub score: Option<Score>,
    /// True when that score is the result.
    pub is_final_score: bool,
    /// When this state was received.
    pub state_received_at: DateTime<Utc>,
    /// This feed's ids of it; more than one when the feed changed its mind.
    pub feed_ids: Vec<String>,
    /// True when it came first in an answer of this feed.
    pub is_made_here: bool,
    /// True when the demo feed made it up.
    pub is_demo: bool,
}

/// A participant of a competition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownParticipant {
    /// Which.
    pub id: ParticipantId,
    /// Of which competition.
    pub competition_id: CompetitionId,
    /// Its name.
    pub name: String,
}

/// A confirmed other name of a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAlias {
    /// Of which competition.
    pub competition_id: CompetitionId,
    /// The other name.
    pub name: String,
    /// Whose.
    pub participant_id: ParticipantId,
}

/// A quote of this feed as it stands. Withdrawn ones are there too, without a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentQuote {
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
    /// The bookmaker's key.
    pub bookmaker: String,
    /// Back or lay.
    pub side: Side,
    /// The price; `None` when it was withdrawn.
    pub price: Option<Price>,
    /// The price as it was received.
    pub price_text: String,
    /// When the book says it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When this price was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The history row that set it.
    pub change_id: QuoteChangeId,
    /// Validation findings.
    pub flags: QuoteFlags,
    /// The price before.
    pub previous: Option<Price>,
    /// Among which lines it was last seen.
    pub lines: Lines,
}

/// A competition to make sure of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCompetition {
    /// The feed's own key.
    pub feed_key: String,
    /// The key it has here whatever the feed, as `basketball/nba`.
    pub key: String,
    /// Of which sport.
    pub sport: Sport,
    /// As shown.
    pub name: String,
    /// True when the demo feed made it up.
    pub is_demo: bool,
    /// False when out of season.
    pub is_active: bool,
    /// True when it is a winner market without single events.
    pub has_outrights: bool,
}

/// A bookmaker to make sure of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBookmaker {
    /// Its key.
    pub key: String,
    /// As shown.
    pub name: String,
    /// Kind and commission in hundredths of a percent; `None` means what is known beforehand of the key.
    pub profile: Option<(BookKind, u16)>,
    /// Bookmakers that share one price source.
    pub clone_group: Option<String>,
    /// True when the demo feed made it up.
    pub is_demo: bool,
}

/// An event to create, with its first state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// In which competition.
    pub competition_id: CompetitionId,
    /// Who takes part; home first.
    pub participants: Vec<(Role, ParticipantId)>,
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// Where it is in its life.
    pub status: EventStatus,
    /// The score, when known.
    pub score: Option<Score>,
    /// True when that score is the result.
    pub is_final_score: bool,
    /// True when the demo feed made it up.
    pub is_demo: bool,
    /// When this was received.
    pub received_at: DateTime<Utc>,
    /// When the feed says it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// The answer it came in.
    pub snapshot_id: Option<SnapshotId>,
}

/// The next state of an event: start, status and score as now known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEventState {
    /// Of which event.
    pub event_id: EventId,
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// Where it is in its life.
    pub status: EventStatus,
    /// The score, when known.
    pub score: Option<Score>,
    /// True when that score is the result.
    pub is_final_score: bool,
    /// When this was received.
    pub received_at: DateTime<Utc>,
    /// When the feed says it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// The answer it came in.
    pub snapshot_id: Option<SnapshotId>,
}

/// A row to add to the price history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Of which event.
    pub event_id: EventId,
    /// Of which selection.
    pub selection_id: SelectionId,
    /// Whose.
    pub bookmaker_id: BookmakerId,
    /// Back or lay.
    pub side: Side,
    /// The price; `None` when it was withdrawn.
    pub price: Option<Price>,
    /// The price as it was received; empty when it was withdrawn.
    pub price_text: String,
    /// When the book says it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The answer it came in.
    pub snapshot_id: SnapshotId,
    /// Validation findings.
    pub flags: QuoteFlags,
    /// The price before.
    pub previous: Option<Price>,
    /// For a correction: the row that turned out to be wrong. That row stays, and whoever asks about a time before the
    /// correction still sees it.
    pub supersedes: Option<QuoteChangeId>,
}

/// A quote that came again unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Of which selection.
    pub selection_id: SelectionId,
    /// Whose.
    pub bookmaker_id: BookmakerId,
    /// Back or lay.
    pub side: Side,
    /// When the book says it last updated; `None` leaves what is stored.
    pub source_at: Option<DateTime<Utc>>,
    /// What validation found this time.
    pub flags: QuoteFlags,
}

impl Store {
    /// Begins to take a feed's readings in, waiting for another transaction of the same feed to end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not answer or the wait was too long.
    pub async fn begin_ingest(&self, feed: &str) -> Result<IngestTx> {
        let tx = self.begin_write().await?;
        self.lock_in(&tx, &format!("ingest:{feed}")).await?;
        Ok(IngestTx {
            tx,
            feed: feed.to_owned(),
        })
    }
}

const KNOWN_EVENT: &str = "SELECT e.id, e.competition_id, e.starts_at, e.status, e.home_score, e.away_score, \
                           e.is_final_score, e.state_received_at, e.is_demo FROM events e WHERE ";

fn known_event(row: &QueryResult) -> Result<KnownEvent> {
    let mut columns = Columns::of(row);
    Ok(KnownEvent {
        id: EventId(columns.get()?),
        competition_id: CompetitionId(columns.get()?),
        participants: Vec::new(),
        starts_at: instant(columns.get()?)?,
        status: codec::status(&columns.get::<String>()?)?,
        score: codec::score(columns.get()?, columns.get()?)?,
        is_final_score: columns.get()?,
        state_received_at: instant(columns.get()?)?,
        feed_ids: Vec::new(),
        is_made_here: false,
        is_demo: columns.get()?,
    })
}

impl IngestTx {
    /// The feed whose readings it takes in.
    pub fn feed(&self) -> &str {
        &self.feed
    }

    /// What is known of the events of some competitions, through this feed's eyes.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn known_identities(&self, asked: &IdentityQuery) -> Result<KnownIdentities> {
        let mut known = KnownIdentities::default();
        let mut query = Query::new("SELECT feed_key, competition_id FROM feed_competitions WHERE feed = ");
        query
            .bind(self.feed.as_str())
            .push(" AND feed_key")
            .is_in_texts(&self.tx, asked.competition_keys.clone());
        for row in query.all(&self.tx).await? {
            known
                .competitions
                .insert(row.try_get_by_index(0)?, CompetitionId(row.try_get_by_index(1)?));
        }
        let mut query = Query::new("SELECT feed_id, event_id FROM feed_events WHERE feed = ");
        query
            .bind(self.feed.as_str())
            .push(" AND feed_id")
            .is_in_texts(&self.tx, asked.feed_ids.clone());
        for row in query.all(&self.tx).await? {
            known
                .linked
                .insert(row.try_get_by_index(0)?, EventId(row.try_get_by_index(1)?));
        }
        let mut query = Query::new("SELECT feed_id, state FROM reviews WHERE feed = ");
        query
            .bind(self.feed.as_str())
            .push(" AND feed_id")
            .is_in_texts(&self.tx, asked.feed_ids.clone());
        for row in query.all(&self.tx).await? {
            known.reviews.insert(
                row.try_get_by_index(0)?,
                ReviewState::of(&row.try_get_by_index::<String>(1)?)?,
            );
        }
        let competitions: Vec<i64> = known.competitions.values().map(|id| id.0).collect();
        known.events = self
            .known_events(asked, &competitions, known.linked.values().map(|id| id.0).collect())
            .await?;

        let mut query = Query::new("SELECT id, competition_id, name FROM participants WHERE competition_id");
        query.is_in(&self.tx, competitions.iter().copied());
        for row in query.all(&self.tx).await? {
            known.participants.push(KnownParticipant {
                id: ParticipantId(row.try_get_by_index(0)?),
                competition_id: CompetitionId(row.try_get_by_index(1)?),
                name: row.try_get_by_index(2)?,
            });
        }
        let mut query =
            Query::new("SELECT competition_id, name, participant_id FROM participant_aliases WHERE feed = ");
        query
            .bind(self.feed.as_str())
            .push(" AND competition_id")
            .is_in(&self.tx, competitions);
        for row in query.all(&self.tx).await? {
            known.aliases.push(KnownAlias {
                competition_id: CompetitionId(row.try_get_by_index(0)?),
                name: row.try_get_by_index(1)?,
                participant_id: ParticipantId(row.try_get_by_index(2)?),
            });
        }
        Ok(known)
    }

    async fn known_events(
        &self,
        asked: &IdentityQuery,
        competitions: &[i64],
        linked: Vec<i64>,
    ) -> Result<Vec<KnownEvent>> {
        let mut query = Query::new(KNOWN_EVENT);
        query
            .push("e.competition_id")
            .is_in(&self.tx, competitions.iter().copied());
        query.push(" AND e.starts_at >= ").bind(millis(asked.starts_from));
        query.push(" AND e.starts_at <= ").bind(millis(asked.starts_to));
        let mut rows = query.all(&self.tx).await?;
        rows.extend(
            Query::new(KNOWN_EVENT)
                .push("e.id")
                .is_in(&self.tx, linked)
                .all(&self.tx)
                .await?,
        );
        let mut events = rows.iter().map(known_event).collect::<Result<Vec<_>>>()?;
        events.sort_by_key(|event| event.id);
        events.dedup_by_key(|event| event.id);

        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        let mut participants = crate::events::participants(&self.tx, &ids).await?;
        let mut query = Query::new("SELECT event_id, feed_id FROM feed_events WHERE feed = ");
        query
            .bind(self.feed.as_str())
            .push(" AND event_id")
            .is_in(&self.tx, ids.iter().map(|id| id.0));
        let mut feed_ids: HashMap<i64, Vec<String>> = HashMap::new();
        for row in query.push(" ORDER BY feed_id").all(&self.tx).await? {
            feed_ids
                .entry(row.try_get_by_index(0)?)
                .or_default()
                .push(row.try_get_by_index(1)?);
        }
        let made_here = self.made_here(&ids).await?;
        for event in &mut events {
            event.participants = participants.remove(&event.id).unwrap_or_default();
            event.feed_ids = feed_ids.remove(&event.id.0).unwrap_or_default();
            event.is_made_here = made_here.contains(&event.id);
        }
        Ok(events)
    }

    /// Those of some events whose first state came in an answer of this feed.
    async fn made_here(&self, events: &[EventId]) -> Result<BTreeSet<EventId>> {
        let mut query = Query::new("SELECT e.id FROM events e WHERE e.id");
        query.is_in(&self.tx, events.iter().map(|id| id.0)).push(
            " AND (SELECT s.feed FROM event_states h JOIN snapshots s ON s.id = h.snapshot_id WHERE h.event_id = e.id \
             ORDER BY h.received_at, h.id LIMIT 1) = ",
        );
        let rows = query.bind(self.feed.as_str()).all(&self.tx).await?;
        rows.iter().map(|row| Ok(EventId(row.try_get_by_index(0)?))).collect()
    }

    /// This feed's quotes of some events as they stand, withdrawn ones included.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn current_quotes(&self, events: &[EventId]) -> Result<Vec<CurrentQuote>> {
        let mut query = Query::new(
            "SELECT q.event_id, q.selection_id, s.kind, s.period, s.line, s.participant, s.outcome, q.bookmaker_id, \
             b.key, q.side, q.price, q.price_text, q.source_at, q.received_at, q.last_seen_at, q.change_id, q.flags, \
             q.previous_price, q.lines \
             FROM quotes q JOIN selections s ON s.id = q.selection_id JOIN bookmakers b ON b.id = q.bookmaker_id \
             WHERE q.event_id",
        );
        query
            .is_in(&self.tx, events.iter().map(|id| id.0))
            .push(" AND q.feed = ")
            .bind(self.feed.as_str());
        let rows = query.all(&self.tx).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(CurrentQuote {
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
                    bookmaker: columns.get()?,
                    side: codec::side(&columns.get::<String>()?)?,
                    price: codec::price(columns.get()?)?,
                    price_text: columns.get()?,
                    source_at: instant_or_null(columns.get()?)?,
                    received_at: instant(columns.get()?)?,
                    last_seen_at: instant(columns.get()?)?,
                    change_id: QuoteChangeId(columns.get()?),
                    flags: QuoteFlags(codec::int32("flags", columns.get()?)?),
                    previous: codec::price(columns.get()?)?,
                    lines: codec::lines(&columns.get::<String>()?)?,
                })
            })
            .collect()
    }

    /// Makes sure that competitions exist and notes how this feed calls them. Answers in the order asked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ensure_competitions(
        &self,
        wanted: &[NewCompetition],
        at: DateTime<Utc>,
    ) -> Result<Vec<CompetitionId>> {
        const KINDS: &[Kind] = &[Kind::Text, Kind::Text, Kind::Text, Kind::Flag, Kind::Int];
        const LINKS: &[Kind] = &[Kind::Text, Kind::Text, Kind::Int, Kind::Flag, Kind::Flag, Kind::Int];
        let mut sorted: Vec<&NewCompetition> = wanted.iter().collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        let mut rows = Batch::new(KINDS);
        for competition in sorted {
            rows.push([
                competition.sport.key().into(),
                competition.key.as_str().into(),
                competition.name.as_str().into(),
                competition.is_demo.into(),
                millis(at).into(),
            ]);
        }
        let insert = |rows: &str| {
            format!(
                "INSERT INTO competitions (sport, key, name, is_demo, created_at) {rows} ON CONFLICT (key) DO NOTHING"
            )
        };
        rows.run(&self.tx, insert).await?;
        let mut query = Query::new("SELECT key, id FROM competitions WHERE key");
        query.is_in_texts(
            &self.tx,
            wanted.iter().map(|competition| competition.key.clone()).collect(),
        );
        let found = by_text(&query.all(&self.tx).await?)?;
        let ids = wanted
            .iter()
            .map(|wanted| in_map(&found, &wanted.key).map(CompetitionId))
            .collect::<Result<Vec<_>>>()?;

        let mut links: HashMap<&str, (&NewCompetition, CompetitionId)> = HashMap::new();
        for (competition, id) in wanted.iter().zip(&ids) {
            links.insert(&competition.feed_key, (competition, *id));
        }
        let mut rows = Batch::new(LINKS);
        for (feed_key, (competition, id)) in links {
            rows.push([
                self.feed.as_str().into(),
                feed_key.into(),
                id.0.into(),
                competition.is_active.into(),
                competition.has_outrights.into(),
                millis(at).into(),
            ]);
        }
        rows.run(&self.tx, |rows| {
            format!(
                "INSERT INTO feed_competitions (feed, feed_key, competition_id, is_active, has_outrights, seen_at) {rows} \
                 ON CONFLICT (feed, feed_key) DO UPDATE SET is_active = excluded.is_active, \
                 has_outrights = excluded.has_outrights, seen_at = excluded.seen_at \
                 WHERE feed_competitions.seen_at <= excluded.seen_at"
            )
        })
        .await?;
        Ok(ids)
    }

    /// Makes sure that bookmakers exist; what is stored of known ones is left alone. Answers in the order asked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ensure_bookmakers(&self, wanted: &[NewBookmaker]) -> Result<Vec<BookmakerId>> {
        const KINDS: &[Kind] = &[
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::Int,
            Kind::TextOrNull,
            Kind::Flag,
        ];
        let keys: Vec<String> = wanted.iter().map(|bookmaker| bookmaker.key.clone()).collect();
        let mut found = self.bookmakers_by_key(keys.clone()).await?;
        let mut missing: Vec<&NewBookmaker> = wanted
            .iter()
            .filter(|wanted| !found.contains_key(&wanted.key))
            .collect();
        if !missing.is_empty() {
            missing.sort_by(|a, b| a.key.cmp(&b.key));
            let mut rows = Batch::new(KINDS);
            for bookmaker in missing {
                let (kind, commission_bp) = bookmaker
                    .profile
                    .unwrap_or_else(|| domain::bookmaker::known_profile(&bookmaker.key));
                rows.push([
                    bookmaker.key.as_str().into(),
                    bookmaker.name.as_str().into(),
                    kind.code().into(),
                    i64::from(commission_bp).into(),
                    bookmaker.clone_group.clone().into(),
                    bookmaker.is_demo.into(),
                ]);
            }
            rows.run(&self.tx, |rows| {
                format!(
                    "INSERT INTO bookmakers (key, name, kind, commission_bp, clone_group, is_demo) {rows} \
                     ON CONFLICT (key) DO NOTHING"
                )
            })
            .await?;
            found = self.bookmakers_by_key(keys).await?;
        }
        wanted
            .iter()
            .map(|wanted| in_map(&found, &wanted.key).map(BookmakerId))
            .collect()
    }

    async fn bookmakers_by_key(&self, keys: Vec<String>) -> Result<HashMap<String, i64>> {
        let mut query = Query::new("SELECT key, id FROM bookmakers WHERE key");
        by_text(&query.is_in_texts(&self.tx, keys).all(&self.tx).await?)
    }

    /// Makes sure that competitions have participants of these names. Answers in the order asked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ensure_participants(&self, wanted: &[(CompetitionId, String)]) -> Result<Vec<ParticipantId>> {
        const KINDS: &[Kind] = &[Kind::Int, Kind::Text];
        let competitions: BTreeSet<i64> = wanted.iter().map(|(competition, _)| competition.0).collect();
        let mut found = self.participants_of(&competitions).await?;
        let missing: BTreeSet<(i64, &str)> = wanted
            .iter()
            .filter(|(competition, name)| !found.contains_key(&(competition.0, name.clone())))
            .map(|(competition, name)| (competition.0, name.as_str()))
            .collect();
        if !missing.is_empty() {
            let mut rows = Batch::new(KINDS);
            for (competition, name) in missing {
                rows.push([competition.into(), name.into()]);
            }
            rows.run(&self.tx, |rows| {
                format!(
                    "INSERT INTO participants (competition_id, name) {rows} ON CONFLICT (competition_id, name) DO NOTHING"
                )
            })
            .await?;
            found = self.participants_of(&competitions).await?;
        }
        wanted
            .iter()
            .map(|(competition, name)| {
                let id = found.get(&(competition.0, name.clone())).copied();
                id.map(ParticipantId)
                    .ok_or_else(|| StoreError::corrupt("a participant's name", name))
            })
            .collect()
    }

    async fn participants_of(&self, competitions: &BTreeSet<i64>) -> Result<HashMap<(i64, String), i64>> {
        let mut query = Query::new("SELECT competition_id, name, id FROM participants WHERE competition_id");
        let rows = query
            .is_in(&self.tx, competitions.iter().copied())
            .all(&self.tx)
            .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
                    row.try_get_by_index(2)?,
                ))
            })
            .collect()
    }

    /// Creates an event and records its first state.
    ///
    /// # Errors
    /// When the database does not answer, or competition or participants are not there.
    pub async fn create_event(&self, new: &NewEvent) -> Result<EventId> {
        const KINDS: &[Kind] = &[Kind::Int, Kind::Int, Kind::Text, Kind::Int];
        let received_at = millis(new.received_at);
        let mut query = Query::new(
            "INSERT INTO events (competition_id, starts_at, status, home_score, away_score, is_final_score, is_demo, \
             state_received_at, created_at, changed_at) VALUES (",
        );
        query.bind_all([
            new.competition_id.0.into(),
            millis(new.starts_at).into(),
            new.status.code().into(),
            new.score.map(|score| i64::from(score.home)).into(),
            new.score.map(|score| i64::from(score.away)).into(),
            new.is_final_score.into(),
            new.is_demo.into(),
            received_at.into(),
            received_at.into(),
            received_at.into(),
        ]);
        let row = query.push(") RETURNING id").one(&self.tx).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt("an inserted event has no number".to_owned()))?;
        let id = EventId(row.try_get_by_index(0)?);
        let mut rows = Batch::new(KINDS);
        for (position, (role, participant)) in (0_i64..).zip(&new.participants) {
            rows.push([id.0.into(), position.into(), role.code().into(), participant.0.into()]);
        }
        rows.run(&self.tx, |rows| {
            format!("INSERT INTO event_participants (event_id, position, role, participant_id) {rows}")
        })
        .await?;
        self.insert_state(&NewEventState {
            event_id: id,
            starts_at: new.starts_at,
            status: new.status,
            score: new.score,
            is_final_score: new.is_final_score,
            received_at: new.received_at,
            source_at: new.source_at,
            snapshot_id: new.snapshot_id,
        })
        .await?;
        Ok(id)
    }

    async fn insert_state(&self, state: &NewEventState) -> Result<()> {
        let mut query = Query::new(
            "INSERT INTO event_states (event_id, starts_at, status, home_score, away_score, is_final_score, received_at, \
             source_at, snapshot_id) VALUES (",
        );
        query.bind_all([
            state.event_id.0.into(),
            millis(state.starts_at).into(),
            state.status.code().into(),
            state.score.map(|score| i64::from(score.home)).into(),
            state.score.map(|score| i64::from(score.away)).into(),
            state.is_final_score.into(),
            millis(state.received_at).into(),
            millis_or_null(state.source_at).into(),
            state.snapshot_id.map(|id| id.0).into(),
        ]);
        query.push(")").run(&self.tx).await?;
        Ok(())
    }

    /// Records an event's next state. False, and nothing is written, when a later one is recorded already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_event_state(&self, state: &NewEventState) -> Result<bool> {
        let received_at = millis(state.received_at);
        // The fold comes first: its row lock puts the states of one event in order, whichever feed they come from.
        let mut query = Query::new("UPDATE events SET starts_at = ");
        query
            .bind(millis(state.starts_at))
            .push(", status = ")
            .bind(state.status.code());
        query
            .push(", home_score = ")
            .bind(state.score.map(|score| i64::from(score.home)));
        query
            .push(", away_score = ")
            .bind(state.score.map(|score| i64::from(score.away)));
        query.push(", is_final_score = ").bind(state.is_final_score);
        query.push(", state_received_at = ").bind(received_at);
        query
            .push(", changes = changes + 1, changed_at = CASE WHEN changed_at > ")
            .bind(received_at);
        query
            .push(" THEN changed_at ELSE ")
            .bind(received_at)
            .push(" END WHERE id = ")
            .bind(state.event_id.0);
        query.push(" AND state_received_at <= ").bind(received_at);
        if query.run(&self.tx).await? == 0 {
            return Ok(false);
        }
        self.insert_state(state).await?;
        Ok(true)
    }

    /// Notes this feed's ids of events. An id that is known already keeps its event.
    ///
    /// # Errors
    /// When the database does not answer or an event is not there.
    pub async fn link_feed_events(&self, links: &[(String, EventId)], at: DateTime<Utc>) -> Result<()> {
        const KINDS: &[Kind] = &[Kind::Text, Kind::Text, Kind::Int, Kind::Int];
        let mut rows = Batch::new(KINDS);
        for (feed_id, event) in links {
            rows.push([
                self.feed.as_str().into(),
                feed_id.as_str().into(),
                event.0.into(),
                millis(at).into(),
            ]);
        }
        rows.run(&self.tx, |rows| {
            format!(
                "INSERT INTO feed_events (feed, feed_id, event_id, first_seen_at) {rows} \
                 ON CONFLICT (feed, feed_id) DO NOTHING"
            )
        })
        .await?;
        Ok(())
    }

    /// Makes sure that events have these selections. Answers in the order asked.
    ///
    /// # Errors
    /// When the database does not answer or an event is not there.
    pub async fn ensure_selections(&self, wanted: &[(EventId, MarketKey, Outcome)]) -> Result<Vec<SelectionId>> {
        const KINDS: &[Kind] = &[
            Kind::Int,
            Kind::Text,
            Kind::Text,
            Kind::IntOrNull,
            Kind::Text,
            Kind::Text,
        ];
        let keys: Vec<SelectionKey> = wanted.iter().map(SelectionKey::of).collect();
        let events: BTreeSet<i64> = keys.iter().map(|key| key.event).collect();
        let mut found = self.selections_of(&events).await?;
        let missing: BTreeSet<&SelectionKey> = keys.iter().filter(|key| !found.contains_key(key)).collect();
        if !missing.is_empty() {
            let mut rows = Batch::new(KINDS);
            for key in missing {
                rows.push([
                    key.event.into(),
                    key.kind.as_str().into(),
                    key.period.as_str().into(),
                    key.line.into(),
                    key.participant.as_str().into(),
                    key.outcome.as_str().into(),
                ]);
            }
            rows.run(&self.tx, |rows| {
                format!(
                    "INSERT INTO selections (event_id, kind, period, line, participant, outcome) {rows} \
                     ON CONFLICT (event_id, kind, period, COALESCE(line, -9000000000), participant, outcome) DO NOTHING"
                )
            })
            .await?;
            found = self.selections_of(&events).await?;
        }
        keys.iter()
            .map(|key| {
                let id = found.get(key).copied();
                id.map(SelectionId)
                    .ok_or_else(|| StoreError::corrupt("a selection of event", key.event))
            })
            .collect()
    }

    async fn selections_of(&self, events: &BTreeSet<i64>) -> Result<HashMap<SelectionKey, i64>> {
        let mut query =
            Query::new("SELECT event_id, kind, period, line, participant, outcome, id FROM selections WHERE event_id");
        let rows = query.is_in(&self.tx, events.iter().copied()).all(&self.tx).await?;
        let mut found = HashMap::with_capacity(rows.len());
        for row in &rows {
            let mut columns = Columns::of(row);
            let key = SelectionKey {
                event: columns.get()?,
                kind: columns.get()?,
                period: columns.get()?,
                line: columns.get()?,
                participant: columns.get()?,
                outcome: columns.get()?,
            };
            found.insert(key, columns.get()?);
        }
        Ok(found)
    }

    /// Adds rows to the price history and folds them into the current quotes. Answers with their numbers, in order.
    ///
    /// # Errors
    /// [`StoreError::OutOfOrder`] when a row was received before what is recorded of the same quote (the transaction must
    /// then be dropped), [`StoreError::Conflict`] when a correction names a row that is not there.
    pub async fn append_changes(&self, changes: &[NewChange]) -> Result<Vec<QuoteChangeId>> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let ids = reserve_ids(&self.tx, "quote_changes", changes.len()).await?;
        let corrected = self.corrected(changes).await?;
        let (mut history, mut current) = (Batch::new(HISTORY), Batch::new(CURRENT));
        // By quote, the place in `changes` of its last row that counts: a statement may fold a quote only once.
        let mut latest: HashMap<QuoteKey, usize> = HashMap::with_capacity(changes.len());
        for (place, (id, change)) in ids.iter().zip(changes).enumerate() {
            let root = change.supersedes.and_then(|wrong| corrected.get(&wrong.0));
            if change.supersedes.is_some() && root.is_none() {
                return Err(StoreError::Conflict {
                    constraint: Some("quote_changes_supersedes".to_owned()),
                });
            }
            let key = QuoteKey::of(change);
            let counts = root.is_none_or(|root| root.is_latest && !latest.contains_key(&key));
            history.push([
                (*id).into(),
                change.event_id.0.into(),
                change.selection_id.0.into(),
                change.bookmaker_id.0.into(),
                change.side.code().into(),
                self.feed.as_str().into(),
                change.price.map(Price::micros).into(),
                change.price_text.as_str().into(),
                change.previous.map(Price::micros).into(),
                millis_or_null(change.source_at).into(),
                millis(change.received_at).into(),
                change.snapshot_id.0.into(),
                i64::from(change.flags.0).into(),
                root.map(|root| root.id).into(),
                counts.into(),
            ]);
            if counts
                && let Some(earlier) = latest.insert(key, place)
                && changes[earlier].received_at > change.received_at
            {
                return Err(StoreError::OutOfOrder("a price"));
            }
        }
        history
            .run(&self.tx, |rows| {
                format!(
                    "INSERT INTO quote_changes (id, event_id, selection_id, bookmaker_id, side, feed, price, price_text, \
                     previous_price, source_at, received_at, snapshot_id, flags, supersedes, is_folded) {rows}"
                )
            })
            .await?;
        let mut folded: Vec<usize> = latest.into_values().collect();
        folded.sort_unstable();
        let expected = folded.len() as u64;
        let mut events: BTreeSet<i64> = BTreeSet::new();
        for place in folded {
            let change = &changes[place];
            events.insert(change.event_id.0);
            current.push([
                change.selection_id.0.into(),
                change.bookmaker_id.0.into(),
                change.side.code().into(),
                self.feed.as_str().into(),
                change.event_id.0.into(),
                change.price.map(Price::micros).into(),
                change.price_text.as_str().into(),
                change.previous.map(Price::micros).into(),
                millis_or_null(change.source_at).into(),
                millis(change.received_at).into(),
                ids[place].into(),
                change.snapshot_id.0.into(),
                i64::from(change.flags.0).into(),
            ]);
        }
        let touched = current
            .run(&self.tx, |rows| {
                format!(
                    "INSERT INTO quotes (selection_id, bookmaker_id, side, feed, event_id, price, price_text, \
                     previous_price, source_at, received_at, change_id, snapshot_id, flags, last_seen_at) \
                     SELECT v.*, v.column10 FROM ({rows}) AS v WHERE true \
                     ON CONFLICT (selection_id, bookmaker_id, side, feed) DO UPDATE SET price = excluded.price, \
                     price_text = excluded.price_text, previous_price = excluded.previous_price, \
                     source_at = excluded.source_at, received_at = excluded.received_at, \
                     change_id = excluded.change_id, snapshot_id = excluded.snapshot_id, flags = excluded.flags, \
                     last_seen_at = excluded.last_seen_at WHERE quotes.received_at <= excluded.received_at"
                )
            })
            .await?;
        if touched != expected {
            return Err(StoreError::OutOfOrder("a price"));
        }
        let latest_at = changes
            .iter()
            .map(|change| millis(change.received_at))
            .max()
            .unwrap_or_default();
        self.touch_events(&events, latest_at).await?;
        Ok(ids.into_iter().map(QuoteChangeId).collect())
    }

    /// The rows that corrections name, or rather the first row of each chain of corrections, by the number named.
    async fn corrected(&self, changes: &[NewChange]) -> Result<HashMap<i64, Corrected>> {
        let named: BTreeSet<i64> = changes
            .iter()
            .filter_map(|change| change.supersedes)
            .map(|id| id.0)
            .collect();
        if named.is_empty() {
            return Ok(HashMap::new());
        }
        // The current row of the quote is the corrected one, or a correction of the same row.
        let mut query = Query::new(
            "SELECT c.id, COALESCE(c.supersedes, c.id), q.change_id, COALESCE(n.supersedes, n.id) \
             FROM quote_changes c JOIN quotes q ON q.selection_id = c.selection_id AND q.bookmaker_id = c.bookmaker_id \
             AND q.side = c.side AND q.feed = c.feed JOIN quote_changes n ON n.id = q.change_id WHERE c.id",
        );
        let rows = query.is_in(&self.tx, named).all(&self.tx).await?;
        let mut corrected = HashMap::new();
        for row in &rows {
            let mut columns = Columns::of(row);
            let (named, root): (i64, i64) = (columns.get()?, columns.get()?);
            let (_, current_root): (i64, i64) = (columns.get()?, columns.get()?);
            corrected.insert(
                named,
                Corrected {
                    id: root,
                    is_latest: root == current_root,
                },
            );
        }
        Ok(corrected)
    }

    async fn touch_events(&self, events: &BTreeSet<i64>, at: i64) -> Result<()> {
        let mut query = Query::new("UPDATE events SET changes = changes + 1, changed_at = CASE WHEN changed_at > ");
        query
            .bind(at)
            .push(" THEN changed_at ELSE ")
            .bind(at)
            .push(" END WHERE id");
        query.is_in(&self.tx, events.iter().copied()).run(&self.tx).await?;
        Ok(())
    }

    /// Notes that quotes came again unchanged, when, and what was found about them this time. The history keeps what was
    /// found when the price changed. The very same answer again changes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refresh_seen(&self, seen: &[Seen], at: DateTime<Utc>) -> Result<()> {
        const KINDS: &[Kind] = &[
            Kind::Int,
            Kind::Int,
            Kind::Text,
            Kind::Text,
            Kind::IntOrNull,
            Kind::Int,
            Kind::Int,
        ];
        let mut rows = Batch::new(KINDS);
        for quote in seen {
            rows.push([
                quote.selection_id.0.into(),
                quote.bookmaker_id.0.into(),
                quote.side.code().into(),
                self.feed.as_str().into(),
                millis_or_null(quote.source_at).into(),
                millis(at).into(),
                i64::from(quote.flags.0).into(),
            ]);
        }
        rows.run(&self.tx, |rows| {
            format!(
                "UPDATE quotes SET last_seen_at = v.column6, source_at = COALESCE(v.column5, quotes.source_at), \
                 flags = CASE WHEN quotes.last_seen_at < v.column6 THEN v.column7 ELSE quotes.flags END \
                 FROM ({rows}) AS v WHERE quotes.selection_id = v.column1 AND quotes.bookmaker_id = v.column2 \
                 AND quotes.side = v.column3 AND quotes.feed = v.column4 AND quotes.last_seen_at <= v.column6"
            )
        })
        .await?;
        Ok(())
    }

    /// Notes among which lines quotes are seen now, where that is news.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_lines(&self, quotes: &[(SelectionId, BookmakerId, Side, Lines)]) -> Result<()> {
        const KINDS: &[Kind] = &[Kind::Int, Kind::Int, Kind::Text, Kind::Text, Kind::Text];
        let mut rows = Batch::new(KINDS);
        for (selection, bookmaker, side, lines) in quotes {
            rows.push([
                selection.0.into(),
                bookmaker.0.into(),
                side.code().into(),
                self.feed.as_str().into(),
                lines.code().into(),
            ]);
        }
        rows.run(&self.tx, |rows| {
            format!(
                "UPDATE quotes SET lines = v.column5 FROM ({rows}) AS v WHERE quotes.selection_id = v.column1 \
                 AND quotes.bookmaker_id = v.column2 AND quotes.side = v.column3 AND quotes.feed = v.column4"
            )
        })
        .await?;
        Ok(())
    }

    /// When this feed's latest recorded answer that covered each event was received. Events never covered are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_received(&self, events: &[EventId]) -> Result<HashMap<EventId, DateTime<Utc>>> {
        let mut query = Query::new("SELECT event_id, last_received_at FROM event_feeds WHERE feed = ");
        query
            .bind(self.feed.as_str())
            .push(" AND event_id")
            .is_in(&self.tx, events.iter().map(|id| id.0));
        let rows = query.all(&self.tx).await?;
        rows.iter()
            .map(|row| Ok((EventId(row.try_get_by_index(0)?), instant(row.try_get_by_index(1)?)?)))
            .collect()
    }

    /// Notes that an answer covered events, and what its silence about a quote means. Because withdrawals are recorded, a
    /// quote that stands was in every answer that covered it: so the latest such answer tells when it was last seen. Where
    /// answers are about some lines only, those to the question that brought its price count.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cover(
        &self,
        snapshot: SnapshotId,
        events: &[EventId],
        scope: &Scope,
        received_at: DateTime<Utc>,
    ) -> Result<()> {
        const COVERAGE: &[Kind] = &[Kind::Int, Kind::Text, Kind::Int, Kind::Int, Kind::Int];
        const FEEDS: &[Kind] = &[Kind::Int, Kind::Text, Kind::Int];
        let scope_id = self.ensure_scope(&crate::boards::scope_text(scope)).await?;
        let mut query = Query::new("UPDATE snapshots SET scope_id = ");
        query
            .bind(scope_id)
            .push(" WHERE id = ")
            .bind(snapshot.0)
            .run(&self.tx)
            .await?;
        let events: BTreeSet<i64> = events.iter().map(|id| id.0).collect();
        let (mut coverage, mut feeds) = (Batch::new(COVERAGE), Batch::new(FEEDS));
        for event in events {
            let at = millis(received_at);
            coverage.push([
                event.into(),
                self.feed.as_str().into(),
                scope_id.into(),
                at.into(),
                snapshot.0.into(),
            ]);
            feeds.push([event.into(), self.feed.as_str().into(), at.into()]);
        }
        coverage
            .run(&self.tx, |rows| {
                format!(
                    "INSERT INTO coverage (event_id, feed, scope_id, received_at, snapshot_id) {rows} \
                     ON CONFLICT (event_id, feed, scope_id, received_at) DO NOTHING"
                )
            })
            .await?;
        feeds
            .run(&self.tx, |rows| {
                format!(
                    "INSERT INTO event_feeds (event_id, feed, last_received_at) SELECT v.* FROM ({rows}) AS v WHERE true \
                     ON CONFLICT (event_id, feed) DO UPDATE SET last_received_at = excluded.last_received_at \
                     WHERE event_feeds.last_received_at < excluded.last_received_at"
                )
            })
            .await?;
        Ok(())
    }

    async fn ensure_scope(&self, body: &str) -> Result<i64> {
        for _ in 0..2 {
            let mut query = Query::new("SELECT id FROM scopes WHERE body = ");
            if let Some(row) = query.bind(body).one(&self.tx).await? {
                return Ok(row.try_get_by_index(0)?);
            }
            let mut query = Query::new("INSERT INTO scopes (body) VALUES (");
            query
                .bind(body)
                .push(") ON CONFLICT (body) DO NOTHING")
                .run(&self.tx)
                .await?;
        }
        Err(StoreError::Corrupt(
            "a scope that was just inserted is not there".to_owned(),
        ))
    }

    /// Makes everything written so far true at once, and durable.
    ///
    /// # Errors
    /// When the database does not answer. It is then not known whether the commit happened; doing all of it again is safe.
    pub async fn commit(self) -> Result<()> {
        bump_version(&self.tx, &self.feed).await?;
        Ok(self.tx.commit().await?)
    }
}

const HISTORY: &[Kind] = &[
    Kind::Int,
    Kind::Int,
    Kind::Int,
    Kind::Int,
    Kind::Text,
    Kind::Text,
    Kind::IntOrNull,
    Kind::Text,
    Kind::IntOrNull,
    Kind::IntOrNull,
    Kind::Int,
    Kind::Int,
    Kind::Int,
    Kind::IntOrNull,
    Kind::Flag,
];

const CURRENT: &[Kind] = &[
    Kind::Int,
    Kind::Int,
    Kind::Text,
    Kind::Text,
    Kind::Int,
    Kind::IntOrNull,
    Kind::Text,
    Kind::IntOrNull,
    Kind::IntOrNull,
    Kind::Int,
    Kind::Int,
    Kind::Int,
    Kind::Int,
];

/// What a correction is about.
struct Corrected {
    /// The row that was wrong first.
    id: i64,
    /// True when nothing newer stands in its place: then the correction is what counts from now on.
    is_latest: bool,
}

#[derive(PartialEq, Eq, Hash)]
struct QuoteKey(i64, i64, Side);

impl QuoteKey {
    const fn of(change: &NewChange) -> Self {
        Self(change.selection_id.0, change.bookmaker_id.0, change.side)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct SelectionKey {
    event: i64,
    kind: String,
    period: String,
    line: Option<i64>,
    participant: String,
    outcome: String,
}

impl SelectionKey {
    fn of((event, market, outcome): &(EventId, MarketKey, Outcome)) -> Self {
        Self {
            event: event.0,
            kind: market.kind.code(),
            period: market.period.code().to_owned(),
            line: market.line.map(|line| i64::from(line.hundredths())),
            participant: market.participant.clone().unwrap_or_default(),
            outcome: outcome.code(),
        }
    }
}

fn by_text(rows: &[QueryResult]) -> Result<HashMap<String, i64>> {
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

fn in_map(found: &HashMap<String, i64>, key: &str) -> Result<i64> {
    found.get(key).copied().ok_or_else(|| StoreError::corrupt("a key", key))
}
