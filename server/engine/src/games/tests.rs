use super::*;
use crate::testing::{at, board, board_quote, books, by_id, line, price};
use domain::MarketKind::{Moneyline, Spread, ThreeWay, Total};
use domain::Outcome::{Away, Draw, Home, Over, Under};
use domain::{MarketKey, Sport};

fn total(points: &str) -> MarketKey {
    MarketKey {
        line: Some(line(points)),
        ..MarketKey::plain(Total)
    }
}

fn summary(board: &Board) -> GameSummary {
    summarise(board, &by_id(&books(&["one", "two", "three"])))
}

fn kinds(summary: &GameSummary) -> Vec<MarketKind> {
    summary.markets.iter().map(|market| market.key.kind.clone()).collect()
}

#[test]
fn the_main_market_is_three_way_where_draws_are_bet_on() {
    let moneyline = (MarketKey::plain(Moneyline), vec![board_quote(1, Home, "1.9")]);
    let three_way = (MarketKey::plain(ThreeWay), vec![board_quote(1, Draw, "3.4")]);
    let half = (
        MarketKey {
            period: Period::FirstHalf,
            ..MarketKey::plain(Spread)
        },
        vec![board_quote(1, Home, "1.9")],
    );
    let mut board = board(vec![moneyline, three_way, half]);
    assert_eq!(kinds(&summary(&board)), [Moneyline]);
    board.event.sport = Sport::FOOTBALL;
    assert_eq!(kinds(&summary(&board)), [ThreeWay]);
}

#[test]
fn the_main_line_is_the_one_most_books_offer_then_the_one_closest_to_even() {
    let two_books = |over: &str, under: &str| {
        vec![
            board_quote(1, Over, over),
            board_quote(1, Under, under),
            board_quote(2, Over, over),
            board_quote(2, Under, under),
        ]
    };
    let alternate = vec![board_quote(1, Over, "1.91"), board_quote(1, Under, "1.91")];
    let board = board(vec![
        (total("219.5"), two_books("1.7", "2.2")),
        (total("220.5"), two_books("1.95", "1.87")),
        (total("221.5"), alternate),
    ]);
    assert_eq!(summary(&board).markets[0].key, total("220.5"));
}

#[test]
fn the_best_prices_come_with_their_books_and_their_hold() {
    let mut lay = board_quote(3, Home, "5");
    lay.side = Side::Lay;
    let quotes = vec![
        board_quote(1, Home, "1.9"),
        board_quote(2, Home, "2"),
        board_quote(1, Away, "1.9"),
        lay,
    ];
    let summary = summary(&board(vec![(MarketKey::plain(Moneyline), quotes)]));
    let market = &summary.markets[0];
    assert_eq!(
        market
            .best
            .iter()
            .map(|best| best.bookmaker.as_str())
            .collect::<Vec<_>>(),
        ["two", "one"]
    );
    assert!((market.hold.unwrap() - (1.0 - 1.0 / (0.5 + 1.0 / 1.9))).abs() < 1e-12);
    assert_eq!((market.book_count, summary.book_count, summary.market_count), (2, 3, 1));
}

#[test]
fn a_market_that_lacks_an_outcome_has_no_hold() {
    let summary = summary(&board(vec![(
        MarketKey::plain(Moneyline),
        vec![board_quote(1, Home, "1.9")],
    )]));
    assert_eq!((summary.markets[0].hold, summary.markets[0].best.len()), (None, 1));
}

#[test]
fn the_last_move_is_the_biggest_of_the_last_hour() {
    let mut small = board_quote(1, Home, "1.9");
    (small.previous, small.received_at) = (Some(price("1.91")), at(-60));
    let mut big = board_quote(2, Home, "1.8");
    (big.previous, big.received_at) = (Some(price("2")), at(-600));
    let mut old = board_quote(3, Home, "1.2");
    (old.previous, old.received_at) = (Some(price("5")), at(-3_601));
    let summary = summary(&board(vec![(MarketKey::plain(Moneyline), vec![small, big, old])]));
    let moved = summary.last_move.unwrap();
    assert_eq!(
        (moved.bookmaker.as_str(), moved.previous, moved.moved_at),
        ("two", price("2"), at(-600))
    );
}

#[test]
fn an_empty_board_has_a_summary_all_the_same() {
    let summary = summary(&board(vec![]));
    assert!(summary.markets.is_empty() && summary.last_move.is_none() && summary.last_seen_at.is_none());
}
