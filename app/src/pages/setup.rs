//! The first visit: makes the owner.

use crate::AppError;
use crate::backend::{answer, backend};
use crate::frame::Doorway;
use crate::parts::{Field, FormProblem, Problem, redirect, shown};
use async_trait::async_trait;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What the Setup page asks.
#[async_trait]
pub trait SetupPort {
    /// What stands between the visitor and the first account.
    async fn setup_state(&self) -> Result<SetupState, AppError>;

    /// Makes the owner and signs them in. Field errors: `code`, `email`, `password`, `password_again`.
    /// [`AppError::NotFound`] once an account exists.
    async fn set_up(&self, form: SetupForm) -> Result<(), AppError>;
}

/// What stands between the visitor and the first account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupState {
    /// False once an account exists.
    pub is_open: bool,
    /// True when the one-time code of the terminal is asked for.
    pub needs_code: bool,
}

/// As typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupForm {
    /// The one-time code of the terminal; empty where none is asked for.
    pub code: String,
    /// The owner's e-mail address.
    pub email: String,
    /// The owner's password.
    pub password: String,
    /// The same again.
    pub password_again: String,
}

/// Makes the owner.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SetUp, prefix = "/ui", endpoint = "set_up")]
pub(crate) async fn set_up(
    #[server(default)] code: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] password_again: String,
) -> Result<(), AppError> {
    let backend = backend()?;
    answer(
        backend
            .set_up(SetupForm {
                code,
                email,
                password,
                password_again,
            })
            .await,
    )?;
    backend.redirect("/");
    Ok(())
}

/// The first visit.
#[component]
pub fn SetupPage() -> impl IntoView {
    let problem = Problem::of::<SetUp>();
    view! {
        <Doorway title="Set up Overround">
            {shown(
                |backend| async move { backend.setup_state().await },
                move |state: SetupState| {
                    if !state.is_open {
                        return redirect("/login");
                    }
                    view! {
                        <p class="lead">"This makes the owner: the one who sees everything and invites others."</p>
                        <form method="post" action=SetUp::PATH class="stack">
                            <FormProblem problem fields=&["code", "email", "password", "password_again"] />
                            {state
                                .needs_code
                                .then(|| {
                                    view! {
                                        <Field
                                            label="One-time code"
                                            name="code"
                                            hint="It stands in the terminal where Overround was started."
                                            autocomplete="one-time-code"
                                            problem
                                        />
                                    }
                                })}
                            <Field label="E-mail" name="email" kind="email" autocomplete="username" problem />
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
                            <button>"Make the owner"</button>
                        </form>
                    }
                        .into_any()
                },
            )}
        </Doorway>
    }
}
