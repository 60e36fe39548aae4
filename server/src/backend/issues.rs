//! Data-quality findings.

use super::{RequestBackend, count, failed};
use app::AppError;
use app::pages::health::IssueCount;
use app::pages::issues::{IssueRow, IssuesFilter, IssuesPort, IssuesView};
use async_trait::async_trait;
use domain::EventId;
use feeds::FEEDS;
use store::{Issue, IssueFilter};

/// Findings on a page.
const PAGE: u32 = 50;
/// Pages that can be reached; what is older is found by filtering.
const PAGES: u32 = 200;

fn asked(filter: &IssuesFilter) -> IssueFilter {
    IssueFilter {
        feed: filter.feed.clone(),
        kind: filter.kind,
        min_severity: filter.severity,
        event_id: filter.event,
        ..IssueFilter::default()
    }
}

impl RequestBackend {
    async fn issue_rows(&self, issues: Vec<Issue>) -> Result<Vec<IssueRow>, AppError> {
        let named: Vec<EventId> = issues.iter().filter_map(|issue| issue.issue.event_id).collect();
        let events = self.state.boards.events(&named, None).await.map_err(failed)?;
        Ok(issues
            .into_iter()
            .map(|Issue { id, feed, issue }| IssueRow {
                id,
                found_at: issue.found_at,
                kind: issue.kind,
                severity: issue.severity,
                feed,
                event: issue.event_id.and_then(|id| Some((id, events.get(&id)?.name()))),
                bookmaker: issue.bookmaker,
                snapshot_id: issue.snapshot_id,
                detail: issue.detail,
                count: count(issue.count),
            })
            .collect())
    }
}

#[async_trait]
impl IssuesPort for RequestBackend {
    async fn issues(&self, filter: IssuesFilter) -> Result<IssuesView, AppError> {
        self.reader().await?;
        let store = &self.state.store;
        let asked = asked(&filter);
        let total = count(store.count_issues(&asked).await.map_err(failed)?);
        let pages = total.div_ceil(PAGE).clamp(1, PAGES);
        let page = filter.page.clamp(1, pages);
        let mut issues = store.issues(&asked, None, page * PAGE).await.map_err(failed)?.items;
        let before = usize::try_from((page - 1) * PAGE)
            .unwrap_or(usize::MAX)
            .min(issues.len());
        let issues = issues.split_off(before);
        let any_kind = IssueFilter { kind: None, ..asked };
        let kinds = store.count_issue_kinds(&any_kind).await.map_err(failed)?;
        Ok(IssuesView {
            rows: self.issue_rows(issues).await?,
            total,
            pages,
            kinds: kinds
                .into_iter()
                .map(|(kind, found)| IssueCount {
                    kind,
                    count: count(found),
                })
                .collect(),
            feeds: FEEDS.iter().map(|feed| feed.key().to_owned()).collect(),
        })
    }
}
