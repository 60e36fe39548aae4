//! Competitions, events, bookmakers, the price history and its fold, snapshots, findings, feeds and opportunities.
//!
//! Instants are whole milliseconds since 1970 in UTC, prices are millionths of decimal odds, lines are hundredths.

use sea_orm_migration::prelude::*;

/// Creates the odds side of the schema.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            manager
                .get_connection()
                .execute_unprepared(&format!("DROP TABLE IF EXISTS {table}"))
                .await?;
        }
        Ok(())
    }
}

/// In the order of their foreign keys.
const TABLES: &[&str] = &[
    "competitions",
    "feed_competitions",
    "participants",
    "participant_aliases",
    "bookmakers",
    "snapshot_bodies",
    "snapshots",
    "events",
    "event_participants",
    "event_states",
    "feed_events",
    "event_feeds",
    "selections",
    "scopes",
    "coverage",
    "quote_changes",
    "quotes",
    "issues",
    "quarantined_quotes",
    "reviews",
    "review_decisions",
    "feeds",
    "feed_choices",
    "feed_states",
    "fetches",
    "ingest_versions",
    "opportunities",
    "opportunity_readings",
];

const UP: &[&str] = &[
    "CREATE TABLE competitions (
        id {id},
        sport TEXT NOT NULL,
        key TEXT NOT NULL CONSTRAINT competitions_key UNIQUE,
        name TEXT NOT NULL,
        is_demo BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE feed_competitions (
        feed TEXT NOT NULL,
        feed_key TEXT NOT NULL,
        competition_id BIGINT NOT NULL REFERENCES competitions (id),
        is_active BOOLEAN NOT NULL,
        has_outrights BOOLEAN NOT NULL,
        seen_at BIGINT NOT NULL,
        PRIMARY KEY (feed, feed_key)
    ) {clustered}",
    "CREATE TABLE participants (
        id {id},
        competition_id BIGINT NOT NULL REFERENCES competitions (id),
        name TEXT NOT NULL,
        CONSTRAINT participants_name UNIQUE (competition_id, name)
    )",
    "CREATE TABLE participant_aliases (
        feed TEXT NOT NULL,
        competition_id BIGINT NOT NULL REFERENCES competitions (id),
        name TEXT NOT NULL,
        participant_id BIGINT NOT NULL REFERENCES participants (id),
        confirmed_at BIGINT NOT NULL,
        confirmed_by BIGINT NOT NULL,
        review_id BIGINT NOT NULL,
        PRIMARY KEY (feed, competition_id, name)
    ) {clustered}",
    "CREATE TABLE bookmakers (
        id {id},
        key TEXT NOT NULL CONSTRAINT bookmakers_key UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        commission_bp BIGINT NOT NULL,
        clone_group TEXT,
        is_demo BOOLEAN NOT NULL
    )",
    "CREATE TABLE snapshot_bodies (
        hash TEXT PRIMARY KEY,
        body {blob} NOT NULL,
        created_at BIGINT NOT NULL
    )",
    // The body goes after its retention and the row stays: prices keep pointing here. So there is no foreign key.
    "CREATE TABLE snapshots (
        id {id},
        feed TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        competition TEXT,
        request TEXT NOT NULL,
        received_at BIGINT NOT NULL,
        price_format TEXT,
        body_hash TEXT NOT NULL,
        body_bytes BIGINT NOT NULL,
        events BIGINT NOT NULL DEFAULT 0,
        quotes BIGINT NOT NULL DEFAULT 0,
        changes BIGINT NOT NULL DEFAULT 0,
        issues BIGINT NOT NULL DEFAULT 0,
        CONSTRAINT snapshots_answer UNIQUE (feed, received_at, body_hash, request)
    )",
    "CREATE INDEX snapshots_body ON snapshots (body_hash)",
    "CREATE INDEX snapshots_received ON snapshots (received_at)",
    "CREATE TABLE events (
        id {id},
        competition_id BIGINT NOT NULL REFERENCES competitions (id),
        starts_at BIGINT NOT NULL,
        status TEXT NOT NULL,
        home_score BIGINT,
        away_score BIGINT,
        is_final_score BOOLEAN NOT NULL,
        is_demo BOOLEAN NOT NULL,
        state_received_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        evaluated_at BIGINT,
        changes BIGINT NOT NULL DEFAULT 1,
        evaluated_changes BIGINT NOT NULL DEFAULT 0
    )",
    "CREATE INDEX events_start ON events (starts_at, id)",
    "CREATE INDEX events_competition ON events (competition_id, starts_at)",
    "CREATE INDEX events_changed ON events (changed_at) WHERE changes > evaluated_changes",
    "CREATE INDEX events_open ON events (starts_at) WHERE status IN ('scheduled', 'live')",
    "CREATE TABLE event_participants (
        event_id BIGINT NOT NULL REFERENCES events (id),
        position BIGINT NOT NULL,
        role TEXT NOT NULL,
        participant_id BIGINT NOT NULL REFERENCES participants (id),
        PRIMARY KEY (event_id, position)
    ) {clustered}",
    "CREATE INDEX event_participants_participant ON event_participants (participant_id, event_id)",
    "CREATE TABLE event_states (
        id {id},
        event_id BIGINT NOT NULL REFERENCES events (id),
        starts_at BIGINT NOT NULL,
        status TEXT NOT NULL,
        home_score BIGINT,
        away_score BIGINT,
        is_final_score BOOLEAN NOT NULL,
        received_at BIGINT NOT NULL,
        source_at BIGINT,
        snapshot_id BIGINT REFERENCES snapshots (id)
    )",
    "CREATE INDEX event_states_event ON event_states (event_id, received_at, id)",
    "CREATE TABLE feed_events (
        feed TEXT NOT NULL,
        feed_id TEXT NOT NULL,
        event_id BIGINT NOT NULL REFERENCES events (id),
        first_seen_at BIGINT NOT NULL,
        PRIMARY KEY (feed, feed_id)
    ) {clustered}",
    "CREATE INDEX feed_events_event ON feed_events (event_id)",
    "CREATE TABLE event_feeds (
        event_id BIGINT NOT NULL REFERENCES events (id),
        feed TEXT NOT NULL,
        last_received_at BIGINT NOT NULL,
        PRIMARY KEY (event_id, feed)
    ) {clustered}",
    "CREATE TABLE selections (
        id {id},
        event_id BIGINT NOT NULL REFERENCES events (id),
        kind TEXT NOT NULL,
        period TEXT NOT NULL,
        line BIGINT,
        participant TEXT NOT NULL DEFAULT '',
        outcome TEXT NOT NULL
    )",
    // A missing line is not line 0, and unique indexes take missing values for different: so a number no line can be.
    "CREATE UNIQUE INDEX selections_key \
     ON selections (event_id, kind, period, COALESCE(line, -9000000000), participant, outcome)",
    "CREATE TABLE scopes (
        id {id},
        body TEXT NOT NULL CONSTRAINT scopes_body UNIQUE
    )",
    "CREATE TABLE coverage (
        event_id BIGINT NOT NULL REFERENCES events (id),
        feed TEXT NOT NULL,
        scope_id BIGINT NOT NULL REFERENCES scopes (id),
        received_at BIGINT NOT NULL,
        snapshot_id BIGINT NOT NULL REFERENCES snapshots (id),
        PRIMARY KEY (event_id, feed, scope_id, received_at)
    ) {clustered}",
    // The history and its fold are written by one function and checked by another (`Store::verify_fold`): foreign keys on
    // them would cost more than the rows.
    "CREATE TABLE quote_changes (
        id {id},
        event_id BIGINT NOT NULL,
        selection_id BIGINT NOT NULL,
        bookmaker_id BIGINT NOT NULL,
        side TEXT NOT NULL,
        feed TEXT NOT NULL,
        price BIGINT,
        price_text TEXT NOT NULL,
        previous_price BIGINT,
        source_at BIGINT,
        received_at BIGINT NOT NULL,
        snapshot_id BIGINT NOT NULL,
        flags BIGINT NOT NULL,
        supersedes BIGINT,
        is_folded BOOLEAN NOT NULL
    )",
    "CREATE INDEX quote_changes_key ON quote_changes (selection_id, bookmaker_id, id)",
    "CREATE INDEX quote_changes_supersedes ON quote_changes (supersedes) WHERE supersedes IS NOT NULL",
    "CREATE TABLE quotes (
        selection_id BIGINT NOT NULL,
        bookmaker_id BIGINT NOT NULL,
        side TEXT NOT NULL,
        feed TEXT NOT NULL,
        event_id BIGINT NOT NULL,
        price BIGINT,
        price_text TEXT NOT NULL,
        previous_price BIGINT,
        source_at BIGINT,
        received_at BIGINT NOT NULL,
        last_seen_at BIGINT NOT NULL,
        change_id BIGINT NOT NULL,
        snapshot_id BIGINT NOT NULL,
        flags BIGINT NOT NULL,
        PRIMARY KEY (selection_id, bookmaker_id, side, feed)
    ) {updated}",
    "CREATE INDEX quotes_event ON quotes (event_id)",
    "CREATE TABLE issues (
        id {id},
        found_at BIGINT NOT NULL,
        feed TEXT NOT NULL,
        snapshot_id BIGINT REFERENCES snapshots (id),
        event_id BIGINT REFERENCES events (id),
        bookmaker TEXT,
        kind TEXT NOT NULL,
        severity TEXT NOT NULL,
        detail TEXT NOT NULL,
        count BIGINT NOT NULL
    )",
    "CREATE INDEX issues_found ON issues (found_at, id)",
    "CREATE INDEX issues_event ON issues (event_id, found_at) WHERE event_id IS NOT NULL",
    "CREATE TABLE quarantined_quotes (
        id {id},
        feed TEXT NOT NULL,
        snapshot_id BIGINT NOT NULL REFERENCES snapshots (id),
        event_id BIGINT REFERENCES events (id),
        market TEXT NOT NULL,
        outcome TEXT NOT NULL,
        bookmaker TEXT NOT NULL,
        side TEXT NOT NULL,
        price_text TEXT NOT NULL,
        reason TEXT NOT NULL,
        received_at BIGINT NOT NULL
    )",
    "CREATE INDEX quarantined_quotes_received ON quarantined_quotes (received_at, id)",
    "CREATE INDEX quarantined_quotes_event ON quarantined_quotes (event_id, received_at) WHERE event_id IS NOT NULL",
    "CREATE TABLE reviews (
        id {id},
        feed TEXT NOT NULL,
        feed_id TEXT NOT NULL,
        competition_id BIGINT REFERENCES competitions (id),
        reading TEXT NOT NULL,
        suggestions TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        decided_at BIGINT,
        decided_by BIGINT,
        CONSTRAINT reviews_feed_id UNIQUE (feed, feed_id)
    )",
    "CREATE INDEX reviews_state ON reviews (state, created_at, id)",
    "CREATE TABLE review_decisions (
        id {id},
        review_id BIGINT NOT NULL REFERENCES reviews (id),
        action TEXT NOT NULL,
        detail TEXT NOT NULL,
        at BIGINT NOT NULL,
        by_user BIGINT NOT NULL
    )",
    "CREATE INDEX review_decisions_review ON review_decisions (review_id, id)",
    "CREATE TABLE feeds (
        key TEXT PRIMARY KEY,
        is_enabled BOOLEAN NOT NULL,
        base_url TEXT,
        sealed_key {blob},
        updated_at BIGINT NOT NULL
    )",
    "CREATE TABLE feed_choices (
        feed TEXT NOT NULL,
        competition_key TEXT NOT NULL,
        is_enabled BOOLEAN NOT NULL,
        interval_s BIGINT NOT NULL,
        scores_interval_s BIGINT,
        choice TEXT NOT NULL,
        PRIMARY KEY (feed, competition_key)
    )",
    "CREATE TABLE feed_states (
        feed TEXT PRIMARY KEY,
        breaker TEXT NOT NULL,
        open_until BIGINT,
        consecutive_failures BIGINT NOT NULL,
        last_success_at BIGINT,
        last_failure_at BIGINT,
        message TEXT,
        stopped_reason TEXT
    )",
    "CREATE TABLE fetches (
        id {id},
        feed TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        competition TEXT,
        started_at BIGINT NOT NULL,
        duration_ms BIGINT NOT NULL,
        outcome TEXT NOT NULL,
        http_status BIGINT,
        detail TEXT,
        attempts BIGINT NOT NULL,
        credits_last BIGINT,
        credits_used BIGINT,
        credits_remaining BIGINT,
        credits_unknown BOOLEAN NOT NULL,
        snapshot_id BIGINT REFERENCES snapshots (id)
    )",
    "CREATE INDEX fetches_started ON fetches (started_at, id)",
    "CREATE INDEX fetches_feed ON fetches (feed, started_at, id)",
    "CREATE TABLE ingest_versions (
        feed TEXT PRIMARY KEY,
        version BIGINT NOT NULL
    )",
    "CREATE TABLE opportunities (
        id {id},
        kind TEXT NOT NULL,
        event_id BIGINT NOT NULL REFERENCES events (id),
        market_key TEXT NOT NULL,
        opened_at BIGINT NOT NULL,
        refreshed_at BIGINT NOT NULL,
        closed_at BIGINT,
        close_reason TEXT,
        best_profit DOUBLE PRECISION NOT NULL
    )",
    "CREATE UNIQUE INDEX opportunities_open ON opportunities (kind, event_id, market_key) WHERE closed_at IS NULL",
    "CREATE INDEX opportunities_opened ON opportunities (opened_at, id)",
    "CREATE INDEX opportunities_event ON opportunities (event_id)",
    // What was found, each time it differed: so that an opportunity can be seen as it was.
    "CREATE TABLE opportunity_readings (
        opportunity_id BIGINT NOT NULL REFERENCES opportunities (id),
        found_at BIGINT NOT NULL,
        profit DOUBLE PRECISION NOT NULL,
        verdict TEXT NOT NULL,
        is_in_play BOOLEAN NOT NULL,
        body TEXT NOT NULL,
        trace TEXT NOT NULL,
        PRIMARY KEY (opportunity_id, found_at)
    )",
];
