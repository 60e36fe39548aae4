//! A backend that makes everything up: for tests of the pages, and for looking at them.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "made-up rows are few and counted by position"
)]

mod bankroll;
mod bets;
mod import;
mod performance;

use app::AppError;
use app::backend::ReplyPort;
use app::backend::ViewerPort;
use app::pages::game::{GamePort, GameView, HistoryQuery, HistoryView, QuotePoint, Series};
use app::pages::games::{
    BestOutcome, BestPrice, CompetitionChoice, DayChoice, GameRow, GamesFilter, GamesPort, GamesView, Move, SportChoice,
};
use app::pages::health::{
    Breaker, Credits, DatabaseHealth, DeadJob, FeedHealth, FetchFailure, FetchPoint, Finding, HealthPort, HealthView,
    IssueCount, Level, QueueHealth, ScheduleRow,
};
use app::pages::holds::{Hold, HoldRow, HoldsPort, HoldsView};
use app::pages::invite::{Invitation, InvitePort};
use app::pages::issues::{IssueRow, IssuesFilter, IssuesPort, IssuesView};
use app::pages::login::{LoginPort, SignInState};
use app::pages::opportunities::{
    OpportunitiesFilter, OpportunitiesPort, OpportunitiesView, OpportunityRow, OpportunityState,
};
use app::pages::opportunity::{Constant, OpportunityPort, OpportunityView, SourceQuote};
use app::pages::settings::api_keys::{ApiKeyForm, ApiKeyRow, ApiKeyScope, ApiKeysPort, ApiKeysView};
use app::pages::settings::bookmakers::{BookmakerForm, BookmakerSettings, BookmakersPort};
use app::pages::settings::feeds::{Choice, ChoiceForm, FeedForm, FeedSettings, FeedsPort};
use app::pages::settings::profile::{PrefsChange, ProfilePort};
use app::pages::settings::sessions::{SessionRow, SessionsPort};
use app::pages::settings::two_factor::{TwoFactorPort, TwoFactorState, TwoFactorView};
use app::pages::settings::users::{InviteRow, UserRow, UsersPort, UsersView};
use app::pages::setup::{SetupForm, SetupPort, SetupState};
use app::pages::snapshot::{SnapshotPort, SnapshotView};
use app::pages::strategies::{
    KindView, ParamField, Results, SkippedRow, StrategiesPort, StrategiesView, StrategyForm, StrategyRow, StrategyView,
    VersionView,
};
use app::pages::today::{DayLoss, EventMove, Today, TodayPort};
use app::viewer::{Prefs, UserRole, Viewer, Zone, ZoneOffset};
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use domain::arbitrage::arbitrage;
use domain::board::{Board, BoardMarket, QuoteFlags};
use domain::event::{Event, Score};
use domain::fair::{FairLine, FairLink, FairQuote, FairSource};
use domain::opportunity::{Facts, Found, Leg, OpportunityKind, TraceMove, Verdict};
use domain::{
    ApiKeyId, BookKind, BookProfile, BookmakerId, CompetitionId, EventId, EventStatus, IssueId, IssueKind, Line,
    MarketKey, MarketKind, OpportunityId, Outcome, Participant, ParticipantId, Price, Quote, QuoteChangeId, Role,
    SelectionId, Side, SnapshotId, Sport, Stage, StrategyId, UserId, overround,
};
use std::sync::{Arc, Mutex};

/// How much there is to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Nothing yet.
    Empty,
    /// As in use.
    Full,
    /// Every question fails.
    Failing,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Nobody has an account.
    Nobody,
    /// Not signed in.
    Anonymous,
    /// Signed in but for the code.
    AwaitingCode,
    /// Signed in, reads only.
    Viewer,
    /// Signed in, the owner.
    Owner,
}

/// What is remembered between requests, and the replies of the latest.
#[derive(Default)]
pub struct Memory {
    /// Reading preferences.
    pub prefs: Prefs,
    /// The redirect that was asked for.
    pub redirect: Option<String>,
    /// The status that was asked for.
    pub status: Option<u16>,
}

/// The made-up backend.
#[derive(Clone)]
pub struct Fake {
    /// How much there is.
    pub amount: Amount,
    /// Who asks.
    pub who: Who,
    /// What time it is.
    pub now: DateTime<Utc>,
    /// What is remembered.
    pub memory: Arc<Mutex<Memory>>,
}

const BOOKS: [(&str, BookKind, u16); 10] = [
    ("Northline", BookKind::Sharp, 0),
    ("Kestrel Exchange", BookKind::Exchange, 200),
    ("Harbour Bet", BookKind::Retail, 0),
    ("Quickstake", BookKind::Retail, 0),
    ("Old Mill", BookKind::Retail, 0),
    ("Redgate", BookKind::Retail, 0),
    ("Tallyhouse", BookKind::Retail, 0),
    ("Bluebird", BookKind::Retail, 0),
    ("Sixfold", BookKind::Retail, 0),
    ("Lantern", BookKind::Retail, 0),
];

const GAMES: [(&str, &str, &str, &str, [&str; 3]); 12] = [
    (
        "football",
        "Coastal League",
        "Port Aldery",
        "Vale Rovers",
        ["2.36", "3.40", "3.15"],
    ),
    (
        "football",
        "Coastal League",
        "Saltmarsh Town",
        "Kingsferry",
        ["1.78", "3.75", "4.90"],
    ),
    (
        "football",
        "Coastal League",
        "Brackenfield Athletic",
        "Three Rivers",
        ["3.05", "3.25", "2.48"],
    ),
    (
        "basketball",
        "Union Basketball",
        "Meridian Falcons",
        "Ironbridge Stags",
        ["1.62", "", "2.42"],
    ),
    (
        "basketball",
        "Union Basketball",
        "Lakeshore Pilots",
        "Summit Wolves",
        ["2.05", "", "1.83"],
    ),
    (
        "ice_hockey",
        "Northern Ice",
        "Frostholm",
        "Glacier City",
        ["1.95", "", "1.94"],
    ),
    (
        "ice_hockey",
        "Northern Ice",
        "Pinehurst Kings",
        "Harbourfront",
        ["2.62", "", "1.56"],
    ),
    (
        "american_football",
        "Continental Football",
        "Redwood Giants",
        "Plains Bisons",
        ["1.44", "", "2.95"],
    ),
    (
        "american_football",
        "Continental Football",
        "Delta Herons",
        "Canyon Hawks",
        ["1.91", "", "1.99"],
    ),
    (
        "tennis",
        "Harbour Open",
        "A. Marchetti",
        "J. Lindqvist",
        ["1.33", "", "3.60"],
    ),
    ("tennis", "Harbour Open", "S. Okonjo", "T. Varga", ["2.18", "", "1.74"]),
    (
        "football",
        "Highland Cup",
        "Glenmore",
        "Castle Albion",
        ["2.90", "3.10", "2.60"],
    ),
];

fn price(text: &str) -> Price {
    text.parse().expect("a made-up price is a price")
}

/// A price a few steps away from another, never below 1.01.
fn shifted(base: Price, percent: i64) -> Price {
    let net = base.micros() - Price::SCALE;
    let micros = Price::SCALE + (net * (100 + percent) / 100).max(10_000);
    Price::from_micros(micros / 10_000 * 10_000).expect("a made-up price is a price")
}

impl Fake {
    /// A backend at a time.
    pub fn new(amount: Amount, who: Who, now: DateTime<Utc>) -> Self {
        let prefs = Prefs {
            time_zone: "Europe/Vienna".into(),
            ..Prefs::default()
        };
        Self {
            amount,
            who,
            now,
            memory: Arc::new(Mutex::new(Memory {
                prefs,
                ..Memory::default()
            })),
        }
    }

    fn memory<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> T {
        change(&mut self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Lets signed-in people pass unless everything fails.
    fn gate(&self) -> Result<(), AppError> {
        match (self.who, self.amount) {
            (Who::Nobody, _) => Err(AppError::SetupRequired),
            (Who::Anonymous | Who::AwaitingCode, _) => Err(AppError::SignInRequired),
            (_, Amount::Failing) => Err(AppError::Failed {
                incident: Some("7f3a-91".into()),
            }),
            _ => Ok(()),
        }
    }

    fn owner_gate(&self) -> Result<(), AppError> {
        self.gate()?;
        if self.who == Who::Owner {
            Ok(())
        } else {
            Err(AppError::Forbidden)
        }
    }

    fn is_full(&self) -> bool {
        self.amount == Amount::Full
    }

    fn ago(&self, seconds: i64) -> DateTime<Utc> {
        self.now - Duration::seconds(seconds)
    }

    fn books() -> Vec<BookProfile> {
        let profile = |(at, (name, kind, commission_bp)): (usize, &(&str, BookKind, u16))| BookProfile {
            id: BookmakerId(at as i64 + 1),
            key: name.to_lowercase().replace(' ', "_"),
            name: (*name).to_owned(),
            kind: *kind,
            commission_bp: *commission_bp,
            clone_group: None,
            is_demo: true,
        };
        let mut books: Vec<_> = BOOKS.iter().enumerate().map(profile).collect();
        books.sort_by(|a, b| a.name.cmp(&b.name));
        books
    }

    fn event(&self, at: usize) -> Event {
        let (sport, competition, home, away, _) = GAMES[at % GAMES.len()];
        let team = |offset, role, name: &str| Participant {
            id: ParticipantId((at * 2 + offset) as i64),
            role,
            name: name.to_owned(),
        };
        let is_live = at < 2;
        Event {
            id: EventId(at as i64 + 1),
            sport: Sport::from_key(sport),
            competition_id: CompetitionId(1),
            competition: competition.to_owned(),
            participants: vec![team(0, Role::Home, home), team(1, Role::Away, away)],
            starts_at: if is_live {
                self.ago(2_400)
            } else {
                self.now + Duration::minutes(35 * at as i64)
            },
            status: if is_live {
                EventStatus::Live
            } else {
                EventStatus::Scheduled
            },
            score: is_live.then_some(Score {
                home: 1,
                away: at as i32,
            }),
            is_demo: true,
        }
    }

    fn main_market(at: usize) -> MarketKey {
        let three_way = !GAMES[at % GAMES.len()].4[1].is_empty();
        MarketKey::plain(if three_way {
            MarketKind::ThreeWay
        } else {
            MarketKind::Moneyline
        })
    }

    fn row(&self, at: usize) -> GameRow {
        let market = Self::main_market(at);
        let texts = GAMES[at % GAMES.len()].4;
        let books = Self::books();
        let outcomes: Vec<BestOutcome> = [Outcome::Home, Outcome::Draw, Outcome::Away]
            .into_iter()
            .zip(texts)
            .filter(|(_, text)| !text.is_empty())
            .enumerate()
            .map(|(nth, (outcome, text))| {
                let book = &books[(at * 3 + nth * 4) % books.len()];
                BestOutcome {
                    outcome,
                    best: Some(BestPrice {
                        price: price(text),
                        bookmaker_id: book.id,
                        bookmaker: book.name.clone(),
                        previous: Some(shifted(price(text), if nth == 0 { -3 } else { 2 })),
                        received_at: self.ago(if at % 4 == 1 && nth == 0 {
                            4
                        } else {
                            340 + nth as i64 * 77
                        }),
                        last_seen_at: self.ago(3 + at as i64),
                    }),
                }
            })
            .collect();
        let prices: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| outcome.best.as_ref())
            .map(|best| best.price)
            .collect();
        GameRow {
            event: self.event(at),
            version: 1,
            hold: Some(overround::hold(&prices)),
            last_move: Some(Move {
                market: market.clone(),
                outcome: Outcome::Home,
                bookmaker: books[at % books.len()].name.clone(),
                from: Some(shifted(prices[0], if at.is_multiple_of(2) { -4 } else { 3 })),
                to: Some(prices[0]),
                at: self.ago(40 + 67 * at as i64),
            }),
            market: Some(market),
            outcomes,
            bookmakers: 10,
            markets: 9,
            seen_at: Some(self.ago(3 + at as i64)),
        }
    }

    fn quote(&self, book: &BookProfile, outcome: Outcome, side: Side, price: Price, age_s: i64) -> Quote {
        Quote {
            change_id: QuoteChangeId(9_000 + book.id.0),
            snapshot_id: SnapshotId(77),
            selection_id: SelectionId(1),
            outcome,
            bookmaker_id: book.id,
            feed: "demo".into(),
            side,
            price,
            price_text: price.to_string(),
            source_at: Some(self.ago(age_s + 2)),
            received_at: self.ago(age_s),
            last_seen_at: self.ago(age_s % 9),
            previous: Some(shifted(price, if book.id.0 % 2 == 0 { 3 } else { -3 })),
            flags: if book.id.0 == 7 {
                QuoteFlags::OVERROUND_HIGH
            } else {
                QuoteFlags::default()
            },
        }
    }

    fn market(&self, key: MarketKey, bases: &[(Outcome, &str)], books: &[BookProfile]) -> BoardMarket {
        let mut quotes = Vec::new();
        for (nth, (outcome, base)) in bases.iter().enumerate() {
            for book in books {
                let wobble = (book.id.0 * 7 + nth as i64 * 5) % 9 - 6;
                let age_s = if book.id.0 == 3 && nth == 0 {
                    3
                } else {
                    60 + book.id.0 * 41
                };
                let back = shifted(price(base), wobble);
                quotes.push(self.quote(book, outcome.clone(), Side::Back, back, age_s));
                if book.kind == BookKind::Exchange && key.kind == MarketKind::ThreeWay {
                    quotes.push(self.quote(book, outcome.clone(), Side::Lay, shifted(back, 4), age_s));
                }
            }
        }
        BoardMarket { key, quotes }
    }

    fn board(&self, at: usize, as_of: Option<DateTime<Utc>>) -> Board {
        let books = Self::books();
        let texts = GAMES[at % GAMES.len()].4;
        let mains: Vec<_> = [Outcome::Home, Outcome::Draw, Outcome::Away]
            .into_iter()
            .zip(texts)
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let lined = |kind: MarketKind, hundredths: i32| MarketKey {
            line: Some(Line::from_hundredths(hundredths)),
            ..MarketKey::plain(kind)
        };
        let sides = |first: &'static str, second: &'static str| [(Outcome::Home, first), (Outcome::Away, second)];
        let totals = |over: &'static str, under: &'static str| [(Outcome::Over, over), (Outcome::Under, under)];
        let markets = vec![
            self.market(Self::main_market(at), &mains, &books),
            self.market(lined(MarketKind::Spread, -25), &sides("2.02", "1.92"), &books[..7]),
            self.market(lined(MarketKind::Spread, 0), &sides("1.74", "2.24"), &books[..4]),
            self.market(lined(MarketKind::Total, 225), &totals("1.84", "2.10"), &books[..8]),
            self.market(lined(MarketKind::Total, 250), &totals("2.04", "1.90"), &books[..8]),
            self.market(lined(MarketKind::Total, 275), &totals("2.31", "1.70"), &books[..5]),
        ];
        Board {
            event: self.event(at),
            as_of: as_of.unwrap_or(self.now),
            markets,
        }
    }

    fn opportunity_row(&self, nth: usize) -> OpportunityRow {
        let at = [0, 4, 8, 10][nth % 4];
        let market = Self::main_market(at);
        let raised = GAMES[at]
            .4
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| shifted(price(text), 12));
        let prices: Vec<Price> = raised.collect();
        let found = arbitrage(&prices).expect("raised prices are an arbitrage");
        let books = Self::books();
        let outcomes = market.kind.outcomes().expect("a main market has outcomes");
        let legs = outcomes
            .iter()
            .zip(&prices)
            .zip(&found.shares)
            .enumerate()
            .map(|(leg, ((outcome, price), share))| {
                let book = &books[(nth * 3 + leg * 2) % books.len()];
                Leg {
                    market: market.clone(),
                    bookmaker_id: book.id,
                    bookmaker: book.key.clone(),
                    outcome: outcome.clone(),
                    side: Side::Back,
                    price: *price,
                    price_text: price.to_string(),
                    commission_bp: 0,
                    stake: *share,
                    quoted_at: self.ago(9),
                    received_at: self.ago(140),
                    last_seen_at: self.ago(4 + leg as i64 * 3),
                    change_id: QuoteChangeId(501 + leg as i64),
                    snapshot_id: SnapshotId(77),
                }
            })
            .collect();
        let verdict = [Verdict::Executable, Verdict::Executable, Verdict::Paper, Verdict::Stale][nth % 4];
        OpportunityRow {
            id: OpportunityId(nth as i64 + 1),
            strategy: (StrategyId(1), "Arbitrage".into()),
            event: self.event(at),
            found: Found {
                kind: OpportunityKind::Arbitrage,
                market,
                profit: found.profit,
                legs,
                verdict,
                reasons: match verdict {
                    Verdict::Executable => vec!["every leg seen within 15 s".into()],
                    Verdict::Paper => vec!["in play".into()],
                    Verdict::Stale => vec!["a leg was last seen 4 min ago".into()],
                    Verdict::Suspect => vec!["one book alone has an overround of -2 %".into()],
                },
                is_in_play: at < 2,
                facts: Facts::default(),
            },
            opened_at: self.ago(310 + nth as i64 * 600),
            refreshed_at: self.ago(4),
            closed_at: None,
            close_reason: None,
            best_profit: found.profit + 0.0031,
        }
    }

    fn feed(&self, is_well: bool) -> FeedHealth {
        let recent = (0..48).map(|at| FetchPoint {
            at: self.ago(48 - at),
            duration_ms: 120 + u32::try_from(at * 37 % 90).unwrap_or(0) + if at == 30 { 400 } else { 0 },
            is_ok: is_well || at % 9 != 4,
        });
        FeedHealth {
            key: if is_well { "demo" } else { "the_odds_api" }.into(),
            name: if is_well { "Demo market" } else { "The Odds API" }.into(),
            is_enabled: true,
            is_demo: is_well,
            level: if is_well { Level::Good } else { Level::Warn },
            breaker: if is_well { Breaker::Closed } else { Breaker::HalfOpen },
            open_until: None,
            stopped_reason: None,
            last_success_at: Some(self.ago(if is_well { 4 } else { 190 })),
            last_failure_at: (!is_well).then(|| self.ago(60)),
            promised_every_s: Some(if is_well { 5 } else { 60 }),
            next_due_at: Some(self.now + Duration::seconds(3)),
            success_streak: if is_well { 1_204 } else { 0 },
            failure_streak: if is_well { 0 } else { 2 },
            requests_24h: 17_280,
            failures_24h: if is_well { 0 } else { 31 },
            latency_p50_ms: Some(142),
            latency_p95_ms: Some(390),
            quarantine_rate: Some(0.0012),
            credits: (!is_well).then(|| Credits {
                used: 13_120,
                remaining: 6_880,
                last: Some(3),
                unknown: 6,
                planned_per_day: Some(640),
                read_at: self.ago(190),
            }),
            errors: if is_well {
                Vec::new()
            } else {
                vec![
                    FetchFailure {
                        at: self.ago(60),
                        endpoint: "odds".into(),
                        competition: Some("basketball_nba".into()),
                        outcome: "timeout".into(),
                        http_status: None,
                        detail: "no answer within 10 s".into(),
                    },
                    FetchFailure {
                        at: self.ago(120),
                        endpoint: "odds".into(),
                        competition: Some("basketball_nba".into()),
                        outcome: "EXCEEDED_FREQ_LIMIT".into(),
                        http_status: Some(429),
                        detail: "too many requests; waited 2 s".into(),
                    },
                ]
            },
            recent: recent.collect(),
        }
    }

    fn summary(&self) -> Vec<Finding> {
        if self.is_full() {
            vec![
                Finding {
                    level: Level::Warn,
                    text: "The Odds API failed twice in a row (timeout); the next try is in 3 s. Prices from it are 3 min old.".into(),
                },
                Finding { level: Level::Good, text: "The demo market answers every 5 s, as promised.".into() },
                Finding { level: Level::Good, text: "The database answers in 0.4 ms and has 48 GB of room.".into() },
            ]
        } else {
            vec![Finding {
                level: Level::Good,
                text: "All is well. No feed is switched on yet.".into(),
            }]
        }
    }
}

impl ReplyPort for Fake {
    fn redirect(&self, path: &str) {
        self.memory(|memory| memory.redirect = Some(path.to_owned()));
        if let Some(reply) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() {
            let _ = reply;
            leptos_axum::redirect(app::address::local_path(path));
        }
    }

    fn set_status(&self, status: u16) {
        self.memory(|memory| memory.status = Some(status));
        let parts = leptos::prelude::use_context::<axum::http::request::Parts>();
        let is_form = parts.is_some_and(|parts| {
            let accepts = parts
                .headers
                .get("accept")
                .and_then(|accepts| accepts.to_str().ok())
                .unwrap_or_default();
            parts.method == "POST" && accepts.contains("text/html")
        });
        if let (false, Some(reply), Ok(status)) = (
            is_form,
            leptos::prelude::use_context::<leptos_axum::ResponseOptions>(),
            axum::http::StatusCode::from_u16(status),
        ) {
            reply.set_status(status);
        }
    }
}

#[async_trait]
impl ViewerPort for Fake {
    async fn viewer(&self) -> Result<Viewer, AppError> {
        match self.who {
            Who::Nobody => return Err(AppError::SetupRequired),
            Who::Anonymous | Who::AwaitingCode => return Err(AppError::SignInRequired),
            Who::Viewer | Who::Owner => {}
        }
        Ok(Viewer {
            id: UserId(1),
            email: "ada@example.org".into(),
            role: if self.who == Who::Owner {
                UserRole::Owner
            } else {
                UserRole::Viewer
            },
            prefs: self.memory(|memory| memory.prefs.clone()),
            zone: Zone {
                offsets: vec![ZoneOffset {
                    from: DateTime::UNIX_EPOCH,
                    offset_minutes: 60,
                    abbreviation: "CET".into(),
                }],
            },
            now: self.now,
            shows_demo: self.is_full(),
            version: "0.1.0".into(),
        })
    }
}

#[async_trait]
impl SetupPort for Fake {
    async fn setup_state(&self) -> Result<SetupState, AppError> {
        Ok(SetupState {
            is_open: self.who == Who::Nobody,
            needs_code: true,
        })
    }

    async fn set_up(&self, form: SetupForm) -> Result<(), AppError> {
        if form.password.chars().count() < 12 {
            return Err(AppError::field("password", "At least 12 characters, please."));
        }
        Ok(())
    }
}

#[async_trait]
impl LoginPort for Fake {
    async fn sign_in_state(&self) -> Result<SignInState, AppError> {
        Ok(match self.who {
            Who::Nobody => SignInState::SetupRequired,
            Who::Anonymous => SignInState::Anonymous,
            Who::AwaitingCode => SignInState::CodeRequired,
            Who::Viewer | Who::Owner => SignInState::SignedIn,
        })
    }

    async fn sign_in(&self, _email: String, password: String) -> Result<SignInState, AppError> {
        if password == "correct horse battery" {
            Ok(SignInState::SignedIn)
        } else {
            Err(AppError::Invalid {
                field: None,
                message: "E-mail and password do not fit together.".into(),
            })
        }
    }

    async fn sign_in_code(&self, _code: String) -> Result<(), AppError> {
        Err(AppError::field("code", "This code is wrong or was used already."))
    }

    async fn sign_out(&self) -> Result<(), AppError> {
        Ok(())
    }
}

#[async_trait]
impl InvitePort for Fake {
    async fn invitation(&self, token: String) -> Result<Invitation, AppError> {
        if token != "good" {
            return Err(AppError::NotFound);
        }
        Ok(Invitation {
            email: "bob@example.org".into(),
            role: UserRole::Member,
            invited_by: "ada@example.org".into(),
            expires_at: self.now + Duration::days(7),
        })
    }

    async fn accept_invitation(&self, _: String, password: String, again: String) -> Result<(), AppError> {
        if password == again {
            Ok(())
        } else {
            Err(AppError::field("password_again", "The two differ."))
        }
    }
}

#[async_trait]
impl TodayPort for Fake {
    async fn today(&self) -> Result<Today, AppError> {
        self.gate()?;
        let full = self.is_full();
        Ok(Today {
            opportunities: if full {
                (0..3).map(|at| self.opportunity_row(at)).collect()
            } else {
                Vec::new()
            },
            executable_count: if full { 2 } else { 0 },
            open_count: if full { 4 } else { 0 },
            bookmakers: if full { Self::books() } else { Vec::new() },
            games: if full {
                (0..8).map(|at| self.row(at)).collect()
            } else {
                Vec::new()
            },
            games_today: if full { 12 } else { 0 },
            live_count: if full { 2 } else { 0 },
            moves: if full {
                (2..8)
                    .filter_map(|at| {
                        self.row(at).last_move.map(|change| EventMove {
                            event: self.event(at),
                            change,
                        })
                    })
                    .collect()
            } else {
                Vec::new()
            },
            feeds: if full {
                vec![self.feed(true), self.feed(false)]
            } else {
                Vec::new()
            },
            summary: self.summary(),
            errors_24h: if full { 3 } else { 0 },
            warnings_24h: if full { 41 } else { 0 },
            open_bets: self.bets_sums(),
            bets_to_settle: u32::from(full),
            day_loss: DayLoss {
                mode: domain::bet::BetMode::Real,
                currency: domain::Currency::EUR,
                lost: if full { 1_250 } else { 0 },
                limit: 10_000,
            },
        })
    }
}

#[async_trait]
impl GamesPort for Fake {
    async fn games(&self, filter: GamesFilter) -> Result<GamesView, AppError> {
        self.gate()?;
        let text = filter.text.to_lowercase();
        let rows: Vec<GameRow> = (0..if self.is_full() { GAMES.len() } else { 0 })
            .map(|at| self.row(at))
            .filter(|row| filter.sport.as_ref().is_none_or(|sport| row.event.sport == *sport))
            .filter(|row| row.event.name().to_lowercase().contains(&text))
            .collect();
        let today = (self.now + Duration::hours(1)).date_naive();
        Ok(GamesView {
            total: u32::try_from(rows.len()).unwrap_or(0),
            rows,
            pages: if self.is_full() { 3 } else { 1 },
            sports: vec![
                SportChoice {
                    sport: Sport::FOOTBALL,
                    count: 4,
                },
                SportChoice {
                    sport: Sport::BASKETBALL,
                    count: 2,
                },
            ],
            competitions: vec![CompetitionChoice {
                id: CompetitionId(1),
                name: "Coastal League".into(),
                count: 3,
            }],
            days: (0..5)
                .map(|day| DayChoice {
                    date: today + Duration::days(day),
                    count: 12,
                })
                .collect(),
        })
    }
}

#[async_trait]
impl GamePort for Fake {
    async fn game(&self, event: EventId, as_of: Option<DateTime<Utc>>) -> Result<GameView, AppError> {
        self.gate()?;
        let at = usize::try_from(event.0 - 1)
            .ok()
            .filter(|at| *at < GAMES.len())
            .ok_or(AppError::NotFound)?;
        let mut board = self.board(at, as_of);
        if !self.is_full() {
            board.markets.clear();
        }
        Ok(GameView {
            board,
            version: 1,
            bookmakers: Self::books(),
            usable: Self::books()
                .iter()
                .map(|book| book.id)
                .filter(|id| id.0 != 9)
                .collect(),
            history_from: self.is_full().then(|| self.ago(86_400)),
            history_to: self.is_full().then(|| self.ago(3)),
            opportunities: if self.is_full() && at == 0 {
                vec![self.opportunity_row(0)]
            } else {
                Vec::new()
            },
        })
    }

    async fn history(&self, query: HistoryQuery) -> Result<HistoryView, AppError> {
        self.gate()?;
        let at = usize::try_from(query.event.0 - 1)
            .ok()
            .filter(|at| *at < GAMES.len())
            .ok_or(AppError::NotFound)?;
        let board = self.board(at, query.as_of);
        let market = board
            .markets
            .iter()
            .find(|market| market.key == query.market)
            .ok_or(AppError::NotFound)?;
        let until = query.as_of.unwrap_or(self.now);
        let series = Self::books()
            .into_iter()
            .filter(|book| query.bookmaker.is_none_or(|id| book.id == id))
            .filter_map(|book| {
                let is_it = |quote: &&Quote| quote.bookmaker_id == book.id && quote.outcome == query.outcome;
                let last = market.quotes.iter().find(is_it)?.price;
                let points = (0..24_i64).map(|step| {
                    let drift = (24 - step) * (query.event.0 % 3 - 1) / 2 + (step * book.id.0 * 7) % 5 - 2;
                    let price = if step == 23 { last } else { shifted(last, drift) };
                    QuotePoint {
                        change_id: QuoteChangeId(step + 100),
                        snapshot_id: SnapshotId(77),
                        price: (step != 11 || book.id.0 != 4).then_some(price),
                        price_text: price.to_string(),
                        source_at: Some(self.ago((24 - step) * 3_500 + 4)),
                        received_at: self.ago((24 - step) * 3_500 - book.id.0 * 130),
                        flags: QuoteFlags::default(),
                        supersedes: None,
                    }
                });
                let points = points.filter(|point| point.received_at <= until).collect();
                Some(Series {
                    bookmaker: book,
                    feed: "demo".into(),
                    points,
                })
            })
            .collect();
        Ok(HistoryView {
            event: board.event,
            as_of: until,
            series,
            is_cut: false,
        })
    }
}

#[async_trait]
impl SnapshotPort for Fake {
    async fn snapshot(&self, id: SnapshotId) -> Result<SnapshotView, AppError> {
        self.gate()?;
        if id.0 != 77 {
            return Err(AppError::NotFound);
        }
        Ok(SnapshotView {
            id,
            feed: "demo".into(),
            endpoint: "odds".into(),
            competition: Some("football/coastal-league".into()),
            request: "/odds?competition=coastal-league&markets=three_way,spread,total".into(),
            received_at: self.ago(140),
            body_hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            body_bytes: 48_212,
            events: 4,
            quotes: 312,
            changes: 18,
            issues: 0,
            body: Some("{\"events\":[{\"id\":\"d-1\",\"home\":\"<Port Aldery>\"}]}".into()),
            is_cut: true,
        })
    }
}

#[async_trait]
impl OpportunitiesPort for Fake {
    async fn opportunities(&self, filter: OpportunitiesFilter) -> Result<OpportunitiesView, AppError> {
        self.gate()?;
        let is_open = filter.state == OpportunityState::Open;
        let rows: Vec<_> = (0..if self.is_full() { 4 } else { 0 })
            .map(|at| self.opportunity_row(at))
            .map(|row| {
                if is_open {
                    row
                } else {
                    OpportunityRow {
                        closed_at: Some(self.ago(60)),
                        close_reason: Some("a price fell".into()),
                        ..row
                    }
                }
            })
            .filter(|row| filter.verdict.is_none_or(|verdict| row.found.verdict == verdict))
            .collect();
        Ok(OpportunitiesView {
            total: u32::try_from(rows.len()).unwrap_or(0),
            rows,
            bookmakers: Self::books(),
            pages: 1,
            sports: vec![Sport::FOOTBALL, Sport::BASKETBALL],
            open: vec![(OpportunityKind::Arbitrage, 4), (OpportunityKind::Value, 2)],
            offered_bookmakers: Self::books(),
            strategies: vec![(StrategyId(1), "Arbitrage".into())],
            games_watched: if self.is_full() { 12 } else { 0 },
        })
    }
}

#[async_trait]
impl OpportunityPort for Fake {
    async fn opportunity(&self, id: OpportunityId) -> Result<OpportunityView, AppError> {
        self.gate()?;
        let nth = usize::try_from(id.0 - 1)
            .ok()
            .filter(|nth| self.is_full() && *nth < 4)
            .ok_or(AppError::NotFound)?;
        let row = self.opportunity_row(nth);
        let sources: Vec<SourceQuote> = row
            .found
            .legs
            .iter()
            .map(|leg| SourceQuote {
                market: leg.market.clone(),
                outcome: leg.outcome.clone(),
                bookmaker: leg.bookmaker.clone(),
                feed: "demo".into(),
                side: leg.side,
                price: leg.price,
                price_text: leg.price_text.clone(),
                commission_bp: 0,
                net_price: leg.price.as_f64(),
                implied: leg.price.implied(),
                stake: leg.stake,
                source_at: Some(leg.quoted_at),
                received_at: leg.received_at,
                last_seen_at: leg.last_seen_at,
                change_id: leg.change_id,
                snapshot_id: leg.snapshot_id,
            })
            .collect();
        Ok(OpportunityView {
            implied_sum: sources.iter().map(|source| source.implied).sum(),
            row,
            bookmakers: Self::books(),
            method: "The best price of each outcome of a complete market; profit = 1 / sum(1 / price) - 1.".into(),
            constants: vec![
                Constant {
                    name: "Greatest age of a leg".into(),
                    value: "120 s".into(),
                },
                Constant {
                    name: "Least profit".into(),
                    value: "0 %".into(),
                },
                Constant {
                    name: "Commission".into(),
                    value: "by profile".into(),
                },
            ],
            code_version: "0.1.0+abc1234".into(),
            reckoned_at: self.ago(4),
            sources,
            json_path: format!("/api/v1/opportunities/{id}/trace"),
            fair: if nth == 1 { vec![self.fair_line()] } else { Vec::new() },
            moves: if nth == 1 { self.moves() } else { Vec::new() },
            judges: Self::books(),
            recomputed: Some(0.0123),
        })
    }
}

impl Fake {
    fn fair_line(&self) -> FairLine {
        let quote = |text: &str, row| FairQuote {
            price: price(text),
            lay: None,
            price_text: text.into(),
            source_at: Some(self.ago(20)),
            received_at: self.ago(19),
            last_seen_at: self.ago(4),
            change_id: QuoteChangeId(row),
            snapshot_id: SnapshotId(1),
        };
        FairLine {
            link: FairLink::Sharp,
            method: domain::devig::DevigMethod::Power,
            outcomes: vec![Outcome::Home, Outcome::Away],
            probabilities: vec![0.51, 0.49],
            left_out: BookmakerId(4),
            age_s: 4,
            sources: vec![FairSource {
                bookmaker_id: BookmakerId(1),
                bookmaker: "first".into(),
                weight: 1.0,
                probabilities: vec![0.51, 0.49],
                quotes: vec![quote("1.91", 11), quote("1.99", 12)],
            }],
        }
    }

    fn moves(&self) -> Vec<TraceMove> {
        (1..=3)
            .map(|book| TraceMove {
                bookmaker_id: BookmakerId(book),
                bookmaker: format!("book_{book}"),
                from: price("2.10"),
                to: price("1.95"),
                source_at: None,
                received_at: self.ago(100 - book),
                change_id: QuoteChangeId(book),
                snapshot_id: SnapshotId(1),
            })
            .collect()
    }

    fn strategy_row(&self, at: i64) -> StrategyRow {
        let kind = OpportunityKind::ALL[usize::try_from(at).unwrap_or(0) % OpportunityKind::ALL.len()];
        StrategyRow {
            id: StrategyId(at + 1),
            kind,
            name: kind.name().into(),
            is_enabled: at != 5,
            stage: Stage::Paper,
            version: 2,
            updated_at: self.ago(3600),
            results: Results {
                open: 3,
                closed: 120,
                best_profit: Some(0.041),
                mean_profit: Some(0.0112),
                last_found_at: Some(self.ago(40)),
                skipped: 17,
            },
            tuned: if at == 1 {
                vec![("Least edge".into(), "3 %".into())]
            } else {
                Vec::new()
            },
        }
    }

    fn kind_view(kind: OpportunityKind) -> KindView {
        let field = |name: &str, label: &str, value: &str, unit: &str, offers: Vec<(String, String)>| ParamField {
            name: name.into(),
            label: label.into(),
            help: "What it does, in a sentence.".into(),
            range: "a number from 0 to 100".into(),
            unit: unit.into(),
            is_number: offers.is_empty() && name != "sports",
            offers,
            value: value.into(),
        };
        let choices = [("exclude", "Leave out"), ("include", "Look at them")];
        let choices = choices.map(|(code, name)| (code.to_owned(), name.to_owned())).to_vec();
        KindView {
            kind,
            about: "A price that pays more than the outcome is worth.".into(),
            method: "edge = fair probability x price - 1".into(),
            params: vec![
                field("min_edge", "Least edge", "3", "%", Vec::new()),
                field("in_play", "Games that have started", "exclude", "", choices),
                field("sports", "Sports", "", "", Vec::new()),
            ],
        }
    }
}

#[async_trait]
impl StrategiesPort for Fake {
    async fn strategies(&self) -> Result<StrategiesView, AppError> {
        self.gate()?;
        let full = self.is_full();
        Ok(StrategiesView {
            rows: (0..if full { 6 } else { 0 }).map(|at| self.strategy_row(at)).collect(),
            removed: if full {
                vec![(StrategyId(9), OpportunityKind::Value, "Old".into())]
            } else {
                Vec::new()
            },
        })
    }

    async fn strategy(&self, id: StrategyId) -> Result<StrategyView, AppError> {
        self.gate()?;
        if !self.is_full() || !(1..=6).contains(&id.0) {
            return Err(AppError::NotFound);
        }
        let row = self.strategy_row(id.0 - 1);
        let version = |version: u32, changes: Vec<(String, String, String)>| VersionView {
            version,
            name: row.name.clone(),
            created_at: self.ago(7200 / i64::from(version)),
            changes,
        };
        Ok(StrategyView {
            kind: Self::kind_view(row.kind),
            versions: vec![
                version(2, vec![("Least edge".into(), "2 %".into(), "3 %".into())]),
                version(1, Vec::new()),
            ],
            skipped: vec![SkippedRow {
                event_id: EventId(3),
                event: "Harbour – Brightwater".into(),
                candidate: "moneyline home back".into(),
                filter: "Least edge".into(),
                profit: 0.021,
                detail: "+2.10 %, and 3.00 % is the least".into(),
                version: 2,
                at: self.ago(60),
            }],
            row,
        })
    }

    async fn strategy_kind(&self, kind: OpportunityKind) -> Result<KindView, AppError> {
        self.gate()?;
        Ok(Self::kind_view(kind))
    }

    async fn save_strategy(&self, _: StrategyForm) -> Result<StrategyId, AppError> {
        self.gate().map(|()| StrategyId(1))
    }

    async fn switch_strategy(&self, _: StrategyId, _: bool) -> Result<(), AppError> {
        self.gate()
    }

    async fn remove_strategy(&self, _: StrategyId, _: bool) -> Result<(), AppError> {
        self.gate()
    }

    async fn strategies_yaml(&self) -> Result<String, AppError> {
        self.gate()?;
        Ok("- name: Value\n  kind: value\n".into())
    }

    async fn import_strategies(&self, _: String) -> Result<u32, AppError> {
        self.gate().map(|()| 1)
    }
}

#[async_trait]
impl HoldsPort for Fake {
    async fn holds(&self) -> Result<HoldsView, AppError> {
        self.gate()?;
        let hold = |mean| {
            Some(Hold {
                mean,
                markets: 40,
                lowest: (EventId(3), mean / 2.0),
            })
        };
        let books = if self.is_full() { Self::books() } else { Vec::new() };
        Ok(HoldsView {
            kinds: vec![MarketKind::Moneyline, MarketKind::ThreeWay, MarketKind::Total],
            rows: books
                .into_iter()
                .map(|book| HoldRow {
                    book,
                    holds: vec![hold(0.03), None, hold(0.05)],
                })
                .collect(),
            best: vec![hold(0.008), hold(0.01), hold(-0.002)],
            open: vec![(OpportunityKind::Arbitrage, 4)],
        })
    }
}

#[async_trait]
impl HealthPort for Fake {
    async fn health(&self) -> Result<HealthView, AppError> {
        self.gate()?;
        let full = self.is_full();
        let queue = |name: &str, waiting, dead| QueueHealth {
            name: name.into(),
            waiting,
            running: 1,
            done_24h: 17_220,
            failed_24h: 31,
            dead,
        };
        let scheduled = |name: &str, every_s: u32| ScheduleRow {
            name: name.into(),
            every_s,
            last_run_at: Some(self.ago(i64::from(every_s) / 2)),
            next_due_at: Some(self.now + Duration::seconds(i64::from(every_s) / 2)),
        };
        Ok(HealthView {
            summary: self.summary(),
            feeds: if full {
                vec![self.feed(true), self.feed(false)]
            } else {
                Vec::new()
            },
            queues: vec![
                queue("fetch odds", 2, 1),
                queue("fetch scores", 0, 0),
                queue("evaluate", 0, 0),
            ],
            schedule: vec![
                scheduled("Discover events", 3_600),
                scheduled("Fetch odds", 60),
                scheduled("Evaluate", 5),
                scheduled("Retention", 86_400),
            ],
            dead: if full {
                vec![DeadJob {
                    id: "01JD3".into(),
                    queue: "fetch odds".into(),
                    at: self.ago(4_000),
                    attempts: 5,
                    detail: "the answer could not be read".into(),
                }]
            } else {
                Vec::new()
            },
            database: DatabaseHealth {
                engine: "SQLite".into(),
                is_reachable: true,
                latency_us: Some(412),
                size_bytes: Some(184_320_000),
                free_bytes: Some(48_000_000_000),
                events: 1_204,
                quotes: 48_211,
                changes: 1_920_441,
                snapshots: 88_102,
                migration: "m0004_accounts".into(),
            },
            issues_24h: if full {
                vec![
                    IssueCount {
                        kind: IssueKind::OverroundLow,
                        count: 31,
                    },
                    IssueCount {
                        kind: IssueKind::LineJump,
                        count: 10,
                    },
                    IssueCount {
                        kind: IssueKind::ImpossiblePrice,
                        count: 3,
                    },
                ]
            } else {
                Vec::new()
            },
            started_at: self.ago(9_000),
            version: "0.1.0".into(),
        })
    }
}

#[async_trait]
impl IssuesPort for Fake {
    async fn issues(&self, _: IssuesFilter) -> Result<IssuesView, AppError> {
        self.gate()?;
        let kinds = [
            IssueKind::OverroundLow,
            IssueKind::LineJump,
            IssueKind::ImpossiblePrice,
            IssueKind::NoQuotes,
        ];
        let rows: Vec<IssueRow> = (0..if self.is_full() { 8 } else { 0 })
            .map(|at: i64| {
                let kind = kinds[usize::try_from(at).unwrap_or(0) % kinds.len()];
                IssueRow {
                    id: IssueId(at),
                    found_at: self.ago(30 * at),
                    kind,
                    severity: kind.severity(),
                    feed: "demo".into(),
                    event: Some((EventId(1), "Vale Rovers @ Port Aldery".into())),
                    bookmaker: Some("lantern".into()),
                    snapshot_id: Some(SnapshotId(77)),
                    detail: "three_way full_time: <b>1.2 %</b> where 2 to 15 % is usual".into(),
                    count: 3,
                }
            })
            .collect();
        Ok(IssuesView {
            total: u32::try_from(rows.len()).unwrap_or(0),
            rows,
            pages: 1,
            kinds: vec![IssueCount {
                kind: IssueKind::OverroundLow,
                count: 31,
            }],
            feeds: vec!["demo".into()],
        })
    }
}

#[async_trait]
impl ProfilePort for Fake {
    async fn time_zones(&self) -> Result<Vec<String>, AppError> {
        self.gate()?;
        Ok(vec!["Europe/Vienna".into(), "UTC".into()])
    }

    async fn save_preferences(&self, change: PrefsChange) -> Result<(), AppError> {
        self.gate()?;
        if change
            .time_zone
            .as_deref()
            .is_some_and(|zone| !["Europe/Vienna", "UTC"].contains(&zone))
        {
            return Err(AppError::field(
                "time_zone",
                "There is no such time zone; as Europe/Vienna.",
            ));
        }
        self.memory(|memory| {
            let prefs = &mut memory.prefs;
            prefs.odds_format = change.odds_format.unwrap_or(prefs.odds_format);
            prefs.theme = change.theme.unwrap_or(prefs.theme);
            prefs.time_zone = change.time_zone.unwrap_or_else(|| prefs.time_zone.clone());
        });
        Ok(())
    }

    async fn change_password(&self, _: String, password: String, _: String) -> Result<(), AppError> {
        self.gate()?;
        if password.chars().count() < 12 {
            return Err(AppError::field("password", "At least 12 characters, please."));
        }
        Ok(())
    }
}

#[async_trait]
impl TwoFactorPort for Fake {
    async fn two_factor(&self) -> Result<TwoFactorView, AppError> {
        self.gate()?;
        let state = if self.is_full() {
            let squares: String = (0..441)
                .filter(|at| at * 7 % 3 != 1)
                .map(|at| format!("M{} {}h1v1h-1z", at % 21, at / 21))
                .collect();
            TwoFactorState::Waiting {
                secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(),
                uri: "otpauth://totp/Overround:ada@example.org?secret=GEZDGNBVGY3TQOJQ".into(),
                qr_svg: format!("<svg viewBox=\"0 0 21 21\"><path fill=\"#000\" d=\"{squares}\"/></svg>"),
            }
        } else {
            TwoFactorState::Off
        };
        Ok(TwoFactorView {
            state,
            new_recovery_codes: None,
        })
    }

    async fn start_two_factor(&self, _: String) -> Result<(), AppError> {
        self.gate()
    }

    async fn confirm_two_factor(&self, _: String) -> Result<(), AppError> {
        self.gate()?;
        Err(AppError::field("code", "This code is wrong."))
    }

    async fn cancel_two_factor(&self) -> Result<(), AppError> {
        self.gate()
    }

    async fn stop_two_factor(&self, _: String, _: String) -> Result<(), AppError> {
        self.gate()
    }

    async fn renew_recovery_codes(&self, _: String) -> Result<(), AppError> {
        self.gate()
    }
}

#[async_trait]
impl SessionsPort for Fake {
    async fn sessions(&self) -> Result<Vec<SessionRow>, AppError> {
        self.gate()?;
        let session = |id, device: &str| SessionRow {
            id,
            is_this: id == 1,
            device: device.into(),
            address: "127.0.0.1".into(),
            created_at: self.ago(90_000),
            last_used_at: self.ago(id * 4_000),
            expires_at: self.now + Duration::days(14),
        };
        Ok(vec![session(1, "Firefox on Linux"), session(2, "Safari on iPhone")])
    }

    async fn revoke_session(&self, id: i64) -> Result<(), AppError> {
        self.gate()?;
        if id == 2 { Ok(()) } else { Err(AppError::NotFound) }
    }

    async fn revoke_other_sessions(&self) -> Result<(), AppError> {
        self.gate()
    }
}

#[async_trait]
impl ApiKeysPort for Fake {
    async fn api_keys(&self) -> Result<ApiKeysView, AppError> {
        self.gate()?;
        if !self.is_full() {
            return Ok(ApiKeysView {
                keys: Vec::new(),
                new_key: None,
            });
        }
        Ok(ApiKeysView {
            keys: vec![ApiKeyRow {
                id: ApiKeyId(1),
                name: "spreadsheet".into(),
                prefix: "or_4Fq2".into(),
                scope: ApiKeyScope::Read,
                created_at: self.ago(400_000),
                expires_at: None,
                last_used_at: Some(self.ago(60)),
            }],
            new_key: Some("or_4Fq2vZ8sX1nB6tR9wK3yL7mP0cJ5hD2gA4eU8iO1qS6".into()),
        })
    }

    async fn create_api_key(&self, form: ApiKeyForm) -> Result<(), AppError> {
        self.gate()?;
        if form.name.trim().is_empty() {
            return Err(AppError::field("name", "Give it a name, so that you know it later."));
        }
        Ok(())
    }

    async fn revoke_api_key(&self, _: ApiKeyId) -> Result<(), AppError> {
        self.gate()
    }
}

#[async_trait]
impl FeedsPort for Fake {
    async fn feeds(&self) -> Result<Vec<FeedSettings>, AppError> {
        self.gate()?;
        let choice = |name: &str, is_enabled| Choice {
            competition: name.to_lowercase().replace(' ', "-"),
            name: name.into(),
            sport: Sport::BASKETBALL,
            is_active: true,
            is_enabled,
            interval_s: 60,
            scores_interval_s: Some(300),
            credits_per_day: Some(4_320),
        };
        Ok(vec![
            FeedSettings {
                feed: "demo".into(),
                name: "Demo market".into(),
                description: "Invented teams and bookmakers that move like real ones.".into(),
                is_demo: true,
                is_enabled: true,
                needs_key: false,
                masked_key: None,
                choices: Vec::new(),
            },
            FeedSettings {
                feed: "the_odds_api".into(),
                name: "The Odds API".into(),
                description: "Odds of many bookmakers by competition; metered by credits.".into(),
                is_demo: false,
                is_enabled: false,
                needs_key: true,
                masked_key: Some("••••••••c41f".into()),
                choices: vec![choice("Union Basketball", true), choice("Coastal League", false)],
            },
        ])
    }

    async fn save_feed(&self, _: FeedForm) -> Result<(), AppError> {
        self.owner_gate()
    }

    async fn save_feed_choices(&self, _: String, _: Vec<ChoiceForm>) -> Result<(), AppError> {
        self.owner_gate()
    }
}

#[async_trait]
impl BookmakersPort for Fake {
    async fn bookmakers(&self) -> Result<Vec<BookmakerSettings>, AppError> {
        self.gate()?;
        let books = if self.is_full() { Self::books() } else { Vec::new() };
        Ok(books
            .into_iter()
            .map(|profile| BookmakerSettings {
                is_usable: profile.id.0 != 9,
                commission_bp: profile.commission_bp,
                terms: domain::bookmaker::BettingTerms::default(),
                profile,
            })
            .collect())
    }

    async fn save_bookmakers(&self, _: Vec<BookmakerForm>) -> Result<(), AppError> {
        self.gate()
    }
}

#[async_trait]
impl UsersPort for Fake {
    async fn users(&self) -> Result<UsersView, AppError> {
        self.owner_gate()?;
        let user = |id, email: &str, role| UserRow {
            id: UserId(id),
            email: email.into(),
            role,
            is_you: id == 1,
            is_locked: id == 3,
            has_two_factor: id == 1,
            created_at: self.ago(9_000_000),
            last_seen_at: Some(self.ago(id * 500)),
        };
        Ok(UsersView {
            users: vec![
                user(1, "ada@example.org", UserRole::Owner),
                user(2, "bob@example.org", UserRole::Member),
                user(3, "eve@example.org", UserRole::Viewer),
            ],
            invites: if self.is_full() {
                vec![InviteRow {
                    id: 1,
                    email: "kim@example.org".into(),
                    role: UserRole::Viewer,
                    created_at: self.ago(3_000),
                    expires_at: self.now + Duration::days(6),
                }]
            } else {
                Vec::new()
            },
            new_link: None,
        })
    }

    async fn invite(&self, email: String, _: UserRole) -> Result<(), AppError> {
        self.owner_gate()?;
        if email.contains('@') {
            Ok(())
        } else {
            Err(AppError::field("email", "That is not an e-mail address."))
        }
    }

    async fn revoke_invite(&self, _: i64) -> Result<(), AppError> {
        self.owner_gate()
    }

    async fn set_user_role(&self, _: UserId, _: UserRole) -> Result<(), AppError> {
        self.owner_gate()
    }

    async fn set_user_locked(&self, _: UserId, _: bool) -> Result<(), AppError> {
        self.owner_gate()
    }
}
