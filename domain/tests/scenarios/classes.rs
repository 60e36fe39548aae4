//! Arbitrage, middle or neither; and what is left when a leg is gone.

use super::{back, basketball, book, complete, football, plain, price, spread, total};
use domain::MarketKind;
use domain::Outcome;
use domain::result::Contest;
use domain::scenarios::{Class, Combination, Leg, LegGone, Middle, Plan, PlanError};

fn planned(contest: &Contest, legs: Vec<Leg>) -> (Combination, Plan) {
    let combination = Combination::new(contest, legs).unwrap();
    let plan = combination.plan(100_00).unwrap();
    (combination, plan)
}

fn around_three(decimal: &str) -> Vec<Leg> {
    vec![
        back(spread("-2.5"), Outcome::Home, decimal, book(1, 1)),
        back(spread("-3.5"), Outcome::Away, decimal, book(2, 1)),
    ]
}

fn middle_of(combination: &Combination, plan: &Plan) -> Middle {
    match combination.classify(plan) {
        Class::Middle(middle) => middle,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_middle_costs_a_little_and_wins_both_on_the_margin_between() {
    let (combination, plan) = planned(&football(), around_three("1.95"));
    let middle = middle_of(&combination, &plan);
    assert_eq!((middle.cost, middle.gain), (2_50, 95_00));
    assert!((middle.break_even - 2.5 / 97.5).abs() < 1e-12);
    let winning: Vec<String> = middle
        .winning
        .iter()
        .map(|at| combination.scenarios()[*at].to_string())
        .collect();
    assert_eq!(winning, ["margin 3"]);
    // With that probability of a margin of 3 the expectation is zero.
    let expected = middle.break_even * middle.gain as f64 - (1.0 - middle.break_even) * middle.cost as f64;
    assert!(expected.abs() < 1e-9);
}

#[test]
fn lines_that_overlap_are_an_arbitrage_only_if_the_worst_scenario_wins() {
    let (combination, plan) = planned(&football(), around_three("2.05"));
    assert_eq!((plan.guaranteed, combination.classify(&plan)), (2_50, Class::Arbitrage));
    // A worst case of exactly nothing is a middle that costs nothing.
    let (combination, plan) = planned(&football(), around_three("2.00"));
    let middle = middle_of(&combination, &plan);
    assert_eq!(middle.cost, 0);
    assert!(middle.break_even.abs() < f64::EPSILON);
}

#[test]
fn a_middle_of_totals_names_every_total_between() {
    let legs = vec![
        back(total("210.5"), Outcome::Over, "1.91", book(1, 1)),
        back(total("214.5"), Outcome::Under, "1.91", book(2, 1)),
    ];
    let (combination, plan) = planned(&basketball(), legs);
    let middle = middle_of(&combination, &plan);
    assert_eq!(
        combination.scenarios()[middle.winning[0]].to_string(),
        "total 211 to 214"
    );
}

#[test]
fn a_middle_at_quarter_lines_may_win_halves() {
    let legs = vec![
        back(spread("-0.75"), Outcome::Home, "1.95", book(1, 1)),
        back(spread("-1.25"), Outcome::Away, "1.95", book(2, 1)),
    ];
    let (combination, plan) = planned(&football(), legs);
    let middle = middle_of(&combination, &plan);
    assert_eq!(combination.scenarios()[middle.winning[0]].to_string(), "margin 1");
    assert_eq!((middle.cost, middle.gain), (2_50, 47_50));
}

#[test]
fn a_bet_that_wins_while_the_other_comes_back_is_no_middle() {
    let legs = vec![
        back(spread("-2.5"), Outcome::Home, "1.95", book(1, 1)),
        back(spread("-3"), Outcome::Away, "1.95", book(2, 1)),
    ];
    let (combination, plan) = planned(&football(), legs);
    assert_eq!(combination.classify(&plan), Class::Neither);
}

#[test]
fn the_two_sides_of_one_market_and_a_bet_alone_are_no_middle() {
    let (combination, plan) = planned(
        &football(),
        complete(&MarketKind::DrawNoBet, &[price("1.9"), price("1.9")], 1),
    );
    assert_eq!(combination.classify(&plan), Class::Neither);
    let alone = vec![back(plain(MarketKind::Moneyline), Outcome::Home, "1.9", book(1, 1))];
    let (combination, plan) = planned(&football(), alone);
    assert_eq!(
        (plan.guaranteed, combination.classify(&plan)),
        (-100_00, Class::Neither)
    );
}

#[test]
fn when_a_leg_is_gone_the_others_are_exposed() {
    let prices = ["3.60", "3.70", "2.30"].map(price);
    let (combination, plan) = planned(&football(), complete(&MarketKind::ThreeWay, &prices, 1_00));
    assert_eq!(plan.stakes, [27_00, 26_00, 42_00]);
    let gone = combination.without_each_leg(&plan).unwrap();
    let told: Vec<(i64, i64, String)> = gone
        .iter()
        .map(|gone| {
            (
                gone.worst_case,
                gone.exposure,
                combination.scenarios()[gone.scenario].to_string(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (-68_00, 68_00, "home wins".to_owned()),
            (-69_00, 69_00, "draw".to_owned()),
            (-53_00, 53_00, "away wins".to_owned()),
        ]
    );
}

#[test]
fn a_leg_that_is_not_needed_leaves_no_exposure_when_it_is_gone() {
    let mut legs = complete(&MarketKind::Moneyline, &[price("2.10"), price("2.10")], 1_00);
    legs.push(back(plain(MarketKind::Moneyline), Outcome::Home, "1.50", book(3, 1_00)));
    let (combination, plan) = planned(&basketball(), legs);
    let gone = combination.without_each_leg(&plan).unwrap()[2];
    assert!(gone.worst_case > 0 && gone.exposure == 0, "{gone:?}");
}

#[test]
fn a_bet_left_alone_on_a_whole_line_counts_where_it_is_decided() {
    let legs = vec![
        back(spread("-3"), Outcome::Home, "2.10", book(1, 1_00)),
        back(spread("-3"), Outcome::Away, "2.00", book(2, 1_00)),
    ];
    let (combination, plan) = planned(&football(), legs);
    let gone = combination.without_each_leg(&plan).unwrap();
    assert_eq!(
        gone[0],
        LegGone {
            worst_case: -51_00,
            exposure: 51_00,
            scenario: 2
        }
    );
    let foreign = Plan {
        stakes: vec![1],
        ..plan
    };
    assert_eq!(combination.without_each_leg(&foreign), Err(PlanError::NoSuchLeg));
}
