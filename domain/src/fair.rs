//! The fair line of a market: what each outcome is worth when one bookmaker is judged by all the others.
//!
//! A chain of links is asked in order, and the first that can answer does: the sharp bookmakers, the middle between back and
//! lay at an exchange, or a weighted consensus. The bookmaker being judged never has a say in it, nor has any that shares its
//! price source: raising a price changes its own edge and nothing else.
//!
//! A [`FairLine`] carries the quotes behind it, so that anybody can [`recompute`](FairLine::recompute) it.

use crate::devig::{DevigError, DevigMethod, devig_implied};
use crate::{BookmakerId, Outcome, Price, QuoteChangeId, SnapshotId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Who answers for the fair line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FairLink {
    /// The bookmakers that move first, devigged; their mean where there are several.
    Sharp,
    /// The middle between back and lay, scaled to sum to one.
    ExchangeMid,
    /// All of them, devigged and weighted.
    Consensus,
}

impl FairLink {
    /// Every link, in the usual order.
    pub const ALL: [Self; 3] = [Self::Sharp, Self::ExchangeMid, Self::Consensus];

    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sharp => "sharp",
            Self::ExchangeMid => "exchange_mid",
            Self::Consensus => "consensus",
        }
    }

    /// As a person reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sharp => "Sharp",
            Self::ExchangeMid => "Exchange mid",
            Self::Consensus => "Consensus",
        }
    }

    /// The link of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|link| link.code() == code)
    }
}

/// The fair probabilities of a market's outcomes, for judging one bookmaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FairLine {
    /// Which link of the chain answered.
    pub link: FairLink,
    /// How the margin was taken off. The exchange's middle has none to take off, and is scaled.
    pub method: DevigMethod,
    /// The outcomes, in the order of the market.
    pub outcomes: Vec<Outcome>,
    /// In the same order; they sum to one.
    pub probabilities: Vec<f64>,
    /// The bookmaker that is judged, and so left out.
    pub left_out: BookmakerId,
    /// How old the oldest price behind it is, in seconds.
    pub age_s: i64,
    /// Whose prices it was reckoned from.
    pub sources: Vec<FairSource>,
}

/// One bookmaker's part in a fair line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FairSource {
    /// Who.
    pub bookmaker_id: BookmakerId,
    /// Its key, as in the API.
    pub bookmaker: String,
    /// What it counts for among the sources. Bookmakers that share a price source share one weight.
    pub weight: f64,
    /// Its own fair probabilities, in the order of the outcomes.
    pub probabilities: Vec<f64>,
    /// Its prices on each outcome, in the same order.
    pub quotes: Vec<FairQuote>,
}

/// The recorded price behind one outcome of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FairQuote {
    /// The back price.
    pub price: Price,
    /// The lay price, where the middle was taken.
    pub lay: Option<Price>,
    /// The back price as received.
    pub price_text: String,
    /// The book's own time for it, where the feed tells.
    pub source_at: Option<DateTime<Utc>>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The history row behind it.
    pub change_id: QuoteChangeId,
    /// The snapshot behind that.
    pub snapshot_id: SnapshotId,
}

impl FairLine {
    /// The probability of an outcome.
    pub fn probability(&self, outcome: &Outcome) -> Option<f64> {
        let at = self.outcomes.iter().position(|known| known == outcome)?;
        self.probabilities.get(at).copied()
    }

    /// The probabilities, reckoned again from the recorded prices and weights alone.
    ///
    /// # Errors
    /// [`DevigError`] when the prices of a source are no market.
    pub fn recompute(&self) -> Result<Vec<f64>, DevigError> {
        let of_source = |source: &FairSource| {
            if self.link == FairLink::ExchangeMid {
                let middles: Vec<f64> = source
                    .quotes
                    .iter()
                    .map(|quote| middle(quote.price, quote.lay.unwrap_or(quote.price)))
                    .collect();
                let sum: f64 = middles.iter().sum();
                return Ok(middles.into_iter().map(|middle| middle / sum).collect());
            }
            let implied: Vec<f64> = source.quotes.iter().map(|quote| quote.price.implied()).collect();
            let devigged = devig_implied(self.method, &implied, 1.0)?;
            Ok(devigged
                .probabilities
                .iter()
                .map(|probability| probability.get())
                .collect())
        };
        let sources: Vec<(f64, Vec<f64>)> = self
            .sources
            .iter()
            .map(|source| Ok((source.weight, of_source(source)?)))
            .collect::<Result<_, _>>()?;
        Ok(weighted_mean(
            sources.iter().map(|(weight, fair)| (*weight, fair.as_slice())),
            self.outcomes.len(),
        ))
    }
}

/// The middle between a back and a lay price, as a probability.
///
/// ```
/// let middle = domain::fair::middle("2.00".parse().unwrap(), "2.04".parse().unwrap());
/// assert!((middle - (1.0 / 2.00 + 1.0 / 2.04) / 2.0).abs() < 1e-15);
/// ```
pub fn middle(back: Price, lay: Price) -> f64 {
    f64::midpoint(back.implied(), lay.implied())
}

/// The mean of several bookmakers' probabilities, each with its weight.
///
/// ```
/// let mean = domain::fair::weighted_mean([(2.0, [0.6, 0.4].as_slice()), (1.0, &[0.3, 0.7])], 2);
/// assert!((mean[0] - 0.5).abs() < 1e-15 && (mean[1] - 0.5).abs() < 1e-15);
/// ```
pub fn weighted_mean<'a>(sources: impl IntoIterator<Item = (f64, &'a [f64])>, outcomes: usize) -> Vec<f64> {
    let (mut mean, mut weights) = (vec![0.0; outcomes], 0.0);
    for (weight, fair) in sources {
        weights += weight;
        for (sum, fair) in mean.iter_mut().zip(fair) {
            *sum += weight * fair;
        }
    }
    for sum in &mut mean {
        *sum /= weights;
    }
    mean
}
