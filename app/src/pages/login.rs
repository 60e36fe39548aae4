//! Signing in and out: password, then a code where two-factor is on.

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::address::Query;
use crate::address::local_path;
#[cfg(feature = "ssr")]
use crate::backend::{answer, backend};
use crate::frame::Doorway;
use crate::parts::{Field, FormProblem, problem_of, shown};
use async_trait::async_trait;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use leptos_router::components::Redirect;
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

/// Where this session stands.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = GetSignInState, prefix = "/ui", endpoint = "sign_in_state", input = GetUrl)]
pub(crate) async fn get_sign_in_state() -> Result<SignInState, AppError> {
    answer(backend()?.sign_in_state().await)
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
    let password = ServerAction::<SignIn>::new();
    let code = ServerAction::<SignInCode>::new();
    let state = Resource::new_blocking(
        move || (password.version().get(), code.version().get()),
        |_| get_sign_in_state(),
    );
    let next = use_query_map().get_untracked().get("next").unwrap_or_default();
    view! {
        <Doorway title="Sign in">
            {shown(
                state,
                move |state| {
                    let next = next.clone();
                    match state {
                        SignInState::SetupRequired => view! { <Redirect path="/setup" /> }.into_any(),
                        SignInState::SignedIn => view! { <Redirect path=local_path(&next).to_owned() /> }.into_any(),
                        SignInState::Anonymous => {
                            let problem = problem_of(password);
                            view! {
                                <ActionForm action=password attr:class="stack">
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
                                    <button disabled=move || password.pending().get()>"Sign in"</button>
                                </ActionForm>
                            }
                                .into_any()
                        }
                        SignInState::CodeRequired => {
                            let problem = problem_of(code);
                            let away = ServerAction::<SignOut>::new();
                            view! {
                                <p class="lead">"One more step: the code that your authenticator shows now, or a recovery code."</p>
                                <ActionForm action=code attr:class="stack">
                                    <FormProblem problem fields=&["code"] />
                                    <input type="hidden" name="next" value=next />
                                    <Field label="Code" name="code" autocomplete="one-time-code" problem />
                                    <button disabled=move || code.pending().get()>"Sign in"</button>
                                </ActionForm>
                                <ActionForm action=away>
                                    <button class="quiet">"Use another account"</button>
                                </ActionForm>
                            }
                                .into_any()
                        }
                    }
                },
            )}
        </Doorway>
    }
}
