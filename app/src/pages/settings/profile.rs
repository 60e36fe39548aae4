//! Settings: reading preferences and the password.

use super::Tab;
use super::{chosen, done};
use crate::AppError;
use crate::backend::{answer, backend};
use crate::parts::{Done, Field, FormProblem, Problem, options, shown};
use crate::reader::Reader;
use crate::viewer::Theme;
use async_trait::async_trait;
use domain::OddsFormat;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What the Profile tab asks.
#[async_trait]
pub trait ProfilePort {
    /// The time zones there are, IANA names in order.
    async fn time_zones(&self) -> Result<Vec<String>, AppError>;

    /// Changes what is given and leaves the rest. Field error: `time_zone`.
    async fn save_preferences(&self, change: PrefsChange) -> Result<(), AppError>;

    /// Changes the password and ends every other session. Field errors: `current`, `password`, `password_again`.
    async fn change_password(&self, current: String, password: String, password_again: String) -> Result<(), AppError>;
}

/// A change of reading preferences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefsChange {
    /// How prices are written.
    pub odds_format: Option<OddsFormat>,
    /// An IANA name.
    pub time_zone: Option<String>,
    /// Light or dark.
    pub theme: Option<Theme>,
}

/// Switches how prices are written; stays on the page.
///
/// # Errors
/// Field error `odds_format`, and any [`AppError`] of the backend.
#[server(name = SetOddsFormat, prefix = "/ui", endpoint = "set_odds_format")]
pub(crate) async fn set_odds_format(#[server(default)] odds_format: String) -> Result<(), AppError> {
    let odds_format = answer(chosen("odds_format", &odds_format, OddsFormat::from_code))?;
    let change = PrefsChange {
        odds_format: Some(odds_format),
        ..PrefsChange::default()
    };
    answer(backend()?.save_preferences(change).await)
}

/// Saves every reading preference.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SavePreferences, prefix = "/ui", endpoint = "save_preferences")]
pub(crate) async fn save_preferences(
    #[server(default)] odds_format: String,
    #[server(default)] time_zone: String,
    #[server(default)] theme: String,
) -> Result<(), AppError> {
    let change = PrefsChange {
        odds_format: Some(answer(chosen("odds_format", &odds_format, OddsFormat::from_code))?),
        time_zone: Some(time_zone),
        theme: Some(answer(chosen("theme", &theme, Theme::from_code))?),
    };
    answer(backend()?.save_preferences(change).await)?;
    done("", "preferences")
}

/// Changes the password.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = ChangePassword, prefix = "/ui", endpoint = "change_password")]
pub(crate) async fn change_password(
    #[server(default)] current: String,
    #[server(default)] password: String,
    #[server(default)] password_again: String,
) -> Result<(), AppError> {
    answer(backend()?.change_password(current, password, password_again).await)?;
    done("", "password")
}

/// Reading preferences and the password.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let reader = Reader::current();
    let preferences = Problem::of::<SavePreferences>();
    let password = Problem::of::<ChangePassword>();
    view! {
        <Tab title="Profile">
            <div class="two">
                <section class="card">
                    <h2>"How you read"</h2>
                    <Done name="preferences" text="Saved." />
                    {shown(
                        |backend| async move { backend.time_zones().await },
                        move |zones: Vec<String>| {
                            let problem = preferences;
                            let prefs = reader.viewer().prefs;
                            let formats = OddsFormat::ALL
                                .map(|format| (format.code().to_owned(), format.name().to_owned()))
                                .to_vec();
                            let themes = [(Theme::System, "As the device"), (Theme::Light, "Light"), (Theme::Dark, "Dark")]
                                .map(|(theme, name)| (theme.code().to_owned(), name.to_owned()))
                                .to_vec();
                            view! {
                                <form method="post" action=SavePreferences::PATH class="stack">
                                    <FormProblem problem fields=&["time_zone"] />
                                    <div class="field">
                                        <label for="prefs-format">"Odds format"</label>
                                        <select id="prefs-format" name="odds_format">
                                            {options(formats, prefs.odds_format.code())}
                                        </select>
                                    </div>
                                    <Field
                                        label="Time zone"
                                        name="time_zone"
                                        value=prefs.time_zone
                                        list="zones"
                                        hint="As Europe/Vienna. Days and times on every page follow it."
                                        problem
                                    />
                                    <datalist id="zones">
                                        {zones.into_iter().map(|zone| view! { <option value=zone></option> }).collect_view()}
                                    </datalist>
                                    <div class="field">
                                        <label for="prefs-theme">"Theme"</label>
                                        <select id="prefs-theme" name="theme">
                                            {options(themes, prefs.theme.code())}
                                        </select>
                                    </div>
                                    <button>"Save"</button>
                                </form>
                            }
                                .into_any()
                        },
                    )}
                </section>
                <section class="card">
                    <h2>"Password"</h2>
                    <Done name="password" text="Changed. Every other session was signed out." />
                    <form method="post" action=ChangePassword::PATH class="stack">
                        <FormProblem problem=password fields=&["current", "password", "password_again"] />
                        <input type="hidden" autocomplete="username" value=reader.viewer().email />
                        <Field
                            label="Password now"
                            name="current"
                            kind="password"
                            autocomplete="current-password"
                            problem=password
                        />
                        <Field
                            label="New password"
                            name="password"
                            kind="password"
                            autocomplete="new-password"
                            hint="At least 12 characters. A few words together are fine."
                            problem=password
                        />
                        <Field
                            label="New password again"
                            name="password_again"
                            kind="password"
                            autocomplete="new-password"
                            problem=password
                        />
                        <button>"Change the password"</button>
                    </form>
                </section>
            </div>
        </Tab>
    }
}
