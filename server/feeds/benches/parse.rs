//! How fast an answer of The Odds API becomes a reading, beside the same bytes parsed to a tape and no further.
//!
//! The answer is made here: 100 events, 8 bookmakers, 3 markets, 2 outcomes, American prices, about half a megabyte.
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it found")]

use feeds::the_odds_api::TheOddsApi;
use feeds::{Endpoint, Feed, Payload, PriceFormat};
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

const EVENTS: usize = 100;
const BOOKMAKERS: [&str; 8] = [
    "pinnacle",
    "circasports",
    "draftkings",
    "fanduel",
    "betmgm",
    "williamhill_us",
    "betrivers",
    "bovada",
];
const QUOTES: usize = EVENTS * BOOKMAKERS.len() * 6;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(300);

/// A small generator of numbers (splitmix64), so that every run has the same bytes.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 110 to 260.
    fn price(&mut self) -> u64 {
        110 + self.next() % 151
    }
}

fn body() -> String {
    let mut numbers = Numbers(1);
    let mut body = String::from("[");
    for event in 0..EVENTS {
        let (home, away) = (format!("Team Alpha {event}"), format!("Team Bravo {event}"));
        let comma = if event == 0 { "" } else { ", " };
        let (high, low) = (numbers.next(), numbers.next());
        write!(
            body,
            "{comma}{{\"id\": \"{high:016x}{low:016x}\", \"sport_key\": \"basketball_nba\", \"sport_title\": \"NBA\", \
             \"commence_time\": \"2026-11-21T00:10:00Z\", \"home_team\": \"{home}\", \"away_team\": \"{away}\", \
             \"bookmakers\": ["
        )
        .unwrap();
        for (at, key) in BOOKMAKERS.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            let title = format!("{}{}", key[..1].to_uppercase(), &key[1..]);
            let (plus, minus) = (numbers.price(), numbers.price());
            write!(
                body,
                "{comma}{{\"key\": \"{key}\", \"title\": \"{title}\", \"last_update\": \"2026-11-20T12:00:00Z\", \
                 \"markets\": [\
                 {{\"key\": \"h2h\", \"last_update\": \"2026-11-20T12:00:00Z\", \"outcomes\": [\
                 {{\"name\": \"{home}\", \"price\": {plus}}}, {{\"name\": \"{away}\", \"price\": -{minus}}}]}}, \
                 {{\"key\": \"spreads\", \"last_update\": \"2026-11-20T12:00:00Z\", \"outcomes\": [\
                 {{\"name\": \"{home}\", \"price\": -110, \"point\": -3.5}}, \
                 {{\"name\": \"{away}\", \"price\": -108, \"point\": 3.5}}]}}, \
                 {{\"key\": \"totals\", \"last_update\": \"2026-11-20T12:00:00Z\", \"outcomes\": [\
                 {{\"name\": \"Over\", \"price\": -110, \"point\": 221.5}}, \
                 {{\"name\": \"Under\", \"price\": -110, \"point\": 221.5}}]}}]}}"
            )
            .unwrap();
        }
        body.push_str("]}");
    }
    body.push(']');
    body
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
    QUOTES as f64 / fastest.as_secs_f64() / 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let body = body();
    let query = [("markets".to_owned(), "h2h,spreads,totals".to_owned())];
    let payload = Payload {
        endpoint: Endpoint::Odds,
        body: body.as_bytes(),
        received_at: chrono::DateTime::from_timestamp(1_795_176_000, 0).unwrap(),
        price_format: Some(PriceFormat::American),
        query: &query,
    };
    let reading = TheOddsApi.parse(&payload);
    assert_eq!((reading.quotes.len(), reading.prices_seen), (QUOTES, QUOTES));
    assert_eq!(
        (reading.events.len(), reading.bookmakers.len(), reading.issues.len()),
        (EVENTS, BOOKMAKERS.len(), 0)
    );
    assert!(reading.quotes.iter().all(|quote| quote.source_at.is_some()));
    println!("answer: {} bytes, {QUOTES} quotes", body.len());

    let mut copy = Vec::with_capacity(body.len());
    let mut buffers = simd_json::Buffers::new(body.len());
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(rate(|| {
            black_box(TheOddsApi.parse(black_box(&payload)));
        }));
        limit.push(rate(|| {
            copy.clear();
            copy.extend_from_slice(black_box(body.as_bytes()));
            black_box(simd_json::to_tape_with_buffers(&mut copy, &mut buffers).unwrap());
        }));
    }
    let ratio = median(ours.iter().zip(&limit).map(|(ours, limit)| ours / limit).collect());
    println!(
        "parse + normalise  ours {:.2} M quotes/s  limit {:.2} M quotes/s (same bytes to a tape only)  ratio {ratio:.2}",
        median(ours),
        median(limit)
    );
}
