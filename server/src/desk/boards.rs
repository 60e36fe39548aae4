//! The shared read side: boards and game summaries in memory, for pages, API and command line.
//!
//! What is here was committed before: every read first asks the database for its version, and only when that moved are the
//! events read again whose marks moved. Readers that come while somebody asks wait and share the next answer, so that the
//! price of asking is paid once for all of them, and still nobody sees less than was committed when he came.
//! Reads as of a past time go to the database.

use crate::clock::SharedClock;
use axum::http::HeaderValue;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::event::Event;
use domain::opportunity::{Found, Verdict};
use domain::summary::GameSummary;
use domain::{Board, CompetitionId, EventId, EventStatus, Sport};
use engine::BooksById;
use engine::desk::{Accounts, Desk};
use engine::games::summarise;
use engine::strategies::{ArbitrageParams, View, find_arbitrage};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Cursor, EventFilter, EventMark, Page, Store, StoreError};

/// Events that started longer ago than this are read from the database, unless they are not over.
pub const KEPT: TimeDelta = TimeDelta::days(30);
/// Boards read at once.
const BATCH: usize = 100;
/// Encoded answers kept of one state of the boards: so many, and so many bytes together.
const MAX_ANSWERS: usize = 256;
const MAX_ANSWER_BYTES: usize = 32 << 20;
/// The statuses of events that are not over.
pub const NOT_OVER: [EventStatus; 3] = [EventStatus::Scheduled, EventStatus::Live, EventStatus::Postponed];

/// What is known of the bookmakers, by number.
pub type Books = Arc<BooksById>;

/// The boards in memory.
pub struct Boards {
    store: Store,
    clock: SharedClock,
    /// Reads begun. A read is answered by any look at the database that began after it.
    tickets: AtomicU64,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Reads with a lower ticket are answered by `current`.
    answered: u64,
    version: Option<i64>,
    games: HashMap<EventId, Arc<Game>>,
    current: Arc<Current>,
}

/// One event as kept.
struct Game {
    mark: EventMark,
    summary: Arc<GameSummary>,
    /// The names that a text search looks into, in lower case.
    names: String,
    /// The whole board, of events that are not over.
    board: Option<Arc<Board>>,
    /// False when no prices of the board, whatever their age, make an arbitrage.
    has_arbitrage: bool,
}

/// One state of the boards; never changes.
#[derive(Default)]
pub struct Current {
    /// By start, then number.
    games: Vec<Arc<Game>>,
    by_id: HashMap<EventId, Arc<Game>>,
    books: Books,
    answers: Mutex<HashMap<String, Answer>>,
}

/// An encoded answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The document.
    pub body: Bytes,
    /// Changes with the document.
    pub etag: HeaderValue,
}

impl Answer {
    /// Takes a document. The tag is weak, because compression on the way changes the bytes and not what they say.
    pub fn new(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let tag = format!("W/\"{}\"", hex::encode(&Sha256::digest(&body)[..12]));
        Self {
            etag: HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("W/\"\"")),
            body,
        }
    }
}

/// In which order games come; equals go by start, then by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GameSort {
    /// The earliest start first.
    #[default]
    Start,
    /// The latest start first.
    LatestStart,
    /// The smallest hold of the first market first.
    Hold,
    /// The latest move first.
    Moved,
    /// The most bookmakers first.
    Bookmakers,
}

/// Which games; an empty filter wants all that are not over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GameFilter {
    /// Of this sport.
    pub sport: Option<Sport>,
    /// Of this competition.
    pub competition: Option<CompetitionId>,
    /// With one of these; none means those that are not over.
    pub statuses: Vec<EventStatus>,
    /// Starting at or after this.
    pub starts_from: Option<DateTime<Utc>>,
    /// Starting before this.
    pub starts_to: Option<DateTime<Utc>>,
    /// With every word of this in the names of participants or competition, in whatever case.
    pub text: Option<String>,
    /// In which order.
    pub sort: GameSort,
}

impl GameFilter {
    fn statuses(&self) -> &[EventStatus] {
        if self.statuses.is_empty() {
            &NOT_OVER
        } else {
            &self.statuses
        }
    }

    fn words(&self) -> Vec<String> {
        self.text
            .as_deref()
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_lowercase)
            .collect()
    }

    fn passes(&self, event: &Event) -> bool {
        self.sport.as_ref().is_none_or(|sport| *sport == event.sport)
            && self
                .competition
                .is_none_or(|competition| competition == event.competition_id)
            && self.statuses().contains(&event.status)
            && self.starts_from.is_none_or(|from| event.starts_at >= from)
            && self.starts_to.is_none_or(|to| event.starts_at < to)
    }

    /// The same question to the database, which knows one order.
    fn in_store(&self) -> EventFilter {
        EventFilter {
            sport: self.sport.clone(),
            competition: self.competition,
            statuses: self.statuses().to_vec(),
            starts_from: self.starts_from,
            starts_to: self.starts_to,
            text: self.text.clone(),
            descending: self.sort == GameSort::LatestStart,
            ..EventFilter::default()
        }
    }
}

/// A page of games.
pub struct Listing {
    /// The page.
    pub page: Page<Arc<GameSummary>>,
    /// True when it was answered from the state in memory, and so holds as long as that does.
    pub is_of_current: bool,
}

/// An opportunity, and the event as it was known when it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundAt {
    /// The event.
    pub event: Event,
    /// What was found on its board.
    pub found: Found,
}

impl Game {
    fn new(mark: EventMark, board: Board, books: &BooksById) -> Self {
        let event = &board.event;
        let mut names = event.competition.to_lowercase();
        for participant in &event.participants {
            names.push('\n');
            names.push_str(&participant.name.to_lowercase());
        }
        let is_over = event.status.is_over();
        let whatever = ArbitrageParams {
            is_gross: true,
            max_age_s: None,
            in_play: true,
            is_best_of_all: true,
            ..ArbitrageParams::default()
        };
        Self {
            mark,
            names,
            summary: Arc::new(summarise(&board, books)),
            has_arbitrage: !is_over && !arbitrage_on(&board, books, &whatever).is_empty(),
            board: (!is_over).then(|| Arc::new(board)),
        }
    }
}

impl Current {
    fn new(games: &HashMap<EventId, Arc<Game>>, books: Books) -> Self {
        let mut sorted: Vec<Arc<Game>> = games.values().cloned().collect();
        sorted.sort_by_key(|game| (game.summary.event.starts_at, game.summary.event.id));
        Self {
            games: sorted,
            by_id: games.clone(),
            books,
            answers: Mutex::default(),
        }
    }

    /// What is known of the bookmakers.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// The games that pass a filter, all of them, in its order.
    pub fn games(&self, filter: &GameFilter) -> Vec<Arc<GameSummary>> {
        let words = filter.words();
        let passing = self.games.iter().filter(|game| {
            filter.passes(&game.summary.event) && words.iter().all(|word| game.names.contains(word.as_str()))
        });
        let mut games: Vec<Arc<GameSummary>> = passing.map(|game| Arc::clone(&game.summary)).collect();
        // The sorts are stable, so equals stay in the order of their start.
        match filter.sort {
            GameSort::Start => {}
            GameSort::LatestStart => games.reverse(),
            GameSort::Hold => games.sort_by(|one, other| hold(one).total_cmp(&hold(other))),
            GameSort::Moved => games.sort_by_key(|game| Reverse(game.last_move.as_ref().map(|last| last.moved_at))),
            GameSort::Bookmakers => games.sort_by_key(|game| Reverse(game.book_count)),
        }
        games
    }

    /// The summary of one game, when it is in memory.
    pub fn game(&self, id: EventId) -> Option<&Arc<GameSummary>> {
        self.by_id.get(&id).map(|game| &game.summary)
    }

    /// The board of one event that is not over.
    pub fn board(&self, id: EventId) -> Option<&Board> {
        self.by_id.get(&id).and_then(|game| game.board.as_deref())
    }

    /// The keys of the sports that there are events of.
    pub fn sports(&self) -> BTreeSet<String> {
        let keys = self.games.iter().map(|game| game.summary.event.sport.key().to_owned());
        keys.collect()
    }

    /// The boards of all events that are not over, by start.
    pub fn open_boards(&self) -> impl Iterator<Item = &Board> {
        self.games.iter().filter_map(|game| game.board.as_deref())
    }

    /// True when this very board is part of this state.
    pub fn holds(&self, board: &Arc<Board>) -> bool {
        let kept = self.by_id.get(&board.event.id).and_then(|game| game.board.as_ref());
        kept.is_some_and(|kept| Arc::ptr_eq(kept, board))
    }

    /// The answer kept for a question, if it was asked of this state before.
    pub fn kept_answer(&self, question: &str) -> Option<Answer> {
        self.answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(question)
            .cloned()
    }

    /// Keeps an answer for as long as this state lasts.
    pub fn keep_answer(&self, question: &str, answer: &Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = answers.values().map(|kept| kept.body.len()).sum();
        if answers.len() >= MAX_ANSWERS || bytes + answer.body.len() > MAX_ANSWER_BYTES {
            answers.clear();
        }
        answers.insert(question.to_owned(), answer.clone());
    }
}

/// The arbitrage of a board for anybody, on the usual terms of every bookmaker.
pub fn arbitrage_on(board: &Board, books: &BooksById, params: &ArbitrageParams) -> Vec<Found> {
    let accounts = Accounts::default();
    let view = View {
        board,
        desk: Desk {
            books,
            accounts: &accounts,
        },
        moves: &[],
        sampling_s: None,
    };
    find_arbitrage(&view, params)
        .into_iter()
        .map(|finding| finding.found)
        .collect()
}

/// The hold of the first market; games without one come last.
fn hold(game: &GameSummary) -> f64 {
    game.markets
        .first()
        .and_then(|market| market.hold)
        .unwrap_or(f64::INFINITY)
}

/// Cuts the page after a cursor out of games in the order of their start.
fn seek(games: Vec<Arc<GameSummary>>, descending: bool, after: Option<Cursor>, limit: u32) -> Page<Arc<GameSummary>> {
    let place = |game: &GameSummary| (game.event.starts_at.timestamp_millis(), game.event.id.0);
    let begin = after.map_or(0, |after| {
        games.partition_point(|game| {
            let (place, after) = (place(game), (after.key, after.id));
            if descending { place >= after } else { place <= after }
        })
    });
    let end = begin.saturating_add(limit as usize).min(games.len());
    let last = if end < games.len() {
        games[begin..end].last()
    } else {
        None
    };
    let next = last.map(|game| place(game)).map(|(key, id)| Cursor { key, id });
    Page {
        items: games.into_iter().take(end).skip(begin).collect(),
        next,
    }
}

impl Boards {
    /// Nothing is read before somebody asks.
    pub fn new(store: Store, clock: SharedClock) -> Self {
        Self {
            store,
            clock,
            tickets: AtomicU64::new(0),
            state: tokio::sync::Mutex::default(),
        }
    }

    /// The newest state: everything that was committed when this was called.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn current(&self) -> Result<Arc<Current>, StoreError> {
        let ticket = self.tickets.fetch_add(1, Ordering::SeqCst);
        let mut state = self.state.lock().await;
        if ticket >= state.answered {
            let begun = self.tickets.load(Ordering::SeqCst);
            let version = self.store.version().await?;
            if state.version != Some(version) {
                self.refresh(&mut state).await?;
                state.version = Some(version);
            }
            state.answered = begun;
        }
        Ok(Arc::clone(&state.current))
    }

    /// Reads what changed. What was read stays when the caller goes away halfway, so the next one has less to do.
    async fn refresh(&self, state: &mut State) -> Result<(), StoreError> {
        let books: BooksById = self
            .store
            .bookmakers()
            .await?
            .into_iter()
            .map(|book| (book.id, book))
            .collect();
        let marks = self.store.event_marks(self.clock.now() - KEPT).await?;
        let marks: HashMap<EventId, EventMark> = marks.into_iter().map(|mark| (mark.event_id, mark)).collect();
        state.games.retain(|id, _| marks.contains_key(id));
        let is_changed = |mark: &&EventMark| state.games.get(&mark.event_id).is_none_or(|game| game.mark != **mark);
        let mut changed: Vec<EventId> = marks.values().filter(is_changed).map(|mark| mark.event_id).collect();
        changed.sort_unstable();
        for batch in changed.chunks(BATCH) {
            for board in self.store.boards(batch, None).await? {
                let id = board.event.id;
                if let Some(mark) = marks.get(&id) {
                    state.games.insert(id, Arc::new(Game::new(*mark, board, &books)));
                }
            }
        }
        let current = &state.current;
        let is_same = |game: &Arc<Game>| {
            current
                .by_id
                .get(&game.mark.event_id)
                .is_some_and(|kept| Arc::ptr_eq(kept, game))
        };
        let is_unchanged = state.games.len() == current.games.len() && state.games.values().all(is_same);
        if !is_unchanged || *current.books != books {
            state.current = Arc::new(Current::new(&state.games, Arc::new(books)));
        }
        Ok(())
    }

    /// What is known of the bookmakers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn profiles(&self) -> Result<Books, StoreError> {
        Ok(Arc::clone(self.current().await?.books()))
    }

    /// The board of an event, the newest or as of a time; `None` when the event was not known then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn board(&self, id: EventId, as_of: Option<DateTime<Utc>>) -> Result<Option<Arc<Board>>, StoreError> {
        if as_of.is_none()
            && let Some(board) = self.current().await?.by_id.get(&id).and_then(|game| game.board.clone())
        {
            return Ok(Some(board));
        }
        Ok(self.store.board(id, as_of).await?.map(Arc::new))
    }

    /// One page of games, by start, of a state or as of a time; `sort` tells only in which direction. A range of starts that
    /// begins before [`KEPT`] is read from the database too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn summaries(
        &self,
        current: &Current,
        filter: &GameFilter,
        as_of: Option<DateTime<Utc>>,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Listing, StoreError> {
        let descending = filter.sort == GameSort::LatestStart;
        let is_kept = filter.starts_from.is_none_or(|from| from >= self.clock.now() - KEPT);
        if as_of.is_none() && is_kept {
            let sort = if descending {
                GameSort::LatestStart
            } else {
                GameSort::Start
            };
            let games = current.games(&GameFilter { sort, ..filter.clone() });
            return Ok(Listing {
                page: seek(games, descending, after, limit),
                is_of_current: true,
            });
        }
        let events = self.store.events(&filter.in_store(), as_of, after, limit).await?;
        let ids: Vec<EventId> = events.items.iter().map(|event| event.id).collect();
        let boards = self.store.boards(&ids, as_of).await?;
        let mut by_id: HashMap<EventId, GameSummary> = boards
            .iter()
            .map(|board| (board.event.id, summarise(board, current.books())))
            .collect();
        let items = ids.iter().filter_map(|id| by_id.remove(id)).map(Arc::new).collect();
        Ok(Listing {
            page: Page {
                items,
                next: events.next,
            },
            is_of_current: false,
        })
    }

    /// Events by number, the newest state or as of a time. Those that were not known then are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events(
        &self,
        ids: &[EventId],
        as_of: Option<DateTime<Utc>>,
    ) -> Result<HashMap<EventId, Event>, StoreError> {
        let current = self.current().await?;
        let mut events = HashMap::new();
        for &id in ids {
            if events.contains_key(&id) {
                continue;
            }
            let event = match current.game(id) {
                Some(game) if as_of.is_none() => Some(game.event.clone()),
                _ => self.store.event(id, as_of).await?,
            };
            events.extend(event.map(|event| (id, event)));
        }
        Ok(events)
    }

    /// The arbitrage on every board of an event that is not over, now or as of a time, the most profitable first. With an age
    /// limit only prices within it count.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn arbitrage(
        &self,
        params: &ArbitrageParams,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<FoundAt>, StoreError> {
        let current = self.current().await?;
        let mut all = Vec::new();
        let mut search = |board: &Board| {
            let found = arbitrage_on(board, current.books(), params).into_iter();
            let fresh = found.filter(|found| params.max_age_s.is_none() || found.verdict != Verdict::Stale);
            all.extend(fresh.map(|found| FoundAt {
                event: board.event.clone(),
                found,
            }));
        };
        if let Some(as_of) = as_of {
            let filter = EventFilter {
                statuses: NOT_OVER.to_vec(),
                ..EventFilter::default()
            };
            let mut after = None;
            loop {
                let page = self
                    .store
                    .events(&filter, Some(as_of), after, u32::try_from(BATCH).unwrap_or(u32::MAX))
                    .await?;
                let ids: Vec<EventId> = page.items.iter().map(|event| event.id).collect();
                self.store.boards(&ids, Some(as_of)).await?.iter().for_each(&mut search);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        } else {
            let now = self.clock.now();
            let candidates = current
                .games
                .iter()
                .filter(|game| game.has_arbitrage)
                .filter_map(|game| game.board.as_ref());
            for board in candidates {
                search(&Board {
                    as_of: board.as_of.max(now),
                    ..Board::clone(board)
                });
            }
        }
        all.sort_by(|one, other| {
            let profit = other.found.profit.total_cmp(&one.found.profit);
            profit.then_with(|| (one.event.id, &one.found.market).cmp(&(other.event.id, &other.found.market)))
        });
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event::Participant;
    use domain::{ParticipantId, Role};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn board(id: i64, starts_at: i64, home: &str, status: EventStatus) -> Board {
        let event = Event {
            id: EventId(id),
            sport: Sport::TENNIS,
            competition_id: CompetitionId(1),
            competition: "Open".into(),
            participants: vec![Participant {
                id: ParticipantId(id),
                role: Role::Home,
                name: home.into(),
            }],
            starts_at: at(starts_at),
            status,
            score: None,
            is_demo: false,
        };
        Board {
            event,
            as_of: at(0),
            markets: Vec::new(),
        }
    }

    fn current(boards: Vec<Board>) -> Current {
        let games = boards.into_iter().map(|board| {
            let mark = EventMark {
                event_id: board.event.id,
                changes: 1,
                covered_at_ms: 0,
            };
            (mark.event_id, Arc::new(Game::new(mark, board, &BooksById::default())))
        });
        Current::new(&games.collect(), Books::default())
    }

    fn ids(games: &[Arc<GameSummary>]) -> Vec<i64> {
        games.iter().map(|game| game.event.id.0).collect()
    }

    #[test]
    fn games_come_by_start_and_those_that_are_over_only_when_asked_for() {
        let state = current(vec![
            board(1, 30, "Ann", EventStatus::Scheduled),
            board(2, 10, "Bea", EventStatus::Live),
            board(3, 20, "Cid", EventStatus::Final),
        ]);
        let ask = |filter: GameFilter| ids(&state.games(&filter));
        assert_eq!(ask(GameFilter::default()), [2, 1]);
        assert_eq!(
            ask(GameFilter {
                sort: GameSort::LatestStart,
                ..GameFilter::default()
            }),
            [1, 2]
        );
        assert_eq!(
            ask(GameFilter {
                statuses: EventStatus::ALL.to_vec(),
                ..GameFilter::default()
            }),
            [2, 3, 1]
        );
        assert_eq!(
            ask(GameFilter {
                text: Some("OPEN an".into()),
                ..GameFilter::default()
            }),
            [1]
        );
        assert_eq!(
            ask(GameFilter {
                starts_from: Some(at(11)),
                ..GameFilter::default()
            }),
            [1]
        );
        assert_eq!(
            ask(GameFilter {
                starts_to: Some(at(30)),
                ..GameFilter::default()
            }),
            [2]
        );
    }

    #[test]
    fn every_game_is_on_exactly_one_page_in_both_directions() {
        let state = current(
            (1..=7)
                .map(|id| board(id, id / 3, "Ann", EventStatus::Scheduled))
                .collect(),
        );
        for sort in [GameSort::Start, GameSort::LatestStart] {
            let filter = GameFilter {
                sort,
                ..GameFilter::default()
            };
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = seek(state.games(&filter), sort == GameSort::LatestStart, after, 2);
                seen.extend(ids(&page.items));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, ids(&state.games(&filter)));
        }
    }

    #[test]
    fn kept_answers_are_bounded() {
        let state = current(Vec::new());
        let answer = Answer::new("x");
        for question in 0..=MAX_ANSWERS {
            state.keep_answer(&question.to_string(), &answer);
        }
        assert!(state.answers.lock().unwrap().len() <= MAX_ANSWERS);
        let last = state.kept_answer(&MAX_ANSWERS.to_string()).unwrap();
        assert_eq!((last.body, last.etag), (answer.body, answer.etag));
    }
}
