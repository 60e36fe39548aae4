//! Accepting an invitation.

use crate::AppError;
use crate::backend::{answer, backend};
use crate::frame::Doorway;
use crate::parts::{Field, FormProblem, Problem, shown};
use crate::viewer::UserRole;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

/// What the invitation page asks.
#[async_trait]
pub trait InvitePort {
    /// The invitation behind a link; [`AppError::NotFound`] when there is none, it was used, or it has expired.
    async fn invitation(&self, token: String) -> Result<Invitation, AppError>;

    /// Makes the account and signs in. Field errors: `password`, `password_again`.
    async fn accept_invitation(&self, token: String, password: String, password_again: String) -> Result<(), AppError>;
}

/// An open invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// For whom.
    pub email: String,
    /// What the account may do.
    pub role: UserRole,
    /// Who sent it.
    pub invited_by: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Makes the account.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = AcceptInvitation, prefix = "/ui", endpoint = "accept_invitation")]
pub(crate) async fn accept_invitation(
    #[server(default)] token: String,
    #[server(default)] password: String,
    #[server(default)] password_again: String,
) -> Result<(), AppError> {
    let backend = backend()?;
    answer(backend.accept_invitation(token, password, password_again).await)?;
    backend.redirect("/");
    Ok(())
}

/// Accepting an invitation.
#[component]
pub fn InvitePage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    let asked = token.clone();
    let problem = Problem::of::<AcceptInvitation>();
    view! {
        <Doorway title="Your invitation">
            {shown(
                |backend| async move { backend.invitation(asked).await },
                move |invitation: Invitation| {
                    view! {
                        <p class="lead">
                            {invitation.invited_by} " invites you to this Overround as " {invitation.role.code()} "."
                        </p>
                        <form method="post" action=AcceptInvitation::PATH class="stack">
                            <FormProblem problem fields=&["password", "password_again"] />
                            <input type="hidden" name="token" value=token />
                            <div class="field">
                                <label for="email">"E-mail"</label>
                                <input id="email" type="email" readonly autocomplete="username" value=invitation.email />
                            </div>
                            <Field
                                label="Password"
                                name="password"
                                kind="password"
                                autocomplete="new-password"
                                hint="At least 12 characters. A few words together are fine."
                                problem
                            />
                            <Field
                                label="Password again"
                                name="password_again"
                                kind="password"
                                autocomplete="new-password"
                                problem
                            />
                            <button>"Make my account"</button>
                        </form>
                    }
                        .into_any()
                },
            )}
        </Doorway>
    }
}
