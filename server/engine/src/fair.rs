//! The fair line of a market for judging one bookmaker: which link of the chain answers, and whose prices say so.
//!
//! Left out of every line are the bookmaker judged, those that share its price source, prices that are too old or flagged, and
//! a bookmaker whose own prices are a palpable error. The margin of the others is taken off once for the whole market; a line for
//! one more bookmaker then costs a weighted mean.

use crate::BooksById;
use crate::desk::palpable;
use chrono::{DateTime, Utc};
use domain::board::QuoteFlags;
use domain::devig::{DevigMethod, devig_into};
use domain::fair::{FairLine, FairLink, FairQuote, FairSource, middle, weighted_mean};
use domain::{BoardMarket, BookKind, BookmakerId, Outcome, Quote, Side};

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
    rules: &'b FairRules,
    as_of: DateTime<Utc>,
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
            rules,
            as_of,
            outcomes,
        };
        let mut ids: Vec<BookmakerId> = market.quotes.iter().map(|quote| quote.bookmaker_id).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            fair.add(market, books, id);
        }
        Some(fair)
    }

    fn add(&mut self, market: &'b BoardMarket, books: &'b BooksById, bookmaker_id: BookmakerId) {
        let profile = books.get(&bookmaker_id);
        let kind = profile.map_or(BookKind::Retail, |book| book.kind);
        let is_fit = |quote: &&Quote| {
            let is_fresh = self
                .rules
                .max_age_s
                .is_none_or(|max| quote.age_s(self.as_of) <= i64::from(max));
            is_fresh && !UNFIT.iter().any(|flag| quote.flags.contains(*flag))
        };
        let of_side = |side: Side| -> Option<Vec<&'b Quote>> {
            let on = |outcome: &Outcome| {
                let own = market.quotes.iter().filter(|quote| {
                    quote.bookmaker_id == bookmaker_id && quote.side == side && quote.outcome == *outcome
                });
                own.filter(is_fit)
                    .max_by_key(|quote| (quote.last_seen_at, quote.change_id))
            };
            self.outcomes.iter().map(on).collect()
        };
        let Some(quotes) = of_side(Side::Back) else { return };
        if palpable(market, kind, bookmaker_id).is_some() {
            return;
        }
        let source = |lays, probabilities| Source {
            bookmaker_id,
            bookmaker: profile.map_or("", |book| book.key.as_str()),
            kind,
            clone_group: profile.and_then(|book| book.clone_group.as_deref()),
            quotes: quotes.clone(),
            lays,
            probabilities,
        };
        if kind == BookKind::Exchange
            && let Some(lays) = of_side(Side::Lay)
            && quotes.iter().zip(&lays).all(|(back, lay)| back.price <= lay.price)
        {
            let middles: Vec<f64> = quotes
                .iter()
                .zip(&lays)
                .map(|(back, lay)| middle(back.price, lay.price))
                .collect();
            let sum: f64 = middles.iter().sum();
            let scaled = middles.into_iter().map(|middle| middle / sum).collect();
            self.middles.push(source(lays, scaled));
        }
        let implied: Vec<f64> = quotes.iter().map(|quote| quote.price.implied()).collect();
        let mut fair = vec![0.0; implied.len()];
        // A method without an answer for one bookmaker leaves that bookmaker out; nothing is made up.
        if devig_into(self.rules.method, &implied, 1.0, &mut fair).is_ok() {
            self.devigged.push(source(Vec::new(), fair));
        }
    }

    /// The outcomes, in the order of probabilities.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The fair probabilities for judging a bookmaker, and which link of the chain answered.
    pub fn line_for(&self, judged: BookmakerId) -> Option<(FairLink, Vec<f64>)> {
        let (link, sources) = self.sources_for(judged)?;
        let parts = sources
            .iter()
            .map(|(weight, source)| (*weight, source.probabilities.as_slice()));
        Some((link, weighted_mean(parts, self.outcomes.len())))
    }

    /// The same with everything behind it.
    pub fn explain(&self, judged: BookmakerId) -> Option<FairLine> {
        let (link, sources) = self.sources_for(judged)?;
        let parts = sources
            .iter()
            .map(|(weight, source)| (*weight, source.probabilities.as_slice()));
        let probabilities = weighted_mean(parts, self.outcomes.len());
        let ages = sources
            .iter()
            .flat_map(|(_, source)| source.quotes.iter().chain(&source.lays))
            .map(|quote| quote.age_s(self.as_of));
        Some(FairLine {
            link,
            method: self.rules.method,
            outcomes: self.outcomes.clone(),
            probabilities,
            left_out: judged,
            age_s: ages.max().unwrap_or_default(),
            sources: sources.iter().map(|(weight, source)| source.told(*weight)).collect(),
        })
    }

    /// The first link of the chain that can answer without the bookmaker judged, with what each source counts for.
    fn sources_for(&self, judged: BookmakerId) -> Option<(FairLink, Vec<(f64, &Source<'b>)>)> {
        let group = self
            .devigged
            .iter()
            .chain(&self.middles)
            .find(|source| source.bookmaker_id == judged)
            .and_then(|source| source.clone_group);
        self.rules.chain.iter().find_map(|&link| {
            let all = if link == FairLink::ExchangeMid {
                &self.middles
            } else {
                &self.devigged
            };
            let sources: Vec<&Source<'b>> = all
                .iter()
                .filter(|source| {
                    let is_kin = group.is_some() && source.clone_group == group;
                    source.bookmaker_id != judged
                        && !is_kin
                        && (link != FairLink::Sharp || source.kind == BookKind::Sharp)
                })
                .collect();
            let needed = if link == FairLink::Consensus {
                self.rules.min_books.max(1)
            } else {
                1
            };
            (independent(&sources) >= needed).then(|| (link, weighted(link, sources)))
        })
    }
}

/// How many there are, those that share a price source counted once.
fn independent(sources: &[&Source<'_>]) -> usize {
    let first_of_group = |at: &usize| {
        let group = sources[*at].clone_group;
        group.is_none() || sources[..*at].iter().all(|earlier| earlier.clone_group != group)
    };
    (0..sources.len()).filter(first_of_group).count()
}

/// What each counts for: a group as much as the weightiest of its members, shared among them.
fn weighted<'s, 'b>(link: FairLink, sources: Vec<&'s Source<'b>>) -> Vec<(f64, &'s Source<'b>)> {
    let weight = |source: &Source<'_>| {
        if link == FairLink::Consensus {
            weight_of(source.kind)
        } else {
            1.0
        }
    };
    let of = |source: &&Source<'b>| match source.clone_group {
        None => weight(source),
        Some(group) => {
            let members = sources.iter().filter(|other| other.clone_group == Some(group));
            let (count, most) = members.fold((0.0, 0.0_f64), |(count, most), member| {
                (count + 1.0, most.max(weight(member)))
            });
            most / count
        }
    };
    let weights: Vec<f64> = sources.iter().map(of).collect();
    weights.into_iter().zip(sources).collect()
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
