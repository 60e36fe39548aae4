//! The one error that pages and server functions know. Its text is written for the person who reads it: the cause of an
//! internal failure travels to the log under the same incident number and is never part of it.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why a page or a form could not be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum AppError {
    /// Nobody has an account yet: the first visit makes the owner.
    #[error("Set Overround up first.")]
    SetupRequired,
    /// The session is missing, expired or revoked.
    #[error("Sign in to go on.")]
    SignInRequired,
    /// Signed in, but this is for others.
    #[error("Your account may not do this.")]
    Forbidden,
    /// There is no such thing, or it belongs to someone else.
    #[error("There is nothing here.")]
    NotFound,
    /// Something typed cannot be used; nothing was changed.
    #[error("{message}")]
    Invalid {
        /// The form field's name, where it is one field's fault.
        field: Option<String>,
        /// What is wrong and what would be right.
        message: String,
    },
    /// Too many attempts.
    #[error("Too many attempts. Try again in {}.", wait(*retry_after_s))]
    Throttled {
        /// Seconds until the next attempt is looked at.
        retry_after_s: u32,
    },
    /// A part that is needed does not answer now; trying again later makes sense.
    #[error("{message}")]
    Unavailable {
        /// What is away, what was kept, what to do.
        message: String,
    },
    /// Something broke inside.
    #[error("Something went wrong here, and nothing was changed{}.", incident_text(incident.as_deref()))]
    Failed {
        /// The number under which the log holds the cause.
        incident: Option<String>,
    },
}

impl AppError {
    /// A complaint about one field of a form.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: Some(field.into()),
            message: message.into(),
        }
    }

    /// The HTTP status that says the same.
    pub const fn status(&self) -> u16 {
        match self {
            Self::SetupRequired | Self::SignInRequired => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Invalid { .. } => 422,
            Self::Throttled { .. } => 429,
            Self::Unavailable { .. } => 503,
            Self::Failed { .. } => 500,
        }
    }

    /// The complaint about `field`, if that is what this is.
    pub fn about(&self, field: &str) -> Option<&str> {
        match self {
            Self::Invalid {
                field: Some(blamed),
                message,
            } if blamed == field => Some(message),
            _ => None,
        }
    }
}

/// `45 seconds`, `12 minutes`.
fn wait(seconds: u32) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn incident_text(incident: Option<&str>) -> String {
    incident.map_or_else(String::new, |number| format!(" (incident {number})"))
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// The framework's own errors carry internal text; what a person may know of them is said anew.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                let error = Self::Invalid {
                    field: None,
                    message: "Something in the form is missing or cannot be read; nothing was changed.".to_owned(),
                };
                if let Ok(backend) = crate::backend::backend() {
                    backend.set_status(error.status());
                }
                error
            }
            _ => Self::Failed { incident: None },
        }
    }
}
