//! Settings: two-factor sign-in.

use super::Tab;
use super::done;
use crate::AppError;
use crate::backend::{answer, backend};
use crate::parts::{Done, Field, FormProblem, Problem, shown};
use crate::reader::shortly;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
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
    let start = Problem::of::<StartTwoFactor>();
    let confirm = Problem::of::<ConfirmTwoFactor>();
    let stop = Problem::of::<StopTwoFactor>();
    let renew = Problem::of::<RenewRecoveryCodes>();
    view! {
        <Tab title="Two-factor">
            <section class="card narrow">
                <h2>"Two-factor sign-in"</h2>
                <Done name="off" text="Two-factor sign-in is off." />
                {shown(
                    |backend| async move { backend.two_factor().await },
                    move |view: TwoFactorView| {
                        let codes = view.new_recovery_codes.map(recovery_codes);
                        let state = match view.state {
                            TwoFactorState::Off => {
                                view! {
                                    <p>
                                        "Off. With it on, signing in asks for a code from an authenticator app beside the password, so that a stolen password opens nothing."
                                    </p>
                                    <form method="post" action=StartTwoFactor::PATH class="stack">
                                        <FormProblem problem=start fields=&["password"] />
                                        <Field
                                            label="Your password"
                                            name="password"
                                            kind="password"
                                            autocomplete="current-password"
                                            problem=start
                                        />
                                        <button>"Turn it on"</button>
                                    </form>
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
                                            <form method="post" action=ConfirmTwoFactor::PATH class="stack">
                                                <FormProblem problem=confirm fields=&["code"] />
                                                <Field
                                                    label="Code"
                                                    name="code"
                                                    inputmode="numeric"
                                                    autocomplete="one-time-code"
                                                    problem=confirm
                                                />
                                                <button>"Turn it on"</button>
                                            </form>
                                        </li>
                                    </ol>
                                    <form method="post" action=CancelTwoFactor::PATH>
                                        <button class="quiet">"Cancel"</button>
                                    </form>
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
                                        <form method="post" action=RenewRecoveryCodes::PATH class="stack">
                                            <FormProblem problem=renew fields=&["recovery_password"] />
                                            <Field
                                                label="Your password"
                                                name="recovery_password"
                                                kind="password"
                                                autocomplete="current-password"
                                                hint="The old codes stop working."
                                                problem=renew
                                            />
                                            <button>"Make new codes"</button>
                                        </form>
                                    </details>
                                    <details>
                                        <summary>"Turn it off"</summary>
                                        <form method="post" action=StopTwoFactor::PATH class="stack">
                                            <FormProblem problem=stop fields=&["password", "code"] />
                                            <Field
                                                label="Your password"
                                                name="password"
                                                kind="password"
                                                autocomplete="current-password"
                                                problem=stop
                                            />
                                            <Field label="Code" name="code" autocomplete="one-time-code" problem=stop />
                                            <button class="danger">"Turn it off"</button>
                                        </form>
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
