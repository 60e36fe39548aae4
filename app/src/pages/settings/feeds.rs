//! Settings: feeds, their keys, and what they are asked for.

use super::Tab;
use super::{done, whole};
use crate::AppError;
use crate::backend::{answer, backend};
use crate::parts::{Done, Empty, FormProblem, Problem, shown};
use crate::reader::Reader;
use crate::write;
use async_trait::async_trait;
use domain::Sport;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What the Feeds tab asks; changing is for the owner.
#[async_trait]
pub trait FeedsPort {
    /// Every feed and what it is asked for.
    async fn feeds(&self) -> Result<Vec<FeedSettings>, AppError>;

    /// Switches a feed and keeps its key. Field errors: `key`.
    async fn save_feed(&self, form: FeedForm) -> Result<(), AppError>;

    /// Changes what a feed is asked for; competitions not named stay as they are.
    /// Field errors: `choices[N][interval_s]`, `choices[N][scores_interval_s]` with `N` the position in `choices`.
    async fn save_feed_choices(&self, feed: String, choices: Vec<ChoiceForm>) -> Result<(), AppError>;
}

/// One feed as it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSettings {
    /// Its key, as in configuration.
    pub feed: String,
    /// As shown.
    pub name: String,
    /// What it brings, in a sentence.
    pub description: String,
    /// True when it makes its data up.
    pub is_demo: bool,
    /// True when it is asked at all.
    pub is_enabled: bool,
    /// True when it wants a key.
    pub needs_key: bool,
    /// The key that is kept, all but its last characters hidden.
    pub masked_key: Option<String>,
    /// What it is asked for, by sport and name.
    pub choices: Vec<Choice>,
}

/// One competition of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The competition's key, canonical.
    pub competition: String,
    /// As shown.
    pub name: String,
    /// Of which sport.
    pub sport: Sport,
    /// False when out of season.
    pub is_active: bool,
    /// True when it is asked for.
    pub is_enabled: bool,
    /// How often odds are asked for, in seconds.
    pub interval_s: u32,
    /// How often scores are asked for, in seconds; `None` is never.
    pub scores_interval_s: Option<u32>,
    /// What this would use a day, where the feed is metered.
    pub credits_per_day: Option<u32>,
}

/// A feed to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedForm {
    /// Which feed.
    pub feed: String,
    /// Whether it is asked.
    pub is_enabled: bool,
    /// What happens to its key.
    pub key: KeyChange,
}

/// What happens to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChange {
    /// It stays.
    Keep,
    /// This one takes its place.
    Replace(String),
    /// It is removed.
    Remove,
}

/// A competition to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceForm {
    /// The competition's key.
    pub competition: String,
    /// Whether it is asked for.
    pub is_enabled: bool,
    /// How often odds are asked for, in seconds.
    pub interval_s: u32,
    /// How often scores are asked for, in seconds; `None` is never.
    pub scores_interval_s: Option<u32>,
}

/// Bounds of a feed's intervals, in seconds.
const INTERVALS_S: std::ops::RangeInclusive<u32> = 5..=86_400;

/// Switches a feed and keeps its key.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SaveFeed, prefix = "/ui", endpoint = "save_feed")]
pub(crate) async fn save_feed(
    #[server(default)] feed: String,
    #[server(default)] is_enabled: String,
    #[server(default)] key: String,
    #[server(default)] remove_key: String,
) -> Result<(), AppError> {
    let key = match (remove_key.is_empty(), key.trim()) {
        (false, _) => KeyChange::Remove,
        (true, "") => KeyChange::Keep,
        (true, key) => KeyChange::Replace(key.to_owned()),
    };
    answer(
        backend()?
            .save_feed(FeedForm {
                feed,
                is_enabled: !is_enabled.is_empty(),
                key,
            })
            .await,
    )?;
    done("/feeds", "feed")
}

/// One competition as its form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceEntry {
    /// The competition's key.
    #[serde(default)]
    pub competition: String,
    /// Any text when ticked.
    #[serde(default)]
    pub is_enabled: String,
    /// Seconds.
    #[serde(default)]
    pub interval_s: String,
    /// Seconds; empty is never.
    #[serde(default)]
    pub scores_interval_s: String,
}

impl ChoiceEntry {
    fn read(self, at: usize) -> Result<ChoiceForm, AppError> {
        let scores = Some(self.scores_interval_s.trim()).filter(|text| !text.is_empty());
        Ok(ChoiceForm {
            interval_s: whole(&format!("choices[{at}][interval_s]"), &self.interval_s, INTERVALS_S)?,
            scores_interval_s: scores
                .map(|text| whole(&format!("choices[{at}][scores_interval_s]"), text, INTERVALS_S))
                .transpose()?,
            competition: self.competition,
            is_enabled: !self.is_enabled.is_empty(),
        })
    }
}

/// Changes what a feed is asked for.
///
/// # Errors
/// Field errors, and any [`AppError`] of the backend.
#[server(name = SaveFeedChoices, prefix = "/ui", endpoint = "save_feed_choices")]
pub(crate) async fn save_feed_choices(
    #[server(default)] feed: String,
    #[server(default)] choices: Vec<ChoiceEntry>,
) -> Result<(), AppError> {
    let choices = choices
        .into_iter()
        .enumerate()
        .map(|(at, choice)| choice.read(at))
        .collect::<Result<_, _>>();
    answer(backend()?.save_feed_choices(feed, answer(choices)?).await)?;
    done("/feeds", "choices")
}

/// Feeds, their keys, and what they are asked for.
#[component]
pub fn FeedsPage() -> impl IntoView {
    let save = Problem::of::<SaveFeed>();
    let choose = Problem::of::<SaveFeedChoices>();
    view! {
        <Tab title="Feeds">
            <Done name="feed" text="Saved." />
            <Done name="choices" text="Saved. The schedule follows within a minute." />
            <FormProblem problem=save />
            <FormProblem problem=choose />
            {shown(
                |backend| async move { backend.feeds().await },
                move |feeds: Vec<FeedSettings>| {
                    if feeds.is_empty() {
                        return view! { <Empty title="No feeds">"This build knows no feed."</Empty> }.into_any();
                    }
                    feeds.into_iter().map(|feed| feed_settings(feed, choose)).collect_view().into_any()
                },
            )}
        </Tab>
    }
}

fn feed_settings(feed: FeedSettings, choose: Problem) -> impl IntoView {
    let may_change = Reader::current().is_owner();
    let toggle = format!("enabled-{}", feed.feed);
    let key_field = format!("key-{}", feed.feed);
    let remove = format!("remove-{}", feed.feed);
    let key = feed.needs_key.then(|| {
        let kept = feed.masked_key.clone();
        let hint = match &kept {
            Some(masked) => format!("Kept, sealed: {masked}. Empty leaves it."),
            None => "None yet: the feed is not asked without one.".to_owned(),
        };
        let note = format!("note-{key_field}");
        view! {
            <div class="field">
                <label for=key_field.clone()>"Key"</label>
                <input
                    id=key_field
                    name="key"
                    type="password"
                    autocomplete="off"
                    maxlength="512"
                    disabled=!may_change
                    aria-describedby=note.clone()
                />
                <p class="note" id=note>{hint}</p>
            </div>
            {kept
                .is_some()
                .then(|| {
                    view! {
                        <div class="check">
                            <input id=remove.clone() type="checkbox" name="remove_key" value="yes" disabled=!may_change />
                            <label for=remove>"Remove the key"</label>
                        </div>
                    }
                })}
        }
    });
    let choices = (!feed.choices.is_empty()).then(|| choices_form(&feed, choose, may_change));
    view! {
        <section class="card">
            <header class="heading">
                <h2>{feed.name.clone()} " " {feed.is_demo.then(|| view! { <span class="badge demo">"demo"</span> })}</h2>
            </header>
            <p class="under">{feed.description.clone()}</p>
            <form method="post" action=SaveFeed::PATH class="row wrap">
                <input type="hidden" name="feed" value=feed.feed.clone() />
                <div class="check">
                    <input
                        id=toggle.clone()
                        type="checkbox"
                        name="is_enabled"
                        value="yes"
                        checked=feed.is_enabled
                        disabled=!may_change
                    />
                    <label for=toggle>"Ask this feed"</label>
                </div>
                {key}
                {may_change.then(|| view! { <button>"Save"</button> })}
            </form>
            {choices}
        </section>
    }
}

fn choices_form(feed: &FeedSettings, choose: Problem, may_change: bool) -> impl IntoView + use<> {
    let enabled = feed.choices.iter().filter(|choice| choice.is_enabled).count();
    let planned: u32 = feed
        .choices
        .iter()
        .filter(|choice| choice.is_enabled)
        .filter_map(|choice| choice.credits_per_day)
        .sum();
    let problem = choose;
    let rows = feed
        .choices
        .iter()
        .enumerate()
        .map(|(at, choice)| choice_row(at, choice, problem, may_change))
        .collect_view();
    let is_short = feed.choices.len() <= 12;
    let feed_key = feed.feed.clone();
    let summary = format!("Competitions: {enabled} of {} asked for", feed.choices.len());
    view! {
        <details open=is_short>
            <summary>
                {summary}
                {(planned > 0).then(|| format!(", about {} credits a day", write::count(i64::from(planned))))}
            </summary>
            <form method="post" action=SaveFeedChoices::PATH>
                <input type="hidden" name="feed" value=feed_key />
                <div class="sheet">
                    <table class="cards dense">
                        <caption class="unseen">"What this feed is asked for"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Ask"</th>
                                <th scope="col">"Competition"</th>
                                <th scope="col" class="number">"Odds every, s"</th>
                                <th scope="col" class="number">"Scores every, s"</th>
                                <th scope="col" class="number">"Credits a day"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {may_change.then(|| view! { <button>"Save competitions"</button> })}
            </form>
        </details>
    }
}

fn choice_row(at: usize, choice: &Choice, problem: Problem, may_change: bool) -> impl IntoView + use<> {
    let name = |field: &str| format!("choices[{at}][{field}]");
    let wrong = |field: &str| problem.is_about(&name(field));
    view! {
        <tr>
            <td data-label="Ask">
                <input type="hidden" name=name("competition") value=choice.competition.clone() />
                <input
                    type="checkbox"
                    name=name("is_enabled")
                    value="yes"
                    checked=choice.is_enabled
                    disabled=!may_change
                    aria-label=format!("Ask for {}", choice.name)
                />
            </td>
            <th scope="row">
                {choice.name.clone()}
                <small class="under">{choice.sport.name()} {(!choice.is_active).then_some(" · out of season")}</small>
            </th>
            <td class="number" data-label="Odds every, s">
                <input
                    class="number short"
                    name=name("interval_s")
                    inputmode="numeric"
                    maxlength="6"
                    value=choice.interval_s.to_string()
                    disabled=!may_change
                    aria-label=format!("Seconds between odds of {}", choice.name)
                    aria-invalid=wrong("interval_s")
                />
            </td>
            <td class="number" data-label="Scores every, s">
                <input
                    class="number short"
                    name=name("scores_interval_s")
                    inputmode="numeric"
                    maxlength="6"
                    placeholder="never"
                    value=choice.scores_interval_s.map(|seconds| seconds.to_string()).unwrap_or_default()
                    disabled=!may_change
                    aria-label=format!("Seconds between scores of {}", choice.name)
                    aria-invalid=wrong("scores_interval_s")
                />
            </td>
            <td class="number" data-label="Credits a day">
                {choice.credits_per_day.map_or_else(|| "–".to_owned(), |credits| write::count(i64::from(credits)))}
            </td>
        </tr>
    }
}
