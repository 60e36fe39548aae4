//! One bet: its life story, and everything that can be done about it.

#![expect(
    clippy::too_many_arguments,
    reason = "a server function takes each field of its form"
)]

use crate::AppError;
use crate::address::{Query, market_code};
use crate::backend::{answer, backend};
use crate::pages::bets::{BetRow, amount, bet_badge, gain, money, ppm, signed_money};
use crate::pages::settings::row_id;
use crate::parts::{
    Done, Field, FormProblem, Heading, Problem, fact, market_name, number, options, shown_titled, signed,
};
use crate::reader::{exactly, priced};
use crate::write;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::bet::{Bet, BetLeg, BetStatus, Structure};
use domain::close::{Close, CloseGrade, edge, price_clv};
use domain::ledger::{EntryKind, Part};
use domain::result::BetResult;
use domain::risk::{Control, Reading};
use domain::settlement::{End, Fate};
use domain::{BetId, Currency, EntryId, MarketKind, Outcome, Side, Sport};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the page of a bet asks.
#[async_trait]
pub trait BetPort {
    /// One bet with all that happened to it.
    async fn bet(&self, id: BetId) -> Result<BetView, AppError>;

    /// Settles it as a person says. Field errors: `legs[N]`, and `legs[N][price]` and so on for the other fields of a [`LegEnd`].
    async fn settle_bet(&self, id: BetId, legs: Vec<LegEnd>, reason: String) -> Result<(), AppError>;

    /// Takes its settlement back. Field error: `reason`.
    async fn take_back_bet(&self, id: BetId, reason: String) -> Result<(), AppError>;

    /// Records that a part of it was sold back. Field errors: `stake`, `amount`.
    async fn cash_out_bet(&self, id: BetId, stake: String, amount: String, reason: String) -> Result<(), AppError>;

    /// Changes it. Field errors: `note`, `tags`, `reference`, `stake`, `price`.
    async fn edit_bet(&self, id: BetId, form: BetEdit) -> Result<(), AppError>;

    /// Removes it, or brings it back.
    async fn remove_bet(&self, id: BetId, is_removed: bool, reason: String) -> Result<(), AppError>;
}

/// One bet with all that happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct BetView {
    /// The bet.
    pub row: BetRow,
    /// What the limits saw when it was placed.
    pub readings: Vec<Reading>,
    /// In which currency the readings are.
    pub base: Currency,
    /// Its entries in the ledger, in order.
    pub entries: Vec<EntryRow>,
    /// Its changes, in order.
    pub changes: Vec<ChangeRow>,
    /// Names of the bookmakers behind its closes, by key.
    pub names: BTreeMap<String, String>,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryRow {
    /// Which.
    pub id: EntryId,
    /// What for.
    pub kind: EntryKind,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Its lines: part of the account, and minor units of its currency.
    pub lines: Vec<(Part, i64)>,
}

/// A change of a bet.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: true for a person, false for the program.
    pub is_by_person: bool,
    /// What was done, in words.
    pub action: String,
    /// Why.
    pub reason: String,
    /// What differs: name, before, then.
    pub differences: Vec<(String, String, String)>,
    /// Its entry in the ledger.
    pub entry: Option<EntryId>,
}

/// How a leg ended, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LegEnd {
    /// `open`, the code of a result, `dead_heat`, `finished`, or of a game that was given up `retired` or `abandoned`.
    pub end: String,
    /// Places that were left for those that tied.
    pub places: String,
    /// How many tied.
    pub tied: String,
    /// Where a runner finished.
    pub position: String,
    /// The price it is settled at, where that is another; in the reader's odds format.
    pub price: String,
    /// Who goes on after a retirement: `home` or `away`.
    pub winner: String,
    /// How much was played before the game was given up: sets that were over, or units of play.
    pub played: String,
    /// Units of play: `minutes` or `half_innings`.
    pub unit: String,
    /// The home side's score when the game was broken off.
    pub home: String,
    /// The away side's score then.
    pub away: String,
}

/// A change of a bet, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BetEdit {
    /// The version that was looked at.
    pub version: String,
    /// What the bettor wrote.
    pub note: String,
    /// Tags, with commas between.
    pub tags: String,
    /// The number its source gave it.
    pub reference: String,
    /// The stake on each line; empty to leave it.
    pub stake: String,
    /// The price of a single; empty to leave it.
    pub price: String,
    /// Why.
    pub reason: String,
}

fn back_to(id: BetId, done: &str) -> Result<(), AppError> {
    backend()?.redirect(&format!("/bets/{id}{}", Query::default().with("done", done).text()));
    Ok(())
}

/// Settles a bet by hand.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SettleBet, prefix = "/ui", endpoint = "settle_bet")]
pub(crate) async fn settle_bet(
    #[server(default)] id: String,
    #[server(default)] legs: Vec<LegEnd>,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let id = BetId(answer(row_id(&id))?);
    answer(backend()?.settle_bet(id, legs, reason).await)?;
    back_to(id, "settled")
}

/// Takes a settlement back.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = TakeBackBet, prefix = "/ui", endpoint = "take_back_bet")]
pub(crate) async fn take_back_bet(
    #[server(default)] id: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let id = BetId(answer(row_id(&id))?);
    answer(backend()?.take_back_bet(id, reason).await)?;
    back_to(id, "taken_back")
}

/// Records a cash-out.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = CashOutBet, prefix = "/ui", endpoint = "cash_out_bet")]
pub(crate) async fn cash_out_bet(
    #[server(default)] id: String,
    #[server(default)] stake: String,
    #[server(default)] amount: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let id = BetId(answer(row_id(&id))?);
    answer(backend()?.cash_out_bet(id, stake, amount, reason).await)?;
    back_to(id, "cashed_out")
}

/// Changes a bet.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = EditBet, prefix = "/ui", endpoint = "edit_bet")]
pub(crate) async fn edit_bet(
    #[server(default)] id: String,
    #[server(default)] version: String,
    #[server(default)] note: String,
    #[server(default)] tags: String,
    #[server(default)] reference: String,
    #[server(default)] stake: String,
    #[server(default)] price: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let id = BetId(answer(row_id(&id))?);
    let form = BetEdit {
        version,
        note,
        tags,
        reference,
        stake,
        price,
        reason,
    };
    answer(backend()?.edit_bet(id, form).await)?;
    back_to(id, "saved")
}

/// Removes a bet, or brings a removed one back.
///
/// # Errors
/// Any [`AppError`] of the backend.
#[server(name = RemoveBet, prefix = "/ui", endpoint = "remove_bet")]
pub(crate) async fn remove_bet(
    #[server(default)] id: String,
    #[server(default)] undo: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let id = BetId(answer(row_id(&id))?);
    let is_undo = undo == "yes";
    answer(backend()?.remove_bet(id, !is_undo, reason).await)?;
    back_to(id, if is_undo { "restored" } else { "removed" })
}

/// The life story of a bet.
#[component]
pub fn BetPage() -> impl IntoView {
    let id = number("id").map_or(BetId(0), BetId);
    shown_titled("Bet", |backend| async move { backend.bet(id).await }, story)
}

fn story(view: BetView) -> AnyView {
    let bet = &view.row.bet;
    view! {
        // It has forms: what is being filled in must not be drawn anew.
        <Heading title=format!("Bet {}", bet.id)>
            <a class="button quiet" href="/bets">"All bets"</a>
        </Heading>
        <Done name="placed" text="Recorded." />
        <Done name="settled" text="Settled as you said." />
        <Done name="taken_back" text="Taken back: the bet is open again." />
        <Done name="cashed_out" text="The cash-out is recorded." />
        <Done name="saved" text="Saved." />
        <Done name="removed" text="Removed, with what it did to its account. It can be brought back below." />
        <Done name="restored" text="Brought back." />
        {summary(&view.row)}
        {legs(bet)}
        {ending(bet)}
        {forms(bet)}
        {closes(&view.row, &view.names)}
        {readings(&view.readings, view.base)}
        {ledger(&view.entries, bet.currency)}
        {changes(&view.changes)}
    }
    .into_any()
}

fn summary(row: &BetRow) -> impl IntoView + use<> {
    let bet = &row.bet;
    let currency = bet.currency;
    let price = bet.wager.price().map_or_else(|| "–".to_owned(), priced);
    let strategy = bet.strategy.map(|(id, version)| {
        let name = row.strategy.clone().unwrap_or_else(|| format!("Strategy {id}"));
        view! { <a href=format!("/strategies/{id}")>{name}</a> {format!(", version {version}")} }
    });
    let opportunity = bet
        .opportunity_id
        .map(|id| view! { <a href=format!("/opportunities/{id}")>{format!("Opportunity {id}")}</a> });
    view! {
        <p>{row.summary.clone()} " " {bet_badge(bet, row.needs_person.is_some())}</p>
        {row.needs_person.clone().map(|why| view! { <p class="problem">"You must settle it: " {why}</p> })}
        <dl class="facts wide">
            {fact("Kind", bet.wager.structure.kind().name())}
            {fact("Money", bet.mode.name())}
            {fact("Account", row.account.clone())}
            {fact("Bookmaker", row.bookmaker.clone().unwrap_or_else(|| "–".to_owned()))}
            {fact("Price", price)}
            {fact("Stake", format!("{}{}", money(bet.wager.total_stake(), currency), if bet.wager.is_free { ", free bet" } else { "" }))}
            {fact("At risk", money(bet.at_risk, currency))}
            {fact("Still at risk", money(bet.left(), currency))}
            {fact("Placed", exactly(bet.placed_at))}
            {fact("Recorded", exactly(bet.recorded_at))}
            {fact("Edge when placed", ppm(bet.edge_ppm))}
            {fact("Found by", strategy.map_or_else(|| "hand".into_any(), IntoAny::into_any))}
            {opportunity.map(|link| fact("Of", link))}
            {(!bet.reference.is_empty()).then(|| fact("Reference", bet.reference.clone()))}
            {(!bet.tags.is_empty()).then(|| fact("Tags", bet.tags.join(", ")))}
        </dl>
        {(!bet.note.is_empty()).then(|| view! { <p class="under">{bet.note.clone()}</p> })}
    }
}

/// An outcome of a leg's market, as a person reads it.
fn outcome_words(leg: &BetLeg, outcome: &Outcome) -> String {
    match (outcome, &leg.home, &leg.away) {
        (Outcome::Home, Some(home), _) => home.clone(),
        (Outcome::Away, _, Some(away)) => away.clone(),
        (Outcome::Named(name), ..) => name.clone(),
        (outcome, ..) => write::capitalised(&outcome.code().replace('_', " ")),
    }
}

/// What a leg is on, as a person reads it.
pub(crate) fn leg_name(leg: &BetLeg) -> String {
    let name = outcome_words(leg, &leg.outcome);
    let lay = if leg.side == Side::Lay { "Lay " } else { "" };
    match leg.market.line_of(&leg.outcome) {
        Some(line) if leg.market.kind == MarketKind::Spread => format!("{lay}{name} {}", signed(line)),
        Some(line) => format!("{lay}{name} {line}"),
        None => format!("{lay}{name}"),
    }
}

/// A fate in words.
pub fn fate_words(fate: &Fate) -> String {
    let end = match fate.end {
        None => return "Open".to_owned(),
        Some(End::Result(result)) => domain::bet::SettledAs::of(result).name().to_owned(),
        Some(End::DeadHeat { places, tied }) => format!("Dead heat: {tied} for {places}"),
        Some(End::Finished(finish)) if finish.tied > 1 => {
            format!("Finished {} with {} tied", finish.position, finish.tied)
        }
        Some(End::Finished(finish)) => format!("Finished {}", finish.position),
    };
    match fate.price {
        Some(price) => format!("{end}, at {}", priced(price)),
        None => end,
    }
}

fn legs(bet: &Bet) -> impl IntoView + use<> {
    let rows = bet
        .wager
        .legs
        .iter()
        .zip(&bet.fates)
        .map(|(leg, fate)| {
            let event = match leg.event_id {
                Some(id) => view! { <a href=format!("/games/{id}")>{leg.event.clone()}</a> }.into_any(),
                None => leg.event.clone().into_any(),
            };
            let quote = leg.quote.map(|quote| {
                let history = leg.event_id.map(|id| {
                    let query = Query::default()
                        .with("market", &market_code(&leg.market))
                        .with("outcome", &leg.outcome.code())
                        .with("side", leg.side.code())
                        .text();
                    view! { <a href=format!("/games/{id}/prices{query}")>"history"</a> " · " }
                });
                view! { <small class="under">{history} <a href=format!("/snapshots/{}", quote.snapshot_id)>"as recorded"</a></small> }
            });
            view! {
                <tr>
                    <th scope="row">{leg_name(leg)} <small class="under">{market_name(&leg.market)}</small></th>
                    <td data-label="Event">
                        {event}
                        <small class="under">{leg.sport.name()} " " {leg.competition.clone()}</small>
                    </td>
                    <td data-label="Start">{leg.starts_at.map_or_else(|| "–".into_any(), |at| exactly(at).into_any())}</td>
                    <td class="number" data-label="Price">{priced(leg.price)} {quote}</td>
                    <td data-label="Ended">{fate_words(fate)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"What was bet"</h2>
            <div class="sheet">
                <table class="cards">
                    <caption class="unseen">"Legs"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"On"</th>
                            <th scope="col">"Event"</th>
                            <th scope="col">"Start"</th>
                            <th scope="col" class="number">"Price"</th>
                            <th scope="col">"Ended"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn ending(bet: &Bet) -> impl IntoView + use<> {
    let currency = bet.currency;
    let settled = bet.settled.as_ref().map(|settled| {
        let profit = bet.profit().unwrap_or(0);
        let by = if settled.is_automatic {
            "automatic, from a result"
        } else {
            "by hand"
        };
        view! {
            <section>
                <h2>"Settlement"</h2>
                <dl class="facts">
                    {fact("As", settled.settled_as.name())}
                    {fact("Paid", money(settled.payout, currency))}
                    {fact("Commission", money(settled.commission, currency))}
                    <div class="fact">
                        <dt>"Profit"</dt>
                        <dd class=gain(profit)>{signed_money(profit, currency)}</dd>
                    </div>
                    {fact("When", exactly(settled.at))}
                    {fact("How", by)}
                </dl>
                <p class="under">
                    "Profit = paid \u{2212} at risk \u{2212} commission. "
                    {settled.reason.clone()}
                </p>
            </section>
        }
    });
    let cash_outs = (!bet.cash_outs.is_empty()).then(|| {
        let rows = bet
            .cash_outs
            .iter()
            .map(|part| {
                view! {
                    <li>
                        {money(part.stake, currency)} " of the stake for " {money(part.amount, currency)} ", " {exactly(part.at)}
                    </li>
                }
            })
            .collect_view();
        view! {
            <section>
                <h2>"Cashed out"</h2>
                <ul class="plain">{rows}</ul>
            </section>
        }
    });
    view! {
        {settled}
        {cash_outs}
    }
}

fn hidden_id(bet: &Bet) -> impl IntoView + use<> {
    view! { <input type="hidden" name="id" value=bet.id.to_string() /> }
}

/// Why something is done.
fn reason(id: &'static str, is_required: bool, problem: Problem) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>"Why"</label>
            <input id=id name="reason" maxlength="1024" required=is_required aria-invalid=problem.is_about("reason") />
            {problem.about("reason").map(|text| view! { <p class="note wrong">{text}</p> })}
        </div>
    }
}

fn forms(bet: &Bet) -> AnyView {
    let remove_problem = Problem::of::<RemoveBet>();
    if bet.deleted_at.is_some() {
        return view! {
            <section class="card">
                <h2>"Removed"</h2>
                <FormProblem problem=remove_problem />
                <form method="post" action=RemoveBet::PATH>
                    {hidden_id(bet)} <input type="hidden" name="undo" value="yes" />
                    <button>"Bring back"</button>
                </form>
            </section>
        }
        .into_any();
    }
    view! {
        <div class="two">
            {settle_form(bet)}
            {if bet.status == BetStatus::Open { cash_out_form(bet).into_any() } else { take_back_form(bet).into_any() }}
        </div>
        {edit_form(bet)}
        <details class="card">
            <summary>"Remove this bet"</summary>
            <FormProblem problem=remove_problem />
            <form method="post" action=RemoveBet::PATH>
                {hidden_id(bet)}
                <p>"All it did to its account is taken back. It stays among the removed bets and can be brought back."</p>
                {reason("remove-reason", false, remove_problem)}
                <button>"Remove"</button>
            </form>
        </details>
    }
    .into_any()
}

fn settle_form(bet: &Bet) -> impl IntoView + use<> {
    let problem = Problem::of::<SettleBet>();
    let is_each_way = matches!(bet.wager.structure, Structure::EachWay { .. });
    let legs = bet
        .wager
        .legs
        .iter()
        .zip(&bet.fates)
        .enumerate()
        .map(|(at, (leg, fate))| leg_form(at, leg, fate, is_each_way, problem))
        .collect_view();
    let title = if bet.status == BetStatus::Open {
        "Settle by hand"
    } else {
        "Settle anew"
    };
    view! {
        <section class="card">
            <h2>{title}</h2>
            <FormProblem problem />
            <form method="post" action=SettleBet::PATH>
                {hidden_id(bet)} {legs} {reason("settle-reason", false, problem)} <button>"Settle"</button>
            </form>
        </section>
    }
}

fn leg_form(at: usize, leg: &BetLeg, fate: &Fate, is_each_way: bool, problem: Problem) -> impl IntoView + use<> {
    let pair = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let mut ends = vec![pair("open", "Open")];
    ends.extend(
        BetResult::ALL
            .iter()
            .map(|result| pair(result.code(), domain::bet::SettledAs::of(*result).name())),
    );
    ends.push(pair("dead_heat", "Dead heat"));
    ends.push(pair("retired", "Given up: somebody retired"));
    ends.push(pair("abandoned", "Given up: broken off"));
    if is_each_way {
        ends.push(pair("finished", "Finished at"));
    }
    let (end, places, tied, position) = match fate.end {
        None => ("open", String::new(), String::new(), String::new()),
        Some(End::Result(result)) => (result.code(), String::new(), String::new(), String::new()),
        Some(End::DeadHeat { places, tied }) => ("dead_heat", places.to_string(), tied.to_string(), String::new()),
        Some(End::Finished(finish)) => (
            "finished",
            String::new(),
            finish.tied.to_string(),
            finish.position.to_string(),
        ),
    };
    let price = fate.price.map(priced).unwrap_or_default();
    let small = |name: &'static str, label: &'static str, value: String| {
        let id = format!("leg-{at}-{name}");
        let field = format!("legs[{at}][{name}]");
        let complaint = problem.about(&field);
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input id=id name=field.clone() class="number short" inputmode="decimal" maxlength="16" value=value aria-invalid=problem.is_about(&field) />
                {complaint.map(|text| view! { <p class="note wrong">{text}</p> })}
            </div>
        }
    };
    let choice = |name: &'static str, label: &'static str, choices: Vec<(String, String)>| {
        let id = format!("leg-{at}-{name}");
        let field = format!("legs[{at}][{name}]");
        let complaint = problem.about(&field);
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <select id=id name=field.clone() aria-invalid=problem.is_about(&field)>{options(choices, "")}</select>
                {complaint.map(|text| view! { <p class="note wrong">{text}</p> })}
            </div>
        }
    };
    let units = if leg.sport == Sport::BASEBALL {
        vec![pair("half_innings", "Half innings"), pair("minutes", "Minutes")]
    } else {
        vec![pair("minutes", "Minutes"), pair("half_innings", "Half innings")]
    };
    let side = |name: &Option<String>, usual: &str| name.clone().unwrap_or_else(|| usual.to_owned());
    let winners = vec![
        pair("", "\u{2013}"),
        pair("home", &side(&leg.home, "Home")),
        pair("away", &side(&leg.away, "Away")),
    ];
    let id = format!("leg-{at}-end");
    view! {
        <fieldset>
            <legend>{leg_name(leg)}</legend>
            <div class="field">
                <label for=id.clone()>"Ended"</label>
                <select id=id name=format!("legs[{at}][end]")>{options(ends, end)}</select>
                {problem.about(&format!("legs[{at}]")).map(|text| view! { <p class="note wrong">{text}</p> })}
            </div>
            <details>
                <summary>"Ties, places and another price"</summary>
                {is_each_way.then(|| small("position", "Finished at", position))} {small("tied", "Tied, this one included", tied)}
                {small("places", "Places left for them", places)} {small("price", "Settled at the price", price)}
            </details>
            <details>
                <summary>"Given up after\u{2026}"</summary>
                <p class="under">
                    "The bookmaker's rule decides whether bets stand, and is written beside the settlement with where it is published."
                </p>
                {small("played", "Played: sets that were over, minutes or half innings", String::new())}
                {choice("unit", "Of a game broken off, these are", units)} {small("home", "Home score then", String::new())}
                {small("away", "Away score then", String::new())} {choice("winner", "Of a retirement, who goes on", winners)}
            </details>
        </fieldset>
    }
}

fn take_back_form(bet: &Bet) -> impl IntoView + use<> {
    let problem = Problem::of::<TakeBackBet>();
    view! {
        <section class="card">
            <h2>"Take the settlement back"</h2>
            <FormProblem problem fields=&["reason"] />
            <p class="under">"The bet is open again, and an entry of its own takes the payout back."</p>
            <form method="post" action=TakeBackBet::PATH>
                {hidden_id(bet)} {reason("take-back-reason", true, problem)} <button>"Take back"</button>
            </form>
        </section>
    }
}

fn cash_out_form(bet: &Bet) -> impl IntoView + use<> {
    let problem = Problem::of::<CashOutBet>();
    let left = domain::settlement::stake_left(&bet.wager, &bet.cash_outs).unwrap_or(bet.wager.stake);
    let left = amount(left, bet.currency);
    view! {
        <section class="card">
            <h2>"Cash out"</h2>
            <FormProblem problem fields=&["stake", "amount"] />
            <form method="post" action=CashOutBet::PATH>
                {hidden_id(bet)}
                <Field label="Of the stake" name="stake" problem value=left inputmode="decimal" hint="All that is left settles the bet." />
                <Field label="Paid for it" name="amount" problem inputmode="decimal" />
                {reason("cash-out-reason", false, problem)}
                <button>"Record the cash-out"</button>
            </form>
        </section>
    }
}

fn edit_form(bet: &Bet) -> impl IntoView + use<> {
    let problem = Problem::of::<EditBet>();
    let is_open = bet.status == BetStatus::Open && bet.cash_outs.is_empty();
    let is_single = bet.wager.legs.len() == 1;
    let stake = amount(bet.wager.stake, bet.currency);
    let price = bet.wager.legs.first().map(|leg| priced(leg.price)).unwrap_or_default();
    view! {
        <section class="card">
            <h2>"Edit"</h2>
            <FormProblem problem fields=&["note", "tags", "reference", "stake", "price"] />
            <form method="post" action=EditBet::PATH>
                {hidden_id(bet)} <input type="hidden" name="version" value=bet.version.to_string() />
                <div class="field">
                    <label for="field-note">"Note"</label>
                    <textarea id="field-note" name="note" rows="3" maxlength="4000" aria-invalid=problem.is_about("note")>{bet.note.clone()}</textarea>
                    {problem.about("note").map(|text| view! { <p class="note wrong">{text}</p> })}
                </div>
                <Field label="Tags" name="tags" problem value=bet.tags.join(", ") hint="With commas between." is_optional=true />
                <Field label="Reference" name="reference" problem value=bet.reference.clone() hint="The number on the slip." is_optional=true />
                {is_open
                    .then(|| view! { <Field label="Stake" name="stake" problem value=stake.clone() inputmode="decimal" hint="A greater risk must pass the limits." is_optional=true /> })}
                {(is_open && is_single)
                    .then(|| view! { <Field label="Price" name="price" problem value=price inputmode="text" is_optional=true /> })}
                {reason("edit-reason", false, problem)}
                <button>"Save"</button>
            </form>
        </section>
    }
}

fn closes(row: &BetRow, names: &BTreeMap<String, String>) -> impl IntoView + use<> {
    let bet = &row.bet;
    let rows = bet
        .wager
        .legs
        .iter()
        .zip(&bet.closes)
        .filter_map(|(leg, close)| Some(close_row(leg, close.as_ref()?, names)))
        .collect_view();
    let has_any = bet.closes.iter().any(Option::is_some);
    has_any.then(|| {
        view! {
            <section>
                <h2>"Against the close"</h2>
                <dl class="facts">{fact("Price CLV", ppm(row.clv_ppm))} {fact("Edge at the close", ppm(row.close_edge_ppm))}</dl>
                <p class="under">
                    "CLV = price taken ÷ closing price \u{2212} 1, of a lay closing price ÷ price taken \u{2212} 1. Edge at the close = fair \
                     probability × price \u{2212} 1. Both only on the bet's own line."
                </p>
                {rows}
            </section>
        }
    })
}

fn close_row(leg: &BetLeg, close: &Close, names: &BTreeMap<String, String>) -> impl IntoView + use<> {
    let class = match close.grade {
        CloseGrade::Verified => "badge good",
        CloseGrade::Provisional => "badge warn",
        CloseGrade::Missing => "badge",
    };
    let fair = close.fair_ppb.map(|ppb| f64::from(ppb) / 1e9);
    let reckoned = close.price.map(|price| {
        let clv = write::signed_percent(price_clv(leg.side, leg.price, price), 2);
        view! { <p>{format!("Taken {}, closed {}: {clv}", priced(leg.price), priced(price))}</p> }
    });
    let worth = fair.map(|fair| {
        let edge = write::signed_percent(edge(leg.side, leg.price, fair), 2);
        let link = close.link.map_or("", domain::fair::FairLink::name);
        view! { <p>{format!("Fair probability {} by {}: edge {edge}", write::percent(fair, 2), link.to_lowercase())}</p> }
    });
    let moved = close.closing_line.map(|line| {
        view! { <p>{format!("The line closed at {}", signed(line))}</p> }
    });
    let quotes = close
        .quotes
        .iter()
        .map(|quote| {
            view! {
                <tr>
                    <th scope="row">{names.get(&quote.bookmaker).unwrap_or(&quote.bookmaker).clone()}</th>
                    <td data-label="Outcome">{outcome_words(leg, &quote.outcome)} {(quote.side == Side::Lay).then_some(", lay")}</td>
                    <td class="number" data-label="Price">{priced(quote.price)}</td>
                    <td data-label="Last seen">{exactly(quote.last_seen_at)}</td>
                    <td data-label="As recorded"><a href=format!("/snapshots/{}", quote.snapshot_id)>"snapshot"</a></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <h3>{leg_name(leg)} " " <span class=class>{close.grade.name()}</span></h3>
        <p class="under">{close.reason.clone()} " Before the start at " {exactly(close.start_at)}</p>
        {reckoned}
        {worth}
        {moved}
        {(!close.quotes.is_empty())
            .then(|| {
                view! {
                    <div class="sheet">
                        <table class="cards dense">
                            <caption class="unseen">"Quotes behind the close"</caption>
                            <thead>
                                <tr>
                                    <th scope="col">"Bookmaker"</th>
                                    <th scope="col">"Outcome"</th>
                                    <th scope="col" class="number">"Price"</th>
                                    <th scope="col">"Last seen"</th>
                                    <th scope="col">"As recorded"</th>
                                </tr>
                            </thead>
                            <tbody>{quotes}</tbody>
                        </table>
                    </div>
                }
            })}
    }
}

fn readings(readings: &[Reading], base: Currency) -> impl IntoView + use<> {
    let rows = readings
        .iter()
        .map(|reading| {
            let written = |number: i64| match reading.control {
                Control::CoolOff | Control::OpenCount => write::count(number),
                _ => money(number, base),
            };
            view! {
                <tr>
                    <th scope="row">{reading.control.name()}</th>
                    <td class="number" data-label="With this bet">{written(reading.used)}</td>
                    <td class="number" data-label="Allowed">{written(reading.limit)}</td>
                </tr>
            }
        })
        .collect_view();
    (!readings.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Limits when it was placed"</h2>
                <div class="sheet">
                    <table class="cards dense">
                        <caption class="unseen">"What each control saw"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Control"</th>
                                <th scope="col" class="number">"With this bet"</th>
                                <th scope="col" class="number">"Allowed"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}

fn ledger(entries: &[EntryRow], currency: Currency) -> impl IntoView + use<> {
    let rows = entries
        .iter()
        .flat_map(|entry| entry.lines.iter().map(move |line| (entry, line)))
        .map(|(entry, (part, minor))| {
            view! {
                <tr id=format!("entry-{}", entry.id)>
                    <th scope="row">{entry.kind.name()} <small class="under">{format!("Entry {}", entry.id)}</small></th>
                    <td data-label="When">{exactly(entry.at)}</td>
                    <td data-label="Part">{part.name()}</td>
                    <td class=format!("number {}", gain(*minor)) data-label="Amount">{signed_money(*minor, currency)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"In the ledger"</h2>
            <div class="sheet">
                <table class="cards dense">
                    <caption class="unseen">"Each line that this bet made; those of an entry sum to zero"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Entry"</th>
                            <th scope="col">"When"</th>
                            <th scope="col">"Part"</th>
                            <th scope="col" class="number">"Amount"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn changes(changes: &[ChangeRow]) -> impl IntoView + use<> {
    let rows = changes
        .iter()
        .map(|change| {
            let differences = change
                .differences
                .iter()
                .map(|(name, from, to)| view! { <small class="under">{format!("{name}: {from} → {to}")}</small> })
                .collect_view();
            let entry = change
                .entry
                .map(|id| view! { <a href=format!("#entry-{id}")>{format!("Entry {id}")}</a> });
            view! {
                <tr>
                    <th scope="row">{change.action.clone()}</th>
                    <td data-label="When">{exactly(change.at)}</td>
                    <td data-label="By">{if change.is_by_person { "you" } else { "the program" }}</td>
                    <td data-label="Why" class="wide">{change.reason.clone()} {differences}</td>
                    <td data-label="Ledger">{entry}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>"Its story"</h2>
            <div class="sheet">
                <table class="cards dense">
                    <caption class="unseen">"Every change, in order"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"What"</th>
                            <th scope="col">"When"</th>
                            <th scope="col">"By"</th>
                            <th scope="col">"Why"</th>
                            <th scope="col">"Ledger"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}
