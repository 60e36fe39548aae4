//! Made-up bets.

use super::Fake;
use app::AppError;
use app::pages::bet::{BetEdit, BetPort, BetView, ChangeRow, EntryRow, LegEnd};
use app::pages::bets::{
    BetOffers, BetRow, BetsFilter, BetsPort, BetsStatus, BetsSum, BetsView, DecisionRow, DecisionsView,
};
use app::pages::new_bet::{BetForm, NewBetPort, SlipLeg, SlipStart, SlipView};
use async_trait::async_trait;
use chrono::Duration;
use domain::bet::{Bet, BetLeg, BetMode, BetStatus, PayTerms, SettledAs, SettledBet, Structure, TakenQuote, Wager};
use domain::close::{Close, CloseGrade, CloseQuote};
use domain::fair::FairLink;
use domain::ledger::{EntryKind, Part};
use domain::result::BetResult;
use domain::risk::{Control, Reading};
use domain::settlement::Fate;
use domain::{
    AccountId, BetId, BookmakerId, Currency, EntryId, EventId, MarketKey, MarketKind, Money, OpportunityId, Outcome,
    QuoteChangeId, Side, SnapshotId, Sport, StrategyId,
};

impl Fake {
    fn bet_of(&self, id: BetId) -> BetRow {
        let at = self.now - Duration::hours(20);
        let is_settled = id.0 % 2 == 0;
        let quote = TakenQuote {
            change_id: QuoteChangeId(5),
            snapshot_id: SnapshotId(77),
        };
        let leg = BetLeg {
            event_id: Some(EventId(1)),
            event: "Vale Rovers @ Port Aldery".to_owned(),
            sport: Sport::FOOTBALL,
            competition: "Coastal League".to_owned(),
            home: Some("Port Aldery".to_owned()),
            away: Some("Vale Rovers".to_owned()),
            starts_at: Some(at + Duration::hours(2)),
            market: MarketKey::plain(MarketKind::ThreeWay),
            outcome: Outcome::Home,
            side: Side::Back,
            price: "2.36".parse().unwrap(),
            price_text: "2.36".to_owned(),
            quote: Some(quote),
        };
        let close = Close {
            grade: CloseGrade::Verified,
            price: Some("2.20".parse().unwrap()),
            fair_ppb: Some(440_000_000),
            link: Some(FairLink::Sharp),
            books: 1,
            seen_at: Some(at),
            quotes: vec![CloseQuote {
                bookmaker: "northline".to_owned(),
                outcome: Outcome::Home,
                side: Side::Back,
                price: "2.20".parse().unwrap(),
                last_seen_at: at,
                change_id: QuoteChangeId(6),
                snapshot_id: SnapshotId(78),
            }],
            ..Close::missing(at + Duration::hours(2), "")
        };
        let settled = SettledBet {
            settled_as: SettledAs::Win,
            payout: 2_360,
            commission: 0,
            at: at + Duration::hours(4),
            reason: "2–1 at full time".to_owned(),
            is_automatic: true,
        };
        let fate = if is_settled {
            Fate::ended(BetResult::Win)
        } else {
            Fate::OPEN
        };
        BetRow {
            bet: Bet {
                id,
                account_id: AccountId(1),
                bookmaker_id: Some(BookmakerId(3)),
                currency: Currency::EUR,
                mode: BetMode::Real,
                wager: Wager {
                    structure: Structure::Single,
                    stake: 1_000,
                    is_free: false,
                    legs: vec![leg],
                    terms: PayTerms::default(),
                },
                placed_at: at,
                recorded_at: at,
                status: if is_settled {
                    BetStatus::Settled
                } else {
                    BetStatus::Open
                },
                fates: vec![fate],
                cash_outs: Vec::new(),
                settled: is_settled.then_some(settled),
                at_risk: 1_000,
                strategy: Some((StrategyId(2), 1)),
                opportunity_id: Some(OpportunityId(2)),
                edge_ppm: Some(31_000),
                note: "Early news".to_owned(),
                tags: vec!["early".to_owned()],
                reference: "A-17".to_owned(),
                version: 1,
                import_id: None,
                deleted_at: None,
                closes: vec![is_settled.then_some(close)],
            },
            summary: "Vale Rovers @ Port Aldery: Port Aldery (three way)".to_owned(),
            bookmaker: Some("Harbour Bet".to_owned()),
            account: "Harbour".to_owned(),
            strategy: Some("Value".to_owned()),
            needs_person: (id.0 == 3).then(|| "no score of this part of the game is known".to_owned()),
            clv_ppm: is_settled.then_some(72_727),
            close_edge_ppm: is_settled.then_some(38_400),
        }
    }

    /// What a filter of bets offers.
    pub(super) fn bet_offers() -> BetOffers {
        BetOffers {
            strategies: vec![("2".to_owned(), "Value".to_owned())],
            bookmakers: vec![("3".to_owned(), "Harbour Bet".to_owned())],
            tags: vec!["early".to_owned()],
        }
    }

    /// What the open bets come to.
    pub(super) fn bets_sums(&self) -> Vec<BetsSum> {
        let sum = |mode, count, at_risk, open, profit| BetsSum {
            mode,
            currency: Currency::EUR,
            count,
            at_risk,
            open,
            profit,
        };
        if self.is_full() {
            vec![
                sum(BetMode::Paper, 2, 5_000, 5_000, 0),
                sum(BetMode::Real, 4, 4_000, 2_000, 2_720),
            ]
        } else {
            Vec::new()
        }
    }

    fn refused() -> AppError {
        AppError::Invalid {
            field: None,
            message: "refused by “One bet”: it risks 30.00 EUR; you allow 20.00 EUR".to_owned(),
        }
    }
}

#[async_trait]
impl BetsPort for Fake {
    async fn bets(&self, filter: BetsFilter) -> Result<BetsView, AppError> {
        self.gate()?;
        let mut rows: Vec<BetRow> = (1..=4).map(|id| self.bet_of(BetId(id))).collect();
        rows.retain(|row| match filter.status {
            None => true,
            Some(BetsStatus::Open) => row.bet.status == BetStatus::Open,
            Some(BetsStatus::Settled) => row.bet.status == BetStatus::Settled,
            Some(BetsStatus::ToSettle) => row.needs_person.is_some(),
            Some(BetsStatus::Removed) => false,
        });
        if !self.is_full() {
            rows.clear();
        }
        Ok(BetsView {
            total: rows.len() as u32,
            rows,
            pages: 1,
            sums: self.bets_sums(),
            offers: Self::bet_offers(),
        })
    }

    async fn bet_decisions(&self, _before: Option<i64>) -> Result<DecisionsView, AppError> {
        self.gate()?;
        let row = |control: Option<Control>, reason: &str| DecisionRow {
            at: self.now - Duration::hours(1),
            control: control.map(|control| control.name().to_owned()),
            is_refused: control.is_some(),
            reason: reason.to_owned(),
            opportunity_id: Some(OpportunityId(2)),
            mode: BetMode::Real,
            summary: "Vale Rovers @ Port Aldery: Draw (three way)".to_owned(),
            at_risk: Some(Money {
                minor: 3_000,
                currency: Currency::EUR,
            }),
        };
        let mut rows = vec![
            row(Some(Control::PerBet), "it risks 30.00 EUR; you allow 20.00 EUR"),
            row(None, "too close to the start"),
        ];
        if !self.is_full() {
            rows.clear();
        }
        Ok(DecisionsView { rows, next: None })
    }

    async fn settle_bets(&self, _ends: Vec<(BetId, BetResult)>) -> Result<(), AppError> {
        self.gate()
    }
}

#[async_trait]
impl BetPort for Fake {
    async fn bet(&self, id: BetId) -> Result<BetView, AppError> {
        self.gate()?;
        if !self.is_full() {
            return Err(AppError::NotFound);
        }
        let row = self.bet_of(id);
        let placed = EntryRow {
            id: EntryId(40),
            kind: EntryKind::Placement,
            at: row.bet.placed_at,
            lines: vec![(Part::Cash, -1_000), (Part::Stake, 1_000)],
        };
        let change = ChangeRow {
            at: row.bet.placed_at,
            is_by_person: true,
            action: "Placed".to_owned(),
            reason: String::new(),
            differences: vec![("note".to_owned(), "nothing".to_owned(), "Early news".to_owned())],
            entry: Some(EntryId(40)),
        };
        Ok(BetView {
            names: std::collections::BTreeMap::new(),
            row,
            readings: vec![Reading {
                control: Control::PerBet,
                used: 1_000,
                limit: 2_000,
            }],
            base: Currency::EUR,
            entries: vec![placed],
            changes: vec![change],
        })
    }

    async fn settle_bet(&self, _id: BetId, _legs: Vec<LegEnd>, _reason: String) -> Result<(), AppError> {
        self.gate()
    }

    async fn take_back_bet(&self, _id: BetId, reason: String) -> Result<(), AppError> {
        self.gate()?;
        if reason.is_empty() {
            return Err(AppError::field("reason", "say why the settlement is taken back"));
        }
        Ok(())
    }

    async fn cash_out_bet(&self, _: BetId, _stake: String, _amount: String, _reason: String) -> Result<(), AppError> {
        self.gate()
    }

    async fn edit_bet(&self, _id: BetId, _form: BetEdit) -> Result<(), AppError> {
        self.gate()
    }

    async fn remove_bet(&self, _id: BetId, _is_removed: bool, _reason: String) -> Result<(), AppError> {
        self.gate()
    }
}

#[async_trait]
impl NewBetPort for Fake {
    async fn bet_slip(&self, start: SlipStart) -> Result<SlipView, AppError> {
        self.gate()?;
        let leg = SlipLeg {
            event_id: start.opportunity.map(|_| "1".to_owned()).unwrap_or_default(),
            event: "Vale Rovers @ Port Aldery".to_owned(),
            price: "2.36".to_owned(),
            ..SlipLeg::default()
        };
        let form = BetForm {
            opportunity: start.opportunity.map(|id| id.to_string()).unwrap_or_default(),
            legs: vec![leg],
            stake: "10.00".to_owned(),
            ..BetForm::default()
        };
        Ok(SlipView {
            form,
            accounts: vec![(String::new(), "Paper account".to_owned())],
            bookmakers: vec![(String::new(), "The account's".to_owned())],
            hint: "A quarter of Kelly. The limit “One bet” lets no more pass.".to_owned(),
            games: vec![None],
        })
    }

    async fn place_bet(&self, form: BetForm) -> Result<Option<BetId>, AppError> {
        self.gate()?;
        match (form.act.as_str(), form.stake.as_str()) {
            ("add_leg", _) => Ok(None),
            (_, "30") => Err(Self::refused()),
            _ => Ok(Some(BetId(1))),
        }
    }

    async fn skip_opportunity(&self, _id: OpportunityId, _reason: String) -> Result<(), AppError> {
        self.gate()
    }
}
