//! How fast the quotes of an answer are judged, beside one look at each of them.
//!
//! The answer is made here: 100 known events, 8 bookmakers, 3 markets, 2 outcomes, one book in eight with a finding.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it found")]

use chrono::{DateTime, TimeDelta, Utc};
use domain::reading::{Lines, ReadBookmaker, ReadEvent, ReadMarket, ReadQuote, Reading};
use domain::{
    BookKind, BookProfile, BookmakerId, CompetitionId, EventId, EventStatus, Line, MarketKey, MarketKind, Outcome,
    Participant, ParticipantId, Period, Price, Role, SelectionId, Side, Sport,
};
use engine::diff::{CurrentEvent, CurrentQuote, CurrentQuotes, KnownSelection};
use engine::resolve::{KnownEvent, KnownIdentities, resolve};
use engine::validate::{ValidationContext, ValidationSettings, validate};
use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

const EVENTS: u32 = 100;
const BOOKS: u32 = 8;
const QUOTES: u32 = EVENTS * BOOKS * 6;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(300);

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// The markets of every event, with their outcomes.
fn markets() -> [(MarketKind, Option<Line>, [Outcome; 2]); 3] {
    [
        (MarketKind::Moneyline, None, [Outcome::Home, Outcome::Away]),
        (
            MarketKind::Spread,
            Some(Line::from_hundredths(-350)),
            [Outcome::Home, Outcome::Away],
        ),
        (
            MarketKind::Total,
            Some(Line::from_hundredths(22_150)),
            [Outcome::Over, Outcome::Under],
        ),
    ]
}

/// A price of a book; the first book's are too good to be true.
fn price(book: u32) -> Price {
    let micros = if book == 0 {
        2_050_000
    } else {
        1_900_000 + i64::from(book) * 5_000
    };
    Price::from_micros(micros).unwrap_or(Price::MIN)
}

fn answer() -> Reading<'static> {
    let mut reading = Reading::default();
    for book in 0..BOOKS {
        let key = format!("book_{book}");
        reading.bookmakers.push(ReadBookmaker {
            key: key.clone().into(),
            name: key.into(),
        });
    }
    for event in 0..EVENTS {
        reading.events.push(ReadEvent {
            feed_id: format!("event_{event}").into(),
            competition_key: "league".into(),
            competition_name: "League".into(),
            sport: Sport::BASKETBALL,
            starts_at: at(),
            participants: vec![
                (Role::Home, format!("Home {event}").into()),
                (Role::Away, format!("Away {event}").into()),
            ],
            status: None,
        });
        for (kind, line, _) in markets() {
            reading.markets.push(ReadMarket {
                event,
                kind,
                period: Period::FullTime,
                line,
                participant: None,
            });
        }
        // Book by book, as vendors list them.
        for bookmaker in 0..BOOKS {
            for (market, (_, _, outcomes)) in (event * 3..).zip(markets()) {
                for outcome in outcomes {
                    reading.quotes.push(ReadQuote {
                        market,
                        bookmaker,
                        outcome,
                        side: Side::Back,
                        price: price(bookmaker),
                        price_text: "1.9".into(),
                        source_at: Some(at()),
                    });
                }
            }
        }
    }
    reading
}

fn known() -> KnownIdentities {
    let mut known = KnownIdentities::default();
    for event in 0..EVENTS {
        let id = EventId(i64::from(event));
        known.feed_event_ids.insert(format!("event_{event}"), id);
        let side = |role, name: &str, id: i64| Participant {
            id: ParticipantId(id),
            role,
            name: format!("{name} {event}"),
        };
        known.events.push(KnownEvent {
            id,
            competition_id: CompetitionId(1),
            participants: vec![
                side(Role::Home, "Home", 2 * id.0),
                side(Role::Away, "Away", 2 * id.0 + 1),
            ],
            starts_at: at(),
            status: EventStatus::Scheduled,
            score: None,
            is_on_this_feed: true,
            sets_start: true,
        });
    }
    known
}

/// The same quotes as they stand.
fn current() -> CurrentQuotes {
    let event = |event: u32| {
        let mut current = CurrentEvent::default();
        for (kind, line, outcomes) in markets() {
            for outcome in outcomes {
                let id = SelectionId(i64::from(event) * 6 + i64::try_from(current.selections.len()).unwrap_or(0));
                let market = MarketKey {
                    line,
                    ..MarketKey::plain(kind.clone())
                };
                current.selections.push(KnownSelection { id, market, outcome });
                current.quotes.extend((0..BOOKS).map(|book| CurrentQuote {
                    selection: id,
                    bookmaker: BookmakerId(i64::from(book)),
                    side: Side::Back,
                    price: Some(price(book)),
                    source_at: None,
                    received_at: at(),
                    last_seen_at: at(),
                    lines: Lines::All,
                }));
            }
        }
        (EventId(i64::from(event)), current)
    };
    (0..EVENTS).map(event).collect()
}

fn books() -> HashMap<String, BookProfile> {
    let book = |book: u32| BookProfile {
        id: BookmakerId(i64::from(book)),
        key: format!("book_{book}"),
        name: format!("Book {book}"),
        kind: BookKind::Retail,
        commission_bp: 0,
        clone_group: None,
        is_demo: false,
    };
    (0..BOOKS).map(|at| (format!("book_{at}"), book(at))).collect()
}

/// Millions of quotes a second in the fastest of many passes: other work on the machine can only slow a pass down.
fn rate(mut once: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut fastest = Duration::MAX;
    while begun.elapsed() < ROUND {
        let pass = Instant::now();
        once();
        fastest = fastest.min(pass.elapsed());
    }
    f64::from(QUOTES) / fastest.as_secs_f64() / 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let (reading, known, current, books) = (answer(), known(), current(), books());
    let resolution = resolve(&reading, &known);
    let settings = ValidationSettings::default();
    let context = ValidationContext {
        received_at: at(),
        settings: &settings,
        books: &books,
        current: &current,
    };
    let validated = validate(&reading, &resolution, &context);
    assert_eq!(validated.accepted().count(), QUOTES as usize, "every quote is used");
    assert_eq!(validated.issues.len(), EVENTS as usize, "one finding for each event");
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(rate(|| {
            black_box(validate(black_box(&reading), &resolution, &context));
        }));
        limit.push(rate(|| {
            let implied = |quote: &ReadQuote<'_>| quote.price.implied();
            black_box(black_box(&reading).quotes.iter().map(implied).sum::<f64>());
        }));
    }
    let ratio = median(ours.iter().zip(&limit).map(|(ours, limit)| ours / limit).collect());
    println!(
        "validate  ours {:.2} M quotes/s  limit {:.0} M quotes/s (one look at each price)  ratio {ratio:.3}",
        median(ours),
        median(limit)
    );
}
