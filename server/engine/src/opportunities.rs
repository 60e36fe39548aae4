//! What opened, what stays and what has gone: a reconciler over what strategies find.

use crate::strategies::Finding;
use domain::OpportunityId;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// An opportunity that is open, of the event under evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOpportunity {
    /// Its number.
    pub id: OpportunityId,
    /// What makes it this one: [`domain::opportunity::Found::identity`].
    pub identity: String,
}

/// What to write after an evaluation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reconciliation<'f> {
    /// Found, and not open yet.
    pub opened: Vec<&'f Finding>,
    /// Open, and found again.
    pub refreshed: Vec<(OpportunityId, &'f Finding)>,
    /// Open, and not found any more.
    pub gone: Vec<OpportunityId>,
}

/// Compares what is open for one event and strategy with what was found on its board, by identity. Of two findings that are the
/// same opportunity the first counts. Running it again after its outcome was written opens and closes nothing.
pub fn reconcile<'f>(open: &[OpenOpportunity], found: &'f [Finding]) -> Reconciliation<'f> {
    let mut left: HashMap<String, &'f Finding> = HashMap::new();
    let mut order = Vec::with_capacity(found.len());
    for finding in found {
        let identity = finding.found.identity();
        if let Entry::Vacant(place) = left.entry(identity.clone()) {
            place.insert(finding);
            order.push(identity);
        }
    }
    let mut reconciliation = Reconciliation::default();
    for open in open {
        match left.remove(&open.identity) {
            Some(finding) => reconciliation.refreshed.push((open.id, finding)),
            None => reconciliation.gone.push(open.id),
        }
    }
    reconciliation.opened = order.iter().filter_map(|identity| left.remove(identity)).collect();
    reconciliation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BooksById;
    use crate::desk::{Accounts, Desk};
    use crate::strategies::{ArbitrageParams, View, find_arbitrage};
    use crate::testing::{board, board_quote};
    use domain::{MarketKey, MarketKind, Outcome};
    use proptest::prelude::*;

    /// An arbitrage in each of some markets.
    fn found_in(markets: &[MarketKey]) -> Vec<Finding> {
        let quotes = |key: &MarketKey| {
            let outcomes = key.kind.outcomes().unwrap_or_default().iter();
            (1..)
                .zip(outcomes)
                .map(|(book, outcome)| board_quote(book, outcome.clone(), "3.1"))
                .collect()
        };
        let board = board(markets.iter().map(|key| (key.clone(), quotes(key))).collect());
        let (books, accounts) = (BooksById::default(), Accounts::default());
        let view = View {
            board: &board,
            desk: Desk {
                books: &books,
                accounts: &accounts,
            },
            moves: &[],
            sampling_s: None,
        };
        find_arbitrage(&view, &ArbitrageParams::default())
    }

    fn line(half_points: i32) -> MarketKey {
        MarketKey {
            line: Some(domain::Line::from_hundredths(half_points * 50)),
            ..MarketKey::plain(MarketKind::Spread)
        }
    }

    fn open(id: i64, market: &MarketKey) -> OpenOpportunity {
        OpenOpportunity {
            id: OpportunityId(id),
            identity: found_in(std::slice::from_ref(market))[0].found.identity(),
        }
    }

    #[test]
    fn what_is_found_again_is_refreshed_and_what_is_not_has_gone() {
        let (moneyline, three_way) = (
            MarketKey::plain(MarketKind::Moneyline),
            MarketKey::plain(MarketKind::ThreeWay),
        );
        let found = found_in(std::slice::from_ref(&moneyline));
        let first = reconcile(&[], &found);
        assert_eq!((first.opened.len(), first.refreshed.len(), first.gone.len()), (1, 0, 0));
        let next = reconcile(&[open(1, &moneyline), open(2, &three_way), open(3, &moneyline)], &found);
        assert_eq!((next.opened.len(), next.refreshed[0].0), (0, OpportunityId(1)));
        assert_eq!(
            next.gone,
            [OpportunityId(2), OpportunityId(3)],
            "an opportunity open twice heals"
        );
    }

    #[test]
    fn a_better_price_elsewhere_is_the_same_opportunity() {
        let found = found_in(&[line(1)]);
        let mut better = found.clone();
        better[0].found.legs[0].bookmaker_id = domain::BookmakerId(9);
        better[0].found.legs[1].outcome = Outcome::Away;
        assert_eq!(better[0].found.identity(), found[0].found.identity());
    }

    proptest! {
        #[test]
        fn reconciling_again_after_writing_the_outcome_changes_nothing(
            was_open in prop::collection::btree_set(0..6_i32, 0..6),
            is_found in prop::collection::btree_set(0..6_i32, 0..6),
        ) {
            let found = found_in(&is_found.iter().map(|points| line(*points)).collect::<Vec<_>>());
            let was_open: Vec<_> = was_open.iter().map(|points| open(i64::from(*points), &line(*points))).collect();
            let first = reconcile(&was_open, &found);
            let mut is_open: Vec<_> = was_open.iter().filter(|open| !first.gone.contains(&open.id)).cloned().collect();
            is_open.extend((100..).zip(&first.opened).map(|(id, finding)| OpenOpportunity {
                id: OpportunityId(id),
                identity: finding.found.identity(),
            }));
            let second = reconcile(&is_open, &found);
            prop_assert!(second.opened.is_empty() && second.gone.is_empty());
            prop_assert_eq!(second.refreshed.len(), found.len());
        }
    }
}
