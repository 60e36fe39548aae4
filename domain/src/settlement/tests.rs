use super::*;
use crate::bet::PayTerms;
use crate::{MarketKey, MarketKind, Outcome, Sport};
use proptest::prelude::*;

fn leg(side: Side, price: Price) -> BetLeg {
    BetLeg {
        event_id: None,
        event: "Lions @ Bears".into(),
        sport: Sport::AMERICAN_FOOTBALL,
        competition: String::new(),
        home: Some("Bears".into()),
        away: Some("Lions".into()),
        starts_at: None,
        market: MarketKey::plain(MarketKind::Moneyline),
        outcome: Outcome::Home,
        side,
        price,
        price_text: String::new(),
        quote: None,
    }
}

fn wager(structure: Structure, stake: i64, prices: &[&str]) -> Wager {
    Wager {
        structure,
        stake,
        is_free: false,
        legs: prices
            .iter()
            .map(|price| leg(Side::Back, price.parse().unwrap()))
            .collect(),
        terms: PayTerms::default(),
    }
}

fn results(results: &[BetResult]) -> Vec<Fate> {
    results.iter().copied().map(Fate::ended).collect()
}

fn at(minute: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(1_700_000_000 + minute * 60, 0).unwrap()
}

#[test]
fn a_part_that_was_cashed_out_is_paid_and_the_rest_goes_on() {
    use BetResult::{Loss, Win};
    let bet = wager(Structure::Single, 10_000, &["3.0"]);
    let sold = [CashOut {
        at: at(0),
        stake: 40_00,
        amount: 70_00,
    }];
    assert_eq!(settle(&bet, &results(&[Win]), &sold).unwrap().payout, 18_000 + 70_00);
    assert_eq!(settle(&bet, &results(&[Loss]), &sold).unwrap().payout, 70_00);
    assert_eq!(at_risk_left(&bet, &sold), Some(60_00));
    let all = [
        sold[0],
        CashOut {
            at: at(1),
            stake: 60_00,
            amount: 10_00,
        },
    ];
    let settled = settle(&bet, &[Fate::OPEN], &all).unwrap();
    assert_eq!((settled.settled_as, settled.payout), (SettledAs::CashedOut, 80_00));
    let more = [
        sold[0],
        CashOut {
            at: at(1),
            stake: 60_01,
            amount: 1,
        },
    ];
    assert_eq!(settle(&bet, &[Fate::OPEN], &more), Err(SettleError::NoSuchCashOut));
    let robin = wager(Structure::RoundRobin { sizes: vec![2] }, 10_00, &["2.0", "2.0", "2.0"]);
    let part = [CashOut {
        at: at(0),
        stake: 10_00,
        amount: 5_00,
    }];
    assert_eq!(settle(&robin, &[Fate::OPEN; 3], &part), Err(SettleError::NoSuchCashOut));
    let whole = [CashOut {
        at: at(0),
        stake: 30_00,
        amount: 25_00,
    }];
    assert_eq!(settle(&robin, &[Fate::OPEN; 3], &whole).unwrap().payout, 25_00);
}

#[test]
fn an_open_leg_waits_unless_another_has_lost() {
    let parlay = wager(Structure::Parlay, 10_00, &["2.0", "3.0"]);
    let open = [Fate::ended(BetResult::Win), Fate::OPEN];
    assert_eq!(settle(&parlay, &open, &[]), Err(SettleError::Open(1)));
    let lost = [Fate::OPEN, Fate::ended(BetResult::Loss)];
    assert_eq!(settle(&parlay, &lost, &[]).unwrap().settled_as, SettledAs::Loss);
    let robin = wager(Structure::RoundRobin { sizes: vec![2] }, 10_00, &["2.0", "3.0", "1.5"]);
    let part = [Fate::ended(BetResult::Win), Fate::ended(BetResult::Loss), Fate::OPEN];
    assert_eq!(settle(&robin, &part, &[]), Err(SettleError::Open(2)));
}

#[test]
fn an_end_that_a_kind_of_bet_does_not_have_is_refused() {
    let teaser = Structure::Teaser {
        prices: vec![None, "1.833333".parse().ok()],
        push: TeaserPush::Reduce,
    };
    let halves = results(&[BetResult::Win, BetResult::HalfWin]);
    assert_eq!(
        settle(&wager(teaser, 10_00, &["1.9", "1.9"]), &halves, &[]),
        Err(SettleError::NoSuchEnd(1))
    );
    let nobody = [Fate::of(End::DeadHeat { places: 1, tied: 0 })];
    assert_eq!(
        settle(&wager(Structure::Single, 10_00, &["1.9"]), &nobody, &[]),
        Err(SettleError::NoSuchEnd(0))
    );
    assert_eq!(
        settle(&wager(Structure::Single, 10_00, &["1.9"]), &[], &[]),
        Err(SettleError::NotTheLegs)
    );
}

#[test]
fn every_choice_is_made_once_in_order() {
    let mut seen = Vec::new();
    for_each_choice(4, 2, |chosen| {
        seen.push(chosen.to_vec());
        Ok::<(), ()>(())
    })
    .unwrap();
    assert_eq!(seen, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
}

fn any_result() -> impl Strategy<Value = BetResult> {
    proptest::sample::select(BetResult::ALL.to_vec())
}

fn any_price() -> impl Strategy<Value = Price> {
    (1_010_000_i64..100_000_000).prop_map(|micros| Price::from_micros(micros).unwrap())
}

fn multiplier_of(result: BetResult, price: f64) -> f64 {
    match result {
        BetResult::Win => price,
        BetResult::HalfWin => f64::midpoint(price, 1.0),
        BetResult::Push | BetResult::Void => 1.0,
        BetResult::HalfLoss => 0.5,
        BetResult::Loss => 0.0,
    }
}

proptest! {
    #[test]
    fn a_parlay_pays_the_product_of_its_multipliers(
        legs in proptest::collection::vec((any_price(), any_result()), 2..6), stake in 1_i64..1_000_000,
    ) {
        let bet = Wager {
            structure: Structure::Parlay, stake, is_free: false, terms: PayTerms::default(),
            legs: legs.iter().map(|(price, _)| leg(Side::Back, *price)).collect(),
        };
        let fates: Vec<Fate> = legs.iter().map(|(_, result)| Fate::ended(*result)).collect();
        let product: f64 = legs.iter().map(|(price, result)| multiplier_of(*result, price.as_f64())).product();
        let exact = product * stake as f64;
        let paid = settle(&bet, &fates, &[]).unwrap().payout as f64;
        prop_assert!((paid - exact).abs() <= 1.0 + exact * 1e-9, "{} for {}", paid, exact);
    }

    #[test]
    fn a_lay_pays_what_the_backer_loses(price in any_price(), result in any_result(), stake in 1_i64..1_000_000) {
        let terms = PayTerms { rounding: Rounding::Nearest, ..PayTerms::default() };
        let back = Wager { structure: Structure::Single, stake, is_free: false, legs: vec![leg(Side::Back, price)], terms };
        let lay = Wager { legs: vec![leg(Side::Lay, price)], ..back.clone() };
        let backed = settle(&back, &[Fate::ended(result)], &[]).unwrap().payout - stake;
        let laid = settle(&lay, &[Fate::ended(result.opposite())], &[]).unwrap().payout - lay.at_risk().unwrap();
        prop_assert!((backed + laid).abs() <= 1, "{} and {}", backed, laid);
    }

    #[test]
    fn nothing_pays_less_than_nothing(
        legs in proptest::collection::vec((any_price(), any_result()), 3..5), is_free: bool, stake in 1_i64..100_000,
    ) {
        let fates: Vec<Fate> = legs.iter().map(|(_, result)| Fate::ended(*result)).collect();
        for structure in [Structure::Parlay, Structure::RoundRobin { sizes: vec![2, 3] }] {
            let bet = Wager {
                structure, stake, is_free, terms: PayTerms::default(),
                legs: legs.iter().map(|(price, _)| leg(Side::Back, *price)).collect(),
            };
            let settled = settle(&bet, &fates, &[]).unwrap();
            prop_assert!(settled.payout >= 0);
            prop_assert!(!is_free || settled.settled_as != SettledAs::Void || settled.payout == 0);
        }
    }

    #[test]
    fn a_round_robin_pays_what_its_parlays_pay_in_whatever_order(
        legs in proptest::collection::vec((any_price(), any_result()), 3..5), turn in 0_usize..4, is_free: bool, stake in 1_i64..100_000,
    ) {
        let of = |structure, legs: &[(Price, BetResult)]| {
            let bet = Wager {
                structure, stake, is_free, terms: PayTerms::default(),
                legs: legs.iter().map(|(price, _)| leg(Side::Back, *price)).collect(),
            };
            let fates: Vec<Fate> = legs.iter().map(|(_, result)| Fate::ended(*result)).collect();
            settle(&bet, &fates, &[]).unwrap()
        };
        let robin = || Structure::RoundRobin { sizes: vec![2] };
        let mut apart = 0;
        for first in 0..legs.len() {
            for second in first + 1..legs.len() {
                apart += of(Structure::Parlay, &[legs[first], legs[second]]).payout;
            }
        }
        let together = of(robin(), &legs);
        prop_assert_eq!(together.payout, apart);
        let mut turned = legs.clone();
        turned.rotate_left(turn % legs.len());
        prop_assert_eq!(of(robin(), &turned), together);
    }

    #[test]
    fn an_each_way_bet_pays_what_a_win_and_a_place_bet_pay(
        price in any_price(), places in 1_u32..5, part in 2_u32..6, position in 1_u32..8, tied in 1_u32..4, stake in 1_i64..1_000_000,
    ) {
        let single = |price, end| {
            let bet = Wager {
                structure: Structure::Single, stake, is_free: false, terms: PayTerms::default(), legs: vec![leg(Side::Back, price)],
            };
            settle(&bet, &[Fate::of(end)], &[]).unwrap().payout
        };
        // Those who tie share the places from theirs on.
        let share = |left: u32| if left == 0 { End::Result(BetResult::Loss) } else { End::DeadHeat { places: left.min(tied), tied } };
        let terms = PlaceTerms { places, numerator: 1, denominator: part };
        let won = single(price, share(u32::from(position == 1)));
        let placed = single(terms.price(price).unwrap(), share((places + 1).saturating_sub(position)));
        let both = Wager {
            structure: Structure::EachWay { terms }, stake, is_free: false, terms: PayTerms::default(), legs: vec![leg(Side::Back, price)],
        };
        let paid = settle(&both, &[Fate::of(End::Finished(Finish { position, tied }))], &[]).unwrap().payout;
        // A part of the odds is no whole number of millionths.
        prop_assert!((paid - won - placed).abs() <= 1 + stake / 1_000_000, "{} for {} and {}", paid, won, placed);
    }
}
