//! Strategies: what is looked for, switched and tuned by whoever owns them.

use crate::AppError;
use crate::address::Query;
use crate::backend::{answer, backend};
use crate::pages::settings::{chosen, row_id};
use crate::parts::{Done, Empty, FormProblem, Heading, Problem, fact, number, options, shown, shown_titled};
use crate::reader::{exactly, when, when_known};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::opportunity::OpportunityKind;
use domain::{EventId, Stage, StrategyId};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use std::collections::BTreeMap;

/// What the Strategies pages ask.
#[async_trait]
pub trait StrategiesPort {
    /// The reader's strategies.
    async fn strategies(&self) -> Result<StrategiesView, AppError>;

    /// One of them with everything about it.
    async fn strategy(&self, id: StrategyId) -> Result<StrategyView, AppError>;

    /// What can be tuned about a new one of a kind.
    async fn strategy_kind(&self, kind: OpportunityKind) -> Result<KindView, AppError>;

    /// Makes one, or changes one. Field errors: `name`, `stage`, `params[NAME]`.
    async fn save_strategy(&self, form: StrategyForm) -> Result<StrategyId, AppError>;

    /// Switches one on or off.
    async fn switch_strategy(&self, id: StrategyId, is_enabled: bool) -> Result<(), AppError>;

    /// Removes one, or brings a removed one back.
    async fn remove_strategy(&self, id: StrategyId, is_removed: bool) -> Result<(), AppError>;

    /// The reader's strategies as YAML.
    async fn strategies_yaml(&self) -> Result<String, AppError>;

    /// Takes strategies in from YAML and answers how many. Field error: `yaml`.
    async fn import_strategies(&self, yaml: String) -> Result<u32, AppError>;
}

/// The reader's strategies.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategiesView {
    /// In the order they were made.
    pub rows: Vec<StrategyRow>,
    /// Removed ones, the last removed first: number, kind, name.
    pub removed: Vec<(StrategyId, OpportunityKind, String)>,
}

/// A strategy in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyRow {
    /// Which.
    pub id: StrategyId,
    /// What it looks for.
    pub kind: OpportunityKind,
    /// What its owner calls it.
    pub name: String,
    /// Whether it looks at all.
    pub is_enabled: bool,
    /// How far it is trusted.
    pub stage: Stage,
    /// Its version, from 1.
    pub version: u32,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// What came of it so far.
    pub results: Results,
    /// The parameters that are not as usual: label and value.
    pub tuned: Vec<(String, String)>,
}

/// What came of a strategy so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Results {
    /// Opportunities that stand.
    pub open: u32,
    /// Opportunities that have gone.
    pub closed: u32,
    /// The highest profit of any.
    pub best_profit: Option<f64>,
    /// The mean of the highest profits of all of them.
    pub mean_profit: Option<f64>,
    /// When one was last found.
    pub last_found_at: Option<DateTime<Utc>>,
    /// Candidates that a filter kept out.
    pub skipped: u32,
}

/// A kind of strategy and what can be tuned about it.
#[derive(Clone, Debug, PartialEq)]
pub struct KindView {
    /// Which.
    pub kind: OpportunityKind,
    /// What it does.
    pub about: String,
    /// How its profit is reckoned.
    pub method: String,
    /// What can be tuned, with values to begin with.
    pub params: Vec<ParamField>,
}

/// A parameter as a form shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamField {
    /// Its name in the form.
    pub name: String,
    /// As shown.
    pub label: String,
    /// What it does.
    pub help: String,
    /// What it can be, in words.
    pub range: String,
    /// `%`, `s`; empty for none.
    pub unit: String,
    /// Codes and names to choose from; empty where anything can be typed.
    pub offers: Vec<(String, String)>,
    /// True for a number.
    pub is_number: bool,
    /// What is in it.
    pub value: String,
}

/// One strategy with everything about it.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyView {
    /// The strategy.
    pub row: StrategyRow,
    /// What can be tuned, with its values.
    pub kind: KindView,
    /// Every version, the newest first.
    pub versions: Vec<VersionView>,
    /// The latest candidates that a filter kept out.
    pub skipped: Vec<SkippedRow>,
}

/// A version of a strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionView {
    /// Which, from 1.
    pub version: u32,
    /// What it was called.
    pub name: String,
    /// From when on.
    pub created_at: DateTime<Utc>,
    /// What differs from the version before: label, value before, value then. Of the first, what is not as usual.
    pub changes: Vec<(String, String, String)>,
}

/// A candidate that a filter kept out.
#[derive(Clone, Debug, PartialEq)]
pub struct SkippedRow {
    /// On which event.
    pub event_id: EventId,
    /// Its name, as shown.
    pub event: String,
    /// The markets and outcomes it would have bet on.
    pub candidate: String,
    /// The label of the parameter that kept it out.
    pub filter: String,
    /// The profit it would have had.
    pub profit: f64,
    /// Why, in words.
    pub detail: String,
    /// The version that decided.
    pub version: u32,
    /// When.
    pub at: DateTime<Utc>,
}

/// A strategy to make or change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategyForm {
    /// Which one; none makes one.
    pub id: Option<StrategyId>,
    /// What it looks for.
    pub kind: OpportunityKind,
    /// What it is called.
    pub name: String,
    /// How far it is trusted.
    pub stage: Stage,
    /// Parameters by name, as typed.
    pub params: BTreeMap<String, String>,
}

fn back_to(id: StrategyId, done: &str) -> Result<(), AppError> {
    backend()?.redirect(&format!(
        "/strategies/{id}{}",
        Query::default().with("done", done).text()
    ));
    Ok(())
}

/// Makes or changes a strategy.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SaveStrategy, prefix = "/ui", endpoint = "save_strategy")]
pub(crate) async fn save_strategy(
    #[server(default)] id: String,
    #[server(default)] kind: String,
    #[server(default)] name: String,
    #[server(default)] stage: String,
    #[server(default)] params: BTreeMap<String, String>,
) -> Result<(), AppError> {
    let form = StrategyForm {
        id: answer(
            Some(id)
                .filter(|id| !id.is_empty())
                .map(|id| row_id(&id).map(StrategyId))
                .transpose(),
        )?,
        kind: answer(chosen("kind", &kind, OpportunityKind::from_code))?,
        stage: answer(chosen("stage", &stage, Stage::from_code))?,
        name,
        params,
    };
    let id = answer(backend()?.save_strategy(form).await)?;
    back_to(id, "saved")
}

/// Switches a strategy on or off.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = SwitchStrategy, prefix = "/ui", endpoint = "switch_strategy")]
pub(crate) async fn switch_strategy(
    #[server(default)] id: String,
    #[server(default)] is_enabled: String,
) -> Result<(), AppError> {
    let id = StrategyId(answer(row_id(&id))?);
    let is_enabled = answer(chosen("is_enabled", &is_enabled, |code| match code {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }))?;
    answer(backend()?.switch_strategy(id, is_enabled).await)?;
    let backend = backend()?;
    backend.redirect("/strategies?done=switched");
    Ok(())
}

/// Removes a strategy, or brings a removed one back.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = RemoveStrategy, prefix = "/ui", endpoint = "remove_strategy")]
pub(crate) async fn remove_strategy(
    #[server(default)] id: String,
    #[server(default)] undo: String,
) -> Result<(), AppError> {
    let id = StrategyId(answer(row_id(&id))?);
    let is_undo = undo == "yes";
    answer(backend()?.remove_strategy(id, !is_undo).await)?;
    let query = Query::default().with("done", if is_undo { "restored" } else { "removed" });
    let query = if is_undo {
        query
    } else {
        query.with("removed", &id.to_string())
    };
    backend()?.redirect(&format!("/strategies{}", query.text()));
    Ok(())
}

/// Takes strategies in from YAML.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = ImportStrategies, prefix = "/ui", endpoint = "import_strategies")]
pub(crate) async fn import_strategies(#[server(default)] yaml: String) -> Result<(), AppError> {
    answer(backend()?.import_strategies(yaml).await)?;
    backend()?.redirect("/strategies?done=imported");
    Ok(())
}

/// The reader's strategies.
#[component]
pub fn StrategiesPage() -> impl IntoView {
    let problem = Problem::of::<ImportStrategies>();
    view! {
        <Heading title="Strategies" follows="opportunities">
            <a class="button" href="/strategies/new">"New strategy"</a>
            <a class="button quiet" href="/strategies/yaml">"YAML"</a>
        </Heading>
        <Done name="switched" text="Switched. It counts from the next look at the boards on." />
        <Done name="restored" text="Brought back." />
        <Done name="imported" text="Taken in." />
        {removed()}
        <FormProblem problem />
        {shown(|backend| async move { backend.strategies().await }, list)}
    }
}

/// What was removed just now, with the way back.
fn removed() -> Option<impl IntoView> {
    let query = use_query_map().get_untracked();
    let id = query.get_str("removed").and_then(|id| id.parse::<i64>().ok())?;
    (query.get_str("done") == Some("removed")).then(|| {
        view! {
            <form method="post" action=RemoveStrategy::PATH class="done">
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="undo" value="yes" />
                <span role="status">"Removed; what it found stays. "</span>
                <button class="quiet">"Undo"</button>
            </form>
        }
    })
}

fn list(view: StrategiesView) -> AnyView {
    let removed = removed_list(&view.removed);
    if view.rows.is_empty() {
        return view! {
            <Empty title="No strategies">
                "Nothing is looked for. " <a href="/strategies/new">"Make one"</a>
            </Empty>
            {removed}
        }
        .into_any();
    }
    let rows = view.rows.iter().map(strategy_row).collect_view();
    view! {
        <div class="sheet">
            <table class="cards">
                <caption class="unseen">"Your strategies"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Strategy"</th>
                        <th scope="col">"Stage"</th>
                        <th scope="col">"Tuned"</th>
                        <th scope="col" class="number">"Open"</th>
                        <th scope="col" class="number">"Closed"</th>
                        <th scope="col" class="number">"Mean of their best"</th>
                        <th scope="col" class="number">"Skipped"</th>
                        <th scope="col">"Last found"</th>
                        <th scope="col"><span class="unseen">"Switch"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {removed}
    }
    .into_any()
}

fn removed_list(removed: &[(StrategyId, OpportunityKind, String)]) -> Option<impl IntoView + use<>> {
    (!removed.is_empty()).then(|| {
        let rows = removed
            .iter()
            .map(|(id, kind, name)| {
                view! {
                    <li>
                        <form method="post" action=RemoveStrategy::PATH>
                            <input type="hidden" name="id" value=id.to_string() />
                            <input type="hidden" name="undo" value="yes" />
                            {name.clone()}
                            ", "
                            {kind.name()}
                            " "
                            <button class="quiet" aria-label=format!("Bring back {name}")>"Bring back"</button>
                        </form>
                    </li>
                }
            })
            .collect_view();
        view! {
            <details class="removed">
                <summary>"Removed"</summary>
                <ul class="plain">{rows}</ul>
            </details>
        }
    })
}

fn strategy_row(row: &StrategyRow) -> impl IntoView + use<> {
    let tuned: Vec<String> = row
        .tuned
        .iter()
        .map(|(label, value)| format!("{label}: {value}"))
        .collect();
    let tuned = if tuned.is_empty() {
        "as usual".to_owned()
    } else {
        tuned.join("; ")
    };
    let results = row.results;
    let open = Query::default()
        .with("kind", row.kind.code())
        .with("strategy", &row.id.to_string())
        .text();
    let (state, class) = if row.is_enabled {
        ("on", "badge good")
    } else {
        ("off", "badge")
    };
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/strategies/{}", row.id)>{row.name.clone()}</a>
                <small class="under">{row.kind.name()} ", version " {row.version.to_string()}</small>
            </th>
            <td data-label="Stage">{row.stage.name()} " " <span class=class>{state}</span></td>
            <td data-label="Tuned" class="wide">
                <small>{tuned}</small>
            </td>
            <td class="number" data-label="Open">
                <a href=format!("/opportunities{open}")>{write::count(i64::from(results.open))}</a>
            </td>
            <td class="number" data-label="Closed">{write::count(i64::from(results.closed))}</td>
            <td class="number" data-label="Mean of their best">{signed(results.mean_profit)}</td>
            <td class="number" data-label="Skipped">{write::count(i64::from(results.skipped))}</td>
            <td data-label="Last found">{when_known(results.last_found_at)}</td>
            <td class="act">{switch(row)}</td>
        </tr>
    }
}

fn switch(row: &StrategyRow) -> impl IntoView + use<> {
    let (to, word) = if row.is_enabled {
        ("no", "Switch off")
    } else {
        ("yes", "Switch on")
    };
    view! {
        <form method="post" action=SwitchStrategy::PATH>
            <input type="hidden" name="id" value=row.id.to_string() />
            <input type="hidden" name="is_enabled" value=to />
            <button class="quiet" aria-label=format!("{word}: {}", row.name)>{word}</button>
        </form>
    }
}

fn signed(profit: Option<f64>) -> String {
    profit.map_or_else(|| "–".to_owned(), |profit| write::signed_percent(profit, 2))
}

/// A new strategy: first its kind, then its parameters.
#[component]
pub fn NewStrategyPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let kind = query
        .get_str("kind")
        .and_then(OpportunityKind::from_code)
        .unwrap_or(OpportunityKind::Arbitrage);
    let kinds = OpportunityKind::ALL
        .iter()
        .map(|offered| {
            let current = (*offered == kind).then_some("page");
            view! { <a href=format!("/strategies/new?kind={}", offered.code()) aria-current=current>{offered.name()}</a> }
        })
        .collect_view();
    let problem = Problem::of::<SaveStrategy>();
    view! {
        <Heading title="New strategy">
            <a class="button quiet" href="/strategies">"All strategies"</a>
        </Heading>
        <nav class="tabs" aria-label="Kinds of strategies">{kinds}</nav>
        {shown(
            move |backend| async move { backend.strategy_kind(kind).await },
            move |view: KindView| {
                let name = view.kind.name().to_owned();
                view! {
                    <p class="lead">{view.about.clone()}</p>
                    {form(None, &view, name, Stage::Paper, problem)}
                }
                    .into_any()
            },
        )}
    }
}

/// One strategy: its form, what came of it, its versions.
#[component]
pub fn StrategyPage() -> impl IntoView {
    let id = number("id").map_or(StrategyId(0), StrategyId);
    let problem = Problem::of::<SaveStrategy>();
    shown_titled(
        "Strategy",
        move |backend| async move { backend.strategy(id).await },
        move |view: StrategyView| one(view, problem),
    )
}

fn one(view: StrategyView, problem: Problem) -> AnyView {
    let row = view.row;
    let results = row.results;
    let found = || {
        Query::default()
            .with("kind", row.kind.code())
            .with("strategy", &row.id.to_string())
    };
    let (open, closed) = (found().text(), found().with("state", "closed").text());
    let (state, class) = if row.is_enabled {
        ("on", "badge good")
    } else {
        ("off", "badge")
    };
    let switch = switch(&row);
    let remove = view! {
        <form method="post" action=RemoveStrategy::PATH>
            <input type="hidden" name="id" value=row.id.to_string() />
            <button class="quiet">"Remove"</button>
        </form>
    };
    view! {
        <Heading title=row.name.clone() follows="opportunities">
            <a class="button quiet" href="/strategies">"All strategies"</a>
            {switch}
            {remove}
        </Heading>
        <p class="under">
            {row.kind.name()} ", version " {row.version.to_string()} ", changed " {when(row.updated_at)} " "
            <span class=class>{state}</span>
        </p>
        <Done name="saved" text="Saved. It counts from the next look at the boards on." />
        <p class="lead">{view.kind.about.clone()}</p>
        <dl class="facts wide">
            {fact("Open", view! { <a href=format!("/opportunities{open}")>{write::count(i64::from(results.open))}</a> })}
            {fact("Closed", view! { <a href=format!("/opportunities{closed}")>{write::count(i64::from(results.closed))}</a> })}
            {fact("Best", signed(results.best_profit))} {fact("Mean of their best", signed(results.mean_profit))}
            {fact("Skipped by a filter", write::count(i64::from(results.skipped)))}
            {fact("Last found", when_known(results.last_found_at))}
        </dl>
        <section class="card">
            <h2>"Parameters"</h2>
            {form(Some(row.id), &view.kind, row.name.clone(), row.stage, problem)}
        </section>
        {versions(&view.versions)}
        {skipped(&view.skipped)}
    }
    .into_any()
}

/// The form that a kind's specification draws.
fn form(
    id: Option<StrategyId>,
    kind: &KindView,
    name: String,
    stage: Stage,
    problem: Problem,
) -> impl IntoView + use<> {
    let stages = Stage::ALL
        .iter()
        .map(|stage| (stage.code().to_owned(), stage.name().to_owned()))
        .collect();
    let wrong = problem.about("name");
    let is_wrong = wrong.is_some();
    let fields = kind
        .params
        .iter()
        .map(|param| param_field(param, problem))
        .collect_view();
    let id = id.map(|id| view! { <input type="hidden" name="id" value=id.to_string() /> });
    view! {
        <FormProblem problem />
        <form method="post" action=SaveStrategy::PATH class="params">
            {id}
            <input type="hidden" name="kind" value=kind.kind.code() />
            <div class="field">
                <label for="field-name">"Name"</label>
                <input id="field-name" name="name" value=name maxlength="80" required aria-describedby="note-name" aria-invalid=problem.is_about("name") />
                <p class="note" id="note-name" class:wrong=is_wrong>{wrong.unwrap_or_default()}</p>
            </div>
            <div class="field">
                <label for="field-stage">"Stage"</label>
                <select id="field-stage" name="stage">
                    {options(stages, stage.code())}
                </select>
                <p class="note">"Draft and backtest are not run on live boards."</p>
            </div>
            {fields}
            <div class="acts">
                <button>"Save"</button>
                <span class="under">"A change is a new version; what was found before keeps the old one."</span>
            </div>
        </form>
        <p class="under">{kind.method.clone()}</p>
    }
}

fn param_field(param: &ParamField, problem: Problem) -> impl IntoView + use<> {
    let name = format!("params[{}]", param.name);
    let id = format!("field-{}", param.name);
    let note = format!("note-{}", param.name);
    let wrong = problem.about(&name);
    let invalid = problem.is_about(&name);
    let label = if param.unit.is_empty() {
        param.label.clone()
    } else {
        format!("{}, {}", param.label, param.unit)
    };
    let input = if param.offers.is_empty() {
        let keys = if param.is_number { "decimal" } else { "text" };
        view! {
            <input
                id=id.clone()
                name=name
                class:number=param.is_number
                inputmode=keys
                autocomplete="off"
                maxlength="2000"
                value=param.value.clone()
                placeholder=(!param.is_number).then_some("all")
                aria-describedby=note.clone()
                aria-invalid=invalid
            />
        }
        .into_any()
    } else {
        view! {
            <select id=id.clone() name=name aria-describedby=note.clone()>
                {options(param.offers.clone(), &param.value)}
            </select>
        }
        .into_any()
    };
    let is_wrong = wrong.is_some();
    let range = if param.offers.is_empty() {
        format!(" {}.", write::capitalised(&param.range))
    } else {
        String::new()
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {input}
            <p class="note" id=note class:wrong=is_wrong>
                {wrong.unwrap_or_else(|| format!("{}{range}", param.help))}
            </p>
        </div>
    }
}

fn versions(versions: &[VersionView]) -> impl IntoView + use<> {
    let rows = versions
        .iter()
        .map(|version| {
            let changes: Vec<String> = version
                .changes
                .iter()
                .map(|(label, before, then)| {
                    if before.is_empty() {
                        format!("{label}: {then}")
                    } else {
                        format!("{label}: {before} → {then}")
                    }
                })
                .collect();
            let changes = if changes.is_empty() {
                "everything as usual".to_owned()
            } else {
                changes.join("; ")
            };
            view! {
                <tr>
                    <th scope="row">{version.version.to_string()}</th>
                    <td data-label="From">{exactly(version.created_at)}</td>
                    <td data-label="Name">{version.name.clone()}</td>
                    <td data-label="Changed" class="wide">{changes}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"Versions"</h2>
            <div class="sheet">
                <table class="cards dense">
                    <caption class="unseen">"Every version, the newest first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Version"</th>
                            <th scope="col">"From"</th>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Changed"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn skipped(skipped: &[SkippedRow]) -> Option<impl IntoView + use<>> {
    (!skipped.is_empty()).then(|| {
        let rows = skipped
            .iter()
            .map(|row| {
                view! {
                    <tr>
                        <th scope="row">
                            <a href=format!("/games/{}", row.event_id)>{row.event.clone()}</a>
                            <small class="under">{row.candidate.clone()}</small>
                        </th>
                        <td class="number" data-label="It had">{write::signed_percent(row.profit, 2)}</td>
                        <td data-label="Kept out by">
                            {row.filter.clone()}
                            <small class="under">{row.detail.clone()}</small>
                        </td>
                        <td class="number" data-label="Version">{row.version.to_string()}</td>
                        <td data-label="Decided">{when(row.at)}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <section>
                <h2>"Skipped"</h2>
                <div class="sheet">
                    <table class="cards dense">
                        <caption class="unseen">"The latest candidates that a filter kept out"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Game"</th>
                                <th scope="col" class="number">"It had"</th>
                                <th scope="col">"Kept out by"</th>
                                <th scope="col" class="number">"Version"</th>
                                <th scope="col">"Decided"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}

/// The reader's strategies as YAML, to copy out and to take in.
#[component]
pub fn StrategiesYamlPage() -> impl IntoView {
    let problem = Problem::of::<ImportStrategies>();
    view! {
        <Heading title="Strategies as YAML">
            <a class="button quiet" href="/strategies">"All strategies"</a>
        </Heading>
        {shown(
            |backend| async move { backend.strategies_yaml().await },
            move |yaml: String| {
                view! {
                    <section>
                        <h2>"Export"</h2>
                        <pre class="code" tabindex="0" aria-label="Your strategies as YAML" role="region">{yaml}</pre>
                    </section>
                    <section class="card">
                        <h2>"Import"</h2>
                        <p class="under">"Strategies are added beside those there are. All are checked before any is taken."</p>
                        <FormProblem problem />
                        <form method="post" action=ImportStrategies::PATH>
                            <div class="field">
                                <label for="field-yaml">"YAML"</label>
                                <textarea id="field-yaml" name="yaml" rows="12" maxlength="100000" spellcheck="false" required aria-describedby="note-yaml" aria-invalid=problem.is_about("yaml")></textarea>
                                <p class="note wrong" id="note-yaml">{problem.about("yaml").unwrap_or_default()}</p>
                            </div>
                            <button>"Take in"</button>
                        </form>
                    </section>
                }
                    .into_any()
            },
        )}
    }
}
