//! Settings: the bookmakers that can be used, and what they take.

use super::Tab;
use super::{done, row_id};
use crate::AppError;
use crate::backend::{answer, backend};
use crate::parts::{Done, Empty, FormProblem, Problem, demo_badge, shown};
use async_trait::async_trait;
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
        })
    }
}

/// Percent with at most two places as hundredths of a percent; empty is none.
fn basis_points(percent: &str) -> Option<u16> {
    let text = percent.trim().trim_end_matches('%').trim_end().replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() {
        return Some(0);
    }
    if whole.is_empty() || fraction.len() > 2 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<2}")
        .parse::<u16>()
        .ok()
        .filter(|points| *points <= 10_000)
}

/// Hundredths of a percent as percent: 500 is `5`, 250 is `2.5`.
fn percent_text(basis_points: u16) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
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
                "Best prices and opportunities count only bookmakers you can use. Commission is on net winnings, as exchanges charge it."
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
                            <div class="sheet narrow">
                                <table class="cards">
                                    <caption class="unseen">"Bookmakers"</caption>
                                    <thead>
                                        <tr>
                                            <th scope="col">"Use"</th>
                                            <th scope="col">"Bookmaker"</th>
                                            <th scope="col">"Kind"</th>
                                            <th scope="col" class="number">"Commission, %"</th>
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
        </tr>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_commission_is_read_as_it_is_written() {
        for (text, points) in [
            ("5", 500),
            ("2.5", 250),
            ("2,25", 225),
            ("0.05 %", 5),
            ("", 0),
            ("100", 10_000),
        ] {
            assert_eq!(basis_points(text), Some(points), "{text}");
        }
        for text in ["100.01", "-1", "1.234", "five", ".5", "1e3"] {
            assert_eq!(basis_points(text), None, "{text}");
        }
        assert_eq!(percent_text(225), "2.25");
        assert_eq!(percent_text(500), "5");
    }
}
