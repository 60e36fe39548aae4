//! What a free bet is worth when it is hedged.

use super::answer::{amount, gained, gained_share, price_in};
use super::{Answer, Calculator, Entry, Field, FieldError, Kind, Row, SIDES, Table};
use domain::arbitrage::MAX_STAKE;
use domain::result::{BetResult, Rounding};
use domain::scenarios::promotion::{Hedge, Promotion, lock};
use domain::scenarios::{Commission, PlanError, Terms};
use domain::{BookmakerId, Side};

/// A free bet and its hedge.
pub static FREE_BET: Calculator = Calculator {
    key: "free-bet",
    title: "Free bet",
    about: "How to hedge a free bet, and how much of it that turns into money.",
    rows: &[
        &[
            Field::new("stake", "Free bet", Kind::Number, "100"),
            Field::new("price", "At the price", Kind::Price, "5.00"),
        ],
        &[Field::new(
            "returned",
            "When it wins",
            Kind::Choice(&[("no", "Only the winnings are paid"), ("yes", "The stake is paid too")]),
            "no",
        )],
        &[
            Field::new("side", "Hedge", Kind::Choice(SIDES), "back"),
            Field::new("hedge", "Price of the hedge", Kind::Price, "1.25"),
        ],
        &[
            Field::new("commission", "Commission on the hedge, in percent", Kind::Number, "")
                .hint("Of what it wins; nothing is none."),
            Field::new("step", "Round its stake to", Kind::Number, "0.01"),
        ],
    ],
    reckon,
};

/// How the hedge's bookmaker settles: an exchange, where bets are laid, to the nearest cent.
pub(super) fn hedge_terms(side: Side, commission_bp: u16, step: i64) -> Terms {
    Terms {
        commission: match commission_bp {
            0 => Commission::None,
            bp => Commission::NetWinnings(bp),
        },
        rounding: match side {
            Side::Back => Rounding::Cut,
            Side::Lay => Rounding::Nearest,
        },
        step,
        ..Terms::new(BookmakerId(2))
    }
}

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let (stake, price) = (entry.amount("stake")?, entry.price("price")?);
    let is_stake_returned = entry.choice("returned")? == "yes";
    let side = Side::from_code(entry.choice("side")?).unwrap_or(Side::Back);
    let hedge_price = entry.price("hedge")?;
    let terms = hedge_terms(side, entry.basis_points("commission")?, entry.amount("step")?);
    let hedge = Hedge {
        side,
        price: hedge_price,
        terms,
    };
    let free_bet = Promotion::FreeBet { is_stake_returned };
    let locked = lock(price, stake, free_bet, Terms::new(BookmakerId(1)), hedge).map_err(wrong)?;
    let won = BetResult::Win
        .profit(Side::Back, price, stake, Rounding::Cut)
        .and_then(|winnings| winnings.checked_add(if is_stake_returned { stake } else { 0 }))
        .filter(|won| *won <= MAX_STAKE * 1_000)
        .ok_or_else(|| FieldError::new("stake", PlanError::TooLarge))?;
    let ends = Table::new(
        "What each result brings",
        &["If the free bet", "Free bet", "Hedge", "Together"],
    )
    .rows([
        Row::new(
            "wins",
            [gained(won), gained(locked.if_won - won), gained(locked.if_won)],
        ),
        Row::new("loses", [gained(0), gained(locked.if_lost), gained(locked.if_lost)]),
    ]);
    let stakes = Table::new("Bets", &["Bet", "Price", "Stake", "At risk"]).rows([
        Row::new(
            "Free bet",
            [price_in(entry.format, price).into(), amount(stake), amount(0)],
        ),
        Row::new(
            match side {
                Side::Back => "Hedge, backed",
                Side::Lay => "Hedge, laid",
            },
            [
                price_in(entry.format, hedge_price).into(),
                amount(locked.stake),
                amount(locked.at_risk),
            ],
        ),
    ]);
    let stake_cell = match side {
        Side::Back => amount(locked.stake),
        Side::Lay => amount(locked.stake).under("the backer\u{2019}s stake"),
    };
    let answer = Answer::default()
        .fact("Certain profit", gained(locked.guaranteed))
        .fact("Of the free bet", gained_share(locked.guaranteed, stake))
        .fact("Stake of the hedge", stake_cell)
        .fact("At risk", amount(locked.at_risk))
        .table(stakes)
        .table(ends);
    Ok(if locked.guaranteed > 0 {
        answer
    } else {
        answer.note("At these prices the hedge costs all that the free bet is worth.")
    })
}

fn wrong(error: PlanError) -> FieldError {
    let field = match error {
        PlanError::StepNotPositive(_) | PlanError::NoStakeAllowed(_) | PlanError::BudgetTooSmall => "step",
        PlanError::CommissionTooHigh(_) => "commission",
        _ => "stake",
    };
    FieldError::new(field, error)
}
