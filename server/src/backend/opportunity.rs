//! The trace that explains every number of an opportunity.

use super::rows::profiles;
use super::{RequestBackend, failed};
use crate::http::errors::ApiError;
use app::AppError;
use app::pages::opportunity::{Constant, OpportunityPort, OpportunityView, SourceQuote};
use async_trait::async_trait;
use chrono::Duration;
use domain::opportunity::{Trace, TraceLeg};
use domain::{EventId, OpportunityId};
use store::{HistoryFilter, HistoryRow};

impl RequestBackend {
    /// The row of the price history behind a leg.
    async fn history_row(&self, event: EventId, leg: &TraceLeg) -> Result<Option<HistoryRow>, AppError> {
        let leg = &leg.leg;
        let filter = HistoryFilter {
            market: Some(leg.market.clone()),
            outcome: Some(leg.outcome.clone()),
            side: Some(leg.side),
            bookmaker_id: Some(leg.bookmaker_id),
            from: Some(leg.received_at),
            to: Some(leg.received_at + Duration::milliseconds(1)),
            ..HistoryFilter::default()
        };
        let page = self
            .state
            .store
            .quote_history(event, &filter, None, None, 100)
            .await
            .map_err(failed)?;
        Ok(page.items.into_iter().find(|row| row.id == leg.change_id))
    }

    async fn source(&self, event: EventId, leg: &TraceLeg) -> Result<SourceQuote, AppError> {
        let row = self.history_row(event, leg).await?;
        let TraceLeg {
            leg,
            net_price,
            implied,
            ..
        } = leg;
        Ok(SourceQuote {
            market: leg.market.clone(),
            outcome: leg.outcome.clone(),
            bookmaker: leg.bookmaker.clone(),
            feed: row.as_ref().map(|row| row.feed.clone()).unwrap_or_default(),
            side: leg.side,
            price: leg.price,
            price_text: leg.price_text.clone(),
            commission_bp: leg.commission_bp,
            net_price: *net_price,
            implied: *implied,
            stake: leg.stake,
            source_at: row.and_then(|row| row.source_at),
            received_at: leg.received_at,
            last_seen_at: leg.last_seen_at,
            change_id: leg.change_id,
            snapshot_id: leg.snapshot_id,
        })
    }
}

#[async_trait]
impl OpportunityPort for RequestBackend {
    async fn opportunity(&self, id: OpportunityId) -> Result<OpportunityView, AppError> {
        let reader = self.reader().await?.id();
        let found = self
            .state
            .store
            .opportunity(reader, id, None)
            .await
            .map_err(failed)?
            .ok_or(AppError::NotFound)?;
        let trace: Trace = serde_json::from_value(found.trace.clone())
            .map_err(|error| failed(ApiError::internal(format!("the trace of opportunity {id}: {error}"))))?;
        let (event, reckoned_at) = (found.event_id, found.refreshed_at);
        let row = self
            .opportunity_rows(vec![found])
            .await?
            .pop()
            .ok_or(AppError::NotFound)?;
        let bookmakers = self.bookmakers_of(std::slice::from_ref(&row)).await?;
        let mut sources = Vec::with_capacity(trace.legs.len());
        for leg in &trace.legs {
            let mut source = self.source(event, leg).await?;
            if let Some(book) = bookmakers.iter().find(|book| book.id == leg.leg.bookmaker_id) {
                source.bookmaker.clone_from(&book.name);
            }
            sources.push(source);
        }
        let judging = trace.fair_lines.iter().flat_map(|fair| {
            let sources = fair.sources.iter().map(|source| source.bookmaker_id);
            sources.chain(std::iter::once(fair.left_out))
        });
        let named = judging
            .chain(trace.moves.iter().map(|moved| moved.bookmaker_id))
            .collect();
        let books = self.state.boards.profiles().await.map_err(failed)?;
        Ok(OpportunityView {
            judges: profiles(&books, &named),
            recomputed: trace.recompute(),
            fair: trace.fair_lines,
            moves: trace.moves,
            row,
            bookmakers,
            sources,
            constants: trace
                .constants
                .into_iter()
                .map(|constant| Constant {
                    name: constant.name,
                    value: constant.value,
                })
                .collect(),
            method: trace.method,
            code_version: trace.code_version,
            reckoned_at,
            implied_sum: trace.implied_sum,
            json_path: format!("/api/v1/opportunities/{id}/trace"),
        })
    }
}
