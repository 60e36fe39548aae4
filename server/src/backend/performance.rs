//! How the reader's bets went.

use super::{RequestBackend, failed, told};
use crate::desk::bets::performance::performance_of;
use app::AppError;
use app::pages::bets::BetsFilter;
use app::pages::performance::{PerformancePort, PerformanceView};
use async_trait::async_trait;
use domain::bet::BetMode;
use store::BetFilter;

#[async_trait]
impl PerformancePort for RequestBackend {
    async fn performance(&self, filter: BetsFilter) -> Result<PerformanceView, AppError> {
        let reader = self.reader().await?;
        let owner = reader.id();
        let accounts = self.state.store.accounts(owner).await.map_err(failed)?;
        let has_real = || accounts.iter().any(|account| account.mode == BetMode::Real);
        let usual = || if has_real() { BetMode::Real } else { BetMode::Paper };
        let mode = filter.mode.unwrap_or_else(usual);
        let asked = BetFilter {
            mode: Some(mode),
            ..self.asked(&filter).await?
        };
        Ok(PerformanceView {
            mode,
            found: told(performance_of(&self.state, &reader.user, &asked).await)?,
            offers: self.bet_offers(owner).await?,
        })
    }
}
