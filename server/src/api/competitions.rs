//! `competitions`: leagues, cups and tours.

use crate::http::errors::ApiResult;
use crate::state::AppState;
use axum::extract::State;
use serde::Serialize;
use store::Competition;
use utoipa::ToSchema;

/// Every competition.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompetitionsAnswer {
    /// By sport and name.
    pub competitions: Vec<CompetitionRow>,
}

/// A league, cup or tour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompetitionRow {
    /// Its number.
    pub id: i64,
    /// Its key, e.g. `basketball/nba`.
    pub key: String,
    /// Its sport, e.g. `basketball`.
    pub sport: String,
    /// As shown.
    pub name: String,
    /// True when the demo feed made it up.
    pub is_demo: bool,
}

fn competition_row(competition: Competition) -> CompetitionRow {
    let Competition {
        id,
        key,
        sport,
        name,
        is_demo,
    } = competition;
    CompetitionRow {
        id: id.0,
        key,
        sport: sport.key().to_owned(),
        name,
        is_demo,
    }
}

/// List the competitions.
#[utoipa::path(get, path = "/api/v1/competitions", operation_id = "list_competitions", tag = "odds", responses((status = 200, body = CompetitionsAnswer)))]
pub(super) async fn list(State(state): State<AppState>) -> ApiResult<axum::Json<CompetitionsAnswer>> {
    let competitions = state
        .store
        .competitions()
        .await?
        .into_iter()
        .map(competition_row)
        .collect();
    Ok(axum::Json(CompetitionsAnswer { competitions }))
}
