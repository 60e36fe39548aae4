//! What happens to bets beside their own rows: their story, closes, what was decided against, imports.

use super::write::{BetChange, market_text};
use super::{COLUMNS, StoredBet, read_json, with_closes, write_json};
use crate::{
    Cursor, Page, RequestTx, Result, Store, StoreError,
    codec::{self, instant, millis},
    sql::{Columns, Query},
};
use chrono::{DateTime, Utc};
use domain::bet::{Bet, BetMode, Wager};
use domain::close::Close;
use domain::risk::Control;
use domain::{AccountId, BetId, BookmakerId, Currency, EntryId, EventId, ImportId, MarketKey, OpportunityId, UserId};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult};

/// What a bettor decided instead of betting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// Left alone.
    Skipped,
    /// Refused by a control.
    Refused,
}

impl Decided {
    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Refused => "refused",
        }
    }

    /// The decision of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Skipped, Self::Refused]
            .into_iter()
            .find(|decided| decided.code() == code)
    }
}

/// A bet that was decided against, to record.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDecision {
    /// What was decided.
    pub decided: Decided,
    /// Which control refused.
    pub control: Option<Control>,
    /// Why, in words.
    pub reason: String,
    /// Of which opportunity.
    pub opportunity_id: Option<OpportunityId>,
    /// Paper or real.
    pub mode: BetMode,
    /// What would have been bet on, in words.
    pub summary: String,
    /// What would have been bet.
    pub wager: Option<Wager>,
    /// What it would have put at risk, in minor units and which currency.
    pub at_risk: Option<(i64, Currency)>,
}

/// A bet that was decided against.
#[derive(Clone, Debug, PartialEq)]
pub struct BetDecision {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub decision: NewDecision,
}

impl RequestTx {
    /// One of a user's bets, removed ones included, within the request.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bet(&self, owner: UserId, id: BetId) -> Result<Option<StoredBet>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM bets b WHERE b.user_id = "));
        let rows = query
            .bind(owner.0)
            .push(" AND b.id = ")
            .bind(id.0)
            .all(&self.tx)
            .await?;
        Ok(with_closes(&self.tx, &rows).await?.pop())
    }

    /// Some of a user's bets by number, removed ones included, within the request.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bets(&self, owner: UserId, ids: &[BetId]) -> Result<Vec<StoredBet>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM bets b WHERE b.user_id = "));
        query.bind(owner.0).push(" AND b.id");
        query.is_in(&self.tx, ids.iter().map(|id| id.0));
        let rows = query.push(" ORDER BY b.id").all(&self.tx).await?;
        with_closes(&self.tx, &rows).await
    }

    /// A user's open bets of a mode, within the request.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn open_bets(&self, owner: UserId, mode: BetMode) -> Result<Vec<Bet>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM bets b WHERE b.user_id = "));
        query.bind(owner.0).push(" AND b.mode = ").bind(mode.code());
        query.push(" AND b.status = 'open' AND b.deleted_at IS NULL ORDER BY b.id");
        let rows = query.all(&self.tx).await?;
        rows.iter().map(|row| Ok(super::stored_bet(row)?.bet)).collect()
    }

    /// What a user's bets settled since an instant won and lost: account and profit of each.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn profits_since(
        &self,
        owner: UserId,
        mode: BetMode,
        from: DateTime<Utc>,
    ) -> Result<Vec<(AccountId, i64)>> {
        let mut query = Query::new(
            "SELECT account_id, CAST(SUM(payout - at_risk - commission) AS BIGINT) FROM bets WHERE deleted_at IS NULL AND user_id = ",
        );
        query.bind(owner.0).push(" AND mode = ").bind(mode.code());
        query
            .push(" AND settled_at >= ")
            .bind(millis(from))
            .push(" GROUP BY account_id");
        let rows = query.all(&self.tx).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok((AccountId(columns.get()?), columns.get()?))
            })
            .collect()
    }

    /// A user's single bets of one account in one market of one event that were settled, by number: those that an exchange charges
    /// together.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn settled_together(
        &self,
        owner: UserId,
        account: AccountId,
        event: EventId,
        market: &MarketKey,
    ) -> Result<Vec<Bet>> {
        let mut query = Query::new(format!(
            "SELECT {COLUMNS} FROM bets b JOIN bet_legs g ON g.bet_id = b.id AND g.position = 0 \
             WHERE b.deleted_at IS NULL AND b.status = 'settled' AND b.kind = 'single' AND b.user_id = "
        ));
        query.bind(owner.0).push(" AND b.account_id = ").bind(account.0);
        query.push(" AND g.event_id = ").bind(event.0);
        query
            .push(" AND g.market = ")
            .bind(market_text(market))
            .push(" ORDER BY b.id");
        let rows = query.all(&self.tx).await?;
        rows.iter().map(|row| Ok(super::stored_bet(row)?.bet)).collect()
    }

    /// Notes that a person must settle a bet, and why; or that nobody needs to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_needs_person(&self, owner: UserId, id: BetId, why: Option<&str>) -> Result<()> {
        let mut query = Query::new("UPDATE bets SET needs_person = ");
        query
            .bind(why.map(str::to_owned))
            .push(" WHERE user_id = ")
            .bind(owner.0);
        query.push(" AND id = ").bind(id.0).run(&self.tx).await?;
        Ok(())
    }

    /// Notes from what known state of its event a leg was last judged.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_leg_basis(&self, id: BetId, position: usize, basis: &str) -> Result<()> {
        let mut query = Query::new("UPDATE bet_legs SET basis = ");
        query
            .bind(basis)
            .push(" WHERE bet_id = ")
            .bind(id.0)
            .push(" AND position = ");
        query
            .bind(i64::try_from(position).unwrap_or(i64::MAX))
            .run(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes the close of a bet's leg.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_close(
        &self,
        id: BetId,
        position: usize,
        close: &Close,
        points: Option<domain::Line>,
    ) -> Result<()> {
        let mut query = Query::new("UPDATE bet_legs SET close_grade = ");
        query
            .bind(close.grade.code())
            .push(", close_reason = ")
            .bind(close.reason.clone());
        query.push(", close_start_at = ").bind(millis(close.start_at));
        query
            .push(", close_points = ")
            .bind(points.map(|line| i64::from(line.hundredths())));
        query.push(", close = ").bind(write_json("a close", close)?);
        query.push(" WHERE bet_id = ").bind(id.0).push(" AND position = ");
        query
            .bind(i64::try_from(position).unwrap_or(i64::MAX))
            .run(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes what a bet's price was worth against the close, in millionths, and which of its legs' closes can be trusted least.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_clv(&self, id: BetId, clv_ppm: Option<i64>, close_edge_ppm: Option<i64>) -> Result<()> {
        let mut query = Query::new("UPDATE bets SET clv_ppm = ");
        query.bind(clv_ppm).push(", close_edge_ppm = ").bind(close_edge_ppm);
        query.push(" WHERE id = ").bind(id.0).run(&self.tx).await?;
        self.note_closes(&[id]).await
    }

    /// Records a decision against a bet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_decision(&self, owner: UserId, decision: &NewDecision, at: DateTime<Utc>) -> Result<i64> {
        let mut query = Query::new(
            "INSERT INTO bet_decisions (user_id, at, decision, control, reason, opportunity_id, mode, summary, wager, currency, at_risk) \
             VALUES (",
        );
        let wager = decision
            .wager
            .as_ref()
            .map(|wager| write_json("a wager", wager))
            .transpose()?;
        query.bind_all([
            owner.0.into(),
            millis(at).into(),
            decision.decided.code().into(),
            decision.control.map(Control::code).into(),
            decision.reason.clone().into(),
            decision.opportunity_id.map(|id| id.0).into(),
            decision.mode.code().into(),
            decision.summary.clone().into(),
            wager.into(),
            decision.at_risk.map(|(_, currency)| currency.code().to_owned()).into(),
            decision.at_risk.map(|(minor, _)| minor).into(),
        ]);
        let row = query.push(") RETURNING id").one(&self.tx).await?;
        let row = row.ok_or_else(|| StoreError::corrupt("a decision", "no number"))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// A bookmaker by its key, made with what is known of it beforehand where nobody spoke of it yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bookmaker_named(&self, key: &str) -> Result<BookmakerId> {
        let (kind, commission_bp) = domain::bookmaker::known_profile(key);
        let mut query =
            Query::new("INSERT INTO bookmakers (key, name, kind, commission_bp, clone_group, is_demo) VALUES (");
        query.bind_all([
            key.to_owned().into(),
            key.to_owned().into(),
            kind.code().into(),
            i64::from(commission_bp).into(),
            None::<String>.into(),
            false.into(),
        ]);
        query.push(") ON CONFLICT (key) DO NOTHING").run(&self.tx).await?;
        let row = Query::new("SELECT id FROM bookmakers WHERE key = ")
            .bind(key.to_owned())
            .one(&self.tx)
            .await?;
        let row = row.ok_or_else(|| StoreError::corrupt("a bookmaker", "no number"))?;
        Ok(BookmakerId(row.try_get_by_index(0)?))
    }

    /// Notes what came of an import.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_import_counts(&self, id: ImportId, import: &super::list::NewImport) -> Result<()> {
        let mut query = Query::new("UPDATE bet_imports SET rows_added = ");
        query
            .bind(import.added)
            .push(", rows_duplicate = ")
            .bind(import.duplicate);
        query.push(", rows_refused = ").bind(import.refused);
        query.push(" WHERE id = ").bind(id.0).run(&self.tx).await?;
        Ok(())
    }

    /// Begins an import: bets that come with its number can be undone together.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_import(
        &self,
        owner: UserId,
        import: &super::list::NewImport,
        at: DateTime<Utc>,
    ) -> Result<ImportId> {
        let mut query = Query::new(
            "INSERT INTO bet_imports (user_id, name, state, rows_total, rows_added, rows_duplicate, rows_refused, at) VALUES (",
        );
        query.bind_all([
            owner.0.into(),
            import.name.clone().into(),
            "done".into(),
            import.total.into(),
            import.added.into(),
            import.duplicate.into(),
            import.refused.into(),
            millis(at).into(),
        ]);
        let row = query.push(") RETURNING id").one(&self.tx).await?;
        let row = row.ok_or_else(|| StoreError::corrupt("an import", "no number"))?;
        Ok(ImportId(row.try_get_by_index(0)?))
    }

    /// Tells the database how many bets there are now. PostgreSQL looks for itself only after a while, and until then reads every bet
    /// of a user for each page of them; SQLite needs no telling.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_bets_anew(&self) -> Result<()> {
        if self.tx.get_database_backend() == DbBackend::Postgres {
            let mut query = Query::new("ANALYZE bets, bet_legs, bet_changes, entries, entry_lines");
            query.run(&self.tx).await?;
        }
        Ok(())
    }

    /// Notes that an import was undone. False when it is not the user's or was undone before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_import_undone(&self, owner: UserId, id: ImportId, at: DateTime<Utc>) -> Result<bool> {
        let mut query = Query::new("UPDATE bet_imports SET state = 'undone', undone_at = ");
        query
            .bind(millis(at))
            .push(" WHERE undone_at IS NULL AND user_id = ")
            .bind(owner.0);
        Ok(query.push(" AND id = ").bind(id.0).run(&self.tx).await? > 0)
    }

    /// Numbers of the bets of an import that were not removed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bets_of_import(&self, owner: UserId, id: ImportId) -> Result<Vec<BetId>> {
        let mut query = Query::new("SELECT id FROM bets WHERE deleted_at IS NULL AND user_id = ");
        query.bind(owner.0).push(" AND import_id = ").bind(id.0);
        let rows = query.push(" ORDER BY id").all(&self.tx).await?;
        rows.iter().map(|row| Ok(BetId(row.try_get_by_index(0)?))).collect()
    }
}

fn change(row: &QueryResult) -> Result<BetChange> {
    let mut columns = Columns::of(row);
    Ok(BetChange {
        at: instant(columns.get()?)?,
        actor: columns.get::<Option<i64>>()?.map(UserId),
        action: columns.get()?,
        reason: columns.get()?,
        detail: codec::json(&columns.get::<String>()?)?,
        entry_id: columns.get::<Option<i64>>()?.map(EntryId),
    })
}

fn decision(row: &QueryResult) -> Result<BetDecision> {
    let mut columns = Columns::of(row);
    let (id, at) = (columns.get()?, instant(columns.get()?)?);
    let decided: String = columns.get()?;
    let control: Option<String> = columns.get()?;
    let reason = columns.get()?;
    let opportunity_id = columns.get::<Option<i64>>()?.map(OpportunityId);
    let mode = codec::bet_mode(&columns.get::<String>()?)?;
    let summary = columns.get()?;
    let wager: Option<String> = columns.get()?;
    let currency: Option<String> = columns.get()?;
    let at_risk: Option<i64> = columns.get()?;
    Ok(BetDecision {
        id,
        at,
        decision: NewDecision {
            decided: Decided::from_code(&decided).ok_or_else(|| StoreError::corrupt("a decision", &decided))?,
            control: control.as_deref().and_then(Control::from_code),
            reason,
            opportunity_id,
            mode,
            summary,
            wager: wager.map(|text| read_json("a wager", &text)).transpose()?,
            at_risk: match (at_risk, currency) {
                (Some(minor), Some(currency)) => Some((minor, super::read_currency(&currency)?)),
                _ => None,
            },
        },
    })
}

impl Store {
    /// The story of one of a user's bets, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bet_changes(&self, owner: UserId, id: BetId) -> Result<Vec<BetChange>> {
        let mut query = Query::new(
            "SELECT c.at, c.actor_id, c.action, c.reason, c.detail, c.entry_id FROM bet_changes c JOIN bets b ON b.id = c.bet_id \
             WHERE b.user_id = ",
        );
        query.bind(owner.0).push(" AND b.id = ").bind(id.0);
        let rows = query.push(" ORDER BY c.id").all(self.reader()).await?;
        rows.iter().map(change).collect()
    }

    /// What every control saw when a bet was recorded; nothing for one that no control was asked about.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bet_readings(&self, owner: UserId, id: BetId) -> Result<Vec<domain::risk::Reading>> {
        let mut query = Query::new("SELECT readings FROM bets WHERE user_id = ");
        let row = query
            .bind(owner.0)
            .push(" AND id = ")
            .bind(id.0)
            .one(self.reader())
            .await?;
        let text: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        text.map_or_else(|| Ok(Vec::new()), |text| read_json("readings", &text))
    }

    /// What a user decided against, the latest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bet_decisions(&self, owner: UserId, after: Option<Cursor>, limit: u32) -> Result<Page<BetDecision>> {
        let mut query = Query::new(
            "SELECT id, at, decision, control, reason, opportunity_id, mode, summary, wager, currency, at_risk FROM bet_decisions \
             WHERE user_id = ",
        );
        query.bind(owner.0);
        if let Some(after) = after {
            query.push(" AND id < ").bind(after.id);
        }
        let rows = query
            .push(" ORDER BY id DESC LIMIT ")
            .bind(i64::from(limit) + 1)
            .all(self.reader())
            .await?;
        let decisions = rows.iter().map(decision).collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(decisions, limit, |decision: &BetDecision| Cursor {
            key: millis(decision.at),
            id: decision.id,
        }))
    }
}
