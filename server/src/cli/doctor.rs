//! `overround doctor`

use super::{CliError, Common, backend_name, columns};
use chrono::Duration;
use serde::Serialize;

/// Nothing of its own.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    is_ok: bool,
    detail: String,
}

#[derive(Serialize)]
struct Report {
    is_ok: bool,
    checks: Vec<Check>,
}

pub(super) async fn run(common: &Common, Args {}: Args) -> Result<(), CliError> {
    let state = common.open().await?;
    let store = &state.store;
    let mut checks = Vec::new();
    let mut check = |name, is_ok, detail: String| checks.push(Check { name, is_ok, detail });
    check("data folder", true, state.config.data_dir.display().to_string());
    let is_ready = store.is_ready().await?;
    check(
        "database",
        is_ready,
        format!(
            "{}, schema {}",
            backend_name(store.backend()),
            if is_ready {
                "current"
            } else {
                "not current: run `overround migrate`"
            }
        ),
    );
    let fold = store.verify_fold().await?;
    check(
        "price history",
        fold.is_sound(),
        if fold.is_sound() {
            format!(
                "{} quotes and {} events follow from their history",
                fold.quotes, fold.events
            )
        } else {
            fold.differences.join("; ")
        },
    );
    let audit = store.verify_audit().await?;
    check(
        "audit log",
        audit.is_none(),
        audit.map_or_else(|| "whole".to_owned(), |id| format!("entry {id} was changed afterwards")),
    );
    let now = state.clock.now();
    let newest = store
        .snapshots(None, None, 1)
        .await?
        .items
        .first()
        .map(|snapshot| snapshot.source.received_at);
    let is_clock_fine = newest.is_none_or(|at| at <= now + Duration::minutes(2));
    check(
        "clock",
        is_clock_fine,
        if is_clock_fine {
            now.to_rfc3339()
        } else {
            "the newest answer lies in the future: the clock was set back".to_owned()
        },
    );
    check("people", true, format!("{} users", store.count_users().await?));
    for feed in store.feed_states().await? {
        let is_ok = feed.stopped_reason.is_none() && feed.consecutive_failures == 0;
        let detail = feed
            .stopped_reason
            .or(feed.message)
            .unwrap_or_else(|| "answers".to_owned());
        check("feed", is_ok, format!("{}: {detail}", feed.feed));
    }
    let report = Report {
        is_ok: checks.iter().all(|check| check.is_ok),
        checks,
    };
    common.print(&report, |report| {
        let lines = report.checks.iter().map(|check| {
            vec![
                if check.is_ok { "ok" } else { "BAD" }.to_owned(),
                check.name.to_owned(),
                check.detail.clone(),
            ]
        });
        columns(&lines.collect::<Vec<_>>())
    })?;
    if report.is_ok {
        Ok(())
    } else {
        Err(CliError(
            "something is not as it should be; see the lines marked BAD".into(),
        ))
    }
}
