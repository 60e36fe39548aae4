//! What bookmakers add to a bet, hedged.

use super::{back, book, exchange, football, plain, price, spread};
use domain::arbitrage::MAX_STAKE;
use domain::result::Rounding;
use domain::scenarios::promotion::{DepositBonus, Hedge, Locked, Promotion, lock};
use domain::scenarios::{Combination, Leg, PlanError, Terms};
use domain::{MarketKind, Outcome, Side};

const FREE_BET: Promotion = Promotion::FreeBet {
    is_stake_returned: false,
};

fn by_back(decimal: &str) -> Hedge {
    Hedge {
        side: Side::Back,
        price: price(decimal),
        terms: book(2, 1),
    }
}

/// At an exchange that rounds to the nearest cent.
fn by_lay(decimal: &str, commission_bp: u16) -> Hedge {
    let terms = Terms {
        rounding: Rounding::Nearest,
        ..exchange(2, commission_bp)
    };
    Hedge {
        side: Side::Lay,
        price: price(decimal),
        terms,
    }
}

fn locked(decimal: &str, stake: i64, promotion: Promotion, hedge: Hedge) -> Locked {
    lock(price(decimal), stake, promotion, book(1, 1), hedge).unwrap()
}

#[test]
fn a_free_bet_is_hedged_by_backing_the_opposite() {
    let free = locked("5.00", 100_00, FREE_BET, by_back("1.25"));
    let expected = Locked {
        stake: 320_00,
        at_risk: 320_00,
        if_won: 80_00,
        if_lost: 80_00,
        guaranteed: 80_00,
    };
    assert_eq!(free, expected);
}

#[test]
fn a_free_bet_is_hedged_by_laying_it() {
    let free = locked("5.00", 100_00, FREE_BET, by_lay("5.20", 200));
    let expected = Locked {
        stake: 77_22,
        at_risk: 324_32,
        if_won: 75_68,
        if_lost: 75_68,
        guaranteed: 75_68,
    };
    assert_eq!(free, expected);
}

#[test]
fn a_free_bet_whose_stake_is_returned_is_worth_more() {
    // 500 to win, so 400 at 1.25 leaves 100 both ways.
    let free = locked(
        "5.00",
        100_00,
        Promotion::FreeBet {
            is_stake_returned: true,
        },
        by_back("1.25"),
    );
    assert_eq!((free.stake, free.guaranteed), (400_00, 100_00));
}

#[test]
fn a_profit_boost_grows_winnings_and_not_the_stake() {
    // 50 @ 3.00 boosted by half wins 150: 200 / 1.45 = 137.93, and a cent more is as good.
    let boosted = locked("3.00", 50_00, Promotion::ProfitBoost { bp: 5_000 }, by_back("1.45"));
    assert_eq!((boosted.stake, boosted.if_won, boosted.if_lost), (137_94, 12_06, 12_07));
    assert_eq!(boosted.guaranteed, 12_06);
}

#[test]
fn an_odds_boost_pays_the_boosted_price() {
    // 25 @ 2.50 instead of 2.20; 62.50 / 1.70 = 36.76, and a cent more is as good.
    let boosted = locked(
        "2.20",
        25_00,
        Promotion::OddsBoost { price: price("2.50") },
        by_back("1.70"),
    );
    assert_eq!((boosted.stake, boosted.if_won), (36_77, 37_50 - 36_77));
    let plain = locked("2.50", 25_00, Promotion::ProfitBoost { bp: 0 }, by_back("1.70"));
    assert_eq!(boosted, plain);
}

#[test]
fn insurance_refunds_a_loss_at_what_a_free_bet_is_worth() {
    // 100 @ 2.50; a loss returns a free bet of up to 50, worth 70 %: 35. (150 + 65) / 1.60 = 134.375.
    let insured = Promotion::Insurance {
        max_refund: 50_00,
        value_bp: 7_000,
    };
    let hedged = locked("2.50", 100_00, insured, by_back("1.60"));
    assert_eq!(hedged.stake, 134_38);
    assert_eq!((hedged.if_won, hedged.if_lost), (150_00 - 134_38, 80_62 - 65_00));
    assert_eq!(hedged.guaranteed, 15_62);
}

#[test]
fn cashback_returns_a_part_of_a_loss_as_money() {
    // 100 @ 2.00 with 10 % of up to 60 back: loses 94. (100 + 94) / 1.90 = 102.105.
    let cashback = Promotion::Cashback {
        max_loss: 60_00,
        bp: 1_000,
    };
    let hedged = locked("2.00", 100_00, cashback, by_back("1.90"));
    assert_eq!((hedged.stake, hedged.if_won, hedged.if_lost), (102_11, -2_11, -2_11));
}

#[test]
fn a_promotion_worth_less_than_its_hedge_says_so() {
    let hedged = locked("1.50", 100_00, Promotion::ProfitBoost { bp: 100 }, by_back("2.40"));
    assert!(
        hedged.guaranteed < 0 && hedged.guaranteed == hedged.if_won.min(hedged.if_lost),
        "{hedged:?}"
    );
}

#[test]
fn a_free_bet_on_one_of_three_outcomes_is_hedged_on_both_others() {
    let three_way = || plain(MarketKind::ThreeWay);
    let free = Leg {
        promotion: Some(FREE_BET),
        ..back(three_way(), Outcome::Home, "5.00", book(1, 1))
    };
    let legs = vec![
        free,
        back(three_way(), Outcome::Draw, "4.00", book(2, 1)),
        back(three_way(), Outcome::Away, "1.80", book(3, 1)),
    ];
    let combination = Combination::new(&football(), legs).unwrap();
    let plan = combination.hedge(0, 100_00, MAX_STAKE).unwrap();
    // 400 either way: 100 at 4.00, and 222.22 or a cent more at 1.80.
    assert_eq!(
        (plan.stakes.as_slice(), plan.guaranteed),
        ([100_00, 100_00, 222_23].as_slice(), 77_77)
    );
    assert_eq!((plan.at_risk[0], plan.staked), (0, 322_23));
}

#[test]
fn a_free_bet_that_comes_back_is_counted_as_nothing() {
    let free = Leg {
        promotion: Some(FREE_BET),
        ..back(spread("-1"), Outcome::Home, "3.00", book(1, 1))
    };
    let plan = Combination::new(&football(), vec![free])
        .unwrap()
        .settle(&[100_00])
        .unwrap();
    assert_eq!(plan.returns, [0, 0, 200_00]);
    let quarter = Leg {
        promotion: Some(FREE_BET),
        ..back(spread("-0.75"), Outcome::Home, "3.00", book(1, 1))
    };
    let plan = Combination::new(&football(), vec![quarter])
        .unwrap()
        .settle(&[100_00])
        .unwrap();
    assert_eq!(plan.returns, [0, 100_00, 200_00]);
}

#[test]
fn half_a_loss_is_not_insured_but_earns_cashback() {
    let with = |promotion| {
        let leg = Leg {
            promotion: Some(promotion),
            ..back(spread("-0.25"), Outcome::Home, "2.00", book(1, 1))
        };
        Combination::new(&football(), vec![leg])
            .unwrap()
            .settle(&[100_00])
            .unwrap()
            .returns
    };
    let insured = with(Promotion::Insurance {
        max_refund: 100_00,
        value_bp: 10_000,
    });
    assert_eq!(insured, [0, -50_00, 100_00]);
    assert_eq!(
        with(Promotion::Cashback {
            max_loss: 40_00,
            bp: 5_000
        }),
        [-80_00, -30_00, 100_00]
    );
    assert_eq!(
        with(Promotion::Cashback {
            max_loss: 80_00,
            bp: 5_000
        }),
        [-60_00, -25_00, 100_00]
    );
}

#[test]
fn a_plan_stakes_no_more_on_an_insured_bet_than_is_insured() {
    let three_way = || plain(MarketKind::ThreeWay);
    let insured = Promotion::Insurance {
        max_refund: 50_00,
        value_bp: 7_000,
    };
    let legs = vec![
        Leg {
            promotion: Some(insured),
            ..back(three_way(), Outcome::Home, "2.50", book(1, 1))
        },
        back(spread("-0.5"), Outcome::Away, "1.60", book(2, 1)),
    ];
    let plan = Combination::new(&football(), legs).unwrap().plan(1_000_00).unwrap();
    assert!(plan.stakes[0] <= 50_00 && plan.guaranteed > 0, "{plan:?}");
}

#[test]
fn promotions_that_cannot_be_are_refused() {
    let refused = |promotion| lock(price("2"), 100_00, promotion, book(1, 1), by_back("2"));
    for promotion in [
        Promotion::Insurance {
            max_refund: -1,
            value_bp: 7_000,
        },
        Promotion::Insurance {
            max_refund: 1,
            value_bp: 10_001,
        },
        Promotion::Cashback { max_loss: -1, bp: 1 },
        Promotion::Cashback {
            max_loss: 1,
            bp: 10_001,
        },
    ] {
        assert_eq!(refused(promotion), Err(PlanError::NoSuchPromotion(0)));
    }
    let laid = Leg {
        side: Side::Lay,
        promotion: Some(FREE_BET),
        ..back(spread("-1"), Outcome::Home, "3", book(1, 1))
    };
    let combination = Combination::new(&football(), vec![laid]).unwrap();
    assert_eq!(combination.settle(&[1]), Err(PlanError::NoSuchPromotion(0)));
}

#[test]
fn a_deposit_bonus_is_worth_what_its_rollover_leaves() {
    let bonus = DepositBonus {
        bonus: 100_00,
        turnover: 1_000_00,
    };
    // Each bet of 60 costs 1.10 to hedge; 17 of them make 1,000.
    assert_eq!(bonus.value(60_00, -1_10), Some(100_00 - 17 * 1_10));
    assert_eq!(bonus.value(1_000_00, -120_00), Some(-20_00));
    assert_eq!(bonus.value(0, -1), None);
    assert_eq!(bonus.value(1, i64::MIN), None);
}
