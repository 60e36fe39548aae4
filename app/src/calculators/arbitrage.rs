//! Stakes on every outcome of a market.

use super::answer::{amount, gained, gained_share, price_in, signed};
use super::{Answer, Calculator, Cell, Entry, Field, FieldError, Kind, Row, Table};
use crate::write;
use domain::arbitrage::{NetPrice, StakeError, plan_stakes, round_stakes};

/// As many outcomes as a table reads well with.
const MAX_OUTCOMES: usize = 30;

/// Stakes that pay alike whatever happens.
pub static ARBITRAGE: Calculator = Calculator {
    key: "arbitrage",
    title: "Arbitrage",
    about: "Stakes on every outcome of a market, in whole steps, whose worst case is best.",
    rows: &[
        &[
            Field::new("prices", "Best price of each outcome", Kind::Prices, "2.10 2.00")
                .hint("One per outcome, with spaces between."),
        ],
        &[
            Field::new("commissions", "Commission on winnings, in percent", Kind::Numbers, "")
                .hint("One for each price, one for all, or none."),
        ],
        &[
            Field::new("total", "Total stake", Kind::Number, "100"),
            Field::new("step", "Round to", Kind::Number, "1"),
        ],
    ],
    reckon,
};

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let prices = entry.prices("prices", 2..=MAX_OUTCOMES)?;
    let commissions = entry.many_basis_points("commissions", prices.len())?;
    let (total, step) = (entry.amount("total")?, entry.amount("step")?);
    let net: Vec<NetPrice> = prices
        .iter()
        .zip(&commissions)
        .map(|(price, commission_bp)| NetPrice::new(*price, *commission_bp))
        .collect();
    let wrong = |error: StakeError| FieldError::new("total", error);
    let plan = plan_stakes(&net, total, step).map_err(wrong)?;
    let implied: f64 = net.iter().map(|price| 1.0 / price.as_f64()).sum();
    let rows = prices.iter().enumerate().map(|(at, price)| {
        let (stake, left) = (plan.stakes.get(at).copied(), plan.returns.get(at).copied());
        let commission = commissions.get(at).copied().unwrap_or(0);
        let under = match commission {
            0 => String::new(),
            bp => format!("less {}", write::percent(f64::from(bp) / 10_000.0, 2)),
        };
        let pays = left.and_then(|left| left.checked_add(plan.staked));
        Row::new(
            format!("Outcome {}", at + 1),
            [
                Cell::from(price_in(entry.format, *price)).under(under),
                stake.map_or_else(Cell::none, amount),
                pays.map_or_else(Cell::none, amount),
                left.map_or_else(Cell::none, gained),
            ],
        )
    });
    let sum = Row::new(
        "Together",
        [
            Cell::from(""),
            amount(plan.staked),
            Cell::from(""),
            gained(plan.guaranteed).under("at worst"),
        ],
    );
    let mut answer = Answer::default()
        .fact("Certain profit", gained(plan.guaranteed))
        .fact("Return", gained_share(plan.guaranteed, plan.staked))
        .fact("Staked", amount(plan.staked))
        .fact("Implied sum", write::percent(implied, 4))
        .table(
            Table::new(
                "Stakes by outcome",
                &["Outcome", "Price", "Stake", "Pays", "Profit if it happens"],
            )
            .rows(rows)
            .total(sum),
        );
    let unrounded = 1.0 / implied - 1.0;
    answer = if plan.guaranteed > 0 {
        answer.note(format!(
            "Before rounding the return is {}.",
            write::signed_percent(unrounded, 4)
        ))
    } else if implied < 1.0 {
        answer.note(format!(
            "Rounding takes all of it: before, the return is {}. A greater total or a finer step leaves more.",
            write::signed_percent(unrounded, 4)
        ))
    } else {
        answer.note("These prices are no arbitrage: what is certain is the least loss that the total comes to.")
    };
    match round_stakes(&net, total, step) {
        Ok(by_hand) if by_hand.guaranteed < plan.guaranteed => Ok(answer.note(format!(
            "Rounding each stake by itself would come to {} at worst.",
            signed(by_hand.guaranteed)
        ))),
        _ => Ok(answer),
    }
}
