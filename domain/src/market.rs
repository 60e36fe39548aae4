//! What can be bet on: market kinds, periods, outcomes, and the keys made of them.

use crate::Line;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of a market: what its outcomes are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MarketKind {
    /// Who wins, two ways: a draw is not an outcome.
    Moneyline,
    /// Home, draw or away.
    ThreeWay,
    /// Who wins after a handicap.
    Spread,
    /// Points of both sides over or under a line.
    Total,
    /// Points of one side over or under a line; the market's participant says whose.
    TeamTotal,
    /// Who wins; a draw returns the stake.
    DrawNoBet,
    /// Two of home, draw, away together.
    DoubleChance,
    /// Whether both sides score.
    BothTeamsToScore,
    /// Which entrant wins the competition.
    Outright,
    /// A statistic of one participant, named as in `player_points`.
    Prop(String),
    /// A market that no rule here understands: kept and shown, never combined with another.
    Other(String),
}

impl MarketKind {
    const NAMED: [(&'static str, Self); 9] = [
        ("moneyline", Self::Moneyline),
        ("three_way", Self::ThreeWay),
        ("spread", Self::Spread),
        ("total", Self::Total),
        ("team_total", Self::TeamTotal),
        ("draw_no_bet", Self::DrawNoBet),
        ("double_chance", Self::DoubleChance),
        ("both_teams_to_score", Self::BothTeamsToScore),
        ("outright", Self::Outright),
    ];

    /// The stored and JSON form: `spread`, `prop:player_points`, `other:first_scorer`.
    pub fn code(&self) -> String {
        match self {
            Self::Prop(name) => format!("prop:{name}"),
            Self::Other(name) => format!("other:{name}"),
            named => Self::NAMED
                .iter()
                .find(|(_, kind)| kind == named)
                .map_or("", |(code, _)| code)
                .to_owned(),
        }
    }

    /// The kind of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        if let Some(name) = code.strip_prefix("prop:") {
            return Some(Self::Prop(name.to_owned()));
        }
        if let Some(name) = code.strip_prefix("other:") {
            return Some(Self::Other(name.to_owned()));
        }
        Self::NAMED
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, kind)| kind.clone())
    }

    /// As a person reads it.
    pub fn name(&self) -> String {
        match self {
            Self::Moneyline => "Moneyline".to_owned(),
            Self::ThreeWay => "Three-way".to_owned(),
            Self::Spread => "Spread".to_owned(),
            Self::Total => "Total".to_owned(),
            Self::TeamTotal => "Team total".to_owned(),
            Self::DrawNoBet => "Draw no bet".to_owned(),
            Self::DoubleChance => "Double chance".to_owned(),
            Self::BothTeamsToScore => "Both teams to score".to_owned(),
            Self::Outright => "Outright".to_owned(),
            Self::Prop(name) | Self::Other(name) => name.replace('_', " "),
        }
    }

    /// True when the market needs a line to mean anything.
    pub const fn has_line(&self) -> bool {
        matches!(self, Self::Spread | Self::Total | Self::TeamTotal)
    }

    /// The outcomes that together cover every result, when the kind fixes them. `None` where they are data (outright) or
    /// overlap (double chance), or where one side may be missing (props, unknown markets).
    pub const fn outcomes(&self) -> Option<&'static [Outcome]> {
        match self {
            Self::Moneyline | Self::Spread | Self::DrawNoBet => Some(&[Outcome::Home, Outcome::Away]),
            Self::ThreeWay => Some(&[Outcome::Home, Outcome::Draw, Outcome::Away]),
            Self::Total | Self::TeamTotal => Some(&[Outcome::Over, Outcome::Under]),
            Self::BothTeamsToScore => Some(&[Outcome::Yes, Outcome::No]),
            Self::DoubleChance | Self::Outright | Self::Prop(_) | Self::Other(_) => None,
        }
    }
}

impl TryFrom<String> for MarketKind {
    type Error = UnknownCode;
    fn try_from(code: String) -> Result<Self, UnknownCode> {
        Self::from_code(&code).ok_or(UnknownCode)
    }
}

impl From<MarketKind> for String {
    fn from(kind: MarketKind) -> Self {
        kind.code()
    }
}

/// A stored code that names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown code")]
pub struct UnknownCode;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $text:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored and JSON form.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// As a person reads it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value of a stored code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(crate) use codes;

codes! {
    /// The part of an event that a market is settled on.
    #[expect(clippy::enum_variant_names, reason = "ice hockey calls its parts periods")]
    Period {
        /// The whole event as the sport counts it: with overtime in American sports, 90 minutes in football.
        FullTime = "full_time", "Full time";
        /// Without overtime, in sports that have it in [`Period::FullTime`].
        Regulation = "regulation", "Regulation";
        /// First half.
        FirstHalf = "first_half", "First half";
        /// Second half, overtime included in American sports.
        SecondHalf = "second_half", "Second half";
        /// First quarter.
        FirstQuarter = "first_quarter", "First quarter";
        /// Second quarter.
        SecondQuarter = "second_quarter", "Second quarter";
        /// Third quarter.
        ThirdQuarter = "third_quarter", "Third quarter";
        /// Fourth quarter, overtime excluded.
        FourthQuarter = "fourth_quarter", "Fourth quarter";
        /// First period (ice hockey).
        FirstPeriod = "first_period", "First period";
        /// Second period.
        SecondPeriod = "second_period", "Second period";
        /// Third period.
        ThirdPeriod = "third_period", "Third period";
        /// First inning.
        FirstInning = "first_inning", "First inning";
        /// First three innings.
        FirstThreeInnings = "first_three_innings", "First 3 innings";
        /// First five innings.
        FirstFiveInnings = "first_five_innings", "First 5 innings";
        /// First seven innings.
        FirstSevenInnings = "first_seven_innings", "First 7 innings";
        /// First set (tennis).
        FirstSet = "first_set", "First set";
        /// Second set.
        SecondSet = "second_set", "Second set";
    }
}

codes! {
    /// Whose side of the bet a price is for.
    Side {
        /// A bet that the outcome happens.
        Back = "back", "Back";
        /// A bet that it does not: at lay price L and backer's stake S, S x (L - 1) is at risk. Never a back price.
        Lay = "lay", "Lay";
    }
}

/// One result of a market.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Outcome {
    /// The home side.
    Home,
    /// A draw.
    Draw,
    /// The away side.
    Away,
    /// More than the line.
    Over,
    /// Less than the line.
    Under,
    /// It happens.
    Yes,
    /// It does not.
    No,
    /// Home or draw (double chance).
    HomeOrDraw,
    /// Home or away.
    HomeOrAway,
    /// Draw or away.
    DrawOrAway,
    /// A named entrant, or an outcome whose name no rule understands.
    Named(String),
}

impl Outcome {
    /// The stored and JSON form: `home`, `over`, or `named:Boston Celtics`.
    pub fn code(&self) -> String {
        match self {
            Self::Home => "home".into(),
            Self::Draw => "draw".into(),
            Self::Away => "away".into(),
            Self::Over => "over".into(),
            Self::Under => "under".into(),
            Self::Yes => "yes".into(),
            Self::No => "no".into(),
            Self::HomeOrDraw => "home_or_draw".into(),
            Self::HomeOrAway => "home_or_away".into(),
            Self::DrawOrAway => "draw_or_away".into(),
            Self::Named(name) => format!("named:{name}"),
        }
    }

    /// The outcome of a stored code; an unknown one is a name.
    pub fn from_code(code: &str) -> Self {
        match code {
            "home" => Self::Home,
            "draw" => Self::Draw,
            "away" => Self::Away,
            "over" => Self::Over,
            "under" => Self::Under,
            "yes" => Self::Yes,
            "no" => Self::No,
            "home_or_draw" => Self::HomeOrDraw,
            "home_or_away" => Self::HomeOrAway,
            "draw_or_away" => Self::DrawOrAway,
            other => Self::Named(other.strip_prefix("named:").unwrap_or(other).to_owned()),
        }
    }
}

impl From<String> for Outcome {
    fn from(code: String) -> Self {
        Self::from_code(&code)
    }
}

impl From<Outcome> for String {
    fn from(outcome: Outcome) -> Self {
        outcome.code()
    }
}

/// Outcomes of one event that exclude each other and, taken together, cover every result.
///
/// The line is the home side's handicap, or the total; an away selection at a home line of -3.5 is bet at +3.5
/// ([`MarketKey::line_of`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MarketKey {
    /// What it is about.
    pub kind: MarketKind,
    /// On which part of the event.
    pub period: Period,
    /// The line, from the home or over side; `None` where the kind has none. 0 is a line.
    pub line: Option<Line>,
    /// Whose statistic or total it is, where the kind needs that.
    pub participant: Option<String>,
}

impl MarketKey {
    /// A full-time market without line or participant.
    pub const fn plain(kind: MarketKind) -> Self {
        Self {
            kind,
            period: Period::FullTime,
            line: None,
            participant: None,
        }
    }

    /// The line as the bettor on this outcome has it: the away side of a spread sees the opposite sign.
    pub fn line_of(&self, outcome: &Outcome) -> Option<Line> {
        match (&self.kind, outcome) {
            (MarketKind::Spread, Outcome::Away) => self.line.map(|line| -line),
            _ => self.line,
        }
    }
}

impl fmt::Display for MarketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.name())?;
        if let Some(participant) = &self.participant {
            write!(f, ", {participant}")?;
        }
        if let Some(line) = self.line {
            if self.kind == MarketKind::Spread {
                write!(f, " {}", line.signed())?;
            } else {
                write!(f, " {line}")?;
            }
        }
        if self.period != Period::FullTime {
            write!(f, ", {}", self.period.name().to_lowercase())?;
        }
        Ok(())
    }
}
