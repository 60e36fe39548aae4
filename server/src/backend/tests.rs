//! The ports over an empty database: every query runs, secrets are shown once, roles hold.

use super::*;
use crate::clock::{FixedClock, SystemEntropy};
use crate::config::Sources;
use crate::http::sessions::Sessions;
use crate::setup::open;
use app::backend::ViewerPort;
use app::pages::game::GamePort;
use app::pages::games::{GamesFilter, GamesPort, GamesSort, StatusFilter};
use app::pages::health::HealthPort;
use app::pages::issues::{IssuesFilter, IssuesPort};
use app::pages::login::{LoginPort, SignInState};
use app::pages::opportunities::{OpportunitiesFilter, OpportunitiesPort, OpportunityState};
use app::pages::opportunity::OpportunityPort;
use app::pages::settings::api_keys::{ApiKeyForm, ApiKeyScope, ApiKeysPort};
use app::pages::settings::bookmakers::BookmakersPort;
use app::pages::settings::feeds::{ChoiceForm, FeedForm, FeedsPort, KeyChange};
use app::pages::settings::profile::{PrefsChange, ProfilePort};
use app::pages::settings::sessions::SessionsPort;
use app::pages::settings::two_factor::{TwoFactorPort, TwoFactorState};
use app::pages::settings::users::UsersPort;
use app::pages::setup::{SetupForm, SetupPort};
use app::pages::snapshot::SnapshotPort;
use app::pages::today::TodayPort;
use axum::http::Request;
use domain::{ApiKeyId, EventId, OpportunityId, Severity, SnapshotId, UserId};
use std::sync::Arc;
use store::{FeedState, NewFetch};

const PASSWORD: &str = "correct horse battery";

/// A desk of its own in a folder of its own.
struct Desk {
    state: AppState,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = Sources::defaults();
        sources
            .set("flags", "data_dir", folder.path().display().to_string())
            .unwrap();
        let clock = Arc::new(FixedClock::new("2026-11-21T12:00:00Z".parse().unwrap()));
        let state = open(sources.read().unwrap(), clock, Arc::new(SystemEntropy))
            .await
            .unwrap();
        Self { state, _folder: folder }
    }

    fn session(&self) -> Session {
        let sessions = Sessions::new(self.state.store.clone(), Arc::clone(&self.state.clock));
        Session::new(None, Arc::new(sessions), None)
    }

    /// A request of somebody, or of nobody.
    fn request(&self, user: Option<&User>, session: &Session, accept: &str) -> (RequestBackend, ResponseOptions) {
        let request = Request::builder()
            .method(Method::POST)
            .header(ACCEPT, accept)
            .header(HOST, "desk.example:8080");
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(session.clone());
        if let Some(user) = user {
            parts.extensions.insert(Viewer {
                user: user.clone(),
                proof: Proof::Session,
            });
        }
        let response = ResponseOptions::default();
        (
            RequestBackend::new(self.state.clone(), Some(parts), response.clone()),
            response,
        )
    }

    async fn user(&self, email: &str, role: UserRole) -> User {
        let password_hash = self.state.passwords.hash(PASSWORD).await.unwrap();
        let new = store::NewUser {
            email: email.into(),
            name: email.into(),
            role,
            password_hash,
            created_at: self.state.clock.now(),
        };
        self.state.store.create_user(new).await.unwrap()
    }

    /// As somebody, as they are now.
    async fn as_user(&self, id: UserId, session: &Session) -> RequestBackend {
        let user = self.state.store.find_user(id).await.unwrap().unwrap();
        self.request(Some(&user), session, "application/json").0
    }
}

#[tokio::test]
async fn the_first_visit_makes_the_owner_and_no_other_visit_does() {
    let desk = Desk::open().await;
    let session = desk.session();
    let (nobody, _) = desk.request(None, &session, "text/html");
    assert_eq!(nobody.viewer().await, Err(AppError::SetupRequired));
    assert_eq!(nobody.sign_in_state().await, Ok(SignInState::SetupRequired));
    let form = SetupForm {
        email: "ann@example.org".into(),
        password: PASSWORD.into(),
        ..SetupForm::default()
    };
    assert!(
        nobody
            .set_up(form.clone())
            .await
            .unwrap_err()
            .about("password_again")
            .is_some()
    );
    let form = SetupForm {
        password_again: PASSWORD.into(),
        ..form
    };
    nobody.set_up(form.clone()).await.unwrap();
    assert_eq!(nobody.set_up(form).await, Err(AppError::NotFound));
    assert_eq!(nobody.viewer().await, Err(AppError::SignInRequired));
    let wrong = nobody
        .sign_in("ann@example.org".into(), "wrong horse battery".into())
        .await
        .unwrap_err();
    let unknown = nobody
        .sign_in("bob@example.org".into(), PASSWORD.into())
        .await
        .unwrap_err();
    assert!(matches!(&wrong, AppError::Invalid { field: None, .. }));
    assert_eq!(wrong, unknown);
    assert_eq!(
        nobody.sign_in("ann@example.org".into(), PASSWORD.into()).await,
        Ok(SignInState::SignedIn)
    );
    assert_eq!(
        nobody.sign_in_code("123456".into()).await,
        Err(AppError::SignInRequired)
    );
}

#[tokio::test]
async fn every_page_answers_over_an_empty_desk_and_nothing_without_a_user() {
    let desk = Desk::open().await;
    let ann = desk.user("ann@example.org", UserRole::Owner).await;
    let session = desk.session();
    let (page, _) = desk.request(Some(&ann), &session, "text/html");
    assert_eq!(page.viewer().await.unwrap().prefs.time_zone, "UTC");
    assert_eq!(page.today().await.unwrap().games_today, 0);
    for sort in [
        GamesSort::Start,
        GamesSort::Hold,
        GamesSort::Moved,
        GamesSort::Bookmakers,
    ] {
        for day in [None, "2001-02-03".parse().ok(), "2026-11-21".parse().ok()] {
            let filter = GamesFilter {
                sort,
                day,
                status: Some(StatusFilter::All),
                page: 7,
                ..GamesFilter::default()
            };
            assert_eq!(page.games(filter).await.unwrap().pages, 1);
        }
    }
    for state in [OpportunityState::Open, OpportunityState::Closed] {
        let filter = OpportunitiesFilter {
            state,
            min_profit_bp: Some(10),
            ..OpportunitiesFilter::default()
        };
        assert_eq!(page.opportunities(filter).await.unwrap().total, 0);
    }
    let filter = IssuesFilter {
        severity: Some(Severity::Warning),
        event: Some(EventId(1)),
        ..IssuesFilter::default()
    };
    assert_eq!(page.issues(filter).await.unwrap().pages, 1);
    let health = page.health().await.unwrap();
    assert!(health.database.migration.starts_with('m') && health.database.size_bytes.is_some());
    assert_eq!(page.bookmakers().await.unwrap(), []);
    assert_eq!(page.game(EventId(1), None).await, Err(AppError::NotFound));
    assert_eq!(page.snapshot(SnapshotId(1)).await, Err(AppError::NotFound));
    assert_eq!(page.opportunity(OpportunityId(1)).await, Err(AppError::NotFound));
    let (nobody, _) = desk.request(None, &session, "text/html");
    assert_eq!(nobody.today().await, Err(AppError::SignInRequired));
    assert_eq!(nobody.health().await, Err(AppError::SignInRequired));
    assert_eq!(nobody.feeds().await, Err(AppError::SignInRequired));
    assert_eq!(nobody.users().await, Err(AppError::SignInRequired));
}

#[tokio::test]
async fn health_reckons_a_feeds_fetches() {
    let desk = Desk::open().await;
    let ann = desk.user("ann@example.org", UserRole::Owner).await;
    let now = desk.state.clock.now();
    for (minutes, duration_ms, outcome) in [
        (50, 10, "ok"),
        (40, 900, "timeout"),
        (30, 20, "ok"),
        (20, 40, "ok"),
        (9999, 5, "ok"),
    ] {
        let fetch = NewFetch {
            feed: "the_odds_api".into(),
            endpoint: "odds".into(),
            competition: None,
            started_at: now - chrono::Duration::minutes(minutes),
            duration_ms,
            outcome: outcome.into(),
            http_status: None,
            detail: Some("no complete answer within 30 s".into()),
            attempts: 1,
            credits_last: Some(3),
            credits_used: Some(20),
            credits_remaining: Some(480),
            credits_unknown: outcome != "ok",
            snapshot_id: None,
        };
        desk.state.store.add_fetch(&fetch).await.unwrap();
    }
    let (page, _) = desk.request(Some(&ann), &desk.session(), "text/html");
    let health = page.health().await.unwrap();
    let feed = health.feeds.iter().find(|feed| feed.key == "the_odds_api").unwrap();
    assert_eq!((feed.requests_24h, feed.failures_24h, feed.success_streak), (4, 1, 2));
    assert_eq!((feed.latency_p50_ms, feed.latency_p95_ms), (Some(20), Some(900)));
    assert_eq!(
        feed.errors
            .iter()
            .map(|error| error.outcome.as_str())
            .collect::<Vec<_>>(),
        ["timeout"]
    );
    let credits = feed.credits.unwrap();
    assert_eq!(
        (credits.used, credits.remaining, credits.last, credits.unknown),
        (20, 480, Some(3), 1)
    );
    assert!(
        health
            .feeds
            .iter()
            .find(|feed| feed.key == "demo")
            .unwrap()
            .credits
            .is_none()
    );
}

#[tokio::test]
async fn a_feeds_key_is_sealed_masked_and_lets_a_stopped_feed_go_on() {
    let desk = Desk::open().await;
    let ann = desk.user("ann@example.org", UserRole::Owner).await;
    let (page, _) = desk.request(Some(&ann), &desk.session(), "application/json");
    let form = |is_enabled, key| FeedForm {
        feed: "the_odds_api".into(),
        is_enabled,
        key,
    };
    let error = page.save_feed(form(true, KeyChange::Keep)).await.unwrap_err();
    assert!(error.about("key").is_some());
    let stopped = FeedState {
        stopped_reason: Some("bad key".into()),
        ..crate::pipeline::breaker::fresh("the_odds_api")
    };
    desk.state.store.put_feed_state(&stopped).await.unwrap();
    page.save_feed(form(true, KeyChange::Replace(" 0123456789abcdef ".into())))
        .await
        .unwrap();
    let feeds = page.feeds().await.unwrap();
    let feed = feeds.iter().find(|feed| feed.feed == "the_odds_api").unwrap();
    assert!(feed.is_enabled);
    assert_eq!(feed.masked_key.as_deref(), Some("\u{2022}\u{2022}\u{2022}\u{2022}cdef"));
    assert_eq!(
        desk.state
            .store
            .feed_state("the_odds_api")
            .await
            .unwrap()
            .unwrap()
            .stopped_reason,
        None
    );
    let settings = desk.state.store.feed_settings().await.unwrap();
    let sealed = settings
        .iter()
        .find(|feed| feed.key == "the_odds_api")
        .unwrap()
        .sealed_key
        .clone()
        .unwrap();
    assert!(!sealed.windows(8).any(|part| part == b"01234567"));
    let unknown = ChoiceForm {
        competition: "none".into(),
        is_enabled: true,
        interval_s: 900,
        scores_interval_s: None,
    };
    let error = page
        .save_feed_choices("the_odds_api".into(), vec![unknown])
        .await
        .unwrap_err();
    assert!(error.about("choices[0][competition]").is_some());
    assert_eq!(
        page.save_feed_choices("nowhere".into(), Vec::new()).await,
        Err(AppError::NotFound)
    );
}

#[tokio::test]
async fn what_is_shown_once_is_on_one_view_and_of_one_user_alone() {
    let desk = Desk::open().await;
    let (ann, bob) = (
        desk.user("ann@example.org", UserRole::Owner).await,
        desk.user("bob@example.org", UserRole::Member).await,
    );
    let (session, others) = (desk.session(), desk.session());
    let (page, _) = desk.request(Some(&ann), &session, "application/json");
    page.create_api_key(ApiKeyForm {
        name: "mine".into(),
        scope: ApiKeyScope::Read,
        expires_in_days: Some(7),
    })
    .await
    .unwrap();
    assert!(!format!("{:?}", session.get_value("next_view:api_key").await.unwrap()).contains("ovr_"));
    let view = page.api_keys().await.unwrap();
    assert!(view.new_key.unwrap().starts_with("ovr_"));
    assert_eq!(page.api_keys().await.unwrap().new_key, None);
    let (other, _) = desk.request(Some(&bob), &others, "application/json");
    assert_eq!(other.api_keys().await.unwrap().keys, []);
    assert_eq!(other.revoke_api_key(view.keys[0].id).await, Err(AppError::NotFound));
    page.revoke_api_key(view.keys[0].id).await.unwrap();
    assert_eq!(page.revoke_api_key(ApiKeyId(99)).await, Err(AppError::NotFound));
    page.invite("cid@example.org".into(), app::viewer::UserRole::Viewer)
        .await
        .unwrap();
    let link = page.users().await.unwrap().new_link.unwrap();
    assert!(link.starts_with("http://desk.example:8080/invite/"), "{link}");
    assert_eq!(page.users().await.unwrap().new_link, None);
}

#[tokio::test]
async fn a_second_factor_goes_on_with_a_code_and_off_with_another() {
    let desk = Desk::open().await;
    let ann = desk.user("ann@example.org", UserRole::Owner).await.id;
    let session = desk.session();
    let page = desk.as_user(ann, &session).await;
    assert!(
        page.start_two_factor("wrong horse battery".into())
            .await
            .unwrap_err()
            .about("password")
            .is_some()
    );
    page.start_two_factor(PASSWORD.into()).await.unwrap();
    let page = desk.as_user(ann, &session).await;
    let TwoFactorState::Waiting { secret, qr_svg, .. } = page.two_factor().await.unwrap().state else {
        panic!("a secret waits");
    };
    assert!(qr_svg.starts_with("<svg "));
    let seed = totp_rs::Secret::Encoded(secret).to_bytes().unwrap();
    let code_at = |seconds: i64| {
        let totp = totp_rs::TOTP::new_unchecked(totp_rs::Algorithm::SHA1, 6, 0, 30, seed.clone(), None, "ann".into());
        totp.generate((desk.state.clock.now().timestamp() + seconds).unsigned_abs())
    };
    assert!(
        page.confirm_two_factor("000000".into())
            .await
            .unwrap_err()
            .about("code")
            .is_some()
    );
    page.confirm_two_factor(code_at(0)).await.unwrap();
    let page = desk.as_user(ann, &session).await;
    let view = page.two_factor().await.unwrap();
    let codes = view.new_recovery_codes.unwrap();
    assert_eq!(
        view.state,
        TwoFactorState::On {
            since: desk.state.clock.now(),
            recovery_codes_left: 10
        }
    );
    assert_eq!(page.two_factor().await.unwrap().new_recovery_codes, None);
    let used = page.stop_two_factor(PASSWORD.into(), code_at(0)).await.unwrap_err();
    assert!(used.about("code").is_some());
    page.stop_two_factor(PASSWORD.into(), codes[0].clone()).await.unwrap();
    assert_eq!(
        desk.as_user(ann, &session).await.two_factor().await.unwrap().state,
        TwoFactorState::Off
    );
}

#[tokio::test]
async fn only_the_owner_manages_feeds_and_people_and_one_owner_stays() {
    let desk = Desk::open().await;
    let ann = desk.user("ann@example.org", UserRole::Owner).await;
    let bob = desk.user("bob@example.org", UserRole::Member).await;
    let vic = desk.user("vic@example.org", UserRole::Viewer).await;
    let session = desk.session();
    for user in [&bob, &vic] {
        let (page, _) = desk.request(Some(user), &session, "application/json");
        assert_eq!(page.users().await, Err(AppError::Forbidden));
        assert_eq!(page.set_user_locked(ann.id, true).await, Err(AppError::Forbidden));
        let form = FeedForm {
            feed: "demo".into(),
            is_enabled: false,
            key: KeyChange::Keep,
        };
        assert_eq!(page.save_feed(form).await, Err(AppError::Forbidden));
        assert_eq!(
            page.save_feed_choices("demo".into(), Vec::new()).await,
            Err(AppError::Forbidden)
        );
        assert!(page.feeds().await.unwrap().iter().all(|feed| feed.masked_key.is_none()));
    }
    let (viewer, _) = desk.request(Some(&vic), &session, "application/json");
    assert_eq!(viewer.save_bookmakers(Vec::new()).await, Err(AppError::Forbidden));
    let form = ApiKeyForm {
        name: "mine".into(),
        scope: ApiKeyScope::Write,
        expires_in_days: None,
    };
    assert_eq!(viewer.create_api_key(form).await, Err(AppError::Forbidden));
    let (owner, _) = desk.request(Some(&ann), &session, "application/json");
    let member = app::viewer::UserRole::Member;
    assert!(matches!(
        owner.set_user_role(ann.id, member).await,
        Err(AppError::Invalid { .. })
    ));
    assert!(matches!(
        owner.set_user_locked(ann.id, true).await,
        Err(AppError::Invalid { .. })
    ));
    assert_eq!(owner.set_user_role(UserId(99), member).await, Err(AppError::NotFound));
    owner.set_user_role(bob.id, app::viewer::UserRole::Owner).await.unwrap();
    owner.set_user_role(ann.id, member).await.unwrap();
    owner.set_user_locked(vic.id, true).await.unwrap();
    assert!(
        desk.state
            .store
            .find_user(vic.id)
            .await
            .unwrap()
            .unwrap()
            .disabled_at
            .is_some()
    );
}

#[tokio::test]
async fn an_api_key_changes_nothing_here() {
    let desk = Desk::open().await;
    let ann = desk.user("ann@example.org", UserRole::Owner).await;
    let (mut page, _) = desk.request(None, &desk.session(), "application/json");
    let proof = Proof::Key {
        id: ApiKeyId(1),
        scopes: vec!["read".into(), "write".into()],
    };
    page.viewer = Some(Viewer {
        user: ann.clone(),
        proof,
    });
    assert!(page.viewer().await.is_ok());
    assert_eq!(
        page.save_preferences(PrefsChange::default()).await,
        Err(AppError::Forbidden)
    );
    assert_eq!(page.sessions().await, Err(AppError::Forbidden));
    assert_eq!(page.users().await, Err(AppError::Forbidden));
}

#[tokio::test]
async fn preferences_change_one_at_a_time_and_an_unknown_zone_is_refused() {
    let desk = Desk::open().await;
    let ann = desk.user("ann@example.org", UserRole::Viewer).await.id;
    let session = desk.session();
    let zone = |name: &str| PrefsChange {
        time_zone: Some(name.into()),
        ..PrefsChange::default()
    };
    let page = desk.as_user(ann, &session).await;
    assert!(page.time_zones().await.unwrap().contains(&"Europe/Vienna".to_owned()));
    assert!(
        page.save_preferences(zone("Mars/Olympus"))
            .await
            .unwrap_err()
            .about("time_zone")
            .is_some()
    );
    page.save_preferences(zone("Europe/Vienna")).await.unwrap();
    let format = PrefsChange {
        odds_format: Some(domain::OddsFormat::American),
        ..PrefsChange::default()
    };
    desk.as_user(ann, &session)
        .await
        .save_preferences(format)
        .await
        .unwrap();
    let viewer = desk.as_user(ann, &session).await.viewer().await.unwrap();
    assert_eq!(viewer.prefs.time_zone, "Europe/Vienna");
    assert_eq!(viewer.prefs.odds_format, domain::OddsFormat::American);
    assert_eq!(viewer.zone.local(desk.state.clock.now()).1, "CET");
}

#[tokio::test]
async fn a_redirect_stays_here_and_a_form_without_scripts_keeps_its_redirect() {
    let desk = Desk::open().await;
    let session = desk.session();
    let reply = |accept: &str, path: &str| {
        let (page, response) = desk.request(None, &session, accept);
        page.redirect(path);
        page.set_status(422);
        let parts = response.0.read().unwrap().clone();
        (parts.status, parts.headers)
    };
    let (status, headers) = reply("text/html,*/*", "/games");
    assert_eq!(
        (status, &headers[LOCATION]),
        (Some(StatusCode::SEE_OTHER), &HeaderValue::from_static("/games"))
    );
    assert!(!headers.contains_key(REDIRECT_HEADER));
    let (status, headers) = reply("application/json", "//evil.example\r\nX: y");
    assert_eq!((status, &headers[LOCATION]), (None, &HeaderValue::from_static("/")));
    assert!(headers.contains_key(REDIRECT_HEADER));
    let (page, response) = desk.request(None, &session, "text/html");
    page.set_status(422);
    assert_eq!(response.0.read().unwrap().status, None);
    let (page, response) = desk.request(None, &session, "application/json");
    page.set_status(422);
    assert_eq!(
        response.0.read().unwrap().status,
        Some(StatusCode::UNPROCESSABLE_ENTITY)
    );
}

#[test]
fn a_refusal_keeps_its_field_its_wait_and_its_incident_and_tells_no_more() {
    assert_eq!(
        AppError::from(ApiError::field("email", "taken")),
        AppError::field("email", "taken")
    );
    assert_eq!(
        AppError::from(ApiError::conflict("no")),
        AppError::Invalid {
            field: None,
            message: "no".into()
        }
    );
    assert_eq!(
        AppError::from(ApiError::too_many("wait", 90)),
        AppError::Throttled { retry_after_s: 90 }
    );
    assert_eq!(AppError::from(ApiError::not_found("game")), AppError::NotFound);
    assert_eq!(AppError::from(ApiError::forbidden("no")), AppError::Forbidden);
    assert_eq!(AppError::from(ApiError::unauthorized()), AppError::SignInRequired);
    assert!(matches!(
        AppError::from(ApiError::unavailable("the cause")),
        AppError::Unavailable { .. }
    ));
    let error = AppError::from(ApiError::internal("the cause"));
    assert!(matches!(&error, AppError::Failed { incident: Some(_) }));
    assert!(!error.to_string().contains("the cause"));
}

#[test]
fn a_page_beyond_the_last_is_the_last() {
    assert_eq!(page_of((1..=5).collect(), 2, 2), (vec![3, 4], 5, 3));
    assert_eq!(page_of((1..=5).collect(), 99, 2), (vec![5], 5, 3));
    assert_eq!(page_of((1..=5).collect(), 0, 2), (vec![1, 2], 5, 3));
    assert_eq!(page_of(Vec::<u8>::new(), 7, 2), (Vec::new(), 0, 1));
}
