//! A market simulator.
