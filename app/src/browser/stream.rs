//! The server's news: a page that follows what changed is asked again, at most once a second.

use super::dom::{document, find, find_in, listen};
use super::visit;
use serde::Deserialize;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Event, EventSource, MessageEvent};

/// What a `board` message says.
#[derive(Deserialize)]
struct Board {
    event_id: i64,
}

thread_local! {
    static SOURCE: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    /// Whether this page has to be asked again.
    static IS_STALE: Cell<bool> = const { Cell::new(false) };
}

pub fn start() {
    follow();
    leptos::prelude::set_interval(refresh, std::time::Duration::from_secs(1));
    listen(&document(), "visibilitychange", |_: Event| refresh());
}

/// Listens on pages behind the sign-in, and on no other.
pub fn follow() {
    let is_wanted = find("#stream").is_some();
    SOURCE.with_borrow_mut(|source| match source {
        Some(open) if !is_wanted => {
            open.close();
            *source = None;
        }
        None if is_wanted => *source = open(),
        _ => {}
    });
}

fn open() -> Option<EventSource> {
    let source = EventSource::new("/api/v1/stream").ok()?;
    listen(&source, "board", |message: MessageEvent| {
        let data = message.data().as_string().unwrap_or_default();
        let board = serde_json::from_str::<Board>(&data).map(|board| format!("board:{}", board.event_id));
        note(|topic| topic == "boards" || board.as_ref().is_ok_and(|board| board == topic));
    });
    for name in ["opportunities", "bets", "health"] {
        listen(&source, name, move |_: MessageEvent| note(|topic| topic == name));
    }
    // More happened than the server remembers.
    listen(&source, "reset", |_: MessageEvent| note(|_| true));
    listen(&source, "open", |_: Event| tell("stream on", "Live"));
    listen(&source, "error", |_: Event| tell("stream off", "Reconnecting"));
    Some(source)
}

/// Marks the page as stale when it follows what changed.
fn note(is_news: impl Fn(&str) -> bool) {
    let follows = find("[data-follows]").and_then(|page| page.get_attribute("data-follows"));
    if follows.is_some_and(|follows| follows.split_whitespace().any(is_news)) {
        IS_STALE.set(true);
    }
}

fn refresh() {
    if IS_STALE.get() && !document().hidden() && visit::refresh() {
        IS_STALE.set(false);
    }
}

/// Says how the stream stands.
fn tell(class: &str, text: &str) {
    let Some(state) = find("#stream") else { return };
    state.set_class_name(class);
    if let Some(words) = find_in(state.unchecked_ref(), "span:not(.dot)") {
        words.set_text_content(Some(text));
    }
}
