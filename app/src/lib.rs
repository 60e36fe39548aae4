//! The pages of Overround. The server draws every page whole, so that it can be read and used without scripts. In the browser
//! [`browser`] keeps it current, and the islands (the calculators) react as one types.
//!
//! Pages know the domain and the port they ask ([`backend::Backend`]), and nothing of databases, feeds or HTTP. The browser's
//! program holds only what does not stand behind the `ssr` feature: the islands, and how numbers and times are written.

#![expect(clippy::too_many_lines, reason = "a page's markup reads best in one piece")]
#![recursion_limit = "512"]

#[cfg(feature = "hydrate")]
pub mod browser;
pub mod calculator;
pub mod calculators;
pub mod places;
pub mod viewer;
pub mod write;

#[cfg(feature = "ssr")]
pub mod address;
#[cfg(feature = "ssr")]
pub mod backend;
#[cfg(feature = "ssr")]
pub mod chart;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod frame;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod parts;
#[cfg(feature = "ssr")]
pub mod reader;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
mod typed;

#[cfg(feature = "ssr")]
pub use backend::Backend;
#[cfg(feature = "ssr")]
pub use error::AppError;
#[cfg(feature = "ssr")]
pub use routes::{App, shell};
