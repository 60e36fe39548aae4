//! What stands in the address bar: filters, markets and instants as text that can be bookmarked.

use chrono::{DateTime, Utc};
use domain::{MarketKey, MarketKind, Period};
use std::fmt::Write;

/// Builds `?a=b&c=d`; empty values are left out.
#[derive(Default)]
pub struct Query(String);

impl Query {
    /// Adds a pair.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.push(if self.0.is_empty() { '?' } else { '&' });
            self.0.push_str(name);
            self.0.push('=');
            escape_into(&mut self.0, value);
        }
        self
    }

    /// Adds a pair where there is a value.
    #[must_use]
    pub fn with_known(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, &value.to_string()),
            None => self,
        }
    }

    /// The text, `?` included; empty without pairs.
    pub fn text(self) -> String {
        self.0
    }
}

/// Escapes everything but unreserved characters.
fn escape_into(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            _ = write!(text, "%{byte:02X}");
        }
    }
}

/// A market as one word: kind, period, line, participant.
///
/// ```
/// use app::address::{market_code, market_of};
/// use domain::{Line, MarketKey, MarketKind};
/// let key = MarketKey { line: Some(Line::from_hundredths(-350)), ..MarketKey::plain(MarketKind::Spread) };
/// assert_eq!(market_code(&key), "spread~full_time~-3.5~");
/// assert_eq!(market_of(&market_code(&key)), Some(key));
/// ```
pub fn market_code(key: &MarketKey) -> String {
    let line = key.line.map(|line| line.to_string()).unwrap_or_default();
    let participant = key.participant.as_deref().unwrap_or_default();
    format!("{}~{}~{line}~{participant}", key.kind.code(), key.period.code())
}

/// The market of such a word.
pub fn market_of(code: &str) -> Option<MarketKey> {
    let mut parts = code.splitn(4, '~');
    let kind = MarketKind::from_code(parts.next()?)?;
    let period = Period::from_code(parts.next()?)?;
    let line = match parts.next()? {
        "" => None,
        line => Some(line.parse().ok()?),
    };
    let participant = parts.next().filter(|name| !name.is_empty()).map(str::to_owned);
    Some(MarketKey {
        kind,
        period,
        line,
        participant,
    })
}

/// An instant as RFC 3339 or as milliseconds since 1970 (what the slider sends without scripts).
pub fn instant_of(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    text.parse::<i64>()
        .ok()
        .and_then(DateTime::from_timestamp_millis)
        .or_else(|| text.parse().ok())
}

/// The path to come back to after signing in, if it stays on this site.
///
/// ```
/// assert_eq!(app::address::local_path("/games?day=2026-11-21"), "/games?day=2026-11-21");
/// assert_eq!(app::address::local_path("//elsewhere.example"), "/");
/// ```
pub fn local_path(path: &str) -> &str {
    let stays = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if stays { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_would_end_a_pair_are_escaped() {
        assert_eq!(Query::default().with("q", "a&b=c d").text(), "?q=a%26b%3Dc%20d");
    }

    #[test]
    fn empty_values_are_left_out() {
        assert_eq!(
            Query::default().with("q", "").with_known("page", None::<u32>).text(),
            ""
        );
    }

    #[test]
    fn an_instant_is_read_in_both_forms() {
        assert_eq!(instant_of("1763690000000"), instant_of("2025-11-21T01:53:20Z"));
        assert!(instant_of("yesterday").is_none());
    }
}
