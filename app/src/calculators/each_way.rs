//! A bet to win and a bet to be placed, and dead heats.

use super::answer::{amount, gained, gained_share, price_in};
use super::{Answer, Calculator, Cell, Entry, Field, FieldError, Kind, Row, Table};
use domain::each_way::{EachWayError, Finish, MAX_RUNNERS, Part, PlaceTerms, Settled, settle};
use domain::result::Rounding;

/// An each-way bet.
pub static EACH_WAY: Calculator = Calculator {
    key: "each-way",
    title: "Each-way",
    about: "What an each-way bet pays, won, placed or lost, and what a dead heat takes off.",
    rows: &[
        &[
            Field::new("stake", "Stake each way", Kind::Number, "10").hint("Staked twice: to win and to be placed."),
            Field::new("price", "Price to win", Kind::Price, "11.00"),
        ],
        &[
            Field::new("places", "Places paid", Kind::Number, "3"),
            Field::new(
                "part",
                "A place pays",
                Kind::Choice(&[
                    ("5", "1/5 of the odds"),
                    ("4", "1/4 of the odds"),
                    ("3", "1/3 of the odds"),
                    ("2", "1/2 of the odds"),
                    ("1", "All of the odds"),
                ]),
                "5",
            ),
        ],
        &[
            Field::new("position", "Finished", Kind::Number, "2").hint("1 is first; of a tie, the best place shared."),
            Field::new("tied", "Runners at that place", Kind::Number, "1").hint("1 without a tie, 2 when two tied."),
        ],
    ],
    reckon,
};

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let (stake, price) = (entry.amount("stake")?, entry.price("price")?);
    let terms = PlaceTerms {
        places: entry.whole("places", 1..=MAX_RUNNERS)?,
        numerator: 1,
        denominator: entry.choice("part")?.parse().unwrap_or(1),
    };
    let finish = Finish {
        position: entry.whole("position", 1..=MAX_RUNNERS)?,
        tied: entry.whole("tied", 1..=MAX_RUNNERS)?,
    };
    let settled = |finish| settle(stake, price, terms, finish, Rounding::Cut).map_err(wrong);
    let ended = settled(finish)?;
    let part = |name: &str, price: Cell, part: Part| {
        Row::new(
            name,
            [
                price,
                amount(part.stake),
                amount(part.payout),
                gained(part.payout - part.stake),
            ],
        )
    };
    let place_price = terms
        .price(price)
        .map_or_else(Cell::none, |price| price_in(entry.format, price).into());
    let parts = Table::new("The two bets", &["Bet", "Price", "Stake", "Pays", "Profit"])
        .rows([
            part("To win", price_in(entry.format, price).into(), ended.win),
            part("To be placed", place_price, ended.place),
        ])
        .total(Row::new(
            "Together",
            [
                Cell::from(""),
                amount(2 * stake),
                amount(pays(&ended)),
                gained(ended.profit()),
            ],
        ));
    let alone = |position| settled(Finish { position, tied: 1 });
    let end = |name: &str, ended: Settled| Row::new(name, [amount(pays(&ended)), gained(ended.profit())]);
    let mut ends = vec![end("First", alone(1)?)];
    if terms.places > 1 {
        ends.push(end("Placed", alone(terms.places)?));
    }
    if terms.places < MAX_RUNNERS {
        ends.push(end("Not placed", alone(terms.places + 1)?));
    }
    let ends = Table::new("Without a tie", &["Finished", "Pays", "Profit"]).rows(ends);
    let answer = Answer::default()
        .fact("Profit", gained(ended.profit()))
        .fact("Comes back", amount(pays(&ended)))
        .fact("Staked", amount(2 * stake))
        .fact("Return", gained_share(ended.profit(), 2 * stake))
        .table(parts)
        .table(ends);
    Ok(if finish.tied > 1 {
        answer.note("In a dead heat each bet is paid on that part of its stake which the places left are of the runners who tied.")
    } else {
        answer
    })
}

const fn pays(settled: &Settled) -> i64 {
    settled.win.payout + settled.place.payout
}

fn wrong(error: EachWayError) -> FieldError {
    let field = match error {
        EachWayError::StakeNotPositive | EachWayError::TooLarge => "stake",
        EachWayError::NoSuchPlaces => "places",
        EachWayError::NoSuchPart => "part",
        EachWayError::NoSuchPosition => "position",
        EachWayError::NoSuchTie => "tied",
    };
    FieldError::new(field, error)
}
