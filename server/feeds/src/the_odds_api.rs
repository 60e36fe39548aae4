//! The Odds API, version 4.
