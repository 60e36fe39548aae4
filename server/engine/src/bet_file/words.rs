//! The words of files: tags, days and times, results, markets and sports as different programs write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use domain::result::BetResult;
use domain::{MarketKind, Sport};

/// Tags with commas between; a comma within one has a backslash before it.
pub fn tags_text(tags: &[String]) -> String {
    let tags: Vec<String> = tags
        .iter()
        .map(|tag| tag.replace('\\', "\\\\").replace(',', "\\,"))
        .collect();
    tags.join(", ")
}

/// The tags of such a text, in its order.
pub fn tags(text: &str) -> Vec<String> {
    let mut tags = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let last = tags.last_mut();
        match (letter, last) {
            (',', _) => tags.push(String::new()),
            ('\\', Some(tag)) => tag.extend(letters.next()),
            (letter, Some(tag)) => tag.push(letter),
            (_, None) => {}
        }
    }
    let tags = tags.into_iter().map(|tag| tag.trim().to_owned());
    tags.filter(|tag| !tag.is_empty()).collect()
}

/// Letters and digits alone, small: how words are compared.
pub fn plain(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// How a file says that a bet ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Not yet.
    Open,
    /// With a result.
    With(BetResult),
    /// Sold back to the bookmaker.
    CashedOut,
}

/// A result in a file's words; none for one that nobody knows.
pub fn ended(text: &str) -> Option<Ended> {
    Some(match plain(text).as_str() {
        "" | "open" | "pending" | "unsettled" | "active" | "upcoming" | "live" | "running" | "notsettled"
        | "inplay" | "tbd" => Ended::Open,
        "win" | "won" | "w" | "winner" | "wins" | "1" | "true" | "yes" | "gewonnen" | "gagne" | "ganada" | "vinto" => {
            Ended::With(BetResult::Win)
        }
        "loss" | "lost" | "l" | "lose" | "loser" | "loses" | "0" | "false" | "no" | "verloren" | "perdu"
        | "perdida" | "perso" => Ended::With(BetResult::Loss),
        "push" | "p" | "tie" | "draw" | "refund" | "refunded" | "stakereturned" | "returned" => {
            Ended::With(BetResult::Push)
        }
        "void" | "voided" | "v" | "cancelled" | "canceled" | "abandoned" | "nonrunner" | "nr" | "deadbet"
        | "noaction" => Ended::With(BetResult::Void),
        "halfwin" | "halfwon" | "hw" | "wonhalf" | "winhalf" | "12win" | "12won" => Ended::With(BetResult::HalfWin),
        "halfloss" | "halflost" | "hl" | "losthalf" | "losehalf" | "lossfhalf" | "12loss" | "12lost" => {
            Ended::With(BetResult::HalfLoss)
        }
        "cashedout" | "cashout" | "cashouts" | "sold" | "traded" => Ended::CashedOut,
        _ => return None,
    })
}

/// A market in a file's words; one that nobody knows is kept by its name.
pub fn market(text: &str) -> MarketKind {
    match plain(text).as_str() {
        "" | "other" => MarketKind::Other("unknown".to_owned()),
        "moneyline" | "ml" | "h2h" | "headtohead" | "matchwinner" | "winner" | "towin" | "2way" | "homeaway"
        | "moneylineinclot" => MarketKind::Moneyline,
        "3way" | "threeway" | "1x2" | "fulltimeresult" | "matchresult" | "matchodds" | "result" | "90minutes" => {
            MarketKind::ThreeWay
        }
        "spread" | "spreads" | "handicap" | "asianhandicap" | "ah" | "pointspread" | "runline" | "puckline"
        | "line" => MarketKind::Spread,
        "total" | "totals" | "overunder" | "ou" | "goals" | "totalgoals" | "totalpoints" | "asiantotal"
        | "goalline" => MarketKind::Total,
        "teamtotal" | "teamtotals" => MarketKind::TeamTotal,
        "drawnobet" | "dnb" => MarketKind::DrawNoBet,
        "doublechance" | "dc" => MarketKind::DoubleChance,
        "bothteamstoscore" | "btts" | "bts" | "gg" => MarketKind::BothTeamsToScore,
        "outright" | "outrights" | "future" | "futures" | "tournamentwinner" => MarketKind::Outright,
        _ => {
            let name: String = text.trim().to_lowercase().chars().take(60).collect();
            MarketKind::from_code(text.trim()).unwrap_or_else(|| MarketKind::Other(name.replace([' ', ':'], "_")))
        }
    }
}

/// A sport in a file's words.
pub fn sport(text: &str) -> Sport {
    match plain(text).as_str() {
        "" => Sport::from_key("other"),
        "soccer" | "football" | "fussball" | "futbol" | "calcio" => Sport::FOOTBALL,
        "nfl" | "ncaaf" | "cfb" | "americanfootball" | "collegefootball" => Sport::AMERICAN_FOOTBALL,
        "nba" | "ncaab" | "ncaamb" | "wnba" | "basketball" | "euroleague" => Sport::BASKETBALL,
        "mlb" | "baseball" | "kbo" | "npb" => Sport::BASEBALL,
        "nhl" | "hockey" | "icehockey" | "khl" => Sport::ICE_HOCKEY,
        "tennis" | "atp" | "wta" => Sport::TENNIS,
        _ => Sport::from_key(text),
    }
}

/// In which order a file writes days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2026-11-26.
    #[default]
    YearMonthDay,
    /// 26.11.2026.
    DayMonthYear,
    /// 11/26/2026.
    MonthDayYear,
}

impl DateOrder {
    /// All, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::YearMonthDay, Self::DayMonthYear, Self::MonthDayYear];

    /// The code in forms and JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::YearMonthDay => "year_month_day",
            Self::DayMonthYear => "day_month_year",
            Self::MonthDayYear => "month_day_year",
        }
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::YearMonthDay => "2026-11-26",
            Self::DayMonthYear => "26.11.2026",
            Self::MonthDayYear => "11/26/2026",
        }
    }

    /// The order of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.code() == code)
    }
}

/// The numbers of a day, in the order they stand; none where there is none.
pub fn day_parts(text: &str) -> Option<[u32; 3]> {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let mut parts = day.split(['-', '/', '.']).filter(|part| !part.is_empty());
    let parts = [parts.next()?, parts.next()?, parts.next()?];
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| part.parse().ok()).collect();
    numbers?.try_into().ok()
}

fn day(text: &str, order: DateOrder) -> Option<NaiveDate> {
    let [one, two, three] = day_parts(text)?;
    let is_year = |number: u32| number > 31;
    let (year, month, day) = match order {
        _ if is_year(one) => (one, two, three),
        DateOrder::DayMonthYear => (three, two, one),
        DateOrder::MonthDayYear => (three, one, two),
        DateOrder::YearMonthDay if is_year(three) => return None,
        DateOrder::YearMonthDay => (one, two, three),
    };
    let year = if year < 100 { 2_000 + year } else { year };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn clock(text: &str) -> Option<NaiveTime> {
    let text = text.trim().to_uppercase();
    let formats = [
        "%H:%M:%S%.f",
        "%H:%M",
        "%I:%M %p",
        "%I:%M:%S %p",
        "%I:%M%p",
        "%H.%M",
        "%H:%M:%S %p",
    ];
    formats
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(&text, format).ok())
}

/// A day, with a time beside it or in a column of its own, by a clock; without a time it is noon.
pub fn instant(text: &str, time: &str, order: DateOrder, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let day = day(text, order)?;
    let beside = text.split_once([' ', 'T']).map_or("", |(_, rest)| rest);
    let wanted = if beside.trim().is_empty() { time } else { beside };
    let clock = if wanted.trim().is_empty() {
        NaiveTime::from_hms_opt(12, 0, 0)
    } else {
        clock(wanted.trim_end_matches('Z'))
    }?;
    let zone = if wanted.ends_with('Z') { Tz::UTC } else { zone };
    let local = NaiveDateTime::new(day, clock);
    Some(zone.from_local_datetime(&local).earliest()?.with_timezone(&Utc))
}
