use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::{
    sync::Semaphore,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{queue::on_pool, *};

/// The longest a test waits for what must happen.
const DEADLINE: Duration = Duration::from_secs(30);

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_268_800, 0).unwrap()
}

fn random() -> u128 {
    let half = || u128::from(RandomState::new().build_hasher().finish());
    (half() << 64) | half()
}

fn ambient() -> (Clock, Random) {
    (Arc::new(noon), Arc::new(random))
}

/// Where a test's queue is.
enum Place {
    Sqlite(PathBuf),
    Postgres { server: String, database: String },
}

/// A queue of the test's own.
struct Fixture {
    place: Place,
    queue: Queue,
}

impl Fixture {
    async fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("overround-jobs-{:032x}", random()));
        std::fs::create_dir(&folder).unwrap();
        Self::at(Place::Sqlite(folder)).await
    }

    /// `None`, said aloud, where no PostgreSQL was given.
    async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("OVERROUND_TEST_POSTGRES") else {
            println!("skipped: OVERROUND_TEST_POSTGRES is not set");
            return None;
        };
        let database = format!("overround_jobs_{:032x}", random());
        execute(&server, &format!("CREATE DATABASE {database}")).await;
        Some(Self::at(Place::Postgres { server, database }).await)
    }

    async fn at(place: Place) -> Self {
        let queue = open(&place).await.unwrap();
        Self { place, queue }
    }

    /// The same queue as another process would have it.
    async fn another(&self) -> Queue {
        open(&self.place).await.unwrap()
    }

    async fn close(self) {
        on_pool!(self.queue, pool => pool.close().await);
        match self.place {
            Place::Sqlite(folder) => std::fs::remove_dir_all(folder).unwrap(),
            Place::Postgres { server, database } => {
                execute(&server, &format!("DROP DATABASE {database} WITH (FORCE)")).await;
            }
        }
    }

    fn start(&self, work: &Arc<Fake>, pace: Pace) -> Running {
        Running::start(&self.queue, work, pace)
    }

    /// Runs a statement on the jobs.
    async fn meddle(&self, sql: &str) {
        let sql = self.queue.sql(sql);
        on_pool!(self.queue, pool => {
            sqlx::query(sql).execute(pool).await.unwrap();
        });
    }

    async fn lane(&self, name: &str) -> Lane {
        let none = Lane {
            name: name.to_owned(),
            pending: 0,
            running: 0,
            done: 0,
            failed: 0,
            dead: 0,
        };
        self.queue
            .overview(0)
            .await
            .unwrap()
            .lanes
            .into_iter()
            .find(|lane| lane.name == name)
            .unwrap_or(none)
    }

    async fn jobs(&self) -> i64 {
        let sql = self.queue.sql("SELECT COUNT(*) FROM {jobs}");
        on_pool!(self.queue, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
    }

    async fn finish_all(&self) {
        self.meddle("UPDATE {jobs} SET status = 'Done', done_at = {now}").await;
    }
}

async fn open(place: &Place) -> Result<Queue, Error> {
    let (clock, random) = ambient();
    match place {
        Place::Sqlite(folder) => Queue::open_sqlite(&folder.join("jobs.sqlite"), clock, random).await,
        Place::Postgres { server, database } => {
            Queue::open_postgres(&with_database(server, database), clock, random).await
        }
    }
}

fn with_database(server: &str, database: &str) -> String {
    let (address, options) = server
        .split_once('?')
        .map_or((server, String::new()), |(a, o)| (a, format!("?{o}")));
    let (host, _) = address.rsplit_once('/').expect("a URL with a database");
    format!("{host}/{database}{options}")
}

async fn execute(server: &str, sql: &str) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// What the fake work does for a job.
#[derive(Clone)]
enum Behaviour {
    Succeed,
    Fail(Failure),
    Panic,
    /// Waits until the test lets it through.
    Wait(Arc<Semaphore>),
    /// Blocks its thread, never yielding, until the test is over.
    Spin(Arc<AtomicBool>),
    Abort,
}

/// Work that does as told and remembers what it was asked.
#[derive(Default)]
struct Fake {
    behaviours: HashMap<String, Behaviour>,
    calls: Mutex<Vec<String>>,
}

impl Fake {
    fn new<const N: usize>(behaviours: [(Job, Behaviour); N]) -> Arc<Self> {
        let behaviours = behaviours
            .into_iter()
            .map(|(job, behaviour)| (job.key(), behaviour))
            .collect();
        Arc::new(Self {
            behaviours,
            calls: Mutex::default(),
        })
    }

    fn calls(&self, job: &Job) -> usize {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .filter(|call| **call == job.key())
            .count()
    }

    async fn called(&self, job: Job) -> Result<(), Failure> {
        self.calls.lock().unwrap().push(job.key());
        match self.behaviours.get(&job.key()).cloned().unwrap_or(Behaviour::Succeed) {
            Behaviour::Succeed => Ok(()),
            Behaviour::Fail(failure) => Err(failure),
            Behaviour::Panic => panic!("a poisoned payload"),
            Behaviour::Wait(gate) => {
                gate.acquire().await.unwrap().forget();
                Ok(())
            }
            Behaviour::Spin(over) => {
                while !over.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                Ok(())
            }
            Behaviour::Abort => std::process::abort(),
        }
    }
}

#[async_trait]
impl Work for Fake {
    async fn discover_events(&self, feed: &str) -> Result<(), Failure> {
        self.called(Job::discover_events(feed)).await
    }
    async fn fetch_odds(&self, feed: &str, competition: &str) -> Result<(), Failure> {
        self.called(Job::fetch_odds(feed, competition)).await
    }
    async fn fetch_scores(&self, feed: &str, competition: &str) -> Result<(), Failure> {
        self.called(Job::fetch_scores(feed, competition)).await
    }
    async fn update_status(&self) -> Result<(), Failure> {
        self.called(Job::update_status()).await
    }
    async fn evaluate(&self) -> Result<(), Failure> {
        self.called(Job::evaluate()).await
    }
    async fn settle_bets(&self) -> Result<(), Failure> {
        self.called(Job::settle_bets()).await
    }
    async fn retention(&self) -> Result<(), Failure> {
        self.called(Job::retention()).await
    }
}

/// Workers at work.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    fn start(queue: &Queue, work: &Arc<Fake>, pace: Pace) -> Self {
        let stop = CancellationToken::new();
        let workers = Workers::new(queue.clone(), work.clone(), pace);
        let task = tokio::spawn({
            let stop = stop.clone();
            async move { workers.run(stop).await }
        });
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        timeout(DEADLINE, self.task).await.expect("workers that stop").unwrap();
    }

    /// Ends them without a word, as a crash would.
    async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

fn brisk() -> Pace {
    Pace {
        poll: Duration::from_millis(20),
        heartbeat: Duration::from_secs(1),
        missed_heartbeats: 1,
        jobs_per_feed: 2,
        backoff: Duration::ZERO,
        longest_job: DEADLINE,
        stop_limit: DEADLINE,
    }
}

/// Waits until an asynchronous condition holds, within the deadline.
macro_rules! eventually {
    ($condition:expr, $what:literal) => {{
        let start = Instant::now();
        while !$condition {
            assert!(start.elapsed() < DEADLINE, "never happened: {}", $what);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }};
}

/// Runs every test on both databases.
macro_rules! on_both {
    ($(async fn $name:ident($fixture:ident) $body:block)*) => {
        $(async fn $name($fixture: &Fixture) $body)*

        mod sqlite {
            use super::Fixture;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let fixture = Fixture::sqlite().await;
                super::$name(&fixture).await;
                fixture.close().await;
            })*
        }

        mod postgres {
            use super::Fixture;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(fixture) = Fixture::postgres().await else { return };
                super::$name(&fixture).await;
                fixture.close().await;
            })*
        }
    };
}

fn every(seconds: u64, job: Job) -> ScheduleEntry {
    ScheduleEntry {
        job,
        interval: Duration::from_secs(seconds),
    }
}

#[test]
fn what_is_stored_of_each_kind_never_changes() {
    let stored = |job: Job| (serde_json::to_string(&job).unwrap(), job.lane(), job.key());
    let expected = |json: &str, lane: &str, key: &str| (json.to_owned(), lane.to_owned(), key.to_owned());
    assert_eq!(
        stored(Job::discover_events("demo")),
        expected(
            r#"{"kind":"discover_events","feed":"demo"}"#,
            "feed:demo",
            "discover_events/demo"
        )
    );
    assert_eq!(
        stored(Job::fetch_odds("demo", "nba")),
        expected(
            r#"{"kind":"fetch_odds","feed":"demo","competition":"nba"}"#,
            "feed:demo",
            "fetch_odds/demo/nba"
        )
    );
    assert_eq!(
        stored(Job::fetch_scores("demo", "nba")),
        expected(
            r#"{"kind":"fetch_scores","feed":"demo","competition":"nba"}"#,
            "feed:demo",
            "fetch_scores/demo/nba"
        )
    );
    for (job, name) in [
        (Job::update_status(), "update_status"),
        (Job::evaluate(), "evaluate"),
        (Job::settle_bets(), "settle_bets"),
        (Job::retention(), "retention"),
    ] {
        assert_eq!(stored(job), expected(&format!(r#"{{"kind":"{name}"}}"#), name, name));
    }
}

on_both! {
    async fn two_schedulers_at_once_enqueue_each_tick_once(fixture) {
        let entries = [every(5, Job::fetch_odds("demo", "nba")), every(5, Job::evaluate())];
        let (one, other) = (Scheduler::new(fixture.queue.clone()), Scheduler::new(fixture.another().await));
        one.sync(&entries, noon()).await.unwrap();
        for round in 0..20 {
            let now = noon() + TimeDelta::seconds(5 * round);
            let (a, b) = tokio::join!(one.tick(now), other.tick(now));
            assert_eq!(a.unwrap().enqueued.len() + b.unwrap().enqueued.len(), 2, "round {round}");
            fixture.finish_all().await;
        }
        assert_eq!(fixture.jobs().await, 40);
    }

    async fn ticks_missed_while_nobody_looked_are_made_up_for_once(fixture) {
        let scheduler = Scheduler::new(fixture.queue.clone());
        scheduler.sync(&[every(60, Job::evaluate())], noon()).await.unwrap();
        assert_eq!(scheduler.tick(noon()).await.unwrap().enqueued, ["evaluate"]);
        fixture.finish_all().await;
        let late = noon() + TimeDelta::seconds(3 * 3600 + 10);
        assert_eq!(scheduler.tick(late).await.unwrap().enqueued, ["evaluate"]);
        fixture.finish_all().await;
        assert_eq!(scheduler.tick(late).await.unwrap(), Tick::default());
        assert_eq!(fixture.jobs().await, 2);
        let next = fixture.queue.overview(0).await.unwrap().schedule[0].next_due_at;
        assert_eq!(next, noon() + TimeDelta::seconds(3 * 3600 + 60), "the entry stays on its grid");
    }

    async fn a_tick_is_served_by_the_previous_job_if_that_still_waits(fixture) {
        let scheduler = Scheduler::new(fixture.queue.clone());
        scheduler.sync(&[every(60, Job::evaluate())], noon()).await.unwrap();
        scheduler.tick(noon()).await.unwrap();
        let second = scheduler.tick(noon() + TimeDelta::seconds(60)).await.unwrap();
        assert_eq!((second.enqueued.len(), second.merged), (0, vec!["evaluate".to_owned()]));
        fixture.finish_all().await;
        let third = scheduler.tick(noon() + TimeDelta::seconds(120)).await.unwrap();
        assert_eq!(third.enqueued, ["evaluate"]);
        assert_eq!(fixture.jobs().await, 2);
    }

    async fn a_clock_set_back_repeats_nothing_and_stalls_nothing(fixture) {
        let scheduler = Scheduler::new(fixture.queue.clone());
        scheduler.sync(&[every(60, Job::evaluate())], noon()).await.unwrap();
        scheduler.tick(noon()).await.unwrap();
        fixture.finish_all().await;
        let back = noon() - TimeDelta::hours(2);
        assert_eq!(scheduler.tick(back).await.unwrap(), Tick::default());
        assert_eq!(scheduler.tick(back + TimeDelta::seconds(59)).await.unwrap(), Tick::default());
        assert_eq!(scheduler.tick(back + TimeDelta::seconds(60)).await.unwrap().enqueued, ["evaluate"]);
        assert_eq!(fixture.jobs().await, 2);
    }

    async fn hosts_whose_clocks_differ_a_little_do_not_speed_each_other_up(fixture) {
        let (fast, slow) = (Scheduler::new(fixture.queue.clone()), Scheduler::new(fixture.another().await));
        fast.sync(&[every(5, Job::evaluate())], noon()).await.unwrap();
        let mut enqueued = 0;
        for second in 0..=20 {
            let now = noon() + TimeDelta::seconds(second);
            enqueued += fast.tick(now).await.unwrap().enqueued.len();
            enqueued += slow.tick(now - TimeDelta::seconds(30)).await.unwrap().enqueued.len();
            fixture.finish_all().await;
        }
        assert_eq!(enqueued, 5);
    }

    async fn a_restart_keeps_due_times_and_forgets_what_is_no_longer_wanted(fixture) {
        let scheduler = Scheduler::new(fixture.queue.clone());
        scheduler.sync(&[every(600, Job::evaluate()), every(600, Job::retention())], noon()).await.unwrap();
        assert_eq!(scheduler.tick(noon()).await.unwrap().enqueued.len(), 2);
        fixture.finish_all().await;
        let restarted = Scheduler::new(fixture.another().await);
        let later = noon() + TimeDelta::seconds(60);
        restarted.sync(&[every(600, Job::evaluate())], later).await.unwrap();
        assert_eq!(restarted.tick(later).await.unwrap(), Tick::default());
        let due = noon() + TimeDelta::seconds(600);
        assert_eq!(restarted.tick(due).await.unwrap().enqueued, ["evaluate"]);
        restarted.sync(&[every(5, Job::evaluate())], due).await.unwrap();
        fixture.finish_all().await;
        let sooner = restarted.tick(due + TimeDelta::seconds(5)).await.unwrap();
        assert_eq!(sooner.enqueued, ["evaluate"], "a shorter interval counts at once");
    }

    async fn a_repeated_idempotency_key_changes_nothing_and_fails_nothing(fixture) {
        let job = Job::fetch_odds("demo", "nba");
        assert!(fixture.queue.enqueue(&job, "nba@1").await.unwrap());
        assert!(!fixture.queue.enqueue(&job, "nba@1").await.unwrap());
        assert!(fixture.queue.enqueue(&job, "nba@2").await.unwrap());
        let work = Fake::new([]);
        let running = fixture.start(&work, brisk());
        eventually!(fixture.lane("feed:demo").await.done == 2, "both jobs done");
        assert!(!fixture.queue.enqueue(&job, "nba@1").await.unwrap(), "not even after it is done");
        running.stop().await;
        assert_eq!(work.calls(&job), 2);
    }

    async fn a_job_that_panics_is_dead_after_its_attempts_and_others_go_on(fixture) {
        let (poison, healthy) = (Job::fetch_odds("demo", "nba"), Job::fetch_odds("demo", "nfl"));
        let work = Fake::new([(poison.clone(), Behaviour::Panic)]);
        fixture.queue.enqueue(&poison, "1").await.unwrap();
        fixture.queue.enqueue(&healthy, "2").await.unwrap();
        let running = fixture.start(&work, brisk());
        eventually!(!fixture.queue.list_dead().await.unwrap().is_empty(), "the poison dead");
        fixture.queue.enqueue(&healthy, "3").await.unwrap();
        eventually!(fixture.lane("feed:demo").await.done == 2, "the healthy jobs done");
        running.stop().await;
        let dead = fixture.queue.list_dead().await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts, dead[0].error.as_str()), (1, 3, "panicked: a poisoned payload"));
        assert_eq!(serde_json::from_str::<Job>(&dead[0].payload).unwrap(), poison);
        assert_eq!(work.calls(&poison), 3);
    }

    async fn a_job_that_never_yields_is_dead_after_its_attempts_and_others_go_on(fixture) {
        let over = Arc::new(AtomicBool::new(false));
        let (poison, healthy) = (Job::evaluate(), Job::retention());
        let work = Fake::new([(poison.clone(), Behaviour::Spin(over.clone()))]);
        fixture.queue.enqueue(&poison, "1").await.unwrap();
        let running = fixture.start(&work, Pace { longest_job: Duration::from_millis(50), ..brisk() });
        eventually!(work.calls(&poison) == 1, "the poison at work");
        fixture.queue.enqueue(&healthy, "2").await.unwrap();
        eventually!(fixture.lane("retention").await.done == 1, "the healthy job done");
        eventually!(fixture.lane("evaluate").await.dead == 1, "the poison dead");
        running.stop().await;
        over.store(true, Ordering::Relaxed);
        assert_eq!(work.calls(&poison), 3);
    }

    async fn a_job_over_its_time_limit_is_tried_again_and_then_dead(fixture) {
        let job = Job::fetch_odds("demo", "nba");
        let work = Fake::new([(job.clone(), Behaviour::Wait(Arc::new(Semaphore::new(0))))]);
        fixture.queue.enqueue(&job, "1").await.unwrap();
        let running = fixture.start(&work, Pace { longest_job: Duration::from_millis(50), ..brisk() });
        eventually!(fixture.lane("feed:demo").await.dead == 1, "the job dead");
        running.stop().await;
        assert_eq!(fixture.queue.list_dead().await.unwrap()[0].error, "took longer than its 50ms");
        assert_eq!(work.calls(&job), 3);
    }

    async fn a_feed_that_hangs_does_not_delay_another(fixture) {
        let gate = Arc::new(Semaphore::new(0));
        let slow = ["a", "b", "c", "d", "e", "f"].map(|competition| Job::fetch_odds("slow", competition));
        let fast = Job::fetch_odds("fast", "nba");
        let work = Fake::new(slow.clone().map(|job| (job, Behaviour::Wait(gate.clone()))));
        for job in &slow {
            fixture.queue.enqueue(job, &job.key()).await.unwrap();
        }
        let running = fixture.start(&work, brisk());
        eventually!(fixture.lane("feed:slow").await.running == 2, "the slow feed's lane full");
        fixture.queue.enqueue(&fast, "1").await.unwrap();
        eventually!(fixture.lane("feed:fast").await.done == 1, "the fast feed's job done");
        assert_eq!(fixture.lane("feed:slow").await.done, 0);
        gate.add_permits(6);
        eventually!(fixture.lane("feed:slow").await.done == 6, "the slow feed's jobs done");
        running.stop().await;
    }

    async fn a_busy_worker_outlives_its_heartbeats(fixture) {
        let gate = Arc::new(Semaphore::new(0));
        let jobs = ["a", "b", "c"].map(|competition| Job::fetch_odds("demo", competition));
        let work = Fake::new(jobs.clone().map(|job| (job, Behaviour::Wait(gate.clone()))));
        for job in &jobs {
            fixture.queue.enqueue(job, &job.key()).await.unwrap();
        }
        let other_process = Fake::new([]);
        let running = fixture.start(&work, Pace { missed_heartbeats: 2, ..brisk() });
        eventually!(fixture.lane("feed:demo").await.running == 2, "the lane full");
        let watching = Running::start(
            &fixture.another().await,
            &other_process,
            Pace { missed_heartbeats: 2, ..brisk() },
        );
        let taken = |work: &Fake| jobs.iter().map(|job| work.calls(job)).sum::<usize>();
        eventually!(taken(&other_process) == 1, "the waiting job taken by the other process");
        fixture.meddle("UPDATE {workers} SET started_at = last_seen").await;
        let beats = "SELECT COUNT(*) FROM {workers} WHERE last_seen > started_at";
        let sql = || fixture.queue.sql(beats);
        eventually!(
            on_pool!(fixture.queue, pool => sqlx::query_scalar::<_, i64>(sql()).fetch_one(pool).await.unwrap()) >= 2,
            "heartbeats of both"
        );
        gate.add_permits(2);
        eventually!(fixture.lane("feed:demo").await.done == 3, "all done");
        running.stop().await;
        watching.stop().await;
        assert_eq!((taken(&work), taken(&other_process)), (2, 1), "nobody ran another's");
    }

    async fn a_restart_takes_up_lost_jobs_within_seconds_and_counts_the_attempt(fixture) {
        let job = Job::fetch_odds("demo", "nba");
        let hanging = Fake::new([(job.clone(), Behaviour::Wait(Arc::new(Semaphore::new(0))))]);
        fixture.queue.enqueue(&job, "1").await.unwrap();
        let running = fixture.start(&hanging, brisk());
        eventually!(fixture.lane("feed:demo").await.running == 1, "the job running");
        running.crash().await;
        let work = Fake::new([]);
        let restarted = Running::start(&fixture.another().await, &work, brisk());
        let start = Instant::now();
        eventually!(fixture.lane("feed:demo").await.done == 1, "the lost job done");
        assert!(start.elapsed() < Duration::from_secs(10));
        restarted.stop().await;
        let runs = fixture.queue.overview(10).await.unwrap().runs;
        assert_eq!(runs.iter().map(|run| (run.attempt, run.error.clone())).collect::<Vec<_>>(), [(2, None)]);
        let names = fixture.queue.sql("SELECT id FROM {workers} WHERE worker_type = 'feed:demo'");
        let names: Vec<String> = on_pool!(fixture.queue, pool => sqlx::query_scalar(names).fetch_all(pool).await.unwrap());
        assert_eq!(names.len(), 2, "each start has a name of its own: {names:?}");
    }

    async fn a_job_whose_attempts_are_used_up_is_buried_and_not_started(fixture) {
        let (doomed, healthy) = (Job::fetch_odds("demo", "nba"), Job::fetch_odds("demo", "nfl"));
        fixture.queue.enqueue(&doomed, "1").await.unwrap();
        fixture.meddle("UPDATE {jobs} SET attempts = max_attempts").await;
        fixture.queue.enqueue(&healthy, "2").await.unwrap();
        let work = Fake::new([]);
        let running = fixture.start(&work, brisk());
        eventually!(fixture.lane("feed:demo").await.done == 1, "the healthy job done");
        running.stop().await;
        assert_eq!(work.calls(&doomed), 0);
        let dead = fixture.queue.list_dead().await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts), (1, 3));
        assert_eq!(dead[0].error, "the process ended while the job ran");
    }

    async fn a_worker_that_falls_is_replaced_under_a_new_name(fixture) {
        let work = Fake::new([]);
        fixture.queue.enqueue(&Job::evaluate(), "1").await.unwrap();
        let running = fixture.start(&work, brisk());
        eventually!(fixture.lane("evaluate").await.done == 1, "the first job done");
        // To its worker this is a database that forgot it: its next heartbeat fails, which ends it.
        fixture.meddle("UPDATE {jobs} SET lock_by = NULL").await;
        fixture.meddle("DELETE FROM {workers}").await;
        let workers = || fixture.queue.sql("SELECT COUNT(*) FROM {workers}");
        eventually!(
            on_pool!(fixture.queue, pool => sqlx::query_scalar::<_, i64>(workers()).fetch_one(pool).await.unwrap()) == 1,
            "another worker"
        );
        fixture.queue.enqueue(&Job::evaluate(), "2").await.unwrap();
        eventually!(fixture.lane("evaluate").await.done == 2, "the second job done");
        running.stop().await;
    }

    async fn an_idle_worker_goes_on_looking_however_long_a_look_takes(fixture) {
        let work = Fake::new([]);
        let pace = Pace { poll: Duration::from_micros(100), heartbeat: Duration::from_hours(1), ..brisk() };
        let running = fixture.start(&work, pace);
        for (done, key) in ["1", "2", "3"].into_iter().enumerate() {
            fixture.queue.enqueue(&Job::evaluate(), key).await.unwrap();
            eventually!(fixture.lane("evaluate").await.done == done as u64 + 1, "the job done");
        }
        running.stop().await;
    }

    async fn a_stop_lets_running_jobs_finish_and_starts_no_more(fixture) {
        let gate = Arc::new(Semaphore::new(0));
        let (first, second) = (Job::evaluate(), Job::evaluate());
        let work = Fake::new([(first.clone(), Behaviour::Wait(gate.clone()))]);
        fixture.queue.enqueue(&first, "1").await.unwrap();
        let running = fixture.start(&work, brisk());
        eventually!(fixture.lane("evaluate").await.running == 1, "the job running");
        fixture.queue.enqueue(&second, "2").await.unwrap();
        running.stop.cancel();
        assert!(!running.task.is_finished());
        gate.add_permits(1);
        running.stop().await;
        let lane = fixture.lane("evaluate").await;
        assert_eq!((lane.done, lane.pending, lane.running), (1, 1, 0));
        assert_eq!(work.calls(&first), 1);
    }

    async fn a_stop_gives_back_what_does_not_finish_in_time(fixture) {
        let job = Job::evaluate();
        let work = Fake::new([(job.clone(), Behaviour::Wait(Arc::new(Semaphore::new(0))))]);
        fixture.queue.enqueue(&job, "1").await.unwrap();
        let running = fixture.start(&work, Pace { stop_limit: Duration::from_millis(50), ..brisk() });
        eventually!(fixture.lane("evaluate").await.running == 1, "the job running");
        running.stop().await;
        let lane = fixture.lane("evaluate").await;
        assert_eq!((lane.pending, lane.running), (1, 0));
        let work = Fake::new([]);
        let restarted = fixture.start(&work, brisk());
        eventually!(fixture.lane("evaluate").await.done == 1, "the job done after a restart");
        restarted.stop().await;
    }

    async fn a_failed_job_waits_before_its_next_attempt(fixture) {
        let job = Job::evaluate();
        let work = Fake::new([(job.clone(), Behaviour::Fail(Failure::retryable("busy")))]);
        fixture.queue.enqueue(&job, "1").await.unwrap();
        let running = fixture.start(&work, Pace { backoff: Duration::from_hours(1), ..brisk() });
        eventually!(fixture.lane("evaluate").await.failed == 1, "the job failed");
        running.stop().await;
        let later = fixture.queue.sql("SELECT COUNT(*) FROM {jobs} WHERE run_at > {now}");
        let later: i64 = on_pool!(fixture.queue, pool => sqlx::query_scalar(later).fetch_one(pool).await.unwrap());
        assert_eq!((later, work.calls(&job)), (1, 1));
    }

    async fn a_failure_that_will_not_pass_is_dead_at_once(fixture) {
        let job = Job::fetch_odds("demo", "nba");
        let work = Fake::new([(job.clone(), Behaviour::Fail(Failure::permanent("the key was refused")))]);
        fixture.queue.enqueue(&job, "1").await.unwrap();
        let running = fixture.start(&work, brisk());
        eventually!(fixture.lane("feed:demo").await.dead == 1, "the job dead");
        running.stop().await;
        let dead = fixture.queue.list_dead().await.unwrap();
        assert_eq!((dead[0].error.as_str(), dead[0].attempts, work.calls(&job)), ("the key was refused", 1, 1));
    }

    async fn a_payload_nobody_knows_is_dead_and_harms_no_other(fixture) {
        fixture.queue.enqueue(&Job::evaluate(), "1").await.unwrap();
        let unknown: &[u8] = br#"{"kind":"of another version"}"#;
        let sql = fixture.queue.sql("UPDATE {jobs} SET job = $1");
        on_pool!(fixture.queue, pool => { sqlx::query(sql).bind(unknown).execute(pool).await.unwrap(); });
        fixture.queue.enqueue(&Job::evaluate(), "2").await.unwrap();
        let running = fixture.start(&Fake::new([]), brisk());
        eventually!(fixture.lane("evaluate").await.done == 1, "the known job done");
        eventually!(fixture.lane("evaluate").await.dead == 1, "the unknown job dead");
        running.stop().await;
        let dead = fixture.queue.list_dead().await.unwrap();
        assert!(dead[0].error.starts_with("not a job this version knows"), "{}", dead[0].error);
    }

    async fn a_dead_job_can_be_revived_and_pruned(fixture) {
        let job = Job::evaluate();
        let work = Fake::new([(job.clone(), Behaviour::Fail(Failure::permanent("no")))]);
        fixture.queue.enqueue(&job, "1").await.unwrap();
        let running = fixture.start(&work, brisk());
        eventually!(fixture.lane("evaluate").await.dead == 1, "the job dead");
        running.stop().await;
        let id = fixture.queue.list_dead().await.unwrap()[0].id.clone();
        assert!(fixture.queue.revive(&id).await.unwrap());
        assert!(!fixture.queue.revive(&id).await.unwrap());
        let running = fixture.start(&Fake::new([]), brisk());
        eventually!(fixture.lane("evaluate").await.done == 1, "the revived job done");
        running.stop().await;
        let (past, future) = (DateTime::UNIX_EPOCH, noon() + TimeDelta::days(36_500));
        assert_eq!(fixture.queue.prune(past, past).await.unwrap(), Pruned { jobs: 0, runs: 0 });
        assert_eq!(fixture.queue.prune(future, past).await.unwrap(), Pruned { jobs: 1, runs: 1 });
        assert_eq!(fixture.jobs().await, 0);
    }

    async fn the_overview_shows_lanes_runs_and_what_is_due(fixture) {
        let (good, bad) = (Job::fetch_odds("demo", "nba"), Job::evaluate());
        let work = Fake::new([(bad.clone(), Behaviour::Fail(Failure::permanent("no boards")))]);
        let scheduler = Scheduler::new(fixture.queue.clone());
        scheduler.sync(&[every(30, good.clone()), every(60, bad.clone())], noon()).await.unwrap();
        scheduler.tick(noon()).await.unwrap();
        let running = fixture.start(&work, brisk());
        eventually!(fixture.lane("evaluate").await.dead == 1, "the bad job dead");
        eventually!(fixture.lane("feed:demo").await.done == 1, "the good job done");
        running.stop().await;
        let overview = fixture.queue.overview(10).await.unwrap();
        assert_eq!(overview.lanes.iter().map(|lane| lane.name.as_str()).collect::<Vec<_>>(), ["evaluate", "feed:demo"]);
        assert_eq!(overview.runs.len(), 2);
        let [evaluate, fetch] = overview.schedule.as_slice() else { panic!("two entries") };
        assert_eq!((evaluate.key.as_str(), fetch.key.as_str()), ("evaluate", "fetch_odds/demo/nba"));
        assert_eq!(evaluate.last_run.as_ref().unwrap().error.as_deref(), Some("no boards"));
        assert_eq!(fetch.last_run.as_ref().unwrap().error, None);
        assert_eq!(fetch.last_enqueued_at, Some(noon()));
        assert_eq!(fetch.next_due_at, noon() + TimeDelta::seconds(30));
    }

    async fn a_running_scheduler_feeds_running_workers(fixture) {
        let work = Fake::new([]);
        let scheduler = Scheduler::new(fixture.queue.clone());
        scheduler.sync(&[every(60, Job::update_status())], noon()).await.unwrap();
        let running = fixture.start(&work, brisk());
        let stop = CancellationToken::new();
        let ticking = tokio::spawn({
            let stop = stop.clone();
            async move { scheduler.run(stop).await }
        });
        eventually!(fixture.lane("update_status").await.done == 1, "the tick's job done");
        stop.cancel();
        timeout(DEADLINE, ticking).await.unwrap().unwrap();
        running.stop().await;
        assert_eq!(work.calls(&Job::update_status()), 1);
    }
}

#[tokio::test]
async fn every_sqlite_connection_syncs_fully_and_checks_foreign_keys() {
    let fixture = Fixture::sqlite().await;
    let queue::Pool::Sqlite(pool) = &fixture.queue.pool else {
        panic!("an SQLite pool")
    };
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut connection = pool.acquire().await.unwrap();
        for (pragma, expected) in [("PRAGMA synchronous", 2_i64), ("PRAGMA foreign_keys", 1)] {
            let found: i64 = sqlx::query_scalar(pragma).fetch_one(&mut *connection).await.unwrap();
            assert_eq!(found, expected, "{pragma}");
        }
        held.push(connection);
    }
    drop(held);
    fixture.close().await;
}

#[tokio::test]
async fn two_processes_may_create_the_sqlite_file_at_once() {
    let folder = std::env::temp_dir().join(format!("overround-jobs-{:032x}", random()));
    std::fs::create_dir(&folder).unwrap();
    let place = Place::Sqlite(folder);
    let (one, other) = tokio::join!(open(&place), open(&place));
    let queue = one.unwrap();
    other.unwrap().enqueue(&Job::evaluate(), "1").await.unwrap();
    assert_eq!(queue.overview(0).await.unwrap().lanes.len(), 1);
    Fixture { place, queue }.close().await;
}

#[tokio::test]
async fn a_missing_right_to_create_hstore_is_a_plain_error() {
    let Ok(server) = std::env::var("OVERROUND_TEST_POSTGRES") else {
        println!("skipped: OVERROUND_TEST_POSTGRES is not set");
        return;
    };
    let name = format!("overround_jobs_{:032x}", random());
    execute(&server, &format!("CREATE DATABASE {name}")).await;
    execute(&server, &format!("CREATE ROLE {name} LOGIN PASSWORD 'plain'")).await;
    let (_, host) = server
        .rsplit_once('@')
        .unwrap_or_else(|| server.split_once("://").unwrap());
    let url = with_database(&format!("postgres://{name}:plain@{host}"), &name);
    let (clock, random) = ambient();
    let error = Queue::open_postgres(&url, clock, random)
        .await
        .err()
        .expect("a refusal");
    execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    execute(&server, &format!("DROP ROLE {name}")).await;
    assert!(matches!(error, Error::Hstore(_)), "{error}");
    assert!(error.to_string().contains("CREATE EXTENSION hstore"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_outlive_their_database_connections() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    let Place::Postgres { server, database } = &fixture.place else {
        panic!("a PostgreSQL database")
    };
    let work = Fake::new([]);
    fixture.queue.enqueue(&Job::evaluate(), "1").await.unwrap();
    let running = fixture.start(&work, brisk());
    eventually!(fixture.lane("evaluate").await.done == 1, "the first job done");
    for _ in 0..3 {
        let all = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        execute(server, &all).await;
    }
    let cut = Instant::now();
    eventually!(
        fixture.queue.enqueue(&Job::evaluate(), "2").await.is_ok(),
        "the queue back"
    );
    eventually!(
        fixture
            .queue
            .overview(2)
            .await
            .is_ok_and(|overview| overview.lanes[0].done == 2),
        "the second job done"
    );
    assert!(cut.elapsed() < Duration::from_secs(5));
    running.stop().await;
    fixture.close().await;
}

/// The process of [`a_job_that_aborts_its_process_is_dead_after_its_attempts`]: works until its job ends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is a process of another test"]
async fn process_that_is_aborted() {
    let folder = PathBuf::from(std::env::var_os("OVERROUND_TEST_JOBS_FOLDER").unwrap());
    let queue = open(&Place::Sqlite(folder)).await.unwrap();
    let work = Fake::new([(Job::evaluate(), Behaviour::Abort)]);
    timeout(DEADLINE, Running::start(&queue, &work, brisk()).task)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_aborts_its_process_is_dead_after_its_attempts() {
    let fixture = Fixture::sqlite().await;
    let Place::Sqlite(folder) = &fixture.place else {
        panic!("an SQLite file")
    };
    fixture.queue.enqueue(&Job::evaluate(), "1").await.unwrap();
    fixture.queue.enqueue(&Job::retention(), "2").await.unwrap();
    for attempt in 1..=3 {
        let folder = folder.clone();
        let process = tokio::task::spawn_blocking(move || {
            let path = module_path!().split_once("::").unwrap().1;
            Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", &format!("{path}::process_that_is_aborted")])
                .env("OVERROUND_TEST_JOBS_FOLDER", folder)
                .output()
                .unwrap()
        });
        let ended = process.await.unwrap().status;
        assert_eq!(ended.code(), None, "attempt {attempt} ended its process by a signal");
    }
    let work = Fake::new([]);
    let running = fixture.start(&work, brisk());
    eventually!(fixture.lane("evaluate").await.dead == 1, "the poison dead");
    eventually!(fixture.lane("retention").await.done == 1, "the healthy job done");
    running.stop().await;
    assert_eq!(work.calls(&Job::evaluate()), 0);
    fixture.close().await;
}
