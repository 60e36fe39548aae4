//! How a single bet ends.

use super::{basketball, football, lined, plain, price, spread, total};
use chrono::DateTime;
use domain::event::{Event, EventStatus, Participant, Role, Score};
use domain::result::{BetResult, Contest, Ending, Rounding, Rules, Unsettled, Winner, result_of};
use domain::{CompetitionId, EventId, MarketKey, MarketKind, Outcome, ParticipantId, Side, Sport};
use rstest::rstest;

fn settle(market: &MarketKey, outcome: &Outcome, home: i32, away: i32) -> Result<BetResult, Unsettled> {
    let ending = Ending::Score(Score { home, away });
    result_of(&football(), market, outcome, Rules::default(), ending)
}

#[rstest]
#[case("-0.25", 1, 1, BetResult::HalfLoss)]
#[case("+0.25", 1, 1, BetResult::HalfWin)]
#[case("-0.75", 2, 1, BetResult::HalfWin)]
#[case("+0.75", 1, 2, BetResult::HalfLoss)]
#[case("-0.75", 3, 1, BetResult::Win)]
#[case("-0.75", 1, 1, BetResult::Loss)]
#[case("-1.25", 1, 0, BetResult::HalfLoss)]
#[case("-1.25", 2, 0, BetResult::Win)]
#[case("+1.25", 0, 1, BetResult::HalfWin)]
#[case("-3", 3, 0, BetResult::Push)]
#[case("-3", 2, 0, BetResult::Loss)]
#[case("-3", 4, 0, BetResult::Win)]
#[case("0", 2, 2, BetResult::Push)]
#[case("-2.5", 3, 0, BetResult::Win)]
#[case("+2.5", 0, 3, BetResult::Loss)]
fn a_handicap_is_added_to_the_home_side(
    #[case] line: &str,
    #[case] home: i32,
    #[case] away: i32,
    #[case] expected: BetResult,
) {
    let market = spread(line);
    assert_eq!(settle(&market, &Outcome::Home, home, away), Ok(expected));
    assert_eq!(settle(&market, &Outcome::Away, home, away), Ok(expected.opposite()));
    // The same bet with the sides swapped: the sign of the line goes with the side.
    let swapped = MarketKey {
        line: market.line.map(|line| -line),
        ..market
    };
    assert_eq!(settle(&swapped, &Outcome::Away, away, home), Ok(expected));
}

#[rstest]
#[case("2.25", 1, 1, BetResult::HalfLoss)]
#[case("2.75", 2, 1, BetResult::HalfWin)]
#[case("2.75", 1, 1, BetResult::Loss)]
#[case("2.25", 2, 1, BetResult::Win)]
#[case("3", 3, 0, BetResult::Push)]
#[case("2.5", 2, 0, BetResult::Loss)]
#[case("2.5", 0, 3, BetResult::Win)]
#[case("0.5", 0, 0, BetResult::Loss)]
fn a_total_counts_both_sides(#[case] line: &str, #[case] home: i32, #[case] away: i32, #[case] expected: BetResult) {
    assert_eq!(settle(&total(line), &Outcome::Over, home, away), Ok(expected));
    assert_eq!(
        settle(&total(line), &Outcome::Under, home, away),
        Ok(expected.opposite())
    );
}

#[test]
fn a_team_total_counts_the_side_that_it_names_and_no_other() {
    let market = |participant: &str| MarketKey {
        participant: Some(participant.into()),
        ..lined(MarketKind::TeamTotal, "1.5")
    };
    assert_eq!(settle(&market("Harbour"), &Outcome::Over, 2, 0), Ok(BetResult::Win));
    assert_eq!(
        settle(&market("Brightwater"), &Outcome::Over, 2, 0),
        Ok(BetResult::Loss)
    );
    for unknown in ["Harbour U21", "harbour", ""] {
        let unsettled = settle(&market(unknown), &Outcome::Over, 2, 0);
        assert_eq!(unsettled, Err(Unsettled::UnknownParticipant), "{unknown}");
    }
}

#[rstest]
#[case(MarketKind::Moneyline, Outcome::Home, [BetResult::Win, BetResult::Push, BetResult::Loss])]
#[case(MarketKind::Moneyline, Outcome::Away, [BetResult::Loss, BetResult::Push, BetResult::Win])]
#[case(MarketKind::DrawNoBet, Outcome::Home, [BetResult::Win, BetResult::Void, BetResult::Loss])]
#[case(MarketKind::ThreeWay, Outcome::Home, [BetResult::Win, BetResult::Loss, BetResult::Loss])]
#[case(MarketKind::ThreeWay, Outcome::Draw, [BetResult::Loss, BetResult::Win, BetResult::Loss])]
#[case(MarketKind::ThreeWay, Outcome::Away, [BetResult::Loss, BetResult::Loss, BetResult::Win])]
#[case(MarketKind::DoubleChance, Outcome::HomeOrDraw, [BetResult::Win, BetResult::Win, BetResult::Loss])]
#[case(MarketKind::DoubleChance, Outcome::HomeOrAway, [BetResult::Win, BetResult::Loss, BetResult::Win])]
#[case(MarketKind::DoubleChance, Outcome::DrawOrAway, [BetResult::Loss, BetResult::Win, BetResult::Win])]
fn the_winner_is_enough_where_no_line_is(
    #[case] kind: MarketKind,
    #[case] outcome: Outcome,
    #[case] expected: [BetResult; 3],
) {
    let scores = [(2, 1), (1, 1), (0, 1)];
    let winners = [Winner::Home, Winner::Draw, Winner::Away];
    for ((expected, (home, away)), winner) in expected.into_iter().zip(scores).zip(winners) {
        let market = plain(kind.clone());
        assert_eq!(settle(&market, &outcome, home, away), Ok(expected));
        let without_score = result_of(&football(), &market, &outcome, Rules::default(), Ending::Winner(winner));
        assert_eq!(without_score, Ok(expected));
    }
}

#[test]
fn what_a_draw_makes_of_a_two_way_moneyline_is_the_bookmakers_rule() {
    let market = plain(MarketKind::Moneyline);
    for drawn_moneyline in [BetResult::Void, BetResult::Loss] {
        let drawn = Ending::Winner(Winner::Draw);
        let result = result_of(&football(), &market, &Outcome::Home, Rules { drawn_moneyline }, drawn);
        assert_eq!(result, Ok(drawn_moneyline));
    }
}

#[test]
fn both_teams_score_when_neither_is_at_zero() {
    let market = plain(MarketKind::BothTeamsToScore);
    for (home, away, expected) in [(1, 1, BetResult::Win), (3, 0, BetResult::Loss), (0, 0, BetResult::Loss)] {
        assert_eq!(settle(&market, &Outcome::Yes, home, away), Ok(expected));
        assert_eq!(settle(&market, &Outcome::No, home, away), Ok(expected.opposite()));
    }
}

#[test]
fn what_cannot_be_settled_says_why() {
    let ask = |market: &MarketKey, outcome: &Outcome| settle(market, outcome, 1, 0);
    assert_eq!(ask(&plain(MarketKind::Spread), &Outcome::Home), Err(Unsettled::NoLine));
    assert_eq!(ask(&plain(MarketKind::Total), &Outcome::Over), Err(Unsettled::NoLine));
    assert_eq!(ask(&total("2.5"), &Outcome::Home), Err(Unsettled::NoSuchOutcome));
    assert_eq!(
        ask(&plain(MarketKind::Moneyline), &Outcome::Draw),
        Err(Unsettled::NoSuchOutcome)
    );
    assert_eq!(
        ask(&plain(MarketKind::ThreeWay), &Outcome::HomeOrDraw),
        Err(Unsettled::NoSuchOutcome)
    );
    for kind in [
        MarketKind::Outright,
        MarketKind::Prop("points".into()),
        MarketKind::Other("x".into()),
    ] {
        assert_eq!(
            ask(&plain(kind), &Outcome::Named("Harbour".into())),
            Err(Unsettled::NoRule)
        );
    }
    let without_score = Ending::Winner(Winner::Home);
    for market in [spread("-1.5"), total("2.5"), plain(MarketKind::BothTeamsToScore)] {
        let unsettled = result_of(&basketball(), &market, &Outcome::Home, Rules::default(), without_score);
        assert_eq!(unsettled, Err(Unsettled::NoScore));
    }
}

#[test]
fn absurd_lines_and_scores_do_not_overflow() {
    let market = MarketKey {
        line: Some(domain::Line::from_hundredths(i32::MIN)),
        ..plain(MarketKind::Spread)
    };
    assert_eq!(settle(&market, &Outcome::Home, i32::MAX, i32::MIN), Ok(BetResult::Win));
    assert_eq!(settle(&market, &Outcome::Home, 0, 0), Ok(BetResult::Loss));
}

#[rstest]
#[case(BetResult::Win, Side::Back, "2.10", 100_00, 110_00)]
#[case(BetResult::HalfWin, Side::Back, "1.90", 100_00, 45_00)]
#[case(BetResult::Push, Side::Back, "1.90", 100_00, 0)]
#[case(BetResult::HalfLoss, Side::Back, "1.90", 100_00, -50_00)]
#[case(BetResult::Loss, Side::Back, "1.90", 100_00, -100_00)]
#[case(BetResult::Void, Side::Back, "1.90", 100_00, 0)]
#[case(BetResult::Win, Side::Lay, "5.20", 10_00, 10_00)]
#[case(BetResult::HalfWin, Side::Lay, "5.20", 10_00, 5_00)]
#[case(BetResult::HalfLoss, Side::Lay, "5.20", 10_00, -21_00)]
#[case(BetResult::Loss, Side::Lay, "5.20", 10_00, -42_00)]
#[case(BetResult::Push, Side::Lay, "5.20", 10_00, 0)]
fn a_result_is_worth_what_stake_and_price_say(
    #[case] result: BetResult,
    #[case] side: Side,
    #[case] decimal: &str,
    #[case] stake: i64,
    #[case] expected: i64,
) {
    for rounding in [Rounding::Cut, Rounding::Nearest] {
        assert_eq!(result.profit(side, price(decimal), stake, rounding), Some(expected));
    }
}

#[test]
fn a_fraction_of_a_cent_goes_to_the_bookmaker_or_to_the_nearest() {
    let profit = |result: BetResult, side, decimal, stake| {
        [Rounding::Cut, Rounding::Nearest].map(|rounding| result.profit(side, price(decimal), stake, rounding).unwrap())
    };
    // 1.909091 x 100.00 pays 190.90 or 190.91.
    assert_eq!(profit(BetResult::Win, Side::Back, "1.909091", 100_00), [90_90, 90_91]);
    // Half of 0.05 back is 0.02 or 0.03.
    assert_eq!(profit(BetResult::HalfLoss, Side::Back, "2", 5), [-3, -2]);
    // A liability of 324.324.
    assert_eq!(profit(BetResult::Loss, Side::Lay, "5.2", 77_22), [-324_33, -324_32]);
    assert_eq!(
        BetResult::Win.profit(Side::Back, price("1000000"), i64::MAX, Rounding::Cut),
        None
    );
}

#[test]
fn a_result_survives_its_code_and_json() {
    for result in BetResult::ALL {
        assert_eq!(BetResult::from_code(result.code()), Some(result));
        assert_eq!(
            serde_json::to_string(&result).unwrap(),
            format!("\"{}\"", result.code())
        );
        assert_eq!(result.opposite().opposite(), result);
        assert_eq!(result.on_side(Side::Lay), result.opposite());
    }
}

#[test]
fn a_contest_needs_a_home_and_an_away_side() {
    let participant = |role, name: &str| Participant {
        id: ParticipantId(1),
        role,
        name: name.into(),
    };
    let event = |participants| Event {
        id: EventId(1),
        sport: Sport::FOOTBALL,
        competition_id: CompetitionId(1),
        competition: "Cup".into(),
        participants,
        starts_at: DateTime::default(),
        status: EventStatus::Scheduled,
        score: None,
        is_demo: false,
    };
    let away_first = vec![
        participant(Role::Away, "Brightwater"),
        participant(Role::Home, "Harbour"),
    ];
    assert_eq!(Contest::of(&event(away_first)), Some(football()));
    assert_eq!(Contest::of(&event(vec![participant(Role::Entrant, "Harbour")])), None);
}
