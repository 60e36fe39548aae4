//! Slips: a new bet as a person fills it in.

use super::bets::read_amount;
use super::{RequestBackend, failed, told};
use crate::desk::bets::place::{Slip, place_alone, skip, suggest};
use crate::desk::bets::slip::{LegDraft, leg_of, of_opportunity, quote_of, terms_at, with_quotes};
use crate::desk::bets::{read_tags, summary};
use crate::desk::preferences::Preferences;
use app::AppError;
use app::pages::bets::amount;
use app::pages::new_bet::{BetForm, NewBetPort, Selection, SlipLeg, SlipStart, SlipView};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use domain::bet::{BetKind, BetLeg, BetMode, Structure, TeaserPush, Wager};
use domain::board::Board;
use domain::each_way::PlaceTerms;
use domain::risk::Bound;
use domain::{
    AccountId, BetId, BookmakerId, EventId, Line, MarketKey, MarketKind, Money, OpportunityId, Outcome, Period, Price,
    Side, Sport,
};
use store::{Account, Decided, EventFilter, NewDecision, User, UserRole};

/// Games that are looked at for their names, and offered, at most.
const LOOKED_AT: u32 = 200;
const OFFERED: usize = 12;
/// The name under which a slip is kept for the next view.
const KEPT: &str = "slip";

fn some_id(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// The line of a market where a side was bet at a line of its own: a handicap is the home side's.
fn market_line(kind: &MarketKind, outcome: &Outcome, line: Line) -> Line {
    if *kind == MarketKind::Spread && *outcome == Outcome::Away {
        Line::from_hundredths(-line.hundredths())
    } else {
        line
    }
}

/// An outcome as a slip holds it: its code, and its name where it is one by name.
fn outcome_form(outcome: &Outcome) -> (String, String) {
    match outcome {
        Outcome::Named(name) => ("named".to_owned(), name.clone()),
        outcome => (outcome.code(), String::new()),
    }
}

fn leg_form(user: &User, leg: &BetLeg) -> SlipLeg {
    let (outcome, name) = outcome_form(&leg.outcome);
    SlipLeg {
        event_id: leg.event_id.map(|id| id.to_string()).unwrap_or_default(),
        event: leg.event.clone(),
        sport: leg.sport.key().to_owned(),
        market: leg.market.kind.code(),
        period: leg.market.period.code().to_owned(),
        line: leg
            .market
            .line_of(&leg.outcome)
            .map(|line| line.to_string())
            .unwrap_or_default(),
        participant: leg.market.participant.clone().unwrap_or_default(),
        outcome,
        name,
        side: leg.side.code().to_owned(),
        price: Preferences::of(user).odds_format.write(leg.price),
    }
}

fn structure(user: &User, form: &BetForm) -> Result<Structure, AppError> {
    let kind = match form.kind.as_str() {
        "" => BetKind::Single,
        code => BetKind::from_code(code).ok_or_else(|| AppError::field("kind", "Choose one of those offered."))?,
    };
    Ok(match kind {
        BetKind::Single => Structure::Single,
        BetKind::Parlay => Structure::Parlay,
        BetKind::RoundRobin => {
            let sizes = form.sizes.split(',').map(|size| size.trim().parse::<u8>());
            let mut sizes = sizes
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_| AppError::field("sizes", "Numbers of legs, such as 2, 3."))?;
            sizes.sort_unstable();
            Structure::RoundRobin { sizes }
        }
        BetKind::Teaser => {
            let mut prices = vec![None; form.legs.len()];
            if let Some(last) = prices.last_mut() {
                *last = Some(RequestBackend::read_price(user, "teaser_price", &form.teaser_price)?);
            }
            Structure::Teaser {
                prices,
                push: TeaserPush::from_code(&form.teaser_push).unwrap_or(TeaserPush::Reduce),
            }
        }
        BetKind::EachWay => {
            let wrong = || AppError::field("part", "A part of the odds such as 1/5, please.");
            let (numerator, denominator) = form.part.split_once('/').ok_or_else(wrong)?;
            let places = form.places.trim().parse();
            Structure::EachWay {
                terms: PlaceTerms {
                    places: places.map_err(|_| AppError::field("places", "A whole number, please."))?,
                    numerator: numerator.trim().parse().map_err(|_| wrong())?,
                    denominator: denominator.trim().parse().map_err(|_| wrong())?,
                },
            }
        }
    })
}

impl RequestBackend {
    async fn read_leg(&self, user: &User, at: usize, leg: &SlipLeg) -> Result<BetLeg, AppError> {
        let field = |name: &str, text: &str| AppError::field(format!("legs[{at}][{name}]"), text);
        let kind = MarketKind::from_code(&leg.market).ok_or_else(|| field("market", "Choose one of those offered."))?;
        let period = match leg.period.as_str() {
            "" => Period::FullTime,
            code => Period::from_code(code).ok_or_else(|| field("period", "Choose one of those offered."))?,
        };
        let outcome = match leg.outcome.as_str() {
            "named" if leg.name.trim().is_empty() => return Err(field("name", "Say what was bet on.")),
            "named" => Outcome::Named(leg.name.trim().to_owned()),
            code => Outcome::from_code(code),
        };
        let line = match leg.line.trim() {
            "" => None,
            text => {
                let line = text.replace('\u{2212}', "-").parse::<Line>();
                Some(line.map_err(|error| field("line", &format!("A line such as -3.5, please: {error}.")))?)
            }
        };
        let draft = LegDraft {
            event_id: some_id(&leg.event_id).map(EventId),
            event: leg.event.clone(),
            sport: Some(leg.sport.as_str())
                .filter(|key| !key.is_empty())
                .map(Sport::from_key),
            competition: String::new(),
            home: None,
            away: None,
            starts_at: None,
            market: MarketKey {
                period,
                line: line.map(|line| market_line(&kind, &outcome, line)),
                participant: Some(leg.participant.trim().to_owned()).filter(|name| !name.is_empty()),
                kind,
            },
            outcome,
            side: if leg.side == Side::Lay.code() {
                Side::Lay
            } else {
                Side::Back
            },
            price: Self::read_price(user, &format!("legs[{at}][price]"), &leg.price)?,
            price_text: leg.price.trim().to_owned(),
        };
        leg_of(&self.state, draft)
            .await
            .map_err(|error| match AppError::from(error) {
                AppError::Invalid {
                    field: Some(name),
                    message,
                } => AppError::field(format!("legs[{at}][{name}]"), message),
                other => other,
            })
    }

    /// A time by the reader's clock; none where nothing was typed.
    pub(super) fn read_local(user: &User, field: &str, text: &str) -> Result<Option<DateTime<Utc>>, AppError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let wrong = || AppError::field(field, "A day and a time of your clock, please.");
        let local = NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M")
            .or_else(|_| NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M:%S"))
            .map_err(|_| wrong())?;
        let zone = Preferences::of(user).zone();
        let at = zone.from_local_datetime(&local).earliest().ok_or_else(wrong)?;
        Ok(Some(at.with_timezone(&Utc)))
    }

    async fn read_slip(&self, user: &User, form: &BetForm) -> Result<Slip, AppError> {
        let accounts = self.state.store.accounts(user.id).await.map_err(failed)?;
        let account_id = some_id(&form.account).filter(|_| form.act != "paper").map(AccountId);
        let account = accounts.iter().find(|account| Some(account.id) == account_id);
        let bettor = self.state.store.bettor(user.id).await.map_err(failed)?;
        let currency = account
            .or_else(|| paper(&accounts))
            .map_or(bettor.currency, |account| account.currency);
        let bookmaker_id = some_id(&form.bookmaker)
            .map(BookmakerId)
            .or_else(|| account.and_then(|account| account.bookmaker_id));
        let mut legs = Vec::with_capacity(form.legs.len());
        for (at, leg) in form.legs.iter().enumerate() {
            legs.push(self.read_leg(user, at, leg).await?);
        }
        let placed_at = Self::read_local(user, "placed_at", &form.placed_at)?;
        // A price is shown rounded: one that was left alone is the quoted one.
        let format = Preferences::of(user).odds_format;
        let is_that = |leg: &BetLeg, price: Price| leg.price == price || leg.price_text == format.write(price);
        let legs = told(with_quotes(&self.state, legs, bookmaker_id, placed_at, is_that).await)?;
        let mut slip = Slip {
            account_id,
            bookmaker_id,
            wager: Wager {
                structure: structure(user, form)?,
                stake: read_amount("stake", &form.stake, currency)?,
                is_free: form.is_free == "yes",
                legs,
                terms: told(terms_at(&self.state, user.id, bookmaker_id).await)?,
            },
            placed_at,
            note: form.note.clone(),
            tags: read_tags(&form.tags),
            reference: form.reference.trim().to_owned(),
            strategy: None,
            opportunity_id: None,
            edge_ppm: None,
        };
        if let Some(id) = some_id(&form.opportunity) {
            let at = form.leg.parse().unwrap_or(0);
            let offered = told(of_opportunity(&self.state, user.id, OpportunityId(id), at).await)?;
            take_offer(user, &mut slip, offered, form);
        }
        Ok(slip)
    }

    /// A slip for a leg of an opportunity, with the stake that every control would let pass.
    async fn offered(&self, user: &User, id: OpportunityId, at: usize) -> Result<(BetForm, String), AppError> {
        let slip = told(of_opportunity(&self.state, user.id, id, at).await)?;
        let accounts = self.state.store.accounts(user.id).await.map_err(failed)?;
        let account = accounts
            .iter()
            .find(|account| account.closed_at.is_none() && account.bookmaker_id == slip.bookmaker_id);
        let mut wager = slip.wager.clone();
        let mut how = "As the opportunity says.";
        if wager.stake == 0 {
            let found = self.state.store.opportunity(user.id, id, None).await.map_err(failed)?;
            let kelly = found.and_then(|found| Some(found.found.facts.fair.as_ref()?.full_kelly));
            let money = account
                .or_else(|| paper(&accounts))
                .map_or(100_000, |account| account.cash);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a share of money that fits is cut to whole minor units"
            )]
            let quarter = (kelly.unwrap_or(0.0) / 4.0 * money as f64) as i64;
            wager.stake = quarter;
            how = "A quarter of Kelly.";
        }
        let account_id = account.map(|account| account.id);
        let (account, suggestion) = told(suggest(&self.state, user, account_id, slip.bookmaker_id, &wager, 1).await)?;
        let hint = match suggestion.bound_by {
            None => how.to_owned(),
            Some(Bound::Drawdown) => format!("{how} Less, because of the losses so far."),
            Some(Bound::Control(control)) => {
                format!("{how} The limit \u{201c}{}\u{201d} lets no more pass.", control.name())
            }
        };
        let form = BetForm {
            kind: BetKind::Single.code().to_owned(),
            account: account_id.map(|id| id.to_string()).unwrap_or_default(),
            bookmaker: slip.bookmaker_id.map(|id| id.to_string()).unwrap_or_default(),
            opportunity: id.to_string(),
            leg: at.to_string(),
            legs: slip.wager.legs.iter().map(|leg| leg_form(user, leg)).collect(),
            stake: amount(suggestion.stake, account.currency),
            ..BetForm::default()
        };
        Ok((form, hint))
    }

    async fn begun(&self, user: &User, start: SlipStart) -> Result<(BetForm, String), AppError> {
        if let Some(id) = start.opportunity {
            return self.offered(user, id, start.leg).await;
        }
        let mut form = BetForm {
            legs: vec![SlipLeg::default()],
            ..BetForm::default()
        };
        if let Some(id) = start.event
            && let Some(board) = self.state.store.board(id, None).await.map_err(failed)?
        {
            form = self.on_board(user, &board, start.selection).await?;
        }
        Ok((form, String::new()))
    }

    /// A slip on a known event, at the price that is offered.
    async fn on_board(&self, user: &User, board: &Board, selection: Option<Selection>) -> Result<BetForm, AppError> {
        let mut leg = SlipLeg {
            event_id: board.event.id.to_string(),
            event: board.event.name(),
            sport: board.event.sport.key().to_owned(),
            ..SlipLeg::default()
        };
        let mut form = BetForm::default();
        if let Some(Selection {
            market,
            outcome,
            side,
            bookmaker,
        }) = selection
        {
            let quote = quote_of(board, bookmaker, &market, &outcome, side);
            let line = market.line_of(&outcome);
            (leg.outcome, leg.name) = outcome_form(&outcome);
            leg.line = line.map(|line| line.to_string()).unwrap_or_default();
            leg.market = market.kind.code();
            leg.period = market.period.code().to_owned();
            leg.participant = market.participant.unwrap_or_default();
            leg.side = side.code().to_owned();
            if let Some(quote) = quote {
                leg.price = Preferences::of(user).odds_format.write(quote.price);
            }
            let place = bookmaker.or(quote.map(|quote| quote.bookmaker_id));
            let accounts = self.state.store.accounts(user.id).await.map_err(failed)?;
            let account = accounts
                .iter()
                .find(|account| place.is_some() && account.closed_at.is_none() && account.bookmaker_id == place);
            form.bookmaker = place.map(|id| id.to_string()).unwrap_or_default();
            form.account = account.map(|account| account.id.to_string()).unwrap_or_default();
        }
        form.legs.push(leg);
        Ok(form)
    }

    /// Known games of these days with all of some words in their names, the soonest first.
    async fn games_named(&self, words: &str) -> Result<Vec<(String, String)>, AppError> {
        let words: Vec<String> = words
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| word.chars().count() > 2)
            .map(str::to_lowercase)
            .collect();
        let Some(longest) = words.iter().max_by_key(|word| word.len()) else {
            return Ok(Vec::new());
        };
        let now = self.state.clock.now();
        let filter = EventFilter {
            text: Some(longest.clone()),
            starts_from: Some(now - TimeDelta::days(3)),
            ..EventFilter::default()
        };
        let found = self.state.store.events(&filter, None, None, LOOKED_AT).await;
        let zone = self.zone().await?;
        let named = found.map_err(failed)?.items.into_iter().filter(|event| {
            let name = format!("{} {}", event.name(), event.competition).to_lowercase();
            words.iter().all(|word| name.contains(word))
        });
        let told = named.take(OFFERED).map(|event| {
            let starts_at = event.starts_at.with_timezone(&zone).format("%-d %b %H:%M");
            (
                event.id.to_string(),
                format!("{}, {starts_at}, {}", event.name(), event.competition),
            )
        });
        Ok(told.collect())
    }

    /// For each leg of a slip the games it may be on, where they are to be looked for.
    async fn games_of(&self, form: &BetForm) -> Result<Vec<Option<Vec<(String, String)>>>, AppError> {
        let mut games = Vec::with_capacity(form.legs.len());
        for leg in &form.legs {
            let is_asked = form.act == "find" && leg.event_id.is_empty() && !leg.event.trim().is_empty();
            games.push(if is_asked {
                Some(self.games_named(&leg.event).await?)
            } else {
                None
            });
        }
        Ok(games)
    }

    async fn keep_slip(&self, user: &User, form: &BetForm) -> Result<(), AppError> {
        let text = serde_json::to_string(form).unwrap_or_default();
        self.keep_for_next_view(user, KEPT, &text).await
    }
}

fn paper(accounts: &[Account]) -> Option<&Account> {
    accounts
        .iter()
        .find(|account| account.mode == BetMode::Paper && account.closed_at.is_none())
}

/// What a bet has of the opportunity it is: its quote as long as the price is the quoted one, and the edge that goes with it.
fn take_offer(user: &User, slip: &mut Slip, offered: Slip, form: &BetForm) {
    slip.opportunity_id = offered.opportunity_id;
    slip.strategy = offered.strategy;
    let Some(offered_leg) = offered.wager.legs.into_iter().next() else {
        return;
    };
    let typed = form.legs.first().map(|leg| leg.price.trim());
    let is_price = typed == Some(Preferences::of(user).odds_format.write(offered_leg.price).as_str());
    let is_single = slip.wager.structure == Structure::Single;
    if let Some(leg) = slip.wager.legs.first_mut()
        && is_price
        && (&leg.market, &leg.outcome, leg.side) == (&offered_leg.market, &offered_leg.outcome, offered_leg.side)
        && leg.event_id == offered_leg.event_id
    {
        // A price is shown rounded: one that was left alone is the quoted one.
        *leg = offered_leg;
        slip.edge_ppm = offered.edge_ppm.filter(|_| is_single);
    }
}

#[async_trait]
impl NewBetPort for RequestBackend {
    async fn bet_slip(&self, start: SlipStart) -> Result<SlipView, AppError> {
        let user = &self.reader().await?.user;
        let kept = self.take_for_this_view(user, KEPT).await?;
        let of = start.opportunity.map(|id| id.to_string()).unwrap_or_default();
        let kept = kept
            .and_then(|text| serde_json::from_str::<BetForm>(&text).ok())
            .filter(|form| form.opportunity == of);
        let (mut form, hint) = match kept {
            Some(form) => (form, String::new()),
            None => self.begun(user, start).await?,
        };
        let accounts = self.state.store.accounts(user.id).await.map_err(failed)?;
        let open = accounts
            .iter()
            .filter(|account| account.closed_at.is_none())
            .map(|account| {
                let name = format!(
                    "{} ({}, {})",
                    account.name,
                    account.mode.name().to_lowercase(),
                    Money {
                        minor: account.cash,
                        currency: account.currency
                    }
                );
                (account.id.to_string(), name)
            });
        let books = self.state.boards.profiles().await.map_err(failed)?;
        let mut bookmakers: Vec<_> = books
            .values()
            .map(|book| (book.id.to_string(), book.name.clone()))
            .collect();
        bookmakers.sort_by(|one, other| one.1.cmp(&other.1));
        bookmakers.insert(0, (String::new(), "The account's".to_owned()));
        let accounts = std::iter::once((String::new(), "Paper account".to_owned()))
            .chain(open)
            .collect();
        let games = self.games_of(&form).await?;
        for leg in &mut form.legs {
            if let Some(id) = some_id(&leg.event_id).map(EventId)
                && let Some(event) = self.state.store.event(id, None).await.map_err(failed)?
            {
                leg.event = event.name();
            }
        }
        Ok(SlipView {
            form,
            accounts,
            bookmakers,
            hint,
            games,
        })
    }

    async fn place_bet(&self, mut form: BetForm) -> Result<Option<BetId>, AppError> {
        let user = self.writer_as(UserRole::Member).await?;
        match form.act.as_str() {
            "add_leg" if form.legs.len() < domain::bet::MAX_LEGS => form.legs.push(SlipLeg::default()),
            "drop_leg" => _ = form.legs.pop(),
            "find" => {}
            _ => {
                let placed = match self.read_slip(user, &form).await {
                    Ok(slip) => told(place_alone(&self.state, user, &slip).await),
                    Err(error) => Err(error),
                };
                if placed.is_err() {
                    self.keep_slip(user, &form).await?;
                }
                return placed.map(|bet| Some(bet.id));
            }
        }
        self.keep_slip(user, &form).await?;
        Ok(None)
    }

    async fn skip_opportunity(&self, id: OpportunityId, reason: String) -> Result<(), AppError> {
        let user = self.writer_as(UserRole::Member).await?;
        let slip = told(of_opportunity(&self.state, user.id, id, 0).await)?;
        let decision = NewDecision {
            decided: Decided::Skipped,
            control: None,
            reason,
            opportunity_id: Some(id),
            mode: BetMode::Paper,
            summary: summary(&slip.wager),
            wager: Some(slip.wager),
            at_risk: None,
        };
        told(skip(&self.state, user.id, decision).await).map(drop)
    }
}
