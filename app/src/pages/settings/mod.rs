//! Settings, one tab per route.

pub mod api_keys;
pub mod bookmakers;
pub mod feeds;
pub mod profile;
pub mod sessions;
pub mod two_factor;
pub mod users;

use api_keys::ApiKeysPort;
use bookmakers::BookmakersPort;
use feeds::FeedsPort;
use profile::ProfilePort;
use sessions::SessionsPort;
use two_factor::TwoFactorPort;
use users::UsersPort;

use crate::AppError;
use crate::parts::Heading;
use crate::reader::Reader;
use leptos::prelude::*;
use leptos_router::components::A;

/// Everything that the Settings pages ask for.
pub trait SettingsPort:
    ProfilePort + TwoFactorPort + SessionsPort + ApiKeysPort + FeedsPort + BookmakersPort + UsersPort
{
}

impl<T> SettingsPort for T where
    T: ProfilePort + TwoFactorPort + SessionsPort + ApiKeysPort + FeedsPort + BookmakersPort + UsersPort
{
}

/// A page of the settings: its tabs and what is under the one that is open.
#[component]
pub fn Tab(
    /// The tab's name.
    title: &'static str,
    /// What is under it.
    children: Children,
) -> impl IntoView {
    let reader = Reader::current();
    let users = reader
        .is_owner()
        .then(|| view! { <A href="/settings/users">"Users"</A> });
    view! {
        <Heading title="Settings" />
        <leptos_meta::Title text=format!("{title} · Settings") />
        <nav class="tabs" aria-label="Settings">
            <A href="/settings" exact=true>"Profile"</A>
            <A href="/settings/bookmakers">"Bookmakers"</A>
            <A href="/settings/feeds">"Feeds"</A>
            <A href="/settings/two-factor">"Two-factor"</A>
            <A href="/settings/sessions">"Sessions"</A>
            <A href="/settings/api-keys">"API keys"</A>
            {users}
        </nav>
        {children()}
    }
}

/// Sends the browser back to a tab, which then says that the form was saved.
fn done(tab: &str, form: &str) -> Result<(), AppError> {
    crate::backend::backend()?.redirect(&format!("/settings{tab}?done={form}"));
    Ok(())
}

/// One of a few choices, by its code.
pub(crate) fn chosen<T>(field: &str, code: &str, from_code: impl Fn(&str) -> Option<T>) -> Result<T, AppError> {
    from_code(code).ok_or_else(|| AppError::field(field, "Choose one of those offered."))
}

/// A whole number within bounds.
fn whole(field: &str, text: &str, bounds: std::ops::RangeInclusive<u32>) -> Result<u32, AppError> {
    let number = text.trim().parse::<u32>().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| {
        AppError::field(
            field,
            format!("A whole number from {} to {}, please.", bounds.start(), bounds.end()),
        )
    })
}

/// A row's number in a hidden field.
pub(crate) fn row_id(text: &str) -> Result<i64, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}
