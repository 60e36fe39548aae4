//! What a user allows, and the lock that every change of bets holds.

use super::{read_currency, read_json, write_json};
use crate::{
    RequestTx, Result, Store,
    codec::{instant_or_null, millis},
    sql::{Columns, Query},
};
use chrono::{DateTime, Utc};
use domain::risk::Limits;
use domain::{Currency, UserId};
use sea_orm::{ConnectionTrait, QueryResult};

/// A user as a bettor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bettor {
    /// Grows with every change of the user's bets and money.
    pub mark: i64,
    /// In which everything is summed up.
    pub currency: Currency,
    /// What holds, unless a change has come of age.
    pub limits: Limits,
    /// A looser set that was asked for, and from when it holds.
    pub wanted: Option<(Limits, DateTime<Utc>)>,
    /// Until when the user wants no bets.
    pub cool_off_until: Option<DateTime<Utc>>,
}

impl Bettor {
    /// Somebody who never said anything: euros, and the usual limits.
    pub fn usual() -> Self {
        Self {
            mark: 0,
            currency: Currency::EUR,
            limits: Limits::default(),
            wanted: None,
            cool_off_until: None,
        }
    }

    /// The limits that hold at a moment.
    pub fn limits_at(&self, now: DateTime<Utc>) -> &Limits {
        match &self.wanted {
            Some((wanted, from)) if *from <= now => wanted,
            _ => &self.limits,
        }
    }
}

fn bettor(row: &QueryResult) -> Result<Bettor> {
    let mut columns = Columns::of(row);
    let mark = columns.get()?;
    let currency = read_currency(&columns.get::<String>()?)?;
    let limits = read_json("limits", &columns.get::<String>()?)?;
    let wanted: Option<String> = columns.get()?;
    let from = instant_or_null(columns.get()?)?;
    Ok(Bettor {
        mark,
        currency,
        limits,
        wanted: match wanted {
            Some(text) => from
                .map(|from| Ok::<_, crate::StoreError>((read_json("limits", &text)?, from)))
                .transpose()?,
            None => None,
        },
        cool_off_until: instant_or_null(columns.get()?)?,
    })
}

async fn find(db: &impl ConnectionTrait, owner: UserId) -> Result<Bettor> {
    let mut query = Query::new(
        "SELECT mark, currency, limits, wanted_limits, wanted_from, cool_off_until FROM bettors WHERE user_id = ",
    );
    let row = query.bind(owner.0).one(db).await?;
    Ok(row.as_ref().map(bettor).transpose()?.unwrap_or_else(Bettor::usual))
}

impl Store {
    /// A user as a bettor.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bettor(&self, owner: UserId) -> Result<Bettor> {
        find(self.reader(), owner).await
    }
}

impl RequestTx {
    /// Takes the lock on a user's bets and money until the request ends, and counts the change; answers with what holds. Comes
    /// before anything is read that the change depends on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_bets(&self, owner: UserId) -> Result<Bettor> {
        self.store.lock_in(&self.tx, &format!("bets:{owner}")).await?;
        let usual = Bettor::usual();
        let mut query = Query::new("INSERT INTO bettors (user_id, mark, currency, limits) VALUES (");
        query.bind_all([
            owner.0.into(),
            1_i64.into(),
            usual.currency.code().into(),
            write_json("limits", &usual.limits)?.into(),
        ]);
        query.push(") ON CONFLICT (user_id) DO UPDATE SET mark = bettors.mark + 1");
        query.run(&self.tx).await?;
        find(&self.tx, owner).await
    }

    /// Writes what a user allows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_bettor(&self, owner: UserId, bettor: &Bettor) -> Result<()> {
        let mut query = Query::new("UPDATE bettors SET currency = ");
        query.bind(bettor.currency.code()).push(", limits = ");
        query.bind(write_json("limits", &bettor.limits)?);
        let wanted = bettor.wanted.as_ref();
        let text = wanted.map(|(limits, _)| write_json("limits", limits)).transpose()?;
        query.push(", wanted_limits = ").bind(text);
        query
            .push(", wanted_from = ")
            .bind(wanted.map(|(_, from)| millis(*from)));
        query
            .push(", cool_off_until = ")
            .bind(bettor.cool_off_until.map(millis));
        query.push(" WHERE user_id = ").bind(owner.0).run(&self.tx).await?;
        Ok(())
    }
}
