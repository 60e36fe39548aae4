//! The pages of bets through the real server, with forms as a browser without scripts sends them.

use crate::app::{As, TestApp};
use domain::bet::{BetMode, BetStatus, SettledAs};
use store::{BetFilter, StoredBet, User, UserRole};

const SLIP: [(&str, &str); 7] = [
    ("slip[kind]", "single"),
    ("slip[legs][0][event]", "Bears - Lions"),
    ("slip[legs][0][sport]", "american_football"),
    ("slip[legs][0][market]", "spread"),
    ("slip[legs][0][outcome]", "away"),
    ("slip[legs][0][line]", "+3.5"),
    ("slip[legs][0][price]", "1.95"),
];

async fn desk() -> (TestApp, User, As) {
    let app = TestApp::with(&[]).await;
    let user = app.user("ann@example.org", UserRole::Member).await;
    let session = app.session(&user).await;
    (app, user, session)
}

async fn place(app: &TestApp, session: &As, stake: &str) -> String {
    let mut fields = SLIP.to_vec();
    fields.push(("slip[stake]", stake));
    fields.push(("slip[tags]", "late, news"));
    let answer = app.post_form("/ui/place_bet", session, &fields).await;
    answer.headers["location"].to_str().unwrap().to_owned()
}

async fn bets(app: &TestApp, user: &User) -> Vec<StoredBet> {
    let filter = BetFilter::default();
    let bets = app
        .state
        .store
        .list_bets(user.id, &filter, store::BetOrder::Placed, 0, 10);
    bets.await.unwrap()
}

#[tokio::test]
async fn a_bet_is_recorded_settled_taken_back_and_removed_by_forms() {
    let (app, user, session) = desk().await;
    let to = place(&app, &session, "10.00").await;
    let bet = bets(&app, &user).await.remove(0).bet;
    assert_eq!(to, format!("/bets/{}?done=placed", bet.id));
    let leg = &bet.wager.legs[0];
    assert_eq!(
        (bet.mode, bet.at_risk, leg.market.line.unwrap().hundredths()),
        (BetMode::Paper, 10_00, -350),
        "a line is the home side's"
    );
    let id = bet.id.to_string();
    let path = format!("/bets/{id}");
    let page = app.get(&path, &session).await.text();
    assert!(page.contains("+3.5") && page.contains("10.00 EUR") && page.contains("Limits when it was placed"));
    let list = app.get("/bets?status=open&tag=news", &session).await.text();
    assert!(list.contains("Bears - Lions") && list.contains("Open"));

    let ends = [("id", id.as_str()), ("legs[0][end]", "win"), ("reason", "seen")];
    app.post_form("/ui/settle_bet", &session, &ends).await;
    let settled = bets(&app, &user).await.remove(0).bet.settled.unwrap();
    assert_eq!(
        (settled.settled_as, settled.payout, settled.is_automatic),
        (SettledAs::Win, 19_50, false)
    );
    app.post_form("/ui/take_back_bet", &session, &[("id", &id)]).await;
    assert_eq!(
        bets(&app, &user).await[0].bet.status,
        BetStatus::Settled,
        "nothing without a reason"
    );
    app.post_form("/ui/take_back_bet", &session, &[("id", &id), ("reason", "wrong game")])
        .await;
    assert_eq!(bets(&app, &user).await[0].bet.status, BetStatus::Open);
    let bulk = [
        ("bets[0][id]", id.as_str()),
        ("bets[0][tick]", "yes"),
        ("bets[0][end]", "loss"),
    ];
    app.post_form("/ui/settle_bets", &session, &bulk).await;
    assert_eq!(bets(&app, &user).await[0].bet.profit(), Some(-10_00));
    app.post_form("/ui/remove_bet", &session, &[("id", &id)]).await;
    assert!(bets(&app, &user).await.is_empty());
    app.post_form("/ui/remove_bet", &session, &[("id", &id), ("undo", "yes")])
        .await;
    assert_eq!(bets(&app, &user).await.len(), 1);
    let page = app.get(&path, &session).await.text();
    assert!(page.contains("wrong game") && page.contains("Taken back") && page.contains("Entry "));
}

#[tokio::test]
async fn a_refused_bet_names_the_control_and_keeps_what_was_typed() {
    let (app, user, session) = desk().await;
    let to = place(&app, &session, "30.00").await;
    assert!(bets(&app, &user).await.is_empty());
    let query = to.split_once('?').map_or("", |(_, query)| query);
    let page = app.get(&format!("/bets/new?{query}"), &session).await.text();
    assert!(page.contains("One bet") && page.contains("30.00 EUR"), "{page}");
    assert!(
        page.contains("value=\"Bears - Lions\"") && page.contains("value=\"30.00\""),
        "{page}"
    );
    let decisions = app.get("/bets/decisions", &session).await.text();
    assert!(decisions.contains("Refused") && decisions.contains("One bet"));
}

#[tokio::test]
async fn another_leg_is_asked_for_without_losing_what_was_typed() {
    let (app, _, session) = desk().await;
    let mut fields = SLIP.to_vec();
    fields.push(("slip[act]", "add_leg"));
    let answer = app.post_form("/ui/place_bet", &session, &fields).await;
    assert_eq!(answer.headers["location"], "/bets/new");
    let page = app.get("/bets/new", &session).await.text();
    assert!(
        page.contains("Leg 2") && page.contains("value=\"Bears - Lions\""),
        "{page}"
    );
}
