//! What the strategies found.

use super::rows::profiles;
use super::{RequestBackend, count, failed, page_of};
use crate::desk::boards::GameFilter;
use app::AppError;
use app::pages::opportunities::{
    InPlayFilter, OpportunitiesFilter, OpportunitiesPort, OpportunitiesView, OpportunityRow, OpportunityState,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::opportunity::OpportunityKind;
use domain::{BookmakerId, Sport, UserId};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use store::{Opportunity, OpportunityFilter};

/// Opportunities on a page.
const PAGE: usize = 50;
/// Closed ones that are looked at, the latest.
const CLOSED: u32 = 2000;

fn asked(owner: UserId, filter: &OpportunitiesFilter) -> OpportunityFilter {
    OpportunityFilter {
        owner: Some(owner),
        strategy: filter.strategy,
        kind: Some(filter.kind),
        is_open: Some(filter.state == OpportunityState::Open),
        verdict: filter.verdict,
        is_in_play: match filter.in_play {
            InPlayFilter::Include => None,
            InPlayFilter::Exclude => Some(false),
            InPlayFilter::Only => Some(true),
        },
        min_profit: filter.min_profit_bp.map(|bp| f64::from(bp) / 10_000.0),
        ..OpportunityFilter::default()
    }
}

impl RequestBackend {
    /// All open ones that pass, or the latest closed ones.
    async fn found(&self, owner: UserId, filter: &OpportunitiesFilter) -> Result<Vec<Opportunity>, AppError> {
        let (asked, mut found, mut after) = (asked(owner, filter), Vec::new(), None);
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

impl RequestBackend {
    /// How many of a user's opportunities are open, by kind.
    pub(super) async fn open_counts(&self, owner: UserId) -> Result<Vec<(OpportunityKind, u32)>, AppError> {
        let counts = self.state.store.open_opportunity_counts(owner).await.map_err(failed)?;
        Ok(counts
            .into_iter()
            .map(|(kind, number)| (kind, u32::try_from(number).unwrap_or(u32::MAX)))
            .collect())
    }
}

/// Whether the rest of a filter, which the database does not know, lets a row pass.
fn passes(filter: &OpportunitiesFilter, row: &OpportunityRow, now: DateTime<Utc>) -> bool {
    let is_fresh = |max: u32| {
        row.found
            .legs
            .iter()
            .all(|leg| (now - leg.last_seen_at).num_seconds() <= i64::from(max))
    };
    let has_leg_at = |key: &String| row.found.legs.iter().any(|leg| leg.bookmaker == *key);
    filter.sport.as_ref().is_none_or(|sport| *sport == row.event.sport)
        && filter.max_age_s.is_none_or(is_fresh)
        && filter.bookmaker.as_ref().is_none_or(has_leg_at)
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
        let reader = self.reader().await?.id();
        let mut rows = self.opportunity_rows(self.found(reader, &filter).await?).await?;
        let current = self.state.boards.current().await.map_err(failed)?;
        let open = current.games(&GameFilter::default());
        let sports: BTreeSet<Sport> = open
            .iter()
            .map(|game| &game.event)
            .chain(rows.iter().map(|row| &row.event))
            .map(|event| event.sport.clone())
            .collect();
        let now = self.now();
        rows.retain(|row| passes(&filter, row, now));
        sort(&mut rows, filter.state);
        let (rows, total, pages) = page_of(rows, filter.page, PAGE);
        let known: Vec<BookmakerId> = current.books().keys().copied().collect();
        let usable = self.usable(known.into_iter()).await?.into_iter().collect();
        let strategies = crate::desk::strategies::of_user(&self.state, reader)
            .await
            .map_err(failed)?;
        Ok(OpportunitiesView {
            bookmakers: self.bookmakers_of(&rows).await?,
            open: self.open_counts(reader).await?,
            offered_bookmakers: profiles(current.books(), &usable),
            strategies: strategies
                .into_iter()
                .filter(|(strategy, _)| strategy.kind == filter.kind)
                .map(|(strategy, _)| (strategy.id, strategy.name))
                .collect(),
            rows,
            total,
            pages,
            sports: sports.into_iter().collect(),
            games_watched: count(open.iter().filter(|game| game.book_count > 0).count()),
        })
    }
}
