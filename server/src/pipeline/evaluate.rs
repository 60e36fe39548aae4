//! Evaluate: a reconciler over the boards that changed. It takes no input and is safe to run twice: what every strategy finds is
//! compared with what is open, so a lost signal heals at the next run.

use crate::desk::boards::NOT_OVER;
use crate::desk::strategies::{Running, give_first, running};
use crate::http::live::News;
use crate::pipeline::Pipeline;
use chrono::{DateTime, TimeDelta, Utc};
use domain::opportunity::{Found, OpportunityKind};
use domain::{Board, EventId, Side, StrategyId};
use engine::BooksById;
use engine::desk::Desk;
use engine::opportunities::{OpenOpportunity, reconcile};
use engine::strategies::{Finding, Findings, LOGIC_VERSION, Move, View, find_strategy, trace};
use std::collections::{BTreeSet, HashMap, HashSet};
use store::{
    ChangedEvent, EventFilter, HistoryFilter, HistoryRow, NewOpportunity, Opportunity, Reconciliation, Store,
    StoreError, StrategyDecision,
};

/// Boards in one transaction.
const BATCH: u32 = 100;
/// The longest that strategies may look back on moves.
const MOVES: TimeDelta = TimeDelta::hours(1);
/// Rows of the history read at once, and how often at most of one event.
const MOVES_AT_ONCE: u32 = 5_000;
/// See [`MOVES_AT_ONCE`].
const MAX_READS: usize = 20;
/// A profit that moved less is no news.
const NEWS: f64 = 0.002;
/// What is still skipped is written down again after so long.
const REWRITTEN: TimeDelta = TimeDelta::hours(1);
/// Decisions that are remembered as written, so that the same is not written at every look.
const MAX_REMEMBERED: usize = 100_000;

/// What the last evaluation knew.
#[derive(Default)]
pub struct Evaluated {
    /// The strategies it ran with.
    running: Option<(Vec<Running>, BooksById)>,
    /// The skipped candidates that are written down: with which profit, and when.
    skipped: HashMap<SkippedKey, (f64, DateTime<Utc>)>,
}

/// Strategy, version, event, identity, filter.
type SkippedKey = (StrategyId, u32, EventId, String, String);

/// What a strategy sees of one event.
pub struct Seen {
    /// Its board; the time is now.
    pub board: Board,
    /// What moved within the last hour, oldest first.
    pub moves: Vec<Move>,
    /// How often the event is read, in seconds: of several feeds and requests, by the slowest.
    pub sampling_s: Option<u32>,
}

impl Seen {
    /// A board with its late moves; these are read only where enough prices moved at all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(store: &Store, board: Board) -> Result<Self, StoreError> {
        let since = board.as_of - MOVES;
        let has_moved = |quote: &&domain::Quote| quote.previous.is_some() && quote.received_at >= since;
        let movers: HashSet<_> = board
            .markets
            .iter()
            .flat_map(|market| &market.quotes)
            .filter(has_moved)
            .map(|quote| quote.bookmaker_id)
            .collect();
        if movers.len() < 2 {
            return Ok(Self {
                board,
                moves: Vec::new(),
                sampling_s: None,
            });
        }
        let filter = HistoryFilter {
            side: Some(Side::Back),
            from: Some(since),
            ..HistoryFilter::default()
        };
        let (mut moves, mut after) = (Vec::new(), None);
        for _ in 0..MAX_READS {
            let page = store
                .quote_history(board.event.id, &filter, Some(board.as_of), after, MOVES_AT_ONCE)
                .await?;
            moves.extend(page.items.into_iter().filter_map(move_of));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let sampling_s = store.reading_interval_s(board.event.id, since, board.as_of).await?;
        Ok(Self {
            board,
            moves,
            sampling_s,
        })
    }

    /// What a strategy makes of it.
    pub fn look(&self, strategy: &Running, books: &BooksById) -> Findings {
        let view = View {
            board: &self.board,
            desk: Desk {
                books,
                accounts: &strategy.accounts,
            },
            moves: &self.moves,
            sampling_s: self.sampling_s,
        };
        find_strategy(strategy.row.kind).find(&view, &strategy.params)
    }
}

/// A row of the history as a move; a first price and a withdrawal are none.
fn move_of(row: HistoryRow) -> Option<Move> {
    Some(Move {
        from: row.previous?,
        to: row.price?,
        market: row.market,
        outcome: row.outcome,
        bookmaker_id: row.bookmaker_id,
        source_at: row.source_at,
        received_at: row.received_at,
        change_id: row.id,
        snapshot_id: row.snapshot_id,
    })
}

impl Pipeline {
    /// Evaluates every board that changed since it was last evaluated, and every one with an open opportunity, because
    /// prices grow old without changing; all of them when a strategy, or the terms of a bookmaker, changed. Answers how many
    /// boards it looked at.
    ///
    /// # Errors
    /// When the database does not answer; the next run does what was left.
    pub async fn evaluate_changed(&self) -> Result<usize, StoreError> {
        let mut last = self.evaluating.lock().await;
        give_first(&self.store, self.clock.now()).await?;
        let books: BooksById = self
            .store
            .bookmakers()
            .await?
            .into_iter()
            .map(|book| (book.id, book))
            .collect();
        let strategies = running(&self.store, &books).await?;
        let mut aging: BTreeSet<EventId> = self.store.events_with_opportunities().await?.into_iter().collect();
        let now_running = (strategies, books);
        let is_same = last.running.as_ref() == Some(&now_running);
        if !is_same {
            aging.extend(self.events_not_over().await?);
        }
        let (strategies, books) = &now_running;
        let mut evaluated = 0;
        let mut news = false;
        loop {
            let changed = self.store.changed_events(BATCH).await?;
            let mut events: BTreeSet<EventId> = changed.iter().map(|changed| changed.event_id).collect();
            while events.len() < 2 * BATCH as usize
                && let Some(next) = aging.pop_first()
            {
                events.insert(next);
            }
            if events.is_empty() {
                break;
            }
            evaluated += events.len();
            let events: Vec<EventId> = events.into_iter().collect();
            news |= self
                .evaluate_events(&events, changed, strategies, books, &mut last)
                .await?;
        }
        last.running = Some(now_running);
        if news {
            self.live.tell(News::Opportunities);
        }
        Ok(evaluated)
    }

    async fn events_not_over(&self) -> Result<Vec<EventId>, StoreError> {
        let filter = EventFilter {
            statuses: NOT_OVER.to_vec(),
            ..EventFilter::default()
        };
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.events(&filter, None, after, BATCH).await?;
            ids.extend(page.items.iter().map(|event| event.id));
            after = page.next;
            if after.is_none() {
                return Ok(ids);
            }
        }
    }

    /// Evaluates some boards; true when an opportunity opened, changed or closed.
    async fn evaluate_events(
        &self,
        events: &[EventId],
        changed: Vec<ChangedEvent>,
        strategies: &[Running],
        books: &BooksById,
        last: &mut Evaluated,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut open: HashMap<EventId, Vec<Opportunity>> = HashMap::new();
        for opportunity in self.store.open_opportunities(Some(events)).await? {
            open.entry(opportunity.event_id).or_default().push(opportunity);
        }
        let mut changes = Reconciliation {
            at: now,
            opened: Vec::new(),
            refreshed: Vec::new(),
            closed: Vec::new(),
            evaluated: changed,
        };
        let mut decisions = Vec::new();
        for mut board in self.store.boards(events, None).await? {
            // Ages are judged now, not when the board last changed.
            board.as_of = now;
            let open = open.remove(&board.event.id).unwrap_or_default();
            let seen = Seen::of(&self.store, board).await?;
            for strategy in strategies {
                let own = open
                    .iter()
                    .filter(|open| open.strategy.0 == strategy.row.id)
                    .collect::<Vec<_>>();
                let findings = seen.look(strategy, books);
                compare(&seen.board, strategy, &own, &findings, now, &mut changes);
                decisions.extend(skipped(&seen.board, strategy, findings, now, &mut last.skipped));
            }
            let is_run = |open: &&Opportunity| strategies.iter().any(|strategy| strategy.row.id == open.strategy.0);
            let left = open.iter().filter(|open| !is_run(open));
            changes
                .closed
                .extend(left.map(|open| (open.id, "the strategy is not run any more".to_owned())));
        }
        let is_news = !(changes.opened.is_empty() && changes.refreshed.is_empty() && changes.closed.is_empty());
        self.store.apply_reconciliation(&changes).await?;
        self.store.record_decisions(&decisions).await?;
        Ok(is_news)
    }
}

/// What changes between what is open of one strategy on one board and what it finds.
fn compare(
    board: &Board,
    strategy: &Running,
    open: &[&Opportunity],
    findings: &Findings,
    now: DateTime<Utc>,
    changes: &mut Reconciliation,
) {
    let version = (strategy.row.id, strategy.row.version);
    let known: Vec<OpenOpportunity> = open
        .iter()
        .map(|open| OpenOpportunity {
            id: open.id,
            identity: open.found.identity(),
        })
        .collect();
    let code = find_strategy(strategy.row.kind);
    let trace = |finding: &Finding| {
        let trace = trace(
            code,
            Some(version),
            finding,
            &board.event,
            board.as_of,
            strategy.params.texts(),
        );
        serde_json::to_value(trace).unwrap_or_default()
    };
    let outcome = reconcile(&known, &findings.found);
    for finding in outcome.opened {
        changes.opened.push(NewOpportunity {
            strategy: version,
            event_id: board.event.id,
            found: finding.found.clone(),
            trace: trace(finding),
        });
    }
    for (id, finding) in outcome.refreshed {
        let before = open.iter().find(|open| open.id == id);
        // Only what reads differently is written: unchanged prices that are merely seen again are no news.
        if before.is_none_or(|before| {
            before.version != strategy.row.version || reads_differently(&before.found, &finding.found)
        }) {
            changes.refreshed.push((id, finding.found.clone(), trace(finding)));
        }
    }
    for id in outcome.gone {
        let Some(before) = open.iter().find(|open| open.id == id) else {
            continue;
        };
        let identity = before.found.identity();
        let filtered = findings.skipped.iter().find(|skipped| skipped.identity == identity);
        let reason = filtered.map_or_else(
            || close_reason(board, now, before, strategy).to_owned(),
            |skipped| skipped.detail.clone(),
        );
        changes.closed.push((id, reason));
    }
}

/// Whether there is news in what was found again: ages that merely grow are none.
fn reads_differently(before: &Found, now: &Found) -> bool {
    let link = |found: &Found| found.facts.fair.map(|fair| fair.link);
    before.profit.total_cmp(&now.profit).is_ne()
        || before.verdict != now.verdict
        || before.reasons != now.reasons
        || before.is_in_play != now.is_in_play
        || before.facts.stakes != now.facts.stakes
        || before.facts.middle != now.facts.middle
        || before.facts.steam != now.facts.steam
        || link(before) != link(now)
        || before.legs.len() != now.legs.len()
        || before
            .legs
            .iter()
            .zip(&now.legs)
            .any(|(one, other)| one.change_id != other.change_id)
}

/// The skipped candidates that are not written down yet.
fn skipped(
    board: &Board,
    strategy: &Running,
    findings: Findings,
    now: DateTime<Utc>,
    written: &mut HashMap<SkippedKey, (f64, DateTime<Utc>)>,
) -> Vec<StrategyDecision> {
    let (id, version, event_id) = (strategy.row.id, strategy.row.version, board.event.id);
    if written.len() > MAX_REMEMBERED {
        written.clear();
    }
    findings
        .skipped
        .into_iter()
        .filter(|skipped| {
            let key = (id, version, event_id, skipped.identity.clone(), skipped.filter.clone());
            let is_news = written
                .get(&key)
                .is_none_or(|(profit, at)| (profit - skipped.profit).abs() > NEWS || now - *at >= REWRITTEN);
            if is_news {
                written.insert(key, (skipped.profit, now));
            }
            is_news
        })
        .map(|skipped| StrategyDecision {
            strategy: (id, version),
            event_id,
            identity: skipped.identity,
            filter: skipped.filter,
            profit: skipped.profit,
            detail: skipped.detail,
            logic_version: LOGIC_VERSION,
            first_at: now,
            last_at: now,
        })
        .collect()
}

fn close_reason(board: &Board, now: DateTime<Utc>, before: &Opportunity, strategy: &Running) -> &'static str {
    if board.event.status.is_over() {
        "the game is over"
    } else if before.version != strategy.row.version {
        "the strategy was changed"
    } else if board.event.is_in_play(now) {
        "the prices moved in play"
    } else if before.found.kind == OpportunityKind::Steam {
        "the moves lie too far back, or the prices moved"
    } else {
        "the prices moved"
    }
}
