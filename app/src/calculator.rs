//! The stake calculator: how much to bet on each outcome, rounded to what bookmakers take. Reacts as you type; without scripts
//! its button sends the same form.

use crate::pages::opportunities::OpportunityRow;
use crate::parts::outcome_name;
use crate::reader::Reader;
use domain::arbitrage::{NetPrice, StakePlan, plan_stakes};
use domain::{BookProfile, Currency, Money, OddsFormat, OpportunityId};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What is typed, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The whole stake.
    pub total: String,
    /// What stakes are rounded to.
    pub step: String,
    /// A price per leg, in the reader's format.
    pub prices: Vec<String>,
}

/// What was typed, kept while the opportunities around it change.
#[derive(Clone, Copy)]
pub struct Typed {
    total: RwSignal<String>,
    step: RwSignal<String>,
    prices: StoredValue<Vec<(OpportunityId, usize, String)>>,
}

impl Typed {
    /// What the address bar says, else a hundred in whole units.
    pub fn new() -> Self {
        let query = use_query_map().get_untracked();
        let typed = |name: &str, otherwise: &str| {
            query
                .get_str(name)
                .unwrap_or(otherwise)
                .chars()
                .take(32)
                .collect::<String>()
        };
        Self {
            total: RwSignal::new(typed("total", "100")),
            step: RwSignal::new(typed("step", "1")),
            prices: StoredValue::new(Vec::new()),
        }
    }

    fn price(self, id: OpportunityId, leg: usize) -> Option<String> {
        self.prices.with_value(|prices| {
            prices
                .iter()
                .find(|typed| (typed.0, typed.1) == (id, leg))
                .map(|typed| typed.2.clone())
        })
    }

    fn set_price(self, id: OpportunityId, leg: usize, text: String) {
        self.prices.update_value(|prices| {
            prices.retain(|typed| (typed.0, typed.1) != (id, leg));
            prices.push((id, leg, text));
        });
    }
}

impl Default for Typed {
    fn default() -> Self {
        Self::new()
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

/// Two places, no name: the calculator does not care which currency it is.
fn amount(text: &str, field: &str) -> Result<i64, EntryError> {
    let wrong = |message: String| EntryError {
        field: field.to_owned(),
        message,
    };
    let unit: Currency = "XXX".parse().map_err(|_| wrong(String::new()))?;
    Money::parse(&text.replace(',', "."), unit)
        .map(|money| money.minor)
        .map_err(|error| wrong(error.to_string()))
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
        let total = amount(&self.total, "total")?;
        let step = amount(&self.step, "step")?;
        let mut prices = Vec::with_capacity(self.prices.len());
        for (at, (text, commission_bp)) in self.prices.iter().zip(commissions_bp).enumerate() {
            let price = format.read(text).map_err(|error| EntryError {
                field: format!("price_{at}"),
                message: error.to_string(),
            })?;
            prices.push(NetPrice::new(price, *commission_bp));
        }
        plan_stakes(&prices, total, step).map_err(|error| EntryError {
            field: if matches!(error, domain::arbitrage::StakeError::StepNotPositive) {
                "step"
            } else {
                "total"
            }
            .to_owned(),
            message: error.to_string(),
        })
    }
}

/// The calculator for one opportunity. `keep` are pairs of the address that stay as the form is sent.
#[component]
pub fn Calculator(
    /// Whose legs.
    row: OpportunityRow,
    /// Names for the bookmakers.
    bookmakers: Vec<BookProfile>,
    /// What was typed so far.
    typed: Typed,
    /// Where the form is sent without scripts.
    #[prop(into)]
    action: String,
    /// What stays in the address.
    #[prop(optional)]
    keep: Vec<(&'static str, String)>,
) -> impl IntoView {
    let reader = Reader::current();
    let format = RwSignal::new(reader.viewer_untracked().prefs.odds_format);
    let query = use_query_map().get_untracked();
    let Typed { total, step, .. } = typed;
    let id = row.id;
    let prices: Vec<_> = row
        .found
        .legs
        .iter()
        .enumerate()
        .map(|(at, leg)| {
            let sent = || {
                query
                    .get_str(&format!("price_{at}"))
                    .map(|text| text.chars().take(32).collect())
            };
            let text = typed.price(id, at).or_else(sent);
            RwSignal::new(text.unwrap_or_else(|| format.get_untracked().write(leg.price)))
        })
        .collect();
    let commissions: Vec<u16> = row.found.legs.iter().map(|leg| leg.commission_bp).collect();
    let entered = prices.clone();
    let rewritten = prices.clone();
    Effect::new(move |_| {
        let (old, new) = (format.get_untracked(), reader.odds_format());
        if old != new {
            for text in &rewritten {
                if let Ok(price) = old.read(&text.get_untracked()) {
                    text.set(new.write(price));
                }
            }
            format.set(new);
        }
    });
    let plan = Memo::new(move |_| {
        let entry = Entry {
            total: total.get(),
            step: step.get(),
            prices: entered.iter().map(|price| price.get()).collect(),
        };
        entry.plan(format.get(), &commissions)
    });
    let complaint = move |field: &str| {
        plan.with(|plan| {
            plan.as_ref()
                .err()
                .filter(|error| error.field == field)
                .map(|error| error.message.clone())
        })
    };
    let amount_of = move |pick: fn(&StakePlan, usize) -> Option<i64>, at: usize| {
        plan.with(|plan| {
            plan.as_ref()
                .ok()
                .and_then(|plan| pick(plan, at))
                .map_or_else(|| "–".to_owned(), written)
        })
    };
    let legs = row
        .found
        .legs
        .iter()
        .zip(prices)
        .enumerate()
        .map(|(at, (leg, price))| {
            let name = format!("price_{at}");
            let label = outcome_name(&row.event, &row.found.market, &leg.outcome);
            let book = bookmakers
                .iter()
                .find(|book| book.id == leg.bookmaker_id)
                .map_or_else(|| leg.bookmaker.clone(), |book| book.name.clone());
            let wrong = {
                let name = name.clone();
                move || complaint(&name).is_some()
            };
            view! {
                <tr>
                    <th scope="row">
                        {label.clone()}
                        <small class="under">{book}</small>
                    </th>
                    <td data-label="Price">
                        <input
                            class="number"
                            name=name
                            inputmode="text"
                            autocomplete="off"
                            maxlength="32"
                            aria-label=format!("Price of {label}")
                            aria-invalid=move || wrong().then_some("true")
                            prop:value=move || price.get()
                            value=price.get_untracked()
                            on:input=move |event| {
                                let text = event_target_value(&event);
                                typed.set_price(id, at, text.clone());
                                price.set(text);
                            }
                        />
                    </td>
                    <td class="number strong" data-label="Stake">{move || amount_of(|plan, at| plan.stakes.get(at).copied(), at)}</td>
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
                    _ => "Price",
                };
                format!("{field}: {}", error.message)
            })
        })
    };
    let summary = move || {
        plan.with(|plan| {
            plan.as_ref().ok().map(|plan| {
                let share = if plan.staked > 0 {
                    plan.guaranteed as f64 / plan.staked as f64
                } else {
                    0.0
                };
                let class = if plan.guaranteed < 0 { "loss" } else { "gain" };
                view! {
                    <dl class="facts">
                        <div class="fact">
                            <dt>"Staked"</dt>
                            <dd>{written(plan.staked)}</dd>
                        </div>
                        <div class="fact">
                            <dt>"Certain profit"</dt>
                            <dd class=class>{written(plan.guaranteed)}</dd>
                        </div>
                        <div class="fact">
                            <dt>"Return"</dt>
                            <dd class=class>{crate::write::signed_percent(share, 2)}</dd>
                        </div>
                    </dl>
                }
            })
        })
    };
    view! {
        <form class="calculator" method="get" action=action on:submit=move |event| event.prevent_default()>
            {keep
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                .collect_view()}
            <div class="row">
                <div class="field">
                    <label for="calc-total">"Total stake"</label>
                    <input
                        id="calc-total"
                        class="number"
                        name="total"
                        inputmode="decimal"
                        autocomplete="off"
                        maxlength="32"
                        aria-describedby="calc-problem"
                        aria-invalid=move || complaint("total").map(|_| "true")
                        value=total.get_untracked()
                        prop:value=move || total.get()
                        on:input=move |event| total.set(event_target_value(&event))
                    />
                </div>
                <div class="field">
                    <label for="calc-step">"Round to"</label>
                    <input
                        id="calc-step"
                        class="number"
                        name="step"
                        inputmode="decimal"
                        autocomplete="off"
                        maxlength="32"
                        aria-describedby="calc-problem"
                        aria-invalid=move || complaint("step").map(|_| "true")
                        value=step.get_untracked()
                        prop:value=move || step.get()
                        on:input=move |event| step.set(event_target_value(&event))
                    />
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
                <tbody>{legs}</tbody>
            </table>
            <p class="problem" id="calc-problem" aria-live="polite">{message}</p>
            {summary}
        </form>
    }
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
        }
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
