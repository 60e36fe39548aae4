//! Long lists, page by page.

use chrono::TimeDelta;
use domain::{IssueKind, MarketKind, Outcome, Period, Severity, Side, Sport, event::Event};
use rstest::rstest;
use store::{
    Backend, Cursor, EventFilter, HistoryFilter, IssueFilter, NewIssue, NewQuarantined, Page, RetentionPolicy,
};

use crate::fixture::{at, database, new_competition, new_event, price, world};

/// Reads all pages of a list, checking that none is longer than asked.
macro_rules! all_pages {
    ($limit:expr, |$after:ident| $page:expr) => {{
        let (mut rows, mut next): (Vec<_>, Option<Cursor>) = (Vec::new(), None);
        loop {
            let $after = next;
            let page: Page<_> = $page;
            assert!(page.items.len() <= $limit as usize);
            rows.extend(page.items);
            next = page.next;
            if next.is_none() {
                break rows;
            }
        }
    }};
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn events_come_by_start_each_once_whatever_the_page(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    for number in 0..20 {
        // Three events a time share their start.
        tx.create_event(&new_event(world.competition, &world.participants, number / 3))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let store = &database.store;
    for descending in [false, true] {
        let filter = EventFilter {
            descending,
            ..EventFilter::default()
        };
        let all = store.events(&filter, None, None, 100).await.unwrap();
        assert_eq!((all.items.len(), all.next), (21, None));
        let starts: Vec<_> = all.items.iter().map(|event| event.starts_at).collect();
        assert!(starts.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }));
        for as_of in [None, Some(at(1_000))] {
            let paged = all_pages!(4, |after| store.events(&filter, as_of, after, 4).await.unwrap());
            assert_eq!(paged, all.items);
        }
    }
    let early = store
        .events(&EventFilter::default(), Some(at(0)), None, 100)
        .await
        .unwrap()
        .items;
    assert_eq!(early.len(), 4, "later events were not known yet");
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn events_are_found_by_every_part_of_the_filter(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    let other = tx
        .ensure_competitions(&[new_competition("euroleague")], at(0))
        .await
        .unwrap()[0];
    let names = [(other, "50% Bears".to_owned()), (other, "Wolves_".to_owned())];
    let bears = tx.ensure_participants(&names).await.unwrap();
    let second = tx.create_event(&new_event(other, &bears, 5_000)).await.unwrap();
    tx.commit().await.unwrap();
    let store = &database.store;
    let ids = async |filter: EventFilter| -> Vec<_> {
        let page = store.events(&filter, None, None, 10).await.unwrap();
        page.items.into_iter().map(|event: Event| event.id).collect()
    };
    let none = EventFilter::default;
    let text = |text: &str| EventFilter {
        text: Some(text.to_owned()),
        ..none()
    };
    assert_eq!(ids(none()).await, [world.event, second]);
    assert_eq!(ids(text("pistons")).await, [world.event]);
    assert_eq!(ids(text("EUROL")).await, [second]);
    assert_eq!(ids(text("50%")).await, [second]);
    assert_eq!(ids(text("%s")).await, []);
    assert_eq!(ids(text("s_")).await, [second]);
    assert_eq!(
        ids(EventFilter {
            competition: Some(other),
            ..none()
        })
        .await,
        [second]
    );
    assert_eq!(
        ids(EventFilter {
            participant: Some(bears[1]),
            ..none()
        })
        .await,
        [second]
    );
    assert_eq!(
        ids(EventFilter {
            sport: Some(Sport::TENNIS),
            ..none()
        })
        .await,
        []
    );
    assert_eq!(
        ids(EventFilter {
            statuses: vec![domain::EventStatus::Live],
            ..none()
        })
        .await,
        []
    );
    let start = at(86_400_000);
    assert_eq!(
        ids(EventFilter {
            starts_to: Some(start + TimeDelta::seconds(1)),
            ..none()
        })
        .await,
        [world.event]
    );
    assert_eq!(
        ids(EventFilter {
            starts_from: Some(start + TimeDelta::seconds(1)),
            ..none()
        })
        .await,
        [second]
    );
    assert_eq!(
        ids(EventFilter {
            is_demo: Some(true),
            ..none()
        })
        .await,
        []
    );
    assert_eq!(store.due_events(start).await.unwrap().len(), 1);
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn history_comes_oldest_first_and_lines_are_told_apart(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    for ms in 1..=10 {
        for selection in 0..4 {
            let moved = price(&format!("1.{}", 50 + ms));
            tx.append_changes(&[world.change(selection, 0, Some(moved), ms)])
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
    let store = &database.store;
    let everything = HistoryFilter::default();
    let all = store
        .quote_history(world.event, &everything, None, None, 1000)
        .await
        .unwrap()
        .items;
    assert_eq!(all.len(), 40);
    assert!(all.is_sorted_by_key(|row| (row.received_at, row.id)));
    let paged = all_pages!(7, |after| store
        .quote_history(world.event, &everything, None, after, 7)
        .await
        .unwrap());
    assert_eq!(paged, all);
    assert_eq!(
        store
            .quote_history(world.event, &everything, Some(at(4)), None, 99)
            .await
            .unwrap()
            .items
            .len(),
        16
    );
    let (market, outcome) = world.keys[2].clone();
    let filter = HistoryFilter {
        market: Some(market),
        outcome: Some(outcome),
        ..HistoryFilter::default()
    };
    assert_eq!(
        store
            .quote_history(world.event, &filter, None, None, 99)
            .await
            .unwrap()
            .items
            .len(),
        10
    );
    let filter = HistoryFilter {
        kind: Some(MarketKind::Spread),
        from: Some(at(3)),
        to: Some(at(5)),
        bookmaker_id: Some(world.bookmakers[0]),
        ..HistoryFilter::default()
    };
    assert_eq!(
        store
            .quote_history(world.event, &filter, None, None, 99)
            .await
            .unwrap()
            .items
            .len(),
        4
    );
    let movement = store
        .line_movement(world.event, &MarketKind::Spread, Period::FullTime, &Outcome::Home, None)
        .await
        .unwrap();
    assert_eq!(movement.len(), 20);
    assert_eq!(
        movement
            .iter()
            .filter(|point| point.line.is_some_and(|line| line.hundredths() == 0))
            .count(),
        10
    );
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn findings_are_counted_listed_and_forgotten_after_their_time(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let store = &database.store;
    let tx = store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    let issue = |ms: i64, kind: IssueKind| NewIssue {
        found_at: at(ms),
        snapshot_id: Some(world.snapshot),
        event_id: Some(world.event),
        bookmaker: Some("pinnacle".to_owned()),
        kind,
        severity: kind.severity(),
        detail: "1.0 <script>".to_owned(),
        count: 2,
    };
    let issues: Vec<_> = (0..150).map(|ms| issue(ms / 10, IssueKind::ImpossiblePrice)).collect();
    tx.add_issues(&issues).await.unwrap();
    let kept_out = NewQuarantined {
        snapshot_id: world.snapshot,
        event_id: None,
        market: "spread".to_owned(),
        outcome: "home".to_owned(),
        bookmaker: "pinnacle".to_owned(),
        side: Side::Lay,
        price_text: "NaN".to_owned(),
        reason: IssueKind::ImpossiblePrice,
        received_at: at(3),
    };
    tx.add_quarantined(&[kept_out.clone(), kept_out.clone()]).await.unwrap();
    tx.commit().await.unwrap();
    let unreadable = NewIssue {
        snapshot_id: None,
        event_id: None,
        bookmaker: None,
        ..issue(99, IssueKind::BlockedPage)
    };
    store.add_issues("other", &[unreadable]).await.unwrap();

    let everything = IssueFilter::default();
    let all = all_pages!(40, |after| store.issues(&everything, after, 40).await.unwrap());
    assert_eq!(all.len(), 151);
    assert!(all.is_sorted_by(|a, b| a.issue.found_at >= b.issue.found_at));
    assert_eq!(all.last().unwrap().issue, issues[0]);
    let filter = IssueFilter {
        feed: Some("other".to_owned()),
        ..IssueFilter::default()
    };
    assert_eq!(store.issues(&filter, None, 10).await.unwrap().items.len(), 1);
    let filter = IssueFilter {
        severity: Some(Severity::Info),
        ..IssueFilter::default()
    };
    assert_eq!(store.issues(&filter, None, 10).await.unwrap().items.len(), 0);
    let counts = store.issue_counts(at(5)).await.unwrap();
    assert_eq!(
        counts.iter().map(|count| (count.kind, count.count)).collect::<Vec<_>>(),
        [(IssueKind::ImpossiblePrice, 200), (IssueKind::BlockedPage, 2)]
    );
    let quarantined = store.quarantined(None, None, 10).await.unwrap().items;
    assert_eq!(quarantined.len(), 2);
    assert_eq!(quarantined[0].quote, kept_out);

    let policy = RetentionPolicy {
        bodies: TimeDelta::days(1),
        fetches: TimeDelta::days(1),
        opportunities: TimeDelta::days(1),
        issues: TimeDelta::milliseconds(10),
    };
    assert_eq!(store.prune(&policy, at(20)).await.unwrap().issues, 102);
    assert_eq!(store.totals().await.unwrap().issues, 51);
    database.close().await;
}
