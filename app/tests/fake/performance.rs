//! A made-up year of bets, reckoned as real ones are.

use super::Fake;
use app::AppError;
use app::pages::bets::BetsFilter;
use app::pages::performance::{PerformancePort, PerformanceView};
use async_trait::async_trait;
use chrono::{Datelike, Duration};
use domain::bet::{BetMode, SettledAs};
use domain::close::CloseGrade;
use domain::{BetId, BookmakerId, Currency, StrategyId};
use engine::performance::{Row, Settled, performance};
use std::sync::Arc;

/// A year of three hundred bets: enough for every figure, with what is missing in real ones.
const BETS: i64 = 300;

#[async_trait]
impl PerformancePort for Fake {
    async fn performance(&self, filter: BetsFilter) -> Result<PerformanceView, AppError> {
        self.gate()?;
        let few = if filter.tag.is_empty() { BETS } else { 12 };
        let rows: Vec<Row> = (1..=few).map(|id| self.settled_row(id, few)).collect();
        let rows = if self.is_full() { rows } else { Vec::new() };
        Ok(PerformanceView {
            mode: filter.mode.unwrap_or(BetMode::Real),
            found: Arc::new(performance(Currency::EUR, &rows, u32::from(self.is_full()))),
            offers: Self::bet_offers(),
        })
    }
}

impl Fake {
    fn settled_row(&self, id: i64, of: i64) -> Row {
        let placed_at = self.now - Duration::hours((of - id) * 29 + 2);
        // As good as chance, and the same every time.
        let luck = (id * 7_919 + 13) % 1_000;
        let at_risk = 1_000 + (id * 37) % 20 * 50;
        let is_won = luck < 520;
        let settled = (id < of - 4).then_some(Settled {
            at: placed_at + Duration::hours(3),
            as_what: if is_won { SettledAs::Win } else { SettledAs::Loss },
            profit: if is_won { at_risk * 97 / 100 } else { -at_risk },
        });
        let has_close = id % 9 != 0;
        let clv = (luck * 31) % 160_000 - 62_000;
        Row {
            id: BetId(id),
            month: placed_at.date_naive().with_day(1).unwrap(),
            at_risk,
            settled,
            edge_ppm: (id % 4 != 0).then_some(luck * 90),
            clv_ppm: has_close.then_some(clv),
            close_edge_ppm: has_close.then_some(clv - 9_000),
            close_points: (id % 11 == 0).then_some(50),
            close_grade: has_close.then_some(if id % 3 == 0 {
                CloseGrade::Provisional
            } else {
                CloseGrade::Verified
            }),
            close_reason: "no feed speaks of its event".to_owned(),
            strategy: (id % 4 != 0).then_some(StrategyId(2)),
            bookmaker: Some(BookmakerId(3 + id % 2)),
            sport: ["football", "basketball", "tennis"][(id % 3) as usize].to_owned(),
            market: ["moneyline", "spread", "parlay"][(id % 3) as usize].to_owned(),
            tags: if id % 5 == 0 {
                vec!["early".to_owned()]
            } else {
                Vec::new()
            },
        }
    }
}
