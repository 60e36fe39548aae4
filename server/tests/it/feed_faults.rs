//! A vendor that fails in every way real ones do: other feeds go on, each fault is named, the key stays secret.

use crate::app::{As, TestApp};
use crate::vendor::{Fault, Vendor};
use domain::{EventId, Outcome};
use feeds::{OddsChoice, PriceFormat};
use serde_json::json;
use server::pipeline::work::key_purpose;
use store::{EventFilter, FeedChoice, FeedSettings, UserRole};

const KEY: &str = "f00dfeedc0ffee11d00dabad1deaf00d";
const FEED: &str = "the_odds_api";
const COMPETITION: &str = "basketball_harbour";

async fn connect(app: &TestApp, base_url: String) {
    let now = app.now();
    let sealed = app
        .state
        .vault
        .seal(&key_purpose(FEED), KEY.as_bytes(), &*app.state.entropy);
    let settings = FeedSettings {
        key: FEED.into(),
        is_enabled: true,
        base_url: Some(base_url),
        sealed_key: Some(sealed),
        updated_at: now,
    };
    app.state.store.put_feed_settings(&settings).await.unwrap();
    let choice = OddsChoice {
        regions: vec!["eu".into()],
        bookmakers: vec![],
        markets: vec!["h2h".into()],
        price_format: PriceFormat::Decimal,
    };
    app.state
        .store
        .put_feed_choice(&FeedChoice {
            feed: FEED.into(),
            competition_key: COMPETITION.into(),
            is_enabled: true,
            interval_s: 60,
            scores_interval_s: Some(60),
            choice: json!(choice),
        })
        .await
        .unwrap();
}

async fn only_event(app: &TestApp) -> EventId {
    app.state
        .store
        .events(&EventFilter::default(), None, None, 10)
        .await
        .unwrap()
        .items[0]
        .id
}

/// The price of the first bookmaker on the home side, as the board shows it.
async fn home_price(app: &TestApp) -> Option<String> {
    let board = app
        .state
        .store
        .board(only_event(app).await, None)
        .await
        .unwrap()
        .unwrap();
    let book = app
        .state
        .store
        .bookmakers()
        .await
        .unwrap()
        .into_iter()
        .find(|book| book.key == "book_one")
        .unwrap()
        .id;
    let mut quotes = board.markets.iter().flat_map(|market| &market.quotes);
    quotes
        .find(|quote| quote.bookmaker_id == book && quote.outcome == Outcome::Home)
        .map(|quote| quote.price.to_string())
}

#[tokio::test]
async fn a_sound_answer_becomes_a_board_and_costs_what_its_headers_say() {
    let app = TestApp::with(&[("feed_timeout_s", "1")]).await;
    let vendor = Vendor::start(app.now()).await;
    connect(&app, vendor.base_url()).await;
    app.state.pipeline.discover_events(FEED).await.unwrap();
    app.state.pipeline.fetch_odds(FEED, COMPETITION).await.unwrap();
    app.state.pipeline.fetch_scores(FEED, COMPETITION).await.unwrap();
    assert_eq!(home_price(&app).await.as_deref(), Some("2.1"));
    let fetches = app.state.store.fetches(Some(FEED), None, 10).await.unwrap().items;
    assert!(fetches.iter().all(|fetch| fetch.fetch.outcome == "ok"), "{fetches:?}");
    let odds = fetches.iter().find(|fetch| fetch.fetch.endpoint == "odds").unwrap();
    assert_eq!(odds.fetch.credits_last, Some(1));
    assert!(vendor.count("odds") == 1 && vendor.count("scores") == 1);
    vendor.set_prices(2.3, 1.7);
    app.clock.set(app.now() + chrono::Duration::seconds(60));
    app.state.pipeline.fetch_odds(FEED, COMPETITION).await.unwrap();
    assert_eq!(home_price(&app).await.as_deref(), Some("2.3"));
}

/// What Health must say of a fault: the word in the fetch log.
fn expected(fault: Fault) -> &'static str {
    match fault {
        Fault::BadKey => "bad_key",
        Fault::OutOfCredits => "out_of_credits",
        Fault::NotInPlan => "not_in_plan",
        Fault::BadRegion => "bad_setting",
        Fault::UnknownSport => "not_found",
        Fault::TooFast | Fault::TooFastWithRetryAfter => "too_fast",
        Fault::ServerError => "unavailable",
        Fault::Hang | Fault::SlowDrip => "timeout",
        Fault::HugeBody | Fault::GzipBomb => "too_large",
        Fault::BlockPage | Fault::BlockPageForbidden => "blocked",
        Fault::RedirectToLoopback => "redirected",
        Fault::Truncated
        | Fault::WrongCharset
        | Fault::ChangedSchema
        | Fault::DuplicateIds
        | Fault::ImpossiblePrices
        | Fault::FutureTime
        | Fault::None => "",
    }
}

async fn meets(fault: Fault) {
    // Patience is short where the vendor never answers, and long where an unoptimised build unpacks much.
    let patience = if matches!(fault, Fault::Hang | Fault::SlowDrip) {
        "1"
    } else {
        "30"
    };
    let app = TestApp::with(&[("feed_timeout_s", patience)]).await;
    let vendor = Vendor::start(app.now()).await;
    connect(&app, vendor.base_url()).await;
    app.state.pipeline.fetch_odds(FEED, COMPETITION).await.unwrap();
    let before = home_price(&app).await;
    app.clock.set(app.now() + chrono::Duration::seconds(60));
    vendor.set_fault(fault);
    let outcome = app.state.pipeline.fetch_odds(FEED, COMPETITION).await;
    let word = expected(fault);
    let newest = app
        .state
        .store
        .fetches(Some(FEED), None, 1)
        .await
        .unwrap()
        .items
        .remove(0)
        .fetch;
    if word.is_empty() {
        let issues = app
            .state
            .store
            .issues(&store::IssueFilter::default(), None, 50)
            .await
            .unwrap()
            .items;
        assert!(
            !issues.is_empty() || newest.outcome == "unreadable",
            "{fault:?}: what was wrong is recorded"
        );
    } else {
        assert!(outcome.is_err(), "{fault:?}");
        assert_eq!(newest.outcome, word, "{fault:?}: {newest:?}");
        let state = app.state.store.feed_state(FEED).await.unwrap().unwrap();
        assert!(state.message.is_some_and(|message| message.len() > 10), "{fault:?}");
    }
    assert_eq!(
        home_price(&app).await,
        before,
        "{fault:?}: what is known stays as it is"
    );
    assert!(app.state.store.verify_fold().await.unwrap().is_sound());

    // Other feeds do not notice.
    app.state.pipeline.prepare_demo(true).await.unwrap();
    app.state
        .store
        .set_setting("demo_filled_until", &json!("done"))
        .await
        .unwrap();
    app.state.pipeline.discover_events("demo").await.unwrap();
    let owner = app.user("ann@example.org", UserRole::Owner).await;
    let key = app.key(&owner, &["read"]).await;
    let health = app.get("/api/v1/feeds", &key).await;
    assert!(health.status.is_success(), "{}", health.text());

    // The key is nowhere.
    let session = app.sign_in("ann@example.org", crate::app::PASSWORD).await;
    for path in ["/health", "/issues", "/settings/feeds", "/"] {
        assert!(!app.get(path, &session).await.text().contains(KEY), "{fault:?}: {path}");
    }
    assert!(
        !health.text().contains(KEY) && !format!("{outcome:?} {newest:?}").contains(KEY),
        "{fault:?}"
    );
    let status = app.get("/api/v1/status", &As::clone(&key)).await;
    assert!(
        status.status.is_success() && !status.text().contains(KEY),
        "{fault:?}: {}",
        status.text()
    );
    for entry in walk(app.dir.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        assert!(
            !bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()),
            "{fault:?}: the key lies in {}",
            entry.display()
        );
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .collect()
}

macro_rules! faults {
    ($($name:ident: $fault:ident,)+) => {
        $(#[tokio::test]
        async fn $name() {
            meets(Fault::$fault).await;
        })+

        #[test]
        fn every_fault_has_its_test() {
            let tested = [$(Fault::$fault),+];
            assert!(Fault::ALL.iter().all(|fault| tested.contains(fault)));
        }
    };
}

faults! {
    a_wrong_key_stops_the_feed: BadKey,
    without_credits_the_feed_waits: OutOfCredits,
    what_the_plan_lacks_is_said: NotInPlan,
    a_wrong_region_is_a_setting: BadRegion,
    an_off_season_is_no_failure: UnknownSport,
    too_many_requests_back_off: TooFast,
    a_wish_to_wait_is_granted: TooFastWithRetryAfter,
    a_server_error_is_retried_and_named: ServerError,
    a_silent_server_times_out: Hang,
    a_dripping_server_times_out: SlowDrip,
    a_huge_body_is_cut_off: HugeBody,
    a_packed_bomb_is_cut_off: GzipBomb,
    a_truncated_answer_withdraws_nothing: Truncated,
    a_wrong_charset_is_an_issue: WrongCharset,
    a_block_page_is_recognised: BlockPage,
    a_forbidding_block_page_is_recognised: BlockPageForbidden,
    a_changed_schema_is_an_issue: ChangedSchema,
    a_repeated_event_is_an_issue: DuplicateIds,
    impossible_prices_are_issues: ImpossiblePrices,
    a_time_in_the_future_is_an_issue: FutureTime,
    a_redirect_is_not_followed: RedirectToLoopback,
}

#[tokio::test]
async fn a_stopped_feed_is_not_asked_again() {
    let app = TestApp::with(&[("feed_timeout_s", "1")]).await;
    let vendor = Vendor::start(app.now()).await;
    connect(&app, vendor.base_url()).await;
    vendor.set_fault(Fault::BadKey);
    assert!(app.state.pipeline.fetch_odds(FEED, COMPETITION).await.is_err());
    let asked = vendor.count("odds");
    assert!(app.state.pipeline.fetch_odds(FEED, COMPETITION).await.is_err());
    assert_eq!(vendor.count("odds"), asked);
    assert!(vendor.sound_odds().is_array());
}
