//! Which quotes to trust: each is accepted, with what was found about it, or kept in quarantine.
//!
//! Findings are flags by default: the quote is used and looked at twice. By configuration a check rejects instead. What
//! cannot be at all (an outcome the market does not have, two prices at one time) is never accepted.

use crate::BooksByKey;
use crate::diff::{CurrentEvent, CurrentQuotes};
use crate::hashing::IdMap;
use crate::resolve::Resolution;
use chrono::{DateTime, TimeDelta, Utc};
use domain::board::QuoteFlags;
use domain::reading::{ReadBookmaker, ReadIssue, ReadQuote, Reading};
use domain::{
    BookKind, BookProfile, BookmakerId, IssueKind, Line, MarketKind, Outcome, Period, Price, Side, overround::overround,
};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashMap;

/// What a failed check does to a quote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is used, and marked.
    #[default]
    Flag,
    /// It goes into quarantine.
    Reject,
}

/// The checks and their thresholds. Every default flags.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValidationSettings {
    /// The price of a single quote.
    pub price: PriceCheck,
    /// The source's time.
    pub time: TimeCheck,
    /// A book's own margin on a complete market.
    pub overround: OverroundCheck,
    /// A book that lacks an outcome of a market.
    pub incomplete: IncompleteCheck,
    /// A book's main line against the one before.
    pub line_jump: LineJumpCheck,
}

/// The accepted range of prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PriceCheck {
    /// The least price, decimal. 1.01 is American -10000.
    pub min: Price,
    /// The greatest price, decimal. 101 is American +10000.
    pub max: Price,
    /// What to do outside of it.
    pub action: Action,
}

/// How far a source's clock may be ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeCheck {
    /// In seconds after the moment of receipt.
    pub tolerance_s: u32,
    /// What to do beyond it.
    pub action: Action,
}

/// An accepted range of overround, as fractions: 0.02 is 2 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

/// The accepted overround of one book on one complete market, by the sort of book and the number of outcomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OverroundCheck {
    /// Two outcomes at a retail book.
    pub retail: Band,
    /// Two outcomes at a sharp book.
    pub sharp: Band,
    /// Any market at an exchange, where bettors compete: near zero, gross of commission.
    pub exchange: Band,
    /// Three outcomes at a retail or sharp book: each adds margin.
    pub three_way: Band,
    /// What to do below the range.
    pub low: Action,
    /// What to do above the range.
    pub high: Action,
}

/// What to do with the quotes of a market that lacks an outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IncompleteCheck {
    /// What to do.
    pub action: Action,
}

/// How far a book's main line may move between two answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineJumpCheck {
    /// In points.
    pub max_points: Line,
    /// What to do beyond it.
    pub action: Action,
}

impl Default for PriceCheck {
    fn default() -> Self {
        // -10000 and +10000 are American prices, so the fallbacks are never used.
        let american = |american, otherwise| Price::from_american(american).unwrap_or(otherwise);
        Self {
            min: american(-10_000, Price::MIN),
            max: american(10_000, Price::MAX),
            action: Action::Flag,
        }
    }
}

impl Default for TimeCheck {
    fn default() -> Self {
        Self {
            tolerance_s: 120,
            action: Action::Flag,
        }
    }
}

impl Default for OverroundCheck {
    fn default() -> Self {
        Self {
            retail: Band { min: 0.02, max: 0.15 },
            sharp: Band { min: 0.02, max: 0.15 },
            exchange: Band { min: -0.01, max: 0.10 },
            three_way: Band { min: 0.0, max: 0.20 },
            low: Action::Flag,
            high: Action::Flag,
        }
    }
}

impl Default for LineJumpCheck {
    fn default() -> Self {
        Self {
            max_points: Line::from_hundredths(1_000),
            action: Action::Flag,
        }
    }
}

impl OverroundCheck {
    fn band(&self, kind: BookKind, outcomes: usize) -> Band {
        match (kind, outcomes) {
            (BookKind::Exchange, _) => self.exchange,
            (_, 3..) => self.three_way,
            (BookKind::Retail, _) => self.retail,
            (BookKind::Sharp, _) => self.sharp,
        }
    }
}

/// What validation needs to know beside the answer.
#[derive(Clone, Copy)]
pub struct ValidationContext<'c> {
    /// When the answer was received.
    pub received_at: DateTime<Utc>,
    /// The checks.
    pub settings: &'c ValidationSettings,
    /// Known bookmakers by key; one that is missing counts as retail.
    pub books: &'c BooksByKey,
    /// The current rows, for the lines before.
    pub current: &'c CurrentQuotes,
}

/// What becomes of a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is used, with what was found about it.
    Accept(QuoteFlags),
    /// It is kept where it can't reach a best price, for this reason.
    Quarantine(IssueKind),
    /// Another quote of the same answer says the same, or something newer.
    Superseded,
    /// Its event waits for review.
    Held,
}

/// What becomes of the quotes of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validated {
    /// One decision per quote of the answer, in its order.
    pub decisions: Vec<Decision>,
    /// What was found: one per kind, event and bookmaker, however many quotes it concerns.
    pub issues: Vec<ReadIssue>,
    /// Per market of the answer: its event's position and the first position of the same market; `None` when held.
    markets: Vec<Option<(u32, u32)>>,
}

impl Validated {
    /// The first position in the answer of the same market as the one at `position`. `None` when its event waits for review.
    pub fn market(&self, position: u32) -> Option<u32> {
        Some((*self.markets.get(position as usize)?)?.1)
    }

    /// The position of the event that a market belongs to, past repetitions. `None` when it waits for review.
    pub fn event_of(&self, market: u32) -> Option<u32> {
        Some((*self.markets.get(market as usize)?)?.0)
    }

    /// The accepted quotes: positions in the answer, and what was found about them.
    pub fn accepted(&self) -> impl Iterator<Item = (u32, QuoteFlags)> {
        (0_u32..)
            .zip(&self.decisions)
            .filter_map(|(position, decision)| match decision {
                Decision::Accept(flags) => Some((position, *flags)),
                _ => None,
            })
    }

    /// The quotes in quarantine: positions in the answer, and why.
    pub fn quarantined(&self) -> impl Iterator<Item = (u32, IssueKind)> {
        (0_u32..)
            .zip(&self.decisions)
            .filter_map(|(position, decision)| match decision {
                Decision::Quarantine(reason) => Some((position, *reason)),
                _ => None,
            })
    }
}

/// Checks every quote of an answer.
pub fn validate(reading: &Reading<'_>, resolution: &Resolution, context: &ValidationContext<'_>) -> Validated {
    let profile = |read: &ReadBookmaker<'_>| context.books.get(read.key.as_ref());
    let mut validator = Validator {
        reading,
        context,
        markets: group_markets(reading, resolution),
        bookmakers: group_bookmakers(reading),
        profiles: reading.bookmakers.iter().map(profile).collect(),
        decisions: vec![Decision::Accept(QuoteFlags::default()); reading.quotes.len()],
        findings: IdMap::default(),
    };
    validator.check_each();
    let ordered = validator.order_quotes();
    validator.settle_repetitions(&ordered);
    validator.check_margins(&ordered);
    validator.check_lines(resolution);
    Validated {
        issues: validator.issues(),
        decisions: validator.decisions,
        markets: validator.markets,
    }
}

/// Per market its event and the first position of the same market.
fn group_markets(reading: &Reading<'_>, resolution: &Resolution) -> Vec<Option<(u32, u32)>> {
    let mut first = HashMap::new();
    (0_u32..)
        .zip(&reading.markets)
        .map(|(position, market)| {
            let event = resolution.canonical(market.event)?;
            let key = (
                event,
                &market.kind,
                market.period,
                market.line,
                market.participant.as_deref(),
            );
            Some((event, *first.entry(key).or_insert(position)))
        })
        .collect()
}

/// Per bookmaker the first position of the same key.
fn group_bookmakers(reading: &Reading<'_>) -> Vec<u32> {
    let mut first = HashMap::new();
    (0_u32..)
        .zip(&reading.bookmakers)
        .map(|(position, read)| *first.entry(read.key.as_ref()).or_insert(position))
        .collect()
}

/// A quote, and the group it belongs to: its market, bookmaker and side, by first position.
#[derive(Clone, Copy)]
struct Placed {
    group: (u32, u32, Side),
    at: usize,
}

/// Runs of one group among quotes in the order of their groups.
fn groups(ordered: &[Placed]) -> impl Iterator<Item = &[Placed]> {
    ordered.chunk_by(|one, other| one.group == other.group)
}

struct Validator<'r, 'a, 'c> {
    reading: &'r Reading<'a>,
    context: &'r ValidationContext<'c>,
    markets: Vec<Option<(u32, u32)>>,
    bookmakers: Vec<u32>,
    /// What is known of the bookmakers of the answer.
    profiles: Vec<Option<&'r BookProfile>>,
    decisions: Vec<Decision>,
    /// By kind, event and bookmaker: how many, and the first in words.
    findings: IdMap<(IssueKind, u32, u32), (usize, String)>,
}

impl<'r> Validator<'r, '_, '_> {
    fn check_each(&mut self) {
        let settings = self.context.settings;
        let latest = self.context.received_at + TimeDelta::seconds(settings.time.tolerance_s.into());
        for (at, quote) in self.reading.quotes.iter().enumerate() {
            let Some(market) = self.reading.markets.get(quote.market as usize) else {
                self.quarantine(at, IssueKind::MissingField, || "the quote has no market".to_owned());
                continue;
            };
            if self.reading.bookmakers.len() <= quote.bookmaker as usize {
                self.quarantine(at, IssueKind::MissingField, || "the quote has no bookmaker".to_owned());
            } else if self.markets.get(quote.market as usize).copied().flatten().is_none() {
                self.decisions[at] = Decision::Held;
            } else if market.kind.has_line() && market.line.is_none() {
                self.quarantine(at, IssueKind::ImpossibleLine, || {
                    format!("a {} without a line", market.kind.code())
                });
            } else if market
                .kind
                .outcomes()
                .is_some_and(|outcomes| !outcomes.contains(&quote.outcome))
            {
                let detail = || format!("{} is no outcome of a {}", quote.outcome.code(), market.kind.code());
                self.quarantine(at, IssueKind::UnknownOutcome, detail);
            } else {
                if quote.price < settings.price.min || quote.price > settings.price.max {
                    let (kind, flag) = (IssueKind::PriceOutOfRange, QuoteFlags::PRICE_OUT_OF_RANGE);
                    self.find(at, kind, flag, settings.price.action, || {
                        format!("a price of {}", quote.price)
                    });
                }
                if let Some(source_at) = quote.source_at.filter(|source_at| *source_at > latest) {
                    let (kind, flag) = (IssueKind::TimeInFuture, QuoteFlags::TIME_IN_FUTURE);
                    let received_at = self.context.received_at;
                    let detail = || format!("updated {source_at}, received {received_at}");
                    self.find(at, kind, flag, settings.time.action, detail);
                }
            }
        }
    }

    /// The accepted quotes by market, bookmaker and side; of these by outcome, the newest first.
    ///
    /// Answers list quotes book by book or market by market, so they are dealt to their markets first: what is left to sort
    /// is short and nearly in order.
    fn order_quotes(&self) -> Vec<Placed> {
        let quotes = &self.reading.quotes;
        let accepted = || (0..quotes.len()).filter(|at| self.is_accepted(*at));
        let placed = || {
            accepted().filter_map(|at| {
                Some(Placed {
                    group: self.group(&quotes[at])?,
                    at,
                })
            })
        };
        // Where the quotes of each market begin, then where they end.
        let mut bounds = vec![0; self.markets.len()];
        for quote in placed() {
            bounds[quote.group.0 as usize] += 1;
        }
        let mut total = 0;
        for bound in &mut bounds {
            total += std::mem::replace(bound, total);
        }
        let nowhere = Placed {
            group: (0, 0, Side::Back),
            at: 0,
        };
        let mut ordered = vec![nowhere; total];
        for quote in placed() {
            let end = &mut bounds[quote.group.0 as usize];
            ordered[*end] = quote;
            *end += 1;
        }
        let mut begin = 0;
        for end in bounds {
            ordered[begin..end].sort_unstable_by(|one, other| {
                let (a, b) = (&quotes[one.at], &quotes[other.at]);
                let by_outcome = || a.outcome.cmp(&b.outcome);
                let newest_first = || Reverse(a.source_at).cmp(&Reverse(b.source_at));
                let by_place = || one.at.cmp(&other.at);
                one.group
                    .cmp(&other.group)
                    .then_with(by_outcome)
                    .then_with(newest_first)
                    .then_with(by_place)
            });
            begin = end;
        }
        ordered
    }

    fn group(&self, quote: &ReadQuote<'_>) -> Option<(u32, u32, Side)> {
        let (_, market) = (*self.markets.get(quote.market as usize)?)?;
        Some((market, *self.bookmakers.get(quote.bookmaker as usize)?, quote.side))
    }

    /// One selection twice: alike is harmless, the newer of two prices stands, and of two at one time neither can be used.
    fn settle_repetitions(&mut self, ordered: &[Placed]) {
        let quotes = &self.reading.quotes;
        let is_same = |one: &Placed, other: &Placed| quotes[one.at].outcome == quotes[other.at].outcome;
        for same in groups(ordered).flat_map(|group| group.chunk_by(is_same)) {
            let first = same[0].at;
            for at in same[1..].iter().map(|placed| placed.at) {
                let (kept, other) = (&quotes[first], &quotes[at]);
                if kept.price == other.price {
                    self.note(at, IssueKind::DuplicateQuote, || format!("{} twice", kept.price_text));
                    self.decisions[at] = Decision::Superseded;
                    continue;
                }
                let detail = || format!("{} and {}", kept.price_text, other.price_text);
                if kept.source_at > other.source_at && other.source_at.is_some() {
                    self.note(at, IssueKind::ConflictingQuotes, detail);
                    self.decisions[at] = Decision::Superseded;
                } else {
                    self.quarantine(at, IssueKind::ConflictingQuotes, detail);
                    self.decisions[first] = Decision::Quarantine(IssueKind::ConflictingQuotes);
                }
            }
        }
    }

    /// A book's own prices on a market: all outcomes, and a margin that such a book would take.
    fn check_margins(&mut self, ordered: &[Placed]) {
        let settings = self.context.settings;
        let mut members: Vec<usize> = Vec::new();
        let mut prices: Vec<Price> = Vec::new();
        for group in groups(ordered) {
            let (market, bookmaker, side) = group[0].group;
            let Some(read) = self.reading.markets.get(market as usize) else {
                continue;
            };
            let Some(outcomes) = read.kind.outcomes() else { continue };
            members.clear();
            members.extend(group.iter().map(|placed| placed.at).filter(|at| self.is_accepted(*at)));
            if members.is_empty() {
                continue;
            }
            if members.len() < outcomes.len() {
                let (there, all) = (members.len(), outcomes.len());
                for at in members.iter().copied() {
                    let (kind, flag) = (IssueKind::IncompleteMarket, QuoteFlags::INCOMPLETE_MARKET);
                    self.find(at, kind, flag, settings.incomplete.action, || {
                        format!("{there} of {all} outcomes of a {}", read.kind.code())
                    });
                }
                continue;
            }
            if side == Side::Lay {
                continue;
            }
            prices.clear();
            prices.extend(members.iter().map(|at| self.reading.quotes[*at].price));
            let margin = overround(&prices);
            let band = settings.overround.band(self.kind_of(bookmaker), outcomes.len());
            let (kind, flag, action) = if margin < band.min {
                (
                    IssueKind::OverroundLow,
                    QuoteFlags::OVERROUND_LOW,
                    settings.overround.low,
                )
            } else if margin > band.max {
                (
                    IssueKind::OverroundHigh,
                    QuoteFlags::OVERROUND_HIGH,
                    settings.overround.high,
                )
            } else {
                continue;
            };
            for at in members.iter().copied() {
                self.find(at, kind, flag, action, || {
                    format!("{:.2} % on a {}", margin * 100.0, read.kind.code())
                });
            }
        }
    }

    /// A book's main spread and total against the ones before.
    fn check_lines(&mut self, resolution: &Resolution) {
        let check = &self.context.settings.line_jump;
        let mut offered = self.offered_lines(resolution);
        offered.sort_by_key(|offer| offer.whose);
        let mut before: Option<(u32, Vec<(LineKey<BookmakerId>, Line)>)> = None;
        let mut lines = Vec::new();
        for offers in offered.chunk_by(|one, other| one.whose == other.whose) {
            let (event, key) = offers[0].whose;
            if before.as_ref().is_none_or(|(of, _)| *of != event) {
                let current = resolution.event_id(event).and_then(|id| self.context.current.get(&id));
                before = Some((event, current.map(main_lines).unwrap_or_default()));
            }
            let Some(book) = self.profile(key.bookmaker) else {
                continue;
            };
            let stored = LineKey {
                bookmaker: book.id,
                kind: key.kind,
                period: key.period,
            };
            let from = before.as_ref().and_then(|(_, lines)| {
                let at = lines.binary_search_by_key(&stored, |(key, _)| *key).ok()?;
                lines.get(at).map(|(_, line)| *line)
            });
            lines.clear();
            lines.extend(offers.iter().map(|offer| offer.price));
            let (Some(from), Some(to)) = (from, main_line(&mut lines)) else {
                continue;
            };
            let moved = (i64::from(to.hundredths()) - i64::from(from.hundredths())).abs();
            if moved > i64::from(check.max_points.hundredths()) {
                let kind = key.kind.code();
                for at in offers.iter().map(|offer| offer.at) {
                    let (issue, flag) = (IssueKind::LineJump, QuoteFlags::LINE_JUMP);
                    self.find(at, issue, flag, check.action, || format!("{kind} from {from} to {to}"));
                }
            }
        }
    }

    /// The accepted back prices on lines, of events of which something stands.
    fn offered_lines(&self, resolution: &Resolution) -> Vec<Offer> {
        let is_current = |event: u32| {
            let id = resolution.event_id(event);
            id.is_some_and(|id| self.context.current.contains_key(&id))
        };
        let is_current: Vec<bool> = (0_u32..)
            .zip(&self.reading.events)
            .map(|(position, _)| is_current(position))
            .collect();
        let offer = |(at, quote): (usize, &ReadQuote<'_>)| {
            let (event, market) = (*self.markets.get(quote.market as usize)?)?;
            let read = self.reading.markets.get(market as usize)?;
            let kind = MainLineKind::of(&read.kind)?;
            let is_wanted = quote.side == Side::Back && *is_current.get(event as usize)? && self.is_accepted(at);
            let key = LineKey {
                bookmaker: *self.bookmakers.get(quote.bookmaker as usize)?,
                kind,
                period: read.period,
            };
            is_wanted.then_some(Offer {
                whose: (event, key),
                price: LinePrice::of(read.line?, &quote.outcome, quote.price),
                at,
            })
        };
        self.reading.quotes.iter().enumerate().filter_map(offer).collect()
    }

    fn is_accepted(&self, at: usize) -> bool {
        matches!(self.decisions[at], Decision::Accept(_))
    }

    fn event_at(&self, market: u32) -> Option<u32> {
        Some((*self.markets.get(market as usize)?)?.0)
    }

    fn profile(&self, bookmaker: u32) -> Option<&'r BookProfile> {
        self.profiles.get(bookmaker as usize).copied().flatten()
    }

    fn kind_of(&self, bookmaker: u32) -> BookKind {
        self.profile(bookmaker).map_or(BookKind::Retail, |book| book.kind)
    }

    /// Marks a quote, or rejects it: as the check is configured.
    fn find(&mut self, at: usize, kind: IssueKind, flag: QuoteFlags, action: Action, detail: impl FnOnce() -> String) {
        match (action, &mut self.decisions[at]) {
            (Action::Flag, Decision::Accept(flags)) => {
                *flags = flags.with(flag);
                self.note(at, kind, detail);
            }
            (Action::Reject, Decision::Accept(_)) => self.quarantine(at, kind, detail),
            _ => {}
        }
    }

    fn quarantine(&mut self, at: usize, reason: IssueKind, detail: impl FnOnce() -> String) {
        self.decisions[at] = Decision::Quarantine(reason);
        self.note(at, reason, detail);
    }

    fn note(&mut self, at: usize, kind: IssueKind, detail: impl FnOnce() -> String) {
        let quote = &self.reading.quotes[at];
        let event = self.event_at(quote.market).unwrap_or(u32::MAX);
        let bookmaker = self
            .bookmakers
            .get(quote.bookmaker as usize)
            .copied()
            .unwrap_or(u32::MAX);
        self.findings
            .entry((kind, event, bookmaker))
            .or_insert_with(|| (0, detail()))
            .0 += 1;
    }

    fn issues(&mut self) -> Vec<ReadIssue> {
        let mut findings: Vec<_> = std::mem::take(&mut self.findings).into_iter().collect();
        findings.sort_unstable_by_key(|(place, _)| *place);
        let issue = |((kind, event, bookmaker), (count, detail)): ((IssueKind, u32, u32), (usize, String))| ReadIssue {
            kind,
            event: Some(event).filter(|event| *event != u32::MAX),
            bookmaker: self
                .reading
                .bookmakers
                .get(bookmaker as usize)
                .map(|read| read.key.as_ref().to_owned()),
            detail: if count > 1 {
                format!("{detail} ({count} quotes)")
            } else {
                detail
            },
        };
        findings.into_iter().map(issue).collect()
    }
}

/// A kind of market of which a book has one main line; others are per participant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MainLineKind {
    Spread,
    Total,
}

impl MainLineKind {
    const fn of(kind: &MarketKind) -> Option<Self> {
        match kind {
            MarketKind::Spread => Some(Self::Spread),
            MarketKind::Total => Some(Self::Total),
            _ => None,
        }
    }

    fn code(self) -> String {
        match self {
            Self::Spread => MarketKind::Spread.code(),
            Self::Total => MarketKind::Total.code(),
        }
    }
}

/// What has one main line: a bookmaker, by position or by number, on a kind of market of an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LineKey<B> {
    bookmaker: B,
    kind: MainLineKind,
    period: Period,
}

/// A quote of the answer on a line.
struct Offer {
    /// The event's position and whose line it is.
    whose: (u32, LineKey<u32>),
    price: LinePrice,
    at: usize,
}

/// A price on one side of a line.
#[derive(Clone, Copy)]
struct LinePrice {
    line: Line,
    is_second_side: bool,
    price: Price,
}

impl LinePrice {
    const fn of(line: Line, outcome: &Outcome, price: Price) -> Self {
        Self {
            line,
            is_second_side: matches!(outcome, Outcome::Away | Outcome::Under),
            price,
        }
    }
}

/// The line whose two prices are closest to each other; the lower of equals. Of several prices on one side the last counts.
fn main_line(prices: &mut [LinePrice]) -> Option<Line> {
    prices.sort_by_key(|price| price.line);
    let distance = |on_line: &[LinePrice]| {
        let side = |is_second| on_line.iter().rfind(|price| price.is_second_side == is_second);
        Some((side(false)?.price.implied() - side(true)?.price.implied()).abs())
    };
    prices
        .chunk_by(|one, other| one.line == other.line)
        .filter_map(|on_line| Some((on_line[0].line, distance(on_line)?)))
        .min_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(line, _)| line)
}

/// The main lines that stand, in order.
fn main_lines(current: &CurrentEvent) -> Vec<(LineKey<BookmakerId>, Line)> {
    let selections: IdMap<_, _> = current
        .selections
        .iter()
        .filter_map(|known| {
            let market = &known.market;
            let kind = MainLineKind::of(&market.kind)?;
            Some((known.id, (kind, market.period, market.line?, &known.outcome)))
        })
        .collect();
    let standing = current.quotes.iter().filter(|row| row.side == Side::Back);
    let mut prices: Vec<(LineKey<BookmakerId>, LinePrice)> = standing
        .filter_map(|row| {
            let (kind, period, line, outcome) = *selections.get(&row.selection)?;
            let key = LineKey {
                bookmaker: row.bookmaker,
                kind,
                period,
            };
            Some((key, LinePrice::of(line, outcome, row.price?)))
        })
        .collect();
    prices.sort_by_key(|(key, _)| *key);
    let mut lines = Vec::new();
    prices
        .chunk_by(|(one, _), (other, _)| one == other)
        .filter_map(|same| {
            lines.clear();
            lines.extend(same.iter().map(|(_, price)| *price));
            Some((same[0].0, main_line(&mut lines)?))
        })
        .collect()
}

#[cfg(test)]
mod tests;
