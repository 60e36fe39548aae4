//! Settings: the bookmakers that can be used, and what they take.

use crate::AppError;
use async_trait::async_trait;
use domain::{BookProfile, BookmakerId};
use serde::{Deserialize, Serialize};

/// What the Bookmakers tab asks.
#[async_trait]
pub trait BookmakersPort {
    /// Every bookmaker and how the viewer set it, ordered by name.
    async fn bookmakers(&self) -> Result<Vec<BookmakerSettings>, AppError>;

    /// Changes the bookmakers named and leaves the rest. Field error: `books[N][commission]` with `N` the position.
    async fn save_bookmakers(&self, books: Vec<BookmakerForm>) -> Result<(), AppError>;
}

/// One bookmaker as the viewer set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookmakerSettings {
    /// Which bookmaker, with the commission known beforehand.
    pub profile: BookProfile,
    /// True when the viewer can bet there.
    pub is_usable: bool,
    /// The commission the viewer pays, in hundredths of a percent.
    pub commission_bp: u16,
}

/// A bookmaker to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookmakerForm {
    /// Which bookmaker.
    pub id: BookmakerId,
    /// Whether the viewer can bet there.
    pub is_usable: bool,
    /// The commission the viewer pays, in hundredths of a percent.
    pub commission_bp: u16,
}
