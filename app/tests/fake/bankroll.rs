//! Made-up money.

use super::Fake;
use app::AppError;
use app::pages::bankroll::{
    AccountForm, AccountRow, BankrollPort, BankrollView, LedgerRow, LedgerView, MoveForm, Rate, RateForm, Total,
};
use app::pages::limits::{LimitsPort, LimitsView};
use async_trait::async_trait;
use chrono::{Duration, NaiveDate};
use domain::bet::BetMode;
use domain::ledger::{EntryKind, Part};
use domain::risk::Limits;
use domain::{AccountId, BetId, Currency, EntryId};

impl Fake {
    fn made_up_accounts(&self) -> Vec<AccountRow> {
        let account = |id: i64, name: &str, currency: &str, mode, cash, in_base| AccountRow {
            id: AccountId(id),
            name: name.to_owned(),
            bookmaker: (id == 1).then(|| "Harbour Bet".to_owned()),
            currency: currency.parse().unwrap(),
            mode,
            cash,
            stake: 2_000,
            in_base,
            is_closed: id == 4,
        };
        if !self.is_full() {
            return Vec::new();
        }
        vec![
            account(1, "Harbour", "EUR", BetMode::Real, 98_000, Some(100_000)),
            account(2, "Exchange", "GBP", BetMode::Real, 48_000, Some(58_170)),
            account(3, "Paper", "EUR", BetMode::Paper, 103_250, Some(105_250)),
            account(4, "Old one", "SEK", BetMode::Real, 0, None),
        ]
    }
}

#[async_trait]
impl BankrollPort for Fake {
    async fn bankroll(&self, on: Option<NaiveDate>) -> Result<BankrollView, AppError> {
        self.gate()?;
        let accounts = self.made_up_accounts();
        let total = |mode, cash, without_rate| Total {
            mode,
            cash,
            stake: 4_000,
            without_rate,
        };
        let is_full = !accounts.is_empty();
        let line = |start: i64| {
            let points = (0..200_i64).map(|day| {
                let at = self.now - Duration::days(200 - day);
                (at, start + day * 120 + (day * 7_919) % 9_000 - 4_500)
            });
            points.collect::<Vec<_>>()
        };
        Ok(BankrollView {
            base: Currency::EUR,
            at: self.now,
            on,
            totals: if is_full {
                vec![total(BetMode::Real, 154_170, 1), total(BetMode::Paper, 103_250, 0)]
            } else {
                Vec::new()
            },
            history: if is_full {
                vec![(BetMode::Real, line(130_000)), (BetMode::Paper, line(80_000))]
            } else {
                Vec::new()
            },
            rates: vec![Rate {
                currency: "GBP".parse().unwrap(),
                on: self.now.date_naive(),
                worth: "1.1634".to_owned(),
            }],
            bookmakers: Self::bet_offers().bookmakers,
            accounts,
        })
    }

    async fn ledger(&self, account: Option<AccountId>, _after: String) -> Result<LedgerView, AppError> {
        self.gate()?;
        let entry = |id: i64, kind, bet: Option<i64>, part, minor| LedgerRow {
            id: EntryId(id),
            kind,
            happened_at: self.now - Duration::hours(40 - id),
            recorded_at: self.now - Duration::hours(if id == 1 { 2 } else { 40 - id }),
            bet: bet.map(BetId),
            takes_back: None,
            memo: if id == 1 {
                "From the bank".to_owned()
            } else {
                String::new()
            },
            lines: vec![
                ("Harbour".to_owned(), Part::Cash, minor, Currency::EUR),
                ("Harbour".to_owned(), part, -minor, Currency::EUR),
            ],
            can_be_taken_back: bet.is_none(),
        };
        let entries = vec![
            entry(3, EntryKind::Settlement, Some(2), Part::Result, 2_360),
            entry(2, EntryKind::Placement, Some(2), Part::Stake, -1_000),
            entry(1, EntryKind::Deposit, None, Part::Outside, 100_000),
        ];
        Ok(LedgerView {
            account,
            accounts: self
                .made_up_accounts()
                .into_iter()
                .map(|account| (account.id.to_string(), account.name))
                .collect(),
            next: self.is_full().then(|| "5.1".to_owned()),
            entries: if self.is_full() { entries } else { Vec::new() },
        })
    }

    async fn add_account(&self, form: AccountForm) -> Result<(), AppError> {
        self.gate()?;
        if form.name.is_empty() {
            return Err(AppError::field("name", "use 1 to 120 letters on one line"));
        }
        Ok(())
    }

    async fn change_account(&self, _id: AccountId, _name: String, _is_closed: bool) -> Result<(), AppError> {
        self.gate()
    }

    async fn move_money(&self, form: MoveForm) -> Result<(), AppError> {
        self.gate()?;
        if form.amount == "1e9" {
            return Err(AppError::field("amount", "An amount such as 12.50, please."));
        }
        Ok(())
    }

    async fn take_entry_back(&self, _id: EntryId, _reason: String) -> Result<(), AppError> {
        self.gate()
    }

    async fn put_rate(&self, _form: RateForm) -> Result<(), AppError> {
        self.gate()
    }

    async fn set_base_currency(&self, _code: String) -> Result<(), AppError> {
        self.gate()
    }
}

#[async_trait]
impl LimitsPort for Fake {
    async fn limits(&self) -> Result<LimitsView, AppError> {
        self.gate()?;
        let looser = Limits {
            per_bet_bp: 300,
            max_open: Some(40),
            ..Limits::default()
        };
        Ok(LimitsView {
            currency: Currency::EUR,
            limits: Limits::default(),
            wanted: self.is_full().then(|| (looser, self.now + Duration::hours(20))),
            cool_off_until: None,
        })
    }

    async fn save_limits(&self, _limits: Limits) -> Result<(), AppError> {
        self.gate()
    }

    async fn cool_off(&self, _days: u32) -> Result<(), AppError> {
        self.gate()
    }
}
