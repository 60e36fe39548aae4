//! Strategies as rows: what each user looks for, every version of it, what it found and what it skipped; and on which terms a user
//! bets at a bookmaker.

use sea_orm_migration::prelude::*;

/// Adds them. What was found before belongs to no strategy and goes: it is found again at the next evaluation.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, DOWN).await
    }
}

const UP: &[&str] = &[
    "CREATE TABLE strategies (
        id {id},
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        is_enabled BOOLEAN NOT NULL,
        stage TEXT NOT NULL,
        version BIGINT NOT NULL,
        params TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT
    )",
    "CREATE INDEX strategies_user ON strategies (user_id, id)",
    "CREATE TABLE strategy_versions (
        strategy_id BIGINT NOT NULL REFERENCES strategies (id) ON DELETE CASCADE,
        version BIGINT NOT NULL,
        name TEXT NOT NULL,
        params TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (strategy_id, version)
    ) {clustered}",
    "CREATE TABLE strategy_decisions (
        strategy_id BIGINT NOT NULL REFERENCES strategies (id) ON DELETE CASCADE,
        version BIGINT NOT NULL,
        event_id BIGINT NOT NULL,
        identity TEXT NOT NULL,
        filter TEXT NOT NULL,
        profit DOUBLE PRECISION NOT NULL,
        detail TEXT NOT NULL,
        logic_version BIGINT NOT NULL,
        first_at BIGINT NOT NULL,
        last_at BIGINT NOT NULL,
        PRIMARY KEY (strategy_id, version, event_id, identity, filter)
    ) {clustered}",
    "CREATE INDEX strategy_decisions_last ON strategy_decisions (last_at)",
    "DELETE FROM opportunity_readings",
    "DELETE FROM opportunities",
    "DROP INDEX opportunities_open",
    "ALTER TABLE opportunities DROP COLUMN market_key",
    "ALTER TABLE opportunities ADD COLUMN strategy_id BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE opportunities ADD COLUMN strategy_version BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE opportunities ADD COLUMN identity TEXT NOT NULL DEFAULT ''",
    "CREATE UNIQUE INDEX opportunities_open ON opportunities (strategy_id, event_id, identity) WHERE closed_at IS NULL",
    "ALTER TABLE user_bookmakers ADD COLUMN terms TEXT",
];

const DOWN: &[&str] = &[
    "ALTER TABLE user_bookmakers DROP COLUMN terms",
    "DELETE FROM opportunity_readings",
    "DELETE FROM opportunities",
    "DROP INDEX opportunities_open",
    "ALTER TABLE opportunities DROP COLUMN identity",
    "ALTER TABLE opportunities DROP COLUMN strategy_version",
    "ALTER TABLE opportunities DROP COLUMN strategy_id",
    "ALTER TABLE opportunities ADD COLUMN market_key TEXT NOT NULL DEFAULT ''",
    "CREATE UNIQUE INDEX opportunities_open ON opportunities (kind, event_id, market_key) WHERE closed_at IS NULL",
    "DROP TABLE strategy_decisions",
    "DROP TABLE strategy_versions",
    "DROP TABLE strategies",
];
