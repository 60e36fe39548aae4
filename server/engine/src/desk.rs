//! What strategies know of the bookmakers: how each prices, and on which terms one user bets there.

use crate::BooksById;
use crate::hashing::IdMap;
use domain::arbitrage::MAX_STAKE;
use domain::bookmaker::{BettingTerms, CommissionBasis};
use domain::scenarios::{Commission, Leg, Terms};
use domain::{BoardMarket, BookKind, BookProfile, BookmakerId, MarketKey, Quote};
use serde::{Deserialize, Serialize};

/// How a user bets at a bookmaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    /// Whether the user can bet there at all.
    pub is_usable: bool,
    /// On which terms.
    pub terms: Terms,
    /// The greatest stake, in minor units of the account's currency.
    pub max_stake: i64,
}

impl Account {
    /// As anybody bets at a bookmaker of this profile.
    pub fn usual(book: &BookProfile) -> Self {
        Self::new(book, book.commission_bp, BettingTerms::default())
    }

    /// At a commission in hundredths of a percent and on given terms.
    pub fn new(book: &BookProfile, commission_bp: u16, terms: BettingTerms) -> Self {
        let by_kind = if book.kind == BookKind::Exchange {
            CommissionBasis::NetWinnings
        } else {
            CommissionBasis::EachBet
        };
        let commission = match (commission_bp, terms.basis.unwrap_or(by_kind)) {
            (0, _) => Commission::None,
            (bp, CommissionBasis::NetWinnings) => Commission::NetWinnings(bp),
            (bp, CommissionBasis::EachBet) => Commission::EachBet(bp),
            (bp, CommissionBasis::Turnover) => Commission::Turnover(bp),
        };
        Self {
            is_usable: true,
            terms: Terms {
                commission,
                rounding: terms.rounding,
                step: terms.step,
                rate: terms.rate,
                ..Terms::new(book.id)
            },
            max_stake: terms.max_stake,
        }
    }
}

/// A user's accounts, where they differ from the usual.
pub type Accounts = IdMap<BookmakerId, Account>;

/// The bookmakers as one user sees them.
#[derive(Clone, Copy)]
pub struct Desk<'d> {
    /// All that are known.
    pub books: &'d BooksById,
    /// The user's own terms.
    pub accounts: &'d Accounts,
}

impl Desk<'_> {
    /// How the user bets at a bookmaker.
    pub fn account(&self, id: BookmakerId) -> Account {
        let usual = || {
            self.books.get(&id).map_or_else(
                || Account {
                    is_usable: true,
                    terms: Terms::new(id),
                    max_stake: MAX_STAKE,
                },
                Account::usual,
            )
        };
        self.accounts.get(&id).copied().unwrap_or_else(usual)
    }

    /// Whether the user can bet at a bookmaker.
    pub fn is_usable(&self, id: BookmakerId) -> bool {
        self.accounts.get(&id).is_none_or(|account| account.is_usable)
    }

    /// What a bookmaker charges the user.
    pub fn commission(&self, id: BookmakerId) -> Commission {
        let own = self.accounts.get(&id).map(|account| account.terms.commission);
        own.unwrap_or_else(|| {
            let book = self.books.get(&id);
            book.map_or(Commission::None, |book| Account::usual(book).terms.commission)
        })
    }

    /// A bookmaker's kind; one that is not known is for recreational bettors.
    pub fn kind(&self, id: BookmakerId) -> BookKind {
        self.books.get(&id).map_or(BookKind::Retail, |book| book.kind)
    }

    /// A bookmaker's key.
    pub fn key(&self, id: BookmakerId) -> String {
        self.books
            .get(&id)
            .map_or_else(|| id.to_string(), |book| book.key.clone())
    }

    /// A bookmaker's name, as shown.
    pub fn name(&self, id: BookmakerId) -> String {
        self.books
            .get(&id)
            .map_or_else(|| id.to_string(), |book| book.name.clone())
    }

    /// The price source that a bookmaker shares with others.
    pub fn clone_group(&self, id: BookmakerId) -> Option<&str> {
        self.books.get(&id).and_then(|book| book.clone_group.as_deref())
    }

    /// The bet that a quote offers the user, with or without commission.
    pub fn bet(&self, market: &MarketKey, quote: &Quote, is_gross: bool) -> Leg {
        let account = self.account(quote.bookmaker_id);
        let mut terms = account.terms;
        if is_gross {
            terms.commission = Commission::None;
        }
        Leg {
            side: quote.side,
            max_stake: account.max_stake,
            ..Leg::back(market.clone(), quote.outcome.clone(), quote.price, terms)
        }
    }
}

/// A book's own implied sum on two outcomes may not exceed one by less than this: it is an error of that book, or of the feed.
const LEAST_TWO_WAY: f64 = 0.02;
/// The same for three outcomes and more.
const LEAST_MANY: f64 = 0.0;

/// True when an implied sum over so many outcomes is so low that a bookmaker of this kind must have made a mistake.
pub fn is_palpable(kind: BookKind, outcomes: usize, implied_sum: f64) -> bool {
    let least = if outcomes == 2 { LEAST_TWO_WAY } else { LEAST_MANY };
    kind != BookKind::Exchange && implied_sum - 1.0 < least
}

/// A book's own overround on a market when it is so low that its prices must be wrong. Exchanges may be that low.
pub fn palpable(market: &BoardMarket, kind: BookKind, bookmaker_id: BookmakerId) -> Option<f64> {
    let outcomes = market.covering_outcomes()?.len();
    market
        .book_overround(bookmaker_id)
        .filter(|margin| is_palpable(kind, outcomes, margin + 1.0))
}
