//! Imports of bets, as their page shows them.

use super::bankroll::read_currency;
use super::{RequestBackend, failed, told};
use crate::desk::bets::files::{self, Plan, Planned, Upload, Verdict};
use crate::desk::bets::{in_request, summary};
use app::AppError;
use app::pages::import::{
    DryRow, DryRun, ImportPort, ImportView, ImportedRow, MappingForm, MappingView, RowFate, Stage,
};
use async_trait::async_trait;
use domain::bet::BetMode;
use domain::{ImportId, Money, OddsFormat, UserId};
use engine::bet_file::Complaint;
use engine::bet_file::foreign::{Column, Mapping};
use engine::bet_file::table::Table;
use engine::bet_file::words::DateOrder;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use store::UserRole;

/// Rows of which there is something to say that are shown, and others.
const TOLD: usize = 200;
const OTHERS: usize = 50;

fn dry_row(row: &Planned) -> DryRow {
    let bet = row.bet.as_ref();
    let (fate, problems) = match &row.verdict {
        Verdict::Add => (RowFate::Added, Vec::new()),
        Verdict::Duplicate => (RowFate::Duplicate, Vec::new()),
        Verdict::Refused(complaints) => {
            let problem =
                |complaint: &Complaint| (complaint.column.clone(), complaint.value.clone(), complaint.why.clone());
            (RowFate::Refused, complaints.iter().map(problem).collect())
        }
    };
    DryRow {
        line: row.line,
        fate,
        summary: bet.map(|bet| summary(&bet.wager)),
        placed_at: bet.map(|bet| bet.placed_at),
        account: bet.map(|bet| bet.account.clone()).unwrap_or_default(),
        stake: bet.map(|bet| Money {
            minor: bet.wager.total_stake(),
            currency: bet.currency,
        }),
        ended: bet.map_or_else(String::new, |bet| {
            bet.settled
                .as_ref()
                .map_or("Open", |settled| settled.settled_as.name())
                .to_owned()
        }),
        problems,
        remarks: row.remarks.clone(),
    }
}

/// The rows that are shown: those of which there is something to say, and the first others, in the order of the file.
fn shown_rows(plan: &Plan) -> Vec<DryRow> {
    let (mut told, mut others) = (0, 0);
    let rows = plan.rows.iter().filter(|row| {
        let is_told = row.verdict != Verdict::Add || !row.remarks.is_empty();
        let (count, most) = if is_told {
            (&mut told, TOLD)
        } else {
            (&mut others, OTHERS)
        };
        *count += 1;
        *count <= most
    });
    rows.map(dry_row).collect()
}

fn mapping_view(table: &Table, mapping: &Mapping, upload: &Upload) -> MappingView {
    let example = |at: usize| {
        let cells = table.rows.iter().filter_map(|(_, cells)| cells.get(at));
        let mut filled = cells.filter(|cell| !cell.trim().is_empty());
        let cell: String = filled
            .next()
            .map_or_else(String::new, |cell| cell.chars().take(40).collect());
        cell
    };
    let columns = table.header.iter().zip(&mapping.columns).enumerate();
    MappingView {
        columns: columns
            .map(|(at, (name, column))| (name.clone(), example(at), column.map_or("", Column::code).to_owned()))
            .collect(),
        kinds: Column::ALL
            .iter()
            .map(|(_, code, name, _)| ((*code).to_owned(), (*name).to_owned()))
            .collect(),
        decimal: mapping.decimal,
        dates: mapping.dates.code().to_owned(),
        date_orders: DateOrder::ALL
            .iter()
            .map(|order| (order.code().to_owned(), order.name().to_owned()))
            .collect(),
        odds: mapping.odds,
        mode: upload.mode,
        account: upload.account.clone(),
        currency: upload.currency.to_string(),
    }
}

impl RequestBackend {
    async fn stage(&self, owner: UserId) -> Result<Stage, AppError> {
        if let Some(run) = self.state.imports.run(owner) {
            let end = run.end.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let name = run.name.clone();
            return Ok(match end {
                Some(end) => Stage::Ended { name, end },
                None => Stage::Running {
                    name,
                    done: run.progress.done.load(Ordering::Relaxed),
                    total: run.progress.total.load(Ordering::Relaxed),
                },
            });
        }
        let Some(upload) = self.state.imports.upload(owner) else {
            return Ok(Stage::Nothing);
        };
        let reading = match files::read(&self.state, &upload, self.zone().await?).await {
            Ok(reading) => reading,
            Err(error) if error.status().is_client_error() => {
                return Ok(Stage::Unreadable {
                    name: upload.name,
                    why: error.words(),
                });
            }
            Err(error) => return Err(error.into()),
        };
        let (foreign, encoding) = (reading.foreign, reading.encoding);
        let plan = told(files::dry_run(&self.state, owner, reading.rows).await)?;
        let counts = plan.import(&upload.name);
        Ok(Stage::DryRun(Box::new(DryRun {
            name: upload.name.clone(),
            total: counts.total,
            added: counts.added,
            duplicates: counts.duplicate,
            refused: counts.refused,
            rows: shown_rows(&plan),
            encoding: encoding.map(str::to_owned),
            mapping: foreign.map(|(table, mapping)| mapping_view(&table, &mapping, &upload)),
        })))
    }
}

#[async_trait]
impl ImportPort for RequestBackend {
    async fn bet_imports(&self) -> Result<ImportView, AppError> {
        let owner = self.reader().await?.id();
        let before = self.state.store.bet_imports(owner).await.map_err(failed)?;
        let accounts = self.state.store.accounts(owner).await.map_err(failed)?;
        Ok(ImportView {
            stage: self.stage(owner).await?,
            before: before
                .into_iter()
                .map(|import| ImportedRow {
                    id: import.id,
                    name: import.import.name,
                    at: import.at,
                    added: import.import.added,
                    duplicates: import.import.duplicate,
                    refused: import.import.refused,
                    undone_at: import.undone_at,
                })
                .collect(),
            accounts: accounts
                .into_iter()
                .filter(|account| account.closed_at.is_none())
                .map(|account| account.name)
                .collect(),
        })
    }

    async fn map_import(&self, form: MappingForm) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let upload = self.state.imports.upload(owner).ok_or(AppError::NotFound)?;
        let wrong = |field: &str| AppError::field(field, "Choose one of those offered.");
        let columns = form.columns.iter().map(|code| match code.as_str() {
            "" => Ok(None),
            code => Column::from_code(code).map(Some).ok_or_else(|| wrong("columns")),
        });
        let mut mapping = Mapping {
            columns: Vec::new(),
            decimal: match form.decimal.as_str() {
                "," => ',',
                _ => '.',
            },
            dates: DateOrder::from_code(&form.dates).ok_or_else(|| wrong("dates"))?,
            odds: OddsFormat::from_code(&form.odds).ok_or_else(|| wrong("odds"))?,
        };
        let chosen = columns.collect::<Result<Vec<_>, AppError>>()?;
        mapping.columns = vec![None; chosen.len()];
        for (at, column) in chosen.into_iter().enumerate() {
            mapping.set(at, column);
        }
        let changed = Upload {
            mapping: Some(mapping),
            mode: BetMode::from_code(&form.mode).ok_or_else(|| wrong("mode"))?,
            account: form.account.trim().to_owned(),
            currency: read_currency("currency", &form.currency)?,
            ..upload
        };
        self.state.imports.put(owner, Some(changed));
        Ok(())
    }

    async fn begin_import(&self) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        told(files::begin(&self.state, owner, self.zone().await?))
    }

    async fn cancel_import(&self) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        if let Some(run) = self.state.imports.run(owner) {
            run.progress.is_cancelled.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    async fn leave_import(&self) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        self.state.imports.put(owner, None);
        Ok(())
    }

    async fn undo_import(&self, id: ImportId) -> Result<(), AppError> {
        let owner = self.writer_as(UserRole::Member).await?.id;
        let done = in_request(&self.state, async |tx| files::undo(&self.state, tx, owner, id).await);
        told(done.await)?;
        self.state.imports.put(owner, None);
        Ok(())
    }
}
