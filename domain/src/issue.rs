//! Data-quality findings.

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing was lost.
    Info,
    /// Suspicious: used, but look at it.
    Warning,
    /// Something could not be used.
    Error,
}

impl Severity {
    /// The stored and JSON form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|severity| severity.code() == code)
    }
}

macro_rules! issue_kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $severity:ident, $text:literal;)+) => {
        /// What was found. Each kind has a usual severity and a sentence that a person reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum IssueKind { $($(#[$doc])* #[serde(rename = $code)] $variant,)+ }

        impl IssueKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored and JSON form.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The kind of a stored code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// How much it usually matters.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),+ }
            }

            /// What it means, in a few words.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

issue_kinds! {
    /// The body is not what the feed promises: not JSON, cut short, another schema.
    UnreadablePayload = "unreadable_payload", Error, "the answer could not be read";
    /// An HTML page where data was promised: a login, a block or an error page.
    BlockedPage = "blocked_page", Error, "a web page came back instead of data";
    /// A required field is missing or of the wrong type.
    MissingField = "missing_field", Error, "a required field is missing or unreadable";
    /// Not a price: 1 or less, not a number, beyond bounds.
    ImpossiblePrice = "impossible_price", Error, "the price cannot exist";
    /// A price outside the range that the validation settings allow.
    PriceOutOfRange = "price_out_of_range", Warning, "the price is outside the accepted range";
    /// A line that is not a number of at most two places, or is missing where the market needs one.
    ImpossibleLine = "impossible_line", Error, "the line is missing or unreadable";
    /// An outcome that the market does not have, or a name that is neither side.
    UnknownOutcome = "unknown_outcome", Error, "an outcome matches neither side";
    /// The same selection twice in one answer with different prices.
    ConflictingQuotes = "conflicting_quotes", Error, "one selection came with two prices";
    /// The same selection twice in one answer, alike.
    DuplicateQuote = "duplicate_quote", Info, "one selection came twice";
    /// The same event identifier twice in one answer.
    DuplicateEvent = "duplicate_event", Warning, "one event came twice";
    /// A time that lies after the moment of receipt.
    TimeInFuture = "time_in_future", Warning, "the source's time lies in the future";
    /// A time that cannot be read.
    UnreadableTime = "unreadable_time", Error, "a time could not be read";
    /// The book's own margin on a market is below what its kind of book would offer.
    OverroundLow = "overround_low", Warning, "the book's margin is suspiciously low";
    /// The book's own margin on a market is above what is plausible.
    OverroundHigh = "overround_high", Warning, "the book's margin is suspiciously high";
    /// Fewer outcomes than the market kind has.
    IncompleteMarket = "incomplete_market", Warning, "an outcome of the market is missing";
    /// A line that moved by more than the validation settings allow at once.
    LineJump = "line_jump", Warning, "the line moved very far at once";
    /// A market key that no rule knows; kept as it came.
    UnknownMarket = "unknown_market", Info, "a market of an unknown kind was kept";
    /// Who takes part could not be told for certain; waits for review.
    UncertainIdentity = "uncertain_identity", Warning, "the event could not be identified for certain";
    /// Older than what is already recorded: history is append-only.
    OutOfOrder = "out_of_order", Warning, "older than what is already recorded";
    /// A score that could not be read or matched.
    UnusableScore = "unusable_score", Warning, "a score could not be used";
    /// An event without any bookmaker.
    NoQuotes = "no_quotes", Info, "an event came without prices";
    /// A start that moved.
    StartMoved = "start_moved", Info, "the start of an event moved";
    /// A state that the life cycle does not allow.
    ImpossibleStatus = "impossible_status", Warning, "a change of status that cannot be";
}
