//! Who may import whom: the one structural rule that a machine keeps.

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// What each crate may depend on among ours, and what it must never touch of the world.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("engine", &["domain"]),
    ("feeds", &["domain"]),
    ("migrations", &[]),
    ("store", &["domain", "migrations"]),
    ("app", &["domain"]),
    ("frontend", &["app"]),
    ("server", &["app", "domain", "engine", "feeds", "migrations", "store"]),
];

/// Crates that reach the network, the database or the clock; none of them is a dependency of what thinks.
const OF_THE_WORLD: &[&str] = &["tokio", "reqwest", "axum", "sea-orm", "sqlx", "getrandom", "rand"];

#[test]
fn crates_import_only_what_the_architecture_allows() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: Vec<&str> = packages
        .iter()
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let may = allowed
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in the table; add it with its reason to docs/ARCHITECTURE.md"));
        for dependency in package["dependencies"].as_array().unwrap() {
            if !dependency["kind"].is_null() {
                continue;
            }
            let on = dependency["name"].as_str().unwrap();
            assert!(!ours.contains(&on) || may.contains(&on), "{name} must not import {on}");
            let is_pure = matches!(name, "domain" | "engine" | "feeds");
            assert!(
                !is_pure || !OF_THE_WORLD.contains(&on),
                "{name} must stay pure and not import {on}"
            );
        }
    }
}
