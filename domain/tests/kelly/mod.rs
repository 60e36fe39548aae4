//! Kelly stakes beside published numbers, brute force, and what must hold for all bets.

use crate::devig::{Dice, reference};
use domain::kelly::{
    Group, KellyError, Limits, MAX_STATES, Prospect, Sizing, exclusive, growth, round_stakes, simultaneous, single,
};
use domain::{Price, Probability};
use rstest::rstest;

fn bet(win: f64, decimal: f64) -> Prospect {
    Prospect::at_decimal(Probability::new(win).unwrap(), decimal).unwrap()
}

/// A bet in plain numbers, for reckoning beside the code: win, push, decimal price.
type Plain = (f64, f64, f64);

fn prospect((win, push, decimal): Plain) -> Prospect {
    bet(win, decimal).with_push(push).unwrap()
}

fn prospects(bets: &[Plain]) -> Vec<Prospect> {
    bets.iter().copied().map(prospect).collect()
}

/// The expected logarithm of growth of independent bets, by going through every combined result.
fn independent_growth(bets: &[Plain], shares: &[f64], wealth: f64) -> f64 {
    let (Some(((win, push, decimal), bets)), Some((share, shares))) = (bets.split_first(), shares.split_first()) else {
        return wealth.ln();
    };
    let with = |probability: f64, change: f64| {
        if probability == 0.0 {
            0.0
        } else {
            probability * independent_growth(bets, shares, wealth + change)
        }
    };
    with(*win, share * (decimal - 1.0)) + with(*push, 0.0) + with(1.0 - win - push, -share)
}

/// The same of outcomes that exclude each other.
fn exclusive_growth(bets: &[Plain], shares: &[f64]) -> f64 {
    let push = bets[0].1;
    let left = 1.0 - shares.iter().sum::<f64>();
    let none_wins = 1.0 - push - bets.iter().map(|(win, ..)| win).sum::<f64>();
    let wins: f64 = bets
        .iter()
        .zip(shares)
        .map(|((win, _, decimal), share)| win * (left + share * decimal).ln())
        .sum();
    wins + if none_wins > 1e-9 { none_wins * left.ln() } else { 0.0 }
}

/// Whether no allowed shares, near or far, grow faster than the found ones. Growth is concave, so it would show at once in the
/// direction of the better ones.
fn is_best_of(found: &[f64], limits: &Limits, dice: &mut Dice, growth: impl Fn(&[f64]) -> f64) -> bool {
    let best = growth(found);
    (0..200).all(|_| {
        let sparse = dice.uniform();
        let other: Vec<f64> = found
            .iter()
            .map(|share| {
                if dice.uniform() < sparse {
                    *share
                } else {
                    dice.uniform().powi(3)
                }
            })
            .collect();
        let caps = |shares: &[f64]| {
            let group = |group: &Group| group.members.iter().map(|member| shares[*member]).sum::<f64>() / group.cap;
            let alone = shares.iter().copied().fold(0.0, f64::max) / limits.per_bet;
            let all = shares.iter().sum::<f64>() / limits.total;
            limits
                .groups
                .iter()
                .map(group)
                .chain([alone, all, 1e-9])
                .fold(0.0, f64::max)
        };
        let scale = (0.999_999 / caps(&other)).min(1.0);
        [1.0, 0.1, 1e-3, 1e-5].into_iter().all(|part| {
            let towards: Vec<f64> = found
                .iter()
                .zip(&other)
                .map(|(share, other)| share + part * (other * scale - share))
                .collect();
            growth(&towards) <= best + 1e-14
        })
    })
}

fn keeps(shares: &[f64], limits: &Limits) -> bool {
    let most = |sum: f64, cap: f64| sum <= cap + 1e-12;
    shares.iter().all(|share| *share >= 0.0 && most(*share, limits.per_bet))
        && most(shares.iter().sum(), limits.total)
        && limits
            .groups
            .iter()
            .all(|group| most(group.members.iter().map(|member| shares[*member]).sum(), group.cap))
}

fn are_close(found: &[f64], expected: &[f64], tolerance: f64) -> bool {
    found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(one, other)| (one - other).abs() <= tolerance)
}

#[test]
fn single_stakes_agree_with_the_tests_of_other_software() {
    let Some(reference) = reference() else { return };
    let cases = reference["kelly"].as_array().unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let number = |name: &str| case.get(name).map(|number| number.as_f64().unwrap());
        let bet = bet(number("p").unwrap(), number("odds").unwrap());
        let limits = Limits::fraction(number("fraction").unwrap_or(1.0));
        let stake = limits.apply(single(&bet)).unwrap();
        let tolerance = number("round").map_or(5e-5, |places| 0.5 * 10_f64.powf(-places));
        assert!((stake - number("stake").unwrap()).abs() <= tolerance, "{case}");
        if let Some(expected) = number("expected_log_growth") {
            assert!((growth(&bet, stake) - expected).abs() < 1e-6, "{case}");
        }
        if let Some(expected) = number("ev_per_unit") {
            assert!((bet.edge() - expected).abs() < 1e-12, "{case}");
        }
    }
}

#[rstest]
#[case((0.55, 0.0, 2.0), 0.10)]
#[case((0.40, 0.0, 2.75), 0.057_142_857)]
#[case((0.50, 0.06, 1.95), 0.039_194)]
#[case((0.50, 0.0, 1.95), 0.0)]
#[case((0.10, 0.85, 2.0), 1.0 / 3.0)]
fn a_single_stake_is_the_formula_and_the_top_of_growth(#[case] plain: Plain, #[case] expected: f64) {
    let prospect = prospect(plain);
    let found = single(&prospect);
    assert!((found - expected).abs() < 1e-6, "{found}");
    for other in [found - 0.01, found + 0.01] {
        if other >= 0.0 {
            assert!(growth(&prospect, other) < growth(&prospect, found));
        }
    }
    assert!((growth(&prospect, found) - independent_growth(&[plain], &[found], 1.0)).abs() < 1e-14);
    assert!(growth(&prospect, 1.0).is_infinite());
}

#[rstest]
#[case(&[(0.55, 0.0, 2.0); 2], &[0.099_010; 2], 5e-7)]
#[case(&[(0.60, 0.0, 2.0); 5], &[0.165_38; 5], 5e-6)]
#[case(&[(0.55, 0.0, 2.0), (0.40, 0.0, 2.75)], &[0.099_46, 0.056_60], 5e-6)]
#[case(&[(0.55, 0.0, 2.0), (0.30, 0.0, 2.0)], &[0.10, 0.0], 1e-12)]
#[case(&[(0.50, 0.06, 1.95)], &[0.039_194], 1e-6)]
#[case(&[(0.45, 0.0, 2.0), (0.30, 0.0, 2.0)], &[0.0, 0.0], 0.0)]
#[case(&[], &[], 0.0)]
fn simultaneous_bets_get_less_than_each_would_alone(
    #[case] bets: &[Plain],
    #[case] expected: &[f64],
    #[case] tolerance: f64,
) {
    let found = simultaneous(&prospects(bets), &Limits::default()).unwrap();
    assert!(are_close(&found.shares, expected, tolerance), "{found:?}");
    assert!((found.growth - independent_growth(bets, &found.shares, 1.0)).abs() < 1e-14);
    for (share, bet) in found.shares.iter().zip(bets) {
        assert!(*share <= single(&prospect(*bet)) + 1e-12);
    }
}

fn any_bets(dice: &mut Dice, count: usize) -> Vec<Plain> {
    let mut bet = || {
        let decimal = 1.02 + dice.uniform().powi(4) * [1.0, 10.0, 200.0][dice.below(3)];
        let push = if dice.uniform() < 0.2 {
            dice.between(0.0, 0.2)
        } else {
            0.0
        };
        let win = ((1.0 - push) / decimal * dice.between(0.9, 1.4)).min(0.97 * (1.0 - push));
        (win, push, decimal)
    };
    (0..count).map(|_| bet()).collect()
}

fn any_limits(dice: &mut Dice, bets: usize) -> Limits {
    let cap = |dice: &mut Dice| {
        if dice.uniform() < 0.5 {
            dice.between(0.001, 0.3)
        } else {
            1.0
        }
    };
    let group = |dice: &mut Dice| Group {
        members: (0..bets).filter(|_| dice.uniform() < 0.6).collect(),
        cap: dice.between(0.001, 0.4),
    };
    Limits {
        fraction: 1.0,
        per_bet: cap(dice),
        total: cap(dice),
        groups: (0..dice.below(3)).map(|_| group(dice)).collect(),
    }
}

#[test]
fn no_allowed_shares_of_simultaneous_bets_grow_faster() {
    let mut dice = Dice::new(4);
    for _ in 0..120 {
        let count = 1 + dice.below(5);
        let bets = any_bets(&mut dice, count);
        let limits = any_limits(&mut dice, count);
        let found = simultaneous(&prospects(&bets), &limits).unwrap();
        assert!(keeps(&found.shares, &limits), "{found:?} {limits:?}");
        let growth = |shares: &[f64]| independent_growth(&bets, shares, 1.0);
        assert!(
            is_best_of(&found.shares, &limits, &mut dice, growth),
            "{bets:?} {limits:?} {found:?}"
        );
    }
}

#[test]
fn no_allowed_shares_of_exclusive_outcomes_grow_faster() {
    let mut dice = Dice::new(5);
    for round in 0..120 {
        let count = 2 + dice.below(4);
        let push = if dice.uniform() < 0.2 { 0.1 } else { 0.0 };
        let weights: Vec<f64> = (0..count).map(|_| dice.between(0.05, 1.0)).collect();
        // Of every other market not all outcomes are known.
        let certain = (1.0 - push) / (weights.iter().sum::<f64>() + if round % 2 == 0 { 0.3 } else { 0.0 });
        let outcome = |weight: &f64| {
            let win = weight * certain;
            (win, push, ((1.0 - push) / win * dice.between(0.7, 1.15)).max(1.01))
        };
        let bets: Vec<Plain> = weights.iter().map(outcome).collect();
        let limits = if round % 3 == 0 {
            Limits::default()
        } else {
            any_limits(&mut dice, count)
        };
        let found = exclusive(&prospects(&bets), &limits).unwrap();
        assert!(keeps(&found.shares, &limits), "{found:?} {limits:?}");
        let growth = |shares: &[f64]| exclusive_growth(&bets, shares);
        assert!((found.growth - growth(&found.shares)).abs() < 1e-12, "{found:?}");
        assert!(
            is_best_of(&found.shares, &limits, &mut dice, growth),
            "{bets:?} {limits:?} {found:?}"
        );
    }
}

#[test]
fn both_ways_to_the_optimum_of_exclusive_outcomes_meet() {
    // A cap that binds by a hair sends the question through the general search.
    let mut dice = Dice::new(6);
    for _ in 0..60 {
        let count = 2 + dice.below(5);
        let weights: Vec<f64> = (0..count).map(|_| dice.between(0.05, 1.0)).collect();
        let sum: f64 = weights.iter().sum::<f64>() + 0.1;
        let bets: Vec<Prospect> = weights
            .iter()
            .map(|weight| bet(weight / sum, (sum / weight * dice.between(0.8, 1.2)).max(1.01)))
            .collect();
        let classic = exclusive(&bets, &Limits::default()).unwrap();
        let greatest = classic.shares.iter().copied().fold(0.0, f64::max);
        if greatest > 0.0 {
            let hair = Limits {
                per_bet: greatest * (1.0 - 1e-9),
                ..Limits::default()
            };
            let searched = exclusive(&bets, &hair).unwrap();
            assert!(
                are_close(&searched.shares, &classic.shares, 1e-8),
                "{classic:?} {searched:?}"
            );
        }
    }
}

#[test]
fn a_whole_market_priced_as_an_arbitrage_takes_the_whole_bankroll_in_proportion_to_belief() {
    let found = exclusive(&[bet(0.5, 2.3), bet(0.3, 3.6), bet(0.2, 5.6)], &Limits::default()).unwrap();
    assert!(are_close(&found.shares, &[0.5, 0.3, 0.2], 1e-12), "{found:?}");
}

#[test]
fn an_outcome_without_an_edge_is_worth_taking_beside_others() {
    let found = exclusive(&[bet(0.5, 2.6), bet(0.26, 3.8)], &Limits::default()).unwrap();
    assert!(bet(0.26, 3.8).edge() < 0.0 && found.shares[1] > 0.0, "{found:?}");
}

#[test]
fn a_fraction_of_kelly_is_taken_before_the_caps() {
    let bets = [bet(0.55, 2.0), bet(0.40, 2.75)];
    let shares = |limits: &Limits| simultaneous(&bets, limits).unwrap().shares;
    let full = shares(&Limits::default());
    let half = shares(&Limits::fraction(0.5));
    assert!(are_close(
        &half,
        &full.iter().map(|share| 0.5 * share).collect::<Vec<_>>(),
        1e-12
    ));
    // What the first may not take leaves room for the second, up to what it would take alone.
    let capped = shares(&Limits {
        per_bet: 0.03,
        ..Limits::fraction(0.5)
    });
    assert!((capped[0] - 0.03).abs() < 1e-12, "{capped:?}");
    assert!(capped[1] > half[1] && capped[1] < 0.5 * single(&bets[1]), "{capped:?}");
}

#[test]
fn a_group_that_may_fail_together_keeps_its_cap_and_leaves_the_others_alone() {
    let bets = [bet(0.55, 2.0), bet(0.56, 2.0), bet(0.55, 2.0)];
    let group = Group {
        members: vec![0, 1],
        cap: 0.05,
    };
    let found = simultaneous(
        &bets,
        &Limits {
            groups: vec![group],
            ..Limits::default()
        },
    )
    .unwrap();
    assert!((found.shares[0] + found.shares[1] - 0.05).abs() < 1e-12, "{found:?}");
    assert!(
        found.shares[1] > found.shares[0] && found.shares[2] > 0.098,
        "{found:?}"
    );
}

#[test]
fn a_cap_at_the_very_optimum_changes_nothing() {
    let bets = [bet(0.55, 2.0)];
    let at = simultaneous(
        &bets,
        &Limits {
            per_bet: 0.10,
            ..Limits::default()
        },
    )
    .unwrap();
    assert!((at.shares[0] - 0.10).abs() < 1e-10, "{at:?}");
    let group = Group {
        members: vec![0],
        cap: 0.05,
    };
    let doubly = Limits {
        per_bet: 0.05,
        total: 0.05,
        groups: vec![group.clone(), group],
        fraction: 1.0,
    };
    let held = simultaneous(&bets, &doubly).unwrap();
    assert!((held.shares[0] - 0.05).abs() < 1e-12, "{held:?}");
}

#[test]
fn as_many_bets_as_can_be_weighed_are_and_one_more_is_refused() {
    let fourteen = vec![bet(0.55, 2.0); 14];
    assert_eq!(1 << fourteen.len(), MAX_STATES);
    let found = simultaneous(&fourteen, &Limits::default()).unwrap();
    assert!(found.shares.iter().all(|share| (share - found.shares[0]).abs() < 1e-12));
    assert!(found.shares.iter().sum::<f64>() < 1.0);
    let fifteen = vec![bet(0.55, 2.0); 15];
    assert_eq!(simultaneous(&fifteen, &Limits::default()), Err(KellyError::TooManyBets));
    // Those without an edge don't count.
    let mostly_idle = [vec![bet(0.45, 2.0); 50], vec![bet(0.55, 2.0)]].concat();
    assert!((simultaneous(&mostly_idle, &Limits::default()).unwrap().shares[50] - 0.10).abs() < 1e-12);
}

#[test]
fn what_is_no_bet_market_or_limit_is_refused_with_its_reason() {
    let half = Probability::new(0.5).unwrap();
    for no_price in [1.0, 0.5, -2.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Prospect::at_decimal(half, no_price), Err(KellyError::NotAPrice));
    }
    for no_push in [-0.1, 0.5, 0.6, f64::NAN] {
        assert_eq!(bet(0.5, 2.0).with_push(no_push), Err(KellyError::CannotLose));
    }
    let refusal = |bets: &[Prospect]| exclusive(bets, &Limits::default()).unwrap_err();
    assert_eq!(refusal(&[bet(0.6, 2.0), bet(0.5, 2.0)]), KellyError::MoreThanCertain);
    let pushes = bet(0.4, 2.0).with_push(0.1).unwrap();
    assert_eq!(refusal(&[pushes, bet(0.4, 2.0)]), KellyError::PushesDiffer);
    for no_limit in [0.0, -0.1, 1.1, f64::NAN] {
        for limits in [
            Limits::fraction(no_limit),
            Limits {
                per_bet: no_limit,
                ..Limits::default()
            },
            Limits {
                total: no_limit,
                ..Limits::default()
            },
            Limits {
                groups: vec![Group {
                    members: vec![0],
                    cap: no_limit,
                }],
                ..Limits::default()
            },
        ] {
            assert_eq!(
                simultaneous(&[bet(0.55, 2.0)], &limits),
                Err(KellyError::LimitOutOfRange)
            );
            assert_eq!(exclusive(&[bet(0.55, 2.0)], &limits), Err(KellyError::LimitOutOfRange));
            assert_eq!(limits.apply(0.1), Err(KellyError::LimitOutOfRange));
        }
    }
    for no_share in [-0.1, 1.1, f64::NAN] {
        assert_eq!(Limits::default().apply(no_share), Err(KellyError::NotShares));
    }
    let nobody = Limits {
        groups: vec![Group {
            members: vec![1],
            cap: 0.1,
        }],
        ..Limits::default()
    };
    assert_eq!(simultaneous(&[bet(0.55, 2.0)], &nobody), Err(KellyError::NoSuchBet));
    let none = Sizing {
        shares: Vec::new(),
        growth: 0.0,
    };
    assert_eq!(exclusive(&[], &Limits::default()), Ok(none));
}

#[test]
fn the_longest_prices_and_the_tightest_caps_settle_too() {
    let mut dice = Dice::new(8);
    for _ in 0..200 {
        let count = 1 + dice.below(4);
        let bets: Vec<Plain> = (0..count)
            .map(|_| {
                let decimal = 10_f64.powf(dice.between(0.001, 6.0));
                let win = 10_f64.powf(dice.between(-6.0, -0.05)).max(1.02 / decimal).min(0.999);
                (win, 0.0, decimal)
            })
            .collect();
        let cap = |dice: &mut Dice| {
            if dice.uniform() < 0.5 {
                10_f64.powf(dice.between(-6.0, 0.0))
            } else {
                1.0
            }
        };
        let limits = Limits {
            per_bet: cap(&mut dice),
            total: cap(&mut dice),
            ..Limits::default()
        };
        let found = simultaneous(&prospects(&bets), &limits).unwrap();
        assert!(keeps(&found.shares, &limits), "{found:?} {limits:?}");
        let growth = |shares: &[f64]| independent_growth(&bets, shares, 1.0);
        assert!(
            is_best_of(&found.shares, &limits, &mut dice, growth),
            "{bets:?} {limits:?} {found:?}"
        );
    }
}

#[test]
fn a_bet_at_a_recorded_price_is_the_bet_at_its_decimal() {
    let win = Probability::new(0.55).unwrap();
    let price: Price = "2.1".parse().unwrap();
    assert!((single(&Prospect::new(win, price)) - single(&bet(0.55, 2.1))).abs() < 1e-15);
}

#[test]
fn stakes_are_whole_steps_and_never_more_than_the_shares_or_the_caps() {
    let mut dice = Dice::new(7);
    for _ in 0..500 {
        let count = 1 + dice.below(5);
        let limits = any_limits(&mut dice, count);
        let bankroll = i64::try_from(1 + dice.below(10_000_000)).unwrap();
        let step = [1, 5, 100, 500][dice.below(4)];
        let shares: Vec<f64> = (0..count).map(|_| dice.uniform() / count as f64).collect();
        let stakes = round_stakes(bankroll, &shares, &limits, step).unwrap();
        let most = |share: f64| share * bankroll as f64 + 1e-6;
        for (stake, share) in stakes.iter().zip(&shares) {
            assert!(*stake >= 0 && stake % step == 0 && *stake as f64 <= most(share.min(limits.per_bet)));
        }
        assert!(stakes.iter().sum::<i64>() as f64 <= most(limits.total));
        for group in &limits.groups {
            let staked: i64 = group.members.iter().map(|member| stakes[*member]).sum();
            assert!(staked as f64 <= most(group.cap));
        }
        if limits == Limits::default() {
            let within_a_step = |(stake, share): (&i64, &f64)| share * bankroll as f64 - (*stake as f64) < step as f64;
            assert!(stakes.iter().zip(&shares).all(within_a_step));
        }
    }
}

#[test]
fn a_share_that_is_whole_but_for_the_last_digits_is_whole() {
    let limits = Limits {
        total: 0.29,
        ..Limits::default()
    };
    assert_eq!(round_stakes(100, &[0.29], &limits, 1), Ok(vec![29]));
    assert_eq!(
        round_stakes(1_000, &[0.1 + 0.2], &Limits::default(), 100),
        Ok(vec![300])
    );
    assert_eq!(
        round_stakes(1_000, &[0.299_999], &Limits::default(), 100),
        Ok(vec![200])
    );
    assert_eq!(
        round_stakes(i64::MAX, &[1.0], &Limits::default(), 1),
        Ok(vec![i64::MAX])
    );
    for (bankroll, step) in [(0, 1), (-5, 1), (100, 0), (100, -1)] {
        assert_eq!(
            round_stakes(bankroll, &[0.1], &limits, step),
            Err(KellyError::NotPositive)
        );
    }
    for no_shares in [&[-0.1][..], &[f64::NAN], &[0.7, 0.7], &[f64::INFINITY]] {
        assert_eq!(round_stakes(100, no_shares, &limits, 1), Err(KellyError::NotShares));
    }
}
