//! Settings: where the account is signed in.

use super::Tab;
use super::{done, row_id};
use crate::AppError;
use crate::backend::{answer, backend};
use crate::parts::{Done, FormProblem, Problem, shown};
use crate::reader::{shortly, when};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What the Sessions tab asks.
#[async_trait]
pub trait SessionsPort {
    /// The account's sessions, this one first, then the latest used.
    async fn sessions(&self) -> Result<Vec<SessionRow>, AppError>;

    /// Ends one session of this account.
    async fn revoke_session(&self, id: i64) -> Result<(), AppError>;

    /// Ends every session of this account but this one.
    async fn revoke_other_sessions(&self) -> Result<(), AppError>;
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// A number for it that opens nothing.
    pub id: i64,
    /// True for the one that asks.
    pub is_this: bool,
    /// Browser and system in a few words, from the User-Agent.
    pub device: String,
    /// The network address it was last used from.
    pub address: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_used_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

/// Ends one session.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = RevokeSession, prefix = "/ui", endpoint = "revoke_session")]
pub(crate) async fn revoke_session(#[server(default)] id: String) -> Result<(), AppError> {
    let id = answer(row_id(&id))?;
    answer(backend()?.revoke_session(id).await)?;
    done("/sessions", "revoked")
}

/// Ends every other session.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = RevokeOtherSessions, prefix = "/ui", endpoint = "revoke_other_sessions")]
pub(crate) async fn revoke_other_sessions() -> Result<(), AppError> {
    answer(backend()?.revoke_other_sessions().await)?;
    done("/sessions", "revoked")
}

/// Where the account is signed in.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let revoke = Problem::of::<RevokeSession>();
    let revoke_others = Problem::of::<RevokeOtherSessions>();
    view! {
        <Tab title="Sessions">
            <Done name="revoked" text="Signed out there." />
            <FormProblem problem=revoke />
            <FormProblem problem=revoke_others />
            {shown(
                |backend| async move { backend.sessions().await },
                move |sessions: Vec<SessionRow>| {
                    let others = sessions.iter().any(|session| !session.is_this);
                    let rows = sessions.into_iter().map(session_row).collect_view();
                    view! {
                        <div class="sheet">
                            <table class="cards">
                                <caption class="unseen">"Where you are signed in"</caption>
                                <thead>
                                    <tr>
                                        <th scope="col">"Device"</th>
                                        <th scope="col">"Address"</th>
                                        <th scope="col">"Last used"</th>
                                        <th scope="col">"Since"</th>
                                        <th scope="col">"Ends"</th>
                                        <th scope="col"><span class="unseen">"End it"</span></th>
                                    </tr>
                                </thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                        {others
                            .then(|| {
                                view! {
                                    <form method="post" action=RevokeOtherSessions::PATH>
                                        <button class="danger">"Sign out everywhere else"</button>
                                    </form>
                                }
                            })}
                    }
                        .into_any()
                },
            )}
        </Tab>
    }
}

fn session_row(session: SessionRow) -> impl IntoView {
    let label = format!("Sign out {}", session.device);
    let end = if session.is_this {
        view! { <span class="badge good">"this one"</span> }.into_any()
    } else {
        view! {
            <form method="post" action=RevokeSession::PATH>
                <input type="hidden" name="id" value=session.id.to_string() />
                <button class="quiet" aria-label=label>"Sign out"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">{session.device}</th>
            <td data-label="Address">{session.address}</td>
            <td data-label="Last used">{when(session.last_used_at)}</td>
            <td data-label="Since">{shortly(session.created_at)}</td>
            <td data-label="Ends">{shortly(session.expires_at)}</td>
            <td class="act">{end}</td>
        </tr>
    }
}
