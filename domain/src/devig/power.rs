//! The power method.

use super::Market;
use super::lanes::{LANES, side_by_side, write_back};

/// Finds k where g(k) = ln(sum of i^k / T) is zero. g falls and is convex for every k, so Newton's method finds the zero from
/// anywhere. The first steps also use the curvature (Halley's method), and then two or three are enough.
#[inline]
pub(super) fn power(market: &Market<'_>, fair: &mut [f64]) -> f64 {
    // Until the exponent is known, `fair` holds the logarithms.
    let mut longest = 0.0_f64;
    let mut moments = Moments::default();
    for (log, implied) in fair.iter_mut().zip(market.implied) {
        *log = implied.ln();
        longest = if *log < longest { *log } else { longest };
        moments.add(*implied, *log);
    }
    let mut exponent = 1.0;
    for round in 0..MAX_STEPS {
        let step = moments.step(market.target, round < HALLEY_STEPS);
        exponent += step;
        // Halley's error moves no logarithm of a probability by more than the cube of this, Newton's by its square.
        let change = (step * longest).abs();
        if change <= if round < HALLEY_STEPS { 5e-6 } else { 1e-8 } {
            break;
        }
        moments = Moments::default();
        for log in fair.iter() {
            moments.add((exponent * log).exp(), *log);
        }
    }
    for fair in fair.iter_mut() {
        *fair = (exponent * *fair).exp();
    }
    exponent
}

const HALLEY_STEPS: u32 = 6;
const MAX_STEPS: u32 = 100;

/// Sums of powers, and of those times their logarithms once and twice.
#[derive(Default)]
struct Moments {
    sum: f64,
    first: f64,
    second: f64,
}

impl Moments {
    #[inline]
    fn add(&mut self, power: f64, log: f64) {
        let weighted = power * log;
        self.sum += power;
        self.first += weighted;
        self.second += weighted * log;
    }

    #[inline]
    fn step(&self, target: f64, curved: bool) -> f64 {
        let value = (self.sum / target).ln();
        let newton = -value * self.sum / self.first;
        if !curved {
            return newton;
        }
        // g'' / g'^2, where g'' is the variance of the logarithms.
        let bend = (self.second * self.sum / (self.first * self.first) - 1.0) * value * 0.5;
        newton / (1.0 - if bend < 0.5 { bend } else { 0.5 })
    }
}

/// As [`power`] for markets side by side, so that one market's logarithms run while another's are awaited. Says of each whether
/// it is found; not where two steps are too few, and where the market has no answer.
#[inline]
pub(super) fn power_lanes<const N: usize>(
    markets: &[[f64; N]; LANES],
    target: f64,
    fair: &mut [[f64; N]; LANES],
) -> [bool; LANES] {
    let (implied, mut is_found) = side_by_side(markets, target);
    let logs = implied.map(|outcome| outcome.map(f64::ln));
    let mut exponents = [1.0; LANES];
    let mut powers = implied;
    let mut steps = [0.0; LANES];
    for round in 0..2 {
        if round > 0 {
            for (powers, logs) in powers.iter_mut().zip(&logs) {
                for lane in 0..LANES {
                    powers[lane] = (exponents[lane] * logs[lane]).exp();
                }
            }
        }
        for lane in 0..LANES {
            let mut moments = Moments::default();
            for (powers, logs) in powers.iter().zip(&logs) {
                moments.add(powers[lane], logs[lane]);
            }
            steps[lane] = moments.step(target, true);
            exponents[lane] += steps[lane];
        }
    }
    // The last step is so small that a few terms of the series are exact; if it is not, the sum shows it.
    for (powers, logs) in powers.iter_mut().zip(&logs) {
        for lane in 0..LANES {
            let change = steps[lane] * logs[lane];
            powers[lane] *= 1.0 + change * (1.0 + change * (0.5 + change / 6.0));
        }
    }
    write_back(&powers, target, fair, &mut is_found);
    is_found
}
