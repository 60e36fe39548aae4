//! Best prices by selection, and the pairs of them that can cover each other: an outcome and what opposes it, back or lay, at the
//! same line or another.

use super::View;
use domain::opportunity::net_back;
use domain::scenarios::{Commission, Leg as Bet};
use domain::{BoardMarket, MarketKey, MarketKind, Outcome, Quote, Side};
use std::cmp::Reverse;

/// The best price of one selection on one side, as the user would get it.
pub(super) struct Offer<'v> {
    pub(super) market: &'v BoardMarket,
    pub(super) quote: &'v Quote,
    /// 1 / what a unit at risk pays when it wins outright: what the offer costs of a certain unit.
    pub(super) implied: f64,
    direction: Direction,
}

/// Which results an offer is for, as far as it has to be known to see what opposes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Home,
    Away,
    Draw,
    NoDraw,
    Over,
    Under,
    Yes,
    No,
}

impl Direction {
    const fn opposite(self) -> Self {
        match self {
            Self::Home => Self::Away,
            Self::Away => Self::Home,
            Self::Draw => Self::NoDraw,
            Self::NoDraw => Self::Draw,
            Self::Over => Self::Under,
            Self::Under => Self::Over,
            Self::Yes => Self::No,
            Self::No => Self::Yes,
        }
    }

    const fn of(outcome: &Outcome, side: Side) -> Option<Self> {
        let direction = match outcome {
            Outcome::Home | Outcome::HomeOrDraw => Self::Home,
            Outcome::Away | Outcome::DrawOrAway => Self::Away,
            Outcome::Draw => Self::Draw,
            Outcome::HomeOrAway => Self::NoDraw,
            Outcome::Over => Self::Over,
            Outcome::Under => Self::Under,
            Outcome::Yes => Self::Yes,
            Outcome::No => Self::No,
            Outcome::Named(_) => return None,
        };
        Some(match side {
            Side::Back => direction,
            Side::Lay => direction.opposite(),
        })
    }
}

/// What can be combined with offers of other markets and sides.
#[derive(Clone, Copy)]
pub(super) struct Reach {
    /// Lay prices count.
    pub(super) lay: bool,
    /// Prices are taken without commission.
    pub(super) is_gross: bool,
}

/// The best offer of every selection that has a rule by which it is settled, cheapest first.
pub(super) fn offers<'v>(
    view: &'v View<'v>,
    reach: Reach,
    usable: impl Fn(&BoardMarket, &Quote) -> bool,
) -> Vec<Offer<'v>> {
    let mut offers: Vec<Offer<'v>> = Vec::new();
    for market in &view.board.markets {
        if !has_rule(&market.key.kind) {
            continue;
        }
        let mut begin = 0;
        while let Some(first) = market.quotes.get(begin) {
            // Quotes are ordered by outcome, side and bookmaker.
            let same = |quote: &&Quote| quote.outcome == first.outcome && quote.side == first.side;
            let selection: &[Quote] = {
                let count = market.quotes[begin..].iter().take_while(same).count();
                &market.quotes[begin..begin + count]
            };
            begin += selection.len();
            if first.side == Side::Lay && !reach.lay {
                continue;
            }
            let Some(direction) = Direction::of(&first.outcome, first.side) else {
                continue;
            };
            let best = selection
                .iter()
                .filter(|quote| usable(market, quote))
                .map(|quote| (implied(view, quote, reach.is_gross), quote))
                .min_by(|(one, quote), (other, rival)| {
                    let newest = |quote: &Quote| (Reverse(quote.last_seen_at), quote.bookmaker_id);
                    one.total_cmp(other).then_with(|| newest(quote).cmp(&newest(rival)))
                });
            if let Some((implied, quote)) = best {
                offers.push(Offer {
                    market,
                    quote,
                    implied,
                    direction,
                });
            }
        }
    }
    offers.sort_by(|one, other| one.implied.total_cmp(&other.implied));
    offers
}

/// What a certain unit costs by a bet on this price alone.
fn implied(view: &View<'_>, quote: &Quote, is_gross: bool) -> f64 {
    let commission = if is_gross {
        Commission::None
    } else {
        view.desk.commission(quote.bookmaker_id)
    };
    1.0 / net_back(quote.side, quote.price, commission)
}

impl Offer<'_> {
    /// Where it stands among others, whatever its price.
    fn place(&self) -> (&MarketKey, &Outcome, Side) {
        (&self.market.key, &self.quote.outcome, self.quote.side)
    }

    /// The bet that it offers.
    pub(super) fn bet(&self, view: &View<'_>, is_gross: bool) -> Bet {
        view.desk.bet(&self.market.key, self.quote, is_gross)
    }
}

/// Every pair of opposite offers that costs less than `limit` of a certain unit, without those that are one two-way market backed
/// on both sides: that is a cover, not a pair.
pub(super) fn opposites<'o, 'v>(offers: &'o [Offer<'v>], limit: f64) -> Vec<(&'o Offer<'v>, &'o Offer<'v>)> {
    let mut pairs = Vec::new();
    for (at, one) in offers.iter().enumerate() {
        for other in &offers[at + 1..] {
            if one.implied + other.implied >= limit {
                break;
            }
            if can_oppose(one, other) {
                // One order whatever the prices, so that a pair stays the same opportunity.
                pairs.push(if one.place() <= other.place() {
                    (one, other)
                } else {
                    (other, one)
                });
            }
        }
    }
    pairs
}

fn can_oppose(one: &Offer<'_>, other: &Offer<'_>) -> bool {
    let (first, second) = (&one.market.key, &other.market.key);
    let is_cover = first == second && one.quote.side == Side::Back && other.quote.side == Side::Back;
    one.direction == other.direction.opposite()
        && first.period == second.period
        && first.participant == second.participant
        && is_about_same(&first.kind, &second.kind)
        && !is_cover
}

/// True for kinds that one number decides: who is ahead by how much, or how many points there are.
fn is_about_same(one: &MarketKind, other: &MarketKind) -> bool {
    let is_about_margin = |kind: &MarketKind| {
        matches!(
            kind,
            MarketKind::Moneyline
                | MarketKind::ThreeWay
                | MarketKind::Spread
                | MarketKind::DrawNoBet
                | MarketKind::DoubleChance
        )
    };
    one == other || (is_about_margin(one) && is_about_margin(other))
}

const fn has_rule(kind: &MarketKind) -> bool {
    !matches!(kind, MarketKind::Outright | MarketKind::Prop(_) | MarketKind::Other(_))
}
