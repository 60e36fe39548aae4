//! What jobs do: with feeds through the pipeline, with bets through the desk.

use crate::desk::bets::{closes, judge};
use crate::http::errors::ApiError;
use crate::jobs::{Failure, Work};
use crate::state::AppState;
use async_trait::async_trait;

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let details: Vec<&str> = error.entries().iter().map(|entry| &*entry.detail).collect();
        Self::retryable(details.join("; "))
    }
}

#[async_trait]
impl Work for AppState {
    async fn discover_events(&self, feed: &str) -> Result<(), Failure> {
        self.pipeline.discover_events(feed).await
    }

    async fn fetch_odds(&self, feed: &str, competition: &str) -> Result<(), Failure> {
        self.pipeline.fetch_odds(feed, competition).await
    }

    async fn fetch_scores(&self, feed: &str, competition: &str) -> Result<(), Failure> {
        self.pipeline.fetch_scores(feed, competition).await
    }

    async fn update_status(&self) -> Result<(), Failure> {
        self.pipeline.update_status().await
    }

    async fn evaluate(&self) -> Result<(), Failure> {
        self.pipeline.evaluate().await
    }

    async fn settle_bets(&self) -> Result<(), Failure> {
        closes::close_legs(self).await?;
        judge::judge_bets(self).await?;
        Ok(())
    }

    async fn retention(&self) -> Result<(), Failure> {
        self.pipeline.retention().await
    }
}
