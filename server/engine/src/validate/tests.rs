use super::*;
use crate::diff::{CurrentQuote, KnownSelection};
use crate::resolve::{KnownIdentities, resolve};
use crate::testing::{at, books, event, known_event, line, price, quote, read_event};
use domain::reading::Lines;
use domain::{EventId, MarketKey, SelectionId};
use rstest::rstest;

const MONEYLINE: (MarketKind, Option<&str>) = (MarketKind::Moneyline, None);

fn one_game() -> Reading<'static> {
    Reading {
        events: vec![read_event("feed-1", "Hawks", "Bulls", at(3_600))],
        ..Reading::default()
    }
}

fn known() -> KnownIdentities {
    KnownIdentities {
        feed_event_ids: HashMap::from([("feed-1".to_owned(), EventId(1))]),
        events: vec![known_event(&event(1, "Hawks", "Bulls", at(3_600)))],
        ..KnownIdentities::default()
    }
}

fn check_against(reading: &Reading<'_>, settings: &ValidationSettings, current: &CurrentQuotes) -> Validated {
    let mut books = books(&["retail", "other", "exchange"]);
    books.get_mut("exchange").unwrap().kind = BookKind::Exchange;
    let context = ValidationContext {
        received_at: at(0),
        settings,
        books: &books,
        current,
    };
    validate(reading, &resolve(reading, &known()), &context)
}

fn check(reading: &Reading<'_>) -> Validated {
    check_against(reading, &ValidationSettings::default(), &CurrentQuotes::new())
}

fn flags(validated: &Validated) -> QuoteFlags {
    validated
        .accepted()
        .fold(QuoteFlags::default(), |all, (_, flags)| all.with(flags))
}

fn two_way(book: &str, home: &str, away: &str) -> Reading<'static> {
    let mut reading = one_game();
    quote(&mut reading, 0, book, MONEYLINE, Outcome::Home, home);
    quote(&mut reading, 0, book, MONEYLINE, Outcome::Away, away);
    reading
}

fn three_way(book: &str, prices: [&str; 3]) -> Reading<'static> {
    let mut reading = one_game();
    for (outcome, price) in [Outcome::Home, Outcome::Draw, Outcome::Away].into_iter().zip(prices) {
        quote(&mut reading, 0, book, (MarketKind::ThreeWay, None), outcome, price);
    }
    reading
}

#[test]
fn an_ordinary_market_is_accepted_without_a_finding() {
    let found = check(&two_way("retail", "1.909091", "1.909091"));
    assert_eq!(found.decisions, vec![Decision::Accept(QuoteFlags::default()); 2]);
    assert!(found.issues.is_empty());
}

#[rstest]
#[case::two_way_under_1_02("retail", "2.02", "1.98", QuoteFlags::OVERROUND_LOW)]
#[case::two_way_over_1_15("retail", "1.70", "1.70", QuoteFlags::OVERROUND_HIGH)]
#[case::an_unknown_book_is_retail("nobody", "2.02", "1.98", QuoteFlags::OVERROUND_LOW)]
#[case::an_exchange_may_be_near_zero("exchange", "2.02", "1.98", QuoteFlags(0))]
#[case::an_exchange_below_zero("exchange", "2.05", "2.05", QuoteFlags::OVERROUND_LOW)]
fn a_books_own_margin_is_measured_by_its_profile(
    #[case] book: &str,
    #[case] home: &str,
    #[case] away: &str,
    #[case] expected: QuoteFlags,
) {
    let found = check(&two_way(book, home, away));
    assert_eq!(flags(&found), expected);
    assert_eq!(found.quarantined().count(), 0);
    assert_eq!(found.issues.len(), usize::from(!expected.is_empty()));
}

#[rstest]
#[case(["3.0", "3.1", "3.1"], QuoteFlags::OVERROUND_LOW)]
#[case(["3.0", "3.0", "2.99"], QuoteFlags(0))]
#[case(["2.6", "2.6", "2.6"], QuoteFlags(0))]
#[case(["2.4", "2.4", "2.4"], QuoteFlags::OVERROUND_HIGH)]
fn three_outcomes_may_carry_from_nothing_to_a_fifth(#[case] prices: [&str; 3], #[case] expected: QuoteFlags) {
    assert_eq!(flags(&check(&three_way("retail", prices))), expected);
}

#[test]
fn a_palpable_price_is_quarantined_when_the_settings_reject_it() {
    let mut settings = ValidationSettings::default();
    settings.overround.low = Action::Reject;
    let found = check_against(&two_way("retail", "2.5", "2.5"), &settings, &CurrentQuotes::new());
    assert_eq!(found.decisions, vec![Decision::Quarantine(IssueKind::OverroundLow); 2]);
}

#[rstest]
#[case("1.01", QuoteFlags(0))]
#[case("101", QuoteFlags(0))]
#[case("1.009999", QuoteFlags::PRICE_OUT_OF_RANGE)]
#[case("101.000001", QuoteFlags::PRICE_OUT_OF_RANGE)]
fn prices_reach_from_american_minus_to_plus_ten_thousand(#[case] price: &str, #[case] expected: QuoteFlags) {
    let mut reading = one_game();
    quote(
        &mut reading,
        0,
        "retail",
        (MarketKind::Outright, None),
        Outcome::Named("Hawks".into()),
        price,
    );
    assert_eq!(flags(&check(&reading)), expected);
}

#[rstest]
#[case(120, QuoteFlags(0))]
#[case(121, QuoteFlags::TIME_IN_FUTURE)]
fn a_time_in_the_future_is_flagged_beyond_two_minutes(#[case] ahead: i64, #[case] expected: QuoteFlags) {
    let mut reading = two_way("retail", "1.9", "1.9");
    reading.quotes[0].source_at = Some(at(ahead));
    assert_eq!(flags(&check(&reading)), expected);
}

#[test]
fn a_market_without_one_of_its_outcomes_is_flagged_and_a_lone_prop_is_not() {
    let mut reading = one_game();
    quote(&mut reading, 0, "retail", MONEYLINE, Outcome::Home, "1.9");
    let prop = MarketKind::Prop("player_points".into());
    quote(&mut reading, 0, "retail", (prop, Some("20.5")), Outcome::Over, "1.9");
    let found = check(&reading);
    let expected = [QuoteFlags::INCOMPLETE_MARKET, QuoteFlags::default()].map(Decision::Accept);
    assert_eq!(found.decisions, expected);
}

#[test]
fn one_issue_stands_for_all_quotes_of_a_book_on_an_event() {
    let mut reading = one_game();
    for points in ["200.5", "201.5", "202.5"] {
        for outcome in [Outcome::Over, Outcome::Under] {
            quote(
                &mut reading,
                0,
                "retail",
                (MarketKind::Total, Some(points)),
                outcome,
                "2.1",
            );
        }
    }
    let found = check(&reading);
    assert_eq!(found.issues.len(), 1);
    assert!(
        found.issues[0].detail.ends_with("(6 quotes)"),
        "{}",
        found.issues[0].detail
    );
    assert_eq!(found.issues[0].bookmaker.as_deref(), Some("retail"));
}

#[test]
fn the_same_selection_twice_alike_counts_once() {
    let mut reading = two_way("retail", "1.9", "1.9");
    // The same market may stand in an answer twice.
    reading.markets.push(reading.markets[0].clone());
    let mut again = reading.quotes[0].clone();
    again.market = 1;
    reading.quotes.push(again);
    let found = check(&reading);
    assert_eq!(found.decisions[2], Decision::Superseded);
    assert_eq!((found.accepted().count(), found.market(1)), (2, Some(0)));
    assert_eq!(found.issues[0].kind, IssueKind::DuplicateQuote);
}

#[test]
fn of_two_prices_for_one_selection_the_newer_stands_and_of_one_time_neither() {
    let mut reading = two_way("retail", "1.9", "1.9");
    let mut other = reading.quotes[0].clone();
    other.price = price("1.95");
    (reading.quotes[0].source_at, other.source_at) = (Some(at(-60)), Some(at(-30)));
    reading.quotes.push(other);
    let found = check(&reading);
    assert_eq!(
        (found.decisions[0], found.decisions[2]),
        (Decision::Superseded, Decision::Accept(QuoteFlags::default()))
    );
    reading.quotes[0].source_at = Some(at(-30));
    let found = check(&reading);
    assert_eq!(found.quarantined().map(|(at, _)| at).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn what_cannot_be_is_never_accepted() {
    let mut reading = one_game();
    quote(&mut reading, 0, "retail", MONEYLINE, Outcome::Draw, "3");
    quote(
        &mut reading,
        0,
        "retail",
        (MarketKind::Total, None),
        Outcome::Over,
        "1.9",
    );
    let lost = quote(&mut reading, 0, "retail", MONEYLINE, Outcome::Home, "1.9");
    reading.quotes[lost].market = 99;
    let lost = quote(&mut reading, 0, "retail", MONEYLINE, Outcome::Home, "1.9");
    reading.quotes[lost].bookmaker = 99;
    let reasons = check(&reading).decisions;
    let expected = [
        IssueKind::UnknownOutcome,
        IssueKind::ImpossibleLine,
        IssueKind::MissingField,
        IssueKind::MissingField,
    ];
    assert_eq!(reasons, expected.map(Decision::Quarantine));
}

#[test]
fn quotes_of_an_event_that_waits_for_review_are_held() {
    let mut reading = two_way("retail", "1.9", "1.9");
    reading.events[0].feed_id = "other".into();
    let mut known = known();
    known.competitions = HashMap::from([(crate::testing::LEAGUE.to_owned(), crate::testing::COMPETITION)]);
    let resolution = resolve(&reading, &known);
    let (books, settings, current) = (books(&[]), ValidationSettings::default(), CurrentQuotes::new());
    let context = ValidationContext {
        received_at: at(0),
        settings: &settings,
        books: &books,
        current: &current,
    };
    assert_eq!(validate(&reading, &resolution, &context).decisions, [Decision::Held; 2]);
}

/// The exchange's number is 3, retail's 1.
fn current_total(points: &[(&str, &str, &str)]) -> CurrentQuotes {
    let mut current = CurrentEvent::default();
    for (points, over, under) in points {
        for (outcome, decimal) in [(Outcome::Over, over), (Outcome::Under, under)] {
            let id = SelectionId(i64::try_from(current.selections.len()).unwrap());
            let market = MarketKey {
                line: Some(line(points)),
                ..MarketKey::plain(MarketKind::Total)
            };
            current.selections.push(KnownSelection { id, market, outcome });
            current.quotes.push(CurrentQuote {
                selection: id,
                bookmaker: BookmakerId(1),
                side: Side::Back,
                price: Some(price(decimal)),
                source_at: None,
                received_at: at(-60),
                last_seen_at: at(-60),
                lines: Lines::All,
            });
        }
    }
    HashMap::from([(EventId(1), current)])
}

#[rstest]
#[case("210.5", QuoteFlags(0))]
#[case("211", QuoteFlags::LINE_JUMP)]
#[case("190", QuoteFlags::LINE_JUMP)]
fn a_main_line_that_moves_more_than_ten_points_at_once_is_flagged(#[case] points: &str, #[case] expected: QuoteFlags) {
    let mut reading = one_game();
    for outcome in [Outcome::Over, Outcome::Under] {
        quote(
            &mut reading,
            0,
            "retail",
            (MarketKind::Total, Some(points)),
            outcome,
            "1.9",
        );
    }
    // The main line is the one with even prices, not the alternate ones around it.
    let current = current_total(&[("180.5", "1.1", "7"), ("200.5", "1.9", "1.9"), ("230.5", "8", "1.08")]);
    let found = check_against(&reading, &ValidationSettings::default(), &current);
    assert_eq!(flags(&found), expected);
}

#[test]
fn another_books_line_before_is_no_measure() {
    let mut reading = one_game();
    for outcome in [Outcome::Over, Outcome::Under] {
        quote(
            &mut reading,
            0,
            "other",
            (MarketKind::Total, Some("250.5")),
            outcome,
            "1.9",
        );
    }
    let current = current_total(&[("200.5", "1.9", "1.9")]);
    let found = check_against(&reading, &ValidationSettings::default(), &current);
    assert_eq!(flags(&found), QuoteFlags::default());
}

#[test]
fn settings_are_read_in_part_and_a_wrong_name_is_refused() {
    let settings: ValidationSettings =
        serde_json::from_str(r#"{"price": {"max": "51", "action": "reject"}, "line_jump": {"max_points": "7.5"}}"#)
            .unwrap();
    assert_eq!((settings.price.max, settings.price.min), (price("51"), price("1.01")));
    assert_eq!(
        (settings.price.action, settings.time),
        (Action::Reject, TimeCheck::default())
    );
    assert_eq!(settings.line_jump.max_points, line("7.5"));
    assert!(serde_json::from_str::<ValidationSettings>(r#"{"prices": {}}"#).is_err());
}
