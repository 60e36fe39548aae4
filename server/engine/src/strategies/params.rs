//! What can be tuned about a strategy: a specification that draws its form, checks what is given, and documents it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// Its name in JSON, YAML and forms.
    pub name: &'static str,
    /// As a person reads it.
    pub label: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// What it can be.
    pub kind: ParamKind,
}

/// What a parameter can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParamKind {
    /// A number in a range, both ends included.
    Number {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
        /// Where nothing is given.
        default: f64,
        /// Digits after the point at most; 0 for whole numbers.
        decimals: u8,
        /// `%`, `s`; empty for a plain number.
        unit: &'static str,
    },
    /// One of some words: code and name of each.
    Choice {
        /// What there is to choose from.
        options: &'static [(&'static str, &'static str)],
        /// The code where nothing is given.
        default: &'static str,
    },
    /// Yes or no.
    Flag {
        /// Where nothing is given.
        default: bool,
    },
    /// Any number of words, such as keys of sports; none means all.
    Words {
        /// What the words are.
        of: &'static str,
    },
}

/// A parameter that can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{name}: {message}")]
pub struct ParamError {
    /// Which.
    pub name: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Checked parameters of one strategy: every one of its specification, and no other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params(BTreeMap<String, Value>);

/// At most so many words in one parameter, and so many letters in a word.
const MAX_WORDS: usize = 100;
const MAX_WORD: usize = 64;

impl ParamKind {
    /// The value where nothing is given.
    pub fn default_value(self) -> Value {
        match self {
            Self::Number { default, .. } => number(default),
            Self::Choice { default, .. } => default.into(),
            Self::Flag { default } => default.into(),
            Self::Words { .. } => Value::Array(Vec::new()),
        }
    }

    /// What it can be, in words.
    pub fn range(self) -> String {
        match self {
            Self::Number {
                min,
                max,
                decimals,
                unit,
                ..
            } => {
                let unit = if unit.is_empty() {
                    String::new()
                } else {
                    format!(" {unit}")
                };
                let what = if decimals == 0 { "a whole number" } else { "a number" };
                format!("{what} from {min} to {max}{unit}")
            }
            Self::Choice { options, .. } => {
                let codes: Vec<&str> = options.iter().map(|(code, _)| *code).collect();
                format!("one of {}", codes.join(", "))
            }
            Self::Flag { .. } => "true or false".to_owned(),
            Self::Words { of } => format!("a list of {of}; none means all"),
        }
    }

    /// Takes a JSON value, or a text as a form sends it.
    fn take(self, given: &Value) -> Option<Value> {
        match self {
            Self::Number { min, max, decimals, .. } => {
                let value = match given {
                    Value::Number(value) => value.as_f64()?,
                    Value::String(text) => text.trim().replace(',', ".").parse().ok()?,
                    _ => return None,
                };
                let scale = 10_f64.powi(decimals.into());
                let is_short = (value * scale - (value * scale).round()).abs() < 1e-6;
                (value >= min && value <= max && is_short).then(|| number((value * scale).round() / scale))
            }
            Self::Choice { options, .. } => {
                let text = given.as_str()?.trim();
                options
                    .iter()
                    .find(|(code, _)| *code == text)
                    .map(|(code, _)| (*code).into())
            }
            Self::Flag { .. } => match given {
                Value::Bool(flag) => Some((*flag).into()),
                Value::String(text) => match text.as_str() {
                    "true" | "on" => Some(true.into()),
                    "false" | "" => Some(false.into()),
                    _ => None,
                },
                _ => None,
            },
            Self::Words { .. } => {
                let words: Vec<String> = match given {
                    Value::Array(words) => words
                        .iter()
                        .map(|word| word.as_str().map(str::to_owned))
                        .collect::<Option<_>>()?,
                    Value::String(text) => text.split([',', ' ', '\n']).map(str::to_owned).collect(),
                    _ => return None,
                };
                let mut words: Vec<String> = words
                    .into_iter()
                    .map(|word| word.trim().to_lowercase())
                    .filter(|word| !word.is_empty())
                    .collect();
                words.sort();
                words.dedup();
                let is_plain = |word: &String| word.chars().count() <= MAX_WORD && !word.contains(char::is_control);
                (words.len() <= MAX_WORDS && words.iter().all(is_plain)).then(|| words.into())
            }
        }
    }
}

/// Whole numbers are written without a point.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        (value as i64).into()
    } else {
        value.into()
    }
}

impl Params {
    /// The parameters as they are where nothing is given.
    pub fn usual(spec: &[Param]) -> Self {
        Self(
            spec.iter()
                .map(|param| (param.name.to_owned(), param.kind.default_value()))
                .collect(),
        )
    }

    /// Reads what was given, as JSON values or as the texts of a form; what is missing is as usual.
    ///
    /// # Errors
    /// Every parameter that is unknown or out of its range.
    pub fn read(spec: &[Param], given: &Map<String, Value>) -> Result<Self, Vec<ParamError>> {
        let mut params = Self::usual(spec);
        let mut errors = Vec::new();
        for (name, value) in given {
            let Some(param) = spec.iter().find(|param| param.name == name) else {
                let known: Vec<&str> = spec.iter().map(|param| param.name).collect();
                errors.push(ParamError {
                    name: name.clone(),
                    message: format!("there is no such parameter; there are {}", known.join(", ")),
                });
                continue;
            };
            match param.kind.take(value) {
                Some(taken) => {
                    params.0.insert(name.clone(), taken);
                }
                None => errors.push(ParamError {
                    name: name.clone(),
                    message: format!("expected {}", param.kind.range()),
                }),
            }
        }
        if errors.is_empty() { Ok(params) } else { Err(errors) }
    }

    /// A number by name; zero where there is none, which a specification that names it rules out.
    pub fn number(&self, name: &str) -> f64 {
        self.0.get(name).and_then(Value::as_f64).unwrap_or_default()
    }

    /// A number given in percent, as a share.
    pub fn percent(&self, name: &str) -> f64 {
        self.number(name) / 100.0
    }

    /// A whole number by name.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "specifications keep counts small and above zero"
    )]
    pub fn count(&self, name: &str) -> u32 {
        self.number(name).max(0.0) as u32
    }

    /// A choice by name.
    pub fn choice(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A flag by name.
    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Words by name; none means all.
    pub fn words(&self, name: &str) -> Vec<&str> {
        let words = self.0.get(name).and_then(Value::as_array);
        words.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// True when a word is asked for, or none is.
    pub fn wants(&self, name: &str, word: &str) -> bool {
        let words = self.0.get(name).and_then(Value::as_array);
        words.is_none_or(|words| words.is_empty() || words.iter().any(|wanted| wanted == word))
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone().into_iter().collect())
    }

    /// Name and value of each as text, in the order of names.
    pub fn texts(&self) -> Vec<(String, String)> {
        self.0
            .iter()
            .map(|(name, value)| (name.clone(), text_of(value)))
            .collect()
    }

    /// The value of one as a form shows it.
    pub fn text(&self, name: &str) -> String {
        self.0.get(name).map(text_of).unwrap_or_default()
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
