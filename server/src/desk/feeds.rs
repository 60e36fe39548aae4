//! The settings of feeds: which are asked, with which key, for what and how often. The scheduler reads them anew, so a
//! change needs no restart.

use crate::http::errors::{ApiError, ApiResult};
use crate::http::live::News;
use crate::pipeline::breaker;
use crate::pipeline::work::{SCORE_DAYS, key_purpose};
use crate::state::AppState;
use domain::{Sport, UserId};
use feeds::{FEEDS, Feed, OddsChoice, Wanted, find_feed};
use serde_json::json;
use store::{Breaker, FeedChoice, FeedSettings, FeedState};

/// How often odds are asked for where nobody chose, in seconds.
const USUAL_INTERVAL_S: u32 = 900;
/// The longest interval that makes sense, in seconds.
const MAX_INTERVAL_S: u32 = 7 * 24 * 3600;
/// The longest key and address that are taken.
const MAX_KEY_BYTES: usize = 256;
const MAX_URL_BYTES: usize = 500;
const DAY_S: u32 = 24 * 3600;

/// One feed as it is set up.
pub struct FeedSetup {
    /// The feed.
    pub feed: &'static dyn Feed,
    /// How it is set up; as usual where nobody did.
    pub settings: FeedSettings,
    /// Its competitions by sport and name.
    pub competitions: Vec<CompetitionSetup>,
}

/// What is fetched of one competition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompetitionSetup {
    /// The feed's key of it.
    pub key: String,
    /// As shown.
    pub name: String,
    /// Of which sport.
    pub sport: Sport,
    /// False when out of season.
    pub is_active: bool,
    /// True when it is fetched.
    pub is_enabled: bool,
    /// Seconds between two fetches of its odds.
    pub interval_s: u32,
    /// Seconds between two fetches of its scores; `None` is never.
    pub scores_interval_s: Option<u32>,
    /// Which odds.
    pub choice: OddsChoice,
}

/// What happens to a feed's key.
#[derive(Clone, PartialEq, Eq)]
pub enum KeyChange {
    /// It stays.
    Keep,
    /// This one takes its place.
    Replace(String),
    /// It is removed.
    Remove,
}

/// A change of how a competition is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceChange {
    /// The feed's key of the competition.
    pub competition: String,
    /// Whether it is fetched.
    pub is_enabled: bool,
    /// Seconds between two fetches of its odds.
    pub interval_s: u32,
    /// Seconds between two fetches of its scores; `None` is never.
    pub scores_interval_s: Option<u32>,
}

impl FeedSetup {
    /// The shortest interval of what is fetched of odds; `None` when nothing is.
    pub fn promised_every_s(&self) -> Option<u32> {
        self.enabled().map(|competition| competition.interval_s).min()
    }

    /// What the schedule uses a day; `None` where the feed does not count.
    pub fn credits_per_day(&self) -> Option<u32> {
        self.enabled()
            .filter_map(|competition| competition.credits_per_day(self.feed))
            .reduce(u32::saturating_add)
    }

    fn enabled(&self) -> impl Iterator<Item = &CompetitionSetup> {
        self.competitions.iter().filter(|competition| competition.is_enabled)
    }
}

impl CompetitionSetup {
    /// What fetching this uses a day; `None` where the feed does not count or the choice cannot be asked for.
    pub fn credits_per_day(&self, feed: &dyn Feed) -> Option<u32> {
        let cost = |wanted: &Wanted<'_>| -> u32 {
            feed.plan(wanted)
                .unwrap_or_default()
                .iter()
                .map(|request| request.credits_at_most)
                .sum()
        };
        let odds = cost(&Wanted::Odds {
            competition: &self.key,
            choice: &self.choice,
        });
        let scores = cost(&Wanted::Scores {
            competition: &self.key,
            days_back: SCORE_DAYS,
        });
        let a_day =
            |cost: u32, interval_s: u32| (u64::from(cost) * u64::from(DAY_S)).div_ceil(u64::from(interval_s.max(1)));
        let scores_a_day = self.scores_interval_s.map_or(0, |interval_s| a_day(scores, interval_s));
        (odds > 0).then(|| u32::try_from(a_day(odds, self.interval_s) + scores_a_day).unwrap_or(u32::MAX))
    }
}

/// How every feed is set up, in the order of [`FEEDS`].
///
/// # Errors
/// When the database does not answer.
pub async fn list(state: &AppState) -> ApiResult<Vec<FeedSetup>> {
    let settings = state.store.feed_settings().await?;
    let mut setups = Vec::with_capacity(FEEDS.len());
    for feed in FEEDS.iter().copied() {
        let known = settings.iter().find(|settings| settings.key == feed.key()).cloned();
        setups.push(FeedSetup {
            feed,
            settings: known.unwrap_or_else(|| usual_settings(state, feed)),
            competitions: competitions(state, feed).await?,
        });
    }
    Ok(setups)
}

fn usual_settings(state: &AppState, feed: &dyn Feed) -> FeedSettings {
    FeedSettings {
        key: feed.key().to_owned(),
        is_enabled: false,
        base_url: None,
        sealed_key: None,
        updated_at: state.clock.now(),
    }
}

async fn competitions(state: &AppState, feed: &dyn Feed) -> ApiResult<Vec<CompetitionSetup>> {
    let chosen = state.store.feed_choices(Some(feed.key())).await?;
    let known = state.store.feed_competitions(feed.key()).await?;
    let usual_interval_s = USUAL_INTERVAL_S.max(min_interval_s(feed));
    Ok(known
        .into_iter()
        .filter(|competition| !competition.has_outrights)
        .map(|competition| {
            let choice = chosen
                .iter()
                .find(|choice| choice.competition_key == competition.feed_key);
            let seconds = |seconds: i64| u32::try_from(seconds).unwrap_or(MAX_INTERVAL_S);
            CompetitionSetup {
                key: competition.feed_key,
                name: competition.name,
                sport: competition.sport,
                is_active: competition.is_active,
                is_enabled: choice.is_some_and(|choice| choice.is_enabled),
                interval_s: choice.map_or(usual_interval_s, |choice| seconds(choice.interval_s)),
                scores_interval_s: choice.and_then(|choice| choice.scores_interval_s).map(seconds),
                choice: choice
                    .and_then(|choice| serde_json::from_value(choice.choice.clone()).ok())
                    .unwrap_or_else(|| feed.usual_choice()),
            }
        })
        .collect())
}

fn min_interval_s(feed: &dyn Feed) -> u32 {
    u32::try_from(feed.policy().min_interval.as_secs())
        .unwrap_or(MAX_INTERVAL_S)
        .max(1)
}

fn known_feed(key: &str) -> ApiResult<&'static dyn Feed> {
    find_feed(key).ok_or_else(|| ApiError::not_found("feed"))
}

/// The key with all but its last characters hidden; `None` when there is none.
pub fn masked_key(state: &AppState, settings: &FeedSettings) -> Option<String> {
    let sealed = settings.sealed_key.as_deref()?;
    let Ok(key) = state.vault.open(&key_purpose(&settings.key), sealed) else {
        return Some("cannot be opened; enter it again".to_owned());
    };
    Some(mask(&String::from_utf8_lossy(&key)))
}

fn mask(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    // Of a short key even four letters would tell too much.
    let shown = if letters.len() >= 12 {
        &letters[letters.len() - 4..]
    } else {
        &[]
    };
    format!("\u{2022}\u{2022}\u{2022}\u{2022}{}", shown.iter().collect::<String>())
}

/// Switches a feed, changes its key and, where one is given, its address (empty: the usual one). A new key lets a feed
/// that was stopped or waits be asked at once.
///
/// # Errors
/// 404 for an unknown feed, field errors on `key` and `base_url`.
pub async fn save(
    state: &AppState,
    actor: UserId,
    feed: &str,
    is_enabled: bool,
    key: KeyChange,
    base_url: Option<&str>,
) -> ApiResult<()> {
    let feed = known_feed(feed)?;
    let before = state
        .store
        .feed_settings()
        .await?
        .into_iter()
        .find(|settings| settings.key == feed.key());
    let before = before.unwrap_or_else(|| usual_settings(state, feed));
    let is_new_key = matches!(key, KeyChange::Replace(_));
    let sealed_key = match key {
        KeyChange::Keep => before.sealed_key.clone(),
        KeyChange::Remove => None,
        KeyChange::Replace(key) => Some(state.vault.seal(
            &key_purpose(feed.key()),
            read_key(feed, &key)?.as_bytes(),
            &*state.entropy,
        )),
    };
    if is_enabled && feed.policy().needs_key && sealed_key.is_none() {
        return Err(ApiError::field(
            "key",
            format!("{} needs a key before it can be switched on", feed.name()),
        ));
    }
    let base_url = match base_url {
        Some(url) => read_base_url(feed, url)?,
        None => before.base_url.clone(),
    };
    let is_fresh_start = is_new_key || (is_enabled && !before.is_enabled) || base_url != before.base_url;
    let now = state.clock.now();
    let detail = json!({"is_enabled": is_enabled, "is_new_key": is_new_key, "has_key": sealed_key.is_some(), "base_url": base_url});
    let settings = FeedSettings {
        key: feed.key().to_owned(),
        is_enabled,
        base_url,
        sealed_key,
        updated_at: now,
    };
    state.store.put_feed_settings(&settings).await?;
    if is_fresh_start {
        start_afresh(state, feed).await?;
    }
    state
        .store
        .audit(now, Some(actor), "save_feed", &format!("feed:{}", feed.key()), &detail)
        .await?;
    state.live.tell(News::Health);
    Ok(())
}

/// What stopped the feed or made it wait was a matter of the settings before.
async fn start_afresh(state: &AppState, feed: &dyn Feed) -> ApiResult<()> {
    let known = state
        .store
        .feed_state(feed.key())
        .await?
        .unwrap_or_else(|| breaker::fresh(feed.key()));
    let fresh = FeedState {
        breaker: Breaker::Closed,
        open_until: None,
        consecutive_failures: 0,
        message: None,
        stopped_reason: None,
        ..known
    };
    Ok(state.store.put_feed_state(&fresh).await?)
}

fn read_key<'k>(feed: &dyn Feed, key: &'k str) -> ApiResult<&'k str> {
    let key = key.trim();
    if !feed.policy().needs_key {
        return Err(ApiError::field("key", format!("{} takes no key", feed.name())));
    }
    if key.is_empty() || key.len() > MAX_KEY_BYTES || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::field(
            "key",
            "enter the key as the feed gave it: letters, digits and marks without spaces",
        ));
    }
    Ok(key)
}

fn read_base_url(feed: &dyn Feed, url: &str) -> ApiResult<Option<String>> {
    let url = url.trim().trim_end_matches('/');
    if url.is_empty() {
        return Ok(None);
    }
    if feed.policy().base_url.is_none() {
        return Err(ApiError::field(
            "base_url",
            format!("{} is not asked over the network", feed.name()),
        ));
    }
    let is_fit = url.len() <= MAX_URL_BYTES
        && reqwest::Url::parse(url).is_ok_and(|parsed| {
            matches!(parsed.scheme(), "http" | "https")
                && parsed.has_host()
                && parsed.username().is_empty()
                && parsed.password().is_none()
                && parsed.query().is_none()
                && parsed.fragment().is_none()
        });
    if is_fit {
        Ok(Some(url.to_owned()))
    } else {
        Err(ApiError::field(
            "base_url",
            "enter an address such as https://api.example.org, without user, query or fragment",
        ))
    }
}

/// Changes how competitions are fetched; those not named stay as they are. All are checked before any is changed.
///
/// # Errors
/// 404 for an unknown feed; field errors `choices[N][competition]`, `choices[N][interval_s]` and
/// `choices[N][scores_interval_s]` with `N` the position.
pub async fn save_choices(state: &AppState, actor: UserId, feed: &str, changes: &[ChoiceChange]) -> ApiResult<()> {
    let feed = known_feed(feed)?;
    let known = competitions(state, feed).await?;
    let mut choices = Vec::with_capacity(changes.len());
    for (at, change) in changes.iter().enumerate() {
        choices.push(read_choice(feed, &known, at, change)?);
    }
    for choice in &choices {
        state.store.put_feed_choice(choice).await?;
    }
    let named: Vec<&str> = changes.iter().map(|change| change.competition.as_str()).collect();
    let detail = json!({"competitions": named});
    state
        .store
        .audit(
            state.clock.now(),
            Some(actor),
            "save_feed_choices",
            &format!("feed:{}", feed.key()),
            &detail,
        )
        .await?;
    state.live.tell(News::Health);
    Ok(())
}

fn read_choice(feed: &dyn Feed, known: &[CompetitionSetup], at: usize, change: &ChoiceChange) -> ApiResult<FeedChoice> {
    let field = |name: &str| format!("choices[{at}][{name}]");
    let setup = known
        .iter()
        .find(|setup| setup.key == change.competition)
        .ok_or_else(|| ApiError::field(field("competition"), format!("{} has no such competition", feed.name())))?;
    let within = min_interval_s(feed)..=MAX_INTERVAL_S;
    let check = |name: &str, seconds: u32| {
        if within.contains(&seconds) {
            return Ok(());
        }
        let (least, most) = (within.start(), within.end());
        Err(ApiError::field(
            field(name),
            format!(
                "use {least} to {most} seconds; {} brings nothing new sooner",
                feed.name()
            ),
        ))
    };
    check("interval_s", change.interval_s)?;
    if let Some(seconds) = change.scores_interval_s {
        check("scores_interval_s", seconds)?;
    }
    if change.is_enabled {
        let competition = change.competition.as_str();
        check_plan(
            feed,
            &Wanted::Odds {
                competition,
                choice: &setup.choice,
            },
            "odds",
        )
        .map_err(|problem| ApiError::field(field("interval_s"), problem))?;
        if change.scores_interval_s.is_some() {
            check_plan(
                feed,
                &Wanted::Scores {
                    competition,
                    days_back: SCORE_DAYS,
                },
                "scores",
            )
            .map_err(|problem| ApiError::field(field("scores_interval_s"), problem))?;
        }
    }
    Ok(FeedChoice {
        feed: feed.key().to_owned(),
        competition_key: change.competition.clone(),
        is_enabled: change.is_enabled,
        interval_s: i64::from(change.interval_s),
        scores_interval_s: change.scores_interval_s.map(i64::from),
        choice: json!(setup.choice),
    })
}

/// The vendor's own rules decide what can be asked for.
fn check_plan(feed: &dyn Feed, wanted: &Wanted<'_>, what: &str) -> Result<(), String> {
    match feed.plan(wanted) {
        Ok(requests) if requests.is_empty() => Err(format!("{} has no {what} of this", feed.name())),
        Ok(_) => Ok(()),
        Err(problem) => Err(problem.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feeds::demo::Demo;
    use feeds::the_odds_api::TheOddsApi;

    fn setup(key: &str, interval_s: u32, scores_interval_s: Option<u32>, choice: OddsChoice) -> CompetitionSetup {
        CompetitionSetup {
            key: key.into(),
            name: key.into(),
            sport: Sport::BASKETBALL,
            is_active: true,
            is_enabled: true,
            interval_s,
            scores_interval_s,
            choice,
        }
    }

    fn change(competition: &str, interval_s: u32, scores_interval_s: Option<u32>) -> ChoiceChange {
        ChoiceChange {
            competition: competition.into(),
            is_enabled: true,
            interval_s,
            scores_interval_s,
        }
    }

    fn blamed(error: &ApiError) -> &str {
        error.entries()[0].field.as_deref().unwrap_or_default()
    }

    #[test]
    fn a_key_shows_its_last_letters_only_when_it_is_long() {
        assert_eq!(mask("0123456789abcdef"), "\u{2022}\u{2022}\u{2022}\u{2022}cdef");
        assert_eq!(mask("short"), "\u{2022}\u{2022}\u{2022}\u{2022}");
    }

    #[test]
    fn an_address_is_http_and_holds_no_secret() {
        let read = |url: &str| read_base_url(&TheOddsApi, url);
        assert_eq!(
            read(" https://odds.example.org/ ").unwrap().as_deref(),
            Some("https://odds.example.org")
        );
        assert_eq!(read("").unwrap(), None);
        for wrong in [
            "ftp://example.org",
            "file:///etc/passwd",
            "nonsense",
            "https://a:b@example.org",
            "https://example.org/?k=1",
        ] {
            assert_eq!(blamed(&read(wrong).unwrap_err()), "base_url", "{wrong}");
        }
        assert!(read_base_url(&Demo, "https://example.org").is_err());
    }

    #[test]
    fn what_a_choice_uses_a_day_follows_from_its_intervals() {
        let usual = TheOddsApi.usual_choice();
        // Three markets in one region are 3 credits, scores of a day back 2.
        assert_eq!(
            setup("basketball_nba", 3600, None, usual.clone()).credits_per_day(&TheOddsApi),
            Some(72)
        );
        assert_eq!(
            setup("basketball_nba", 3600, Some(7200), usual).credits_per_day(&TheOddsApi),
            Some(72 + 24)
        );
    }

    #[test]
    fn a_wrong_choice_names_its_place_and_field() {
        let mut one_by_one = TheOddsApi.usual_choice();
        one_by_one.markets = vec!["player_points".into()];
        let known = [
            setup("basketball_nba", 900, None, TheOddsApi.usual_choice()),
            setup("icehockey_nhl", 900, None, one_by_one),
        ];
        let read = |at, change: &ChoiceChange| read_choice(&TheOddsApi, &known, at, change);
        assert_eq!(
            blamed(&read(2, &change("basketball_nba", 5, None)).unwrap_err()),
            "choices[2][interval_s]"
        );
        assert_eq!(
            blamed(&read(0, &change("basketball_nba", 900, Some(0))).unwrap_err()),
            "choices[0][scores_interval_s]"
        );
        assert_eq!(
            blamed(&read(1, &change("cricket_ipl", 900, None)).unwrap_err()),
            "choices[1][competition]"
        );
        let vendors = read(3, &change("icehockey_nhl", 900, None)).unwrap_err();
        assert_eq!(blamed(&vendors), "choices[3][interval_s]");
        assert!(vendors.entries()[0].detail.contains("event by event"));
        let fine = read(0, &change("basketball_nba", 900, Some(600))).unwrap();
        assert_eq!((fine.interval_s, fine.scores_interval_s), (900, Some(600)));
        assert_eq!(
            serde_json::from_value::<OddsChoice>(fine.choice).unwrap(),
            TheOddsApi.usual_choice()
        );
    }
}
