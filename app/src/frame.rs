//! What stands around every page behind the sign-in: the way to the other pages, the odds format, the state of the stream.

use crate::backend::ReplyPort;
use crate::pages::login::SignOut;
use crate::pages::settings::profile::SetOddsFormat;
use crate::parts::{options, shown_or, trouble};
use crate::places::PLACES;
use crate::reader::Reader;
use crate::viewer::Theme;
use crate::write;
use domain::OddsFormat;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::{A, Outlet};

/// The frame of a page. Nothing in it is asked before it is known who is looking.
#[component]
pub fn Frame() -> impl IntoView {
    shown_or(
        |backend| async move { backend.viewer().await },
        |viewer| {
            let reader = Reader::provide(viewer);
            view! {
                {top(reader)}
                <main id="main" tabindex="-1">
                    <Outlet />
                </main>
                {foot(reader)}
                <KeyList />
            }
            .into_any()
        },
        |error| {
            view! {
                <main class="door" id="main" tabindex="-1">
                    {trouble(&error)}
                </main>
            }
            .into_any()
        },
    )
}

fn top(reader: Reader) -> impl IntoView {
    let viewer = reader.viewer();
    let demo = viewer.shows_demo.then(|| {
        view! {
            <aside class="demo-strip" aria-label="Demo data">
                <strong>"Demo data."</strong>
                " Invented teams and bookmakers, moving like real ones. "
                <a href="/settings/feeds">"Connect a feed"</a>
            </aside>
        }
    });
    view! {
        <a class="skip" href="#main">"Skip to the page"</a>
        <header class="top" data-theme=theme(viewer.prefs.theme)>
            <a class="brand" href="/" aria-label="Overround, today">
                <Wordmark />
            </a>
            <nav class="places" aria-label="Pages">
                <Place href="/" name="Today" icon="M3 9.5 10 4l7 5.5V17H3z" />
                <Place href="/games" name="Games" icon="M3 5h14M3 10h14M3 15h14" />
                <Place href="/opportunities" name="Opportunities" icon="M3 15 8 9l3 3 6-8M12 4h5v5" />
                <Place href="/bets" name="Bets" icon="M4 3h12v14l-3-2-3 2-3-2-3 2zM7 7h6M7 11h6" />
                <Place href="/strategies" name="Strategies" icon="M4 4v12M10 4v12M16 4v12M2 8h4M8 12h4M14 7h4" />
                <Place href="/calculators" name="Calculators" icon="M4 3h12v14H4zM7 6.5h6M7 10.5h.01M10 10.5h.01M13 10.5h.01M7 13.5h.01M10 13.5h.01M13 13.5h.01" />
                <Place href="/health" name="Health" icon="M2 10h4l2-5 4 10 2-5h4" />
                <Place href="/settings" name="Settings" icon="M4 6h12M4 14h12M8 3.5v5M13 11.5v5" />
            </nav>
            <div class="tools">
                <span class="stream" id="stream" role="status" data-stays="">
                    <span class="dot" aria-hidden="true"></span>
                    <span>"As loaded"</span>
                </span>
                {clock(reader)}
                {odds_format_picker(reader.odds_format())}
                <form class="out" method="post" action=SignOut::PATH>
                    <button class="quiet">"Sign out"</button>
                </form>
            </div>
        </header>
        {demo}
    }
}

/// The time of the server, which the browser moves on, in the reader's zone.
fn clock(reader: Reader) -> impl IntoView {
    let now = reader.now();
    let offset_minutes = reader.zoned(|zone| (zone.local(now).0 - now.naive_utc()).num_minutes());
    view! {
        <time class="clock" id="clock" datetime=write::rfc3339(now) data-offset-minutes=offset_minutes data-shows="clock">
            {reader.zoned(|zone| zone.clock_seconds(now))}
        </time>
    }
}

fn foot(reader: Reader) -> impl IntoView {
    let viewer = reader.viewer();
    let zone = Some(viewer.prefs.time_zone)
        .filter(|zone| !zone.is_empty())
        .unwrap_or_else(|| "UTC".to_owned());
    view! {
        <footer class="foot">
            <span>"Overround " {viewer.version}</span>
            <span>"Times in " {zone}</span>
            <a href="/api/docs" rel="external">"API"</a>
        </footer>
    }
}

/// The value of `data-theme`, which the style sheet looks for in the whole page; none leaves it to the device.
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

/// Switches how prices are written, on every page at once.
fn odds_format_picker(chosen: OddsFormat) -> impl IntoView {
    let offers = OddsFormat::ALL
        .map(|format| (format.code().to_owned(), format.name().to_owned()))
        .to_vec();
    view! {
        <form class="format" method="post" action=SetOddsFormat::PATH>
            <label class="unseen" for="odds-format">"Odds format"</label>
            <select id="odds-format" name="odds_format" data-send="">
                {options(offers, chosen.code())}
            </select>
            <noscript>
                <button class="quiet">"Set"</button>
            </noscript>
        </form>
    }
}

/// What the keyboard does; the key `?` opens it.
#[component]
fn KeyList() -> impl IntoView {
    let places = PLACES
        .iter()
        .map(|(letter, _, name)| {
            view! {
                <dt>
                    <kbd>"g"</kbd>
                    " "
                    <kbd>{letter.to_string()}</kbd>
                </dt>
                <dd>{*name}</dd>
            }
        })
        .collect_view();
    view! {
        <dialog class="keys" id="keys" aria-labelledby="keys-title" data-stays="">
            <h2 id="keys-title">"Keys"</h2>
            <dl>
                <dt><kbd>"/"</kbd></dt>
                <dd>"Search games"</dd>
                {places}
                <dt><kbd>"?"</kbd></dt>
                <dd>"This list"</dd>
                <dt><kbd>"Esc"</kbd></dt>
                <dd>"Close it"</dd>
            </dl>
            <form method="dialog">
                <button class="quiet">"Close"</button>
            </form>
        </dialog>
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
        <main class="door" id="main" tabindex="-1">
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
        <main class="door" id="main" tabindex="-1">
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
