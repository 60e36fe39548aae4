//! The Odds API, version 4.
//!
//! Ten endpoints, of which the list of competitions and the lists of events are free. Prices come in decimal or in
//! American odds, one or the other per request; outcomes are told apart by their names, never by their order.

mod index;
mod markets;
mod plan;
mod read;
mod refusal;
mod values;

use crate::{Credits, Feed, OddsChoice, Payload, PlanError, Policy, PriceFormat, Refusal, Request, Wanted};
use domain::reading::Reading;
use std::time::Duration;

/// The Odds API, version 4.
#[derive(Clone, Copy, Debug, Default)]
pub struct TheOddsApi;

impl Feed for TheOddsApi {
    fn key(&self) -> &'static str {
        "the_odds_api"
    }

    fn name(&self) -> &'static str {
        "The Odds API"
    }

    fn policy(&self) -> Policy {
        Policy {
            base_url: Some("https://api.the-odds-api.com"),
            needs_key: true,
            requests_per_second: 30,
            concurrent_requests: 4,
            timeout: Duration::from_secs(30),
            max_body_bytes: 32 * 1024 * 1024,
            min_interval: Duration::from_mins(1),
            most_score_days: plan::MOST_SCORE_DAYS,
            terms: "The data may be stored, shown, analysed and learned from; offering it to others is not allowed, \
                    so every page, endpoint and export needs a login.",
            is_demo: false,
        }
    }

    fn usual_choice(&self) -> OddsChoice {
        OddsChoice {
            regions: vec!["eu".to_owned()],
            bookmakers: Vec::new(),
            markets: ["h2h", "spreads", "totals"].map(str::to_owned).to_vec(),
            price_format: PriceFormat::Decimal,
        }
    }

    fn plan(&self, wanted: &Wanted<'_>) -> Result<Vec<Request>, PlanError> {
        plan::plan(wanted)
    }

    fn parse<'a>(&self, payload: &Payload<'a>) -> Reading<'a> {
        read::read(payload)
    }

    fn refusal(&self, status: u16, body: &[u8]) -> Refusal {
        refusal::refusal(status, body)
    }

    fn credits(&self, header: &dyn Fn(&str) -> Option<String>) -> Credits {
        let number = |name: &str| {
            let text = header(name)?;
            let text = text.trim();
            text.strip_suffix(".0").unwrap_or(text).parse().ok()
        };
        Credits {
            last: number("x-requests-last"),
            used: number("x-requests-used"),
            remaining: number("x-requests-remaining"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_come_from_the_headers_and_absent_is_unknown() {
        let header = |name: &str| match name {
            "x-requests-remaining" => Some("19980".to_owned()),
            "x-requests-used" => Some(" 20.0 ".to_owned()),
            _ => None,
        };
        let credits = TheOddsApi.credits(&header);
        assert_eq!(
            credits,
            Credits {
                last: None,
                used: Some(20),
                remaining: Some(19_980)
            }
        );
        assert_eq!(TheOddsApi.credits(&|_| Some("many".to_owned())), Credits::default());
    }
}
