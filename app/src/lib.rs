//! The pages of Overround: drawn on the server, alive in the browser, and working without scripts. They know the domain and
//! the port they ask ([`backend::Backend`]), and nothing of databases, feeds or HTTP.

pub mod backend;
pub mod error;
pub mod pages;
pub mod viewer;

pub use backend::Backend;
pub use error::AppError;
