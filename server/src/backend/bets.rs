//! Bets: lists, each bet's story, and what people do about them.

use super::story::Teller;
use super::{RequestBackend, count, failed, told};
use crate::desk::bets::place::{self, Edit};
use crate::desk::bets::settle::Said;
use crate::desk::bets::{find, in_request, read_tags, settle, summary};
use crate::desk::preferences::{Preferences, day_bounds};
use crate::http::errors::ApiError;
use app::AppError;
use app::pages::bet::{BetEdit, BetPort, BetView, ChangeRow, EntryRow, LegEnd};
use app::pages::bets::{
    BetOffers, BetRow, BetsFilter, BetsPort, BetsSort, BetsStatus, BetsSum, BetsView, DecisionRow, DecisionsView,
};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::bet::{Bet, BetMode, BetStatus};
use domain::each_way::Finish;
use domain::event::Score;
use domain::result::{BetResult, Winner};
use domain::settlement::facts::{GivenUp, Played};
use domain::settlement::{End, Fate};
use domain::{BetId, BookmakerId, Currency, Money, StrategyId, UserId};
use store::{BetChange, BetFilter, BetOrder, Cursor, Decided, EntryFilter, Of, StoredBet, User, UserRole};

/// Bets on a page.
const PAGE: u32 = 50;
/// Decisions on a page.
const DECISIONS: u32 = 50;
/// Entries of one bet that are shown.
const ENTRIES: u32 = 500;

/// An amount as typed, in minor units.
pub(super) fn read_amount(field: &'static str, text: &str, currency: Currency) -> Result<i64, AppError> {
    Money::parse(text, currency)
        .map(|money| money.minor)
        .map_err(|error| AppError::field(field, format!("An amount such as 12.50, please: {error}.")))
}

impl RequestBackend {
    /// What the address bar asks for, as the store knows it.
    pub(crate) async fn asked(&self, filter: &BetsFilter) -> Result<BetFilter, AppError> {
        let zone = self.zone().await?;
        let day = |text: &str| text.parse::<NaiveDate>().ok().map(|day| day_bounds(zone, day));
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let strategy = match filter.strategy.as_str() {
            "" => Of::Any,
            "none" => Of::Nobody,
            id => id.parse().map_or(Of::Any, |id| Of::One(StrategyId(id))),
        };
        let bookmaker = match filter.bookmaker.as_str() {
            "" => Of::Any,
            "none" => Of::Nobody,
            text => {
                if let Ok(id) = text.parse() {
                    Of::One(BookmakerId(id))
                } else {
                    let books = self.state.boards.profiles().await.map_err(failed)?;
                    let found = books.values().find(|book| book.key == text);
                    Of::One(found.map_or(BookmakerId(0), |book| book.id))
                }
            }
        };
        Ok(BetFilter {
            mode: filter.mode,
            status: match filter.status {
                Some(BetsStatus::Open) => Some(BetStatus::Open),
                Some(BetsStatus::Settled) => Some(BetStatus::Settled),
                Some(BetsStatus::ToSettle | BetsStatus::Removed) | None => None,
            },
            needs_person: filter.status == Some(BetsStatus::ToSettle),
            removed: filter.status == Some(BetsStatus::Removed),
            strategy,
            bookmaker,
            sport: some(&filter.sport),
            market: some(&filter.market),
            tag: some(&filter.tag),
            text: some(&filter.text),
            placed_from: day(&filter.from).map(|(from, _)| from),
            placed_to: day(&filter.to).map(|(_, to)| to),
            ..BetFilter::default()
        })
    }

    /// What a filter of bets offers.
    pub(super) async fn bet_offers(&self, owner: UserId) -> Result<BetOffers, AppError> {
        let by_name = |mut offers: Vec<(String, String)>| {
            offers.sort_by(|one, other| one.1.cmp(&other.1));
            offers
        };
        let store = &self.state.store;
        let strategies = store.strategy_names(owner).await.map_err(failed)?;
        let strategies = strategies.into_iter().map(|(id, name)| (id.to_string(), name));
        let books = self.state.boards.profiles().await.map_err(failed)?;
        let bookmakers = books.values().map(|book| (book.id.to_string(), book.name.clone()));
        Ok(BetOffers {
            strategies: by_name(strategies.collect()),
            bookmakers: by_name(bookmakers.collect()),
            tags: store.bet_tags(owner).await.map_err(failed)?,
        })
    }

    /// What bets come to, by mode and currency.
    pub(super) async fn bets_sums(&self, owner: UserId, filter: &BetFilter) -> Result<Vec<BetsSum>, AppError> {
        let mut sums = Vec::new();
        for mode in BetMode::ALL {
            if filter.mode.is_some_and(|wanted| wanted != *mode) {
                continue;
            }
            let of_mode = BetFilter {
                mode: Some(*mode),
                ..filter.clone()
            };
            let totals = self.state.store.bets_total(owner, &of_mode).await.map_err(failed)?;
            sums.extend(totals.into_iter().map(|total| BetsSum {
                mode: *mode,
                currency: total.currency,
                count: total.count,
                at_risk: total.at_risk,
                open: total.open,
                profit: total.profit,
            }));
        }
        Ok(sums)
    }

    /// Bets with the names of what they refer to.
    async fn bet_rows(&self, owner: UserId, bets: Vec<StoredBet>) -> Result<Vec<BetRow>, AppError> {
        let books = self.state.boards.profiles().await.map_err(failed)?;
        let accounts = self.state.store.accounts(owner).await.map_err(failed)?;
        let strategies = self.state.store.strategy_names(owner).await.map_err(failed)?;
        Ok(bets
            .into_iter()
            .map(|stored| {
                let bet = stored.bet;
                let account = accounts.iter().find(|account| account.id == bet.account_id);
                BetRow {
                    summary: summary(&bet.wager),
                    bookmaker: bet.bookmaker_id.map(|id| super::rows::name_of(&books, id)),
                    account: account.map(|account| account.name.clone()).unwrap_or_default(),
                    strategy: bet.strategy.and_then(|(id, _)| strategies.get(&id).cloned()),
                    needs_person: stored.needs_person,
                    clv_ppm: stored.clv_ppm,
                    close_edge_ppm: stored.close_edge_ppm,
                    bet,
                }
            })
            .collect())
    }

    /// A price as the reader types it.
    pub(super) fn read_price(user: &User, field: &str, text: &str) -> Result<domain::Price, AppError> {
        let format = Preferences::of(user).odds_format;
        format
            .read(&text.replace('\u{2212}', "-"))
            .map_err(|error| AppError::field(field, format!("A price such as you see on the pages, please: {error}.")))
    }

    /// What is said of a leg, as typed.
    fn read_end(user: &User, at: usize, leg: &LegEnd) -> Result<Said, AppError> {
        let number = |name: &str, text: &str, usual: Option<u32>| {
            if text.trim().is_empty()
                && let Some(usual) = usual
            {
                return Ok(usual);
            }
            text.trim()
                .parse::<u32>()
                .map_err(|_| AppError::field(format!("legs[{at}][{name}]"), "A whole number, please."))
        };
        let score = |name: &str, text: &str| {
            let field = format!("legs[{at}][{name}]");
            let whole = text.trim().parse::<i32>();
            whole.map_err(|_| AppError::field(field, "The score when it was given up, please."))
        };
        let end = match leg.end.as_str() {
            "open" => None,
            "retired" => {
                let winner = match leg.winner.as_str() {
                    "home" => Winner::Home,
                    "away" => Winner::Away,
                    _ => return Err(AppError::field(format!("legs[{at}][winner]"), "Choose who goes on.")),
                };
                let sets_over = number("played", &leg.played, None)?;
                return Ok(Said::GivenUp(GivenUp::Retired { sets_over, winner }));
            }
            "abandoned" => {
                let played = match leg.unit.as_str() {
                    "half_innings" => Played::HalfInnings(number("played", &leg.played, None)?),
                    _ => Played::Minutes(number("played", &leg.played, None)?),
                };
                let score = Score {
                    home: score("home", &leg.home)?,
                    away: score("away", &leg.away)?,
                };
                return Ok(Said::GivenUp(GivenUp::Abandoned { played, score }));
            }
            "dead_heat" => Some(End::DeadHeat {
                places: number("places", &leg.places, Some(1))?,
                tied: number("tied", &leg.tied, None)?,
            }),
            "finished" => Some(End::Finished(Finish {
                position: number("position", &leg.position, None)?,
                tied: number("tied", &leg.tied, Some(1))?,
            })),
            code => Some(End::Result(BetResult::from_code(code).ok_or_else(|| {
                AppError::field(format!("legs[{at}]"), "Choose one of those offered.")
            })?)),
        };
        let price = match leg.price.trim() {
            "" => None,
            text => Some(Self::read_price(user, &format!("legs[{at}][price]"), text)?),
        };
        Ok(Said::Ended(Fate { end, price }))
    }
}

const fn order(sort: BetsSort) -> BetOrder {
    match sort {
        BetsSort::Placed => BetOrder::Placed,
        BetsSort::Settled => BetOrder::Settled,
        BetsSort::Risk => BetOrder::Risk,
        BetsSort::Profit => BetOrder::Profit,
        BetsSort::Clv => BetOrder::Clv,
    }
}

/// An action of a bet's story, in words.
fn action_name(action: &str) -> String {
    match action {
        "taken_back" => "Taken back".to_owned(),
        "cashed_out" => "Cashed out".to_owned(),
        other => app::write::capitalised(&other.replace('_', " ")),
    }
}

fn change_row(change: BetChange, teller: &Teller<'_>) -> ChangeRow {
    ChangeRow {
        at: change.at,
        is_by_person: change.actor.is_some(),
        action: action_name(&change.action),
        reason: change.reason,
        differences: teller.differences(&change.detail),
        entry: change.entry_id,
    }
}

#[async_trait]
impl BetsPort for RequestBackend {
    async fn bets(&self, filter: BetsFilter) -> Result<BetsView, AppError> {
        let owner = self.reader().await?.id();
        let store = &self.state.store;
        let asked = self.asked(&filter).await?;
        let sums = self.bets_sums(owner, &asked).await?;
        let total = count(sums.iter().map(|sum| sum.count).sum::<i64>());
        let pages = total.div_ceil(PAGE).max(1);
        let skip = (filter.page.clamp(1, pages) - 1) * PAGE;
        let bets = store.list_bets(owner, &asked, order(filter.sort), skip, PAGE).await;
        Ok(BetsView {
            rows: self.bet_rows(owner, bets.map_err(failed)?).await?,
            total,
            pages,
            sums,
            offers: self.bet_offers(owner).await?,
        })
    }

    async fn bet_decisions(&self, before: Option<i64>) -> Result<DecisionsView, AppError> {
        let owner = self.reader().await?.id();
        let after = before.map(|id| Cursor { key: 0, id });
        let page = self
            .state
            .store
            .bet_decisions(owner, after, DECISIONS)
            .await
            .map_err(failed)?;
        let rows = page.items.into_iter().map(|row| {
            let decision = row.decision;
            DecisionRow {
                at: row.at,
                control: decision.control.map(|control| control.name().to_owned()),
                is_refused: decision.decided == Decided::Refused,
                reason: decision.reason,
                opportunity_id: decision.opportunity_id,
                mode: decision.mode,
                summary: decision.summary,
                at_risk: decision.at_risk.map(|(minor, currency)| Money { minor, currency }),
            }
        });
        Ok(DecisionsView {
            rows: rows.collect(),
            next: page.next.map(|next| next.id),
        })
    }

    async fn settle_bets(&self, ends: Vec<(BetId, BetResult)>) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let done = in_request(&self.state, async |tx| {
            tx.lock_bets(owner).await?;
            for (id, result) in &ends {
                let stored = tx.bet(owner, *id).await?;
                let stored = stored.ok_or_else(|| ApiError::not_found("bet"))?;
                let said = vec![Said::Ended(Fate::ended(*result)); stored.bet.wager.legs.len()];
                settle::by_hand(&self.state, tx, owner, *id, said, "").await?;
            }
            Ok(())
        });
        told(done.await)
    }
}

#[async_trait]
impl BetPort for RequestBackend {
    async fn bet(&self, id: BetId) -> Result<BetView, AppError> {
        let user = &self.reader().await?.user;
        let owner = user.id;
        let store = &self.state.store;
        let stored = told(find(&self.state, owner, id).await)?;
        let filter = EntryFilter {
            bet: Some(id),
            ..EntryFilter::default()
        };
        let mut entries = store
            .entries(owner, &filter, None, ENTRIES)
            .await
            .map_err(failed)?
            .items;
        entries.sort_by_key(|entry| entry.id);
        let changes = store.bet_changes(owner, id).await.map_err(failed)?;
        let accounts = store.accounts(owner).await.map_err(failed)?;
        let teller = Teller {
            preferences: &Preferences::of(user),
            currency: stored.bet.currency,
            accounts: &accounts.into_iter().map(|account| (account.id, account.name)).collect(),
        };
        let changes = changes.into_iter().map(|change| change_row(change, &teller)).collect();
        let closes = stored.bet.closes.clone();
        let row = self.bet_rows(owner, vec![stored]).await?.pop();
        let books = self.state.boards.profiles().await.map_err(failed)?;
        let is_behind = |key: &str| {
            let mut quotes = closes.iter().flatten().flat_map(|close| &close.quotes);
            quotes.any(|quote| quote.bookmaker == key)
        };
        let names = books.values().filter(|book| is_behind(&book.key));
        let names = names.map(|book| (book.key.clone(), book.name.clone())).collect();
        Ok(BetView {
            names,
            row: row.ok_or(AppError::NotFound)?,
            readings: store.bet_readings(owner, id).await.map_err(failed)?,
            base: store.bettor(owner).await.map_err(failed)?.currency,
            entries: entries
                .into_iter()
                .map(|entry| EntryRow {
                    id: entry.id,
                    kind: entry.kind,
                    at: entry.happened_at,
                    lines: entry.lines.iter().map(|line| (line.part, line.minor)).collect(),
                })
                .collect(),
            changes,
        })
    }

    async fn settle_bet(&self, id: BetId, legs: Vec<LegEnd>, reason: String) -> Result<(), AppError> {
        let user = self.writer_as(UserRole::Member).await?;
        let said = legs
            .iter()
            .enumerate()
            .map(|(at, leg)| Self::read_end(user, at, leg))
            .collect::<Result<Vec<_>, _>>()?;
        let done = in_request(&self.state, async |tx| {
            settle::by_hand(&self.state, tx, user.id, id, said, &reason).await
        });
        told(done.await).map(drop)
    }

    async fn take_back_bet(&self, id: BetId, reason: String) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let done = in_request(&self.state, async |tx| {
            settle::take_back(&self.state, tx, owner, id, &reason).await
        });
        told(done.await).map(drop)
    }

    async fn cash_out_bet(&self, id: BetId, stake: String, amount: String, reason: String) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let currency = told(find(&self.state, owner, id).await)?.bet.currency;
        let stake = read_amount("stake", &stake, currency)?;
        let amount = read_amount("amount", &amount, currency)?;
        let done = in_request(&self.state, async |tx| {
            settle::cash_out(&self.state, tx, owner, id, stake, amount, &reason).await
        });
        told(done.await).map(drop)
    }

    async fn edit_bet(&self, id: BetId, form: BetEdit) -> Result<(), AppError> {
        let user = self.writer_as(UserRole::Member).await?;
        let before = told(find(&self.state, user.id, id).await)?.bet;
        let edit = Edit {
            version: form.version.parse().ok(),
            wager: changed_wager(user, &before, &form)?,
            placed_at: None,
            note: Some(form.note),
            tags: Some(read_tags(&form.tags)),
            reference: Some(form.reference.trim().to_owned()),
        };
        let profiles = self.state.boards.profiles().await.map_err(failed)?;
        let tx = self.state.store.begin_request().await.map_err(failed)?;
        match place::edit(&self.state, &profiles, &tx, user, id, &edit, &form.reason).await {
            Ok(_) => {
                tx.commit().await.map_err(failed)?;
                self.state.live.tell(crate::http::live::News::Bets);
                Ok(())
            }
            Err(stopped) => {
                drop(tx);
                Err(place::note_refusal(&self.state, user.id, stopped).await.into())
            }
        }
    }

    async fn remove_bet(&self, id: BetId, is_removed: bool, reason: String) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let done = in_request(&self.state, async |tx| {
            settle::set_removed(&self.state, tx, owner, id, is_removed, &reason).await
        });
        told(done.await).map(drop)
    }
}

/// What was bet with another stake, or another price of a single; none where neither was typed anew.
fn changed_wager(user: &User, before: &Bet, form: &BetEdit) -> Result<Option<domain::bet::Wager>, AppError> {
    let mut wager = before.wager.clone();
    if !form.stake.trim().is_empty() {
        wager.stake = read_amount("stake", &form.stake, before.currency)?;
    }
    let price = form.price.trim();
    if let [leg] = wager.legs.as_mut_slice()
        && !price.is_empty()
    {
        // A price is shown rounded: one that was left alone is not another.
        let shown = Preferences::of(user).odds_format.write(leg.price);
        if price.replace('\u{2212}', "-") != shown {
            leg.price = RequestBackend::read_price(user, "price", price)?;
            price.clone_into(&mut leg.price_text);
        }
    }
    Ok((wager != before.wager).then_some(wager))
}
