//! What the answers of The Odds API mean, fixture by fixture.

use super::{Cost, answers_in, assert_damage_is_contained, assert_sound, fixtures_of, quotes_of, read, received_at};
use domain::event::Score;
use domain::reading::{Lines, ReadEvent, Reading};
use domain::{EventStatus, IssueKind, Line, MarketKind, Outcome, Period, Role, Side, Sport};
use feeds::the_odds_api::TheOddsApi;
use feeds::{Endpoint, Feed, Payload, PriceFormat, Refusal};
use rstest::rstest;
use std::fs;

const AT: &str = "2026-11-20T12:00:00+00:00";

fn fixture(name: &str) -> &'static [u8] {
    fs::read(fixtures_of(&TheOddsApi).join(name)).unwrap().leak()
}

fn reading_of(name: &str) -> Reading<'static> {
    read(&TheOddsApi, fixture(name))
}

fn kinds_of_issues(reading: &Reading<'_>) -> Vec<IssueKind> {
    reading.issues.iter().map(|issue| issue.kind).collect()
}

/// One quote as (bookmaker, market kind, period, line, participant, outcome, side, price, text).
type Found<'r> = (
    &'r str,
    MarketKind,
    Period,
    Option<i32>,
    Option<&'r str>,
    Outcome,
    Side,
    String,
    &'r str,
);

fn found<'r>(reading: &'r Reading<'_>) -> Vec<Found<'r>> {
    let quotes = reading.quotes.iter().map(|quote| {
        let market = &reading.markets[quote.market as usize];
        (
            &*reading.bookmakers[quote.bookmaker as usize].key,
            market.kind.clone(),
            market.period,
            market.line.map(Line::hundredths),
            market.participant.as_deref(),
            quote.outcome.clone(),
            quote.side,
            quote.price.to_string(),
            &*quote.price_text,
        )
    });
    quotes.collect()
}

fn prices<'r>(reading: &'r Reading<'_>, kind: &MarketKind, period: Period) -> Vec<(Option<i32>, Outcome, &'r str)> {
    found(reading)
        .into_iter()
        .filter(|quote| quote.1 == *kind && quote.2 == period)
        .map(|quote| (quote.3, quote.5, quote.8))
        .collect()
}

fn names<'r>(event: &'r ReadEvent<'_>) -> Vec<(Role, &'r str)> {
    event.participants.iter().map(|(role, name)| (*role, &**name)).collect()
}

#[test]
fn the_list_of_sports_becomes_competitions() {
    let reading = reading_of("sports.json");
    let read: Vec<_> = reading
        .competitions
        .iter()
        .map(|found| {
            (
                &*found.feed_key,
                found.sport.key(),
                &*found.name,
                found.is_active,
                found.has_outrights,
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            ("basketball_nba", "basketball", "NBA", true, false),
            ("soccer_epl", "football", "EPL", true, false),
            (
                "golf_masters_tournament_winner",
                "golf",
                "Masters Tournament Winner",
                false,
                true
            ),
            ("kabaddi_example_league", "kabaddi", "Example League", true, false),
        ]
    );
    assert_eq!(
        reading_of("sports_2023.json").competitions[1].sport.key(),
        "rugby_league"
    );
}

#[test]
fn events_without_odds_have_their_sides_and_their_start() {
    let reading = reading_of("events.json");
    assert_eq!(reading.events.len(), 2);
    let event = &reading.events[0];
    assert_eq!(
        names(event),
        [(Role::Home, "Harbour Lanterns"), (Role::Away, "Quarry Foxes")]
    );
    assert_eq!(event.starts_at.to_rfc3339(), "2026-11-21T00:10:00+00:00");
    assert_eq!(
        (&*event.competition_key, &*event.competition_name),
        ("basketball_nba", "NBA")
    );
    assert_eq!((event.sport.clone(), event.status), (Sport::BASKETBALL, None));
    assert!(reading.issues.is_empty() && reading.scope.markets.is_empty());
}

#[test]
fn outcomes_are_matched_by_name_and_lines_are_seen_from_home() {
    let reading = reading_of("odds_american.json");
    assert_eq!(
        (reading.prices_seen, reading.quotes.len(), reading.bookmakers.len()),
        (18, 18, 2)
    );
    let home = |kind, line| ("northbook", kind, Period::FullTime, line, None);
    let expected = [
        (home(MarketKind::Moneyline, None), Outcome::Away, "2.4", "140"),
        (home(MarketKind::Moneyline, None), Outcome::Home, "1.606061", "-165"),
        (home(MarketKind::Spread, Some(-350)), Outcome::Away, "1.925926", "-108"),
        (home(MarketKind::Spread, Some(-350)), Outcome::Home, "1.892857", "-112"),
        (home(MarketKind::Total, Some(22_150)), Outcome::Over, "1.909091", "-110"),
        (
            home(MarketKind::Total, Some(22_150)),
            Outcome::Under,
            "1.909091",
            "-110",
        ),
    ];
    let found = found(&reading);
    for (found, ((book, kind, period, line, participant), outcome, price, text)) in found.iter().zip(expected) {
        assert_eq!(
            *found,
            (
                book,
                kind,
                period,
                line,
                participant,
                outcome,
                Side::Back,
                price.to_owned(),
                text
            )
        );
    }
    assert!(
        reading
            .quotes
            .iter()
            .all(|quote| quote.source_at.unwrap().to_rfc3339() == AT)
    );
    assert_eq!(kinds_of_issues(&reading), [IssueKind::NoQuotes]);
}

#[test]
fn an_exchange_has_lay_prices_on_the_same_market() {
    let reading = reading_of("odds_soccer_lay.json");
    let lay: Vec<_> = reading.quotes.iter().filter(|quote| quote.side == Side::Lay).collect();
    assert_eq!((reading.quotes.len(), lay.len()), (9, 3));
    assert!(reading.markets.iter().all(|market| market.kind == MarketKind::ThreeWay));
    assert!(
        lay.iter()
            .all(|quote| reading.quotes.iter().any(|back| back.side == Side::Back
                && (back.market, back.bookmaker) == (quote.market, quote.bookmaker)
                && back.outcome == quote.outcome))
    );
    assert!(
        reading
            .quotes
            .iter()
            .all(|quote| quote.source_at.unwrap().to_rfc3339() == AT),
        "the bookmaker's time holds for markets without one"
    );
}

#[test]
fn two_way_with_overtime_and_regulation_are_two_markets() {
    let reading = reading_of("odds_market_times.json");
    assert_eq!(prices(&reading, &MarketKind::Moneyline, Period::FullTime).len(), 2);
    assert_eq!(
        prices(&reading, &MarketKind::ThreeWay, Period::Regulation),
        [
            (None, Outcome::Home, "2.4"),
            (None, Outcome::Away, "2.5"),
            (None, Outcome::Draw, "4.1")
        ]
    );
}

#[test]
fn times_may_be_seconds_since_1970() {
    let reading = reading_of("odds_unix_times.json");
    assert_eq!(reading.events[0].starts_at.to_rfc3339(), "2026-11-22T00:00:00+00:00");
    assert_eq!(reading.quotes[0].source_at.unwrap().to_rfc3339(), AT);
    assert_eq!(reading.events[0].sport, Sport::TENNIS);
}

#[test]
fn an_outright_has_entrants_for_outcomes_and_no_sides() {
    let reading = reading_of("odds_outrights.json");
    assert!(reading.events[0].participants.is_empty() && reading.issues.is_empty());
    let found = found(&reading);
    assert_eq!(found.len(), 5);
    assert_eq!(
        (&found[0].1, &found[0].5),
        (&MarketKind::Outright, &Outcome::Named("Carl Brook".to_owned()))
    );
    assert_eq!((found[0].6, found[3].6, found[3].8), (Side::Back, Side::Lay, "11.5"));
    assert_eq!(reading.markets.len(), 1);
}

#[test]
fn one_event_may_hold_every_sort_of_market() {
    let reading = reading_of("event_odds.json");
    assert_eq!(
        prices(&reading, &MarketKind::Spread, Period::FullTime),
        [
            (Some(250), Outcome::Home, "-300"),
            (Some(250), Outcome::Away, "240"),
            (Some(-350), Outcome::Home, "-110"),
            (Some(-350), Outcome::Away, "-110"),
            (Some(-400), Outcome::Home, "100"),
            (Some(-400), Outcome::Away, "-120"),
        ]
    );
    assert_eq!(prices(&reading, &MarketKind::Total, Period::SecondHalf).len(), 2);
    assert_eq!(prices(&reading, &MarketKind::Moneyline, Period::FirstQuarter).len(), 2);
    assert_eq!(
        prices(&reading, &MarketKind::Spread, Period::FirstHalf)[1].0,
        Some(-200)
    );
    let team_totals: Vec<_> = found(&reading)
        .into_iter()
        .filter(|quote| quote.1 == MarketKind::TeamTotal)
        .collect();
    assert_eq!(
        (team_totals[0].4, team_totals[2].4),
        (Some("Harbour Lanterns"), Some("Quarry Foxes"))
    );
    assert_eq!(team_totals[2].3, Some(10_900));
    assert_eq!(
        prices(
            &reading,
            &MarketKind::Prop("player_points".to_owned()),
            Period::FullTime
        ),
        [
            (Some(2450), Outcome::Over, "-120"),
            (Some(2450), Outcome::Under, "-110"),
            (Some(3450), Outcome::Over, "300")
        ],
        "alternate lines are lines of the same market, and a line that came twice is one"
    );
    assert_eq!(
        prices(
            &reading,
            &MarketKind::Prop("player_double_double".to_owned()),
            Period::FullTime
        ),
        [(None, Outcome::Yes, "210"), (None, Outcome::No, "-270")]
    );
    let first = found(&reading)
        .into_iter()
        .filter(|quote| quote.1.code() == "prop:player_first_basket");
    assert_eq!(
        first.map(|quote| quote.4.unwrap()).collect::<Vec<_>>(),
        ["Player Number One", "Player Number Two"]
    );
    assert_eq!(
        prices(&reading, &MarketKind::Other("coin_toss".to_owned()), Period::FullTime)[0].1,
        Outcome::Named("Heads".to_owned())
    );
    assert_eq!(
        kinds_of_issues(&reading),
        [IssueKind::DuplicateQuote, IssueKind::UnknownMarket]
    );
    assert_eq!(reading.prices_seen, reading.quotes.len() + 1);
}

#[test]
fn football_has_its_own_markets() {
    let reading = reading_of("event_odds_soccer.json");
    assert_eq!(
        prices(&reading, &MarketKind::DoubleChance, Period::FullTime),
        [
            (None, Outcome::HomeOrDraw, "1.4"),
            (None, Outcome::DrawOrAway, "1.55"),
            (None, Outcome::HomeOrAway, "1.33")
        ]
    );
    assert_eq!(
        prices(&reading, &MarketKind::BothTeamsToScore, Period::FullTime)[1].1,
        Outcome::No
    );
    assert_eq!(prices(&reading, &MarketKind::DrawNoBet, Period::FullTime).len(), 2);
    assert_eq!(prices(&reading, &MarketKind::ThreeWay, Period::FirstHalf).len(), 3);
    assert_eq!(prices(&reading, &MarketKind::Spread, Period::FullTime)[0].0, Some(-25));
    assert_eq!(prices(&reading, &MarketKind::Total, Period::FullTime)[0].0, Some(275));
    assert!(reading.issues.is_empty());
}

#[test]
fn the_markets_of_an_event_are_markets_without_quotes() {
    let reading = reading_of("event_markets.json");
    assert!(reading.quotes.is_empty() && reading.issues.is_empty());
    let kinds: Vec<_> = reading
        .markets
        .iter()
        .map(|market| (market.kind.code(), market.period))
        .collect();
    assert!(kinds.contains(&("total".to_owned(), Period::FirstQuarter)));
    assert!(kinds.contains(&("prop:player_points".to_owned(), Period::FullTime)));
    assert!(reading.scope.markets.is_empty());
}

#[test]
fn scores_are_matched_by_name_and_say_no_more_than_the_feed() {
    let reading = reading_of("scores.json");
    assert_eq!(reading.scores.len(), 2);
    assert_eq!(
        (reading.scores[0].score, reading.scores[0].is_final),
        (Some(Score { home: 112, away: 101 }), true)
    );
    assert_eq!(
        (reading.scores[1].score, reading.scores[1].is_final),
        (Some(Score { home: 0, away: 7 }), false)
    );
    let statuses: Vec<_> = reading.events.iter().map(|event| event.status).collect();
    assert_eq!(statuses, [Some(EventStatus::Final), Some(EventStatus::Live), None]);
    assert!(reading.issues.is_empty());
}

#[test]
fn participants_are_listed_by_themselves() {
    let reading = reading_of("participants.json");
    let found: Vec<_> = reading
        .participants
        .iter()
        .map(|found| (&*found.feed_id, &*found.name))
        .collect();
    assert_eq!(found[1], ("par_01hqexample0000000000000002", "Quarry Foxes"));
    assert_eq!(found.len(), 2);
}

#[test]
fn answers_about_the_past_say_when_they_were_true() {
    for (name, events, quotes) in [
        ("historical_odds.json", 2, 18),
        ("historical_events.json", 2, 0),
        ("historical_event_odds.json", 1, 2),
    ] {
        let reading = reading_of(name);
        let archive = reading.archive.unwrap();
        assert_eq!(archive.at.to_rfc3339(), AT, "{name}");
        assert_eq!(archive.previous_at.unwrap().to_rfc3339(), "2026-11-20T11:55:00+00:00");
        assert_eq!(archive.next_at.is_some(), name != "historical_event_odds.json");
        assert_eq!(
            (reading.events.len(), reading.quotes.len(), reading.issues.len()),
            (events, quotes, 0),
            "{name}"
        );
    }
}

#[test]
fn the_retired_v3_format_is_named_once() {
    let reading = reading_of("retired_v3.json");
    assert_eq!(kinds_of_issues(&reading), [IssueKind::UnreadablePayload]);
    assert!(
        reading.issues[0].detail.contains("retired v3 format"),
        "{}",
        reading.issues[0].detail
    );
    assert!(reading.issues[0].detail.contains("2 rows"));
}

#[rstest]
#[case("401_missing_key.json", Refusal::BadKey)]
#[case("401_invalid_key.json", Refusal::BadKey)]
#[case("401_deactivated_key.json", Refusal::BadKey)]
#[case("401_out_of_usage_credits.json", Refusal::OutOfCredits)]
#[case("401_historical_unavailable_on_free_usage_plan.json", Refusal::NotInPlan)]
#[case("422_missing_region.json", Refusal::BadSetting)]
#[case("422_invalid_region.json", Refusal::BadSetting)]
#[case("422_invalid_market.json", Refusal::BadSetting)]
#[case("404_unknown_sport.json", Refusal::NotFound)]
#[case("404_event_not_found.json", Refusal::NotFound)]
#[case("429_exceeded_freq_limit.json", Refusal::TooFast)]
#[case("403_akamai.html", Refusal::Blocked)]
#[case("403_perimeterx.html", Refusal::Blocked)]
#[case("200_cloudflare.html", Refusal::Blocked)]
fn every_refusal_is_told_apart_and_is_no_answer(#[case] name: &str, #[case] expected: Refusal) {
    let body = fixture(&format!("errors/{name}"));
    assert_eq!(TheOddsApi.refusal(name[..3].parse().unwrap(), body), expected);
    let reading = read(&TheOddsApi, body);
    let expected = if expected == Refusal::Blocked {
        IssueKind::BlockedPage
    } else {
        IssueKind::UnreadablePayload
    };
    assert_eq!(kinds_of_issues(&reading), [expected]);
    assert!(
        !reading.issues[0].detail.contains("invented sentence"),
        "the vendor's words are not repeated"
    );
}

/// One NBA event with the markets of one bookmaker.
fn body_with(markets: &str) -> String {
    format!(
        r#"[{{"id":"e1","sport_key":"basketball_nba","sport_title":"NBA","commence_time":"2026-11-21T00:10:00Z","home_team":"Home","away_team":"Away","bookmakers":[{{"key":"b","title":"B","markets":[{markets}]}}]}}]"#
    )
}

#[rstest]
#[case(r#"{"name":"Home","price":1.0}"#, IssueKind::ImpossiblePrice)]
#[case(r#"{"name":"Home","price":0}"#, IssueKind::ImpossiblePrice)]
#[case(r#"{"name":"Home","price":0.0001}"#, IssueKind::ImpossiblePrice)]
#[case(r#"{"name":"Home","price":NaN}"#, IssueKind::ImpossiblePrice)]
#[case(r#"{"name":"Home","price":1e-2147483648}"#, IssueKind::ImpossiblePrice)]
#[case(r#"{"name":"Home","price":99999999999999999999999}"#, IssueKind::ImpossiblePrice)]
#[case(r#"{"name":"Home","price":}"#, IssueKind::ImpossiblePrice)]
#[case(r#"{"name":"Home","price":null}"#, IssueKind::MissingField)]
#[case(r#"{"name":"Home","price":"1.9"}"#, IssueKind::MissingField)]
#[case(r#"{"name":"Home","price":[1.9]}"#, IssueKind::MissingField)]
#[case(r#"{"name":"Home"}"#, IssueKind::MissingField)]
#[case(r#"{"price":1.9}"#, IssueKind::MissingField)]
#[case(r#"{"name":"Elsewhere","price":1.9}"#, IssueKind::UnknownOutcome)]
#[case(r#"{"name":"Away","price":2.1}"#, IssueKind::DuplicateQuote)]
#[case(r#"{"name":"Away","price":2.2}"#, IssueKind::ConflictingQuotes)]
#[case(r#"{"name" "Home","price":1.9}"#, IssueKind::UnreadablePayload)]
#[case(r#"{"name":"Home","price":1.9]"#, IssueKind::UnreadablePayload)]
#[case("5", IssueKind::MissingField)]
fn a_bad_outcome_is_one_issue_and_the_other_stays(#[case] row: &str, #[case] expected: IssueKind) {
    let good = r#"{"name":"Away","price":2.1}"#;
    let body = body_with(&format!(r#"{{"key":"h2h","outcomes":[{good},{row}]}}"#));
    let reading = read(&TheOddsApi, body.as_bytes());
    assert_sound(&reading);
    assert_eq!(kinds_of_issues(&reading), [expected], "{:?}", reading.issues);
    if row.ends_with('}') {
        assert_eq!(
            prices(&reading, &MarketKind::Moneyline, Period::FullTime),
            [(None, Outcome::Away, "2.1")]
        );
    }
}

#[rstest]
#[case(r#"{"name":"Home","price":1.9}"#)]
#[case(r#"{"name":"Home","price":1.9,"point":null}"#)]
#[case(r#"{"name":"Home","price":1.9,"point":"-3.5"}"#)]
#[case(r#"{"name":"Home","price":1.9,"point":-3.555}"#)]
#[case(r#"{"name":"Home","price":1.9,"point":1e99}"#)]
fn a_spread_without_a_line_is_not_a_spread(#[case] row: &str) {
    let body = body_with(&format!(
        r#"{{"key":"spreads","outcomes":[{row},{{"name":"Away","price":1.9,"point":0}}]}}"#
    ));
    let reading = read(&TheOddsApi, body.as_bytes());
    assert_eq!(kinds_of_issues(&reading), [IssueKind::ImpossibleLine]);
    assert_eq!(
        prices(&reading, &MarketKind::Spread, Period::FullTime),
        [(Some(0), Outcome::Away, "1.9")]
    );
}

#[test]
fn of_two_prices_for_one_selection_the_newer_stands() {
    let market = |time: &str, price: &str| {
        format!(r#"{{"key":"h2h","last_update":"2026-11-20T{time}Z","outcomes":[{{"name":"Home","price":{price}}}]}}"#)
    };
    for (first, second, expected) in [("11:00:00", "12:00:00", "2.2"), ("12:00:00", "11:00:00", "2.1")] {
        let body = body_with(&format!("{},{}", market(first, "2.1"), market(second, "2.2")));
        let reading = read(&TheOddsApi, body.as_bytes());
        assert_eq!(kinds_of_issues(&reading), [IssueKind::ConflictingQuotes]);
        assert_eq!(reading.quotes.len(), 1);
        assert_eq!(reading.quotes[0].price_text, expected);
    }
}

#[test]
fn an_event_that_comes_twice_is_read_once() {
    let one = body_with(r#"{"key":"h2h","outcomes":[{"name":"Home","price":1.9},{"name":"Away","price":1.9}]}"#);
    let row = one.trim_matches(['[', ']']);
    let body = format!("[{row},{row}]");
    let reading = read(&TheOddsApi, body.as_bytes());
    assert_eq!(
        (reading.events.len(), reading.quotes.len(), reading.prices_seen),
        (1, 2, 4)
    );
    assert_eq!(kinds_of_issues(&reading), [IssueKind::DuplicateEvent]);
}

#[test]
fn a_draw_makes_a_market_three_way_where_no_draw_is_usual() {
    let body = body_with(
        r#"{"key":"h2h","outcomes":[{"name":"Home","price":1.9},{"name":"Away","price":2.3},{"name":"Draw","price":15}]}"#,
    );
    let reading = read(&TheOddsApi, body.as_bytes());
    assert_eq!(prices(&reading, &MarketKind::ThreeWay, Period::Regulation).len(), 3);
}

#[rstest]
#[case("1.95", "-110", "2", Some(PriceFormat::Decimal), &["1.95", "2"])]
#[case("-110", "105", "2", Some(PriceFormat::American), &["1.909091", "2.05"])]
#[case("-110", "105", "150", None, &["1.909091", "2.05", "2.5"])]
#[case("1.95", "100", "150", None, &["1.95", "100", "150"])]
#[case("110", "105", "150", None, &["2.1", "2.05", "2.5"])]
#[case("110", "2", "150", None, &["110", "2", "150"])]
#[case("-100", "100.0", "-110.00", None, &["2", "2", "1.909091"])]
fn the_price_format_is_told_or_seen(
    #[case] one: &str,
    #[case] two: &str,
    #[case] three: &str,
    #[case] price_format: Option<PriceFormat>,
    #[case] expected: &[&str],
) {
    let body = body_with(&format!(
        r#"{{"key":"h2h_3_way","outcomes":[{{"name":"Home","price":{one}}},{{"name":"Away","price":{two}}},{{"name":"Draw","price":{three}}}]}}"#
    ));
    let payload = Payload {
        endpoint: Endpoint::EventOdds,
        body: body.as_bytes(),
        received_at: received_at(),
        price_format,
        query: &[],
    };
    let reading = TheOddsApi.parse(&payload);
    let prices: Vec<_> = reading.quotes.iter().map(|quote| quote.price.to_string()).collect();
    assert_eq!(
        (&prices[..], reading.prices_seen),
        (&expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..], 3)
    );
}

#[test]
fn what_was_asked_for_tells_what_absence_means() {
    let owned = |query: &[(&str, &str)]| -> Vec<(String, String)> {
        query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let scope = |name: &str, endpoint, query: &[(&str, &str)]| {
        let query = owned(query);
        let payload = Payload {
            endpoint,
            body: fixture(name),
            received_at: received_at(),
            price_format: None,
            query: &query,
        };
        TheOddsApi.parse(&payload).scope
    };
    let asked = scope(
        "odds_american.json",
        Endpoint::Odds,
        &[("regions", "us"), ("markets", "h2h,totals")],
    );
    assert_eq!(
        asked.markets,
        [
            (MarketKind::Moneyline, Period::FullTime, Lines::All),
            (MarketKind::Total, Period::FullTime, Lines::Main)
        ]
    );
    assert_eq!(asked.bookmakers, None);
    for (markets, lines) in [
        ("totals", Lines::Main),
        ("alternate_totals", Lines::Alternate),
        ("alternate_totals,totals", Lines::All),
    ] {
        let asked = scope("odds_american.json", Endpoint::EventOdds, &[("markets", markets)]);
        assert_eq!(
            asked.markets,
            [(MarketKind::Total, Period::FullTime, lines)],
            "{markets}"
        );
    }

    let named = scope(
        "odds_soccer_lay.json",
        Endpoint::Odds,
        &[("bookmakers", "northbook,other"), ("markets", "h2h")],
    );
    assert_eq!(named.markets, [(MarketKind::ThreeWay, Period::FullTime, Lines::All)]);
    assert_eq!(named.bookmakers, Some(vec!["northbook".to_owned(), "other".to_owned()]));

    let file = scope("odds_american.json", Endpoint::Unknown, &[]);
    assert_eq!(file.markets.len(), 3);
    assert_eq!(
        file.bookmakers,
        Some(vec!["northbook".to_owned(), "riverbet".to_owned()])
    );

    let nothing = scope("scores.json", Endpoint::Scores, &[]);
    assert!(nothing.markets.is_empty());
}

#[test]
fn other_text_than_utf8_costs_what_it_touches() {
    let body = body_with(
        r#"{"key":"h2h","outcomes":[{"name":"Home","price":1.9},{"name":"Away","price":1.9}]},{"key":"totals","outcomes":[{"name":"Over","price":1.9,"point":200}]}"#,
    );
    let mut body = body.into_bytes();
    let at = body.windows(6).rposition(|window| window == b"\"Over\"").unwrap();
    body[at + 1] = 0xD6;
    let reading = read(&TheOddsApi, &body);
    assert_eq!((reading.quotes.len(), reading.prices_seen), (2, 3));
    assert_eq!(kinds_of_issues(&reading), [IssueKind::MissingField]);
}

#[test]
fn what_follows_the_answer_is_noticed() {
    let mut body = fixture("odds_american.json").to_vec();
    body.extend_from_slice(b" [] ");
    let reading = read(&TheOddsApi, &body);
    assert_eq!(reading.quotes.len(), 18);
    assert!(kinds_of_issues(&reading).contains(&IssueKind::UnreadablePayload));
    assert!(reading.scope.markets.is_empty());
}

#[test]
fn the_order_of_fields_means_nothing() {
    for (name, body) in answers_in(&fixtures_of(&TheOddsApi)) {
        // A map of serde_json has its keys in alphabetical order, which no answer has.
        let sorted = serde_json::from_slice::<serde_json::Value>(&body).unwrap().to_string();
        let (given, sorted) = (read(&TheOddsApi, &body), read(&TheOddsApi, sorted.as_bytes()));
        assert_eq!(quotes_of(&given), quotes_of(&sorted), "{name}");
        assert_eq!(given.issues, sorted.issues, "{name}");
        assert_eq!(given.prices_seen, sorted.prices_seen, "{name}");
        let times = |reading: &Reading<'_>| reading.quotes.iter().map(|quote| quote.source_at).collect::<Vec<_>>();
        assert_eq!(times(&given), times(&sorted), "{name}");
    }
}

#[test]
fn a_damaged_field_costs_its_own_item_and_no_other() {
    for (name, body) in answers_in(&fixtures_of(&TheOddsApi)) {
        assert_damage_is_contained(&TheOddsApi, &name, &body, Cost::Item);
    }
}

#[test]
fn an_answer_of_nothing_but_bad_rows_has_a_bounded_list_of_issues() {
    let body = format!("[{}]", vec!["5"; 100_000].join(","));
    let reading = read(&TheOddsApi, body.as_bytes());
    assert_eq!(reading.issues.len(), 10_001);
    assert!(reading.issues.last().unwrap().detail.contains("90000 more"));
}
