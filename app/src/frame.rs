//! What stands around every page behind the sign-in: the way to the other pages, the odds format, the state of the stream.

use crate::backend::ReplyPort;
use crate::keyboard::Keyboard;
use crate::live::{Live, LiveState};
use crate::pages::login::SignOut;
use crate::pages::settings::profile::SetOddsFormat;
use crate::parts::{options, send_form};
use crate::reader::Reader;
use crate::viewer::Theme;
use crate::write;
use domain::OddsFormat;
use leptos::prelude::*;
use leptos_meta::{Html, Title};
use leptos_router::components::{A, Outlet};

/// The frame of a page.
#[component]
pub fn Frame() -> impl IntoView {
    let reader = Reader::provide();
    let live = Live::provide(reader);
    view! {
        <Transition>{move || reader.settle().and_then(Result::ok).map(|()| top(reader, live))}</Transition>
        <main id="main">
            <Outlet />
        </main>
        <Transition>{move || reader.settle().and_then(Result::ok).map(|()| foot(reader))}</Transition>
        <Keyboard />
    }
}

fn top(reader: Reader, live: Live) -> impl IntoView {
    view! {
        <Html {..} data-theme=move || theme(reader.viewer().prefs.theme) />
        <a class="skip" href="#main">"Skip to the page"</a>
        <header class="top">
            <a class="brand" href="/" aria-label="Overround, today">
                <Wordmark />
            </a>
            <nav class="places" aria-label="Pages">
                <Place href="/" name="Today" icon="M3 9.5 10 4l7 5.5V17H3z" />
                <Place href="/games" name="Games" icon="M3 5h14M3 10h14M3 15h14" />
                <Place href="/opportunities" name="Opportunities" icon="M3 15 8 9l3 3 6-8M12 4h5v5" />
                <Place href="/health" name="Health" icon="M2 10h4l2-5 4 10 2-5h4" />
                <Place href="/settings" name="Settings" icon="M4 6h12M4 14h12M8 3.5v5M13 11.5v5" />
            </nav>
            <div class="tools">
                <StreamState live />
                <OddsFormatPicker reader />
                <SignOutForm />
            </div>
        </header>
        {move || {
            reader
                .viewer()
                .shows_demo
                .then(|| {
                    view! {
                        <aside class="demo-strip" aria-label="Demo data">
                            <strong>"Demo data."</strong>
                            " Invented teams and bookmakers, moving like real ones. "
                            <a href="/settings/feeds">"Connect a feed"</a>
                        </aside>
                    }
                })
        }}
    }
}

fn foot(reader: Reader) -> impl IntoView {
    let zone = move || Some(reader.viewer().prefs.time_zone).filter(|zone| !zone.is_empty());
    view! {
        <footer class="foot">
            <span>"Overround " {move || reader.viewer().version}</span>
            <span>"Times in " {move || zone().unwrap_or_else(|| "UTC".to_owned())}</span>
            <a href="/api/docs" rel="external">"API"</a>
        </footer>
    }
}

/// The value of `data-theme`; none leaves it to the device.
const fn theme(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::System => None,
        chosen => Some(chosen.code()),
    }
}

/// The name as it is drawn: a ring that does not quite close, which is what a bookmaker's margin is.
#[component]
pub fn Wordmark() -> impl IntoView {
    view! {
        <svg class="mark-ring" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
            <path d="M16.2 4.4A9 9 0 1 0 21 12" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" />
            <path class="mark-over" d="M16.2 4.4A9 9 0 0 1 21 12" fill="none" stroke-width="2.6" stroke-linecap="round" />
            <circle class="mark-over-dot" cx="12" cy="12" r="2.6" />
        </svg>
        <span>"Overround"</span>
    }
}

#[component]
fn Place(href: &'static str, name: &'static str, icon: &'static str) -> impl IntoView {
    view! {
        <A href=href exact=href == "/">
            <svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
                <path
                    d=icon
                    fill="none"
                    stroke="currentColor"
                    stroke-width="1.6"
                    stroke-linecap="round"
                    stroke-linejoin="round"
                />
            </svg>
            <span>{name}</span>
        </A>
    }
}

#[component]
fn StreamState(live: Live) -> impl IntoView {
    let text = move || match live.state() {
        LiveState::Still => ("stream", "As loaded"),
        LiveState::Live => ("stream on", "Live"),
        LiveState::Away => ("stream off", "Reconnecting"),
    };
    let reader = Reader::current();
    view! {
        <span class=move || text().0 role="status">
            <span class="dot" aria-hidden="true"></span>
            {move || text().1}
        </span>
        <time class="clock" datetime=move || write::rfc3339(reader.now())>
            {move || reader.zoned(|zone| zone.clock_seconds(reader.now()))}
        </time>
    }
}

/// Switches how prices are written, on every page at once.
#[component]
fn OddsFormatPicker(reader: Reader) -> impl IntoView {
    let action = ServerAction::<SetOddsFormat>::new();
    Effect::new(move |_| {
        if action.version().get() > 0 {
            reader.refresh();
        }
    });
    let offers = OddsFormat::ALL
        .map(|format| (format.code().to_owned(), format.name().to_owned()))
        .to_vec();
    let chosen = reader.viewer_untracked().prefs.odds_format;
    view! {
        <ActionForm action attr:class="format">
            <label class="unseen" for="odds-format">"Odds format"</label>
            <select id="odds-format" name="odds_format" on:change=move |event| send_form(&event)>
                {options(offers, chosen.code())}
            </select>
            <noscript>
                <button class="quiet">"Set"</button>
            </noscript>
        </ActionForm>
    }
}

#[component]
fn SignOutForm() -> impl IntoView {
    let action = ServerAction::<SignOut>::new();
    view! {
        <ActionForm action attr:class="out">
            <button class="quiet">"Sign out"</button>
        </ActionForm>
    }
}

/// The frame of a page for people who are not signed in.
#[component]
pub fn Doorway(
    /// The page's name.
    title: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title />
        <main class="door" id="main">
            <p class="brand">
                <Wordmark />
            </p>
            <section class="card">
                <h1>{title}</h1>
                {children()}
            </section>
        </main>
    }
}

/// The page for an address that leads nowhere.
#[component]
pub fn NoSuchPage() -> impl IntoView {
    if let Some(backend) = use_context::<std::sync::Arc<dyn crate::Backend>>() {
        ReplyPort::set_status(&*backend, 404);
    }
    view! {
        <Title text="Nothing here" />
        <main class="door" id="main">
            <p class="brand">
                <Wordmark />
            </p>
            <section class="card">
                <h1>"Nothing here"</h1>
                <p>"The address may be mistyped, or what was here has gone."</p>
                <p>
                    <a href="/">"Today"</a>
                    " · "
                    <a href="/games">"Games"</a>
                    " · "
                    <a href="/opportunities">"Opportunities"</a>
                </p>
            </section>
        </main>
    }
}
