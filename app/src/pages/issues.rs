//! Issues: data-quality findings, with what they are about.

use crate::AppError;
use crate::address::Query;
use crate::pages::games::{Pick, first_page};
use crate::pages::health::IssueCount;
use crate::parts::{Empty, Heading, Pages, shown};
use crate::reader::when;
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{EventId, IssueId, IssueKind, Severity, SnapshotId};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// What the Issues page asks.
#[async_trait]
pub trait IssuesPort {
    /// The findings that pass a filter, the latest first, one page of them.
    async fn issues(&self, filter: IssuesFilter) -> Result<IssuesView, AppError>;
}

/// Which findings. Everything left out does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuesFilter {
    /// Of one kind.
    #[serde(default)]
    pub kind: Option<IssueKind>,
    /// At least this severe.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Of one feed.
    #[serde(default)]
    pub feed: Option<String>,
    /// About one event.
    #[serde(default)]
    pub event: Option<EventId>,
    /// The page, from 1.
    #[serde(default = "first_page")]
    pub page: u32,
}

/// One page of findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssuesView {
    /// The findings of this page.
    pub rows: Vec<IssueRow>,
    /// How many pass the filter.
    pub total: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// How often each kind was found, whatever the filter's kind.
    pub kinds: Vec<IssueCount>,
    /// Feeds to filter by.
    pub feeds: Vec<String>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRow {
    /// Which finding.
    pub id: IssueId,
    /// When.
    pub found_at: DateTime<Utc>,
    /// What.
    pub kind: IssueKind,
    /// How much it matters.
    pub severity: Severity,
    /// In which feed's answer.
    pub feed: String,
    /// About which event, with its name.
    pub event: Option<(EventId, String)>,
    /// About which bookmaker's key.
    pub bookmaker: Option<String>,
    /// In which snapshot.
    pub snapshot_id: Option<SnapshotId>,
    /// The particulars; hold no secret.
    pub detail: String,
    /// How often the same was found.
    pub count: u32,
}

impl IssuesFilter {
    /// What the address bar says; what it says wrongly does not filter.
    pub fn of(query: &ParamsMap) -> Self {
        let text = |name| query.get_str(name).map(str::trim).filter(|text| !text.is_empty());
        Self {
            kind: text("kind").and_then(IssueKind::from_code),
            severity: text("severity").and_then(Severity::from_code),
            feed: text("feed").map(|feed| feed.chars().take(64).collect()),
            event: text("event").and_then(|id| id.parse().ok()),
            page: text("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        }
    }

    /// The address of the same view.
    pub fn address(&self) -> String {
        let query = Query::default()
            .with_known("kind", self.kind.map(IssueKind::code))
            .with_known("severity", self.severity.map(Severity::code))
            .with_known("feed", self.feed.as_deref())
            .with_known("event", self.event)
            .with_known("page", Some(self.page).filter(|page| *page > 1));
        format!("/issues{}", query.text())
    }

    fn is_narrow(&self) -> bool {
        Self {
            page: 1,
            ..self.clone()
        } != Self {
            page: 1,
            ..Self::default()
        }
    }
}

/// Data-quality findings.
#[component]
pub fn IssuesPage() -> impl IntoView {
    let filter = use_query_map().with_untracked(IssuesFilter::of);
    let asked = filter.clone();
    view! {
        <Heading title="Issues" follows="health">
            <a class="button quiet" href="/health">"Health"</a>
        </Heading>
        {shown(|backend| async move { backend.issues(asked).await }, move |issues| findings(filter, issues))}
    }
}

fn findings(filter: IssuesFilter, view: IssuesView) -> AnyView {
    let any = |name: &str| (String::new(), name.to_owned());
    let kinds = std::iter::once(any("Any kind"))
        .chain(view.kinds.iter().map(|found| {
            (
                found.kind.code().to_owned(),
                format!("{} ({})", found.kind.meaning(), write::count(i64::from(found.count))),
            )
        }))
        .collect();
    let severities = [
        any("Any severity"),
        ("warning".into(), "Warnings and errors".into()),
        ("error".into(), "Errors".into()),
    ];
    let feeds = std::iter::once(any("Any feed"))
        .chain(view.feeds.iter().map(|feed| (feed.clone(), feed.clone())))
        .collect();
    let (page, is_narrow) = (filter.page, filter.is_narrow());
    let (kind, severity) = (
        filter.kind.map_or("", IssueKind::code),
        filter.severity.map_or("", Severity::code),
    );
    let feed = filter.feed.clone().unwrap_or_default();
    let event = filter
        .event
        .map(|event| view! { <input type="hidden" name="event" value=event.to_string() /> });
    let pages = Box::new(move |page| IssuesFilter { page, ..filter.clone() }.address());
    let body = if view.rows.is_empty() {
        view! {
            <Empty title="No findings">
                {if is_narrow { "Nothing passes this filter." } else { "Every answer could be used as it came." }}
            </Empty>
        }
        .into_any()
    } else {
        issue_table(view.rows).into_any()
    };
    view! {
        <form method="get" action="/issues" class="filters">
            <Pick name="kind" label="Kind" offers=kinds chosen=kind />
            <Pick name="severity" label="Severity" offers=severities.to_vec() chosen=severity />
            <Pick name="feed" label="Feed" offers=feeds chosen=feed />
            {event}
            <noscript>
                <button>"Show"</button>
            </noscript>
            {is_narrow.then(|| view! { <a class="button quiet" href="/issues">"Clear"</a> })}
        </form>
        <p class="tally">{write::counted(view.total, "finding", "findings")}</p>
        {body}
        <Pages page=page pages=view.pages address=pages />
    }
    .into_any()
}

fn issue_table(rows: Vec<IssueRow>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let class = match row.severity {
                Severity::Info => "badge",
                Severity::Warning => "badge warn",
                Severity::Error => "badge bad",
            };
            let event = row
                .event
                .map(|(id, name)| view! { <a href=format!("/games/{id}")>{name}</a> });
            let snapshot = row
                .snapshot_id
                .map(|id| view! { <a href=format!("/snapshots/{id}")>{id.to_string()}</a> });
            view! {
                <tr>
                    <td data-label="Found">{when(row.found_at)}</td>
                    <td data-label="Severity"><span class=class>{row.severity.code()}</span></td>
                    <th scope="row">
                        {row.kind.meaning()}
                        <small class="under break">{row.detail}</small>
                    </th>
                    <td data-label="Feed">{row.feed}</td>
                    <td data-label="Game">{event}</td>
                    <td data-label="Bookmaker">{row.bookmaker}</td>
                    <td class="number" data-label="Times">{write::count(i64::from(row.count))}</td>
                    <td class="number" data-label="Snapshot">{snapshot}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="sheet">
            <table class="cards">
                <caption class="unseen">"Data-quality findings"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Found"</th>
                        <th scope="col">"Severity"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Feed"</th>
                        <th scope="col">"Game"</th>
                        <th scope="col">"Bookmaker"</th>
                        <th scope="col" class="number">"Times"</th>
                        <th scope="col" class="number">"Snapshot"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
