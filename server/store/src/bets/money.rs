//! Accounts and the ledger: entries whose lines balance, and the balances that are their fold.

use super::read_currency;
use crate::{
    Cursor, Page, RequestTx, Result, Store, StoreError,
    codec::{self, instant, instant_or_null, millis},
    sql::{Batch, Columns, Kind, Query, reserve_ids},
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::bet::BetMode;
use domain::ledger::{Balanced, EntryKind, Line, Part};
use domain::scenarios::ExchangeRate;
use domain::{AccountId, BetId, BookmakerId, Currency, EntryId, UserId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};
use std::collections::{BTreeMap, HashMap};

/// Money at one bookmaker, or outside of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// Where; none for money at no bookmaker.
    pub bookmaker_id: Option<BookmakerId>,
    /// What its owner calls it.
    pub name: String,
    /// In which currency.
    pub currency: Currency,
    /// Paper or real.
    pub mode: BetMode,
    /// Free money, in minor units.
    pub cash: i64,
    /// Money in open bets.
    pub stake: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

/// An account to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Where.
    pub bookmaker_id: Option<BookmakerId>,
    /// What its owner calls it.
    pub name: String,
    /// In which currency.
    pub currency: Currency,
    /// Paper or real.
    pub mode: BetMode,
}

/// An entry to make.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Why.
    pub kind: EntryKind,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// For which bet.
    pub bet_id: Option<BetId>,
    /// Which entry it takes back.
    pub reverses: Option<EntryId>,
    /// What its maker wrote.
    pub memo: String,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub id: EntryId,
    /// Why.
    pub kind: EntryKind,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// For which bet.
    pub bet_id: Option<BetId>,
    /// Which entry it takes back.
    pub reverses: Option<EntryId>,
    /// What its maker wrote.
    pub memo: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// With a line of this account.
    pub account: Option<AccountId>,
    /// Of this bet.
    pub bet: Option<BetId>,
}

/// What a currency was worth from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRow {
    /// Which currency.
    pub currency: Currency,
    /// From which day on.
    pub on: NaiveDate,
    /// What its minor unit is worth in those of the base currency.
    pub rate: ExchangeRate,
}

const ENTRY: &str =
    "SELECT e.id, e.kind, e.happened_at, e.recorded_at, e.bet_id, e.reverses, e.memo FROM entries e WHERE";
const ACCOUNT: &str =
    "SELECT id, bookmaker_id, name, currency, mode, cash, stake, created_at, closed_at FROM accounts WHERE user_id = ";

fn account(row: &QueryResult) -> Result<Account> {
    let mut columns = Columns::of(row);
    Ok(Account {
        id: AccountId(columns.get()?),
        bookmaker_id: columns.get::<Option<i64>>()?.map(BookmakerId),
        name: columns.get()?,
        currency: read_currency(&columns.get::<String>()?)?,
        mode: codec::bet_mode(&columns.get::<String>()?)?,
        cash: columns.get()?,
        stake: columns.get()?,
        created_at: instant(columns.get()?)?,
        closed_at: instant_or_null(columns.get()?)?,
    })
}

async fn accounts(db: &impl ConnectionTrait, owner: UserId) -> Result<Vec<Account>> {
    let mut query = Query::new(ACCOUNT);
    let rows = query.bind(owner.0).push(" ORDER BY id").all(db).await?;
    rows.iter().map(account).collect()
}

/// Free money and open stakes of each account by an instant, from the lines alone.
async fn balances_at(
    db: &impl ConnectionTrait,
    owner: UserId,
    at: DateTime<Utc>,
) -> Result<HashMap<AccountId, (i64, i64)>> {
    let mut query = Query::new(
        "SELECT l.account_id, CAST(COALESCE(SUM(CASE WHEN l.part = 'cash' THEN l.minor ELSE 0 END), 0) AS BIGINT), \
         CAST(COALESCE(SUM(CASE WHEN l.part = 'stake' THEN l.minor ELSE 0 END), 0) AS BIGINT) \
         FROM entries e JOIN entry_lines l ON l.entry_id = e.id WHERE e.user_id = ",
    );
    query.bind(owner.0).push(" AND e.happened_at <= ").bind(millis(at));
    let rows = query.push(" GROUP BY l.account_id").all(db).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((AccountId(columns.get()?), (columns.get()?, columns.get()?)))
        })
        .collect()
}

fn entry(row: &QueryResult) -> Result<Entry> {
    let mut columns = Columns::of(row);
    Ok(Entry {
        id: EntryId(columns.get()?),
        kind: codec::entry_kind(&columns.get::<String>()?)?,
        happened_at: instant(columns.get()?)?,
        recorded_at: instant(columns.get()?)?,
        bet_id: columns.get::<Option<i64>>()?.map(BetId),
        reverses: columns.get::<Option<i64>>()?.map(EntryId),
        memo: columns.get()?,
        lines: Vec::new(),
    })
}

/// Reads the lines of entries.
async fn add_lines(db: &impl ConnectionTrait, entries: &mut [Entry]) -> Result<()> {
    let places: HashMap<i64, usize> = entries.iter().enumerate().map(|(at, entry)| (entry.id.0, at)).collect();
    let mut query = Query::new("SELECT entry_id, account_id, part, minor FROM entry_lines WHERE entry_id");
    query.is_in(db, places.keys().copied());
    for row in query.push(" ORDER BY entry_id, position").all(db).await? {
        let mut columns = Columns::of(&row);
        let id: i64 = columns.get()?;
        let line = Line {
            account: AccountId(columns.get()?),
            part: codec::ledger_part(&columns.get::<String>()?)?,
            minor: columns.get()?,
        };
        if let Some(entry) = places.get(&id).and_then(|at| entries.get_mut(*at)) {
            entry.lines.push(line);
        }
    }
    Ok(())
}

fn rate(row: &QueryResult) -> Result<RateRow> {
    let mut columns = Columns::of(row);
    let currency = read_currency(&columns.get::<String>()?)?;
    let day: String = columns.get()?;
    let (base, foreign): (i64, i64) = (columns.get()?, columns.get()?);
    let units = |value: i64| u32::try_from(value).map_err(|_| StoreError::corrupt("an exchange rate", value));
    Ok(RateRow {
        currency,
        on: day.parse().map_err(|_| StoreError::corrupt("a day", &day))?,
        rate: ExchangeRate::new(units(base)?, units(foreign)?)
            .map_err(|error| StoreError::corrupt("an exchange rate", error))?,
    })
}

async fn rates(db: &impl ConnectionTrait, owner: UserId) -> Result<Vec<RateRow>> {
    let mut query = Query::new("SELECT currency, on_day, base, foreign_minor FROM exchange_rates WHERE user_id = ");
    let rows = query.bind(owner.0).push(" ORDER BY currency, on_day").all(db).await?;
    rows.iter().map(rate).collect()
}

/// Money that came to an account or left it other than by bets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Which account.
    pub account: AccountId,
    /// How much came, or below zero went, in minor units of the account's currency.
    pub minor: i64,
}

async fn flows(db: &impl ConnectionTrait, owner: UserId) -> Result<Vec<Flow>> {
    let mut query = Query::new(
        "SELECT e.happened_at, e.recorded_at, l.account_id, l.minor FROM entries e JOIN entry_lines l ON l.entry_id = e.id \
         WHERE e.bet_id IS NULL AND l.part = 'cash' AND e.user_id = ",
    );
    let rows = query
        .bind(owner.0)
        .push(" ORDER BY e.happened_at, e.id")
        .all(db)
        .await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(Flow {
                happened_at: instant(columns.get()?)?,
                recorded_at: instant(columns.get()?)?,
                account: AccountId(columns.get()?),
                minor: columns.get()?,
            })
        })
        .collect()
}

/// The span within which changes of a balance are told as one: days of every time zone begin at a multiple of it.
const QUARTER_MS: i64 = 15 * 60 * 1_000;

impl Store {
    /// By how much the balance of each of a user's accounts changed, open stakes included, in the order it happened. Changes within a
    /// quarter of an hour are one, at its beginning.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn balance_changes(&self, owner: UserId) -> Result<Vec<(DateTime<Utc>, AccountId, i64)>> {
        let mut query = Query::new(format!(
            "SELECT e.happened_at / {QUARTER_MS}, l.account_id, CAST(SUM(l.minor) AS BIGINT) FROM entries e \
             JOIN entry_lines l ON l.entry_id = e.id WHERE l.part IN ('cash', 'stake') AND e.user_id = "
        ));
        query
            .bind(owner.0)
            .push(" GROUP BY 1, 2 HAVING SUM(l.minor) <> 0 ORDER BY 1, 2");
        let rows = query.all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                let quarter: i64 = columns.get()?;
                Ok((
                    instant(quarter * QUARTER_MS)?,
                    AccountId(columns.get()?),
                    columns.get()?,
                ))
            })
            .collect()
    }

    /// Money that came to a user's accounts or left them other than by bets, in the order it happened.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn flows(&self, owner: UserId) -> Result<Vec<Flow>> {
        flows(self.reader(), owner).await
    }

    /// A user's accounts, closed ones included, in the order they were made.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn accounts(&self, owner: UserId) -> Result<Vec<Account>> {
        accounts(self.reader(), owner).await
    }

    /// Free money and open stakes of a user's accounts by an instant: what replaying the ledger comes to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn balances_at(&self, owner: UserId, at: DateTime<Utc>) -> Result<HashMap<AccountId, (i64, i64)>> {
        balances_at(self.reader(), owner, at).await
    }

    /// Accounts whose kept balance is not what their lines come to, and entries that do not balance: none, always.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ledger_faults(&self) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        let mut query = Query::new(
            "SELECT a.id, a.cash, a.stake, \
             CAST(COALESCE(SUM(CASE WHEN l.part = 'cash' THEN l.minor ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN l.part = 'stake' THEN l.minor ELSE 0 END), 0) AS BIGINT) \
             FROM accounts a LEFT JOIN entry_lines l ON l.account_id = a.id GROUP BY a.id, a.cash, a.stake",
        );
        let tx = self.begin_read().await?;
        for row in query.all(&tx).await? {
            let mut columns = Columns::of(&row);
            let (id, cash, stake): (i64, i64, i64) = (columns.get()?, columns.get()?, columns.get()?);
            let (lines_cash, lines_stake): (i64, i64) = (columns.get()?, columns.get()?);
            if (cash, stake) != (lines_cash, lines_stake) {
                faults.push(format!(
                    "account {id} says {cash} and {stake} in bets; its lines come to {lines_cash} and {lines_stake}"
                ));
            }
        }
        let mut query = Query::new(
            "SELECT entry_id, account_id, CAST(SUM(minor) AS BIGINT) FROM entry_lines GROUP BY entry_id, account_id \
             HAVING SUM(minor) <> 0",
        );
        for row in query.all(&tx).await? {
            let mut columns = Columns::of(&row);
            let (id, account, left): (i64, i64, i64) = (columns.get()?, columns.get()?, columns.get()?);
            faults.push(format!("entry {id} is out by {left} in account {account}"));
        }
        let mut query = Query::new(
            "SELECT b.id, CASE WHEN b.deleted_at IS NOT NULL THEN 0 WHEN b.settled_at IS NULL THEN -1 \
             ELSE b.payout - b.at_risk - b.commission END, \
             CAST(COALESCE((SELECT SUM(l.minor) FROM entries e JOIN entry_lines l ON l.entry_id = e.id \
             WHERE e.bet_id = b.id AND l.part IN ('cash', 'stake')), 0) AS BIGINT) FROM bets b",
        );
        for row in query.all(&tx).await? {
            let mut columns = Columns::of(&row);
            let (id, profit, lines): (i64, i64, i64) = (columns.get()?, columns.get()?, columns.get()?);
            // An open bet may have been cashed out in part; a settled one has won or lost what its lines say.
            if profit != -1 && profit != lines {
                faults.push(format!("bet {id} won {profit}; its lines come to {lines}"));
            }
        }
        tx.commit().await?;
        Ok(faults)
    }

    /// A user's entries, the latest first.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn entries(
        &self,
        owner: UserId,
        filter: &EntryFilter,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<Entry>> {
        let tx = self.begin_read().await?;
        let mut query = Query::new(format!("{ENTRY} e.user_id = "));
        query.bind(owner.0);
        if let Some(bet) = filter.bet {
            query.push(" AND e.bet_id = ").bind(bet.0);
        }
        if let Some(account) = filter.account {
            query.push(" AND EXISTS (SELECT 1 FROM entry_lines l WHERE l.entry_id = e.id AND l.account_id = ");
            query.bind(account.0).push(")");
        }
        if let Some(after) = after {
            query.push(" AND (e.happened_at, e.id) < (");
            query.bind_all([after.key.into(), after.id.into()]).push(")");
        }
        query
            .push(" ORDER BY e.happened_at DESC, e.id DESC LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.all(&tx).await?;
        let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>>>()?;
        add_lines(&tx, &mut entries).await?;
        tx.commit().await?;
        Ok(Page::cut(entries, limit, |entry: &Entry| Cursor {
            key: millis(entry.happened_at),
            id: entry.id.0,
        }))
    }

    /// What currencies were worth, by currency and day.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn exchange_rates(&self, owner: UserId) -> Result<Vec<RateRow>> {
        rates(self.reader(), owner).await
    }
}

impl RequestTx {
    /// As [`Store::flows`], within the request.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn flows(&self, owner: UserId) -> Result<Vec<Flow>> {
        flows(&self.tx, owner).await
    }

    /// As [`Store::accounts`], within the request.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn accounts(&self, owner: UserId) -> Result<Vec<Account>> {
        accounts(&self.tx, owner).await
    }

    /// As [`Store::balances_at`], within the request.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn balances_at(&self, owner: UserId, at: DateTime<Utc>) -> Result<HashMap<AccountId, (i64, i64)>> {
        balances_at(&self.tx, owner, at).await
    }

    /// The least free money that one of a user's accounts had at an instant or at any time since, in minor units.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn least_cash_since(&self, owner: UserId, id: AccountId, from: DateTime<Utc>) -> Result<i64> {
        let then = balances_at(&self.tx, owner, from).await?;
        let then = then.get(&id).map_or(0, |(cash, _)| *cash);
        let mut query = Query::new(
            "SELECT CAST(MIN(r.cash) AS BIGINT) FROM (SELECT e.happened_at AS at, \
             SUM(SUM(l.minor)) OVER (ORDER BY e.happened_at) AS cash FROM entries e JOIN entry_lines l ON l.entry_id = e.id \
             WHERE l.part = 'cash' AND e.user_id = ",
        );
        query.bind(owner.0).push(" AND l.account_id = ").bind(id.0);
        query.push(" GROUP BY e.happened_at) r WHERE r.at > ");
        let row = query.bind(millis(from)).one(&self.tx).await?;
        let since: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        Ok(since.map_or(then, |since| since.min(then)))
    }

    /// One of a user's entries with its lines, and whether another takes it back.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn entry(&self, owner: UserId, id: EntryId) -> Result<Option<(Entry, bool)>> {
        let mut query = Query::new(format!("{ENTRY} e.user_id = "));
        query.bind(owner.0).push(" AND e.id = ").bind(id.0);
        let Some(row) = query.one(&self.tx).await? else {
            return Ok(None);
        };
        let mut entries = vec![entry(&row)?];
        add_lines(&self.tx, &mut entries).await?;
        let mut query = Query::new("SELECT 1 FROM entries WHERE user_id = ");
        query.bind(owner.0).push(" AND reverses = ").bind(id.0);
        let is_reversed = query.one(&self.tx).await?.is_some();
        Ok(entries.pop().map(|entry| (entry, is_reversed)))
    }

    /// As [`Store::exchange_rates`], within the request.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn exchange_rates(&self, owner: UserId) -> Result<Vec<RateRow>> {
        rates(&self.tx, owner).await
    }

    /// Makes an account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_account(&self, owner: UserId, new: &NewAccount, at: DateTime<Utc>) -> Result<AccountId> {
        let mut query =
            Query::new("INSERT INTO accounts (user_id, bookmaker_id, name, currency, mode, created_at) VALUES (");
        query.bind_all([
            owner.0.into(),
            new.bookmaker_id.map(|id| id.0).into(),
            new.name.clone().into(),
            new.currency.code().into(),
            new.mode.code().into(),
            millis(at).into(),
        ]);
        let row = query.push(") RETURNING id").one(&self.tx).await?;
        let id = row.ok_or_else(|| StoreError::corrupt("an account", "no number"))?;
        Ok(AccountId(id.try_get_by_index(0)?))
    }

    /// Renames one of a user's accounts, closes it or opens it again. False when it is not the user's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_account(
        &self,
        owner: UserId,
        id: AccountId,
        name: &str,
        closed_at: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        let mut query = Query::new("UPDATE accounts SET name = ");
        query.bind(name).push(", closed_at = ").bind(closed_at.map(millis));
        query
            .push(" WHERE user_id = ")
            .bind(owner.0)
            .push(" AND id = ")
            .bind(id.0);
        Ok(query.run(&self.tx).await? > 0)
    }

    /// Writes an entry and brings the balances up to date. Nothing is written where nothing changes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn post(
        &self,
        owner: UserId,
        entry: &NewEntry,
        lines: &Balanced,
        now: DateTime<Utc>,
    ) -> Result<Option<EntryId>> {
        let posting = Posting {
            entry: entry.clone(),
            lines: lines.clone(),
            recorded_at: now,
        };
        Ok(post_all(&self.tx, owner, &[posting]).await?.pop().flatten())
    }

    /// Says what a currency is worth from a day on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_exchange_rate(&self, owner: UserId, row: &RateRow) -> Result<()> {
        let (base, foreign) = row.rate.into();
        let mut query =
            Query::new("INSERT INTO exchange_rates (user_id, currency, on_day, base, foreign_minor) VALUES (");
        query.bind_all([
            owner.0.into(),
            row.currency.code().into(),
            row.on.to_string().into(),
            i64::from(base).into(),
            i64::from(foreign).into(),
        ]);
        query.push(
            ") ON CONFLICT (user_id, currency, on_day) DO UPDATE SET base = excluded.base, foreign_minor = excluded.foreign_minor",
        );
        query.run(&self.tx).await?;
        Ok(())
    }
}

/// An entry to write with its lines.
#[derive(Clone, Debug)]
pub(super) struct Posting {
    /// The entry.
    pub entry: NewEntry,
    /// Its lines; an entry without lines is not written.
    pub lines: Balanced,
    /// When it is recorded.
    pub recorded_at: DateTime<Utc>,
}

/// Writes entries and brings the balances up to date. Answers with their numbers, in order; none for one that changes nothing.
pub(super) async fn post_all(
    tx: &DatabaseTransaction,
    owner: UserId,
    postings: &[Posting],
) -> Result<Vec<Option<EntryId>>> {
    let written = postings.iter().filter(|posting| !posting.lines.is_empty());
    let mut ids = reserve_ids(tx, "entries", written.clone().count()).await?.into_iter();
    let mut entries = Batch::new(&[
        Kind::Int,
        Kind::Int,
        Kind::Text,
        Kind::Int,
        Kind::Int,
        Kind::IntOrNull,
        Kind::IntOrNull,
        Kind::Text,
    ]);
    let mut lines = Batch::new(&[Kind::Int, Kind::Int, Kind::Int, Kind::Text, Kind::Int]);
    let mut moved: BTreeMap<AccountId, (i64, i64)> = BTreeMap::new();
    let mut numbers = Vec::with_capacity(postings.len());
    for posting in postings {
        if posting.lines.is_empty() {
            numbers.push(None);
            continue;
        }
        let id = ids.next().ok_or_else(|| StoreError::corrupt("an entry", "no number"))?;
        numbers.push(Some(EntryId(id)));
        let entry = &posting.entry;
        entries.push([
            id.into(),
            owner.0.into(),
            entry.kind.code().into(),
            millis(entry.happened_at).into(),
            millis(posting.recorded_at).into(),
            entry.bet_id.map(|id| id.0).into(),
            entry.reverses.map(|id| id.0).into(),
            entry.memo.clone().into(),
        ]);
        for (at, line) in (0_i64..).zip(posting.lines.lines()) {
            lines.push([
                id.into(),
                at.into(),
                line.account.0.into(),
                line.part.code().into(),
                line.minor.into(),
            ]);
            let sums = moved.entry(line.account).or_default();
            match line.part {
                Part::Cash => sums.0 += line.minor,
                Part::Stake => sums.1 += line.minor,
                _ => {}
            }
        }
    }
    entries
        .run(tx, |rows| {
            format!("INSERT INTO entries (id, user_id, kind, happened_at, recorded_at, bet_id, reverses, memo) {rows}")
        })
        .await?;
    lines
        .run(tx, |rows| {
            format!("INSERT INTO entry_lines (entry_id, position, account_id, part, minor) {rows}")
        })
        .await?;
    for (account, (cash, stake)) in moved {
        let mut query = Query::new("UPDATE accounts SET cash = cash + ");
        query.bind(cash).push(", stake = stake + ").bind(stake);
        query
            .push(" WHERE user_id = ")
            .bind(owner.0)
            .push(" AND id = ")
            .bind(account.0);
        if query.run(tx).await? == 0 {
            return Err(StoreError::corrupt("account", account));
        }
    }
    Ok(numbers)
}
