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
use domain::reading::{ReadIssue, ReadQuote, Reading};
use domain::{
    BookKind, BookProfile, BookmakerId, IssueKind, Line, MarketKind, Outcome, Period, Price, Side, overround::overround,
};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

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
    let mut validator = Validator {
        reading,
        context,
        markets: group_markets(reading, resolution),
        bookmakers: group_bookmakers(reading),
        decisions: vec![Decision::Accept(QuoteFlags::default()); reading.quotes.len()],
        findings: BTreeMap::new(),
    };
    validator.check_each();
    let groups = validator.group_quotes();
    validator.settle_repetitions(&groups);
    validator.check_margins(&groups);
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

/// What makes a group of quotes: market, bookmaker and side. Inside a group the outcomes of one market stand together.
type GroupKey = (u32, u32, Side);

struct Validator<'r, 'a, 'c> {
    reading: &'r Reading<'a>,
    context: &'r ValidationContext<'c>,
    markets: Vec<Option<(u32, u32)>>,
    bookmakers: Vec<u32>,
    decisions: Vec<Decision>,
    /// By kind, event and bookmaker: how many, and the first in words.
    findings: BTreeMap<(IssueKind, u32, u32), (usize, String)>,
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

    /// The accepted quotes by market, bookmaker and side; in a group by outcome, the newest first.
    fn group_quotes(&self) -> Vec<(GroupKey, Vec<usize>)> {
        let mut keyed: Vec<(GroupKey, usize)> = (0..self.reading.quotes.len())
            .filter(|at| matches!(self.decisions[*at], Decision::Accept(_)))
            .filter_map(|at| Some((self.key(&self.reading.quotes[at])?, at)))
            .collect();
        keyed.sort_by(|(one_key, one), (other_key, other)| {
            let (a, b) = (&self.reading.quotes[*one], &self.reading.quotes[*other]);
            let newest_first = || Reverse(a.source_at).cmp(&Reverse(b.source_at));
            one_key
                .cmp(other_key)
                .then_with(|| a.outcome.cmp(&b.outcome))
                .then_with(newest_first)
                .then(one.cmp(other))
        });
        let same_key = |one: &(GroupKey, usize), other: &(GroupKey, usize)| one.0 == other.0;
        keyed
            .chunk_by(same_key)
            .map(|chunk| (chunk[0].0, chunk.iter().map(|(_, at)| *at).collect()))
            .collect()
    }

    fn key(&self, quote: &ReadQuote<'_>) -> Option<GroupKey> {
        let (_, market) = (*self.markets.get(quote.market as usize)?)?;
        Some((market, *self.bookmakers.get(quote.bookmaker as usize)?, quote.side))
    }

    /// One selection twice: alike is harmless, the newer of two prices stands, and of two at one time neither can be used.
    fn settle_repetitions(&mut self, groups: &[(GroupKey, Vec<usize>)]) {
        let quotes = &self.reading.quotes;
        for (_, members) in groups {
            for same in members.chunk_by(|one, other| quotes[*one].outcome == quotes[*other].outcome) {
                let (first, rest) = (same[0], &same[1..]);
                for at in rest.iter().copied() {
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
    }

    /// A book's own prices on a market: all outcomes, and a margin that such a book would take.
    fn check_margins(&mut self, groups: &[(GroupKey, Vec<usize>)]) {
        let settings = self.context.settings;
        for ((market, bookmaker, side), members) in groups {
            let Some(read) = self.reading.markets.get(*market as usize) else {
                continue;
            };
            let Some(outcomes) = read.kind.outcomes() else { continue };
            let members: Vec<usize> = members.iter().copied().filter(|at| self.is_accepted(*at)).collect();
            if members.is_empty() {
                continue;
            }
            if members.len() < outcomes.len() {
                let (there, all) = (members.len(), outcomes.len());
                for at in members {
                    let (kind, flag) = (IssueKind::IncompleteMarket, QuoteFlags::INCOMPLETE_MARKET);
                    self.find(at, kind, flag, settings.incomplete.action, || {
                        format!("{there} of {all} outcomes of a {}", read.kind.code())
                    });
                }
                continue;
            }
            if *side == Side::Lay {
                continue;
            }
            let prices: Vec<Price> = members.iter().map(|at| self.reading.quotes[*at].price).collect();
            let margin = overround(&prices);
            let band = settings.overround.band(self.kind_of(*bookmaker), outcomes.len());
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
            for at in members {
                self.find(at, kind, flag, action, || {
                    format!("{:.2} % on a {}", margin * 100.0, read.kind.code())
                });
            }
        }
    }

    /// A book's main spread and total against the ones before.
    fn check_lines(&mut self, resolution: &Resolution) {
        let mut offered: IdMap<(u32, u32, &MarketKind, Period), Offered> = IdMap::default();
        for (at, quote) in self.reading.quotes.iter().enumerate() {
            let Some((market, bookmaker, Side::Back)) = self.key(quote) else {
                continue;
            };
            let Some(read) = self
                .reading
                .markets
                .get(market as usize)
                .filter(|_| self.is_accepted(at))
            else {
                continue;
            };
            let (Some(event), Some(line), true) = (self.event_at(quote.market), read.line, has_main_line(&read.kind))
            else {
                continue;
            };
            let Offered { lines, members } = offered.entry((event, bookmaker, &read.kind, read.period)).or_default();
            lines.add(line, &quote.outcome, quote.price);
            members.push(at);
        }
        let mut before: IdMap<u32, LinesBefore<'_>> = IdMap::default();
        let check = &self.context.settings.line_jump;
        let context = self.context;
        for ((event, bookmaker, kind, period), Offered { lines, members }) in offered {
            let Some(current) = resolution.event_id(event).and_then(|id| context.current.get(&id)) else {
                continue;
            };
            let Some(book) = self.profile(bookmaker) else { continue };
            let known = before.entry(event).or_insert_with(|| lines_of(current));
            let Some(from) = known.get(&(book.id, kind, period)).and_then(Lines::main) else {
                continue;
            };
            let Some(to) = lines.main() else { continue };
            let moved = (i64::from(to.hundredths()) - i64::from(from.hundredths())).abs();
            if moved > i64::from(check.max_points.hundredths()) {
                for at in members {
                    let (issue, flag) = (IssueKind::LineJump, QuoteFlags::LINE_JUMP);
                    self.find(at, issue, flag, check.action, || {
                        format!("{} from {from} to {to}", kind.code())
                    });
                }
            }
        }
    }

    fn is_accepted(&self, at: usize) -> bool {
        matches!(self.decisions[at], Decision::Accept(_))
    }

    fn event_at(&self, market: u32) -> Option<u32> {
        Some((*self.markets.get(market as usize)?)?.0)
    }

    fn profile(&self, bookmaker: u32) -> Option<&'r BookProfile> {
        self.context
            .books
            .get(self.reading.bookmakers.get(bookmaker as usize)?.key.as_ref())
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

    fn issues(&self) -> Vec<ReadIssue> {
        let issue =
            |((kind, event, bookmaker), (count, detail)): (&(IssueKind, u32, u32), &(usize, String))| ReadIssue {
                kind: *kind,
                event: Some(*event).filter(|event| *event != u32::MAX),
                bookmaker: self
                    .reading
                    .bookmakers
                    .get(*bookmaker as usize)
                    .map(|read| read.key.as_ref().to_owned()),
                detail: if *count > 1 {
                    format!("{detail} ({count} quotes)")
                } else {
                    detail.clone()
                },
            };
        self.findings.iter().map(issue).collect()
    }
}

/// Kinds of which a book has one main line; others are per participant.
const fn has_main_line(kind: &MarketKind) -> bool {
    matches!(kind, MarketKind::Spread | MarketKind::Total)
}

/// The lines that were offered before, by book and market.
type LinesBefore<'m> = IdMap<(BookmakerId, &'m MarketKind, Period), Lines>;

/// The lines and quotes of one book on one kind of market of an event.
#[derive(Default)]
struct Offered {
    lines: Lines,
    members: Vec<usize>,
}

/// The lines that one book offers on one kind of market.
#[derive(Default)]
struct Lines(BTreeMap<Line, [Option<Price>; 2]>);

impl Lines {
    fn add(&mut self, line: Line, outcome: &Outcome, price: Price) {
        let side = usize::from(matches!(outcome, Outcome::Away | Outcome::Under));
        self.0.entry(line).or_default()[side] = Some(price);
    }

    /// The line whose two prices are closest to each other; the lower of equals.
    fn main(&self) -> Option<Line> {
        let distance = |prices: &[Option<Price>; 2]| Some((prices[0]?.implied() - prices[1]?.implied()).abs());
        let complete = self
            .0
            .iter()
            .filter_map(|(line, prices)| Some((*line, distance(prices)?)));
        complete
            .min_by(|(_, one), (_, other)| one.total_cmp(other))
            .map(|(line, _)| line)
    }
}

/// The lines that were offered before, by book.
fn lines_of(current: &CurrentEvent) -> LinesBefore<'_> {
    let selections: IdMap<_, _> = current
        .selections
        .iter()
        .filter(|known| has_main_line(&known.market.kind))
        .filter_map(|known| Some((known.id, (&known.market, known.market.line?, &known.outcome))))
        .collect();
    let mut lines = LinesBefore::default();
    for row in current.quotes.iter().filter(|row| row.side == Side::Back) {
        if let (Some((market, line, outcome)), Some(price)) = (selections.get(&row.selection), row.price) {
            let key = (row.bookmaker, &market.kind, market.period);
            lines.entry(key).or_default().add(*line, outcome, price);
        }
    }
    lines
}

#[cfg(test)]
mod tests;
