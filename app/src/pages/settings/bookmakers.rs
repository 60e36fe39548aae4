//! Settings: the bookmakers that can be used, and what they take.

use super::Tab;
use super::{done, row_id};
use crate::AppError;
use crate::backend::{answer, backend};
use crate::parts::{Done, Empty, FormProblem, Problem, demo_badge, options, shown};
use crate::typed::{basis_points, minor, percent_text, rate, rate_text};
use async_trait::async_trait;
use domain::bookmaker::{BettingTerms, CommissionBasis};
use domain::result::Rounding;
use domain::{BookProfile, BookmakerId};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What the Bookmakers tab asks.
#[async_trait]
pub trait BookmakersPort {
    /// Every bookmaker and how the viewer set it, ordered by name.
    async fn bookmakers(&self) -> Result<Vec<BookmakerSettings>, AppError>;

    /// Changes the bookmakers named and leaves the rest. Field error: `books[N][commission]` with `N` the position.
    async fn save_bookmakers(&self, books: Vec<BookmakerForm>) -> Result<(), AppError>;
}

/// One bookmaker as the viewer set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookmakerSettings {
    /// Which bookmaker, with the commission known beforehand.
    pub profile: BookProfile,
    /// True when the viewer can bet there.
    pub is_usable: bool,
    /// The commission the viewer pays, in hundredths of a percent.
    pub commission_bp: u16,
    /// On which terms the viewer bets there.
    pub terms: BettingTerms,
}

/// A bookmaker to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookmakerForm {
    /// Which bookmaker.
    pub id: BookmakerId,
    /// Whether the viewer can bet there.
    pub is_usable: bool,
    /// The commission the viewer pays, in hundredths of a percent.
    pub commission_bp: u16,
    /// On which terms the viewer bets there.
    pub terms: BettingTerms,
}

/// One bookmaker as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookmakerEntry {
    /// Its number.
    #[serde(default)]
    pub id: String,
    /// Any text when ticked.
    #[serde(default)]
    pub is_usable: String,
    /// Percent.
    #[serde(default)]
    pub commission: String,
    /// What the commission is taken from; empty for as usual.
    #[serde(default)]
    pub basis: String,
    /// Stakes are multiples of this amount; empty for any.
    #[serde(default)]
    pub step: String,
    /// The greatest stake; empty for any.
    #[serde(default)]
    pub max_stake: String,
    /// `cut` or `nearest`.
    #[serde(default)]
    pub rounding: String,
    /// What a unit of the account's currency is worth; empty for one.
    #[serde(default)]
    pub rate: String,
}

impl BookmakerEntry {
    fn read(self, at: usize) -> Result<BookmakerForm, AppError> {
        let commission_bp = basis_points(&self.commission).ok_or_else(|| {
            AppError::field(
                format!("books[{at}][commission]"),
                "A commission is 0 to 100 percent with at most two places.",
            )
        })?;
        Ok(BookmakerForm {
            id: BookmakerId(row_id(&self.id)?),
            is_usable: !self.is_usable.is_empty(),
            commission_bp,
            terms: self.terms(at)?,
        })
    }

    fn terms(&self, at: usize) -> Result<BettingTerms, AppError> {
        let wrong = |field: &str, what: &str| AppError::field(format!("books[{at}][{field}]"), what);
        let amount = |field: &str, text: &str, otherwise: i64| match text.trim() {
            "" => Ok(otherwise),
            text => {
                minor(text).ok_or_else(|| wrong(field, "An amount is above 0 with at most two places, or left empty."))
            }
        };
        let usual = BettingTerms::default();
        Ok(BettingTerms {
            basis: match self.basis.as_str() {
                "" => None,
                code => Some(
                    CommissionBasis::from_code(code).ok_or_else(|| wrong("basis", "Choose one of those offered."))?,
                ),
            },
            rounding: match self.rounding.as_str() {
                "" | "cut" => Rounding::Cut,
                "nearest" => Rounding::Nearest,
                _ => return Err(wrong("rounding", "Choose one of those offered.")),
            },
            step: amount("step", &self.step, usual.step)?,
            max_stake: amount("max_stake", &self.max_stake, usual.max_stake)?,
            rate: match self.rate.trim() {
                "" => usual.rate,
                text => rate(text)
                    .ok_or_else(|| wrong("rate", "A rate is from 0.0001 to 10000 with at most four places."))?,
            },
        })
    }
}

/// An amount as it is typed; empty where it does not matter.
fn amount_text(minor: i64, usual: i64) -> String {
    if minor == usual {
        String::new()
    } else {
        format!("{}.{:02}", minor / 100, minor % 100)
    }
}

/// Saves the bookmakers.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SaveBookmakers, prefix = "/ui", endpoint = "save_bookmakers")]
pub(crate) async fn save_bookmakers(#[server(default)] books: Vec<BookmakerEntry>) -> Result<(), AppError> {
    let books = books
        .into_iter()
        .enumerate()
        .map(|(at, book)| book.read(at))
        .collect::<Result<_, _>>();
    answer(backend()?.save_bookmakers(answer(books)?).await)?;
    done("/bookmakers", "bookmakers")
}

/// The bookmakers that can be used, and what they take.
#[component]
pub fn BookmakersPage() -> impl IntoView {
    let problem = Problem::of::<SaveBookmakers>();
    view! {
        <Tab title="Bookmakers">
            <p class="lead">
                "Best prices and opportunities count only bookmakers you can use. As usual, an exchange takes commission from the net winnings of a market, and anybody else from each winning bet. Stakes and payouts are reckoned in these steps."
            </p>
            <Done name="bookmakers" text="Saved." />
            <FormProblem problem />
            {shown(
                |backend| async move { backend.bookmakers().await },
                move |books: Vec<BookmakerSettings>| {
                    if books.is_empty() {
                        return view! {
                            <Empty title="No bookmakers yet">
                                "They appear with the first prices. " <a href="/settings/feeds">"Choose a feed"</a>
                            </Empty>
                        }
                            .into_any();
                    }
                    let rows = books.iter().enumerate().map(|(at, book)| book_row(at, book, problem)).collect_view();
                    view! {
                        <form method="post" action=SaveBookmakers::PATH>
                            <div class="sheet">
                                <table class="cards">
                                    <caption class="unseen">"Bookmakers"</caption>
                                    <thead>
                                        <tr>
                                            <th scope="col">"Use"</th>
                                            <th scope="col">"Bookmaker"</th>
                                            <th scope="col">"Kind"</th>
                                            <th scope="col" class="number">"Commission, %"</th>
                                            <th scope="col">"Taken from"</th>
                                            <th scope="col" class="number">"Stake steps"</th>
                                            <th scope="col" class="number">"Greatest stake"</th>
                                            <th scope="col">"Pays"</th>
                                            <th scope="col" class="number">"Currency worth"</th>
                                        </tr>
                                    </thead>
                                    <tbody>{rows}</tbody>
                                </table>
                            </div>
                            <button>"Save"</button>
                        </form>
                    }
                        .into_any()
                },
            )}
        </Tab>
    }
}

fn book_row(at: usize, book: &BookmakerSettings, problem: Problem) -> impl IntoView + use<> {
    let name = |field: &str| format!("books[{at}][{field}]");
    let commission = name("commission");
    let blamed = commission.clone();
    let wrong = problem.is_about(&blamed);
    let (terms, usual) = (book.terms, BettingTerms::default());
    let bases = std::iter::once((String::new(), "As usual".to_owned()))
        .chain(
            CommissionBasis::ALL
                .iter()
                .map(|basis| (basis.code().to_owned(), basis.name().to_owned())),
        )
        .collect();
    let roundings = [("cut", "Fractions cut"), ("nearest", "To the nearest")]
        .map(|(code, name)| (code.to_owned(), name.to_owned()))
        .to_vec();
    let amount = |field: &'static str, label: &'static str, value: String| {
        let name = name(field);
        let wrong = problem.is_about(&name);
        view! {
            <td class="number" data-label=label>
                <input
                    class="number short"
                    name=name
                    inputmode="decimal"
                    maxlength="16"
                    value=value
                    placeholder=if field == "rate" { "1" } else { "any" }
                    aria-label=format!("{label} at {}", book.profile.name)
                    aria-invalid=wrong
                />
            </td>
        }
    };
    view! {
        <tr>
            <td data-label="Use">
                <input type="hidden" name=name("id") value=book.profile.id.to_string() />
                <input
                    type="checkbox"
                    name=name("is_usable")
                    value="yes"
                    checked=book.is_usable
                    aria-label=format!("I can use {}", book.profile.name)
                />
            </td>
            <th scope="row">{book.profile.name.clone()} " " {demo_badge(book.profile.is_demo)}</th>
            <td data-label="Kind">{book.profile.kind.code()}</td>
            <td class="number" data-label="Commission, %">
                <input
                    class="number short"
                    name=commission
                    inputmode="decimal"
                    maxlength="6"
                    value=percent_text(book.commission_bp)
                    aria-label=format!("Commission at {} in percent", book.profile.name)
                    aria-invalid=wrong
                />
            </td>
            <td data-label="Taken from">
                <select name=name("basis") aria-label=format!("What {} takes commission from", book.profile.name)>
                    {options(bases, terms.basis.map_or("", CommissionBasis::code))}
                </select>
            </td>
            {amount("step", "Stake steps", amount_text(terms.step, usual.step))}
            {amount("max_stake", "Greatest stake", amount_text(terms.max_stake, usual.max_stake))}
            <td data-label="Pays">
                <select name=name("rounding") aria-label=format!("How {} pays fractions", book.profile.name)>
                    {options(roundings, if terms.rounding == Rounding::Nearest { "nearest" } else { "cut" })}
                </select>
            </td>
            {amount("rate", "Currency worth", rate_text(terms.rate))}
        </tr>
    }
}
