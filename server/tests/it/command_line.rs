//! The command line as people and programs use it.

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use tempfile::tempdir;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overround"));
    // A folder without overround.yaml, and no settings from outside.
    command.args(arguments).current_dir(std::env::temp_dir());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OVERROUND_") || name.starts_with("LOG_")) {
        command.env_remove(name);
    }
    command
}

pub fn overround(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

pub fn overround_json(arguments: &[&str]) -> Value {
    let done = overround(arguments);
    assert!(
        done.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&done.stdout)))
}

fn with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_new_desk_is_migrated_gets_an_owner_and_a_key() {
    let dir = tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    assert!(overround(&["migrate", "--data-dir", data]).status.success());
    let create = [
        "user",
        "create",
        "--email",
        "ann@example.org",
        "--password-stdin",
        "--role",
        "owner",
        "--data-dir",
        data,
    ];
    let made = with_input(&create, "correct horse battery\n");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let again = with_input(&create, "correct horse battery\n");
    assert!(!again.status.success());
    let key = overround(&[
        "api-key",
        "create",
        "--email",
        "ann@example.org",
        "--scope",
        "read",
        "--data-dir",
        data,
    ]);
    let key = String::from_utf8(key.stdout).unwrap();
    assert_eq!(key.lines().count(), 1, "the key alone is printed: {key}");
    assert!(key.starts_with("ovr_"));
    let listed = overround_json(&[
        "api-key",
        "list",
        "--email",
        "ann@example.org",
        "--json",
        "--data-dir",
        data,
    ]);
    assert_eq!(listed["api_keys"][0]["scopes"], json!(["read"]));
    assert!(!listed.to_string().contains(key.trim()), "a key is shown once");
    let doctor = overround_json(&["doctor", "--json", "--data-dir", data]);
    assert_eq!(doctor["is_ok"], json!(true), "{doctor}");
}

#[test]
fn stakes_for_an_arbitrage_are_honest_about_the_worst_case() {
    let arb =
        |odds: &str, step: &str| overround_json(&["arb", "--odds", odds, "--total", "100", "--step", step, "--json"]);
    let plan = arb("3.60,3.70,2.30", "5");
    let (stakes, returns) = (plan["stakes"].as_array().unwrap(), plan["returns"].as_array().unwrap());
    let staked: f64 = stakes.iter().map(|stake| stake.as_f64().unwrap()).sum();
    assert!((staked - plan["staked"].as_f64().unwrap()).abs() < 1e-9 && staked <= 100.0);
    for ((stake, price), profit) in stakes.iter().zip([3.6, 3.7, 2.3]).zip(returns) {
        assert!((stake.as_f64().unwrap() * price - staked - profit.as_f64().unwrap()).abs() < 0.01);
        assert!((stake.as_f64().unwrap() % 5.0).abs() < 1e-9);
    }
    let worst = returns
        .iter()
        .map(|profit| profit.as_f64().unwrap())
        .fold(f64::INFINITY, f64::min);
    assert!((plan["guaranteed"].as_f64().unwrap() - worst).abs() < 1e-9);
    assert!(
        (plan["naive_guaranteed"].as_f64().unwrap() + 7.5).abs() < 1e-9,
        "rounding each stake by itself loses: {plan}"
    );
    assert_eq!(arb("2.10,2.00", "1")["returns"], json!([2.9, 2]));
}

#[test]
fn fair_probabilities_and_stakes_are_those_of_the_textbook() {
    let close = |found: &serde_json::Value, expected: &[f64], within: f64| {
        let found: Vec<f64> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_f64().unwrap())
            .collect();
        assert_eq!(found.len(), expected.len());
        assert!(
            found
                .iter()
                .zip(expected)
                .all(|(one, other)| (one - other).abs() < within),
            "{found:?}"
        );
    };
    let shin = overround_json(&["devig", "--method", "shin", "--odds", "4.20,3.70,1.95", "--json"]);
    close(
        &shin["probabilities"],
        &[0.231_571_96, 0.263_574_50, 0.504_853_54],
        1e-8,
    );
    assert!((shin["parameter"].as_f64().unwrap() - 0.010_608_06).abs() < 1e-8);
    assert!(
        (shin["overround"].as_f64().unwrap() - 0.021_186_02).abs() < 1e-6,
        "{shin}"
    );
    let two = overround_json(&["kelly", "--simultaneous", "0.55@2.0,0.40@2.75", "--json"]);
    close(&two["fractions"], &[0.099_46, 0.056_60], 5e-6);
    let five = ["0.60@2.0"; 5].join(",");
    let five = overround_json(&["kelly", "--simultaneous", &five, "--json"]);
    close(&five["fractions"], &[0.165_38; 5], 5e-6);
}

#[test]
fn a_wrong_flag_file_or_address_gets_one_line_that_says_what_to_do() {
    let dir = tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["nonsense"], "overround"),
        (&["import", "--feed", "the_odds_api"], "FILE"),
        (
            &["import", "--feed", "nobody", "x.json", "--data-dir", data],
            "the_odds_api",
        ),
        (
            &[
                "import",
                "--feed",
                "the_odds_api",
                "/no/such/file.json",
                "--data-dir",
                data,
            ],
            "/no/such/file.json",
        ),
        (&["devig", "--method", "magic", "--odds", "2,2"], "odds_ratio"),
        (&["devig", "--odds", "2,one"], "--odds: `one`"),
        (&["devig", "--odds", "2.1,2.1"], "no margin"),
        (&["kelly", "--simultaneous", "0.55"], "0.55@2.0"),
        (&["kelly", "--simultaneous", "55@2.0"], "between 0 and 1"),
        (&["kelly"], "--simultaneous"),
        (
            &["opportunities", "--as-of", "yesterday", "--data-dir", data],
            "2026-11-21T18:00:00Z",
        ),
        (
            &["migrate", "--database-url", "mysql://x/y", "--data-dir", data],
            "postgres://",
        ),
        (&["migrate", "--data-dir", "/proc/nothing/here"], "/proc/nothing/here"),
        (&["serve", "--listen", "nonsense", "--data-dir", data], "127.0.0.1:8080"),
        (
            &["user", "create", "--email", "x", "--data-dir", data],
            "--password-stdin",
        ),
        (&["arb", "--odds", "1.0,2.0"], "above 1"),
        (&["arb", "--odds", "2.5,2.5", "--total", "-1"], "stake"),
        (&["events", "--status", "gone", "--data-dir", data], "scheduled"),
    ];
    for (arguments, expected) in cases {
        let done = overround(arguments);
        assert!(!done.status.success(), "{arguments:?}");
        assert!(
            done.stdout.is_empty(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&done.stdout)
        );
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(said.trim_end().lines().count(), 1, "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    let dir = tempdir().unwrap();
    let url = "postgres://ann:topsecret@127.0.0.1:9/none";
    let done = overround(&[
        "migrate",
        "--database-url",
        url,
        "--data-dir",
        dir.path().to_str().unwrap(),
    ]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        !done.status.success() && said.contains("database") && !said.contains("topsecret"),
        "{said}"
    );
}

#[test]
fn strategies_are_listed_switched_and_carried_by_command() {
    let dir = tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let create = [
        "user",
        "create",
        "--email",
        "ann@example.org",
        "--password-stdin",
        "--data-dir",
        data,
    ];
    assert!(with_input(&create, "correct horse battery\n").status.success());
    let run = |arguments: &[&str]| {
        let all = [
            &["strategies"],
            arguments,
            &["--email", "ann@example.org", "--data-dir", data, "--json"],
        ]
        .concat();
        overround_json(&all)
    };
    let listed = run(&["list"]);
    assert_eq!(listed["strategies"][1]["kind"], "value");
    assert_eq!(run(&["disable", "2"])["is_enabled"], false);
    assert_eq!(run(&["list"])["strategies"][1]["is_enabled"], false);
    let file = dir.path().join("strategies.yaml");
    std::fs::write(&file, run(&["export"])["yaml"].as_str().unwrap()).unwrap();
    let before = listed["strategies"].as_array().unwrap().len();
    assert_eq!(run(&["import", file.to_str().unwrap()])["imported"], json!(before));
    let wrong = overround(&[
        "strategies",
        "enable",
        "99",
        "--email",
        "ann@example.org",
        "--data-dir",
        data,
    ]);
    assert_eq!(
        String::from_utf8_lossy(&wrong.stderr),
        "error: there is no such strategy\n"
    );
    let nobody = overround(&["strategies", "list", "--email", "x@example.org", "--data-dir", data]);
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("overround user list"));
}
