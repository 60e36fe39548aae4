//! The tables about people.

macro_rules! entity {
    ($module:ident, $table:literal, { $($(#[$meta:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        pub(crate) mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model { $($(#[$meta])* pub $field: $type),+ }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity!(users, "users", {
    #[sea_orm(primary_key)]
    id: i64,
    email: String,
    name: String,
    role: String,
    password_hash: String,
    totp_sealed: Option<Vec<u8>>,
    totp_on: bool,
    totp_last_step: i64,
    #[sea_orm(column_type = "Text")]
    preferences: String,
    created_at: i64,
    disabled_at: Option<i64>,
});

entity!(recovery_codes, "recovery_codes", {
    #[sea_orm(primary_key)]
    id: i64,
    user_id: i64,
    code_hash: String,
    used_at: Option<i64>,
});

entity!(invites, "invites", {
    #[sea_orm(primary_key)]
    id: i64,
    token_hash: String,
    email: String,
    role: String,
    invited_by: i64,
    created_at: i64,
    expires_at: i64,
    accepted_at: Option<i64>,
});

entity!(sessions, "sessions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id_hash: String,
    user_id: Option<i64>,
    #[sea_orm(column_type = "Text")]
    body: String,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
    user_agent: Option<String>,
    address: Option<String>,
});

entity!(api_keys, "api_keys", {
    #[sea_orm(primary_key)]
    id: i64,
    user_id: i64,
    name: String,
    prefix: String,
    key_hash: String,
    scopes: String,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
});

entity!(login_attempts, "login_attempts", {
    #[sea_orm(primary_key, auto_increment = false)]
    subject: String,
    failures: i32,
    window_started_at: i64,
});

entity!(settings, "settings", {
    #[sea_orm(primary_key, auto_increment = false)]
    key: String,
    #[sea_orm(column_type = "Text")]
    value: String,
});

entity!(user_bookmakers, "user_bookmakers", {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    bookmaker_id: i64,
    is_usable: bool,
    commission_bp: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    terms: Option<String>,
});

entity!(idempotency_keys, "idempotency_keys", {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    key: String,
    fingerprint: String,
    status: i32,
    body: Vec<u8>,
    created_at: i64,
});

entity!(audit_log, "audit_log", {
    #[sea_orm(primary_key)]
    id: i64,
    at: i64,
    actor_id: Option<i64>,
    action: String,
    subject: String,
    #[sea_orm(column_type = "Text")]
    detail: String,
    previous_hash: String,
    hash: String,
});
