//! Taking readings in.

use chrono::TimeDelta;
use domain::{EventStatus, Line, MarketKey, Outcome};
use rstest::rstest;
use store::{Backend, Decision, IdentityQuery, NewChange, NewEventState, NewReview, ReviewState, Store, StoreError};

use crate::fixture::{
    at, database, new_bookmaker, new_competition, new_event, new_snapshot, price, spread, whole_scope, world,
};

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn a_missing_line_and_line_zero_are_different_selections(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    let none = MarketKey {
        line: None,
        ..spread(0)
    };
    let wanted = [none.clone(), spread(0), none, spread(0), spread(-25)].map(|key| (world.event, key, Outcome::Home));
    let ids = tx.ensure_selections(&wanted).await.unwrap();
    assert_eq!(ids[0], ids[2]);
    assert_eq!(ids[1], ids[3]);
    assert_eq!(ids[1], world.selections[2]);
    assert_ne!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[4]);
    tx.commit().await.unwrap();
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn rolling_back_leaves_nothing(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let version = database.store.version().await.unwrap();
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    tx.append_changes(&[world.change(0, 0, Some(price("2")), 1)])
        .await
        .unwrap();
    drop(tx);
    let totals = database.store.totals().await.unwrap();
    assert_eq!(
        (totals.events, totals.quotes, totals.changes, totals.snapshots),
        (0, 0, 0, 0)
    );
    assert_eq!(database.store.event(world.event, None).await.unwrap(), None);
    assert_eq!(database.store.version().await.unwrap(), version);
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn what_is_committed_survives_a_process_that_never_said_goodbye(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    tx.append_changes(&[world.change(0, 0, Some(price("2")), 1)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let unfinished = database.store.begin_ingest("feed").await.unwrap();
    unfinished
        .append_changes(&[world.change(0, 0, Some(price("3")), 2)])
        .await
        .unwrap();
    drop(unfinished);

    let again = Store::connect(&database.connect).await.unwrap();
    assert!(again.is_ready().await.unwrap());
    let board = again.board(world.event, None).await.unwrap().unwrap();
    assert_eq!(board.markets[0].quotes[0].price, price("2"));
    assert!(again.verify_fold().await.unwrap().is_sound());
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn what_comes_late_is_refused_and_nothing_of_its_batch_stays(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    tx.append_changes(&[world.change(0, 0, Some(price("2")), 100)])
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let tx = database.store.begin_ingest("feed").await.unwrap();
    let late = [
        world.change(1, 0, Some(price("3")), 50),
        world.change(0, 0, Some(price("3")), 50),
    ];
    assert!(matches!(tx.append_changes(&late).await, Err(StoreError::OutOfOrder(_))));
    drop(tx);
    assert_eq!(database.store.totals().await.unwrap().changes, 1);

    let tx = database.store.begin_ingest("feed").await.unwrap();
    let mut state = NewEventState {
        event_id: world.event,
        starts_at: at(90_000_000),
        status: EventStatus::Live,
        score: None,
        is_final_score: false,
        received_at: at(200),
        source_at: None,
        snapshot_id: None,
    };
    assert!(tx.record_event_state(&state).await.unwrap());
    state.received_at = at(150);
    state.status = EventStatus::Final;
    assert!(!tx.record_event_state(&state).await.unwrap());
    tx.commit().await.unwrap();
    let event = database.store.event(world.event, None).await.unwrap().unwrap();
    assert_eq!(event.status, EventStatus::Live);
    assert_eq!(database.store.event_states(world.event, None).await.unwrap().len(), 2);
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn the_same_answer_is_archived_once_and_the_same_body_stored_once(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let body = br#"[{"price": 1.91}]"#.repeat(500);
    let first = database
        .store
        .archive_snapshot(&new_snapshot("feed", 0), &body)
        .await
        .unwrap();
    let same = database
        .store
        .archive_snapshot(&new_snapshot("feed", 0), &body)
        .await
        .unwrap();
    let later = database
        .store
        .archive_snapshot(&new_snapshot("feed", 1), &body)
        .await
        .unwrap();
    assert!(first.is_new && !same.is_new && later.is_new);
    assert_eq!(first.id, same.id);
    assert_ne!(first.id, later.id);
    let snapshots = database.store.snapshots(None, None, 10).await.unwrap().items;
    assert_eq!(snapshots.len(), 2);
    assert_eq!(snapshots[0].body_hash, snapshots[1].body_hash);
    assert_eq!(snapshots[0].body_bytes, i64::try_from(body.len()).unwrap());
    assert_eq!(database.store.snapshot_body(later.id).await.unwrap().unwrap(), body);

    // One body serves both: it goes when the later answer's retention is over, and the answers stay known.
    let policy = store::RetentionPolicy {
        bodies: TimeDelta::milliseconds(10),
        fetches: TimeDelta::days(1),
        opportunities: TimeDelta::days(1),
        issues: TimeDelta::days(1),
    };
    assert_eq!(database.store.prune(&policy, at(11)).await.unwrap().bodies, 0);
    assert!(database.store.snapshot_body(first.id).await.unwrap().is_some());
    assert_eq!(database.store.prune(&policy, at(12)).await.unwrap().bodies, 1);
    assert_eq!(database.store.snapshot_body(first.id).await.unwrap(), None);
    assert!(database.store.snapshot(first.id).await.unwrap().is_some());
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn two_feeds_take_readings_in_at_once_without_losing_or_doubling_any(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("first").await.unwrap();
    let shared = std::sync::Arc::new(world(&tx, 0).await);
    tx.commit().await.unwrap();
    let run = |feed: &'static str| {
        let (store, world) = (database.store.clone(), shared.clone());
        async move {
            for round in 1..=20_i64 {
                let tx = store.begin_ingest(feed).await.unwrap();
                let keys: Vec<_> = (0..40)
                    .map(|line| {
                        (
                            world.event,
                            spread(line * 50 + i32::try_from(round).unwrap()),
                            Outcome::Home,
                        )
                    })
                    .collect();
                let selections = tx.ensure_selections(&keys).await.unwrap();
                let changes: Vec<NewChange> = selections
                    .into_iter()
                    .map(|selection_id| NewChange {
                        selection_id,
                        ..world.change(0, 0, Some(price("2")), round)
                    })
                    .collect();
                tx.append_changes(&changes).await.unwrap();
                tx.cover(world.snapshot, &[world.event], &whole_scope(), at(round))
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
            }
        }
    };
    let (first, second) = (tokio::spawn(run("first")), tokio::spawn(run("second")));
    first.await.unwrap();
    second.await.unwrap();
    let totals = database.store.totals().await.unwrap();
    assert_eq!((totals.changes, totals.quotes), (1600, 1600));
    assert!(database.store.verify_fold().await.unwrap().is_sound());
    assert_eq!(database.store.event_feeds(shared.event).await.unwrap().len(), 2);
    assert_eq!(database.store.version().await.unwrap(), 41);
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn quotes_of_another_feed_do_not_show_among_a_feeds_current_quotes(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("first").await.unwrap();
    let world = world(&tx, 0).await;
    tx.append_changes(&[world.change(0, 0, Some(price("2")), 1), world.change(3, 1, None, 1)])
        .await
        .unwrap();
    let quotes = tx.current_quotes(&[world.event]).await.unwrap();
    assert_eq!(quotes.len(), 2);
    let withdrawn = quotes.iter().find(|quote| quote.price.is_none()).unwrap();
    assert_eq!(withdrawn.market.line, Some(Line::from_hundredths(-350)));
    assert_eq!(withdrawn.bookmaker, "betfair");
    tx.commit().await.unwrap();
    let tx = database.store.begin_ingest("second").await.unwrap();
    assert_eq!(tx.current_quotes(&[world.event]).await.unwrap(), vec![]);
    drop(tx);
    let board = database.store.board(world.event, None).await.unwrap().unwrap();
    assert_eq!(board.markets.len(), 1, "a withdrawn quote is not on the board");
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn events_are_recognised_by_the_feeds_ids_and_by_time(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    let later = tx
        .create_event(&new_event(world.competition, &world.participants, 900_000_000))
        .await
        .unwrap();
    tx.link_feed_events(&[("abc".to_owned(), world.event), ("def".to_owned(), later)], at(0))
        .await
        .unwrap();
    tx.link_feed_events(&[("abc".to_owned(), later)], at(1)).await.unwrap();
    let asked = IdentityQuery {
        competition_keys: vec!["nba".to_owned(), "unheard of".to_owned()],
        feed_ids: vec!["abc".to_owned(), "new".to_owned()],
        starts_from: at(0),
        starts_to: at(100_000_000),
    };
    let known = tx.known_identities(&asked).await.unwrap();
    assert_eq!(known.competitions.len(), 1);
    assert_eq!(known.linked.len(), 1);
    assert_eq!(known.linked["abc"], world.event, "an id keeps its event");
    assert_eq!(known.events.len(), 1, "the later event is neither asked for nor near");
    assert_eq!(known.events[0].participants[0].name, "Denver Nuggets");
    assert_eq!(known.events[0].feed_ids, ["abc"]);
    assert_eq!(known.participants.len(), 2);
    tx.commit().await.unwrap();
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn a_review_is_asked_once_decided_once_and_can_be_taken_back(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let by = domain::UserId(1);
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    let question = NewReview {
        feed_id: "xyz".to_owned(),
        competition_id: Some(world.competition),
        reading: serde_json::json!({"home": "Nuggets"}),
        suggestions: serde_json::json!([world.event]),
        created_at: at(0),
    };
    tx.add_reviews(std::slice::from_ref(&question)).await.unwrap();
    tx.add_reviews(std::slice::from_ref(&question)).await.unwrap();
    tx.commit().await.unwrap();
    let open = database
        .store
        .reviews(Some(ReviewState::Open), None, 10)
        .await
        .unwrap()
        .items;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].question, question);
    let id = open[0].id;
    let link = Decision::Link {
        event_id: world.event,
        aliases: vec![("Nuggets".to_owned(), world.participants[0])],
    };
    assert!(database.store.decide_review(id, &link, by, at(5)).await.unwrap());
    assert!(
        !database
            .store
            .decide_review(id, &Decision::Dismiss, by, at(6))
            .await
            .unwrap()
    );
    let asked = IdentityQuery {
        competition_keys: vec!["nba".to_owned()],
        feed_ids: vec!["xyz".to_owned()],
        starts_from: at(0),
        starts_to: at(0),
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let known = tx.known_identities(&asked).await.unwrap();
    assert_eq!(known.linked["xyz"], world.event);
    assert_eq!(known.aliases[0].name, "Nuggets");
    assert_eq!(known.reviews["xyz"], ReviewState::Linked);
    drop(tx);
    assert!(database.store.undo_review(id, by, at(7)).await.unwrap());
    assert!(!database.store.undo_review(id, by, at(7)).await.unwrap());
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let known = tx.known_identities(&asked).await.unwrap();
    assert!(known.linked.is_empty() && known.aliases.is_empty());
    assert_eq!(known.reviews["xyz"], ReviewState::Open);
    drop(tx);
    let gone = Decision::Link {
        event_id: domain::EventId(999_999),
        aliases: vec![],
    };
    assert!(matches!(
        database.store.decide_review(id, &gone, by, at(8)).await,
        Err(StoreError::Conflict { .. })
    ));
    let still_open = database
        .store
        .reviews(Some(ReviewState::Open), None, 10)
        .await
        .unwrap()
        .items;
    assert_eq!(still_open.len(), 1, "a refused decision changes nothing");
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn known_bookmakers_get_their_profile_at_first_sight_and_keep_what_a_person_set(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let mut demo = new_bookmaker("demo_exchange");
    demo.profile = Some((domain::BookKind::Exchange, 300));
    demo.is_demo = true;
    let wanted = [new_bookmaker("pinnacle"), new_bookmaker("betfair_ex_uk"), demo];
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let ids = tx.ensure_bookmakers(&wanted).await.unwrap();
    tx.ensure_competitions(&[new_competition("nba"), new_competition("wnba")], at(0))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(
        database
            .store
            .set_bookmaker(ids[1], domain::BookKind::Exchange, 200, Some("betfair"))
            .await
            .unwrap()
    );
    let tx = database.store.begin_ingest("feed").await.unwrap();
    assert_eq!(tx.ensure_bookmakers(&wanted).await.unwrap(), ids);
    tx.commit().await.unwrap();
    let profiles = database.store.bookmakers().await.unwrap();
    let profile = |key: &str| profiles.iter().find(|profile| profile.key == key).unwrap();
    assert_eq!(profile("pinnacle").kind, domain::BookKind::Sharp);
    assert_eq!(profile("betfair_ex_uk").commission_bp, 200);
    assert_eq!(profile("betfair_ex_uk").clone_group.as_deref(), Some("betfair"));
    assert_eq!(
        (profile("demo_exchange").commission_bp, profile("demo_exchange").is_demo),
        (300, true)
    );
    assert_eq!(database.store.competitions().await.unwrap().len(), 2);
    assert_eq!(database.store.feed_competitions("feed").await.unwrap().len(), 2);
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn an_answer_of_the_past_does_not_unsay_what_a_feed_offers_now(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let now = new_competition("nba");
    let past = store::NewCompetition {
        is_active: !now.is_active,
        ..now.clone()
    };
    tx.ensure_competitions(std::slice::from_ref(&now), at(100))
        .await
        .unwrap();
    tx.ensure_competitions(&[past], at(50)).await.unwrap();
    tx.commit().await.unwrap();
    let offered = database.store.feed_competitions("feed").await.unwrap();
    assert_eq!((offered[0].seen_at, offered[0].is_active), (at(100), now.is_active));
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn it_is_known_which_feed_made_an_event(#[case] backend: Backend) {
    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    let event = store::NewEvent {
        snapshot_id: Some(world.snapshot),
        ..new_event(world.competition, &world.participants, 0)
    };
    let event = tx.create_event(&event).await.unwrap();
    tx.commit().await.unwrap();

    let asked = IdentityQuery {
        competition_keys: vec!["nba".to_owned()],
        feed_ids: Vec::new(),
        starts_from: at(86_400_000),
        starts_to: at(86_400_000),
    };
    for (feed, is_made_here) in [("another", false), ("feed", true)] {
        let tx = database.store.begin_ingest(feed).await.unwrap();
        tx.ensure_competitions(&[new_competition("nba")], at(1)).await.unwrap();
        // A state that another feed brought does not make the event its own.
        let snapshot = tx.add_snapshot(&new_snapshot(feed, 5), b"{}").await.unwrap();
        let state = NewEventState {
            event_id: event,
            starts_at: at(86_400_000),
            status: EventStatus::Live,
            score: None,
            is_final_score: false,
            received_at: at(5),
            source_at: None,
            snapshot_id: Some(snapshot.id),
        };
        assert!(tx.record_event_state(&state).await.unwrap());
        let known = tx.known_identities(&asked).await.unwrap();
        let known = known.events.iter().find(|known| known.id == event).unwrap();
        assert_eq!(known.is_made_here, is_made_here, "{feed}");
        tx.commit().await.unwrap();
    }
    database.close().await;
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
#[tokio::test]
async fn what_was_found_about_an_unchanged_quote_is_that_of_its_latest_answer(#[case] backend: Backend) {
    use domain::board::QuoteFlags;

    let Some(database) = database(backend).await else {
        return;
    };
    let tx = database.store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, 0).await;
    let change = NewChange {
        flags: QuoteFlags::LINE_JUMP,
        ..world.change(0, 0, Some(price("2")), 10)
    };
    tx.append_changes(&[change]).await.unwrap();
    let seen = store::Seen {
        selection_id: world.selections[0],
        bookmaker_id: world.bookmakers[0],
        side: domain::Side::Back,
        source_at: None,
        flags: QuoteFlags::OVERROUND_LOW,
    };
    // The answer that brought the price, taken in again, has nothing new to say of it.
    tx.refresh_seen(&[seen], at(10)).await.unwrap();
    assert_eq!(
        tx.current_quotes(&[world.event]).await.unwrap()[0].flags,
        QuoteFlags::LINE_JUMP
    );
    tx.refresh_seen(&[seen], at(20)).await.unwrap();
    tx.commit().await.unwrap();

    let flags = async |as_of| {
        let board = database.store.board(world.event, as_of).await.unwrap().unwrap();
        board.markets[0].quotes[0].flags
    };
    assert_eq!(flags(None).await, QuoteFlags::OVERROUND_LOW);
    assert_eq!(
        flags(Some(at(20))).await,
        QuoteFlags::LINE_JUMP,
        "the past stays as it was recorded"
    );
    assert!(database.store.verify_fold().await.unwrap().is_sound());
    database.close().await;
}
