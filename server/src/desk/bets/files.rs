//! Bets in and out of files: what an import would do, doing it, undoing it, and writing bets down.
//!
//! An import is one transaction: while it goes on it can be watched and cancelled, and whatever breaks it off leaves nothing behind.
//! Its bets are history, so no limit is asked; they can be taken back together by the import's number.

use super::settle::remove_all;
use super::{Doing, fingerprint, first_state, next_state};
use crate::http::errors::{ApiError, ApiResult};
use crate::http::live::News;
use crate::state::AppState;
use domain::bet::{Bet, BetMode, BetStatus};
use domain::ledger::EntryKind;
use domain::risk::Approved;
use domain::settlement::Fate;
use domain::{AccountId, BetId, BookmakerId, Currency, ImportId, UserId};
use engine::BooksById;
use engine::bet_file::foreign::{Mapping, Usual};
use engine::bet_file::{Complaint, FileBet, ReadRow, Reading};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Account, BetFilter, BetHistory, Cursor, NewAccount, NewImport, RequestTx, Store};

/// The largest file that is read, in bytes.
pub const MAX_FILE: usize = 16 << 20;
/// People whose file or import is kept in memory at once.
const MAX_KEPT: usize = 64;
/// So many new bets change how the database had best look for them.
const MANY: usize = 1_000;
/// Bets that are recorded at once; after each portion those who watch are told, and whoever cancelled is heard.
const PORTION: usize = 256;
/// Bets that are read at once when they are written down.
const PAGE: u32 = 500;

/// What would become of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its bet is recorded.
    Add,
    /// Its bet is there already, or stands in the file before.
    Duplicate,
    /// It cannot be read.
    Refused(Vec<Complaint>),
}

/// A row of a file with what would become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its line.
    pub line: u64,
    /// The bet, where it can be read.
    pub bet: Option<FileBet>,
    /// What would become of it.
    pub verdict: Verdict,
    /// What a person should know.
    pub remarks: Vec<String>,
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Row by row.
    pub rows: Vec<Planned>,
}

impl Plan {
    fn count(&self, is_it: impl Fn(&Verdict) -> bool) -> i64 {
        let found = self.rows.iter().filter(|row| is_it(&row.verdict)).count();
        i64::try_from(found).unwrap_or(i64::MAX)
    }

    /// The import with its numbers.
    pub fn import(&self, name: &str) -> NewImport {
        NewImport {
            name: name.to_owned(),
            total: i64::try_from(self.rows.len()).unwrap_or(i64::MAX),
            added: self.count(|verdict| *verdict == Verdict::Add),
            duplicate: self.count(|verdict| *verdict == Verdict::Duplicate),
            refused: self.count(|verdict| matches!(verdict, Verdict::Refused(_))),
        }
    }
}

/// How a file is read where it says nothing itself.
///
/// # Errors
/// When the database does not answer.
pub async fn usual(
    state: &AppState,
    zone: chrono_tz::Tz,
    mode: BetMode,
    account: String,
    currency: Currency,
) -> ApiResult<Usual> {
    let books = state.boards.profiles().await?;
    Ok(Usual {
        mode,
        account,
        currency,
        zone,
        bookmakers: books
            .values()
            .map(|book| (book.key.clone(), book.name.clone()))
            .collect(),
    })
}

/// What of a row makes it the same as a kept one: as [`fingerprint`], before its account and bookmaker have numbers.
fn identity(bet: &FileBet, accounts: &[Account], books: &BooksById) -> String {
    let bookmaker = books.values().find(|book| book.key == bet.bookmaker);
    let account = existing(accounts, bet).map_or(AccountId(0), |account| account.id);
    let text = fingerprint(&placed(bet, account, bookmaker.map(|book| book.id), None));
    // What is to be made has no number yet: its name stands for it.
    match (bookmaker, account) {
        (None, _) if !bet.bookmaker.is_empty() => format!("{text}|{}", bet.bookmaker),
        (None, AccountId(0)) => format!("{text}|{}", bet.account),
        _ => text,
    }
}

/// The account that a bet names, where there is one of its kind.
fn existing<'a>(accounts: &'a [Account], bet: &FileBet) -> Option<&'a Account> {
    let name = account_name(bet);
    accounts.iter().find(|account| {
        account.closed_at.is_none()
            && account.name == name
            && account.mode == bet.mode
            && account.currency == bet.currency
    })
}

fn account_name(bet: &FileBet) -> String {
    let letters = bet.account.trim().chars().filter(|letter| !letter.is_control());
    let name: String = letters.take(super::MAX_WORD).collect();
    if name.is_empty() { "Imported".to_owned() } else { name }
}

/// The bet as it was when it was placed, for the desk to record.
pub(super) fn placed(
    bet: &FileBet,
    account: AccountId,
    bookmaker: Option<BookmakerId>,
    import: Option<ImportId>,
) -> Bet {
    let legs = bet.wager.legs.len();
    Bet {
        id: BetId(0),
        account_id: account,
        bookmaker_id: bookmaker,
        currency: bet.currency,
        mode: bet.mode,
        wager: bet.wager.clone(),
        placed_at: bet.placed_at,
        recorded_at: bet.placed_at,
        status: BetStatus::Open,
        fates: vec![Fate::OPEN; legs],
        cash_outs: Vec::new(),
        settled: None,
        at_risk: bet.wager.at_risk().unwrap_or(0),
        strategy: None,
        opportunity_id: None,
        edge_ppm: bet.edge_ppm,
        note: bet.note.clone(),
        tags: bet.tags.clone(),
        reference: bet.reference.clone(),
        version: 1,
        import_id: import,
        deleted_at: None,
        closes: vec![None; legs],
    }
}

/// What would become of each row. A bet that has a number of its source is the same as any other with it; without one, as many equal
/// ones are duplicates as are kept already, because two equal bets can be placed within a minute.
pub fn plan(reading: Vec<ReadRow>, known: &[String], accounts: &[Account], books: &BooksById) -> Plan {
    let mut kept: HashMap<&str, u32> = HashMap::new();
    for fingerprint in known {
        *kept.entry(fingerprint).or_default() += 1;
    }
    let mut seen: HashMap<String, u32> = HashMap::new();
    let rows = reading.into_iter().map(|row| {
        let (bet, verdict) = match row.bet {
            Err(complaints) => (None, Verdict::Refused(complaints)),
            Ok(bet) => {
                let verdict = if let Some(complaint) = words_of(&bet) {
                    Verdict::Refused(vec![complaint])
                } else {
                    let identity = identity(&bet, accounts, books);
                    let before = seen.entry(identity.clone()).or_default();
                    let kept = kept.get(identity.as_str()).copied().unwrap_or(0);
                    let is_known = *before < kept || (!bet.reference.is_empty() && *before > 0);
                    *before += 1;
                    if is_known { Verdict::Duplicate } else { Verdict::Add }
                };
                (Some(bet), verdict)
            }
        };
        Planned {
            line: row.line,
            bet,
            verdict,
            remarks: row.remarks,
        }
    });
    Plan { rows: rows.collect() }
}

/// What is wrong with a bet's words.
fn words_of(bet: &FileBet) -> Option<Complaint> {
    let error = super::check_words(&bet.note, &bet.tags, &bet.reference).err()?;
    Some(Complaint::new("note, tags, reference", "", error.words()))
}

/// What an import of a reading would do, without doing it.
///
/// # Errors
/// When the database does not answer.
pub async fn dry_run(state: &AppState, owner: UserId, reading: Vec<ReadRow>) -> ApiResult<Plan> {
    let known = state.store.bet_fingerprints(owner).await?;
    let accounts = state.store.accounts(owner).await?;
    let books = state.boards.profiles().await?;
    Ok(plan(reading, &known, &accounts, &books))
}

/// How far an import is, and whether it is to be broken off.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bets to record.
    pub total: AtomicU32,
    /// Bets that are recorded.
    pub done: AtomicU32,
    /// Set to break it off.
    pub is_cancelled: AtomicBool,
}

/// Records the bets of a reading. Nothing is kept unless the request's transaction is committed.
///
/// # Errors
/// 409 when it was cancelled; when the database does not answer.
pub async fn import(
    state: &AppState,
    books: &BooksById,
    tx: &RequestTx,
    owner: UserId,
    name: &str,
    reading: Vec<ReadRow>,
    progress: &Progress,
) -> ApiResult<(ImportId, Plan)> {
    let bettor = tx.lock_bets(owner).await?;
    let approved = Approved::history(bettor.mark);
    let known = tx.bet_fingerprints(owner).await?;
    let mut accounts = tx.accounts(owner).await?;
    let plan = plan(reading, &known, &accounts, books);
    let name: String = name
        .trim()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(super::MAX_WORD)
        .collect();
    let name = if name.is_empty() { "A file".to_owned() } else { name };
    let now = state.clock.now();
    let counts = plan.import(&name);
    progress
        .total
        .store(u32::try_from(counts.added).unwrap_or(u32::MAX), Ordering::Relaxed);
    let id = tx.add_import(owner, &counts, now).await?;
    let mut bookmakers: HashMap<String, BookmakerId> = books.values().map(|book| (book.key.clone(), book.id)).collect();
    let added: Vec<&FileBet> = plan
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Add)
        .filter_map(|row| row.bet.as_ref())
        .collect();
    for portion in added.chunks(PORTION) {
        let mut histories = Vec::with_capacity(portion.len());
        for bet in portion {
            let bookmaker = match bookmakers.get(&bet.bookmaker) {
                _ if bet.bookmaker.is_empty() => None,
                Some(id) => Some(*id),
                None => {
                    let id = tx.bookmaker_named(&bet.bookmaker).await?;
                    bookmakers.insert(bet.bookmaker.clone(), id);
                    Some(id)
                }
            };
            let account = if let Some(account) = existing(&accounts, bet) {
                account.id
            } else {
                let account = make_account(tx, owner, &accounts, bet, bookmaker, now).await?;
                accounts = tx.accounts(owner).await?;
                account
            };
            let placed = Bet {
                recorded_at: now,
                ..placed(bet, account, bookmaker, Some(id))
            };
            histories.push(history(placed, bet, owner, &name));
        }
        if progress.is_cancelled.load(Ordering::Relaxed) {
            return Err(ApiError::conflict("the import was cancelled; nothing of it was kept"));
        }
        tx.record_bets(owner, &histories, &approved).await?;
        let done = u32::try_from(portion.len()).unwrap_or(u32::MAX);
        progress.done.fetch_add(done, Ordering::Relaxed);
        state.live.tell(News::Bets);
    }
    if added.len() >= MANY {
        tx.count_bets_anew().await?;
    }
    Ok((id, plan))
}

/// Makes the account that a bet names; another kind of account may have its name already.
async fn make_account(
    tx: &RequestTx,
    owner: UserId,
    accounts: &[Account],
    bet: &FileBet,
    bookmaker: Option<BookmakerId>,
    now: chrono::DateTime<chrono::Utc>,
) -> ApiResult<AccountId> {
    let mut name = account_name(bet);
    let is_taken = |name: &str| {
        accounts
            .iter()
            .any(|account| account.closed_at.is_none() && account.name == name)
    };
    if is_taken(&name) {
        name = format!("{name} ({}, {})", bet.mode.name().to_lowercase(), bet.currency);
    }
    let same = accounts.iter().find(|account| {
        account.closed_at.is_none()
            && account.name == name
            && (account.mode, account.currency) == (bet.mode, bet.currency)
    });
    if let Some(account) = same {
        return Ok(account.id);
    }
    let new = NewAccount {
        bookmaker_id: bookmaker,
        name,
        currency: bet.currency,
        mode: bet.mode,
    };
    Ok(tx.add_account(owner, &new, now).await?)
}

/// A bet of the past with every state it came to, so that its story and the ledger say what happened when.
fn history(placed: Bet, file: &FileBet, owner: UserId, name: &str) -> BetHistory {
    let doing = |at, reason| Doing {
        actor: Some(owner),
        at,
        reason,
    };
    let mut later = Vec::new();
    let mut before = placed.clone();
    if let Some(last) = file.cash_outs.last() {
        let after = Bet {
            cash_outs: file.cash_outs.clone(),
            ..before.clone()
        };
        let doing = doing(last.at, name);
        later.push(next_state(
            &before,
            after.clone(),
            None,
            EntryKind::CashOut,
            "cashed_out",
            doing,
        ));
        before = after;
    }
    if file.settled.is_some() || file.fates != before.fates {
        let (status, action) = match file.settled {
            Some(_) => (BetStatus::Settled, "settled"),
            None => (BetStatus::Open, "judged"),
        };
        let after = Bet {
            fates: file.fates.clone(),
            status,
            settled: file.settled.clone(),
            ..before.clone()
        };
        let doing = doing(
            file.settled.as_ref().map_or(before.recorded_at, |settled| settled.at),
            name,
        );
        later.push(next_state(&before, after, None, EntryKind::Settlement, action, doing));
    }
    BetHistory {
        placed: first_state(placed, owner, "imported", name),
        later,
    }
}

/// Removes every bet of an import that is still there.
///
/// # Errors
/// 404 when it is not the user's, or was undone before.
pub async fn undo(state: &AppState, tx: &RequestTx, owner: UserId, id: ImportId) -> ApiResult<usize> {
    tx.lock_bets(owner).await?;
    if !tx.set_import_undone(owner, id, state.clock.now()).await? {
        return Err(ApiError::not_found("import that was not undone"));
    }
    let bets = tx.bets_of_import(owner, id).await?;
    for portion in bets.chunks(PORTION) {
        let doing = Doing {
            actor: Some(owner),
            at: state.clock.now(),
            reason: "its import was undone",
        };
        remove_all(tx, owner, tx.bets(owner, portion).await?, doing).await?;
    }
    Ok(bets.len())
}

/// A user's bets that pass a filter, the first placed first, as a file holds them.
///
/// # Errors
/// When the database does not answer.
pub async fn written(store: &Store, owner: UserId, filter: &BetFilter, books: &BooksById) -> ApiResult<Vec<FileBet>> {
    let accounts = store.accounts(owner).await?;
    let names: HashMap<AccountId, &str> = accounts
        .iter()
        .map(|account| (account.id, account.name.as_str()))
        .collect();
    let mut bets = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = store.bets_after(owner, filter, after, PAGE).await?;
        bets.extend(page.items.iter().map(|stored| {
            let bet = &stored.bet;
            let book = bet.bookmaker_id.and_then(|id| books.get(&id));
            let account = names.get(&bet.account_id).copied().unwrap_or_default();
            FileBet::of(bet, account, book.map_or("", |book| &book.key))
        }));
        if page.next.is_none() {
            bets.reverse();
            return Ok(bets);
        }
        after = page.next;
    }
}

/// A file that somebody sent, until it is imported or left.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Arc<[u8]>,
    /// How it is read, once somebody chose.
    pub mapping: Option<Mapping>,
    /// Paper or real.
    pub mode: BetMode,
    /// The account's name; empty for one by the bookmaker.
    pub account: String,
    /// The currency where the file says none.
    pub currency: Currency,
}

/// An import that goes on, or ended just now.
#[derive(Debug)]
pub struct Run {
    /// The file's name.
    pub name: String,
    /// How far it is.
    pub progress: Progress,
    /// How it ended: the import and how many bets it recorded, or why nothing was kept.
    pub end: Mutex<Option<Result<(ImportId, i64), String>>>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    upload: Option<Upload>,
    run: Option<Arc<Run>>,
}

/// Files that were sent and imports that go on, one of each a person. They are kept in memory: after a restart a file is sent again.
#[derive(Debug, Default)]
pub struct Imports(Mutex<HashMap<UserId, Kept>>);

impl Imports {
    fn with<T>(&self, owner: UserId, work: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT && !kept.contains_key(&owner) {
            kept.retain(|_, kept| kept.run.as_ref().is_some_and(|run| run.is_going()));
        }
        work(kept.entry(owner).or_default())
    }

    /// Keeps a file; another one goes.
    pub fn put(&self, owner: UserId, upload: Option<Upload>) {
        self.with(owner, |kept| {
            kept.upload = upload;
            if kept.run.as_ref().is_some_and(|run| !run.is_going()) {
                kept.run = None;
            }
        });
    }

    /// The file that was sent.
    pub fn upload(&self, owner: UserId) -> Option<Upload> {
        self.with(owner, |kept| kept.upload.clone())
    }

    /// The import that goes on or ended last.
    pub fn run(&self, owner: UserId) -> Option<Arc<Run>> {
        self.with(owner, |kept| kept.run.clone())
    }

    /// Begins a run with the file that was sent; none while another goes on.
    fn begin(&self, owner: UserId) -> Option<(Upload, Arc<Run>)> {
        self.with(owner, |kept| {
            if kept.run.as_ref().is_some_and(|run| run.is_going()) {
                return None;
            }
            let upload = kept.upload.take()?;
            let run = Arc::new(Run {
                name: upload.name.clone(),
                progress: Progress::default(),
                end: Mutex::new(None),
            });
            kept.run = Some(Arc::clone(&run));
            Some((upload, run))
        })
    }
}

impl Run {
    /// True until it ended.
    pub fn is_going(&self) -> bool {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

/// Reads a file that was sent as it is to be read.
///
/// # Errors
/// A field error `file` when it is no file of bets; when the database does not answer.
pub async fn read(state: &AppState, upload: &Upload, zone: chrono_tz::Tz) -> ApiResult<Reading> {
    let usual = usual(state, zone, upload.mode, upload.account.clone(), upload.currency).await?;
    let (bytes, mapping) = (Arc::clone(&upload.bytes), upload.mapping.clone());
    // Tens of thousands of rows take long enough to keep others waiting.
    let reading = tokio::task::spawn_blocking(move || engine::bet_file::read(&bytes, mapping.as_ref(), &usual)).await;
    let reading = reading.map_err(ApiError::internal)?;
    reading.map_err(|error| ApiError::field("file", error.to_string()))
}

/// Imports the file that a user sent, in the background.
///
/// # Errors
/// 409 when there is none, or an import goes on.
pub fn begin(state: &AppState, owner: UserId, zone: chrono_tz::Tz) -> ApiResult<()> {
    let begun = state.imports.begin(owner);
    let (upload, run) =
        begun.ok_or_else(|| ApiError::conflict("there is no file to import, or another import goes on"))?;
    let state = state.clone();
    tokio::spawn(async move {
        let end = carry_out(&state, owner, &upload, zone, &run.progress).await;
        let end = end.map_err(|error| {
            tracing::warn!(?error, "an import of bets was broken off");
            error.words()
        });
        *run.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
        state.live.tell(News::Bets);
    });
    Ok(())
}

async fn carry_out(
    state: &AppState,
    owner: UserId,
    upload: &Upload,
    zone: chrono_tz::Tz,
    progress: &Progress,
) -> ApiResult<(ImportId, i64)> {
    let reading = read(state, upload, zone).await?;
    let books = state.boards.profiles().await?;
    let tx = state.store.begin_request().await?;
    let (id, plan) = import(state, &books, &tx, owner, &upload.name, reading.rows, progress).await?;
    // Whoever cancelled in time is told that nothing was kept, so nothing is.
    if progress.is_cancelled.load(Ordering::SeqCst) {
        return Err(ApiError::conflict("the import was cancelled; nothing of it was kept"));
    }
    tx.commit().await?;
    Ok((id, plan.import("").added))
}
