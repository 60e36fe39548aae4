//! Stakes: what they bring, and which are best.

use super::{back, basketball, book, complete, exchange, football, lay, plain, price, spread, total};
use domain::arbitrage::{MAX_STAKE, NetPrice, arbitrage, plan_stakes};
use domain::result::{Contest, Rounding};
use domain::scenarios::{Class, Combination, Commission, ExchangeRate, Leg, Plan, PlanError, Terms};
use domain::{MarketKind, Outcome, Price, Sport};
use proptest::prelude::*;
use rstest::rstest;

fn combine(contest: &Contest, legs: Vec<Leg>) -> Combination {
    Combination::new(contest, legs).unwrap()
}

/// Two or three prices for the outcomes of one market.
fn market(decimals: &[&str], step: i64) -> Combination {
    let prices: Vec<Price> = decimals.iter().map(|decimal| price(decimal)).collect();
    match decimals.len() {
        2 => combine(&basketball(), complete(&MarketKind::Moneyline, &prices, step)),
        _ => combine(&football(), complete(&MarketKind::ThreeWay, &prices, step)),
    }
}

/// Returns in the order of the legs that win.
fn returns_by_leg(combination: &Combination, plan: &Plan) -> Vec<i64> {
    let wins = |leg: usize| {
        let scenario = combination
            .scenarios()
            .iter()
            .position(|scenario| scenario.results[leg].halves() > 0);
        plan.returns[scenario.unwrap()]
    };
    (0..plan.stakes.len()).map(wins).collect()
}

#[rstest]
#[case(&["2.10", "2.00"], 100_00, 1_00, &[49_00, 51_00], &[2_90, 2_00])]
#[case(&["2.10", "2.00"], 100_00, 5_00, &[50_00, 50_00], &[5_00, 0])]
#[case(&["3.60", "3.70", "2.30"], 100_00, 1_00, &[27_00, 26_00, 42_00], &[2_20, 1_20, 1_60])]
#[case(&["3.60", "3.70", "2.30"], 100_00, 5_00, &[25_00, 25_00, 40_00], &[0, 2_50, 2_00])]
#[case(&["1.51", "3.05"], 100_00, 1_00, &[66_00, 33_00], &[66, 1_65])]
#[case(&["1.51", "3.05"], 50_00, 5_00, &[30_00, 15_00], &[30, 75])]
#[case(&["1.909091", "1.909091"], 101_00, 1_00, &[51_00, 50_00], &[-3_64, -5_55])]
fn whole_steps_are_chosen_for_the_best_worst_case(
    #[case] decimals: &[&str],
    #[case] budget: i64,
    #[case] step: i64,
    #[case] stakes: &[i64],
    #[case] returns: &[i64],
) {
    let combination = market(decimals, step);
    let plan = combination.plan(budget).unwrap();
    assert_eq!(plan.stakes, stakes);
    assert_eq!(returns_by_leg(&combination, &plan), returns);
    assert_eq!(Some(&plan.guaranteed), returns.iter().min());
    assert_eq!((&plan.at_risk, plan.staked), (&plan.stakes, stakes.iter().sum()));
}

#[test]
fn a_step_that_kills_the_edge_leaves_no_arbitrage_and_says_so() {
    let combination = market(&["3.60", "3.70", "2.30"], 5_00);
    assert!(combination.unrounded(100_00).unwrap().is_arbitrage);
    let plan = combination.plan(100_00).unwrap();
    assert_eq!((plan.guaranteed, combination.classify(&plan)), (0, Class::Neither));
    let tiny = combination.plan(15_00).unwrap();
    assert_eq!((tiny.stakes, tiny.guaranteed), (vec![5_00, 5_00, 5_00], -3_50));
}

#[test]
fn unrounded_stakes_are_the_shares_of_the_closed_form() {
    let prices = ["3.60", "3.70", "2.30"].map(price);
    let closed = arbitrage(&prices).unwrap();
    let found = market(&["3.60", "3.70", "2.30"], 5_00).unrounded(100_00).unwrap();
    assert!((found.profit() - closed.profit).abs() < 1e-12 && found.is_arbitrage);
    for (stake, share) in found.stakes.iter().zip(closed.shares) {
        assert!((stake / found.staked - share).abs() < 1e-12);
    }
    // -110 on both sides: the loss of a spent budget is the hold.
    let loss = market(&["1.909091", "1.909091"], 1).unrounded(100_00).unwrap();
    assert!((loss.profit() + 0.045_455).abs() < 1e-6 && !loss.is_arbitrage);
    assert!((loss.staked - 10_000.0).abs() < 1e-6);
}

/// Prices of a complete market whose implied sum is anywhere from 0.9 to 1.1.
fn boards() -> impl Strategy<Value = Vec<Price>> {
    prop::collection::vec((20_i64..400, 900_i64..1_100), 2..4).prop_map(|weights| {
        let sum: i64 = weights.iter().map(|(weight, _)| weight).sum();
        let decimal = |(weight, per_mille): &(i64, i64)| (sum * 100 / weight * per_mille * 10).max(1_010_000);
        weights
            .iter()
            .map(|weighted| Price::from_micros(decimal(weighted)).unwrap())
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_plain_market_is_planned_as_by_the_planner_for_plain_markets(
        prices in boards(), affordable in 3_i64..20_000, step in 1_i64..1_000,
    ) {
        let budget = affordable * step;
        let net: Vec<NetPrice> = prices.iter().map(|price| (*price).into()).collect();
        let expected = plan_stakes(&net, budget, step).unwrap();
        let kind = if prices.len() == 2 { MarketKind::Moneyline } else { MarketKind::ThreeWay };
        let contest = if prices.len() == 2 { basketball() } else { football() };
        let plan = combine(&contest, complete(&kind, &prices, step)).plan(budget).unwrap();
        prop_assert_eq!(plan.guaranteed, expected.guaranteed);
    }
}

#[test]
fn commission_falls_on_what_the_bets_of_a_market_win_together() {
    // Back 100 @ 2.10 wins 110, the hedge in the same market loses 40: 5 % of 70.
    let moneyline = || plain(MarketKind::Moneyline);
    let at = |other: Terms| {
        let legs = vec![
            back(moneyline(), Outcome::Home, "2.10", exchange(1, 500)),
            back(moneyline(), Outcome::Away, "3.00", other),
        ];
        let combination = combine(&basketball(), legs);
        let plan = combination.settle(&[100_00, 40_00]).unwrap();
        returns_by_leg(&combination, &plan)
    };
    assert_eq!(at(exchange(1, 500)), [66_50, -20_00]);
    // At another exchange nothing is netted: 5 % of 110.
    assert_eq!(at(exchange(2, 500)), [64_50, -24_00]);
}

#[test]
fn commission_in_another_market_of_the_same_exchange_is_not_netted() {
    let legs = vec![
        back(spread("-2.5"), Outcome::Home, "2.00", exchange(1, 500)),
        back(spread("-3.5"), Outcome::Away, "2.00", exchange(1, 500)),
    ];
    let plan = combine(&football(), legs).settle(&[100_00, 100_00]).unwrap();
    assert_eq!(plan.returns, [-5_00, 190_00, -5_00]);
}

#[rstest]
#[case(Commission::None, 110_00, -100_00)]
#[case(Commission::NetWinnings(500), 104_50, -100_00)]
#[case(Commission::EachBet(500), 104_50, -100_00)]
#[case(Commission::Turnover(100), 109_00, -101_00)]
fn each_rule_of_commission_takes_its_part(#[case] commission: Commission, #[case] won: i64, #[case] lost: i64) {
    let terms = Terms {
        commission,
        ..book(1, 1)
    };
    let combination = combine(&football(), vec![back(spread("0"), Outcome::Home, "2.10", terms)]);
    assert_eq!(combination.settle(&[100_00]).unwrap().returns, [lost, 0, won]);
}

#[test]
fn each_bet_by_itself_pays_commission_even_where_another_loses() {
    let terms = Terms {
        commission: Commission::EachBet(500),
        ..book(1, 1)
    };
    let moneyline = || plain(MarketKind::Moneyline);
    let legs = vec![
        back(moneyline(), Outcome::Home, "2.10", terms),
        back(moneyline(), Outcome::Away, "3.00", terms),
    ];
    let combination = combine(&basketball(), legs);
    let plan = combination.settle(&[100_00, 40_00]).unwrap();
    assert_eq!(returns_by_leg(&combination, &plan), [64_50, -24_00]);
}

#[test]
fn turnover_costs_half_where_half_of_the_stake_comes_back() {
    let terms = Terms {
        commission: Commission::Turnover(100),
        ..book(1, 1)
    };
    let combination = combine(&football(), vec![back(spread("-0.25"), Outcome::Home, "2.00", terms)]);
    assert_eq!(combination.settle(&[100_00]).unwrap().returns, [-101_00, -50_50, 99_00]);
}

#[test]
fn an_arbitrage_that_survives_commission_is_worth_what_its_net_prices_say() {
    // At 5 % 2.10 is 2.045 net; with 2.05 the implied sum is 0.9768.
    let legs = |other| {
        vec![
            back(plain(MarketKind::Moneyline), Outcome::Home, "2.10", exchange(1, 500)),
            back(plain(MarketKind::Moneyline), Outcome::Away, other, book(2, 1)),
        ]
    };
    let survives = combine(&basketball(), legs("2.05"));
    assert!((1.0 / (1.0 + survives.unrounded(100_00).unwrap().profit()) - 0.976_80).abs() < 5e-6);
    assert_eq!(survives.classify(&survives.plan(100_00).unwrap()), Class::Arbitrage);
    let thin = combine(&basketball(), legs("1.95"));
    assert!(thin.plan(100_00).unwrap().guaranteed < 0);
}

#[test]
fn a_lay_bet_risks_its_liability_and_no_more_than_the_budget_is_put_at_risk() {
    let legs = vec![
        back(plain(MarketKind::ThreeWay), Outcome::Home, "3.50", book(1, 1)),
        lay(plain(MarketKind::ThreeWay), Outcome::Home, "3.20", exchange(2, 200)),
    ];
    let combination = combine(&football(), legs);
    let settled = combination.settle(&[100_00, 110_00]).unwrap();
    assert_eq!(
        (settled.at_risk.as_slice(), settled.staked),
        ([100_00, 242_00].as_slice(), 342_00)
    );
    assert_eq!(settled.returns, [7_80, 8_00]);

    let plan = combination.plan(342_00).unwrap();
    assert!(plan.staked <= 342_00 && plan.guaranteed >= 7_80, "{plan:?}");
    assert_eq!(plan.at_risk[0], plan.stakes[0]);
    assert_eq!(plan.at_risk[1], (plan.stakes[1] * 22 + 9) / 10);
    assert_eq!(combination.classify(&plan), Class::Arbitrage);
}

#[test]
fn bets_at_one_exchange_are_not_netted_when_it_comes_to_the_budget() {
    let legs = vec![
        back(plain(MarketKind::Moneyline), Outcome::Home, "2.10", exchange(1, 0)),
        lay(plain(MarketKind::Moneyline), Outcome::Home, "2.00", exchange(1, 0)),
    ];
    let plan = combine(&basketball(), legs).plan(100_00).unwrap();
    assert!(plan.staked <= 100_00, "{plan:?}");
}

#[test]
fn a_stake_never_exceeds_what_a_bookmaker_takes() {
    let mut legs = complete(&MarketKind::Moneyline, &[price("2.10"), price("2.10")], 1_00);
    legs[0].max_stake = 20_50;
    let combination = combine(&basketball(), legs.clone());
    let plan = combination.plan(100_00).unwrap();
    assert_eq!((plan.stakes, plan.guaranteed), (vec![20_00, 20_00], 2_00));
    legs[1].min_stake = 20_50;
    let plan = combine(&basketball(), legs.clone()).plan(100_00).unwrap();
    assert_eq!((plan.stakes, plan.guaranteed), (vec![20_00, 21_00], 1_00));
    // A second offer of the same outcome takes what the first does not.
    legs.push(back(plain(MarketKind::Moneyline), Outcome::Home, "2.05", book(3, 1_00)));
    let plan = combine(&basketball(), legs).plan(100_00).unwrap();
    assert!(
        plan.stakes[0] == 20_00 && plan.stakes[2] > 25_00 && plan.guaranteed > 3_00,
        "{plan:?}"
    );
}

#[test]
fn each_bookmaker_has_its_own_step() {
    let mut legs = complete(&MarketKind::Moneyline, &[price("2.10"), price("2.10")], 1);
    legs[1].terms.step = 7_00;
    let plan = combine(&basketball(), legs).plan(100_00).unwrap();
    assert_eq!(plan.stakes[1] % 7_00, 0);
    assert!(plan.guaranteed >= 4_60, "{plan:?}");
}

#[test]
fn money_of_another_currency_counts_at_its_rate_and_fractions_are_cut() {
    let mut legs = complete(&MarketKind::Moneyline, &[price("2.10"), price("2.10")], 1);
    legs[1].terms.rate = ExchangeRate::new(11_634, 10_000).unwrap();
    let combination = combine(&basketball(), legs);
    // 80.00 GBP are 93.072 EUR at risk, 93.08 with the fraction; 88.00 GBP won are 102.3792 EUR.
    let settled = combination.settle(&[93_00, 80_00]).unwrap();
    assert_eq!(settled.at_risk, [93_00, 93_08]);
    assert_eq!(returns_by_leg(&combination, &settled), [102_30 - 93_08, 102_37 - 93_00]);
    let plan = combination.plan(186_08).unwrap();
    assert!(plan.guaranteed >= 9_22 && plan.staked <= 186_08, "{plan:?}");
    assert_eq!(combination.classify(&plan), Class::Arbitrage);
}

#[test]
fn payout_rounding_is_the_bookmakers_own() {
    let with = |rounding| {
        let terms = Terms { rounding, ..book(1, 1) };
        let legs = vec![back(plain(MarketKind::Moneyline), Outcome::Home, "1.909091", terms)];
        let combination = combine(&basketball(), legs);
        let plan = combination.settle(&[100_00]).unwrap();
        returns_by_leg(&combination, &plan)
    };
    assert_eq!(with(Rounding::Cut), [90_90]);
    assert_eq!(with(Rounding::Nearest), [90_91]);
}

#[test]
fn lines_with_a_gap_between_are_no_arbitrage_at_any_price() {
    for decimal in ["1.95", "2.50", "100"] {
        let legs = vec![
            back(spread("-2.5"), Outcome::Home, decimal, book(1, 1)),
            back(spread("-1.5"), Outcome::Away, decimal, book(2, 1)),
        ];
        let combination = combine(&football(), legs);
        assert!(!combination.unrounded(100_00).unwrap().is_arbitrage);
        let plan = combination.plan(100_00).unwrap();
        assert_eq!(
            (plan.guaranteed, combination.classify(&plan)),
            (-100_00, Class::Neither)
        );
    }
}

#[test]
fn a_line_that_is_hit_returns_every_stake_and_spoils_no_arbitrage() {
    let legs = vec![
        back(spread("-3"), Outcome::Home, "2.10", book(1, 1_00)),
        back(spread("-3"), Outcome::Away, "2.00", book(2, 1_00)),
    ];
    let combination = combine(&football(), legs);
    let plan = combination.plan(100_00).unwrap();
    assert_eq!(
        (plan.stakes.as_slice(), plan.returns.as_slice()),
        ([49_00, 51_00].as_slice(), [2_00, 0, 2_90].as_slice())
    );
    assert_eq!((plan.guaranteed, combination.classify(&plan)), (2_00, Class::Arbitrage));
}

#[test]
fn a_half_that_comes_back_counts_half() {
    // On a draw -0.25 loses half and the draw wins.
    let legs = vec![
        back(spread("-0.25"), Outcome::Home, "2.05", book(1, 1)),
        back(spread("-0.25"), Outcome::Away, "1.97", book(2, 1)),
    ];
    let combination = combine(&football(), legs);
    let plan = combination.settle(&[49_00, 51_00]).unwrap();
    // Away wins: 51 x 0.97 - 49. A draw: 51 x 0.97 / 2 - 24.50. Home wins: 49 x 1.05 - 51.
    assert_eq!(plan.returns, [47, 23, 45]);
    assert_eq!(combination.classify(&plan), Class::Arbitrage);
}

#[test]
fn markets_of_different_kinds_make_an_arbitrage_together() {
    // Home at three-way, and the away side with half a goal: draw or away.
    let legs = vec![
        back(plain(MarketKind::ThreeWay), Outcome::Home, "2.20", book(1, 1)),
        back(spread("-0.5"), Outcome::Away, "1.90", book(2, 1)),
    ];
    let combination = combine(&football(), legs);
    let sum = 1.0 / 2.2 + 1.0 / 1.9;
    assert!((combination.unrounded(100_00).unwrap().profit() - (1.0 / sum - 1.0)).abs() < 1e-12);
    // Home with draw-no-bet needs the draw paid for: a share of it covers the stake that only comes back.
    let legs = vec![
        back(plain(MarketKind::DrawNoBet), Outcome::Home, "2.00", book(1, 1)),
        back(spread("-0.5"), Outcome::Away, "2.20", book(2, 1)),
    ];
    let combination = combine(&football(), legs);
    assert_eq!(
        combination.classify(&combination.plan(100_00).unwrap()),
        Class::Arbitrage
    );
}

#[test]
fn a_market_that_is_exactly_fair_is_no_arbitrage_however_much_is_staked() {
    let fair = [Price::from_american(-110).unwrap(), Price::from_american(110).unwrap()];
    let combination = combine(&basketball(), complete(&MarketKind::Moneyline, &fair, 1));
    for budget in [100_00, MAX_STAKE] {
        assert!(!combination.unrounded(budget).unwrap().is_arbitrage);
        assert_eq!(combination.classify(&combination.plan(budget).unwrap()), Class::Neither);
    }
}

#[test]
fn the_others_follow_a_stake_that_is_given() {
    let combination = market(&["3.60", "3.70", "2.30"], 1_00);
    let plan = combination.hedge(2, 43_50, MAX_STAKE).unwrap();
    assert_eq!(
        (plan.stakes, plan.guaranteed),
        (vec![28_00, 27_00, 43_50], 99_90 - 98_50)
    );
    // A loss is made as small as it can be.
    let loss = market(&["1.80", "2.00"], 1).hedge(0, 100_00, MAX_STAKE).unwrap();
    assert_eq!((loss.stakes, loss.guaranteed), (vec![100_00, 90_00], -10_00));
    let scarce = market(&["2.10", "2.00"], 1).hedge(0, 100_00, 150_00).unwrap();
    assert_eq!((scarce.stakes, scarce.guaranteed), (vec![100_00, 50_00], -50_00));
}

#[test]
fn what_cannot_be_reckoned_is_refused_with_its_reason() {
    let two = market(&["2.10", "2.00"], 5);
    assert_eq!(two.plan(0), Err(PlanError::BudgetNotPositive));
    assert_eq!(two.plan(-1), Err(PlanError::BudgetNotPositive));
    assert_eq!(two.plan(i64::MAX), Err(PlanError::TooLarge));
    assert_eq!(two.plan(9), Err(PlanError::BudgetTooSmall));
    assert_eq!(two.hedge(2, 100, 100), Err(PlanError::NoSuchLeg));
    assert_eq!(two.hedge(0, 100, 100), Err(PlanError::BudgetTooSmall));
    assert_eq!(two.hedge(0, -1, 100), Err(PlanError::NoStakeAllowed(0)));
    assert_eq!(two.hedge(0, 0, 100), Err(PlanError::NoStakeAllowed(0)));
    assert_eq!(two.hedge(0, i64::MAX, 100), Err(PlanError::TooLarge));
    assert_eq!(two.settle(&[1]), Err(PlanError::NoSuchLeg));
    assert_eq!(two.settle(&[1, -1]), Err(PlanError::NegativeStake));
    assert_eq!(two.settle(&[i64::MAX, 0]), Err(PlanError::TooLarge));
    let with = |change: fn(&mut Leg)| {
        let mut legs = two.legs().to_vec();
        change(&mut legs[1]);
        combine(&basketball(), legs).plan(100_00)
    };
    assert_eq!(with(|leg| leg.terms.step = 0), Err(PlanError::StepNotPositive(1)));
    assert_eq!(with(|leg| leg.terms.step = i64::MAX), Err(PlanError::NoStakeAllowed(1)));
    assert_eq!(with(|leg| leg.max_stake = 4), Err(PlanError::NoStakeAllowed(1)));
    assert_eq!(with(|leg| leg.max_stake = i64::MIN), Err(PlanError::NoStakeAllowed(1)));
    assert_eq!(with(|leg| leg.min_stake = i64::MAX), Err(PlanError::NoStakeAllowed(1)));
    let too_much = Commission::NetWinnings(10_001);
    assert_eq!(too_much_of(&two, too_much), Err(PlanError::CommissionTooHigh(1)));
    assert!(too_much_of(&two, Commission::NetWinnings(10_000)).is_ok());
}

fn too_much_of(combination: &Combination, commission: Commission) -> Result<Plan, PlanError> {
    let mut legs = combination.legs().to_vec();
    legs[1].terms.commission = commission;
    combine(&basketball(), legs).plan(100_00)
}

#[test]
fn the_ends_of_all_scales_end_without_overflow() {
    let dear = ExchangeRate::new(u32::MAX, 1).unwrap();
    let cheap = ExchangeRate::new(1, u32::MAX).unwrap();
    for rate in [ExchangeRate::ONE, dear, cheap] {
        let mut legs = complete(&MarketKind::Moneyline, &[Price::MAX, Price::MIN], 1);
        legs[0].terms.rate = rate;
        let mut laid = lay(total("2.5"), Outcome::Over, "1000000", exchange(3, 10_000));
        laid.terms.rate = rate;
        legs.push(laid);
        let combination = combine(&Contest::new(Sport::ICE_HOCKEY, "a", "b"), legs);
        for budget in [1, 100_00, MAX_STAKE] {
            // Whether there are stakes to be had depends on the rate; that the answer comes is what counts.
            if let Ok(plan) = combination.plan(budget) {
                assert!(plan.staked <= budget);
            }
            if let Ok(plan) = combination.hedge(0, 1, budget) {
                assert!(plan.staked <= budget);
            }
        }
        let _ = combination.settle(&[MAX_STAKE; 3]);
    }
}
