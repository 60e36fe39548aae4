//! The pages: drawn by `app`, answered by our backend, with the files the browser needs.

use crate::backend::RequestBackend;
use crate::http::guard::content_security_policy;
use crate::state::AppState;
use app::Backend;
use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::response::IntoResponse;
use axum::routing::any;
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use std::path::PathBuf;
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// Where the browser's files lie: beside the program, unless the environment says otherwise (as `cargo leptos watch` does).
pub fn options() -> LeptosOptions {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(PathBuf::from))
        .unwrap_or_default();
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let site_root = variable("LEPTOS_SITE_ROOT").unwrap_or_else(|| beside.join("site").display().to_string());
    let hash_file = beside.join("hash.txt");
    let hash_files = variable("LEPTOS_HASH_FILES").map_or_else(|| hash_file.exists(), |value| value == "true");
    let is_dev = variable("LEPTOS_WATCH").is_some();
    LeptosOptions::builder()
        .output_name("overround")
        .site_root(site_root)
        .site_pkg_dir("pkg")
        .hash_files(hash_files)
        .hash_file(hash_file.display().to_string().into())
        .env(if is_dev {
            leptos::config::Env::DEV
        } else {
            leptos::config::Env::PROD
        })
        .build()
}

/// Pages, their server functions and their files.
pub fn router(state: &AppState) -> Router {
    let options = options();
    let routes = generate_route_list(app::App);
    let context = provide_backend(state.clone());
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    let server_functions = {
        let context = context.clone();
        any(move |request: Request| leptos_axum::handle_server_fns_with_context(context.clone(), request))
    };
    let files = ServeDir::new(&*options.site_root)
        .precompressed_br()
        .precompressed_gzip();
    // With a hash in each name a file never changes; without (while developing) the browser asks again.
    let keep = if options.hash_files {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let packaged = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(
            CACHE_CONTROL,
            HeaderValue::from_static(keep),
        ))
        .service(
            ServeDir::new(format!("{}/pkg", options.site_root))
                .precompressed_br()
                .precompressed_gzip(),
        );
    let not_found = leptos_axum::render_app_async_with_context(context.clone(), shell.clone());
    Router::new()
        .route("/ui/{*name}", server_functions)
        .leptos_routes_with_context(&options, routes, context, shell)
        .nest_service("/pkg", packaged)
        .fallback(move |request: Request| {
            let (files, not_found) = (files.clone(), not_found.clone());
            async move {
                let path = request.uri().path().to_owned();
                // Only names of files are looked up on disk; every other unknown address gets the page that says so.
                if path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
                    let (parts, _) = request.into_parts();
                    let asked = Request::from_parts(parts.clone(), axum::body::Body::empty());
                    match tower::ServiceExt::oneshot(files, asked).await {
                        Ok(response) if response.status() != axum::http::StatusCode::NOT_FOUND => {
                            response.into_response()
                        }
                        _ => not_found(Request::from_parts(parts, axum::body::Body::empty())).await,
                    }
                } else {
                    not_found(request).await
                }
            }
        })
        .with_state(options)
}

/// Puts the backend of each request, and the page's content security policy, into the context of what is drawn.
fn provide_backend(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let parts = use_context::<axum::http::request::Parts>();
        let response = use_context::<ResponseOptions>().unwrap_or_default();
        if let Some(nonce) = use_nonce()
            && let Ok(policy) = HeaderValue::from_str(&content_security_policy(Some(&nonce.to_string())))
        {
            response.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
        provide_context::<Arc<dyn Backend>>(Arc::new(RequestBackend::new(state.clone(), parts, response)));
    }
}
