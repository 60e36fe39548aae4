//! The live stream as server-sent events.

use crate::http::live::{News, Numbered};
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt, stream};
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// `GET /api/v1/stream`: news as it happens. Each message has an id; a client that sends it back in `Last-Event-ID` hears
/// what it missed. Ends when the server drains, so that browsers reconnect to the next one.
pub async fn stream(
    State(state): State<AppState>,
    _viewer: Viewer,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last_seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let (missed, receiver) = state.live.listen(last_seen);
    let live = BroadcastStream::new(receiver).map(|message| match message {
        Ok(numbered) => numbered,
        // A slow client lost some: it reads everything again and goes on from there.
        Err(BroadcastStreamRecvError::Lagged(_)) => Numbered {
            id: 0,
            news: News::Reset,
        },
    });
    let draining = async move {
        while !state.is_draining() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let messages = stream::iter(missed)
        .chain(live)
        .take_until(Box::pin(draining))
        .map(|numbered| Ok(message(&numbered)));
    Sse::new(messages).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

/// A message: its name is the kind of news, its data the news itself; a board's version is the message's number.
fn message(Numbered { id, news }: &Numbered) -> Event {
    let (name, data) = match news {
        News::Board { event_id } => ("board", json!({"type": "board", "event_id": event_id, "version": id})),
        News::Opportunities => ("opportunities", json!({"type": "opportunities"})),
        News::Bets => ("bets", json!({"type": "bets"})),
        News::Health => ("health", json!({"type": "health"})),
        News::Reset => ("reset", json!({"type": "reset"})),
    };
    let event = Event::default().event(name).data(data.to_string());
    if *id == 0 { event } else { event.id(id.to_string()) }
}
