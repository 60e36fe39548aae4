//! What needs attention now.

use super::health::Facts;
use super::rows::move_of;
use super::{RequestBackend, count, failed};
use crate::desk::bets::standing::Rates;
use crate::desk::boards::GameFilter;
use crate::desk::preferences::{day_bounds, day_of};
use app::AppError;
use app::pages::today::{DayLoss, EventMove, Today, TodayPort};
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use domain::bet::{BetMode, BetStatus};
use domain::opportunity::{OpportunityKind, Verdict};
use domain::summary::{GameSummary, LastMove};
use domain::{EventStatus, Severity, UserId};
use std::sync::Arc;
use store::BetFilter;

/// Rows of each list.
const OPPORTUNITIES: usize = 5;
const GAMES: usize = 8;
const MOVES: usize = 6;

/// Live games, then the next to start.
fn next_games(open: &[Arc<GameSummary>], now: DateTime<Utc>) -> Vec<Arc<GameSummary>> {
    let live = open.iter().filter(|game| game.event.status == EventStatus::Live);
    let next = open
        .iter()
        .filter(|game| game.event.status == EventStatus::Scheduled && game.event.starts_at >= now);
    live.chain(next).take(GAMES).cloned().collect()
}

/// How far a price moved, as a probability.
fn distance(last: &LastMove) -> f64 {
    (last.price.implied() - last.previous.implied()).abs()
}

/// The moves of the last hour, the largest first.
fn largest_moves(open: &[Arc<GameSummary>], now: DateTime<Utc>) -> Vec<(&Arc<GameSummary>, &LastMove)> {
    let mut moves: Vec<_> = open
        .iter()
        .filter_map(|game| Some((game, game.last_move.as_ref()?)))
        .filter(|(_, last)| now - last.moved_at <= Duration::hours(1))
        .collect();
    moves.sort_by(|(_, one), (_, other)| distance(other).total_cmp(&distance(one)));
    moves.truncate(MOVES);
    moves
}

impl RequestBackend {
    /// What the day that began at an instant lost so far: of real money once there is some, else of paper.
    async fn day_loss(&self, owner: UserId, from: DateTime<Utc>) -> Result<DayLoss, AppError> {
        let store = &self.state.store;
        let accounts = store.accounts(owner).await.map_err(failed)?;
        let bettor = store.bettor(owner).await.map_err(failed)?;
        let rates = Rates::new(bettor.currency, store.exchange_rates(owner).await.map_err(failed)?);
        let today = self.now().date_naive();
        let has_real = accounts.iter().any(|account| account.mode == BetMode::Real);
        let mode = if has_real { BetMode::Real } else { BetMode::Paper };
        let settled = BetFilter {
            mode: Some(mode),
            status: Some(BetStatus::Settled),
            settled_from: Some(from),
            ..BetFilter::default()
        };
        let rows = store.bets_total(owner, &settled).await.map_err(failed)?;
        let won: i64 = rows
            .iter()
            .filter_map(|row| rates.to_base(row.profit, row.currency, today))
            .fold(0, i64::saturating_add);
        let bankroll = accounts
            .iter()
            .filter(|account| account.mode == mode)
            .filter_map(|account| rates.to_base(account.cash.saturating_add(account.stake), account.currency, today))
            .fold(0, i64::saturating_add);
        let at_dawn = i128::from(bankroll.saturating_sub(won).max(0));
        let limit = at_dawn * i128::from(bettor.limits_at(self.now()).daily_loss_bp) / 10_000;
        Ok(DayLoss {
            mode,
            currency: bettor.currency,
            lost: won.saturating_neg().max(0),
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        })
    }
}

#[async_trait]
impl TodayPort for RequestBackend {
    async fn today(&self) -> Result<Today, AppError> {
        let (zone, now) = (self.zone().await?, self.now());
        let current = self.state.boards.current().await.map_err(failed)?;
        let open = current.games(&GameFilter::default());
        let (from, to) = day_bounds(zone, day_of(zone, now));
        let on_day = GameFilter {
            statuses: EventStatus::ALL.to_vec(),
            starts_from: Some(from),
            starts_to: Some(to),
            ..GameFilter::default()
        };
        let owner = self.reader().await?.id();
        let mut found = self
            .state
            .store
            .open_opportunities_of(owner, None)
            .await
            .map_err(failed)?;
        // What loses in the worst case is looked at on purpose, and what is left of a promotion depends on having one.
        found.retain(|open| {
            matches!(
                open.found.kind,
                OpportunityKind::Arbitrage | OpportunityKind::Value | OpportunityKind::Steam
            )
        });
        let open_count = count(found.len());
        let executable = found.iter().filter(|open| open.found.verdict == Verdict::Executable);
        let executable_count = count(executable.count());
        found.sort_by(|one, other| {
            other
                .found
                .profit
                .total_cmp(&one.found.profit)
                .then(one.id.cmp(&other.id))
        });
        found.truncate(OPPORTUNITIES);
        let opportunities = self.opportunity_rows(found).await?;
        let moves = largest_moves(&open, now)
            .into_iter()
            .map(|(game, last)| EventMove {
                event: game.event.clone(),
                change: move_of(last, current.books()),
            })
            .collect();
        let facts = Facts::gather(&self.state).await?;
        let open_bets = BetFilter {
            status: Some(BetStatus::Open),
            ..BetFilter::default()
        };
        let to_settle = BetFilter {
            needs_person: true,
            ..BetFilter::default()
        };
        let to_settle = self.bets_sums(owner, &to_settle).await?;
        Ok(Today {
            executable_count,
            open_count,
            bookmakers: self.bookmakers_of(&opportunities).await?,
            opportunities,
            games: self.game_rows(&next_games(&open, now), &current).await?,
            games_today: count(current.games(&on_day).len()),
            live_count: count(
                open.iter()
                    .filter(|game| game.event.status == EventStatus::Live)
                    .count(),
            ),
            moves,
            summary: facts.summary(),
            open_bets: self.bets_sums(owner, &open_bets).await?,
            bets_to_settle: count(to_settle.iter().map(|sum| sum.count).sum::<i64>()),
            day_loss: self.day_loss(owner, from).await?,
            errors_24h: facts.findings(Severity::Error),
            warnings_24h: facts.findings(Severity::Warning),
            feeds: facts.feeds.into_iter().filter(|feed| feed.is_enabled).collect(),
        })
    }
}
