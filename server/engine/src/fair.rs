//! The fair line of a market for judging one bookmaker: which link of the chain answers, and whose prices say so.
//!
//! Left out of every line are the bookmaker judged, those that share its price source, prices that are too old or flagged, and
//! a bookmaker whose own prices are a palpable error. The margin of the others is taken off once for the whole market; a line for
//! one more bookmaker then costs a weighted mean.

use crate::BooksById;
use crate::desk::is_palpable;
use chrono::{DateTime, Utc};
use domain::board::{QuoteFlags, oldest};
use domain::devig::{DevigMethod, devig_into};
use domain::fair::{FairLine, FairLink, FairQuote, FairSource, middle, weighted_mean};
use domain::{BoardMarket, BookKind, BookmakerId, Outcome, Price, Quote, Side};
use std::borrow::Cow;

/// How fair lines are reckoned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FairRules {
    /// How margins are taken off.
    pub method: DevigMethod,
    /// Who is asked, in order.
    pub chain: Vec<FairLink>,
    /// Prices older than this have no say; no limit without it.
    pub max_age_s: Option<u32>,
    /// A consensus needs so many independent bookmakers.
    pub min_books: usize,
}

impl Default for FairRules {
    fn default() -> Self {
        Self {
            method: DevigMethod::Power,
            chain: FairLink::ALL.to_vec(),
            max_age_s: Some(300),
            min_books: 3,
        }
    }
}

/// What a bookmaker of a kind counts for in a consensus.
const fn weight_of(kind: BookKind) -> f64 {
    match kind {
        BookKind::Sharp => 3.0,
        BookKind::Exchange => 2.0,
        BookKind::Retail => 1.0,
    }
}

/// A middle between a back and a lay price further apart than this, in implied probability, says nothing.
const WIDEST: f64 = 0.04;
/// The middles of a market must sum to one but for this.
const MIDDLES_OFF: f64 = 0.03;

fn is_narrow(back: Price, lay: Price) -> bool {
    let width = back.implied() - lay.implied();
    (0.0..=WIDEST).contains(&width)
}

/// Findings that take a price out of every fair line.
const UNFIT: [QuoteFlags; 4] = [
    QuoteFlags::OVERROUND_LOW,
    QuoteFlags::OVERROUND_HIGH,
    QuoteFlags::PRICE_OUT_OF_RANGE,
    QuoteFlags::TIME_IN_FUTURE,
];

/// One market, ready to tell the fair line for any bookmaker.
pub struct MarketFair<'b> {
    outcomes: Vec<Outcome>,
    /// Those with a whole set of usable back prices, devigged.
    devigged: Vec<Source<'b>>,
    /// The exchanges with a usable back and lay price on each outcome.
    middles: Vec<Source<'b>>,
    /// What answers for a bookmaker that has no say.
    everybody: Option<Answer>,
    books: &'b BooksById,
    rules: &'b FairRules,
    as_of: DateTime<Utc>,
    /// Prices must have been on offer after this.
    oldest: Option<DateTime<Utc>>,
}

/// Which link answers, what, and by whom: weight and position of each source.
#[derive(Clone)]
struct Answer {
    link: FairLink,
    probabilities: Vec<f64>,
    sources: Vec<(f64, usize)>,
}

struct Source<'b> {
    bookmaker_id: BookmakerId,
    bookmaker: &'b str,
    kind: BookKind,
    clone_group: Option<&'b str>,
    quotes: Vec<&'b Quote>,
    lays: Vec<&'b Quote>,
    probabilities: Vec<f64>,
}

/// The usable prices of one bookmaker, by outcome.
struct Row<'b> {
    bookmaker_id: BookmakerId,
    backs: Vec<Option<&'b Quote>>,
    lays: Vec<Option<&'b Quote>>,
    /// The best back price of each outcome, usable or not.
    best: Vec<f64>,
}

impl<'b> MarketFair<'b> {
    /// Reads a market. `None` when its outcomes are not known to be all there are.
    pub fn new(
        market: &'b BoardMarket,
        books: &'b BooksById,
        rules: &'b FairRules,
        as_of: DateTime<Utc>,
    ) -> Option<Self> {
        let outcomes = market.covering_outcomes()?;
        let mut fair = Self {
            devigged: Vec::new(),
            middles: Vec::new(),
            everybody: None,
            oldest: rules.max_age_s.map(|max| oldest(as_of, max)),
            books,
            rules,
            as_of,
            outcomes,
        };
        for row in fair.rows(market) {
            fair.add(row, books);
        }
        fair.everybody = fair.sources_for(|_| false);
        Some(fair)
    }

    /// The prices by bookmaker; the quotes of a market are ordered by outcome.
    fn rows(&self, market: &'b BoardMarket) -> Vec<Row<'b>> {
        let count = self.outcomes.len();
        let mut rows: Vec<Row<'b>> = Vec::new();
        let mut at = 0;
        for quote in &market.quotes {
            if self.outcomes.get(at) != Some(&quote.outcome) {
                let Some(found) = self.outcomes.iter().position(|outcome| *outcome == quote.outcome) else {
                    continue;
                };
                at = found;
            }
            let known = rows.iter().position(|row| row.bookmaker_id == quote.bookmaker_id);
            let row = known.unwrap_or_else(|| {
                rows.push(Row {
                    bookmaker_id: quote.bookmaker_id,
                    backs: vec![None; count],
                    lays: Vec::new(),
                    best: vec![0.0; count],
                });
                rows.len() - 1
            });
            let row = &mut rows[row];
            let places = match quote.side {
                Side::Back => {
                    row.best[at] = row.best[at].max(quote.price.as_f64());
                    &mut row.backs
                }
                Side::Lay => {
                    row.lays.resize(count, None);
                    &mut row.lays
                }
            };
            let newest = |quote: &Quote| (quote.last_seen_at, quote.change_id);
            if self.is_fit(quote) && places[at].is_none_or(|before| newest(quote) > newest(before)) {
                places[at] = Some(quote);
            }
        }
        rows.sort_unstable_by_key(|row| row.bookmaker_id);
        rows
    }

    fn is_fit(&self, quote: &Quote) -> bool {
        self.oldest.is_none_or(|oldest| quote.is_offered_after(oldest))
            && !UNFIT.iter().any(|flag| quote.flags.contains(*flag))
    }

    fn add(&mut self, row: Row<'b>, books: &'b BooksById) {
        let Some(quotes) = row.backs.into_iter().collect::<Option<Vec<_>>>() else {
            return;
        };
        let profile = books.get(&row.bookmaker_id);
        let kind = profile.map_or(BookKind::Retail, |book| book.kind);
        if is_palpable(kind, quotes.len(), row.best.iter().map(|price| 1.0 / price).sum()) {
            return;
        }
        let source = |quotes, lays, probabilities| Source {
            bookmaker_id: row.bookmaker_id,
            bookmaker: profile.map_or("", |book| book.key.as_str()),
            kind,
            clone_group: profile.and_then(|book| book.clone_group.as_deref()),
            quotes,
            lays,
            probabilities,
        };
        if kind == BookKind::Exchange
            && let Some(lays) = row.lays.into_iter().collect::<Option<Vec<_>>>()
            && lays.len() == quotes.len()
            && quotes
                .iter()
                .zip(&lays)
                .all(|(back, lay)| is_narrow(back.price, lay.price))
        {
            let middles = quotes
                .iter()
                .zip(&lays)
                .map(|(back, lay)| middle(back.price, lay.price));
            let middles: Vec<f64> = middles.collect();
            let sum: f64 = middles.iter().sum();
            if (sum - 1.0).abs() <= MIDDLES_OFF {
                let scaled = middles.into_iter().map(|middle| middle / sum).collect();
                self.middles.push(source(quotes.clone(), lays, scaled));
            }
        }
        let implied: Vec<f64> = quotes.iter().map(|quote| quote.price.implied()).collect();
        let mut fair = vec![0.0; implied.len()];
        // A method without an answer for one bookmaker leaves that bookmaker out; nothing is made up.
        if devig_into(self.rules.method, &implied, 1.0, &mut fair).is_ok() {
            self.devigged.push(source(quotes, Vec::new(), fair));
        }
    }

    /// As [`MarketFair::new`]; where prices that are fresh enough have no answer, old ones do, which the line's age tells.
    pub fn of_any_age(
        market: &'b BoardMarket,
        books: &'b BooksById,
        rules: &'b FairRules,
        old: &'b FairRules,
        as_of: DateTime<Utc>,
    ) -> Option<Self> {
        let fresh = Self::new(market, books, rules, as_of)?;
        if fresh.everybody.is_some() || rules.max_age_s.is_none() {
            Some(fresh)
        } else {
            Self::new(market, books, old, as_of)
        }
    }

    /// The outcomes, in the order of probabilities.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The fair probabilities for judging a bookmaker, and which link of the chain answered.
    pub fn line_for(&self, judged: BookmakerId) -> Option<(FairLink, Cow<'_, [f64]>)> {
        Some(match self.answer_for(judged)? {
            Cow::Borrowed(answer) => (answer.link, Cow::Borrowed(answer.probabilities.as_slice())),
            Cow::Owned(answer) => (answer.link, Cow::Owned(answer.probabilities)),
        })
    }

    /// The same with everything behind it.
    pub fn explain(&self, judged: BookmakerId) -> Option<FairLine> {
        let answer = self.answer_for(judged)?;
        let sources: Vec<(f64, &Source<'b>)> = answer
            .sources
            .iter()
            .map(|(weight, at)| (*weight, &self.of(answer.link)[*at]))
            .collect();
        let ages = sources
            .iter()
            .flat_map(|(_, source)| source.quotes.iter().chain(&source.lays))
            .map(|quote| quote.age_s(self.as_of));
        Some(FairLine {
            link: answer.link,
            method: self.rules.method,
            outcomes: self.outcomes.clone(),
            left_out: judged,
            age_s: ages.max().unwrap_or_default(),
            sources: sources.iter().map(|(weight, source)| source.told(*weight)).collect(),
            probabilities: answer.probabilities.clone(),
        })
    }

    /// What answers for one bookmaker. Where it, and its kin, have no say anyway, that is what answers for everybody.
    fn answer_for(&self, judged: BookmakerId) -> Option<Cow<'_, Answer>> {
        let everybody = self.everybody.as_ref()?;
        let group = self.books.get(&judged).and_then(|book| book.clone_group.as_deref());
        let is_kin =
            |source: &Source<'_>| source.bookmaker_id == judged || (group.is_some() && source.clone_group == group);
        let has_say = everybody
            .sources
            .iter()
            .any(|(_, at)| is_kin(&self.of(everybody.link)[*at]));
        if has_say {
            self.sources_for(is_kin).map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(everybody))
        }
    }

    fn of(&self, link: FairLink) -> &[Source<'b>] {
        if link == FairLink::ExchangeMid {
            &self.middles
        } else {
            &self.devigged
        }
    }

    /// The first link of the chain that can answer, without some sources.
    fn sources_for(&self, is_without: impl Fn(&Source<'_>) -> bool) -> Option<Answer> {
        self.rules.chain.iter().find_map(|&link| {
            let all = self.of(link);
            let sources: Vec<usize> = (0..all.len())
                .filter(|at| !is_without(&all[*at]) && (link != FairLink::Sharp || all[*at].kind == BookKind::Sharp))
                .collect();
            let needed = if link == FairLink::Consensus {
                self.rules.min_books.max(1)
            } else {
                1
            };
            if independent(all, &sources) < needed {
                return None;
            }
            let sources = weighted(link, all, &sources);
            let parts = sources
                .iter()
                .map(|(weight, at)| (*weight, all[*at].probabilities.as_slice()));
            Some(Answer {
                link,
                probabilities: weighted_mean(parts, self.outcomes.len()),
                sources,
            })
        })
    }
}

/// How many there are, those that share a price source counted once.
fn independent(all: &[Source<'_>], sources: &[usize]) -> usize {
    let first_of_group = |nth: &usize| {
        let group = all[sources[*nth]].clone_group;
        group.is_none() || sources[..*nth].iter().all(|earlier| all[*earlier].clone_group != group)
    };
    (0..sources.len()).filter(first_of_group).count()
}

/// What each counts for: a group as much as the weightiest of its members, shared among them.
fn weighted(link: FairLink, all: &[Source<'_>], sources: &[usize]) -> Vec<(f64, usize)> {
    let weight = |source: &Source<'_>| {
        if link == FairLink::Consensus {
            weight_of(source.kind)
        } else {
            1.0
        }
    };
    let of = |at: usize| match all[at].clone_group {
        None => weight(&all[at]),
        Some(group) => {
            let members = sources
                .iter()
                .map(|at| &all[*at])
                .filter(|other| other.clone_group == Some(group));
            let (count, most) = members.fold((0.0, 0.0_f64), |(count, most), member| {
                (count + 1.0, most.max(weight(member)))
            });
            most / count
        }
    };
    sources.iter().map(|at| (of(*at), *at)).collect()
}

impl Source<'_> {
    fn told(&self, weight: f64) -> FairSource {
        let lay = |at: usize| self.lays.get(at).map(|lay| lay.price);
        FairSource {
            bookmaker_id: self.bookmaker_id,
            bookmaker: self.bookmaker.to_owned(),
            weight,
            probabilities: self.probabilities.clone(),
            quotes: self
                .quotes
                .iter()
                .enumerate()
                .map(|(at, quote)| FairQuote {
                    price: quote.price,
                    lay: lay(at),
                    price_text: quote.price_text.clone(),
                    source_at: quote.source_at,
                    received_at: quote.received_at,
                    last_seen_at: quote.last_seen_at,
                    change_id: quote.change_id,
                    snapshot_id: quote.snapshot_id,
                })
                .collect(),
        }
    }
}
