//! Strategies as rows: what a user starts with, what can be changed, what is run, and how they travel as YAML.

use crate::http::errors::{ApiError, ApiResult};
use crate::jobs::Job;
use crate::state::AppState;
use chrono::{DateTime, Utc};
use domain::opportunity::OpportunityKind;
use domain::{BookmakerId, Stage, StrategyId, UserId};
use engine::BooksById;
use engine::desk::{Account, Accounts};
use engine::strategies::{ParamError, ParamKind, Params, STRATEGIES, find_strategy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use store::{BookmakerChoice, NewStrategy, Store, StoreError, Strategy, StrategyChange, StrategyResults};

/// A name's letters at most.
const MAX_NAME: usize = 80;
/// Strategies of one user at most, and of one import.
const MAX_STRATEGIES: usize = 200;

/// What every user starts with: one of each kind, looking without money. A promotion is looked for when somebody has one.
pub fn usual() -> Vec<NewStrategy> {
    STRATEGIES
        .iter()
        .map(|strategy| NewStrategy {
            kind: strategy.kind(),
            name: strategy.kind().name().to_owned(),
            is_enabled: strategy.kind() != OpportunityKind::Promotion,
            stage: Stage::Paper,
            params: Params::usual(strategy.spec()).to_json(),
        })
        .collect()
}

/// Gives their first strategies to users who never had any.
///
/// # Errors
/// When the database does not answer.
pub async fn give_first(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    for user in store.users_without_strategies().await? {
        store.add_first_strategies(user, usual(), now).await?;
    }
    Ok(())
}

/// A strategy that looks at live boards, with what its owner can bet on.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// Its row.
    pub row: Strategy,
    /// Its parameters, checked.
    pub params: Params,
    /// Its owner's terms, where they differ from the usual.
    pub accounts: Arc<Accounts>,
}

/// Every strategy that looks at live boards. Rows whose parameters are no longer understood are left out: they open no
/// opportunity that nobody could explain.
///
/// # Errors
/// When the database does not answer.
pub async fn running(store: &Store, books: &BooksById) -> Result<Vec<Running>, StoreError> {
    let mut accounts: HashMap<UserId, Arc<Accounts>> = HashMap::new();
    let mut running = Vec::new();
    for row in store.strategies(None).await? {
        if !row.is_enabled || !row.stage.is_run() {
            continue;
        }
        let params = match read(row.kind, &row.params) {
            Ok(params) => params,
            Err(errors) => {
                tracing::warn!(
                    strategy = row.id.0,
                    ?errors,
                    "a strategy's parameters are not understood; it does not run"
                );
                continue;
            }
        };
        let own = if let Some(own) = accounts.get(&row.owner) {
            Arc::clone(own)
        } else {
            let own = Arc::new(accounts_of(&store.bookmaker_choices(row.owner).await?, books));
            accounts.insert(row.owner, Arc::clone(&own));
            own
        };
        running.push(Running {
            row,
            params,
            accounts: own,
        });
    }
    Ok(running)
}

/// A user's accounts, where they differ from the usual.
pub fn accounts_of(choices: &[BookmakerChoice], books: &BooksById) -> Accounts {
    let account = |choice: &BookmakerChoice| -> Option<(BookmakerId, Account)> {
        let book = books.get(&choice.bookmaker_id)?;
        let commission_bp = choice.commission_bp.unwrap_or(book.commission_bp);
        let account = Account {
            is_usable: choice.is_usable,
            ..Account::new(book, commission_bp, choice.terms.unwrap_or_default())
        };
        Some((book.id, account))
    };
    choices.iter().filter_map(account).collect()
}

fn read(kind: OpportunityKind, params: &Value) -> Result<Params, Vec<ParamError>> {
    let given = params.as_object().cloned().unwrap_or_default();
    Params::read(find_strategy(kind).spec(), &given)
}

/// Checks parameters as a person gives them.
///
/// # Errors
/// A field error for each that can't be taken, named `params.NAME`.
pub fn read_params(kind: OpportunityKind, given: &Map<String, Value>) -> ApiResult<Params> {
    Params::read(find_strategy(kind).spec(), given).map_err(|errors| {
        let field = |error: &ParamError| ApiError::field(format!("params.{}", error.name), error.message.clone());
        let first = errors.iter().map(field).reduce(ApiError::and);
        first.unwrap_or_else(|| ApiError::bad_request("the parameters can't be taken"))
    })
}

/// Refuses keys of bookmakers and sports that nothing is known of: what is misspelt would find nothing, silently.
///
/// # Errors
/// Field errors, named as those of [`read_params`].
pub async fn check_words(state: &AppState, kind: OpportunityKind, params: &Params) -> ApiResult<()> {
    let current = state.boards.current().await?;
    let bookmakers = || {
        current
            .books()
            .values()
            .map(|book| book.key.clone())
            .collect::<BTreeSet<String>>()
    };
    for param in find_strategy(kind).spec() {
        let ParamKind::Words { of } = param.kind else { continue };
        let words = params.words(param.name);
        if words.is_empty() {
            continue;
        }
        let known = if of.starts_with("sport") {
            current.sports()
        } else {
            bookmakers()
        };
        if let Some(word) = words.iter().find(|word| !known.contains(**word)) {
            let few: Vec<&str> = known.iter().take(20).map(String::as_str).collect();
            let text = format!("{word} is not known; there are {}", few.join(", "));
            return Err(ApiError::field(format!("params.{}", param.name), text));
        }
    }
    Ok(())
}

/// Checks a name.
///
/// # Errors
/// A field error.
pub fn read_name(name: &str) -> ApiResult<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME || name.contains(char::is_control) {
        return Err(ApiError::field(
            "name",
            format!("give it a name of 1 to {MAX_NAME} letters"),
        ));
    }
    Ok(name.to_owned())
}

/// Has the boards looked at again soon; if that can't be asked for now, the next evaluation does it.
pub async fn look_again(state: &AppState) {
    if let Some(queue) = state.jobs.get() {
        let key = format!("strategies@{}", state.clock.now().timestamp_millis());
        if let Err(error) = queue.enqueue(&Job::evaluate(), &key).await {
            tracing::warn!(%error, "an evaluation could not be asked for; the next one takes the change in");
        }
    }
}

/// A user's strategies in the order they were made, each with what came of it; whoever never had any gets the first ones.
///
/// # Errors
/// When the database does not answer.
pub async fn of_user(state: &AppState, owner: UserId) -> ApiResult<Vec<(Strategy, StrategyResults)>> {
    give_first(&state.store, state.clock.now()).await?;
    let results: HashMap<StrategyId, StrategyResults> =
        state.store.strategy_results(owner).await?.into_iter().collect();
    let rows = state.store.strategies(Some(owner)).await?.into_iter();
    Ok(rows
        .map(|row| {
            let results = results.get(&row.id).copied().unwrap_or_default();
            (row, results)
        })
        .collect())
}

/// What came of one of a user's strategies.
///
/// # Errors
/// When the database does not answer.
pub async fn results(state: &AppState, owner: UserId, id: StrategyId) -> ApiResult<StrategyResults> {
    let all = state.store.strategy_results(owner).await?;
    Ok(all
        .into_iter()
        .find(|(of, _)| *of == id)
        .map(|(_, results)| results)
        .unwrap_or_default())
}

/// Refuses one more strategy than a user may have.
///
/// # Errors
/// 409 when there are too many.
pub async fn require_room(state: &AppState, owner: UserId) -> ApiResult<()> {
    if state.store.strategies(Some(owner)).await?.len() >= MAX_STRATEGIES {
        return Err(ApiError::conflict(format!(
            "there are {MAX_STRATEGIES} strategies already; remove one first"
        )));
    }
    Ok(())
}

/// Makes a strategy of a user's.
///
/// # Errors
/// 409 when there are too many.
pub async fn create(state: &AppState, owner: UserId, new: NewStrategy) -> ApiResult<Strategy> {
    require_room(state, owner).await?;
    let id = state.store.add_strategy(owner, &new, state.clock.now()).await?;
    look_again(state).await;
    find(state, owner, id).await
}

/// Takes in strategies from YAML, beside those there are: all of them or none.
///
/// # Errors
/// Field errors; 409 when there would be too many.
pub async fn import(state: &AppState, owner: UserId, yaml: &str) -> ApiResult<Vec<Strategy>> {
    let all = from_yaml(yaml)?;
    for (at, new) in (1..).zip(&all) {
        let params = read(new.kind, &new.params).map_err(|_| ApiError::bad_request("the parameters can't be taken"))?;
        check_words(state, new.kind, &params).await.map_err(|error| {
            let what = error
                .entries()
                .first()
                .map(|entry| entry.detail.clone())
                .unwrap_or_default();
            ApiError::field("yaml", format!("strategy {at}: {what}"))
        })?;
    }
    if state.store.strategies(Some(owner)).await?.len() + all.len() > MAX_STRATEGIES {
        return Err(ApiError::conflict(format!(
            "that would be more than {MAX_STRATEGIES} strategies; remove some first"
        )));
    }
    let now = state.clock.now();
    let tx = state.store.begin_request().await?;
    let mut made = Vec::with_capacity(all.len());
    for new in &all {
        made.push(tx.add_strategy(owner, new, now).await?);
    }
    tx.commit().await?;
    look_again(state).await;
    let rows = state.store.strategies(Some(owner)).await?;
    Ok(rows.into_iter().filter(|row| made.contains(&row.id)).collect())
}

/// One of a user's strategies.
///
/// # Errors
/// 404 when it is not the user's.
pub async fn find(state: &AppState, owner: UserId, id: StrategyId) -> ApiResult<Strategy> {
    let found = state.store.strategy(owner, id).await?;
    found.ok_or_else(|| ApiError::not_found("strategy"))
}

/// Changes one of a user's strategies.
///
/// # Errors
/// 404 when it is not the user's.
pub async fn change(state: &AppState, owner: UserId, id: StrategyId, change: &StrategyChange) -> ApiResult<Strategy> {
    let changed = state
        .store
        .change_strategy(owner, id, change, state.clock.now())
        .await?;
    let changed = changed.ok_or_else(|| ApiError::not_found("strategy"))?;
    look_again(state).await;
    Ok(changed)
}

/// Removes one of a user's strategies; [`restore`] brings it back.
///
/// # Errors
/// 404 when it is not the user's.
pub async fn delete(state: &AppState, owner: UserId, id: StrategyId) -> ApiResult<()> {
    if !state
        .store
        .set_strategy_deleted(owner, id, Some(state.clock.now()))
        .await?
    {
        return Err(ApiError::not_found("strategy"));
    }
    look_again(state).await;
    Ok(())
}

/// Brings a removed strategy back.
///
/// # Errors
/// 404 when there is no removed one of the user's with this number.
pub async fn restore(state: &AppState, owner: UserId, id: StrategyId) -> ApiResult<()> {
    require_room(state, owner).await?;
    if !state.store.set_strategy_deleted(owner, id, None).await? {
        return Err(ApiError::not_found("removed strategy"));
    }
    look_again(state).await;
    Ok(())
}

/// A strategy as it travels: without numbers and times, so that it means the same anywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Traveller {
    name: String,
    kind: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default = "paper")]
    stage: String,
    #[serde(default)]
    params: Map<String, Value>,
}

fn yes() -> bool {
    true
}

fn paper() -> String {
    Stage::Paper.code().to_owned()
}

/// Strategies as YAML.
///
/// # Errors
/// When they can't be written, which is not known to happen.
pub fn to_yaml(strategies: &[Strategy]) -> ApiResult<String> {
    let travellers: Vec<Traveller> = strategies
        .iter()
        .map(|row| Traveller {
            name: row.name.clone(),
            kind: row.kind.code().to_owned(),
            enabled: row.is_enabled,
            stage: row.stage.code().to_owned(),
            params: row.params.as_object().cloned().unwrap_or_default(),
        })
        .collect();
    serde_yaml_ng::to_string(&travellers).map_err(ApiError::internal)
}

/// Reads strategies from YAML. All of it is checked before any of it is taken.
///
/// # Errors
/// Field errors that name the entry, counted from 1.
pub fn from_yaml(text: &str) -> ApiResult<Vec<NewStrategy>> {
    let travellers: Vec<Traveller> = serde_yaml_ng::from_str(text)
        .map_err(|error| ApiError::field("yaml", format!("this is no list of strategies: {error}")))?;
    if travellers.is_empty() || travellers.len() > MAX_STRATEGIES {
        return Err(ApiError::field(
            "yaml",
            format!("give 1 to {MAX_STRATEGIES} strategies"),
        ));
    }
    (1..)
        .zip(travellers)
        .map(|(at, traveller)| {
            let wrong = |what: String| ApiError::field("yaml", format!("strategy {at}: {what}"));
            let kinds = || {
                STRATEGIES
                    .iter()
                    .map(|strategy| strategy.kind().code())
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let kind = OpportunityKind::from_code(&traveller.kind)
                .ok_or_else(|| wrong(format!("kind is one of {}", kinds())))?;
            let stage = Stage::from_code(&traveller.stage)
                .ok_or_else(|| wrong("stage is draft, backtest, paper or live".to_owned()))?;
            let name = read_name(&traveller.name).map_err(|_| wrong(format!("a name has 1 to {MAX_NAME} letters")))?;
            let params = Params::read(find_strategy(kind).spec(), &traveller.params)
                .map_err(|errors| wrong(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
            Ok(NewStrategy {
                kind,
                name,
                is_enabled: traveller.enabled,
                stage,
                params: params.to_json(),
            })
        })
        .collect()
}
