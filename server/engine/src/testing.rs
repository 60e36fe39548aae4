//! Values that the tests of several modules build.

use crate::resolve::KnownEvent;
use chrono::{DateTime, Utc};
use domain::board::QuoteFlags;
use domain::event::Event;
use domain::reading::{Lines, ReadBookmaker, ReadEvent, ReadMarket, ReadQuote, Reading, Scope};
use domain::{
    Board, BoardMarket, BookKind, BookProfile, BookmakerId, CompetitionId, EventId, EventStatus, Line, MarketKey,
    MarketKind, Outcome, Participant, ParticipantId, Period, Price, Quote, QuoteChangeId, Role, SelectionId, Side,
    SnapshotId, Sport,
};
use std::collections::HashMap;

pub(crate) const COMPETITION: CompetitionId = CompetitionId(7);
pub(crate) const LEAGUE: &str = "league";

/// So many seconds after a fixed moment.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

pub(crate) fn price(decimal: &str) -> Price {
    decimal.parse().unwrap()
}

pub(crate) fn line(text: &str) -> Line {
    text.parse().unwrap()
}

/// An event as resolution knows it, at another feed.
pub(crate) fn known_event(event: &Event) -> KnownEvent {
    KnownEvent {
        id: event.id,
        competition_id: event.competition_id,
        participants: event.participants.clone(),
        starts_at: event.starts_at,
        status: event.status,
        score: event.score,
        is_on_this_feed: false,
        sets_start: true,
    }
}

/// The number of the participant of a name: the same name, the same number.
pub(crate) fn participant_id(name: &str) -> ParticipantId {
    ParticipantId(
        name.bytes()
            .fold(17, |id: i64, byte| id.wrapping_mul(31).wrapping_add(byte.into())),
    )
}

pub(crate) fn event(id: i64, home: &str, away: &str, starts_at: DateTime<Utc>) -> Event {
    let side = |role, name: &str| Participant {
        id: participant_id(name),
        role,
        name: name.to_owned(),
    };
    Event {
        id: EventId(id),
        sport: Sport::BASKETBALL,
        competition_id: COMPETITION,
        competition: "League".to_owned(),
        participants: vec![side(Role::Home, home), side(Role::Away, away)],
        starts_at,
        status: EventStatus::Scheduled,
        score: None,
        is_demo: false,
    }
}

pub(crate) fn read_event(feed_id: &str, home: &str, away: &str, starts_at: DateTime<Utc>) -> ReadEvent<'static> {
    ReadEvent {
        feed_id: feed_id.to_owned().into(),
        competition_key: LEAGUE.into(),
        competition_name: "League".into(),
        sport: Sport::BASKETBALL,
        starts_at,
        participants: vec![
            (Role::Home, home.to_owned().into()),
            (Role::Away, away.to_owned().into()),
        ],
        status: None,
    }
}

pub(crate) fn scope(markets: &[MarketKind]) -> Scope {
    Scope {
        markets: markets
            .iter()
            .map(|kind| (kind.clone(), Period::FullTime, Lines::All))
            .collect(),
        bookmakers: None,
    }
}

/// Adds quotes to a reading as a feed would: a market and a bookmaker wherever one is mentioned first.
pub(crate) fn quote(
    reading: &mut Reading<'static>,
    event: u32,
    book: &str,
    market: (MarketKind, Option<&str>),
    outcome: Outcome,
    decimal: &str,
) -> usize {
    let market = ReadMarket {
        event,
        kind: market.0,
        period: Period::FullTime,
        line: market.1.map(line),
        participant: None,
    };
    let market = position(&mut reading.markets, market);
    let bookmaker = ReadBookmaker {
        key: book.to_owned().into(),
        name: book.to_owned().into(),
    };
    let bookmaker = position(&mut reading.bookmakers, bookmaker);
    reading.quotes.push(ReadQuote {
        market,
        bookmaker,
        outcome,
        side: Side::Back,
        price: price(decimal),
        price_text: decimal.to_owned().into(),
        source_at: None,
    });
    reading.quotes.len() - 1
}

fn position<T: PartialEq>(all: &mut Vec<T>, one: T) -> u32 {
    let at = all.iter().position(|known| *known == one).unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    });
    u32::try_from(at).unwrap()
}

/// Retail books numbered from 1 in the order given.
pub(crate) fn books(keys: &[&str]) -> HashMap<String, BookProfile> {
    (1..)
        .zip(keys)
        .map(|(id, key)| {
            let profile = BookProfile {
                id: BookmakerId(id),
                key: (*key).to_owned(),
                name: (*key).to_owned(),
                kind: BookKind::Retail,
                commission_bp: 0,
                clone_group: None,
                is_demo: false,
            };
            ((*key).to_owned(), profile)
        })
        .collect()
}

pub(crate) fn by_id(books: &HashMap<String, BookProfile>) -> crate::BooksById {
    books.values().map(|book| (book.id, book.clone())).collect()
}

/// A board quote seen at the moment `at(0)`; its history row is numbered `bookmaker x 10`.
pub(crate) fn board_quote(bookmaker: i64, outcome: Outcome, decimal: &str) -> Quote {
    Quote {
        change_id: QuoteChangeId(bookmaker * 10),
        snapshot_id: SnapshotId(3),
        selection_id: SelectionId(1),
        outcome,
        bookmaker_id: BookmakerId(bookmaker),
        feed: "demo".to_owned(),
        side: Side::Back,
        price: price(decimal),
        price_text: decimal.to_owned(),
        source_at: None,
        received_at: at(0),
        last_seen_at: at(0),
        previous: None,
        flags: QuoteFlags::default(),
    }
}

/// A board as of `at(0)`, an hour before the start.
pub(crate) fn board(markets: Vec<(MarketKey, Vec<Quote>)>) -> Board {
    let mut markets: Vec<_> = markets
        .into_iter()
        .map(|(key, quotes)| BoardMarket { key, quotes })
        .collect();
    markets.sort_by(|one, other| one.key.cmp(&other.key));
    Board {
        event: event(1, "Home", "Away", at(3_600)),
        as_of: at(0),
        markets,
    }
}
