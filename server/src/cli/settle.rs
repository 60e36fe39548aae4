//! `overround settle`: what the job does every few seconds, once and now.

use super::{CliError, Common};
use crate::desk::bets::{closes, judge};
use serde_json::json;

pub(super) async fn run(common: &Common) -> Result<(), CliError> {
    let state = common.open().await?;
    let closed = closes::close_legs(&state).await?;
    let judged = judge::judge_bets(&state).await?;
    common.print(&json!({"closed": closed, "judged": judged}), |_| {
        format!("{closed} closing prices taken, {judged} bets judged by what is known of their events\n")
    })
}
