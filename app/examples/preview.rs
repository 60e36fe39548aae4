//! The pages over a made-up backend, to look at: `cargo run -p app --example preview --features ssr [SITE_DIR]`, then
//! <http://127.0.0.1:3999>. `?` in the address is not needed: the path decides the page, `PREVIEW_WHO` (nobody, anonymous,
//! code, viewer, owner) who looks, and `PREVIEW_AMOUNT` (empty, full, failing) what there is.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::unwrap_used,
    clippy::allow_attributes,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "made-up rows are small and counted by position; helpers of tests say what they expect by unwrapping"
)]

use app::Backend;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use leptos::prelude::*;
use leptos_axum::LeptosRoutes;
use std::sync::Arc;

#[path = "../tests/fake/mod.rs"]
mod fake;

use fake::{Amount, Fake, Who};

#[tokio::main]
async fn main() {
    let who = match std::env::var("PREVIEW_WHO").as_deref() {
        Ok("nobody") => Who::Nobody,
        Ok("anonymous") => Who::Anonymous,
        Ok("code") => Who::AwaitingCode,
        Ok("viewer") => Who::Viewer,
        _ => Who::Owner,
    };
    let amount = match std::env::var("PREVIEW_AMOUNT").as_deref() {
        Ok("empty") => Amount::Empty,
        Ok("failing") => Amount::Failing,
        _ => Amount::Full,
    };
    let fake = Fake::new(amount, who, "2026-11-21T13:30:05Z".parse().expect("a time"));
    let options = LeptosOptions::builder()
        .output_name("overround")
        .site_root("target/site")
        .build();
    let context = {
        let fake = fake.clone();
        move || provide_context::<Arc<dyn Backend>>(Arc::new(fake.clone()))
    };
    let site = std::env::args().nth(1).unwrap_or_else(|| "target/site".to_owned());
    let shell_options = options.clone();
    let app = Router::new()
        .leptos_routes_with_context(
            &options,
            leptos_axum::generate_route_list(app::App),
            context.clone(),
            move || app::shell(shell_options.clone()),
        )
        .route("/favicon.svg", get(|| file("public/favicon.svg", "image/svg+xml")))
        .route("/pkg/overround.css", get(|| file("style/main.css", "text/css")))
        .route(
            "/pkg/{name}",
            get(move |axum::extract::Path(name): axum::extract::Path<String>| built(site.clone(), name)),
        )
        .fallback({
            let (options, context) = (options.clone(), context.clone());
            leptos_axum::render_app_async_with_context(context, move || app::shell(options.clone()))
        })
        .with_state(options);
    let address = std::env::var("PREVIEW_LISTEN").unwrap_or_else(|_| "127.0.0.1:3999".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await.expect("a free address");
    println!("http://{address}");
    axum::serve(listener, app).await.expect("the preview serves");
}

async fn file(path: &'static str, kind: &'static str) -> impl IntoResponse {
    ([("content-type", kind)], std::fs::read(path).unwrap_or_default())
}

async fn built(site: String, name: String) -> impl IntoResponse {
    let kind = if name.ends_with(".wasm") {
        "application/wasm"
    } else {
        "text/javascript"
    };
    (
        [("content-type", kind)],
        std::fs::read(format!("{site}/pkg/{name}")).unwrap_or_default(),
    )
}
