//! `overround user create|password|list`

use super::{CliError, Common, columns};
use crate::desk::accounts;
use serde_json::json;
use std::io::Read;
use store::UserRole;

/// What to do with users.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a user
    Create {
        /// The e-mail address to sign in with
        #[arg(long)]
        email: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        /// owner, member or viewer
        #[arg(long, default_value = "member")]
        role: String,
    },
    /// Set a user's password; ends the user's sessions
    Password {
        /// The user's e-mail address
        #[arg(long)]
        email: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List users
    List,
}

fn read_password(from_stdin: bool) -> Result<String, CliError> {
    if !from_stdin {
        return Err(CliError(
            "give the password on standard input and add --password-stdin, so that it stays out of the shell's history"
                .into(),
        ));
    }
    let mut text = String::new();
    std::io::stdin().lock().take(64 * 1024).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    match command {
        Command::Create {
            email,
            password_stdin,
            role,
        } => {
            let role =
                UserRole::from_code(&role).ok_or_else(|| CliError("--role is owner, member or viewer".into()))?;
            let password = read_password(password_stdin)?;
            let state = common.open().await?;
            let user = accounts::create_user(&state, &email, &password, role).await?;
            common.print(&json!({"id": user.id, "email": user.email, "role": user.role}), |_| {
                format!("User {} can sign in as {}.", user.email, user.role.code())
            })
        }
        Command::Password { email, password_stdin } => {
            let password = read_password(password_stdin)?;
            let state = common.open().await?;
            let email = accounts::read_email(&email)?;
            let user = state.store.find_user_by_email(&email).await?;
            let user = user.ok_or_else(|| CliError(format!("there is no user {email}; see `overround user list`")))?;
            accounts::set_password(&state, &user, &password, None).await?;
            common.print(&json!({"id": user.id, "email": user.email}), |_| {
                format!("The password of {email} is set; other sessions ended.")
            })
        }
        Command::List => {
            let users = common.open().await?.store.list_users().await?;
            let rows: Vec<_> = users
                .iter()
                .map(|user| {
                    json!({"id": user.id, "email": user.email, "role": user.role, "created_at": user.created_at, "disabled_at": user.disabled_at, "two_factor": user.is_totp_on})
                })
                .collect();
            common.print(&json!({"users": rows}), |_| {
                let lines = users
                    .iter()
                    .map(|user| vec![user.id.to_string(), user.email.clone(), user.role.code().to_owned()]);
                columns(&lines.collect::<Vec<_>>())
            })
        }
    }
}
