//! Signing in and out: password, then a code where two-factor is on.

use crate::AppError;
use crate::address::Query;
use crate::address::local_path;
use crate::backend::{answer, backend};
use crate::frame::Doorway;
use crate::parts::{Field, FormProblem, Problem, redirect, shown};
use async_trait::async_trait;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What the Login page asks.
#[async_trait]
pub trait LoginPort {
    /// Where this session stands.
    async fn sign_in_state(&self) -> Result<SignInState, AppError>;

    /// The first step. The same answer for an unknown address and a wrong password (a complaint without a field).
    async fn sign_in(&self, email: String, password: String) -> Result<SignInState, AppError>;

    /// The second step: a code of the authenticator, or a recovery code. Field error: `code`;
    /// [`AppError::SignInRequired`] when the first step is missing or too old.
    async fn sign_in_code(&self, code: String) -> Result<(), AppError>;

    /// Ends this session on the server.
    async fn sign_out(&self) -> Result<(), AppError>;
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInState {
    /// There is no account yet.
    SetupRequired,
    /// Nobody is signed in.
    Anonymous,
    /// The password was right; a code is still missing.
    CodeRequired,
    /// Signed in.
    SignedIn,
}

/// The first step.
///
/// # Errors
/// A complaint about the pair, and any [`AppError`] of the backend.
#[server(name = SignIn, prefix = "/ui", endpoint = "sign_in")]
pub(crate) async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let backend = backend()?;
    let state = answer(backend.sign_in(email, password).await)?;
    match state {
        SignInState::CodeRequired => {
            backend.redirect(&format!("/login{}", Query::default().with("next", &next).text()));
        }
        _ => backend.redirect(local_path(&next)),
    }
    Ok(())
}

/// The second step.
///
/// # Errors
/// Field error `code`, and any [`AppError`] of the backend.
#[server(name = SignInCode, prefix = "/ui", endpoint = "sign_in_code")]
pub(crate) async fn sign_in_code(
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let backend = backend()?;
    answer(backend.sign_in_code(code).await)?;
    backend.redirect(local_path(&next));
    Ok(())
}

/// Ends this session.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = SignOut, prefix = "/ui", endpoint = "sign_out")]
pub(crate) async fn sign_out() -> Result<(), AppError> {
    let backend = backend()?;
    answer(backend.sign_out().await)?;
    backend.redirect("/login");
    Ok(())
}

/// Signing in.
#[component]
pub fn LoginPage() -> impl IntoView {
    let next = use_query_map().get_untracked().get("next").unwrap_or_default();
    view! {
        <Doorway title="Sign in">
            {shown(
                |backend| async move { backend.sign_in_state().await },
                move |state: SignInState| {
                    match state {
                        SignInState::SetupRequired => redirect("/setup"),
                        SignInState::SignedIn => redirect(local_path(&next)),
                        SignInState::Anonymous => {
                            let problem = Problem::of::<SignIn>();
                            view! {
                                <form method="post" action=SignIn::PATH class="stack">
                                    <FormProblem problem />
                                    <input type="hidden" name="next" value=next />
                                    <Field label="E-mail" name="email" kind="email" autocomplete="username" problem />
                                    <Field
                                        label="Password"
                                        name="password"
                                        kind="password"
                                        autocomplete="current-password"
                                        problem
                                    />
                                    <button>"Sign in"</button>
                                </form>
                            }
                                .into_any()
                        }
                        SignInState::CodeRequired => {
                            let problem = Problem::of::<SignInCode>();
                            view! {
                                <p class="lead">"One more step: the code that your authenticator shows now, or a recovery code."</p>
                                <form method="post" action=SignInCode::PATH class="stack">
                                    <FormProblem problem fields=&["code"] />
                                    <input type="hidden" name="next" value=next />
                                    <Field label="Code" name="code" autocomplete="one-time-code" problem />
                                    <button>"Sign in"</button>
                                </form>
                                <form method="post" action=SignOut::PATH>
                                    <button class="quiet">"Use another account"</button>
                                </form>
                            }
                                .into_any()
                        }
                    }
                },
            )}
        </Doorway>
    }
}
