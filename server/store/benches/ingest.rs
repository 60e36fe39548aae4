//! How fast price changes are taken in, against the least that each database can do with the same rows: SQLite, a loop
//! over a prepared insert; PostgreSQL, `COPY`. The limits write one table without an index; ours writes the history and
//! its fold, checks the order of time, and notes which events changed. Every commit reaches the disk.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{EventStatus, Line, MarketKey, MarketKind, Outcome, Price, Role, Side, Sport, board::QuoteFlags};
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
    let (ours, rows) = runtime.block_on(take_in(&connect(url)))?;
    let limit = sqlite_limit(&folder.path().join("limit.db"), &rows)?;
    report("SQLite", ours, limit, "prepared inserts");

    let Ok(server) = std::env::var("OVERROUND_TEST_POSTGRES") else {
        println!("ingest, PostgreSQL: not measured, OVERROUND_TEST_POSTGRES is not set");
        return Ok(());
    };
    let schema = format!("bench_{}", std::process::id());
    runtime.block_on(async {
        let pool = sqlx::PgPool::connect(&server).await?;
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
            .execute(&pool)
            .await?;
        let joint = if server.contains('?') { '&' } else { '?' };
        let (ours, rows) = take_in(&connect(format!("{server}{joint}options=-c%20search_path%3D{schema}"))).await?;
        let limit = postgres_limit(&pool, &schema, &rows).await?;
        report("PostgreSQL", ours, limit, "COPY");
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE")))
            .execute(&pool)
            .await?;
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
        "limit {:.0} k rows/s ({what} into one table without index)",
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

/// Changes per second, and the changes.
async fn take_in(connect: &Connect) -> Result<(f64, Vec<NewChange>), Failure> {
    let store = Store::connect(connect).await?;
    store.migrate().await?;
    let mut changes = prepare(&store).await?;
    let mut spent = Duration::ZERO;
    for commit in 1..=COMMITS {
        for change in &mut changes {
            change.received_at = start() + TimeDelta::seconds(commit);
            change.previous = change.price;
            change.price = Price::from_micros(1_500_000 + commit * 10_000).ok();
        }
        let tx = store.begin_ingest(FEED).await?;
        let started = Instant::now();
        tx.append_changes(&changes).await?;
        tx.commit().await?;
        spent += started.elapsed();
    }
    let rows = changes.len() as f64 * COMMITS as f64;
    Ok((rows / spent.as_secs_f64(), changes))
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

const BARE: &str = "CREATE TABLE bare (id BIGINT, event_id BIGINT, selection_id BIGINT, bookmaker_id BIGINT, side TEXT, \
                    feed TEXT, price BIGINT, price_text TEXT, previous_price BIGINT, source_at BIGINT, \
                    received_at BIGINT, snapshot_id BIGINT, flags BIGINT, supersedes BIGINT, is_folded BOOLEAN)";

fn sqlite_limit(path: &std::path::Path, rows: &[NewChange]) -> Result<f64, Failure> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.execute_batch(BARE)?;
    let started = Instant::now();
    let mut id = 0_i64;
    for _ in 0..COMMITS {
        let tx = connection.transaction()?;
        {
            let mut insert = tx.prepare(
                "INSERT INTO bare VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?;
            for row in rows {
                id += 1;
                let price = row.price.map(Price::micros);
                let source_at = row.source_at.map(|at| at.timestamp_millis());
                insert.execute(rusqlite::params![
                    id,
                    row.event_id.0,
                    row.selection_id.0,
                    row.bookmaker_id.0,
                    row.side.code(),
                    FEED,
                    price,
                    row.price_text,
                    price,
                    source_at,
                    row.received_at.timestamp_millis(),
                    row.snapshot_id.0,
                    row.flags.0,
                    None::<i64>,
                    true,
                ])?;
            }
        }
        tx.commit()?;
    }
    Ok(rows.len() as f64 * COMMITS as f64 / started.elapsed().as_secs_f64())
}

async fn postgres_limit(pool: &sqlx::PgPool, schema: &str, rows: &[NewChange]) -> Result<f64, Failure> {
    let table = BARE.replace("TABLE bare", &format!("TABLE {schema}.bare"));
    sqlx::query(sqlx::AssertSqlSafe(table)).execute(pool).await?;
    let mut connection = pool.acquire().await?;
    let mut spent = Duration::ZERO;
    let mut id = 0_i64;
    for _ in 0..COMMITS {
        let started = Instant::now();
        let mut text = String::new();
        for row in rows {
            id += 1;
            let price = row.price.map_or(0, Price::micros);
            let at = row.received_at.timestamp_millis();
            writeln!(
                text,
                "{id}\t{}\t{}\t{}\t{}\t{FEED}\t{price}\t{}\t{price}\t{at}\t{at}\t{}\t{}\t\\N\tt",
                row.event_id,
                row.selection_id,
                row.bookmaker_id,
                row.side.code(),
                row.price_text,
                row.snapshot_id,
                row.flags.0,
            )?;
        }
        let mut copy = connection
            .copy_in_raw(&format!("COPY {schema}.bare FROM STDIN"))
            .await?;
        copy.send(text.as_bytes()).await?;
        copy.finish().await?;
        spent += started.elapsed();
    }
    Ok(rows.len() as f64 * COMMITS as f64 / spent.as_secs_f64())
}
