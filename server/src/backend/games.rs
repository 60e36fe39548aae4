//! The board.

use super::{RequestBackend, failed, page_of};
use crate::desk::boards::{GameFilter, GameSort, KEPT};
use crate::desk::preferences::{day_bounds, day_of};
use app::AppError;
use app::pages::games::{
    CompetitionChoice, DayChoice, GamesFilter, GamesPort, GamesSort, GamesView, SportChoice, StatusFilter,
};
use async_trait::async_trait;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use domain::summary::GameSummary;
use domain::{CompetitionId, EventStatus, Sport};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Games on a page.
const PAGE: usize = 50;
/// Days to filter by.
const DAYS: usize = 15;
/// Games of one day long ago that are looked at.
const LONG_AGO: u32 = 1000;

fn asked(filter: &GamesFilter, zone: Tz) -> GameFilter {
    let day = filter.day.map(|day| day_bounds(zone, day));
    GameFilter {
        sport: filter.sport.clone(),
        competition: filter.competition,
        statuses: match filter.status {
            None => Vec::new(),
            Some(status) => status
                .status()
                .map_or_else(|| EventStatus::ALL.to_vec(), |status| vec![status]),
        },
        starts_from: day.map(|(from, _)| from),
        starts_to: day.map(|(_, to)| to),
        text: Some(filter.text.trim().to_owned()).filter(|text| !text.is_empty()),
        sort: match filter.sort {
            GamesSort::Start if filter.status == Some(StatusFilter::Final) => GameSort::LatestStart,
            GamesSort::Start => GameSort::Start,
            GamesSort::Hold => GameSort::Hold,
            GamesSort::Moved => GameSort::Moved,
            GamesSort::Bookmakers => GameSort::Bookmakers,
        },
    }
}

/// What can be filtered by: counts of games that are not over; what only the games found have comes with none.
fn choices(
    open: &[Arc<GameSummary>],
    found: &[Arc<GameSummary>],
) -> (Vec<SportChoice>, Vec<(Sport, CompetitionChoice)>) {
    let mut sports: BTreeMap<Sport, u32> = BTreeMap::new();
    let mut competitions: BTreeMap<(Sport, String, CompetitionId), u32> = BTreeMap::new();
    for (games, one) in [(open, 1), (found, 0)] {
        for event in games.iter().map(|game| &game.event) {
            *sports.entry(event.sport.clone()).or_default() += one;
            let competition = (event.sport.clone(), event.competition.clone(), event.competition_id);
            *competitions.entry(competition).or_default() += one;
        }
    }
    let sports = sports
        .into_iter()
        .map(|(sport, count)| SportChoice { sport, count })
        .collect();
    let competitions = competitions
        .into_iter()
        .map(|((sport, name, id), count)| (sport, CompetitionChoice { id, name, count }))
        .collect();
    (sports, competitions)
}

/// The next days with games that are not over; yesterday's may still be going on.
fn days(open: &[Arc<GameSummary>], zone: Tz, today: NaiveDate) -> Vec<DayChoice> {
    let first = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let mut days: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    for game in open {
        *days.entry(day_of(zone, game.event.starts_at)).or_default() += 1;
    }
    days.range(first..)
        .take(DAYS)
        .map(|(date, count)| DayChoice {
            date: *date,
            count: *count,
        })
        .collect()
}

#[async_trait]
impl GamesPort for RequestBackend {
    async fn games(&self, filter: GamesFilter) -> Result<GamesView, AppError> {
        let (zone, now) = (self.zone().await?, self.now());
        let current = self.state.boards.current().await.map_err(failed)?;
        let open = current.games(&GameFilter::default());
        let asked = asked(&filter, zone);
        let is_long_ago = asked.starts_from.is_some_and(|from| from < now - KEPT);
        let found = if is_long_ago {
            self.state
                .boards
                .summaries(&current, &asked, None, None, LONG_AGO)
                .await
                .map_err(failed)?
                .page
                .items
        } else {
            current.games(&asked)
        };
        let (sports, competitions) = choices(&open, &found);
        let competitions = competitions
            .into_iter()
            .filter(|(sport, _)| filter.sport.as_ref().is_none_or(|wanted| wanted == sport))
            .map(|(_, competition)| competition)
            .collect();
        let days = days(&open, zone, day_of(zone, now));
        let (games, total, pages) = page_of(found, filter.page, PAGE);
        Ok(GamesView {
            rows: self.game_rows(&games, &current).await?,
            total,
            pages,
            sports,
            competitions,
            days,
        })
    }
}
