//! Two bets on different lines that may both win.

use super::answer::{amount, gained, gained_share, price_in, result_name};
use super::{Answer, Calculator, Cell, Entry, Field, FieldError, Kind, Row, Table};
use crate::write;
use domain::result::Contest;
use domain::scenarios::{Class, Combination, Leg, Plan, PlanError, Terms};
use domain::{BookmakerId, Line, MarketKey, MarketKind, Outcome, Sport};

/// A middle.
pub static MIDDLE: Calculator = Calculator {
    key: "middle",
    title: "Middle",
    about: "Two bets on different lines: what they cost when one wins, and what they bring when both do.",
    rows: &[
        &[Field::new(
            "market",
            "Market",
            Kind::Choice(&[
                ("total", "Total: over and under"),
                ("spread", "Handicap: home and away"),
            ]),
            "total",
        )],
        &[
            Field::new("line_1", "Line of over, or home", Kind::Signed, "220.5"),
            Field::new("price_1", "Its price", Kind::Price, "1.95"),
        ],
        &[
            Field::new("line_2", "Line of under, or away", Kind::Signed, "224.5")
                .hint("Each line as that side has it: home -2.5, away +3.5."),
            Field::new("price_2", "Its price", Kind::Price, "1.95"),
        ],
        &[
            Field::new("total", "Total stake", Kind::Number, "100"),
            Field::new("step", "Round to", Kind::Number, "1"),
        ],
    ],
    reckon,
};

fn reckon(entry: &Entry<'_>) -> Result<Answer, FieldError> {
    let is_total = entry.choice("market")? == "total";
    let (first, second) = (entry.line("line_1")?, entry.line("line_2")?);
    let (first_price, second_price) = (entry.price("price_1")?, entry.price("price_2")?);
    let (total, step) = (entry.amount("total")?, entry.amount("step")?);
    let terms = |book| Terms {
        step,
        ..Terms::new(BookmakerId(book))
    };
    let market = |kind, line| MarketKey {
        line: Some(line),
        ..MarketKey::plain(kind)
    };
    let (outcomes, names, markets) = if is_total {
        if first.hundredths() < 0 {
            return Err(FieldError::new("line_1", "a total is not below zero"));
        }
        if second.hundredths() < 0 {
            return Err(FieldError::new("line_2", "a total is not below zero"));
        }
        (
            [Outcome::Over, Outcome::Under],
            [format!("Over {first}"), format!("Under {second}")],
            [market(MarketKind::Total, first), market(MarketKind::Total, second)],
        )
    } else {
        // Markets have the home side's line; what is typed is the away side's.
        let homes = second.hundredths().checked_neg().map(Line::from_hundredths);
        let homes = homes.ok_or_else(|| FieldError::new("line_2", "the line is too large"))?;
        let minus = |line: Line| line.signed().replace('-', "\u{2212}");
        (
            [Outcome::Home, Outcome::Away],
            [format!("Home {}", minus(first)), format!("Away {}", minus(second))],
            [market(MarketKind::Spread, first), market(MarketKind::Spread, homes)],
        )
    };
    let ([one, other], [one_market, other_market]) = (outcomes, markets);
    let legs = vec![
        Leg::back(one_market, one, first_price, terms(1)),
        Leg::back(other_market, other, second_price, terms(2)),
    ];
    // In football every margin can be, a draw too.
    let contest = Contest::new(Sport::FOOTBALL, "home", "away");
    let combination = Combination::new(&contest, legs).map_err(|wrong| FieldError::new("line_1", wrong))?;
    let plan = combination.plan(total).map_err(wrong)?;
    Ok(answer(entry, &combination, &plan, &names))
}

fn answer(entry: &Entry<'_>, combination: &Combination, plan: &Plan, names: &[String; 2]) -> Answer {
    let mut head = vec!["Bet"];
    head.extend(["Price", "Stake"]);
    let bets = names
        .iter()
        .zip(combination.legs())
        .zip(&plan.stakes)
        .map(|((name, leg), stake)| Row::new(name.clone(), [price_in(entry.format, leg.price).into(), amount(*stake)]));
    let stakes = Table::new("Stakes", &head)
        .rows(bets)
        .total(Row::new("Together", [Cell::from(""), amount(plan.staked)]));
    let [first, second] = names;
    let scenarios = combination
        .scenarios()
        .iter()
        .zip(&plan.returns)
        .map(|(scenario, left)| {
            let results = scenario.results.iter().map(|result| Cell::from(result_name(*result)));
            let name = scenario.to_string().replace('-', "\u{2212}");
            Row::new(write::capitalised(&name), results.chain([gained(*left)]))
        });
    let ends = Table::new("What each result brings", &["If", first, second, "Profit"]).rows(scenarios);
    let answer = Answer::default();
    let answer = match combination.classify(plan) {
        Class::Arbitrage => answer
            .fact("Certain profit", gained(plan.guaranteed))
            .fact("Return", gained_share(plan.guaranteed, plan.staked))
            .fact("Staked", amount(plan.staked))
            .note("These bets win whatever happens: an arbitrage."),
        Class::Middle(middle) => answer
            .fact("If both win", gained(middle.gain))
            .fact("At worst", gained(-middle.cost))
            .fact("Breaks even at", write::percent(middle.break_even, 4))
            .fact("Staked", amount(plan.staked))
            .note("It breaks even when both win with that probability, if it comes to the worst every other time."),
        Class::Neither => answer
            .fact("At worst", gained(plan.guaranteed))
            .fact("Staked", amount(plan.staked))
            .note("There is no result in which both bets win and profit."),
    };
    let answer = answer.table(stakes).table(ends);
    if combination
        .legs()
        .iter()
        .any(|leg| leg.market.kind == MarketKind::Spread)
    {
        answer.note("The margin is what home has more than away.")
    } else {
        answer
    }
}

fn wrong(error: PlanError) -> FieldError {
    let field = match error {
        PlanError::StepNotPositive(_) => "step",
        _ => "total",
    };
    FieldError::new(field, error)
}
