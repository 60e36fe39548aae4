//! The close of a bet's leg, from the board as it stood just before the start.
//!
//! Whoever calls gives the board as of the last instant before the actual start ([`start_of`], [`last_before`]); nothing received
//! later is on it, so no in-play price can become a close.

use crate::BooksById;
use crate::fair::{FairRules, MarketFair};
use chrono::{DateTime, TimeDelta, Utc};
use domain::bet::{BetLeg, Wager};
use domain::close::{Close, CloseGrade, CloseQuote, edge, price_clv};
use domain::devig::DevigMethod;
use domain::event::Event;
use domain::fair::{FairLine, FairLink};
use domain::{Board, BoardMarket, BookmakerId, EventStatus, Line, Price, Quote, Side};

/// Prices last seen so long before the start make a verified close.
const VERIFIED: TimeDelta = TimeDelta::minutes(10);
/// Prices that are at most so old are asked first, in seconds.
const FRESH_S: u32 = 900;
/// The bookmaker of a bet at none.
const NOBODY: BookmakerId = BookmakerId(-1);

/// When an event actually started, as far as is known: its scheduled start, or when it was first heard to be live before that. What
/// was heard while another start was scheduled does not count: a start that moved opens the close again.
pub fn start_of(
    event: &Event,
    states: impl IntoIterator<Item = (DateTime<Utc>, EventStatus, DateTime<Utc>)>,
) -> DateTime<Utc> {
    let early = states
        .into_iter()
        .filter(|(scheduled, status, _)| *scheduled == event.starts_at && *status == EventStatus::Live)
        .map(|(_, _, received_at)| received_at)
        .min();
    early.map_or(event.starts_at, |early| early.min(event.starts_at))
}

/// The last instant before a start.
pub fn last_before(start: DateTime<Utc>) -> DateTime<Utc> {
    start - TimeDelta::milliseconds(1)
}

/// What is asked for a close: all links, the margin taken off in proportion, one bookmaker is enough.
fn rules(max_age_s: Option<u32>) -> FairRules {
    FairRules {
        method: DevigMethod::Multiplicative,
        chain: FairLink::ALL.to_vec(),
        max_age_s,
        min_books: 1,
    }
}

/// The close of a leg that was bet at a bookmaker, from the board just before the start.
pub fn close_of(
    leg: &BetLeg,
    bookmaker: Option<BookmakerId>,
    placed_at: DateTime<Utc>,
    start_at: DateTime<Utc>,
    board: Option<&Board>,
    books: &BooksById,
) -> Close {
    if placed_at >= start_at {
        return Close::missing(start_at, "the bet was placed in play");
    }
    let Some(board) = board else {
        return Close::missing(start_at, "nothing was recorded of the game before it started");
    };
    let own = bookmaker.unwrap_or(NOBODY);
    let closing_line = closing_line(leg, own, board, books);
    let market = board.markets.iter().find(|market| market.key == leg.market);
    let Some(market) = market else {
        return match closing_line {
            Some(line) => moved_away(start_at, line, board, leg),
            None => Close::missing(start_at, "no bookmaker had this market before the start"),
        };
    };
    let close = fair_close(leg, own, start_at, market, board.as_of, books)
        .or_else(|| bare_close(leg, own, start_at, market, books))
        .unwrap_or_else(|| {
            Close::missing(
                start_at,
                "no bookmaker had a usable price on this line before the start",
            )
        });
    Close {
        closing_line: closing_line.filter(|line| Some(*line) != leg.market.line),
        ..close
    }
}

/// The line went elsewhere: only points can be told.
fn moved_away(start_at: DateTime<Utc>, line: Line, board: &Board, leg: &BetLeg) -> Close {
    let quotes: Vec<CloseQuote> = board
        .markets
        .iter()
        .filter(|market| market.key.kind == leg.market.kind && market.key.line == Some(line))
        .filter(|market| market.key.period == leg.market.period && market.key.participant == leg.market.participant)
        .flat_map(|market| &market.quotes)
        .map(|quote| told(quote, ""))
        .collect();
    Close {
        closing_line: Some(line),
        seen_at: quotes.iter().map(|quote| quote.last_seen_at).min(),
        quotes,
        ..Close::missing(
            start_at,
            format!("the line had moved to {line}: a price on another line is no closing price"),
        )
    }
}

/// The line whose outcomes are nearest to even: where the market closed. Of equals the one nearest to the bet's.
fn closing_line(leg: &BetLeg, own: BookmakerId, board: &Board, books: &BooksById) -> Option<Line> {
    let taken = leg.market.line?;
    let (fresh, old) = (rules(Some(FRESH_S)), rules(None));
    let alike = board.markets.iter().filter(|market| {
        let (key, bet) = (&market.key, &leg.market);
        key.kind == bet.kind && key.period == bet.period && key.participant == bet.participant
    });
    let distance = |market: &BoardMarket| {
        let fair = MarketFair::of_any_age(market, books, &fresh, &old, board.as_of)?;
        let (_, line) = fair.line_for(own).or_else(|| fair.line_for(NOBODY))?;
        line.first().map(|first| (first - 0.5).abs())
    };
    let lines = alike.filter_map(|market| {
        let line = market.key.line?;
        Some((distance(market)?, (line.hundredths() - taken.hundredths()).abs(), line))
    });
    lines
        .min_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)))
        .map(|(_, _, line)| line)
}

/// The close by a fair line.
fn fair_close(
    leg: &BetLeg,
    own: BookmakerId,
    start_at: DateTime<Utc>,
    market: &BoardMarket,
    as_of: DateTime<Utc>,
    books: &BooksById,
) -> Option<Close> {
    let (fresh, old) = (rules(Some(FRESH_S)), rules(None));
    let fair = MarketFair::of_any_age(market, books, &fresh, &old, as_of)?;
    let (line, is_own) = match fair.explain(own) {
        Some(line) => (line, false),
        None => (fair.explain(NOBODY)?, true),
    };
    let at = line.outcomes.iter().position(|outcome| *outcome == leg.outcome)?;
    let probability = line.probabilities.get(at)?;
    let quotes = quotes_of(&line);
    let seen_at = quotes.iter().map(|quote| quote.last_seen_at).min()?;
    let (grade, reason) = graded(seen_at, start_at, is_own);
    Some(Close {
        grade,
        reason,
        start_at,
        price: closing_price(&line, at),
        fair_ppb: ppb(*probability),
        link: Some(line.link),
        closing_line: None,
        books: u32::try_from(line.sources.len()).unwrap_or(u32::MAX),
        seen_at: Some(seen_at),
        quotes,
    })
}

/// The close of an outcome whose market has no other side to take a margin off: a price, but no probability.
fn bare_close(
    leg: &BetLeg,
    own: BookmakerId,
    start_at: DateTime<Utc>,
    market: &BoardMarket,
    books: &BooksById,
) -> Option<Close> {
    let of = |is_wanted: &dyn Fn(&Quote) -> bool| -> Vec<&Quote> {
        let same = |quote: &&Quote| quote.outcome == leg.outcome && quote.side == Side::Back && is_wanted(quote);
        market.quotes.iter().filter(same).collect()
    };
    let others = of(&|quote| quote.bookmaker_id != own);
    let is_own = others.is_empty();
    let quotes = if is_own { of(&|_| true) } else { others };
    let seen_at = quotes.iter().map(|quote| quote.last_seen_at).min()?;
    let implied: f64 = quotes.iter().map(|quote| quote.price.implied()).sum::<f64>() / quotes.len() as f64;
    let (_, reason) = graded(seen_at, start_at, is_own);
    let no_side = "no bookmaker had every outcome of the market, so nothing says what it was worth";
    Some(Close {
        grade: CloseGrade::Provisional,
        reason: if reason.is_empty() {
            no_side.to_owned()
        } else {
            format!("{reason}; {no_side}")
        },
        start_at,
        price: price_of(implied),
        fair_ppb: None,
        link: None,
        closing_line: None,
        books: u32::try_from(quotes.len()).unwrap_or(u32::MAX),
        seen_at: Some(seen_at),
        quotes: quotes
            .into_iter()
            .map(|quote| told(quote, books.get(&quote.bookmaker_id).map_or("", |book| &book.key)))
            .collect(),
    })
}

fn graded(seen_at: DateTime<Utc>, start_at: DateTime<Utc>, is_own: bool) -> (CloseGrade, String) {
    let before = start_at - seen_at;
    if is_own {
        (
            CloseGrade::Provisional,
            "only the bookmaker bet at had prices".to_owned(),
        )
    } else if before > VERIFIED {
        let span = domain::span(before.num_seconds());
        (
            CloseGrade::Provisional,
            format!("the prices were last seen {span} before the start"),
        )
    } else {
        (CloseGrade::Verified, String::new())
    }
}

/// The back price that the sources' implied probabilities come to: of one source its own price.
fn closing_price(line: &FairLine, at: usize) -> Option<Price> {
    let parts = line
        .sources
        .iter()
        .filter_map(|source| Some((source.weight, source.quotes.get(at)?.price)));
    let parts: Vec<(f64, Price)> = parts.collect();
    if let [(_, price)] = parts.as_slice() {
        return Some(*price);
    }
    let weights: f64 = parts.iter().map(|(weight, _)| weight).sum();
    let implied: f64 = parts.iter().map(|(weight, price)| weight * price.implied()).sum();
    price_of(implied / weights)
}

#[expect(clippy::cast_possible_truncation, reason = "checked by the price's own bounds")]
fn price_of(implied: f64) -> Option<Price> {
    Price::from_micros((Price::SCALE as f64 / implied).round() as i64).ok()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a probability in billionths"
)]
fn ppb(probability: f64) -> Option<u32> {
    (0.0..=1.0)
        .contains(&probability)
        .then(|| (probability * 1e9).round() as u32)
}

fn quotes_of(line: &FairLine) -> Vec<CloseQuote> {
    let quotes = line.sources.iter().flat_map(|source| {
        source
            .quotes
            .iter()
            .zip(&line.outcomes)
            .map(|(quote, outcome)| CloseQuote {
                bookmaker: source.bookmaker.clone(),
                outcome: outcome.clone(),
                side: Side::Back,
                price: quote.price,
                last_seen_at: quote.last_seen_at,
                change_id: quote.change_id,
                snapshot_id: quote.snapshot_id,
            })
    });
    quotes.collect()
}

fn told(quote: &Quote, bookmaker: &str) -> CloseQuote {
    CloseQuote {
        bookmaker: bookmaker.to_owned(),
        outcome: quote.outcome.clone(),
        side: quote.side,
        price: quote.price,
        last_seen_at: quote.last_seen_at,
        change_id: quote.change_id,
        snapshot_id: quote.snapshot_id,
    }
}

/// What a whole bet's price was worth against the closes of its legs, in millionths: how much better it was than the close, and its
/// edge by the fair probabilities. Of several legs the products; nothing where a leg has no close on its own line, or where the bet
/// has no price.
pub fn clv_of(wager: &Wager, closes: &[Option<Close>]) -> (Option<i64>, Option<i64>) {
    let Some(price) = wager.price() else {
        return (None, None);
    };
    let side = wager.legs.first().map_or(Side::Back, |leg| leg.side);
    let legs = || wager.legs.iter().zip(closes);
    let prices: Option<Vec<Price>> = legs().map(|(_, close)| close.as_ref()?.price).collect();
    let fairs: Option<Vec<u32>> = legs().map(|(_, close)| close.as_ref()?.fair_ppb).collect();
    // A teaser's price is for lines that nobody prices one by one.
    let is_priced = !matches!(wager.structure, domain::bet::Structure::Teaser { .. });
    let closing = prices.filter(|_| is_priced).and_then(|prices| match prices.as_slice() {
        [only] => Some(*only),
        several => price_of(several.iter().map(|price| price.implied()).product()),
    });
    let fair: Option<f64> = fairs.map(|fairs| fairs.into_iter().map(|ppb| f64::from(ppb) / 1e9).product());
    (
        closing.map(|closing| millionths(price_clv(side, price, closing))),
        fair.map(|fair| millionths(edge(side, price, fair))),
    )
}

/// A share in whole millionths.
#[expect(
    clippy::cast_possible_truncation,
    reason = "prices are bounded, so shares of them are"
)]
pub fn millionths(share: f64) -> i64 {
    (share * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, board, board_quote, price};
    use domain::bet::{PayTerms, Structure};
    use domain::{BookKind, BookProfile};
    use domain::{MarketKey, MarketKind, Outcome, Sport};
    use std::collections::BTreeMap;

    fn leg(kind: MarketKind, line: Option<&str>, outcome: Outcome, taken: &str) -> BetLeg {
        BetLeg {
            event_id: None,
            event: "Away @ Home".into(),
            sport: Sport::BASKETBALL,
            competition: String::new(),
            home: Some("Home".into()),
            away: Some("Away".into()),
            starts_at: None,
            market: MarketKey {
                line: line.map(|line| line.parse().unwrap()),
                ..MarketKey::plain(kind)
            },
            outcome,
            side: Side::Back,
            price: price(taken),
            price_text: taken.into(),
            quote: None,
        }
    }

    fn books() -> BooksById {
        let book = |id, key: &str, kind| BookProfile {
            id: BookmakerId(id),
            key: key.into(),
            name: key.into(),
            kind,
            commission_bp: 0,
            clone_group: None,
            is_demo: false,
        };
        let books = [
            book(1, "sharp", BookKind::Sharp),
            book(2, "retail", BookKind::Retail),
            book(3, "mine", BookKind::Retail),
        ];
        books.into_iter().map(|book| (book.id, book)).collect()
    }

    /// Bookmaker, line, outcome, price and the second it was last seen, of a kind of market.
    type Seen = (i64, Option<&'static str>, Outcome, &'static str, i64);

    fn board_of(kind: MarketKind, quotes: &[Seen], as_of: DateTime<Utc>) -> Board {
        let mut markets: BTreeMap<MarketKey, Vec<Quote>> = BTreeMap::new();
        for (book, line, outcome, decimal, seen) in quotes {
            let key = MarketKey {
                line: line.map(|line| line.parse().unwrap()),
                ..MarketKey::plain(kind.clone())
            };
            let mut quote = board_quote(*book, outcome.clone(), decimal);
            quote.last_seen_at = at(*seen);
            markets.entry(key).or_default().push(quote);
        }
        for quotes in markets.values_mut() {
            quotes.sort_by(|one, other| one.outcome.cmp(&other.outcome));
        }
        Board {
            as_of,
            ..board(markets.into_iter().collect())
        }
    }

    fn single(leg: &BetLeg) -> Wager {
        Wager {
            structure: Structure::Single,
            stake: 10_00,
            is_free: false,
            legs: vec![leg.clone()],
            terms: PayTerms::default(),
        }
    }

    #[test]
    fn the_worked_values_hold() {
        let start = at(3_600);
        let quotes = [
            (1, None, Outcome::Home, "1.80", 3_500),
            (1, None, Outcome::Away, "2.10", 3_500),
        ];
        let board = board_of(MarketKind::Moneyline, &quotes, last_before(start));
        let leg = leg(MarketKind::Moneyline, None, Outcome::Home, "1.95");
        let close = close_of(&leg, Some(BookmakerId(3)), at(0), start, Some(&board), &books());
        assert_eq!(
            (close.grade, close.price, close.link),
            (CloseGrade::Verified, Some(price("1.80")), Some(FairLink::Sharp))
        );
        assert_eq!(
            clv_of(&single(&leg), &[Some(close.clone())]),
            (Some(83_333), Some(50_000))
        );
        assert_eq!(close.quotes.len(), 2);
    }

    #[test]
    fn the_bookmaker_bet_at_says_nothing_of_its_own_close() {
        let start = at(3_600);
        let mut quotes = vec![
            (2, None, Outcome::Home, "1.80", 3_500),
            (2, None, Outcome::Away, "2.10", 3_500),
        ];
        quotes.extend([
            (3, None, Outcome::Home, "3.00", 3_500),
            (3, None, Outcome::Away, "1.40", 3_500),
        ]);
        let board = board_of(MarketKind::Moneyline, &quotes, last_before(start));
        let leg = leg(MarketKind::Moneyline, None, Outcome::Home, "1.95");
        let close = close_of(&leg, Some(BookmakerId(3)), at(0), start, Some(&board), &books());
        assert_eq!((close.price, close.grade), (Some(price("1.80")), CloseGrade::Verified));
        let alone = board_of(MarketKind::Moneyline, &quotes[2..], last_before(start));
        let close = close_of(&leg, Some(BookmakerId(3)), at(0), start, Some(&alone), &books());
        assert_eq!(
            (close.grade, close.reason.as_str()),
            (CloseGrade::Provisional, "only the bookmaker bet at had prices")
        );
    }

    #[test]
    fn old_prices_make_a_provisional_close_and_a_bet_in_play_has_none() {
        let start = at(36_000);
        let quotes = [
            (1, None, Outcome::Home, "1.80", 3_500),
            (1, None, Outcome::Away, "2.10", 3_500),
        ];
        let board = board_of(MarketKind::Moneyline, &quotes, last_before(start));
        let leg = leg(MarketKind::Moneyline, None, Outcome::Home, "1.95");
        let close = close_of(&leg, None, at(0), start, Some(&board), &books());
        assert_eq!(close.grade, CloseGrade::Provisional);
        assert!(
            close.reason.starts_with("the prices were last seen"),
            "{}",
            close.reason
        );
        let live = close_of(&leg, None, start, start, Some(&board), &books());
        assert_eq!((live.grade, live.price), (CloseGrade::Missing, None));
        assert_eq!(
            close_of(&leg, None, at(0), start, None, &books()).grade,
            CloseGrade::Missing
        );
    }

    #[test]
    fn a_line_that_moved_away_leaves_points_and_no_price() {
        let start = at(3_600);
        let quotes = [
            (1, Some("-7.5"), Outcome::Home, "1.91", 3_500),
            (1, Some("-7.5"), Outcome::Away, "1.91", 3_500),
            (1, Some("-9.5"), Outcome::Home, "2.30", 3_500),
            (1, Some("-9.5"), Outcome::Away, "1.60", 3_500),
        ];
        let board = board_of(MarketKind::Spread, &quotes, last_before(start));
        let taken = leg(MarketKind::Spread, Some("-5.5"), Outcome::Home, "1.91");
        let close = close_of(&taken, None, at(0), start, Some(&board), &books());
        assert_eq!(
            (close.grade, close.price, close.closing_line),
            (CloseGrade::Missing, None, "-7.5".parse().ok())
        );
        assert_eq!(clv_of(&single(&taken), &[Some(close)]), (None, None));
        let still_there = leg(MarketKind::Spread, Some("-9.5"), Outcome::Home, "2.50");
        let close = close_of(&still_there, None, at(0), start, Some(&board), &books());
        assert_eq!(
            (close.price, close.closing_line),
            (Some(price("2.30")), "-7.5".parse().ok())
        );
    }

    #[test]
    fn a_start_is_when_it_was_scheduled_or_heard_to_be_live_before() {
        let event = crate::testing::event(1, "Home", "Away", at(3_600));
        let live = EventStatus::Live;
        assert_eq!(start_of(&event, []), at(3_600));
        assert_eq!(start_of(&event, [(at(3_600), live, at(3_650))]), at(3_600));
        assert_eq!(start_of(&event, [(at(3_600), live, at(3_000))]), at(3_000));
        // It was live by the clock for an hour, and then its start was moved.
        assert_eq!(start_of(&event, [(at(0), live, at(5))]), at(3_600));
    }

    #[test]
    fn a_market_without_another_side_has_a_price_and_no_probability() {
        let start = at(3_600);
        let board = board_of(
            MarketKind::Prop("first_goal".into()),
            &[(1, None, Outcome::Yes, "4.00", 3_500)],
            last_before(start),
        );
        let mut leg = leg(MarketKind::Prop("first_goal".into()), None, Outcome::Yes, "5.00");
        leg.market = board.markets[0].key.clone();
        let close = close_of(&leg, None, at(0), start, Some(&board), &books());
        assert_eq!(
            (close.grade, close.price, close.fair_ppb),
            (CloseGrade::Provisional, Some(price("4.00")), None)
        );
        assert_eq!(clv_of(&single(&leg), &[Some(close)]), (Some(250_000), None));
    }
}
