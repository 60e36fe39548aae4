//! The demo market: switched on with the first start, filled with two weeks of past, then asked like any feed.

use crate::pipeline::Pipeline;
use crate::pipeline::ingest::Answer;
use chrono::{DateTime, Utc};
use feeds::demo::{Demo, backfill};
use feeds::{Endpoint, Feed, OddsChoice, Payload, PriceFormat, Simulation, Wanted};
use serde_json::json;
use store::{FeedChoice, FeedSettings, StoreError};

/// When the made-up market began.
const BEGAN_AT: &str = "demo_began_at";
/// How far the past has been filled: a moment, or `done`.
const FILLED: &str = "demo_filled_until";
const DONE: &str = "done";
/// How often the demo's prices and scores are asked for, in seconds.
const ODDS_INTERVAL_S: i64 = 10;
const SCORES_INTERVAL_S: i64 = 20;

impl Pipeline {
    /// Switches the demo feed on with every competition it has, unless a person has set it up otherwise; or off.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prepare_demo(&self, is_wanted: bool) -> Result<(), StoreError> {
        let now = self.clock.now();
        let known = self
            .store
            .feed_settings()
            .await?
            .into_iter()
            .find(|settings| settings.key == Demo.key());
        match known {
            Some(settings) if settings.is_enabled && !is_wanted => {
                return self
                    .store
                    .put_feed_settings(&FeedSettings {
                        is_enabled: false,
                        updated_at: now,
                        ..settings
                    })
                    .await;
            }
            Some(_) => return Ok(()),
            None if !is_wanted => return Ok(()),
            None => {}
        }
        self.store
            .put_feed_settings(&FeedSettings {
                key: Demo.key().to_owned(),
                is_enabled: true,
                base_url: None,
                sealed_key: None,
                updated_at: now,
            })
            .await?;
        let choice = OddsChoice {
            regions: Vec::new(),
            bookmakers: Vec::new(),
            markets: vec!["moneyline".into(), "three_way".into(), "spread".into(), "total".into()],
            price_format: PriceFormat::Decimal,
        };
        for key in self.demo_competitions().await? {
            self.store
                .put_feed_choice(&FeedChoice {
                    feed: Demo.key().to_owned(),
                    competition_key: key,
                    is_enabled: true,
                    interval_s: ODDS_INTERVAL_S,
                    scores_interval_s: Some(SCORES_INTERVAL_S),
                    choice: json!(choice),
                })
                .await?;
        }
        Ok(())
    }

    async fn demo_competitions(&self) -> Result<Vec<String>, StoreError> {
        let simulation = self.simulation().await?;
        let requests = Demo.plan(&Wanted::Competitions).unwrap_or_default();
        let bodies: Vec<Vec<u8>> = requests
            .iter()
            .filter_map(|request| Demo.answer(request, &simulation))
            .collect();
        Ok(bodies
            .iter()
            .flat_map(|body| {
                let payload = Payload {
                    endpoint: Endpoint::Competitions,
                    body,
                    received_at: simulation.now,
                    price_format: None,
                    query: &[],
                };
                Demo.parse(&payload)
                    .competitions
                    .into_iter()
                    .map(|read| read.feed_key.into_owned())
                    .collect::<Vec<_>>()
            })
            .collect())
    }

    /// The demo's world at this moment.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn simulation(&self) -> Result<Simulation, StoreError> {
        let began_at = self.demo_began_at.get_or_try_init(|| self.read_demo_began_at()).await?;
        Ok(Simulation {
            seed: self.demo_seed,
            now: self.clock.now(),
            began_at: *began_at,
        })
    }

    async fn read_demo_began_at(&self) -> Result<DateTime<Utc>, StoreError> {
        let stored = self
            .store
            .setting(BEGAN_AT)
            .await?
            .and_then(|value| serde_json::from_value(value).ok());
        if let Some(began_at) = stored {
            return Ok(began_at);
        }
        let now = self.clock.now();
        self.store.set_setting(BEGAN_AT, &json!(now)).await?;
        Ok(now)
    }

    /// True when the demo's past lies in the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_demo_filled(&self) -> Result<bool, StoreError> {
        Ok(self
            .store
            .setting(FILLED)
            .await?
            .is_some_and(|value| value == json!(DONE)))
    }

    /// Fills the demo's past: every answer it would have given, taken in as of its time. Interrupted, it goes on where it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fill_demo(&self) -> Result<(), StoreError> {
        let stored = self.store.setting(FILLED).await?;
        if stored.as_ref().is_some_and(|value| *value == json!(DONE)) {
            return Ok(());
        }
        let filled_until: Option<DateTime<Utc>> = stored.and_then(|value| serde_json::from_value(value).ok());
        let simulation = self.simulation().await?;
        let mut taken = 0_usize;
        for (at, request) in backfill(simulation.seed, simulation.began_at) {
            if filled_until.is_some_and(|until| at < until) {
                continue;
            }
            let Some(body) = Demo.answer(&request, &Simulation { now: at, ..simulation }) else {
                continue;
            };
            let answer = Answer {
                endpoint: request.endpoint,
                competition: None,
                request: &request.path,
                query: &request.query,
                body: &body,
                received_at: at,
                price_format: Some(request.price_format),
            };
            self.ingest(&Demo, answer).await?;
            taken += 1;
            if taken.is_multiple_of(50) {
                self.store.set_setting(FILLED, &json!(at)).await?;
            }
        }
        self.store.set_setting(FILLED, &json!(DONE)).await?;
        tracing::info!(answers = taken, "the demo market's past is filled");
        Ok(())
    }
}
