//! What to ask for: the vendor's ten endpoints.

use crate::{Endpoint, OddsChoice, PlanError, PriceFormat, Request, Wanted};
use chrono::{DateTime, Utc};

/// The query parameter in which the key travels.
const KEY_PARAMETER: &str = "apiKey";

/// Market keys that the endpoints of whole competitions know; all others are asked event by event.
const FEATURED_MARKETS: [&str; 6] = ["h2h", "h2h_lay", "spreads", "totals", "outrights", "outrights_lay"];

/// So many named bookmakers cost as much as one region.
const BOOKMAKERS_PER_REGION: usize = 10;

/// An answer about the past costs so many times an answer about now.
const PAST_FACTOR: usize = 10;

/// Scores reach so many days back; one costs as much as all.
pub(super) const MOST_SCORE_DAYS: u8 = 3;

/// Recording of the past began on 6 June 2020.
const PAST_BEGINS: i64 = 1_591_401_600;

/// The requests for what is wanted: always one.
pub(super) fn plan(wanted: &Wanted<'_>) -> Result<Vec<Request>, PlanError> {
    let request = match *wanted {
        Wanted::Competitions => Draft::new(Endpoint::Competitions, "/v4/sports/".to_owned()).with("all", "true"),
        Wanted::Events { competition } => {
            Draft::new(Endpoint::Events, format!("/v4/sports/{}/events", key(competition)?)).with("dateFormat", "iso")
        }
        Wanted::Odds { competition, choice } => {
            let path = format!("/v4/sports/{}/odds/", key(competition)?);
            Draft::new(Endpoint::Odds, path).with_featured_odds(choice, 1)?
        }
        Wanted::EventOdds {
            competition,
            event,
            choice,
        } => {
            let path = format!("/v4/sports/{}/events/{}/odds", key(competition)?, id(event)?);
            Draft::new(Endpoint::EventOdds, path).with_odds(choice, 1)?
        }
        Wanted::EventMarkets {
            competition,
            event,
            choice,
        } => {
            let path = format!("/v4/sports/{}/events/{}/markets", key(competition)?, id(event)?);
            Draft::new(Endpoint::EventMarkets, path)
                .with_bookmakers(choice)?
                .with("dateFormat", "iso")
                .costing(1)
        }
        Wanted::Participants { competition } => {
            let path = format!("/v4/sports/{}/participants", key(competition)?);
            Draft::new(Endpoint::Participants, path).costing(1)
        }
        Wanted::Scores { competition, days_back } => {
            let draft = Draft::new(Endpoint::Scores, format!("/v4/sports/{}/scores/", key(competition)?));
            let draft = match days_back {
                0 => draft.costing(1),
                1..=MOST_SCORE_DAYS => draft.with("daysFrom", &days_back.to_string()).costing(2),
                _ => {
                    return Err(PlanError(format!(
                        "scores reach {MOST_SCORE_DAYS} days back at most, not {days_back}"
                    )));
                }
            };
            draft.with("dateFormat", "iso")
        }
        Wanted::PastOdds {
            competition,
            at,
            choice,
        } => {
            let path = format!("/v4/historical/sports/{}/odds", key(competition)?);
            Draft::new(Endpoint::PastOdds, path)
                .at(at)?
                .with_featured_odds(choice, PAST_FACTOR)?
        }
        Wanted::PastEvents { competition, at } => {
            let path = format!("/v4/historical/sports/{}/events", key(competition)?);
            Draft::new(Endpoint::PastEvents, path)
                .at(at)?
                .with("dateFormat", "iso")
                .costing(1)
        }
        Wanted::PastEventOdds {
            competition,
            event,
            at,
            choice,
        } => {
            let path = format!("/v4/historical/sports/{}/events/{}/odds", key(competition)?, id(event)?);
            Draft::new(Endpoint::PastEventOdds, path)
                .at(at)?
                .with_odds(choice, PAST_FACTOR)?
        }
    };
    Ok(vec![request.0])
}

/// A request in the making.
struct Draft(Request);

impl Draft {
    fn new(endpoint: Endpoint, path: String) -> Self {
        Self(Request {
            endpoint,
            path,
            query: Vec::new(),
            key_parameter: Some(KEY_PARAMETER),
            credits_at_most: 0,
            price_format: PriceFormat::Decimal,
        })
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.0.query.push((name.to_owned(), value.to_owned()));
        self
    }

    fn costing(mut self, credits: u32) -> Self {
        self.0.credits_at_most = credits;
        self
    }

    fn at(self, at: DateTime<Utc>) -> Result<Self, PlanError> {
        if at.timestamp() < PAST_BEGINS {
            return Err(PlanError(format!(
                "recorded odds begin on 2020-06-06; {} is before that",
                at.date_naive()
            )));
        }
        Ok(self.with("date", &at.format("%Y-%m-%dT%H:%M:%SZ").to_string()))
    }

    fn with_bookmakers(self, choice: &OddsChoice) -> Result<Self, PlanError> {
        if choice.bookmakers.is_empty() {
            if choice.regions.is_empty() {
                return Err(PlanError("name at least one region or one bookmaker".to_owned()));
            }
            Ok(self.with("regions", &list("region", &choice.regions)?))
        } else {
            Ok(self.with("bookmakers", &list("bookmaker", &choice.bookmakers)?))
        }
    }

    fn with_odds(self, choice: &OddsChoice, factor: usize) -> Result<Self, PlanError> {
        if choice.markets.is_empty() {
            return Err(PlanError("name at least one market".to_owned()));
        }
        let regions = if choice.bookmakers.is_empty() {
            choice.regions.len()
        } else {
            choice.bookmakers.len().div_ceil(BOOKMAKERS_PER_REGION)
        };
        let credits = choice.markets.len().saturating_mul(regions).saturating_mul(factor);
        let mut draft = self
            .with_bookmakers(choice)?
            .with("markets", &list("market", &choice.markets)?)
            .with(
                "oddsFormat",
                match choice.price_format {
                    PriceFormat::Decimal => "decimal",
                    PriceFormat::American => "american",
                },
            )
            .with("dateFormat", "iso")
            .costing(u32::try_from(credits).unwrap_or(u32::MAX));
        draft.0.price_format = choice.price_format;
        Ok(draft)
    }

    fn with_featured_odds(self, choice: &OddsChoice, factor: usize) -> Result<Self, PlanError> {
        if let Some(market) = choice
            .markets
            .iter()
            .find(|market| !FEATURED_MARKETS.contains(&market.as_str()))
        {
            return Err(PlanError(format!(
                "market {} is only offered event by event; a whole competition has h2h, spreads, totals and outrights",
                shown(market)
            )));
        }
        self.with_odds(choice, factor)
    }
}

/// Keys joined by commas, each of them checked, none of them twice (a repeated one would be charged twice).
fn list(what: &str, keys: &[String]) -> Result<String, PlanError> {
    for (at, key) in keys.iter().enumerate() {
        if !is_key(key) {
            return Err(PlanError(format!(
                "{what} {} is not a key: keys are lower-case letters, digits and _",
                shown(key)
            )));
        }
        if keys[..at].contains(key) {
            return Err(PlanError(format!("{what} {} is named twice", shown(key))));
        }
    }
    Ok(keys.join(","))
}

fn key(competition: &str) -> Result<&str, PlanError> {
    if is_key(competition) {
        Ok(competition)
    } else {
        Err(PlanError(format!(
            "competition {} is not a key: keys are lower-case letters, digits and _, as in basketball_nba",
            shown(competition)
        )))
    }
}

fn id(event: &str) -> Result<&str, PlanError> {
    let is_id = (1..=64).contains(&event.len()) && event.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id {
        Ok(event)
    } else {
        Err(PlanError(format!(
            "event {} is not an id: ids are letters and digits",
            shown(event)
        )))
    }
}

fn is_key(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// What a person typed, quoted and cut to a readable length.
fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn choice(regions: &[&str], bookmakers: &[&str], markets: &[&str]) -> OddsChoice {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        OddsChoice {
            regions: owned(regions),
            bookmakers: owned(bookmakers),
            markets: owned(markets),
            price_format: PriceFormat::American,
        }
    }

    /// Path and query as one text, and the credits.
    fn planned(wanted: &Wanted<'_>) -> (String, u32) {
        let [request] = <[Request; 1]>::try_from(plan(wanted).unwrap()).unwrap();
        assert_eq!(request.key_parameter, Some("apiKey"));
        let query: Vec<_> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (format!("{}?{}", request.path, query.join("&")), request.credits_at_most)
    }

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[test]
    fn every_endpoint_has_its_path_its_parameters_and_its_price() {
        let three = choice(&["us", "eu"], &[], &["h2h", "spreads", "totals"]);
        let books = choice(
            &["us"],
            &["one", "two", "three"],
            &["player_points", "alternate_spreads"],
        );
        let (nba, event) = ("basketball_nba", "a1b2");
        for (wanted, expected, credits) in [
            (Wanted::Competitions, "/v4/sports/?all=true", 0),
            (
                Wanted::Events { competition: nba },
                "/v4/sports/basketball_nba/events?dateFormat=iso",
                0,
            ),
            (
                Wanted::Odds {
                    competition: "upcoming",
                    choice: &three,
                },
                "/v4/sports/upcoming/odds/?regions=us,eu&markets=h2h,spreads,totals&oddsFormat=american&dateFormat=iso",
                6,
            ),
            (
                Wanted::EventOdds {
                    competition: nba,
                    event,
                    choice: &books,
                },
                "/v4/sports/basketball_nba/events/a1b2/odds?bookmakers=one,two,three&markets=player_points,alternate_spreads&oddsFormat=american&dateFormat=iso",
                2,
            ),
            (
                Wanted::EventMarkets {
                    competition: nba,
                    event,
                    choice: &choice(&["us"], &[], &[]),
                },
                "/v4/sports/basketball_nba/events/a1b2/markets?regions=us&dateFormat=iso",
                1,
            ),
            (
                Wanted::Participants { competition: nba },
                "/v4/sports/basketball_nba/participants?",
                1,
            ),
            (
                Wanted::Scores {
                    competition: nba,
                    days_back: 0,
                },
                "/v4/sports/basketball_nba/scores/?dateFormat=iso",
                1,
            ),
            (
                Wanted::Scores {
                    competition: nba,
                    days_back: 3,
                },
                "/v4/sports/basketball_nba/scores/?daysFrom=3&dateFormat=iso",
                2,
            ),
            (
                Wanted::PastOdds {
                    competition: nba,
                    at: at(),
                    choice: &three,
                },
                "/v4/historical/sports/basketball_nba/odds?date=2023-11-14T22:13:20Z&regions=us,eu&markets=h2h,spreads,totals&oddsFormat=american&dateFormat=iso",
                60,
            ),
            (
                Wanted::PastEvents {
                    competition: nba,
                    at: at(),
                },
                "/v4/historical/sports/basketball_nba/events?date=2023-11-14T22:13:20Z&dateFormat=iso",
                1,
            ),
            (
                Wanted::PastEventOdds {
                    competition: nba,
                    event,
                    at: at(),
                    choice: &books,
                },
                "/v4/historical/sports/basketball_nba/events/a1b2/odds?date=2023-11-14T22:13:20Z&bookmakers=one,two,three&markets=player_points,alternate_spreads&oddsFormat=american&dateFormat=iso",
                20,
            ),
        ] {
            assert_eq!(planned(&wanted), (expected.to_owned(), credits));
        }
    }

    #[test]
    fn ten_named_bookmakers_cost_one_region_and_the_eleventh_a_second() {
        let names: Vec<String> = (0..11).map(|n| format!("book{n}")).collect();
        let cost = |count: usize| {
            let names: Vec<&str> = names[..count].iter().map(String::as_str).collect();
            planned(&Wanted::Odds {
                competition: "basketball_nba",
                choice: &choice(&[], &names, &["h2h", "totals"]),
            })
            .1
        };
        assert_eq!((cost(10), cost(11)), (2, 4));
    }

    #[rstest]
    #[case(choice(&[], &[], &["h2h"]), "region")]
    #[case(choice(&["us"], &[], &[]), "market")]
    #[case(choice(&["us&apiKey=x"], &[], &["h2h"]), "region")]
    #[case(choice(&["US"], &[], &["h2h"]), "lower-case")]
    #[case(choice(&["us", "us"], &[], &["h2h"]), "twice")]
    #[case(choice(&[], &["a,b"], &["h2h"]), "bookmaker")]
    #[case(choice(&["us"], &[], &["player_points"]), "event by event")]
    #[case(choice(&["us"], &[], &["h2h", "h2h"]), "twice")]
    fn a_wrong_setting_is_named(#[case] choice: OddsChoice, #[case] said: &str) {
        let error = plan(&Wanted::Odds {
            competition: "basketball_nba",
            choice: &choice,
        })
        .unwrap_err();
        assert!(error.0.contains(said), "{error}");
    }

    #[test]
    fn paths_cannot_be_escaped_from() {
        for competition in ["", "../x", "a b", "nba?x=1", "NBA"] {
            assert!(plan(&Wanted::Events { competition }).is_err(), "{competition}");
        }
        let choice = choice(&["us"], &[], &["h2h"]);
        for event in ["", "a/b", "a%2F", &"a".repeat(65)] {
            assert!(
                plan(&Wanted::EventOdds {
                    competition: "nba",
                    event,
                    choice: &choice
                })
                .is_err(),
                "{event}"
            );
        }
    }

    #[test]
    fn the_past_and_the_scores_have_limits() {
        let too_early = DateTime::from_timestamp(PAST_BEGINS - 1, 0).unwrap();
        assert!(
            plan(&Wanted::PastEvents {
                competition: "nba",
                at: too_early
            })
            .is_err()
        );
        assert!(
            plan(&Wanted::Scores {
                competition: "nba",
                days_back: 4
            })
            .is_err()
        );
    }
}
