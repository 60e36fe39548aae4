//! Devig over many three-way markets, beside the limit: the time that one pass of the same roots, divisions or powers takes
//! that the method can't do without. Prints millions of markets per second for both and their ratio.

use domain::devig::{DevigMethod, devig_into, devig_many};
use std::hint::black_box;
use std::time::{Duration, Instant};

const OUTCOMES: usize = 3;
/// Small enough for the second-level cache: the arithmetic is measured, not the memory.
const MARKETS: usize = 4_096;
const ROUNDS: usize = 40;

type Market = [f64; OUTCOMES];

fn main() {
    let markets = markets();
    println!("devig, 3-way, {MARKETS} markets");
    for method in DevigMethod::ALL {
        let mut fair = vec![[0.0; OUTCOMES]; MARKETS];
        let refused = devig_many(method, &markets, 1.0, &mut fair);
        check(method, &markets, &fair, refused.len());

        // The two are timed in turn, so that whatever else the machine does hits both alike.
        let (mut ours, mut limit) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            ours = ours.min(time(|| devig_many(method, black_box(&markets), 1.0, &mut fair).len()));
            limit = limit.min(time(|| at_least(method, black_box(&markets), &mut fair)));
        }
        let per_second = |time: Duration| MARKETS as f64 / time.as_secs_f64() / 1e6;
        let (ours, limit) = (per_second(ours), per_second(limit));
        println!(
            "{:<15} ours {ours:>7.2} M/s  limit {limit:>7.2} M/s  ratio {:.2}",
            method.name(),
            ours / limit
        );
    }
}

/// Many at once and one by one must agree before they are timed.
fn check(method: DevigMethod, markets: &[Market], fair: &[Market], refused: usize) {
    let mut expected_refused = 0;
    for (market, fair) in markets.iter().zip(fair) {
        let mut expected = [0.0; OUTCOMES];
        match devig_into(method, market, 1.0, &mut expected) {
            Ok(_) => assert!(
                fair.iter()
                    .zip(expected)
                    .all(|(fair, expected)| (fair - expected).abs() < 1e-14)
            ),
            Err(_) => expected_refused += 1,
        }
    }
    assert_eq!(refused, expected_refused);
}

fn time<T>(mut pass: impl FnMut() -> T) -> Duration {
    let started = Instant::now();
    black_box(pass());
    started.elapsed()
}

/// What a method can't do without even if it knew its parameter: one function of every price.
fn at_least(method: DevigMethod, markets: &[Market], fair: &mut [Market]) {
    let of: fn(f64) -> f64 = match method {
        DevigMethod::Multiplicative | DevigMethod::Additive | DevigMethod::BalancedBook => |implied| 0.95 * implied,
        DevigMethod::Shin | DevigMethod::Goto => |implied| (0.01 + 0.9 * implied).sqrt(),
        DevigMethod::OddsRatio => |implied| implied / (1.05 - 0.05 * implied),
        DevigMethod::Power => |implied| implied.powf(1.05),
        DevigMethod::Probit => |implied| domain::normal::cumulative(domain::normal::quantile(implied) - 0.05),
        DevigMethod::JensenShannon => |implied| implied * implied.ln(),
    };
    for (fair, market) in fair.iter_mut().zip(markets) {
        *fair = market.map(of);
    }
}

/// Implied probabilities with an overround of 2 % to 8 %.
fn markets() -> Vec<Market> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut market = || {
        let weights: Market = std::array::from_fn(|_| 0.1 + uniform());
        let sum = weights.iter().sum::<f64>() / (1.02 + 0.06 * uniform());
        weights.map(|weight| 1.0 / (sum / weight * 100.0).round() * 100.0)
    };
    (0..MARKETS).map(|_| market()).collect()
}
