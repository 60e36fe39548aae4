//! Snapshot: all that one fetch returned, as it was received.

use crate::AppError;
use crate::parts::{Heading, fact, number, shown_titled};
use crate::reader::exactly;
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::SnapshotId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the Snapshot page asks.
#[async_trait]
pub trait SnapshotPort {
    /// One archived answer of a feed.
    async fn snapshot(&self, id: SnapshotId) -> Result<SnapshotView, AppError>;
}

/// One archived answer of a feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotView {
    /// Which snapshot.
    pub id: SnapshotId,
    /// Of which feed.
    pub feed: String,
    /// Of which of its endpoints.
    pub endpoint: String,
    /// For which competition, where it was for one.
    pub competition: Option<String>,
    /// What was asked, without the key.
    pub request: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// SHA-256 of the body, hexadecimal.
    pub body_hash: String,
    /// Its length.
    pub body_bytes: i64,
    /// Events in it.
    pub events: u32,
    /// Prices in it, usable or not.
    pub quotes: u32,
    /// Rows it added to the history.
    pub changes: u32,
    /// Findings about it.
    pub issues: u32,
    /// The body as text, at most the first 256 KiB; `None` when retention removed it.
    pub body: Option<String>,
    /// True when `body` is only the beginning.
    pub is_cut: bool,
}

/// One archived answer, as it was received.
#[component]
pub fn SnapshotPage() -> impl IntoView {
    let id = number("id").map_or(SnapshotId(0), SnapshotId);
    shown_titled(
        "Snapshot",
        |backend| async move { backend.snapshot(id).await },
        archived,
    )
}

fn archived(view: SnapshotView) -> AnyView {
    let count = |number: u32| write::count(i64::from(number));
    let body = match view.body {
        Some(body) => view! {
            <pre class="raw" tabindex="0" aria-label="The answer as it was received">{body}</pre>
            {view.is_cut.then(|| view! { <p class="under">"This is only the beginning."</p> })}
        }
        .into_any(),
        None => view! { <p class="empty">"The body was removed when its time of keeping was over; what was read from it stays."</p> }.into_any(),
    };
    view! {
        <Heading title=format!("Snapshot {}", view.id) />
        <dl class="facts wide">
            {fact("Feed", view.feed)} {fact("Endpoint", view.endpoint)} {fact("Competition", view.competition.unwrap_or_else(|| "–".into()))}
            {fact("Received", exactly(view.received_at))} {fact("Size", write::bytes(view.body_bytes))} {fact("Events", count(view.events))}
            {fact("Prices", count(view.quotes))} {fact("Changes", count(view.changes))} {fact("Issues", count(view.issues))}
        </dl>
        <p class="under break">"Asked: " <code>{view.request}</code></p>
        <p class="under break">"SHA-256: " <code>{view.body_hash}</code></p>
        {body}
    }
    .into_any()
}
