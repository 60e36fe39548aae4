//! Real recordings through the command line: what they hold and the arbitrage in them, counted beforehand by other means.

use crate::command_line::{overround, overround_json};
use serde_json::Value;
use std::path::PathBuf;
use tempfile::tempdir;

/// The folder of recordings, or a word that there is none.
fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("OVERROUND_CORPUS").map(|corpus| PathBuf::from(corpus).join("the_odds_api"));
    if folder.is_none() {
        println!("skipped: OVERROUND_CORPUS is not set");
    }
    folder
}

/// The latest `last_update` in a recording: when it can have been received at the earliest.
fn latest_update(text: &str) -> String {
    let mut latest = String::new();
    for part in text.split("\"last_update\"").skip(1) {
        if let Some(at) = part.split('"').nth(1).filter(|at| at.len() == 20 && at.ends_with('Z')) {
            latest = latest.max(at.to_owned());
        }
    }
    latest
}

/// File, events, books, quotes, arbitrage pre-match, arbitrage with in-play, and a profit that must be among the first.
const EXPECTED: &[(&str, u64, u64, u64, usize, usize, Option<f64>)] = &[
    (
        "nba_odds_3markets_american_2022-11-23",
        14,
        21,
        874,
        1,
        4,
        Some(0.024_976),
    ),
    ("nba_odds_h2h_decimal_2025-01-05", 15, 9, 176, 2, 4, None),
    (
        "nfl_historical_odds_american_2021-11-25",
        15,
        19,
        1636,
        1,
        1,
        Some(0.002_284),
    ),
    ("nfl_odds_3markets_decimal_2023-11-06", 14, 16, 920, 0, 1, None),
    (
        "soccer_italy_h2h_h2h_lay_eu_2021-11-11",
        20,
        12,
        528,
        2,
        2,
        Some(0.007_631),
    ),
    ("nba_h2h_h2h_lay_eu_2021-11-13", 11, 10, 208, 2, 2, None),
    ("upcoming_multisport_american_2024-03-27", 28, 14, 380, 0, 8, None),
];

fn find(dir: &str, as_of: &str, in_play: &str) -> Vec<Value> {
    let found = overround_json(&[
        "opportunities",
        "--kind",
        "arbitrage",
        "--as-of",
        as_of,
        "--min-profit",
        "0",
        "--commission",
        "none",
        "--in-play",
        in_play,
        "--json",
        "--data-dir",
        dir,
    ]);
    found["opportunities"].as_array().unwrap().clone()
}

#[test]
fn recordings_give_the_counts_and_the_arbitrage_that_were_counted_by_hand() {
    let Some(folder) = recordings() else { return };
    for (name, events, books, quotes, before, with_in_play, profit) in EXPECTED {
        let dir = tempdir().unwrap();
        let data = dir.path().to_str().unwrap();
        let path = folder.join(format!("{name}.json"));
        let at = latest_update(&std::fs::read_to_string(&path).unwrap());
        let import = [
            "import",
            "--feed",
            "the_odds_api",
            "--received-at",
            &at,
            path.to_str().unwrap(),
            "--json",
            "--data-dir",
            data,
        ];
        let report = overround_json(&import);
        let counts = |report: &Value| {
            [&report["events"], &report["bookmakers"], &report["quotes"]].map(|count| count.as_u64().unwrap())
        };
        assert_eq!(counts(&report), [*events, *books, *quotes], "{name}: {report}");
        assert!(report["changes"].as_u64().unwrap() > 0, "{name}: {report}");
        let again = overround_json(&import);
        assert_eq!(
            (again["changes"].as_u64(), counts(&again)),
            (Some(0), counts(&report)),
            "{name}: a second import changes nothing"
        );
        let pre_match = find(data, &at, "exclude");
        assert_eq!(pre_match.len(), *before, "{name}: {pre_match:?}");
        assert_eq!(find(data, &at, "include").len(), *with_in_play, "{name}");
        if let Some(profit) = profit {
            assert!(
                pre_match
                    .iter()
                    .any(|found| (found["profit"].as_f64().unwrap() - profit).abs() < 5e-7),
                "{name}: {pre_match:?}"
            );
        }
        for found in &pre_match {
            let stakes: f64 = found["legs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|leg| leg["stake"].as_f64().unwrap())
                .sum();
            assert!((stakes - 1.0).abs() < 1e-9);
            let sum: f64 = found["legs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|leg| 1.0 / leg["price"].as_str().unwrap().parse::<f64>().unwrap())
                .sum();
            assert!((1.0 / sum - 1.0 - found["profit"].as_f64().unwrap()).abs() < 1e-9);
        }
    }
}

#[test]
fn every_recording_imports_without_a_failure() {
    let Some(folder) = recordings() else { return };
    let dir = tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let done = overround(&[
            "import",
            "--feed",
            "the_odds_api",
            path.to_str().unwrap(),
            "--json",
            "--data-dir",
            data,
        ]);
        assert!(
            done.status.success(),
            "{}: {}",
            path.display(),
            String::from_utf8_lossy(&done.stderr)
        );
        let report: Value = serde_json::from_slice(&done.stdout).unwrap();
        if path.file_name().unwrap() == "v3_legacy_mlb_odds.json" {
            assert!(
                report["issues"].as_u64().unwrap() > 0,
                "what cannot be used is a counted issue: {report}"
            );
        }
    }
}
