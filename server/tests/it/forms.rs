//! Every form with values that no page would send: a complaint on the page, nothing changed, and never an error of ours.

use crate::app::{As, TestApp};
use axum::http::StatusCode;
use leptos::server_fn::axum::server_fn_paths;
use std::collections::BTreeSet;
use store::UserRole;

/// The forms and their fields. `good` fields make the rest of a form right, so that each field is judged by itself.
const FORMS: &[(&str, &[&str], &[(&str, &str)])] = &[
    ("accept_invitation", &["token", "password", "password_again"], &[]),
    (
        "add_account",
        &[
            "account[name]",
            "account[bookmaker]",
            "account[currency]",
            "account[mode]",
            "account[opening]",
        ],
        &[
            ("account[name]", "Harbour"),
            ("account[currency]", "EUR"),
            ("account[mode]", "paper"),
        ],
    ),
    ("begin_import", &["nothing"], &[]),
    ("cancel_import", &["nothing"], &[]),
    ("cancel_two_factor", &["nothing"], &[]),
    (
        "cash_out_bet",
        &["id", "stake", "amount", "reason"],
        &[("id", "1"), ("stake", "1"), ("amount", "1")],
    ),
    (
        "change_account",
        &["id", "name", "closed"],
        &[("id", "1"), ("name", "Harbour")],
    ),
    ("change_password", &["current", "password", "password_again"], &[]),
    ("confirm_two_factor", &["code"], &[]),
    ("cool_off", &["days", "sure"], &[("days", "7")]),
    (
        "create_api_key",
        &["name", "scope", "expires_in_days"],
        &[("name", "sheet"), ("scope", "read")],
    ),
    (
        "edit_bet",
        &["id", "version", "note", "tags", "reference", "stake", "price", "reason"],
        &[("id", "1")],
    ),
    (
        "invite",
        &["email", "role"],
        &[("email", "new@example.org"), ("role", "viewer")],
    ),
    ("import_strategies", &["yaml"], &[]),
    ("leave_import", &["nothing"], &[]),
    (
        "map_import",
        &[
            "mapping",
            "mapping[columns][0]",
            "mapping[columns][x]",
            "mapping[decimal]",
            "mapping[dates]",
            "mapping[currency]",
        ],
        &[],
    ),
    (
        "move_money",
        &[
            "entry[kind]",
            "entry[account]",
            "entry[amount]",
            "entry[to]",
            "entry[arrived]",
            "entry[happened_at]",
            "entry[memo]",
        ],
        &[
            ("entry[kind]", "deposit"),
            ("entry[account]", "1"),
            ("entry[amount]", "1.00"),
        ],
    ),
    (
        "place_bet",
        &[
            "slip",
            "slip[act]",
            "slip[kind]",
            "slip[account]",
            "slip[bookmaker]",
            "slip[opportunity]",
            "slip[leg]",
            "slip[legs]",
            "slip[legs][0][event_id]",
            "slip[legs][0][event]",
            "slip[legs][0][sport]",
            "slip[legs][0][market]",
            "slip[legs][0][period]",
            "slip[legs][0][line]",
            "slip[legs][0][participant]",
            "slip[legs][0][outcome]",
            "slip[legs][0][name]",
            "slip[legs][0][side]",
            "slip[legs][0][price]",
            "slip[stake]",
            "slip[placed_at]",
            "slip[note]",
            "slip[tags]",
            "slip[sizes]",
            "slip[teaser_price]",
            "slip[places]",
            "slip[part]",
        ],
        &[],
    ),
    (
        "put_rate",
        &["rate[currency]", "rate[on]", "rate[rate]"],
        &[
            ("rate[currency]", "GBP"),
            ("rate[on]", "2026-01-01"),
            ("rate[rate]", "1.1634"),
        ],
    ),
    ("remove_bet", &["id", "undo", "reason"], &[("id", "1")]),
    ("remove_strategy", &["id", "undo"], &[]),
    ("renew_recovery_codes", &["recovery_password"], &[]),
    ("revoke_api_key", &["id"], &[]),
    ("revoke_invite", &["id"], &[]),
    ("revoke_other_sessions", &["nothing"], &[]),
    ("revoke_session", &["id"], &[]),
    (
        "save_bookmakers",
        &[
            "books",
            "books[0]",
            "books[0][id]",
            "books[0][is_usable]",
            "books[0][commission]",
            "books[0][basis]",
            "books[0][step]",
            "books[0][max_stake]",
            "books[0][rounding]",
            "books[0][rate]",
            "books[x][id]",
        ],
        &[],
    ),
    (
        "save_feed",
        &["feed", "is_enabled", "key", "remove_key"],
        &[("feed", "the_odds_api")],
    ),
    (
        "save_feed_choices",
        &[
            "feed",
            "choices",
            "choices[0][competition]",
            "choices[0][is_enabled]",
            "choices[0][interval_s]",
            "choices[0][scores_interval_s]",
        ],
        &[("feed", "demo")],
    ),
    (
        "save_limits",
        &[
            "limits",
            "limits[per_bet]",
            "limits[max_open]",
            "limits[max_stake]",
            "limits[currency]",
            "limits[brakes][0][from]",
            "limits[brakes][x][to]",
        ],
        &[],
    ),
    (
        "save_preferences",
        &["odds_format", "time_zone", "theme"],
        &[("odds_format", "decimal"), ("time_zone", "UTC"), ("theme", "dark")],
    ),
    (
        "save_strategy",
        &[
            "id",
            "kind",
            "name",
            "stage",
            "params",
            "params[min_edge]",
            "params[sports]",
            "params[in_play]",
            "params[other]",
        ],
        &[("id", "2"), ("kind", "value"), ("name", "Value"), ("stage", "paper")],
    ),
    ("set_base_currency", &["base"], &[]),
    ("set_odds_format", &["odds_format"], &[]),
    ("set_up", &["code", "email", "password", "password_again"], &[]),
    (
        "settle_bet",
        &[
            "id",
            "legs",
            "legs[0][end]",
            "legs[0][price]",
            "legs[0][played]",
            "legs[0][winner]",
            "legs[x][end]",
            "reason",
        ],
        &[("id", "1")],
    ),
    (
        "settle_bets",
        &["bets", "bets[0][id]", "bets[0][tick]", "bets[0][end]", "bets[x][id]"],
        &[],
    ),
    (
        "set_user_locked",
        &["id", "is_locked"],
        &[("id", "1"), ("is_locked", "no")],
    ),
    ("set_user_role", &["id", "role"], &[("id", "1"), ("role", "owner")]),
    (
        "sign_in",
        &["email", "password", "next"],
        &[("email", "owner@example.org"), ("password", "wrong wrong wrong")],
    ),
    ("sign_in_code", &["code", "next"], &[]),
    ("sign_out", &["nothing"], &[]),
    ("skip_opportunity", &["id", "reason"], &[("id", "1")]),
    ("start_two_factor", &["password"], &[]),
    ("stop_two_factor", &["password", "code"], &[]),
    ("take_entry_back", &["id", "reason"], &[("id", "1")]),
    ("undo_import", &["id"], &[]),
    ("take_back_bet", &["id", "reason"], &[("id", "1")]),
    (
        "switch_strategy",
        &["id", "is_enabled"],
        &[("id", "1"), ("is_enabled", "yes")],
    ),
];

/// Values that no field is made for.
fn odd_values() -> Vec<String> {
    let fixed = [
        "",
        " ",
        "-1",
        "0",
        "1e308",
        "NaN",
        "99999999999999999999999",
        "0x10",
        "1,5",
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'; DROP TABLE users; --",
        "../../etc/passwd",
        "%00%0d%0aSet-Cookie: a=b",
        "\u{0}",
        "\r\nLocation: https://elsewhere.example",
        "\u{202e}\u{feff}\u{1f600}٣",
        "//elsewhere.example",
    ];
    fixed
        .into_iter()
        .map(str::to_owned)
        .chain([format!("{:0>40000}", "x")])
        .collect()
}

/// What a form could have changed.
async fn kept(app: &TestApp, who: &As) -> String {
    let mut kept = String::new();
    for path in [
        "/api/v1/me",
        "/api/v1/api-keys",
        "/api/v1/feeds",
        "/api/v1/bookmakers",
        "/api/v1/strategies",
    ] {
        let answer = app.get(path, who).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        kept.push_str(&answer.text());
    }
    kept
}

#[test]
fn no_form_is_forgotten_here() {
    let known: BTreeSet<String> = FORMS.iter().map(|(name, ..)| format!("/ui/{name}")).collect();
    let registered: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(known, registered);
}

#[tokio::test]
async fn whatever_is_typed_a_form_comes_back_with_a_complaint_and_changes_nothing_or_does_what_it_says() {
    try_forms(0).await;
}

#[tokio::test]
async fn whatever_is_typed_into_every_third_form_and_the_next_holds_as_well() {
    try_forms(1).await;
}

#[tokio::test]
async fn whatever_is_typed_into_every_third_form_and_the_one_after_holds_as_well() {
    try_forms(2).await;
}

/// Every third form, from one on: all of them together take minutes.
async fn try_forms(first: usize) {
    let app = TestApp::with(&[("api_requests_per_minute", "1000000")]).await;
    let owner = app.user("owner@example.org", UserRole::Owner).await;
    let key = app.key(&owner, &["read"]).await;
    for (name, fields, good) in FORMS.iter().skip(first).step_by(3) {
        for field in *fields {
            for value in odd_values() {
                let said = format!("{name}: {field}={:.40}", value.escape_debug());
                // Signed in anew where the last form signed out; the clock moves on so that no throttle hides the answer.
                app.clock.set(app.now() + chrono::Duration::minutes(20));
                let session = app.session(&owner).await;
                let before = kept(&app, &key).await;
                let mut form: Vec<(&str, &str)> = good.iter().filter(|(known, _)| known != field).copied().collect();
                form.push((field, &value));
                let answer = app.post_form(&format!("/ui/{name}"), &session, &form).await;
                let location = answer
                    .headers
                    .get("location")
                    .map(|place| place.to_str().unwrap().to_owned());
                let Some(location) = location else {
                    assert!(answer.status.is_client_error(), "{said}: {}", answer.status);
                    assert_eq!(kept(&app, &key).await, before, "{said}");
                    continue;
                };
                assert!(answer.status.is_redirection(), "{said}: {}", answer.status);
                assert!(
                    location.starts_with('/') && !location.starts_with("//")
                        || location.starts_with("http://overround.test/"),
                    "{said} leads to {location}"
                );
                if location.contains("__err") {
                    assert_eq!(kept(&app, &key).await, before, "{said}");
                    let page = location.strip_prefix("http://overround.test").unwrap_or(&location);
                    let shown = app.get(page, &session).await;
                    assert!(!shown.status.is_server_error(), "{said}: {}", shown.status);
                    assert!(!shown.text().contains("<script>alert"), "{said}");
                }
            }
        }
    }
}
