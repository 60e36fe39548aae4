//! `overround serve`

use super::{CliError, Common};
use crate::clock::{Clock, ScaledClock, SharedClock, SystemClock, SystemEntropy};
use crate::desk::bets::demo_year;
use crate::http;
use crate::jobs::{Pace, Queue, Scheduler, Workers};
use crate::setup;
use crate::state::AppState;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often a changed setting reaches the schedule.
const SYNC_EVERY: Duration = Duration::from_secs(2);
/// Between two games of the demo's year: it is filled while others use the machine.
const YEAR_PAUSE: Duration = Duration::from_millis(40);

/// How often finished jobs are removed, and how long done and dead ones are kept for a look.
const PRUNE_EVERY: Duration = Duration::from_mins(10);
const DONE_JOBS_KEPT: chrono::Duration = chrono::Duration::hours(6);
const DEAD_JOBS_KEPT: chrono::Duration = chrono::Duration::days(30);

/// Where to serve and what this process does.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// web, worker, scheduler; separated by commas
    #[arg(long)]
    roles: Option<String>,
    /// Run the made-up demo market or not
    #[arg(long, value_name = "true|false")]
    demo: Option<bool>,
    /// The same seed makes the same demo market
    #[arg(long)]
    demo_seed: Option<u64>,
    /// How many times faster than the clock everything lives; for trying out
    #[arg(long)]
    demo_speed: Option<u32>,
    /// The address people use, e.g. https://odds.example.org
    #[arg(long)]
    base_url: Option<String>,
}

pub(super) async fn run(common: &Common, args: Args) -> Result<(), CliError> {
    let config = common.config(&[
        ("listen", args.listen),
        ("roles", args.roles),
        ("demo", args.demo.map(|demo| demo.to_string())),
        ("demo_seed", args.demo_seed.map(|seed| seed.to_string())),
        ("demo_speed", args.demo_speed.map(|speed| speed.to_string())),
        ("base_url", args.base_url),
    ])?;
    std::fs::create_dir_all(&config.data_dir).map_err(|error| {
        CliError(format!(
            "the data folder {} cannot be used: {error}",
            config.data_dir.display()
        ))
    })?;
    crate::logging::start(&config, true)?;
    // Listening comes first: a taken port is found before anything is changed.
    let listener = if config.roles.web {
        Some(TcpListener::bind(config.listen).await.map_err(|error| {
            CliError(format!(
                "{} cannot be listened on: {error}; choose another with --listen",
                config.listen
            ))
        })?)
    } else {
        None
    };
    let clock: SharedClock = if config.demo_speed > 1 {
        Arc::new(ScaledClock::open(
            &config.data_dir,
            config.demo_speed,
            SystemClock.now(),
        )?)
    } else {
        Arc::new(SystemClock)
    };
    let state = setup::open(config, clock, Arc::new(SystemEntropy))
        .await
        .map_err(|error| CliError(error.to_string()))?;
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    let mut running: JoinSet<Result<(), CliError>> = JoinSet::new();
    start_background(&state, &stop, &mut running).await?;
    if let Some(listener) = listener {
        announce(&state, listener.local_addr()?).await?;
        let router = http::router(&state);
        let (state, stop) = (state.clone(), stop.clone());
        running.spawn(async move { Ok(http::serve::serve(state, router, listener, stop).await?) });
    }
    let mut failed = None;
    while let Some(ended) = running.join_next().await {
        let ended = ended.unwrap_or_else(|error| Err(CliError(format!("a part of the server broke: {error}"))));
        if let Err(error) = ended {
            tracing::error!(%error, "a part of the server ended");
            failed.get_or_insert(error);
            stop.cancel();
        }
    }
    tracing::info!("stopped");
    failed.map_or(Ok(()), Err)
}

async fn announce(state: &AppState, address: std::net::SocketAddr) -> Result<(), CliError> {
    let shown = state
        .config
        .base_url
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    println!("Overround is at {shown}");
    if state.store.count_users().await? == 0 {
        match &state.setup_code {
            Some(code) => println!("The first to open it becomes the owner, with this one-time code: {code}"),
            None => println!("Open it to become its owner."),
        }
    }
    Ok(())
}

/// The queue, the scheduler and the workers, as far as this process has these roles.
async fn start_background(
    state: &AppState,
    stop: &CancellationToken,
    running: &mut JoinSet<Result<(), CliError>>,
) -> Result<(), CliError> {
    let config = &state.config;
    let now = {
        let clock = Arc::clone(&state.clock);
        Arc::new(move || clock.now())
    };
    let random = {
        let entropy = Arc::clone(&state.entropy);
        Arc::new(move || u128::from_le_bytes(entropy.bytes()))
    };
    let queue = match &config.database_url {
        Some(url) if url.starts_with("postgres") => Queue::open_postgres(url, now, random).await,
        _ => Queue::open_sqlite(&config.data_dir.join("jobs.sqlite"), now, random).await,
    }
    .map_err(|error| CliError(error.to_string()))?;
    // Only this function sets it, once.
    let _ = state.jobs.set(queue.clone());
    if config.roles.worker {
        state.pipeline.prepare_demo(config.demo).await?;
        if config.demo {
            fill_demo(state, stop, running);
        }
        let workers = Workers::new(queue.clone(), Arc::new(state.clone()), Pace::default());
        let stop = stop.clone();
        running.spawn(async move {
            workers.run(stop).await;
            Ok(())
        });
    }
    if config.roles.scheduler {
        let scheduler = Scheduler::new(queue);
        let ticking = scheduler.clone();
        let stop_ticking = stop.clone();
        running.spawn(async move {
            ticking.run(stop_ticking).await;
            Ok(())
        });
        let (state, stop) = (state.clone(), stop.clone());
        running.spawn(async move {
            loop {
                match state.pipeline.schedule().await {
                    Ok(entries) => {
                        if let Err(error) = scheduler.sync(&entries, state.clock.now()).await {
                            tracing::warn!(%error, "the schedule could not be written; trying again");
                        }
                    }
                    Err(error) => tracing::warn!(%error, "the settings could not be read; trying again"),
                }
                tokio::select! {
                    () = tokio::time::sleep(SYNC_EVERY) => {}
                    () = stop.cancelled() => return Ok(()),
                }
            }
        });
    }
    if config.roles.worker {
        prune_jobs(state, stop, running);
    }
    // SQLite has one process; PostgreSQL may have others that write too.
    if config.roles.web && state.store.backend() == store::Backend::Postgres {
        watch_other_processes(state, stop, running);
    }
    Ok(())
}

/// Fills the demo's past on a thread of its own, because it reckons a lot. A database that does not answer is waited for.
fn fill_demo(state: &AppState, stop: &CancellationToken, running: &mut JoinSet<Result<(), CliError>>) {
    let (state, stop, runtime) = (state.clone(), stop.clone(), Handle::current());
    let fill = async move {
        while let Err(error) = state.pipeline.fill_demo().await {
            tracing::warn!(%error, "the demo market's past could not be filled further; trying again");
            tokio::time::sleep(SYNC_EVERY).await;
        }
        if state.config.demo_year {
            fill_year(&state).await;
        }
    };
    running.spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                () = fill => {}
                () = stop.cancelled() => {}
            }
        });
        Ok(())
    });
}

/// Fills the demo's year of bets once there is somebody to have them.
async fn fill_year(state: &AppState) {
    loop {
        match demo_year::fill(state, usize::MAX, YEAR_PAUSE).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(
                    ?error,
                    "the demo's year of bets could not be filled further; trying again"
                );
            }
        }
        tokio::time::sleep(SYNC_EVERY).await;
    }
}

/// Finished and dead jobs are kept for a look, then removed.
fn prune_jobs(state: &AppState, stop: &CancellationToken, running: &mut JoinSet<Result<(), CliError>>) {
    let (state, stop) = (state.clone(), stop.clone());
    running.spawn(async move {
        loop {
            let now = state.clock.now();
            if let Some(queue) = state.jobs.get()
                && let Err(error) = queue.prune(now - DONE_JOBS_KEPT, now - DEAD_JOBS_KEPT).await
            {
                tracing::warn!(%error, "finished jobs could not be removed; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(PRUNE_EVERY) => {}
                () = stop.cancelled() => return Ok(()),
            }
        }
    });
}

/// Other processes' changes are heard of through the database: when its version moves, every page reads anew. Changes of our
/// own make that happen too, no more than once in a while and to no harm.
fn watch_other_processes(state: &AppState, stop: &CancellationToken, running: &mut JoinSet<Result<(), CliError>>) {
    let (state, stop) = (state.clone(), stop.clone());
    running.spawn(async move {
        let mut known = None;
        loop {
            match state.store.version().await {
                Ok(version) if known.is_some_and(|known| known != version) => {
                    state.live.tell(http::live::News::Reset);
                    known = Some(version);
                }
                Ok(version) => known = Some(version),
                Err(error) => tracing::warn!(%error, "the database's version cannot be read"),
            }
            tokio::select! {
                () = tokio::time::sleep(SYNC_EVERY) => {}
                () = stop.cancelled() => return Ok(()),
            }
        }
    });
}

/// SIGTERM and SIGINT ask for an orderly end.
fn stop_on_signal(stop: CancellationToken) -> Result<(), CliError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("asked to stop: finishing what is open");
        stop.cancel();
    });
    Ok(())
}
