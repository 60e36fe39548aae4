use super::*;
use crate::BooksById;
use crate::desk::Accounts;
use crate::testing::{at, board, board_quote, books, by_id, line, price};
use domain::MarketKind::{Moneyline, Outright, Spread, ThreeWay, Total};
use domain::board::QuoteFlags;
use domain::opportunity::Verdict;
use domain::{BookKind, BookmakerId, EventStatus, Period, Price, Quote, Side, Sport};
use proptest::prelude::{ProptestConfig, Strategy as _, any, prop, prop_assert, prop_assert_eq, proptest};

use Outcome::{Away, Draw, Home};

fn plain() -> MarketKey {
    MarketKey::plain(Moneyline)
}

fn gross() -> ArbitrageParams {
    ArbitrageParams {
        is_gross: true,
        max_age_s: None,
        in_play: true,
        is_best_of_all: true,
        ..ArbitrageParams::default()
    }
}

fn profiles() -> BooksById {
    by_id(&books(&["one", "two", "three"]))
}

fn look(board: &Board, books: &BooksById, params: &ArbitrageParams) -> Vec<Found> {
    let accounts = Accounts::default();
    let view = View {
        board,
        desk: Desk {
            books,
            accounts: &accounts,
        },
        moves: &[],
        sampling_s: None,
    };
    find_arbitrage(&view, params)
        .into_iter()
        .map(|finding| finding.found)
        .collect()
}

fn find(board: &Board) -> Vec<Found> {
    look(board, &profiles(), &gross())
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
        is_gross: false,
        ..gross()
    };
    let fat = look(&board(vec![(plain(), thin())]), &books, &params);
    assert!((fat[0].profit - (1.0 / (1.0 / 2.045 + 1.0 / 1.9975) - 1.0)).abs() < 1e-12);
    assert_eq!(fat[0].legs[0].commission_bp, 500);
    let thin = vec![board_quote(1, Home, "2.06"), board_quote(2, Away, "2.0")];
    let board = board(vec![(plain(), thin)]);
    assert!(look(&board, &books, &params).is_empty());
    let on_paper = look(&board, &books, &gross());
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
        is_gross: false,
        ..gross()
    };
    let found = look(&board(vec![(plain(), quotes)]), &books, &params);
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
        let mut found = look(&board(vec![(plain(), quotes)]), &profiles(), &params);
        let found = found.remove(0);
        (found.verdict, found.reasons.join("; "))
    };
    assert_eq!(verdict(-120, None).0, Verdict::Executable);
    let (stale, why) = verdict(-121, None);
    assert_eq!(stale, Verdict::Stale);
    assert!(why.contains("one on home: not seen for more than 2 min"), "{why}");
    assert!(
        verdict(0, Some(-121)).1.contains("the book's own time"),
        "it was seen just now"
    );
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
    let found = look(
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
fn one_books_own_error_is_suspect() {
    let palpable = vec![
        board_quote(1, Home, "2.5"),
        board_quote(1, Away, "2.5"),
        board_quote(2, Away, "1.9"),
    ];
    let found = find(&board(vec![(plain(), palpable)]));
    assert_eq!(found[0].verdict, Verdict::Suspect);
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
fn a_flagged_leg_is_suspect() {
    let mut quotes = thin();
    quotes[0].flags = QuoteFlags::LINE_JUMP;
    let found = find(&board(vec![(plain(), quotes)]));
    assert_eq!(found[0].verdict, Verdict::Suspect);
    assert!(found[0].reasons[0].contains("line jumped"), "{:?}", found[0].reasons);
}

#[test]
fn an_event_that_has_started_is_on_paper_or_left_out() {
    let mut board = board(vec![(plain(), thin())]);
    board.event.starts_at = at(0);
    let found = find(&board);
    assert_eq!((found[0].verdict, found[0].is_in_play), (Verdict::Paper, true));
    let params = ArbitrageParams {
        in_play: false,
        ..gross()
    };
    assert!(look(&board, &profiles(), &params).is_empty());
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
    assert_eq!(look(&thin, &profiles(), &params(0.009)).len(), 1);
    assert!(look(&thin, &profiles(), &params(0.011)).is_empty());
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

/// A three-way board of a few books, some prices missing.
fn any_quotes() -> impl proptest::strategy::Strategy<Value = Vec<Quote>> {
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

/// Everything a strategy finds with some parameters, and the traces of it.
fn run(kind: OpportunityKind, board: &Board, books: &BooksById, given: &str) -> (Findings, Vec<Trace>) {
    run_with(kind, board, books, &[], given)
}

fn run_with(
    kind: OpportunityKind,
    board: &Board,
    books: &BooksById,
    moves: &[Move],
    given: &str,
) -> (Findings, Vec<Trace>) {
    let strategy = find_strategy(kind);
    let params = Params::read(strategy.spec(), &serde_json::from_str(given).unwrap()).unwrap();
    let accounts = Accounts::default();
    let view = View {
        board,
        desk: Desk {
            books,
            accounts: &accounts,
        },
        moves,
        sampling_s: Some(60),
    };
    let findings = strategy.find(&view, &params);
    let traces = findings
        .found
        .iter()
        .map(|finding| {
            let trace = trace(strategy, None, finding, &board.event, board.as_of, params.texts());
            serde_json::from_str(&serde_json::to_string(&trace).unwrap()).unwrap()
        })
        .collect();
    (findings, traces)
}

fn assert_recomputes(traces: &[Trace]) {
    for trace in traces {
        let again = trace.recompute().unwrap();
        assert!(
            (again - trace.profit).abs() < 1e-9,
            "{again} against {}: {trace:?}",
            trace.profit
        );
    }
}

fn spread(points: &str) -> MarketKey {
    MarketKey {
        line: Some(line(points)),
        ..MarketKey::plain(Spread)
    }
}

fn total(points: &str) -> MarketKey {
    MarketKey {
        line: Some(line(points)),
        ..MarketKey::plain(Total)
    }
}

#[test]
fn every_strategy_says_what_it_is_and_takes_its_own_defaults() {
    for strategy in STRATEGIES {
        let alike = STRATEGIES
            .iter()
            .filter(|other| other.kind() == strategy.kind())
            .count();
        assert_eq!((alike, find_strategy(strategy.kind()).kind()), (1, strategy.kind()));
        assert!(strategy.about().ends_with('.') && !strategy.method().is_empty());
        let spec = strategy.spec();
        for (at, param) in spec.iter().enumerate() {
            assert!(
                spec[..at].iter().all(|other| other.name != param.name),
                "{} stands twice",
                param.name
            );
            assert!(!param.label.is_empty() && param.help.ends_with('.'), "{}", param.name);
            let given = serde_json::Map::from_iter([(param.name.to_owned(), param.kind.default_value())]);
            assert!(
                Params::read(spec, &given).is_ok(),
                "{} does not take its default",
                param.name
            );
        }
        // Nothing to see, nothing found; and a game that is over is never looked at.
        let mut over = board(vec![(plain(), thin())]);
        over.event.status = EventStatus::Final;
        for empty in [board(Vec::new()), over] {
            assert_eq!(run(strategy.kind(), &empty, &profiles(), "{}").0, Findings::default());
        }
    }
}

#[test]
fn a_parameter_out_of_its_range_or_unknown_is_refused_with_the_range() {
    let spec = find_strategy(OpportunityKind::Value).spec();
    let read = |given: &str| Params::read(spec, &serde_json::from_str(given).unwrap());
    let errors = read(r#"{"min_edge": 101, "in_play": "maybe", "speed": 3}"#).unwrap_err();
    let told: Vec<(&str, bool)> = errors
        .iter()
        .map(|error| (error.name.as_str(), error.message.contains("expected")))
        .collect();
    assert_eq!(told, [("in_play", true), ("min_edge", true), ("speed", false)]);
    assert!(errors[1].message.contains("from 0 to 100 %"), "{}", errors[1].message);
    // As a form sends them.
    let params = read(r#"{"min_edge": "2,5", "sports": "Football, tennis football"}"#).unwrap();
    assert!((params.percent("min_edge") - 0.025).abs() < 1e-12);
    assert_eq!(params.words("sports"), ["football", "tennis"]);
    assert!(
        read(r#"{"min_edge": 2.345}"#).is_err(),
        "more digits than the parameter has"
    );
}

#[test]
fn an_arbitrage_with_a_lay_price_is_found_where_asked_for_and_recomputes() {
    let mut books = profiles();
    let exchange = books.get_mut(&BookmakerId(2)).unwrap();
    (exchange.kind, exchange.commission_bp) = (BookKind::Exchange, 200);
    let mut lay = board_quote(2, Home, "2.05");
    lay.side = Side::Lay;
    let board = board(vec![(plain(), vec![board_quote(1, Home, "2.20"), lay])]);
    let (findings, traces) = run(OpportunityKind::Arbitrage, &board, &books, "{}");
    let found = &findings.found[0].found;
    // Backing 1 wins 1.20; laying s at 2.05 loses 1.05 s then, and wins 0.98 s otherwise: s = 2.20 / 2.03.
    let stake = 2.20 / 2.03;
    let profit = (0.98 * stake - 1.0) / (1.0 + 1.05 * stake);
    assert!(
        (found.profit - profit).abs() < 1e-9,
        "{} against {profit}",
        found.profit
    );
    assert_recomputes(&traces);
    let stakes = found.facts.stakes.as_ref().unwrap();
    assert!(
        stakes.guaranteed > 0 && stakes.staked <= 10_000 && stakes.exposed_without.iter().all(|exposed| *exposed > 0)
    );
    assert!(
        run(OpportunityKind::Arbitrage, &board, &books, r#"{"lay": false}"#)
            .0
            .found
            .is_empty()
    );
}

#[test]
fn lines_combine_only_where_every_scenario_is_covered() {
    let pair = |home: &str, home_price: &str, away: &str, away_price: &str| {
        let mut one = board(vec![
            (spread(home), vec![board_quote(1, Home, home_price)]),
            (spread(away), vec![board_quote(2, Away, away_price)]),
        ]);
        one.event.sport = Sport::AMERICAN_FOOTBALL;
        one
    };
    let found = |board: &Board| run(OpportunityKind::Arbitrage, board, &profiles(), "{}").0.found;
    // Home -2.5 with away +1.5 loses both when home wins by two.
    assert!(found(&pair("-2.5", "2.6", "-1.5", "2.6")).is_empty());
    // Home -2.5 with away +3.5 wins both when home wins by three.
    let sure = found(&pair("-2.5", "2.05", "-3.5", "2.05"));
    assert_eq!(sure.len(), 1);
    assert!((sure[0].found.profit - 0.025).abs() < 1e-9);
    assert!((sure[0].found.facts.middle.unwrap().gain - 1.05).abs() < 1e-6);
    assert!(
        found(&pair("-2.5", "1.95", "-3.5", "1.95")).is_empty(),
        "its worst scenario loses"
    );
    let (middles, traces) = run(
        OpportunityKind::Middle,
        &pair("-2.5", "1.95", "-3.5", "1.95"),
        &profiles(),
        "{}",
    );
    let middle = middles.found[0].found.facts.middle.unwrap();
    assert!(
        (middle.cost - 0.025).abs() < 1e-6 && (middle.gain - 0.95).abs() < 1e-6,
        "{middle:?}"
    );
    assert_recomputes(&traces);
    // 60 minutes with overtime.
    let mut mixed = pair("-2.5", "2.05", "-3.5", "2.05");
    mixed.markets[0].key.period = Period::Regulation;
    assert!(found(&mixed).is_empty());
}

/// A total of 220.5 at a sharp book (1.95 / 1.95) and retail books around it.
fn value_board() -> (Board, BooksById) {
    use Outcome::{Over, Under};
    let mut books = by_id(&crate::testing::books(&["sharp", "one", "two", "three", "four"]));
    books.get_mut(&BookmakerId(1)).unwrap().kind = BookKind::Sharp;
    let prices = [
        (1, "1.95", "1.95"),
        (2, "2.10", "1.75"),
        (3, "1.92", "1.90"),
        (4, "1.90", "1.92"),
        (5, "1.91", "1.91"),
    ];
    let over = prices.iter().map(|(book, over, _)| board_quote(*book, Over, over));
    let under = prices.iter().map(|(book, _, under)| board_quote(*book, Under, under));
    (board(vec![(total("220.5"), over.chain(under).collect())]), books)
}

#[test]
fn value_is_an_edge_over_the_sharp_line_and_recomputes_from_its_trace() {
    let (board, books) = value_board();
    let (findings, traces) = run(OpportunityKind::Value, &board, &books, "{}");
    let found = &findings.found[0].found;
    assert_eq!((found.legs[0].bookmaker.as_str(), findings.found.len()), ("one", 1));
    assert!((found.profit - 0.05).abs() < 1e-9, "half of 2.10");
    let fair = found.facts.fair.unwrap();
    assert_eq!((fair.link, fair.books), (domain::fair::FairLink::Sharp, 1));
    assert!((fair.full_kelly - 0.05 / 1.10).abs() < 1e-9);
    assert_recomputes(&traces);
}

#[test]
fn raising_a_price_changes_its_own_edge_and_never_the_line_it_is_judged_by() {
    let (mut board, books) = value_board();
    let of = |board: &Board, chain: &str| {
        let (findings, traces) = run(
            OpportunityKind::Value,
            board,
            &books,
            &format!(r#"{{"fair": "{chain}", "max_price": 100}}"#),
        );
        assert_recomputes(&traces);
        let found = findings
            .found
            .into_iter()
            .find(|finding| finding.found.legs[0].bookmaker == "one")
            .unwrap();
        (found.found.profit, found.fair[0].probabilities.clone())
    };
    for chain in ["chain", "consensus"] {
        let (edge, line) = of(&board, chain);
        board.markets[0].quotes[1].price = price("2.40");
        let (raised, same) = of(&board, chain);
        assert_eq!(line, same, "{chain}");
        assert!(raised > edge + 0.1);
        board.markets[0].quotes[1].price = price("2.10");
    }
}

#[test]
fn without_the_sharp_book_the_consensus_answers_and_the_value_stays() {
    let (mut board, books) = value_board();
    board.markets[0]
        .quotes
        .retain(|quote| quote.bookmaker_id != BookmakerId(1));
    let (findings, traces) = run(OpportunityKind::Value, &board, &books, "{}");
    let found = &findings.found[0].found;
    let fair = found.facts.fair.unwrap();
    assert_eq!(
        (fair.link, fair.books),
        (domain::fair::FairLink::Consensus, 3),
        "the book judged is left out"
    );
    assert!(found.profit > 0.04);
    assert_recomputes(&traces);
}

#[test]
fn bookmakers_with_one_price_source_count_once_and_never_judge_each_other() {
    let (mut board, mut books) = value_board();
    board.markets[0]
        .quotes
        .retain(|quote| quote.bookmaker_id != BookmakerId(1));
    for id in [3, 4, 5] {
        books.get_mut(&BookmakerId(id)).unwrap().clone_group = Some("kin".into());
    }
    let consensus = r#"{"min_books": 2}"#;
    assert!(
        run(OpportunityKind::Value, &board, &books, consensus)
            .0
            .found
            .is_empty(),
        "three clones are one voice"
    );
    books.get_mut(&BookmakerId(2)).unwrap().clone_group = Some("kin".into());
    assert!(
        run(OpportunityKind::Value, &board, &books, r#"{"min_books": 1}"#)
            .0
            .found
            .is_empty(),
        "only kin is left"
    );
}

#[test]
fn the_middle_of_an_exchange_answers_where_there_is_no_sharp_book() {
    let (mut board, mut books) = value_board();
    books.get_mut(&BookmakerId(1)).unwrap().kind = BookKind::Exchange;
    let lay = |outcome, decimal| Quote {
        side: Side::Lay,
        ..board_quote(1, outcome, decimal)
    };
    let quotes = &mut board.markets[0].quotes;
    quotes.extend([lay(Outcome::Over, "2.05"), lay(Outcome::Under, "2.05")]);
    quotes.sort_by_key(|quote| (quote.outcome.clone(), quote.side, quote.bookmaker_id));
    let (findings, traces) = run(OpportunityKind::Value, &board, &books, "{}");
    let found = &findings.found[0].found;
    assert_eq!(found.facts.fair.unwrap().link, domain::fair::FairLink::ExchangeMid);
    assert!((found.profit - 0.05).abs() < 1e-9);
    assert_recomputes(&traces);
}

#[test]
fn what_a_filter_keeps_out_is_told_with_the_filter() {
    let (mut board, books) = value_board();
    let filters = |board: &Board, given: &str| -> Vec<String> {
        let findings = run(OpportunityKind::Value, board, &books, given).0;
        assert!(findings.found.is_empty());
        findings.skipped.into_iter().map(|skipped| skipped.filter).collect()
    };
    assert_eq!(filters(&board, r#"{"min_edge": 6}"#), ["min_edge"]);
    assert_eq!(filters(&board, r#"{"max_price": 2}"#), ["max_price"]);
    assert_eq!(filters(&board, r#"{"sports": ["tennis"]}"#), ["sports"]);
    board.event.starts_at = at(-1);
    assert_eq!(filters(&board, "{}"), ["in_play"]);
}

#[test]
fn a_price_left_behind_by_a_steam_move_is_found_with_who_moved() {
    let (board, books) = value_board();
    let moved = |book, from: &str, to: &str, seconds| Move {
        market: total("220.5"),
        outcome: Outcome::Over,
        bookmaker_id: BookmakerId(book),
        from: price(from),
        to: price(to),
        source_at: None,
        received_at: at(seconds),
        change_id: QuoteChangeId(book),
        snapshot_id: SnapshotId(book),
    };
    let moves = [
        moved(1, "2.10", "1.95", -300),
        moved(3, "2.08", "1.92", -200),
        moved(4, "2.05", "1.90", -100),
    ];
    let (findings, traces) = run_with(OpportunityKind::Steam, &board, &books, &moves, "{}");
    let found = &findings.found[0].found;
    let steam = found.facts.steam.as_ref().unwrap();
    assert_eq!(found.legs[0].bookmaker, "one");
    assert_eq!(
        (steam.origin.as_deref(), steam.followers.as_slice()),
        (Some("sharp"), ["two".to_owned(), "three".to_owned()].as_slice())
    );
    assert_eq!(
        (steam.independent, steam.window_s, steam.sampling_s),
        (3, 600, Some(60))
    );
    assert_eq!(traces[0].moves.len(), 3);
    assert_recomputes(&traces);
    let none = |moves: &[Move], books: &BooksById| {
        run_with(OpportunityKind::Steam, &board, books, moves, "{}")
            .0
            .found
            .is_empty()
    };
    assert!(none(&moves[..2], &books), "two are too few");
    let mut kin = books.clone();
    for id in [3, 4] {
        kin.get_mut(&BookmakerId(id)).unwrap().clone_group = Some("kin".into());
    }
    assert!(none(&moves, &kin), "two of the three share a source");
    let early = [moved(1, "2.10", "1.95", -700), moves[1].clone(), moves[2].clone()];
    assert!(none(&early, &books), "one moved before the window");
}

#[test]
fn a_low_hold_is_a_small_cost_and_no_arbitrage() {
    let market = |away: &str| {
        board(vec![(
            plain(),
            vec![board_quote(1, Home, "2.00"), board_quote(2, Away, away)],
        )])
    };
    let (findings, traces) = run(OpportunityKind::LowHold, &market("1.99"), &profiles(), "{}");
    assert!((findings.found[0].found.profit - (1.0 / (0.5 + 1.0 / 1.99) - 1.0)).abs() < 1e-12);
    assert_recomputes(&traces);
    let of = |away: &str| run(OpportunityKind::LowHold, &market(away), &profiles(), "{}").0;
    assert!(of("2.01").found.is_empty(), "an arbitrage");
    assert_eq!(of("1.97").skipped[0].filter, "max_hold");
}

fn board_of(home: &str, away: &str) -> Board {
    board(vec![(
        plain(),
        vec![board_quote(1, Home, home), board_quote(2, Away, away)],
    )])
}

#[test]
fn a_free_bet_is_worth_what_its_hedge_leaves() {
    let board = board(vec![(
        plain(),
        vec![board_quote(1, Home, "5.00"), board_quote(2, Away, "1.25")],
    )]);
    let given = r#"{"at": ["one"], "amount": 100, "min_value": 50}"#;
    let (findings, traces) = run(OpportunityKind::Promotion, &board, &profiles(), given);
    let found = &findings.found[0].found;
    assert!((found.profit - 0.80).abs() < 1e-9);
    assert_eq!(found.facts.stakes.as_ref().unwrap().stakes, [10_000, 32_000]);
    assert_recomputes(&traces);
    let bonus = r#"{"promotion": "deposit_bonus", "turnover": 3, "at": ["one"], "amount": 100, "min_value": 1}"#;
    let even = board_of("2.00", "1.98");
    let (findings, traces) = run(OpportunityKind::Promotion, &even, &profiles(), bonus);
    // 100 at 2.00 against 101.01 at 1.98: 1.02 is lost each time, as fractions of a cent are cut.
    assert!((findings.found[0].found.profit - (1.0 - 3.0 * 0.0102)).abs() < 1e-9);
    assert_recomputes(&traces);
    let insured = r#"{"promotion": "insurance", "share": 70, "at": ["one"], "amount": 100, "min_value": 1}"#;
    let (findings, traces) = run(OpportunityKind::Promotion, &board, &profiles(), insured);
    assert!(!findings.found.is_empty());
    assert_recomputes(&traces);
}

/// Boards of several markets, books and lines, some prices missing.
fn any_board() -> impl proptest::strategy::Strategy<Value = Board> {
    let cell = (
        0..7_usize,
        1..7_i64,
        0..3_usize,
        1_100_000..5_000_000_i64,
        any::<bool>(),
    );
    prop::collection::vec(cell, 0..80).prop_map(|cells| {
        let keys = [
            plain(),
            MarketKey::plain(ThreeWay),
            spread("-1.5"),
            spread("-2.5"),
            spread("1"),
            total("2.5"),
            total("2.75"),
        ];
        let mut markets: Vec<(MarketKey, Vec<Quote>)> = keys.into_iter().map(|key| (key, Vec::new())).collect();
        for (at, book, outcome, micros, is_lay) in cells {
            let Some(outcomes) = markets[at].0.kind.outcomes() else {
                continue;
            };
            let Some(outcome) = outcomes.get(outcome) else { continue };
            let mut quote = board_quote(book, outcome.clone(), &Price::from_micros(micros).unwrap().to_string());
            quote.side = if is_lay && book == 6 { Side::Lay } else { Side::Back };
            markets[at].1.push(quote);
        }
        for (_, quotes) in &mut markets {
            quotes.sort_by_key(|quote| (quote.outcome.clone(), quote.side, quote.bookmaker_id, quote.price));
            quotes.dedup_by_key(|quote| (quote.outcome.clone(), quote.side, quote.bookmaker_id));
        }
        markets.retain(|(_, quotes)| !quotes.is_empty());
        let mut board = board(markets);
        board.event.sport = Sport::FOOTBALL;
        board
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_number_of_every_strategy_recomputes_from_its_trace(board in any_board(), commission in 0..3_u16) {
        let mut books = by_id(&crate::testing::books(&["a", "b", "c", "d", "e", "f"]));
        books.get_mut(&BookmakerId(1)).unwrap().kind = BookKind::Sharp;
        let exchange = books.get_mut(&BookmakerId(6)).unwrap();
        (exchange.kind, exchange.commission_bp) = (BookKind::Exchange, commission * 250);
        for strategy in STRATEGIES {
            let loose = match strategy.kind() {
                OpportunityKind::Value => r#"{"min_edge": 0, "max_price": 1000}"#,
                OpportunityKind::Middle => r#"{"max_cost": 20, "max_break_even": 50}"#,
                OpportunityKind::LowHold => r#"{"max_hold": 10}"#,
                OpportunityKind::Promotion => r#"{"min_value": 0}"#,
                _ => "{}",
            };
            let (findings, traces) = run(strategy.kind(), &board, &books, loose);
            let mut identities: Vec<String> = findings.found.iter().map(|finding| finding.found.identity()).collect();
            let count = identities.len();
            identities.sort();
            identities.dedup();
            prop_assert_eq!(identities.len(), count, "{:?} found one twice", strategy.kind());
            for trace in traces {
                let again = trace.recompute().unwrap();
                prop_assert!((again - trace.profit).abs() < 1e-9, "{:?} {} {}", strategy.kind(), again, trace.profit);
            }
        }
    }
}

#[test]
fn a_real_arbitrage_is_not_hidden_behind_somebodys_mistake() {
    let mistake = [board_quote(3, Home, "2.60"), board_quote(3, Away, "1.80")];
    let mut quotes = [thin(), mistake.to_vec()].concat();
    quotes.sort_by_key(|quote| (quote.outcome.clone(), quote.side, quote.bookmaker_id));
    let board = board(vec![(plain(), quotes)]);
    let (findings, _) = run(OpportunityKind::Arbitrage, &board, &profiles(), r#"{"lay": false}"#);
    let found = &findings.found[0].found;
    assert_eq!(
        (found.verdict, found.legs[0].bookmaker.as_str()),
        (Verdict::Executable, "one")
    );
    let best_of_all = find(&board);
    assert_eq!(
        (best_of_all[0].verdict, best_of_all[0].legs[0].bookmaker.as_str()),
        (Verdict::Suspect, "three")
    );
}

#[test]
fn what_grows_old_is_stale_and_stays_the_same_opportunity() {
    let (mut board, books) = value_board();
    let old = |quote: &mut Quote| quote.last_seen_at = at(-301);
    let identity = |board: &Board| {
        let (findings, _) = run(OpportunityKind::Value, board, &books, "{}");
        let found = findings.found.into_iter().next().unwrap().found;
        (found.identity(), found.verdict)
    };
    let (fresh, verdict) = identity(&board);
    assert_eq!(verdict, Verdict::Executable);
    board.markets[0].quotes.iter_mut().for_each(old);
    assert_eq!(identity(&board), (fresh, Verdict::Stale));
}

#[test]
fn a_pair_stays_the_same_opportunity_whichever_leg_is_cheaper() {
    let identity = |home: &str, away: &str| {
        let mut board = board(vec![
            (spread("-2.5"), vec![board_quote(1, Home, home)]),
            (spread("-3.5"), vec![board_quote(2, Away, away)]),
        ]);
        board.event.sport = Sport::AMERICAN_FOOTBALL;
        let (findings, _) = run(OpportunityKind::Middle, &board, &profiles(), "{}");
        findings.found[0].found.identity()
    };
    assert_eq!(identity("1.95", "1.96"), identity("1.97", "1.96"));
}

#[test]
fn the_middle_of_an_exchange_with_a_gap_says_nothing() {
    let (mut board, mut books) = value_board();
    books.get_mut(&BookmakerId(1)).unwrap().kind = BookKind::Exchange;
    let lay = |outcome, decimal| Quote {
        side: Side::Lay,
        ..board_quote(1, outcome, decimal)
    };
    let quotes = &mut board.markets[0].quotes;
    quotes.extend([lay(Outcome::Over, "2.00"), lay(Outcome::Under, "50")]);
    quotes.sort_by_key(|quote| (quote.outcome.clone(), quote.side, quote.bookmaker_id));
    let (findings, _) = run(OpportunityKind::Value, &board, &books, "{}");
    assert_eq!(
        findings.found[0].found.facts.fair.unwrap().link,
        domain::fair::FairLink::Consensus
    );
}

#[test]
fn a_bookmaker_is_not_judged_by_kin_even_where_it_lacks_an_outcome() {
    let (mut board, mut books) = value_board();
    for id in [1, 2] {
        books.get_mut(&BookmakerId(id)).unwrap().clone_group = Some("kin".into());
    }
    board.markets[0]
        .quotes
        .retain(|quote| quote.bookmaker_id != BookmakerId(2) || quote.outcome == Outcome::Over);
    let (findings, _) = run(OpportunityKind::Value, &board, &books, "{}");
    let found = &findings.found[0];
    assert_eq!(found.found.legs[0].bookmaker, "one");
    assert!(
        found.fair[0]
            .sources
            .iter()
            .all(|source| source.bookmaker_id != BookmakerId(1)),
        "its kin"
    );
}

#[test]
fn turnover_is_charged_on_what_is_lost_too() {
    use domain::scenarios::Commission;
    let net = net_price_at(Commission::Turnover(200));
    // Half of 2.10 for 1.02 at risk.
    assert!((0.5 * net - 1.0 - (0.5 * 2.10 - 1.02) / 1.02).abs() < 1e-12);
}

fn net_price_at(commission: domain::scenarios::Commission) -> f64 {
    domain::opportunity::net_price(price("2.10"), commission)
}

#[test]
fn an_edge_too_good_to_be_true_is_suspect_and_moves_of_one_moment_have_no_origin() {
    let (mut board, books) = value_board();
    board.markets[0].quotes[1].price = price("2.60");
    let (findings, _) = run(OpportunityKind::Value, &board, &books, r#"{"max_edge": 10}"#);
    assert_eq!(findings.found[0].found.verdict, Verdict::Suspect);
    let moved = |book| Move {
        market: total("220.5"),
        outcome: Outcome::Over,
        bookmaker_id: BookmakerId(book),
        from: price("2.10"),
        to: price("1.95"),
        source_at: None,
        received_at: at(-60),
        change_id: QuoteChangeId(book),
        snapshot_id: SnapshotId(1),
    };
    let moves = [moved(1), moved(3), moved(4)];
    let (findings, _) = run_with(OpportunityKind::Steam, &board, &books, &moves, "{}");
    let steam = findings.found[0].found.facts.steam.clone().unwrap();
    assert_eq!((steam.origin, steam.followers.len()), (None, 3));
}
