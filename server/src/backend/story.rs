//! What changed about a bet, in words: kept as the two states of each part, told as a person would.

use crate::desk::preferences::Preferences;
use app::pages::bet::fate_words;
use chrono::{DateTime, Utc};
use domain::bet::{BetStatus, CashOut, SettledBet, Wager};
use domain::settlement::Fate;
use domain::{AccountId, Currency, Money};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;

/// A part of a bet that changed: its name, what it was, what it is.
type Difference = (String, String, String);

/// What is needed to tell what changed.
pub struct Teller<'a> {
    /// How its reader writes.
    pub preferences: &'a Preferences,
    /// In which currency the bet is.
    pub currency: Currency,
    /// What the reader calls their accounts.
    pub accounts: &'a HashMap<AccountId, String>,
}

/// A state of a part; none where it was not there, or is of another version of the program.
fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

impl Teller<'_> {
    /// What changed, part by part; what follows from another part, and what the action says itself, is left out.
    pub fn differences(&self, detail: &Value) -> Vec<Difference> {
        let Some(parts) = detail.as_object() else {
            return Vec::new();
        };
        let mut told = Vec::new();
        for (part, change) in parts {
            let side = |side: &str| change.get(side).unwrap_or(&Value::Null);
            let (from, to) = (side("from"), side("to"));
            match part.as_str() {
                "status" if parts.contains_key("settled") => {}
                "at_risk" if parts.contains_key("wager") => {}
                "deleted_at" => {}
                "wager" => told.extend(self.wagers(from, to)),
                "fates" => told.extend(fates(from, to)),
                _ => {
                    let name = match part.as_str() {
                        "account_id" => "Account".to_owned(),
                        "bookmaker_id" => "Bookmaker".to_owned(),
                        "settled" => "Settled".to_owned(),
                        other => app::write::capitalised(&other.replace('_', " ")),
                    };
                    told.push((name, self.words(part, from), self.words(part, to)));
                }
            }
        }
        told
    }

    fn money(&self, minor: i64) -> String {
        let currency = self.currency;
        Money { minor, currency }.to_string()
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.preferences.zone());
        local.format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// One state of a part that is told as a whole.
    fn words(&self, part: &str, value: &Value) -> String {
        let known = match part {
            "status" => read::<BetStatus>(value).map(|status| status.name().to_owned()),
            "settled" => read::<SettledBet>(value).map(|settled| {
                let charged = match settled.commission {
                    0 => String::new(),
                    minor => format!(", {} commission", self.money(minor)),
                };
                let how = settled.settled_as.name();
                format!("{how}, {} back{charged}", self.money(settled.payout))
            }),
            "cash_outs" => read::<Vec<CashOut>>(value)
                .filter(|parts| !parts.is_empty())
                .map(|parts| {
                    let sold = parts.iter().map(|part| {
                        let (stake, amount) = (self.money(part.stake), self.money(part.amount));
                        format!("{stake} sold for {amount}")
                    });
                    sold.collect::<Vec<_>>().join("; ")
                }),
            "at_risk" => value.as_i64().map(|minor| self.money(minor)),
            "placed_at" | "recorded_at" => read::<DateTime<Utc>>(value).map(|at| self.time(at)),
            "tags" => read::<Vec<String>>(value)
                .filter(|tags| !tags.is_empty())
                .map(|tags| tags.join(", ")),
            "account_id" => read::<AccountId>(value).and_then(|id| self.accounts.get(&id).cloned()),
            _ => None,
        };
        known.unwrap_or_else(|| match value {
            Value::Null => "nothing".to_owned(),
            Value::String(text) if text.is_empty() => "nothing".to_owned(),
            Value::String(text) => text.clone(),
            Value::Array(items) if items.is_empty() => "nothing".to_owned(),
            other => other.to_string(),
        })
    }

    /// What differs between two wagers: stake and prices, which are all of a wager that changes.
    fn wagers(&self, from: &Value, to: &Value) -> Vec<Difference> {
        let (Some(from), Some(to)) = (read::<Wager>(from), read::<Wager>(to)) else {
            return Vec::new();
        };
        let mut told = Vec::new();
        if from.stake != to.stake {
            told.push(("Stake".to_owned(), self.money(from.stake), self.money(to.stake)));
        }
        let format = self.preferences.odds_format;
        for (at, (was, is)) in from.legs.iter().zip(&to.legs).enumerate() {
            if was.price != is.price {
                let name = named("Price", at, to.legs.len());
                told.push((name, format.write(was.price), format.write(is.price)));
            }
        }
        told
    }
}

fn fates(from: &Value, to: &Value) -> Vec<Difference> {
    let (Some(from), Some(to)) = (read::<Vec<Fate>>(from), read::<Vec<Fate>>(to)) else {
        return Vec::new();
    };
    let count = to.len();
    let changed = from.iter().zip(&to).enumerate().filter(|(_, (was, is))| was != is);
    changed
        .map(|(at, (was, is))| (named("Result", at, count), fate_words(was), fate_words(is)))
        .collect()
}

/// What is told of a leg: of several it says of which.
fn named(what: &str, at: usize, count: usize) -> String {
    if count == 1 {
        what.to_owned()
    } else {
        format!("{what} of leg {}", at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(detail: &Value) -> Vec<Difference> {
        let teller = Teller {
            preferences: &Preferences::default(),
            currency: "EUR".parse().unwrap(),
            accounts: &HashMap::from([(AccountId(3), "Harbour".to_owned())]),
        };
        teller.differences(detail)
    }

    fn row(name: &str, from: &str, to: &str) -> Difference {
        (name.to_owned(), from.to_owned(), to.to_owned())
    }

    #[test]
    fn a_settlement_is_told_by_how_it_ended_and_what_came_back() {
        let settled = json!({"settled_as": "win", "payout": 2450, "commission": 20, "at": "2026-11-01T12:00:00Z",
            "reason": "4:2", "is_automatic": true});
        let detail = json!({
            "status": {"from": "open", "to": "settled"},
            "settled": {"from": null, "to": settled},
            "fates": {"from": [{"end": null}], "to": [{"end": {"result": "win"}}]}
        });
        let expected = [
            row("Result", "Open", "Won"),
            row("Settled", "nothing", "Won, 24.50 EUR back, 0.20 EUR commission"),
        ];
        assert_eq!(told(&detail), expected);
    }

    #[test]
    fn words_times_and_accounts_are_told_as_their_reader_knows_them() {
        let detail = json!({
            "note": {"from": "", "to": "Early news"},
            "tags": {"from": [], "to": ["value", "live"]},
            "account_id": {"from": 3, "to": 4},
            "placed_at": {"from": "2026-11-01T12:00:00Z", "to": "2026-11-01T12:05:30Z"},
            "cash_outs": {"from": [], "to": [{"at": "2026-11-01T12:00:00Z", "stake": 400, "amount": 650}]},
            "deleted_at": {"from": null, "to": "2026-11-01T12:00:00Z"}
        });
        let expected = [
            row("Account", "Harbour", "4"),
            row("Cash outs", "nothing", "4.00 EUR sold for 6.50 EUR"),
            row("Note", "nothing", "Early news"),
            row("Placed at", "2026-11-01 12:00:00", "2026-11-01 12:05:30"),
            row("Tags", "nothing", "value, live"),
        ];
        assert_eq!(told(&detail), expected);
    }

    #[test]
    fn what_cannot_be_read_is_shown_as_it_is() {
        let detail = json!({"settled": {"from": null, "to": {"shape": "of another version"}}});
        assert_eq!(
            told(&detail),
            [row("Settled", "nothing", r#"{"shape":"of another version"}"#)]
        );
        assert_eq!(told(&Value::Null), []);
    }
}
