//! What was known at a time does not change afterwards, and what is current follows from it.

use std::collections::HashMap;

use chrono::TimeDelta;
use domain::{
    Board, EventStatus, MarketKind, Outcome, Period, Price, QuoteChangeId, Side,
    board::QuoteFlags,
    event::{Event, Score},
    reading::Scope,
};
use proptest::{prelude::*, test_runner::TestRunner};
use rstest::rstest;
use store::{Backend, EventState, HistoryFilter, HistoryRow, LinePoint, NewEventState, Seen, Store};

use crate::fixture::{BOOKMAKERS, World, at, database, new_snapshot, price, whole_scope, world};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// An answer that is complete for some bookmakers: of each, the price on each selection, or none.
    Reading {
        bookmakers: Vec<usize>,
        prices: Vec<Option<u8>>,
    },
    /// An earlier row turns out to be wrong.
    Correction {
        row: prop::sample::Index,
        price: Option<u8>,
    },
    /// The event moves on.
    State {
        status: EventStatus,
        delay_s: i64,
        score: Option<(i32, i32)>,
    },
}

const SELECTIONS: usize = 4;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let price = || prop::option::weighted(0.8, 0_u8..4);
    let reading = (
        prop::sample::subsequence(vec![0_usize, 1, 2], 1..=3),
        prop::collection::vec(price(), SELECTIONS * BOOKMAKERS.len()),
    )
        .prop_map(|(bookmakers, prices)| Step::Reading { bookmakers, prices });
    let correction = (any::<prop::sample::Index>(), price()).prop_map(|(row, price)| Step::Correction { row, price });
    let state = (
        prop::sample::select(EventStatus::ALL.to_vec()),
        -60_i64..60,
        prop::option::of((0..99, 0..99)),
    )
        .prop_map(|(status, delay_s, score)| Step::State { status, delay_s, score });
    prop::collection::vec(prop_oneof![4 => reading, 1 => correction, 1 => state], 1..12)
}

fn priced(step: u8) -> Price {
    price(["1.91", "2", "2.05", "10"][usize::from(step)])
}

/// Everything that can be asked about the event as of a time.
#[derive(Debug, PartialEq)]
struct View {
    board: Option<Board>,
    event: Option<Event>,
    states: Vec<EventState>,
    history: Vec<HistoryRow>,
    movement: Vec<LinePoint>,
}

async fn view(store: &Store, world: &World, ms: i64) -> View {
    let as_of = Some(at(ms));
    let everything = HistoryFilter::default();
    View {
        board: store.board(world.event, as_of).await.unwrap(),
        event: store.event(world.event, as_of).await.unwrap(),
        states: store.event_states(world.event, as_of).await.unwrap(),
        history: store
            .quote_history(world.event, &everything, as_of, None, 10_000)
            .await
            .unwrap()
            .items,
        movement: store
            .line_movement(
                world.event,
                &MarketKind::Spread,
                Period::FullTime,
                &Outcome::Home,
                as_of,
            )
            .await
            .unwrap(),
    }
}

/// The test's own idea of what is current: price by (selection, bookmaker), and every row with the key it is about.
#[derive(Default)]
struct Model {
    current: HashMap<(usize, usize), (Option<u8>, QuoteChangeId)>,
    rows: Vec<(QuoteChangeId, (usize, usize))>,
    /// A row's first row, for corrections of corrections.
    roots: HashMap<QuoteChangeId, QuoteChangeId>,
}

async fn take_step(store: &Store, world: &World, model: &mut Model, step: &Step, ms: i64) {
    let tx = store.begin_ingest("feed").await.unwrap();
    match step {
        Step::Reading { bookmakers, prices } => {
            let snapshot = tx.add_snapshot(&new_snapshot("feed", ms), b"{}").await.unwrap().id;
            let (mut changes, mut keys, mut seen) = (Vec::new(), Vec::new(), Vec::new());
            for selection in 0..SELECTIONS {
                for &bookmaker in bookmakers {
                    let offered = prices[selection * BOOKMAKERS.len() + bookmaker];
                    let known = model.current.get(&(selection, bookmaker)).and_then(|(price, _)| *price);
                    if offered == known {
                        if offered.is_some() {
                            seen.push(Seen {
                                selection_id: world.selections[selection],
                                bookmaker_id: world.bookmakers[bookmaker],
                                side: Side::Back,
                                source_at: Some(at(ms - 1)),
                                flags: QuoteFlags::default(),
                            });
                        }
                        continue;
                    }
                    let mut change = world.change(selection, bookmaker, offered.map(priced), ms);
                    change.previous = known.map(priced);
                    change.snapshot_id = snapshot;
                    changes.push(change);
                    keys.push(((selection, bookmaker), offered));
                }
            }
            let ids = tx.append_changes(&changes).await.unwrap();
            tx.refresh_seen(&seen, at(ms)).await.unwrap();
            let keys_covered = bookmakers.iter().map(|&place| BOOKMAKERS[place].to_owned()).collect();
            let scope = Scope {
                bookmakers: Some(keys_covered),
                ..whole_scope()
            };
            tx.cover(snapshot, &[world.event], &scope, at(ms)).await.unwrap();
            for (id, (key, offered)) in ids.into_iter().zip(keys) {
                model.current.insert(key, (offered, id));
                model.rows.push((id, key));
                model.roots.insert(id, id);
            }
        }
        Step::Correction { row, price } => {
            if !model.rows.is_empty() {
                let (wrong, key) = *row.get(&model.rows);
                let mut change = world.change(key.0, key.1, price.map(priced), ms);
                change.supersedes = Some(wrong);
                let id = tx.append_changes(&[change]).await.unwrap()[0];
                let root = model.roots[&wrong];
                if model.roots[&model.current[&key].1] == root {
                    model.current.insert(key, (*price, id));
                }
                model.rows.push((id, key));
                model.roots.insert(id, root);
            }
        }
        Step::State { status, delay_s, score } => {
            let state = NewEventState {
                event_id: world.event,
                starts_at: at(86_400_000) + TimeDelta::seconds(*delay_s),
                status: *status,
                score: score.map(|(home, away)| Score { home, away }),
                is_final_score: *status == EventStatus::Final,
                received_at: at(ms),
                source_at: None,
                snapshot_id: None,
            };
            assert!(tx.record_event_state(&state).await.unwrap());
        }
    }
    tx.commit().await.unwrap();
}

async fn check(store: &Store, steps: &[Step], start_ms: i64) {
    let tx = store.begin_ingest("feed").await.unwrap();
    let world = world(&tx, start_ms).await;
    tx.commit().await.unwrap();
    assert_eq!(
        store.board(world.event, Some(at(start_ms - 1))).await.unwrap(),
        None,
        "not known before it was received"
    );

    let mut model = Model::default();
    let mut views = vec![(start_ms, view(store, &world, start_ms).await)];
    let mut ms = start_ms;
    for step in steps {
        ms += 10;
        take_step(store, &world, &mut model, step, ms).await;
        views.push((ms, view(store, &world, ms).await));
        views.push((ms + 3, view(store, &world, ms + 3).await));
    }
    for (ms, earlier) in &views {
        assert_eq!(&view(store, &world, *ms).await, earlier, "as of {ms}");
    }

    let now = store.board(world.event, None).await.unwrap().unwrap();
    let mut past = store.board(world.event, Some(at(ms))).await.unwrap().unwrap();
    past.as_of = now.as_of;
    for (past, now) in past.markets.iter_mut().zip(&now.markets) {
        for (past, now) in past.quotes.iter_mut().zip(&now.quotes) {
            assert!(
                past.source_at <= now.source_at,
                "only a newer time of the book may differ"
            );
            past.source_at = now.source_at;
        }
    }
    assert_eq!(past, now, "the newest board is the past one as of now");

    let standing: HashMap<(usize, usize), Price> = model
        .current
        .iter()
        .filter_map(|(key, (price, _))| price.map(|price| (*key, priced(price))))
        .collect();
    let place = |ids: &[i64], id: i64| ids.iter().position(|known| *known == id).unwrap();
    let selections: Vec<i64> = world.selections.iter().map(|id| id.0).collect();
    let bookmakers: Vec<i64> = world.bookmakers.iter().map(|id| id.0).collect();
    let quotes = now.markets.iter().flat_map(|market| &market.quotes).map(|quote| {
        let key = (
            place(&selections, quote.selection_id.0),
            place(&bookmakers, quote.bookmaker_id.0),
        );
        (key, quote.price)
    });
    assert_eq!(
        quotes.collect::<HashMap<_, _>>(),
        standing,
        "the board holds what stands and nothing else"
    );
}

#[rstest]
#[case::sqlite(Backend::Sqlite)]
#[case::postgres(Backend::Postgres)]
fn what_was_known_at_a_time_never_changes_and_current_is_the_fold_of_history(#[case] backend: Backend) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(database) = runtime.block_on(database(backend)) else {
        return;
    };
    let config = ProptestConfig {
        cases: 24,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Default::default()
    };
    let start = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&steps(), |steps| {
            start.set(start.get() + 1_000_000);
            runtime.block_on(check(&database.store, &steps, start.get()));
            Ok(())
        })
        .unwrap();
    let report = runtime.block_on(database.store.verify_fold()).unwrap();
    assert_eq!(report.differences, Vec::<String>::new());
    assert!(report.quotes > 0 && report.events > 0);
    runtime.block_on(database.close());
}
