//! Accounts: set-up, sign-in, throttle, second factor, invitations, sessions.

use crate::app::{As, PASSWORD, TestApp, cookie};
use axum::http::StatusCode;
use chrono::Duration;
use serde_json::json;
use server::desk::accounts;
use store::UserRole;

async fn me(app: &TestApp, who: &As) -> StatusCode {
    app.get("/api/v1/me", who).await.status
}

#[tokio::test]
async fn the_first_visitor_becomes_the_owner_and_no_second_one_does() {
    let app = TestApp::new().await;
    let fields = [
        ("code", ""),
        ("email", "Ann@Example.org"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let answer = app.post_form("/ui/set_up", &As::Nobody, &fields).await;
    let owner = app
        .state
        .store
        .find_user_by_email("ann@example.org")
        .await
        .unwrap()
        .unwrap_or_else(|| panic!("{} {:?}", answer.status, answer.headers));
    assert_eq!(owner.role, UserRole::Owner);
    assert_eq!(
        me(&app, &cookie(&answer).unwrap()).await,
        StatusCode::OK,
        "and is signed in"
    );
    app.post_form(
        "/ui/set_up",
        &As::Nobody,
        &[
            ("code", ""),
            ("email", "eve@example.org"),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ],
    )
    .await;
    assert_eq!(app.state.store.count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn a_desk_that_others_can_reach_asks_the_first_for_the_code_from_the_terminal() {
    let app = TestApp::with(&[("listen", "0.0.0.0:8080")]).await;
    let code = app.state.setup_code.clone().unwrap();
    let set_up = async |code: &str| {
        let fields = [
            ("code", code),
            ("email", "ann@example.org"),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ];
        app.post_form("/ui/set_up", &As::Nobody, &fields).await;
        app.state.store.count_users().await.unwrap()
    };
    assert_eq!(set_up("").await, 0);
    assert_eq!(set_up("000000000000").await, 0);
    assert_eq!(set_up(&code).await, 1);
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_read_the_same() {
    let app = TestApp::new().await;
    app.user("ann@example.org", UserRole::Owner).await;
    let location = async |email: &str| {
        let answer = app
            .post_form(
                "/ui/sign_in",
                &As::Nobody,
                &[("email", email), ("password", "wrong password 12")],
            )
            .await;
        answer
            .headers
            .get("location")
            .map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(location("ann@example.org").await, location("nobody@example.org").await);
}

#[tokio::test]
async fn a_guesser_is_held_up_while_the_user_gets_in_from_elsewhere() {
    let app = TestApp::with(&[("trusted_proxies", "127.0.0.1")]).await;
    app.user("ann@example.org", UserRole::Owner).await;
    let try_from = async |address: &str, password: &str| {
        let body = format!("email=ann%40example.org&password={}", password.replace(' ', "+"));
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("accept", "text/html"),
            ("referer", "http://overround.test/login"),
            ("x-forwarded-for", address),
        ];
        let answer = app
            .send(
                axum::http::Method::POST,
                "/ui/sign_in",
                &As::Nobody,
                Some(("application/x-www-form-urlencoded", body)),
                &headers,
            )
            .await;
        match cookie(&answer) {
            Some(session) => me(&app, &session).await == StatusCode::OK,
            None => false,
        }
    };
    for _ in 0..5 {
        assert!(!try_from("198.51.100.7", "wrong password 12").await);
    }
    assert!(
        !try_from("198.51.100.7", PASSWORD).await,
        "even the right password waits there"
    );
    assert!(try_from("203.0.113.9", PASSWORD).await, "elsewhere the owner gets in");
    app.clock.set(app.now() + Duration::minutes(16));
    assert!(try_from("198.51.100.7", PASSWORD).await, "and after the wait there too");
}

#[tokio::test]
async fn signing_in_changes_the_session_and_only_a_hash_of_it_is_stored() {
    let app = TestApp::new().await;
    let user = app.user("ann@example.org", UserRole::Owner).await;
    let As::Session(first) = app.sign_in("ann@example.org", PASSWORD).await else {
        panic!()
    };
    let As::Session(second) = app.sign_in("ann@example.org", PASSWORD).await else {
        panic!()
    };
    assert_ne!(first, second);
    let rows = app.state.store.list_sessions(user.id, app.now()).await.unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        for cookie in [&first, &second] {
            let id = cookie.split('=').nth(1).unwrap();
            assert!(!format!("{row:?}").contains(id), "the id itself is in no column");
        }
    }
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_when_the_password_changes() {
    let app = TestApp::new().await;
    let user = app.user("ann@example.org", UserRole::Owner).await;
    let (one, other) = (
        app.sign_in("ann@example.org", PASSWORD).await,
        app.sign_in("ann@example.org", PASSWORD).await,
    );
    accounts::set_password(&app.state, &user, "another horse battery", None)
        .await
        .unwrap();
    assert_eq!(
        (me(&app, &one).await, me(&app, &other).await),
        (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED)
    );
    let session = app.sign_in("ann@example.org", "another horse battery").await;
    assert_eq!(me(&app, &session).await, StatusCode::OK);
    app.clock.set(app.now() + Duration::days(31));
    assert_eq!(me(&app, &session).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_second_factor_code_works_once_and_so_does_a_recovery_code() {
    let app = TestApp::new().await;
    let user = app.user("ann@example.org", UserRole::Owner).await;
    let offer = accounts::offer_totp(&app.state, &user).await.unwrap();
    let user = app.state.store.find_user(user.id).await.unwrap().unwrap();
    assert!(!format!("{user:?}").contains(&offer.secret), "the seed is sealed");
    let code = || {
        let seed = totp_rs::Secret::Encoded(offer.secret.clone()).to_bytes().unwrap();
        let totp = totp_rs::TOTP::new(totp_rs::Algorithm::SHA1, 6, 0, 30, seed, None, String::new()).unwrap();
        totp.generate(app.now().timestamp().unsigned_abs())
    };
    let recovery = accounts::turn_on_totp(&app.state, &user, &code()).await.unwrap();
    let step_two = async |given: &str| {
        let first = app
            .post_form(
                "/ui/sign_in",
                &As::Nobody,
                &[("email", "ann@example.org"), ("password", PASSWORD)],
            )
            .await;
        let waiting = cookie(&first).unwrap();
        assert_eq!(
            me(&app, &waiting).await,
            StatusCode::UNAUTHORIZED,
            "the password alone is not enough"
        );
        let second = app.post_form("/ui/sign_in_code", &waiting, &[("code", given)]).await;
        match cookie(&second) {
            Some(session) => me(&app, &session).await == StatusCode::OK,
            None => me(&app, &waiting).await == StatusCode::OK,
        }
    };
    assert!(!step_two(&code()).await, "the code that turned it on is used up");
    app.clock.set(app.now() + Duration::seconds(60));
    let next = code();
    assert!(step_two(&next).await);
    assert!(!step_two(&next).await, "no code works twice");
    assert!(step_two(&recovery[0]).await);
    assert!(!step_two(&recovery[0]).await, "nor does a recovery code");
    assert!(!step_two("000000").await);
}

#[tokio::test]
async fn nobody_joins_without_an_invitation_and_each_works_once() {
    let app = TestApp::new().await;
    let owner = app.user("ann@example.org", UserRole::Owner).await;
    let (_, token) = accounts::invite(&app.state, &owner, "bob@example.org", UserRole::Viewer)
        .await
        .unwrap();
    assert!(
        accounts::accept_invite(&app.state, "wrong", "Bob", PASSWORD)
            .await
            .is_err()
    );
    let bob = accounts::accept_invite(&app.state, &token, "Bob", PASSWORD)
        .await
        .unwrap();
    assert_eq!((bob.role, bob.email.as_str()), (UserRole::Viewer, "bob@example.org"));
    assert!(
        accounts::accept_invite(&app.state, &token, "Eve", PASSWORD)
            .await
            .is_err()
    );
    let (_, late) = accounts::invite(&app.state, &owner, "eve@example.org", UserRole::Viewer)
        .await
        .unwrap();
    app.clock.set(app.now() + Duration::days(8));
    assert!(
        accounts::accept_invite(&app.state, &late, "Eve", PASSWORD)
            .await
            .is_err(),
        "an invitation ends"
    );
}

#[tokio::test]
async fn what_was_done_is_in_a_log_that_shows_changes_to_itself() {
    let app = TestApp::new().await;
    app.user("ann@example.org", UserRole::Owner).await;
    app.sign_in("ann@example.org", PASSWORD).await;
    let actions: Vec<String> = app
        .state
        .store
        .list_audit(10)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.action)
        .collect();
    assert_eq!(actions, ["sign_in", "create_user"]);
    assert_eq!(app.state.store.verify_audit().await.unwrap(), None);
    assert!(!json!(actions).to_string().contains(PASSWORD));
}
