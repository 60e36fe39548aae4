//! Small parts that every page uses.

use crate::backend::{Backend, answer, backend};
use crate::reader::{MARK_FOR, Reader};
use crate::{AppError, write};
use domain::EventStatus;
use domain::event::Event;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};
use std::sync::Arc;

/// The title in the window and on the page, with room for controls beside it.
#[component]
pub fn Heading(
    /// The page's name.
    #[prop(into)]
    title: String,
    /// What news the browser asks for the page again: `boards`, `board:12`, `opportunities`, `bets`, `health`; several with spaces.
    #[prop(optional, into)]
    follows: String,
    /// What stands beside it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <header class="heading" data-follows=follows>
            <h1>{title}</h1>
            {children.map(|children| children())}
        </header>
    }
}

/// Asks the backend, and shows the answer or why there is none.
pub fn shown<T, F>(ask: impl FnOnce(Arc<dyn Backend>) -> F, view: impl FnOnce(T) -> AnyView + Send + 'static) -> AnyView
where
    T: Send + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    shown_or(ask, view, |error| trouble(&error))
}

/// As [`shown`], for a page whose title is a part of the answer: without one it is called `title`.
pub fn shown_titled<T, F>(
    title: &'static str,
    ask: impl FnOnce(Arc<dyn Backend>) -> F,
    view: impl FnOnce(T) -> AnyView + Send + 'static,
) -> AnyView
where
    T: Send + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    shown_or(ask, view, move |error| {
        view! {
            <Heading title />
            {trouble(&error)}
        }
        .into_any()
    })
}

/// As [`shown`], with another way to say why there is no answer.
pub fn shown_or<T, F>(
    ask: impl FnOnce(Arc<dyn Backend>) -> F,
    view: impl FnOnce(T) -> AnyView + Send + 'static,
    otherwise: impl FnOnce(AppError) -> AnyView + Send + 'static,
) -> AnyView
where
    T: Send + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let asked = backend().map(ask);
    Suspend::new(async move {
        let answered = match asked {
            Ok(asked) => answer(asked.await),
            Err(error) => Err(error),
        };
        answered.map_or_else(otherwise, view)
    })
    .into_any()
}

/// Sends the browser to another page of this site instead of showing this one.
pub fn redirect(path: &str) -> AnyView {
    if let Ok(backend) = backend() {
        backend.redirect(path);
    }
    ().into_any()
}

/// Why a page could not be shown, and what to do.
pub fn trouble(error: &AppError) -> AnyView {
    let advice = match error {
        AppError::SetupRequired => return redirect("/setup"),
        AppError::SignInRequired => {
            let location = use_location();
            let here = location.pathname.get_untracked() + &location.query.get_untracked().to_query_string();
            let path = crate::address::Query::default().with("next", &here).text();
            return redirect(&format!("/login{path}"));
        }
        AppError::Forbidden => "Ask the owner of this Overround if you need it.",
        AppError::NotFound => "The address may be mistyped, or what was here has gone.",
        AppError::Invalid { .. } => "Go back and correct it.",
        AppError::Throttled { .. } => "Nothing was changed.",
        AppError::Unavailable { .. } => "Nothing was lost. Reload the page in a moment.",
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

/// A number in the page's path, such as the event's in `/games/12`.
pub fn number(name: &str) -> Option<i64> {
    use_params_map().with_untracked(|params| params.get_str(name).and_then(|number| number.parse().ok()))
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

/// What became of the last attempt to send a form, told to the page that the browser was sent back to.
#[derive(Clone, Copy)]
pub struct Problem(StoredValue<Option<AppError>>);

impl Problem {
    /// Why the form that goes to a server function was refused just now; the address of the page carries it.
    pub fn of<S: ServerFn<Error = AppError>>() -> Self {
        let error = use_context::<ServerActionError>()
            .filter(|error| error.path() == S::PATH)
            .map(|error| ServerFnUrlError::<AppError>::decode_err(error.err()));
        Self(StoredValue::new(error))
    }

    /// What is wrong with a field.
    pub fn about(self, field: &str) -> Option<String> {
        self.0
            .with_value(|error| error.as_ref().and_then(|error| error.about(field).map(str::to_owned)))
    }

    /// The value of a field's `aria-invalid`.
    pub fn is_about(self, field: &str) -> Option<&'static str> {
        self.about(field).map(|_| "true")
    }
}

/// What is wrong with a form as a whole, or with a field that is not among those that show it beside themselves.
#[component]
pub fn FormProblem(
    /// What became of the form.
    problem: Problem,
    /// The fields that show their own.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    let text = if fields.iter().any(|field| problem.about(field).is_some()) {
        Some("Nothing was changed: see below.".to_owned())
    } else {
        problem.0.with_value(|error| error.as_ref().map(AppError::to_string))
    };
    text.map(|text| {
        view! {
            <p class="problem" role="alert">
                {text}
            </p>
        }
    })
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
    let complaint = problem.about(name);
    let is_wrong = complaint.is_some();
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
                aria-invalid=problem.is_about(name)
            />
            <p class="note" id=note class:wrong=is_wrong>
                {complaint.unwrap_or_else(|| hint.to_owned())}
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
    let query = use_query_map().get_untracked();
    let is_done = query.get_str("done") == Some(name) && query.get_str("__err").is_none();
    is_done.then(|| {
        view! {
            <p class="done" role="status">
                {text}
            </p>
        }
    })
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

/// The mark beside a price that just moved: up or down, and from what. Empty when it has not moved lately; the browser takes
/// it away when its time is over.
pub fn moved_from(
    price: domain::Price,
    previous: Option<domain::Price>,
    at: chrono::DateTime<chrono::Utc>,
) -> impl IntoView {
    let reader = Reader::current();
    previous
        .filter(|previous| *previous != price && reader.now() - at < MARK_FOR)
        .map(|previous| {
            let (class, arrow) = if price > previous {
                ("move up", "▲")
            } else {
                ("move down", "▼")
            };
            view! {
                <span class=class data-until=write::rfc3339(at + MARK_FOR)>
                    <span aria-hidden="true">{arrow}</span>
                    " from "
                    {reader.price(previous)}
                </span>
            }
        })
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
