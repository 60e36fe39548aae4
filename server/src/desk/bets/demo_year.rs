//! The demo's year: paper bets of the year before on a sample of the demo's games, so that a new desk shows what bets look like.
//!
//! Each bet is made of recorded prices as they were known when it was placed, closed by the last ones before the start and settled by the
//! recorded result, with the code that serves every other bet. All of it is one import, which its owner can undo.

use super::closes::{closing, write_closes};
use super::files::placed;
use super::judge::judge_at;
use super::slip::on_event;
use super::{first_state, in_request};
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use chrono::{DateTime, TimeDelta, Utc};
use domain::bet::{BetLeg, BetMode, PayTerms, Structure, TakenQuote, Wager};
use domain::ledger::{Balanced, EntryKind, Part};
use domain::risk::Approved;
use domain::settlement::Fate;
use domain::{AccountId, Currency, EventId, ImportId, Side, UserId};
use engine::bet_file::FileBet;
use engine::bettor::{Pick, VALUE, pick};
use feeds::Feed;
use feeds::demo::{Demo, YearGame, year};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use store::{BetFilter, NewAccount, NewEntry, NewImport, RequestTx, UserRole};

/// Where it is noted how far the year is filled.
const FILLED: &str = "demo_year";
/// What the import and the account are called.
const NAME: &str = "The demo's year";
const ACCOUNT: &str = "Demo";
/// What the account holds at first, in minor units.
const OPENING: i64 = 100_000;
/// After how many games it is noted how far the year is filled.
const NOTED_EVERY: usize = 25;
/// How long after a result its bets are settled.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(5);

/// How far the year is filled, and for whom.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Year {
    owner: UserId,
    account: AccountId,
    currency: Currency,
    import: ImportId,
    /// Games that are done, the latest first.
    done: usize,
    is_over: bool,
}

/// Fills at most so many games more of the year, with a pause after each; interrupted it goes on where it was. True when nothing is left
/// to do, false as long as there is something or nobody to have bets. Somebody who has bets of their own gets none.
///
/// # Errors
/// When the database does not answer.
pub async fn fill(state: &AppState, most: usize, pause: Duration) -> ApiResult<bool> {
    let stored = state.store.setting(FILLED).await?;
    let known = stored.and_then(|value| serde_json::from_value::<Year>(value).ok());
    let simulation = state.pipeline.simulation().await?;
    let games = year(simulation.seed, simulation.began_at);
    let mut year = match known {
        Some(year) => year,
        None => match begin(state, &games).await? {
            Some(year) => year,
            None => return Ok(false),
        },
    };
    if year.is_over {
        return Ok(true);
    }
    for (number, game) in games.iter().enumerate().skip(year.done).take(most) {
        if is_undone(state, &year).await? {
            year.done = games.len();
            break;
        }
        state.pipeline.fill_game(&game.past).await?;
        bet_on(state, &year, game).await?;
        year.done = number + 1;
        if year.done.is_multiple_of(NOTED_EVERY) {
            note(state, &year).await?;
        }
        tokio::time::sleep(pause).await;
    }
    year.is_over = year.done >= games.len();
    note(state, &year).await?;
    if year.is_over {
        tracing::info!("the demo's year of bets is filled");
    }
    Ok(year.is_over)
}

async fn is_undone(state: &AppState, year: &Year) -> ApiResult<bool> {
    let imports = state.store.bet_imports(year.owner).await?;
    let import = imports.iter().find(|import| import.id == year.import);
    Ok(import.is_none_or(|import| import.undone_at.is_some()))
}

/// Notes how far the year is filled, and tells those who look.
async fn note(state: &AppState, year: &Year) -> ApiResult<()> {
    in_request(state, async |tx| {
        let added = i64::try_from(tx.bets_of_import(year.owner, year.import).await?.len()).unwrap_or(i64::MAX);
        let counts = NewImport {
            name: NAME.to_owned(),
            total: added,
            added,
            duplicate: 0,
            refused: 0,
        };
        Ok(tx.set_import_counts(year.import, &counts).await?)
    })
    .await?;
    Ok(state.store.set_setting(FILLED, &json!(year)).await?)
}

/// Makes the account and the import of the first owner; none as long as there is nobody. Where the last attempt was broken off, what it
/// made is taken up.
async fn begin(state: &AppState, games: &[YearGame]) -> ApiResult<Option<Year>> {
    let users = state.store.list_users().await?;
    let Some(owner) = users
        .iter()
        .find(|user| user.role == UserRole::Owner)
        .map(|user| user.id)
    else {
        return Ok(None);
    };
    let currency = state.store.bettor(owner).await?.currency;
    let begins_at = games
        .last()
        .map_or_else(|| state.clock.now(), |game| game.looked_at - TimeDelta::days(1));
    let has_bets = !state
        .store
        .list_bets(owner, &BetFilter::default(), store::BetOrder::Placed, 0, 1)
        .await?
        .is_empty();
    let imports = state.store.bet_imports(owner).await?;
    let before = imports
        .iter()
        .find(|import| import.import.name == NAME)
        .map(|import| import.id);
    let (account, import) = in_request(state, async |tx| {
        tx.lock_bets(owner).await?;
        let now = state.clock.now();
        let account = account(tx, owner, currency, begins_at, now).await?;
        let import = match before {
            Some(import) => import,
            None => begin_import(tx, owner, now).await?,
        };
        Ok((account, import))
    })
    .await?;
    let year = Year {
        owner,
        account,
        currency,
        import,
        done: 0,
        is_over: has_bets && before.is_none(),
    };
    note(state, &year).await?;
    Ok(Some(year))
}

async fn begin_import(tx: &RequestTx, owner: UserId, at: DateTime<Utc>) -> ApiResult<ImportId> {
    let empty = NewImport {
        name: NAME.to_owned(),
        total: 0,
        added: 0,
        duplicate: 0,
        refused: 0,
    };
    Ok(tx.add_import(owner, &empty, at).await?)
}

async fn account(
    tx: &RequestTx,
    owner: UserId,
    currency: Currency,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> ApiResult<AccountId> {
    let accounts = tx.accounts(owner).await?;
    let known = accounts
        .iter()
        .find(|account| account.name == ACCOUNT && account.mode == BetMode::Paper);
    if let Some(known) = known {
        return Ok(known.id);
    }
    let new = NewAccount {
        bookmaker_id: None,
        name: ACCOUNT.to_owned(),
        currency,
        mode: BetMode::Paper,
    };
    let id = tx.add_account(owner, &new, now).await?;
    let deposit = NewEntry {
        kind: EntryKind::Deposit,
        happened_at: at,
        bet_id: None,
        reverses: None,
        memo: "Paper money of the demo".to_owned(),
    };
    tx.post(owner, &deposit, &Balanced::into_cash(id, Part::Outside, OPENING), now)
        .await?;
    Ok(id)
}

/// What is bet on a game, at the prices of the moment it is looked at.
fn wager(pick: &Pick<'_>, event: &domain::event::Event) -> Wager {
    let bare = BetLeg {
        event_id: None,
        event: String::new(),
        sport: event.sport.clone(),
        competition: String::new(),
        home: None,
        away: None,
        starts_at: None,
        market: pick.market.clone(),
        outcome: pick.quote.outcome.clone(),
        side: Side::Back,
        price: pick.quote.price,
        price_text: pick.quote.price_text.clone(),
        quote: Some(TakenQuote {
            change_id: pick.quote.change_id,
            snapshot_id: pick.quote.snapshot_id,
        }),
    };
    Wager {
        structure: Structure::Single,
        stake: pick.stake,
        is_free: false,
        legs: vec![on_event(bare, event)],
        terms: PayTerms::default(),
    }
}

async fn bet_on(state: &AppState, year: &Year, game: &YearGame) -> ApiResult<()> {
    let Some(event_id) = state.store.event_of_feed(Demo.key(), &game.id).await? else {
        return Ok(());
    };
    let Some(bet) = bet_of(state, year, game, event_id).await? else {
        return Ok(());
    };
    let books = state.boards.profiles().await?;
    let bookmaker = books
        .values()
        .find(|book| book.key == bet.bookmaker)
        .map(|book| book.id);
    let mut placed = placed(&bet, year.account, bookmaker, Some(year.import));
    placed.recorded_at = state.clock.now();
    let first = first_state(placed, year.owner, "imported", NAME);
    let closing = closing(state, event_id)
        .await?
        .ok_or_else(|| ApiError::internal("a game that was just taken in is not there"))?;
    // Those who look are told when it is noted how far the year is, not of each bet.
    let tx = state.store.begin_request().await?;
    let bettor = tx.lock_bets(year.owner).await?;
    if tx
        .bet_fingerprints(year.owner)
        .await?
        .contains(&first.about.fingerprint)
    {
        return Ok(());
    }
    let approved = Approved::history(bettor.mark);
    let ids = tx.record_bets(year.owner, &[first.into()], &approved).await?;
    let Some(id) = ids.first().copied() else {
        return Ok(());
    };
    write_closes(&tx, year.owner, id, &closing).await?;
    judge_at(&tx, &books, year.owner, id, game.ended_at + SETTLED_AFTER).await?;
    Ok(tx.commit().await?)
}

/// What the bettor places; none where no price can be judged.
async fn bet_of(state: &AppState, year: &Year, game: &YearGame, event: EventId) -> ApiResult<Option<FileBet>> {
    let Some(board) = state.store.board(event, Some(game.looked_at)).await? else {
        return Ok(None);
    };
    let books = state.boards.profiles().await?;
    let Some(pick) = pick(&board, &books, game.looked_at) else {
        return Ok(None);
    };
    let is_value = pick.edge_ppm >= VALUE;
    // Nobody bets for the price alone: of the other games one in four is bet on all the same.
    if !is_value && !game.id.ends_with(['0', '4', '8', 'c']) {
        return Ok(None);
    }
    let bookmaker = books.get(&pick.quote.bookmaker_id).map(|book| book.key.clone());
    Ok(Some(FileBet {
        mode: BetMode::Paper,
        account: ACCOUNT.to_owned(),
        bookmaker: bookmaker.unwrap_or_default(),
        currency: year.currency,
        wager: wager(&pick, &board.event),
        placed_at: game.looked_at,
        fates: vec![Fate::OPEN],
        cash_outs: Vec::new(),
        settled: None,
        edge_ppm: Some(pick.edge_ppm),
        note: String::new(),
        tags: vec![if is_value { "value" } else { "hunch" }.to_owned()],
        reference: game.id.clone(),
    }))
}
