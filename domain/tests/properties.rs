//! Properties that hold for every value, not only for the worked ones.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod devig;
mod kelly;

use chrono::DateTime;
use domain::arbitrage::{NetPrice, arbitrage_of, follow_stake, plan_stakes, round_stakes, scan};
use domain::event::{Event, EventStatus, Score};
use domain::opportunity::{OpportunityKind, Verdict};
use domain::price::PriceError;
use domain::{
    BookKind, CompetitionId, Currency, EventId, IssueKind, Line, MarketKey, MarketKind, Money, OddsFormat, Outcome,
    Participant, ParticipantId, Period, Price, Probability, Role, Severity, Side, Sport,
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// Mostly the prices that bookmakers offer, now and then one from the ends of the scale.
fn prices() -> impl Strategy<Value = Price> {
    prop_oneof![
        4 => (101_i64..5_000).prop_map(|hundredths| hundredths * 10_000),
        2 => 1_000_001_i64..20_000_000,
        1 => 1_000_001_i64..=Price::MAX.micros(),
    ]
    .prop_map(|micros| Price::from_micros(micros).unwrap())
}

fn lines() -> impl Strategy<Value = Line> {
    any::<i32>().prop_map(Line::from_hundredths)
}

fn currencies() -> impl Strategy<Value = Currency> {
    "[A-Z]{3}|JPY|KWD|CLF".prop_map(|code| code.parse().unwrap())
}

fn kinds() -> impl Strategy<Value = MarketKind> {
    use MarketKind::{
        BothTeamsToScore, DoubleChance, DrawNoBet, Moneyline, Other, Outright, Prop, Spread, TeamTotal, ThreeWay, Total,
    };
    let plain = [
        Moneyline,
        ThreeWay,
        Spread,
        Total,
        TeamTotal,
        DrawNoBet,
        DoubleChance,
        BothTeamsToScore,
        Outright,
    ];
    prop_oneof![
        proptest::sample::select(plain.to_vec()),
        ".*".prop_map(Prop),
        ".*".prop_map(Other)
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    use Outcome::{Away, Draw, DrawOrAway, Home, HomeOrAway, HomeOrDraw, Named, No, Over, Under, Yes};
    let fixed = [
        Home, Draw, Away, Over, Under, Yes, No, HomeOrDraw, HomeOrAway, DrawOrAway,
    ];
    let awkward = ["home", "named:home", "", "named:"].map(|name| Named(name.to_owned()));
    prop_oneof![
        proptest::sample::select(fixed.to_vec()),
        proptest::sample::select(awkward.to_vec()),
        ".*".prop_map(Named)
    ]
}

fn keys() -> impl Strategy<Value = MarketKey> {
    (
        kinds(),
        proptest::sample::select(Period::ALL),
        proptest::option::of(lines()),
        proptest::option::of(".*"),
    )
        .prop_map(|(kind, period, line, participant)| MarketKey {
            kind,
            period,
            line,
            participant,
        })
}

/// Through JSON and back; the JSON is returned.
fn through_json<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> serde_json::Value {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
    serde_json::from_str(&json).unwrap()
}

fn has_a_float(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::Number(number) => number.is_f64(),
        serde_json::Value::Array(items) => items.iter().any(has_a_float),
        serde_json::Value::Object(fields) => fields.values().any(has_a_float),
        _ => false,
    }
}

/// How far apart two prices may be that a format, rounding as it does, can't tell apart.
fn tolerance(format: OddsFormat, price: Price) -> f64 {
    let decimal = price.as_f64();
    let net = decimal - 1.0;
    let half_of_third_place = 0.000_501;
    match format {
        OddsFormat::Decimal | OddsFormat::HongKong => half_of_third_place,
        OddsFormat::Fractional => 0.005_001,
        OddsFormat::American => 0.006,
        // A short price's stake, or a long price's, is what is rounded: the error grows with the square of the profit.
        OddsFormat::Indonesian | OddsFormat::Malay => half_of_third_place * (net * net * 2.0).max(1.0),
        OddsFormat::Implied => 2.0 * half_of_third_place * decimal * decimal,
    }
}

proptest! {
    #[test]
    fn a_price_survives_text_and_json(price in prices()) {
        prop_assert_eq!(price.to_string().parse(), Ok(price));
        prop_assert!(through_json(&price).is_string());
    }

    #[test]
    fn reading_a_number_never_panics_and_a_plain_one_is_rounded_to_the_nearest_millionth(
        text in "[-+\u{2212}]?[0-9]{0,25}\\.?[0-9]{0,25}([eE][-+]?[0-9]{0,12})?|.*",
        whole in 1_u64..1_000_000,
        fraction in "[0-9]{1,12}",
    ) {
        let _ = text.parse::<Price>();
        let _ = Price::parse_american(&text);
        let _ = text.parse::<Line>();
        for format in OddsFormat::ALL {
            let _ = format.read(&text);
        }
        let digits: String = fraction.chars().chain("000000000000".chars()).take(12).collect();
        let micros = (whole * 1_000_000_000_000 + digits.parse::<u64>().unwrap() + 500_000) / 1_000_000;
        let expected = Price::from_micros(i64::try_from(micros).unwrap());
        prop_assert_eq!(format!("{whole}.{fraction}").parse(), expected);
    }

    #[test]
    fn decimal_odds_of_three_places_survive_the_formats_that_carry_them(thousandths in 1_001_i64..1_000_000) {
        let price = Price::from_micros(thousandths * 1_000).unwrap();
        for format in [OddsFormat::Decimal, OddsFormat::HongKong] {
            prop_assert_eq!(format.read(&format.write(price)), Ok(price));
        }
    }

    #[test]
    fn what_is_written_reads_as_the_same_price_within_the_rounding(price in prices()) {
        for format in OddsFormat::ALL {
            let written = format.write(price);
            match format.read(&written) {
                Ok(read) if price.as_f64() < 100.0 => {
                    let difference = (read.as_f64() - price.as_f64()).abs();
                    prop_assert!(difference <= tolerance(format, price), "{price} {format:?} {written} {read}");
                }
                // Malay odds of half a million to one are beyond what its last place tells apart.
                Err(PriceError::TooHigh) => prop_assert!(format == OddsFormat::Malay && price.as_f64() > 500_000.0),
                read => prop_assert!(read.is_ok(), "{price} {format:?} {written} {read:?}"),
            }
        }
    }

    #[test]
    fn lines_money_and_probabilities_survive_text_and_json(
        line in lines(), minor: i64, currency in currencies(), probability in 0.000_1..0.999_9_f64,
    ) {
        prop_assert_eq!(line.to_string().parse(), Ok(line));
        prop_assert_eq!(line.signed().parse(), Ok(line));
        prop_assert!(through_json(&line).is_string());
        let money = Money { minor, currency };
        prop_assert_eq!(money.to_string().parse(), Ok(money));
        prop_assert!(!has_a_float(&through_json(&money)));
        let json = serde_json::to_string(&Probability::new(probability).unwrap()).unwrap();
        let read: Probability = serde_json::from_str(&json).unwrap();
        prop_assert!((read.get() - probability).abs() < 1e-15);
    }

    #[test]
    fn market_keys_and_outcomes_survive_codes_and_json_without_a_float(key in keys(), outcome in outcomes()) {
        prop_assert_eq!(MarketKind::from_code(&key.kind.code()), Some(key.kind.clone()));
        prop_assert_eq!(Outcome::from_code(&outcome.code()), outcome.clone());
        prop_assert!(!has_a_float(&through_json(&key)));
        prop_assert!(through_json(&outcome).is_string());
    }

    #[test]
    fn a_line_changes_its_sign_for_the_away_side_of_a_spread_alone(key in keys(), outcome in outcomes()) {
        let swaps = key.kind == MarketKind::Spread && outcome == Outcome::Away;
        let expected = if swaps { key.line.map(|line| -line) } else { key.line };
        prop_assert_eq!(key.line_of(&outcome), expected);
    }

    #[test]
    fn an_event_survives_json_without_a_float(id: i64, name in ".*", seconds in 0_i64..4_000_000_000, home: i32) {
        let event = Event {
            id: EventId(id),
            sport: Sport::from_key(&name),
            competition_id: CompetitionId(id),
            competition: name.clone(),
            participants: vec![Participant { id: ParticipantId(id), role: Role::Home, name }],
            starts_at: DateTime::from_timestamp(seconds, 0).unwrap(),
            status: EventStatus::Live,
            score: Some(Score { home, away: 0 }),
            is_demo: true,
        };
        let json = through_json(&event);
        prop_assert!(!has_a_float(&json));
        prop_assert!(json["id"].is_i64() && json["starts_at"].as_str().is_some_and(|time| time.ends_with('Z')));
        prop_assert_eq!(id.to_string().parse(), Ok(EventId(id)));
    }
}

#[test]
fn american_odds_survive_every_format_that_carries_them() {
    for magnitude in 100..=10_000 {
        for american in [magnitude, -magnitude] {
            let price = Price::from_american(american).unwrap();
            let through = |format: OddsFormat| format.read(&format.write(price)).unwrap();
            assert_eq!(through(OddsFormat::American), price);
            assert_eq!(through(OddsFormat::Indonesian), price);
            if magnitude <= 1_000 {
                // A shorter price has too few decimal places to tell its fractions apart: 1.08 is 1/12 to bettors.
                assert_eq!(through(OddsFormat::Fractional).to_american(), price.to_american());
            }
        }
    }
}

#[test]
fn every_code_is_the_serialized_form_and_leads_back() {
    macro_rules! leads_back {
        ($($kind:ident: $values:expr;)+) => {$(
            for value in $values {
                assert_eq!(through_json(&value), value.code());
                assert_eq!($kind::from_code(value.code()), Some(value));
            }
            assert_eq!($kind::from_code("no such code"), None);
        )+};
    }
    leads_back! {
        EventStatus: EventStatus::ALL;
        Role: [Role::Home, Role::Away, Role::Entrant];
        BookKind: [BookKind::Sharp, BookKind::Retail, BookKind::Exchange];
        OpportunityKind: OpportunityKind::ALL.iter().copied();
        Severity: [Severity::Info, Severity::Warning, Severity::Error];
        Verdict: Verdict::ALL.iter().copied();
        OddsFormat: OddsFormat::ALL;
        Period: Period::ALL.iter().copied();
        Side: Side::ALL.iter().copied();
        IssueKind: IssueKind::ALL.iter().copied();
    }
    assert_eq!(MarketKind::from_code("no such code"), None);
}

#[test]
fn a_number_in_json_is_no_price_and_no_line() {
    assert!(serde_json::from_str::<Price>("1.95").is_err());
    assert!(serde_json::from_str::<Price>("\"1\"").is_err());
    assert!(serde_json::from_str::<Line>("-3.5").is_err());
    assert!(serde_json::from_str::<Probability>("1.0").is_err());
    assert!(serde_json::from_str::<Currency>("\"eur\"").is_err());
}

/// The best worst case over all stakes of at least one step each, by trying them all.
fn best_by_brute_force(prices: &[NetPrice], affordable: i64, step: i64, spends_all: bool) -> i64 {
    fn try_all(prices: &[NetPrice], step: i64, left: i64, spends_all: bool, steps: &mut Vec<i64>) -> Option<i64> {
        if steps.len() == prices.len() {
            if spends_all && left > 0 {
                return None;
            }
            let staked: i64 = steps.iter().map(|steps| steps * step).sum();
            return prices
                .iter()
                .zip(steps)
                .map(|(price, steps)| price.payout(*steps * step).unwrap() - staked)
                .min();
        }
        let try_with = |next| {
            steps.push(next);
            let best = try_all(prices, step, left - next, spends_all, steps);
            steps.pop();
            best
        };
        (1..=left).filter_map(try_with).max()
    }
    try_all(prices, step, affordable, spends_all, &mut Vec::new()).unwrap()
}

/// Boards around fair, so that some are arbitrages, some thin, some none; with and without commission.
fn boards() -> impl Strategy<Value = Vec<NetPrice>> {
    (2_usize..=3)
        .prop_flat_map(|outcomes| {
            let commission = prop_oneof![3 => Just(0_u16), 1 => Just(500), 1 => 0_u16..1_000];
            proptest::collection::vec((100_i64..800, 920_i64..1_120, commission), outcomes)
        })
        .prop_map(|legs| {
            let sum: i64 = legs.iter().map(|(weight, ..)| weight).sum();
            let net = |(weight, per_mille, commission): &(i64, i64, u16)| {
                let micros = (sum * 100 / weight * 10 * per_mille).max(1_010_000);
                NetPrice::new(Price::from_micros(micros).unwrap(), *commission)
            };
            legs.iter().map(net).collect()
        })
}

fn is_arbitrage(prices: &[NetPrice]) -> bool {
    arbitrage_of(&prices.iter().map(|price| price.as_f64()).collect::<Vec<_>>()).is_some()
}

/// What [`scan`] must answer: every market asked by itself.
fn asked_one_by_one<const OUTCOMES: usize, const BOOKS: usize>(boards: &[[[f64; BOOKS]; OUTCOMES]]) -> Vec<usize> {
    let best = |market: &[[f64; BOOKS]; OUTCOMES]| market.map(|books| books.into_iter().fold(0.0, f64::max));
    (0..boards.len())
        .filter(|market| arbitrage_of(&best(&boards[*market])).is_some())
        .collect()
}

proptest! {
    #[test]
    fn no_stakes_in_whole_steps_have_a_better_worst_case_than_the_planned_ones(
        prices in boards(), affordable in 3_i64..36, step in 1_i64..1_000, rest in 0_i64..1_000,
    ) {
        let total = affordable * step + rest % step;
        let plan = plan_stakes(&prices, total, step).unwrap();
        prop_assert!(plan.stakes.iter().all(|stake| stake % step == 0 && *stake >= step));
        prop_assert_eq!(plan.staked, plan.stakes.iter().sum::<i64>());
        prop_assert!(plan.staked <= total);
        let returns: Vec<_> =
            prices.iter().zip(&plan.stakes).map(|(price, stake)| price.payout(*stake).unwrap() - plan.staked).collect();
        prop_assert_eq!(Some(&plan.guaranteed), returns.iter().min());
        prop_assert_eq!(&plan.returns, &returns);
        let spends_all = !is_arbitrage(&prices);
        prop_assert_eq!(plan.guaranteed, best_by_brute_force(&prices, affordable, step, spends_all));
    }

    #[test]
    fn planning_is_never_worse_than_rounding_by_hand(
        prices in boards(), total in 1_000_i64..10_000_000, step in 1_i64..1_000,
    ) {
        let by_hand = round_stakes(&prices, total, step).unwrap();
        let is_comparable = is_arbitrage(&prices) && by_hand.staked <= total && !by_hand.stakes.contains(&0);
        if let Ok(plan) = plan_stakes(&prices, total, step) && is_comparable {
            prop_assert!(plan.guaranteed >= by_hand.guaranteed);
        }
    }

    #[test]
    fn the_stakes_that_follow_are_within_a_step_of_paying_alike(
        prices in boards(), stake in 1_i64..1_000_000, step in 1_i64..1_000, given in 0_usize..2,
    ) {
        let plan = follow_stake(&prices, given, stake, step).unwrap();
        prop_assert_eq!(plan.stakes[given], stake);
        let target = prices[given].payout(stake).unwrap();
        for (outcome, (price, follower)) in prices.iter().zip(&plan.stakes).enumerate() {
            if outcome != given {
                prop_assert!(follower % step == 0 && *follower >= step);
                prop_assert!(price.payout(follower + step).unwrap() >= target);
                prop_assert!(*follower == step || price.payout(follower - step).unwrap() < target);
            }
        }
    }

    #[test]
    fn the_scan_finds_what_asking_each_market_finds(
        boards in proptest::collection::vec(
            proptest::array::uniform3(proptest::array::uniform8((100_i64..340).prop_map(|cents| {
                // 1.00 stands for a book without a price.
                Price::from_micros(cents * 10_000).map_or(0.0, Price::as_f64)
            }))),
            0..60,
        ),
    ) {
        prop_assert_eq!(scan(&boards), asked_one_by_one(&boards));
    }

    #[test]
    fn the_scan_is_right_for_any_number_of_books(
        boards in proptest::collection::vec(proptest::array::uniform2(proptest::array::uniform5(1.5..2.1_f64)), 0..20),
    ) {
        prop_assert_eq!(scan(&boards), asked_one_by_one(&boards));
    }
}

#[test]
fn an_event_goes_forward_in_its_life_and_back_only_by_a_correction() {
    use EventStatus::{Cancelled, Final, Live, Postponed, Scheduled};
    let forbidden = [
        (Final, Scheduled),
        (Final, Postponed),
        (Final, Cancelled),
        (Cancelled, Live),
        (Cancelled, Final),
        (Cancelled, Postponed),
    ];
    for from in EventStatus::ALL {
        for to in EventStatus::ALL {
            assert_eq!(
                from.may_become(to),
                !forbidden.contains(&(from, to)),
                "{from:?} to {to:?}"
            );
        }
    }
}

#[test]
fn an_event_is_in_play_from_its_start_until_it_is_over() {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let event = |status| Event {
        id: EventId(1),
        sport: Sport::FOOTBALL,
        competition_id: CompetitionId(1),
        competition: "Cup".into(),
        participants: Vec::new(),
        starts_at: at(100),
        status,
        score: None,
        is_demo: false,
    };
    for (status, before, after) in [
        (EventStatus::Scheduled, false, true),
        (EventStatus::Live, true, true),
        (EventStatus::Final, false, false),
        (EventStatus::Postponed, false, false),
        (EventStatus::Cancelled, false, false),
    ] {
        assert_eq!(event(status).is_in_play(at(99)), before, "{status:?}");
        assert_eq!(event(status).is_in_play(at(100)), after, "{status:?}");
    }
    assert_eq!(event(EventStatus::Live).name(), "Cup");
}
