//! Events: scheduled contests, who takes part, and their life cycle.

use crate::{CompetitionId, EventId, ParticipantId, Sport};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Where an event is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// Not started.
    Scheduled,
    /// Started, not finished.
    Live,
    /// Finished, with a result.
    Final,
    /// Will be played at another time, perhaps not yet known.
    Postponed,
    /// Will not be played.
    Cancelled,
}

impl EventStatus {
    /// Every status, in the order of a life.
    pub const ALL: [Self; 5] = [
        Self::Scheduled,
        Self::Live,
        Self::Final,
        Self::Postponed,
        Self::Cancelled,
    ];

    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Live => "live",
            Self::Final => "final",
            Self::Postponed => "postponed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// True when nothing more is to come: final or cancelled.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Final | Self::Cancelled)
    }

    /// True when a life may go from `self` to `next`. A correction (final back to live) and a postponed event that is
    /// rescheduled are allowed; a cancelled event comes back only as scheduled.
    pub const fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Scheduled | Self::Live | Self::Postponed, _)
            | (Self::Final, Self::Final | Self::Live)
            | (Self::Cancelled, Self::Cancelled | Self::Scheduled) => true,
            (Self::Final | Self::Cancelled, _) => false,
        }
    }
}

/// The part a participant plays in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Hosts, or is listed first at a neutral venue.
    Home,
    /// Visits.
    Away,
    /// One of many, as in a tournament winner market.
    Entrant,
}

impl Role {
    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Away => "away",
            Self::Entrant => "entrant",
        }
    }

    /// The role of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Home, Self::Away, Self::Entrant]
            .into_iter()
            .find(|role| role.code() == code)
    }
}

/// A team or player in an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Which participant; the same team keeps its number through a competition.
    pub id: ParticipantId,
    /// The part it plays.
    pub role: Role,
    /// As shown.
    pub name: String,
}

/// The score of an event, home and away points as the sport counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Points, goals or sets of the home side.
    pub home: i32,
    /// Points, goals or sets of the away side.
    pub away: i32,
}

/// One scheduled contest, as known at some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Which event.
    pub id: EventId,
    /// Of which sport.
    pub sport: Sport,
    /// In which competition.
    pub competition_id: CompetitionId,
    /// The competition's name, as shown.
    pub competition: String,
    /// Who takes part; home first.
    pub participants: Vec<Participant>,
    /// The scheduled start.
    pub starts_at: DateTime<Utc>,
    /// Where it is in its life.
    pub status: EventStatus,
    /// The latest score, when one is known.
    pub score: Option<Score>,
    /// True when the demo feed made it up.
    pub is_demo: bool,
}

impl Event {
    /// The participant in a role, if there is one.
    pub fn participant(&self, role: Role) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.role == role)
    }

    /// `Away @ Home`, or the entrants' competition for an event without sides.
    pub fn name(&self) -> String {
        match (self.participant(Role::Home), self.participant(Role::Away)) {
            (Some(home), Some(away)) => format!("{} @ {}", away.name, home.name),
            _ => self.competition.clone(),
        }
    }

    /// True from the start until it is over: prices are then in-play prices whatever the feed calls them.
    pub fn is_in_play(&self, at: DateTime<Utc>) -> bool {
        !self.status.is_over()
            && self.status != EventStatus::Postponed
            && (self.status == EventStatus::Live || self.starts_at <= at)
    }
}
