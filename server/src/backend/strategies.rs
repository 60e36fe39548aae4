//! A user's strategies, as their pages show them.

use super::{RequestBackend, count, failed};
use crate::desk::strategies;
use app::AppError;
use app::pages::strategies::{
    KindView, ParamField, Results, SkippedRow, StrategiesPort, StrategiesView, StrategyForm, StrategyRow, StrategyView,
    VersionView,
};
use async_trait::async_trait;
use domain::opportunity::OpportunityKind;
use domain::{EventId, StrategyId};
use engine::strategies::{ParamKind, Params, find_strategy};
use serde_json::{Map, Value};
use store::{NewStrategy, Strategy, StrategyChange, StrategyResults, UserRole};

/// Removed strategies on a page.
const REMOVED: u32 = 20;
/// Skipped candidates on a page.
const SKIPPED: u32 = 50;

fn results(results: StrategyResults) -> Results {
    let whole = |number: i64| count(usize::try_from(number).unwrap_or_default());
    Results {
        open: whole(results.open),
        closed: whole(results.closed),
        best_profit: results.best_profit,
        mean_profit: results.mean_profit,
        last_found_at: results.last_found_at,
        skipped: whole(results.skipped),
    }
}

/// Parameters of a kind as they were stored; what is not understood any more is as usual.
fn params_of(kind: OpportunityKind, stored: &Value) -> Params {
    let spec = find_strategy(kind).spec();
    let given = stored.as_object().cloned().unwrap_or_default();
    Params::read(spec, &given).unwrap_or_else(|_| Params::usual(spec))
}

/// The label of a parameter and its value in words.
fn told(kind: OpportunityKind, params: &Params, name: &str) -> (String, String) {
    let param = find_strategy(kind).spec().iter().find(|param| param.name == name);
    let text = params.text(name);
    let Some(param) = param else {
        return (name.to_owned(), text);
    };
    let value = match param.kind {
        ParamKind::Number { unit, .. } if !unit.is_empty() => format!("{text} {unit}"),
        ParamKind::Choice { options, .. } => options
            .iter()
            .find(|(code, _)| *code == text)
            .map_or(text, |(_, name)| (*name).to_owned()),
        ParamKind::Flag { .. } => if text == "true" { "yes" } else { "no" }.to_owned(),
        ParamKind::Words { .. } if text.is_empty() => "all".to_owned(),
        _ => text,
    };
    (param.label.to_owned(), value)
}

/// The parameters that differ between two sets: label, value before, value then.
fn changes(kind: OpportunityKind, before: &Params, then: &Params) -> Vec<(String, String, String)> {
    find_strategy(kind)
        .spec()
        .iter()
        .filter(|param| before.text(param.name) != then.text(param.name))
        .map(|param| {
            let (label, then) = told(kind, then, param.name);
            (label, told(kind, before, param.name).1, then)
        })
        .collect()
}

fn row(strategy: &Strategy, found: StrategyResults) -> StrategyRow {
    let usual = Params::usual(find_strategy(strategy.kind).spec());
    let tuned = changes(strategy.kind, &usual, &params_of(strategy.kind, &strategy.params));
    StrategyRow {
        id: strategy.id,
        kind: strategy.kind,
        name: strategy.name.clone(),
        is_enabled: strategy.is_enabled,
        stage: strategy.stage,
        version: strategy.version,
        updated_at: strategy.updated_at,
        results: results(found),
        tuned: tuned.into_iter().map(|(label, _, value)| (label, value)).collect(),
    }
}

fn kind_view(kind: OpportunityKind, params: &Params) -> KindView {
    let code = find_strategy(kind);
    let field = |param: &engine::strategies::Param| {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(code, name)| ((*code).to_owned(), (*name).to_owned()))
                .collect()
        };
        let (unit, offers, is_number) = match param.kind {
            ParamKind::Number { unit, .. } => (unit, Vec::new(), true),
            ParamKind::Choice { options, .. } => ("", pairs(options), false),
            ParamKind::Flag { .. } => ("", pairs(&[("true", "Yes"), ("false", "No")]), false),
            ParamKind::Words { .. } => ("", Vec::new(), false),
        };
        ParamField {
            name: param.name.to_owned(),
            label: param.label.to_owned(),
            help: param.help.to_owned(),
            range: param.kind.range(),
            unit: unit.to_owned(),
            offers,
            is_number,
            value: params.text(param.name),
        }
    };
    KindView {
        kind,
        about: code.about().to_owned(),
        method: code.method().to_owned(),
        params: code.spec().iter().map(field).collect(),
    }
}

impl RequestBackend {
    async fn skipped(&self, strategy: &Strategy) -> Result<Vec<SkippedRow>, AppError> {
        let decisions = self
            .state
            .store
            .strategy_decisions(strategy.owner, strategy.id, SKIPPED)
            .await
            .map_err(failed)?;
        let ids: Vec<EventId> = decisions.iter().map(|decision| decision.event_id).collect();
        let events = self.state.boards.events(&ids, None).await.map_err(failed)?;
        let params = params_of(strategy.kind, &strategy.params);
        let rows = decisions.into_iter().map(|decision| SkippedRow {
            event: events
                .get(&decision.event_id)
                .map_or_else(String::new, app::parts::sides),
            event_id: decision.event_id,
            candidate: decision.identity,
            filter: told(strategy.kind, &params, &decision.filter).0,
            profit: decision.profit,
            detail: decision.detail,
            version: decision.strategy.1,
            at: decision.last_at,
        });
        Ok(rows.collect())
    }
}

#[async_trait]
impl StrategiesPort for RequestBackend {
    async fn strategies(&self) -> Result<StrategiesView, AppError> {
        let owner = self.reader().await?.id();
        let rows = strategies::of_user(&self.state, owner).await.map_err(failed)?;
        let removed = self
            .state
            .store
            .removed_strategies(owner, REMOVED)
            .await
            .map_err(failed)?;
        Ok(StrategiesView {
            rows: rows.iter().map(|(strategy, found)| row(strategy, *found)).collect(),
            removed: removed.into_iter().map(|row| (row.id, row.kind, row.name)).collect(),
        })
    }

    async fn strategy(&self, id: StrategyId) -> Result<StrategyView, AppError> {
        let owner = self.reader().await?.id();
        let strategy = strategies::find(&self.state, owner, id).await.map_err(failed)?;
        let found = strategies::results(&self.state, owner, id).await.map_err(failed)?;
        let kind = strategy.kind;
        let all = self.state.store.strategy_versions(owner, id).await.map_err(failed)?;
        let usual = Params::usual(find_strategy(kind).spec());
        let versions = all
            .iter()
            .enumerate()
            .map(|(at, version)| {
                let before = all.get(at + 1).map(|before| params_of(kind, &before.params));
                let is_first = before.is_none();
                let mut changes = changes(
                    kind,
                    &before.unwrap_or_else(|| usual.clone()),
                    &params_of(kind, &version.params),
                );
                if is_first {
                    for (_, before, _) in &mut changes {
                        before.clear();
                    }
                }
                VersionView {
                    version: version.version,
                    name: version.name.clone(),
                    created_at: version.created_at,
                    changes,
                }
            })
            .collect();
        Ok(StrategyView {
            row: row(&strategy, found),
            kind: kind_view(kind, &params_of(kind, &strategy.params)),
            versions,
            skipped: self.skipped(&strategy).await?,
        })
    }

    async fn strategy_kind(&self, kind: OpportunityKind) -> Result<KindView, AppError> {
        self.reader().await?;
        Ok(kind_view(kind, &Params::usual(find_strategy(kind).spec())))
    }

    async fn save_strategy(&self, form: StrategyForm) -> Result<StrategyId, AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let name = strategies::read_name(&form.name).map_err(failed)?;
        let given: Map<String, Value> = form
            .params
            .into_iter()
            .map(|(name, text)| (name, text.into()))
            .collect();
        let kind = match form.id {
            Some(id) => strategies::find(&self.state, owner, id).await.map_err(failed)?.kind,
            None => form.kind,
        };
        let params = strategies::read_params(kind, &given).map_err(|error| in_form(failed(error)))?;
        strategies::check_words(&self.state, kind, &params)
            .await
            .map_err(|error| in_form(failed(error)))?;
        let Some(id) = form.id else {
            let new = NewStrategy {
                kind: form.kind,
                name,
                is_enabled: true,
                stage: form.stage,
                params: params.to_json(),
            };
            return Ok(strategies::create(&self.state, owner, new).await.map_err(failed)?.id);
        };
        let change = StrategyChange {
            name: Some(name),
            params: Some(params.to_json()),
            is_enabled: None,
            stage: Some(form.stage),
        };
        strategies::change(&self.state, owner, id, &change)
            .await
            .map_err(failed)?;
        Ok(id)
    }

    async fn switch_strategy(&self, id: StrategyId, is_enabled: bool) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let change = StrategyChange {
            is_enabled: Some(is_enabled),
            ..StrategyChange::default()
        };
        strategies::change(&self.state, owner, id, &change)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn remove_strategy(&self, id: StrategyId, is_removed: bool) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let done = if is_removed {
            strategies::delete(&self.state, owner, id).await
        } else {
            strategies::restore(&self.state, owner, id).await
        };
        done.map_err(failed)
    }

    async fn strategies_yaml(&self) -> Result<String, AppError> {
        let owner = self.reader().await?.id();
        let rows = strategies::of_user(&self.state, owner).await.map_err(failed)?;
        let rows: Vec<Strategy> = rows.into_iter().map(|(row, _)| row).collect();
        strategies::to_yaml(&rows).map_err(failed)
    }

    async fn import_strategies(&self, yaml: String) -> Result<u32, AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let made = strategies::import(&self.state, owner, &yaml).await.map_err(failed)?;
        Ok(count(made.len()))
    }
}

/// `params.min_edge` is `params[min_edge]` in a form.
fn in_form(error: AppError) -> AppError {
    match error {
        AppError::Invalid {
            field: Some(field),
            message,
        } => match field.strip_prefix("params.") {
            Some(name) => AppError::field(format!("params[{name}]"), message),
            None => AppError::field(field, message),
        },
        other => other,
    }
}
