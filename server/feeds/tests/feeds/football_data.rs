//! What the files of football-data.co.uk mean, fixture by fixture.

use chrono::NaiveDate;
use domain::arbitrage::arbitrage;
use domain::bookmaker::known_profile;
use domain::event::Score;
use domain::reading::ReadIssue;
use domain::{BookKind, IssueKind, Price};
use feeds::football_data::{BookPrices, Match, ThreeWay, read};
use proptest::prelude::*;
use rstest::rstest;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/football_data")
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    super::files_in(&folder(), "csv")
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Three prices as text, a dash where there is none.
fn text_of(prices: ThreeWay) -> String {
    [prices.home, prices.draw, prices.away]
        .map(|price| price.map_or_else(|| "-".to_owned(), |price| price.to_string()))
        .join(" ")
}

/// The bookmakers of a match in the order of their keys: key, opening and closing prices.
fn books_of(found: &Match) -> Vec<(&str, String, String)> {
    let mut books: Vec<_> = found
        .books
        .iter()
        .map(|book| (&*book.bookmaker, text_of(book.opening), text_of(book.closing)))
        .collect();
    books.sort();
    books
}

fn sides_of(matches: &[Match]) -> Vec<(&str, &str)> {
    matches.iter().map(|found| (&*found.home, &*found.away)).collect()
}

fn said(issues: &[ReadIssue]) -> Vec<(IssueKind, Option<u32>, &str)> {
    issues
        .iter()
        .map(|issue| (issue.kind, issue.event, &*issue.detail))
        .collect()
}

/// The best price of each outcome over all bookmakers, exchanges left out.
fn best(found: &Match, set: fn(&BookPrices) -> ThreeWay) -> ThreeWay {
    found
        .books
        .iter()
        .filter(|book| known_profile(&book.bookmaker).0 != BookKind::Exchange)
        .map(set)
        .fold(ThreeWay::default(), |best, prices| ThreeWay {
            home: best.home.max(prices.home),
            draw: best.draw.max(prices.draw),
            away: best.away.max(prices.away),
        })
}

/// In how many matches the best prices are an arbitrage.
pub(super) fn count_arbitrages(matches: &[Match], set: fn(&BookPrices) -> ThreeWay) -> usize {
    let is_found = |found: &&Match| {
        best(found, set)
            .complete()
            .is_some_and(|prices| arbitrage(&prices).is_some())
    };
    matches.iter().filter(is_found).count()
}

#[test]
fn a_match_has_its_division_its_day_its_sides_its_result_and_two_sets_of_prices() {
    let (matches, _) = read(&fixture("opening_and_closing.csv"));
    let first = &matches[0];
    assert_eq!(
        (&*first.division, first.date, &*first.home, &*first.away, first.result),
        (
            "X1",
            day(2019, 8, 2),
            "Brightwater",
            "Oldmere",
            Some(Score { home: 2, away: 1 })
        )
    );
    assert_eq!(
        books_of(first),
        [
            ("bet365", "2.1 3.4 3.5".into(), "1.9 3.9 4.2".into()),
            ("betvictor", "2.05 3.3 3.75".into(), "2 4.2 4.6".into()),
            ("pinnacle", "2.15 3.5 3.6".into(), "2.05 3.6 3.9".into()),
        ]
    );
    assert_eq!(first.books[0].opening.home.map(Price::micros), Some(2_100_000));
}

#[test]
fn an_arbitrage_is_looked_for_over_bookmakers_and_not_over_aggregates_or_exchanges() {
    let (matches, _) = read(&fixture("opening_and_closing.csv"));
    let of = |set| -> Vec<bool> {
        let one_each = matches.chunks(1);
        one_each.map(|found| count_arbitrages(found, set) == 1).collect()
    };
    assert_eq!(of(|book| book.opening), [false, true, false, false]);
    assert_eq!(of(|book| book.closing), [true, false, false, false]);

    let (matches, _) = read(&fixture("mark_and_crlf.csv"));
    assert_eq!(count_arbitrages(&matches, |book| book.opening), 0);
    assert_eq!(count_arbitrages(&matches, |book| book.closing), 0);
}

#[test]
fn a_blank_price_and_a_price_of_zero_are_missing_and_no_issue_when_the_whole_set_is() {
    let (matches, issues) = read(&fixture("opening_and_closing.csv"));
    assert_eq!(
        books_of(&matches[2]),
        [
            ("bet365", "1.47 4.4 6.9".into(), "1.51 4.3 6.2".into()),
            ("pinnacle", "- - -".into(), "1.54 4.37 6.41".into()),
        ]
    );
    assert!(issues.iter().all(|issue| issue.event == Some(3)), "{issues:?}");
}

#[test]
fn an_unusable_price_costs_itself_and_is_said_with_its_row() {
    let (matches, issues) = read(&fixture("opening_and_closing.csv"));
    assert_eq!(
        books_of(&matches[3]),
        [
            ("bet365", "2.5 - 2.8".into(), "2.55 - 2.75".into()),
            ("betvictor", "2.4 - 2.9".into(), "- 3.25 -".into()),
            ("pinnacle", "- 3.35 2.85".into(), "2.6 - 2.8".into()),
        ]
    );
    let mut said = said(&issues);
    said.sort();
    let at = Some(3);
    assert_eq!(
        said,
        [
            (
                IssueKind::ImpossiblePrice,
                at,
                "row 5: \"-3.3\" is no closing price of bet365 for the draw"
            ),
            (
                IssueKind::ImpossiblePrice,
                at,
                "row 5: \"1.00\" is no opening price of pinnacle for the home side"
            ),
            (
                IssueKind::ImpossiblePrice,
                at,
                "row 5: \"1e1\" is no closing price of pinnacle for the draw"
            ),
            (
                IssueKind::ImpossiblePrice,
                at,
                "row 5: \"n/a\" is no opening price of bet365 for the draw"
            ),
            (
                IssueKind::IncompleteMarket,
                at,
                "row 5: betvictor has no closing price of the away side"
            ),
            (
                IssueKind::IncompleteMarket,
                at,
                "row 5: betvictor has no closing price of the home side"
            ),
            (
                IssueKind::IncompleteMarket,
                at,
                "row 5: betvictor has no opening price of the draw"
            ),
        ]
    );
    assert!(issues.iter().all(|issue| issue.bookmaker.is_some()));
}

#[test]
fn an_older_file_has_opening_prices_short_years_and_bytes_that_are_not_utf_8() {
    let (matches, issues) = read(&fixture("no_closing.csv"));
    assert_eq!(issues, []);
    assert_eq!(
        sides_of(&matches),
        [("Mørkvik", "Saint-Aubin"), ("Saint-Aubin", "Torrevalle")]
    );
    assert_eq!((matches[0].date, matches[1].date), (day(1999, 8, 14), day(2005, 8, 21)));
    assert_eq!(
        books_of(&matches[0]),
        [
            ("gamebookers", "2.2 3.2 2.9".into(), "- - -".into()),
            ("interwetten", "2.1 3.1 3".into(), "- - -".into()),
            ("pinnacle", "- - -".into(), "2.14 3.24 3.05".into()),
        ]
    );
}

#[test]
fn a_mark_at_the_start_and_windows_line_ends_change_nothing() {
    let bytes = fixture("mark_and_crlf.csv");
    let (matches, issues) = read(&bytes);
    assert_eq!((matches.len(), &issues[..]), (1, &[][..]));
    let bare: Vec<u8> = bytes[3..].iter().copied().filter(|byte| *byte != b'\r').collect();
    assert_eq!(read(&bare), (matches.clone(), Vec::new()));
    let old_mac: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\n').collect();
    assert_eq!(read(&old_mac), (matches, Vec::new()));
}

#[test]
fn bookmakers_that_begin_alike_end_in_c_or_are_new_are_told_apart() {
    let (matches, _) = read(&fixture("mark_and_crlf.csv"));
    assert_eq!(
        books_of(&matches[0]),
        [
            ("abc", "2.3 3.3 3.2".into(), "2.35 3.3 2.95".into()),
            ("betfair_ex_uk", "4 5 6".into(), "7 8 9".into()),
            ("betfair_sb_uk", "2.2 3.5 3.1".into(), "2.3 3.4 3".into()),
            ("betfred_uk", "2.25 3.4 3.2".into(), "- - -".into()),
            ("new", "2.26 3.5 3.25".into(), "2.32 3.45 3.05".into()),
            ("onexbet", "2.24 3.55 3.3".into(), "- - -".into()),
        ]
    );
}

#[test]
fn a_file_of_another_league_has_closing_prices_only_and_a_misspelt_column() {
    let (matches, issues) = read(&fixture("other_league.csv"));
    assert_eq!(issues, []);
    assert_eq!(matches[0].division, "Freedonia Superliga");
    assert_eq!(
        (matches[0].result, matches[1].result),
        (Some(Score { home: 2, away: 0 }), None)
    );
    assert_eq!(
        books_of(&matches[0]),
        [("pinnacle", "- - -".into(), "1.82 3.71 4.94".into())]
    );
    assert_eq!(
        books_of(&matches[1]),
        [
            ("bet365", "- - -".into(), "2.55 3.85 2.4".into()),
            ("betfair_ex_uk", "- - -".into(), "2.66 4.05 2.54".into()),
        ]
    );
}

#[test]
fn an_old_head_of_another_league_hides_that_its_prices_are_closing_ones() {
    let (matches, issues) = read(&fixture("other_league_old_head.csv"));
    assert_eq!(
        books_of(&matches[0]),
        [("pinnacle", "- - -".into(), "1.93 3.42 4.37".into())]
    );
    assert_eq!((matches[1].result, books_of(&matches[1]).len()), (None, 0));
    assert_eq!(said(&issues), [(IssueKind::NoQuotes, Some(1), "row 3: no price")]);
}

#[test]
fn a_match_to_come_has_no_result_and_no_closing_price() {
    let (matches, issues) = read(&fixture("to_come.csv"));
    assert_eq!((matches[0].result, &issues[..]), (None, &[][..]));
    assert_eq!(
        books_of(&matches[0]),
        [("williamhill", "1.62 3.95 5.1".into(), "- - -".into())]
    );
}

#[test]
fn a_file_that_a_program_saved_anew_says_the_same_and_a_quote_left_open_costs_its_own_row() {
    let (matches, issues) = read(&fixture("saved_anew.csv"));
    assert_eq!(
        sides_of(&matches),
        [
            ("Oldmere", "Harrowby"),
            ("\"Ashwick", "Stonefield"),
            ("Larkhill", "Dunsford")
        ]
    );
    assert_eq!(matches[0].result, Some(Score { home: 4, away: 0 }));
    assert_eq!(
        books_of(&matches[0]),
        [("bet365", "3.2 3.4 2.28".into(), "- - -".into())]
    );
    assert_eq!(
        said(&issues),
        [(
            IssueKind::UnreadablePayload,
            None,
            "row 3 has 14 cells, the head 13; the row was left out"
        )]
    );
}

#[test]
fn rows_that_are_too_short_too_long_or_about_nothing_are_said_and_cost_no_other() {
    let (matches, issues) = read(&fixture("odd_rows.csv"));
    assert_eq!(
        sides_of(&matches),
        [
            ("Brightwater", "Penmoor"),
            ("Oldmere", "Ashwick"),
            ("Penmoor", "Oldmere"),
            ("Ashwick", "Harrowby"),
            ("Larkhill", "Stonefield"),
            ("Dunsford", "Brightwater"),
        ]
    );
    assert_eq!(
        books_of(&matches[1]),
        [("williamhill", "1.6 4 6".into(), "- - -".into())]
    );
    assert_eq!((matches[2].result, matches[3].result), (None, None));
    let short = |row, has| format!("row {row} has {has} cells, the head 14; those it lacks are missing");
    assert_eq!(
        said(&issues),
        [
            (IssueKind::UnreadablePayload, Some(1), &*short(3, 10)),
            (
                IssueKind::UnreadablePayload,
                None,
                "row 4 has 15 cells, the head 14; the row was left out"
            ),
            (
                IssueKind::UnreadableTime,
                None,
                "row 5: \"30/02/20\" is no day; the row was left out"
            ),
            (
                IssueKind::MissingField,
                None,
                "row 6: no home side; the row was left out"
            ),
            (
                IssueKind::MissingField,
                None,
                "row 7: no division; the row was left out"
            ),
            (
                IssueKind::DuplicateEvent,
                None,
                "row 8: \"Brightwater\" against \"Penmoor\" on 2020-02-01 came before; the row was left out"
            ),
            (
                IssueKind::UnusableScore,
                Some(2),
                "row 9: goals \"1\" and \"0\" with the result \"A\""
            ),
            (
                IssueKind::UnusableScore,
                Some(3),
                "row 10: goals \"1\" and \"\" with the result \"\""
            ),
            (IssueKind::NoQuotes, Some(4), "row 11: no price"),
            (IssueKind::UnreadablePayload, Some(5), &*short(12, 13)),
            (
                IssueKind::IncompleteMarket,
                Some(5),
                "row 12: interwetten has no opening price of the away side"
            ),
        ]
    );
}

#[rstest]
#[case("", IssueKind::UnreadablePayload, "the file is empty")]
#[case("\u{feff}\n,,,\n \n", IssueKind::UnreadablePayload, "the file is empty")]
#[case("<!doctype html>", IssueKind::BlockedPage, "the file is a web page")]
#[case(
    "{\"message\": 7}\n",
    IssueKind::UnreadablePayload,
    "row 1: no column is called Div, Date, HomeTeam, AwayTeam"
)]
#[case(
    "Country,Date,Home,Away\n",
    IssueKind::UnreadablePayload,
    "row 1: no column is called League"
)]
#[case(
    "Div,Date,HomeTeam\n1,2,3",
    IssueKind::UnreadablePayload,
    "row 1: no column is called AwayTeam"
)]
fn a_file_that_is_none_is_one_issue(#[case] text: &str, #[case] kind: IssueKind, #[case] detail: &str) {
    let (matches, issues) = read(text.as_bytes());
    assert_eq!((matches, said(&issues)), (Vec::new(), vec![(kind, None, detail)]));
}

#[test]
fn a_head_that_is_damaged_costs_the_columns_it_damages() {
    let head = "Div,Date,HomeTeam,AwayTeam,B365H,B365D,B365A,B365H,PSH,PSD,PH,PD,PA,VCH,VCD,VCA,BVH,BVD,BVA";
    let row = "X1,01/02/20,Oldmere,Ashwick,2.1,3.1,4.1,9,2.2,3.2,2.3,3.3,4.3,2.4,3.4,4.4,2.5,3.5,4.5";
    let (matches, issues) = read(format!("{head}\n{row}\n").as_bytes());
    assert_eq!(
        books_of(&matches[0]),
        [
            ("bet365", "2.1 3.1 4.1".into(), "- - -".into()),
            ("betvictor", "2.5 3.5 4.5".into(), "- - -".into()),
            ("pinnacle", "2.3 3.3 4.3".into(), "- - -".into()),
        ]
    );
    assert_eq!(
        said(&issues),
        [
            (
                IssueKind::DuplicateQuote,
                None,
                "row 1: the column \"B365H\" comes again and was left out"
            ),
            (
                IssueKind::IncompleteMarket,
                None,
                "row 1: the columns PSH, PSD and PSA are not all there; they were left out"
            ),
            (
                IssueKind::DuplicateQuote,
                None,
                "row 1: the columns VCH, VCD and VCA are a second set of one bookmaker; they were left out"
            ),
        ]
    );
}

#[test]
fn a_head_that_is_too_wide_and_issues_without_number_stay_bounded() {
    let wide = format!("Div,Date,HomeTeam,AwayTeam{}\n", ",x".repeat(600));
    assert_eq!(
        said(&read(wide.as_bytes()).1),
        [(
            IssueKind::UnreadablePayload,
            None,
            "row 1: the head has 604 columns, more than 512"
        )]
    );
    let many = format!("Div,Date,HomeTeam,AwayTeam\n{}", "X1,,a,b\n".repeat(20_000));
    let (matches, issues) = read(many.as_bytes());
    assert_eq!((matches.len(), issues.len()), (0, 10_001));
    assert_eq!(issues[10_000].detail, "10000 more issues are not listed");
}

/// Every price that a match has, with whose it is.
fn prices_of(found: &Match) -> BTreeSet<String> {
    let name = |set: &str, book: &BookPrices, outcome: &str, price: Option<Price>| {
        Some(format!("{set} {} {outcome} {}", book.bookmaker, price?))
    };
    let of_set = |set: &str, book: &BookPrices, prices: ThreeWay| {
        [
            name(set, book, "home", prices.home),
            name(set, book, "draw", prices.draw),
            name(set, book, "away", prices.away),
        ]
    };
    let of_book = |book: &BookPrices| {
        [
            of_set("opening", book, book.opening),
            of_set("closing", book, book.closing),
        ]
    };
    found.books.iter().flat_map(of_book).flatten().flatten().collect()
}

fn name_of(found: &Match) -> (&str, NaiveDate, &str, &str) {
    (&found.division, found.date, &found.home, &found.away)
}

#[test]
fn a_file_that_is_cut_short_never_panics_and_invents_nothing_but_a_number_cut_in_the_last_cell_of_a_row() {
    let commas = |line: &[u8]| line.split(|byte| *byte == b',').count() - 1;
    for (name, body) in fixtures() {
        let (whole, all_issues) = read(&body);
        // A row that has too many cells is none until it is cut.
        if all_issues
            .iter()
            .any(|issue| issue.kind == IssueKind::UnreadablePayload)
        {
            continue;
        }
        let width = commas(body.split(|byte| *byte == b'\n').next().unwrap());
        for cut in 0..body.len() {
            let (matches, issues) = read(&body[..cut]);
            let last_line = body[..cut].split(|byte| *byte == b'\n').next_back().unwrap();
            let is_in_last_cell = commas(last_line) >= width;
            for found in &matches {
                let same = whole.iter().find(|other| name_of(other) == name_of(found));
                let same = same.unwrap_or_else(|| panic!("{name} cut at {cut} invents {found:?}"));
                assert!(
                    is_in_last_cell || prices_of(found).is_subset(&prices_of(same)),
                    "{name} cut at {cut}: {found:?}"
                );
                assert!(
                    found.result.is_none_or(|result| same.result == Some(result)),
                    "{name} cut at {cut}"
                );
            }
            // A head alone is a file without matches, and a row of nothing but commas says nothing.
            let is_in_row = last_line.len() < cut && !is_in_last_cell && commas(last_line) < last_line.len();
            let is_noticed = issues.iter().any(|issue| !all_issues.contains(issue));
            assert!(is_noticed || !is_in_row, "{name} cut at {cut} is not noticed");
        }
    }
}

#[test]
fn a_damaged_cell_costs_its_own_row_and_no_other() {
    for (name, body) in fixtures() {
        let (whole, _) = read(&body);
        let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').collect();
        for (at, line) in lines.iter().enumerate().skip(1) {
            let (without, _) = read(&[&lines[..at], &lines[at + 1..]].concat().join(&b'\n'));
            let cells: Vec<&[u8]> = line.split(|byte| *byte == b',').collect();
            for damaged in 0..cells.len() {
                for junk in [
                    &b""[..],
                    b"x",
                    b"\"",
                    b"0",
                    b"-1",
                    b"1e999",
                    b"\xff\xfe",
                    b"\0",
                    &[b'9'; 400],
                ] {
                    let mut cells = cells.clone();
                    cells[damaged] = junk;
                    let row = cells.join(&b',');
                    let mut lines = lines.clone();
                    lines[at] = &row;
                    let (matches, _) = read(&lines.join(&b'\n'));
                    let lost = without
                        .iter()
                        .filter(|other| whole.contains(other) && !matches.contains(other));
                    assert_eq!(lost.count(), 0, "{name} row {at} cell {damaged}");
                    assert!(matches.len() <= without.len() + 1, "{name} row {at} cell {damaged}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_it_returns(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (matches, issues) = read(&bytes);
        prop_assert!(matches.is_empty() && issues.len() == 1);
    }

    #[test]
    fn whatever_the_rows_are_it_returns_and_points_to_matches_that_exist(
        rows in proptest::collection::vec("(X1,)?([0-9]{1,2}/0?[1-9]/[0-9]{2,4},)?[ab\",]{0,8}(,[0-9.\"x-]{0,5}){0,12}[\r\n]{0,2}", 0..12)
    ) {
        let head = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,B365H,B365D,B365A,B365CH,B365CD,B365CA\n";
        let (matches, issues) = read(format!("{head}{}", rows.join("\n")).as_bytes());
        for issue in issues {
            prop_assert!(issue.event.is_none_or(|event| (event as usize) < matches.len()));
        }
    }
}
