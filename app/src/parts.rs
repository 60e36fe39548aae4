//! Small parts that every page uses.

use crate::reader::Reader;
use crate::{AppError, write};
use domain::EventStatus;
use domain::event::Event;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::{use_location, use_query_map};

/// The title in the window and on the page, with room for controls beside it.
#[component]
pub fn Heading(
    /// The page's name.
    #[prop(into)]
    title: String,
    /// What stands beside it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <header class="heading">
            <h1>{title}</h1>
            {children.map(|children| children())}
        </header>
    }
}

/// Shows what a resource answers. When asking again fails, what was last shown stays, under a line that says so.
pub fn shown<T, F>(resource: Resource<Result<T, AppError>>, view: F) -> AnyView
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> AnyView + Send + Sync + 'static,
{
    let last = StoredValue::new(None::<T>);
    let reader = Reader::current();
    let draw = move |answer| match answer {
        Ok(value) => {
            last.set_value(Some(T::clone(&value)));
            view(value)
        }
        Err(error) => match last.get_value().filter(|_| AppError::is_retryable(&error)) {
            Some(value) => view! {
                <p class="strip warn" role="status">
                    {error.to_string()}
                </p>
                {view(value)}
            }
            .into_any(),
            None => trouble(&error),
        },
    };
    view! {
        <Transition fallback=|| {
            view! { <p class="loading">"Loading…"</p> }
        }>
            {move || match (reader.settle(), resource.get()) {
                (Some(Ok(())), Some(answer)) => Some(draw(answer)),
                (Some(Err(error)), Some(_)) => Some(trouble(&error)),
                (None, _) | (_, None) => None,
            }}
        </Transition>
    }
    .into_any()
}

/// Why a page could not be shown, and what to do.
pub fn trouble(error: &AppError) -> AnyView {
    let advice = match error {
        AppError::SetupRequired => return view! { <Redirect path="/setup" /> }.into_any(),
        AppError::SignInRequired => {
            let location = use_location();
            let here = location.pathname.get_untracked() + &location.query.get_untracked().to_query_string();
            let path = crate::address::Query::default().with("next", &here).text();
            return view! { <Redirect path=format!("/login{path}") /> }.into_any();
        }
        AppError::Forbidden => "Ask the owner of this Overround if you need it.",
        AppError::NotFound => "The address may be mistyped, or what was here has gone.",
        AppError::Invalid { .. } => "Go back and correct it.",
        AppError::Throttled { .. } => "Nothing was changed.",
        AppError::Unavailable { .. } | AppError::Unreachable => "Nothing was lost. Reload the page in a moment.",
        AppError::Failed { .. } => "The log holds the cause under the incident number. Reload the page to try again.",
    };
    view! {
        <section class="trouble" role="alert">
            <h2>{error.to_string()}</h2>
            <p>{advice}</p>
            <p>
                <a href="/">"Today"</a>
                " · "
                <a href="/health">"Health"</a>
            </p>
        </section>
    }
    .into_any()
}

/// What stands where there is nothing: what it means and what to do next.
#[component]
pub fn Empty(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// What to do next.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <div>{children()}</div>
        </div>
    }
}

/// The error of a form's last attempt.
pub type Problem = Signal<Option<AppError>>;

/// The error of a form's last attempt, sent by a script or carried back by a redirect.
pub fn problem_of<S>(action: ServerAction<S>) -> Problem
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|value| value.as_ref().and_then(|result| result.as_ref().err().cloned())))
}

/// What is wrong with a form as a whole, or with a field that is not among those that show it beside themselves.
#[component]
pub fn FormProblem(
    /// The error.
    problem: Problem,
    /// The fields that show their own.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    move || {
        problem.get().map(|error| {
            let is_beside = fields.iter().any(|field| error.about(field).is_some());
            let text = if is_beside {
                "Nothing was changed: see below.".to_owned()
            } else {
                error.to_string()
            };
            view! {
                <p class="problem" role="alert">
                    {text}
                </p>
            }
        })
    }
}

/// A labelled field with its hint and its complaint.
#[component]
pub fn Field(
    /// What is asked.
    label: &'static str,
    /// The name in the form.
    name: &'static str,
    /// The kind of input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What is in it at first.
    #[prop(optional, into)]
    value: String,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What to know before typing.
    #[prop(optional)]
    hint: &'static str,
    /// The id of a list of suggestions.
    #[prop(optional)]
    list: Option<&'static str>,
    /// The kind of keyboard a phone shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// Whether it may be left empty.
    #[prop(optional)]
    is_optional: bool,
    /// The form's error.
    problem: Problem,
) -> impl IntoView {
    let complaint = move || problem.with(|error| error.as_ref().and_then(|error| error.about(name).map(str::to_owned)));
    let id = format!("field-{name}");
    let note = format!("note-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                list=list
                inputmode=inputmode
                required=!is_optional
                maxlength="1024"
                aria-describedby=note.clone()
                aria-invalid=move || complaint().map(|_| "true")
            />
            <p class="note" id=note class:wrong=move || complaint().is_some()>
                {move || complaint().unwrap_or_else(|| hint.to_owned())}
            </p>
        </div>
    }
}

/// Says that a form was saved, after the redirect that followed: `?done=` names the form.
#[component]
pub fn Done(
    /// The form's name.
    name: &'static str,
    /// What was done.
    text: &'static str,
) -> impl IntoView {
    let query = use_query_map();
    move || {
        let is_done = query.with(|query| query.get_str("done") == Some(name) && query.get_str("__err").is_none());
        is_done.then(|| {
            view! {
                <p class="done" role="status">
                    {text}
                </p>
            }
        })
    }
}

/// Links to the pages of a list.
#[component]
pub fn Pages(
    /// The page shown, from 1.
    page: u32,
    /// How many there are.
    pages: u32,
    /// The address of a page.
    address: Box<dyn Fn(u32) -> String>,
) -> impl IntoView {
    (pages > 1).then(|| {
        let previous = (page > 1).then(|| view! { <a href=address(page - 1) rel="prev">"← Previous"</a> });
        let next = (page < pages).then(|| view! { <a href=address(page + 1) rel="next">"Next →"</a> });
        view! {
            <nav class="pages" aria-label="Pages of the list">
                {previous}
                <span>{format!("Page {page} of {pages}")}</span>
                {next}
            </nav>
        }
    })
}

/// The mark of made-up data.
pub fn demo_badge(is_demo: bool) -> Option<impl IntoView + use<>> {
    is_demo.then(|| view! { <span class="badge demo" title="Made up by the demo feed">"demo"</span> })
}

/// Where an event is in its life, with the score where there is one.
pub fn status_badge(event: &Event) -> impl IntoView + use<> {
    let (class, name) = match event.status {
        EventStatus::Scheduled => ("badge", "scheduled"),
        EventStatus::Live => ("badge live", "live"),
        EventStatus::Final => ("badge", "final"),
        EventStatus::Postponed => ("badge warn", "postponed"),
        EventStatus::Cancelled => ("badge warn", "cancelled"),
    };
    let score = event.score.map(|score| format!(" {}–{}", score.home, score.away));
    view! {
        <span class=class>{name}</span>
        <span class="score">{score}</span>
    }
}

/// Who plays: home first, as on the board.
pub fn sides(event: &Event) -> String {
    match (
        event.participant(domain::Role::Home),
        event.participant(domain::Role::Away),
    ) {
        (Some(home), Some(away)) => format!("{} – {}", home.name, away.name),
        _ => event.name(),
    }
}

/// An outcome as a person reads it: the team's name, or the word, with the line where there is one.
pub fn outcome_name(event: &Event, market: &domain::MarketKey, outcome: &domain::Outcome) -> String {
    use domain::{MarketKind, Outcome, Role};
    let team = |role, word: &str| {
        event
            .participant(role)
            .map_or_else(|| word.to_owned(), |team| team.name.clone())
    };
    let name = match outcome {
        Outcome::Home => team(Role::Home, "Home"),
        Outcome::Away => team(Role::Away, "Away"),
        Outcome::Draw => "Draw".to_owned(),
        Outcome::Over => "Over".to_owned(),
        Outcome::Under => "Under".to_owned(),
        Outcome::Yes => "Yes".to_owned(),
        Outcome::No => "No".to_owned(),
        Outcome::HomeOrDraw => format!("{} or draw", team(Role::Home, "Home")),
        Outcome::HomeOrAway => "No draw".to_owned(),
        Outcome::DrawOrAway => format!("{} or draw", team(Role::Away, "Away")),
        Outcome::Named(name) => name.clone(),
    };
    match market.line_of(outcome) {
        Some(line) if market.kind == MarketKind::Spread => format!("{name} {}", signed(line)),
        Some(line) => format!("{name} {line}"),
        None => name,
    }
}

/// A handicap with a typographic minus.
pub fn signed(line: domain::Line) -> String {
    line.signed().replace('-', "\u{2212}")
}

/// A market as a person reads it.
pub fn market_name(market: &domain::MarketKey) -> String {
    market.to_string().replace(" -", " \u{2212}")
}

/// The mark beside a price that just moved: up or down, and from what. Empty when it has not moved lately.
pub fn moved_from(
    price: domain::Price,
    previous: Option<domain::Price>,
    at: chrono::DateTime<chrono::Utc>,
) -> impl IntoView {
    let reader = Reader::current();
    let previous = previous.filter(|previous| *previous != price);
    move || {
        previous.filter(|_| reader.is_fresh(at)).map(|previous| {
            let (class, arrow) = if price > previous {
                ("move up", "▲")
            } else {
                ("move down", "▼")
            };
            view! {
                <span class=class>
                    <span aria-hidden="true">{arrow}</span>
                    " from "
                    {reader.price(previous)}
                </span>
            }
        })
    }
}

/// A sentence on how something does, with a mark that is more than a colour.
pub fn finding(level: crate::pages::health::Level, text: String) -> impl IntoView {
    let (class, mark, word) = level_mark(level);
    view! {
        <li class=class>
            <span class="mark" aria-hidden="true">{mark}</span>
            <span class="unseen">{word}": "</span>
            {text}
        </li>
    }
}

/// The class, the mark and the word of a level.
pub const fn level_mark(level: crate::pages::health::Level) -> (&'static str, &'static str, &'static str) {
    use crate::pages::health::Level;
    match level {
        Level::Good => ("level good", "●", "good"),
        Level::Warn => ("level warn", "▲", "warning"),
        Level::Bad => ("level bad", "■", "bad"),
    }
}

/// A number with its name, as a tile shows it.
pub fn fact(name: &'static str, value: impl IntoView + 'static) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{name}</dt>
            <dd>{value.into_any()}</dd>
        </div>
    }
}

/// A count in a tile.
pub fn count_of(number: u32) -> String {
    write::count(i64::from(number))
}

/// What a form's select offers: code, name, and which one is chosen.
pub fn options(offers: Vec<(String, String)>, chosen: &str) -> AnyView {
    offers
        .into_iter()
        .map(|(code, name)| {
            let is_chosen = code == chosen;
            view! { <option value=code selected=is_chosen>{name}</option> }
        })
        .collect_view()
        .into_any()
}

/// Sends the form around a changed control at once. Without scripts its button does.
pub fn send_form(event: &leptos::ev::Event) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let element = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let form = element.and_then(|element| element.closest("form").ok().flatten());
        if let Some(form) = form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok()) {
            _ = form.request_submit();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = event;
}
