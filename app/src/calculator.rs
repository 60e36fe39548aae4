//! The stake calculator: how much to bet on each outcome, rounded to what bookmakers take. An island: it reacts as you type,
//! and without scripts its button sends the same form.

#![expect(missing_docs, reason = "the island macro makes a type without any")]

use crate::calculators::with_point;
use domain::arbitrage::{NetPrice, StakeError, StakePlan, follow_stake, plan_stakes};
use domain::{Currency, Money, OddsFormat, OpportunityId, Price};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What is typed, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The whole stake.
    pub total: String,
    /// What stakes are rounded to.
    pub step: String,
    /// A price per leg, in the reader's format.
    pub prices: Vec<String>,
    /// The stake that was typed on one leg: the others then follow it, whatever the total.
    pub given: Option<(usize, String)>,
}

/// A leg as the calculator shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalculatorLeg {
    /// The outcome.
    pub outcome: String,
    /// Who offers it.
    pub bookmaker: String,
    /// The price on offer.
    pub price: Price,
    /// Commission on winnings in hundredths of a percent.
    pub commission_bp: u16,
    /// A price sent with the form.
    pub sent: Option<String>,
}

/// What was typed into calculators since this page was opened, by opportunity and field: prices move while somebody types, and
/// the calculator is drawn anew with each move.
#[cfg(feature = "hydrate")]
mod typed {
    use super::{OddsFormat, OpportunityId};
    use std::cell::RefCell;
    use std::collections::HashMap;

    thread_local! {
        static TYPED: RefCell<HashMap<(OpportunityId, String), (OddsFormat, String)>> = RefCell::default();
    }

    pub(super) fn keep(id: OpportunityId, field: &str, format: OddsFormat, text: &str) {
        TYPED.with_borrow_mut(|typed| typed.insert((id, field.to_owned()), (format, text.to_owned())));
    }

    /// The text, rewritten where it is a price in a format that has changed since.
    pub(super) fn recall(id: OpportunityId, field: &str, format: OddsFormat) -> Option<String> {
        let (kept_as, text) = TYPED.with_borrow(|typed| typed.get(&(id, field.to_owned())).cloned())?;
        let is_price = field.starts_with("price");
        match kept_as.read(&text) {
            Ok(price) if is_price && kept_as != format => Some(format.write(price)),
            _ => Some(text),
        }
    }
}

/// Nothing is typed on the server.
#[cfg(not(feature = "hydrate"))]
mod typed {
    use super::{OddsFormat, OpportunityId};

    pub(super) const fn keep(_: OpportunityId, _: &str, _: OddsFormat, _: &str) {}

    pub(super) const fn recall(_: OpportunityId, _: &str, _: OddsFormat) -> Option<String> {
        None
    }
}

/// Why an entry has no plan: which field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryError {
    /// `total`, `step`, or `price_N`.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

/// Two places, no name: a calculator does not care which currency it is.
pub(crate) fn minor_units(text: &str) -> Result<i64, String> {
    let unit: Currency = "XXX".parse().map_err(|_| String::new())?;
    let money = Money::parse(&with_point(text)?, unit);
    money.map(|money| money.minor).map_err(|error| error.to_string())
}

fn amount(text: &str, field: &str) -> Result<i64, EntryError> {
    minor_units(text).map_err(|message| EntryError {
        field: field.to_owned(),
        message,
    })
}

/// Minor units as an amount.
pub fn written(minor: i64) -> String {
    let sign = if minor < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}

impl Entry {
    /// The stakes for what is typed.
    ///
    /// # Errors
    /// [`EntryError`] names the field.
    pub fn plan(&self, format: OddsFormat, commissions_bp: &[u16]) -> Result<StakePlan, EntryError> {
        let step = amount(&self.step, "step")?;
        let mut prices = Vec::with_capacity(self.prices.len());
        for (at, (text, commission_bp)) in self.prices.iter().zip(commissions_bp).enumerate() {
            let price = format.read(text).map_err(|error| EntryError {
                field: format!("price_{at}"),
                message: error.to_string(),
            })?;
            prices.push(NetPrice::new(price, *commission_bp));
        }
        let (field, planned) = match &self.given {
            Some((leg, stake)) => {
                let field = format!("stake_{leg}");
                let stake = amount(stake, &field)?;
                (field, follow_stake(&prices, *leg, stake, step))
            }
            None => (
                "total".to_owned(),
                plan_stakes(&prices, amount(&self.total, "total")?, step),
            ),
        };
        planned.map_err(|error| EntryError {
            field: if matches!(error, StakeError::StepNotPositive) {
                "step".to_owned()
            } else {
                field
            },
            message: error.to_string(),
        })
    }
}

/// The calculator for one opportunity. Hidden pairs are of the address, and stay as the form is sent.
#[island]
pub fn Calculator(
    /// Whose legs.
    id: OpportunityId,
    /// The legs.
    legs: Vec<CalculatorLeg>,
    /// How prices are written.
    format: OddsFormat,
    /// The whole stake at first.
    total: String,
    /// What stakes are rounded to at first.
    step: String,
    /// Where the form is sent without scripts.
    action: String,
    /// What stays in the address.
    keep: Vec<(String, String)>,
) -> impl IntoView {
    let remembered =
        move |field: &str, otherwise: String| RwSignal::new(typed::recall(id, field, format).unwrap_or(otherwise));
    let total = remembered("total", total);
    let step = remembered("step", step);
    let prices: Vec<_> = legs
        .iter()
        .enumerate()
        .map(|(at, leg)| {
            let offered = leg.sent.clone().unwrap_or_else(|| format.write(leg.price));
            remembered(&format!("price_{at}"), offered)
        })
        .collect();
    let commissions: Vec<u16> = legs.iter().map(|leg| leg.commission_bp).collect();
    let entered = prices.clone();
    let given = RwSignal::new(None::<(usize, String)>);
    let plan = Memo::new(move |_| {
        let entry = Entry {
            total: total.get(),
            step: step.get(),
            prices: entered.iter().map(|price| price.get()).collect(),
            given: given.get(),
        };
        entry.plan(format, &commissions)
    });
    let is_wrong =
        move |field: &str| plan.with(|plan| plan.as_ref().is_err_and(|error| error.field == field).then_some("true"));
    let amount_of = move |pick: fn(&StakePlan, usize) -> Option<i64>, at: usize| {
        plan.with(|plan| {
            plan.as_ref()
                .ok()
                .and_then(|plan| pick(plan, at))
                .map_or_else(|| "–".to_owned(), written)
        })
    };
    let rows = legs
        .into_iter()
        .zip(prices)
        .enumerate()
        .map(|(at, (leg, price))| {
            let name = format!("price_{at}");
            let (field, label) = (name.clone(), format!("Price of {}", leg.outcome));
            let stake_label = format!("Stake on {}", leg.outcome);
            view! {
                <tr>
                    <th scope="row">
                        {leg.outcome}
                        <small class="under">{leg.bookmaker}</small>
                    </th>
                    <td data-label="Price">
                        {entry_field(Typed { id, name, format }, price, Some(label), move || is_wrong(&field))}
                    </td>
                    <td data-label="Stake">{stake_field(at, stake_label, plan, given)}</td>
                    <td class="number" data-label="Profit">
                        <span class=move || sign_class(plan, at)>{move || amount_of(|plan, at| plan.returns.get(at).copied(), at)}</span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let message = move || {
        plan.with(|plan| {
            plan.as_ref().err().map(|error| {
                let field = match error.field.as_str() {
                    "total" => "Total stake",
                    "step" => "Round to",
                    field if field.starts_with("stake") => "Stake",
                    _ => "Price",
                };
                format!("{field}: {}", error.message)
            })
        })
    };
    let fact = move |pick: fn(&StakePlan) -> String| {
        move || plan.with(|plan| plan.as_ref().map_or_else(|_| "–".to_owned(), pick))
    };
    let outcome_class = move || {
        plan.with(|plan| match plan {
            Ok(plan) if plan.guaranteed < 0 => "loss",
            Ok(_) => "gain",
            Err(_) => "",
        })
    };
    let hidden = keep
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    let named = |name: &str| Typed {
        id,
        name: name.to_owned(),
        format,
    };
    view! {
        <form class="calculator" method="get" action=action data-here="">
            {hidden}
            <div class="row">
                <div class="field">
                    <label for="calc-total">"Total stake"</label>
                    <span on:input=move |_| given.set(None)>
                        {entry_field(named("total"), total, None, move || is_wrong("total"))}
                    </span>
                </div>
                <div class="field">
                    <label for="calc-step">"Round to"</label>
                    {entry_field(named("step"), step, None, move || is_wrong("step"))}
                </div>
                <noscript>
                    <button>"Reckon"</button>
                </noscript>
            </div>
            <table class="dense cards">
                <caption class="unseen">"Stakes by outcome"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Outcome"</th>
                        <th scope="col" class="number">"Price"</th>
                        <th scope="col" class="number">"Stake"</th>
                        <th scope="col" class="number">"Profit if it happens"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="problem" id="calc-problem" aria-live="polite">{message}</p>
            <dl class="facts">
                <div class="fact">
                    <dt>"Staked"</dt>
                    <dd>{fact(|plan| written(plan.staked))}</dd>
                </div>
                <div class="fact">
                    <dt>"Certain profit"</dt>
                    <dd class=outcome_class>{fact(|plan| written(plan.guaranteed))}</dd>
                </div>
                <div class="fact">
                    <dt>"Return"</dt>
                    <dd class=outcome_class>{fact(certain_return)}</dd>
                </div>
            </dl>
        </form>
    }
}

/// A field of a calculator, to be remembered.
struct Typed {
    id: OpportunityId,
    name: String,
    format: OddsFormat,
}

/// An input that follows what is typed.
fn entry_field(
    Typed { id, name, format }: Typed,
    text: RwSignal<String>,
    label: Option<String>,
    is_wrong: impl Fn() -> Option<&'static str> + Send + Sync + 'static,
) -> impl IntoView {
    let field = name.clone();
    let keys = if name.starts_with("price") { "text" } else { "decimal" };
    view! {
        <input
            id=format!("calc-{name}")
            class="number"
            name=name
            inputmode=keys
            autocomplete="off"
            maxlength="32"
            aria-label=label
            aria-describedby="calc-problem"
            aria-invalid=is_wrong
            value=text.get_untracked()
            prop:value=move || text.get()
            on:input=move |event| {
                let typed = event_target_value(&event);
                typed::keep(id, &field, format, &typed);
                text.set(typed);
            }
        />
    }
}

/// The stake on a leg. Whatever is typed into it is given, and the other stakes follow. Without scripts it only tells.
fn stake_field(
    at: usize,
    label: String,
    plan: Memo<Result<StakePlan, EntryError>>,
    given: RwSignal<Option<(usize, String)>>,
) -> impl IntoView {
    let shown = move || {
        let typed = given.with(|given| {
            given
                .as_ref()
                .filter(|(leg, _)| *leg == at)
                .map(|(_, text)| text.clone())
        });
        typed.unwrap_or_else(|| {
            plan.with(|plan| {
                plan.as_ref()
                    .ok()
                    .and_then(|plan| plan.stakes.get(at).copied().map(written))
            })
            .unwrap_or_default()
        })
    };
    let is_wrong = move || {
        let name = format!("stake_{at}");
        plan.with(|plan| plan.as_ref().is_err_and(|error| error.field == name).then_some("true"))
    };
    view! {
        <input
            id=format!("calc-stake_{at}")
            class="number strong"
            inputmode="decimal"
            autocomplete="off"
            maxlength="32"
            aria-label=label
            aria-describedby="calc-problem"
            aria-invalid=is_wrong
            readonly=cfg!(feature = "ssr")
            prop:readOnly=false
            value=shown()
            prop:value=shown
            on:input=move |event| given.set(Some((at, event_target_value(&event))))
        />
    }
}

/// The worst case as a share of what is staked.
fn certain_return(plan: &StakePlan) -> String {
    let share = if plan.staked > 0 {
        plan.guaranteed as f64 / plan.staked as f64
    } else {
        0.0
    };
    crate::write::signed_percent(share, 2)
}

fn sign_class(plan: Memo<Result<StakePlan, EntryError>>, at: usize) -> &'static str {
    let returned = plan.with(|plan| plan.as_ref().ok().and_then(|plan| plan.returns.get(at).copied()));
    match returned {
        Some(amount) if amount < 0 => "loss",
        Some(_) => "gain",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(total: &str, step: &str, prices: &[&str]) -> Entry {
        Entry {
            total: total.into(),
            step: step.into(),
            prices: prices.iter().map(|&price| price.to_owned()).collect(),
            given: None,
        }
    }

    #[test]
    fn the_other_stakes_follow_the_one_that_is_typed() {
        let typed = |stake: &str| Entry {
            given: Some((0, stake.to_owned())),
            ..entry("100", "1", &["2.10", "2.00"])
        };
        let plan = typed("200").plan(OddsFormat::Decimal, &[0, 0]).unwrap();
        assert_eq!((plan.stakes, plan.guaranteed), (vec![20_000, 21_000], 1_000));
        let refused = typed("much").plan(OddsFormat::Decimal, &[0, 0]).unwrap_err();
        assert_eq!(refused.field, "stake_0");
    }

    #[test]
    fn stakes_cover_every_outcome_and_the_worst_case_is_certain() {
        let plan = entry("100", "1", &["2.10", "2.00"])
            .plan(OddsFormat::Decimal, &[0, 0])
            .unwrap();
        assert_eq!((plan.stakes, plan.guaranteed), (vec![49_00, 51_00], 2_00));
    }

    #[test]
    fn a_wrong_field_is_named() {
        let fails = |entry: Entry| entry.plan(OddsFormat::Decimal, &[0, 0]).unwrap_err().field;
        assert_eq!(fails(entry("a lot", "1", &["2.1", "2"])), "total");
        assert_eq!(fails(entry("1,000", "1", &["2.1", "2"])), "total");
        assert_eq!(fails(entry("100", "0", &["2.1", "2"])), "step");
        assert_eq!(fails(entry("100", "1", &["2.1", "0.5"])), "price_1");
    }

    #[test]
    fn prices_are_read_in_the_format_they_are_shown_in() {
        let plan = entry("100", "1", &["+110", "+100"])
            .plan(OddsFormat::American, &[0, 0])
            .unwrap();
        assert_eq!(plan.stakes, vec![49_00, 51_00]);
    }
}
