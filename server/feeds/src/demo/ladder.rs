//! The steps in which bookmakers set prices.

use super::dice::whole;

/// How a bookmaker writes and steps its prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ladder {
    /// Decimal, three places.
    Thousandths,
    /// Decimal, two places.
    Hundredths,
    /// Decimal, in steps that widen with the price, as on an exchange.
    Exchange,
    /// American, in steps that widen with the price.
    American,
}

/// Decimal odds in thousandths up to which each step of an exchange holds, and the step.
const EXCHANGE_STEPS: [(i64, i64); 8] = [
    (2_000, 10),
    (3_000, 20),
    (4_000, 50),
    (6_000, 100),
    (10_000, 200),
    (20_000, 500),
    (50_000, 2_000),
    (i64::MAX, 10_000),
];

/// American odds up to which each step holds, and the step.
const AMERICAN_STEPS: [(i64, i64); 4] = [(300, 5), (500, 10), (1_000, 25), (i64::MAX, 100)];

impl Ladder {
    /// How its prices are written: `decimal` or `american`.
    pub(super) const fn format(self) -> &'static str {
        match self {
            Self::American => "american",
            Self::Thousandths | Self::Hundredths | Self::Exchange => "decimal",
        }
    }

    /// The highest price of the ladder that is not above these decimal odds; what a bookmaker would offer.
    pub(super) fn write_below(self, decimal: f64) -> String {
        let thousandths = whole((decimal * 1_000.0).floor());
        match self {
            Self::Thousandths => write_thousandths(thousandths.max(1_001), 3),
            Self::Hundredths => write_thousandths((thousandths / 10 * 10).max(1_010), 2),
            Self::Exchange => {
                let step = step(&EXCHANGE_STEPS, thousandths);
                write_thousandths((thousandths / step * step).max(1_010), 2)
            }
            Self::American => write_american(decimal),
        }
    }

    /// The lowest price of an exchange that is not below these decimal odds and is above what is offered to backers.
    pub(super) fn write_lay(decimal: f64, back: f64) -> String {
        let least = whole((decimal * 1_000.0).ceil()).max(whole(back * 1_000.0) + 1);
        let step = step(&EXCHANGE_STEPS, least);
        write_thousandths((least + step - 1) / step * step, 2)
    }
}

fn step(steps: &[(i64, i64)], value: i64) -> i64 {
    steps
        .iter()
        .find(|(until, _)| value <= *until)
        .map_or(1, |(_, step)| *step)
}

fn write_thousandths(thousandths: i64, places: usize) -> String {
    format!("{:.places$}", thousandths as f64 / 1_000.0)
}

fn write_american(decimal: f64) -> String {
    let net = (decimal - 1.0).max(0.000_2);
    if net >= 1.0 {
        let value = whole((net * 100.0).floor());
        let step = step(&AMERICAN_STEPS, value);
        format!("+{}", value / step * step)
    } else {
        let value = whole((100.0 / net).ceil());
        let step = step(&AMERICAN_STEPS, value);
        format!("-{}", (value + step - 1) / step * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_falls_to_the_next_step() {
        assert_eq!(Ladder::Thousandths.write_below(1.9239), "1.923");
        assert_eq!(Ladder::Hundredths.write_below(1.9239), "1.92");
        assert_eq!(Ladder::Exchange.write_below(2.51), "2.50");
        assert_eq!(Ladder::American.write_below(2.483), "+145");
        assert_eq!(Ladder::American.write_below(1.92), "-110");
        assert_eq!(Ladder::American.write_below(1.999), "-105");
        assert_eq!(Ladder::American.write_below(2.0), "+100");
    }

    #[test]
    fn a_lay_price_rises_to_the_next_step_and_passes_the_back_price() {
        assert_eq!(Ladder::write_lay(2.51, 2.50), "2.52");
        assert_eq!(Ladder::write_lay(2.50, 2.50), "2.52");
        assert_eq!(Ladder::write_lay(1.99, 2.0), "2.02");
    }
}
