//! Sports, and the few of their rules that decide what a market means.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// A sport by its key, e.g. `basketball`. Keys are data: a sport nobody has heard of yet is kept, not refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sport(Cow<'static, str>);

impl Sport {
    /// Basketball.
    pub const BASKETBALL: Self = Self::known("basketball");
    /// American football (and Canadian).
    pub const AMERICAN_FOOTBALL: Self = Self::known("american_football");
    /// Association football.
    pub const FOOTBALL: Self = Self::known("football");
    /// Ice hockey.
    pub const ICE_HOCKEY: Self = Self::known("ice_hockey");
    /// Tennis.
    pub const TENNIS: Self = Self::known("tennis");
    /// Baseball.
    pub const BASEBALL: Self = Self::known("baseball");
    /// Cricket.
    pub const CRICKET: Self = Self::known("cricket");
    /// Australian rules football.
    pub const AUSSIE_RULES: Self = Self::known("aussie_rules");

    const fn known(key: &'static str) -> Self {
        Self(Cow::Borrowed(key))
    }

    /// From a key; anything else than letters, digits and `_` becomes `_`, letters become lower case.
    pub fn from_key(key: &str) -> Self {
        let key = key.trim().chars().map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        });
        Self(Cow::Owned(key.collect()))
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.0
    }

    /// As a person reads it: `American football`.
    pub fn name(&self) -> String {
        let spaced = self.0.replace('_', " ");
        let mut letters = spaced.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// True where the main market over the regular time has a draw to bet on: its "head to head" is three-way.
    pub fn is_drawn_often(&self) -> bool {
        *self == Self::FOOTBALL
    }
}

impl fmt::Display for Sport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
