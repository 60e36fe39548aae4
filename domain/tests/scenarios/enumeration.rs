//! Which results legs can tell apart.

use super::{back, basketball, book, football, lay, lined, over_part, plain, spread, total};
use domain::event::Score;
use domain::result::{BetResult, Contest, Ending, Unsettled, Winner};
use domain::scenarios::{Combination, Leg, MAX_LEGS, Quantity, Refusal, Scenario};
use domain::{MarketKey, MarketKind, Outcome, Period, Sport};
use rstest::rstest;

fn on(market: MarketKey, outcome: Outcome) -> Leg {
    back(market, outcome, "1.95", book(1, 1))
}

fn scenarios(contest: &Contest, legs: Vec<Leg>) -> Vec<Scenario> {
    Combination::new(contest, legs).unwrap().scenarios().to_vec()
}

fn refused(contest: &Contest, legs: Vec<Leg>) -> Refusal {
    Combination::new(contest, legs).unwrap_err()
}

/// `margin 3: win win`, one line each.
fn told(scenarios: &[Scenario]) -> Vec<String> {
    let codes = |scenario: &Scenario| -> Vec<&str> { scenario.results.iter().map(|result| result.code()).collect() };
    scenarios
        .iter()
        .map(|scenario| format!("{scenario}: {}", codes(scenario).join(" ")))
        .collect()
}

#[test]
fn two_lines_that_overlap_have_a_middle_and_two_that_do_not_have_a_gap() {
    let middle = scenarios(
        &football(),
        vec![on(spread("-2.5"), Outcome::Home), on(spread("-3.5"), Outcome::Away)],
    );
    assert_eq!(
        told(&middle),
        [
            "margin 2 or less: loss win",
            "margin 3: win win",
            "margin 4 or more: win loss"
        ]
    );
    assert_eq!(middle[1].example, Ending::Score(Score { home: 3, away: 0 }));
    let gap = scenarios(
        &football(),
        vec![on(spread("-2.5"), Outcome::Home), on(spread("-1.5"), Outcome::Away)],
    );
    assert_eq!(
        told(&gap),
        [
            "margin 1 or less: loss win",
            "margin 2: loss loss",
            "margin 3 or more: win loss"
        ]
    );
}

#[test]
fn quarter_lines_have_scenarios_of_halves() {
    let legs = [on(spread("-0.75"), Outcome::Home), on(total("2.25"), Outcome::Under)];
    assert_eq!(
        told(&scenarios(&football(), legs[..1].to_vec())),
        ["margin 0 or less: loss", "margin 1: half_win", "margin 2 or more: win"]
    );
    assert_eq!(
        told(&scenarios(&football(), legs[1..].to_vec())),
        ["total 1 or less: win", "total 2: half_win", "total 3 or more: loss"]
    );
}

#[test]
fn a_margin_and_a_total_go_together_where_a_score_has_both() {
    // Won by two or more with at most one goal cannot be; won by one with at most two goals can only be 1-0.
    let legs = vec![on(spread("-1.5"), Outcome::Home), on(total("1.5"), Outcome::Over)];
    assert_eq!(
        told(&scenarios(&football(), legs)),
        [
            "margin 1 or less, total 1 or less: loss loss",
            "margin 1 or less, total 2 or more: loss win",
            "margin 2 or more, total 2 or more: win win",
        ]
    );
}

#[test]
fn a_nil_all_draw_is_the_only_way_to_draw_without_both_scoring() {
    let legs = vec![
        on(plain(MarketKind::ThreeWay), Outcome::Draw),
        on(plain(MarketKind::BothTeamsToScore), Outcome::No),
        on(total("0.5"), Outcome::Over),
    ];
    let drawn: Vec<String> = told(&scenarios(&football(), legs))
        .into_iter()
        .filter(|told| told.starts_with("margin 0,"))
        .collect();
    assert_eq!(
        drawn,
        [
            "margin 0, total 0, points of the lesser side 0: win win loss",
            "margin 0, total 1 or more, points of the lesser side 1 or more: win loss win",
        ]
    );
}

#[test]
fn every_score_belongs_to_exactly_one_scenario_and_every_scenario_has_a_score() {
    let team = |name: &str, line| MarketKey {
        participant: Some(name.into()),
        ..lined(MarketKind::TeamTotal, line)
    };
    let legs = vec![
        on(spread("-1.25"), Outcome::Home),
        on(total("3"), Outcome::Under),
        on(team("Harbour", "1.5"), Outcome::Over),
        on(team("Brightwater", "0.75"), Outcome::Under),
        on(plain(MarketKind::BothTeamsToScore), Outcome::Yes),
        on(plain(MarketKind::DoubleChance), Outcome::HomeOrAway),
    ];
    let all = scenarios(&football(), legs);
    let holds = |scenario: &Scenario, home: i32, away: i32| {
        scenario.ranges.iter().all(|range| {
            let value = match range.quantity {
                Quantity::Margin => home - away,
                Quantity::Total => home + away,
                Quantity::HomePoints => home,
                Quantity::AwayPoints => away,
                Quantity::LesserPoints => home.min(away),
                Quantity::Winner => (home - away).signum(),
            };
            range.from.is_none_or(|from| from <= value) && range.to.is_none_or(|to| value <= to)
        })
    };
    for (home, away) in (0..12).flat_map(|home| (0..12).map(move |away| (home, away))) {
        let of_score = all.iter().filter(|scenario| holds(scenario, home, away)).count();
        assert_eq!(of_score, 1, "{home}-{away}");
    }
    for scenario in &all {
        let Ending::Score(Score { home, away }) = scenario.example else {
            panic!("{scenario}")
        };
        assert!(
            home >= 0 && away >= 0 && holds(scenario, home, away),
            "{scenario}: {home}-{away}"
        );
    }
}

#[rstest]
#[case(Sport::FOOTBALL, Period::FullTime, true)]
#[case(Sport::FOOTBALL, Period::FirstHalf, true)]
#[case(Sport::BASKETBALL, Period::FullTime, false)]
#[case(Sport::BASKETBALL, Period::Regulation, true)]
#[case(Sport::BASKETBALL, Period::FourthQuarter, true)]
#[case(Sport::ICE_HOCKEY, Period::FullTime, false)]
#[case(Sport::ICE_HOCKEY, Period::Regulation, true)]
#[case(Sport::AMERICAN_FOOTBALL, Period::FullTime, true)]
#[case(Sport::TENNIS, Period::FullTime, false)]
#[case(Sport::from_key("boxing"), Period::FullTime, true)]
fn a_draw_is_a_scenario_where_sport_and_period_know_it(
    #[case] sport: Sport,
    #[case] period: Period,
    #[case] may_be_drawn: bool,
) {
    let contest = Contest::new(sport, "Harbour", "Brightwater");
    let market = over_part(plain(MarketKind::Moneyline), period);
    let found = scenarios(
        &contest,
        vec![on(market.clone(), Outcome::Home), on(market, Outcome::Away)],
    );
    let drawn: Vec<&Scenario> = found
        .iter()
        .filter(|scenario| scenario.example == Ending::Winner(Winner::Draw))
        .collect();
    assert_eq!(drawn.len(), usize::from(may_be_drawn));
    assert!(drawn.iter().all(|scenario| scenario.is_stake_back()));
    assert_eq!(found.len(), 2 + usize::from(may_be_drawn));
}

#[test]
fn a_handicap_of_zero_never_pushes_in_a_game_that_somebody_wins() {
    let legs = || {
        vec![
            on(spread("0"), Outcome::Home),
            on(plain(MarketKind::Moneyline), Outcome::Away),
        ]
    };
    let results = |contest| -> Vec<Vec<BetResult>> {
        scenarios(&contest, legs())
            .into_iter()
            .map(|scenario| scenario.results)
            .collect()
    };
    use BetResult::{Loss, Push, Win};
    assert_eq!(results(basketball()), [[Loss, Win], [Win, Loss]]);
    assert_eq!(results(football()), [[Loss, Win], [Push, Push], [Win, Loss]]);
}

#[test]
fn a_lay_bet_has_the_result_of_the_other_party() {
    let legs = vec![
        on(spread("-0.75"), Outcome::Home),
        lay(spread("-0.75"), Outcome::Home, "2", book(2, 1)),
    ];
    for scenario in scenarios(&football(), legs) {
        assert_eq!(scenario.results[1], scenario.results[0].opposite());
    }
}

#[test]
fn sixty_minutes_and_overtime_are_not_combined() {
    let hockey = Contest::new(Sport::ICE_HOCKEY, "Harbour", "Brightwater");
    let sixty_minutes = over_part(plain(MarketKind::ThreeWay), Period::Regulation);
    let legs = vec![
        on(sixty_minutes, Outcome::Home),
        on(plain(MarketKind::Moneyline), Outcome::Away),
    ];
    let refusal = refused(&hockey, legs.clone());
    assert_eq!(refusal, Refusal::RegulationWithOvertime);
    assert!(refusal.to_string().starts_with("60 minutes with overtime"));
    assert_eq!(
        refused(&hockey, legs.into_iter().rev().collect()),
        Refusal::RegulationWithOvertime
    );
}

#[test]
fn parts_of_a_game_are_not_combined_with_the_whole_or_with_each_other() {
    let half = |period| on(over_part(total("1.5"), period), Outcome::Over);
    let refusal = refused(&football(), vec![half(Period::FirstHalf), half(Period::FullTime)]);
    assert_eq!(refusal, Refusal::DifferentPeriods(Period::FirstHalf, Period::FullTime));
    assert_eq!(
        refusal.to_string(),
        "first half with full time: parts of a game end differently"
    );
    let refusal = refused(&football(), vec![half(Period::FirstHalf), half(Period::SecondHalf)]);
    assert_eq!(
        refusal,
        Refusal::DifferentPeriods(Period::FirstHalf, Period::SecondHalf)
    );
}

#[test]
fn the_regular_time_of_football_is_its_full_time() {
    let legs = vec![
        on(
            over_part(plain(MarketKind::ThreeWay), Period::Regulation),
            Outcome::Home,
        ),
        on(spread("0.5"), Outcome::Away),
    ];
    assert_eq!(told(&scenarios(&football(), legs)).len(), 3);
}

#[test]
fn a_market_with_a_draw_over_a_game_that_somebody_wins_is_taken_for_another() {
    for (kind, outcome) in [
        (MarketKind::ThreeWay, Outcome::Home),
        (MarketKind::DoubleChance, Outcome::HomeOrDraw),
    ] {
        let refusal = refused(&basketball(), vec![on(plain(kind), outcome)]);
        assert_eq!(refusal, Refusal::NeverDrawn(Sport::BASKETBALL, Period::FullTime));
    }
}

#[test]
fn what_counts_games_is_not_combined_with_what_may_count_sets() {
    let tennis = Contest::new(Sport::TENNIS, "Harbour", "Brightwater");
    let legs = vec![
        on(plain(MarketKind::Moneyline), Outcome::Home),
        on(spread("-2.5"), Outcome::Away),
    ];
    assert_eq!(refused(&tennis, legs.clone()), Refusal::DifferentCounts(Sport::TENNIS));
    let unknown = Sport::from_key("quidditch");
    assert_eq!(
        refused(&Contest::new(unknown.clone(), "Harbour", "Brightwater"), legs),
        Refusal::DifferentCounts(unknown)
    );
    let handicap_and_total = vec![on(spread("-4.5"), Outcome::Home), on(total("2.5"), Outcome::Under)];
    assert_eq!(
        refused(&tennis, handicap_and_total),
        Refusal::DifferentCounts(Sport::TENNIS)
    );
    // Games alone are fine, and a match can be won with as many games as the other has.
    let games = vec![on(spread("0"), Outcome::Home), on(spread("0"), Outcome::Away)];
    assert_eq!(
        told(&scenarios(&tennis, games)),
        [
            "margin -1 or less: loss win",
            "margin 0: push push",
            "margin 1 or more: win loss"
        ]
    );
}

#[test]
fn legs_that_no_rule_settles_are_refused_by_position() {
    let fine = || on(plain(MarketKind::Moneyline), Outcome::Home);
    for (leg, reason) in [
        (
            on(plain(MarketKind::Outright), Outcome::Named("Harbour".into())),
            Unsettled::NoRule,
        ),
        (on(plain(MarketKind::Spread), Outcome::Home), Unsettled::NoLine),
        (
            on(plain(MarketKind::Moneyline), Outcome::Draw),
            Unsettled::NoSuchOutcome,
        ),
        (
            on(lined(MarketKind::TeamTotal, "1.5"), Outcome::Over),
            Unsettled::UnknownParticipant,
        ),
    ] {
        let refusal = refused(&football(), vec![fine(), leg]);
        assert_eq!(refusal, Refusal::Unsettled { leg: 1, reason });
        assert_eq!(refusal.to_string(), format!("leg 2: {reason}"));
    }
    assert_eq!(refused(&football(), vec![]), Refusal::NoLegs);
    assert_eq!(refused(&football(), vec![fine(); MAX_LEGS + 1]), Refusal::TooManyLegs);
}

#[test]
fn lines_far_apart_and_beyond_all_scores_cost_no_more_than_near_ones() {
    let at = |hundredths, outcome| {
        let market = MarketKey {
            line: Some(domain::Line::from_hundredths(hundredths)),
            ..plain(MarketKind::Spread)
        };
        on(market, outcome)
    };
    let legs = vec![
        at(i32::MAX, Outcome::Home),
        at(i32::MIN, Outcome::Away),
        at(0, Outcome::Home),
    ];
    assert_eq!(scenarios(&football(), legs).len(), 5);
    // No total is below zero, so such a line can only be exceeded.
    assert_eq!(
        told(&scenarios(&football(), vec![on(total("-3.5"), Outcome::Over)])),
        ["total 0 or more: win"]
    );
}
