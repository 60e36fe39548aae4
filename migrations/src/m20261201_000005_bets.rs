//! Bets, the money behind them, what each user allows, and what was decided against.
//!
//! Amounts are whole minor units of the account's currency, shares and odds millionths: there is no floating point here.

use sea_orm_migration::prelude::*;

/// Adds them.
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
    // What a user allows, and how often the user's bets have changed: whoever changes them holds this row.
    "CREATE TABLE bettors (
        user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        mark BIGINT NOT NULL,
        currency TEXT NOT NULL,
        limits TEXT NOT NULL,
        wanted_limits TEXT,
        wanted_from BIGINT,
        cool_off_until BIGINT
    )",
    "CREATE TABLE accounts (
        id {id},
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        bookmaker_id BIGINT REFERENCES bookmakers (id),
        name TEXT NOT NULL,
        currency TEXT NOT NULL,
        mode TEXT NOT NULL,
        cash BIGINT NOT NULL DEFAULT 0,
        stake BIGINT NOT NULL DEFAULT 0,
        created_at BIGINT NOT NULL,
        closed_at BIGINT
    )",
    "CREATE INDEX accounts_user ON accounts (user_id, id)",
    "CREATE TABLE exchange_rates (
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        currency TEXT NOT NULL,
        on_day TEXT NOT NULL,
        base BIGINT NOT NULL,
        foreign_minor BIGINT NOT NULL,
        PRIMARY KEY (user_id, currency, on_day)
    ) {clustered}",
    "CREATE TABLE bet_imports (
        id {id},
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        rows_total BIGINT NOT NULL,
        rows_added BIGINT NOT NULL,
        rows_duplicate BIGINT NOT NULL,
        rows_refused BIGINT NOT NULL,
        at BIGINT NOT NULL,
        undone_at BIGINT
    )",
    "CREATE INDEX bet_imports_user ON bet_imports (user_id, id)",
    "CREATE TABLE bets (
        id {id},
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        bookmaker_id BIGINT,
        mode TEXT NOT NULL,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        currency TEXT NOT NULL,
        at_risk BIGINT NOT NULL,
        price BIGINT,
        sport TEXT NOT NULL,
        market TEXT NOT NULL,
        summary TEXT NOT NULL,
        wager TEXT NOT NULL,
        fates TEXT NOT NULL,
        cash_outs TEXT NOT NULL,
        placed_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        settled_at BIGINT,
        settled_as TEXT,
        payout BIGINT,
        commission BIGINT,
        settle_reason TEXT,
        is_automatic BOOLEAN,
        needs_person TEXT,
        strategy_id BIGINT,
        strategy_version BIGINT,
        opportunity_id BIGINT,
        edge_ppm BIGINT,
        clv_ppm BIGINT,
        close_edge_ppm BIGINT,
        note TEXT NOT NULL,
        tags TEXT NOT NULL,
        reference TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        readings TEXT NOT NULL,
        version BIGINT NOT NULL,
        import_id BIGINT,
        deleted_at BIGINT
    )",
    "CREATE INDEX bets_list ON bets (user_id, mode, status, placed_at, id)",
    "CREATE INDEX bets_settled ON bets (user_id, mode, settled_at, id) WHERE settled_at IS NOT NULL",
    "CREATE INDEX bets_fingerprint ON bets (user_id, fingerprint)",
    "CREATE INDEX bets_account ON bets (account_id)",
    "CREATE INDEX bets_import ON bets (import_id) WHERE import_id IS NOT NULL",
    "CREATE INDEX bets_opportunity ON bets (opportunity_id) WHERE opportunity_id IS NOT NULL",
    "CREATE TABLE bet_legs (
        bet_id BIGINT NOT NULL REFERENCES bets (id) ON DELETE CASCADE,
        position BIGINT NOT NULL,
        event_id BIGINT,
        market TEXT NOT NULL,
        starts_at BIGINT,
        basis TEXT NOT NULL DEFAULT '',
        close_grade TEXT,
        close_reason TEXT,
        close_start_at BIGINT,
        close_points BIGINT,
        close TEXT,
        PRIMARY KEY (bet_id, position)
    ) {clustered}",
    "CREATE INDEX bet_legs_event ON bet_legs (event_id) WHERE event_id IS NOT NULL",
    "CREATE TABLE bet_tags (
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        tag TEXT NOT NULL,
        bet_id BIGINT NOT NULL REFERENCES bets (id) ON DELETE CASCADE,
        PRIMARY KEY (user_id, tag, bet_id)
    ) {clustered}",
    "CREATE INDEX bet_tags_bet ON bet_tags (bet_id)",
    "CREATE TABLE entries (
        id {id},
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        happened_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        bet_id BIGINT REFERENCES bets (id) ON DELETE CASCADE,
        reverses BIGINT,
        memo TEXT NOT NULL
    )",
    "CREATE INDEX entries_user ON entries (user_id, happened_at, id)",
    "CREATE INDEX entries_bet ON entries (bet_id) WHERE bet_id IS NOT NULL",
    "CREATE TABLE entry_lines (
        entry_id BIGINT NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
        position BIGINT NOT NULL,
        account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        part TEXT NOT NULL,
        minor BIGINT NOT NULL,
        PRIMARY KEY (entry_id, position)
    ) {clustered}",
    "CREATE INDEX entry_lines_account ON entry_lines (account_id, entry_id)",
    "CREATE TABLE bet_changes (
        id {id},
        bet_id BIGINT NOT NULL REFERENCES bets (id) ON DELETE CASCADE,
        at BIGINT NOT NULL,
        actor_id BIGINT,
        action TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        entry_id BIGINT
    )",
    "CREATE INDEX bet_changes_bet ON bet_changes (bet_id, id)",
    "CREATE TABLE bet_decisions (
        id {id},
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        at BIGINT NOT NULL,
        decision TEXT NOT NULL,
        control TEXT,
        reason TEXT NOT NULL,
        opportunity_id BIGINT,
        mode TEXT NOT NULL,
        summary TEXT NOT NULL,
        wager TEXT,
        currency TEXT,
        at_risk BIGINT
    )",
    "CREATE INDEX bet_decisions_user ON bet_decisions (user_id, id)",
];

const DOWN: &[&str] = &[
    "DROP TABLE bet_decisions",
    "DROP TABLE bet_changes",
    "DROP TABLE entry_lines",
    "DROP TABLE entries",
    "DROP TABLE bet_tags",
    "DROP TABLE bet_legs",
    "DROP TABLE bets",
    "DROP TABLE bet_imports",
    "DROP TABLE exchange_rates",
    "DROP TABLE accounts",
    "DROP TABLE bettors",
];
