//! From one changed quote to a decision: a price of a three-way market of ten books moves, and the arbitrage and value
//! strategies look at that market again, each with its usual parameters. Prints the median and the 99th percentile of a look,
//! beside one pass over the market's quotes.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it found")]

use chrono::{DateTime, TimeDelta, Utc};
use domain::board::QuoteFlags;
use domain::event::Event;
use domain::opportunity::OpportunityKind;
use domain::{
    Board, BoardMarket, BookKind, BookProfile, BookmakerId, CompetitionId, EventId, EventStatus, MarketKey, MarketKind,
    Outcome, Participant, ParticipantId, Price, Quote, QuoteChangeId, Role, SelectionId, Side, SnapshotId, Sport,
};
use engine::BooksById;
use engine::desk::{Accounts, Desk};
use engine::strategies::{Params, View, find_strategy};
use std::hint::black_box;
use std::time::{Duration, Instant};

const BOOKS: i64 = 10;
const CHANGES: usize = 200_000;
/// What a look should take at most.
const AIM: Duration = Duration::from_micros(10);

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn books() -> BooksById {
    let profile = |id| BookProfile {
        id: BookmakerId(id),
        key: format!("book_{id}"),
        name: format!("Book {id}"),
        kind: match id {
            1 => BookKind::Sharp,
            2 => BookKind::Exchange,
            _ => BookKind::Retail,
        },
        commission_bp: if id == 2 { 200 } else { 0 },
        clone_group: (id > 8).then(|| "kin".to_owned()),
        is_demo: false,
    };
    (1..=BOOKS).map(|id| (BookmakerId(id), profile(id))).collect()
}

/// A price of a book with the margin that such a book has.
fn price(outcome: usize, book: i64, wobble: i64) -> Price {
    let fair = [2.05, 3.55, 4.20][outcome];
    let margin = if book <= 2 { 0.985 } else { 0.955 };
    #[expect(clippy::cast_possible_truncation, reason = "a price of a few units")]
    let micros = (fair * margin * 100.0_f64).round() as i64 * 10_000 + wobble * 10_000;
    Price::from_micros(micros).unwrap_or(Price::MIN)
}

fn board() -> Board {
    let outcomes = [Outcome::Home, Outcome::Draw, Outcome::Away];
    let mut quotes = Vec::new();
    for (at_outcome, outcome) in outcomes.iter().enumerate() {
        for book in 1..=BOOKS {
            let price = price(at_outcome, book, 0);
            quotes.push(Quote {
                change_id: QuoteChangeId(1),
                snapshot_id: SnapshotId(1),
                selection_id: SelectionId(1),
                outcome: outcome.clone(),
                bookmaker_id: BookmakerId(book),
                feed: "feed".to_owned(),
                side: Side::Back,
                price,
                price_text: price.to_string(),
                source_at: None,
                received_at: at(),
                last_seen_at: at(),
                previous: None,
                flags: QuoteFlags::default(),
            });
        }
    }
    let side = |id, role, name: &str| Participant {
        id: ParticipantId(id),
        role,
        name: name.to_owned(),
    };
    Board {
        event: Event {
            id: EventId(1),
            sport: Sport::FOOTBALL,
            competition_id: CompetitionId(1),
            competition: "League".to_owned(),
            participants: vec![side(1, Role::Home, "Harbour"), side(2, Role::Away, "Brightwater")],
            starts_at: at() + TimeDelta::hours(1),
            status: EventStatus::Scheduled,
            score: None,
            is_demo: false,
        },
        as_of: at(),
        markets: vec![BoardMarket {
            key: MarketKey::plain(MarketKind::ThreeWay),
            quotes,
        }],
    }
}

fn main() {
    let (books, accounts, mut board) = (books(), Accounts::default(), board());
    let strategies = [OpportunityKind::Arbitrage, OpportunityKind::Value].map(find_strategy);
    let params = strategies.map(|strategy| Params::usual(strategy.spec()));
    let (mut looks, mut passes, mut found) = (Vec::with_capacity(CHANGES), Vec::with_capacity(CHANGES), 0);
    for change in 0..CHANGES {
        let quotes = board.markets[0].quotes.len();
        let at_quote = change * 7 % quotes;
        let book = i64::try_from(at_quote).unwrap_or(0) % BOOKS + 1;
        // Up and down by a few hundredths, so that now and then something is there to find.
        let wobble = i64::try_from(change * 13 % 7).unwrap_or(0) - 3;
        board.markets[0].quotes[at_quote].price = price(at_quote / usize::try_from(BOOKS).unwrap_or(1), book, wobble);
        let begun = Instant::now();
        let view = View {
            board: &board,
            desk: Desk {
                books: &books,
                accounts: &accounts,
            },
            moves: &[],
            sampling_s: None,
        };
        for (strategy, params) in strategies.iter().zip(&params) {
            found += black_box(strategy.find(&view, params)).found.len();
        }
        looks.push(begun.elapsed());
        let begun = Instant::now();
        black_box(
            board.markets[0]
                .quotes
                .iter()
                .map(|quote| quote.price.implied())
                .sum::<f64>(),
        );
        passes.push(begun.elapsed());
    }
    looks.sort_unstable();
    passes.sort_unstable();
    let percentile = |times: &[Duration], percent: usize| times[times.len() * percent / 100];
    let (ours, limit) = (percentile(&looks, 99), percentile(&passes, 99));
    println!(
        "one changed quote to decided, arbitrage and value, 3-way x {BOOKS} books, {found} found in {CHANGES} changes"
    );
    println!(
        "ours  p99 {:.2} us, median {:.2} us (aim {:.0} us)",
        micros(ours),
        micros(percentile(&looks, 50)),
        micros(AIM)
    );
    println!("limit p99 {:.2} us, one pass over the quotes", micros(limit));
    println!("ratio {:.3}", limit.as_secs_f64() / ours.as_secs_f64());
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
