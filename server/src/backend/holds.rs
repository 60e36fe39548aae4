//! What bookmakers keep, over everything that is open.

use super::{RequestBackend, failed};
use app::AppError;
use app::pages::holds::{Hold, HoldRow, HoldsPort, HoldsView};
use async_trait::async_trait;
use domain::{Board, BookmakerId, EventId, MarketKind, overround};
use std::collections::{BTreeMap, HashMap};

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

/// The holds of one board, by bookmaker (none for the best prices together) and kind.
fn add(board: &Board, sums: &mut HashMap<(Option<BookmakerId>, MarketKind), Sum>) {
    for market in &board.markets {
        let mut ids: Vec<BookmakerId> = market.quotes.iter().map(|quote| quote.bookmaker_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let kind = &market.key.kind;
        let mut note = |book, hold| sums.entry((book, kind.clone())).or_default().add(board.event.id, hold);
        for id in ids {
            if let Some(margin) = market.book_overround(id) {
                // hold = 1 - 1 / (1 + overround)
                note(Some(id), overround::hold_of(margin));
            }
        }
        if let Some(hold) = market.best_hold(|_| true) {
            note(None, hold);
        }
    }
}

#[async_trait]
impl HoldsPort for RequestBackend {
    async fn holds(&self) -> Result<HoldsView, AppError> {
        let reader = self.reader().await?.id();
        let current = self.state.boards.current().await.map_err(failed)?;
        let mut sums = HashMap::new();
        for board in current.open_boards() {
            add(board, &mut sums);
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
