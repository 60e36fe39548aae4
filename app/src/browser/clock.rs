//! Time goes on: relative times, ages, the clock, and marks that end.

use super::dom::{find_all, find_in, window};
use crate::write;
use chrono::{DateTime, Duration, Utc};
use std::cell::Cell;
use web_sys::{Element, HtmlElement};

thread_local! {
    /// How far the browser's clock is ahead of the server's, in milliseconds.
    static AHEAD_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// Starts to move times on, once a second.
pub fn start() {
    if let Some(body) = super::dom::document().body() {
        follow(&body);
    }
    leptos::prelude::set_interval(tick, std::time::Duration::from_secs(1));
}

/// Takes the server's time from a page that just arrived. The server's clock rules; the browser's only says how much time has
/// passed since.
pub fn follow(page: &Element) {
    if let Some(told_at) = find_in(page, "#clock").and_then(|clock| instant(&clock, "datetime")) {
        AHEAD_MS.set(js_sys::Date::now() - told_at.timestamp_millis() as f64);
    }
}

/// What time it is on the server.
fn now() -> Option<DateTime<Utc>> {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
    DateTime::from_timestamp_millis((js_sys::Date::now() - AHEAD_MS.get()) as i64)
}

fn instant(element: &HtmlElement, attribute: &str) -> Option<DateTime<Utc>> {
    element.get_attribute(attribute)?.parse().ok()
}

fn tick() {
    let Some(now) = now().filter(|_| !window().document().is_some_and(|document| document.hidden())) else {
        return;
    };
    for time in find_all("time[data-shows]") {
        let shown = time.get_attribute("data-shows").unwrap_or_default();
        let Some(at) = instant(&time, "datetime") else { continue };
        let text = match shown.as_str() {
            "relative" => write::relative(at, now),
            "age" => write::age(at, now),
            _ => {
                let minutes = time
                    .get_attribute("data-offset-minutes")
                    .and_then(|minutes| minutes.parse().ok());
                let local = now + Duration::minutes(minutes.unwrap_or(0));
                time.set_attribute("datetime", &write::rfc3339(now)).unwrap_or_default();
                local.format("%H:%M:%S").to_string()
            }
        };
        if time.text_content().as_deref() != Some(text.as_str()) {
            time.set_text_content(Some(&text));
        }
    }
    for mark in find_all("[data-until]") {
        if instant(&mark, "data-until").is_none_or(|until| until <= now) {
            mark.remove();
        }
    }
}
