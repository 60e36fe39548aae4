//! A made-up import.

use super::Fake;
use app::AppError;
use app::pages::import::{
    DryRow, DryRun, ImportPort, ImportView, ImportedRow, MappingForm, MappingView, RowFate, Stage,
};
use async_trait::async_trait;
use chrono::Duration;
use domain::bet::BetMode;
use domain::{Currency, ImportId, Money, OddsFormat};

impl Fake {
    fn dry_run(&self) -> DryRun {
        let row = |line: u64, fate| DryRow {
            line,
            fate,
            summary: (fate != RowFate::Refused)
                .then(|| "Vale Rovers - Port Aldery: Port Aldery (three-way)".to_owned()),
            placed_at: (fate != RowFate::Refused).then(|| self.now - Duration::days(3)),
            account: "Harbour".to_owned(),
            stake: (fate != RowFate::Refused).then_some(Money {
                minor: 1_000,
                currency: Currency::EUR,
            }),
            ended: "Won".to_owned(),
            problems: if fate == RowFate::Refused {
                vec![(
                    "Stake".to_owned(),
                    "ten".to_owned(),
                    "an amount is digits with a decimal point, such as 12.50".to_owned(),
                )]
            } else {
                Vec::new()
            },
            remarks: if line == 4 {
                vec!["the file says 21.00 EUR came back; stake, price and result come to 20.00 EUR. What the file says is kept".to_owned()]
            } else {
                Vec::new()
            },
        };
        let column = |name: &str, example: &str, code: &str| (name.to_owned(), example.to_owned(), code.to_owned());
        let pair = |code: &str, name: &str| (code.to_owned(), name.to_owned());
        DryRun {
            name: "season.csv".to_owned(),
            total: 312,
            added: 299,
            duplicates: 12,
            refused: 1,
            rows: vec![
                row(2, RowFate::Added),
                row(3, RowFate::Duplicate),
                row(4, RowFate::Added),
                row(5, RowFate::Refused),
            ],
            encoding: None,
            mapping: Some(MappingView {
                columns: vec![
                    column("Date", "21.11.2026", "placed_at"),
                    column("Bookie", "Harbour", "bookmaker"),
                    column("Odds", "2,10", "price"),
                    column("Stake", "10,00", "stake"),
                    column("Remarks about the weather", "windy", ""),
                ],
                kinds: vec![
                    pair("placed_at", "Placed at"),
                    pair("bookmaker", "Bookmaker"),
                    pair("price", "Price"),
                    pair("stake", "Stake"),
                ],
                decimal: ',',
                dates: "day_month_year".to_owned(),
                date_orders: vec![
                    pair("day_month_year", "26.11.2026"),
                    pair("year_month_day", "2026-11-26"),
                ],
                odds: OddsFormat::Decimal,
                mode: BetMode::Real,
                account: String::new(),
                currency: "EUR".to_owned(),
            }),
        }
    }
}

#[async_trait]
impl ImportPort for Fake {
    async fn bet_imports(&self) -> Result<ImportView, AppError> {
        self.gate()?;
        let row = |id: i64, is_undone: bool| ImportedRow {
            id: ImportId(id),
            name: "last-year.csv".to_owned(),
            at: self.now - Duration::days(9),
            added: 812,
            duplicates: 3,
            refused: 0,
            undone_at: is_undone.then(|| self.now - Duration::days(8)),
        };
        Ok(ImportView {
            stage: if self.is_full() {
                Stage::DryRun(Box::new(self.dry_run()))
            } else {
                Stage::Nothing
            },
            before: if self.is_full() {
                vec![row(2, false), row(1, true)]
            } else {
                Vec::new()
            },
            accounts: vec!["Harbour".to_owned()],
        })
    }

    async fn map_import(&self, _form: MappingForm) -> Result<(), AppError> {
        self.gate()
    }

    async fn begin_import(&self) -> Result<(), AppError> {
        self.gate()
    }

    async fn cancel_import(&self) -> Result<(), AppError> {
        self.gate()
    }

    async fn leave_import(&self) -> Result<(), AppError> {
        self.gate()
    }

    async fn undo_import(&self, _id: ImportId) -> Result<(), AppError> {
        self.gate()
    }
}
