//! The other side of a bet that is already made.

use super::answer::{amount, gained, gained_share, price_in};
use super::free_bet::hedge_terms;
use super::{Answer, Calculator, Entry, Field, FieldError, Kind, Row, SIDES, Table};
use domain::arbitrage::MAX_STAKE;
use domain::result::{BetResult, Contest};
use domain::scenarios::{Combination, Leg, PlanError, Scenario, Terms};
use domain::{BookmakerId, MarketKey, MarketKind, Outcome, Side, Sport};

/// A hedge.
pub static HEDGE: Calculator = Calculator {
    key: "hedge",
    title: "Hedge",
    about: "What to stake against a bet you have already made, so that its worst case is best.",
    rows: &[
        &[
            Field::new("stake", "Stake of your bet", Kind::Number, "100"),
            Field::new("price", "Its price", Kind::Price, "2.10"),
        ],
        &[Field::new("side", "Hedge", Kind::Choice(SIDES), "back")],
        &[Field::new("prices", "Prices of the hedge", Kind::Prices, "2.00")
            .hint("One to lay; to back, one for each other outcome, at most two.")],
        &[
            Field::new("commission", "Commission on the hedge, in percent", Kind::Number, "")
                .hint("Of what it wins; nothing is none."),
            Field::new("step", "Round to", Kind::Number, "0.01"),
        ],
    ],
    reckon,
};

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let (stake, price) = (entry.amount("stake")?, entry.price("price")?);
    let side = Side::from_code(entry.choice("side")?).unwrap_or(Side::Back);
    let prices = entry.prices("prices", 1..=if side == Side::Lay { 1 } else { 2 })?;
    let hedge = hedge_terms(side, entry.basis_points("commission")?, entry.amount("step")?);
    // Any contest with as many ends as there are outcomes will do.
    let (sport, kind, others) = match prices.len() {
        1 => (Sport::BASKETBALL, MarketKind::Moneyline, vec![Outcome::Away]),
        _ => (
            Sport::FOOTBALL,
            MarketKind::ThreeWay,
            vec![Outcome::Draw, Outcome::Away],
        ),
    };
    let market = MarketKey::plain(kind);
    let mut legs = vec![Leg::back(
        market.clone(),
        Outcome::Home,
        price,
        Terms::new(BookmakerId(1)),
    )];
    legs.extend(prices.iter().zip(others).map(|(price, outcome)| match side {
        Side::Back => Leg::back(market.clone(), outcome, *price, hedge),
        Side::Lay => Leg::lay(market.clone(), Outcome::Home, *price, hedge),
    }));
    let contest = Contest::new(sport, "home", "away");
    let combination = Combination::new(&contest, legs).map_err(|wrong| FieldError::new("prices", wrong))?;
    let plan = combination.hedge(0, stake, MAX_STAKE).map_err(wrong)?;
    let names: Vec<String> = match (side, prices.len()) {
        (Side::Lay, _) => vec!["Your bet".to_owned(), "Hedge, laid".to_owned()],
        (Side::Back, 1) => vec!["Your bet".to_owned(), "Hedge".to_owned()],
        (Side::Back, _) => vec!["Your bet".to_owned(), "Hedge 1".to_owned(), "Hedge 2".to_owned()],
    };
    let bets = names.iter().enumerate().map(|(at, name)| {
        let at_leg = |amounts: &[i64]| amount(amounts.get(at).copied().unwrap_or(0));
        let price = combination.legs().get(at).map_or(price, |leg| leg.price);
        Row::new(
            name.clone(),
            [
                price_in(entry.format, price).into(),
                at_leg(&plan.stakes),
                at_leg(&plan.at_risk),
            ],
        )
    });
    let bets = Table::new("Bets", &["Bet", "Price", "Stake", "At risk"])
        .rows(bets)
        .total(Row::new("Together", ["".into(), "".into(), amount(plan.staked)]));
    let ends = combination
        .scenarios()
        .iter()
        .zip(&plan.returns)
        .map(|(scenario, left)| Row::new(winner(scenario, &names), [gained(*left)]));
    let staked: i64 = plan.stakes.iter().skip(1).sum();
    let answer = Answer::default()
        .fact("At worst", gained(plan.guaranteed))
        .fact("Of what is at risk", gained_share(plan.guaranteed, plan.staked))
        .fact("Stake of the hedge", amount(staked))
        .fact("Without it, at worst", gained(-stake))
        .table(bets)
        .table(Table::new("What each result brings", &["Wins", "Profit"]).rows(ends));
    Ok(match side {
        Side::Back => answer,
        Side::Lay => {
            answer.note("The stake of a lay is the backer\u{2019}s; at risk is what it loses when your bet wins.")
        }
    })
}

/// Which bet wins in a scenario.
fn winner(scenario: &Scenario, names: &[String]) -> String {
    let won = scenario.results.iter().position(|result| *result == BetResult::Win);
    won.and_then(|at| names.get(at))
        .cloned()
        .unwrap_or_else(|| scenario.to_string())
}

fn wrong(error: PlanError) -> FieldError {
    let field = match error {
        PlanError::StepNotPositive(_) | PlanError::NoStakeAllowed(_) | PlanError::BudgetTooSmall => "step",
        PlanError::CommissionTooHigh(_) => "commission",
        _ => "stake",
    };
    FieldError::new(field, error)
}
