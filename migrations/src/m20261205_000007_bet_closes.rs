//! What a bet closed at stands on the bet as well, from the leg whose close can be trusted least, so that statistics over tens of
//! thousands of bets need not read their legs.

use sea_orm_migration::prelude::*;

const UP: &[&str] = &[
    "ALTER TABLE bets ADD COLUMN close_grade TEXT",
    "ALTER TABLE bets ADD COLUMN close_reason TEXT",
    "ALTER TABLE bets ADD COLUMN close_event_id BIGINT",
    "ALTER TABLE bets ADD COLUMN close_points BIGINT",
    "UPDATE bets SET (close_grade, close_reason, close_event_id, close_points) = (
        SELECT l.close_grade, l.close_reason, l.event_id, CASE WHEN bets.kind = 'single' THEN l.close_points END
        FROM bet_legs l WHERE l.bet_id = bets.id ORDER BY CASE WHEN l.event_id IS NULL THEN 0 WHEN l.close_grade IS NULL THEN 1
        WHEN l.close_grade = 'missing' THEN 2 WHEN l.close_grade = 'provisional' THEN 3 ELSE 4 END, l.position LIMIT 1)",
];

const DOWN: &[&str] = &[
    "ALTER TABLE bets DROP COLUMN close_points",
    "ALTER TABLE bets DROP COLUMN close_event_id",
    "ALTER TABLE bets DROP COLUMN close_reason",
    "ALTER TABLE bets DROP COLUMN close_grade",
];

/// Adds the columns and fills them.
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
