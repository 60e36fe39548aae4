//! Settings: two-factor sign-in.

use super::Tab;
#[cfg(feature = "ssr")]
use super::done;
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::backend::{answer, backend};
use crate::parts::{Done, Field, FormProblem, problem_of, shown};
use crate::reader::shortly;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

/// What the Two-factor tab asks.
#[async_trait]
pub trait TwoFactorPort {
    /// Where it stands.
    async fn two_factor(&self) -> Result<TwoFactorView, AppError>;

    /// Makes a secret that waits for its first code. Field error: `password`.
    async fn start_two_factor(&self, password: String) -> Result<(), AppError>;

    /// Turns it on with the first code. Recovery codes are then on the next view, once. Field error: `code`.
    async fn confirm_two_factor(&self, code: String) -> Result<(), AppError>;

    /// Forgets a secret that still waits for its first code.
    async fn cancel_two_factor(&self) -> Result<(), AppError>;

    /// Turns it off. Field errors: `password`, `code`.
    async fn stop_two_factor(&self, password: String, code: String) -> Result<(), AppError>;

    /// Replaces the recovery codes; the new ones are on the next view, once. Field error: `password`.
    async fn renew_recovery_codes(&self, password: String) -> Result<(), AppError>;
}

/// Where two-factor sign-in stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoFactorView {
    /// Off, waiting, or on.
    pub state: TwoFactorState,
    /// Recovery codes just made: on one view only, after which only their hashes are left.
    pub new_recovery_codes: Option<Vec<String>>,
}

/// Off, waiting, or on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TwoFactorState {
    /// A password is enough.
    Off,
    /// A secret waits for its first code.
    Waiting {
        /// The secret in base32, for typing.
        secret: String,
        /// The same as an `otpauth://` address.
        uri: String,
        /// The same as a QR code: an `<svg>` element without inline styles or scripts.
        qr_svg: String,
    },
    /// A code is asked for at every sign-in.
    On {
        /// Since when.
        since: DateTime<Utc>,
        /// Recovery codes that are still unused.
        recovery_codes_left: u32,
    },
}

/// Where two-factor sign-in stands.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = GetTwoFactor, prefix = "/ui", endpoint = "two_factor", input = GetUrl)]
pub(crate) async fn get_two_factor() -> Result<TwoFactorView, AppError> {
    answer(backend()?.two_factor().await)
}

/// Makes a secret that waits for its first code.
///
/// # Errors
/// Field error `password`, and any [`AppError`] of the backend.
#[server(name = StartTwoFactor, prefix = "/ui", endpoint = "start_two_factor")]
pub(crate) async fn start_two_factor(#[server(default)] password: String) -> Result<(), AppError> {
    answer(backend()?.start_two_factor(password).await)?;
    done("/two-factor", "started")
}

/// Turns it on with the first code.
///
/// # Errors
/// Field error `code`, and any [`AppError`] of the backend.
#[server(name = ConfirmTwoFactor, prefix = "/ui", endpoint = "confirm_two_factor")]
pub(crate) async fn confirm_two_factor(#[server(default)] code: String) -> Result<(), AppError> {
    answer(backend()?.confirm_two_factor(code).await)?;
    done("/two-factor", "on")
}

/// Forgets a secret that still waits.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = CancelTwoFactor, prefix = "/ui", endpoint = "cancel_two_factor")]
pub(crate) async fn cancel_two_factor() -> Result<(), AppError> {
    answer(backend()?.cancel_two_factor().await)?;
    done("/two-factor", "cancelled")
}

/// Turns it off.
///
/// # Errors
/// Field errors `password` and `code`, and any [`AppError`] of the backend.
#[server(name = StopTwoFactor, prefix = "/ui", endpoint = "stop_two_factor")]
pub(crate) async fn stop_two_factor(
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), AppError> {
    answer(backend()?.stop_two_factor(password, code).await)?;
    done("/two-factor", "off")
}

/// Replaces the recovery codes.
///
/// # Errors
/// Field error `password`, and any [`AppError`] of the backend.
#[server(name = RenewRecoveryCodes, prefix = "/ui", endpoint = "renew_recovery_codes")]
pub(crate) async fn renew_recovery_codes(#[server(default)] recovery_password: String) -> Result<(), AppError> {
    let renewed = backend()?.renew_recovery_codes(recovery_password).await;
    answer(renewed.map_err(|error| match error {
        AppError::Invalid {
            field: Some(field),
            message,
        } if field == "password" => AppError::field("recovery_password", message),
        other => other,
    }))?;
    done("/two-factor", "codes")
}

/// Two-factor sign-in.
#[component]
pub fn TwoFactorPage() -> impl IntoView {
    let start = ServerAction::<StartTwoFactor>::new();
    let confirm = ServerAction::<ConfirmTwoFactor>::new();
    let cancel = ServerAction::<CancelTwoFactor>::new();
    let stop = ServerAction::<StopTwoFactor>::new();
    let renew = ServerAction::<RenewRecoveryCodes>::new();
    // Only what went well asks again: the codes are shown once, and a typing error must not take them away.
    let succeeded = Memo::new(move |_| {
        let count = |version: usize, is_ok: bool| if is_ok { version } else { 0 };
        (
            count(
                start.version().get(),
                start.value().with(|value| matches!(value, Some(Ok(())))),
            ),
            count(
                confirm.version().get(),
                confirm.value().with(|value| matches!(value, Some(Ok(())))),
            ),
            count(
                cancel.version().get(),
                cancel.value().with(|value| matches!(value, Some(Ok(())))),
            ),
            count(
                stop.version().get(),
                stop.value().with(|value| matches!(value, Some(Ok(())))),
            ),
            count(
                renew.version().get(),
                renew.value().with(|value| matches!(value, Some(Ok(())))),
            ),
        )
    });
    let state = Resource::new_blocking(move || succeeded.get(), |_| get_two_factor());
    view! {
        <Tab title="Two-factor">
            <section class="card narrow">
                <h2>"Two-factor sign-in"</h2>
                <Done name="off" text="Two-factor sign-in is off." />
                {shown(
                    state,
                    move |view| {
                        let codes = view.new_recovery_codes.map(recovery_codes);
                        let state = match view.state {
                            TwoFactorState::Off => {
                                view! {
                                    <p>
                                        "Off. With it on, signing in asks for a code from an authenticator app beside the password, so that a stolen password opens nothing."
                                    </p>
                                    <ActionForm action=start attr:class="stack">
                                        <FormProblem problem=problem_of(start) fields=&["password"] />
                                        <Field
                                            label="Your password"
                                            name="password"
                                            kind="password"
                                            autocomplete="current-password"
                                            problem=problem_of(start)
                                        />
                                        <button disabled=move || start.pending().get()>"Turn it on"</button>
                                    </ActionForm>
                                }
                                    .into_any()
                            }
                            TwoFactorState::Waiting { secret, uri, qr_svg } => {
                                view! {
                                    <ol class="steps">
                                        <li>
                                            "Scan this with an authenticator app, or "
                                            <a href=uri rel="external">"open it on this device"</a> "."
                                            <div class="qr" role="img" aria-label="QR code of the secret" inner_html=qr_svg></div>
                                            <p class="under">
                                                "To type instead: " <code class="secret">{grouped(&secret)}</code>
                                            </p>
                                        </li>
                                        <li>
                                            "Type the code that it shows."
                                            <ActionForm action=confirm attr:class="stack">
                                                <FormProblem problem=problem_of(confirm) fields=&["code"] />
                                                <Field
                                                    label="Code"
                                                    name="code"
                                                    inputmode="numeric"
                                                    autocomplete="one-time-code"
                                                    problem=problem_of(confirm)
                                                />
                                                <button disabled=move || confirm.pending().get()>"Turn it on"</button>
                                            </ActionForm>
                                        </li>
                                    </ol>
                                    <ActionForm action=cancel>
                                        <button class="quiet">"Cancel"</button>
                                    </ActionForm>
                                }
                                    .into_any()
                            }
                            TwoFactorState::On { since, recovery_codes_left } => {
                                view! {
                                    <p>
                                        <span class="badge good">"on"</span> " since " {shortly(since)} ". "
                                        {crate::write::counted(recovery_codes_left, "recovery code is", "recovery codes are")} " left."
                                    </p>
                                    <details>
                                        <summary>"Make new recovery codes"</summary>
                                        <ActionForm action=renew attr:class="stack">
                                            <FormProblem problem=problem_of(renew) fields=&["recovery_password"] />
                                            <Field
                                                label="Your password"
                                                name="recovery_password"
                                                kind="password"
                                                autocomplete="current-password"
                                                hint="The old codes stop working."
                                                problem=problem_of(renew)
                                            />
                                            <button disabled=move || renew.pending().get()>"Make new codes"</button>
                                        </ActionForm>
                                    </details>
                                    <details>
                                        <summary>"Turn it off"</summary>
                                        <ActionForm action=stop attr:class="stack">
                                            <FormProblem problem=problem_of(stop) fields=&["password", "code"] />
                                            <Field
                                                label="Your password"
                                                name="password"
                                                kind="password"
                                                autocomplete="current-password"
                                                problem=problem_of(stop)
                                            />
                                            <Field label="Code" name="code" autocomplete="one-time-code" problem=problem_of(stop) />
                                            <button class="danger" disabled=move || stop.pending().get()>"Turn it off"</button>
                                        </ActionForm>
                                    </details>
                                }
                                    .into_any()
                            }
                        };
                        view! {
                            {codes}
                            {state}
                        }
                            .into_any()
                    },
                )}
            </section>
        </Tab>
    }
}

fn recovery_codes(codes: Vec<String>) -> impl IntoView {
    view! {
        <div class="once" role="status">
            <p>
                <strong>"Keep these recovery codes."</strong>
                " Each signs you in once when the authenticator is lost. They are shown this one time."
            </p>
            <ul class="codes">{codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view()}</ul>
        </div>
    }
}

/// A secret in groups of four, easier to type.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().filter(|letter| !letter.is_whitespace()).collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}
