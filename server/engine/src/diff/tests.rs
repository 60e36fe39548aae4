use super::*;
use crate::resolve::{KnownIdentities, resolve};
use crate::testing::{at, books, price, quote, read_event, scope};
use crate::validate::{ValidationContext, ValidationSettings, validate};
use domain::MarketKind::{Moneyline, Total};
use proptest::prelude::*;
use std::collections::BTreeMap;

const BOOKS: [&str; 3] = ["a", "b", "c"];
const EVENT: EventId = EventId(1);

/// What is stored, advanced as the store would: the fold of every diff.
#[derive(Default)]
struct Fold {
    current: CurrentQuotes,
}

impl Fold {
    fn diff(&self, reading: &Reading<'_>, received_at: i64) -> Diff {
        let known = KnownIdentities {
            feed_event_ids: HashMap::from([("feed-1".to_owned(), EVENT)]),
            ..KnownIdentities::default()
        };
        let (resolution, books, settings) = (resolve(reading, &known), books(&BOOKS), ValidationSettings::default());
        let context = ValidationContext {
            received_at: at(received_at),
            settings: &settings,
            books: &books,
            current: &self.current,
        };
        let validated = validate(reading, &resolution, &context);
        diff(reading, &resolution, &validated, &self.current, &books, at(received_at))
    }

    fn apply(&mut self, reading: &Reading<'_>, received_at: i64) -> Diff {
        let diff = self.diff(reading, received_at);
        let event = self.current.entry(EVENT).or_default();
        let first_new = i64::try_from(event.selections.len()).unwrap();
        let ids = (first_new..).map(SelectionId);
        event
            .selections
            .extend(ids.zip(&diff.new_selections).map(|(id, new)| KnownSelection {
                id,
                market: new.market.clone(),
                outcome: new.outcome.clone(),
            }));
        for change in &diff.changes {
            let selection = match change.selection {
                Selection::Known(id) => id,
                Selection::New(position) => SelectionId(first_new + i64::from(position)),
            };
            let key = (selection, change.bookmaker, change.side);
            let lines = event
                .quotes
                .iter()
                .find(|row| (row.selection, row.bookmaker, row.side) == key)
                .map(|row| row.lines);
            event
                .quotes
                .retain(|row| (row.selection, row.bookmaker, row.side) != key);
            event.quotes.push(CurrentQuote {
                selection,
                bookmaker: change.bookmaker,
                side: change.side,
                price: change.price,
                source_at: change.quote.and_then(|at| reading.quotes[at as usize].source_at),
                received_at: at(received_at),
                last_seen_at: at(received_at),
                lines: change.relined.or(lines).unwrap_or_default(),
            });
        }
        for seen in &diff.seen {
            let key = (seen.selection, seen.bookmaker, seen.side);
            let is_it = |row: &&mut CurrentQuote| (row.selection, row.bookmaker, row.side) == key;
            let row = event.quotes.iter_mut().find(is_it).unwrap();
            row.last_seen_at = at(received_at);
            row.lines = seen.relined.unwrap_or(row.lines);
        }
        if diff.issues.is_empty() {
            event.last_received_at = Some(at(received_at));
        }
        diff
    }

    fn live(&self) -> BTreeMap<(MarketKey, Outcome, BookmakerId), Price> {
        let event = &self.current[&EVENT];
        let row = |row: &CurrentQuote| {
            let known = event.selections.iter().find(|known| known.id == row.selection).unwrap();
            Some(((known.market.clone(), known.outcome.clone(), row.bookmaker), row.price?))
        };
        event.quotes.iter().filter_map(row).collect()
    }
}

fn game() -> Reading<'static> {
    Reading {
        events: vec![read_event("feed-1", "Hawks", "Bulls", at(9_999))],
        scope: scope(&[Moneyline, Total]),
        ..Reading::default()
    }
}

fn moneyline(prices: &[(&str, &str, &str)]) -> Reading<'static> {
    let mut reading = game();
    for (book, home, away) in prices {
        quote(&mut reading, 0, book, (Moneyline, None), Outcome::Home, home);
        quote(&mut reading, 0, book, (Moneyline, None), Outcome::Away, away);
    }
    reading
}

fn kinds(diff: &Diff) -> Vec<ChangeKind> {
    diff.changes.iter().map(|change| change.kind).collect()
}

#[test]
fn what_was_never_seen_is_new_and_brings_its_selections() {
    let diff = Fold::default().diff(&moneyline(&[("a", "1.9", "1.9"), ("b", "1.8", "2")]), 0);
    assert_eq!(kinds(&diff), [ChangeKind::New; 4]);
    assert_eq!(diff.new_selections.len(), 2, "two books share two selections");
    assert_eq!(diff.changes[2].selection, Selection::New(0));
}

#[test]
fn an_unchanged_price_only_refreshes_when_it_was_last_seen() {
    let mut fold = Fold::default();
    let mut reading = moneyline(&[("a", "1.9", "1.9")]);
    reading.quotes[0].source_at = Some(at(-5));
    fold.apply(&reading, 0);
    // The same price in another format, with a fresher source time; the other without one.
    reading.quotes[0].price_text = "-111".into();
    reading.quotes[0].source_at = Some(at(55));
    let diff = fold.apply(&reading, 60);
    assert_eq!((diff.changes.len(), diff.seen.len()), (0, 2));
    assert_eq!(diff.seen[0].source_at, Some(at(55)));
    reading.quotes[0].source_at = None;
    assert_eq!(
        fold.diff(&reading, 120).seen[0].source_at,
        Some(at(-5)),
        "what the book said before stands"
    );
}

#[test]
fn a_price_that_moved_knows_the_one_before() {
    let mut fold = Fold::default();
    fold.apply(&moneyline(&[("a", "1.9", "1.9")]), 0);
    let diff = fold.apply(&moneyline(&[("a", "1.95", "1.9")]), 60);
    assert_eq!(kinds(&diff), [ChangeKind::Moved]);
    assert_eq!(
        (diff.changes[0].previous, diff.changes[0].price),
        (Some(price("1.9")), Some(price("1.95")))
    );
}

#[test]
fn a_withdrawn_quote_is_a_change_once_and_its_return_is_another() {
    let mut fold = Fold::default();
    let (both, one) = (
        moneyline(&[("a", "1.9", "1.9"), ("b", "1.8", "2")]),
        moneyline(&[("a", "1.9", "1.9")]),
    );
    fold.apply(&both, 0);
    let gone = fold.apply(&one, 60);
    assert_eq!(kinds(&gone), [ChangeKind::Withdrawn; 2]);
    assert_eq!(
        (gone.changes[0].price, gone.changes[0].previous),
        (None, Some(price("1.8")))
    );
    assert!(fold.apply(&one, 120).changes.is_empty());
    let back = fold.apply(&both, 180);
    assert_eq!(kinds(&back), [ChangeKind::Returned; 2]);
    assert_eq!(back.changes[0].previous, None);
}

#[test]
fn absence_means_nothing_outside_the_scope_of_the_answer() {
    let mut fold = Fold::default();
    fold.apply(&moneyline(&[("a", "1.9", "1.9"), ("b", "1.8", "2")]), 0);
    let mut only_totals = game();
    only_totals.scope = scope(&[Total]);
    assert!(fold.diff(&only_totals, 60).changes.is_empty(), "another market");
    let mut first_half = game();
    first_half.scope.markets = vec![(Moneyline, Period::FirstHalf, Lines::All)];
    assert!(fold.diff(&first_half, 60).changes.is_empty(), "another period");
    let mut only_b = game();
    only_b.scope.bookmakers = Some(vec!["b".to_owned(), "never heard of".to_owned()]);
    let diff = fold.diff(&only_b, 60);
    assert_eq!(
        diff.changes.iter().map(|change| change.bookmaker.0).collect::<Vec<_>>(),
        [2, 2]
    );
}

/// Totals of one book at some lines, as the answer to a question about these lines only.
fn totals(lines: Lines, points: &[&'static str]) -> Reading<'static> {
    let mut reading = game();
    for points in points {
        quote(&mut reading, 0, "a", (Total, Some(points)), Outcome::Over, "1.9");
        quote(&mut reading, 0, "a", (Total, Some(points)), Outcome::Under, "1.9");
    }
    reading.scope.markets = vec![(Total, Period::FullTime, lines)];
    reading
}

/// The lines that a book has on offer.
fn offered_lines(fold: &Fold) -> Vec<String> {
    let mut lines: Vec<String> = fold
        .live()
        .keys()
        .map(|(market, ..)| market.line.unwrap().to_string())
        .collect();
    lines.dedup();
    lines
}

#[test]
fn main_and_alternate_lines_that_are_asked_for_apart_do_not_withdraw_each_other() {
    let mut fold = Fold::default();
    fold.apply(&totals(Lines::Main, &["220.5"]), 0);
    fold.apply(&totals(Lines::Alternate, &["210.5", "230.5"]), 0);
    assert_eq!(offered_lines(&fold), ["210.5", "220.5", "230.5"]);
    // The main line moves, and then an alternate one.
    let moved = fold.apply(&totals(Lines::Main, &["221.5"]), 60);
    assert_eq!(kinds(&moved).len(), 4);
    assert_eq!(offered_lines(&fold), ["210.5", "221.5", "230.5"]);
    fold.apply(&totals(Lines::Alternate, &["210.5", "231.5"]), 90);
    assert_eq!(offered_lines(&fold), ["210.5", "221.5", "231.5"]);
    // What was main and is now seen among the alternate ones is theirs to withdraw.
    fold.apply(&totals(Lines::Alternate, &["210.5", "221.5"]), 120);
    fold.apply(&totals(Lines::Main, &["222.5"]), 150);
    assert_eq!(offered_lines(&fold), ["210.5", "221.5", "222.5"]);
    fold.apply(&totals(Lines::Alternate, &["210.5"]), 180);
    assert_eq!(offered_lines(&fold), ["210.5", "222.5"]);
    // Both questions in one tell of everything.
    fold.apply(&totals(Lines::All, &["222.5"]), 210);
    assert_eq!(offered_lines(&fold), ["222.5"]);
    let gone = fold.apply(&totals(Lines::All, &[]), 240);
    assert_eq!(kinds(&gone), [ChangeKind::Withdrawn; 2]);
}

#[test]
fn an_event_that_the_answer_does_not_contain_keeps_its_quotes() {
    let mut fold = Fold::default();
    fold.apply(&moneyline(&[("a", "1.9", "1.9")]), 0);
    let empty = Reading {
        scope: scope(&[Moneyline]),
        ..Reading::default()
    };
    assert_eq!(fold.diff(&empty, 60), Diff::default());
    let emptied = fold.diff(&game(), 60);
    assert_eq!(
        kinds(&emptied),
        [ChangeKind::Withdrawn; 2],
        "but an event without prices has none"
    );
}

#[test]
fn a_line_that_moves_withdraws_the_old_one() {
    let total = |points| {
        let mut reading = game();
        quote(&mut reading, 0, "a", (Total, Some(points)), Outcome::Over, "1.9");
        quote(&mut reading, 0, "a", (Total, Some(points)), Outcome::Under, "1.9");
        reading
    };
    let mut fold = Fold::default();
    fold.apply(&total("220.5"), 0);
    let diff = fold.apply(&total("221"), 60);
    assert_eq!(
        kinds(&diff),
        [
            ChangeKind::New,
            ChangeKind::New,
            ChangeKind::Withdrawn,
            ChangeKind::Withdrawn
        ]
    );
}

#[test]
fn an_answer_older_than_what_is_recorded_is_refused_with_one_issue_per_event() {
    let mut fold = Fold::default();
    fold.apply(&moneyline(&[("a", "1.9", "1.9")]), 60);
    let late = fold.diff(&moneyline(&[("b", "1.8", "2")]), 59);
    assert_eq!((late.changes.len(), late.seen.len(), late.refused), (0, 0, 2));
    assert_eq!(
        late.issues.iter().map(|issue| issue.kind).collect::<Vec<_>>(),
        [IssueKind::OutOfOrder]
    );
    let same_time = fold.diff(&moneyline(&[("a", "1.95", "1.9")]), 60);
    assert_eq!(
        kinds(&same_time),
        [ChangeKind::Moved],
        "a second answer of the same moment is no older"
    );
}

#[test]
fn a_quarantined_price_withdraws_the_one_before_it() {
    let mut fold = Fold::default();
    let mut reading = moneyline(&[("a", "1.9", "1.9")]);
    fold.apply(&reading, 0);
    let mut conflict = reading.quotes[0].clone();
    conflict.price = price("2.5");
    reading.quotes.push(conflict);
    assert_eq!(kinds(&fold.diff(&reading, 60)), [ChangeKind::Withdrawn]);
}

#[test]
fn back_and_lay_of_one_selection_are_two_quotes() {
    let mut reading = moneyline(&[("a", "1.9", "1.9")]);
    let mut lay = reading.quotes[0].clone();
    (lay.side, lay.price) = (Side::Lay, price("1.95"));
    reading.quotes.push(lay);
    let mut fold = Fold::default();
    fold.apply(&reading, 0);
    assert_eq!(fold.diff(&reading, 60).seen.len(), 3);
    reading.quotes.pop();
    let gone = fold.diff(&reading, 60);
    assert_eq!(
        gone.changes.iter().map(|change| change.side).collect::<Vec<_>>(),
        [Side::Lay]
    );
}

#[test]
fn a_bookmaker_that_is_not_stored_is_an_issue_and_not_a_guess() {
    let diff = Fold::default().diff(&moneyline(&[("stranger", "1.9", "1.9")]), 0);
    assert_eq!((diff.changes.len(), diff.issues[0].kind), (0, IssueKind::MissingField));
}

fn any_reading() -> impl Strategy<Value = Reading<'static>> {
    let markets = [(Moneyline, None), (Total, Some("200.5")), (Total, Some("201"))];
    let cell = prop::option::weighted(0.7, prop::sample::select(vec!["1.8", "1.9", "2", "2.1"]));
    prop::collection::vec(cell, 3 * 3 * 2).prop_map(move |cells| {
        let mut reading = game();
        let mut cells = cells.into_iter();
        for market in &markets {
            let outcomes = match market.0 {
                Moneyline => [Outcome::Home, Outcome::Away],
                _ => [Outcome::Over, Outcome::Under],
            };
            for book in BOOKS {
                for outcome in &outcomes {
                    if let Some(price) = cells.next().flatten() {
                        quote(&mut reading, 0, book, market.clone(), outcome.clone(), price);
                    }
                }
            }
        }
        reading
    })
}

fn offered(reading: &Reading<'_>) -> BTreeMap<(MarketKey, Outcome, BookmakerId), Price> {
    let books = books(&BOOKS);
    let entry = |quote: &domain::reading::ReadQuote<'_>| {
        let market = &reading.markets[quote.market as usize];
        let key = MarketKey {
            line: market.line,
            ..MarketKey::plain(market.kind.clone())
        };
        let book = books[reading.bookmakers[quote.bookmaker as usize].key.as_ref()].id;
        ((key, quote.outcome.clone(), book), quote.price)
    };
    reading.quotes.iter().map(entry).collect()
}

proptest! {
    #[test]
    fn the_fold_of_all_diffs_is_the_last_answer_and_a_second_time_changes_nothing(
        readings in prop::collection::vec(any_reading(), 1..8)
    ) {
        let mut fold = Fold::default();
        for (received_at, reading) in (0..).zip(&readings) {
            fold.apply(reading, received_at);
            prop_assert_eq!(fold.live(), offered(reading));
            let again = fold.diff(reading, received_at);
            prop_assert!(again.changes.is_empty() && again.new_selections.is_empty());
            prop_assert_eq!(again.seen.len(), reading.quotes.len());
        }
    }

    #[test]
    fn every_change_differs_from_what_was_current(one in any_reading(), other in any_reading()) {
        let mut fold = Fold::default();
        fold.apply(&one, 0);
        let before = fold.live();
        let diff = fold.apply(&other, 1);
        prop_assert!(diff.changes.iter().all(|change| change.price != change.previous || change.kind == ChangeKind::Returned));
        let after = offered(&other);
        let same = before.iter().filter(|(key, price)| after.get(*key) == Some(price)).count();
        prop_assert_eq!(diff.seen.len(), same);
    }
}
