//! Who is looking, and how they like to read.

use chrono::{DateTime, Utc};
use domain::{OddsFormat, UserId};
use serde::{Deserialize, Serialize};

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Viewer {
    /// Which account.
    pub id: UserId,
    /// How they sign in.
    pub email: String,
    /// What they may do.
    pub role: UserRole,
    /// How they like to read.
    pub prefs: Prefs,
    /// Their time zone's offsets around now.
    pub zone: Zone,
    /// The server's time when this was answered.
    pub now: DateTime<Utc>,
    /// True while any event on show was made up by the demo feed.
    pub shows_demo: bool,
    /// The version of the code, as `0.1.0`.
    pub version: String,
}

impl Viewer {
    /// Nobody, who reads decimal prices in UTC.
    pub fn nobody() -> Self {
        Self {
            id: UserId(0),
            email: String::new(),
            role: UserRole::Viewer,
            prefs: Prefs::default(),
            zone: Zone::default(),
            now: DateTime::UNIX_EPOCH,
            shows_demo: false,
            version: String::new(),
        }
    }
}

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Everything, inviting people and holding feed keys included.
    Owner,
    /// Reads everything and keeps settings of their own.
    Member,
    /// Reads.
    Viewer,
}

impl UserRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Member, Self::Viewer];

    /// The stored and form value.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }

    /// The role of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Preferences of reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefs {
    /// How prices are written.
    pub odds_format: OddsFormat,
    /// An IANA name such as `Europe/Vienna`.
    pub time_zone: String,
    /// Light or dark.
    pub theme: Theme,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device says.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The stored and form value.
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// A time zone as a few offsets: enough to write any instant near now, without a time zone database in the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// In order of time; the first holds for everything before the second. Empty means UTC. From about two years back to
    /// one year ahead is plenty.
    pub offsets: Vec<ZoneOffset>,
}

/// From when on a zone is how far ahead of UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneOffset {
    /// The first instant it holds for.
    pub from: DateTime<Utc>,
    /// Minutes ahead of UTC; behind is negative.
    pub offset_minutes: i32,
    /// As `CET`.
    pub abbreviation: String,
}
