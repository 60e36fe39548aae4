//! `bookmakers`: who offers the prices.

use crate::http::errors::ApiResult;
use crate::state::AppState;
use axum::extract::State;
use domain::BookProfile;
use serde::Serialize;
use utoipa::ToSchema;

/// Every bookmaker.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BookmakersAnswer {
    /// By name.
    pub bookmakers: Vec<BookmakerRow>,
}

/// A bookmaker and how it prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BookmakerRow {
    /// Its number.
    pub id: i64,
    /// Its key, as quotes name it.
    pub key: String,
    /// As shown.
    pub name: String,
    /// `sharp`, `retail` or `exchange`.
    pub kind: &'static str,
    /// Commission on net winnings in hundredths of a percent: 5 % is 500.
    pub commission_bp: u16,
    /// Bookmakers of one group share a price source.
    pub clone_group: Option<String>,
    /// True when the demo feed made it up.
    pub is_demo: bool,
}

fn bookmaker_row(book: BookProfile) -> BookmakerRow {
    let BookProfile {
        id,
        key,
        name,
        kind,
        commission_bp,
        clone_group,
        is_demo,
    } = book;
    BookmakerRow {
        id: id.0,
        key,
        name,
        kind: kind.code(),
        commission_bp,
        clone_group,
        is_demo,
    }
}

/// List the bookmakers.
#[utoipa::path(get, path = "/api/v1/bookmakers", operation_id = "list_bookmakers", tag = "odds", responses((status = 200, body = BookmakersAnswer)))]
pub(super) async fn list(State(state): State<AppState>) -> ApiResult<axum::Json<BookmakersAnswer>> {
    let bookmakers = state.store.bookmakers().await?.into_iter().map(bookmaker_row).collect();
    Ok(axum::Json(BookmakersAnswer { bookmakers }))
}
