//! Devig beside published numbers, numbers reckoned elsewhere, and what must hold for every market.

use domain::devig::{
    AssumedHold, DevigError, DevigMethod, devig, devig_implied, devig_into, devig_many, devig_one_sided, summarise,
};
use domain::value::{edge, expected_value, fair_price};
use domain::{Money, Price, Probability};
use proptest::prelude::*;
use serde_json::Value;

/// Numbers from 0 up to 1, the same ones each time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small and not negative"
    )]
    pub fn below(&mut self, count: usize) -> usize {
        (self.uniform() * count as f64) as usize
    }
}

/// What somebody else reckoned for one market: the prices, then for each method its probabilities and parameter.
struct Golden {
    decimals: &'static [&'static str],
    answers: &'static [(DevigMethod, &'static [f64], Option<f64>)],
}

use DevigMethod::{Additive, BalancedBook, Goto, JensenShannon, Multiplicative, OddsRatio, Power, Probit, Shin};

#[rustfmt::skip]
const GOLDEN: [Golden; 5] = [
    Golden {
        decimals: &["4.20", "3.70", "1.95"],
        answers: &[
            (Multiplicative, &[0.233_155_60, 0.264_663_11, 0.502_181_29], None),
            (Additive, &[0.231_033_23, 0.263_208_26, 0.505_758_51], None),
            (Power, &[0.231_140_98, 0.263_064_09, 0.505_794_93], Some(1.020_655_88)),
            (Shin, &[0.231_571_96, 0.263_574_50, 0.504_853_54], Some(0.010_608_06)),
            (OddsRatio, &[0.232_004_53, 0.263_641_30, 0.504_354_18], Some(1.034_456_48)),
            (Probit, &[0.231_804_77, 0.263_540_24, 0.504_655_00], None),
            (BalancedBook, &[0.229_937_96, 0.262_457_47, 0.507_604_56], None),
            (Goto, &[0.230_469_70, 0.262_807_48, 0.506_722_83], None),
            (JensenShannon, &[0.231_521_6, 0.263_410_8, 0.505_067_6], Some(0.005_483_1)),
        ],
    },
    Golden {
        decimals: &["2.05", "3.20", "3.80"],
        answers: &[
            (Multiplicative, &[0.458_694_83, 0.293_851_38, 0.247_453_79], None),
            (Additive, &[0.466_650_62, 0.291_345_74, 0.242_003_64], None),
            (Power, &[0.466_711_32, 0.290_899_44, 0.242_389_24], Some(1.061_580_00)),
            (Shin, &[0.464_586_14, 0.291_979_42, 0.243_434_44], Some(0.031_812_78)),
            (OddsRatio, &[0.463_441_88, 0.291_902_68, 0.244_655_44], Some(1.102_636_07)),
            (Probit, &[0.464_123_35, 0.291_758_76, 0.244_117_89], None),
            (BalancedBook, &[0.471_019_60, 0.289_969_76, 0.239_010_65], None),
            (Goto, &[0.468_905_76, 0.290_604_23, 0.240_490_01], None),
            (JensenShannon, &[0.465_058_0, 0.291_589_2, 0.243_352_8], Some(0.016_103_1)),
        ],
    },
    Golden {
        decimals: &["1.19", "7", "14"],
        answers: &[
            (Multiplicative, &[0.796_812_75, 0.135_458_17, 0.067_729_08], None),
            (Additive, &[0.822_128_85, 0.124_649_86, 0.053_221_29], None),
            (Power, &[0.826_315_35, 0.118_347_90, 0.055_336_75], Some(1.096_724_18)),
            (Shin, &[0.815_631_22, 0.127_091_06, 0.057_277_72], Some(0.028_835_95)),
            (OddsRatio, &[0.815_994_24, 0.123_137_30, 0.060_868_46], Some(1.186_836_05)),
            (Probit, &[0.817_059_55, 0.123_188_37, 0.059_752_08], None),
            (BalancedBook, &[0.835_853_13, 0.118_790_50, 0.045_356_37], None),
            (Goto, &[0.830_801_16, 0.120_764_75, 0.048_434_08], None),
            (JensenShannon, &[0.818_970_6, 0.123_547_8, 0.057_481_6], Some(0.020_098_9)),
        ],
    },
    Golden {
        decimals: &["1.50", "2.74"],
        answers: &[
            (Multiplicative, &[0.646_226_42, 0.353_773_58], None),
            (Additive, &[0.650_851_58, 0.349_148_42], None),
            (Power, &[0.653_152_28, 0.346_847_72], Some(1.050_509_57)),
            (Shin, &[0.650_851_58, 0.349_148_42], Some(0.031_727_29)),
            (OddsRatio, &[0.651_017_82, 0.348_982_18], Some(1.072_112_53)),
            (Probit, &[0.650_982_72, 0.349_017_28], None),
            (BalancedBook, &[0.655_778_89, 0.344_221_11], None),
            (Goto, &[0.653_378_11, 0.346_621_89], None),
        ],
    },
    Golden {
        decimals: &["2.60", "2.40", "4.30"],
        answers: &[
            (Multiplicative, &[0.372_025_96, 0.403_028_12, 0.224_945_93], None),
            (Additive, &[0.373_335_32, 0.405_386_60, 0.221_278_08], None),
            (Power, &[0.372_984_40, 0.405_107_17, 0.221_908_43], Some(1.032_136_95)),
            (Shin, &[0.372_994_06, 0.404_779_41, 0.222_226_53], Some(0.016_942_51)),
            (OddsRatio, &[0.372_428_65, 0.404_131_30, 0.223_440_04], Some(1.053_173_79)),
            (Probit, &[0.372_600_36, 0.404_381_87, 0.223_017_77], None),
            (BalancedBook, &[0.374_023_81, 0.406_626_73, 0.219_349_46], None),
            (Goto, &[0.373_665_08, 0.406_005_34, 0.220_329_57], None),
        ],
    },
];

fn prices(decimals: &[&str]) -> Vec<Price> {
    decimals.iter().map(|decimal| decimal.parse().unwrap()).collect()
}

fn is_close(one: f64, other: f64, tolerance: f64) -> bool {
    (one - other).abs() <= tolerance
}

#[test]
fn every_method_gives_the_numbers_reckoned_elsewhere() {
    for golden in &GOLDEN {
        for (method, expected, parameter) in golden.answers {
            // The last printed digit is rounded.
            let tolerance = if *method == JensenShannon { 1e-6 } else { 1e-8 };
            let found = devig(*method, &prices(golden.decimals), 1.0).unwrap();
            let what = format!("{} of {:?}: {found:?}", method.name(), golden.decimals);
            assert_eq!(found.probabilities.len(), expected.len(), "{what}");
            for (found, expected) in found.probabilities.iter().zip(*expected) {
                assert!(is_close(found.get(), *expected, tolerance), "{what}");
            }
            if let Some(parameter) = parameter {
                assert!(is_close(found.parameter, *parameter, tolerance), "{what}");
            }
        }
    }
}

#[test]
fn goto_gives_the_numbers_its_author_prints() {
    let found = devig(Goto, &prices(&["1.2", "3.4", "5.6"]), 1.0).unwrap();
    let printed = [
        0.775_352_818_978_817_5,
        0.174_794_732_927_210_65,
        0.049_852_448_093_971_99,
    ];
    for (found, printed) in found.probabilities.iter().zip(printed) {
        assert!(is_close(found.get(), printed, 1e-14));
    }
}

/// The numbers of other software's tests, or none with a word of why.
pub fn reference() -> Option<Value> {
    let Some(corpus) = std::env::var_os("OVERROUND_CORPUS") else {
        eprintln!("skipped: OVERROUND_CORPUS is not set");
        return None;
    };
    let file = std::path::Path::new(&corpus).join("reference/devig_kelly_arb_reference.json");
    Some(serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap())
}

pub fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

#[test]
fn every_method_agrees_with_the_tests_of_other_software() {
    let Some(reference) = reference() else { return };
    let mut compared = 0;
    for market in reference["devig"].as_array().unwrap() {
        let implied: Vec<f64> = numbers(&market["odds"]).iter().map(|decimal| 1.0 / decimal).collect();
        for (name, expected) in market["expected"].as_object().unwrap() {
            let code = if name.starts_with("differential_margin_weighting") {
                "additive"
            } else {
                name
            };
            let found = devig_implied(DevigMethod::from_code(code).unwrap(), &implied, 1.0).unwrap();
            let tolerance = expected
                .get("tol")
                .map_or(1e-11, |tolerance| tolerance.as_f64().unwrap());
            for (found, expected) in found.probabilities.iter().zip(numbers(&expected["p"])) {
                assert!(
                    is_close(found.get(), expected, tolerance),
                    "{name}: {found:?} {expected}"
                );
                compared += 1;
            }
            if let Some(insiders) = expected.get("z") {
                assert!(is_close(found.parameter, insiders.as_f64().unwrap(), 5e-5));
            }
            if let Some(margin) = expected.get("margin") {
                assert!(is_close(found.overround, margin.as_f64().unwrap(), 5e-5));
            }
        }
    }
    assert!(compared >= 24);
}

#[test]
fn even_prices_are_even_chances_by_every_method() {
    for method in DevigMethod::ALL {
        for outcomes in 2..=40_usize {
            let even = 1.0 / outcomes as f64;
            let found = devig_implied(method, &vec![1.05 * even; outcomes], 1.0).unwrap();
            for probability in &found.probabilities {
                assert!(is_close(probability.get(), even, 1e-14), "{found:?}");
            }
            assert!(is_close(found.overround, 0.05, 1e-12));
        }
    }
}

#[test]
fn prices_that_are_fair_already_stay_as_they_are() {
    let fair = [0.5, 0.3, 0.2];
    let neutral = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    for (method, neutral) in DevigMethod::ALL.into_iter().zip(neutral) {
        let found = devig_implied(method, &fair, 1.0).unwrap();
        for (found, fair) in found.probabilities.iter().zip(fair) {
            assert!(is_close(found.get(), fair, 1e-14), "{method:?}");
        }
        assert!(
            is_close(found.parameter, neutral, 1e-14),
            "{method:?} {}",
            found.parameter
        );
    }
}

#[test]
fn a_fair_pair_that_rounding_leaves_under_one_is_no_arbitrage() {
    let pair = [Price::from_american(-110).unwrap(), Price::from_american(110).unwrap()];
    assert!(pair.iter().map(|price| price.implied()).sum::<f64>() < 1.0);
    for method in DevigMethod::ALL {
        let found = devig(method, &pair, 1.0).unwrap();
        assert!(is_close(found.probabilities[0].get(), 11.0 / 21.0, 5e-7), "{method:?}");
    }
}

#[test]
fn an_arbitrage_inside_one_book_has_no_margin_to_remove_by_shin_balanced_book_or_power() {
    let arbitrage = prices(&["2.10", "3.60", "5.00"]);
    for method in DevigMethod::ALL {
        let found = devig(method, &arbitrage, 1.0);
        if matches!(method, Shin | Power | BalancedBook) {
            assert_eq!(found, Err(DevigError::Underround));
        } else {
            let found = found.unwrap();
            assert!(found.overround < 0.0);
            let implied = arbitrage.iter().map(|price| price.implied());
            assert!(
                found
                    .probabilities
                    .iter()
                    .zip(implied)
                    .all(|(fair, implied)| fair.get() > implied),
                "{method:?}"
            );
        }
    }
}

#[test]
fn a_long_shot_that_a_method_leaves_nothing_is_named_and_no_number_made_up() {
    let with_long_shot = prices(&["1.10", "8.00", "1000"]);
    for method in [Additive, BalancedBook, Goto, JensenShannon] {
        assert_eq!(
            devig(method, &with_long_shot, 1.0),
            Err(DevigError::NoProbability { outcome: 2 }),
            "{method:?}"
        );
    }
    for method in [Multiplicative, Power, Shin, OddsRatio, Probit] {
        let long_shot = devig(method, &with_long_shot, 1.0).unwrap().probabilities[2].get();
        assert!(long_shot > 0.0 && long_shot < 0.001, "{method:?}");
    }
    let mut fair = [0.5; 3];
    let implied = [0.9, 0.2, 0.001];
    assert!(devig_into(Goto, &implied, 1.0, &mut fair).is_err());
    assert!(fair.iter().all(|fair| fair.is_nan()));
}

#[test]
fn what_is_no_market_is_refused_with_its_reason() {
    for method in DevigMethod::ALL {
        let refusal = |implied: &[f64], target| devig_implied(method, implied, target).unwrap_err();
        assert_eq!(refusal(&[], 1.0), DevigError::TooFewOutcomes);
        assert_eq!(refusal(&[0.5], 1.0), DevigError::TooFewOutcomes);
        for no_price in [0.0, -0.1, 1.0, 1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(refusal(&[0.6, no_price], 1.0), DevigError::NotAPrice { outcome: 1 });
        }
        for no_target in [0.0, -1.0, 2.0, 3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(refusal(&[0.6, 0.5], no_target), DevigError::TargetOutOfRange);
        }
        assert_eq!(
            devig_into(method, &[0.6, 0.5], 1.0, &mut [0.0; 3]),
            Err(DevigError::WrongLength)
        );
    }
    assert_eq!(
        DevigError::NotAPrice { outcome: 1 }.to_string(),
        "outcome 2 has no price above 1"
    );
}

#[test]
fn every_code_leads_back_to_its_method() {
    for method in DevigMethod::ALL {
        assert_eq!(serde_json::to_value(method).unwrap(), method.code());
        assert_eq!(DevigMethod::from_code(method.code()), Some(method));
        assert!(!method.name().is_empty() && !method.parameter_name().is_empty());
    }
    assert_eq!(DevigMethod::from_code("logarithmic"), None);
}

#[test]
fn an_answer_survives_json() {
    let found = devig(Shin, &prices(&["4.20", "3.70", "1.95"]), 1.0).unwrap();
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["method"], "shin");
    assert!(json["probabilities"][0].is_f64() && json["overround"].is_f64() && json["parameter"].is_f64());
    let summary = summarise(&prices(&["1.10", "8.00", "1000"]), 1.0);
    let read: domain::devig::DevigSummary = serde_json::from_str(&serde_json::to_string(&summary).unwrap()).unwrap();
    assert_eq!(read.refusals, summary.refusals);
}

#[test]
fn where_several_win_the_definitions_hold_for_the_number_of_winners() {
    // Top three of five, with a margin of a tenth on each of the three places.
    let implied = [0.95, 0.85, 0.70, 0.50, 0.30];
    let (sum, target) = (3.3, 3.0);
    let found = |method| devig_implied(method, &implied, target).unwrap();
    let pairs = |method| {
        let found = found(method);
        let fair: Vec<f64> = found.probabilities.iter().map(|fair| fair.get()).collect();
        (found.parameter, implied.into_iter().zip(fair))
    };
    let holds = |method, definition: fn(f64, f64, f64) -> f64| {
        let (parameter, pairs) = pairs(method);
        for (implied, fair) in pairs {
            assert!(
                definition(implied, fair, parameter).abs() < 1e-12,
                "{method:?} {implied} {fair}"
            );
        }
    };
    holds(Multiplicative, |i, p, f| f * p - i);
    holds(Additive, |i, p, d| p + d - i);
    holds(Power, |i, p, k| i.powf(k) - p);
    holds(OddsRatio, |i, p, c| i * (1.0 - p) - c * p * (1.0 - i));
    holds(Probit, |i, p, c| {
        domain::normal::quantile(i) - domain::normal::quantile(p) - c
    });
    holds(BalancedBook, |i, p, z| p + z * (1.0 - p) - i);
    holds(Goto, |i, p, s| p + s * (1.0 - i).sqrt() - i);
    let (insiders, pairs) = pairs(Shin);
    for (implied, fair) in pairs {
        let weight = implied * implied * target / sum;
        assert!((insiders * fair + (1.0 - insiders) * fair * fair - weight).abs() < 1e-12);
    }
    for method in DevigMethod::ALL {
        assert!(is_close(found(method).overround, 0.1, 1e-12));
    }
    // One outcome would be certain twice over.
    let lopsided = [0.9, 0.2, 0.2, 0.2];
    let refused = devig_implied(Multiplicative, &lopsided, 2.0);
    assert_eq!(refused, Err(DevigError::NoProbability { outcome: 0 }));
}

#[test]
fn the_jensen_shannon_distance_is_the_one_defined() {
    let implied = [0.55, 0.32, 0.20];
    let found = devig_implied(JensenShannon, &implied, 1.0).unwrap();
    let divergence = |one: f64, other: f64| {
        let towards = |from: f64, to: f64| from * (from / to).ln() + (1.0 - from) * ((1.0 - from) / (1.0 - to)).ln();
        let middle = one.midpoint(other);
        0.5 * (towards(one, middle) + towards(other, middle))
    };
    for (implied, fair) in implied.into_iter().zip(&found.probabilities) {
        assert!(is_close(divergence(implied, fair.get()).sqrt(), found.parameter, 1e-12));
    }
}

#[test]
fn the_summary_spans_the_methods_that_answer_and_says_which_did_not() {
    let market = prices(&["1.10", "8.00", "1000"]);
    let summary = summarise(&market, 1.0);
    let refused: Vec<_> = summary.refusals.iter().map(|(method, _)| *method).collect();
    assert_eq!(refused, [Additive, BalancedBook, Goto, JensenShannon]);
    assert!(
        summary
            .refusals
            .iter()
            .all(|(_, reason)| *reason == DevigError::NoProbability { outcome: 2 })
    );
    assert_eq!(summary.answers.len(), 5);
    for (outcome, spread) in summary.outcomes.iter().enumerate() {
        let mut said: Vec<f64> = summary
            .answers
            .iter()
            .map(|answer| answer.probabilities[outcome].get())
            .collect();
        said.sort_by(f64::total_cmp);
        assert_eq!(
            (spread.minimum, spread.median, spread.maximum),
            (said[0], said[2], said[4])
        );
        assert!(is_close(spread.mean, said.iter().sum::<f64>() / 5.0, 1e-15));
    }
    let all = summarise(&prices(&["2.05", "3.20", "3.80"]), 1.0);
    assert_eq!((all.answers.len(), all.outcomes.len()), (9, 3));
    let none = summarise(&market[..1], 1.0);
    assert!(none.outcomes.is_empty() && none.answers.is_empty());
    assert_eq!(
        none.refusals,
        DevigMethod::ALL.map(|method| (method, DevigError::TooFewOutcomes))
    );
}

#[test]
fn one_price_alone_is_devigged_only_by_an_assumption_that_stays_with_it() {
    let price: Price = "3.50".parse().unwrap();
    let hold = AssumedHold::new(0.08).unwrap();
    for method in DevigMethod::ALL {
        let found = devig_one_sided(method, price, hold).unwrap();
        assert_eq!(found.assumed_hold, hold);
        let other = 1.0 / 0.92 - 1.0 / 3.5;
        let both = devig_implied(method, &[1.0 / 3.5, other], 1.0).unwrap();
        assert!(
            is_close(found.probability.get(), both.probabilities[0].get(), 1e-12),
            "{method:?}"
        );
        assert!(is_close(1.0 - 1.0 / (1.0 + both.overround), 0.08, 1e-12));
        assert_eq!(serde_json::to_value(found).unwrap()["assumed_hold"], 0.08);
    }
    let none = AssumedHold::new(0.0).unwrap();
    let fair = devig_one_sided(Multiplicative, price, none).unwrap();
    assert!(is_close(fair.probability.get(), 1.0 / 3.5, 1e-15));
    for no_hold in [-0.01, 1.0, f64::NAN, f64::INFINITY] {
        assert!(AssumedHold::new(no_hold).is_err());
    }
    // At 101 with a hold of a fifth, the other side would have to be more than certain.
    let long: Price = "101".parse().unwrap();
    let steep = AssumedHold::new(0.2).unwrap();
    assert_eq!(
        devig_one_sided(Shin, long, steep),
        Err(DevigError::NoProbability { outcome: 1 })
    );
    assert!(is_close(
        devig_one_sided(Multiplicative, long, steep).unwrap().probability.get(),
        0.8 / 101.0,
        1e-12
    ));
}

#[test]
fn value_is_measured_against_the_fair_probability() {
    let fair = devig(Multiplicative, &prices(&["1.80", "2.10"]), 1.0)
        .unwrap()
        .probabilities[0];
    assert!(is_close(edge(fair, "1.95".parse().unwrap()), 0.05, 1e-12));
    let stake: Money = "10.00 EUR".parse().unwrap();
    assert_eq!(expected_value(stake, 0.05), "0.50 EUR".parse().ok());
    assert_eq!(expected_value(stake, -0.000_5), "-0.01 EUR".parse().ok());
    for no_edge in [f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(expected_value(stake, no_edge), None);
    }
    assert_eq!(fair_price(fair).unwrap().micros(), 1_857_143);
    assert!(fair_price(Probability::new(1e-9).unwrap()).is_err());
    assert!(fair_price(Probability::new(1.0 - 1e-9).unwrap()).is_err());
    assert!(fair_price(Probability::new(f64::MIN_POSITIVE).unwrap()).is_err());
}

/// A market of 2 to 40 outcomes, prices from 1.0001 to 10,000, and an overround from -5 % to 40 %: even ones, ones with one
/// favourite, fields of long shots; a quarter of them with several winners.
fn any_market(dice: &mut Dice, implied: &mut Vec<f64>) -> f64 {
    loop {
        let outcomes = if dice.uniform() < 0.3 {
            2 + dice.below(2)
        } else {
            2 + dice.below(39)
        };
        let target = if dice.uniform() < 0.75 {
            1.0
        } else {
            (1 + dice.below(outcomes - 1)) as f64
        };
        let steepness = [0.3, 1.0, 3.0, 8.0][dice.below(4)];
        implied.clear();
        implied.extend((0..outcomes).map(|_| dice.uniform().max(1e-6).powf(steepness)));
        let scale = target * dice.between(0.95, 1.40) / implied.iter().sum::<f64>();
        for implied in implied.iter_mut() {
            *implied = (*implied * scale).clamp(1.0 / 10_000.0, 1.0 / 1.000_1);
        }
        // At the ends of the range of prices it may have come out otherwise.
        let overround = implied.iter().sum::<f64>() / target - 1.0;
        if (-0.05..=0.40).contains(&overround) {
            return target;
        }
    }
}

fn sound_answers_for(markets: usize, seed: u64) -> [(usize, usize); 9] {
    let mut dice = Dice::new(seed);
    let mut implied = Vec::new();
    let mut fair = [0.0; 40];
    let mut counts = [(0, 0); 9];
    for _ in 0..markets {
        let target = any_market(&mut dice, &mut implied);
        let fair = &mut fair[..implied.len()];
        let sum: f64 = implied.iter().sum();
        for (method, (answered, refused)) in DevigMethod::ALL.into_iter().zip(&mut counts) {
            let what = || format!("{method:?} of {implied:?} for {target}");
            match devig_into(method, &implied, target, fair) {
                Ok(parameter) => {
                    *answered += 1;
                    assert!(parameter.is_finite(), "{}", what());
                    assert!(fair.iter().all(|fair| *fair > 0.0 && *fair < 1.0), "{}", what());
                    assert!(is_close(fair.iter().sum(), target, 1e-9), "{}", what());
                    // No method turns an outcome less likely than another into one more likely.
                    let keeps_order =
                        |one: usize, other: usize| implied[one] <= implied[other] || fair[one] >= fair[other] - 1e-12;
                    assert!(
                        (1..fair.len()).all(|at| keeps_order(at, at - 1) && keeps_order(at - 1, at)),
                        "{}",
                        what()
                    );
                    if sum >= target {
                        assert!(
                            fair.iter()
                                .zip(&implied)
                                .all(|(fair, implied)| *fair <= implied + 1e-12),
                            "{}",
                            what()
                        );
                    }
                }
                Err(reason) => {
                    *refused += 1;
                    assert!(fair.iter().all(|fair| fair.is_nan()), "{}", what());
                    let is_underround = sum < target && matches!(method, Shin | Power | BalancedBook);
                    // By power and probit only to less than a float can hold.
                    let may_vanish = !matches!(method, Shin | OddsRatio);
                    assert!(
                        if is_underround {
                            reason == DevigError::Underround
                        } else {
                            may_vanish && matches!(reason, DevigError::NoProbability { .. })
                        },
                        "{reason:?} {}",
                        what()
                    );
                }
            }
        }
    }
    counts
}

#[test]
fn every_market_has_probabilities_that_sum_to_the_target_or_a_reason_why_not() {
    for (answered, refused) in sound_answers_for(3_000, 1) {
        assert!(answered > 100 && answered + refused == 3_000);
    }
}

#[test]
#[ignore = "a million markets take a minute even when optimised"]
fn a_million_markets_have_probabilities_that_sum_to_the_target_or_a_reason_why_not() {
    for (method, (answered, refused)) in DevigMethod::ALL.into_iter().zip(sound_answers_for(1_000_000, 2)) {
        println!("{:<15} {answered:>8} answered {refused:>8} refused", method.name());
    }
}

#[test]
fn the_steepest_markets_settle_too() {
    let (short, long) = (1.0 / 1.000_001, 1e-6);
    let mut steepest = vec![
        vec![short, short],
        vec![short, long],
        vec![short, short, long],
        vec![long, long, short],
    ];
    steepest.push(vec![short; 40]);
    steepest.push([vec![short; 20], vec![long; 20]].concat());
    steepest.push(
        (0..40)
            .map(|power| 0.5_f64.powi(power).max(long))
            .map(|i| i * short)
            .collect(),
    );
    for implied in &steepest {
        let sum: f64 = implied.iter().sum();
        for method in [Power, Shin, OddsRatio, Probit, JensenShannon] {
            for target in [1.0, (implied.len() - 1) as f64] {
                if sum < target {
                    continue;
                }
                let mut fair = vec![0.0; implied.len()];
                match devig_into(method, implied, target, &mut fair) {
                    Ok(_) => assert!(is_close(fair.iter().sum(), target, 1e-9), "{method:?} {implied:?}"),
                    Err(reason) => {
                        assert!(
                            matches!(reason, DevigError::NoProbability { .. }),
                            "{reason} {method:?} {implied:?}"
                        );
                        assert!(!matches!(method, Shin | OddsRatio), "{method:?} {implied:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn many_markets_at_once_get_the_answers_that_each_gets_alone() {
    let mut dice = Dice::new(3);
    let markets: Vec<[f64; 3]> = (0..500)
        .map(|at| {
            let weights: [f64; 3] = std::array::from_fn(|_| dice.between(0.01, 1.0));
            let scale = dice.between(0.97, 1.2) / weights.iter().sum::<f64>();
            // Now and then a book without a price.
            weights.map(|weight| if at % 97 == 5 { 0.0 } else { weight * scale })
        })
        .collect();
    for method in DevigMethod::ALL {
        let mut fair = vec![[0.0; 3]; markets.len()];
        let refused = devig_many(method, &markets, 1.0, &mut fair);
        let mut expected_refused = Vec::new();
        for (at, (market, fair)) in markets.iter().zip(&fair).enumerate() {
            match devig_implied(method, market, 1.0) {
                Ok(expected) => {
                    let matches = |(fair, expected): (&f64, &Probability)| is_close(*fair, expected.get(), 1e-14);
                    assert!(
                        fair.iter().zip(&expected.probabilities).all(matches),
                        "{method:?} {market:?}"
                    );
                }
                Err(reason) => {
                    expected_refused.push((at, reason));
                    assert!(fair.iter().all(|fair| fair.is_nan()));
                }
            }
        }
        assert_eq!(refused, expected_refused, "{method:?}");
        assert!(!refused.is_empty() && refused.len() < markets.len());
    }
}

#[test]
fn quantiles_are_the_inverse_of_cumulative_probabilities() {
    use domain::normal::{cumulative, density, quantile};
    // Reckoned with fifty digits.
    for (p, expected) in [
        (1e-300, -37.047_096_299_361_2),
        (1e-20, -9.262_340_089_798_408),
        (0.000_1, -3.719_016_485_455_68),
        (0.07, -1.475_791_028_179_171),
        (0.3, -0.524_400_512_708_041),
        (0.999, 3.090_232_306_167_813),
    ] {
        assert!((quantile(p) / expected - 1.0).abs() < 1e-14, "{p} {}", quantile(p));
        assert!((cumulative(quantile(p)) / p - 1.0).abs() < 1e-12, "{p}");
    }
    assert!(quantile(0.0) < f64::MIN && quantile(1.0) > f64::MAX);
    for outside in [-0.1, 1.1, f64::NAN] {
        assert!(quantile(outside).is_nan());
    }
    assert!(is_close(density(0.0), 0.398_942_280_401_432_7, 1e-16));
}

proptest! {
    #[test]
    fn for_two_outcomes_shin_is_additive(one in 0.000_1..0.999_9_f64, overround in 0.0..0.4_f64) {
        let other = 1.0 + overround - one;
        prop_assume!(other > 0.0 && other < 1.0);
        let shin = devig_implied(Shin, &[one, other], 1.0).unwrap();
        let additive = devig_implied(Additive, &[one, other], 1.0).unwrap();
        for (shin, additive) in shin.probabilities.iter().zip(&additive.probabilities) {
            prop_assert!(is_close(shin.get(), additive.get(), 1e-15));
        }
        // And its share of insiders fulfils the definition that holds for any number of outcomes.
        let (fair, insiders, sum) = (shin.probabilities[0].get(), shin.parameter, 1.0 + overround);
        let weight = one * one / sum;
        prop_assert!(is_close(insiders * fair + (1.0 - insiders) * fair * fair, weight, 1e-13));
        prop_assert!((0.0..1.0).contains(&insiders));
    }

    #[test]
    fn probabilities_made_into_prices_by_a_method_come_back(
        weights in proptest::collection::vec(0.01..1.0_f64, 2..12), over in 0.0..0.3_f64,
    ) {
        let sum: f64 = weights.iter().sum();
        let fair: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
        let back = |method, implied: Vec<f64>| {
            let found = devig_implied(method, &implied, 1.0).unwrap();
            let returned: Vec<f64> = found.probabilities.iter().map(|fair| fair.get()).collect();
            returned.iter().zip(&fair).all(|(returned, fair)| is_close(*returned, *fair, 1e-12))
        };
        let made = |of: &dyn Fn(f64) -> f64| fair.iter().map(|fair| of(*fair)).collect::<Vec<f64>>();
        prop_assert!(back(Power, made(&|p| p.powf(1.0 / (1.0 + over)))));
        prop_assert!(back(OddsRatio, made(&|p| (1.0 + over) * p / (1.0 + over * p))));
        prop_assert!(back(BalancedBook, made(&|p| p + 0.1 * over * (1.0 - p))));
        let normal = |p| domain::normal::cumulative(domain::normal::quantile(p) + over);
        prop_assert!(back(Probit, made(&normal)));
        // Shin prices his book at sqrt(z p + (1 - z) p^2) times the sum of those.
        let insiders = 0.1 * over;
        let root = |p: f64| (insiders * p + (1.0 - insiders) * p * p).sqrt();
        let roots: f64 = fair.iter().map(|fair| root(*fair)).sum();
        prop_assert!(back(Shin, made(&|p| root(p) * roots)));
    }
}
