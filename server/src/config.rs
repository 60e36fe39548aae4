//! Configuration: defaults, then `overround.yaml`, then the environment, then flags; the later wins.
//!
//! [`KEYS`] is the one list of what can be set. The README's table is generated from it and a test compares the two.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One thing that can be set: its name in `overround.yaml`, its environment variable, its default and its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// In `overround.yaml`.
    pub name: &'static str,
    /// In the environment.
    pub variable: &'static str,
    /// When nothing is set; empty means none.
    pub default: &'static str,
    /// What it does.
    pub help: &'static str,
}

macro_rules! keys {
    ($($name:literal, $variable:literal, $default:literal, $help:literal;)+) => {
        /// Everything that can be set.
        pub const KEYS: &[Key] = &[$(Key { name: $name, variable: $variable, default: $default, help: $help }),+];
    };
}

keys! {
    "data_dir", "OVERROUND_DATA_DIR", "./data", "Folder for the database, the key of sealed secrets and the logs.";
    "database_url", "OVERROUND_DATABASE_URL", "", "`postgres://...` for PostgreSQL; empty means SQLite in the data folder.";
    "listen", "OVERROUND_LISTEN", "127.0.0.1:8080", "Address and port to serve on.";
    "roles", "OVERROUND_ROLES", "web,worker,scheduler", "What this process does; several processes can share one PostgreSQL.";
    "base_url", "OVERROUND_BASE_URL", "", "The address people use, e.g. `https://odds.example.org`; https turns on secure cookies and HSTS.";
    "trusted_proxies", "OVERROUND_TRUSTED_PROXIES", "", "Addresses of reverse proxies whose `X-Forwarded-For` is believed, separated by commas.";
    "demo", "OVERROUND_DEMO", "true", "Whether the made-up demo market runs.";
    "demo_year", "OVERROUND_DEMO_YEAR", "true", "Whether the first owner gets a year of paper bets on the demo market.";
    "demo_seed", "OVERROUND_DEMO_SEED", "1", "The same seed makes the same demo market.";
    "demo_speed", "OVERROUND_DEMO_SPEED", "1", "How many times faster than the clock the demo market lives.";
    "log_level", "LOG_LEVEL", "info", "`error`, `warn`, `info`, `debug` or `trace`.";
    "log_dir", "LOG_DIR", "", "Folder of the log files, rotated at 5 MB; empty means `logs` in the data folder.";
    "log_files", "OVERROUND_LOG_FILES", "5", "How many rotated log files are kept.";
    "max_connections", "OVERROUND_MAX_CONNECTIONS", "1024", "Open network connections beyond this wait.";
    "max_body_bytes", "OVERROUND_MAX_BODY_BYTES", "1048576", "The largest request body that is read.";
    "api_requests_per_minute", "OVERROUND_API_REQUESTS_PER_MINUTE", "600", "Requests to the API that one user or key may send; more are answered with 429.";
    "request_timeout_s", "OVERROUND_REQUEST_TIMEOUT_S", "30", "A request that takes longer is answered with 503.";
    "drain_timeout_s", "OVERROUND_DRAIN_TIMEOUT_S", "20", "How long open requests and jobs may finish when the process is asked to stop.";
    "database_connections", "OVERROUND_DATABASE_CONNECTIONS", "8", "Connections in the pool.";
    "database_acquire_timeout_s", "OVERROUND_DATABASE_ACQUIRE_TIMEOUT_S", "15", "How long to wait for a connection; the one that writes to SQLite is busy for seconds while tens of thousands of bets are imported.";
    "database_statement_timeout_s", "OVERROUND_DATABASE_STATEMENT_TIMEOUT_S", "30", "A statement that takes longer is cancelled (PostgreSQL).";
    "session_idle_hours", "OVERROUND_SESSION_IDLE_HOURS", "72", "A session ends after so long without a request.";
    "session_max_days", "OVERROUND_SESSION_MAX_DAYS", "30", "A session ends after so long in any case.";
    "feed_timeout_s", "OVERROUND_FEED_TIMEOUT_S", "30", "A feed's answer that takes longer is a failure; a feed's own limit may be shorter.";
    "validation_reject", "OVERROUND_VALIDATION_REJECT", "", "Kinds of findings that keep a quote out instead of flagging it, separated by commas, e.g. `overround_low,price_out_of_range`.";
    "retention_raw_days", "OVERROUND_RETENTION_RAW_DAYS", "30", "How long raw answers are kept; prices are kept for ever.";
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// Answers people and programs.
    pub web: bool,
    /// Runs jobs.
    pub worker: bool,
    /// Decides what is due.
    pub scheduler: bool,
}

/// The whole configuration, read and checked.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is explained by its line in KEYS")]
pub struct Config {
    pub data_dir: PathBuf,
    pub database_url: Option<String>,
    pub listen: SocketAddr,
    pub roles: Roles,
    pub base_url: Option<String>,
    pub trusted_proxies: Vec<std::net::IpAddr>,
    pub demo: bool,
    pub demo_year: bool,
    pub demo_seed: u64,
    pub demo_speed: u32,
    pub log_level: tracing::Level,
    pub log_dir: PathBuf,
    pub log_files: usize,
    pub max_connections: usize,
    pub max_body_bytes: usize,
    pub api_requests_per_minute: u32,
    pub request_timeout_s: u64,
    pub drain_timeout_s: u64,
    pub database_connections: u32,
    pub database_acquire_timeout_s: u64,
    pub database_statement_timeout_s: u64,
    pub session_idle_hours: i64,
    pub session_max_days: i64,
    pub feed_timeout_s: u64,
    pub validation_reject: Vec<domain::IssueKind>,
    pub retention_raw_days: u32,
}

/// What is wrong with the configuration, and where it was said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {key}: {problem}")]
pub struct ConfigError {
    /// `overround.yaml`, `environment` or `flags`.
    pub origin: String,
    /// Which key.
    pub key: String,
    /// What is wrong and what is accepted.
    pub problem: String,
}

/// Values by key name, as text, with where they came from.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<&'static str, (String, String)>);

impl Sources {
    /// The defaults.
    pub fn defaults() -> Self {
        Self(
            KEYS.iter()
                .map(|key| (key.name, (key.default.to_owned(), "default".to_owned())))
                .collect(),
        )
    }

    /// Sets one value.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn set(&mut self, origin: &str, name: &str, value: impl Into<String>) -> Result<(), ConfigError> {
        let key = KEYS.iter().find(|key| key.name == name).ok_or_else(|| ConfigError {
            origin: origin.to_owned(),
            key: name.to_owned(),
            problem: "there is no such setting; see the table in the README".to_owned(),
        })?;
        self.0.insert(key.name, (value.into(), origin.to_owned()));
        Ok(())
    }

    /// Takes the values of a YAML document: a flat map of scalars; lists are joined by commas.
    ///
    /// # Errors
    /// When it is not such a map, or names an unknown key.
    pub fn set_yaml(&mut self, origin: &str, text: &str) -> Result<(), ConfigError> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Scalar {
            Flag(bool),
            Whole(i64),
            Text(String),
            List(Vec<String>),
        }
        let values: Option<BTreeMap<String, Scalar>> = serde_yaml_ng::from_str(text).map_err(|error| ConfigError {
            origin: origin.to_owned(),
            key: "file".to_owned(),
            problem: format!("expected lines such as `listen: 127.0.0.1:8080` ({error})"),
        })?;
        for (name, value) in values.unwrap_or_default() {
            let text = match value {
                Scalar::Flag(flag) => flag.to_string(),
                Scalar::Whole(number) => number.to_string(),
                Scalar::Text(text) => text,
                Scalar::List(items) => items.join(","),
            };
            self.set(origin, &name, text)?;
        }
        Ok(())
    }

    /// Takes the variables that `read` knows.
    pub fn set_environment(&mut self, read: impl Fn(&str) -> Option<String>) {
        for key in KEYS {
            if let Some(value) = read(key.variable) {
                self.0
                    .insert(key.name, (value, format!("environment ({})", key.variable)));
            }
        }
    }

    fn text(&self, name: &str) -> (&str, &str) {
        self.0
            .get(name)
            .map_or(("", "default"), |(value, origin)| (value.trim(), origin))
    }

    fn fail<T>(&self, name: &str, expected: &str) -> Result<T, ConfigError> {
        let (value, origin) = self.text(name);
        Err(ConfigError {
            origin: origin.to_owned(),
            key: name.to_owned(),
            problem: format!("expected {expected}, got `{value}`"),
        })
    }

    fn parse<T: FromStr>(&self, name: &str, expected: &str) -> Result<T, ConfigError> {
        self.text(name).0.parse().or_else(|_| self.fail(name, expected))
    }

    fn parse_within<T: FromStr + PartialOrd + std::fmt::Display>(
        &self,
        name: &str,
        low: T,
        high: T,
    ) -> Result<T, ConfigError> {
        match self.text(name).0.parse::<T>() {
            Ok(value) if value >= low && value <= high => Ok(value),
            _ => self.fail(name, &format!("a whole number from {low} to {high}")),
        }
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.text(name)
            .0
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }

    /// Reads and checks everything.
    ///
    /// # Errors
    /// The first value that is not what its key accepts.
    pub fn read(&self) -> Result<Config, ConfigError> {
        let text = |name: &str| Some(self.text(name).0.to_owned()).filter(|value| !value.is_empty());
        let data_dir = PathBuf::from(self.text("data_dir").0);
        let mut roles = Roles {
            web: false,
            worker: false,
            scheduler: false,
        };
        for role in self.list("roles") {
            match role {
                "web" => roles.web = true,
                "worker" => roles.worker = true,
                "scheduler" => roles.scheduler = true,
                _ => return self.fail("roles", "some of web, worker, scheduler"),
            }
        }
        if roles
            == (Roles {
                web: false,
                worker: false,
                scheduler: false,
            })
        {
            return self.fail("roles", "some of web, worker, scheduler");
        }
        let base_url = text("base_url");
        if base_url
            .as_deref()
            .is_some_and(|url| !(url.starts_with("https://") || url.starts_with("http://")))
        {
            return self.fail("base_url", "an address that begins with http:// or https://");
        }
        let database_url = text("database_url");
        if database_url.as_deref().is_some_and(|url| !is_database_url(url)) {
            return self.fail(
                "database_url",
                "postgres://USER:PASSWORD@HOST/DATABASE or sqlite://FILE",
            );
        }
        Ok(Config {
            log_dir: text("log_dir").map_or_else(|| data_dir.join("logs"), PathBuf::from),
            data_dir,
            database_url,
            listen: self.parse("listen", "an address and a port such as 127.0.0.1:8080")?,
            roles,
            base_url,
            trusted_proxies: self
                .list("trusted_proxies")
                .map(|item| {
                    item.parse()
                        .or_else(|_| self.fail("trusted_proxies", "addresses separated by commas"))
                })
                .collect::<Result<_, _>>()?,
            demo: self.parse("demo", "true or false")?,
            demo_year: self.parse("demo_year", "true or false")?,
            demo_seed: self.parse("demo_seed", "a whole number")?,
            demo_speed: self.parse_within("demo_speed", 1, 1000)?,
            log_level: self.parse("log_level", "error, warn, info, debug or trace")?,
            log_files: self.parse_within("log_files", 1, 1000)?,
            max_connections: self.parse_within("max_connections", 1, 1_000_000)?,
            max_body_bytes: self.parse_within("max_body_bytes", 1024, 1 << 30)?,
            api_requests_per_minute: self.parse_within("api_requests_per_minute", 1, 1_000_000_000)?,
            request_timeout_s: self.parse_within("request_timeout_s", 1, 3600)?,
            drain_timeout_s: self.parse_within("drain_timeout_s", 0, 3600)?,
            database_connections: self.parse_within("database_connections", 1, 1000)?,
            database_acquire_timeout_s: self.parse_within("database_acquire_timeout_s", 1, 600)?,
            database_statement_timeout_s: self.parse_within("database_statement_timeout_s", 1, 3600)?,
            session_idle_hours: self.parse_within("session_idle_hours", 1, 24 * 365)?,
            session_max_days: self.parse_within("session_max_days", 1, 3650)?,
            feed_timeout_s: self.parse_within("feed_timeout_s", 1, 600)?,
            validation_reject: self
                .list("validation_reject")
                .map(|code| {
                    domain::IssueKind::from_code(code).map_or_else(
                        || self.fail("validation_reject", "kinds such as overround_low, separated by commas"),
                        Ok,
                    )
                })
                .collect::<Result<_, _>>()?,
            retention_raw_days: self.parse_within("retention_raw_days", 1, 36_500)?,
        })
    }
}

fn is_database_url(url: &str) -> bool {
    ["postgres://", "postgresql://", "sqlite:"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
}

impl Config {
    /// Reads everything in order: defaults, the file (`overround.yaml` in the working directory unless named), the
    /// environment, then flags.
    ///
    /// # Errors
    /// The first thing that is wrong, with where it was said.
    pub fn load(file: Option<&Path>, flags: &[(&str, String)]) -> Result<Self, ConfigError> {
        let mut sources = Sources::defaults();
        let path = file.unwrap_or_else(|| Path::new("overround.yaml"));
        match std::fs::read_to_string(path) {
            Ok(text) => sources.set_yaml(&path.display().to_string(), &text)?,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(ConfigError {
                    origin: path.display().to_string(),
                    key: "file".to_owned(),
                    problem: format!("cannot be read ({error})"),
                });
            }
        }
        sources.set_environment(|name| std::env::var(name).ok());
        for (name, value) in flags {
            sources.set("flags", name, value.clone())?;
        }
        sources.read()
    }

    /// Where the data lies: the given database, or SQLite in the data directory.
    pub fn database_url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("overround.sqlite").display()))
    }

    /// True when people reach the site over TLS.
    pub fn is_https(&self) -> bool {
        self.base_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// The README's configuration table.
pub fn markdown_table() -> String {
    let mut table = String::from("| setting | environment | default | meaning |\n| --- | --- | --- | --- |\n");
    for key in KEYS {
        let default = if key.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", key.default)
        };
        // Writing to a text never fails.
        let _ = writeln!(
            table,
            "| `{}` | `{}` | {default} | {} |",
            key.name, key.variable, key.help
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_sources_win_over_earlier_ones() {
        let mut sources = Sources::defaults();
        sources
            .set_yaml("overround.yaml", "listen: 127.0.0.1:1000\ndemo: false\nroles: [web]")
            .unwrap();
        sources.set_environment(|name| (name == "OVERROUND_LISTEN").then(|| "127.0.0.1:2000".to_owned()));
        assert_eq!(sources.read().unwrap().listen.port(), 2000);
        sources.set("flags", "listen", "127.0.0.1:3000").unwrap();
        let config = sources.read().unwrap();
        assert_eq!(
            (config.listen.port(), config.demo, config.roles.worker),
            (3000, false, false)
        );
    }

    #[test]
    fn a_wrong_value_says_where_it_came_from_and_what_is_accepted() {
        let mut sources = Sources::defaults();
        sources.set("flags", "listen", "nonsense").unwrap();
        let said = sources.read().unwrap_err().to_string();
        assert_eq!(
            said,
            "flags: listen: expected an address and a port such as 127.0.0.1:8080, got `nonsense`"
        );
        assert!(
            Sources::defaults()
                .set_yaml("overround.yaml", "lisen: x")
                .unwrap_err()
                .to_string()
                .contains("lisen")
        );
        assert!(Sources::defaults().set_yaml("overround.yaml", "- a\n- b").is_err());
    }

    #[test]
    fn the_readme_lists_every_setting() {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
        assert!(
            readme.contains(&markdown_table()),
            "put this table into README.md:\n{}",
            markdown_table()
        );
    }
}
