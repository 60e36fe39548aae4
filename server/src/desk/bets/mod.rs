//! Bets as people keep them: placing within limits, settling, taking back, cashing out, and the money behind it.
//!
//! Everything that changes a bet goes through [`change`] or [`place`], within one request's transaction: the user's lock first, then
//! what the change depends on, then the bet with its lines in the ledger. The program never places money: it records what a person
//! placed.

pub mod closes;
pub mod demo_year;
pub mod files;
pub mod judge;
pub mod money;
pub mod performance;
pub mod place;
pub mod settle;
pub mod slip;
pub mod standing;

use crate::http::errors::{ApiError, ApiResult};
use crate::http::live::News;
use crate::state::AppState;
use chrono::{DateTime, Utc};
use domain::bet::{Bet, BetLeg, BetStatus, Structure, Wager};
use domain::ledger::EntryKind;
use domain::{BetId, MarketKind, Outcome, Side, UserId};
use serde_json::{Value, json};
use store::{About, BetChange, BetState, RequestTx, StoredBet};

/// Letters of a note at most.
pub const MAX_NOTE: usize = 4_000;
/// Letters of a tag, a name or a reference at most.
pub const MAX_WORD: usize = 120;
/// Tags of a bet at most.
const MAX_TAGS: usize = 20;

/// What was bet on, in words: `Bears - Lions: Bears -3.5`, several legs one after the other.
pub fn summary(wager: &Wager) -> String {
    let legs: Vec<String> = wager.legs.iter().map(leg_summary).collect();
    match wager.structure {
        Structure::Single => legs.join("; "),
        _ => format!("{}: {}", wager.structure.kind().name(), legs.join("; ")),
    }
}

fn leg_summary(leg: &BetLeg) -> String {
    let side = if leg.side == Side::Lay { "lay " } else { "" };
    let name = match (&leg.outcome, &leg.home, &leg.away) {
        (Outcome::Home, Some(home), _) => home.clone(),
        (Outcome::Away, _, Some(away)) => away.clone(),
        (Outcome::Named(name), ..) => name.clone(),
        (outcome, ..) => outcome.code().replace('_', " "),
    };
    let line = match leg.market.line_of(&leg.outcome) {
        Some(line) if leg.market.kind == MarketKind::Spread => format!(" {}", line.signed()),
        Some(line) => format!(" {line}"),
        None => String::new(),
    };
    format!(
        "{}: {side}{name}{line} ({})",
        leg.event,
        leg.market.kind.name().to_lowercase()
    )
}

/// What makes a bet the same when it comes again: the number that its source gave it, or all that was bet and when.
pub fn fingerprint(bet: &Bet) -> String {
    let place = bet.bookmaker_id.map_or(-bet.account_id.0, |id| id.0);
    if !bet.reference.is_empty() {
        return format!("ref|{place}|{}", bet.reference);
    }
    let minute = bet.placed_at.timestamp() / 60;
    let legs: Vec<String> = bet
        .wager
        .legs
        .iter()
        .map(|leg| format!("{}@{}", leg_summary(leg), leg.price))
        .collect();
    format!("bet|{place}|{minute}|{}|{}", bet.wager.stake, legs.join("|"))
}

/// One of a user's bets.
///
/// # Errors
/// 404 when it is not the user's.
pub async fn find(state: &AppState, owner: UserId, id: BetId) -> ApiResult<StoredBet> {
    state
        .store
        .bet(owner, id)
        .await?
        .ok_or_else(|| ApiError::not_found("bet"))
}

/// One of a user's bets for a change, with the user's lock held.
async fn lock_and_find(tx: &RequestTx, owner: UserId, id: BetId) -> ApiResult<StoredBet> {
    tx.lock_bets(owner).await?;
    tx.bet(owner, id).await?.ok_or_else(|| ApiError::not_found("bet"))
}

/// Who changes a bet, when and why.
#[derive(Clone, Copy, Debug)]
pub struct Doing<'a> {
    /// Who; none for the program.
    pub actor: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in words.
    pub reason: &'a str,
}

/// Writes a bet as it is after a change. A settlement that is replaced is taken back first, by an entry of its own.
async fn change(
    tx: &RequestTx,
    owner: UserId,
    before: &Bet,
    after: &Bet,
    needs_person: Option<&str>,
    action: &str,
    doing: Doing<'_>,
) -> ApiResult<Bet> {
    let mut from = before.clone();
    let is_regrade =
        before.status == BetStatus::Settled && after.status == BetStatus::Settled && before.settled != after.settled;
    if is_regrade {
        let mut open = before.clone();
        open.status = BetStatus::Open;
        open.settled = None;
        let state = next_state(&from, open.clone(), None, EntryKind::Reversal, "taken_back", doing);
        save(tx, owner, &[(from, state)]).await?;
        from = open;
        from.version += 1;
    }
    let mut to = after.clone();
    to.version = from.version;
    let kind = match (from.status, to.status) {
        _ if to.deleted_at.is_some() && from.deleted_at.is_none() => EntryKind::Reversal,
        (BetStatus::Open, BetStatus::Settled) => EntryKind::Settlement,
        (BetStatus::Settled, BetStatus::Open) => EntryKind::Reversal,
        _ if from.cash_outs != to.cash_outs => EntryKind::CashOut,
        _ => EntryKind::Placement,
    };
    let state = next_state(&from, to.clone(), needs_person, kind, action, doing);
    save(tx, owner, &[(from, state)]).await?;
    to.version += 1;
    Ok(to)
}

/// A bet as it is placed or read from a file.
fn first_state(bet: Bet, owner: UserId, action: &str, reason: &str) -> BetState {
    let about = About {
        summary: summary(&bet.wager),
        fingerprint: fingerprint(&bet),
        needs_person: None,
    };
    BetState::placed(bet, about, owner, action, reason)
}

/// A bet as it is after a change.
fn next_state(
    before: &Bet,
    bet: Bet,
    needs_person: Option<&str>,
    entry: EntryKind,
    action: &str,
    doing: Doing<'_>,
) -> BetState {
    BetState {
        about: About {
            summary: summary(&bet.wager),
            fingerprint: fingerprint(&bet),
            needs_person: needs_person.map(str::to_owned),
        },
        entry,
        change: BetChange {
            at: doing.at,
            actor: doing.actor,
            action: action.to_owned(),
            reason: doing.reason.to_owned(),
            detail: differences(before, &bet),
            entry_id: None,
        },
        bet,
    }
}

async fn save(tx: &RequestTx, owner: UserId, changed: &[(Bet, BetState)]) -> ApiResult<()> {
    tx.save_bets(owner, changed).await.map_err(|error| match error {
        store::StoreError::Conflict { .. } => {
            ApiError::conflict("the bet was changed meanwhile; look at it and try again")
        }
        other => other.into(),
    })
}

/// What differs between two states of a bet, from and to.
fn differences(before: &Bet, after: &Bet) -> Value {
    let (Ok(Value::Object(mut was)), Ok(Value::Object(is))) =
        (serde_json::to_value(before), serde_json::to_value(after))
    else {
        return Value::Null;
    };
    let changed = is
        .into_iter()
        .filter_map(|(name, to)| {
            let from = was.remove(&name).unwrap_or_default();
            (from != to && name != "version" && name != "closes").then(|| (name, json!({"from": from, "to": to})))
        })
        .collect();
    Value::Object(changed)
}

/// Carries out a change of a user's bets in one transaction, and tells open pages.
///
/// # Errors
/// Whatever `work` fails with; then nothing was changed.
pub async fn in_request<T>(state: &AppState, work: impl AsyncFnOnce(&RequestTx) -> ApiResult<T>) -> ApiResult<T> {
    let tx = state.store.begin_request().await?;
    let done = work(&tx).await?;
    tx.commit().await?;
    state.live.tell(News::Bets);
    Ok(done)
}

/// Checks what a bettor writes about a bet.
///
/// # Errors
/// Field errors `note`, `tags`, `reference`.
pub fn check_words(note: &str, tags: &[String], reference: &str) -> ApiResult<()> {
    if note.chars().count() > MAX_NOTE
        || note
            .chars()
            .any(|letter| letter.is_control() && letter != '\n' && letter != '\r' && letter != '\t')
    {
        return Err(ApiError::field("note", format!("use at most {MAX_NOTE} letters")));
    }
    let is_word = |word: &str| word.chars().count() <= MAX_WORD && !word.contains(char::is_control);
    if tags.len() > MAX_TAGS || !tags.iter().all(|tag| is_word(tag) && !tag.trim().is_empty()) {
        return Err(ApiError::field(
            "tags",
            format!("use at most {MAX_TAGS} tags of at most {MAX_WORD} letters"),
        ));
    }
    if !is_word(reference) {
        return Err(ApiError::field(
            "reference",
            format!("use at most {MAX_WORD} letters on one line"),
        ));
    }
    Ok(())
}

/// Tags as a bettor types them, with commas between: in order, each once.
pub fn read_tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = text
        .split(',')
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty())
        .collect();
    tags.sort();
    tags.dedup();
    tags
}
