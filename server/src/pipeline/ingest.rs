//! Ingest: an answer's way from bytes to recorded history. It reads top to bottom like the list in docs/ARCHITECTURE.md:
//! archive, parse, resolve, validate, diff, commit; evaluate follows for the events that changed.

use crate::http::live::News;
use crate::pipeline::Pipeline;
use chrono::{DateTime, Utc};
use domain::reading::{ReadEvent, ReadIssue, Reading};
use domain::{
    BookProfile, BookmakerId, CompetitionId, EventId, EventStatus, SnapshotId, Sport, bookmaker::known_profile,
};
use engine::diff::{CurrentEvent, CurrentQuote, CurrentQuotes, Diff, KnownSelection, Selection, diff};
use engine::resolve::{EventChange, EventMatch, KnownEvent, KnownIdentities, Resolution, START_WINDOW, resolve};
use engine::validate::{Validated, ValidationContext, validate};
use feeds::{Endpoint, Feed, Payload, PriceFormat};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{
    Archived, IdentityQuery, IngestTx, NewBookmaker, NewChange, NewCompetition, NewEvent, NewEventState, NewIssue,
    NewQuarantined, NewReview, NewSnapshot, ReviewState, Seen, SnapshotCounts, StoreError,
};

/// The longest text of one finding.
const DETAIL_CHARS: usize = 500;
/// Findings recorded of one answer; the rest are counted in one more.
const MAX_ISSUES: usize = 500;

/// An answer to take in.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Which sort of answer it is.
    pub endpoint: Endpoint,
    /// The feed's key of the competition that was asked for.
    pub competition: Option<&'a str>,
    /// Path and query as asked, without the key; for a file its name.
    pub request: &'a str,
    /// The query that was asked.
    pub query: &'a [(String, String)],
    /// The bytes.
    pub body: &'a [u8],
    /// When they were here.
    pub received_at: DateTime<Utc>,
    /// How prices are written, where known.
    pub price_format: Option<PriceFormat>,
}

/// What became of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ingested {
    /// Where the bytes are archived.
    pub snapshot_id: Option<SnapshotId>,
    /// Events in the answer.
    pub events: usize,
    /// Bookmakers in the answer.
    pub bookmakers: BTreeSet<String>,
    /// Every price in the answer, usable or not.
    pub quotes: usize,
    /// Rows added to the price history.
    pub changes: usize,
    /// Findings.
    pub issues: usize,
    /// Quotes kept out.
    pub quarantined: usize,
    /// Events that wait for a person.
    pub review: usize,
    /// Events whose prices or state changed.
    pub changed_events: Vec<EventId>,
    /// True when nothing at all could be read from it.
    pub is_unreadable: bool,
}

impl<'a> Answer<'a> {
    fn read(&self, feed: &dyn Feed) -> Reading<'a> {
        feed.parse(&Payload {
            endpoint: self.endpoint,
            body: self.body,
            received_at: self.received_at,
            price_format: self.price_format,
            query: self.query,
        })
    }

    fn snapshot(&self, feed: &dyn Feed) -> NewSnapshot {
        NewSnapshot {
            feed: feed.key().to_owned(),
            endpoint: endpoint_code(self.endpoint),
            competition: self.competition.map(str::to_owned),
            request: self.request.to_owned(),
            received_at: self.received_at,
            price_format: self.price_format.map(|format| format_code(format).to_owned()),
        }
    }
}

impl Pipeline {
    /// Takes an answer in. Doing it again with the same answer changes nothing.
    ///
    /// # Errors
    /// When the database does not answer; what was archived stays, nothing else happened.
    pub async fn ingest(&self, feed: &dyn Feed, answer: Answer<'_>) -> Result<Ingested, StoreError> {
        let archived = self.store.archive_snapshot(&answer.snapshot(feed), answer.body).await?;
        let reading = answer.read(feed);
        let tx = self.store.begin_ingest(feed.key()).await?;
        let ingested = self.take(&tx, feed, &reading, archived, answer.received_at).await?;
        tx.commit().await?;
        self.tell_boards(&ingested.changed_events);
        Ok(ingested)
    }

    /// Takes several answers in, oldest first, as one: nobody ever sees what only some of them say.
    ///
    /// # Errors
    /// When the database does not answer; then nothing happened.
    pub async fn ingest_as_one(&self, feed: &dyn Feed, answers: &[Answer<'_>]) -> Result<(), StoreError> {
        let readings: Vec<Reading<'_>> = answers.iter().map(|answer| answer.read(feed)).collect();
        let tx = self.store.begin_ingest(feed.key()).await?;
        let mut changed = BTreeSet::new();
        for (answer, reading) in answers.iter().zip(&readings) {
            let archived = tx.add_snapshot(&answer.snapshot(feed), answer.body).await?;
            let ingested = self.take(&tx, feed, reading, archived, answer.received_at).await?;
            changed.extend(ingested.changed_events);
        }
        tx.commit().await?;
        self.tell_boards(&changed);
        Ok(())
    }

    /// Everything between parse and commit.
    async fn take(
        &self,
        tx: &IngestTx,
        feed: &dyn Feed,
        reading: &Reading<'_>,
        archived: Archived,
        received_at: DateTime<Utc>,
    ) -> Result<Ingested, StoreError> {
        let mut taking = Taking {
            pipeline: self,
            feed,
            tx,
            reading,
            snapshot: archived.id,
            was_taken_in: !archived.is_new
                && self
                    .store
                    .snapshot(archived.id)
                    .await?
                    .is_some_and(|known| known.counts != SnapshotCounts::default()),
            received_at,
        };
        taking.run().await
    }

    fn tell_boards<'e>(&self, changed: impl IntoIterator<Item = &'e EventId>) {
        for event_id in changed {
            self.live.tell(News::Board { event_id: *event_id });
        }
    }
}

fn endpoint_code(endpoint: Endpoint) -> String {
    serde_json::to_value(endpoint)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

const fn format_code(format: PriceFormat) -> &'static str {
    match format {
        PriceFormat::Decimal => "decimal",
        PriceFormat::American => "american",
    }
}

/// One answer on its way through one transaction.
struct Taking<'t> {
    pipeline: &'t Pipeline,
    feed: &'t dyn Feed,
    tx: &'t IngestTx,
    reading: &'t Reading<'t>,
    snapshot: SnapshotId,
    /// True when this very answer was taken in before: its findings are recorded, and its counts stay.
    was_taken_in: bool,
    received_at: DateTime<Utc>,
}

/// Who the events of the answer turned out to be.
struct Identified {
    resolution: Resolution,
    /// By position in the answer; `None` while it waits for review.
    ids: Vec<Option<EventId>>,
    /// Events that are new, or whose start, status or score changed.
    changed: BTreeSet<EventId>,
    /// Events left for a person, as questions.
    reviews: Vec<NewReview>,
}

impl Taking<'_> {
    async fn run(&mut self) -> Result<Ingested, StoreError> {
        let reading = self.reading;
        let competitions = self.competitions().await?;
        let books = self.bookmakers().await?;
        let known = self.known(&competitions).await?;
        let mut identified = self.identify(&known, &competitions).await?;
        let current = self.current(&identified).await?;
        let context = ValidationContext {
            received_at: self.received_at,
            settings: &self.pipeline.validation,
            books: &books,
            current: &current,
        };
        let validated = validate(reading, &identified.resolution, &context);
        let diff = diff(
            reading,
            &identified.resolution,
            &validated,
            &current,
            &books,
            self.received_at,
        );
        let changes = self.write(&identified, &diff).await?;
        let quarantined = self.quarantine(&identified, &validated).await?;
        let issues = self
            .findings(
                &identified,
                [
                    &reading.issues,
                    &identified.resolution.issues,
                    &validated.issues,
                    &diff.issues,
                ],
            )
            .await?;
        self.tx.add_reviews(&identified.reviews).await?;
        identified.changed.extend(
            diff.changes
                .iter()
                .filter_map(|change| identified.ids.get(change.event as usize).copied().flatten()),
        );
        let counts = SnapshotCounts {
            events: count(reading.events.len()),
            quotes: count(reading.prices_seen),
            changes: count(changes),
            issues: count(issues),
        };
        if !self.was_taken_in {
            self.tx.finish_snapshot(self.snapshot, counts).await?;
        }
        Ok(Ingested {
            snapshot_id: Some(self.snapshot),
            events: reading.events.len(),
            bookmakers: reading.bookmakers.iter().map(|book| book.key.to_string()).collect(),
            quotes: reading.prices_seen,
            changes,
            issues,
            quarantined,
            review: identified.reviews.len(),
            changed_events: identified.changed.into_iter().collect(),
            is_unreadable: reading.events.is_empty()
                && reading.competitions.is_empty()
                && reading.issues.iter().any(|issue| {
                    issue.kind == domain::IssueKind::UnreadablePayload || issue.kind == domain::IssueKind::BlockedPage
                }),
        })
    }

    /// Makes sure that the competitions of the answer exist; answers by the feed's key.
    async fn competitions(&self) -> Result<HashMap<String, Competition>, StoreError> {
        let mut wanted: BTreeMap<&str, NewCompetition> = BTreeMap::new();
        let is_demo = self.feed.policy().is_demo;
        for event in &self.reading.events {
            wanted.entry(&event.competition_key).or_insert_with(|| {
                new_competition(
                    &event.competition_key,
                    &event.sport,
                    &event.competition_name,
                    is_demo,
                    true,
                    event.participants.is_empty(),
                )
            });
        }
        for read in &self.reading.competitions {
            let new = new_competition(
                &read.feed_key,
                &read.sport,
                &read.name,
                is_demo,
                read.is_active,
                read.has_outrights,
            );
            wanted.insert(&read.feed_key, new);
        }
        let wanted: Vec<NewCompetition> = wanted.into_values().collect();
        let ids = self.tx.ensure_competitions(&wanted, self.received_at).await?;
        Ok(wanted
            .into_iter()
            .zip(ids)
            .map(|(new, id)| (new.feed_key.clone(), Competition { id }))
            .collect())
    }

    /// Makes sure that the bookmakers of the answer exist; answers by key, with what is known of how they price.
    async fn bookmakers(&self) -> Result<HashMap<String, BookProfile>, StoreError> {
        let is_demo = self.feed.policy().is_demo;
        let wanted: Vec<NewBookmaker> = self
            .reading
            .bookmakers
            .iter()
            .map(|read| {
                let demo = feeds::demo::BOOKS.iter().find(|demo| is_demo && demo.key == read.key);
                NewBookmaker {
                    key: read.key.to_string(),
                    name: read.name.to_string(),
                    profile: demo.map(|demo| (demo.kind, demo.commission_bp)),
                    clone_group: demo.and_then(|demo| demo.clone_group.map(str::to_owned)),
                    is_demo,
                }
            })
            .collect();
        let ids = self.tx.ensure_bookmakers(&wanted).await?;
        let stored: HashMap<BookmakerId, BookProfile> = self
            .pipeline
            .store
            .bookmakers()
            .await?
            .into_iter()
            .map(|book| (book.id, book))
            .collect();
        Ok(wanted
            .into_iter()
            .zip(ids)
            .map(|(new, id)| {
                let profile = stored.get(&id).cloned().unwrap_or_else(|| {
                    let (kind, commission_bp) = new.profile.unwrap_or_else(|| known_profile(&new.key));
                    BookProfile {
                        id,
                        key: new.key.clone(),
                        name: new.name,
                        kind,
                        commission_bp,
                        clone_group: new.clone_group,
                        is_demo,
                    }
                });
                (new.key, profile)
            })
            .collect())
    }

    async fn known(&self, competitions: &HashMap<String, Competition>) -> Result<Known, StoreError> {
        let starts = || self.reading.events.iter().map(|event| event.starts_at);
        let (Some(first), Some(last)) = (starts().min(), starts().max()) else {
            return Ok(Known::default());
        };
        let asked = IdentityQuery {
            competition_keys: competitions.keys().cloned().collect(),
            feed_ids: self
                .reading
                .events
                .iter()
                .map(|event| event.feed_id.to_string())
                .collect(),
            starts_from: first - START_WINDOW,
            starts_to: last + START_WINDOW,
        };
        let stored = self.tx.known_identities(&asked).await?;
        let mut identities = KnownIdentities {
            feed_event_ids: stored.linked,
            competitions: competitions
                .iter()
                .map(|(key, competition)| (key.clone(), competition.id))
                .collect(),
            ..KnownIdentities::default()
        };
        for alias in stored.aliases {
            identities
                .aliases
                .entry(alias.competition_id)
                .or_default()
                .insert(alias.name, alias.participant_id);
        }
        for participant in stored.participants {
            identities
                .participants
                .entry(participant.competition_id)
                .or_default()
                .insert(participant.name, participant.id);
        }
        let mut final_scores = BTreeSet::new();
        for known in stored.events {
            if known.is_final_score {
                final_scores.insert(known.id);
            }
            identities.events.push(KnownEvent {
                id: known.id,
                competition_id: known.competition_id,
                participants: known.participants,
                starts_at: known.starts_at,
                status: known.status,
                score: known.score,
                is_on_this_feed: !known.feed_ids.is_empty(),
                sets_start: known.is_made_here,
            });
        }
        Ok(Known {
            identities,
            final_scores,
            reviews: stored.reviews,
        })
    }

    /// Decides who the events are, and records new events, new links and what changed about known ones.
    async fn identify(
        &self,
        known: &Known,
        competitions: &HashMap<String, Competition>,
    ) -> Result<Identified, StoreError> {
        let resolution = resolve(self.reading, &known.identities);
        let mut identified = Identified {
            ids: vec![None; self.reading.events.len()],
            resolution,
            changed: BTreeSet::new(),
            reviews: Vec::new(),
        };
        let mut changes: HashMap<u32, Vec<EventChange>> = HashMap::new();
        for (position, change) in &identified.resolution.changes {
            changes.entry(*position).or_default().push(*change);
        }
        let mut links = Vec::new();
        for (position, (read, found)) in (0_u32..).zip(self.reading.events.iter().zip(&identified.resolution.events)) {
            let changes = changes.get(&position).map_or(&[][..], Vec::as_slice);
            let id = match found {
                EventMatch::Known { event, is_new_link } => {
                    if *is_new_link {
                        links.push((read.feed_id.to_string(), *event));
                    }
                    if self.record_changes(known, *event, changes).await? {
                        identified.changed.insert(*event);
                    }
                    Some(*event)
                }
                EventMatch::New { participants } => {
                    let Some(competition) = competitions.get(read.competition_key.as_ref()) else {
                        continue;
                    };
                    let id = self.create(read, competition.id, participants, changes).await?;
                    links.push((read.feed_id.to_string(), id));
                    identified.changed.insert(id);
                    Some(id)
                }
                EventMatch::Repeated { first } => identified.ids.get(*first as usize).copied().flatten(),
                EventMatch::Review { .. }
                    if known.reviews.get(read.feed_id.as_ref()) == Some(&ReviewState::Created) =>
                {
                    // A person decided that this is an event of its own.
                    let Some(competition) = competitions.get(read.competition_key.as_ref()) else {
                        continue;
                    };
                    let participants = own_participants(read, known, competition.id);
                    let id = self.create(read, competition.id, &participants, changes).await?;
                    links.push((read.feed_id.to_string(), id));
                    identified.changed.insert(id);
                    Some(id)
                }
                EventMatch::Review { reason, suggestions } => {
                    let is_decided = known
                        .reviews
                        .get(read.feed_id.as_ref())
                        .is_some_and(|state| *state == ReviewState::Dismissed);
                    if !is_decided {
                        identified
                            .reviews
                            .push(self.question(read, competitions, reason, suggestions));
                    }
                    None
                }
            };
            if let Some(slot) = identified.ids.get_mut(position as usize) {
                *slot = id;
            }
        }
        self.tx.link_feed_events(&links, self.received_at).await?;
        Ok(identified)
    }

    fn question(
        &self,
        read: &ReadEvent<'_>,
        competitions: &HashMap<String, Competition>,
        reason: &str,
        suggestions: &[engine::resolve::Suggestion],
    ) -> NewReview {
        let participants: Vec<_> = read
            .participants
            .iter()
            .map(|(role, name)| json!({"role": role, "name": name}))
            .collect();
        NewReview {
            feed_id: read.feed_id.to_string(),
            competition_id: competitions
                .get(read.competition_key.as_ref())
                .map(|competition| competition.id),
            reading: json!({"competition": read.competition_name, "competition_key": read.competition_key, "sport": read.sport,
                            "starts_at": read.starts_at, "participants": participants, "reason": reason}),
            suggestions: json!(suggestions),
            created_at: self.received_at,
        }
    }

    async fn create(
        &self,
        read: &ReadEvent<'_>,
        competition_id: CompetitionId,
        participants: &[engine::resolve::NewParticipant],
        changes: &[EventChange],
    ) -> Result<EventId, StoreError> {
        let names: Vec<(CompetitionId, String)> = participants
            .iter()
            .filter(|new| new.id.is_none())
            .map(|new| (competition_id, new.name.clone()))
            .collect();
        let mut made = self.tx.ensure_participants(&names).await?.into_iter();
        let participants = participants
            .iter()
            .filter_map(|new| Some((new.role, new.id.or_else(|| made.next())?)))
            .collect();
        let has_started = read.starts_at <= self.received_at;
        let assumed = if has_started {
            EventStatus::Live
        } else {
            EventStatus::Scheduled
        };
        let mut state = NewEventState {
            event_id: EventId(0),
            starts_at: read.starts_at,
            status: read.status.unwrap_or(assumed),
            score: None,
            is_final_score: false,
            received_at: self.received_at,
            source_at: None,
            snapshot_id: Some(self.snapshot),
        };
        apply(&mut state, changes);
        self.tx
            .create_event(&NewEvent {
                competition_id,
                participants,
                starts_at: state.starts_at,
                status: state.status,
                score: state.score,
                is_final_score: state.is_final_score,
                is_demo: self.feed.policy().is_demo,
                received_at: self.received_at,
                source_at: None,
                snapshot_id: Some(self.snapshot),
            })
            .await
    }

    async fn record_changes(&self, known: &Known, id: EventId, changes: &[EventChange]) -> Result<bool, StoreError> {
        let event = known.identities.events.iter().find(|event| event.id == id);
        let Some(event) = event.filter(|_| !changes.is_empty()) else {
            return Ok(false);
        };
        let mut state = NewEventState {
            event_id: id,
            starts_at: event.starts_at,
            status: event.status,
            score: event.score,
            is_final_score: known.final_scores.contains(&id),
            received_at: self.received_at,
            source_at: None,
            snapshot_id: Some(self.snapshot),
        };
        apply(&mut state, changes);
        self.tx.record_event_state(&state).await
    }

    /// What is recorded of the events of the answer, for comparing.
    async fn current(&self, identified: &Identified) -> Result<CurrentQuotes, StoreError> {
        let ids: Vec<EventId> = identified
            .ids
            .iter()
            .flatten()
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut current: CurrentQuotes = HashMap::new();
        for (id, at) in self.tx.last_received(&ids).await? {
            current.insert(
                id,
                CurrentEvent {
                    last_received_at: Some(at),
                    ..CurrentEvent::default()
                },
            );
        }
        let mut seen_selections = BTreeSet::new();
        for row in self.tx.current_quotes(&ids).await? {
            let event = current.entry(row.event_id).or_default();
            if seen_selections.insert(row.selection_id) {
                event.selections.push(KnownSelection {
                    id: row.selection_id,
                    market: row.market,
                    outcome: row.outcome,
                });
            }
            event.quotes.push(CurrentQuote {
                selection: row.selection_id,
                bookmaker: row.bookmaker_id,
                side: row.side,
                price: row.price,
                source_at: row.source_at,
                received_at: row.received_at,
                last_seen_at: row.last_seen_at,
                lines: row.lines,
            });
        }
        Ok(current)
    }

    /// Records what changed and notes what was seen again; answers how many rows the history grew by.
    async fn write(&self, identified: &Identified, diff: &Diff) -> Result<usize, StoreError> {
        let event_at = |position: u32| identified.ids.get(position as usize).copied().flatten();
        let wanted: Vec<_> = diff
            .new_selections
            .iter()
            .map(|new| {
                (
                    event_at(new.event).unwrap_or(EventId(0)),
                    new.market.clone(),
                    new.outcome.clone(),
                )
            })
            .collect();
        let selections = self.tx.ensure_selections(&wanted).await?;
        let stored = |selection: Selection| match selection {
            Selection::Known(id) => Some(id),
            Selection::New(at) => selections.get(at as usize).copied(),
        };
        let changes: Vec<NewChange> = diff
            .changes
            .iter()
            .filter_map(|change| {
                let quote = change.quote.and_then(|at| self.reading.quotes.get(at as usize));
                Some(NewChange {
                    event_id: event_at(change.event)?,
                    selection_id: stored(change.selection)?,
                    bookmaker_id: change.bookmaker,
                    side: change.side,
                    price: change.price,
                    price_text: quote.map_or_else(String::new, |quote| quote.price_text.to_string()),
                    source_at: quote.and_then(|quote| quote.source_at),
                    received_at: self.received_at,
                    snapshot_id: self.snapshot,
                    flags: change.flags,
                    previous: change.previous,
                    supersedes: None,
                })
            })
            .collect();
        self.tx.append_changes(&changes).await?;
        let seen: Vec<Seen> = diff
            .seen
            .iter()
            .map(|seen| Seen {
                selection_id: seen.selection,
                bookmaker_id: seen.bookmaker,
                side: seen.side,
                source_at: seen.source_at,
                flags: seen.flags,
            })
            .collect();
        self.tx.refresh_seen(&seen, self.received_at).await?;
        let relined_changes = diff.changes.iter().filter_map(|change| {
            Some((
                stored(change.selection)?,
                change.bookmaker,
                change.side,
                change.relined?,
            ))
        });
        let relined_seen = diff
            .seen
            .iter()
            .filter_map(|seen| Some((seen.selection, seen.bookmaker, seen.side, seen.relined?)));
        let relined: Vec<_> = relined_changes.chain(relined_seen).collect();
        self.tx.note_lines(&relined).await?;
        if !self.reading.scope.markets.is_empty() {
            let refused: BTreeSet<u32> = diff
                .issues
                .iter()
                .filter(|issue| issue.kind == domain::IssueKind::OutOfOrder)
                .filter_map(|issue| issue.event)
                .collect();
            let covered: Vec<EventId> = (0_u32..)
                .zip(&identified.ids)
                .filter(|(at, _)| !refused.contains(at))
                .filter_map(|(_, id)| *id)
                .collect();
            self.tx
                .cover(self.snapshot, &covered, &self.reading.scope, self.received_at)
                .await?;
        }
        Ok(changes.len())
    }

    async fn quarantine(&self, identified: &Identified, validated: &Validated) -> Result<usize, StoreError> {
        let rows: Vec<NewQuarantined> = validated
            .quarantined()
            .filter_map(|(position, reason)| {
                let quote = self.reading.quotes.get(position as usize)?;
                let market = self.reading.markets.get(quote.market as usize)?;
                let bookmaker = self.reading.bookmakers.get(quote.bookmaker as usize)?;
                let line = market.line.map_or_else(String::new, |line| format!(" {line}"));
                Some(NewQuarantined {
                    snapshot_id: self.snapshot,
                    event_id: identified.ids.get(market.event as usize).copied().flatten(),
                    market: format!("{}{line} {}", market.kind.code(), market.period.code()),
                    outcome: quote.outcome.code(),
                    bookmaker: bookmaker.key.to_string(),
                    side: quote.side,
                    price_text: quote.price_text.to_string(),
                    reason,
                    received_at: self.received_at,
                })
            })
            .collect();
        if !self.was_taken_in {
            self.tx.add_quarantined(&rows).await?;
        }
        Ok(rows.len())
    }

    /// Records findings, alike ones of one event as one with a count; answers how many there were.
    async fn findings(&self, identified: &Identified, lists: [&Vec<ReadIssue>; 4]) -> Result<usize, StoreError> {
        let mut total = 0;
        let mut rows: Vec<NewIssue> = Vec::new();
        for issue in lists.into_iter().flatten() {
            total += 1;
            let event_id = issue
                .event
                .and_then(|at| identified.ids.get(at as usize).copied().flatten());
            if rows.len() < MAX_ISSUES {
                rows.push(NewIssue {
                    found_at: self.received_at,
                    snapshot_id: Some(self.snapshot),
                    event_id,
                    bookmaker: issue.bookmaker.clone(),
                    kind: issue.kind,
                    severity: issue.kind.severity(),
                    detail: issue.detail.chars().take(DETAIL_CHARS).collect(),
                    count: 1,
                });
            } else if let Some(last) = rows.last_mut() {
                last.count += 1;
            }
        }
        if !self.was_taken_in {
            self.tx.add_issues(&rows).await?;
        }
        Ok(total)
    }
}

fn apply(state: &mut NewEventState, changes: &[EventChange]) {
    for change in changes {
        match change {
            EventChange::Start { to, .. } => state.starts_at = *to,
            EventChange::Status { to, .. } => state.status = *to,
            EventChange::Score { score, is_final } => {
                state.score = Some(*score);
                state.is_final_score |= *is_final;
            }
        }
    }
}

struct Competition {
    id: CompetitionId,
}

/// What is known that can matter for one answer.
#[derive(Default)]
struct Known {
    identities: KnownIdentities,
    /// Events whose stored score is final.
    final_scores: BTreeSet<EventId>,
    /// Identity questions asked before, by the feed's event id.
    reviews: HashMap<String, ReviewState>,
}

fn new_competition(
    feed_key: &str,
    sport: &Sport,
    name: &str,
    is_demo: bool,
    is_active: bool,
    has_outrights: bool,
) -> NewCompetition {
    let name = if name.is_empty() { feed_key } else { name };
    let slug: Vec<String> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    NewCompetition {
        feed_key: feed_key.to_owned(),
        // Demo competitions never share a key with real ones.
        key: format!(
            "{}{}/{}",
            if is_demo { "demo/" } else { "" },
            sport.key(),
            slug.join("-")
        ),
        sport: sport.clone(),
        name: name.to_owned(),
        is_demo,
        is_active,
        has_outrights,
    }
}

/// The participants of an event that a person called new: those whose very name is known in the competition, else new ones.
fn own_participants(
    read: &ReadEvent<'_>,
    known: &Known,
    competition: CompetitionId,
) -> Vec<engine::resolve::NewParticipant> {
    let named = |(role, name): &(domain::Role, std::borrow::Cow<'_, str>)| engine::resolve::NewParticipant {
        role: *role,
        id: known.identities.participant(competition, name),
        name: name.to_string(),
    };
    read.participants.iter().map(named).collect()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
