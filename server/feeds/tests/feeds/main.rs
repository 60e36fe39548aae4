//! What every feed promises, what The Odds API's answers mean, and what real recordings hold.

#![expect(clippy::unwrap_used, reason = "a test that fails should stop")]

mod conformance;
mod football_data;
mod recordings;
mod the_odds_api;

use chrono::{DateTime, Utc};
use domain::reading::Reading;
use feeds::{Endpoint, Feed, Payload};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The moment at which every answer of these tests was received.
fn received_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_176_600, 0).unwrap()
}

/// Reads bytes of which nothing else is known.
fn read<'a>(feed: &dyn Feed, body: &'a [u8]) -> Reading<'a> {
    feed.parse(&Payload {
        endpoint: Endpoint::Unknown,
        body,
        received_at: received_at(),
        price_format: None,
        query: &[],
    })
}

fn fixtures_of(feed: &dyn Feed) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(feed.key())
}

/// Name and bytes of every answer in a folder, in the order of their names.
fn answers_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    files_in(folder, "json")
}

/// Name and bytes of every file in a folder with an extension, in the order of their names.
fn files_in(folder: &Path, extension: &str) -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

/// The quotes of a reading without the positions, so that readings can be compared.
fn quotes_of(reading: &Reading<'_>) -> BTreeSet<String> {
    reading
        .quotes
        .iter()
        .map(|quote| {
            let market = &reading.markets[quote.market as usize];
            let event = &reading.events[market.event as usize];
            format!(
                "{} {} {:?} {:?} {:?} {:?} {:?} {:?} {} {}",
                event.feed_id,
                reading.bookmakers[quote.bookmaker as usize].key,
                market.kind,
                market.period,
                market.line,
                market.participant,
                quote.outcome,
                quote.side,
                quote.price,
                quote.price_text
            )
        })
        .collect()
}

/// Fails unless a reading holds together: every position exists, and no more quotes than prices.
fn assert_sound(reading: &Reading<'_>) {
    assert!(
        reading.quotes.len() <= reading.prices_seen,
        "{} of {}",
        reading.quotes.len(),
        reading.prices_seen
    );
    let events = reading.events.len();
    assert!(reading.markets.iter().all(|market| (market.event as usize) < events));
    assert!(reading.scores.iter().all(|score| (score.event as usize) < events));
    assert!(
        reading
            .issues
            .iter()
            .all(|issue| issue.event.is_none_or(|event| (event as usize) < events))
    );
    assert_eq!(quotes_of(reading).len(), reading.quotes.len(), "a quote stands twice");
}

/// A way into a JSON value.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Item(usize),
}

/// The ways to every value, outermost first.
fn paths_of(value: &Value) -> Vec<Vec<Step>> {
    let children: Vec<(Step, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, child)| (Step::Key(key.clone()), child)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, child)| (Step::Item(at), child))
            .collect(),
        _ => Vec::new(),
    };
    let mut paths = Vec::new();
    for (step, child) in children {
        paths.push(vec![step.clone()]);
        paths.extend(
            paths_of(child)
                .into_iter()
                .map(|rest| [vec![step.clone()], rest].concat()),
        );
    }
    paths
}

/// The value at a path replaced, or taken away.
fn changed(value: &Value, path: &[Step], replacement: Option<&Value>) -> Value {
    let mut copy = value.clone();
    let (last, way) = path.split_last().unwrap();
    let parent = way.iter().fold(&mut copy, |value, step| match step {
        Step::Key(key) => value.get_mut(key).unwrap(),
        Step::Item(at) => value.get_mut(at).unwrap(),
    });
    match (last, parent, replacement) {
        (Step::Key(key), Value::Object(map), Some(new)) => drop(map.insert(key.clone(), new.clone())),
        (Step::Key(key), Value::Object(map), None) => drop(map.remove(key)),
        (Step::Item(at), Value::Array(items), Some(new)) => items[*at] = new.clone(),
        (Step::Item(at), Value::Array(items), None) => drop(items.remove(*at)),
        _ => unreachable!("paths come from the value itself"),
    }
    copy
}

/// True when a path leads to an object in a list.
fn is_row(value: &Value, path: &[Step]) -> bool {
    let found = path.iter().fold(value, |value, step| match step {
        Step::Key(key) => &value[key],
        Step::Item(at) => &value[at],
    });
    found.is_object() && matches!(path.last(), Some(Step::Item(_)))
}

/// Which list's item a damage may cost.
#[derive(Clone, Copy)]
enum Cost {
    /// The item of the outermost list.
    Row,
    /// The item of the innermost list.
    Item,
}

/// Drops every field and replaces it with values of every wrong type; what stands outside the damaged item must stay.
fn assert_damage_is_contained(feed: &dyn Feed, name: &str, body: &[u8], cost: Cost) {
    const HUGE: &str = "\"a number of forty digits follows\"";
    let original: Value = serde_json::from_slice(body).unwrap();
    let replacements: Vec<Option<Value>> = vec![
        None,
        Some(Value::Null),
        Some(Value::from(7)),
        Some(Value::from("x")),
        Some(Value::from("y".repeat(4_000))),
        Some(Value::from(HUGE)),
        Some(Value::Bool(true)),
        Some(serde_json::json!([])),
        Some(serde_json::json!({"price": {"price": [1]}})),
    ];
    for path in paths_of(&original) {
        let items = (0..path.len()).filter(|at| is_row(&original, &path[..=*at]));
        let item = match cost {
            Cost::Row => items.min(),
            Cost::Item => items.max(),
        };
        let without = item.map(|at| changed(&original, &path[..=at], None).to_string());
        let kept = without
            .as_ref()
            .map(|text| quotes_of(&read(feed, text.as_bytes())))
            .unwrap_or_default();
        for replacement in &replacements {
            let text = match replacement {
                // A number that no type holds cannot be written as a value; it is put into the text.
                Some(Value::String(huge)) if huge == HUGE => {
                    changed(&original, &path, replacement.as_ref()).to_string().replace(
                        &Value::from(HUGE).to_string(),
                        "1234567890123456789012345678901234567890e999",
                    )
                }
                _ => changed(&original, &path, replacement.as_ref()).to_string(),
            };
            let reading = read(feed, text.as_bytes());
            assert_sound(&reading);
            let found = quotes_of(&reading);
            let lost: Vec<_> = kept.difference(&found).collect();
            let short = replacement
                .as_ref()
                .map(|value| value.to_string().chars().take(40).collect::<String>());
            assert!(lost.is_empty(), "{name}: {path:?} as {short:?} loses {lost:?}");
        }
    }
}
