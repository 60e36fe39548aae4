//! Probes for whatever runs this process: alive, and ready for work.

use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// `/livez` and `/readyz`; no sign-in, no session, no database for the first.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .layer(axum::middleware::from_fn_with_state(
            state.clone(),
            crate::http::guard::security_headers,
        ))
        .with_state(state.clone())
}

/// Ready when the database answers with this version's schema, the data directory can be written and nobody asked us to stop.
async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let database = match state.store.is_ready().await {
        Ok(true) => "ok",
        Ok(false) => "the schema is not current; run `overround migrate`",
        Err(error) => {
            tracing::warn!(%error, "not ready");
            "does not answer"
        }
    };
    let disk = if can_write(&state.config.data_dir) {
        "ok"
    } else {
        "the data folder cannot be written"
    };
    let is_ready = database == "ok" && disk == "ok" && !state.is_draining();
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({"ready": is_ready, "database": database, "disk": disk, "draining": state.is_draining()})),
    )
}

fn can_write(dir: &std::path::Path) -> bool {
    let path = dir.join(format!(".write-test-{}", std::process::id()));
    let written = std::fs::write(&path, b"x").is_ok();
    let _ = std::fs::remove_file(&path);
    written
}
