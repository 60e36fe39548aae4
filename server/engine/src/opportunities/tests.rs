use super::*;
use crate::testing::{at, board, board_quote, books, by_id, line, price};
use domain::MarketKind::{Moneyline, Outright, Spread, ThreeWay};
use domain::{Period, Price};
use proptest::prelude::*;

use Outcome::{Away, Draw, Home};

fn plain() -> MarketKey {
    MarketKey::plain(Moneyline)
}

fn gross() -> ArbitrageParams {
    ArbitrageParams {
        commission: Commission::None,
        max_age_s: None,
        in_play: InPlay::Include,
        min_profit: 0.0,
    }
}

fn profiles() -> BooksById {
    by_id(&books(&["one", "two", "three"]))
}

fn find(board: &Board) -> Vec<Found> {
    find_arbitrage(board, &profiles(), &gross())
}

/// 2.10 at one book, 2.05 at another: +3.73 %.
fn thin() -> Vec<Quote> {
    vec![
        board_quote(1, Home, "2.10"),
        board_quote(1, Away, "1.75"),
        board_quote(2, Home, "1.80"),
        board_quote(2, Away, "2.05"),
    ]
}

#[test]
fn an_arbitrage_covers_every_outcome_at_the_best_price_and_shares_the_stake() {
    let found = find(&board(vec![(plain(), thin())]));
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert!((one.profit - (1.0 / (1.0 / 2.10 + 1.0 / 2.05) - 1.0)).abs() < 1e-12);
    assert_eq!(
        one.legs.iter().map(|leg| leg.bookmaker.as_str()).collect::<Vec<_>>(),
        ["one", "two"]
    );
    assert!((one.legs.iter().map(|leg| leg.stake).sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(
        (one.legs[0].stake * 2.10 - one.legs[1].stake * 2.05).abs() < 1e-12,
        "both pay alike"
    );
    assert_eq!(one.verdict, Verdict::Executable, "{:?}", one.reasons);
}

#[test]
fn a_lay_price_is_never_a_back_price() {
    let mut quotes = vec![
        board_quote(1, Home, "1.9"),
        board_quote(1, Away, "1.9"),
        board_quote(2, Away, "9"),
    ];
    quotes[2].side = Side::Lay;
    assert!(find(&board(vec![(plain(), quotes)])).is_empty());
}

#[test]
fn different_lines_and_periods_are_never_combined() {
    let spread = |points| MarketKey {
        line: Some(line(points)),
        ..MarketKey::plain(Spread)
    };
    let half = MarketKey {
        period: Period::FirstHalf,
        ..plain()
    };
    let markets = vec![
        (
            spread("-2.5"),
            vec![board_quote(1, Home, "2.5"), board_quote(1, Away, "1.5")],
        ),
        (
            spread("-1.5"),
            vec![board_quote(2, Home, "1.5"), board_quote(2, Away, "2.5")],
        ),
        (plain(), vec![board_quote(1, Home, "2.5"), board_quote(1, Away, "1.5")]),
        (half, vec![board_quote(2, Home, "1.5"), board_quote(2, Away, "2.5")]),
    ];
    assert!(find(&board(markets)).is_empty());
}

#[test]
fn two_of_three_outcomes_are_no_arbitrage() {
    let quotes = vec![board_quote(1, Home, "5"), board_quote(2, Away, "5")];
    assert!(find(&board(vec![(MarketKey::plain(ThreeWay), quotes.clone())])).is_empty());
    let with_draw = [quotes, vec![board_quote(3, Draw, "2")]].concat();
    assert_eq!(find(&board(vec![(MarketKey::plain(ThreeWay), with_draw)])).len(), 1);
}

#[test]
fn the_entrants_of_an_outright_are_never_taken_for_all_of_them() {
    let entrants = ["Hawks", "Bulls"].map(|name| board_quote(1, Outcome::Named(name.into()), "9"));
    assert!(find(&board(vec![(MarketKey::plain(Outright), entrants.to_vec())])).is_empty());
}

#[test]
fn commission_by_profile_makes_a_thin_one_go_and_a_fat_one_thinner() {
    let mut books = profiles();
    for book in books.values_mut() {
        (book.kind, book.commission_bp) = (BookKind::Exchange, 500);
    }
    let params = ArbitrageParams {
        commission: Commission::Profile,
        ..gross()
    };
    let fat = find_arbitrage(&board(vec![(plain(), thin())]), &books, &params);
    assert!((fat[0].profit - (1.0 / (1.0 / 2.045 + 1.0 / 1.9975) - 1.0)).abs() < 1e-12);
    assert_eq!(fat[0].legs[0].commission_bp, 500);
    let thin = vec![board_quote(1, Home, "2.06"), board_quote(2, Away, "2.0")];
    let board = board(vec![(plain(), thin)]);
    assert!(find_arbitrage(&board, &books, &params).is_empty());
    let on_paper = find_arbitrage(&board, &books, &gross());
    assert_eq!(on_paper[0].verdict, Verdict::Paper);
    assert!(
        on_paper[0].reasons.iter().any(|reason| reason.contains("commission")),
        "{:?}",
        on_paper[0].reasons
    );
}

#[test]
fn the_best_price_is_the_best_after_commission() {
    let mut books = profiles();
    books.get_mut(&BookmakerId(1)).unwrap().commission_bp = 1_000;
    let quotes = vec![
        board_quote(1, Home, "2.20"),
        board_quote(2, Home, "2.15"),
        board_quote(3, Away, "2.0"),
    ];
    let params = ArbitrageParams {
        commission: Commission::Profile,
        ..gross()
    };
    let found = find_arbitrage(&board(vec![(plain(), quotes)]), &books, &params);
    assert_eq!(found[0].legs[0].bookmaker, "two");
}

#[test]
fn a_price_not_seen_for_too_long_makes_it_stale() {
    let params = ArbitrageParams {
        max_age_s: Some(120),
        ..gross()
    };
    let verdict = |seen_at: i64, source_at: Option<i64>| {
        let mut quotes = thin();
        (quotes[0].last_seen_at, quotes[0].source_at) = (at(seen_at), source_at.map(at));
        let mut found = find_arbitrage(&board(vec![(plain(), quotes)]), &profiles(), &params);
        let found = found.remove(0);
        (found.verdict, found.reasons.join("; "))
    };
    assert_eq!(verdict(-120, None).0, Verdict::Executable);
    let (stale, why) = verdict(-121, None);
    assert_eq!(stale, Verdict::Stale);
    assert!(why.contains("one on home: not seen for 2 min"), "{why}");
    assert_eq!(
        verdict(0, Some(-121)).0,
        Verdict::Stale,
        "seen just now, but the book itself has not touched it"
    );
    assert_eq!(verdict(-121, Some(0)).0, Verdict::Stale);
}

#[test]
fn fresh_prices_that_make_an_arbitrage_are_preferred_to_better_old_ones() {
    let params = ArbitrageParams {
        max_age_s: Some(120),
        ..gross()
    };
    let mut old = board_quote(3, Home, "9");
    old.last_seen_at = at(-9_999);
    let found = find_arbitrage(
        &board(vec![(plain(), [thin(), vec![old]].concat())]),
        &profiles(),
        &params,
    );
    assert_eq!(
        (found[0].verdict, found[0].legs[0].bookmaker.as_str()),
        (Verdict::Executable, "one")
    );
}

#[test]
fn one_books_own_error_is_on_paper_only() {
    let palpable = vec![
        board_quote(1, Home, "2.5"),
        board_quote(1, Away, "2.5"),
        board_quote(2, Away, "1.9"),
    ];
    let found = find(&board(vec![(plain(), palpable)]));
    assert_eq!(found[0].verdict, Verdict::Paper);
    assert_eq!(
        found[0]
            .reasons
            .iter()
            .filter(|reason| reason.contains("palpable"))
            .count(),
        1
    );
}

#[test]
fn a_flagged_leg_is_on_paper_only() {
    let mut quotes = thin();
    quotes[0].flags = QuoteFlags::LINE_JUMP;
    let found = find(&board(vec![(plain(), quotes)]));
    assert_eq!(found[0].verdict, Verdict::Paper);
    assert!(found[0].reasons[0].contains("line jumped"), "{:?}", found[0].reasons);
}

#[test]
fn an_event_that_has_started_is_on_paper_or_left_out() {
    let mut board = board(vec![(plain(), thin())]);
    board.event.starts_at = at(0);
    let found = find(&board);
    assert_eq!((found[0].verdict, found[0].is_in_play), (Verdict::Paper, true));
    let params = ArbitrageParams {
        in_play: InPlay::Exclude,
        ..gross()
    };
    assert!(find_arbitrage(&board, &profiles(), &params).is_empty());
    board.event.status = EventStatus::Final;
    assert!(find(&board).is_empty(), "over");
}

#[test]
fn profit_below_the_minimum_is_not_found_and_a_fair_market_has_none() {
    let params = |min_profit| ArbitrageParams { min_profit, ..gross() };
    let board_of = |home, away| {
        board(vec![(
            plain(),
            vec![board_quote(1, Home, home), board_quote(2, Away, away)],
        )])
    };
    let thin = board_of("2.02", "2.02");
    assert_eq!(find_arbitrage(&thin, &profiles(), &params(0.009)).len(), 1);
    assert!(find_arbitrage(&thin, &profiles(), &params(0.011)).is_empty());
    assert!(find(&board_of("2", "2")).is_empty());
}

#[test]
fn the_number_per_board_is_bounded_and_keeps_the_most_profitable_in_the_order_of_markets() {
    let spread = |points: i32| MarketKey {
        line: Some(domain::Line::from_hundredths(points * 50)),
        ..MarketKey::plain(Spread)
    };
    let market = |points: i32| {
        let home = Price::from_micros(2_100_000 + i64::from(points)).unwrap().to_string();
        (
            spread(points),
            vec![board_quote(1, Home, &home), board_quote(2, Away, "2.1")],
        )
    };
    let bound = i32::try_from(MAX_PER_BOARD).unwrap();
    let found = find(&board((1..=bound + 5).map(market).collect()));
    assert_eq!(found.len(), MAX_PER_BOARD);
    assert_eq!(found[0].market, spread(6));
    assert!(found.windows(2).all(|pair| pair[0].market < pair[1].market));
}

#[test]
fn a_trace_alone_reproduces_the_profit_and_names_the_rows_behind_it() {
    let mut books = profiles();
    books.get_mut(&BookmakerId(2)).unwrap().commission_bp = 200;
    let (board, params) = (
        board(vec![(plain(), thin())]),
        ArbitrageParams {
            commission: Commission::Profile,
            ..gross()
        },
    );
    let found = find_arbitrage(&board, &books, &params).remove(0);
    let text = serde_json::to_string(&trace(&found, &board, &params)).unwrap();
    let read: Trace = serde_json::from_str(&text).unwrap();
    assert!((read.recompute() - found.profit).abs() < 1e-9);
    assert_eq!(
        read.legs.iter().map(|leg| leg.leg.change_id.0).collect::<Vec<_>>(),
        [10, 20]
    );
    assert_eq!(
        (read.event_id, read.event.as_str(), read.as_of),
        (board.event.id, "Away @ Home", at(0))
    );
    assert!((1.0 / read.implied_sum - 1.0 - found.profit).abs() < 1e-9);
}

fn open(id: i64, market: MarketKey) -> OpenOpportunity {
    OpenOpportunity {
        id: OpportunityId(id),
        kind: OpportunityKind::Arbitrage,
        market,
    }
}

#[test]
fn what_is_found_again_is_refreshed_and_what_is_not_has_gone() {
    let found = find(&board(vec![(plain(), thin())]));
    let first = reconcile(&[], &found);
    assert_eq!((first.opened.len(), first.refreshed.len(), first.gone.len()), (1, 0, 0));
    let was_open = [open(1, plain()), open(2, MarketKey::plain(ThreeWay)), open(3, plain())];
    let next = reconcile(&was_open, &found);
    assert_eq!((next.opened.len(), next.refreshed[0].0), (0, OpportunityId(1)));
    assert_eq!(
        next.gone,
        [OpportunityId(2), OpportunityId(3)],
        "an opportunity open twice heals"
    );
}

/// A three-way board of a few books, some prices missing.
fn any_quotes() -> impl Strategy<Value = Vec<Quote>> {
    prop::collection::vec((1..5_i64, 0..3_usize, 1_050_000..6_000_000_i64, any::<bool>()), 0..16).prop_map(|cells| {
        let mut quotes: Vec<Quote> = cells
            .into_iter()
            .map(|(book, outcome, micros, is_lay)| {
                let decimal = Price::from_micros(micros).unwrap().to_string();
                let mut quote = board_quote(book, [Home, Draw, Away][outcome].clone(), &decimal);
                quote.side = if is_lay { Side::Lay } else { Side::Back };
                quote
            })
            .collect();
        quotes.sort_by_key(|quote| (quote.outcome.clone(), quote.side, quote.bookmaker_id, quote.price));
        quotes.dedup_by_key(|quote| (quote.outcome.clone(), quote.side, quote.bookmaker_id));
        quotes
    })
}

proptest! {
    #[test]
    fn no_combination_of_books_is_better_than_what_is_found(quotes in any_quotes()) {
        let of = |outcome: Outcome| {
            quotes.iter().filter(move |quote| quote.side == Side::Back && quote.outcome == outcome)
        };
        let mut best = f64::NEG_INFINITY;
        for home in of(Home) {
            for draw in of(Draw) {
                for away in of(Away) {
                    let sum = home.price.implied() + draw.price.implied() + away.price.implied();
                    best = best.max(1.0 / sum - 1.0);
                }
            }
        }
        let found = find(&board(vec![(MarketKey::plain(ThreeWay), quotes.clone())]));
        match found.first() {
            Some(found) => prop_assert!((found.profit - best).abs() < 1e-12),
            // Half a millionth is the rounding of prices.
            None => prop_assert!(best < 1e-6),
        }
    }

    #[test]
    fn reconciling_again_after_writing_the_outcome_changes_nothing(
        was_open in prop::collection::btree_set(0..6_i32, 0..6),
        is_found in prop::collection::btree_set(0..6_i32, 0..6),
    ) {
        let market = |points: i32| MarketKey {
            line: Some(domain::Line::from_hundredths(points * 50)),
            ..MarketKey::plain(Spread)
        };
        let quotes = || vec![board_quote(1, Home, "2.1"), board_quote(2, Away, "2.1")];
        let found = find(&board(is_found.iter().map(|points| (market(*points), quotes())).collect()));
        let was_open: Vec<_> = was_open.iter().map(|points| open(i64::from(*points), market(*points))).collect();
        let first = reconcile(&was_open, &found);
        let mut is_open: Vec<_> =
            was_open.iter().filter(|open| !first.gone.contains(&open.id)).cloned().collect();
        is_open.extend((100..).zip(&first.opened).map(|(id, found)| open(id, found.market.clone())));
        let second = reconcile(&is_open, &found);
        prop_assert!(second.opened.is_empty() && second.gone.is_empty());
        prop_assert_eq!(second.refreshed.len(), found.len());
    }
}

#[test]
fn a_leg_shows_the_price_as_it_was_received() {
    let mut quotes = thin();
    quotes[0].price_text = "+110".to_owned();
    let found = find(&board(vec![(plain(), quotes)]));
    assert_eq!(
        (found[0].legs[0].price_text.as_str(), found[0].legs[0].price),
        ("+110", price("2.1"))
    );
}
