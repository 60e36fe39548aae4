//! The stakes with which a bankroll grows fastest.

use super::answer::{amount, price_in};
use super::{Answer, Calculator, Cell, Entry, Field, FieldError, Kind, Row, Table, Tone};
use crate::write;
use domain::kelly::{KellyError, Limits, Prospect, Sizing, exclusive, growth, round_stakes, simultaneous, single};

/// So many bets that may also push are weighed while somebody types.
const MAX_BETS: usize = 7;

/// Kelly stakes.
pub static KELLY: Calculator = Calculator {
    key: "kelly",
    title: "Kelly",
    about: "The stakes with which a bankroll grows fastest, if your probabilities are right.",
    rows: &[
        &[Field::new("prices", "Prices", Kind::Prices, "1.95").hint("One per bet, with spaces between.")],
        &[Field::new("wins", "Your probability of a win", Kind::Numbers, "55%").hint("One per bet, as 55% or 0.55.")],
        &[Field::new("pushes", "Probability of a push", Kind::Numbers, "")
            .hint("One per bet, one for all, or none. The rest is a loss.")],
        &[Field::new(
            "together",
            "Several bets are",
            Kind::Choice(&[
                ("independent", "Independent, open together"),
                ("exclusive", "Outcomes of one market"),
            ]),
            "independent",
        )],
        &[
            Field::new("bankroll", "Bankroll", Kind::Number, "1000"),
            Field::new("fraction", "Of full Kelly, in percent", Kind::Number, "100"),
            Field::new("step", "Round to", Kind::Number, "1"),
        ],
    ],
    reckon,
};

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let prices = entry.prices("prices", 1..=MAX_BETS)?;
    let wins = entry.probabilities("wins", prices.len())?;
    let pushes = entry.shares("pushes", prices.len())?;
    let is_one_market = entry.choice("together")? == "exclusive";
    let bankroll = entry.amount("bankroll")?;
    let fraction = f64::from(entry.basis_points("fraction")?) / 10_000.0;
    let step = entry.amount("step")?;
    let prospect = |((price, win), push): ((&domain::Price, &domain::Probability), &f64)| {
        let bet = Prospect::new(*win, *price).with_push(*push);
        bet.map_err(|wrong| FieldError::new("pushes", wrong))
    };
    let prospects: Vec<Prospect> = prices
        .iter()
        .zip(&wins)
        .zip(&pushes)
        .map(prospect)
        .collect::<Result<_, _>>()?;
    let limits = Limits::fraction(fraction);
    let sizing = size(&prospects, &limits, is_one_market).map_err(wrong)?;
    let stakes = round_stakes(bankroll, &sizing.shares, &limits, step).map_err(wrong)?;
    let staked: i64 = stakes.iter().sum();
    let share: f64 = sizing.shares.iter().sum();
    let rows = prospects.iter().enumerate().map(|(at, prospect)| {
        let alone = single(prospect) * fraction;
        Row::new(
            format!("Bet {}", at + 1),
            [
                prices
                    .get(at)
                    .map_or_else(Cell::none, |price| price_in(entry.format, *price).into()),
                edge_cell(prospect.edge()),
                write::percent(alone, 4).into(),
                sizing
                    .shares
                    .get(at)
                    .map_or_else(Cell::none, |share| write::percent(*share, 4).into()),
                stakes.get(at).map_or_else(Cell::none, |stake| amount(*stake)),
            ],
        )
    });
    let sum = Row::new(
        "Together",
        [
            Cell::from(""),
            "".into(),
            "".into(),
            write::percent(share, 4).into(),
            amount(staked),
        ],
    );
    let answer = Answer::default()
        .fact("Share of the bankroll", write::percent(share, 2))
        .fact("Staked", amount(staked))
        .fact("Expected growth", write::signed_percent(sizing.growth.exp_m1(), 4))
        .table(
            Table::new(
                "Stakes by bet",
                &["Bet", "Price", "Edge", "Share alone", "Share", "Stake"],
            )
            .rows(rows)
            .total(sum),
        )
        .note("Stakes are rounded down: a little less costs less growth than as much more.");
    Ok(if share > 0.0 {
        answer
    } else {
        answer.note("No bet here has an edge, so the best stake is nothing.")
    })
}

fn size(prospects: &[Prospect], limits: &Limits, is_one_market: bool) -> Result<Sizing, KellyError> {
    match prospects {
        [one] => {
            let share = limits.apply(single(one))?;
            Ok(Sizing {
                shares: vec![share],
                growth: growth(one, share),
            })
        }
        _ if is_one_market => exclusive(prospects, limits),
        _ => simultaneous(prospects, limits),
    }
}

/// The field that an error is about.
fn wrong(error: KellyError) -> FieldError {
    let field = match error {
        KellyError::MoreThanCertain => "wins",
        KellyError::CannotLose | KellyError::PushesDiffer => "pushes",
        KellyError::LimitOutOfRange => {
            return FieldError::new("fraction", "it must be above 0 and at most 100");
        }
        KellyError::NotPositive => "bankroll",
        KellyError::NotAPrice
        | KellyError::TooManyBets
        | KellyError::NoSuchBet
        | KellyError::NotShares
        | KellyError::Unsettled => "prices",
    };
    FieldError::new(field, error)
}

fn edge_cell(edge: f64) -> Cell {
    let tone = if edge > 0.0 {
        Tone::Gain
    } else if edge < 0.0 {
        Tone::Loss
    } else {
        Tone::Plain
    };
    Cell {
        tone,
        ..write::signed_percent(edge, 2).into()
    }
}
