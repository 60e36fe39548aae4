//! Bets as CSV that holds all of each: a row for each leg, the bet's own columns on the first.

use super::table::{Table, guarded, unguarded};
use super::{Complaint, FileBet, FileError, ReadRow, checked};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::bet::{BetKind, BetLeg, BetMode, CashOut, PayTerms, SettledAs, SettledBet, Structure, TeaserPush, Wager};
use domain::each_way::{Finish, PlaceTerms};
use domain::result::{BetResult, Rounding};
use domain::scenarios::Commission;
use domain::settlement::{End, Fate};
use domain::{Currency, Line, MarketKey, MarketKind, Money, Outcome, Period, Price, Side, Sport};
use std::str::FromStr;

/// The columns: of the bet, then of each leg.
pub const COLUMNS: [&str; 45] = [
    "bet",
    "mode",
    "account",
    "bookmaker",
    "currency",
    "kind",
    "placed_at",
    "stake",
    "free_bet",
    "sizes",
    "teaser_prices",
    "teaser_push",
    "places",
    "place_part",
    "rounding",
    "commission_basis",
    "commission_bp",
    "cash_outs",
    "settled_as",
    "payout",
    "commission",
    "settled_at",
    "settled_by",
    "settled_because",
    "edge_ppm",
    "note",
    "tags",
    "reference",
    "leg",
    "event",
    "sport",
    "competition",
    "home",
    "away",
    "starts_at",
    "market",
    "period",
    "line",
    "participant",
    "outcome",
    "side",
    "price",
    "price_text",
    "end",
    "end_price",
];
/// Columns of the bet; the others are each leg's.
const OF_BET: usize = 28;

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn text_of<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn end_text(end: Option<End>) -> String {
    match end {
        None => String::new(),
        Some(End::Result(result)) => result.code().to_owned(),
        Some(End::DeadHeat { places, tied }) => format!("dead_heat {places}/{tied}"),
        Some(End::Finished(Finish { position, tied })) => format!("finished {position}/{tied}"),
    }
}

fn bet_cells(number: usize, bet: &FileBet) -> Vec<String> {
    let money = |minor: i64| {
        Money {
            minor,
            currency: bet.currency,
        }
        .amount()
    };
    let wager = &bet.wager;
    let (mut sizes, mut prices, mut push, mut places, mut part) = (
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    );
    match &wager.structure {
        Structure::Single | Structure::Parlay => {}
        Structure::RoundRobin { sizes: all } => {
            sizes = all.iter().map(u8::to_string).collect::<Vec<_>>().join(" ");
        }
        Structure::Teaser {
            prices: all,
            push: what,
        } => {
            let price = |price: &Option<Price>| price.map_or_else(|| "none".to_owned(), |price| price.to_string());
            prices = all.iter().map(price).collect::<Vec<_>>().join(" ");
            what.code().clone_into(&mut push);
        }
        Structure::EachWay { terms } => {
            places = terms.places.to_string();
            part = format!("{} of {}", terms.numerator, terms.denominator);
        }
    }
    let (basis, bp) = match wager.terms.commission {
        Commission::None => ("", 0),
        Commission::NetWinnings(bp) => ("net_winnings", bp),
        Commission::EachBet(bp) => ("each_bet", bp),
        Commission::Turnover(bp) => ("turnover", bp),
    };
    let cash_out = |part: &CashOut| format!("{} {} {}", instant(part.at), money(part.stake), money(part.amount));
    let settled = bet.settled.as_ref();
    vec![
        number.to_string(),
        bet.mode.code().to_owned(),
        bet.account.clone(),
        bet.bookmaker.clone(),
        bet.currency.to_string(),
        wager.structure.kind().code().to_owned(),
        instant(bet.placed_at),
        money(wager.stake),
        if wager.is_free { "yes" } else { "" }.to_owned(),
        sizes,
        prices,
        push,
        places,
        part,
        match wager.terms.rounding {
            Rounding::Cut => "cut",
            Rounding::Nearest => "nearest",
        }
        .to_owned(),
        basis.to_owned(),
        bp.to_string(),
        bet.cash_outs.iter().map(cash_out).collect::<Vec<_>>().join("; "),
        settled.map_or("", |settled| settled.settled_as.code()).to_owned(),
        text_of(settled.map(|settled| money(settled.payout))),
        text_of(settled.map(|settled| money(settled.commission))),
        text_of(settled.map(|settled| instant(settled.at))),
        settled
            .map_or("", |settled| if settled.is_automatic { "program" } else { "person" })
            .to_owned(),
        settled.map(|settled| settled.reason.clone()).unwrap_or_default(),
        text_of(bet.edge_ppm),
        bet.note.clone(),
        super::words::tags_text(&bet.tags),
        bet.reference.clone(),
    ]
}

fn leg_cells(at: usize, leg: &BetLeg, fate: Option<&Fate>) -> Vec<String> {
    vec![
        at.to_string(),
        leg.event.clone(),
        leg.sport.key().to_owned(),
        leg.competition.clone(),
        leg.home.clone().unwrap_or_default(),
        leg.away.clone().unwrap_or_default(),
        text_of(leg.starts_at.map(instant)),
        leg.market.kind.code(),
        leg.market.period.code().to_owned(),
        text_of(leg.market.line),
        leg.market.participant.clone().unwrap_or_default(),
        leg.outcome.code(),
        leg.side.code().to_owned(),
        leg.price.to_string(),
        leg.price_text.clone(),
        end_text(fate.and_then(|fate| fate.end)),
        text_of(fate.and_then(|fate| fate.price)),
    ]
}

/// Bets as CSV, with a line of column names. Cells that a spreadsheet would calculate are guarded.
pub fn write(bets: &[FileBet]) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    // Writing to memory cannot fail.
    _ = writer.write_record(COLUMNS);
    for (number, bet) in (1..).zip(bets) {
        let mut own = bet_cells(number, bet);
        for (at, leg) in bet.wager.legs.iter().enumerate() {
            own.extend(leg_cells(at + 1, leg, bet.fates.get(at)));
            _ = writer.write_record(own.iter().map(|cell| guarded(cell)));
            own = vec![String::new(); OF_BET];
            if let Some(first) = own.first_mut() {
                *first = number.to_string();
            }
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// True for a table that was written here.
pub fn is_ours(table: &Table) -> bool {
    COLUMNS.iter().all(|name| table.column(name).is_some())
}

/// A row with what is wrong with it so far.
struct Cells<'a> {
    table: &'a Table,
    cells: &'a [String],
    wrong: &'a mut Vec<Complaint>,
}

impl Cells<'_> {
    fn text(&self, column: &str) -> String {
        let at = self.table.column(column);
        let cell = at.and_then(|at| self.cells.get(at)).map_or("", String::as_str);
        unguarded(cell).to_owned()
    }

    fn some(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// What a cell says, or a complaint and something in its place.
    fn read<T>(&mut self, column: &str, otherwise: T, why: &str, read: impl Fn(&str) -> Option<T>) -> T {
        let text = self.text(column);
        read(&text).unwrap_or_else(|| {
            self.wrong.push(Complaint::new(column, text, why));
            otherwise
        })
    }

    fn read_if_any<T>(&mut self, column: &str, why: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.some(column)?;
        let value = read(&text);
        if value.is_none() {
            self.wrong.push(Complaint::new(column, text, why));
        }
        value
    }

    fn instant(&mut self, column: &str) -> Option<DateTime<Utc>> {
        self.read_if_any(column, "a time such as 2026-11-26T18:30:00Z", |text| {
            DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
        })
    }

    fn structure(&mut self) -> Structure {
        let kind = self.read(
            "kind",
            BetKind::Single,
            "single, parlay, round_robin, teaser or each_way",
            BetKind::from_code,
        );
        match kind {
            BetKind::Single => Structure::Single,
            BetKind::Parlay => Structure::Parlay,
            BetKind::RoundRobin => Structure::RoundRobin {
                sizes: self.read("sizes", Vec::new(), "numbers of legs such as 2 3", |text| {
                    text.split_whitespace().map(|size| size.parse().ok()).collect()
                }),
            },
            BetKind::Teaser => Structure::Teaser {
                prices: self.read(
                    "teaser_prices",
                    Vec::new(),
                    "prices or none, with spaces between",
                    |text| {
                        let price = |text: &str| match text {
                            "none" => Some(None),
                            text => text.parse().ok().map(Some),
                        };
                        text.split_whitespace().map(price).collect()
                    },
                ),
                push: self.read(
                    "teaser_push",
                    TeaserPush::Reduce,
                    "reduce, void or lose",
                    TeaserPush::from_code,
                ),
            },
            BetKind::EachWay => {
                let places = self.read("places", 0, "a whole number", |text| text.parse().ok());
                let (numerator, denominator) = self.read("place_part", (0, 0), "a part such as 1 of 5", |text| {
                    let (one, of) = text.split_once(" of ")?;
                    Some((one.parse().ok()?, of.parse().ok()?))
                });
                Structure::EachWay {
                    terms: PlaceTerms {
                        places,
                        numerator,
                        denominator,
                    },
                }
            }
        }
    }

    fn terms(&mut self) -> PayTerms {
        let bp = self.read("commission_bp", 0_u16, "hundredths of a percent", |text| {
            text.parse().ok()
        });
        PayTerms {
            rounding: self.read("rounding", Rounding::Cut, "cut or nearest", |text| match text {
                "cut" => Some(Rounding::Cut),
                "nearest" => Some(Rounding::Nearest),
                _ => None,
            }),
            commission: self.read(
                "commission_basis",
                Commission::None,
                "net_winnings, each_bet, turnover, or nothing",
                |text| match text {
                    "" => Some(Commission::None),
                    "net_winnings" => Some(Commission::NetWinnings(bp)),
                    "each_bet" => Some(Commission::EachBet(bp)),
                    "turnover" => Some(Commission::Turnover(bp)),
                    _ => None,
                },
            ),
        }
    }

    fn settled(&mut self, currency: Currency) -> Option<SettledBet> {
        let settled_as = self.read_if_any("settled_as", "win, loss, push, void, ...", SettledAs::from_code)?;
        let amount = |text: &str| Money::parse(text, currency).ok().map(|money| money.minor);
        let (payout, commission) = (
            self.read("payout", 0, "an amount such as 12.50", amount),
            self.read("commission", 0, "an amount such as 0.50", amount),
        );
        let at = self.instant("settled_at");
        if at.is_none() && self.some("settled_at").is_none() {
            self.wrong
                .push(Complaint::new("settled_at", "", "a settled bet says when"));
        }
        Some(SettledBet {
            settled_as,
            payout,
            commission,
            at: at.unwrap_or_default(),
            reason: self.text("settled_because"),
            is_automatic: self.text("settled_by") == "program",
        })
    }

    fn leg(&mut self) -> (BetLeg, Fate) {
        let wrong_line = "a number in steps of a hundredth";
        let leg = BetLeg {
            event_id: None,
            event: self.text("event"),
            sport: Sport::from_key(&self.text("sport")),
            competition: self.text("competition"),
            home: self.some("home"),
            away: self.some("away"),
            starts_at: self.instant("starts_at"),
            market: MarketKey {
                kind: self.read(
                    "market",
                    MarketKind::Moneyline,
                    "a market such as moneyline",
                    MarketKind::from_code,
                ),
                period: self.read(
                    "period",
                    Period::FullTime,
                    "a period such as full_time",
                    Period::from_code,
                ),
                line: self.read_if_any("line", wrong_line, |text| Line::from_str(text).ok()),
                participant: self.some("participant"),
            },
            outcome: Outcome::from_code(&self.text("outcome")),
            side: self.read("side", Side::Back, "back or lay", Side::from_code),
            price: self.read("price", Price::MIN, "a decimal price such as 1.95", |text| {
                text.parse().ok()
            }),
            price_text: self.text("price_text"),
            quote: None,
        };
        let fate = Fate {
            end: self.read_if_any("end", "a result such as win, dead_heat 1/2 or finished 2/1", end_of),
            price: self.read_if_any("end_price", "a decimal price", |text| text.parse().ok()),
        };
        (leg, fate)
    }
}

fn end_of(text: &str) -> Option<End> {
    let pair = |text: &str| {
        let (one, other) = text.split_once('/')?;
        Some((one.parse().ok()?, other.parse().ok()?))
    };
    if let Some(rest) = text.strip_prefix("dead_heat ") {
        let (places, tied) = pair(rest)?;
        return Some(End::DeadHeat { places, tied });
    }
    if let Some(rest) = text.strip_prefix("finished ") {
        let (position, tied) = pair(rest)?;
        return Some(End::Finished(Finish { position, tied }));
    }
    BetResult::from_code(text).map(End::Result)
}

fn cash_outs(text: &str, currency: Currency) -> Option<Vec<CashOut>> {
    let one = |text: &str| {
        let mut words = text.split_whitespace();
        let at = DateTime::parse_from_rfc3339(words.next()?).ok()?.with_timezone(&Utc);
        let stake = Money::parse(words.next()?, currency).ok()?.minor;
        let amount = Money::parse(words.next()?, currency).ok()?.minor;
        words.next().is_none().then_some(CashOut { at, stake, amount })
    };
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts.map(one).collect()
}

/// The bets of a table that was written here. A line is that of a bet's first row.
///
/// # Errors
/// [`FileError`] for rows that belong to no bet.
pub fn read(table: &Table) -> Result<Vec<ReadRow>, FileError> {
    let mut bets = Vec::new();
    let mut rows = table.rows.iter().peekable();
    let number_at = table.column("bet").unwrap_or_default();
    let number = |cells: &[String]| cells.get(number_at).cloned().unwrap_or_default();
    while let Some((line, cells)) = rows.next() {
        let own = number(cells);
        if own.is_empty() {
            return Err(FileError::Broken {
                line: *line,
                why: "it has no number in the column \u{201c}bet\u{201d}".to_owned(),
            });
        }
        let mut legs = vec![cells.as_slice()];
        while let Some((_, cells)) = rows.next_if(|(_, cells)| number(cells) == own) {
            legs.push(cells.as_slice());
        }
        bets.push(read_bet(table, *line, &legs));
    }
    Ok(bets)
}

fn read_bet(table: &Table, line: u64, rows: &[&[String]]) -> ReadRow {
    let mut wrong = Vec::new();
    let mut legs = Vec::new();
    let mut fates = Vec::new();
    for cells in rows {
        let mut cells = Cells {
            table,
            cells,
            wrong: &mut wrong,
        };
        let (leg, fate) = cells.leg();
        legs.push(leg);
        fates.push(fate);
    }
    let mut cells = Cells {
        table,
        cells: rows.first().copied().unwrap_or_default(),
        wrong: &mut wrong,
    };
    let currency = cells.read("currency", Currency::EUR, "three letters such as EUR", |text| {
        text.parse().ok()
    });
    let amount = |text: &str| Money::parse(text, currency).ok().map(|money| money.minor);
    let placed_at = cells.instant("placed_at");
    if placed_at.is_none() && cells.some("placed_at").is_none() {
        cells
            .wrong
            .push(Complaint::new("placed_at", "", "a bet says when it was placed"));
    }
    let bet = FileBet {
        mode: cells.read("mode", BetMode::Paper, "paper or real", BetMode::from_code),
        account: cells.text("account"),
        bookmaker: cells.text("bookmaker"),
        currency,
        wager: Wager {
            structure: cells.structure(),
            stake: cells.read("stake", 0, "an amount such as 12.50", amount),
            is_free: cells.text("free_bet") == "yes",
            legs,
            terms: cells.terms(),
        },
        placed_at: placed_at.unwrap_or_default(),
        fates,
        cash_outs: cells.read("cash_outs", Vec::new(), "time, stake and amount of each", |text| {
            cash_outs(text, currency)
        }),
        settled: cells.settled(currency),
        edge_ppm: cells.read_if_any("edge_ppm", "a whole number of millionths", |text| text.parse().ok()),
        note: cells.text("note"),
        tags: super::words::tags(&cells.text("tags")),
        reference: cells.text("reference"),
    };
    if wrong.is_empty() {
        checked(bet, line)
    } else {
        ReadRow {
            line,
            bet: Err(wrong),
            remarks: Vec::new(),
        }
    }
}
