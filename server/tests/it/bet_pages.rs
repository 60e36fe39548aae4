//! The pages of bets through the real server, with forms as a browser without scripts sends them.

use crate::app::{As, TestApp};
use crate::ingest::{Book, game, only_board, take};
use chrono::TimeDelta;
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
async fn that_a_game_was_given_up_is_said_by_a_form_and_the_house_rule_decides() {
    let (app, user, session) = desk().await;
    place(&app, &session, "10.00").await;
    let id = bets(&app, &user).await[0].bet.id.to_string();
    let say = async |fields: &[(&str, &str)]| {
        let mut form = vec![("id", id.as_str())];
        form.extend_from_slice(fields);
        app.post_form("/ui/settle_bet", &session, &form).await;
        bets(&app, &user).await.remove(0).bet
    };
    let nobody = [("legs[0][end]", "retired"), ("legs[0][played]", "1")];
    assert_eq!(say(&nobody).await.status, BetStatus::Open, "nobody goes on");
    let broken_off = |minutes| {
        [
            ("legs[0][end]", "abandoned"),
            ("legs[0][played]", minutes),
            ("legs[0][unit]", "minutes"),
            ("legs[0][home]", "17"),
            ("legs[0][away]", "10"),
        ]
    };
    let void = say(&broken_off("54")).await.settled.unwrap();
    assert_eq!((void.settled_as, void.is_automatic), (SettledAs::Void, false));
    let stands = say(&broken_off("55")).await.settled.unwrap();
    assert_eq!(stands.settled_as, SettledAs::Loss);
    let page = app.get(&format!("/bets/{id}"), &session).await.text();
    assert!(
        page.contains("given up after 55 minutes at 17 : 10: bets stand (BetMGM Nevada, Minimum length of play, 2"),
        "{page}"
    );
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

#[tokio::test]
async fn a_game_is_found_by_a_word_of_its_name_and_bet_on_at_its_quote() {
    let (app, user, session) = desk().await;
    let books: [Book<'_>; 1] = [(
        "draftkings",
        &[("h2h", "Hawks", None, 1.952), ("h2h", "Bulls", None, 1.87)],
    )];
    take(&app, app.now(), "h2h", &game(app.now() + TimeDelta::hours(10), &books)).await;
    let board = only_board(&app).await;
    let event = board.event.id;
    let book = board.markets[0].quotes[0].bookmaker_id;

    let find = |words: &'static str| {
        let mut fields = SLIP.to_vec();
        fields[1] = ("slip[legs][0][event]", words);
        fields.push(("slip[act]", "find"));
        fields
    };
    app.post_form("/ui/place_bet", &session, &find("bulls hawks")).await;
    let page = app.get("/bets/new", &session).await.text();
    assert!(
        page.contains(&format!("<option value=\"{event}\" selected>Bulls @ Hawks")),
        "{page}"
    );
    app.post_form("/ui/place_bet", &session, &find("wolves hawks")).await;
    let page = app.get("/bets/new", &session).await.text();
    assert!(
        page.contains("No known game") && page.contains("value=\"wolves hawks\""),
        "{page}"
    );

    let prices = format!("/games/{event}/prices?market=moneyline~full_time~~&outcome=home&bookmaker={book}");
    let page = app.get(&prices, &session).await.text();
    let address = format!(
        "/bets/new?event={event}&amp;market=moneyline~full_time~~&amp;outcome=home&amp;side=back&amp;bookmaker={book}"
    );
    assert!(page.contains(&address), "{page}");
    let page = app.get(&address.replace("&amp;", "&"), &session).await.text();
    assert!(page.contains("name=\"slip[legs][0][price]\" value=\"1.952\""), "{page}");

    let (event, book) = (event.to_string(), book.to_string());
    for price in ["1.952", "1.90"] {
        let fields = [
            ("slip[bookmaker]", book.as_str()),
            ("slip[legs][0][event_id]", event.as_str()),
            ("slip[legs][0][market]", "moneyline"),
            ("slip[legs][0][outcome]", "home"),
            ("slip[legs][0][price]", price),
            ("slip[stake]", "10.00"),
        ];
        app.post_form("/ui/place_bet", &session, &fields).await;
    }
    let placed = bets(&app, &user).await;
    let quotes: Vec<bool> = placed
        .iter()
        .map(|stored| stored.bet.wager.legs[0].quote.is_some())
        .collect();
    assert_eq!(
        quotes,
        [false, true],
        "what was offered opens down to its quote, what was not says so"
    );
}

#[tokio::test]
async fn money_is_kept_by_forms_and_any_day_can_be_looked_at_again() {
    let (app, user, session) = desk().await;
    let send = async |form: &str, fields: &[(&str, &str)]| {
        let answer = app.post_form(&format!("/ui/{form}"), &session, fields).await;
        answer.headers["location"].to_str().unwrap().to_owned()
    };
    let account = [
        ("account[name]", "Harbour"),
        ("account[mode]", "real"),
        ("account[currency]", "gbp"),
        ("account[opening]", "200.00"),
    ];
    assert_eq!(send("add_account", &account).await, "/bankroll?done=account");
    assert!(
        send("add_account", &account).await.contains("__err"),
        "a name is taken once"
    );
    let id = app.state.store.accounts(user.id).await.unwrap()[0].id.to_string();
    let earlier = (app.now() - chrono::TimeDelta::days(10))
        .format("%Y-%m-%dT%H:%M")
        .to_string();
    let deposit = |amount: &'static str| {
        [
            ("entry[kind]", "deposit"),
            ("entry[account]", id.as_str()),
            ("entry[amount]", amount),
            ("entry[happened_at]", earlier.as_str()),
            ("entry[memo]", "From the bank"),
        ]
    };
    for wrong in ["1e9", "-0", "10.001", "-5", "", "1.234,56"] {
        let to = send("move_money", &deposit(wrong)).await;
        assert!(to.contains("__err"), "{wrong:?} is taken");
    }
    assert_eq!(send("move_money", &deposit("50.00")).await, "/bankroll?done=moved");
    let page = app.get("/bankroll", &session).await.text();
    assert!(
        page.contains("250.00 GBP") && page.contains("no exchange rate"),
        "{page}"
    );
    let rate = [
        ("rate[currency]", "GBP"),
        ("rate[on]", "2000-01-01"),
        ("rate[rate]", "1.1634"),
    ];
    assert_eq!(send("put_rate", &rate).await, "/bankroll?done=rate");
    let page = app.get("/bankroll", &session).await.text();
    assert!(page.contains("290.85 EUR") && page.contains("1.1634 EUR"), "{page}");
    let day = (app.now() - chrono::TimeDelta::days(3)).date_naive();
    let then = app.get(&format!("/bankroll?on={day}"), &session).await.text();
    assert!(then.contains("58.17 EUR") && !then.contains("250.00 GBP"), "{then}");

    let ledger = app.get("/bankroll/ledger", &session).await.text();
    assert_eq!(ledger.matches("action=\"/ui/take_entry_back\"").count(), 2);
    let filter = store::EntryFilter::default();
    let entries = app.state.store.entries(user.id, &filter, None, 10).await;
    let entry = entries.unwrap().items.remove(1).id.to_string();
    let back = send("take_entry_back", &[("id", &entry), ("reason", "twice")]).await;
    assert_eq!(back, "/bankroll/ledger?done=taken_back");
    let ledger = app.get("/bankroll/ledger", &session).await.text();
    assert_eq!(ledger.matches("action=\"/ui/take_entry_back\"").count(), 1);
    let page = app.get("/bankroll", &session).await.text();
    assert!(page.contains("200.00 GBP"), "{page}");
    assert!(app.state.store.ledger_faults().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_last_point_of_the_history_is_what_the_accounts_hold() {
    let (app, user, session) = desk().await;
    for stake in ["10.00", "12.34", "7.01"] {
        place(&app, &session, stake).await;
    }
    let id = bets(&app, &user).await[0].bet.id.to_string();
    let ends = [("id", id.as_str()), ("legs[0][end]", "loss")];
    app.post_form("/ui/settle_bet", &session, &ends).await;
    let held: i64 = app
        .state
        .store
        .accounts(user.id)
        .await
        .unwrap()
        .iter()
        .map(|account| account.cash + account.stake)
        .sum();
    let changes = app.state.store.balance_changes(user.id).await.unwrap();
    assert_eq!(changes.iter().map(|(_, _, minor)| minor).sum::<i64>(), held);
}

#[tokio::test]
async fn stricter_limits_hold_at_once_and_looser_ones_in_a_day() {
    let (app, user, session) = desk().await;
    let shares = |per_bet: &'static str| {
        [
            ("limits[per_bet]", per_bet),
            ("limits[daily_loss]", "10"),
            ("limits[event]", "5"),
            ("limits[correlated]", "8"),
            ("limits[sport]", "25"),
            ("limits[bookmaker]", "25"),
            ("limits[open]", "30"),
            ("limits[currency]", "EUR"),
            ("limits[brakes][0][from]", "10"),
            ("limits[brakes][0][to]", "50"),
            ("limits[brakes][1][from]", "20"),
            ("limits[brakes][1][to]", "25"),
            ("limits[brakes][2][from]", "30"),
            ("limits[brakes][2][to]", "0"),
        ]
    };
    app.post_form("/ui/save_limits", &session, &shares("0.5")).await;
    assert!(
        place(&app, &session, "10.00").await.contains("__err"),
        "more than 0.5 % of 1000.00"
    );
    app.post_form("/ui/save_limits", &session, &shares("2")).await;
    let page = app.get("/bankroll/limits", &session).await.text();
    assert!(page.contains("one bet 2 %") && page.contains("value=\"0.5\""), "{page}");
    assert!(
        place(&app, &session, "10.00").await.contains("__err"),
        "looser limits wait"
    );
    app.clock.set(app.now() + chrono::TimeDelta::hours(25));
    let session = app.session(&user).await;
    assert!(!place(&app, &session, "10.00").await.contains("__err"));
    app.post_form("/ui/cool_off", &session, &[("days", "7"), ("sure", "yes")])
        .await;
    assert!(
        place(&app, &session, "5.00").await.contains("__err"),
        "a cool-off takes no bet"
    );
}
