//! Settings: keys to the JSON API.

use super::Tab;
use super::{chosen, done, row_id, whole};
use crate::AppError;
use crate::backend::{answer, backend};
use crate::parts::{Done, Empty, Field, FormProblem, Problem, options, shown};
use crate::reader::{shortly, when_known};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ApiKeyId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What the API keys tab asks.
#[async_trait]
pub trait ApiKeysPort {
    /// The account's keys.
    async fn api_keys(&self) -> Result<ApiKeysView, AppError>;

    /// Makes a key; it is on the next view, once. Field errors: `name`, `expires_in_days`.
    async fn create_api_key(&self, form: ApiKeyForm) -> Result<(), AppError>;

    /// Ends a key.
    async fn revoke_api_key(&self, id: ApiKeyId) -> Result<(), AppError>;
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyScope {
    /// Read.
    Read,
    /// Read and change.
    Write,
}

impl ApiKeyScope {
    /// The stored and form value.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The scope of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|scope| scope.code() == code)
    }
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyForm {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: ApiKeyScope,
    /// Until when; left out, without end.
    pub expires_in_days: Option<u32>,
}

/// The account's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeysView {
    /// Those that are not revoked, the latest first.
    pub keys: Vec<ApiKeyRow>,
    /// A key just made, in full: on one view only, after which only its hash is left.
    pub new_key: Option<String>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRow {
    /// Which key.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// Its beginning, by which it is told apart.
    pub prefix: String,
    /// What it may do.
    pub scope: ApiKeyScope,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Makes a key.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = CreateApiKey, prefix = "/ui", endpoint = "create_api_key")]
pub(crate) async fn create_api_key(
    #[server(default)] name: String,
    #[server(default)] scope: String,
    #[server(default)] expires_in_days: String,
) -> Result<(), AppError> {
    let scope = answer(chosen("scope", &scope, ApiKeyScope::from_code))?;
    let days = Some(expires_in_days.trim()).filter(|days| !days.is_empty());
    let expires_in_days = answer(days.map(|days| whole("expires_in_days", days, 1..=3650)).transpose())?;
    answer(
        backend()?
            .create_api_key(ApiKeyForm {
                name,
                scope,
                expires_in_days,
            })
            .await,
    )?;
    done("/api-keys", "created")
}

/// Ends a key.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = RevokeApiKey, prefix = "/ui", endpoint = "revoke_api_key")]
pub(crate) async fn revoke_api_key(#[server(default)] id: String) -> Result<(), AppError> {
    let id = ApiKeyId(answer(row_id(&id))?);
    answer(backend()?.revoke_api_key(id).await)?;
    done("/api-keys", "revoked")
}

/// Keys to the JSON API.
#[component]
pub fn ApiKeysPage() -> impl IntoView {
    let problem = Problem::of::<CreateApiKey>();
    let revoke = Problem::of::<RevokeApiKey>();
    let scopes = [(ApiKeyScope::Read, "Read"), (ApiKeyScope::Write, "Read and change")]
        .map(|(scope, name)| (scope.code().to_owned(), name.to_owned()))
        .to_vec();
    view! {
        <Tab title="API keys">
            <Done name="revoked" text="Revoked. Requests with that key are refused from now on." />
            <FormProblem problem=revoke />
            <div class="beside">
                {shown(|backend| async move { backend.api_keys().await }, keys_view)}
                <section class="card">
                    <h2>"New key"</h2>
                    <form method="post" action=CreateApiKey::PATH class="stack">
                        <FormProblem problem fields=&["name", "expires_in_days"] />
                        <Field label="What it is for" name="name" hint="As: spreadsheet" problem />
                        <div class="field">
                            <label for="key-scope">"May"</label>
                            <select id="key-scope" name="scope">
                                {options(scopes, "read")}
                            </select>
                        </div>
                        <Field
                            label="Ends after, days"
                            name="expires_in_days"
                            inputmode="numeric"
                            hint="Empty: until you revoke it."
                            is_optional=true
                            problem
                        />
                        <button>"Make a key"</button>
                    </form>
                    <p class="under">
                        "Send it as " <code>"Authorization: Bearer KEY"</code> ". " <a href="/api/docs" rel="external">"What it opens"</a>
                    </p>
                </section>
            </div>
        </Tab>
    }
}

fn keys_view(view: ApiKeysView) -> AnyView {
    let fresh = view.new_key.map(|key| {
        view! {
            <div class="once" role="status">
                <p>
                    <strong>"Copy this key now."</strong>
                    " It is shown this one time; only its hash is kept."
                </p>
                <code class="secret" id="new-key">{key}</code>
            </div>
        }
    });
    if view.keys.is_empty() {
        return view! {
            <div>
                {fresh}
                <Empty title="No keys">"A key lets a program of yours read the JSON API."</Empty>
            </div>
        }
        .into_any();
    }
    let rows = view.keys.into_iter().map(key_row).collect_view();
    view! {
        <div>
            {fresh}
            <div class="sheet">
                <table class="cards">
                    <caption class="unseen">"Your API keys"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"For"</th>
                            <th scope="col">"Begins with"</th>
                            <th scope="col">"May"</th>
                            <th scope="col">"Made"</th>
                            <th scope="col">"Last used"</th>
                            <th scope="col">"Ends"</th>
                            <th scope="col"><span class="unseen">"Revoke"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

fn key_row(key: ApiKeyRow) -> impl IntoView {
    let label = format!("Revoke {}", key.name);
    let ends = key
        .expires_at
        .map_or_else(|| "never".into_any(), |at| shortly(at).into_any());
    view! {
        <tr>
            <th scope="row">{key.name.clone()}</th>
            <td data-label="Begins with"><code>{key.prefix}"…"</code></td>
            <td data-label="May">{key.scope.code()}</td>
            <td data-label="Made">{shortly(key.created_at)}</td>
            <td data-label="Last used">{when_known(key.last_used_at)}</td>
            <td data-label="Ends">{ends}</td>
            <td class="act">
                <form method="post" action=RevokeApiKey::PATH>
                    <input type="hidden" name="id" value=key.id.to_string() />
                    <button class="quiet" aria-label=label>"Revoke"</button>
                </form>
            </td>
        </tr>
    }
}
