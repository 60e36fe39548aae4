//! `overround api-key create|list|revoke`

use super::{CliError, Common, columns, find_user};
use crate::desk::accounts;
use domain::ApiKeyId;
use serde_json::json;

/// What to do with API keys.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a key; it is printed this once
    Create {
        /// Whose key
        #[arg(long)]
        email: String,
        /// What it may do: read or write; may be given twice
        #[arg(long, default_value = "read")]
        scope: Vec<String>,
        /// What it is for
        #[arg(long, default_value = "command line")]
        name: String,
        /// Days until it expires
        #[arg(long)]
        expires_in_days: Option<i64>,
    },
    /// List a user's keys
    List {
        /// Whose keys
        #[arg(long)]
        email: String,
    },
    /// Revoke a key
    Revoke {
        /// Whose key
        #[arg(long)]
        email: String,
        /// The key's number, as `list` shows it
        #[arg(long)]
        id: i64,
    },
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let state = common.open().await?;
    match command {
        Command::Create {
            email,
            scope,
            name,
            expires_in_days,
        } => {
            let user = find_user(&state, &email).await?;
            let (key, secret) = accounts::create_api_key(&state, &user, &name, &scope, expires_in_days).await?;
            common.print(&json!({"id": key.id, "key": secret, "scopes": key.scopes}), |_| {
                secret.clone()
            })
        }
        Command::List { email } => {
            let keys = state.store.list_api_keys(find_user(&state, &email).await?.id).await?;
            let rows: Vec<_> = keys
                .iter()
                .map(|key| {
                    json!({"id": key.id, "name": key.name, "prefix": key.prefix, "scopes": key.scopes, "created_at": key.created_at, "expires_at": key.expires_at, "last_used_at": key.last_used_at, "revoked_at": key.revoked_at})
                })
                .collect();
            common.print(&json!({"api_keys": rows}), |_| {
                let lines = keys.iter().map(|key| {
                    let stand = if key.revoked_at.is_some() { "revoked" } else { "" };
                    vec![
                        key.id.to_string(),
                        format!("{}...", key.prefix),
                        key.scopes.join(" "),
                        key.name.clone(),
                        stand.to_owned(),
                    ]
                });
                columns(&lines.collect::<Vec<_>>())
            })
        }
        Command::Revoke { email, id } => {
            let user = find_user(&state, &email).await?;
            if !state
                .store
                .revoke_api_key(user.id, ApiKeyId(id), chrono::Utc::now())
                .await?
            {
                return Err(CliError(format!(
                    "{email} has no valid key {id}; see `overround api-key list --email {email}`"
                )));
            }
            common.print(&json!({"id": id, "revoked": true}), |_| format!("Key {id} is revoked."))
        }
    }
}
