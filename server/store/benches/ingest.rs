//! How fast price changes are taken in, against what each database itself needs for the same rows in the same tables with the
//! same indexes, by its fastest way: SQLite, prepared statements in one transaction; PostgreSQL, `COPY` into a staging table and
//! two statements from there. Ours also checks the order of time and notes which events changed. Every commit reaches the disk.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{EventStatus, Line, MarketKey, MarketKind, Outcome, Price, Role, Side, Sport, board::QuoteFlags};
use sqlx::Connection as _;
use store::{Connect, NewBookmaker, NewChange, NewCompetition, NewEvent, NewSnapshot, Store};

const SELECTIONS: i32 = 1_000;
const BOOKMAKERS: usize = 10;
const COMMITS: i64 = 8;
const FEED: &str = "the_odds_api";

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("ours.db").display());
    let ours = runtime.block_on(take_in(&connect(url)))?;
    let bare = folder.path().join("limit.db");
    let rows = runtime.block_on(made_ready(&connect(format!("sqlite://{}", bare.display()))))?;
    let limit = sqlite_limit(&bare, &rows)?;
    report("SQLite", ours, limit, "prepared statements");

    let Ok(server) = std::env::var("OVERROUND_TEST_POSTGRES") else {
        println!("ingest, PostgreSQL: not measured, OVERROUND_TEST_POSTGRES is not set");
        return Ok(());
    };
    runtime.block_on(async {
        let pool = sqlx::PgPool::connect(&server).await?;
        let run = async |sql: String| sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await;
        let joint = if server.contains('?') { '&' } else { '?' };
        let [ours, bare] = ["ours", "bare"].map(|name| format!("bench_{name}_{}", std::process::id()));
        let within = |schema: &str| connect(format!("{server}{joint}options=-c%20search_path%3D{schema}"));
        for schema in [&ours, &bare] {
            run(format!("CREATE SCHEMA {schema}")).await?;
        }
        let speed = take_in(&within(&ours)).await?;
        let rows = made_ready(&within(&bare)).await?;
        let limit = postgres_limit(&within(&bare).url, &rows).await?;
        report("PostgreSQL", speed, limit, "COPY and two statements");
        for schema in [&ours, &bare] {
            run(format!("DROP SCHEMA {schema} CASCADE")).await?;
        }
        Ok(())
    })
}

fn report(database: &str, ours: f64, limit: f64, what: &str) {
    println!(
        "ingest, {database}, {} changes a commit, history and current",
        SELECTIONS.unsigned_abs() as usize * BOOKMAKERS
    );
    println!("ours  {:.0} k rows/s", ours / 1e3);
    println!(
        "limit {:.0} k rows/s ({what}, the same tables and indexes)",
        limit / 1e3
    );
    println!("ratio {:.2}", ours / limit);
}

fn connect(url: String) -> Connect {
    let timeout = Duration::from_mins(1);
    Connect {
        url,
        max_connections: 4,
        acquire_timeout: timeout,
        statement_timeout: timeout,
    }
}

fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// Changes per second.
async fn take_in(connect: &Connect) -> Result<f64, Failure> {
    let store = Store::connect(connect).await?;
    store.migrate().await?;
    let mut changes = prepare(&store).await?;
    let mut spent = Duration::ZERO;
    for commit in 1..=COMMITS {
        move_on(&mut changes, commit);
        let tx = store.begin_ingest(FEED).await?;
        let started = Instant::now();
        tx.append_changes(&changes).await?;
        tx.commit().await?;
        spent += started.elapsed();
    }
    Ok(changes.len() as f64 * COMMITS as f64 / spent.as_secs_f64())
}

/// A database with its schema and everything that changes refer to, and the changes.
async fn made_ready(connect: &Connect) -> Result<Vec<NewChange>, Failure> {
    let store = Store::connect(connect).await?;
    store.migrate().await?;
    prepare(&store).await
}

/// Every price moves once more.
fn move_on(changes: &mut [NewChange], commit: i64) {
    for change in changes {
        change.received_at = start() + TimeDelta::seconds(commit);
        change.previous = change.price;
        change.price = Price::from_micros(1_500_000 + commit * 10_000).ok();
    }
}

async fn prepare(store: &Store) -> Result<Vec<NewChange>, Failure> {
    let tx = store.begin_ingest(FEED).await?;
    let competition = NewCompetition {
        feed_key: "basketball_nba".to_owned(),
        key: "basketball/nba".to_owned(),
        sport: Sport::BASKETBALL,
        name: "NBA".to_owned(),
        is_demo: false,
        is_active: true,
        has_outrights: false,
    };
    let competition = tx.ensure_competitions(&[competition], start()).await?[0];
    let names = ["Nuggets", "Pistons"].map(|name| (competition, name.to_owned()));
    let teams = tx.ensure_participants(&names).await?;
    let event = NewEvent {
        competition_id: competition,
        participants: [Role::Home, Role::Away].into_iter().zip(teams).collect(),
        starts_at: start() + TimeDelta::days(1),
        status: EventStatus::Scheduled,
        score: None,
        is_final_score: false,
        is_demo: false,
        received_at: start(),
        source_at: None,
        snapshot_id: None,
    };
    let event_id = tx.create_event(&event).await?;
    let bookmakers: Vec<NewBookmaker> = (0..BOOKMAKERS)
        .map(|number| NewBookmaker {
            key: format!("bookmaker_{number}"),
            name: format!("Bookmaker {number}"),
            profile: None,
            clone_group: None,
            is_demo: false,
        })
        .collect();
    let bookmakers = tx.ensure_bookmakers(&bookmakers).await?;
    let keys: Vec<_> = (0..SELECTIONS)
        .map(|line| {
            let line = Some(Line::from_hundredths(line * 25));
            (
                event_id,
                MarketKey {
                    line,
                    ..MarketKey::plain(MarketKind::Total)
                },
                Outcome::Over,
            )
        })
        .collect();
    let selections = tx.ensure_selections(&keys).await?;
    let snapshot = NewSnapshot {
        feed: FEED.to_owned(),
        endpoint: "odds".to_owned(),
        competition: None,
        request: "/odds".to_owned(),
        received_at: start(),
        price_format: None,
    };
    let snapshot_id = tx.add_snapshot(&snapshot, b"{}").await?.id;
    tx.commit().await?;
    let changes = selections.iter().flat_map(|selection_id| {
        bookmakers.iter().map(|bookmaker_id| NewChange {
            event_id,
            selection_id: *selection_id,
            bookmaker_id: *bookmaker_id,
            side: Side::Back,
            price: None,
            price_text: "-110".to_owned(),
            source_at: Some(start()),
            received_at: start(),
            snapshot_id,
            flags: QuoteFlags::default(),
            previous: None,
            supersedes: None,
        })
    });
    Ok(changes.collect())
}

const HISTORY: &str = "INSERT INTO quote_changes (id, event_id, selection_id, bookmaker_id, side, feed, price, price_text, \
                       previous_price, source_at, received_at, snapshot_id, flags, supersedes, is_folded)";
const CURRENT: &str = "INSERT INTO quotes (selection_id, bookmaker_id, side, feed, event_id, price, price_text, previous_price, \
                       source_at, received_at, change_id, snapshot_id, flags, last_seen_at)";
const FOLD: &str = "ON CONFLICT (selection_id, bookmaker_id, side, feed) DO UPDATE SET price = excluded.price, \
                    price_text = excluded.price_text, previous_price = excluded.previous_price, source_at = excluded.source_at, \
                    received_at = excluded.received_at, change_id = excluded.change_id, snapshot_id = excluded.snapshot_id, \
                    flags = excluded.flags, last_seen_at = excluded.last_seen_at WHERE quotes.received_at <= excluded.received_at";

fn sqlite_limit(path: &std::path::Path, rows: &[NewChange]) -> Result<f64, Failure> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    let mut rows = rows.to_vec();
    let (mut spent, mut id) = (Duration::ZERO, 0_i64);
    for commit in 1..=COMMITS {
        move_on(&mut rows, commit);
        let started = Instant::now();
        let tx = connection.transaction()?;
        {
            let mut history = tx.prepare(&format!(
                "{HISTORY} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
            ))?;
            let mut current = tx.prepare(&format!(
                "{CURRENT} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?10) {FOLD}"
            ))?;
            for row in &rows {
                id += 1;
                let (price, previous) = (row.price.map(Price::micros), row.previous.map(Price::micros));
                let source_at = row.source_at.map(|at| at.timestamp_millis());
                let received_at = row.received_at.timestamp_millis();
                history.execute(rusqlite::params![
                    id,
                    row.event_id.0,
                    row.selection_id.0,
                    row.bookmaker_id.0,
                    row.side.code(),
                    FEED,
                    price,
                    row.price_text,
                    previous,
                    source_at,
                    received_at,
                    row.snapshot_id.0,
                    row.flags.0,
                    None::<i64>,
                    true,
                ])?;
                current.execute(rusqlite::params![
                    row.selection_id.0,
                    row.bookmaker_id.0,
                    row.side.code(),
                    FEED,
                    row.event_id.0,
                    price,
                    row.price_text,
                    previous,
                    source_at,
                    received_at,
                    id,
                    row.snapshot_id.0,
                    row.flags.0,
                ])?;
            }
        }
        tx.commit()?;
        spent += started.elapsed();
    }
    Ok(rows.len() as f64 * COMMITS as f64 / spent.as_secs_f64())
}

async fn postgres_limit(url: &str, rows: &[NewChange]) -> Result<f64, Failure> {
    let mut connection = sqlx::PgConnection::connect(url).await?;
    sqlx::raw_sql("CREATE TEMP TABLE staging (LIKE quote_changes) ON COMMIT DELETE ROWS")
        .execute(&mut connection)
        .await?;
    let mut rows = rows.to_vec();
    let (mut spent, mut id) = (Duration::ZERO, 0_i64);
    for commit in 1..=COMMITS {
        move_on(&mut rows, commit);
        let started = Instant::now();
        let mut text = String::new();
        let or_null = |value: Option<i64>| value.map_or_else(|| "\\N".to_owned(), |value| value.to_string());
        for row in &rows {
            id += 1;
            writeln!(
                text,
                "{id}\t{}\t{}\t{}\t{}\t{FEED}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t\\N\tt",
                row.event_id,
                row.selection_id,
                row.bookmaker_id,
                row.side.code(),
                or_null(row.price.map(Price::micros)),
                row.price_text,
                or_null(row.previous.map(Price::micros)),
                or_null(row.source_at.map(|at| at.timestamp_millis())),
                row.received_at.timestamp_millis(),
                row.snapshot_id,
                row.flags.0,
            )?;
        }
        let mut tx = connection.begin().await?;
        let mut copy = tx.copy_in_raw("COPY staging FROM STDIN").await?;
        copy.send(text.as_bytes()).await?;
        copy.finish().await?;
        for sql in [
            format!("{HISTORY} SELECT * FROM staging"),
            format!(
                "{CURRENT} SELECT selection_id, bookmaker_id, side, feed, event_id, price, price_text, previous_price, source_at, \
                 received_at, id, snapshot_id, flags, received_at FROM staging {FOLD}"
            ),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        spent += started.elapsed();
    }
    Ok(rows.len() as f64 * COMMITS as f64 / spent.as_secs_f64())
}
