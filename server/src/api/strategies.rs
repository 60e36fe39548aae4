//! `strategies`: what a user looks for, how it is tuned, and what came of it.

use super::extract::{Json, Path, Query, read_code, read_limit};
use super::idempotency::create_once;
use crate::desk::strategies;
use crate::http::errors::{ApiError, ApiResult};
use crate::http::viewer::Viewer;
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::opportunity::OpportunityKind;
use domain::{Stage, StrategyId};
use engine::strategies::{Param, ParamKind, STRATEGIES, Strategy as Code};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::{NewStrategy, Strategy, StrategyChange, StrategyDecision, StrategyResults, StrategyVersion, UserRole};
use utoipa::{IntoParams, ToSchema};

/// A user's strategies.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StrategiesAnswer {
    /// In the order they were made.
    pub strategies: Vec<StrategyRow>,
}

/// A strategy with a user's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StrategyRow {
    /// Its number.
    pub id: i64,
    /// What it looks for: `arbitrage`, `value`, `middle`, `low_hold`, `steam` or `promotion`.
    pub kind: &'static str,
    /// What its owner calls it.
    pub name: String,
    /// Whether it looks at all.
    pub is_enabled: bool,
    /// `draft`, `backtest`, `paper` or `live`; the last two are run on live boards.
    pub stage: &'static str,
    /// Grows with every edit of name or parameters, from 1.
    pub version: u32,
    /// Its parameters by name; `/api/v1/strategies/kinds` says what each means.
    pub params: Value,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// What came of it so far.
    pub results: ResultsRow,
}

/// What came of a strategy so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ResultsRow {
    /// Opportunities that stand.
    pub open: i64,
    /// Opportunities that have gone.
    pub closed: i64,
    /// The highest profit of any that could be acted on.
    pub best_profit: Option<f64>,
    /// The mean of the highest profits of all that could be acted on, open and closed.
    pub mean_profit: Option<f64>,
    /// When one was last found.
    pub last_found_at: Option<DateTime<Utc>>,
    /// Candidates that a filter kept out.
    pub skipped: i64,
}

fn results_row(results: StrategyResults) -> ResultsRow {
    let StrategyResults {
        open,
        closed,
        best_profit,
        mean_profit,
        last_found_at,
        skipped,
    } = results;
    ResultsRow {
        open,
        closed,
        best_profit,
        mean_profit,
        last_found_at,
        skipped,
    }
}

/// A strategy as the API and the command line show it.
pub fn strategy_row(strategy: Strategy, results: StrategyResults) -> StrategyRow {
    let Strategy {
        id,
        owner: _,
        kind,
        name,
        is_enabled,
        stage,
        version,
        params,
        created_at,
        updated_at,
    } = strategy;
    StrategyRow {
        id: id.0,
        kind: kind.code(),
        name,
        is_enabled,
        stage: stage.code(),
        version,
        params,
        created_at,
        updated_at,
        results: results_row(results),
    }
}

/// List your strategies.
#[utoipa::path(get, path = "/api/v1/strategies", operation_id = "list_strategies", tag = "strategies", responses((status = 200, body = StrategiesAnswer)))]
pub(super) async fn list(State(state): State<AppState>, viewer: Viewer) -> ApiResult<axum::Json<StrategiesAnswer>> {
    let rows = strategies::of_user(&state, viewer.id()).await?;
    let strategies = rows
        .into_iter()
        .map(|(row, results)| strategy_row(row, results))
        .collect();
    Ok(axum::Json(StrategiesAnswer { strategies }))
}

/// The kinds of strategies.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KindsAnswer {
    /// In the order a person picks from.
    pub kinds: Vec<KindRow>,
}

/// A kind of strategy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KindRow {
    /// e.g. `value`.
    pub kind: &'static str,
    /// As shown.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// How its profit is reckoned.
    pub method: &'static str,
    /// What can be tuned.
    pub params: Vec<ParamRow>,
}

/// A parameter of a kind of strategy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ParamRow {
    /// Its name in `params`.
    pub name: &'static str,
    /// As shown.
    pub label: &'static str,
    /// What it does.
    pub help: &'static str,
    /// What it can be, in words.
    pub range: String,
    /// `%`, `s`; empty for a plain number or a word.
    pub unit: &'static str,
    /// Its value where nothing is given.
    pub default: Value,
}

fn kind_row(code: &dyn Code) -> KindRow {
    let param = |param: &Param| ParamRow {
        name: param.name,
        label: param.label,
        help: param.help,
        range: param.kind.range(),
        unit: match param.kind {
            ParamKind::Number { unit, .. } => unit,
            _ => "",
        },
        default: param.kind.default_value(),
    };
    KindRow {
        kind: code.kind().code(),
        name: code.kind().name(),
        about: code.about(),
        method: code.method(),
        params: code.spec().iter().map(param).collect(),
    }
}

/// List the kinds of strategies and what can be tuned about each.
#[utoipa::path(get, path = "/api/v1/strategies/kinds", operation_id = "list_strategy_kinds", tag = "strategies", responses((status = 200, body = KindsAnswer)))]
pub(super) async fn kinds() -> axum::Json<KindsAnswer> {
    axum::Json(KindsAnswer {
        kinds: STRATEGIES.iter().map(|code| kind_row(*code)).collect(),
    })
}

/// A strategy to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateStrategyBody {
    /// What it looks for: `arbitrage`, `value`, `middle`, `low_hold`, `steam` or `promotion`.
    pub kind: String,
    /// What you call it.
    pub name: String,
    /// Its parameters by name; as usual without them.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Whether it looks at all; usually true.
    pub is_enabled: Option<bool>,
    /// `draft`, `backtest`, `paper` (usual) or `live`.
    pub stage: Option<String>,
}

/// One strategy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StrategyAnswer {
    /// The strategy.
    pub strategy: StrategyRow,
    /// Every version of it, the newest first; only where one strategy is shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VersionRow>,
}

/// A strategy as it was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VersionRow {
    /// Which version, from 1.
    pub version: u32,
    /// What it was called.
    pub name: String,
    /// Its parameters.
    pub params: Value,
    /// From when on.
    pub created_at: DateTime<Utc>,
}

fn read_stage(stage: Option<&str>) -> ApiResult<Option<Stage>> {
    read_code("stage", stage, "draft, backtest, paper or live", Stage::from_code)
}

async fn read_new(state: &AppState, body: &CreateStrategyBody) -> ApiResult<NewStrategy> {
    let kind = read_code(
        "kind",
        Some(&body.kind),
        super::opportunities::KINDS,
        OpportunityKind::from_code,
    )?;
    let kind = kind.ok_or_else(|| ApiError::field("kind", "say what it looks for"))?;
    let params = strategies::read_params(kind, &body.params)?;
    strategies::check_words(state, kind, &params).await?;
    Ok(NewStrategy {
        kind,
        name: strategies::read_name(&body.name)?,
        is_enabled: body.is_enabled.unwrap_or(true),
        stage: read_stage(body.stage.as_deref())?.unwrap_or(Stage::Paper),
        params: params.to_json(),
    })
}

/// Make a strategy.
#[utoipa::path(post, path = "/api/v1/strategies", operation_id = "create_strategy", tag = "strategies", request_body = CreateStrategyBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same request gets the same answer")),
    responses((status = 201, body = StrategyAnswer)))]
pub(super) async fn create(
    State(state): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    Json(body): Json<CreateStrategyBody>,
) -> ApiResult<Response> {
    viewer.require_role(UserRole::Member)?;
    let new = read_new(&state, &body).await?;
    strategies::require_room(&state, viewer.id()).await?;
    let answer = create_once(&state, viewer.id(), &headers, &body, async |tx| {
        let now = state.clock.now();
        let id = tx.add_strategy(viewer.id(), &new, now).await?;
        let NewStrategy {
            kind,
            name,
            is_enabled,
            stage,
            params,
        } = new.clone();
        let made = Strategy {
            id,
            owner: viewer.id(),
            kind,
            name,
            is_enabled,
            stage,
            version: 1,
            params,
            created_at: now,
            updated_at: now,
        };
        Ok(StrategyAnswer {
            strategy: strategy_row(made, StrategyResults::default()),
            versions: Vec::new(),
        })
    })
    .await?;
    strategies::look_again(&state).await;
    Ok(answer)
}

/// Show one of your strategies.
#[utoipa::path(get, path = "/api/v1/strategies/{id}", operation_id = "show_strategy", tag = "strategies",
    params(("id" = i64, Path, description = "The strategy's number")), responses((status = 200, body = StrategyAnswer)))]
pub(super) async fn show(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> ApiResult<axum::Json<StrategyAnswer>> {
    let owner = viewer.id();
    let strategy = strategies::find(&state, owner, StrategyId(id)).await?;
    let versions = state.store.strategy_versions(owner, strategy.id).await?;
    let version = |version: StrategyVersion| VersionRow {
        version: version.version,
        name: version.name,
        params: version.params,
        created_at: version.created_at,
    };
    let results = strategies::results(&state, owner, strategy.id).await?;
    Ok(axum::Json(StrategyAnswer {
        strategy: strategy_row(strategy, results),
        versions: versions.into_iter().map(version).collect(),
    }))
}

/// What to change about a strategy; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeStrategyBody {
    /// What you call it.
    pub name: Option<String>,
    /// Some or all of its parameters.
    pub params: Option<Map<String, Value>>,
    /// Whether it looks at all.
    pub is_enabled: Option<bool>,
    /// `draft`, `backtest`, `paper` or `live`.
    pub stage: Option<String>,
}

/// Change one of your strategies.
///
/// It counts from the next evaluation on. Another name or other parameters make a new version; every reading of an opportunity keeps the version that made it.
#[utoipa::path(post, path = "/api/v1/strategies/{id}", operation_id = "change_strategy", tag = "strategies", request_body = ChangeStrategyBody,
    params(("id" = i64, Path, description = "The strategy's number")), responses((status = 200, body = StrategyAnswer)))]
pub(super) async fn change(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Json(body): Json<ChangeStrategyBody>,
) -> ApiResult<axum::Json<StrategyAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let (owner, id) = (viewer.id(), StrategyId(id));
    let before = strategies::find(&state, owner, id).await?;
    let params = match &body.params {
        None => None,
        Some(given) => {
            let mut all = before.params.as_object().cloned().unwrap_or_default();
            all.extend(given.clone());
            let params = strategies::read_params(before.kind, &all)?;
            strategies::check_words(&state, before.kind, &params).await?;
            Some(params.to_json())
        }
    };
    let change = StrategyChange {
        name: body.name.as_deref().map(strategies::read_name).transpose()?,
        params,
        is_enabled: body.is_enabled,
        stage: read_stage(body.stage.as_deref())?,
    };
    let strategy = strategies::change(&state, owner, id, &change).await?;
    let results = strategies::results(&state, owner, id).await?;
    Ok(axum::Json(StrategyAnswer {
        strategy: strategy_row(strategy, results),
        versions: Vec::new(),
    }))
}

/// A strategy that was removed or brought back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StrategyGoneAnswer {
    /// The strategy's number.
    pub id: i64,
    /// True when it is removed.
    pub is_deleted: bool,
}

/// Remove one of your strategies.
///
/// What it found stays; it can be brought back.
#[utoipa::path(post, path = "/api/v1/strategies/{id}/delete", operation_id = "delete_strategy", tag = "strategies",
    params(("id" = i64, Path, description = "The strategy's number")), responses((status = 200, body = StrategyGoneAnswer)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> ApiResult<axum::Json<StrategyGoneAnswer>> {
    viewer.require_role(UserRole::Member)?;
    strategies::delete(&state, viewer.id(), StrategyId(id)).await?;
    Ok(axum::Json(StrategyGoneAnswer { id, is_deleted: true }))
}

/// Bring a removed strategy back.
#[utoipa::path(post, path = "/api/v1/strategies/{id}/restore", operation_id = "restore_strategy", tag = "strategies",
    params(("id" = i64, Path, description = "The strategy's number")), responses((status = 200, body = StrategyGoneAnswer)))]
pub(super) async fn restore(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> ApiResult<axum::Json<StrategyGoneAnswer>> {
    viewer.require_role(UserRole::Member)?;
    strategies::restore(&state, viewer.id(), StrategyId(id)).await?;
    Ok(axum::Json(StrategyGoneAnswer { id, is_deleted: false }))
}

/// How many decisions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DecisionsQuery {
    /// Rows: 1 to 500, usually 100.
    pub limit: Option<u32>,
}

/// What filters kept out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecisionsAnswer {
    /// The latest first.
    pub decisions: Vec<DecisionRow>,
}

/// A candidate that a filter kept out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DecisionRow {
    /// The version of the strategy that decided.
    pub version: u32,
    /// On which event.
    pub event: i64,
    /// The markets and outcomes it would have bet on.
    pub candidate: String,
    /// The parameter that kept it out.
    pub filter: String,
    /// The profit it would have had.
    pub profit: f64,
    /// Why, in words.
    pub detail: String,
    /// Grows whenever the same parameters may decide differently.
    pub logic_version: u32,
    /// When it was first decided so.
    pub first_at: DateTime<Utc>,
    /// When it was last written down.
    pub last_at: DateTime<Utc>,
}

fn decision_row(decision: StrategyDecision) -> DecisionRow {
    let StrategyDecision {
        strategy: (_, version),
        event_id,
        identity,
        filter,
        profit,
        detail,
        logic_version,
        first_at,
        last_at,
    } = decision;
    DecisionRow {
        version,
        event: event_id.0,
        candidate: identity,
        filter,
        profit,
        detail,
        logic_version,
        first_at,
        last_at,
    }
}

/// List what a strategy's filters kept out.
#[utoipa::path(get, path = "/api/v1/strategies/{id}/decisions", operation_id = "list_strategy_decisions", tag = "strategies",
    params(("id" = i64, Path, description = "The strategy's number"), DecisionsQuery), responses((status = 200, body = DecisionsAnswer)))]
pub(super) async fn decisions(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(query): Query<DecisionsQuery>,
) -> ApiResult<axum::Json<DecisionsAnswer>> {
    let strategy = strategies::find(&state, viewer.id(), StrategyId(id)).await?;
    let limit = read_limit(query.limit)?;
    let decisions = state.store.strategy_decisions(viewer.id(), strategy.id, limit).await?;
    Ok(axum::Json(DecisionsAnswer {
        decisions: decisions.into_iter().map(decision_row).collect(),
    }))
}

/// Export your strategies as YAML.
#[utoipa::path(get, path = "/api/v1/strategies/export", operation_id = "export_strategies", tag = "strategies",
    responses((status = 200, body = String, content_type = "application/yaml")))]
pub(super) async fn export(State(state): State<AppState>, viewer: Viewer) -> ApiResult<Response> {
    let rows = strategies::of_user(&state, viewer.id()).await?;
    let rows: Vec<Strategy> = rows.into_iter().map(|(row, _)| row).collect();
    let yaml = strategies::to_yaml(&rows)?;
    Ok(([(CONTENT_TYPE, "application/yaml")], yaml).into_response())
}

/// Strategies to take in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBody {
    /// As `/api/v1/strategies/export` writes them.
    pub yaml: String,
}

/// Import strategies from YAML, beside those there are.
///
/// All of them are checked before any is taken.
#[utoipa::path(post, path = "/api/v1/strategies/import", operation_id = "import_strategies", tag = "strategies", request_body = ImportBody,
    responses((status = 200, body = StrategiesAnswer)))]
pub(super) async fn import(
    State(state): State<AppState>,
    viewer: Viewer,
    Json(body): Json<ImportBody>,
) -> ApiResult<axum::Json<StrategiesAnswer>> {
    viewer.require_role(UserRole::Member)?;
    let made = strategies::import(&state, viewer.id(), &body.yaml).await?;
    state
        .store
        .audit(
            state.clock.now(),
            Some(viewer.id()),
            "import_strategies",
            &format!("user:{}", viewer.id()),
            &json!({"count": made.len()}),
        )
        .await?;
    Ok(axum::Json(StrategiesAnswer {
        strategies: made
            .into_iter()
            .map(|row| strategy_row(row, StrategyResults::default()))
            .collect(),
    }))
}
