//! `bets/imports` and `bets/export`: bets in and out of files.

use super::bets::{BetsQuery, read_filter};
use super::extract::{Json, Path, Query, read_code};
use super::idempotency::create_once;
use crate::desk::bets::files::{self, Plan, Planned, Progress, Verdict};
use crate::desk::bets::in_request;
use crate::desk::preferences::Preferences;
use crate::http::errors::{ApiError, ApiResult};
use crate::http::live::News;
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::bet::BetMode;
use domain::{Currency, ImportId};
use engine::bet_file::foreign::Mapping;
use engine::bet_file::{FileBet, Reading, json, sheet};
use serde::{Deserialize, Serialize};
use store::{Import, UserRole};
use utoipa::ToSchema;

/// Rows that an answer tells of at most; the others are in its counts.
const MAX_TOLD: usize = 1_000;

/// A file of bets.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBody {
    /// Its name.
    pub name: String,
    /// What is in it: JSON or CSV as `/api/v1/bets/export` writes them, or a CSV of another program with a line of column names.
    pub content: String,
    /// True to be told what it would do without doing it.
    #[serde(default)]
    pub dry_run: bool,
    /// How a CSV of another program is read; guessed from its names and cells without. A dry run answers what was guessed.
    #[schema(value_type = Option<MappingRow>)]
    pub mapping: Option<Mapping>,
    /// `paper` or `real` (usual), where the file does not say.
    pub mode: Option<String>,
    /// The account's name, where the file does not say; without it each bookmaker's bets go to an account of its name.
    pub account: Option<String>,
    /// The currency where the file does not say; your base currency without.
    #[schema(example = "EUR")]
    pub currency: Option<String>,
}

/// How a table is read.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MappingRow {
    /// What each column is, e.g. `placed_at`, `stake`, `price`; null for one that is not read.
    pub columns: Vec<Option<String>>,
    /// The sign before decimals: `.` or `,`.
    #[schema(example = ".")]
    pub decimal: String,
    /// `year_month_day`, `day_month_year` or `month_day_year`.
    pub dates: String,
    /// How prices are written: `decimal`, `american`, `fractional`, ...
    pub odds: String,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportAnswer {
    /// Its number; null for a dry run.
    pub import: Option<i64>,
    /// Rows in the file, or bets where a bet has several rows.
    pub total: i64,
    /// Bets that were recorded, or would be.
    pub added: i64,
    /// Bets that are there already, or stand in the file twice.
    pub duplicates: i64,
    /// Rows that cannot be read.
    pub refused: i64,
    /// How a CSV of another program was read.
    #[schema(value_type = Option<MappingRow>)]
    pub mapping: Option<Mapping>,
    /// The rows of which there is something to say, at most 1,000.
    pub rows: Vec<ImportRow>,
}

/// A row of which there is something to say.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// `add`, `duplicate` or `refused`.
    pub verdict: &'static str,
    /// What was bet on, where it can be read.
    pub summary: Option<String>,
    /// What is wrong with it, field by field.
    pub problems: Vec<ProblemRow>,
    /// What you should know.
    pub remarks: Vec<String>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemRow {
    /// The column's name.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// Why that is no good.
    pub why: String,
}

/// The code of a verdict, and what is wrong.
fn verdict(row: &Planned) -> (&'static str, Vec<ProblemRow>) {
    match &row.verdict {
        Verdict::Add => ("add", Vec::new()),
        Verdict::Duplicate => ("duplicate", Vec::new()),
        Verdict::Refused(complaints) => {
            let problem = |complaint: &engine::bet_file::Complaint| ProblemRow {
                column: complaint.column.clone(),
                value: complaint.value.clone(),
                why: complaint.why.clone(),
            };
            ("refused", complaints.iter().map(problem).collect())
        }
    }
}

fn answer(import: Option<ImportId>, plan: &Plan, mapping: Option<Mapping>) -> ImportAnswer {
    let counts = plan.import("");
    let is_told = |row: &&Planned| row.verdict != Verdict::Add || !row.remarks.is_empty();
    let rows = plan.rows.iter().filter(is_told).take(MAX_TOLD).map(|row| {
        let (verdict, problems) = verdict(row);
        ImportRow {
            line: row.line,
            verdict,
            summary: row.bet.as_ref().map(|bet| crate::desk::bets::summary(&bet.wager)),
            problems,
            remarks: row.remarks.clone(),
        }
    });
    ImportAnswer {
        import: import.map(|id| id.0),
        total: counts.total,
        added: counts.added,
        duplicates: counts.duplicate,
        refused: counts.refused,
        mapping,
        rows: rows.collect(),
    }
}

async fn read_body(state: &AppState, viewer: &Viewer, body: &ImportBody) -> ApiResult<Reading> {
    let mode = read_code("mode", body.mode.as_deref(), "paper or real", BetMode::from_code)?;
    let currency = match body.currency.as_deref() {
        Some(code) => code
            .trim()
            .parse::<Currency>()
            .map_err(|error| ApiError::field("currency", error.to_string()))?,
        None => state.store.bettor(viewer.id()).await?.currency,
    };
    let upload = files::Upload {
        name: body.name.clone(),
        bytes: body.content.as_bytes().into(),
        mapping: body.mapping.clone(),
        mode: mode.unwrap_or(BetMode::Real),
        account: body.account.clone().unwrap_or_default(),
        currency,
    };
    files::read(state, &upload, Preferences::of(&viewer.user).zone()).await
}

/// Import bets from a file, or be told what that would do.
///
/// All of it is recorded or nothing. Rows that cannot be read and bets that are there already are left out and told. Bets of a file are
/// history: no limit is asked.
#[utoipa::path(post, path = "/api/v1/bets/imports", operation_id = "import_bets", tag = "bets", request_body = ImportBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same request gets the same answer")),
    responses((status = 200, body = ImportAnswer, description = "What a dry run says"), (status = 201, body = ImportAnswer)))]
pub(super) async fn import(
    State(state): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Json(body): Json<ImportBody>,
) -> ApiResult<Response> {
    viewer.require_role(UserRole::Member)?;
    let owner = viewer.id();
    let Reading { rows, foreign, .. } = read_body(&state, &viewer, &body).await?;
    let mapping = foreign.map(|(_, mapping)| mapping);
    if body.dry_run {
        let plan = files::dry_run(&state, owner, rows).await?;
        return Ok(axum::Json(answer(None, &plan, mapping)).into_response());
    }
    let books = state.boards.profiles().await?;
    let created = create_once(&state, owner, &headers, &body, async |tx| {
        let progress = Progress::default();
        let (id, plan) = files::import(&state, &books, tx, owner, &body.name, rows, &progress).await?;
        Ok(answer(Some(id), &plan, mapping))
    })
    .await?;
    state.live.tell(News::Bets);
    Ok(created)
}

/// Your imports.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportsAnswer {
    /// The latest first.
    pub imports: Vec<ImportedRow>,
}

/// An import.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportedRow {
    /// Its number.
    pub id: i64,
    /// The file's name.
    pub name: String,
    /// Rows in the file.
    pub total: i64,
    /// Bets that were recorded.
    pub added: i64,
    /// Bets that were there already.
    pub duplicates: i64,
    /// Rows that could not be read.
    pub refused: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
}

/// List your imports.
#[utoipa::path(get, path = "/api/v1/bets/imports", operation_id = "list_imports", tag = "bets", responses((status = 200, body = ImportsAnswer)))]
pub(super) async fn imports(State(state): State<AppState>, viewer: Viewer) -> ApiResult<axum::Json<ImportsAnswer>> {
    let row = |import: Import| ImportedRow {
        id: import.id.0,
        name: import.import.name,
        total: import.import.total,
        added: import.import.added,
        duplicates: import.import.duplicate,
        refused: import.import.refused,
        at: import.at,
        undone_at: import.undone_at,
    };
    let imports = state.store.bet_imports(viewer.id()).await?;
    Ok(axum::Json(ImportsAnswer {
        imports: imports.into_iter().map(row).collect(),
    }))
}

/// How many bets an undone import had.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UndoneAnswer {
    /// Bets that were removed.
    pub removed: usize,
}

/// Undo an import: its bets are removed with all they did to their accounts.
#[utoipa::path(post, path = "/api/v1/bets/imports/{id}/undo", operation_id = "undo_import", tag = "bets",
    params(("id" = i64, Path, description = "The import's number")), responses((status = 200, body = UndoneAnswer)))]
pub(super) async fn undo(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> ApiResult<axum::Json<UndoneAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let removed = in_request(&state, async |tx| {
        files::undo(&state, tx, viewer.id(), ImportId(id)).await
    })
    .await?;
    Ok(axum::Json(UndoneAnswer { removed }))
}

/// Bets as a file that the browser saves.
///
/// # Errors
/// Never for what bets can hold.
pub fn file(bets: &[FileBet], is_csv: bool) -> ApiResult<Response> {
    let (kind, name, body) = if is_csv {
        ("text/csv; charset=utf-8", "bets.csv", sheet::write(bets))
    } else {
        (
            "application/json",
            "bets.json",
            json::write(bets).map_err(ApiError::internal)?,
        )
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok((
        [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)],
        body,
    )
        .into_response())
}

async fn export(state: &AppState, viewer: &Viewer, query: &BetsQuery, is_csv: bool) -> ApiResult<Response> {
    let filter = read_filter(state, query).await?;
    let books = state.boards.profiles().await?;
    let bets = files::written(&state.store, viewer.id(), &filter, &books).await?;
    file(&bets, is_csv)
}

/// Write your bets down as JSON, with all of each; an import reads it back as it was.
///
/// Takes the filters of the list of bets; pages are not told apart.
#[utoipa::path(get, path = "/api/v1/bets/export.json", operation_id = "export_bets_json", tag = "bets", params(BetsQuery),
    responses((status = 200, description = "The file", body = String, content_type = "application/json")))]
pub(super) async fn export_json(
    State(state): State<AppState>,
    viewer: Viewer,
    Query(query): Query<BetsQuery>,
) -> ApiResult<Response> {
    export(&state, &viewer, &query, false).await
}

/// Write your bets down as CSV, a row a leg, with all of each; an import reads it back as it was.
///
/// Takes the filters of the list of bets; pages are not told apart.
#[utoipa::path(get, path = "/api/v1/bets/export.csv", operation_id = "export_bets_csv", tag = "bets", params(BetsQuery),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
pub(super) async fn export_csv(
    State(state): State<AppState>,
    viewer: Viewer,
    Query(query): Query<BetsQuery>,
) -> ApiResult<Response> {
    export(&state, &viewer, &query, true).await
}
