//! Files that a browser sends and saves: plain forms and links, so they work without scripts.

use crate::api::bet_files::file;
use crate::backend::RequestBackend;
use crate::desk::bets::files::{MAX_FILE, Upload, written};
use crate::http::errors::{ApiError, ApiResult};
use crate::http::viewer::{Proof, Viewer};
use crate::state::AppState;
use app::pages::bets::BetsFilter;
use axum::Router;
use axum::extract::{Multipart, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::bet::BetMode;
use leptos_axum::ResponseOptions;
use leptos_router::params::ParamsMap;
use store::UserRole;

/// Letters of a file's name that are kept.
const NAME: usize = 120;

/// The routes.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .route("/ui/upload_bets", post(upload_bets))
        .route("/bets/export.json", get(export_json))
        .route("/bets/export.csv", get(export_csv))
        .with_state(state.clone())
}

/// Keeps a file of bets for the page that shows what an import of it would do.
async fn upload_bets(State(state): State<AppState>, viewer: Viewer, mut form: Multipart) -> Response {
    match keep(&state, &viewer, &mut form).await {
        Ok(()) => Redirect::to("/bets/import").into_response(),
        Err(error) => {
            let why = app::address::Query::default().with("wrong", &error.words()).text();
            Redirect::to(&format!("/bets/import{why}")).into_response()
        }
    }
}

async fn keep(state: &AppState, viewer: &Viewer, form: &mut Multipart) -> ApiResult<()> {
    viewer.require_role(UserRole::Member)?;
    if !matches!(viewer.proof, Proof::Session) {
        return Err(ApiError::forbidden("pages are for people; use the API with a key"));
    }
    let unreadable = |error: axum::extract::multipart::MultipartError| {
        let text = error.body_text();
        ApiError::field(
            "file",
            format!("the file did not arrive whole: {text}; it may be at most 16 MB"),
        )
    };
    while let Some(part) = form.next_field().await.map_err(unreadable)? {
        if part.name() != Some("file") {
            continue;
        }
        let name: String = part.file_name().unwrap_or("A file").chars().take(NAME).collect();
        let bytes = part.bytes().await.map_err(unreadable)?;
        if bytes.is_empty() {
            return Err(ApiError::field("file", "choose a file with something in it"));
        }
        if bytes.len() > MAX_FILE {
            return Err(ApiError::field("file", "a file may be at most 16 MB: split it"));
        }
        let upload = Upload {
            name,
            bytes: bytes.as_ref().into(),
            mapping: None,
            mode: BetMode::Real,
            account: String::new(),
            currency: state.store.bettor(viewer.id()).await?.currency,
        };
        state.imports.put(viewer.id(), Some(upload));
        return Ok(());
    }
    Err(ApiError::field("file", "choose a file"))
}

async fn export(state: AppState, viewer: Viewer, query: Option<String>, is_csv: bool) -> ApiResult<Response> {
    let query = query.unwrap_or_default();
    let pairs: ParamsMap = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(
        &format!("/?{query}")
            .parse()
            .map_err(|_| ApiError::bad_request("the address cannot be read"))?,
    )
    .map_err(|error| ApiError::bad_request(error.to_string()))?
    .0
    .into_iter()
    .collect();
    let owner = viewer.id();
    let backend = RequestBackend::of(state.clone(), viewer, ResponseOptions::default());
    let filter = backend.asked(&BetsFilter::of(&pairs)).await;
    let filter = filter.map_err(|error| ApiError::bad_request(error.to_string()))?;
    let books = state.boards.profiles().await?;
    file(&written(&state.store, owner, &filter, &books).await?, is_csv)
}

async fn export_json(State(state): State<AppState>, viewer: Viewer, RawQuery(query): RawQuery) -> ApiResult<Response> {
    export(state, viewer, query, false).await
}

async fn export_csv(State(state): State<AppState>, viewer: Viewer, RawQuery(query): RawQuery) -> ApiResult<Response> {
    export(state, viewer, query, true).await
}
