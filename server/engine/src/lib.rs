//! Pure decisions: who an event is, which quotes to trust, what changed, what is due, what is worth betting on.
//!
//! Values in, values out. The live pipeline, a backtest, the command line and the tests call the same functions.

