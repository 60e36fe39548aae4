//! Accepting an invitation.

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::backend::{answer, backend};
use crate::frame::Doorway;
use crate::parts::{Field, FormProblem, problem_of, shown};
use crate::viewer::UserRole;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
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

/// The invitation behind a link.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = GetInvitation, prefix = "/ui", endpoint = "invitation", input = GetUrl)]
pub(crate) async fn get_invitation(token: String) -> Result<Invitation, AppError> {
    answer(backend()?.invitation(token).await)
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
    let invitation = Resource::new_blocking(|| (), move |()| get_invitation(asked.clone()));
    let action = ServerAction::<AcceptInvitation>::new();
    let problem = problem_of(action);
    view! {
        <Doorway title="Your invitation">
            {shown(
                invitation,
                move |invitation| {
                    let token = token.clone();
                    view! {
                        <p class="lead">
                            {invitation.invited_by} " invites you to this Overround as " {invitation.role.code()} "."
                        </p>
                        <ActionForm action attr:class="stack">
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
                            <button disabled=move || action.pending().get()>"Make my account"</button>
                        </ActionForm>
                    }
                        .into_any()
                },
            )}
        </Doorway>
    }
}
