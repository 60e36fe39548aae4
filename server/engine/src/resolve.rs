//! Who is it: joins the events of an answer to the events that are known, or leaves the question to a person.
//!
//! In order: the feed's own identifier; then both participants by confirmed names, in the same competition, with the
//! start within hours. What is neither certainly known nor certainly new waits for review, and nothing of it is used.

use crate::names::Name;
use chrono::{DateTime, TimeDelta, Utc};
use domain::event::Score;
use domain::reading::{ReadEvent, ReadIssue, Reading};
use domain::{CompetitionId, EventId, EventStatus, IssueKind, Participant, ParticipantId, Role};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Two feeds may print one event's start this far apart. Hours, not days: teams meet again the day after.
pub const START_WINDOW: TimeDelta = TimeDelta::hours(6);
/// The same pair at the same feed, further apart than this: two games of one day.
pub const DOUBLEHEADER_GAP: TimeDelta = TimeDelta::minutes(90);
/// Two starts this close are the same start.
pub const SAME_START: TimeDelta = TimeDelta::minutes(15);
/// Names at least this alike are worth asking about.
const ALIKE: f64 = 0.6;
/// Names at least this alike are asked about even when the other side differs.
const NEARLY_SAME: f64 = 0.95;
/// A person chooses among this many.
const MAX_SUGGESTIONS: usize = 5;

/// What is known of identities, as far as one answer of one feed can need it.
#[derive(Clone, Debug, Default)]
pub struct KnownIdentities {
    /// The events behind the identifiers of the answer, as far as they are known.
    pub feed_event_ids: HashMap<String, EventId>,
    /// This feed's competition keys.
    pub competitions: HashMap<String, CompetitionId>,
    /// Names that a person confirmed for this feed.
    pub aliases: HashMap<CompetitionId, HashMap<String, ParticipantId>>,
    /// The participants' own names.
    pub participants: HashMap<CompetitionId, HashMap<String, ParticipantId>>,
    /// The events behind `feed_event_ids`, and all others of these competitions that start within [`START_WINDOW`] of an event
    /// of the answer.
    pub events: Vec<KnownEvent>,
}

/// A known event, as last recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownEvent {
    /// Which event.
    pub id: EventId,
    /// In which competition.
    pub competition_id: CompetitionId,
    /// Who takes part.
    pub participants: Vec<Participant>,
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// Where it is in its life.
    pub status: EventStatus,
    /// The latest score.
    pub score: Option<Score>,
    /// True when this feed has an identifier for it, in this answer or not.
    pub is_on_this_feed: bool,
    /// True when this feed's word on the start counts: it made the event. Otherwise two feeds that print the start some
    /// minutes apart would move it to and fro.
    pub sets_start: bool,
}

impl KnownEvent {
    fn participant(&self, role: Role) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.role == role)
    }

    fn sides(&self) -> Option<(&Participant, &Participant)> {
        self.participant(Role::Home).zip(self.participant(Role::Away))
    }
}

impl KnownIdentities {
    /// The participant of an exact name in a competition: a confirmed alias of this feed, or else the participant's own name.
    pub fn participant(&self, competition: CompetitionId, name: &str) -> Option<ParticipantId> {
        let in_names = |names: &HashMap<CompetitionId, HashMap<String, ParticipantId>>| {
            names.get(&competition)?.get(name).copied()
        };
        in_names(&self.aliases).or_else(|| in_names(&self.participants))
    }
}

/// What an answer's event is.
#[derive(Clone, Debug, PartialEq)]
pub enum EventMatch {
    /// A known event.
    Known {
        /// Which.
        event: EventId,
        /// True when the feed's identifier is new for it and is to be remembered.
        is_new_link: bool,
    },
    /// An event nobody knew.
    New {
        /// Who takes part, in the order of the answer.
        participants: Vec<NewParticipant>,
    },
    /// The same event as one that stands earlier in the answer.
    Repeated {
        /// The position of that one.
        first: u32,
    },
    /// A person decides; until then its quotes and scores belong to nothing.
    Review {
        /// What is uncertain, for a person.
        reason: String,
        /// What it may be, the likeliest first. Never applied without a person.
        suggestions: Vec<Suggestion>,
    },
}

/// A participant of a new event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewParticipant {
    /// The part it plays.
    pub role: Role,
    /// Who it is, when the name is known in the competition; otherwise a new participant.
    pub id: Option<ParticipantId>,
    /// As the feed writes it.
    pub name: String,
}

/// A known event that an uncertain one may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Which event.
    pub event: EventId,
    /// How alike: 0 to 1. An order among suggestions, not a probability.
    pub score: f64,
    /// What speaks for and against it, in words.
    pub reasons: Vec<String>,
}

/// What changed about an event besides its prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventChange {
    /// The start moved.
    Start {
        /// As it was known.
        from: DateTime<Utc>,
        /// As the feed says now.
        to: DateTime<Utc>,
    },
    /// The status changed.
    Status {
        /// As it was known.
        from: EventStatus,
        /// As it is now.
        to: EventStatus,
    },
    /// A new or corrected score.
    Score {
        /// The score.
        score: Score,
        /// True when the event is finished.
        is_final: bool,
    },
}

/// Who the events of an answer are, and what of them changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolution {
    /// One match per event of the answer, in its order.
    pub events: Vec<EventMatch>,
    /// Changes by the event's position in the answer; never at a repeated one.
    pub changes: Vec<(u32, EventChange)>,
    /// What is uncertain or cannot be.
    pub issues: Vec<ReadIssue>,
}

impl Resolution {
    /// The position that stands for the event at `position`: its own, or the first of a repeated one. `None` when the event
    /// waits for review, or there is none.
    pub fn canonical(&self, position: u32) -> Option<u32> {
        match self.events.get(position as usize)? {
            EventMatch::Known { .. } | EventMatch::New { .. } => Some(position),
            EventMatch::Repeated { first } => Some(*first),
            EventMatch::Review { .. } => None,
        }
    }

    /// The known event at a position; `None` for a new or uncertain one.
    pub fn event_id(&self, position: u32) -> Option<EventId> {
        match self.events.get(self.canonical(position)? as usize)? {
            EventMatch::Known { event, .. } => Some(*event),
            _ => None,
        }
    }
}

/// Joins the events of an answer to the events that are known.
pub fn resolve(reading: &Reading<'_>, known: &KnownIdentities) -> Resolution {
    let mut resolver = Resolver::new(reading, known);
    for (position, read) in (0_u32..).zip(&reading.events) {
        let found = resolver.find(position, read);
        resolver.record(position, read, found);
    }
    resolver.compare_states();
    resolver.compare_scores();
    resolver.resolution
}

/// The home and the away name of an event that has exactly these two.
fn sides<'r>(read: &'r ReadEvent<'_>) -> Option<(&'r str, &'r str)> {
    match read.participants.as_slice() {
        [(Role::Home, home), (Role::Away, away)] | [(Role::Away, away), (Role::Home, home)] => Some((home, away)),
        _ => None,
    }
}

fn gap(one: DateTime<Utc>, other: DateTime<Utc>) -> TimeDelta {
    (one - other).abs()
}

/// How one name of the answer compares with one known participant.
#[derive(Clone, Copy, PartialEq)]
enum Likeness {
    /// The same, by a confirmed name.
    Same,
    /// A confirmed name of somebody else, or an unknown name, this alike.
    Alike(f64),
}

impl Likeness {
    const fn score(self) -> f64 {
        match self {
            Self::Same => 1.0,
            Self::Alike(score) => score,
        }
    }
}

/// An answer's event beside a known one, in one order of the sides.
#[derive(Clone, Copy)]
struct Pairing {
    home: Likeness,
    away: Likeness,
}

impl Pairing {
    fn is_certain(self) -> bool {
        self.home == Likeness::Same && self.away == Likeness::Same
    }

    fn score(self) -> f64 {
        f64::midpoint(self.home.score(), self.away.score())
    }

    fn is_suspicious(self, gap: TimeDelta) -> bool {
        let (low, high) = (
            self.home.score().min(self.away.score()),
            self.home.score().max(self.away.score()),
        );
        low >= ALIKE || (high >= NEARLY_SAME && gap <= DOUBLEHEADER_GAP)
    }
}

struct Resolver<'r, 'a> {
    reading: &'r Reading<'a>,
    known: &'r KnownIdentities,
    by_id: HashMap<EventId, &'r KnownEvent>,
    by_competition: HashMap<CompetitionId, Vec<&'r KnownEvent>>,
    /// Events whose identifier is in this very answer.
    in_this_answer: HashSet<EventId>,
    /// Positions by competition and sides, as written.
    pairs: HashMap<(&'r str, &'r str, &'r str), Vec<u32>>,
    seen_feed_ids: HashMap<&'r str, u32>,
    claimed: HashMap<EventId, u32>,
    resolution: Resolution,
}

impl<'r, 'a> Resolver<'r, 'a> {
    fn new(reading: &'r Reading<'a>, known: &'r KnownIdentities) -> Self {
        let mut by_competition: HashMap<_, Vec<_>> = HashMap::new();
        for event in &known.events {
            by_competition.entry(event.competition_id).or_default().push(event);
        }
        let mut pairs: HashMap<_, Vec<u32>> = HashMap::new();
        for (position, read) in (0..).zip(&reading.events) {
            if let Some((home, away)) = sides(read) {
                pairs
                    .entry((read.competition_key.as_ref(), home, away))
                    .or_default()
                    .push(position);
            }
        }
        let known_id = |read: &ReadEvent<'_>| known.feed_event_ids.get(read.feed_id.as_ref()).copied();
        Self {
            reading,
            known,
            by_id: known.events.iter().map(|event| (event.id, event)).collect(),
            by_competition,
            in_this_answer: reading.events.iter().filter_map(known_id).collect(),
            pairs,
            seen_feed_ids: HashMap::new(),
            claimed: HashMap::new(),
            resolution: Resolution::default(),
        }
    }

    fn find(&mut self, position: u32, read: &'r ReadEvent<'a>) -> EventMatch {
        if let Some(first) = self.seen_feed_ids.get(read.feed_id.as_ref()).copied() {
            return match self.reading.events.get(first as usize) {
                Some(earlier) if sides(earlier) == sides(read) => EventMatch::Repeated { first },
                _ => review("the answer has two events under one identifier", Vec::new()),
            };
        }
        self.seen_feed_ids.insert(&read.feed_id, position);
        match self.known.feed_event_ids.get(read.feed_id.as_ref()) {
            Some(event) => self.check_known(*event, read),
            None => self.find_by_participants(position, read),
        }
    }

    /// The feed's own identifier decides, unless its participants are certainly others: an identifier used again, or sides
    /// swapped, would put every price on the wrong side.
    fn check_known(&self, event: EventId, read: &ReadEvent<'_>) -> EventMatch {
        let known_sides = self.by_id.get(&event).and_then(|known| known.sides());
        let competition = self.known.competitions.get(read.competition_key.as_ref());
        if let (Some((home, away)), Some((read_home, read_away)), Some(competition)) =
            (known_sides, sides(read), competition)
        {
            let now_home = self.known.participant(*competition, read_home);
            let now_away = self.known.participant(*competition, read_away);
            let is_other = |now: Option<ParticipantId>, known: &Participant| now.is_some_and(|now| now != known.id);
            if is_other(now_home, home) || is_other(now_away, away) {
                let is_swapped = now_home == Some(away.id) && now_away == Some(home.id);
                let reason = if is_swapped {
                    "the feed swapped home and away of an event it already had"
                } else {
                    "the feed gave other participants to an event it already had"
                };
                let reasons = vec!["the feed's own identifier".to_owned()];
                return review(
                    reason,
                    vec![Suggestion {
                        event,
                        score: 0.5,
                        reasons,
                    }],
                );
            }
        }
        EventMatch::Known {
            event,
            is_new_link: false,
        }
    }

    fn find_by_participants(&self, position: u32, read: &ReadEvent<'_>) -> EventMatch {
        let competition = self.known.competitions.get(read.competition_key.as_ref()).copied();
        let known = competition
            .and_then(|id| self.by_competition.get(&id))
            .map_or(&[][..], Vec::as_slice);
        let Some((home, away)) = sides(read) else {
            return self.find_without_sides(competition, known, read);
        };
        let twins = self
            .pairs
            .get(&(read.competition_key.as_ref(), home, away))
            .map_or(&[][..], Vec::as_slice);
        let twins = || {
            let starts = |twin: u32| {
                self.reading
                    .events
                    .get(twin as usize)
                    .filter(|other| other.feed_id != read.feed_id)
            };
            twins
                .iter()
                .filter_map(move |twin| Some((*twin, starts(*twin)?.starts_at)))
        };
        if twins().any(|(twin, starts_at)| twin < position && gap(starts_at, read.starts_at) <= DOUBLEHEADER_GAP) {
            return review(
                "the answer has the same pair twice at nearly the same start",
                Vec::new(),
            );
        }
        let Some(competition) = competition else {
            return self.new_event(None, read);
        };
        let (names, ids) = (
            (Name::of(home), Name::of(away)),
            (
                self.known.participant(competition, home),
                self.known.participant(competition, away),
            ),
        );
        let mut fits: Vec<&KnownEvent> = Vec::new();
        let mut suggestions = Vec::new();
        let mut reason = "an event at nearly the same start is alike";
        for event in known
            .iter()
            .filter(|event| gap(event.starts_at, read.starts_at) <= START_WINDOW)
        {
            let Some((known_home, known_away)) = event.sides() else {
                continue;
            };
            let gap = gap(event.starts_at, read.starts_at);
            let straight = Pairing {
                home: likeness(&names.0, ids.0, known_home),
                away: likeness(&names.1, ids.1, known_away),
            };
            let swapped = Pairing {
                home: likeness(&names.0, ids.0, known_away),
                away: likeness(&names.1, ids.1, known_home),
            };
            let is_here = event.is_on_this_feed;
            if straight.is_certain() {
                // The same feed tells the two games of one day apart by itself.
                if !(is_here && gap > DOUBLEHEADER_GAP) {
                    fits.push(event);
                    suggestions.push(suggestion(event, straight, false, gap));
                }
            } else if swapped.is_certain() {
                reason = "home and away are swapped";
                suggestions.push(suggestion(event, swapped, true, gap));
            } else if is_here && ids.0.is_some() && ids.1.is_some() {
                // Both names are known, the feed has this event under another identifier: it tells them apart.
            } else if straight.is_suspicious(gap) || swapped.is_suspicious(gap) {
                let is_swapped = swapped.score() > straight.score();
                suggestions.push(suggestion(
                    event,
                    if is_swapped { swapped } else { straight },
                    is_swapped,
                    gap,
                ));
            }
        }
        match fits.as_slice() {
            [] if suggestions.is_empty() => self.new_event(Some(competition), read),
            [] => review(reason, suggestions),
            [event] => {
                let has_twin = twins().any(|(_, starts_at)| gap(starts_at, event.starts_at) <= START_WINDOW);
                match self.doubt(event, read, has_twin) {
                    None => EventMatch::Known {
                        event: event.id,
                        is_new_link: true,
                    },
                    Some(doubt) => review(doubt, suggestions),
                }
            }
            _ => review("the same pair plays more than once at about this time", suggestions),
        }
    }

    /// Why the only event with these participants at about this time may still not be the one.
    fn doubt(&self, event: &KnownEvent, read: &ReadEvent<'_>, has_twin: bool) -> Option<&'static str> {
        let gap = gap(event.starts_at, read.starts_at);
        if self.claimed.contains_key(&event.id) || self.in_this_answer.contains(&event.id) {
            Some("the answer has this event under another identifier as well")
        } else if event.is_on_this_feed {
            // Identifiers change when an event goes live; the start then stays where it was.
            (gap > SAME_START).then_some("the feed has this event under another identifier and another start")
        } else if has_twin {
            Some("the answer has the same pair more than once at about this time")
        } else {
            (event.status.is_over() && gap > SAME_START).then_some("the event with these participants is already over")
        }
    }

    /// An outright, or an event whose sides are not told: only the feed's own identifier is certain.
    fn find_without_sides(
        &self,
        competition: Option<CompetitionId>,
        known: &[&KnownEvent],
        read: &ReadEvent<'_>,
    ) -> EventMatch {
        let is_alike = |event: &&&KnownEvent| event.sides().is_none() && !event.is_on_this_feed;
        let suggestions: Vec<_> = known
            .iter()
            .filter(is_alike)
            .map(|event| Suggestion {
                event: event.id,
                score: 0.5,
                reasons: vec!["an event without sides in the same competition".to_owned()],
            })
            .collect();
        if suggestions.is_empty() {
            self.new_event(competition, read)
        } else {
            review(
                "an event without sides can't be told from another by its participants",
                suggestions,
            )
        }
    }

    fn new_event(&self, competition: Option<CompetitionId>, read: &ReadEvent<'_>) -> EventMatch {
        let participant = |(role, name): &(Role, Cow<'_, str>)| NewParticipant {
            role: *role,
            id: competition.and_then(|competition| self.known.participant(competition, name)),
            name: name.as_ref().to_owned(),
        };
        EventMatch::New {
            participants: read.participants.iter().map(participant).collect(),
        }
    }

    fn record(&mut self, position: u32, read: &ReadEvent<'_>, mut found: EventMatch) {
        if let EventMatch::Known { event, .. } = found {
            let first = *self.claimed.entry(event).or_insert(position);
            if first != position {
                found = EventMatch::Repeated { first };
            }
        }
        // The first may itself wait for review; then so does whatever repeats it.
        if let EventMatch::Repeated { first } = found
            && let Some(EventMatch::Review { .. }) = self.resolution.events.get(first as usize)
        {
            found = review("it repeats an event that waits for review", Vec::new());
        }
        match &found {
            EventMatch::Repeated { .. } => {
                self.issue(
                    IssueKind::DuplicateEvent,
                    position,
                    format!("{} came twice", read.feed_id),
                );
            }
            EventMatch::Review { reason, .. } => {
                let names: Vec<&str> = read.participants.iter().map(|(_, name)| name.as_ref()).collect();
                let detail = format!("{} ({}), {}: {reason}", names.join(" / "), read.feed_id, read.starts_at);
                self.issue(IssueKind::UncertainIdentity, position, detail);
            }
            EventMatch::Known { .. } | EventMatch::New { .. } => {}
        }
        self.resolution.events.push(found);
    }

    fn issue(&mut self, kind: IssueKind, event: u32, detail: String) {
        self.resolution.issues.push(ReadIssue {
            kind,
            event: Some(event),
            bookmaker: None,
            detail,
        });
    }

    /// The known state behind a position that stands for itself.
    fn known_at(&self, position: u32) -> Option<&'r KnownEvent> {
        match self.resolution.events.get(position as usize)? {
            EventMatch::Known { event, .. } => self.by_id.get(event).copied(),
            _ => None,
        }
    }

    fn compare_states(&mut self) {
        let reading = self.reading;
        let scored: HashSet<u32> = reading
            .scores
            .iter()
            .filter(|row| row.score.is_some())
            .map(|row| row.event)
            .collect();
        for (position, read) in (0_u32..).zip(&reading.events) {
            let Some(event) = self.known_at(position) else { continue };
            let from = event.status;
            let has_moved = event.sets_start && event.starts_at != read.starts_at;
            if has_moved {
                let (from, to) = (event.starts_at, read.starts_at);
                self.resolution
                    .changes
                    .push((position, EventChange::Start { from, to }));
                self.issue(IssueKind::StartMoved, position, format!("{from} -> {to}"));
            }
            // A postponed event with a new date is on again.
            let rescheduled = (has_moved && from == EventStatus::Postponed).then_some(EventStatus::Scheduled);
            let Some(to) = read.status.or(rescheduled).filter(|to| *to != from) else {
                continue;
            };
            if !from.may_become(to) {
                let detail = format!("{} can't become {}", from.code(), to.code());
                self.issue(IssueKind::ImpossibleStatus, position, detail);
            } else if to == EventStatus::Final && event.score.is_none() && !scored.contains(&position) {
                self.issue(
                    IssueKind::UnusableScore,
                    position,
                    "called final without a score".to_owned(),
                );
            } else {
                self.resolution
                    .changes
                    .push((position, EventChange::Status { from, to }));
            }
        }
    }

    fn compare_scores(&mut self) {
        let reading = self.reading;
        for row in &reading.scores {
            let Some(position) = self.resolution.canonical(row.event) else {
                continue;
            };
            let known = self.known_at(position);
            let is_known_final = known.is_some_and(|event| event.status == EventStatus::Final);
            let Some(score) = row.score else {
                if row.is_final && !is_known_final {
                    self.issue(
                        IssueKind::UnusableScore,
                        position,
                        "finished, but without a score".to_owned(),
                    );
                }
                continue;
            };
            if is_known_final && !row.is_final {
                let detail = "a score in play for an event that is final".to_owned();
                self.issue(IssueKind::ImpossibleStatus, position, detail);
                continue;
            }
            let said = |change: &(u32, EventChange)| match change {
                (at, EventChange::Status { to, .. }) if *at == position => Some(*to),
                _ => None,
            };
            let from = known.map_or(EventStatus::Scheduled, |event| event.status);
            let said = self.resolution.changes.iter().find_map(said);
            if row.is_final && said != Some(EventStatus::Final) && from != EventStatus::Final {
                if !from.may_become(EventStatus::Final) {
                    let detail = format!("a final score for an event that is {}", from.code());
                    self.issue(IssueKind::ImpossibleStatus, position, detail);
                    continue;
                }
                self.resolution
                    .changes
                    .retain(|change| !matches!(change, (at, EventChange::Status { .. }) if *at == position));
                self.resolution.changes.push((
                    position,
                    EventChange::Status {
                        from,
                        to: EventStatus::Final,
                    },
                ));
            }
            let is_news = known.and_then(|event| event.score) != Some(score) || (row.is_final && !is_known_final);
            let change = (
                position,
                EventChange::Score {
                    score,
                    is_final: row.is_final,
                },
            );
            if is_news && !self.resolution.changes.contains(&change) {
                self.resolution.changes.push(change);
            }
        }
    }
}

fn likeness(name: &Name, id: Option<ParticipantId>, known: &Participant) -> Likeness {
    if id == Some(known.id) {
        Likeness::Same
    } else {
        Likeness::Alike(name.similarity(&Name::of(&known.name)))
    }
}

fn suggestion(event: &KnownEvent, pairing: Pairing, is_swapped: bool, gap: TimeDelta) -> Suggestion {
    let side = |role: &str, likeness: Likeness| match likeness {
        Likeness::Same => format!("{role}: a confirmed name"),
        Likeness::Alike(score) => format!("{role}: names {:.0} % alike", score * 100.0),
    };
    let mut reasons = vec![
        side("home", pairing.home),
        side("away", pairing.away),
        format!("starts {} min apart", gap.num_minutes()),
    ];
    if is_swapped {
        reasons.push("home and away are swapped".to_owned());
    }
    // Nearer starts first; never more than a tenth, so that names weigh more.
    let distance = gap.num_seconds() as f64 / START_WINDOW.num_seconds() as f64;
    Suggestion {
        event: event.id,
        score: (pairing.score() - 0.1 * distance).clamp(0.0, 1.0),
        reasons,
    }
}

fn review(reason: &str, mut suggestions: Vec<Suggestion>) -> EventMatch {
    suggestions.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.event.cmp(&other.event)));
    suggestions.truncate(MAX_SUGGESTIONS);
    EventMatch::Review {
        reason: reason.to_owned(),
        suggestions,
    }
}

#[cfg(test)]
mod tests;
