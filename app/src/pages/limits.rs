//! Limits: what the reader allows, what will hold later, and doing without bets for a while.

use crate::AppError;
use crate::backend::{answer, backend};
use crate::pages::bankroll::money_tabs;
use crate::pages::bets::{amount, money};
use crate::parts::{Done, FormProblem, Heading, Problem, options, shown};
use crate::reader::exactly;
use crate::typed::{basis_points, percent_text};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::risk::{Brake, Limits};
use domain::{Currency, Money};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What the page of limits asks and does.
#[async_trait]
pub trait LimitsPort {
    /// What the reader allows.
    async fn limits(&self) -> Result<LimitsView, AppError>;

    /// Changes what the reader allows: what is stricter holds at once, what is looser in a day.
    async fn save_limits(&self, limits: Limits) -> Result<(), AppError>;

    /// Does without bets for so many days. It can be made longer, never shorter.
    async fn cool_off(&self, days: u32) -> Result<(), AppError>;
}

/// What the reader allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsView {
    /// The base currency.
    pub currency: Currency,
    /// What holds.
    pub limits: Limits,
    /// Looser ones that were asked for, and from when they hold.
    pub wanted: Option<(Limits, DateTime<Utc>)>,
    /// Until when no bet is taken.
    pub cool_off_until: Option<DateTime<Utc>>,
}

/// Limits as their form sends them; the first seven are percent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitsForm {
    /// Of one bet.
    pub per_bet: String,
    /// Lost in a day.
    pub daily_loss: String,
    /// On one event.
    pub event: String,
    /// On events with the same participants.
    pub correlated: String,
    /// In one sport.
    pub sport: String,
    /// At one bookmaker.
    pub bookmaker: String,
    /// In all open bets.
    pub open: String,
    /// So many bets may be open; empty for any number.
    pub max_open: String,
    /// The most one bet may put at risk; empty for any amount.
    pub max_stake: String,
    /// The base currency.
    pub currency: String,
    /// From which drawdown on suggestions are scaled to which part.
    pub brakes: Vec<BrakeForm>,
}

/// A brake as its form sends it; both empty for none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrakeForm {
    /// From so many percent below the highest bankroll.
    pub from: String,
    /// To so many percent of the stake.
    pub to: String,
}

/// A share in percent that must be there.
fn share(field: &str, text: &str) -> Result<u32, AppError> {
    Some(text)
        .filter(|text| !text.trim().is_empty())
        .and_then(basis_points)
        .map(u32::from)
        .ok_or_else(|| AppError::field(field, "0 to 100 percent with at most two places, please."))
}

impl LimitsForm {
    fn read(&self) -> Result<Limits, AppError> {
        let mut brakes = Vec::new();
        for (at, brake) in self.brakes.iter().enumerate() {
            if brake.from.trim().is_empty() && brake.to.trim().is_empty() {
                continue;
            }
            brakes.push(Brake {
                from_bp: share(&format!("brakes[{at}][from]"), &brake.from)?,
                factor_bp: share(&format!("brakes[{at}][to]"), &brake.to)?,
            });
        }
        brakes.sort_by_key(|brake| brake.from_bp);
        let max_open = match self.max_open.trim() {
            "" => None,
            text => {
                let most = text.parse();
                Some(most.map_err(|_| AppError::field("max_open", "A whole number, or nothing for any."))?)
            }
        };
        let max_stake = match self.max_stake.trim() {
            "" => None,
            text => {
                let currency = self.currency.parse().map_err(|_| AppError::NotFound)?;
                let wrong = |error| AppError::field("max_stake", format!("An amount such as 25.00, please: {error}."));
                Some(Money::parse(text, currency).map_err(wrong)?.minor)
            }
        };
        Ok(Limits {
            per_bet_bp: share("per_bet", &self.per_bet)?,
            daily_loss_bp: share("daily_loss", &self.daily_loss)?,
            event_bp: share("event", &self.event)?,
            correlated_bp: share("correlated", &self.correlated)?,
            sport_bp: share("sport", &self.sport)?,
            bookmaker_bp: share("bookmaker", &self.bookmaker)?,
            open_bp: share("open", &self.open)?,
            max_open,
            max_stake,
            brakes,
        })
    }
}

/// Saves the limits.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SaveLimits, prefix = "/ui", endpoint = "save_limits")]
pub(crate) async fn save_limits(#[server(default)] limits: LimitsForm) -> Result<(), AppError> {
    let limits = answer(limits.read())?;
    answer(backend()?.save_limits(limits).await)?;
    backend()?.redirect("/bankroll/limits?done=limits");
    Ok(())
}

/// Does without bets for a while.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = CoolOff, prefix = "/ui", endpoint = "cool_off")]
pub(crate) async fn cool_off(#[server(default)] days: String, #[server(default)] sure: String) -> Result<(), AppError> {
    let known = COOL_OFFS
        .iter()
        .map(|(days, _)| *days)
        .find(|known| known.to_string() == days);
    let days = answer(known.ok_or_else(|| AppError::field("days", "Choose one of those offered.")))?;
    if sure != "yes" {
        return answer(Err(AppError::field(
            "sure",
            "Tick that you are sure: it cannot be taken back.",
        )));
    }
    answer(backend()?.cool_off(days).await)?;
    backend()?.redirect("/bankroll/limits?done=cool_off");
    Ok(())
}

/// For how many days one can do without bets.
const COOL_OFFS: [(u32, &str); 6] = [
    (1, "a day"),
    (7, "a week"),
    (30, "30 days"),
    (90, "90 days"),
    (182, "half a year"),
    (365, "a year"),
];

/// What the reader allows.
#[component]
pub fn LimitsPage() -> impl IntoView {
    view! {
        <Heading title="Limits" />
        {money_tabs("/bankroll/limits")}
        <Done name="limits" text="Saved. What is stricter holds now, what is looser in 24 hours." />
        <Done name="cool_off" text="No bet is taken until then." />
        {shown(|backend| async move { backend.limits().await }, limits_page)}
    }
}

/// Each share: the name of its field, what it bounds, what that means, and how much it is.
fn shares(limits: &Limits) -> [(&'static str, &'static str, &'static str, u32); 7] {
    [
        (
            "per_bet",
            "One bet",
            "What a single bet may put at risk.",
            limits.per_bet_bp,
        ),
        (
            "daily_loss",
            "Lost in a day",
            "Of what you had when your day began: settled losses and all that may still be lost today.",
            limits.daily_loss_bp,
        ),
        (
            "event",
            "One event",
            "All open bets on the same event, told together.",
            limits.event_bp,
        ),
        (
            "correlated",
            "The same participants",
            "All open bets on events that share a team or player.",
            limits.correlated_bp,
        ),
        ("sport", "One sport", "All open bets in a sport.", limits.sport_bp),
        (
            "bookmaker",
            "One bookmaker",
            "All open bets at a bookmaker.",
            limits.bookmaker_bp,
        ),
        (
            "open",
            "All open bets",
            "Everything that is at risk at once.",
            limits.open_bp,
        ),
    ]
}

fn percent(basis_points: u32) -> String {
    percent_text(u16::try_from(basis_points).unwrap_or(u16::MAX))
}

fn limits_page(view: LimitsView) -> AnyView {
    let cool_off = view.cool_off_until.map(|until| {
        view! {
            <p class="strip warn">
                "You do without bets until " {exactly(until)}
                ". None is taken until then, on paper neither. It cannot be made shorter."
            </p>
        }
    });
    let pending = view.wanted.as_ref().map(|(wanted, from)| {
        let changes = changes(&view.limits, wanted, view.currency);
        view! {
            <p class="strip">
                "From " {exactly(*from)} ": " {changes}
                ". Looser limits wait a day, so that a bad evening cannot loosen them."
            </p>
        }
    });
    view! {
        {cool_off}
        {pending}
        <div class="two">{limits_form(&view)} {cool_off_form()}</div>
    }
    .into_any()
}

/// `one bet 3 %; any number of open bets`: what will be different.
fn changes(before: &Limits, after: &Limits, currency: Currency) -> String {
    let mut changes: Vec<String> = shares(before)
        .iter()
        .zip(shares(after))
        .filter(|(one, other)| one.3 != other.3)
        .map(|(_, (_, name, _, bp))| format!("{} {} %", name.to_lowercase(), percent(bp)))
        .collect();
    if before.max_open != after.max_open {
        let most = after.max_open.map(|most| format!("{most} open bets"));
        changes.push(most.unwrap_or_else(|| "any number of open bets".to_owned()));
    }
    if before.max_stake != after.max_stake {
        let most = after
            .max_stake
            .map(|minor| format!("at most {} on a bet", money(minor, currency)));
        changes.push(most.unwrap_or_else(|| "any stake".to_owned()));
    }
    if before.brakes != after.brakes {
        let brake = |brake: &Brake| {
            format!(
                "to {} % of the stake from {} % down",
                percent(brake.factor_bp),
                percent(brake.from_bp)
            )
        };
        let brakes: Vec<String> = after.brakes.iter().map(brake).collect();
        changes.push(if brakes.is_empty() {
            "no brakes".to_owned()
        } else {
            format!("brakes {}", brakes.join(", "))
        });
    }
    changes.join("; ")
}

fn input(field: &str, label: String, value: String, hint: &str, problem: Problem) -> impl IntoView + use<> {
    let name = match field.split_once('[') {
        Some((list, rest)) => format!("limits[{list}][{rest}"),
        None => format!("limits[{field}]"),
    };
    let complaint = problem.about(field);
    let is_wrong = complaint.is_some();
    let note = format!("{name}-note");
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <input
                id=name.clone()
                name=name
                value=value
                class="number short"
                inputmode="decimal"
                autocomplete="off"
                maxlength="16"
                aria-describedby=note.clone()
                aria-invalid=problem.is_about(field)
            />
            <p class="note" id=note class:wrong=is_wrong>{complaint.unwrap_or_else(|| hint.to_owned())}</p>
        </div>
    }
}

fn limits_form(view: &LimitsView) -> impl IntoView + use<> {
    let problem = Problem::of::<SaveLimits>();
    let limits = &view.limits;
    let fields = shares(limits)
        .into_iter()
        .map(|(field, name, hint, bp)| input(field, format!("{name}, %"), percent(bp), hint, problem))
        .collect_view();
    let max_open = limits.max_open.map(|most| most.to_string()).unwrap_or_default();
    let max_stake = limits
        .max_stake
        .map(|minor| amount(minor, view.currency))
        .unwrap_or_default();
    let stake_label = format!("At risk in one bet at most, {}", view.currency);
    let brakes = limits
        .brakes
        .iter()
        .map(|brake| (percent(brake.from_bp), percent(brake.factor_bp)))
        // One more can be added at a time.
        .chain((limits.brakes.len() < 10).then(|| (String::new(), String::new())))
        .enumerate()
        .map(|(at, (from, to))| {
            view! {
                <div class="row">
                    {input(&format!("brakes[{at}][from]"), "Below the highest, %".to_owned(), from, "", problem)}
                    {input(&format!("brakes[{at}][to]"), "Of the stake, %".to_owned(), to, "", problem)}
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2>"What you allow"</h2>
            <p class="under">
                "Shares are of your bankroll of the same kind of money. A bet that would pass a limit is refused, and the refusal names it."
            </p>
            <FormProblem problem />
            <form method="post" action=SaveLimits::PATH class="stack">
                <input type="hidden" name="limits[currency]" value=view.currency.code() />
                {fields}
                {input("max_open", "Open bets at most".to_owned(), max_open, "Empty for any number.", problem)}
                {input("max_stake", stake_label, max_stake, "Empty for any amount.", problem)}
                <fieldset>
                    <legend>"Brakes"</legend>
                    <p class="under">
                        "When you have lost that much of your highest bankroll, suggested stakes are cut to that part. Leave both empty to take one away."
                    </p>
                    {brakes}
                </fieldset>
                <button>"Save"</button>
            </form>
        </section>
    }
}

fn cool_off_form() -> impl IntoView {
    let problem = Problem::of::<CoolOff>();
    let offers = COOL_OFFS
        .map(|(days, name)| (days.to_string(), name.to_owned()))
        .to_vec();
    view! {
        <section class="card">
            <h2>"Do without bets"</h2>
            <p class="under">
                "For a while no bet is taken, neither real nor on paper. It begins at once, can be made longer and never shorter. Open bets go on, and are settled."
            </p>
            <FormProblem problem />
            <form method="post" action=CoolOff::PATH class="stack">
                <div class="field">
                    <label for="cool-off-days">"For"</label>
                    <select id="cool-off-days" name="days">
                        {options(offers, "7")}
                    </select>
                </div>
                <div class="check">
                    <input id="cool-off-sure" type="checkbox" name="sure" value="yes" aria-invalid=problem.is_about("sure") />
                    <label for="cool-off-sure">"I know that this cannot be taken back"</label>
                </div>
                <button class="danger">"Begin now"</button>
            </form>
        </section>
    }
}
