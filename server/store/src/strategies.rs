//! Strategies: what each user looks for, in every version, and what came of it.

use chrono::{DateTime, Utc};
use domain::{EventId, Stage, StrategyId, UserId, opportunity::OpportunityKind};
use sea_orm::{DatabaseTransaction, QueryResult};
use std::collections::HashMap;

use crate::{
    Result, Store, StoreError,
    codec::{self, instant, instant_or_null, millis},
    connection::bump_version,
    sql::{Columns, Query},
};

/// A strategy with a user's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Strategy {
    /// Which.
    pub id: StrategyId,
    /// Whose.
    pub owner: UserId,
    /// What it looks for.
    pub kind: OpportunityKind,
    /// What its owner calls it.
    pub name: String,
    /// Whether it looks at all.
    pub is_enabled: bool,
    /// How far it is trusted.
    pub stage: Stage,
    /// Grows with every edit, from 1.
    pub version: u32,
    /// Its parameters, as JSON.
    pub params: serde_json::Value,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A strategy to make.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStrategy {
    /// What it looks for.
    pub kind: OpportunityKind,
    /// What its owner calls it.
    pub name: String,
    /// Whether it looks at all.
    pub is_enabled: bool,
    /// How far it is trusted.
    pub stage: Stage,
    /// Its parameters, as JSON.
    pub params: serde_json::Value,
}

/// What to change about a strategy; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StrategyChange {
    /// Another name: a new version.
    pub name: Option<String>,
    /// Other parameters: a new version.
    pub params: Option<serde_json::Value>,
    /// On or off.
    pub is_enabled: Option<bool>,
    /// How far it is trusted.
    pub stage: Option<Stage>,
}

/// A strategy as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyVersion {
    /// Which version, from 1.
    pub version: u32,
    /// What it was called.
    pub name: String,
    /// Its parameters, as JSON.
    pub params: serde_json::Value,
    /// From when on.
    pub created_at: DateTime<Utc>,
}

/// A candidate that a filter kept out.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Whose decision, and in which version.
    pub strategy: (StrategyId, u32),
    /// On which event.
    pub event_id: EventId,
    /// Which candidate, as [`domain::opportunity::Found::identity`].
    pub identity: String,
    /// The parameter that kept it out.
    pub filter: String,
    /// The profit it would have had, last.
    pub profit: f64,
    /// Why, in words.
    pub detail: String,
    /// Which logic decided.
    pub logic_version: u32,
    /// When it was first decided so.
    pub first_at: DateTime<Utc>,
    /// When it was last decided so.
    pub last_at: DateTime<Utc>,
}

/// What came of a strategy so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StrategyResults {
    /// Opportunities that stand.
    pub open: i64,
    /// Opportunities that have gone.
    pub closed: i64,
    /// The highest profit of any that could be acted on.
    pub best_profit: Option<f64>,
    /// The mean of the highest profits of all that could be acted on.
    pub mean_profit: Option<f64>,
    /// When one was last found.
    pub last_found_at: Option<DateTime<Utc>>,
    /// Candidates that a filter kept out.
    pub skipped: i64,
}

const COLUMNS: &str =
    "SELECT id, user_id, kind, name, is_enabled, stage, version, params, created_at, updated_at FROM strategies";

fn strategy(row: &QueryResult) -> Result<Strategy> {
    let mut columns = Columns::of(row);
    Ok(Strategy {
        id: StrategyId(columns.get()?),
        owner: UserId(columns.get()?),
        kind: codec::opportunity_kind(&columns.get::<String>()?)?,
        name: columns.get()?,
        is_enabled: columns.get()?,
        stage: codec::stage(&columns.get::<String>()?)?,
        version: codec::version(columns.get()?)?,
        params: codec::json(&columns.get::<String>()?)?,
        created_at: instant(columns.get()?)?,
        updated_at: instant(columns.get()?)?,
    })
}

impl Store {
    /// A user's strategies, or those of everybody who is not locked out, in the order they were made.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn strategies(&self, owner: Option<UserId>) -> Result<Vec<Strategy>> {
        let mut query = Query::new(COLUMNS);
        query.push(" WHERE deleted_at IS NULL");
        match owner {
            Some(owner) => query.push(" AND user_id = ").bind(owner.0),
            None => query.push(" AND user_id IN (SELECT id FROM users WHERE disabled_at IS NULL)"),
        };
        let rows = query.push(" ORDER BY id").all(self.reader()).await?;
        rows.iter().map(strategy).collect()
    }

    /// One of a user's strategies.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn strategy(&self, owner: UserId, id: StrategyId) -> Result<Option<Strategy>> {
        let mut query = Query::new(COLUMNS);
        query
            .push(" WHERE deleted_at IS NULL AND user_id = ")
            .bind(owner.0)
            .push(" AND id = ")
            .bind(id.0);
        let row = query.one(self.reader()).await?;
        row.as_ref().map(strategy).transpose()
    }

    /// A user's removed strategies, the last removed first: so many.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn removed_strategies(&self, owner: UserId, limit: u32) -> Result<Vec<Strategy>> {
        let mut query = Query::new(COLUMNS);
        query.push(" WHERE deleted_at IS NOT NULL AND user_id = ").bind(owner.0);
        query
            .push(" ORDER BY deleted_at DESC, id DESC LIMIT ")
            .bind(i64::from(limit));
        let rows = query.all(self.reader()).await?;
        rows.iter().map(strategy).collect()
    }

    /// What a user's strategies are called.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn strategy_names(&self, owner: UserId) -> Result<HashMap<StrategyId, String>> {
        let mut query = Query::new("SELECT id, name FROM strategies WHERE deleted_at IS NULL AND user_id = ");
        let rows = query.bind(owner.0).all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok((StrategyId(columns.get()?), columns.get()?))
            })
            .collect()
    }

    /// Users who never had a strategy.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn users_without_strategies(&self) -> Result<Vec<UserId>> {
        let mut query = Query::new(
            "SELECT u.id FROM users u WHERE u.disabled_at IS NULL AND NOT EXISTS \
             (SELECT 1 FROM strategies s WHERE s.user_id = u.id) ORDER BY u.id",
        );
        let rows = query.all(self.reader()).await?;
        rows.iter().map(|row| Ok(UserId(row.try_get_by_index(0)?))).collect()
    }

    /// Makes a user's first strategies, unless there were any; what is there already stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_first_strategies(&self, owner: UserId, first: Vec<NewStrategy>, at: DateTime<Utc>) -> Result<()> {
        let tx = self.begin_write().await?;
        self.lock_in(&tx, "strategies").await?;
        let mut query = Query::new("SELECT COUNT(*) FROM strategies WHERE user_id = ");
        let row = query.bind(owner.0).one(&tx).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        if count == 0 {
            for new in first {
                insert(&tx, owner, &new, at).await?;
            }
            bump_version(&tx, "strategies").await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Makes a strategy.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_strategy(&self, owner: UserId, new: &NewStrategy, at: DateTime<Utc>) -> Result<StrategyId> {
        let tx = self.begin_write().await?;
        let id = add(&tx, owner, new, at).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes one of a user's strategies and answers with it as it is then; `None` when it is not the user's. Another name or
    /// other parameters make a new version; what has been decided keeps the old one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_strategy(
        &self,
        owner: UserId,
        id: StrategyId,
        change: &StrategyChange,
        at: DateTime<Utc>,
    ) -> Result<Option<Strategy>> {
        let tx = self.begin_write().await?;
        self.lock_in(&tx, "strategies").await?;
        let mut query = Query::new(COLUMNS);
        query
            .push(" WHERE deleted_at IS NULL AND user_id = ")
            .bind(owner.0)
            .push(" AND id = ")
            .bind(id.0);
        let Some(mut row) = query.one(&tx).await?.as_ref().map(strategy).transpose()? else {
            return Ok(None);
        };
        let before = row.clone();
        if let Some(name) = &change.name {
            row.name.clone_from(name);
        }
        if let Some(params) = &change.params {
            row.params.clone_from(params);
        }
        row.is_enabled = change.is_enabled.unwrap_or(row.is_enabled);
        row.stage = change.stage.unwrap_or(row.stage);
        if row == before {
            return Ok(Some(row));
        }
        row.updated_at = at;
        if row.name != before.name || row.params != before.params {
            row.version += 1;
            insert_version(&tx, &row).await?;
        }
        let mut query = Query::new("UPDATE strategies SET name = ");
        query
            .bind(row.name.as_str())
            .push(", is_enabled = ")
            .bind(row.is_enabled);
        query.push(", stage = ").bind(row.stage.code());
        query.push(", version = ").bind(i64::from(row.version));
        query.push(", params = ").bind(row.params.to_string());
        query.push(", updated_at = ").bind(millis(at));
        query.push(" WHERE id = ").bind(id.0).run(&tx).await?;
        bump_version(&tx, "strategies").await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// Removes one of a user's strategies, or brings a removed one back. What it found stays. False when it is not the user's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_strategy_deleted(&self, owner: UserId, id: StrategyId, at: Option<DateTime<Utc>>) -> Result<bool> {
        let tx = self.begin_write().await?;
        let mut query = Query::new("UPDATE strategies SET deleted_at = ");
        query.bind(at.map(millis)).push(" WHERE user_id = ").bind(owner.0);
        query.push(" AND id = ").bind(id.0);
        query.push(if at.is_some() {
            " AND deleted_at IS NULL"
        } else {
            " AND deleted_at IS NOT NULL"
        });
        let is_done = query.run(&tx).await? > 0;
        if is_done {
            bump_version(&tx, "strategies").await?;
        }
        tx.commit().await?;
        Ok(is_done)
    }

    /// Every version of one of a user's strategies, the newest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn strategy_versions(&self, owner: UserId, id: StrategyId) -> Result<Vec<StrategyVersion>> {
        let mut query = Query::new(
            "SELECT v.version, v.name, v.params, v.created_at FROM strategy_versions v \
             JOIN strategies s ON s.id = v.strategy_id WHERE s.user_id = ",
        );
        query.bind(owner.0).push(" AND s.id = ").bind(id.0);
        let rows = query.push(" ORDER BY v.version DESC").all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(StrategyVersion {
                    version: codec::version(columns.get()?)?,
                    name: columns.get()?,
                    params: codec::json(&columns.get::<String>()?)?,
                    created_at: instant(columns.get()?)?,
                })
            })
            .collect()
    }

    /// What came of a user's strategies so far; those that never found or skipped anything are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn strategy_results(&self, owner: UserId) -> Result<Vec<(StrategyId, StrategyResults)>> {
        let mut query = Query::new(
            "SELECT s.id, COUNT(o.id) - COUNT(o.closed_at), COUNT(o.closed_at), MAX(p.best), AVG(p.best), MAX(o.opened_at), \
             (SELECT COUNT(*) FROM strategy_decisions d WHERE d.strategy_id = s.id) \
             FROM strategies s LEFT JOIN opportunities o ON o.strategy_id = s.id \
             LEFT JOIN (SELECT r.opportunity_id, MAX(r.profit) AS best FROM opportunity_readings r \
             WHERE r.verdict = 'executable' GROUP BY r.opportunity_id) p ON p.opportunity_id = o.id WHERE s.user_id = ",
        );
        let rows = query
            .bind(owner.0)
            .push(" GROUP BY s.id ORDER BY s.id")
            .all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok((
                    StrategyId(columns.get()?),
                    StrategyResults {
                        open: columns.get()?,
                        closed: columns.get()?,
                        best_profit: columns.get()?,
                        mean_profit: columns.get()?,
                        last_found_at: instant_or_null(columns.get()?)?,
                        skipped: columns.get()?,
                    },
                ))
            })
            .collect()
    }

    /// Records what filters kept out; what was recorded before is brought up to date.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_decisions(&self, decisions: &[Decision]) -> Result<()> {
        if decisions.is_empty() {
            return Ok(());
        }
        let tx = self.begin_write().await?;
        for decision in decisions {
            let mut query = Query::new(
                "INSERT INTO strategy_decisions (strategy_id, version, event_id, identity, filter, profit, detail, logic_version, \
                 first_at, last_at) VALUES (",
            );
            query.bind_all([
                decision.strategy.0.0.into(),
                i64::from(decision.strategy.1).into(),
                decision.event_id.0.into(),
                decision.identity.clone().into(),
                decision.filter.clone().into(),
                decision.profit.into(),
                decision.detail.clone().into(),
                i64::from(decision.logic_version).into(),
                millis(decision.first_at).into(),
                millis(decision.last_at).into(),
            ]);
            query.push(
                ") ON CONFLICT (strategy_id, version, event_id, identity, filter) DO UPDATE SET profit = excluded.profit, \
                 detail = excluded.detail, logic_version = excluded.logic_version, last_at = excluded.last_at",
            );
            query.run(&tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What filters of one of a user's strategies kept out, the latest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn strategy_decisions(&self, owner: UserId, id: StrategyId, limit: u32) -> Result<Vec<Decision>> {
        let mut query = Query::new(
            "SELECT d.strategy_id, d.version, d.event_id, d.identity, d.filter, d.profit, d.detail, d.logic_version, d.first_at, \
             d.last_at FROM strategy_decisions d JOIN strategies s ON s.id = d.strategy_id WHERE s.user_id = ",
        );
        query.bind(owner.0).push(" AND s.id = ").bind(id.0);
        query
            .push(" ORDER BY d.last_at DESC, d.profit DESC, d.identity, d.filter LIMIT ")
            .bind(i64::from(limit));
        let rows = query.all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(Decision {
                    strategy: (StrategyId(columns.get()?), codec::version(columns.get()?)?),
                    event_id: EventId(columns.get()?),
                    identity: columns.get()?,
                    filter: columns.get()?,
                    profit: columns.get()?,
                    detail: columns.get()?,
                    logic_version: codec::version(columns.get()?)?,
                    first_at: instant(columns.get()?)?,
                    last_at: instant(columns.get()?)?,
                })
            })
            .collect()
    }
}

/// Makes a strategy within a transaction.
pub(crate) async fn add(
    tx: &DatabaseTransaction,
    owner: UserId,
    new: &NewStrategy,
    at: DateTime<Utc>,
) -> Result<StrategyId> {
    let id = insert(tx, owner, new, at).await?;
    bump_version(tx, "strategies").await?;
    Ok(id)
}

async fn insert(tx: &DatabaseTransaction, owner: UserId, new: &NewStrategy, at: DateTime<Utc>) -> Result<StrategyId> {
    let mut query = Query::new(
        "INSERT INTO strategies (user_id, kind, name, is_enabled, stage, version, params, created_at, updated_at) VALUES (",
    );
    query.bind_all([
        owner.0.into(),
        new.kind.code().into(),
        new.name.clone().into(),
        new.is_enabled.into(),
        new.stage.code().into(),
        1_i64.into(),
        new.params.to_string().into(),
        millis(at).into(),
        millis(at).into(),
    ]);
    let row = query.push(") RETURNING id").one(tx).await?;
    let row = row.ok_or_else(|| StoreError::Corrupt("an inserted strategy has no number".to_owned()))?;
    let id = StrategyId(row.try_get_by_index(0)?);
    insert_version(
        tx,
        &Strategy {
            id,
            owner,
            kind: new.kind,
            name: new.name.clone(),
            is_enabled: new.is_enabled,
            stage: new.stage,
            version: 1,
            params: new.params.clone(),
            created_at: at,
            updated_at: at,
        },
    )
    .await?;
    Ok(id)
}

async fn insert_version(tx: &DatabaseTransaction, row: &Strategy) -> Result<()> {
    let mut query =
        Query::new("INSERT INTO strategy_versions (strategy_id, version, name, params, created_at) VALUES (");
    query.bind_all([
        row.id.0.into(),
        i64::from(row.version).into(),
        row.name.clone().into(),
        row.params.to_string().into(),
        millis(row.updated_at).into(),
    ]);
    query.push(")").run(tx).await?;
    Ok(())
}
