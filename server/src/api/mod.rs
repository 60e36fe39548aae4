//! The JSON API: one file per resource, each with its parameters, its answers and its handlers. Every path is in the list
//! below, and nowhere else.

mod answer;
pub mod api_keys;
pub mod arbitrage;
pub mod bankroll;
pub mod bet_files;
pub mod bets;
pub mod bookmakers;
pub mod competitions;
mod docs;
pub mod events;
pub mod extract;
pub mod feeds;
pub mod games;
mod idempotency;
pub mod issues;
pub mod me;
pub mod opportunities;
pub mod performance;
pub mod reviews;
pub mod snapshots;
pub mod status;
pub mod strategies;
mod stream;

use crate::http::errors::{ApiError, Errors};
use crate::http::viewer::{Proof, Viewer};
use crate::state::AppState;
use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, Ref, RefOr, ResponseBuilder, SecurityRequirement};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Overround",
        description = "Odds of many bookmakers, their whole history, and what can be made of them.\n\nTimes are RFC 3339 in UTC; \
                       prices and lines are decimal strings; lists are read on with `after`; `as_of` shows what was known at a \
                       past moment, which never changes. More requests a minute than the server allows, 600 unless set otherwise, are refused with 429."
    ),
    paths(stream::stream),
    components(schemas(Errors)),
    tags(
        (name = "odds", description = "Events, boards, price history"),
        (name = "opportunities", description = "What can be made of them"),
        (name = "strategies", description = "What to look for, and how"),
        (name = "bets", description = "What you bet, your money, and what came of it"),
        (name = "reviews", description = "Questions for a person"),
        (name = "health", description = "Feeds, findings, the desk as a whole"),
        (name = "account", description = "You and your keys"),
    )
)]
struct Described;

/// The list of all paths.
fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(events::list))
        .routes(routes!(events::show))
        .routes(routes!(events::history))
        .routes(routes!(games::list))
        .routes(routes!(arbitrage::list))
        .routes(routes!(opportunities::list))
        .routes(routes!(opportunities::show))
        .routes(routes!(opportunities::trace))
        .routes(routes!(strategies::list, strategies::create))
        .routes(routes!(strategies::kinds))
        .routes(routes!(strategies::export))
        .routes(routes!(strategies::import))
        .routes(routes!(strategies::show, strategies::change))
        .routes(routes!(strategies::delete))
        .routes(routes!(strategies::restore))
        .routes(routes!(strategies::decisions))
        .routes(routes!(bets::list, bets::create))
        .routes(routes!(bet_files::export_json))
        .routes(routes!(bet_files::export_csv))
        .routes(routes!(bet_files::undo))
        .routes(routes!(bets::decisions, bets::skip_opportunity))
        .routes(routes!(bets::show, bets::change))
        .routes(routes!(bets::settle))
        .routes(routes!(bets::take_back))
        .routes(routes!(bets::cash_out))
        .routes(routes!(bets::delete))
        .routes(routes!(bets::restore))
        .routes(routes!(bankroll::show))
        .routes(routes!(bankroll::add_account))
        .routes(routes!(bankroll::change_account))
        .routes(routes!(bankroll::entries, bankroll::add_entry))
        .routes(routes!(bankroll::take_entry_back))
        .routes(routes!(bankroll::limits, bankroll::change_limits))
        .routes(routes!(bankroll::set_currency))
        .routes(routes!(bankroll::cool_off))
        .routes(routes!(bankroll::exchange_rates, bankroll::put_exchange_rate))
        .routes(routes!(performance::show))
        .routes(routes!(issues::list))
        .routes(routes!(issues::summary))
        .routes(routes!(feeds::list))
        .routes(routes!(feeds::fetches))
        .routes(routes!(bookmakers::list))
        .routes(routes!(competitions::list))
        .routes(routes!(snapshots::show))
        .routes(routes!(snapshots::body))
        .routes(routes!(status::show))
        .routes(routes!(reviews::list))
        .routes(routes!(reviews::decide))
        .routes(routes!(reviews::undo))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(me::show))
}

/// The paths that take files: with another limit on the size of a body.
fn described_files() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(bet_files::imports, bet_files::import))
}

/// The part of the API that takes files.
pub fn files_router(state: &AppState) -> Router {
    Router::from(described_files())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(from_fn(allow))
        .with_state(state.clone())
}

/// The API as a router. The live stream is not in it: it has no time limit and is mounted beside.
pub fn router(state: &AppState) -> Router {
    Router::from(described())
        .route("/api/v1/openapi.json", get(docs::document))
        .route("/api/docs", get(docs::page))
        .route("/api/docs.css", get(docs::style))
        .route(
            "/api/{*path}",
            any(async || ApiError::not_found("address in the API; see /api/docs")),
        )
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(from_fn(allow))
        .with_state(state.clone())
}

/// What every request to the API needs: somebody who is signed in, and a key with the scope for it.
async fn allow(viewer: Viewer, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let allowed = if is_read {
        require_read(&viewer)
    } else {
        viewer.require_write()
    };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn require_read(viewer: &Viewer) -> Result<(), ApiError> {
    match &viewer.proof {
        Proof::Key { scopes, .. } if !scopes.iter().any(|scope| scope == "read") => Err(ApiError::forbidden(
            "this API key may not read; make one with the read scope",
        )),
        Proof::Key { .. } | Proof::Session => Ok(()),
    }
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = described().merge(described_files()).into_openapi();
    let components = document.components.get_or_insert_with(Components::new);
    let refusal = ResponseBuilder::new().description("What was wrong").content(
        "application/json",
        ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Errors")))
            .build(),
    );
    components
        .responses
        .insert("Refusal".to_owned(), RefOr::T(refusal.build()));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key"))
        .build();
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
        "overround",
        "The session; `__Host-overround` over https",
    ));
    components.add_security_scheme("key", SecurityScheme::Http(bearer));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    let nothing = Vec::<String>::new;
    document.security = Some(vec![
        SecurityRequirement::new("key", nothing()),
        SecurityRequirement::new("session", nothing()),
    ]);
    for path in document.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
            describe_refusal(operation);
        }
    }
    document
}

/// Every operation refuses in the same form.
fn describe_refusal(operation: &mut Operation) {
    let refusal = RefOr::Ref(Ref::new("#/components/responses/Refusal"));
    operation.responses.responses.insert("default".to_owned(), refusal);
}
