//! What the strategies found.

use super::{RequestBackend, count, failed, page_of};
use crate::desk::boards::GameFilter;
use app::AppError;
use app::pages::opportunities::{
    InPlayFilter, OpportunitiesFilter, OpportunitiesPort, OpportunitiesView, OpportunityRow, OpportunityState,
};
use async_trait::async_trait;
use domain::Sport;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use store::{Opportunity, OpportunityFilter};

/// Opportunities on a page.
const PAGE: usize = 50;
/// Closed ones that are looked at, the latest.
const CLOSED: u32 = 2000;

fn asked(filter: &OpportunitiesFilter) -> OpportunityFilter {
    OpportunityFilter {
        is_open: Some(filter.state == OpportunityState::Open),
        verdict: filter.verdict,
        is_in_play: match filter.in_play {
            InPlayFilter::Include => None,
            InPlayFilter::Exclude => Some(false),
            InPlayFilter::Only => Some(true),
        },
        min_profit: (filter.min_profit_bp > 0).then(|| f64::from(filter.min_profit_bp) / 10_000.0),
        ..OpportunityFilter::default()
    }
}

impl RequestBackend {
    /// All open ones that pass, or the latest closed ones.
    async fn found(&self, filter: &OpportunitiesFilter) -> Result<Vec<Opportunity>, AppError> {
        let (asked, mut found, mut after) = (asked(filter), Vec::new(), None);
        loop {
            let page = self
                .state
                .store
                .list_opportunities(&asked, None, after, CLOSED)
                .await
                .map_err(failed)?;
            found.extend(page.items);
            after = page.next.filter(|_| filter.state == OpportunityState::Open);
            if after.is_none() {
                return Ok(found);
            }
        }
    }
}

/// The most profitable open ones first; of the closed ones the latest.
fn sort(rows: &mut [OpportunityRow], state: OpportunityState) {
    match state {
        OpportunityState::Open => {
            rows.sort_by(|one, other| {
                other
                    .found
                    .profit
                    .total_cmp(&one.found.profit)
                    .then(one.id.cmp(&other.id))
            });
        }
        OpportunityState::Closed => {
            rows.sort_by_key(|row| Reverse((row.closed_at, row.id)));
        }
    }
}

#[async_trait]
impl OpportunitiesPort for RequestBackend {
    async fn opportunities(&self, filter: OpportunitiesFilter) -> Result<OpportunitiesView, AppError> {
        self.reader().await?;
        let mut rows = self.opportunity_rows(self.found(&filter).await?).await?;
        let current = self.state.boards.current().await.map_err(failed)?;
        let open = current.games(&GameFilter::default());
        let sports: BTreeSet<Sport> = open
            .iter()
            .map(|game| &game.event)
            .chain(rows.iter().map(|row| &row.event))
            .map(|event| event.sport.clone())
            .collect();
        rows.retain(|row| filter.sport.as_ref().is_none_or(|sport| *sport == row.event.sport));
        sort(&mut rows, filter.state);
        let (rows, total, pages) = page_of(rows, filter.page, PAGE);
        Ok(OpportunitiesView {
            bookmakers: self.bookmakers_of(&rows).await?,
            rows,
            total,
            pages,
            sports: sports.into_iter().collect(),
            games_watched: count(open.iter().filter(|game| game.book_count > 0).count()),
        })
    }
}
