//! A market simulator: invented competitions, teams and bookmakers, priced from one model.
//!
//! Nothing is stored and nothing runs: an answer is computed from the seed, the moment and the request alone, so the
//! past can be asked for in any order and never changes. The parts, from the ground up: `dice` (chance without state),
//! `world` (who plays whom and when), `course` (news before a game and its score), `outlook` (probabilities), `ladder`
//! (price steps), `books` (what each bookmaker makes of it), `wire` (the format), `read` (the way back).
//!
//! At any moment two to four games are live, one starts somewhere about every 40 minutes, and about 70 are listed for
//! the next two days. News comes somewhere about every two minutes and reaches each bookmaker in its own time; slow
//! ones take minutes. So there are arbitrages, steam, stale and palpably wrong prices, suspended and withdrawn markets,
//! postponements, cancellations and results, as in a real market, and always at least one arbitrage before the start.
//!
//! Answers to [`Endpoint::Odds`] leave out games that are over; a postponed or cancelled one is there without books.

mod backfill;
mod books;
mod course;
mod dice;
mod ladder;
mod outlook;
mod read;
mod wire;
mod world;
mod year;

#[cfg(test)]
mod tests;

pub use backfill::{GamePast, backfill};
pub use books::{BOOKS, DemoBook};
pub use year::{YearGame, year};

use crate::{
    Endpoint, Feed, OddsChoice, Payload, PlanError, Policy, PriceFormat, Refusal, Request, Simulation, Wanted,
};
use books::{Asked, Lines};
use course::Course;
use domain::EventStatus;
use domain::reading::Reading;
use std::borrow::Cow;
use std::time::Duration;
use world::{COMPETITIONS, DAY, Fixture, Game, HOUR, LISTED, PAST};

/// The demo feed.
pub struct Demo;

/// Scores reach so many days back.
const MOST_SCORE_DAYS: u8 = 30;

/// The market keys that can be asked for; an answer holds every line and period of each.
const MARKETS: [&str; 4] = ["moneyline", "three_way", "spread", "total"];

impl Feed for Demo {
    fn key(&self) -> &'static str {
        "demo"
    }

    fn name(&self) -> &'static str {
        "Demo market"
    }

    fn policy(&self) -> Policy {
        Policy {
            base_url: None,
            needs_key: false,
            requests_per_second: 1_000,
            concurrent_requests: 4,
            timeout: Duration::from_secs(5),
            max_body_bytes: 16 << 20,
            min_interval: Duration::from_secs(1),
            most_score_days: MOST_SCORE_DAYS,
            terms: "Made up by Overround: no competition, team, player, bookmaker or price in it exists.",
            is_demo: true,
        }
    }

    fn usual_choice(&self) -> OddsChoice {
        OddsChoice {
            regions: Vec::new(),
            bookmakers: Vec::new(),
            markets: MARKETS.map(str::to_owned).to_vec(),
            price_format: PriceFormat::Decimal,
        }
    }

    fn plan(&self, wanted: &Wanted<'_>) -> Result<Vec<Request>, PlanError> {
        let request = match *wanted {
            Wanted::Competitions => request(Endpoint::Competitions, "/competitions".to_owned(), Vec::new()),
            Wanted::Events { competition } => request(Endpoint::Events, events_path(known(competition)?), Vec::new()),
            Wanted::Odds { competition, choice } => {
                let path = format!("/competitions/{}/odds", known(competition)?);
                request(Endpoint::Odds, path, choice_query(choice)?)
            }
            Wanted::EventOdds {
                competition,
                event,
                choice,
            } => {
                let path = format!("{}/{event}/odds", events_path(known(competition)?));
                request(Endpoint::EventOdds, path, choice_query(choice)?)
            }
            Wanted::Scores { competition, days_back } => {
                let path = format!("/competitions/{}/scores", known(competition)?);
                request(
                    Endpoint::Scores,
                    path,
                    vec![("days_back".to_owned(), days_back.to_string())],
                )
            }
            Wanted::EventMarkets { .. }
            | Wanted::Participants { .. }
            | Wanted::PastOdds { .. }
            | Wanted::PastEvents { .. }
            | Wanted::PastEventOdds { .. } => return Ok(Vec::new()),
        };
        Ok(vec![request])
    }

    fn parse<'a>(&self, payload: &Payload<'a>) -> Reading<'a> {
        read::read(payload.body)
    }

    fn refusal(&self, _status: u16, _body: &[u8]) -> Refusal {
        Refusal::Unavailable
    }

    fn answer(&self, request: &Request, simulation: &Simulation) -> Option<Vec<u8>> {
        let at = simulation.now.timestamp();
        let ask = Ask {
            request,
            at,
            seed: simulation.seed,
            from: simulation.began_at.timestamp() - PAST,
        };
        let mut parts = request.path.strip_prefix("/competitions")?.split('/').skip(1);
        let competition = parts.next().and_then(find_competition);
        let rest: Vec<&str> = parts.collect();
        let mut answer = wire::Answer {
            at: wire::write_time(at),
            competitions: Vec::new(),
            events: Vec::new(),
            complete_for: None,
        };
        match (request.endpoint, rest.as_slice()) {
            (Endpoint::Competitions, []) => {
                answer.competitions = (0..COMPETITIONS.len()).map(write_competition).collect();
            }
            (Endpoint::Events, ["events"]) => answer.events = ask.events(competition?),
            (Endpoint::Odds, ["odds"]) => {
                answer.events = ask.odds(competition?, None);
                answer.complete_for = Some(ask.complete_for(competition?));
            }
            (Endpoint::EventOdds, ["events", event, "odds"]) => {
                answer.events = ask.odds(competition?, Some(event));
                answer.complete_for = Some(ask.complete_for(competition?));
            }
            (Endpoint::Scores, ["scores"]) => answer.events = ask.scores(competition?, None),
            (Endpoint::Scores, ["events", event, "scores"]) => answer.events = ask.scores(competition?, Some(event)),
            _ => return None,
        }
        serde_json::to_vec(&answer).ok()
    }
}

fn request(endpoint: Endpoint, path: String, query: Vec<(String, String)>) -> Request {
    Request {
        endpoint,
        path,
        query,
        key_parameter: None,
        credits_at_most: 0,
        price_format: PriceFormat::Decimal,
    }
}

fn events_path(competition: &str) -> String {
    format!("/competitions/{competition}/events")
}

fn find_competition(key: &str) -> Option<usize> {
    COMPETITIONS.iter().position(|competition| competition.key == key)
}

fn known(competition: &str) -> Result<&str, PlanError> {
    let known = || COMPETITIONS.map(|competition| competition.key).join(", ");
    find_competition(competition).map(|_| competition).ok_or_else(|| {
        PlanError(format!(
            "the demo has no competition {competition:?}; it has {}",
            known()
        ))
    })
}

/// The query of a choice; regions mean nothing here, and each bookmaker writes prices its own way.
fn choice_query(choice: &OddsChoice) -> Result<Vec<(String, String)>, PlanError> {
    if let Some(market) = choice.markets.iter().find(|market| !MARKETS.contains(&market.as_str())) {
        return Err(PlanError(format!(
            "the demo has no market {market:?}; it has {}",
            MARKETS.join(", ")
        )));
    }
    if let Some(key) = choice
        .bookmakers
        .iter()
        .find(|key| !BOOKS.iter().any(|book| book.key == key.as_str()))
    {
        let all = BOOKS.map(|book| book.key).join(", ");
        return Err(PlanError(format!("the demo has no bookmaker {key:?}; it has {all}")));
    }
    let list = |name: &str, values: &[String]| (!values.is_empty()).then(|| (name.to_owned(), values.join(",")));
    Ok(
        [list("markets", &choice.markets), list("bookmakers", &choice.bookmakers)]
            .into_iter()
            .flatten()
            .collect(),
    )
}

fn write_competition(position: usize) -> wire::Competition<'static> {
    let competition = &COMPETITIONS[position];
    wire::Competition {
        key: Cow::Borrowed(competition.key),
        name: Cow::Borrowed(competition.name),
        sport: Cow::Owned(competition.game.sport().key().to_owned()),
    }
}

/// A request at a moment of a world.
#[derive(Clone, Copy)]
struct Ask<'a> {
    request: &'a Request,
    at: i64,
    seed: u64,
    /// The world's first listed start.
    from: i64,
}

type Event = wire::Event<'static, wire::Book<'static>>;

impl Ask<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.request
            .query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.parameter(name)?.parse().ok()
    }

    fn list(&self, name: &str) -> Option<Vec<&str>> {
        Some(self.parameter(name)?.split(',').collect())
    }

    /// The games listed by now whose first start is at most so long ago, or one of them, with how they go.
    fn games(
        &self,
        competition: usize,
        only: Option<&str>,
        back: i64,
    ) -> impl Iterator<Item = (Fixture, Course)> + use<> {
        let only = only.map(str::to_owned);
        // Who knows a game by its identifier may ask for it however long ago it was; lists begin where the world began.
        let from = if only.is_some() { i64::MIN } else { self.from };
        world::fixtures(self.seed, competition, from.max(self.at - back), self.at + LISTED)
            .filter(move |fixture| only.as_ref().is_none_or(|id| fixture.id() == *id))
            .map(|fixture| (fixture, Course::new(&fixture)))
    }

    /// Upcoming, live, and for a day those that were called off; or one of them.
    fn open_games(&self, competition: usize, only: Option<&str>) -> impl Iterator<Item = (Fixture, Course)> + use<> {
        let at = self.at;
        self.games(competition, only, DAY + 8 * HOUR)
            .filter(move |(fixture, course)| match fixture.status(at, course.end) {
                EventStatus::Final => false,
                EventStatus::Cancelled => at < fixture.listed_start + DAY,
                EventStatus::Scheduled | EventStatus::Live | EventStatus::Postponed => true,
            })
    }

    fn event(&self, fixture: &Fixture, course: &Course) -> Event {
        wire::Event {
            id: Cow::Owned(fixture.id()),
            competition: write_competition(fixture.competition),
            starts_at: wire::write_time(fixture.start_known(self.at)),
            home: Cow::Borrowed(fixture.home),
            away: Cow::Borrowed(fixture.away),
            status: Cow::Borrowed(fixture.status(self.at, course.end).code()),
            score: None,
            books: Vec::new(),
        }
    }

    fn events(&self, competition: usize) -> Vec<Event> {
        self.open_games(competition, None)
            .map(|(fixture, course)| self.event(&fixture, &course))
            .collect()
    }

    fn odds(&self, competition: usize, only: Option<&str>) -> Vec<Event> {
        let lines = if self.parameter("lines") == Some("main") {
            Lines::MainOnly
        } else {
            Lines::All
        };
        let asked = Asked {
            seed: self.seed,
            at: self.at,
            lines,
        };
        let (books, markets) = (self.list("bookmakers"), self.list("markets"));
        self.open_games(competition, only)
            .map(|(fixture, course)| {
                let mut event = self.event(&fixture, &course);
                let is_open = matches!(
                    fixture.status(self.at, course.end),
                    EventStatus::Scheduled | EventStatus::Live
                );
                event.books = BOOKS
                    .iter()
                    .filter(|book| is_open && books.as_ref().is_none_or(|keys| keys.contains(&book.key)))
                    .filter_map(|book| books::offers(book, &fixture, &course, asked))
                    .collect();
                if let Some(kinds) = &markets {
                    for book in &mut event.books {
                        book.markets.retain(|market| kinds.contains(&&*market.kind));
                    }
                    event.books.retain(|book| !book.markets.is_empty());
                }
                event
            })
            .collect()
    }

    fn complete_for(&self, competition: usize) -> wire::CompleteFor {
        let kinds = self.list("markets");
        let game = COMPETITIONS[competition].game;
        let periods = market_periods(game)
            .iter()
            .filter(|(kind, _)| kinds.as_ref().is_none_or(|kinds| kinds.contains(kind)));
        wire::CompleteFor {
            markets: periods
                .map(|(kind, period)| ((*kind).to_owned(), (*period).to_owned()))
                .collect(),
            bookmakers: self
                .list("bookmakers")
                .map(|keys| keys.into_iter().map(str::to_owned).collect()),
        }
    }

    /// Every game that has begun or was called off, or one of them, back to where it was asked for.
    fn scores(&self, competition: usize, only: Option<&str>) -> Vec<Event> {
        let back = self
            .number("days_back")
            .unwrap_or_default()
            .clamp(0, MOST_SCORE_DAYS.into())
            * DAY;
        self.games(competition, only, back + DAY + 8 * HOUR)
            .filter(|(fixture, course)| match fixture.status(self.at, course.end) {
                EventStatus::Scheduled => false,
                EventStatus::Live | EventStatus::Postponed => true,
                EventStatus::Final => course.end > self.at - back,
                EventStatus::Cancelled => fixture.listed_start > self.at - back.max(DAY),
            })
            .map(|(fixture, course)| {
                let mut event = self.event(&fixture, &course);
                if matches!(
                    fixture.status(self.at, course.end),
                    EventStatus::Live | EventStatus::Final
                ) {
                    let state = course.state(self.at);
                    let updated_at = self.at.min(course.end) - 2;
                    event.score = Some(wire::Score {
                        home: state.home,
                        away: state.away,
                        updated_at: wire::write_time(updated_at),
                    });
                }
                event
            })
            .collect()
    }
}

/// The market kinds and periods of a sport.
const fn market_periods(game: Game) -> &'static [(&'static str, &'static str)] {
    match game {
        Game::Football => &[
            ("three_way", "full_time"),
            ("spread", "full_time"),
            ("total", "full_time"),
        ],
        Game::IceHockey => &[
            ("moneyline", "full_time"),
            ("three_way", "regulation"),
            ("spread", "full_time"),
            ("total", "full_time"),
        ],
        Game::Basketball | Game::AmericanFootball | Game::Tennis => &[
            ("moneyline", "full_time"),
            ("spread", "full_time"),
            ("total", "full_time"),
        ],
    }
}
