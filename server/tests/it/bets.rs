//! Bets from slip to yield on the real schema: limits, settlement, regrades, closes, and a ledger that balances throughout.

use crate::api::write_event;
use crate::app::TestApp;
use chrono::TimeDelta;
use domain::bet::{Bet, BetLeg, BetMode, BetStatus, PayTerms, SettledAs, Structure, Wager};
use domain::close::CloseGrade;
use domain::event::Score;
use domain::ledger::Part;
use domain::result::BetResult;
use domain::scenarios::Commission;
use domain::settlement::Fate;
use domain::{BookmakerId, EventId, EventStatus, MarketKey, MarketKind, Outcome, Side, Sport};
use server::desk::bets::place::{Slip, Stopped, place, place_alone};
use server::desk::bets::{closes, in_request, judge, settle};
use std::collections::BTreeMap;
use store::{BetFilter, Decided, EntryFilter, NewEventState, User, UserRole};

fn slip(event: &str, stake: i64, price: &str) -> Slip {
    let leg = BetLeg {
        event_id: None,
        event: event.to_owned(),
        sport: Sport::BASKETBALL,
        competition: "NBA".to_owned(),
        home: Some(format!("{event} home")),
        away: Some(format!("{event} away")),
        starts_at: None,
        market: MarketKey::plain(MarketKind::Moneyline),
        outcome: Outcome::Home,
        side: Side::Back,
        price: price.parse().unwrap(),
        price_text: price.to_owned(),
        quote: None,
    };
    Slip {
        account_id: None,
        bookmaker_id: None,
        wager: Wager {
            structure: Structure::Single,
            stake,
            is_free: false,
            legs: vec![leg],
            terms: PayTerms::default(),
        },
        placed_at: None,
        note: String::new(),
        tags: Vec::new(),
        reference: String::new(),
        strategy: None,
        opportunity_id: None,
        edge_ppm: None,
    }
}

async fn desk(settings: &[(&str, &str)]) -> (TestApp, User) {
    let app = TestApp::with(settings).await;
    let user = app.user("ann@example.org", UserRole::Member).await;
    (app, user)
}

/// Free money and open stakes of the only account.
async fn money(app: &TestApp, user: &User) -> (i64, i64) {
    let accounts = app.state.store.accounts(user.id).await.unwrap();
    assert_eq!(accounts.len(), 1);
    let replayed = app.state.store.balances_at(user.id, app.now()).await.unwrap();
    assert_eq!(
        replayed[&accounts[0].id],
        (accounts[0].cash, accounts[0].stake),
        "a balance is its replay"
    );
    assert_eq!(app.state.store.ledger_faults().await.unwrap(), Vec::<String>::new());
    (accounts[0].cash, accounts[0].stake)
}

async fn by_hand(app: &TestApp, user: &User, bet: &Bet, result: BetResult, reason: &str) -> Bet {
    in_request(&app.state, async |tx| {
        let said = vec![settle::Said::Ended(Fate::ended(result))];
        settle::by_hand(&app.state, tx, user.id, bet.id, said, reason).await
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_refused_bet_names_its_control_and_is_kept_as_a_decision() {
    let (app, user) = desk(&[]).await;
    place_alone(&app.state, &user, &slip("a", 20_00, "2.0")).await.unwrap();
    let error = place_alone(&app.state, &user, &slip("b", 20_01, "2.0"))
        .await
        .unwrap_err();
    let entry = &error.entries()[0];
    assert_eq!((error.status().as_u16(), entry.code), (409, "refused"));
    assert!(
        entry.detail.contains("One bet") && entry.detail.contains("20.01 EUR"),
        "{}",
        entry.detail
    );
    let decisions = app.state.store.bet_decisions(user.id, None, 10).await.unwrap().items;
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0].decision.decided, Decided::Refused);
    assert_eq!(
        decisions[0].decision.control.map(domain::risk::Control::code),
        Some("per_bet")
    );
    assert_eq!(money(&app, &user).await, (98_000, 20_00));
}

#[tokio::test]
async fn settled_twice_is_settled_once_and_a_regrade_takes_back_first() {
    let (app, user) = desk(&[]).await;
    let bet = place_alone(&app.state, &user, &slip("a", 10_00, "2.5")).await.unwrap();
    let won = by_hand(&app, &user, &bet, BetResult::Win, "the final whistle").await;
    assert_eq!(
        (won.status, won.profit(), money(&app, &user).await),
        (BetStatus::Settled, Some(15_00), (101_500, 0))
    );
    let again = by_hand(&app, &user, &bet, BetResult::Win, "the final whistle").await;
    assert_eq!((again.settled.clone(), again.version), (won.settled, won.version));
    let lost = by_hand(&app, &user, &bet, BetResult::Loss, "the score was corrected").await;
    assert_eq!((lost.profit(), money(&app, &user).await), (Some(-10_00), (99_000, 0)));
    let filter = EntryFilter {
        bet: Some(bet.id),
        ..EntryFilter::default()
    };
    let entries = app.state.store.entries(user.id, &filter, None, 10).await.unwrap().items;
    let kinds: Vec<&str> = entries.iter().rev().map(|entry| entry.kind.code()).collect();
    assert_eq!(kinds, ["placement", "settlement", "reversal", "settlement"]);
    let story = app.state.store.bet_changes(user.id, bet.id).await.unwrap();
    let actions: Vec<&str> = story.iter().map(|change| change.action.as_str()).collect();
    assert_eq!(actions, ["placed", "settled", "taken_back", "settled"]);
    assert_eq!(story[3].reason, "the score was corrected");
    let removed = in_request(&app.state, async |tx| {
        settle::set_removed(&app.state, tx, user.id, bet.id, true, "recorded twice").await
    });
    assert!(removed.await.unwrap().deleted_at.is_some());
    assert_eq!(money(&app, &user).await, (100_000, 0));
    let restored = in_request(&app.state, async |tx| {
        settle::set_removed(&app.state, tx, user.id, bet.id, false, "it was not").await
    });
    restored.await.unwrap();
    assert_eq!(money(&app, &user).await, (99_000, 0));
}

#[tokio::test]
async fn a_bet_cashed_out_in_part_goes_on_with_the_rest() {
    let (app, user) = desk(&[]).await;
    let bet = place_alone(&app.state, &user, &slip("a", 20_00, "3.0")).await.unwrap();
    let sold = in_request(&app.state, async |tx| {
        settle::cash_out(&app.state, tx, user.id, bet.id, 5_00, 9_00, "a fair offer").await
    });
    assert_eq!(sold.await.unwrap().status, BetStatus::Open);
    assert_eq!(money(&app, &user).await, (98_900, 15_00));
    let settled = by_hand(&app, &user, &bet, BetResult::Win, "").await;
    assert_eq!(
        (settled.profit(), money(&app, &user).await),
        (Some(9_00 + 45_00 - 20_00), (103_400, 0))
    );
    let taken_back = in_request(&app.state, async |tx| {
        settle::take_back(&app.state, tx, user.id, bet.id, "too early").await
    });
    assert_eq!(taken_back.await.unwrap().status, BetStatus::Open);
    assert_eq!(money(&app, &user).await, (98_900, 15_00));
}

async fn known(app: &TestApp) -> (EventId, BTreeMap<String, BookmakerId>) {
    let event = write_event(&app.state, app.now() - TimeDelta::minutes(1)).await;
    let books = app.state.store.bookmakers().await.unwrap();
    (event, books.into_iter().map(|book| (book.key, book.id)).collect())
}

fn on_event(event: EventId, book: BookmakerId, outcome: Outcome, stake: i64, price: &str) -> Slip {
    let mut slip = slip("nba", stake, price);
    slip.bookmaker_id = Some(book);
    slip.wager.legs[0].event_id = Some(event);
    slip.wager.legs[0].outcome = outcome;
    slip
}

async fn state_of(app: &TestApp, event: EventId, status: EventStatus, score: Option<Score>) {
    let known = app.state.store.event(event, None).await.unwrap().unwrap();
    let tx = app.state.store.begin_ingest("the_odds_api").await.unwrap();
    let state = NewEventState {
        event_id: event,
        starts_at: known.starts_at,
        status,
        score,
        is_final_score: score.is_some(),
        received_at: app.now(),
        source_at: None,
        snapshot_id: None,
    };
    tx.record_event_state(&state).await.unwrap();
    tx.commit().await.unwrap();
}

async fn found(app: &TestApp, user: &User, id: domain::BetId) -> store::StoredBet {
    app.state.store.bet(user.id, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_final_score_settles_and_a_corrected_one_regrades() {
    let (app, user) = desk(&[]).await;
    let (event, books) = known(&app).await;
    let shop = books["corner_shop"];
    let bet = place_alone(&app.state, &user, &on_event(event, shop, Outcome::Home, 10_00, "2.1"))
        .await
        .unwrap();
    app.clock.set(app.now() + TimeDelta::hours(27));
    state_of(&app, event, EventStatus::Final, Some(Score { home: 101, away: 99 })).await;
    assert_eq!(judge::judge_bets(&app.state).await.unwrap(), 1);
    assert_eq!(
        judge::judge_bets(&app.state).await.unwrap(),
        0,
        "what was judged is not looked at again"
    );
    let won = found(&app, &user, bet.id).await.bet;
    let settled = won.settled.clone().unwrap();
    assert_eq!(
        (settled.settled_as, settled.is_automatic, won.profit()),
        (SettledAs::Win, true, Some(11_00))
    );
    assert_eq!(settled.reason, "it ended 101 : 99");
    app.clock.set(app.now() + TimeDelta::hours(1));
    state_of(&app, event, EventStatus::Final, Some(Score { home: 99, away: 101 })).await;
    assert_eq!(judge::judge_bets(&app.state).await.unwrap(), 1);
    assert_eq!(found(&app, &user, bet.id).await.bet.profit(), Some(-10_00));
    assert_eq!(money(&app, &user).await, (99_000, 0));
}

#[tokio::test]
async fn a_final_score_that_no_whole_game_ends_with_asks_a_person_why() {
    let (app, user) = desk(&[]).await;
    let (event, books) = known(&app).await;
    let slip = on_event(event, books["corner_shop"], Outcome::Home, 10_00, "2.1");
    let bet = place_alone(&app.state, &user, &slip).await.unwrap();
    app.clock.set(app.now() + TimeDelta::hours(27));
    state_of(&app, event, EventStatus::Final, Some(Score { home: 64, away: 64 })).await;
    judge::judge_bets(&app.state).await.unwrap();
    let stored = found(&app, &user, bet.id).await;
    assert_eq!((stored.bet.status, stored.bet.settled), (BetStatus::Open, None));
    let why = stored.needs_person.unwrap();
    assert!(why.contains("64 : 64") && why.contains("does not end level"), "{why}");
    app.clock.set(app.now() + TimeDelta::hours(1));
    state_of(&app, event, EventStatus::Final, Some(Score { home: 72, away: 70 })).await;
    judge::judge_bets(&app.state).await.unwrap();
    let stored = found(&app, &user, bet.id).await;
    assert_eq!((stored.bet.profit(), stored.needs_person), (Some(11_00), None));
}

#[tokio::test]
async fn what_a_person_said_stands_while_the_event_goes_on_and_is_doubted_when_it_ended_otherwise() {
    let (app, user) = desk(&[]).await;
    let (event, books) = known(&app).await;
    let slip = on_event(event, books["corner_shop"], Outcome::Home, 10_00, "2.1");
    let bet = place_alone(&app.state, &user, &slip).await.unwrap();
    by_hand(&app, &user, &bet, BetResult::Win, "").await;
    judge::judge_bets(&app.state).await.unwrap();
    let stored = found(&app, &user, bet.id).await;
    assert_eq!((stored.bet.profit(), stored.needs_person), (Some(11_00), None));
    app.clock.set(app.now() + TimeDelta::hours(27));
    state_of(&app, event, EventStatus::Final, Some(Score { home: 99, away: 101 })).await;
    judge::judge_bets(&app.state).await.unwrap();
    let stored = found(&app, &user, bet.id).await;
    assert_eq!(stored.bet.profit(), Some(11_00), "a person's word stands");
    assert!(stored.needs_person.unwrap().ends_with("it ended 99 : 101"));
}

#[tokio::test]
async fn an_exchange_charges_a_market_as_a_whole_in_whatever_order_it_is_settled() {
    for order in [[0, 1], [1, 0]] {
        let (app, user) = desk(&[]).await;
        let (event, books) = known(&app).await;
        let terms = PayTerms {
            rounding: domain::result::Rounding::Nearest,
            commission: Commission::NetWinnings(500),
        };
        let mut bets = Vec::new();
        for (outcome, stake, price) in [(Outcome::Home, 10_00, "2.10"), (Outcome::Away, 4_00, "2.00")] {
            let mut slip = on_event(event, books["corner_shop"], outcome, stake, price);
            slip.wager.terms = terms;
            bets.push(place_alone(&app.state, &user, &slip).await.unwrap());
        }
        let results = [BetResult::Win, BetResult::Loss];
        for at in order {
            by_hand(&app, &user, &bets[at], results[at], "").await;
        }
        let mut charged = 0;
        for bet in &bets {
            charged += found(&app, &user, bet.id).await.bet.settled.unwrap().commission;
        }
        // 11.00 won and 4.00 lost: 5 % of 7.00.
        assert_eq!((charged, money(&app, &user).await), (35, (100_665, 0)));
    }
}

#[tokio::test]
async fn a_close_is_taken_before_the_start_and_a_start_that_moved_opens_it_again() {
    let (app, user) = desk(&[]).await;
    let (event, books) = known(&app).await;
    let slip = on_event(event, books["corner_shop"], Outcome::Home, 10_00, "1.95");
    let bet = place_alone(&app.state, &user, &slip).await.unwrap();
    assert_eq!(
        closes::close_legs(&app.state).await.unwrap(),
        0,
        "nothing closes before the start"
    );
    app.clock.set(app.now() + TimeDelta::hours(25));
    assert_eq!(closes::close_legs(&app.state).await.unwrap(), 1);
    assert_eq!(closes::close_legs(&app.state).await.unwrap(), 0);
    let stored = found(&app, &user, bet.id).await;
    let close = stored.bet.closes[0].clone().unwrap();
    // Only the other bookmaker counts, at 1.75 / 2.1: fair is 2.1 / 3.85. It was last seen a day before.
    assert_eq!(
        (close.grade, close.price),
        (CloseGrade::Provisional, "1.75".parse().ok())
    );
    assert_eq!((stored.clv_ppm, stored.close_edge_ppm), (Some(114_286), Some(63_636)));
    let known = app.state.store.event(event, None).await.unwrap().unwrap();
    let tx = app.state.store.begin_ingest("the_odds_api").await.unwrap();
    let earlier = NewEventState {
        event_id: event,
        // One second before the first price was received: that price is an in-play price now.
        starts_at: known.starts_at - TimeDelta::days(1) - TimeDelta::seconds(1),
        status: EventStatus::Final,
        score: Some(Score { home: 1, away: 0 }),
        is_final_score: true,
        received_at: app.now(),
        source_at: None,
        snapshot_id: None,
    };
    tx.record_event_state(&earlier).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(closes::close_legs(&app.state).await.unwrap(), 1);
    let stored = found(&app, &user, bet.id).await;
    let close = stored.bet.closes[0].clone().unwrap();
    assert_eq!((close.grade, stored.clv_ppm), (CloseGrade::Missing, None));
    assert_eq!(close.reason, "the bet was placed in play");
}

/// 64 bets at once, each on an event of its own or all on one: what was recorded stays within the limits, to the cent.
async fn race(settings: &[(&str, &str)], rounds: usize) {
    // However busy the machine, nobody gives up waiting for a turn.
    let patient = [settings, &[("database_acquire_timeout_s", "60")]].concat();
    let (app, user) = desk(&patient).await;
    for round in 0..rounds {
        let bets = (0..64).map(|number| {
            let (app, user) = (&app, &user);
            async move {
                let event = if number % 2 == 0 {
                    format!("{round} all")
                } else {
                    format!("{round} {number}")
                };
                let profiles = app.state.boards.profiles().await.unwrap();
                let tx = app.state.store.begin_request().await.unwrap();
                match place(&app.state, &profiles, &tx, user, &slip(&event, 10_00, "2.0")).await {
                    Ok(bet) => {
                        tx.commit().await.unwrap();
                        Some(bet)
                    }
                    Err(Stopped::Refused(_)) => None,
                    Err(Stopped::Failed(error)) => panic!("{error:?}"),
                }
            }
        });
        let placed: Vec<Bet> = futures::future::join_all(bets).await.into_iter().flatten().collect();
        let sum: i64 = placed.iter().map(|bet| bet.at_risk).sum();
        let on_one: i64 = placed
            .iter()
            .filter(|bet| bet.wager.legs[0].event.ends_with("all"))
            .map(|bet| bet.at_risk)
            .sum();
        // Of 1,000.00: 10 % in a day, 5 % on one event, 2 % each.
        assert_eq!(sum, 10_000, "a day is used up and not passed");
        assert!(on_one <= 50_00, "{on_one}");
        assert_eq!(money(&app, &user).await, (90_000, 10_000));
        for bet in &placed {
            by_hand(&app, &user, bet, BetResult::Push, "").await;
        }
        assert_eq!(money(&app, &user).await, (100_000, 0));
    }
    let filter = BetFilter {
        mode: Some(BetMode::Paper),
        ..BetFilter::default()
    };
    let total = app.state.store.bets_total(user.id, &filter).await.unwrap();
    assert_eq!(total[0].count, i64::try_from(10 * rounds).unwrap());
    assert_eq!((total[0].profit, total[0].open), (0, 0));
}

/// Rounds of the race: few, unless more are asked for.
fn rounds() -> usize {
    std::env::var("OVERROUND_RACES")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(3)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_bets_at_once_pass_no_limit_on_sqlite() {
    race(&[], rounds()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_bets_at_once_pass_no_limit_on_postgres() {
    let Ok(url) = std::env::var("OVERROUND_TEST_POSTGRES") else {
        println!("skipped on PostgreSQL: OVERROUND_TEST_POSTGRES is not set");
        return;
    };
    let name = format!("bets_{}", std::process::id());
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let run = async |sql: String| sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    run(format!("CREATE SCHEMA {name}")).await;
    let joint = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{joint}options=-c%20search_path%3D{name}");
    race(&[("database_url", &url)], rounds()).await;
    run(format!("DROP SCHEMA {name} CASCADE")).await;
}

#[test]
fn nothing_that_reckons_money_uses_floating_point() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = [
        "domain/src/bet.rs",
        "domain/src/ledger.rs",
        "domain/src/risk.rs",
        "domain/src/settlement/mod.rs",
        "domain/src/settlement/commission.rs",
        "domain/src/settlement/facts.rs",
        "domain/src/settlement/rules.rs",
        "server/store/src/bets/mod.rs",
        "server/store/src/bets/changes.rs",
        "server/store/src/bets/list.rs",
        "server/store/src/bets/money.rs",
        "server/store/src/bets/settings.rs",
        "server/src/desk/bets/mod.rs",
        "server/src/desk/bets/judge.rs",
        "server/src/desk/bets/place.rs",
        "server/src/desk/bets/settle.rs",
        "server/src/desk/bets/standing.rs",
        "migrations/src/m20261201_000005_bets.rs",
    ];
    for file in files {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        for word in ["f64", "f32", "DOUBLE", "REAL"] {
            assert!(!text.contains(word), "{file} has {word}");
        }
    }
    let parts: Vec<&str> = Part::ALL.iter().map(|part| part.code()).collect();
    assert_eq!(parts[0], "cash");
}
