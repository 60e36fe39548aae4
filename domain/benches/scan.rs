//! The arbitrage scan over complete three-way boards of eight books, beside the limit: the time that one pass over the same
//! array for its greatest price takes. Prints quotes per second for both and their ratio.

use domain::arbitrage::{arbitrage_of, scan};
use std::hint::black_box;
use std::time::{Duration, Instant};

const OUTCOMES: usize = 3;
const BOOKS: usize = 8;
/// Small enough for the second-level cache: the arithmetic is measured, not the memory.
const MARKETS: usize = 4_096;
const ROUNDS: usize = 60;
const PASSES_PER_ROUND: usize = 50;

fn main() {
    let boards = boards();
    let asked: Vec<usize> = (0..MARKETS)
        .filter(|market| arbitrage_of(&boards[*market].map(|b| b.into_iter().fold(0.0, f64::max))).is_some())
        .collect();
    assert_eq!(
        scan(&boards),
        asked,
        "the scan and the plain question must agree before they are timed"
    );

    let prices = boards.as_flattened().as_flattened();
    // The two are timed in turn, so that whatever else the machine does hits both alike.
    let (mut ours, mut limit) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        ours = ours.min(time(|| scan(black_box(&boards)).len()));
        limit = limit.min(time(|| greatest(black_box(prices))));
    }
    let quotes = (MARKETS * OUTCOMES * BOOKS * PASSES_PER_ROUND) as f64;
    let (ours, limit) = (quotes / ours.as_secs_f64() / 1e6, quotes / limit.as_secs_f64() / 1e6);
    println!(
        "arbitrage scan, 3-way x 8 books, {MARKETS} markets, {} found",
        asked.len()
    );
    println!("ours  {ours:.0} M quotes/s");
    println!("limit {limit:.0} M quotes/s");
    println!("ratio {:.2}", ours / limit);
}

fn time<T>(mut pass: impl FnMut() -> T) -> Duration {
    let started = Instant::now();
    for _ in 0..PASSES_PER_ROUND {
        black_box(pass());
    }
    started.elapsed()
}

/// One pass for the greatest price, in as many strands as keep the processor busy.
fn greatest(prices: &[f64]) -> f64 {
    let mut strands = [0.0_f64; 32];
    for chunk in prices.as_chunks::<32>().0 {
        for (strand, price) in strands.iter_mut().zip(chunk) {
            *strand = if *price > *strand { *price } else { *strand };
        }
    }
    strands.into_iter().fold(0.0, f64::max)
}

/// Boards with a margin of a few percent at each book, and now and then an arbitrage between books.
fn boards() -> Vec<[[f64; BOOKS]; OUTCOMES]> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut board = || {
        let weights: [f64; OUTCOMES] = std::array::from_fn(|_| 0.2 + uniform());
        let sum: f64 = weights.iter().sum();
        weights
            .map(|weight| std::array::from_fn(|_| (sum / weight * (0.925 + 0.077 * uniform()) * 100.0).round() / 100.0))
    };
    (0..MARKETS).map(|_| board()).collect()
}
