use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use domain::reading::{Lines, ReadQuote, Reading};
use domain::{MarketKind, Outcome, Period, Price, Side};
use rstest::rstest;
use std::collections::{BTreeMap, HashMap, HashSet};

const SEEDS: [u64; 4] = [1, 7, 42, 20_260_901];

fn began_at() -> DateTime<Utc> {
    "2026-09-12T09:30:00Z".parse().unwrap()
}

/// Moments that fall on every hour of the day and every part of an hour, over three weeks.
fn moments(count: i32) -> impl Iterator<Item = DateTime<Utc>> {
    (0..count).map(|number| began_at() + TimeDelta::seconds(i64::from(number) * (3 * DAY / 10 + 4_321)))
}

fn ask(seed: u64, at: DateTime<Utc>, wanted: &Wanted<'_>) -> Vec<u8> {
    let request = Demo.plan(wanted).unwrap().remove(0);
    Demo.answer(
        &request,
        &Simulation {
            seed,
            now: at,
            began_at: began_at(),
        },
    )
    .unwrap()
}

fn parse(body: &[u8]) -> Reading<'_> {
    Demo.parse(&Payload {
        endpoint: Endpoint::Unknown,
        body,
        received_at: began_at(),
        price_format: None,
        query: &[],
    })
}

fn everything() -> OddsChoice {
    OddsChoice {
        regions: Vec::new(),
        bookmakers: Vec::new(),
        markets: Vec::new(),
        price_format: PriceFormat::Decimal,
    }
}

/// The odds of every competition.
fn odds(seed: u64, at: DateTime<Utc>) -> Vec<Vec<u8>> {
    let choice = everything();
    let of = |competition: &super::world::Competition| {
        ask(
            seed,
            at,
            &Wanted::Odds {
                competition: competition.key,
                choice: &choice,
            },
        )
    };
    COMPETITIONS.iter().map(of).collect()
}

type Key = (u32, MarketKind, Period, Option<domain::Line>);

/// Quotes by market.
fn by_market<'r, 'a>(reading: &'r Reading<'a>) -> HashMap<Key, Vec<&'r ReadQuote<'a>>> {
    let mut markets: HashMap<Key, Vec<&ReadQuote<'_>>> = HashMap::new();
    for quote in &reading.quotes {
        let market = &reading.markets[quote.market as usize];
        markets
            .entry((market.event, market.kind.clone(), market.period, market.line))
            .or_default()
            .push(quote);
    }
    markets
}

/// The sum of implied probabilities at the best back prices among some books; `None` when an outcome has no price.
fn best_sum<'r>(kind: &MarketKind, quotes: &(impl Iterator<Item = &'r ReadQuote<'r>> + Clone)) -> Option<f64> {
    kind.outcomes()?
        .iter()
        .map(|outcome| {
            let quotes = quotes
                .clone()
                .filter(|quote| quote.outcome == *outcome && quote.side == Side::Back);
            quotes.map(|quote| quote.price).max().map(Price::implied)
        })
        .sum()
}

/// Profits of the arbitrages before the start, of all books and without the exchange, and how many markets there are.
fn arbitrages(seed: u64, at: DateTime<Utc>) -> ([Vec<f64>; 2], usize) {
    let (mut profits, mut count) = ([Vec::new(), Vec::new()], 0);
    for body in odds(seed, at) {
        let reading = parse(&body);
        for ((event, kind, ..), quotes) in by_market(&reading) {
            if reading.events[event as usize].status != Some(EventStatus::Scheduled) {
                continue;
            }
            count += 1;
            for (with_exchange, profits) in [true, false].into_iter().zip(&mut profits) {
                let counts = |quote: &&&ReadQuote<'_>| with_exchange || !is_exchange(&reading, quote);
                if let Some(sum) = best_sum(&kind, &quotes.iter().filter(counts).copied())
                    && sum < 1.0
                {
                    profits.push(1.0 / sum - 1.0);
                }
            }
        }
    }
    (profits, count)
}

fn is_exchange(reading: &Reading<'_>, quote: &ReadQuote<'_>) -> bool {
    reading.bookmakers[quote.bookmaker as usize].key == "demo_tallyhouse"
}

#[test]
fn the_same_world_answers_alike_and_another_seed_differs() {
    let at = began_at() + TimeDelta::hours(5);
    assert_eq!(odds(1, at), odds(1, at));
    assert_ne!(odds(1, at), odds(2, at));
    assert_ne!(odds(1, at), odds(1, at + TimeDelta::minutes(1)));
}

#[rstest]
fn every_answer_is_read_without_an_issue(#[values(1, 42)] seed: u64) {
    for at in moments(5) {
        for body in odds(seed, at) {
            let reading = parse(&body);
            assert_eq!(reading.issues, []);
            assert_eq!(reading.prices_seen, reading.quotes.len());
            assert!(
                reading
                    .quotes
                    .iter()
                    .all(|quote| quote.source_at.is_some_and(|source_at| source_at <= at))
            );
            let scope: HashSet<_> = reading.scope.markets.iter().cloned().collect();
            assert!(reading.markets.iter().all(|market| scope.contains(&(
                market.kind.clone(),
                market.period,
                Lines::All
            ))));
        }
        for competition in &COMPETITIONS {
            for wanted in [
                Wanted::Competitions,
                Wanted::Events {
                    competition: competition.key,
                },
                Wanted::Scores {
                    competition: competition.key,
                    days_back: 3,
                },
            ] {
                assert_eq!(parse(&ask(seed, at, &wanted)).issues, []);
            }
        }
    }
}

#[test]
fn the_names_of_a_game_stay_and_no_team_plays_twice_at_once() {
    for seed in SEEDS {
        for (position, competition) in COMPETITIONS.iter().enumerate() {
            let mut last: HashMap<&str, i64> = HashMap::new();
            let mut ids = HashSet::new();
            let from = began_at().timestamp();
            for fixture in super::world::fixtures(seed, position, from, from + 40 * DAY) {
                assert_ne!(fixture.home, fixture.away);
                assert!(ids.insert(fixture.id()));
                for team in [fixture.home, fixture.away] {
                    let gap = last
                        .insert(team, fixture.listed_start)
                        .map(|before| fixture.listed_start - before);
                    assert!(
                        gap.is_none_or(|gap| gap > DAY),
                        "{}: {team} again after {gap:?} s",
                        competition.key
                    );
                }
            }
        }
    }
}

#[test]
fn at_any_moment_games_are_live_and_games_are_to_come() {
    for seed in SEEDS {
        for at in moments(25) {
            let bodies: Vec<_> = COMPETITIONS
                .iter()
                .map(|one| ask(seed, at, &Wanted::Events { competition: one.key }))
                .collect();
            let events: Vec<_> = bodies.iter().flat_map(|body| parse(body).events).collect();
            let count = |accept: &dyn Fn(&domain::reading::ReadEvent<'_>) -> bool| {
                events.iter().filter(|event| accept(event)).count()
            };
            let live = count(&|event| event.status == Some(EventStatus::Live));
            let soon = count(&|event| {
                event.status == Some(EventStatus::Scheduled) && event.starts_at <= at + TimeDelta::hours(4)
            });
            assert!((1..=6).contains(&live), "{live} live at {at}");
            assert!(soon >= 3, "{soon} soon at {at}");
            assert!((55..=80).contains(&events.len()), "{} events at {at}", events.len());
        }
    }
}

#[test]
fn there_is_always_an_arbitrage_before_the_start_and_never_many() {
    for seed in SEEDS {
        for at in moments(12) {
            let (profits, count) = arbitrages(seed, at);
            for profits in &profits {
                let usual = profits.iter().filter(|profit| (0.002..0.04).contains(*profit)).count();
                assert!(usual >= 1, "none at {at} with seed {seed}: {profits:?}");
                assert!(profits.len() * 100 <= count * 5, "{} of {count} at {at}", profits.len());
            }
        }
    }
}

#[test]
fn each_book_keeps_its_margin_and_no_exchange_price_crosses() {
    let (mut wrong, mut checked) = (0, 0);
    for seed in SEEDS {
        for at in moments(4) {
            for body in odds(seed, at) {
                let reading = parse(&body);
                for ((_, kind, ..), quotes) in by_market(&reading) {
                    let mut books: BTreeMap<u32, Vec<&ReadQuote<'_>>> = BTreeMap::new();
                    for quote in quotes {
                        books.entry(quote.bookmaker).or_default().push(quote);
                    }
                    for quotes in books.values() {
                        let overround = best_sum(&kind, &quotes.iter().copied()).unwrap() - 1.0;
                        let (least, most) = if is_exchange(&reading, quotes[0]) {
                            (0.0, 0.02)
                        } else {
                            (0.02, 0.15)
                        };
                        checked += 1;
                        wrong += usize::from(!(least..=most).contains(&overround));
                        if is_exchange(&reading, quotes[0]) {
                            lay_is_above_back(quotes);
                        }
                    }
                }
            }
        }
    }
    assert!(
        wrong * 2_000 <= checked,
        "{wrong} of {checked}: more than palpable errors explain"
    );
}

fn lay_is_above_back(quotes: &[&ReadQuote<'_>]) {
    let prices = |side: Side| -> HashMap<&Outcome, Price> {
        quotes
            .iter()
            .filter(|quote| quote.side == side)
            .map(|quote| (&quote.outcome, quote.price))
            .collect()
    };
    let (back, lay) = (prices(Side::Back), prices(Side::Lay));
    assert_eq!(back.len(), lay.len());
    let implied = |prices: &HashMap<&Outcome, Price>| prices.values().map(|price| price.implied()).sum::<f64>();
    // A palpable error lifts one back price above everything.
    if implied(&back) >= 1.0 {
        assert!(back.iter().all(|(outcome, price)| lay[outcome] > *price), "{quotes:?}");
    }
}

#[test]
fn scores_only_rise_and_end_as_the_result() {
    for seed in SEEDS {
        for position in 0..COMPETITIONS.len() {
            let from = began_at().timestamp();
            for fixture in super::world::fixtures(seed, position, from, from + 5 * DAY) {
                let Some(start) = fixture.start() else { continue };
                let course = Course::new(&fixture);
                let length = course.end - start;
                assert!((3_600..=5 * HOUR).contains(&length), "{length} s");
                let mut before = course.state(start);
                assert_eq!((before.home, before.away), (0, 0));
                for at in (start..=course.end + 60).step_by(60) {
                    let now = course.state(at);
                    assert!(now.home >= before.home && now.away >= before.away);
                    before = now;
                }
                assert_eq!(course.state(course.end), course.state(i64::MAX));
                assert!(
                    fixture.game() == Game::Football || before.home != before.away,
                    "a game without a winner"
                );
            }
        }
    }
}

#[test]
fn a_result_never_changes_once_it_is_told() {
    let (seed, later) = (7, began_at() + TimeDelta::days(2));
    for competition in &COMPETITIONS {
        let wanted = Wanted::Scores {
            competition: competition.key,
            days_back: 3,
        };
        let bodies = [began_at(), later].map(|at| ask(seed, at, &wanted));
        let [early, late] = bodies.each_ref().map(|body| finals(&parse(body)));
        assert!(early.len() >= 10, "{} results", early.len());
        let both = early.iter().filter(|(id, _)| late.contains_key(*id)).count();
        assert!(both >= 3, "{both} results in both");
        assert!(
            early
                .iter()
                .all(|(id, score)| late.get(id).is_none_or(|same| same == score))
        );
    }
}

fn finals(reading: &Reading<'_>) -> HashMap<String, domain::event::Score> {
    let finals = reading.scores.iter().filter(|score| score.is_final);
    finals
        .map(|one| {
            (
                reading.events[one.event as usize].feed_id.to_string(),
                one.score.unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_price_stays_as_it_was_until_its_book_updates() {
    let choice = everything();
    let wanted = Wanted::Odds {
        competition: "northern_league",
        choice: &choice,
    };
    let (mut same, mut known) = (0, HashMap::new());
    for second in (0..90).step_by(3) {
        let body = ask(42, began_at() + TimeDelta::seconds(second), &wanted);
        let reading = parse(&body);
        for quote in &reading.quotes {
            let market = &reading.markets[quote.market as usize];
            let event = &reading.events[market.event as usize];
            if event.status != Some(EventStatus::Scheduled) {
                continue;
            }
            let key = (
                event.feed_id.to_string(),
                reading.bookmakers[quote.bookmaker as usize].key.to_string(),
                (market.kind.clone(), market.line, quote.outcome.clone(), quote.side),
                quote.source_at,
            );
            let price = quote.price_text.to_string();
            if let Some(before) = known.insert(key, price.clone()) {
                assert_eq!(before, price);
                same += 1;
            }
        }
    }
    assert!(same > 1_000);
}

#[test]
fn live_prices_change_within_twenty_seconds_and_upcoming_ones_within_minutes() {
    for at in moments(4) {
        let prices = |at, status| {
            let mut prices = BTreeMap::new();
            for body in odds(7, at) {
                let reading = parse(&body);
                for quote in &reading.quotes {
                    let market = &reading.markets[quote.market as usize];
                    let event = &reading.events[market.event as usize];
                    if event.status == Some(status) {
                        let book = reading.bookmakers[quote.bookmaker as usize].key.to_string();
                        let selection = (market.kind.clone(), market.line, quote.outcome.clone(), quote.side);
                        prices.insert((event.feed_id.to_string(), book, selection), quote.price);
                    }
                }
            }
            prices
        };
        assert_ne!(
            prices(at, EventStatus::Live),
            prices(at + TimeDelta::seconds(20), EventStatus::Live),
            "{at}"
        );
        assert_ne!(
            prices(at, EventStatus::Scheduled),
            prices(at + TimeDelta::minutes(5), EventStatus::Scheduled)
        );
    }
}

#[test]
fn every_irregularity_appears() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut note = |what, is_seen: bool| *seen.entry(what).or_default() += usize::from(is_seen);
    for number in 0..36 {
        let at = began_at() + TimeDelta::minutes(217 * number);
        for body in odds(7, at) {
            let reading = parse(&body);
            for event in &reading.events {
                note("postponed", event.status == Some(EventStatus::Postponed));
                note("cancelled", event.status == Some(EventStatus::Cancelled));
            }
            for market in &reading.markets {
                note(
                    "a quarter line",
                    market.line.is_some_and(|line| line.hundredths() % 50 != 0),
                );
                note("the regular time", market.period == Period::Regulation);
            }
            for quote in &reading.quotes {
                note("an American price", quote.price_text.starts_with(['-', '+']));
                note(
                    "a stale book",
                    quote
                        .source_at
                        .is_some_and(|source_at| at - source_at > TimeDelta::minutes(50)),
                );
            }
            for ((_, kind, ..), quotes) in by_market(&reading) {
                note(
                    "a palpably wrong price",
                    best_sum(&kind, &quotes.iter().copied()).is_some_and(|sum| sum < 0.85),
                );
            }
        }
    }
    assert_eq!(
        seen.iter().filter(|(_, count)| **count == 0).collect::<Vec<_>>(),
        [],
        "{seen:?}"
    );
}

#[test]
fn a_goal_suspends_the_retail_books_for_a_while() {
    let from = began_at().timestamp();
    let mut fixtures = super::world::fixtures(1, 0, from, from + 2 * DAY);
    let fixture = fixtures
        .find(|one| Course::new(one).last_turn(i64::MAX).is_some())
        .unwrap();
    let course = Course::new(&fixture);
    let goal = (fixture.start().unwrap()..course.end)
        .find(|at| course.last_turn(*at).is_some())
        .unwrap();
    let books = |at: i64| {
        let (choice, id) = (everything(), fixture.id());
        let wanted = Wanted::EventOdds {
            competition: COMPETITIONS[0].key,
            event: &id,
            choice: &choice,
        };
        let body = ask(1, DateTime::from_timestamp(at, 0).unwrap(), &wanted);
        parse(&body)
            .bookmakers
            .into_iter()
            .map(|book| book.key.into_owned())
            .collect::<Vec<_>>()
    };
    assert!(books(goal - 1).len() >= 6, "{:?}", books(goal - 1));
    assert_eq!(books(goal + 10), ["demo_plumbline"]);
}

#[test]
fn a_postponed_game_is_played_a_day_later_under_the_same_id() {
    let from = began_at().timestamp();
    let postponed = (0..COMPETITIONS.len())
        .flat_map(|position| super::world::fixtures(1, position, from, from + 10 * DAY))
        .find_map(|fixture| match fixture.fate {
            super::world::Fate::Postponed {
                known_at,
                rescheduled_at,
            } => Some((fixture, known_at, rescheduled_at)),
            _ => None,
        });
    let (fixture, known_at, rescheduled_at) = postponed.unwrap();
    let as_told = |at: i64| {
        let wanted = Wanted::Events {
            competition: COMPETITIONS[fixture.competition].key,
        };
        let body = ask(1, DateTime::from_timestamp(at, 0).unwrap(), &wanted);
        let event = parse(&body)
            .events
            .into_iter()
            .find(|event| event.feed_id == fixture.id())
            .unwrap();
        (event.status.unwrap(), event.starts_at.timestamp())
    };
    assert_eq!(as_told(known_at - 1), (EventStatus::Scheduled, fixture.listed_start));
    assert_eq!(as_told(known_at), (EventStatus::Postponed, fixture.listed_start));
    assert_eq!(
        as_told(rescheduled_at),
        (EventStatus::Scheduled, fixture.listed_start + DAY)
    );
    assert_eq!(as_told(fixture.listed_start + DAY).0, EventStatus::Live);
}

#[test]
fn prices_are_right_on_average() {
    let from = began_at().timestamp();
    let (mut expected, mut happened, mut variance) = (0.0, 0.0, 0.0);
    for seed in 0..6 {
        for position in 0..COMPETITIONS.len() {
            for fixture in super::world::fixtures(seed, position, from, from + 30 * DAY) {
                if fixture.start().is_none() {
                    continue;
                }
                let course = Course::new(&fixture);
                let margin = fixture.margin + course.news.iter().map(|news| news.margin).sum::<f64>();
                let total = fixture.total + course.news.iter().map(|news| news.total).sum::<f64>();
                let start = super::course::State::default();
                let [home, draw, away] = super::outlook::outlook(fixture.game(), margin, total, 1.0, &start)
                    .margin
                    .three_way();
                let end = course.state(i64::MAX);
                let (chance, is_won) = if home > away {
                    (home, end.home > end.away)
                } else {
                    (away, end.away > end.home)
                };
                let chance = if fixture.game() == Game::Football {
                    chance
                } else {
                    chance / (1.0 - draw)
                };
                expected += chance;
                happened += f64::from(u8::from(is_won));
                variance += chance * (1.0 - chance);
            }
        }
    }
    let deviations = (happened - expected) / f64::sqrt(variance);
    assert!(
        deviations.abs() < 3.0,
        "{happened} favourites won, {expected} expected: {deviations} standard deviations"
    );
}

/// An answer of the past that fills a new database.
fn past_answer(seed: u64, at: DateTime<Utc>, request: &Request) -> Vec<u8> {
    let simulation = Simulation {
        seed,
        now: at,
        began_at: began_at(),
    };
    Demo.answer(request, &simulation).unwrap()
}

#[test]
fn the_past_of_each_game_is_told_in_order_and_ends_as_the_game_stands() {
    let seed = 7;
    let now = began_at() + TimeDelta::minutes(20);
    let games = backfill(seed, began_at(), now);
    let listed: HashMap<String, EventStatus> = COMPETITIONS
        .iter()
        .map(|competition| Wanted::Events {
            competition: competition.key,
        })
        .flat_map(|wanted| {
            let body = ask(seed, now, &wanted);
            let reading = parse(&body);
            let statuses = reading
                .events
                .iter()
                .map(|event| (event.feed_id.to_string(), event.status.unwrap()));
            statuses.collect::<Vec<_>>()
        })
        .collect();
    let mut open = HashSet::new();
    let mut finals = 0;
    // What is not over, and every sixth of the rest: enough to tell.
    let rest = games.partition_point(|game| game.told_until.is_none());
    for game in games[..rest].iter().chain(games[rest..].iter().step_by(6)) {
        let mut last = began_at() - TimeDelta::days(14);
        let (mut id, mut status) = (None, None);
        for (at, request) in &game.questions {
            assert!(*at >= last && *at <= now);
            last = *at;
            let body = past_answer(seed, *at, request);
            let reading = parse(&body);
            assert!(reading.issues.is_empty() && reading.events.len() <= 1);
            for event in &reading.events {
                assert_eq!(*id.get_or_insert_with(|| event.feed_id.to_string()), event.feed_id);
                status = event.status;
            }
            finals += reading.scores.iter().filter(|score| score.is_final).count();
        }
        let Some(id) = id else {
            // Listed so long ago that nothing was asked in the two weeks: it was called off at once.
            assert!(game.questions.is_empty() || game.told_until.is_some());
            continue;
        };
        match game.told_until {
            None => {
                assert_eq!(status, listed.get(&id).copied());
                open.insert(id);
            }
            Some(_) => assert!(status.unwrap().is_over(), "{id} ends as {status:?}"),
        }
    }
    let still_open = listed.iter().filter(|(_, status)| !status.is_over());
    assert_eq!(still_open.map(|(id, _)| id.clone()).collect::<HashSet<_>>(), open);
    assert!(finals > 70, "{finals} results of a sixth");
}

#[test]
fn the_past_begins_with_what_is_not_over_and_then_goes_back_in_time() {
    let games = backfill(1, began_at(), began_at());
    let told: Vec<_> = games.iter().map(|game| game.told_until).collect();
    let open = told.iter().take_while(|told| told.is_none()).count();
    assert!((60..100).contains(&open), "{open} games are not over");
    assert!(told[open..].iter().all(Option::is_some) && told[open..].is_sorted_by(|one, other| one >= other));
    // What starts first comes first, and the live ones before all.
    let first = past_answer(1, began_at(), &games[0].questions.last().unwrap().1);
    assert_eq!(parse(&first).events[0].status, Some(EventStatus::Live));
}

#[test]
fn the_past_has_a_closing_price_and_a_line_to_draw_for_nearly_every_result_and_stays_within_bounds() {
    let (seed, mut quotes, mut requests) = (7, 0, 0);
    let (mut results, mut graded, mut drawn) = (0, 0, 0);
    let games = backfill(seed, began_at(), began_at());
    // Every third game is enough to tell.
    for game in games.iter().step_by(3) {
        let (mut looks, mut has_close, mut has_result) = (0, false, false);
        for (at, request) in &game.questions {
            requests += 1;
            let body = past_answer(seed, *at, request);
            let reading = parse(&body);
            quotes += reading.quotes.len();
            if !reading.quotes.is_empty() {
                looks += 1;
                has_close |= (reading.events[0].starts_at - *at).num_minutes() == 5;
            }
            has_result |= reading.scores.iter().any(|score| score.is_final);
        }
        if has_result {
            results += 1;
            graded += usize::from(has_close);
            drawn += usize::from(looks >= 5);
        }
    }
    assert!(3 * requests < 4_000, "{requests} requests of a third");
    assert!((30_000..100_000).contains(&quotes), "{quotes} quotes of a third");
    assert!(results > 140, "{results} results of a third");
    assert!(
        graded * 100 >= results * 97,
        "{graded} of {results} results have a closing price"
    );
    assert!(
        drawn * 100 >= results * 80,
        "{drawn} of {results} results have a line to draw"
    );
}

#[test]
fn what_the_demo_does_not_have_is_said_in_words() {
    let mut choice = everything();
    choice.markets = vec!["corners".to_owned()];
    let planned = Demo.plan(&Wanted::Odds {
        competition: "northern_league",
        choice: &choice,
    });
    assert!(planned.unwrap_err().to_string().contains("it has moneyline, three_way"));
    assert!(
        Demo.plan(&Wanted::Events {
            competition: "no_league"
        })
        .unwrap_err()
        .to_string()
        .contains("northern_league")
    );
    assert_eq!(
        Demo.plan(&Wanted::Participants {
            competition: "northern_league"
        }),
        Ok(Vec::new())
    );
}

#[test]
fn a_choice_of_markets_and_books_is_kept_to_and_told_in_the_scope() {
    let mut choice = everything();
    choice.markets = vec!["total".to_owned()];
    choice.bookmakers = vec!["demo_plumbline".to_owned(), "demo_brightwater".to_owned()];
    let body = ask(
        1,
        began_at(),
        &Wanted::Odds {
            competition: "harbour_basketball",
            choice: &choice,
        },
    );
    let reading = parse(&body);
    assert!(reading.quotes.len() > 20);
    assert!(reading.markets.iter().all(|market| market.kind == MarketKind::Total));
    assert!(reading.bookmakers.len() <= 2);
    assert_eq!(
        reading.scope.markets,
        [(MarketKind::Total, Period::FullTime, Lines::All)]
    );
    assert_eq!(reading.scope.bookmakers.as_deref(), Some(choice.bookmakers.as_slice()));
}

#[test]
fn one_bad_row_costs_that_row_alone() {
    let body = include_bytes!("../../fixtures/demo/faults.json");
    let reading = parse(body);
    let kinds: Vec<&str> = reading.issues.iter().map(|issue| issue.kind.code()).collect();
    assert_eq!(
        kinds,
        [
            "impossible_price",
            "impossible_price",
            "unknown_outcome",
            "impossible_line",
            "unknown_market",
            "missing_field",
            "missing_field",
            "unreadable_time"
        ]
    );
    let prices: Vec<&str> = reading.quotes.iter().map(|quote| &*quote.price_text).collect();
    assert_eq!(prices, ["1.95"]);
    assert_eq!(parse(b"<html>").issues[0].kind.code(), "unreadable_payload");
}

#[test]
fn a_year_beyond_the_calendar_does_not_panic() {
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        for request in Demo
            .plan(&Wanted::Events {
                competition: "northern_league",
            })
            .unwrap()
        {
            assert!(
                Demo.answer(
                    &request,
                    &Simulation {
                        seed: 0,
                        now,
                        began_at: now
                    }
                )
                .is_some()
            );
        }
    }
}
