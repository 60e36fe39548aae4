//! The demo market: switched on with the first start, filled with what stands now and two weeks of past, and asked like
//! any feed.
//!
//! Each game's past is taken in as one, up to its result or to now. So at no moment, and after no interruption, does a game
//! look as it did long ago. What is not over comes first.

use crate::pipeline::Pipeline;
use crate::pipeline::ingest::Answer;
use chrono::{DateTime, Utc};
use feeds::demo::{Demo, GamePast, backfill};
use feeds::{Endpoint, Feed, OddsChoice, Payload, PriceFormat, Request, Simulation, Wanted};
use serde_json::json;
use store::{FeedChoice, FeedSettings, StoreError};

/// When the made-up market began.
const BEGAN_AT: &str = "demo_began_at";
/// How far the past is filled: the moment down to which every game is in, by when ordinary answers stopped to speak of it;
/// or `done`. Nothing as long as games are missing that ordinary answers speak of.
const FILLED: &str = "demo_filled_until";
const DONE: &str = "done";
/// After how many games it is noted how far the past is filled.
const NOTED_EVERY: usize = 20;
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

    /// True when every game that an ordinary answer of the demo can speak of is in the database with its past. Before that
    /// the demo is not asked: an answer about a game must not come before those of its past.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_demo_current(&self) -> Result<bool, StoreError> {
        Ok(self.store.setting(FILLED).await?.is_some())
    }

    /// Fills the demo's past: first every game that is not over or only just, and what can be made of them; then the others,
    /// the latest first. Interrupted, it goes on where it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fill_demo(&self) -> Result<(), StoreError> {
        let stored = self.store.setting(FILLED).await?;
        if stored.as_ref().is_some_and(|value| *value == json!(DONE)) {
            return Ok(());
        }
        let simulation = self.simulation().await?;
        let games = backfill(simulation.seed, simulation.began_at, simulation.now);
        let is_told = |game: &GamePast| game.told_until.is_none_or(|until| until > simulation.now);
        let (told, untold) = games.split_at(games.partition_point(is_told));
        let stored = stored.and_then(|value| serde_json::from_value::<DateTime<Utc>>(value).ok());
        let filled_until = if let Some(until) = stored {
            until
        } else {
            let (open, over) = told.split_at(told.partition_point(|game| game.told_until.is_none()));
            self.fill_games(open).await?;
            self.evaluate_changed().await?;
            self.fill_games(over).await?;
            self.store.set_setting(FILLED, &json!(simulation.now)).await?;
            tracing::info!("the demo market is where it stands now");
            simulation.now
        };
        let left = untold
            .iter()
            .filter(|game| game.told_until.is_some_and(|until| until <= filled_until));
        for (number, game) in (1..).zip(left) {
            self.fill_game(game).await?;
            if number % NOTED_EVERY == 0 {
                self.store.set_setting(FILLED, &json!(game.told_until)).await?;
            }
        }
        self.store.set_setting(FILLED, &json!(DONE)).await?;
        tracing::info!("the demo market's past is filled");
        Ok(())
    }

    /// Fills games of which ordinary answers speak, unless another process was faster and the demo is asked by now.
    async fn fill_games(&self, games: &[GamePast]) -> Result<(), StoreError> {
        for game in games {
            if self.is_demo_current().await? {
                break;
            }
            self.fill_game(game).await?;
        }
        Ok(())
    }

    /// Takes the past of one game in as one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fill_game(&self, game: &GamePast) -> Result<(), StoreError> {
        let simulation = &self.simulation().await?;
        let answer = |(at, request): &(DateTime<Utc>, Request)| {
            Demo.answer(
                request,
                &Simulation {
                    now: *at,
                    ..*simulation
                },
            )
        };
        let bodies: Vec<_> = game.questions.iter().map(answer).collect();
        let answers: Vec<_> = game
            .questions
            .iter()
            .zip(&bodies)
            .filter_map(|((at, request), body)| {
                Some(Answer {
                    endpoint: request.endpoint,
                    competition: None,
                    request: &request.path,
                    query: &request.query,
                    body: body.as_deref()?,
                    received_at: *at,
                    price_format: Some(request.price_format),
                })
            })
            .collect();
        self.ingest_as_one(&Demo, &answers).await
    }
}
