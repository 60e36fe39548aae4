//! Slips as somebody begins them: a leg by its event's number, or a leg of an opportunity as it was offered.

use super::place::Slip;
use crate::desk::strategies::accounts_of;
use crate::http::errors::{ApiError, ApiResult};
use crate::state::AppState;
use chrono::{DateTime, Utc};
use domain::bet::{BetLeg, PayTerms, Structure, TakenQuote, Wager};
use domain::board::{Board, Quote};
use domain::event::Event;
use domain::opportunity::OpportunityKind;
use domain::{BookmakerId, EventId, EventStatus, MarketKey, OpportunityId, Outcome, Price, Role, Side, Sport, UserId};
use engine::close::millionths;
use engine::desk::Desk;

/// A leg as somebody names it. What is said of an event that is known is not asked for: it is filled in.
#[derive(Clone, Debug)]
pub struct LegDraft {
    /// On which known event.
    pub event_id: Option<EventId>,
    /// The event's name, for one that no feed speaks of.
    pub event: String,
    /// Its sport.
    pub sport: Option<Sport>,
    /// Its competition.
    pub competition: String,
    /// The home side's name.
    pub home: Option<String>,
    /// The away side's name.
    pub away: Option<String>,
    /// Its start.
    pub starts_at: Option<DateTime<Utc>>,
    /// In which market.
    pub market: MarketKey,
    /// On what.
    pub outcome: Outcome,
    /// For it or against it.
    pub side: Side,
    /// At which price.
    pub price: Price,
    /// The price as it was typed.
    pub price_text: String,
}

/// A leg of a bet, with what is known of its event.
///
/// # Errors
/// Field errors `event` and `outcome`; when the database does not answer.
pub async fn leg_of(state: &AppState, draft: LegDraft) -> ApiResult<BetLeg> {
    check_outcome(&draft.market, &draft.outcome)?;
    let LegDraft {
        event_id,
        event,
        sport,
        competition,
        home,
        away,
        starts_at,
        market,
        outcome,
        side,
        price,
        price_text,
    } = draft;
    let leg = BetLeg {
        event_id,
        event: event.trim().to_owned(),
        sport: sport.unwrap_or_else(|| Sport::from_key("other")),
        competition: competition.trim().to_owned(),
        home,
        away,
        starts_at,
        market,
        outcome,
        side,
        price,
        price_text,
        quote: None,
    };
    let Some(id) = event_id else {
        let is_word = |word: &str| word.chars().count() <= super::MAX_WORD && !word.contains(char::is_control);
        if leg.event.is_empty() || !is_word(&leg.event) || !is_word(&leg.competition) {
            return Err(ApiError::field("event", "say which event it is, in one short line"));
        }
        return Ok(leg);
    };
    let event = state.store.event(id, None).await?;
    let event = event.ok_or_else(|| ApiError::field("event", "there is no such event"))?;
    Ok(on_event(leg, &event))
}

/// A leg with what is known of its event.
pub(super) fn on_event(leg: BetLeg, event: &Event) -> BetLeg {
    let name = |role| event.participant(role).map(|participant| participant.name.clone());
    BetLeg {
        event_id: Some(event.id),
        event: event.name(),
        sport: event.sport.clone(),
        competition: event.competition.clone(),
        home: name(Role::Home),
        away: name(Role::Away),
        starts_at: Some(event.starts_at),
        ..leg
    }
}

/// The recorded quote of what a leg is on, at a bookmaker, on a board; without a bookmaker the best back price.
pub fn quote_of<'b>(
    board: &'b Board,
    bookmaker: Option<BookmakerId>,
    market: &MarketKey,
    outcome: &Outcome,
    side: Side,
) -> Option<&'b Quote> {
    let market = board.markets.iter().find(|known| known.key == *market)?;
    match bookmaker {
        Some(id) => {
            let mut quotes = market.quotes.iter();
            quotes.find(|quote| (quote.bookmaker_id, &quote.outcome, quote.side) == (id, outcome, side))
        }
        None => market.best_back(outcome, |_| true),
    }
}

/// Legs that say at which recorded quotes they were taken: those whose bookmaker offered what they say when the bet was placed. So the
/// bet opens down to them. `is_that` tells whether a leg means a price, which a page may show rounded.
///
/// # Errors
/// When the database does not answer.
pub async fn with_quotes(
    state: &AppState,
    mut legs: Vec<BetLeg>,
    bookmaker: Option<BookmakerId>,
    placed_at: Option<DateTime<Utc>>,
    is_that: impl Fn(&BetLeg, Price) -> bool,
) -> ApiResult<Vec<BetLeg>> {
    if bookmaker.is_none() {
        return Ok(legs);
    }
    for leg in &mut legs {
        let Some(event) = leg.event_id else { continue };
        let Some(board) = state.store.board(event, placed_at).await? else {
            continue;
        };
        let quote = quote_of(&board, bookmaker, &leg.market, &leg.outcome, leg.side);
        let Some(quote) = quote.filter(|quote| is_that(leg, quote.price)) else {
            continue;
        };
        leg.price = quote.price;
        leg.price_text.clone_from(&quote.price_text);
        leg.quote = Some(TakenQuote {
            change_id: quote.change_id,
            snapshot_id: quote.snapshot_id,
        });
    }
    Ok(legs)
}

/// Refuses an outcome that a market does not have.
fn check_outcome(market: &MarketKey, outcome: &Outcome) -> ApiResult<()> {
    match market.kind.outcomes() {
        Some(outcomes) if !outcomes.contains(outcome) => {
            let codes: Vec<String> = outcomes.iter().map(Outcome::code).collect();
            let text = format!(
                "a bet on {} is on {}",
                market.kind.name().to_lowercase(),
                codes.join(" or ")
            );
            Err(ApiError::field("outcome", text))
        }
        _ => Ok(()),
    }
}

/// How a bookmaker pays a user: as the user's settings say, else as it pays everybody.
///
/// # Errors
/// When the database does not answer.
pub async fn terms_at(state: &AppState, owner: UserId, bookmaker: Option<BookmakerId>) -> ApiResult<PayTerms> {
    let Some(id) = bookmaker else {
        return Ok(PayTerms::default());
    };
    let books = state.boards.profiles().await?;
    let accounts = accounts_of(&state.store.bookmaker_choices(owner).await?, &books);
    let desk = Desk {
        books: &books,
        accounts: &accounts,
    };
    let terms = desk.account(id).terms;
    Ok(PayTerms {
        rounding: terms.rounding,
        commission: terms.commission,
    })
}

/// A slip for one leg of an opportunity: price, quote and stake as offered, for the user to change. Zero is staked where nothing
/// was suggested.
///
/// # Errors
/// 404 when it is not the user's; a field error when it has no such leg; 409 when its event is over.
pub async fn of_opportunity(state: &AppState, owner: UserId, id: OpportunityId, at: usize) -> ApiResult<Slip> {
    let found = state.store.opportunity(owner, id, None).await?;
    let opportunity = found.ok_or_else(|| ApiError::not_found("opportunity"))?;
    let found = &opportunity.found;
    let leg = found
        .legs
        .get(at)
        .ok_or_else(|| ApiError::field("leg", "the opportunity has no such leg"))?;
    let event = state.store.event(opportunity.event_id, None).await?;
    let event = event.ok_or_else(|| ApiError::internal("an opportunity without its event"))?;
    if matches!(event.status, EventStatus::Final | EventStatus::Cancelled) {
        return Err(ApiError::conflict("the event is over"));
    }
    let bare = BetLeg {
        event_id: None,
        event: String::new(),
        sport: event.sport.clone(),
        competition: String::new(),
        home: None,
        away: None,
        starts_at: None,
        market: leg.market.clone(),
        outcome: leg.outcome.clone(),
        side: leg.side,
        price: leg.price,
        price_text: leg.price_text.clone(),
        quote: Some(TakenQuote {
            change_id: leg.change_id,
            snapshot_id: leg.snapshot_id,
        }),
    };
    let stakes = found.facts.stakes.as_ref();
    // Only where each leg stands for itself does the opportunity's profit say what is expected of it.
    let says_edge = matches!(found.kind, OpportunityKind::Value | OpportunityKind::Steam);
    Ok(Slip {
        account_id: None,
        bookmaker_id: Some(leg.bookmaker_id),
        wager: Wager {
            structure: Structure::Single,
            stake: stakes.and_then(|stakes| stakes.stakes.get(at).copied()).unwrap_or(0),
            is_free: false,
            legs: vec![on_event(bare, &event)],
            terms: terms_at(state, owner, Some(leg.bookmaker_id)).await?,
        },
        placed_at: None,
        note: String::new(),
        tags: Vec::new(),
        reference: String::new(),
        strategy: Some((opportunity.strategy.0, opportunity.version)),
        opportunity_id: Some(id),
        edge_ppm: says_edge.then(|| millionths(found.profit)),
    })
}
