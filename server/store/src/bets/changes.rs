//! Writing bets: each change with its lines in the ledger and its place in the bet's story.

use super::money::{NewEntry, post};
use super::{COLUMNS, StoredBet, read_json, with_closes, write_json};
use crate::{
    Cursor, Page, RequestTx, Result, Store, StoreError,
    codec::{self, instant, millis},
    sql::{Batch, Columns, Kind, Query},
};
use chrono::{DateTime, Utc};
use domain::bet::{Bet, BetMode, Wager};
use domain::close::Close;
use domain::ledger::{BetMoney, EntryKind, postings};
use domain::risk::{Approved, Control};
use domain::{AccountId, BetId, BookmakerId, Currency, EntryId, EventId, ImportId, MarketKey, OpportunityId, UserId};
use sea_orm::{QueryResult, Value};

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

/// A bet to record, with what is not a part of [`Bet`].
#[derive(Clone, Debug)]
pub struct NewBetRow {
    /// The bet; its number, version and closes are given here.
    pub bet: Bet,
    /// What was bet on, in words.
    pub summary: String,
    /// What makes it the same bet when it comes again.
    pub fingerprint: String,
}

/// What is kept beside a bet.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What was bet on, in words.
    pub summary: &'a str,
    /// What makes it the same bet when it comes again.
    pub fingerprint: &'a str,
    /// Why a person must settle it.
    pub needs_person: Option<&'a str>,
}

/// A change of a bet.
#[derive(Clone, Debug, PartialEq)]
pub struct BetChange {
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the program.
    pub actor: Option<UserId>,
    /// What: `placed`, `edited`, `settled`, `taken_back`, `cashed_out`, `removed`, `restored`, `imported`.
    pub action: String,
    /// Why, in words.
    pub reason: String,
    /// What changed, from and to.
    pub detail: serde_json::Value,
    /// The entry it made in the ledger.
    pub entry_id: Option<EntryId>,
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

const INSERT: &str = "INSERT INTO bets (user_id, account_id, bookmaker_id, mode, kind, status, currency, at_risk, price, sport, market, \
     summary, wager, fates, cash_outs, placed_at, recorded_at, settled_at, settled_as, payout, commission, settle_reason, \
     is_automatic, strategy_id, strategy_version, opportunity_id, edge_ppm, note, tags, reference, fingerprint, readings, version, \
     import_id) VALUES (";

impl RequestTx {
    /// Records a bet that was approved for the state that the lock holds: its row, its legs, its lines in the ledger and the first
    /// line of its story.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the approval is for another state; when the database does not answer.
    pub async fn insert_bet(
        &self,
        owner: UserId,
        new: &NewBetRow,
        approved: &Approved,
        action: &str,
        reason: &str,
    ) -> Result<BetId> {
        let mut query = Query::new("SELECT mark FROM bettors WHERE user_id = ");
        let row = query.bind(owner.0).one(&self.tx).await?;
        let mark: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        if mark != Some(approved.mark()) {
            return Err(StoreError::Conflict {
                constraint: Some("the state that was approved".to_owned()),
            });
        }
        let bet = &new.bet;
        let mut query = Query::new(INSERT);
        query.bind_all(bet_values(owner, new, approved)?);
        let row = query.push(") RETURNING id").one(&self.tx).await?;
        let row = row.ok_or_else(|| StoreError::corrupt("a bet", "no number"))?;
        let id = BetId(row.try_get_by_index(0)?);
        let mut legs = Batch::new(&[Kind::Int, Kind::Int, Kind::IntOrNull, Kind::Text, Kind::IntOrNull]);
        for (at, leg) in (0_i64..).zip(&bet.wager.legs) {
            legs.push([
                id.0.into(),
                at.into(),
                leg.event_id.map(|id| id.0).into(),
                market_text(&leg.market).into(),
                leg.starts_at.map(millis).into(),
            ]);
        }
        legs.run(&self.tx, |rows| {
            format!("INSERT INTO bet_legs (bet_id, position, event_id, market, starts_at) {rows}")
        })
        .await?;
        self.put_tags(owner, id, &bet.tags).await?;
        let entry = self
            .post_change(
                owner,
                id,
                bet,
                BetMoney::default(),
                bet.money(),
                EntryKind::Placement,
                bet.placed_at,
                reason,
            )
            .await?;
        let change = BetChange {
            at: bet.recorded_at,
            actor: Some(owner),
            action: action.to_owned(),
            reason: reason.to_owned(),
            detail: serde_json::Value::Null,
            entry_id: entry,
        };
        self.add_change(id, &change).await?;
        Ok(id)
    }

    async fn put_tags(&self, owner: UserId, id: BetId, tags: &[String]) -> Result<()> {
        Query::new("DELETE FROM bet_tags WHERE bet_id = ")
            .bind(id.0)
            .run(&self.tx)
            .await?;
        let mut rows = Batch::new(&[Kind::Int, Kind::Text, Kind::Int]);
        for tag in tags {
            rows.push([owner.0.into(), tag.as_str().into(), id.0.into()]);
        }
        if !tags.is_empty() {
            rows.run(&self.tx, |rows| {
                format!("INSERT INTO bet_tags (user_id, tag, bet_id) {rows}")
            })
            .await?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "an entry is made of all of them")]
    async fn post_change(
        &self,
        owner: UserId,
        id: BetId,
        bet: &Bet,
        before: BetMoney,
        after: BetMoney,
        kind: EntryKind,
        at: DateTime<Utc>,
        memo: &str,
    ) -> Result<Option<EntryId>> {
        let entry = NewEntry {
            kind,
            happened_at: at,
            bet_id: Some(id),
            reverses: None,
            memo: memo.to_owned(),
        };
        let lines = postings(bet.account_id, before, after);
        post(&self.tx, owner, &entry, &lines, bet.recorded_at.max(at)).await
    }

    async fn add_change(&self, id: BetId, change: &BetChange) -> Result<()> {
        let mut query =
            Query::new("INSERT INTO bet_changes (bet_id, at, actor_id, action, reason, detail, entry_id) VALUES (");
        query.bind_all([
            id.0.into(),
            millis(change.at).into(),
            change.actor.map(|actor| actor.0).into(),
            change.action.clone().into(),
            change.reason.clone().into(),
            change.detail.to_string().into(),
            change.entry_id.map(|id| id.0).into(),
        ]);
        query.push(")").run(&self.tx).await?;
        Ok(())
    }

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

    /// Writes a bet as it is after a change, posts what the change does to its money and adds it to its story. The version must be
    /// that of the bet before, and becomes one more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else changed it; when the database does not answer.
    pub async fn save_bet(
        &self,
        owner: UserId,
        before: &Bet,
        after: &Bet,
        about: About<'_>,
        entry: EntryKind,
        mut change: BetChange,
    ) -> Result<()> {
        let id = before.id;
        let mut query = Query::new("UPDATE bets SET version = version + 1, account_id = ");
        query
            .bind(after.account_id.0)
            .push(", bookmaker_id = ")
            .bind(after.bookmaker_id.map(|id| id.0));
        let settled = after.settled.as_ref();
        let mut set = |column: &str, value: Value| {
            query.push(", ").push(column).push(" = ").bind(value);
        };
        set("status", after.status.code().into());
        set("at_risk", after.at_risk.into());
        set("price", after.wager.price().map(domain::Price::micros).into());
        set("wager", write_json("a wager", &after.wager)?.into());
        set("fates", write_json("fates", &after.fates)?.into());
        set("cash_outs", write_json("cash-outs", &after.cash_outs)?.into());
        set("placed_at", millis(after.placed_at).into());
        set("settled_at", settled.map(|settled| millis(settled.at)).into());
        set("settled_as", settled.map(|settled| settled.settled_as.code()).into());
        set("payout", settled.map(|settled| settled.payout).into());
        set("commission", settled.map(|settled| settled.commission).into());
        set("settle_reason", settled.map(|settled| settled.reason.clone()).into());
        set("is_automatic", settled.map(|settled| settled.is_automatic).into());
        set("needs_person", about.needs_person.map(str::to_owned).into());
        set("summary", about.summary.to_owned().into());
        set("fingerprint", about.fingerprint.to_owned().into());
        set("edge_ppm", after.edge_ppm.into());
        set("note", after.note.clone().into());
        set("tags", write_json("tags", &after.tags)?.into());
        set("reference", after.reference.clone().into());
        set("deleted_at", after.deleted_at.map(millis).into());
        query
            .push(" WHERE user_id = ")
            .bind(owner.0)
            .push(" AND id = ")
            .bind(id.0);
        query.push(" AND version = ").bind(i64::from(before.version));
        if query.run(&self.tx).await? == 0 {
            return Err(StoreError::Conflict {
                constraint: Some("the bet's version".to_owned()),
            });
        }
        if before.tags != after.tags {
            self.put_tags(owner, id, &after.tags).await?;
        }
        let (was, is) = (before.money(), after.money());
        if before.account_id == after.account_id {
            change.entry_id = self
                .post_change(owner, id, after, was, is, entry, change.at, &change.reason)
                .await?;
        } else {
            let nothing = BetMoney::default();
            self.post_change(
                owner,
                id,
                before,
                was,
                nothing,
                EntryKind::Reversal,
                change.at,
                &change.reason,
            )
            .await?;
            change.entry_id = self
                .post_change(owner, id, after, nothing, is, entry, change.at, &change.reason)
                .await?;
        }
        self.add_change(id, &change).await
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

    /// Writes what a bet's price was worth against the close, in millionths.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_clv(&self, id: BetId, clv_ppm: Option<i64>, close_edge_ppm: Option<i64>) -> Result<()> {
        let mut query = Query::new("UPDATE bets SET clv_ppm = ");
        query.bind(clv_ppm).push(", close_edge_ppm = ").bind(close_edge_ppm);
        query.push(" WHERE id = ").bind(id.0).run(&self.tx).await?;
        Ok(())
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

/// A market as `bet_legs` tells it from others.
fn market_text(market: &MarketKey) -> String {
    let line = market.line.map(|line| line.to_string()).unwrap_or_default();
    let participant = market.participant.as_deref().unwrap_or_default();
    format!("{}|{}|{line}|{participant}", market.kind.code(), market.period.code())
}

fn bet_values(owner: UserId, new: &NewBetRow, approved: &Approved) -> Result<[Value; 34]> {
    let bet = &new.bet;
    let first = bet.wager.legs.first();
    let settled = bet.settled.as_ref();
    let sport = first.map_or("", |leg| leg.sport.key());
    let is_one = |key: &str| bet.wager.legs.iter().all(|leg| leg.sport.key() == key);
    let market = match bet.wager.legs.as_slice() {
        [only] => only.market.kind.code(),
        _ => bet.wager.structure.kind().code().to_owned(),
    };
    Ok([
        owner.0.into(),
        bet.account_id.0.into(),
        bet.bookmaker_id.map(|id| id.0).into(),
        bet.mode.code().into(),
        bet.wager.structure.kind().code().into(),
        bet.status.code().into(),
        bet.currency.code().into(),
        bet.at_risk.into(),
        bet.wager.price().map(domain::Price::micros).into(),
        if is_one(sport) { sport } else { "several" }.into(),
        market.into(),
        new.summary.clone().into(),
        write_json("a wager", &bet.wager)?.into(),
        write_json("fates", &bet.fates)?.into(),
        write_json("cash-outs", &bet.cash_outs)?.into(),
        millis(bet.placed_at).into(),
        millis(bet.recorded_at).into(),
        settled.map(|settled| millis(settled.at)).into(),
        settled.map(|settled| settled.settled_as.code()).into(),
        settled.map(|settled| settled.payout).into(),
        settled.map(|settled| settled.commission).into(),
        settled.map(|settled| settled.reason.clone()).into(),
        settled.map(|settled| settled.is_automatic).into(),
        bet.strategy.map(|(id, _)| id.0).into(),
        bet.strategy.map(|(_, version)| i64::from(version)).into(),
        bet.opportunity_id.map(|id| id.0).into(),
        bet.edge_ppm.into(),
        bet.note.clone().into(),
        write_json("tags", &bet.tags)?.into(),
        bet.reference.clone().into(),
        new.fingerprint.clone().into(),
        write_json("readings", &approved.readings())?.into(),
        1_i64.into(),
        bet.import_id.map(|id| id.0).into(),
    ])
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
