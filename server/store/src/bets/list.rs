//! Reading bets: lists, what waits for a result or a close, imports, and the rows that statistics are made of.

use super::{COLUMNS, StoredBet, with_closes};
use crate::{
    Cursor, Page, RequestTx, Result, Store,
    codec::{self, instant, instant_or_null, millis},
    sql::{Columns, Query, packed},
};
use chrono::{DateTime, Utc};
use domain::bet::{BetMode, BetStatus, SettledAs};
use domain::close::CloseGrade;
use domain::settlement::facts::EventFacts;
use domain::{AccountId, BetId, BookmakerId, Currency, EventId, ImportId, OpportunityId, StrategyId, UserId};
use sea_orm::QueryResult;
use serde::Deserialize;
use std::borrow::Cow;

/// Whose bets are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of<T> {
    /// Everybody's.
    #[default]
    Any,
    /// Those of nobody.
    Nobody,
    /// Those of one.
    One(T),
}

impl<T> Of<T> {
    fn map<U>(self, to: impl FnOnce(T) -> U) -> Of<U> {
        match self {
            Self::Any => Of::Any,
            Self::Nobody => Of::Nobody,
            Self::One(one) => Of::One(to(one)),
        }
    }
}

/// Which bets are wanted; an empty filter wants all that were not removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BetFilter {
    /// Paper or real.
    pub mode: Option<BetMode>,
    /// Open or settled.
    pub status: Option<BetStatus>,
    /// That ended like this.
    pub settled_as: Option<SettledAs>,
    /// That a strategy found.
    pub strategy: Of<StrategyId>,
    /// At a bookmaker.
    pub bookmaker: Of<BookmakerId>,
    /// With this account.
    pub account: Option<AccountId>,
    /// In a sport, by key; `several` for bets on more than one.
    pub sport: Option<String>,
    /// In a kind of market, by code; of several legs the kind of bet.
    pub market: Option<String>,
    /// With a tag.
    pub tag: Option<String>,
    /// On an event.
    pub event: Option<EventId>,
    /// Of an opportunity.
    pub opportunity: Option<OpportunityId>,
    /// From an import.
    pub import: Option<ImportId>,
    /// With this in what was bet on, the note or the reference.
    pub text: Option<String>,
    /// Placed at or after this.
    pub placed_from: Option<DateTime<Utc>>,
    /// Placed before this.
    pub placed_to: Option<DateTime<Utc>>,
    /// Settled at or after this.
    pub settled_from: Option<DateTime<Utc>>,
    /// Settled before this.
    pub settled_to: Option<DateTime<Utc>>,
    /// Better than the close by at least so many millionths.
    pub clv_from: Option<i64>,
    /// Better than the close by less than so many millionths.
    pub clv_to: Option<i64>,
    /// Expected to win at least so many millionths of each unit.
    pub edge_from: Option<i64>,
    /// Expected to win less than so many millionths of each unit.
    pub edge_to: Option<i64>,
    /// That a person must settle.
    pub needs_person: bool,
    /// Removed ones instead of the others.
    pub removed: bool,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BetOrder {
    /// The last placed first.
    #[default]
    Placed,
    /// The last settled first.
    Settled,
    /// The greatest risk first.
    Risk,
    /// The greatest profit first.
    Profit,
    /// The best against the close first.
    Clv,
}

impl BetOrder {
    const fn sql(self) -> &'static str {
        match self {
            Self::Placed => " ORDER BY b.placed_at DESC, b.id DESC",
            Self::Settled => " ORDER BY COALESCE(b.settled_at, 0) DESC, b.id DESC",
            Self::Risk => " ORDER BY b.at_risk DESC, b.id DESC",
            Self::Profit => " ORDER BY COALESCE(b.payout - b.at_risk - b.commission, 0) DESC, b.id DESC",
            Self::Clv => " ORDER BY COALESCE(b.clv_ppm, -9000000000) DESC, b.id DESC",
        }
    }
}

/// What bets in one currency come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BetsTotal {
    /// In which currency.
    pub currency: Currency,
    /// How many.
    pub count: i64,
    /// What they put at risk.
    pub at_risk: i64,
    /// What those that were settled won or lost.
    pub profit: i64,
    /// What is at risk in those that are open.
    pub open: i64,
}

/// A leg whose event may have ended or closed since it was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegToClose {
    /// Whose.
    pub owner: UserId,
    /// Of which bet.
    pub bet_id: BetId,
    /// On which event.
    pub event_id: EventId,
}

/// A bet as statistics see it. Amounts are minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BetRowForStats {
    /// Which.
    pub id: BetId,
    /// With whose money.
    pub account_id: AccountId,
    /// Where.
    pub bookmaker_id: Option<BookmakerId>,
    /// In which currency.
    pub currency: Currency,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// When it was settled.
    pub settled_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub settled_as: Option<SettledAs>,
    /// What it put at risk.
    pub at_risk: i64,
    /// What it won or lost.
    pub profit: Option<i64>,
    /// Its price, where it has one.
    pub price: Option<domain::Price>,
    /// What was expected of each unit, in millionths.
    pub edge_ppm: Option<i64>,
    /// Its sport's key.
    pub sport: String,
    /// Its kind of market, or of bet.
    pub market: String,
    /// Which strategy found it.
    pub strategy: Option<StrategyId>,
    /// The bettor's words for it.
    pub tags: Vec<String>,
    /// How much better its price was than the close, in millionths.
    pub clv_ppm: Option<i64>,
    /// What its price was worth at the close, in millionths.
    pub close_edge_ppm: Option<i64>,
    /// Points of line over the close, in hundredths, of a single.
    pub close_points: Option<i64>,
    /// How far the close can be trusted: of several legs the one that can be trusted least.
    pub close_grade: Option<CloseGrade>,
    /// Why no further, of that leg.
    pub close_reason: Option<String>,
    /// The event of that leg; none where no feed speaks of it.
    pub close_event: Option<EventId>,
}

/// What is known of the event of a bet's leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegFacts {
    /// Which leg, from zero.
    pub position: usize,
    /// Which event.
    pub event_id: EventId,
    /// What the leg was last judged by.
    pub judged_by: String,
    /// What it is to be judged by.
    pub basis: String,
    /// The same, as values.
    pub facts: EventFacts,
}

/// An import to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImport {
    /// Its file's name, or what its owner calls it.
    pub name: String,
    /// Rows in the file.
    pub total: i64,
    /// Bets that were recorded.
    pub added: i64,
    /// Rows that were known already.
    pub duplicate: i64,
    /// Rows that could not be read.
    pub refused: i64,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Which.
    pub id: ImportId,
    /// What came of it.
    pub import: NewImport,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
}

fn conditions(query: &mut Query, owner: UserId, filter: &BetFilter) {
    query.push(" WHERE b.user_id = ").bind(owner.0);
    query.push(if filter.removed {
        " AND b.deleted_at IS NOT NULL"
    } else {
        " AND b.deleted_at IS NULL"
    });
    let mut number = |condition: &str, value: Option<i64>| {
        if let Some(value) = value {
            query.push(condition).bind(value);
        }
    };
    number(" AND b.account_id = ", filter.account.map(|id| id.0));
    number(" AND b.opportunity_id = ", filter.opportunity.map(|id| id.0));
    number(" AND b.import_id = ", filter.import.map(|id| id.0));
    number(" AND b.placed_at >= ", filter.placed_from.map(millis));
    number(" AND b.placed_at < ", filter.placed_to.map(millis));
    number(" AND b.settled_at >= ", filter.settled_from.map(millis));
    number(" AND b.settled_at < ", filter.settled_to.map(millis));
    number(" AND b.clv_ppm >= ", filter.clv_from);
    number(" AND b.clv_ppm < ", filter.clv_to);
    number(" AND b.edge_ppm >= ", filter.edge_from);
    number(" AND b.edge_ppm < ", filter.edge_to);
    let mut of = |column: &str, wanted: Of<i64>| match wanted {
        Of::Any => {}
        Of::Nobody => {
            query.push(" AND b.").push(column).push(" IS NULL");
        }
        Of::One(id) => {
            query.push(" AND b.").push(column).push(" = ").bind(id);
        }
    };
    of("strategy_id", filter.strategy.map(|id| id.0));
    of("bookmaker_id", filter.bookmaker.map(|id| id.0));
    let mut word = |condition: &str, value: Option<&str>| {
        if let Some(value) = value {
            query.push(condition).bind(value.to_owned());
        }
    };
    word(" AND b.mode = ", filter.mode.map(BetMode::code));
    word(" AND b.status = ", filter.status.map(BetStatus::code));
    word(" AND b.settled_as = ", filter.settled_as.map(SettledAs::code));
    word(" AND b.sport = ", filter.sport.as_deref());
    word(" AND b.market = ", filter.market.as_deref());
    if let Some(tag) = &filter.tag {
        query.push(" AND EXISTS (SELECT 1 FROM bet_tags t WHERE t.bet_id = b.id AND t.tag = ");
        query.bind(tag.clone()).push(")");
    }
    if let Some(event) = filter.event {
        query.push(" AND EXISTS (SELECT 1 FROM bet_legs g WHERE g.bet_id = b.id AND g.event_id = ");
        query.bind(event.0).push(")");
    }
    if let Some(text) = &filter.text {
        let wanted = format!("%{}%", text.to_lowercase().replace(['%', '_'], ""));
        query.push(" AND (LOWER(b.summary) LIKE ").bind(wanted.clone());
        query.push(" OR LOWER(b.note) LIKE ").bind(wanted.clone());
        query.push(" OR LOWER(b.reference) LIKE ").bind(wanted).push(")");
    }
    if filter.needs_person {
        query.push(" AND b.needs_person IS NOT NULL");
    }
}

impl Store {
    /// A page of a user's bets, counted from zero.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn list_bets(
        &self,
        owner: UserId,
        filter: &BetFilter,
        order: BetOrder,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<StoredBet>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM bets b"));
        conditions(&mut query, owner, filter);
        query.push(order.sql()).push(" LIMIT ").bind(i64::from(limit));
        let rows = query.push(" OFFSET ").bind(i64::from(skip)).all(self.reader()).await?;
        with_closes(self.reader(), &rows).await
    }

    /// A user's bets, the last placed first, after a cursor.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bets_after(
        &self,
        owner: UserId,
        filter: &BetFilter,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<StoredBet>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM bets b"));
        conditions(&mut query, owner, filter);
        if let Some(after) = after {
            query
                .push(" AND (b.placed_at, b.id) < (")
                .bind_all([after.key.into(), after.id.into()])
                .push(")");
        }
        query
            .push(BetOrder::Placed.sql())
            .push(" LIMIT ")
            .bind(i64::from(limit) + 1);
        let rows = query.all(self.reader()).await?;
        let bets = with_closes(self.reader(), &rows).await?;
        Ok(Page::cut(bets, limit, |bet: &StoredBet| Cursor {
            key: millis(bet.bet.placed_at),
            id: bet.bet.id.0,
        }))
    }

    /// What a user's bets come to, by currency.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bets_total(&self, owner: UserId, filter: &BetFilter) -> Result<Vec<BetsTotal>> {
        let mut query = Query::new(
            "SELECT b.currency, COUNT(*), CAST(COALESCE(SUM(b.at_risk), 0) AS BIGINT), \
             CAST(COALESCE(SUM(b.payout - b.at_risk - b.commission), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN b.status = 'open' THEN b.at_risk ELSE 0 END), 0) AS BIGINT) FROM bets b",
        );
        conditions(&mut query, owner, filter);
        let rows = query
            .push(" GROUP BY b.currency ORDER BY b.currency")
            .all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(BetsTotal {
                    currency: super::read_currency(&columns.get::<String>()?)?,
                    count: columns.get()?,
                    at_risk: columns.get()?,
                    profit: columns.get()?,
                    open: columns.get()?,
                })
            })
            .collect()
    }

    /// One of a user's bets, removed ones included.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bet(&self, owner: UserId, id: BetId) -> Result<Option<StoredBet>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM bets b WHERE b.user_id = "));
        let rows = query
            .bind(owner.0)
            .push(" AND b.id = ")
            .bind(id.0)
            .all(self.reader())
            .await?;
        Ok(with_closes(self.reader(), &rows).await?.pop())
    }

    /// Every tag of a user's bets, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bet_tags(&self, owner: UserId) -> Result<Vec<String>> {
        let mut query = Query::new("SELECT DISTINCT tag FROM bet_tags WHERE user_id = ");
        let rows = query.bind(owner.0).push(" ORDER BY tag").all(self.reader()).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// Bets with a leg on an event whose state is not the one they were last judged by, by number from the one after: so many at most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bets_to_judge(&self, after: BetId, limit: u32) -> Result<Vec<(UserId, BetId)>> {
        // What decides: the status, the start and the final score. Written as `basis` once a leg was judged by it.
        let mut query = Query::new(
            "SELECT DISTINCT b.user_id, b.id FROM bet_legs g JOIN bets b ON b.id = g.bet_id JOIN events e ON e.id = g.event_id \
             WHERE b.deleted_at IS NULL AND b.id > ",
        );
        query.bind(after.0).push(
            " AND ((e.status = 'postponed' AND b.status = 'open') OR ((e.status IN ('final', 'cancelled') \
             OR b.status = 'settled' OR e.starts_at > g.starts_at + 43200000) AND g.basis <> ",
        );
        query.push(BASIS).push(")) ORDER BY b.id LIMIT ").bind(i64::from(limit));
        let rows = query.all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok((UserId(columns.get()?), BetId(columns.get()?)))
            })
            .collect()
    }

    /// Legs whose event has started and that have no close, or one taken before another start; by bet and event from the pair after,
    /// so many at most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn legs_to_close(
        &self,
        now: DateTime<Utc>,
        after: (BetId, EventId),
        limit: u32,
    ) -> Result<Vec<LegToClose>> {
        let mut query = Query::new(
            "SELECT DISTINCT b.user_id, b.id, g.event_id FROM bet_legs g JOIN bets b ON b.id = g.bet_id \
             JOIN events e ON e.id = g.event_id WHERE b.deleted_at IS NULL AND e.status <> 'postponed' AND \
             (g.close_start_at IS NULL OR g.close_start_at > e.starts_at OR g.close_start_at < e.starts_at) AND e.starts_at <= ",
        );
        query
            .bind(millis(now))
            .push(" AND (b.id > ")
            .bind(after.0.0)
            .push(" OR (b.id = ")
            .bind(after.0.0);
        query.push(" AND g.event_id > ").bind(after.1.0).push(
            ")) AND NOT EXISTS (SELECT 1 FROM event_states s WHERE s.event_id = e.id AND s.status = 'live' \
             AND s.received_at = g.close_start_at) ORDER BY b.id, g.event_id LIMIT ",
        );
        let rows = query.bind(i64::from(limit)).all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(LegToClose {
                    owner: UserId(columns.get()?),
                    bet_id: BetId(columns.get()?),
                    event_id: EventId(columns.get()?),
                })
            })
            .collect()
    }

    /// A user's bets that pass a filter, as statistics see them; in no order, because sums need none.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn bets_for_stats(&self, owner: UserId, filter: &BetFilter) -> Result<Vec<BetRowForStats>> {
        let columns = "b.id, b.account_id, b.bookmaker_id, b.currency, b.placed_at, b.settled_at, b.settled_as, b.at_risk, \
             b.payout - b.at_risk - b.commission, b.price, b.edge_ppm, b.sport, b.market, b.strategy_id, b.tags, b.clv_ppm, \
             b.close_edge_ppm, b.close_points, b.close_grade, b.close_reason, b.close_event_id";
        let mut query = Query::new(format!("SELECT {} FROM bets b", packed(self.reader(), columns)));
        conditions(&mut query, owner, filter);
        let rows = query.all(self.reader()).await?;
        rows.iter().map(stats_row).collect()
    }

    /// What a user's settled bets of a mode won and lost, the first settled first: when, in which currency, how much in minor units.
    /// Bets that were settled at the same instant are one.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn settled_profits(&self, owner: UserId, mode: BetMode) -> Result<Vec<(DateTime<Utc>, Currency, i64)>> {
        let mut query = Query::new(
            "SELECT settled_at, currency, CAST(SUM(payout - at_risk - commission) AS BIGINT) FROM bets \
             WHERE settled_at IS NOT NULL AND deleted_at IS NULL AND user_id = ",
        );
        query.bind(owner.0).push(" AND mode = ").bind(mode.code());
        let rows = query.push(" GROUP BY settled_at, currency ORDER BY settled_at, currency");
        let rows = rows.all(self.reader()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                let at = instant(columns.get()?)?;
                Ok((at, super::read_currency(&columns.get::<String>()?)?, columns.get()?))
            })
            .collect()
    }

    /// A user's imports, the latest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bet_imports(&self, owner: UserId) -> Result<Vec<Import>> {
        let mut query = Query::new(
            "SELECT id, name, rows_total, rows_added, rows_duplicate, rows_refused, at, undone_at FROM bet_imports WHERE user_id = ",
        );
        let rows = query
            .bind(owner.0)
            .push(" ORDER BY id DESC LIMIT 100")
            .all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(Import {
                    id: ImportId(columns.get()?),
                    import: NewImport {
                        name: columns.get()?,
                        total: columns.get()?,
                        added: columns.get()?,
                        duplicate: columns.get()?,
                        refused: columns.get()?,
                    },
                    at: instant(columns.get()?)?,
                    undone_at: instant_or_null(columns.get()?)?,
                })
            })
            .collect()
    }

    /// What makes a user's bets the same when they come again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bet_fingerprints(&self, owner: UserId) -> Result<Vec<String>> {
        let mut query = Query::new("SELECT fingerprint FROM bets WHERE deleted_at IS NULL AND user_id = ");
        let rows = query.bind(owner.0).all(self.reader()).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }
}

impl RequestTx {
    /// What is known of the events of a bet's legs, by position; nothing for legs on no known event.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn leg_facts(&self, id: BetId) -> Result<Vec<LegFacts>> {
        let mut query = Query::new(
            "SELECT g.position, g.event_id, g.basis, e.status, e.starts_at, e.home_score, e.away_score, e.is_final_score, ",
        );
        query
            .push(BASIS)
            .push(" FROM bet_legs g JOIN events e ON e.id = g.event_id WHERE g.bet_id = ")
            .bind(id.0);
        let rows = query.push(" ORDER BY g.position").all(&self.tx).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                let position: i64 = columns.get()?;
                let event_id = EventId(columns.get()?);
                let judged_by = columns.get()?;
                let status = codec::status(&columns.get::<String>()?)?;
                let starts_at = instant(columns.get()?)?;
                let score = codec::score(columns.get()?, columns.get()?)?;
                Ok(LegFacts {
                    position: usize::try_from(position).unwrap_or(usize::MAX),
                    event_id,
                    judged_by,
                    facts: EventFacts {
                        status,
                        starts_at,
                        score,
                        is_final_score: columns.get()?,
                    },
                    basis: columns.get()?,
                })
            })
            .collect()
    }

    /// As [`Store::bet_fingerprints`], within the request.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bet_fingerprints(&self, owner: UserId) -> Result<Vec<String>> {
        let mut query = Query::new("SELECT fingerprint FROM bets WHERE deleted_at IS NULL AND user_id = ");
        let rows = query.bind(owner.0).all(&self.tx).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }
}

/// What a leg is judged by, as text: whatever differs is judged again.
const BASIS: &str = "(e.status || '|' || CAST(e.starts_at AS TEXT) || '|' || CASE WHEN e.is_final_score THEN \
     COALESCE(CAST(e.home_score AS TEXT), '') || ':' || COALESCE(CAST(e.away_score AS TEXT), '') ELSE '' END)";

/// A packed row for statistics, in the order of its columns.
#[derive(Deserialize)]
struct PackedForStats<'a> {
    id: i64,
    account: i64,
    bookmaker: Option<i64>,
    #[serde(borrow)]
    currency: Cow<'a, str>,
    placed_at: i64,
    settled_at: Option<i64>,
    #[serde(borrow)]
    settled_as: Option<Cow<'a, str>>,
    at_risk: i64,
    profit: Option<i64>,
    price: Option<i64>,
    edge_ppm: Option<i64>,
    sport: String,
    market: String,
    strategy: Option<i64>,
    #[serde(borrow)]
    tags: Cow<'a, str>,
    clv_ppm: Option<i64>,
    close_edge_ppm: Option<i64>,
    close_points: Option<i64>,
    #[serde(borrow)]
    close_grade: Option<Cow<'a, str>>,
    close_reason: Option<String>,
    close_event: Option<i64>,
}

fn stats_row(row: &QueryResult) -> Result<BetRowForStats> {
    let text: String = row.try_get_by_index(0)?;
    let row: PackedForStats<'_> = super::read_json("a bet for statistics", &text)?;
    Ok(BetRowForStats {
        id: BetId(row.id),
        account_id: AccountId(row.account),
        bookmaker_id: row.bookmaker.map(BookmakerId),
        currency: super::read_currency(&row.currency)?,
        placed_at: instant(row.placed_at)?,
        settled_at: instant_or_null(row.settled_at)?,
        settled_as: row.settled_as.map(|code| codec::settled_as(&code)).transpose()?,
        at_risk: row.at_risk,
        profit: row.profit,
        price: codec::price(row.price)?,
        edge_ppm: row.edge_ppm,
        sport: row.sport,
        market: row.market,
        strategy: row.strategy.map(StrategyId),
        tags: match &*row.tags {
            "[]" => Vec::new(),
            tags => super::read_json("tags", tags)?,
        },
        clv_ppm: row.clv_ppm,
        close_edge_ppm: row.close_edge_ppm,
        close_points: row.close_points,
        close_grade: row.close_grade.as_deref().and_then(CloseGrade::from_code),
        close_reason: row.close_reason,
        close_event: row.close_event.map(EventId),
    })
}
