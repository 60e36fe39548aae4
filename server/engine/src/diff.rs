//! What changed: the accepted quotes of an answer against the rows that are current.
//!
//! History holds changes only. An unchanged price refreshes when it was last seen; a quote that was there and is missing from
//! an answer that is complete for its market was withdrawn; one that comes back is a change again.

use crate::BooksByKey;
use crate::hashing::IdMap;
use crate::resolve::Resolution;
use crate::validate::{Decision, Validated};
use chrono::{DateTime, Utc};
use domain::board::QuoteFlags;
use domain::reading::{Lines, ReadIssue, Reading};
use domain::{BookmakerId, EventId, IssueKind, Line, MarketKey, MarketKind, Outcome, Period, Price, SelectionId, Side};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;

/// The current rows of one feed for the known events of an answer.
pub type CurrentQuotes = HashMap<EventId, CurrentEvent>;

/// The current rows of one feed for one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CurrentEvent {
    /// When the latest answer of this feed about this event was received. Anything received before it is refused.
    pub last_received_at: Option<DateTime<Utc>>,
    /// The selections of the rows, and any others of the event. One that only another feed has brought may be missing: it is then
    /// told as new, and the store finds it by its market and outcome.
    pub selections: Vec<KnownSelection>,
    /// This feed's rows, withdrawn ones included.
    pub quotes: Vec<CurrentQuote>,
}

/// A stored selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSelection {
    /// Its number.
    pub id: SelectionId,
    /// Its market.
    pub market: MarketKey,
    /// Its outcome.
    pub outcome: Outcome,
}

/// A current row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentQuote {
    /// On what.
    pub selection: SelectionId,
    /// Who offers it.
    pub bookmaker: BookmakerId,
    /// Back or lay.
    pub side: Side,
    /// The price; `None` once it was withdrawn.
    pub price: Option<Price>,
    /// When the book said it last updated.
    pub source_at: Option<DateTime<Utc>>,
    /// When this price was first received.
    pub received_at: DateTime<Utc>,
    /// When it was last seen unchanged.
    pub last_seen_at: DateTime<Utc>,
    /// Among which lines it was last seen.
    pub lines: Lines,
}

/// A selection that is stored, or one that an answer brings for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Stored under this number.
    Known(SelectionId),
    /// Position in [`Diff::new_selections`].
    New(u32),
}

/// A selection to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSelection {
    /// Position of its event in the answer.
    pub event: u32,
    /// Its market.
    pub market: MarketKey,
    /// Its outcome.
    pub outcome: Outcome,
}

/// What happened to a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// Seen for the first time.
    New,
    /// Another price than before.
    Moved,
    /// No longer offered.
    Withdrawn,
    /// Offered again.
    Returned,
}

/// A row for the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Position of the event in the answer.
    pub event: u32,
    /// On what.
    pub selection: Selection,
    /// Who offers it.
    pub bookmaker: BookmakerId,
    /// Back or lay.
    pub side: Side,
    /// What happened.
    pub kind: ChangeKind,
    /// The price before; `None` when there was none, or it was withdrawn.
    pub previous: Option<Price>,
    /// The price now; `None` when it is withdrawn.
    pub price: Option<Price>,
    /// Position of the quote in the answer, for its text and time; `None` when it is withdrawn.
    pub quote: Option<u32>,
    /// What validation found.
    pub flags: QuoteFlags,
    /// Among which lines it is seen now; `None` when that is no news.
    pub relined: Option<Lines>,
}

/// A quote that is unchanged: only when it was last seen is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// On what.
    pub selection: SelectionId,
    /// Who offers it.
    pub bookmaker: BookmakerId,
    /// Back or lay.
    pub side: Side,
    /// The book's latest time: that of the answer, or the one known before where the answer has none.
    pub source_at: Option<DateTime<Utc>>,
    /// What validation found this time.
    pub flags: QuoteFlags,
    /// Among which lines it is seen now; `None` when that is no news.
    pub relined: Option<Lines>,
}

/// Everything an answer changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Selections to store first; changes point here.
    pub new_selections: Vec<NewSelection>,
    /// Rows for the history.
    pub changes: Vec<Change>,
    /// Unchanged quotes.
    pub seen: Vec<Seen>,
    /// What had to be refused.
    pub issues: Vec<ReadIssue>,
    /// How many quotes were refused for coming out of order.
    pub refused: usize,
}

/// Compares the accepted quotes of an answer with the current rows of its feed.
///
/// `books` are all known bookmakers by key; those of the answer are stored before. Quarantined quotes count as absent: the
/// price that was current is no longer offered, and the new one can't be used.
pub fn diff(
    reading: &Reading<'_>,
    resolution: &Resolution,
    validated: &Validated,
    current: &CurrentQuotes,
    books: &BooksByKey,
    received_at: DateTime<Utc>,
) -> Diff {
    let mut diff = Diff::default();
    let events = Events::new(reading, resolution, current, received_at, &mut diff);
    let bookmakers = bookmaker_ids(reading, books, &mut diff);
    let mut rows = Rows::new(&events);
    let mut selections = Selections::new(reading, validated, &events);
    let lines: Vec<Option<Lines>> = reading
        .markets
        .iter()
        .map(|market| reading.scope.lines_of(&market.kind, market.period))
        .collect();
    diff.seen.reserve(reading.quotes.len());

    for (position, (quote, decision)) in (0_u32..).zip(reading.quotes.iter().zip(&validated.decisions)) {
        let Decision::Accept(flags) = *decision else { continue };
        let Some((market, event)) = validated.market(quote.market).zip(validated.event_of(quote.market)) else {
            continue;
        };
        if !events.is_usable(event) {
            diff.refused += 1;
            continue;
        }
        let Some(bookmaker) = bookmakers.get(quote.bookmaker as usize).copied().flatten() else {
            continue;
        };
        let Some(selection) = selections.find(market, event, &quote.outcome, &mut diff.new_selections) else {
            continue;
        };
        let row = match selection {
            Selection::Known(id) => rows.see(RowKey(id, bookmaker, quote.side)),
            Selection::New(_) => None,
        };
        let among = row.map(|row| row.lines).unwrap_or_default();
        let relined = lines
            .get(market as usize)
            .copied()
            .flatten()
            .filter(|lines| *lines != among);
        let (kind, previous) = match row {
            None => (ChangeKind::New, None),
            Some(row) if row.price == Some(quote.price) => {
                diff.seen.push(Seen {
                    selection: row.selection,
                    bookmaker,
                    side: row.side,
                    source_at: quote.source_at.or(row.source_at),
                    flags,
                    relined,
                });
                continue;
            }
            Some(row) if row.price.is_none() => (ChangeKind::Returned, None),
            Some(row) => (ChangeKind::Moved, row.price),
        };
        diff.changes.push(Change {
            event,
            selection,
            bookmaker,
            side: quote.side,
            kind,
            previous,
            price: Some(quote.price),
            quote: Some(position),
            flags,
            relined,
        });
    }
    diff.changes
        .extend(rows.withdrawn(&Completeness::new(reading, books, &events)));
    diff
}

/// The numbers of the answer's bookmakers.
fn bookmaker_ids(reading: &Reading<'_>, books: &BooksByKey, diff: &mut Diff) -> Vec<Option<BookmakerId>> {
    let mut id = |key: &str| {
        let known = books.get(key).map(|book| book.id);
        if known.is_none() {
            diff.issues.push(ReadIssue {
                kind: IssueKind::MissingField,
                event: None,
                bookmaker: Some(key.to_owned()),
                detail: "the bookmaker is not stored, so its quotes can't be".to_owned(),
            });
        }
        known
    };
    reading.bookmakers.iter().map(|read| id(&read.key)).collect()
}

/// The current rows, and which of them the answer confirms or changes.
struct Rows<'c> {
    current: Vec<(u32, &'c CurrentQuote)>,
    positions: IdMap<RowKey, usize>,
    is_present: Vec<bool>,
}

impl<'c> Rows<'c> {
    fn new(events: &Events<'c>) -> Self {
        let current = events
            .usable
            .iter()
            .filter_map(|(position, current)| Some((*position, (*current)?)));
        let current: Vec<_> = current
            .flat_map(|(position, current)| current.quotes.iter().map(move |row| (position, row)))
            .collect();
        let mut positions = IdMap::with_capacity_and_hasher(current.len(), BuildHasherDefault::default());
        for (at, (_, row)) in current.iter().enumerate() {
            positions.insert(RowKey(row.selection, row.bookmaker, row.side), at);
        }
        let is_present = vec![false; current.len()];
        Self {
            current,
            positions,
            is_present,
        }
    }

    /// The row of a quote, which from now on is known to be in the answer.
    fn see(&mut self, key: RowKey) -> Option<&'c CurrentQuote> {
        let at = *self.positions.get(&key)?;
        *self.is_present.get_mut(at)? = true;
        self.current.get(at).map(|(_, row)| *row)
    }

    /// The rows with a price whose absence from the answer means something.
    fn withdrawn(&self, completeness: &Completeness) -> impl Iterator<Item = Change> {
        let absent = self
            .current
            .iter()
            .zip(&self.is_present)
            .filter(|(_, is_present)| !**is_present);
        absent
            .filter(|((_, row), _)| row.price.is_some() && completeness.covers(row))
            .map(|((event, row), _)| Change {
                event: *event,
                selection: Selection::Known(row.selection),
                bookmaker: row.bookmaker,
                side: row.side,
                kind: ChangeKind::Withdrawn,
                previous: row.price,
                price: None,
                quote: None,
                flags: QuoteFlags::default(),
                relined: None,
            })
    }
}

/// The events of an answer that may be written.
struct Events<'c> {
    usable: Vec<(u32, Option<&'c CurrentEvent>)>,
    is_usable: Vec<bool>,
}

impl<'c> Events<'c> {
    fn new(
        reading: &Reading<'_>,
        resolution: &Resolution,
        current: &'c CurrentQuotes,
        received_at: DateTime<Utc>,
        diff: &mut Diff,
    ) -> Self {
        let mut events = Self {
            usable: Vec::new(),
            is_usable: vec![false; reading.events.len()],
        };
        for (position, is_usable) in (0_u32..).zip(&mut events.is_usable) {
            if resolution.canonical(position) != Some(position) {
                continue;
            }
            let current = resolution.event_id(position).and_then(|id| current.get(&id));
            if let Some(last) = current
                .and_then(|current| current.last_received_at)
                .filter(|last| *last > received_at)
            {
                let detail = format!("received {received_at}, but {last} is already recorded");
                diff.issues.push(ReadIssue {
                    kind: IssueKind::OutOfOrder,
                    event: Some(position),
                    bookmaker: None,
                    detail,
                });
                continue;
            }
            *is_usable = true;
            events.usable.push((position, current));
        }
        events
    }

    fn is_usable(&self, position: u32) -> bool {
        self.is_usable.get(position as usize).copied().unwrap_or(false)
    }
}

/// A market of an event, borrowed.
type MarketRef<'m> = (u32, &'m MarketKind, Period, Option<Line>, Option<&'m str>);

/// The selections of the markets of an answer: looked up once per market, so that a quote costs a glance.
struct Selections<'m> {
    keys: Vec<Option<MarketKey>>,
    outcomes: Vec<Vec<(&'m Outcome, Selection)>>,
}

impl<'m> Selections<'m> {
    fn new(reading: &'m Reading<'_>, validated: &Validated, events: &Events<'m>) -> Self {
        let mut stored: HashMap<MarketRef<'_>, Vec<(&Outcome, Selection)>> = HashMap::new();
        for (position, current) in &events.usable {
            for selection in current.iter().flat_map(|current| &current.selections) {
                let key = &selection.market;
                let market = (*position, &key.kind, key.period, key.line, key.participant.as_deref());
                stored
                    .entry(market)
                    .or_default()
                    .push((&selection.outcome, Selection::Known(selection.id)));
            }
        }
        let (mut keys, mut outcomes) = (Vec::new(), Vec::new());
        for (position, read) in (0_u32..).zip(&reading.markets) {
            let is_first = validated.market(position) == Some(position);
            let event = validated.event_of(position).filter(|_| is_first);
            keys.push(event.map(|_| MarketKey {
                kind: read.kind.clone(),
                period: read.period,
                line: read.line,
                participant: read.participant.as_deref().map(str::to_owned),
            }));
            let market = event.map(|event| (event, &read.kind, read.period, read.line, read.participant.as_deref()));
            outcomes.push(market.and_then(|market| stored.remove(&market)).unwrap_or_default());
        }
        Self { keys, outcomes }
    }

    fn find(
        &mut self,
        market: u32,
        event: u32,
        outcome: &'m Outcome,
        new_selections: &mut Vec<NewSelection>,
    ) -> Option<Selection> {
        let known = self.outcomes.get_mut(market as usize)?;
        if let Some((_, selection)) = known.iter().find(|(known, _)| *known == outcome) {
            return Some(*selection);
        }
        let selection = Selection::New(u32::try_from(new_selections.len()).ok()?);
        let market = self.keys.get(market as usize)?.clone()?;
        new_selections.push(NewSelection {
            event,
            market,
            outcome: outcome.clone(),
        });
        known.push((outcome, selection));
        Some(selection)
    }
}

/// For which current rows absence means that they were withdrawn.
struct Completeness {
    /// The selections it tells of, as far as they were last seen among these lines.
    selections: IdMap<SelectionId, Lines>,
    bookmakers: Option<HashSet<BookmakerId>>,
}

impl Completeness {
    fn new(reading: &Reading<'_>, books: &BooksByKey, events: &Events<'_>) -> Self {
        let selections = events
            .usable
            .iter()
            .filter_map(|(_, current)| *current)
            .flat_map(|current| &current.selections);
        let id = |key: &String| Some(books.get(key)?.id);
        Self {
            selections: selections
                .filter_map(|known| {
                    Some((
                        known.id,
                        reading.scope.lines_of(&known.market.kind, known.market.period)?,
                    ))
                })
                .collect(),
            bookmakers: reading
                .scope
                .bookmakers
                .as_ref()
                .map(|keys| keys.iter().filter_map(id).collect()),
        }
    }

    fn covers(&self, row: &CurrentQuote) -> bool {
        self.bookmakers
            .as_ref()
            .is_none_or(|books| books.contains(&row.bookmaker))
            && self
                .selections
                .get(&row.selection)
                .is_some_and(|lines| lines.cover(row.lines))
    }
}

/// What makes a row, for one feed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RowKey(SelectionId, BookmakerId, Side);

#[cfg(test)]
mod tests;
