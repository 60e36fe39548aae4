//! What changes while a page is open: the server's event stream says which board, and the resources concerned are asked again.

use crate::reader::Reader;
use domain::EventId;
use leptos::prelude::*;
use std::collections::HashMap;

/// Counters that grow when something changed; resources follow the one that concerns them.
#[derive(Clone, Copy)]
pub struct Live {
    boards: RwSignal<u64>,
    versions: RwSignal<HashMap<EventId, i64>>,
    opportunities: RwSignal<u64>,
    health: RwSignal<u64>,
    state: RwSignal<LiveState>,
}

/// How the stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LiveState {
    /// Without scripts, or before they run.
    #[default]
    Still,
    /// Changes arrive.
    Live,
    /// The stream broke; the browser tries again.
    Away,
}

impl Live {
    /// Opens the stream (in the browser) and keeps the reader's clock going.
    pub fn provide(reader: Reader) -> Self {
        let live = Self {
            boards: RwSignal::new(0),
            versions: RwSignal::new(HashMap::new()),
            opportunities: RwSignal::new(0),
            health: RwSignal::new(0),
            state: RwSignal::new(LiveState::Still),
        };
        provide_context(live);
        #[cfg(feature = "hydrate")]
        browser::follow(live, reader);
        #[cfg(not(feature = "hydrate"))]
        let _ = reader;
        live
    }

    /// The stream of this page.
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| Self::provide(Reader::current()))
    }

    /// Grows when any board changed, at most once a second.
    pub fn boards(self) -> u64 {
        self.boards.get()
    }

    /// The board version last announced for an event; 0 before any.
    pub fn board(self, event: EventId) -> i64 {
        self.versions
            .with(|versions| versions.get(&event).copied().unwrap_or(0))
    }

    /// Grows when an opportunity opened, changed or closed.
    pub fn opportunities(self) -> u64 {
        self.opportunities.get()
    }

    /// Grows when a feed or a job changed its state.
    pub fn health(self) -> u64 {
        self.health.get()
    }

    /// How the stream stands.
    pub fn state(self) -> LiveState {
        self.state.get()
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{EventId, Live, LiveState, Reader};
    use chrono::DateTime;
    use leptos::prelude::*;
    use serde::Deserialize;
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{EventSource, MessageEvent};

    /// What a `board` message says.
    #[derive(Deserialize)]
    struct BoardMessage {
        event_id: EventId,
        version: i64,
    }

    /// What came since the last tick: signals change once a second, however many messages there were.
    #[derive(Clone, Default)]
    struct Arrived {
        boards: Vec<(EventId, i64)>,
        opportunities: bool,
        health: bool,
    }

    pub(super) fn follow(live: Live, reader: Reader) {
        Effect::new(move |_| {
            let Some(told_at) = reader.told_at() else { return };
            let arrived = StoredValue::new(Arrived::default());
            // The server's clock rules; the browser's only says how much time has passed.
            let ahead_ms = js_sys::Date::now() - told_at.timestamp_millis() as f64;
            let tick = move || {
                #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
                if let Some(now) = DateTime::from_timestamp_millis((js_sys::Date::now() - ahead_ms) as i64) {
                    reader.set_now(now);
                }
                let mut news = Arrived::default();
                arrived.update_value(|arrived| news = std::mem::take(arrived));
                if !news.boards.is_empty() {
                    live.versions.update(|versions| versions.extend(news.boards));
                    live.boards.update(|count| *count += 1);
                }
                if news.opportunities {
                    live.opportunities.update(|count| *count += 1);
                }
                if news.health {
                    live.health.update(|count| *count += 1);
                }
            };
            let ticker = set_interval_with_handle(tick, std::time::Duration::from_secs(1)).ok();
            let source = EventSource::new("/api/v1/stream").ok();
            if let Some(source) = &source {
                listen(source, "board", move |data| {
                    if let Ok(message) = serde_json::from_str::<BoardMessage>(&data) {
                        arrived.update_value(|arrived| arrived.boards.push((message.event_id, message.version)));
                    }
                });
                listen(source, "opportunities", move |_| {
                    arrived.update_value(|arrived| arrived.opportunities = true);
                });
                listen(source, "health", move |_| {
                    arrived.update_value(|arrived| arrived.health = true);
                });
                // More happened than the server remembers: everything on the page is asked again.
                listen(source, "reset", move |_| {
                    live.versions
                        .update(|versions| versions.values_mut().for_each(|version| *version += 1));
                    live.boards.update(|count| *count += 1);
                    arrived.update_value(|arrived| (arrived.opportunities, arrived.health) = (true, true));
                });
                let opened = Closure::<dyn Fn()>::new(move || live.state.set(LiveState::Live));
                source.set_onopen(Some(opened.as_ref().unchecked_ref()));
                opened.forget();
                let broke = Closure::<dyn Fn()>::new(move || live.state.set(LiveState::Away));
                source.set_onerror(Some(broke.as_ref().unchecked_ref()));
                broke.forget();
            }
            let source = send_wrapper(source);
            on_cleanup(move || {
                if let Some(ticker) = ticker {
                    ticker.clear();
                }
                if let Some(source) = source.take() {
                    source.set_onopen(None);
                    source.set_onerror(None);
                    source.close();
                }
            });
        });
    }

    /// The browser has one thread; the signal library wants that said.
    fn send_wrapper<T: 'static>(value: T) -> leptos::__reexports::send_wrapper::SendWrapper<T> {
        leptos::__reexports::send_wrapper::SendWrapper::new(value)
    }

    /// One listener for as long as the page lives in this frame; the stream is closed before its signals go.
    fn listen(source: &EventSource, name: &str, heard: impl Fn(String) + 'static) {
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            heard(message.data().as_string().unwrap_or_default());
        });
        _ = source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        listener.forget();
    }
}
