//! The table of settled bets (`fixtures/settlement_cases.json`): what each pays to the cent, and who says so.

use super::commission::{Decided, owed};
use super::facts::{Call, EventFacts, Played, by_abandonment, by_retirement, by_score, fate_of};
use super::rules::rules_for;
use super::*;
use crate::bet::PayTerms;
use crate::event::Score;
use crate::result::Winner;
use crate::scenarios::Commission;
use crate::{Currency, EventStatus, Line, MarketKey, MarketKind, Money, Outcome, Period, Sport};
use chrono::{DateTime, TimeDelta, Utc};

const TABLE: &str = include_str!("../../fixtures/settlement_cases.json");

#[derive(Deserialize)]
struct Table {
    bets: Vec<Case>,
    asked: Vec<Asked>,
    markets: Vec<Market>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    source: String,
    #[serde(default)]
    kind: Option<String>,
    stake: i64,
    #[serde(default)]
    free: bool,
    #[serde(default)]
    rounding: Rounding,
    /// Of a round robin.
    #[serde(default)]
    sizes: Vec<u8>,
    /// Of a teaser.
    #[serde(default)]
    prices: Vec<Option<Price>>,
    #[serde(default)]
    push: Option<TeaserPush>,
    /// Of an each-way bet: places, and the part of the odds.
    #[serde(default)]
    terms: Option<(u32, u32, u32)>,
    /// In which the stake and the payout are written, where not only minor units matter.
    #[serde(default)]
    currency: Option<Currency>,
    #[serde(default)]
    stake_written: Option<String>,
    #[serde(default)]
    payout_written: Option<String>,
    legs: Vec<CaseLeg>,
    /// Stake and amount.
    #[serde(default)]
    cash_outs: Vec<(i64, i64)>,
    /// What was believed first.
    #[serde(default)]
    before: Option<Before>,
    settled_as: SettledAs,
    payout: i64,
}

/// A leg that a final score does not decide.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: String,
    source: String,
    leg: CaseLeg,
    /// Words of what the person is told.
    says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    scores: Vec<(i32, i32)>,
    payout: i64,
}

/// A leg, and one of the ways in which it can end; none of them for one that is open.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseLeg {
    price: Price,
    #[serde(default)]
    side: Option<Side>,
    #[serde(default)]
    sport: Option<Sport>,
    #[serde(default)]
    market: Option<MarketKind>,
    #[serde(default)]
    line: Option<Line>,
    #[serde(default)]
    outcome: Option<Outcome>,
    #[serde(default)]
    bookmaker: Option<String>,
    #[serde(default)]
    competition: String,
    #[serde(default)]
    period: Option<Period>,
    #[serde(default)]
    settled_price: Option<Price>,
    #[serde(default)]
    result: Option<BetResult>,
    #[serde(default)]
    score: Option<(i32, i32)>,
    #[serde(default)]
    dead_heat: Option<(u32, u32)>,
    #[serde(default)]
    finished: Option<(u32, u32)>,
    /// Sets that were over, and who goes on.
    #[serde(default)]
    retired: Option<(u32, String)>,
    /// How much was played, before a score.
    #[serde(default)]
    abandoned: Option<Played>,
    /// By how many hours it was put off, before a score.
    #[serde(default)]
    moved_h: Option<i64>,
    /// How many minutes after its start it was said to be over.
    #[serde(default)]
    lasted_min: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Market {
    name: String,
    source: String,
    charge: String,
    bp: u16,
    rounding: Rounding,
    /// Profit before any charge, and stake.
    bets: Vec<(i64, i64)>,
    owed: i64,
}

fn table() -> Table {
    serde_json::from_str(TABLE).unwrap()
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

const fn score((home, away): (i32, i32)) -> Score {
    Score { home, away }
}

impl CaseLeg {
    fn leg(&self) -> BetLeg {
        BetLeg {
            event_id: None,
            event: "Guests @ Hosts".into(),
            sport: self.sport.clone().unwrap_or(Sport::FOOTBALL),
            competition: self.competition.clone(),
            home: Some("Hosts".into()),
            away: Some("Guests".into()),
            starts_at: Some(noon()),
            market: MarketKey {
                kind: self.market.clone().unwrap_or(MarketKind::Moneyline),
                period: self.period.unwrap_or(Period::FullTime),
                line: self.line,
                participant: None,
            },
            outcome: self.outcome.clone().unwrap_or(Outcome::Home),
            side: self.side.unwrap_or(Side::Back),
            price: self.price,
            price_text: String::new(),
            quote: None,
        }
    }

    fn fate(&self) -> Fate {
        let leg = self.leg();
        let possible = rules_for(&leg.sport, &leg.competition, self.bookmaker.as_deref());
        let rules = possible[0];
        let end = if let Some((sets, winner)) = &self.retired {
            let winner = if winner == "home" { Winner::Home } else { Winner::Away };
            Some(End::Result(by_retirement(&leg, rules, *sets, winner).unwrap()))
        } else if let Some(played) = self.abandoned {
            Some(End::Result(
                by_abandonment(&leg, rules, played, score(self.score.unwrap())).unwrap(),
            ))
        } else if self.moved_h.is_some() {
            match self.call() {
                Call::Ended(fate, _) => fate.end,
                other => panic!("{other:?}"),
            }
        } else if let Some(known) = self.score {
            Some(End::Result(by_score(&leg, rules, score(known)).unwrap()))
        } else if let Some((places, tied)) = self.dead_heat {
            Some(End::DeadHeat { places, tied })
        } else if let Some((position, tied)) = self.finished {
            Some(End::Finished(Finish { position, tied }))
        } else {
            self.result.map(End::Result)
        };
        Fate {
            end,
            price: self.settled_price,
        }
    }
}

impl CaseLeg {
    /// What is said of it three hours after its start, with its score as the final one.
    fn call(&self) -> Call {
        let leg = self.leg();
        let starts_at = noon() + TimeDelta::hours(self.moved_h.unwrap_or(0));
        let facts = EventFacts {
            status: EventStatus::Final,
            starts_at,
            score: self.score.map(score),
            is_final_score: true,
        };
        let rules = rules_for(&leg.sport, &leg.competition, self.bookmaker.as_deref());
        let now = starts_at + TimeDelta::minutes(self.lasted_min.unwrap_or(180));
        fate_of(&leg, &facts, &rules, now)
    }
}

impl Case {
    fn wager(&self) -> Wager {
        let structure = match self.kind.as_deref() {
            None => Structure::Single,
            Some("parlay") => Structure::Parlay,
            Some("round_robin") => Structure::RoundRobin {
                sizes: self.sizes.clone(),
            },
            Some("teaser") => Structure::Teaser {
                prices: self.prices.clone(),
                push: self.push.unwrap(),
            },
            Some("each_way") => {
                let (places, numerator, denominator) = self.terms.unwrap();
                Structure::EachWay {
                    terms: PlaceTerms {
                        places,
                        numerator,
                        denominator,
                    },
                }
            }
            Some(other) => panic!("{other}"),
        };
        Wager {
            structure,
            stake: self.stake,
            is_free: self.free,
            legs: self.legs.iter().map(CaseLeg::leg).collect(),
            terms: PayTerms {
                rounding: self.rounding,
                commission: Commission::None,
            },
        }
    }

    fn cash_outs(&self) -> Vec<CashOut> {
        let at = noon();
        self.cash_outs
            .iter()
            .map(|(stake, amount)| CashOut {
                at,
                stake: *stake,
                amount: *amount,
            })
            .collect()
    }
}

#[test]
fn every_bet_of_the_table_pays_what_its_source_says_to_the_cent() {
    let mut wrong = Vec::new();
    for case in table().bets {
        let wager = case.wager();
        assert_eq!(wager.check(), Ok(()), "{}", case.name);
        let fates: Vec<Fate> = case.legs.iter().map(CaseLeg::fate).collect();
        let settled = settle(&wager, &fates, &case.cash_outs());
        let expected = Settled {
            settled_as: case.settled_as,
            payout: case.payout,
        };
        if settled != Ok(expected) {
            wrong.push(format!(
                "{} ({}): {settled:?}, not {expected:?}",
                case.name, case.source
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_final_score_cannot_tell_is_asked_of_a_person() {
    for asked in table().asked {
        match asked.leg.call() {
            Call::AskPerson(why) => assert!(why.contains(&asked.says), "{}: {why}", asked.name),
            other => panic!("{} ({}): {other:?}", asked.name, asked.source),
        }
    }
}

#[test]
fn a_currency_of_no_or_three_places_pays_whole_units_of_its_own() {
    let table = table();
    let written = || table.bets.iter().filter_map(|case| Some((case, case.currency?)));
    assert!(written().count() >= 6);
    for (case, currency) in written() {
        let minor = |text: &Option<String>| Money::parse(text.as_deref().unwrap(), currency).unwrap().minor;
        assert_eq!(minor(&case.stake_written), case.stake, "{}", case.name);
        assert_eq!(minor(&case.payout_written), case.payout, "{}", case.name);
    }
}

#[test]
fn what_was_settled_by_an_earlier_score_paid_something_else() {
    let cases = table().bets;
    let regraded: Vec<_> = cases
        .iter()
        .filter_map(|case| Some((case, case.before.as_ref()?)))
        .collect();
    assert!(regraded.len() >= 4);
    for (case, before) in regraded {
        let results = case.legs.iter().zip(&before.scores).map(|(leg, known)| {
            let leg = leg.leg();
            Fate::ended(by_score(&leg, rules_for(&leg.sport, "", None)[0], score(*known)).unwrap())
        });
        let settled = settle(&case.wager(), &results.collect::<Vec<_>>(), &[]).unwrap();
        assert_eq!(settled.payout, before.payout, "{}", case.name);
        assert_ne!(settled.payout, case.payout, "{}", case.name);
    }
}

#[test]
fn every_market_of_the_table_is_charged_what_its_source_says() {
    for market in table().markets {
        let commission = match market.charge.as_str() {
            "net_winnings" => Commission::NetWinnings(market.bp),
            "each_bet" => Commission::EachBet(market.bp),
            _ => Commission::Turnover(market.bp),
        };
        let bets: Vec<Decided> = market
            .bets
            .iter()
            .map(|(profit, stake)| Decided {
                profit: *profit,
                stake: *stake,
                is_back: false,
            })
            .collect();
        let charged = owed(commission, market.rounding, &bets);
        assert_eq!(charged, market.owed, "{} ({})", market.name, market.source);
    }
}

#[test]
fn at_least_half_of_the_table_comes_from_others() {
    let table = table();
    let sources = table.bets.iter().map(|case| &case.source);
    let sources: Vec<&String> = sources
        .chain(table.asked.iter().map(|asked| &asked.source))
        .chain(table.markets.iter().map(|market| &market.source))
        .collect();
    let from_others = sources.iter().filter(|source| !source.starts_with("By hand: ")).count();
    assert!(
        sources.len() >= 150 && 2 * from_others >= sources.len(),
        "{from_others} of {}",
        sources.len()
    );
}
