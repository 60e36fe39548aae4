//! What every feed promises, whoever wrote it.

use super::{Cost, answers_in, assert_damage_is_contained, assert_sound, fixtures_of, quotes_of, read};
use feeds::{FEEDS, find_feed};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// An answer is cut at so many places at most.
const CUTS: usize = 1_500;

#[test]
fn every_feed_has_a_key_of_its_own_a_name_and_terms() {
    let keys: BTreeSet<_> = FEEDS.iter().map(|feed| feed.key()).collect();
    assert_eq!(keys.len(), FEEDS.len());
    for feed in FEEDS {
        let key = feed.key();
        assert!(
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{key}"
        );
        assert!(!feed.name().is_empty() && !feed.policy().terms.is_empty(), "{key}");
        assert!(
            feed.policy().requests_per_second > 0 && feed.policy().max_body_bytes > 0,
            "{key}"
        );
        assert_eq!(find_feed(key).map(feeds::Feed::name), Some(feed.name()));
    }
    assert!(find_feed("nobody").is_none());
}

#[test]
fn every_feed_has_fixtures_and_each_says_something() {
    for feed in FEEDS {
        let answers = answers_in(&fixtures_of(*feed));
        assert!(!answers.is_empty(), "{} has no fixtures", feed.key());
        let mut quotes = 0;
        for (name, body) in answers {
            let reading = read(*feed, &body);
            assert_sound(&reading);
            let said = reading.competitions.len()
                + reading.events.len()
                + reading.participants.len()
                + reading.scores.len()
                + reading.issues.len();
            assert!(said > 0, "{}/{name} says nothing", feed.key());
            quotes += reading.quotes.len();
        }
        assert!(quotes > 0, "no fixture of {} has a quote", feed.key());
    }
}

#[test]
fn an_answer_that_is_cut_short_never_panics_and_invents_nothing() {
    for feed in FEEDS {
        for (name, body) in answers_in(&fixtures_of(*feed)) {
            let whole = quotes_of(&read(*feed, &body));
            let end = body.trim_ascii_end().len();
            for cut in (0..end).step_by(end.div_ceil(CUTS)) {
                let reading = read(*feed, &body[..cut]);
                assert_sound(&reading);
                assert!(
                    quotes_of(&reading).is_subset(&whole),
                    "{}/{name} cut at {cut}",
                    feed.key()
                );
                assert!(
                    !reading.issues.is_empty(),
                    "{}/{name} cut at {cut} is not noticed",
                    feed.key()
                );
                assert!(
                    reading.scope.markets.is_empty(),
                    "{}/{name} cut at {cut} withdraws quotes",
                    feed.key()
                );
            }
        }
    }
}

#[test]
fn a_damaged_field_costs_its_own_row_and_no_other() {
    for feed in FEEDS {
        for (name, body) in answers_in(&fixtures_of(*feed)) {
            assert_damage_is_contained(*feed, &name, &body, Cost::Row);
        }
    }
}

#[test]
fn a_web_page_is_not_an_answer() {
    for feed in FEEDS {
        for page in [
            "<html><body>Access denied</body></html>",
            "",
            " ",
            "\u{feff}<!DOCTYPE html>",
        ] {
            let reading = read(*feed, page.as_bytes());
            assert!(
                reading.quotes.is_empty() && !reading.issues.is_empty(),
                "{}: {page:?}",
                feed.key()
            );
        }
    }
}

#[test]
fn hostile_nesting_and_repetition_are_survived() {
    for feed in FEEDS {
        for (open, times) in [
            ("[", 200_000),
            ("{\"a\":", 200_000),
            ("[{\"data\":", 50_000),
            ("[],", 200_000),
        ] {
            assert_sound(&read(*feed, open.repeat(times).as_bytes()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bytes_changed_at_random_never_panic(at in any::<prop::sample::Index>(), byte: u8, pick in any::<prop::sample::Index>()) {
        for feed in FEEDS {
            let answers = answers_in(&fixtures_of(*feed));
            let (_, mut body) = answers[pick.index(answers.len())].clone();
            let at = at.index(body.len());
            body[at] = byte;
            assert_sound(&read(*feed, &body));
        }
    }

    #[test]
    fn bytes_at_random_never_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
        for feed in FEEDS {
            assert_sound(&read(*feed, &body));
        }
    }

    #[test]
    fn almost_json_never_panics(pieces in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"id\"", "\"sport_key\"", "\"key\"", "\"bookmakers\"", "\"markets\"", "\"outcomes\"",
        "\"price\"", "\"point\"", "\"name\"", "\"data\"", "null", "-1.5", "1e9", "\"a\\u00e9\"", "\"", "\\", " ",
    ]), 0..60)) {
        let body = pieces.concat();
        for feed in FEEDS {
            assert_sound(&read(*feed, body.as_bytes()));
        }
    }
}
