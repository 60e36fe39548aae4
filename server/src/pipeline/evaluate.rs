//! Evaluate: a reconciler over the boards that changed. It takes no input and is safe to run twice: what was found is
//! compared with what is open, so a lost signal heals at the next run.

use crate::http::live::News;
use crate::pipeline::Pipeline;
use chrono::{DateTime, Utc};
use domain::{Board, EventId};
use engine::BooksById;
use engine::opportunities::{OpenOpportunity, find_arbitrage, reconcile, trace};
use std::collections::{BTreeSet, HashMap};
use store::{ChangedEvent, NewOpportunity, Opportunity, Reconciliation, StoreError};

/// Boards in one transaction.
const BATCH: u32 = 100;

impl Pipeline {
    /// Evaluates every board that changed since it was last evaluated, and every one with an open opportunity, because
    /// prices grow old without changing. Answers how many boards it looked at.
    ///
    /// # Errors
    /// When the database does not answer; the next run does what was left.
    pub async fn evaluate_changed(&self) -> Result<usize, StoreError> {
        let _one_at_a_time = self.evaluating.lock().await;
        let books: BooksById = self
            .store
            .bookmakers()
            .await?
            .into_iter()
            .map(|book| (book.id, book))
            .collect();
        let mut evaluated = 0;
        let mut news = false;
        let mut aging: BTreeSet<EventId> = self
            .store
            .open_opportunities(None)
            .await?
            .into_iter()
            .map(|open| open.event_id)
            .collect();
        loop {
            let changed = self.store.changed_events(BATCH).await?;
            let mut events: BTreeSet<EventId> = changed.iter().map(|changed| changed.event_id).collect();
            events.append(&mut aging);
            if events.is_empty() {
                break;
            }
            evaluated += events.len();
            news |= self
                .evaluate_events(&events.into_iter().collect::<Vec<_>>(), changed, &books)
                .await?;
        }
        if news {
            self.live.tell(News::Opportunities);
        }
        Ok(evaluated)
    }

    /// Evaluates some boards; true when an opportunity opened or closed.
    async fn evaluate_events(
        &self,
        events: &[EventId],
        changed: Vec<ChangedEvent>,
        books: &BooksById,
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
        for mut board in self.store.boards(events, None).await? {
            // Ages are judged now, not when the board last changed.
            board.as_of = now;
            self.evaluate_board(
                &board,
                &open.remove(&board.event.id).unwrap_or_default(),
                books,
                &mut changes,
            );
        }
        let is_news = !changes.opened.is_empty() || !changes.closed.is_empty();
        self.store.apply_reconciliation(&changes).await?;
        Ok(is_news)
    }

    fn evaluate_board(&self, board: &Board, open: &[Opportunity], books: &BooksById, changes: &mut Reconciliation) {
        let found = find_arbitrage(board, books, &self.arbitrage);
        let known: Vec<OpenOpportunity> = open
            .iter()
            .map(|open| OpenOpportunity {
                id: open.id,
                kind: open.found.kind,
                market: open.found.market.clone(),
            })
            .collect();
        let trace = |found| serde_json::to_value(trace(found, board, &self.arbitrage)).unwrap_or_default();
        let outcome = reconcile(&known, &found);
        for found in outcome.opened {
            changes.opened.push(NewOpportunity {
                event_id: board.event.id,
                found: found.clone(),
                trace: trace(found),
            });
        }
        for (id, found) in outcome.refreshed {
            let before = open.iter().find(|open| open.id == id);
            // Only what reads differently is written: unchanged prices that are merely seen again are no news.
            if before.is_none_or(|before| {
                before.found.profit.total_cmp(&found.profit).is_ne()
                    || before.found.verdict != found.verdict
                    || before.found.is_in_play != found.is_in_play
                    || !same_legs(&before.found.legs, &found.legs)
            }) {
                changes.refreshed.push((id, found.clone(), trace(found)));
            }
        }
        let reason = close_reason(board, self.clock.now());
        changes
            .closed
            .extend(outcome.gone.into_iter().map(|id| (id, reason.to_owned())));
    }
}

fn same_legs(one: &[domain::opportunity::Leg], other: &[domain::opportunity::Leg]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| one.change_id == other.change_id)
}

fn close_reason(board: &Board, now: DateTime<Utc>) -> &'static str {
    if board.event.status.is_over() {
        "the game is over"
    } else if board.event.is_in_play(now) {
        "the prices moved in play"
    } else {
        "the prices moved"
    }
}
