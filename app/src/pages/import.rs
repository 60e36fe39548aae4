//! Import: a file of bets is sent, what importing it would do is shown, and then it is done, watched, and undone where it was a mistake.

use crate::AppError;
use crate::backend::{answer, backend};
use crate::pages::bets::money;
use crate::pages::settings::row_id;
use crate::parts::{Done, Empty, FormProblem, Heading, Problem, fact, options, shown};
use crate::reader::{shortly, when};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::bet::BetMode;
use domain::{ImportId, Money, OddsFormat};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What the page of imports asks and does.
#[async_trait]
pub trait ImportPort {
    /// Where the reader's import is, and those before.
    async fn bet_imports(&self) -> Result<ImportView, AppError>;

    /// Changes how the file that was sent is read.
    async fn map_import(&self, form: MappingForm) -> Result<(), AppError>;

    /// Imports the file that was sent.
    async fn begin_import(&self) -> Result<(), AppError>;

    /// Breaks the import off that goes on.
    async fn cancel_import(&self) -> Result<(), AppError>;

    /// Leaves the file that was sent, or what an import came to, alone.
    async fn leave_import(&self) -> Result<(), AppError>;

    /// Undoes an import.
    async fn undo_import(&self, id: ImportId) -> Result<(), AppError>;
}

/// The reader's imports.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportView {
    /// Where the import is.
    pub stage: Stage,
    /// Those before, the latest first.
    pub before: Vec<ImportedRow>,
    /// Names of the reader's accounts.
    pub accounts: Vec<String>,
}

/// Where an import is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// No file was sent.
    Nothing,
    /// A file was sent that cannot be read.
    Unreadable {
        /// The file's name.
        name: String,
        /// Why.
        why: String,
    },
    /// A file was sent, and this is what importing it would do.
    DryRun(Box<DryRun>),
    /// It goes on.
    Running {
        /// The file's name.
        name: String,
        /// Bets that are recorded.
        done: u32,
        /// Bets to record.
        total: u32,
    },
    /// It ended.
    Ended {
        /// The file's name.
        name: String,
        /// The import and how many bets it recorded, or why nothing was kept.
        end: Result<(ImportId, i64), String>,
    },
}

/// What an import would do.
#[derive(Clone, Debug, PartialEq)]
pub struct DryRun {
    /// The file's name.
    pub name: String,
    /// Rows, or bets where one has several rows.
    pub total: i64,
    /// Bets that would be recorded.
    pub added: i64,
    /// Bets that are there already.
    pub duplicates: i64,
    /// Rows that cannot be read.
    pub refused: i64,
    /// The rows of which there is something to say, and the first others; not all.
    pub rows: Vec<DryRow>,
    /// How its letters are written, where that had to be guessed or told by its first bytes.
    pub encoding: Option<String>,
    /// How a table of another program is read; none for a file that says everything itself.
    pub mapping: Option<MappingView>,
}

/// A row with what would become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRow {
    /// Its line.
    pub line: u64,
    /// What would become of it.
    pub fate: RowFate,
    /// What was bet on.
    pub summary: Option<String>,
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// The account's name.
    pub account: String,
    /// The stake.
    pub stake: Option<Money>,
    /// How it ended, in words.
    pub ended: String,
    /// What is wrong: column, what stands there, why.
    pub problems: Vec<(String, String, String)>,
    /// What a person should know.
    pub remarks: Vec<String>,
}

/// What would become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFate {
    /// It is recorded.
    Added,
    /// It is there already.
    Duplicate,
    /// It cannot be read.
    Refused,
}

/// How a table is read.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingView {
    /// Each column: its name, the first value in it, and the code of what it is; empty for nothing.
    pub columns: Vec<(String, String, String)>,
    /// What a column can be: code and name.
    pub kinds: Vec<(String, String)>,
    /// The sign before decimals.
    pub decimal: char,
    /// The code of the order of days.
    pub dates: String,
    /// Orders of days: code and name.
    pub date_orders: Vec<(String, String)>,
    /// How prices are written.
    pub odds: OddsFormat,
    /// Paper or real.
    pub mode: BetMode,
    /// The account's name; empty for one by the bookmaker.
    pub account: String,
    /// The currency's code.
    pub currency: String,
}

/// An import that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRow {
    /// Which.
    pub id: ImportId,
    /// The file's name.
    pub name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Bets that it recorded.
    pub added: i64,
    /// Bets that were there already.
    pub duplicates: i64,
    /// Rows that could not be read.
    pub refused: i64,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
}

/// How a table is read, as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MappingForm {
    /// The code of each column; empty for one that is not read.
    pub columns: Vec<String>,
    /// `.` or `,`.
    pub decimal: String,
    /// The code of the order of days.
    pub dates: String,
    /// The code of how prices are written.
    pub odds: String,
    /// `paper` or `real`.
    pub mode: String,
    /// The account's name; empty for one by the bookmaker.
    pub account: String,
    /// The currency's code.
    pub currency: String,
}

fn back(done: &str) -> Result<(), AppError> {
    backend()?.redirect(&format!("/bets/import{done}"));
    Ok(())
}

/// Changes how the file that was sent is read.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = MapImport, prefix = "/ui", endpoint = "map_import")]
pub(crate) async fn map_import(#[server(default)] mapping: MappingForm) -> Result<(), AppError> {
    answer(backend()?.map_import(mapping).await)?;
    back("")
}

/// Imports the file that was sent.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = BeginImport, prefix = "/ui", endpoint = "begin_import")]
pub(crate) async fn begin_import() -> Result<(), AppError> {
    answer(backend()?.begin_import().await)?;
    back("")
}

/// Breaks the import off that goes on.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = CancelImport, prefix = "/ui", endpoint = "cancel_import")]
pub(crate) async fn cancel_import() -> Result<(), AppError> {
    answer(backend()?.cancel_import().await)?;
    back("")
}

/// Leaves the file that was sent alone.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = LeaveImport, prefix = "/ui", endpoint = "leave_import")]
pub(crate) async fn leave_import() -> Result<(), AppError> {
    answer(backend()?.leave_import().await)?;
    back("")
}

/// Undoes an import.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = UndoImport, prefix = "/ui", endpoint = "undo_import")]
pub(crate) async fn undo_import(#[server(default)] id: String) -> Result<(), AppError> {
    let id = ImportId(answer(row_id(&id))?);
    answer(backend()?.undo_import(id).await)?;
    back("?done=undone")
}

/// Where bets are imported from files.
#[component]
pub fn ImportPage() -> impl IntoView {
    let wrong = use_query_map().get_untracked().get_str("wrong").map(str::to_owned);
    let problems = [
        Problem::of::<MapImport>(),
        Problem::of::<BeginImport>(),
        Problem::of::<CancelImport>(),
        Problem::of::<UndoImport>(),
    ]
    .map(|problem| view! { <FormProblem problem /> });
    view! {
        <Heading title="Import bets" follows="bets">
            <a class="button quiet" href="/bets">"All bets"</a>
        </Heading>
        <Done name="undone" text="Undone. Its bets are removed, with all they did to their accounts." />
        {wrong
            .map(|text| {
                view! {
                    <p class="problem" role="alert">
                        {write::capitalised(&text)}
                    </p>
                }
            })}
        {problems}
        {shown(|backend| async move { backend.bet_imports().await }, page)}
    }
}

fn page(view: ImportView) -> AnyView {
    let accounts = view.accounts;
    let stage = match view.stage {
        Stage::Nothing => upload_form(None).into_any(),
        Stage::Unreadable { name, why } => upload_form(Some((name, why))).into_any(),
        Stage::DryRun(dry_run) => dry_run_view(*dry_run, &accounts).into_any(),
        Stage::Running { name, done, total } => running(&name, done, total).into_any(),
        Stage::Ended { name, end } => ended(&name, end).into_any(),
    };
    view! {
        {stage}
        {before(view.before)}
    }
    .into_any()
}

fn upload_form(unreadable: Option<(String, String)>) -> impl IntoView {
    let unreadable = unreadable.map(|(name, why)| {
        view! {
            <p class="problem" role="alert">
                {format!("{name}: {why}. Nothing was imported.")}
            </p>
        }
    });
    view! {
        {unreadable}
        <section class="card narrow">
            <h2>"Choose a file"</h2>
            <p class="under">
                "CSV or JSON as this program exports it, or the CSV of another tracker or a bookmaker with a line of column names. Up to 50,000 rows and 16 MB. Nothing is recorded before you have seen what would be."
            </p>
            <form method="post" action="/ui/upload_bets" enctype="multipart/form-data" class="stack">
                <div class="field">
                    <label for="import-file">"File"</label>
                    <input id="import-file" type="file" name="file" accept=".csv,.tsv,.txt,.json,text/csv,application/json" required=true />
                </div>
                <button>"See what is in it"</button>
            </form>
        </section>
    }
}

fn leave(name: &'static str) -> impl IntoView {
    view! {
        <form method="post" action=LeaveImport::PATH>
            <button class="quiet">{name}</button>
        </form>
    }
}

fn dry_run_view(run: DryRun, accounts: &[String]) -> impl IntoView + use<> {
    let count = |number: i64| write::count(number);
    let added = u32::try_from(run.added).unwrap_or(u32::MAX);
    let begin = (run.added > 0).then(|| {
        view! {
            <form method="post" action=BeginImport::PATH>
                <button>{format!("Import {}", write::counted(added, "bet", "bets"))}</button>
            </form>
        }
    });
    let mapping = run.mapping.map(|mapping| mapping_form(mapping, accounts));
    let encoding = run.encoding.map(|name| {
        view! { <p class="under">{format!("The file is not in UTF-8; it was read as {name}. Look whether letters with accents are right.")}</p> }
    });
    let shown = run.rows.len();
    let is_part = i64::try_from(shown).is_ok_and(|shown| shown < run.total);
    let rows = run.rows.into_iter().map(dry_row).collect_view();
    view! {
        <section>
            <h2>{run.name.clone()}</h2>
            <dl class="facts wide">
                {fact("Bets in the file", count(run.total))} {fact("Would be recorded", count(run.added))}
                {fact("There already", count(run.duplicates))} {fact("Cannot be read", count(run.refused))}
            </dl>
            <div class="acts row">{begin} {leave("Another file")}</div>
            <p class="under">
                "All of it is recorded or nothing, and it can be undone as a whole. Limits are for bets to come and are not asked."
            </p>
            {encoding}
            {mapping}
            {is_part.then(|| view! { <p class="under">{format!("{shown} rows are shown: those of which there is something to say, and the first others.")}</p> })}
            <div class="sheet">
                <table class="cards">
                    <caption class="unseen">"Rows of the file"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Bet"</th>
                            <th scope="col">"Line"</th>
                            <th scope="col">"What becomes of it"</th>
                            <th scope="col">"Placed"</th>
                            <th scope="col">"Account"</th>
                            <th scope="col" class="number">"Stake"</th>
                            <th scope="col">"Ended"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn dry_row(row: DryRow) -> impl IntoView {
    let (class, word) = match row.fate {
        RowFate::Added => ("badge good", "+ Recorded"),
        RowFate::Duplicate => ("badge", "= There already"),
        RowFate::Refused => ("badge bad", "✕ Cannot be read"),
    };
    let problems = row
        .problems
        .into_iter()
        .map(|(column, value, why)| {
            let value = if value.is_empty() {
                String::new()
            } else {
                format!(" \u{201c}{value}\u{201d}")
            };
            view! { <small class="under wrong">{format!("{column}{value}: {why}")}</small> }
        })
        .collect_view();
    let remarks = row
        .remarks
        .into_iter()
        .map(|text| view! { <small class="under">{write::capitalised(&text)} "."</small> })
        .collect_view();
    view! {
        <tr>
            <th scope="row">
                {row.summary.unwrap_or_else(|| format!("Line {}", row.line))} {problems} {remarks}
            </th>
            <td data-label="Line">{row.line.to_string()}</td>
            <td data-label="What becomes of it"><span class=class>{word}</span></td>
            <td data-label="Placed">{row.placed_at.map(|at| shortly(at).into_any())}</td>
            <td data-label="Account">{row.account}</td>
            <td class="number" data-label="Stake">{row.stake.map(|stake| money(stake.minor, stake.currency))}</td>
            <td data-label="Ended">{row.ended}</td>
        </tr>
    }
}

fn mapping_form(mapping: MappingView, accounts: &[String]) -> impl IntoView + use<> {
    let pair = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let is_lacking = ["placed_at", "price", "stake"]
        .iter()
        .any(|code| !mapping.columns.iter().any(|(_, _, known)| known == code));
    let kinds = mapping.kinds;
    let columns = mapping
        .columns
        .into_iter()
        .enumerate()
        .map(|(at, (name, example, code))| {
            let offers = std::iter::once(pair("", "Not read"))
                .chain(kinds.iter().cloned())
                .collect();
            let id = format!("mapping-{at}");
            view! {
                <div class="field">
                    <label for=id.clone()>{name}</label>
                    <select id=id name=format!("mapping[columns][{at}]")>
                        {options(offers, &code)}
                    </select>
                    <p class="note">{example}</p>
                </div>
            }
        })
        .collect_view();
    let select = |name: &'static str, label: &'static str, offers: Vec<(String, String)>, chosen: &str| {
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <select id=name name=name>
                    {options(offers, chosen)}
                </select>
            </div>
        }
    };
    let formats = OddsFormat::ALL
        .iter()
        .map(|format| pair(format.code(), format.name()))
        .collect();
    let modes = BetMode::ALL.iter().map(|mode| pair(mode.code(), mode.name())).collect();
    let known = accounts
        .iter()
        .map(|name| view! { <option value=name.clone()></option> })
        .collect_view();
    view! {
        <details class="card" open=is_lacking>
            <summary>"How the file is read"</summary>
            <p class="under">"Guessed from its names and cells. Below each column is the first value in it."</p>
            <form method="post" action=MapImport::PATH>
                <div class="fields">{columns}</div>
                <div class="fields">
                    {select("mapping[decimal]", "Decimals after", vec![pair(".", "a point: 1.50"), pair(",", "a comma: 1,50")], &mapping.decimal.to_string())}
                    {select("mapping[dates]", "Days are written", mapping.date_orders, &mapping.dates)}
                    {select("mapping[odds]", "Prices are written", formats, mapping.odds.code())}
                    {select("mapping[mode]", "Money", modes, mapping.mode.code())}
                    <div class="field">
                        <label for="mapping-account">"Account"</label>
                        <input id="mapping-account" name="mapping[account]" list="accounts" value=mapping.account maxlength="120" autocomplete="off" />
                        <datalist id="accounts">{known}</datalist>
                        <p class="note">"Empty for one of each bookmaker's name. One that is not there is made."</p>
                    </div>
                    <div class="field">
                        <label for="mapping-currency">"Currency"</label>
                        <input id="mapping-currency" name="mapping[currency]" value=mapping.currency maxlength="3" />
                        <p class="note">"Where the file does not say."</p>
                    </div>
                </div>
                <button class="quiet">"Read it like this"</button>
            </form>
        </details>
    }
}

fn running(name: &str, done: u32, total: u32) -> impl IntoView + use<> {
    let share = if total == 0 {
        0.0
    } else {
        f64::from(done) / f64::from(total) * 100.0
    };
    view! {
        <section class="card">
            <h2>{format!("{name} is being imported")}</h2>
            <p role="status">{format!("{} of {}", write::count(i64::from(done)), write::counted(total, "bet", "bets"))}</p>
            <progress max=total.max(1).to_string() value=done.to_string() aria-label="How far the import is">
                {format!("{share:.0} %")}
            </progress>
            <p class="under">"Nothing is kept before all of it is there. " <a href="/bets/import">"Look again"</a></p>
            <form method="post" action=CancelImport::PATH>
                <button class="quiet">"Cancel"</button>
            </form>
        </section>
    }
}

fn ended(name: &str, end: Result<(ImportId, i64), String>) -> impl IntoView + use<> {
    match end {
        Ok((id, added)) => {
            let added = u32::try_from(added).unwrap_or(u32::MAX);
            view! {
                <section class="card">
                    <h2>{format!("{name} is imported")}</h2>
                    <p role="status">{write::counted(added, "bet is", "bets are")} " recorded."</p>
                    <div class="acts row">
                        <a class="button" href="/bets">"See them"</a>
                        <a class="button quiet" href="/performance">"Performance"</a>
                        {undo_form(id)}
                        {leave("Another file")}
                    </div>
                </section>
            }
            .into_any()
        }
        Err(why) => view! {
            <section class="card">
                <h2>{format!("{name} was not imported")}</h2>
                <p role="status">{write::capitalised(&why)} "."</p>
                {leave("Another file")}
            </section>
        }
        .into_any(),
    }
}

fn undo_form(id: ImportId) -> impl IntoView {
    view! {
        <form method="post" action=UndoImport::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            <button class="quiet">"Undo"</button>
        </form>
    }
}

fn before(rows: Vec<ImportedRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <Empty title="Nothing was imported yet">
                "What is exported from "
                <a href="/bets">"the list of bets"</a>
                " can be read back here, on this or another Overround."
            </Empty>
        }
        .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let act = match row.undone_at {
                Some(at) => view! { "Undone " {when(at)} }.into_any(),
                None => undo_form(row.id).into_any(),
            };
            view! {
                <tr>
                    <th scope="row">{row.name}</th>
                    <td data-label="When">{shortly(row.at)}</td>
                    <td class="number" data-label="Recorded">{write::count(row.added)}</td>
                    <td class="number" data-label="There already">{write::count(row.duplicates)}</td>
                    <td class="number" data-label="Could not be read">{write::count(row.refused)}</td>
                    <td class="act">{act}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"Imports"</h2>
            <div class="sheet">
                <table class="cards">
                    <caption class="unseen">"Imports, the latest first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"File"</th>
                            <th scope="col">"When"</th>
                            <th scope="col" class="number">"Recorded"</th>
                            <th scope="col" class="number">"There already"</th>
                            <th scope="col" class="number">"Could not be read"</th>
                            <th scope="col"><span class="unseen">"Undo"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
