//! Bets in and out of files, through the API, the pages and the command line.

use crate::app::{As, TestApp};
use crate::command_line::{overround, overround_json};
use axum::http::{Method, StatusCode};
use engine::bet_file::foreign::{Column, Mapping};
use engine::bet_file::{json, sheet, table::Table};
use serde_json::{Value, json as object};
use store::{BetFilter, BetOrder, User, UserRole};

struct Desk {
    app: TestApp,
    user: User,
    key: As,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let user = app.user("ann@example.org", UserRole::Member).await;
        let key = app.key(&user, &["read", "write"]).await;
        Self { app, user, key }
    }

    async fn import(&self, content: &str, more: &Value) -> Value {
        let mut body = object!({"name": "season.csv", "content": content});
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let answer = self.app.post_json("/api/v1/bets/imports", &self.key, &body).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        answer.json()
    }

    async fn bets(&self) -> Vec<Value> {
        let found = self.app.get("/api/v1/bets?limit=500", &self.key).await.json();
        found["bets"].as_array().unwrap().clone()
    }

    async fn export(&self, form: &str) -> String {
        self.app
            .get(&format!("/api/v1/bets/export.{form}"), &self.key)
            .await
            .text()
    }

    async fn balances(&self) {
        assert!(self.app.state.store.ledger_faults().await.unwrap().is_empty());
    }
}

const SEASON: &str = "Date,Sportsbook,Event,Bet type,Selection,Odds,Stake,Result,Ref\n\
    2026-10-01,Harbour,Hawks - Bulls,moneyline,Hawks,1.95,10.00,won,A1\n\
    2026-10-02,Harbour,Hawks - Bears,moneyline,Bears,2.10,20.00,lost,A2\n\
    2026-10-03,Harbour,Bulls - Bears,moneyline,Draw,3.00,5.00,void,A3\n\
    2026-10-04,Harbour,Bulls - Hawks,total,over 220.5,1.91,ten,won,A4\n\
    2026-10-05,Harbour,Bulls - Hawks,total,over 220.5,1.91,7.00,pending,A5\n";

#[tokio::test]
async fn a_dry_run_says_what_an_import_would_do_and_does_nothing() {
    let desk = Desk::new().await;
    let told = desk.import(SEASON, &object!({"dry_run": true})).await;
    assert_eq!(
        (&told["total"], &told["added"], &told["refused"], &told["import"]),
        (&object!(5), &object!(4), &object!(1), &Value::Null)
    );
    let row = &told["rows"][0];
    assert_eq!(
        (&row["line"], &row["problems"][0]["column"]),
        (&object!(5), &object!("Stake"))
    );
    assert!(desk.bets().await.is_empty());
    let imports = desk.app.get("/api/v1/bets/imports", &desk.key).await.json();
    assert_eq!(imports["imports"], object!([]));
}

#[tokio::test]
async fn an_import_is_recorded_once_and_can_be_undone_as_a_whole() {
    let desk = Desk::new().await;
    let done = desk.import(SEASON, &object!({})).await;
    assert_eq!(done["added"], 4);
    let bets = desk.bets().await;
    let profits: Vec<&Value> = bets.iter().rev().map(|bet| &bet["settlement"]["profit"]).collect();
    assert_eq!(
        profits,
        [&object!("9.50"), &object!("-20.00"), &object!("0.00"), &Value::Null]
    );
    let bankroll = desk.app.get("/api/v1/bankroll", &desk.key).await.json();
    let account = &bankroll["accounts"][0];
    assert_eq!(
        (&account["name"], &account["cash"], &account["at_risk"]),
        (&object!("Harbour"), &object!("-17.50"), &object!("7.00"))
    );
    // What came back counts from the day it came back.
    let then = desk
        .app
        .get("/api/v1/bankroll?at=2026-10-01T23:00:00Z", &desk.key)
        .await
        .json();
    assert_eq!(then["accounts"][0]["cash"], "9.50");
    let again = desk.import(SEASON, &object!({})).await;
    assert_eq!((&again["added"], &again["duplicates"]), (&object!(0), &object!(4)));
    assert_eq!(desk.bets().await.len(), 4);
    desk.balances().await;

    let path = format!("/api/v1/bets/imports/{}/undo", done["import"]);
    let undone = desk.app.post_json(&path, &desk.key, &object!({})).await;
    assert_eq!(undone.json()["removed"], 4);
    assert_eq!(
        desk.app.post_json(&path, &desk.key, &object!({})).await.status,
        404,
        "it is undone once"
    );
    assert!(desk.bets().await.is_empty());
    let bankroll = desk.app.get("/api/v1/bankroll", &desk.key).await.json();
    assert_eq!(bankroll["accounts"][0]["balance"], "0.00");
    desk.balances().await;
    let third = desk.import(SEASON, &object!({})).await;
    assert_eq!(third["added"], 4, "what was undone is no duplicate");
}

#[tokio::test]
async fn the_same_request_with_its_key_imports_once() {
    let desk = Desk::new().await;
    let body = object!({"name": "a", "content": SEASON});
    let send = async || {
        let body = Some(("application/json", body.to_string()));
        let headers = [("idempotency-key", "season")];
        desk.app
            .send(Method::POST, "/api/v1/bets/imports", &desk.key, body, &headers)
            .await
    };
    let (one, other) = (send().await, send().await);
    assert_eq!((one.status, other.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(one.json(), other.json());
    assert_eq!(desk.bets().await.len(), 4);
}

#[tokio::test]
async fn equal_bets_without_a_number_are_two_bets_and_known_the_second_time() {
    let desk = Desk::new().await;
    let twice = "date,event,odds,stake,account\n2026-10-01 12:00,A - B,2.00,10,x\n2026-10-01 12:00,A - B,2.00,10,x\n";
    assert_eq!(desk.import(twice, &object!({})).await["added"], 2);
    assert_eq!(desk.import(twice, &object!({})).await["duplicates"], 2);
    let more = format!("{twice}2026-10-01 12:00,A - B,2.00,10,x\n");
    let third = desk.import(&more, &object!({})).await;
    assert_eq!((&third["added"], &third["duplicates"]), (&object!(1), &object!(2)));
}

#[tokio::test]
async fn a_mapping_that_was_chosen_is_followed() {
    let desk = Desk::new().await;
    let text = "a;b;c;d\n03/04/2026;A - B;2,50;1.000\n";
    let guessed = desk.import(text, &object!({"dry_run": true})).await;
    assert_eq!(guessed["refused"], 1, "nobody knows what these columns are");
    let mapping = Mapping {
        columns: vec![
            Some(Column::PlacedAt),
            Some(Column::Event),
            Some(Column::Price),
            Some(Column::Stake),
        ],
        decimal: ',',
        dates: engine::bet_file::words::DateOrder::MonthDayYear,
        odds: domain::OddsFormat::Decimal,
    };
    let done = desk
        .import(
            text,
            &object!({"mapping": mapping, "mode": "paper", "account": "Old tracker", "currency": "GBP"}),
        )
        .await;
    assert_eq!(done["added"], 1);
    let bet = &desk.bets().await[0];
    assert_eq!(
        (&bet["mode"], &bet["currency"], &bet["stake"]),
        (&object!("paper"), &object!("GBP"), &object!("1000.00"))
    );
    assert!(bet["placed_at"].as_str().unwrap().starts_with("2026-03-04"));
}

/// Bets of every kind, in every state, as the API records them.
async fn fill(desk: &Desk) {
    let leg = |name: &str, price: &str| object!({"event_name": name, "sport": "football", "market": "three_way", "outcome": "draw", "price": price});
    let lay = object!({"event_name": "Cup", "sport": "football", "market": "moneyline", "outcome": "home", "price": "3.10", "side": "lay"});
    let bodies = [
        object!({"stake": "10.00", "legs": [leg("One", "2.36")], "tags": ["early", "a, b"], "note": "=HYPERLINK(\"x\")\nsecond line", "reference": "-17+1"}),
        object!({"stake": "5.00", "kind": "parlay", "legs": [leg("One", "2.36"), leg("Two", "1.5")]}),
        object!({"stake": "2.00", "kind": "round_robin", "sizes": [2], "legs": [leg("One", "2.36"), leg("Two", "1.5"), leg("Three", "4.0")]}),
        object!({"stake": "3.00", "legs": [leg("Free", "6.0")], "is_free": true}),
        object!({"stake": "4.00", "legs": [lay]}),
    ];
    for body in bodies {
        let answer = desk.app.post_json("/api/v1/bets", &desk.key, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let bets = desk.bets().await;
    let settle = async |at: usize, results: &[&str]| {
        let path = format!("/api/v1/bets/{}/settle", bets[at]["id"]);
        let ends: Vec<Value> = results
            .iter()
            .map(|result| object!({"end": {"result": result}}))
            .collect();
        let answer = desk.app.post_json(&path, &desk.key, &object!({"legs": ends})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    settle(0, &["loss"]).await;
    settle(1, &["win"]).await;
    settle(2, &["win", "loss", "void"]).await;
    let path = format!("/api/v1/bets/{}/cash-out", bets[4]["id"]);
    let sold = desk
        .app
        .post_json(&path, &desk.key, &object!({"stake": "4.00", "amount": "4.20"}))
        .await;
    assert_eq!(sold.status, 201, "{}", sold.text());
}

#[tokio::test]
async fn bets_that_are_exported_and_imported_elsewhere_are_the_same_bets() {
    let desk = Desk::new().await;
    fill(&desk).await;
    for form in ["json", "csv"] {
        let text = desk.export(form).await;
        let other = Desk::new().await;
        let done = other.import(&text, &object!({})).await;
        assert_eq!(
            (&done["added"], &done["refused"]),
            (&object!(5), &object!(0)),
            "{form}: {done}"
        );
        assert_eq!(
            other.export("json").await,
            desk.export("json").await,
            "by way of {form}"
        );
        other.balances().await;
        let money = async |desk: &Desk| {
            let accounts = desk.app.state.store.accounts(desk.user.id).await.unwrap();
            let open: i64 = accounts.iter().map(|account| account.stake).sum();
            open
        };
        assert_eq!(money(&other).await, money(&desk).await);
        let again = desk.import(&text, &object!({})).await;
        assert_eq!(again["duplicates"], 5, "at home all are known: {again}");
    }
}

#[tokio::test]
async fn an_export_is_made_of_the_bets_that_are_shown_and_calculates_nothing() {
    let desk = Desk::new().await;
    fill(&desk).await;
    let csv = desk.app.get("/api/v1/bets/export.csv?tag=early", &desk.key).await;
    assert!(
        csv.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains("bets.csv")
    );
    let table = Table::read(csv.text().as_bytes()).unwrap();
    assert_eq!(table.rows.len(), 1);
    let is_calculated = |cell: &String| cell.starts_with(['=', '@']) || cell.starts_with("-1");
    assert!(!table.rows[0].1.iter().any(is_calculated), "{:?}", table.rows[0]);
    assert!(
        sheet::read(&table).unwrap()[0]
            .bet
            .as_ref()
            .unwrap()
            .note
            .starts_with("=HYPERLINK")
    );
    let session = desk.app.session(&desk.user).await;
    let saved = desk.app.get("/bets/export.json?tag=early", &session).await.text();
    assert_eq!(json::read(&saved).unwrap().len(), 1);
    assert_eq!(desk.app.get("/bets/export.json", &As::Nobody).await.status, 303);
}

fn many(rows: usize) -> String {
    use std::fmt::Write;
    let mut text = "date,event,selection,market,odds,stake,result,ref\n".to_owned();
    for row in 0..rows {
        let result = ["won", "lost", "push", ""][row % 4];
        writeln!(
            text,
            "2026-{:02}-{:02},Home {row} - Away {row},Home {row},moneyline,2.05,10.00,{result},R{row}",
            row % 11 + 1,
            row % 28 + 1
        )
        .unwrap();
    }
    text
}

#[tokio::test]
async fn an_import_that_is_cancelled_leaves_nothing_behind() {
    use server::desk::bets::files::{Upload, begin};
    use std::sync::atomic::Ordering;
    let desk = Desk::new().await;
    let upload = Upload {
        name: "many.csv".to_owned(),
        bytes: many(10_000).into_bytes().into(),
        mapping: None,
        mode: domain::bet::BetMode::Real,
        account: String::new(),
        currency: domain::Currency::EUR,
    };
    let session = desk.app.session(&desk.user).await;
    desk.app.state.imports.put(desk.user.id, Some(upload));
    begin(&desk.app.state, desk.user.id, chrono_tz::Tz::UTC).unwrap();
    assert!(
        begin(&desk.app.state, desk.user.id, chrono_tz::Tz::UTC).is_err(),
        "one at a time"
    );
    let run = desk.app.state.imports.run(desk.user.id).unwrap();
    while run.progress.done.load(Ordering::Relaxed) < 100 {
        tokio::task::yield_now().await;
    }
    let page = desk.app.get("/bets/import", &session).await.text();
    assert!(
        page.contains("many.csv is being imported") && page.contains("<progress"),
        "{page}"
    );
    desk.app.post_form("/ui/cancel_import", &session, &[]).await;
    while run.is_going() {
        tokio::task::yield_now().await;
    }
    let end = run.end.lock().unwrap().clone().unwrap();
    assert!(end.unwrap_err().contains("nothing of it was kept"));
    assert!(desk.bets().await.is_empty());
    assert!(desk.app.state.store.accounts(desk.user.id).await.unwrap().is_empty());
    desk.balances().await;
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_with_what_to_do() {
    let desk = Desk::new().await;
    for (content, said) in [
        ("", "no rows"),
        ("{\"a\":1}", "not a file of bets"),
        ("a,b\n1,2,3\n", "line 2"),
    ] {
        let body = object!({"name": "x", "content": content});
        let answer = desk.app.post_json("/api/v1/bets/imports", &desk.key, &body).await;
        assert_eq!(answer.status, 422, "{content}");
        assert!(answer.text().contains(said), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_file_is_sent_looked_at_imported_and_undone_without_scripts() {
    let desk = Desk::new().await;
    let session = desk.app.session(&desk.user).await;
    let page = async || desk.app.get("/bets/import", &session).await.text();
    let send = async |file: &str| {
        let body = format!(
            "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"season.csv\"\r\ncontent-type: text/csv\r\n\r\n{file}\r\n--x--\r\n"
        );
        let body = Some(("multipart/form-data; boundary=x", body));
        let headers = [("sec-fetch-site", "same-origin"), ("accept", "text/html")];
        let answer = desk
            .app
            .send(Method::POST, "/ui/upload_bets", &session, body, &headers)
            .await;
        answer.headers["location"].to_str().unwrap().to_owned()
    };
    assert!(send("").await.starts_with("/bets/import?wrong="));
    assert_eq!(send("{\"a\": 1}").await, "/bets/import");
    assert!(page().await.contains("not a file of bets"));
    assert_eq!(send(SEASON).await, "/bets/import");
    let dry = page().await;
    assert!(
        dry.contains("Import 4 bets") && dry.contains("\u{201c}ten\u{201d}"),
        "{dry}"
    );
    assert!(desk.bets().await.is_empty());
    let form = [
        ("mapping[columns][0]", "placed_at"),
        ("mapping[columns][1]", "bookmaker"),
        ("mapping[columns][2]", "event"),
        ("mapping[columns][3]", "market"),
        ("mapping[columns][4]", "selection"),
        ("mapping[columns][5]", "price"),
        ("mapping[columns][6]", "stake"),
        ("mapping[columns][7]", "result"),
        ("mapping[columns][8]", ""),
        ("mapping[decimal]", "."),
        ("mapping[dates]", "year_month_day"),
        ("mapping[odds]", "decimal"),
        ("mapping[mode]", "paper"),
        ("mapping[account]", "Old tracker"),
        ("mapping[currency]", "EUR"),
    ];
    desk.app.post_form("/ui/map_import", &session, &form).await;
    assert!(page().await.contains("Old tracker"));
    desk.app.post_form("/ui/begin_import", &session, &[]).await;
    let run = desk.app.state.imports.run(desk.user.id).unwrap();
    while run.is_going() {
        tokio::task::yield_now().await;
    }
    assert!(page().await.contains("season.csv is imported"));
    let bets = desk.bets().await;
    assert_eq!(
        (bets.len(), &bets[0]["mode"], &bets[0]["reference"]),
        (4, &object!("paper"), &object!(""))
    );
    let imports = desk.app.state.store.bet_imports(desk.user.id).await.unwrap();
    desk.app
        .post_form("/ui/undo_import", &session, &[("id", &imports[0].id.to_string())])
        .await;
    assert!(desk.bets().await.is_empty());
    assert!(page().await.contains("Undone"));
    desk.balances().await;
}

#[tokio::test]
async fn bets_come_in_go_out_and_are_undone_by_command() {
    let app = TestApp::new().await;
    let user = app.user("ann@example.org", UserRole::Member).await;
    let data = app.dir.path().to_str().unwrap();
    let file = app.dir.path().join("season.csv");
    let rows = "date,bookmaker,sport,event,selection,market,odds,stake,result,ref\n\
                2026-03-01 12:00,Harbour,tennis,Ann - Bea,Ann,moneyline,2.10,10.00,won,R1\n\
                2026-03-02 12:00,Harbour,tennis,Cat - Dot,Dot,moneyline,none,10.00,lost,R2\n";
    std::fs::write(&file, rows).unwrap();
    let file = file.to_str().unwrap();
    let common = ["--email", "ann@example.org", "--data-dir", data];
    let import = [&["bet-files", "import", file][..], &common].concat();
    let all = BetFilter::default();
    let count = async || {
        let bets = app.state.store.list_bets(user.id, &all, BetOrder::Placed, 0, 10);
        bets.await.unwrap().len()
    };

    let looked = overround(&[&import[..], &["--dry-run"]].concat());
    let text = String::from_utf8(looked.stdout).unwrap();
    assert!(
        text.starts_with("1 bets would be recorded, 0 there already, 1 refused\n  line 3: odds `none`:"),
        "{text}"
    );
    assert_eq!(count().await, 0);
    let done = overround_json(&[&import[..], &["--json"]].concat());
    assert_eq!(
        (&done["added"], &done["refused"], count().await),
        (&object!(1), &object!(1), 1)
    );
    assert_eq!(overround_json(&[&import[..], &["--json"]].concat())["duplicates"], 1);

    let export = |format| overround(&[&["bet-files", "export", "--format", format][..], &common].concat()).stdout;
    let written = String::from_utf8(export("json")).unwrap();
    assert!(
        written.contains("\"R1\"") && String::from_utf8(export("csv")).unwrap().contains("R1"),
        "{written}"
    );
    let again = app.dir.path().join("again.json");
    std::fs::write(&again, written).unwrap();
    let again = [&["bet-files", "import", again.to_str().unwrap(), "--json"][..], &common].concat();
    assert_eq!(
        overround_json(&again)["duplicates"],
        1,
        "what went out is known when it comes back"
    );

    let number = done["import"].to_string();
    let undo = [&["bet-files", "undo", &number, "--json"][..], &common].concat();
    assert_eq!(overround_json(&undo), object!({"removed": 1}));
    assert_eq!(count().await, 0);
    let twice = overround(&undo);
    assert!(
        !twice.status.success() && !twice.stderr.is_empty(),
        "an import is undone once"
    );
}
