//! The zero of a function known to fall.

/// Newton's method kept between two ends, where it is above zero at `low` and below at `high`; halves where a step would
/// leave them or gains too little. `value_and_slope` is asked only between the ends.
///
/// Ends where the value is no more than `noise`, or where the last digits of the point are reached.
pub(super) fn falling_zero(
    (mut low, mut high): (f64, f64),
    start: f64,
    noise: f64,
    mut value_and_slope: impl FnMut(f64) -> (f64, f64),
) -> f64 {
    let mut x = if start > low && start < high {
        start
    } else {
        low.midpoint(high)
    };
    let mut last_step = high - low;
    for _ in 0..MAX_STEPS {
        let (value, slope) = value_and_slope(x);
        if value.abs() <= noise {
            break;
        }
        if value > 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        let gains = newton > low && newton < high && (newton - x).abs() < 0.5 * last_step;
        let next = if gains { newton } else { low.midpoint(high) };
        last_step = (next - x).abs();
        x = next;
        // The error after a step of Newton's method is of the order of its square.
        if last_step <= if gains { 1e-9 } else { f64::EPSILON } * x.abs() {
            break;
        }
    }
    x
}

/// Halving alone takes about sixty, or about a thousand towards a zero at zero.
const MAX_STEPS: u32 = 1_200;
