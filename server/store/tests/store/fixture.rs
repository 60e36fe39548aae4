//! A database of its own for each test, and a small world to write into it.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    BookmakerId, CompetitionId, EventId, EventStatus, Line, MarketKey, MarketKind, Outcome, ParticipantId, Period,
    Price, Role, SelectionId, Side, SnapshotId, Sport, Stage, StrategyId, UserId,
    board::QuoteFlags,
    opportunity::OpportunityKind,
    reading::{Lines, Scope},
};
use store::{
    Backend, Connect, IngestTx, NewBookmaker, NewChange, NewCompetition, NewEvent, NewSnapshot, NewStrategy, NewUser,
    Store, UserRole,
};

pub const POSTGRES: &str = "OVERROUND_TEST_POSTGRES";

/// A fresh database with its schema; gone when dropped (SQLite) or closed (PostgreSQL).
pub struct Database {
    pub store: Store,
    pub connect: Connect,
    schema: Option<String>,
    _folder: Option<tempfile::TempDir>,
}

/// `None` when it is PostgreSQL's turn and there is none.
pub async fn database(backend: Backend) -> Option<Database> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut connect = Connect {
        url: String::new(),
        max_connections: 4,
        acquire_timeout: Duration::from_secs(20),
        statement_timeout: Duration::from_secs(20),
    };
    let (mut schema, mut folder) = (None, None);
    match backend {
        Backend::Sqlite => {
            let temporary = tempfile::tempdir().unwrap();
            connect.url = format!("sqlite://{}", temporary.path().join("data/overround.db").display());
            folder = Some(temporary);
        }
        Backend::Postgres => {
            let Ok(url) = std::env::var(POSTGRES) else {
                println!("skipped on PostgreSQL: {POSTGRES} is not set");
                return None;
            };
            let name = format!("test_{}_{number}", std::process::id());
            let pool = sqlx::PgPool::connect(&url).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}")))
                .execute(&pool)
                .await
                .unwrap();
            pool.close().await;
            let joint = if url.contains('?') { '&' } else { '?' };
            connect.url = format!("{url}{joint}options=-c%20search_path%3D{name}");
            schema = Some(name);
        }
    }
    let store = Store::connect(&connect).await.unwrap();
    store.migrate().await.unwrap();
    Some(Database {
        store,
        connect,
        schema,
        _folder: folder,
    })
}

impl Database {
    /// Removes what the test left on a shared server.
    pub async fn close(self) {
        if let (Some(schema), Ok(url)) = (&self.schema, std::env::var(POSTGRES)) {
            let pool = sqlx::PgPool::connect(&url).await.unwrap();
            let drop = sqlx::AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"));
            sqlx::query(drop).execute(&pool).await.unwrap();
        }
    }
}

/// Milliseconds after a fixed start.
pub fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000).unwrap() + TimeDelta::milliseconds(ms)
}

pub fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub fn spread(hundredths: i32) -> MarketKey {
    MarketKey {
        line: Some(Line::from_hundredths(hundredths)),
        ..MarketKey::plain(MarketKind::Spread)
    }
}

pub fn new_snapshot(feed: &str, ms: i64) -> NewSnapshot {
    NewSnapshot {
        feed: feed.to_owned(),
        endpoint: "odds".to_owned(),
        competition: Some("nba".to_owned()),
        request: "/odds?competition=nba".to_owned(),
        received_at: at(ms),
        price_format: Some("decimal".to_owned()),
    }
}

pub fn whole_scope() -> Scope {
    let markets = [MarketKind::Moneyline, MarketKind::Spread, MarketKind::Total];
    Scope {
        markets: markets
            .into_iter()
            .map(|kind| (kind, Period::FullTime, Lines::All))
            .collect(),
        bookmakers: None,
    }
}

/// A competition, two teams, one event, bookmakers, and selections on it.
pub struct World {
    pub competition: CompetitionId,
    pub participants: Vec<ParticipantId>,
    pub event: EventId,
    pub bookmakers: Vec<BookmakerId>,
    pub selections: Vec<SelectionId>,
    pub keys: Vec<(MarketKey, Outcome)>,
    pub snapshot: SnapshotId,
}

pub const BOOKMAKERS: [&str; 3] = ["pinnacle", "betfair", "corner_shop"];

pub fn new_competition(key: &str) -> NewCompetition {
    NewCompetition {
        feed_key: key.to_owned(),
        key: format!("basketball/{key}"),
        sport: Sport::BASKETBALL,
        name: key.to_uppercase(),
        is_demo: false,
        is_active: true,
        has_outrights: false,
    }
}

pub fn new_bookmaker(key: &str) -> NewBookmaker {
    NewBookmaker {
        key: key.to_owned(),
        name: key.to_uppercase(),
        profile: None,
        clone_group: None,
        is_demo: false,
    }
}

pub fn new_event(competition: CompetitionId, participants: &[ParticipantId], ms: i64) -> NewEvent {
    NewEvent {
        competition_id: competition,
        participants: [Role::Home, Role::Away]
            .into_iter()
            .zip(participants.iter().copied())
            .collect(),
        starts_at: at(ms + 86_400_000),
        status: EventStatus::Scheduled,
        score: None,
        is_final_score: false,
        is_demo: false,
        received_at: at(ms),
        source_at: None,
        snapshot_id: None,
    }
}

pub async fn world(tx: &IngestTx, ms: i64) -> World {
    let competition = tx.ensure_competitions(&[new_competition("nba")], at(ms)).await.unwrap()[0];
    let names = ["Denver Nuggets", "Detroit Pistons"].map(|name| (competition, name.to_owned()));
    let participants = tx.ensure_participants(&names).await.unwrap();
    let bookmakers = tx.ensure_bookmakers(&BOOKMAKERS.map(new_bookmaker)).await.unwrap();
    let snapshot = tx.add_snapshot(&new_snapshot(tx.feed(), ms), b"{}").await.unwrap().id;
    let event = tx
        .create_event(&new_event(competition, &participants, ms))
        .await
        .unwrap();
    let keys = vec![
        (MarketKey::plain(MarketKind::Moneyline), Outcome::Home),
        (MarketKey::plain(MarketKind::Moneyline), Outcome::Away),
        (spread(0), Outcome::Home),
        (spread(-350), Outcome::Home),
    ];
    let wanted: Vec<_> = keys
        .iter()
        .map(|(market, outcome)| (event, market.clone(), outcome.clone()))
        .collect();
    let selections = tx.ensure_selections(&wanted).await.unwrap();
    World {
        competition,
        participants,
        event,
        bookmakers,
        selections,
        keys,
        snapshot,
    }
}

impl World {
    pub fn change(&self, selection: usize, bookmaker: usize, price: Option<Price>, ms: i64) -> NewChange {
        NewChange {
            event_id: self.event,
            selection_id: self.selections[selection],
            bookmaker_id: self.bookmakers[bookmaker],
            side: Side::Back,
            price,
            price_text: price.map(|price| price.to_string()).unwrap_or_default(),
            source_at: Some(at(ms - 5)),
            received_at: at(ms),
            snapshot_id: self.snapshot,
            flags: QuoteFlags::default(),
            previous: None,
            supersedes: None,
        }
    }
}

/// A user by name.
pub async fn user(store: &Store, name: &str) -> UserId {
    let new = NewUser {
        email: format!("{name}@example.org"),
        name: name.to_owned(),
        role: UserRole::Member,
        password_hash: String::new(),
        created_at: at(0),
    };
    store.create_user(new).await.unwrap().id
}

pub fn new_strategy(name: &str) -> NewStrategy {
    NewStrategy {
        kind: OpportunityKind::Arbitrage,
        name: name.to_owned(),
        is_enabled: true,
        stage: Stage::Paper,
        params: serde_json::json!({"min_profit": 1}),
    }
}

/// A user with a strategy.
pub async fn owner(store: &Store) -> (UserId, StrategyId) {
    let owner = user(store, "owner").await;
    let strategy = store.add_strategy(owner, &new_strategy("Arbs"), at(0)).await.unwrap();
    (owner, strategy)
}
