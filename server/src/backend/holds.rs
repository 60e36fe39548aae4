//! What bookmakers keep, over everything that is open.

use super::{RequestBackend, failed};
use app::AppError;
use app::pages::holds::{Hold, HoldRow, HoldsPort, HoldsView};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::board::oldest;
use domain::{Board, BookKind, BookmakerId, EventId, MarketKind, Quote};
use engine::BooksById;
use engine::desk::palpable;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The kinds that a column is worth.
const KINDS: [MarketKind; 7] = [
    MarketKind::Moneyline,
    MarketKind::ThreeWay,
    MarketKind::Spread,
    MarketKind::Total,
    MarketKind::TeamTotal,
    MarketKind::DrawNoBet,
    MarketKind::BothTeamsToScore,
];

#[derive(Default)]
struct Sum {
    sum: f64,
    markets: u32,
    lowest: Option<(EventId, f64)>,
}

impl Sum {
    fn add(&mut self, event: EventId, hold: f64) {
        self.sum += hold;
        self.markets += 1;
        if self.lowest.is_none_or(|(_, lowest)| hold < lowest) {
            self.lowest = Some((event, hold));
        }
    }

    fn told(&self) -> Option<Hold> {
        Some(Hold {
            mean: self.sum / f64::from(self.markets),
            markets: self.markets,
            lowest: self.lowest?,
        })
    }
}

/// Prices that were not seen for so long tell no hold of today.
const MAX_AGE_S: u32 = 1_800;

/// The holds of one board, by bookmaker (none for the best prices together) and kind: of prices that are fresh, of bookmakers that
/// the reader can use and that are not palpably wrong on the market.
fn add(
    board: &Board,
    now: DateTime<Utc>,
    books: &BooksById,
    usable: &HashSet<BookmakerId>,
    sums: &mut HashMap<(Option<BookmakerId>, MarketKind), Sum>,
) {
    let oldest = oldest(now, MAX_AGE_S);
    for market in &board.markets {
        let mut ids: Vec<BookmakerId> = market.quotes.iter().map(|quote| quote.bookmaker_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let kind = |id: BookmakerId| books.get(&id).map_or(BookKind::Retail, |book| book.kind);
        ids.retain(|id| usable.contains(id) && palpable(market, kind(*id), *id).is_none());
        let is_fit = |quote: &Quote| quote.is_offered_after(oldest) && ids.contains(&quote.bookmaker_id);
        let mut note = |book, hold| {
            let key = (book, market.key.kind.clone());
            sums.entry(key).or_default().add(board.event.id, hold);
        };
        for id in &ids {
            if let Some(hold) = market.best_hold(|quote| quote.bookmaker_id == *id && is_fit(quote)) {
                note(Some(*id), hold);
            }
        }
        if let Some(hold) = market.best_hold(is_fit) {
            note(None, hold);
        }
    }
}

#[async_trait]
impl HoldsPort for RequestBackend {
    async fn holds(&self) -> Result<HoldsView, AppError> {
        let reader = self.reader().await?.id();
        let current = self.state.boards.current().await.map_err(failed)?;
        let known: Vec<BookmakerId> = current.books().keys().copied().collect();
        let usable: HashSet<BookmakerId> = self.usable(known.into_iter()).await?.into_iter().collect();
        let now = self.now();
        let mut sums = HashMap::new();
        for board in current.open_boards() {
            add(board, now, current.books(), &usable, &mut sums);
        }
        let kinds: Vec<MarketKind> = KINDS
            .into_iter()
            .filter(|kind| sums.keys().any(|(book, of)| book.is_some() && of == kind))
            .collect();
        let told = |book: Option<BookmakerId>| -> Vec<Option<Hold>> {
            kinds
                .iter()
                .map(|kind| sums.get(&(book, kind.clone())).and_then(Sum::told))
                .collect()
        };
        let books: BTreeMap<BookmakerId, _> = current.books().iter().map(|(id, book)| (*id, book)).collect();
        let mut rows: Vec<HoldRow> = books
            .into_iter()
            .map(|(id, book)| HoldRow {
                book: book.clone(),
                holds: told(Some(id)),
            })
            .filter(|row| row.holds.iter().any(Option::is_some))
            .collect();
        let mean = |row: &HoldRow| {
            let (sum, markets) = row.holds.iter().flatten().fold((0.0, 0.0), |(sum, markets), hold| {
                (
                    sum + hold.mean * f64::from(hold.markets),
                    markets + f64::from(hold.markets),
                )
            });
            sum / markets
        };
        rows.sort_by(|one, other| mean(one).total_cmp(&mean(other)));
        Ok(HoldsView {
            best: told(None),
            rows,
            kinds,
            open: self.open_counts(reader).await?,
        })
    }
}
