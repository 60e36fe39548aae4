//! People: users, invitations, sessions, API keys, settings, and what they did.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, boolean, integer, pk_auto, string, string_null, text,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 10] = [
    "audit_log",
    "idempotency_keys",
    "user_bookmakers",
    "settings",
    "login_attempts",
    "api_keys",
    "sessions",
    "invites",
    "recovery_codes",
    "users",
];

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

fn id() -> ColumnDef {
    let mut column = pk_auto("id");
    column.big_integer();
    column
}

/// Rows that belong to a user go with the user.
fn of_user(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_user"))
        .from(Alias::new(table), Alias::new("user_id"))
        .to(Alias::new("users"), Alias::new("id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn index(table: &'static str, columns: &[&'static str], unique: bool) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    if unique {
        index.unique();
    }
    index
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    #[expect(clippy::too_many_lines, reason = "a schema reads best in one piece")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table("users")
                    .col(id())
                    .col(string("email"))
                    .col(string("name"))
                    .col(string("role"))
                    .col(string("password_hash"))
                    .col(binary_null("totp_sealed"))
                    .col(boolean("totp_on").default(false))
                    .col(big_integer("totp_last_step").default(0))
                    .col(text("preferences"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("disabled_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("users", &["email"], true)).await?;
        manager
            .create_table(
                table("recovery_codes")
                    .col(id())
                    .col(big_integer("user_id"))
                    .col(string("code_hash"))
                    .col(big_integer_null("used_at"))
                    .foreign_key(&mut of_user("recovery_codes"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("recovery_codes", &["user_id"], false))
            .await?;
        manager
            .create_table(
                table("invites")
                    .col(id())
                    .col(string("token_hash"))
                    .col(string("email"))
                    .col(string("role"))
                    .col(big_integer("invited_by"))
                    .col(big_integer("created_at"))
                    .col(big_integer("expires_at"))
                    .col(big_integer_null("accepted_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("invites", &["token_hash"], true)).await?;
        manager
            .create_table(
                table("sessions")
                    .col(string("id_hash").primary_key())
                    .col(big_integer_null("user_id"))
                    .col(text("body"))
                    .col(big_integer("created_at"))
                    .col(big_integer("seen_at"))
                    .col(big_integer("expires_at"))
                    .col(string_null("user_agent"))
                    .col(string_null("address"))
                    .foreign_key(&mut of_user("sessions"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("sessions", &["user_id"], false)).await?;
        manager.create_index(index("sessions", &["expires_at"], false)).await?;
        manager
            .create_table(
                table("api_keys")
                    .col(id())
                    .col(big_integer("user_id"))
                    .col(string("name"))
                    .col(string("prefix"))
                    .col(string("key_hash"))
                    .col(string("scopes"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("expires_at"))
                    .col(big_integer_null("last_used_at"))
                    .col(big_integer_null("revoked_at"))
                    .foreign_key(&mut of_user("api_keys"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("api_keys", &["key_hash"], true)).await?;
        manager.create_index(index("api_keys", &["user_id"], false)).await?;
        manager
            .create_table(
                table("login_attempts")
                    .col(string("subject").primary_key())
                    .col(integer("failures"))
                    .col(big_integer("window_started_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("settings")
                    .col(string("key").primary_key())
                    .col(text("value"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("user_bookmakers")
                    .col(big_integer("user_id"))
                    .col(big_integer("bookmaker_id"))
                    .col(boolean("is_usable"))
                    .col(ColumnDef::new("commission_bp").integer().null())
                    .primary_key(
                        Index::create()
                            .col(Alias::new("user_id"))
                            .col(Alias::new("bookmaker_id")),
                    )
                    .foreign_key(&mut of_user("user_bookmakers"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("idempotency_keys")
                    .col(big_integer("user_id"))
                    .col(string("key"))
                    .col(string("fingerprint"))
                    .col(integer("status"))
                    .col(binary("body"))
                    .col(big_integer("created_at"))
                    .primary_key(Index::create().col(Alias::new("user_id")).col(Alias::new("key")))
                    .foreign_key(&mut of_user("idempotency_keys"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("audit_log")
                    .col(id())
                    .col(big_integer("at"))
                    .col(big_integer_null("actor_id"))
                    .col(string("action"))
                    .col(string("subject"))
                    .col(text("detail"))
                    .col(string("previous_hash"))
                    .col(string("hash"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("audit_log", &["previous_hash"], true)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in TABLES {
            manager
                .drop_table(Table::drop().table(Alias::new(name)).to_owned())
                .await?;
        }
        Ok(())
    }
}
