//! New bet: what a person bet, by hand or from an opportunity; and opportunities that are left alone.

use crate::AppError;
use crate::address::{Query, market_code, market_of};
use crate::backend::{answer, backend};
use crate::pages::bets::{markets, sports};
use crate::pages::opportunities::OpportunityRow;
use crate::pages::settings::row_id;
use crate::parts::{FormProblem, Heading, Problem, options, outcome_name, shown};
use async_trait::async_trait;
use domain::bet::{BetKind, TeaserPush};
use domain::{BetId, BookmakerId, EventId, MarketKey, OpportunityId, Outcome, Period, Side};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What the page of a new bet asks.
#[async_trait]
pub trait NewBetPort {
    /// A slip to begin with, or the one that was not taken just now.
    async fn bet_slip(&self, start: SlipStart) -> Result<SlipView, AppError>;

    /// Records a bet; none when another leg was asked for or taken away: then the slip is kept for the next view, as it is when
    /// the bet is refused. Field errors by the names of [`BetForm`], of a leg `legs[N][NAME]`.
    async fn place_bet(&self, form: BetForm) -> Result<Option<BetId>, AppError>;

    /// Records that an opportunity was left alone.
    async fn skip_opportunity(&self, id: OpportunityId, reason: String) -> Result<(), AppError>;
}

/// What is bet on a known event, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// In which market.
    pub market: MarketKey,
    /// On what.
    pub outcome: Outcome,
    /// For it or against it.
    pub side: Side,
    /// At which bookmaker; without, at the one with the best price.
    pub bookmaker: Option<BookmakerId>,
}

/// What a slip begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlipStart {
    /// From an opportunity.
    pub opportunity: Option<OpportunityId>,
    /// Which of its legs, from zero.
    pub leg: usize,
    /// On a known event.
    pub event: Option<EventId>,
    /// On what of that event.
    pub selection: Option<Selection>,
}

/// A slip as a page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct SlipView {
    /// What is in it.
    pub form: BetForm,
    /// The reader's open accounts: number and name.
    pub accounts: Vec<(String, String)>,
    /// Bookmakers to choose from: number and name.
    pub bookmakers: Vec<(String, String)>,
    /// How the stake was come by, and what bound it.
    pub hint: String,
    /// Known games with each leg's words in their names, number and name; none where nobody asked for them.
    pub games: Vec<Option<Vec<(String, String)>>>,
}

/// A slip, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BetForm {
    /// Empty to record it; `paper` to record it on paper; `add_leg`; `drop_leg`; `find` to look for the games that legs name.
    pub act: String,
    /// The code of the kind.
    pub kind: String,
    /// The account's number; empty for the paper account.
    pub account: String,
    /// The bookmaker's number; empty for the account's.
    pub bookmaker: String,
    /// Of which opportunity.
    pub opportunity: String,
    /// Which of its legs.
    pub leg: String,
    /// What is bet on.
    pub legs: Vec<SlipLeg>,
    /// The stake on each line.
    pub stake: String,
    /// `yes` for a free bet.
    pub is_free: String,
    /// When it was placed, by the reader's clock; empty for now.
    pub placed_at: String,
    /// What the bettor wrote.
    pub note: String,
    /// Tags, with commas between.
    pub tags: String,
    /// The number on the slip.
    pub reference: String,
    /// Of a round robin, the legs of each parlay: `2, 3`.
    pub sizes: String,
    /// Of a teaser, its price.
    pub teaser_price: String,
    /// Of a teaser, what a hit line does.
    pub teaser_push: String,
    /// Of an each-way bet, the paid places.
    pub places: String,
    /// Of an each-way bet, the part of the odds that a place pays: `1/5`.
    pub part: String,
}

/// A leg of a slip, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SlipLeg {
    /// A known event's number.
    pub event_id: String,
    /// The event's name, where it is not known.
    pub event: String,
    /// The sport's key.
    pub sport: String,
    /// The market's code.
    pub market: String,
    /// The period's code.
    pub period: String,
    /// The line as it was bet, with its sign for the side that was bet on.
    pub line: String,
    /// Whose: of a team total.
    pub participant: String,
    /// The outcome's code, `named` for the name beside it.
    pub outcome: String,
    /// The outcome's name.
    pub name: String,
    /// Back or lay.
    pub side: String,
    /// The price in the reader's format.
    pub price: String,
}

/// Where a slip for a selection of an event begins.
pub fn slip_address(event: EventId, selection: Option<&Selection>) -> String {
    let mut query = Query::default().with("event", &event.to_string());
    if let Some(selection) = selection {
        query = query
            .with("market", &market_code(&selection.market))
            .with("outcome", &selection.outcome.code())
            .with("side", selection.side.code())
            .with_known("bookmaker", selection.bookmaker);
    }
    format!("/bets/new{}", query.text())
}

/// Where a slip is filled in.
fn slip_path(form: &BetForm) -> String {
    let query = Query::default()
        .with("opportunity", &form.opportunity)
        .with("leg", &form.leg);
    format!("/bets/new{}", query.text())
}

/// Records a bet.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = PlaceBet, prefix = "/ui", endpoint = "place_bet")]
pub(crate) async fn place_bet(#[server(default)] slip: BetForm) -> Result<(), AppError> {
    let path = slip_path(&slip);
    let placed = answer(backend()?.place_bet(slip).await)?;
    let path = placed.map_or(path, |id| format!("/bets/{id}?done=placed"));
    backend()?.redirect(&path);
    Ok(())
}

/// Leaves an opportunity alone.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = SkipOpportunity, prefix = "/ui", endpoint = "skip_opportunity")]
pub(crate) async fn skip_opportunity(
    #[server(default)] id: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let id = OpportunityId(answer(row_id(&id))?);
    answer(backend()?.skip_opportunity(id, reason).await)?;
    backend()?.redirect("/bets/decisions?done=skipped");
    Ok(())
}

/// What can be done about an opportunity: each leg logged as a bet, or all of it left alone.
pub fn log_or_skip(row: &OpportunityRow) -> impl IntoView + use<> {
    let id = row.id;
    let legs = row
        .found
        .legs
        .iter()
        .enumerate()
        .map(|(at, leg)| {
            let name = outcome_name(&row.event, &leg.market, &leg.outcome);
            view! { <a class="button quiet" href=format!("/bets/new?opportunity={id}&leg={at}")>{format!("Log bet: {name}")}</a> " " }
        })
        .collect_view();
    view! {
        <div class="acts">{legs}</div>
        <details>
            <summary>"Skip it"</summary>
            <form method="post" action=SkipOpportunity::PATH>
                <input type="hidden" name="id" value=id.to_string() />
                <div class="field">
                    <label for="skip-reason">"Why, if you like"</label>
                    <input id="skip-reason" name="reason" maxlength="1024" />
                </div>
                <button class="quiet">"Skip"</button>
            </form>
        </details>
    }
}

/// The page of a new bet.
#[component]
pub fn NewBetPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let number = |name: &str| query.get_str(name).and_then(|number| number.parse::<i64>().ok());
    let start = SlipStart {
        opportunity: number("opportunity").map(OpportunityId),
        leg: query.get_str("leg").and_then(|leg| leg.parse().ok()).unwrap_or(0),
        event: number("event").map(EventId),
        selection: query.get_str("market").and_then(market_of).map(|market| Selection {
            market,
            outcome: Outcome::from_code(query.get_str("outcome").unwrap_or_default()),
            side: query.get_str("side").and_then(Side::from_code).unwrap_or(Side::Back),
            bookmaker: number("bookmaker").map(BookmakerId),
        }),
    };
    let problem = Problem::of::<PlaceBet>();
    view! {
        <Heading title="New bet">
            <a class="button quiet" href="/bets">"All bets"</a>
        </Heading>
        <FormProblem problem />
        {shown(|backend| async move { backend.bet_slip(start).await }, move |view| slip(view, problem))}
    }
}

/// A labelled select of the slip.
fn pick(name: String, label: &'static str, offers: Vec<(String, String)>, chosen: &str) -> impl IntoView + use<> {
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <select id=name.clone() name=name>
                {options(offers, chosen)}
            </select>
        </div>
    }
}

/// A labelled input of the slip, with its complaint.
fn input(
    name: String,
    label: &'static str,
    value: &str,
    field: &str,
    problem: Problem,
    hint: &'static str,
) -> impl IntoView + use<> {
    let complaint = problem.about(field);
    let is_wrong = complaint.is_some();
    let note = format!("{name}-note");
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <input
                id=name.clone()
                name=name
                value=value.to_owned()
                autocomplete="off"
                maxlength="1024"
                aria-describedby=note.clone()
                aria-invalid=problem.is_about(field)
            />
            <p class="note" id=note class:wrong=is_wrong>{complaint.unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
}

fn slip(view: SlipView, problem: Problem) -> AnyView {
    let form = view.form;
    let pair = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let kinds = BetKind::ALL.iter().map(|kind| pair(kind.code(), kind.name())).collect();
    let pushes = TeaserPush::ALL
        .iter()
        .map(|push| pair(push.code(), push.name()))
        .collect();
    let text = |name: &'static str, label: &'static str, value: &str, hint: &'static str| {
        input(format!("slip[{name}]"), label, value, name, problem, hint)
    };
    let has_several = form.legs.len() > 1;
    let legs = form
        .legs
        .iter()
        .enumerate()
        .map(|(at, leg)| leg_fields(at, leg, view.games.get(at).and_then(Option::as_ref), problem))
        .collect_view();
    let is_from_opportunity = !form.opportunity.is_empty();
    let hint = (!view.hint.is_empty()).then(|| view! { <p class="under">{view.hint}</p> });
    view! {
        <form method="post" action=PlaceBet::PATH class="card">
            <input type="hidden" name="slip[opportunity]" value=form.opportunity.clone() />
            <input type="hidden" name="slip[leg]" value=form.leg.clone() />
            // The first button is the one that Enter presses.
            <button class="unseen" name="slip[act]" value="" tabindex="-1">"Record"</button>
            <div class="fields">
                {pick("slip[kind]".to_owned(), "Kind", kinds, &form.kind)}
                {pick("slip[account]".to_owned(), "Account", view.accounts, &form.account)}
                {pick("slip[bookmaker]".to_owned(), "Bookmaker", view.bookmakers, &form.bookmaker)}
            </div>
            {problem.about("account").map(|text| view! { <p class="note wrong">{text}</p> })}
            {legs}
            <div class="acts">
                <button class="quiet" name="slip[act]" value="add_leg">"Add a leg"</button>
                {has_several.then(|| view! { <button class="quiet" name="slip[act]" value="drop_leg">"Take the last leg away"</button> })}
            </div>
            <div class="fields">{text("stake", "Stake", &form.stake, "On each line; of a lay the backer's stake.")}</div>
            {hint}
            <div class="check">
                <input id="slip-is-free" type="checkbox" name="slip[is_free]" value="yes" checked=form.is_free == "yes" />
                <label for="slip-is-free">"Free bet: the stake does not come back"</label>
            </div>
            <details open=!matches!(form.kind.as_str(), "" | "single" | "parlay")>
                <summary>"Round robin, teaser, each way"</summary>
                <div class="fields">
                    {text("sizes", "Round robin: legs of each parlay", &form.sizes, "2, 3 for doubles and trebles.")}
                    {text("teaser_price", "Teaser: price", &form.teaser_price, "For all its legs.")}
                    {pick("slip[teaser_push]".to_owned(), "Teaser: a hit line", pushes, &form.teaser_push)}
                    {text("places", "Each way: paid places", &form.places, "")}
                    {text("part", "Each way: part of the odds", &form.part, "Such as 1/5.")}
                </div>
            </details>
            <div class="fields">
                <div class="field">
                    <label for="slip-placed-at">"Placed at"</label>
                    <input id="slip-placed-at" type="datetime-local" name="slip[placed_at]" value=form.placed_at.clone() aria-invalid=problem.is_about("placed_at") />
                    <p class="note">{problem.about("placed_at").unwrap_or_else(|| "By your clock; empty for now.".to_owned())}</p>
                </div>
                {text("note", "Note", &form.note, "")}
                {text("tags", "Tags", &form.tags, "With commas between.")}
                {text("reference", "Reference", &form.reference, "The number on the slip: the same bet is then known again.")}
            </div>
            <div class="acts">
                <button name="slip[act]" value="">"Record the bet"</button>
                {is_from_opportunity.then(|| view! { <button class="quiet" name="slip[act]" value="paper">"Record on paper"</button> })}
            </div>
        </form>
    }
    .into_any()
}

/// The event of a leg that is not known yet: its name, and the known games with that name once they were looked for.
fn event_fields(
    at: usize,
    leg: &SlipLeg,
    games: Option<&Vec<(String, String)>>,
    problem: Problem,
) -> impl IntoView + use<> {
    let name = |name: &str| format!("slip[legs][{at}][{name}]");
    let hint = match games {
        Some(games) if games.is_empty() => {
            "No known game has these words in its name: it is recorded as typed, for you to settle."
        }
        _ => "Home \u{2013} away. A known game settles by itself.",
    };
    let event = input(
        name("event"),
        "Event",
        &leg.event,
        &format!("legs[{at}][event]"),
        problem,
        hint,
    );
    let known = games.filter(|games| !games.is_empty()).map(|games| {
        let none = (String::new(), "None of these: as typed".to_owned());
        let chosen = games.first().map_or("", |(id, _)| id.as_str());
        let offers = games.iter().cloned().chain([none]).collect();
        pick(name("event_id"), "Game", offers, chosen)
    });
    let sports = sports().chain([("other".to_owned(), "Other".to_owned())]).collect();
    view! {
        <div class="fields">
            {event}
            {known}
            {pick(name("sport"), "Sport, where the game is not known", sports, &leg.sport)}
        </div>
        <button class="quiet" name="slip[act]" value="find">"Find the game"</button>
    }
}

fn leg_fields(
    at: usize,
    leg: &SlipLeg,
    games: Option<&Vec<(String, String)>>,
    problem: Problem,
) -> impl IntoView + use<> {
    let pair = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let text = |name: &'static str, label: &'static str, value: &str, hint: &'static str| {
        let field = format!("legs[{at}][{name}]");
        input(format!("slip[legs][{at}][{name}]"), label, value, &field, problem, hint)
    };
    let choose = |name: &'static str, label: &'static str, offers, chosen: &str| {
        pick(format!("slip[legs][{at}][{name}]"), label, offers, chosen)
    };
    let outcomes = [
        Outcome::Home,
        Outcome::Draw,
        Outcome::Away,
        Outcome::Over,
        Outcome::Under,
        Outcome::Yes,
        Outcome::No,
        Outcome::HomeOrDraw,
        Outcome::HomeOrAway,
        Outcome::DrawOrAway,
    ];
    let outcomes = outcomes
        .iter()
        .map(|outcome| {
            pair(
                &outcome.code(),
                &crate::write::capitalised(&outcome.code().replace('_', " ")),
            )
        })
        .chain([pair("named", "By name")])
        .collect();
    let mut kinds: Vec<_> = markets().collect();
    if !leg.market.is_empty() && !kinds.iter().any(|(code, _)| *code == leg.market) {
        kinds.push((leg.market.clone(), leg.market.clone()));
    }
    let periods = Period::ALL
        .iter()
        .map(|period| pair(period.code(), period.name()))
        .collect();
    let sides = vec![pair(Side::Back.code(), "Back"), pair(Side::Lay.code(), "Lay")];
    let event = if leg.event_id.is_empty() {
        event_fields(at, leg, games, problem).into_any()
    } else {
        view! {
            <input type="hidden" name=format!("slip[legs][{at}][event_id]") value=leg.event_id.clone() />
            <input type="hidden" name=format!("slip[legs][{at}][event]") value=leg.event.clone() />
            <p><a href=format!("/games/{}", leg.event_id)>{leg.event.clone()}</a></p>
        }
        .into_any()
    };
    // What is not as usual, or wrong, must be seen.
    let is_special = !matches!(leg.period.as_str(), "" | "full_time")
        || leg.side == Side::Lay.code()
        || leg.outcome == "named"
        || !leg.participant.is_empty()
        || ["period", "side", "name", "participant"]
            .iter()
            .any(|name| problem.about(&format!("legs[{at}][{name}]")).is_some());
    view! {
        <fieldset>
            <legend>{format!("Leg {}", at + 1)}</legend>
            {event}
            <div class="fields">
                {choose("market", "Market", kinds, &leg.market)}
                {choose("outcome", "On", outcomes, &leg.outcome)}
                {text("line", "Line", &leg.line, "As you bet it: \u{2212}3.5 on a favourite.")}
                {text("price", "Price", &leg.price, "As you read prices.")}
            </div>
            <details open=is_special>
                <summary>"Period, lay, by name, a team's total"</summary>
                <div class="fields">
                    {choose("period", "Period", periods, &leg.period)}
                    {choose("side", "Side", sides, &leg.side)}
                    {text("name", "Name, where it is by name", &leg.name, "")}
                    {text("participant", "Whose total", &leg.participant, "Of a team total.")}
                </div>
            </details>
        </fieldset>
    }
}
