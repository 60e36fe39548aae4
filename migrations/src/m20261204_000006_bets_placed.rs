//! Bets in the order they were placed, whatever their state: how lists and files read tens of thousands of them.

use sea_orm_migration::prelude::*;

/// Adds the order.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, &["CREATE INDEX bets_placed ON bets (user_id, placed_at, id)"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, &["DROP INDEX bets_placed"]).await
    }
}
