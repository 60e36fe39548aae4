//! Settings: who may come in. For the owner alone.

use super::Tab;
use super::{chosen, done, row_id};
use crate::AppError;
use crate::backend::{answer, backend};
use crate::parts::{Done, Empty, Field, FormProblem, Problem, options, shown};
use crate::reader::{shortly, when_known};
use crate::viewer::UserRole;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::UserId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What the Users tab asks; [`AppError::Forbidden`] for anybody but the owner.
#[async_trait]
pub trait UsersPort {
    /// Accounts and open invitations.
    async fn users(&self) -> Result<UsersView, AppError>;

    /// Makes an invitation; its link is on the next view, once. Field error: `email`.
    async fn invite(&self, email: String, role: UserRole) -> Result<(), AppError>;

    /// Ends an invitation.
    async fn revoke_invite(&self, id: i64) -> Result<(), AppError>;

    /// Changes what an account may do. The last owner stays one.
    async fn set_user_role(&self, id: UserId, role: UserRole) -> Result<(), AppError>;

    /// Locks an account and ends its sessions and keys, or opens it again. Nobody locks themselves.
    async fn set_user_locked(&self, id: UserId, is_locked: bool) -> Result<(), AppError>;
}

/// Accounts and open invitations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersView {
    /// Accounts, the oldest first.
    pub users: Vec<UserRow>,
    /// Invitations that nobody took yet.
    pub invites: Vec<InviteRow>,
    /// The link of an invitation just made, in full: on one view only.
    pub new_link: Option<String>,
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// Which account.
    pub id: UserId,
    /// How they sign in.
    pub email: String,
    /// What they may do.
    pub role: UserRole,
    /// True for the one that asks.
    pub is_you: bool,
    /// True when they may not come in.
    pub is_locked: bool,
    /// True when a code is asked for at sign-in.
    pub has_two_factor: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When they were last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// An open invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRow {
    /// Which invitation.
    pub id: i64,
    /// For whom.
    pub email: String,
    /// What the account may do.
    pub role: UserRole,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Makes an invitation.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = Invite, prefix = "/ui", endpoint = "invite")]
pub(crate) async fn invite(#[server(default)] email: String, #[server(default)] role: String) -> Result<(), AppError> {
    let role = answer(chosen("role", &role, UserRole::from_code))?;
    answer(backend()?.invite(email, role).await)?;
    done("/users", "invited")
}

/// Ends an invitation.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = RevokeInvite, prefix = "/ui", endpoint = "revoke_invite")]
pub(crate) async fn revoke_invite(#[server(default)] id: String) -> Result<(), AppError> {
    let id = answer(row_id(&id))?;
    answer(backend()?.revoke_invite(id).await)?;
    done("/users", "saved")
}

/// Changes what an account may do.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = SetUserRole, prefix = "/ui", endpoint = "set_user_role")]
pub(crate) async fn set_user_role(
    #[server(default)] id: String,
    #[server(default)] role: String,
) -> Result<(), AppError> {
    let id = UserId(answer(row_id(&id))?);
    let role = answer(chosen("role", &role, UserRole::from_code))?;
    answer(backend()?.set_user_role(id, role).await)?;
    done("/users", "saved")
}

/// Locks an account, or opens it again.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = SetUserLocked, prefix = "/ui", endpoint = "set_user_locked")]
pub(crate) async fn set_user_locked(
    #[server(default)] id: String,
    #[server(default)] is_locked: String,
) -> Result<(), AppError> {
    let id = UserId(answer(row_id(&id))?);
    answer(backend()?.set_user_locked(id, is_locked == "yes").await)?;
    done("/users", "saved")
}

/// Who may come in.
#[component]
pub fn UsersPage() -> impl IntoView {
    let problem = Problem::of::<Invite>();
    let revoke = Problem::of::<RevokeInvite>();
    let role = Problem::of::<SetUserRole>();
    let lock = Problem::of::<SetUserLocked>();
    view! {
        <Tab title="Users">
            <Done name="saved" text="Saved." />
            <FormProblem problem=revoke />
            <FormProblem problem=role />
            <FormProblem problem=lock />
            <div class="beside">
                {shown(|backend| async move { backend.users().await }, users_view)}
                <section class="card">
                    <h2>"Invite"</h2>
                    <form method="post" action=Invite::PATH class="stack">
                        <FormProblem problem fields=&["email"] />
                        <Field label="E-mail" name="email" kind="email" problem />
                        <div class="field">
                            <label for="invite-role">"As"</label>
                            <select id="invite-role" name="role">
                                {options(roles(), "member")}
                            </select>
                        </div>
                        <button>"Make an invitation"</button>
                    </form>
                    <p class="under">"You get a link to pass on; Overround sends no mail."</p>
                </section>
            </div>
        </Tab>
    }
}

/// Roles with what they may do.
fn roles() -> Vec<(String, String)> {
    [
        (UserRole::Owner, "Owner: everything"),
        (UserRole::Member, "Member: reads, settings of their own"),
        (UserRole::Viewer, "Viewer: reads"),
    ]
    .map(|(role, name)| (role.code().to_owned(), name.to_owned()))
    .to_vec()
}

fn users_view(view: UsersView) -> AnyView {
    let link = view.new_link.map(|link| {
        view! {
            <div class="once" role="status">
                <p>
                    <strong>"Pass this link on now."</strong>
                    " It is shown this one time."
                </p>
                <code class="secret">{link}</code>
            </div>
        }
    });
    let users = view.users.into_iter().map(user_row).collect_view();
    let invites = if view.invites.is_empty() {
        view! { <Empty title="No open invitations">"Nobody signs up alone; an invitation lets them in."</Empty> }
            .into_any()
    } else {
        let rows = view.invites.into_iter().map(invite_row).collect_view();
        view! {
            <div class="sheet">
                <table class="cards">
                    <caption>"Open invitations"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"For"</th>
                            <th scope="col">"As"</th>
                            <th scope="col">"Made"</th>
                            <th scope="col">"Ends"</th>
                            <th scope="col"><span class="unseen">"Revoke"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <div>
            {link}
            <div class="sheet">
                <table class="cards">
                    <caption>"Accounts"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"E-mail"</th>
                            <th scope="col">"May"</th>
                            <th scope="col">"Two-factor"</th>
                            <th scope="col">"Since"</th>
                            <th scope="col">"Last seen"</th>
                            <th scope="col"><span class="unseen">"Lock"</span></th>
                        </tr>
                    </thead>
                    <tbody>{users}</tbody>
                </table>
            </div>
            {invites}
        </div>
    }
    .into_any()
}

fn user_row(user: UserRow) -> impl IntoView {
    let id = user.id.to_string();
    let shown_id = id.clone();
    let role_label = format!("What {} may do", user.email);
    let may = if user.is_you {
        view! { {user.role.code()} " " <span class="badge good">"you"</span> }.into_any()
    } else {
        let offers = UserRole::ALL
            .map(|role| (role.code().to_owned(), role.code().to_owned()))
            .to_vec();
        view! {
            <form method="post" action=SetUserRole::PATH class="row">
                <input type="hidden" name="id" value=shown_id />
                <select name="role" aria-label=role_label>
                    {options(offers, user.role.code())}
                </select>
                <button class="quiet">"Set"</button>
            </form>
        }
        .into_any()
    };
    let lock = (!user.is_you).then(|| {
        let (value, word) = if user.is_locked {
            ("no", "Open")
        } else {
            ("yes", "Lock")
        };
        let label = format!("{word} {}", user.email);
        view! {
            <form method="post" action=SetUserLocked::PATH>
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="is_locked" value=value />
                <button class="quiet" aria-label=label>{word}</button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row">
                {user.email.clone()}
                {user.is_locked.then(|| view! { " " <span class="badge warn">"locked"</span> })}
            </th>
            <td data-label="May">{may}</td>
            <td data-label="Two-factor">{if user.has_two_factor { "on" } else { "off" }}</td>
            <td data-label="Since">{shortly(user.created_at)}</td>
            <td data-label="Last seen">{when_known(user.last_seen_at)}</td>
            <td class="act">{lock}</td>
        </tr>
    }
}

fn invite_row(invite: InviteRow) -> impl IntoView {
    let label = format!("Revoke the invitation of {}", invite.email);
    view! {
        <tr>
            <th scope="row">{invite.email.clone()}</th>
            <td data-label="As">{invite.role.code()}</td>
            <td data-label="Made">{shortly(invite.created_at)}</td>
            <td data-label="Ends">{shortly(invite.expires_at)}</td>
            <td class="act">
                <form method="post" action=RevokeInvite::PATH>
                    <input type="hidden" name="id" value=invite.id.to_string() />
                    <button class="quiet" aria-label=label>"Revoke"</button>
                </form>
            </td>
        </tr>
    }
}
