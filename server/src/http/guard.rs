//! Guards on every request: no forged cross-site writes, security headers, nothing for anonymous visitors.

use crate::http::errors::ApiError;
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, LOCATION, ORIGIN,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What pages may load: only our own; scripts only with this answer's nonce; WebAssembly may be compiled.
pub fn content_security_policy(nonce: Option<&str>) -> String {
    let script = nonce.map_or_else(String::new, |nonce| format!(" 'nonce-{nonce}'"));
    format!(
        "default-src 'none'; script-src 'self'{script} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Refuses CONNECT and TRACE, and unsafe methods that come from another site: browsers say where a request comes from in
/// `Sec-Fetch-Site`, older ones in `Origin`. A request with an API key carries no cookie and cannot be forged this way.
pub async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || request.headers().contains_key(AUTHORIZATION) || is_same_origin(&state, &request) {
        next.run(request).await
    } else {
        ApiError::forbidden(
            "this request came from another site and was not carried out; open the page here and try again",
        )
        .into_response()
    }
}

fn is_same_origin(state: &AppState, request: &Request) -> bool {
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(origin) = header(ORIGIN) else { return false };
    if state
        .config
        .base_url
        .as_deref()
        .is_some_and(|base| base.trim_end_matches('/') == origin)
    {
        return true;
    }
    let authority = origin
        .parse::<Uri>()
        .ok()
        .and_then(|uri| uri.authority().map(ToString::to_string));
    authority.is_some()
        && authority.as_deref() == header(HOST).or(request.uri().authority().map(axum::http::uri::Authority::as_str))
}

/// Puts the security headers on every answer that does not carry its own.
pub async fn security_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_private = !request.uri().path().starts_with("/pkg/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(X_FRAME_OPTIONS, "DENY");
    // Plain forms come back to the page they were sent from, which the browser tells in Referer on the same site only.
    put(REFERRER_POLICY, "same-origin");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    put(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    if is_private {
        put(CACHE_CONTROL, "private, no-cache");
    }
    if state.config.is_https() {
        put(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(None)) {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    response
}

/// Addresses that anonymous visitors may reach: sign-in, set-up, probes and static files.
const PUBLIC: &[&str] = &[
    "/login",
    "/setup",
    "/livez",
    "/readyz",
    "/favicon.ico",
    "/favicon.svg",
    "/wordmark.svg",
    "/idiomorph.js",
    "/robots.txt",
];
/// The forms of sign-in, set-up and invitation.
const PUBLIC_FUNCTIONS: &[&str] = &["sign_in", "sign_in_code", "sign_out", "set_up", "accept_invitation"];

/// What anonymous visitors may reach. Everything else is for users.
pub fn is_public(path: &str) -> bool {
    PUBLIC.contains(&path)
        || path.starts_with("/pkg/")
        || path
            .strip_prefix("/ui/")
            .is_some_and(|function| PUBLIC_FUNCTIONS.contains(&function))
        || path.strip_prefix("/invite/").is_some_and(|token| !token.contains('/'))
}

/// Turns anonymous visitors away: programs get 401, people are sent to sign in (or to set-up while there is no user).
pub async fn users_only(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if is_public(path) || request.extensions().get::<Viewer>().is_some() {
        return next.run(request).await;
    }
    if path.starts_with("/api/") || path.starts_with("/ui/") {
        return ApiError::unauthorized().into_response();
    }
    let target = match state.store.count_users().await {
        Ok(0) => "/setup".to_owned(),
        Ok(_) => sign_in_address(request.uri()),
        Err(error) => return ApiError::from(error).into_response(),
    };
    see_other(&target)
}

/// The sign-in page, remembering where the person wanted to go.
fn sign_in_address(wanted: &Uri) -> String {
    let wanted = wanted.path_and_query().map_or("/", |path| path.as_str());
    if wanted == "/" {
        return "/login".to_owned();
    }
    let encoded: String = wanted
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("/login?next={encoded}")
}

/// A redirect within this site; anything that is not a plain path leads to the front page.
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(local_path(path)).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// The path itself when it leads nowhere but this site, else `/`. `//host` and `/\host` lead elsewhere.
pub fn local_path(path: &str) -> &str {
    let mut letters = path.chars();
    let is_local = letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && path.chars().all(|letter| letter.is_ascii_graphic());
    if is_local { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leaves_the_site() {
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:x",
            "/a\r\nb",
            "/\tx",
        ] {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
        assert_eq!(local_path("/games?sport=tennis"), "/games?sport=tennis");
    }

    #[test]
    fn only_sign_in_and_static_files_are_public() {
        for path in [
            "/",
            "/games",
            "/api/v1/games",
            "/api/docs",
            "/ui/save_feed",
            "/invite/a/b",
            "/settings",
            "/metrics",
        ] {
            assert!(!is_public(path), "{path}");
        }
        for path in [
            "/login",
            "/setup",
            "/livez",
            "/readyz",
            "/pkg/overround.js",
            "/idiomorph.js",
            "/invite/abc",
        ] {
            assert!(is_public(path), "{path}");
        }
    }
}
