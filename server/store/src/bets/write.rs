//! Writing bets: each state of a bet with its lines in the ledger and its place in the bet's story, one bet or thousands at once.

use super::money::{NewEntry, Posting, post_all};
use super::write_json;
use crate::{
    RequestTx, Result, StoreError,
    codec::millis,
    sql::{Batch, Kind, Query, reserve_ids},
};
use chrono::{DateTime, Utc};
use domain::bet::Bet;
use domain::ledger::{BetMoney, EntryKind, postings};
use domain::risk::Approved;
use domain::{BetId, EntryId, MarketKey, UserId};
use sea_orm::Value;

/// What is kept beside a bet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What was bet on, in words.
    pub summary: String,
    /// What makes it the same bet when it comes again.
    pub fingerprint: String,
    /// Why a person must settle it.
    pub needs_person: Option<String>,
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
    /// The entry it made in the ledger; given out when the change is written.
    pub entry_id: Option<EntryId>,
}

/// A state of a bet, and how it came to it.
#[derive(Clone, Debug, PartialEq)]
pub struct BetState {
    /// The bet as it is then; numbers and versions are given out when it is written.
    pub bet: Bet,
    /// What is kept beside it.
    pub about: About,
    /// What the lines in the ledger are for.
    pub entry: EntryKind,
    /// What changed, when and why.
    pub change: BetChange,
}

impl BetState {
    /// A bet as it is placed or read from a file.
    pub fn placed(bet: Bet, about: About, actor: UserId, action: &str, reason: &str) -> Self {
        let change = BetChange {
            at: bet.recorded_at,
            actor: Some(actor),
            action: action.to_owned(),
            reason: reason.to_owned(),
            detail: serde_json::Value::Null,
            entry_id: None,
        };
        Self {
            bet,
            about,
            entry: EntryKind::Placement,
            change,
        }
    }
}

/// A bet to record: as it was placed, and every state it came to since.
#[derive(Clone, Debug, PartialEq)]
pub struct BetHistory {
    /// As it was placed.
    pub placed: BetState,
    /// What became of it, in order.
    pub later: Vec<BetState>,
}

impl From<BetState> for BetHistory {
    fn from(placed: BetState) -> Self {
        Self {
            placed,
            later: Vec::new(),
        }
    }
}

impl BetHistory {
    fn states(&self) -> impl Iterator<Item = &BetState> {
        std::iter::once(&self.placed).chain(&self.later)
    }

    fn last(&self) -> &BetState {
        self.later.last().unwrap_or(&self.placed)
    }
}

/// What is written beside bets when they change: lines in the ledger, and their stories.
#[derive(Default)]
struct Trail<'a> {
    postings: Vec<Posting>,
    /// A bet, its change, and which of the postings is its entry.
    changes: Vec<(BetId, &'a BetChange, usize)>,
}

impl<'a> Trail<'a> {
    /// From what a bet was to what it is; a bet that is new was nothing.
    fn add(&mut self, id: BetId, before: Option<&Bet>, state: &'a BetState) {
        let after = &state.bet;
        let was = before.map_or_else(BetMoney::default, Bet::money);
        let happened_at = match before {
            Some(_) => state.change.at,
            None => after.placed_at,
        };
        let mut post = |kind, bet: &Bet, was, is| {
            self.postings.push(Posting {
                entry: NewEntry {
                    kind,
                    happened_at,
                    bet_id: Some(id),
                    reverses: None,
                    memo: state.change.reason.clone(),
                },
                lines: postings(bet.account_id, was, is),
                recorded_at: bet.recorded_at.max(happened_at),
            });
        };
        match before.filter(|before| before.account_id != after.account_id) {
            // Money moves from one account to another: taken back there, placed here.
            Some(before) => {
                post(EntryKind::Reversal, before, was, BetMoney::default());
                post(state.entry, after, BetMoney::default(), after.money());
            }
            None => post(state.entry, after, was, after.money()),
        }
        self.changes.push((id, &state.change, self.postings.len() - 1));
    }
}

impl RequestTx {
    /// Records bets that were approved for the state that the lock holds: their rows, their legs, their lines in the ledger and their
    /// stories. Answers with their numbers, in order.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the approval is for another state; when the database does not answer.
    pub async fn record_bets(&self, owner: UserId, bets: &[BetHistory], approved: &Approved) -> Result<Vec<BetId>> {
        let mut query = Query::new("SELECT mark FROM bettors WHERE user_id = ");
        let row = query.bind(owner.0).one(&self.tx).await?;
        let mark: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        if mark != Some(approved.mark()) {
            return Err(StoreError::Conflict {
                constraint: Some("the state that was approved".to_owned()),
            });
        }
        let ids: Vec<BetId> = reserve_ids(&self.tx, "bets", bets.len())
            .await?
            .into_iter()
            .map(BetId)
            .collect();
        let readings = write_json("readings", &approved.readings())?;
        let mut rows = Vec::with_capacity(bets.len());
        let mut legs = Batch::new(&[Kind::Int, Kind::Int, Kind::IntOrNull, Kind::Text, Kind::IntOrNull]);
        let mut trail = Trail::default();
        let (mut tags, mut on_events) = (Vec::new(), Vec::new());
        for (id, history) in ids.iter().copied().zip(bets) {
            rows.push(new_row(owner, id, history, &readings)?);
            let bet = &history.last().bet;
            for (at, leg) in (0_i64..).zip(&bet.wager.legs) {
                legs.push([
                    id.0.into(),
                    at.into(),
                    leg.event_id.map(|id| id.0).into(),
                    market_text(&leg.market).into(),
                    leg.starts_at.map(millis).into(),
                ]);
            }
            tags.push((id, bet.tags.as_slice()));
            if bet.wager.legs.iter().any(|leg| leg.event_id.is_some()) {
                on_events.push(id);
            }
            let mut before = None;
            for state in history.states() {
                trail.add(id, before, state);
                before = Some(&state.bet);
            }
        }
        let (columns, rows) = table(rows);
        let columns = columns.join(", ");
        rows.run(&self.tx, |rows| format!("INSERT INTO bets ({columns}) {rows}"))
            .await?;
        legs.run(&self.tx, |rows| {
            format!("INSERT INTO bet_legs (bet_id, position, event_id, market, starts_at) {rows}")
        })
        .await?;
        self.note_closes(&on_events).await?;
        self.put_tags(owner, &tags).await?;
        self.write_trail(owner, trail).await?;
        Ok(ids)
    }

    /// Writes bets as they are after a change, posts what the change does to their money and adds it to their stories. The versions
    /// must be those of the bets before, and become one more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else changed one of them; when the database does not answer.
    pub async fn save_bets(&self, owner: UserId, changed: &[(Bet, BetState)]) -> Result<()> {
        let mut rows = Vec::with_capacity(changed.len());
        let mut trail = Trail::default();
        let mut tagged = Vec::new();
        for (before, state) in changed {
            rows.push(saved_row(owner, before, state)?);
            trail.add(before.id, Some(before), state);
            if before.tags != state.bet.tags {
                tagged.push((before.id, state.bet.tags.as_slice()));
            }
            if before.wager.legs != state.bet.wager.legs {
                self.forget_closes(before.id).await?;
            }
        }
        let (columns, rows) = table(rows);
        // The first three say which bet it is.
        let set: Vec<String> = (1..)
            .zip(columns)
            .skip(3)
            .map(|(place, column)| format!("{column} = v.column{place}"))
            .collect();
        let set = set.join(", ");
        let touched = rows
            .run(&self.tx, |rows| {
                format!(
                    "UPDATE bets SET version = bets.version + 1, {set} FROM ({rows}) AS v \
                     WHERE bets.id = v.column1 AND bets.user_id = v.column2 AND bets.version = v.column3"
                )
            })
            .await?;
        if usize::try_from(touched) != Ok(changed.len()) {
            return Err(StoreError::Conflict {
                constraint: Some("the bet's version".to_owned()),
            });
        }
        let mut query = Query::new("DELETE FROM bet_tags WHERE bet_id");
        if !tagged.is_empty() {
            query.is_in(&self.tx, tagged.iter().map(|(id, _)| id.0));
            query.run(&self.tx).await?;
        }
        self.put_tags(owner, &tagged).await?;
        self.write_trail(owner, trail).await
    }

    /// Forgets what a bet was worth against the close: that was of another price. It is taken again.
    async fn forget_closes(&self, id: BetId) -> Result<()> {
        let mut query = Query::new("UPDATE bets SET clv_ppm = NULL, close_edge_ppm = NULL WHERE id = ");
        query.bind(id.0).run(&self.tx).await?;
        let mut query = Query::new(
            "UPDATE bet_legs SET close_grade = NULL, close_reason = NULL, close_start_at = NULL, close_points = NULL, close = NULL \
             WHERE bet_id = ",
        );
        query.bind(id.0).run(&self.tx).await?;
        self.note_closes(&[id]).await
    }

    /// Notes on bets what can be told of their closes by the leg that can be trusted least; points of line only of singles.
    pub(super) async fn note_closes(&self, ids: &[BetId]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut query = Query::new(
            "UPDATE bets SET (close_grade, close_reason, close_event_id, close_points) = (\
             SELECT l.close_grade, l.close_reason, l.event_id, CASE WHEN bets.kind = 'single' THEN l.close_points END \
             FROM bet_legs l WHERE l.bet_id = bets.id ORDER BY CASE WHEN l.event_id IS NULL THEN 0 WHEN l.close_grade IS NULL THEN 1 \
             WHEN l.close_grade = 'missing' THEN 2 WHEN l.close_grade = 'provisional' THEN 3 ELSE 4 END, l.position LIMIT 1) \
             WHERE id",
        );
        query.is_in(&self.tx, ids.iter().map(|id| id.0));
        query.run(&self.tx).await?;
        Ok(())
    }

    async fn put_tags(&self, owner: UserId, tagged: &[(BetId, &[String])]) -> Result<()> {
        let mut rows = Batch::new(&[Kind::Int, Kind::Text, Kind::Int]);
        for (id, tags) in tagged {
            for tag in *tags {
                rows.push([owner.0.into(), tag.as_str().into(), id.0.into()]);
            }
        }
        rows.run(&self.tx, |rows| {
            format!("INSERT INTO bet_tags (user_id, tag, bet_id) {rows}")
        })
        .await?;
        Ok(())
    }

    async fn write_trail(&self, owner: UserId, trail: Trail<'_>) -> Result<()> {
        let entries = post_all(&self.tx, owner, &trail.postings).await?;
        let mut rows = Batch::new(&[
            Kind::Int,
            Kind::Int,
            Kind::IntOrNull,
            Kind::Text,
            Kind::Text,
            Kind::Text,
            Kind::IntOrNull,
        ]);
        for (id, change, posting) in trail.changes {
            let entry = entries.get(posting).copied().flatten();
            rows.push([
                id.0.into(),
                millis(change.at).into(),
                change.actor.map(|actor| actor.0).into(),
                change.action.clone().into(),
                change.reason.clone().into(),
                change.detail.to_string().into(),
                entry.map(|id| id.0).into(),
            ]);
        }
        rows.run(&self.tx, |rows| {
            format!("INSERT INTO bet_changes (bet_id, at, actor_id, action, reason, detail, entry_id) {rows}")
        })
        .await?;
        Ok(())
    }
}

/// A market as `bet_legs` tells it from others.
pub(super) fn market_text(market: &MarketKey) -> String {
    let line = market.line.map(|line| line.to_string()).unwrap_or_default();
    let participant = market.participant.as_deref().unwrap_or_default();
    format!("{}|{}|{line}|{participant}", market.kind.code(), market.period.code())
}

/// A bet's sport by key; `several` where its legs are of more than one.
fn sport_text(bet: &Bet) -> String {
    let sport = bet.wager.legs.first().map_or("", |leg| leg.sport.key());
    let is_one = bet.wager.legs.iter().all(|leg| leg.sport.key() == sport);
    if is_one { sport } else { "several" }.to_owned()
}

/// A bet's kind of market; of several legs the kind of bet.
fn market_word(bet: &Bet) -> String {
    match bet.wager.legs.as_slice() {
        [only] => only.market.kind.code(),
        _ => bet.wager.structure.kind().code().to_owned(),
    }
}

/// A column of `bets` in one row.
type Cell = (&'static str, Kind, Value);

/// Rows of `bets`, all with the same columns in the same order: the columns' names, and the rows to write.
fn table(rows: Vec<Vec<Cell>>) -> (Vec<&'static str>, Batch) {
    let first = rows.first().map_or(&[][..], Vec::as_slice);
    let names = first.iter().map(|(name, ..)| *name).collect();
    let mut batch = Batch::of(first.iter().map(|(_, kind, _)| *kind).collect());
    for row in rows {
        batch.push_cells(row.into_iter().map(|(.., value)| value));
    }
    (names, batch)
}

/// What of a bet can change.
fn changing(state: &BetState) -> Result<Vec<Cell>> {
    let BetState { bet, about, .. } = state;
    let settled = bet.settled.as_ref();
    let settled_at = settled.map(|settled| millis(settled.at));
    let settled_as = settled.map(|settled| settled.settled_as.code());
    let reason = settled.map(|settled| settled.reason.clone());
    Ok(vec![
        ("account_id", Kind::Int, bet.account_id.0.into()),
        ("bookmaker_id", Kind::IntOrNull, bet.bookmaker_id.map(|id| id.0).into()),
        ("status", Kind::Text, bet.status.code().into()),
        ("at_risk", Kind::Int, bet.at_risk.into()),
        (
            "price",
            Kind::IntOrNull,
            bet.wager.price().map(domain::Price::micros).into(),
        ),
        ("wager", Kind::Text, write_json("a wager", &bet.wager)?.into()),
        ("fates", Kind::Text, write_json("fates", &bet.fates)?.into()),
        ("cash_outs", Kind::Text, write_json("cash-outs", &bet.cash_outs)?.into()),
        ("placed_at", Kind::Int, millis(bet.placed_at).into()),
        ("settled_at", Kind::IntOrNull, settled_at.into()),
        ("settled_as", Kind::TextOrNull, settled_as.into()),
        ("payout", Kind::IntOrNull, settled.map(|settled| settled.payout).into()),
        (
            "commission",
            Kind::IntOrNull,
            settled.map(|settled| settled.commission).into(),
        ),
        ("settle_reason", Kind::TextOrNull, reason.into()),
        (
            "is_automatic",
            Kind::FlagOrNull,
            settled.map(|settled| settled.is_automatic).into(),
        ),
        ("needs_person", Kind::TextOrNull, about.needs_person.clone().into()),
        ("summary", Kind::Text, about.summary.clone().into()),
        ("fingerprint", Kind::Text, about.fingerprint.clone().into()),
        ("edge_ppm", Kind::IntOrNull, bet.edge_ppm.into()),
        ("note", Kind::Text, bet.note.clone().into()),
        ("tags", Kind::Text, write_json("tags", &bet.tags)?.into()),
        ("reference", Kind::Text, bet.reference.clone().into()),
        ("deleted_at", Kind::IntOrNull, bet.deleted_at.map(millis).into()),
    ])
}

/// A new bet's row: what it is now, with a version for each state it came through.
fn new_row(owner: UserId, id: BetId, history: &BetHistory, readings: &str) -> Result<Vec<Cell>> {
    let state = history.last();
    let bet = &state.bet;
    let version = i64::try_from(history.later.len()).unwrap_or(i64::MAX).saturating_add(1);
    let strategy_version = bet.strategy.map(|(_, version)| i64::from(version));
    let mut row = vec![
        ("id", Kind::Int, id.0.into()),
        ("user_id", Kind::Int, owner.0.into()),
        ("mode", Kind::Text, bet.mode.code().into()),
        ("kind", Kind::Text, bet.wager.structure.kind().code().into()),
        ("currency", Kind::Text, bet.currency.code().into()),
        ("sport", Kind::Text, sport_text(bet).into()),
        ("market", Kind::Text, market_word(bet).into()),
        ("recorded_at", Kind::Int, millis(bet.recorded_at).into()),
        ("strategy_id", Kind::IntOrNull, bet.strategy.map(|(id, _)| id.0).into()),
        ("strategy_version", Kind::IntOrNull, strategy_version.into()),
        (
            "opportunity_id",
            Kind::IntOrNull,
            bet.opportunity_id.map(|id| id.0).into(),
        ),
        ("readings", Kind::Text, readings.into()),
        ("version", Kind::Int, version.into()),
        ("import_id", Kind::IntOrNull, bet.import_id.map(|id| id.0).into()),
    ];
    row.extend(changing(state)?);
    Ok(row)
}

/// A bet's row after a change: which it is, and the version it must have had, before what changed.
fn saved_row(owner: UserId, before: &Bet, state: &BetState) -> Result<Vec<Cell>> {
    let mut row = vec![
        ("id", Kind::Int, before.id.0.into()),
        ("user_id", Kind::Int, owner.0.into()),
        ("version", Kind::Int, i64::from(before.version).into()),
    ];
    row.extend(changing(state)?);
    Ok(row)
}
