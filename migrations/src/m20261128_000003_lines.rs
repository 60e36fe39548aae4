//! Which lines a quote was seen among, and what each answer was complete for: so that answers about main and about alternate
//! lines say nothing of each other's.

use sea_orm_migration::prelude::*;

/// Adds both.
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
    "ALTER TABLE snapshots ADD COLUMN scope_id BIGINT",
    "ALTER TABLE quotes ADD COLUMN lines TEXT NOT NULL DEFAULT 'all'",
];

const DOWN: &[&str] = &[
    "ALTER TABLE quotes DROP COLUMN lines",
    "ALTER TABLE snapshots DROP COLUMN scope_id",
];
