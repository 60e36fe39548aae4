//! Bets that another program wrote: a row a bet, read by a mapping of its columns.
//!
//! What the columns are is guessed from their names and their cells, shown, and can be changed. Nothing is guessed row by row: a row
//! that does not fit is refused with its column and what would fit.

use super::table::Table;
use super::words::{self, DateOrder, Ended};
use super::{Complaint, FileBet, ReadRow, checked};
use chrono_tz::Tz;
use domain::bet::{BetLeg, BetMode, CashOut, PayTerms, SettledAs, SettledBet, Structure, Wager};
use domain::result::BetResult;
use domain::settlement::{Fate, settle};
use domain::{Currency, Line, MarketKey, MarketKind, Money, OddsFormat, Outcome, Price, Side};
use serde::{Deserialize, Serialize};

/// What a column can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Column {
    PlacedAt,
    Time,
    StartsAt,
    SettledAt,
    Bookmaker,
    Sport,
    Competition,
    Event,
    Home,
    Away,
    Selection,
    Market,
    Line,
    Side,
    Price,
    Stake,
    Currency,
    FreeBet,
    Result,
    Payout,
    Profit,
    Tags,
    Note,
    Reference,
}

impl Column {
    /// All, with the code, the name, and words by which columns of this kind are called in files.
    pub const ALL: [(Self, &'static str, &'static str, &'static str); 24] = [
        (
            Self::PlacedAt,
            "placed_at",
            "Placed at",
            "placedat placed date dateplaced betdate datetime day placeddate dateandtime datum fecha createdat timeplaced timeplaced timeplacediso",
        ),
        (Self::Time, "time", "Time of day", "time clock uhrzeit hora bettime"),
        (
            Self::StartsAt,
            "starts_at",
            "Event starts at",
            "startsat start starttime eventdate eventtime kickoff commence commencetime eventstart matchdate eventstartdate gamedate",
        ),
        (
            Self::SettledAt,
            "settled_at",
            "Settled at",
            "settledat settled settledate settleddate datesettled timesettled timesettlediso closedat",
        ),
        (
            Self::Bookmaker,
            "bookmaker",
            "Bookmaker",
            "bookmaker bookie book sportsbook site operator buchmacher casa bookmakername broker",
        ),
        (Self::Sport, "sport", "Sport", "sport sports sportart sportname"),
        (
            Self::Competition,
            "competition",
            "Competition",
            "competition league leagues tournament liga country competitionname",
        ),
        (
            Self::Event,
            "event",
            "Event",
            "event match game fixture eventname matchup name teams betname betinfo description details spiel partido race",
        ),
        (Self::Home, "home", "Home side", "home hometeam team1 participant1"),
        (
            Self::Away,
            "away",
            "Away side",
            "away awayteam team2 participant2 opponent",
        ),
        (
            Self::Selection,
            "selection",
            "On",
            "selection pick tipp bet outcome beton betselection choice runner tip side selectionname prediction team",
        ),
        (
            Self::Market,
            "market",
            "Market",
            "market markettype bettype type category marketname markt bettypename wagertype",
        ),
        (
            Self::Line,
            "line",
            "Line",
            "line handicap points spread hcap total point",
        ),
        (
            Self::Side,
            "side",
            "Back or lay",
            "backlay backorlay backlayside layback bettingside",
        ),
        (
            Self::Price,
            "price",
            "Price",
            "price odds odd decimalodds americanodds quote cuota oddsdecimal bookmakerodds takenodds oddstaken pricetaken",
        ),
        (
            Self::Stake,
            "stake",
            "Stake",
            "stake amount risk wager betamount stakeamount risked wagered einsatz betsize unitsrisked totalstake atrisk",
        ),
        (Self::Currency, "currency", "Currency", "currency ccy wahrung moneda"),
        (
            Self::FreeBet,
            "free_bet",
            "Free bet",
            "freebet isfreebet free bonusbet freebets",
        ),
        (
            Self::Result,
            "result",
            "Result",
            "result status state betresult betstatus ergebnis wl winloss settlement betstate resultado",
        ),
        (
            Self::Payout,
            "payout",
            "Came back",
            "payout return returns returned paid totalreturn payoutamount auszahlung cashreturned",
        ),
        (
            Self::Profit,
            "profit",
            "Won or lost",
            "profit profitloss pl pnl net netprofit gewinn winlossamount netresult toprofit plamount earned",
        ),
        (
            Self::Tags,
            "tags",
            "Tags",
            "tags tag labels label strategy tipster group",
        ),
        (
            Self::Note,
            "note",
            "Note",
            "note notes comment comments remark remarks memo",
        ),
        (
            Self::Reference,
            "reference",
            "Reference",
            "reference ref betid id slip slipid receipt ticket ticketnumber betslipid externalid transactionid betref",
        ),
    ];

    /// The code in forms and JSON.
    pub fn code(self) -> &'static str {
        self.known().1
    }

    /// As a person reads it.
    pub fn name(self) -> &'static str {
        self.known().2
    }

    fn known(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        Self::ALL
            .iter()
            .find(|(column, ..)| *column == self)
            .unwrap_or(&Self::ALL[0])
    }

    /// The column of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known, ..)| *known == code)
            .map(|(column, ..)| *column)
    }
}

/// How a file is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What each column is, in their order; nothing for one that is not read.
    pub columns: Vec<Option<Column>>,
    /// The sign before decimals.
    pub decimal: char,
    /// In which order days are written.
    pub dates: DateOrder,
    /// How prices are written.
    pub odds: OddsFormat,
}

impl Mapping {
    /// What the names and cells of a table say.
    pub fn guess(table: &Table) -> Self {
        let mut columns: Vec<Option<Column>> = vec![None; table.header.len()];
        // The best name first: each kind takes the column that is called by its earliest word.
        for (column, _, _, names) in Column::ALL {
            let found = names.split(' ').find_map(|name| {
                let is_called = |at: &usize| {
                    let header = table
                        .header
                        .get(*at)
                        .map_or_else(String::new, |header| words::plain(header));
                    header == name
                };
                (0..table.header.len()).find(|at| columns.get(*at).is_some_and(Option::is_none) && is_called(at))
            });
            if let Some(place) = found.and_then(|at| columns.get_mut(at)) {
                *place = Some(column);
            }
        }
        let cells = |wanted: &[Column]| -> Vec<&str> {
            let of_kind = |at: usize| {
                columns
                    .get(at)
                    .copied()
                    .flatten()
                    .is_some_and(|column| wanted.contains(&column))
            };
            let places: Vec<usize> = (0..columns.len()).filter(|at| of_kind(*at)).collect();
            let rows = table
                .rows
                .iter()
                .flat_map(|(_, cells)| places.iter().filter_map(|at| cells.get(*at)));
            rows.map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect()
        };
        let amounts = cells(&[
            Column::Stake,
            Column::Payout,
            Column::Profit,
            Column::Price,
            Column::Line,
        ]);
        Self {
            decimal: decimal_of(&amounts),
            dates: dates_of(&cells(&[Column::PlacedAt, Column::StartsAt, Column::SettledAt])),
            odds: odds_of(&cells(&[Column::Price])),
            columns,
        }
    }
}

/// The sign before decimals in amounts and prices.
fn decimal_of(cells: &[&str]) -> char {
    let says_comma = |cell: &&&str| match (cell.rfind(','), cell.rfind('.')) {
        (Some(comma), Some(point)) => comma > point,
        (Some(comma), None) => cell.matches(',').count() == 1 && cell.len() - comma - 1 != 3,
        _ => false,
    };
    let says_point = |cell: &&&str| match (cell.rfind(','), cell.rfind('.')) {
        (Some(comma), Some(point)) => point > comma,
        (None, Some(point)) => cell.matches('.').count() == 1 && cell.len() - point - 1 != 3,
        _ => false,
    };
    if cells.iter().filter(says_comma).count() > cells.iter().filter(says_point).count() {
        ','
    } else {
        '.'
    }
}

/// In which order days are written: a number above twelve is no month.
fn dates_of(cells: &[&str]) -> DateOrder {
    let parts: Vec<[u32; 3]> = cells.iter().filter_map(|cell| words::day_parts(cell)).collect();
    if parts.iter().all(|[one, ..]| *one > 31) {
        return DateOrder::YearMonthDay;
    }
    if parts.iter().any(|[_, two, _]| *two > 12) {
        DateOrder::MonthDayYear
    } else {
        // 03/04/2026 all the way down can be either: whoever looks at it decides.
        DateOrder::DayMonthYear
    }
}

/// How prices are written.
fn odds_of(cells: &[&str]) -> OddsFormat {
    let is_american = |cell: &&&str| {
        let digits = cell.trim_start_matches(['+', '-', '\u{2212}']);
        digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let american = cells.iter().filter(is_american).count();
    let fractional = cells.iter().filter(|cell| cell.contains('/')).count();
    if american * 2 > cells.len() {
        OddsFormat::American
    } else if fractional * 2 > cells.len() {
        OddsFormat::Fractional
    } else {
        OddsFormat::Decimal
    }
}

/// What holds for all rows, where they do not say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Paper or real.
    pub mode: BetMode,
    /// The account's name; empty for one by the bookmaker.
    pub account: String,
    /// The currency.
    pub currency: Currency,
    /// By which clock times are written.
    pub zone: Tz,
    /// Bookmakers by what they may be called, in small letters: key, and name.
    pub bookmakers: Vec<(String, String)>,
}

/// A row under its mapping.
struct Row<'a> {
    table: &'a Table,
    mapping: &'a Mapping,
    usual: &'a Usual,
    cells: &'a [String],
    wrong: Vec<Complaint>,
    remarks: Vec<String>,
}

impl Row<'_> {
    fn place(&self, column: Column) -> Option<usize> {
        self.mapping.columns.iter().position(|known| *known == Some(column))
    }

    fn text(&self, column: Column) -> &str {
        let cell = self.place(column).and_then(|at| self.cells.get(at));
        cell.map_or("", |cell| super::table::unguarded(cell.trim()))
    }

    fn complain(&mut self, column: Column, why: impl Into<String>) {
        let header = self.place(column).and_then(|at| self.table.header.get(at));
        let name = header.map_or_else(|| column.name().to_owned(), Clone::clone);
        let value = self.text(column).to_owned();
        self.wrong.push(Complaint::new(name, value, why));
    }

    /// What a cell says; a complaint where it says something else, nothing where it is empty.
    fn read<T, E: ToString>(&mut self, column: Column, read: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text(column).to_owned();
        if text.is_empty() {
            return None;
        }
        match read(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.complain(column, error.to_string());
                None
            }
        }
    }

    fn needed<T>(&mut self, column: Column, value: Option<T>, why: &str) -> Option<T> {
        if value.is_none() && self.text(column).is_empty() {
            self.complain(column, why);
        }
        value
    }

    fn currency(&mut self) -> Currency {
        let read = |text: &str| text.to_uppercase().parse::<Currency>();
        self.read(Column::Currency, read).unwrap_or(self.usual.currency)
    }

    fn amount(&mut self, column: Column, currency: Currency) -> Option<i64> {
        let decimal = self.mapping.decimal;
        self.read(column, |text| {
            Money::read(text, currency, Some(decimal)).map(|money| money.minor)
        })
    }

    fn instant(&mut self, column: Column, time: &str) -> Option<chrono::DateTime<chrono::Utc>> {
        let (order, zone) = (self.mapping.dates, self.usual.zone);
        self.read(column, |text| {
            words::instant(text, time, order, zone)
                .ok_or_else(|| format!("not a day as in {}, with or without a time", order.name()))
        })
    }

    fn price(&mut self) -> Option<Price> {
        let (format, decimal) = (self.mapping.odds, self.mapping.decimal);
        let price = self.read(Column::Price, |text| {
            let text = text.replace('\u{2212}', "-");
            format.read(&if decimal == ',' { text.replace(',', ".") } else { text })
        });
        self.needed(Column::Price, price, "a bet has a price")
    }

    fn line(&mut self) -> Option<Line> {
        self.read(Column::Line, |text| {
            let text = text.replace('\u{2212}', "-").replace(',', ".");
            text.trim_start_matches('+').parse::<Line>()
        })
    }

    /// The bookmaker's key, and how the file calls it.
    fn bookmaker(&self) -> (String, String) {
        let called = self.text(Column::Bookmaker).to_owned();
        let wanted = words::plain(&called);
        let is_it = |(key, name): &&(String, String)| words::plain(key) == wanted || words::plain(name) == wanted;
        let known = self.usual.bookmakers.iter().find(is_it).map(|(key, _)| key.clone());
        (known.unwrap_or_default(), called)
    }

    /// The two sides, where the row names them.
    fn sides(&self, event: &str) -> (Option<String>, Option<String>) {
        let own = |column| Some(self.text(column).to_owned()).filter(|name| !name.is_empty());
        if let (Some(home), Some(away)) = (own(Column::Home), own(Column::Away)) {
            return (Some(home), Some(away));
        }
        // American writing puts the home side last.
        if let Some((away, home)) = event.split_once(" @ ") {
            return (Some(home.trim().to_owned()), Some(away.trim().to_owned()));
        }
        let signs = [" vs. ", " vs ", " v ", " - ", " \u{2013} "];
        let found = signs.iter().find_map(|sign| event.split_once(sign));
        found.map_or((None, None), |(home, away)| {
            (Some(home.trim().to_owned()), Some(away.trim().to_owned()))
        })
    }
}

/// What was bet on, from a market and a selection in words: the line may stand within the selection.
fn target(
    market: MarketKind,
    selection: &str,
    line: Option<Line>,
    home: Option<&str>,
    away: Option<&str>,
) -> (MarketKey, Outcome) {
    let mut parts: Vec<&str> = selection.split_whitespace().collect();
    let mut own_line = line;
    if market.has_line()
        && let Some(last) = parts.last()
        && let Ok(found) = last
            .trim_matches(['(', ')'])
            .trim_start_matches('+')
            .replace(',', ".")
            .parse::<Line>()
    {
        own_line = own_line.or(Some(found));
        parts.pop();
    }
    let name = parts.join(" ");
    let plain = words::plain(&name);
    let is_side = |side: Option<&str>| side.is_some_and(|side| words::plain(side) == plain);
    let outcome = match plain.as_str() {
        "over" | "o" | "more" => Outcome::Over,
        "under" | "u" | "less" => Outcome::Under,
        "yes" => Outcome::Yes,
        "no" => Outcome::No,
        "draw" | "x" | "tie" => Outcome::Draw,
        "home" | "1" => Outcome::Home,
        "away" | "2" => Outcome::Away,
        _ if is_side(home) => Outcome::Home,
        _ if is_side(away) => Outcome::Away,
        _ => Outcome::Named(selection.trim().to_owned()),
    };
    let fits = market.outcomes().is_none_or(|outcomes| outcomes.contains(&outcome))
        && (!market.has_line() || own_line.is_some());
    if !fits {
        // What no rule can settle is kept as it was called, for a person to settle.
        let name = market.code();
        return (
            MarketKey::plain(MarketKind::Other(name)),
            Outcome::Named(selection.trim().to_owned()),
        );
    }
    // A market's line is the home side's.
    let line = match (&market, &outcome, own_line) {
        (MarketKind::Spread, Outcome::Away, Some(line)) => Some(Line::from_hundredths(-line.hundredths())),
        (kind, _, line) => line.filter(|_| kind.has_line()),
    };
    (
        MarketKey {
            line,
            ..MarketKey::plain(market)
        },
        outcome,
    )
}

/// The bets of a table, row by row.
pub fn read(table: &Table, mapping: &Mapping, usual: &Usual) -> Vec<ReadRow> {
    table
        .rows
        .iter()
        .map(|(line, cells)| {
            let row = Row {
                table,
                mapping,
                usual,
                cells,
                wrong: Vec::new(),
                remarks: Vec::new(),
            };
            read_row(row, *line)
        })
        .collect()
}

fn read_row(mut row: Row<'_>, line: u64) -> ReadRow {
    let currency = row.currency();
    let stake = row.amount(Column::Stake, currency);
    let stake = row.needed(Column::Stake, stake, "a bet has a stake");
    let price = row.price();
    let time = row.text(Column::Time).to_owned();
    let placed_at = row.instant(Column::PlacedAt, &time);
    let placed_at = row.needed(Column::PlacedAt, placed_at, "a bet says when it was placed");
    let settled_at = row.instant(Column::SettledAt, "");
    let payout = row.amount(Column::Payout, currency);
    let profit = row.amount(Column::Profit, currency);
    let ended = row.read(Column::Result, |text| {
        words::ended(text).ok_or("use won, lost, push, void, half won, half lost, cashed out or open")
    });
    let is_free = row.read(Column::FreeBet, |text| match words::plain(text).as_str() {
        "yes" | "true" | "1" | "y" | "x" | "freebet" => Ok(true),
        "no" | "false" | "0" | "n" | "" => Ok(false),
        _ => Err("use yes or no"),
    });
    let mut leg = read_leg(&mut row);
    let (bookmaker, called) = row.bookmaker();
    let account = if row.usual.account.is_empty() {
        if called.is_empty() {
            "Imported".to_owned()
        } else {
            called.clone()
        }
    } else {
        row.usual.account.clone()
    };
    let mut note = row.text(Column::Note).to_owned();
    if bookmaker.is_empty() && !called.is_empty() && account != called {
        row.remarks.push(format!(
            "no bookmaker is called {called} here; the name is kept in the note"
        ));
        note = if note.is_empty() {
            called
        } else {
            format!("{called}. {note}")
        };
    }
    let (Some(stake), Some(price), Some(placed_at)) = (stake, price, placed_at) else {
        return refused(row, line);
    };
    leg.price = price;
    let wager = Wager {
        structure: Structure::Single,
        stake,
        is_free: is_free.unwrap_or(false),
        legs: vec![leg],
        terms: PayTerms::default(),
    };
    let end = outcome_of(
        &mut row,
        &wager,
        ended,
        payout,
        profit,
        settled_at.or(wager.legs[0].starts_at).unwrap_or(placed_at),
    );
    if !row.wrong.is_empty() {
        return refused(row, line);
    }
    let (fate, cash_outs, settled) = end.unwrap_or((Fate::OPEN, Vec::new(), None));
    let bet = FileBet {
        mode: row.usual.mode,
        account,
        bookmaker,
        currency,
        wager,
        placed_at,
        fates: vec![fate],
        cash_outs,
        settled,
        edge_ppm: None,
        note,
        tags: words::tags(row.text(Column::Tags)),
        reference: row.text(Column::Reference).to_owned(),
    };
    let mut read = checked(bet, line);
    read.remarks.splice(0..0, row.remarks);
    read
}

/// What was bet on; its price is put in where that is known.
fn read_leg(row: &mut Row<'_>) -> BetLeg {
    let starts_at = row.instant(Column::StartsAt, "");
    let own_line = row.line();
    let side = row.read(Column::Side, |text| match words::plain(text).as_str() {
        "back" | "b" | "for" => Ok(Side::Back),
        "lay" | "l" | "against" => Ok(Side::Lay),
        _ => Err("use back or lay"),
    });
    let mut event = row.text(Column::Event).to_owned();
    let (home, away) = row.sides(&event);
    let mut selection = row.text(Column::Selection).to_owned();
    if let (true, Some(home), Some(away)) = (event.is_empty(), &home, &away) {
        event = format!("{home} - {away}");
    }
    if selection.is_empty() {
        selection.clone_from(&event);
    }
    if event.is_empty() {
        event.clone_from(&selection);
    }
    if event.is_empty() {
        row.complain(Column::Event, "a row says what was bet on");
    }
    let market = words::market(row.text(Column::Market));
    let (market, outcome) = target(market, &selection, own_line, home.as_deref(), away.as_deref());
    BetLeg {
        event_id: None,
        event,
        sport: words::sport(row.text(Column::Sport)),
        competition: row.text(Column::Competition).to_owned(),
        home,
        away,
        starts_at,
        market,
        outcome,
        side: side.unwrap_or(Side::Back),
        price: Price::MIN,
        price_text: row.text(Column::Price).to_owned(),
        quote: None,
    }
}

fn refused(row: Row<'_>, line: u64) -> ReadRow {
    ReadRow {
        line,
        bet: Err(row.wrong),
        remarks: row.remarks,
    }
}

type End = (Fate, Vec<CashOut>, Option<SettledBet>);

/// How a bet ended: by its result, or where the row has none by what came back.
fn outcome_of(
    row: &mut Row<'_>,
    wager: &Wager,
    ended: Option<Ended>,
    payout: Option<i64>,
    profit: Option<i64>,
    at: chrono::DateTime<chrono::Utc>,
) -> Option<End> {
    let at_risk = wager.at_risk().unwrap_or(wager.stake);
    let came_back = payout.or_else(|| profit.map(|profit| profit + at_risk));
    let has_result_column = row.place(Column::Result).is_some();
    let ended = match ended {
        Some(ended) => ended,
        // A row without a word on its end is open, unless what came back says otherwise.
        None if came_back.is_none() || (has_result_column && came_back == Some(0) && profit.is_none()) => Ended::Open,
        None => {
            if let Some(result) = came_back.and_then(|back| result_of(wager, back)) {
                Ended::With(result)
            } else {
                let column = if payout.is_some() {
                    Column::Payout
                } else {
                    Column::Profit
                };
                row.complain(
                    column,
                    "what came back fits no result of this stake and price: say the result",
                );
                return None;
            }
        }
    };
    let settled = |settled_as, payout| SettledBet {
        settled_as,
        payout,
        commission: 0,
        at,
        reason: "from a file".to_owned(),
        is_automatic: false,
    };
    match ended {
        Ended::Open => Some((Fate::OPEN, Vec::new(), None)),
        Ended::With(result) => {
            let fate = Fate::ended(result);
            let own = settle(wager, &[fate], &[]).map_or(0, |settled| settled.payout);
            let back = came_back.unwrap_or(own);
            Some((fate, Vec::new(), Some(settled(SettledAs::of(result), back))))
        }
        Ended::CashedOut => {
            let Some(amount) = came_back.filter(|amount| *amount >= 0) else {
                row.complain(Column::Payout, "a bet that was cashed out says what came back");
                return None;
            };
            let sold = CashOut {
                at,
                stake: wager.stake,
                amount,
            };
            Some((Fate::OPEN, vec![sold], Some(settled(SettledAs::CashedOut, amount))))
        }
    }
}

/// The result of which so much comes back; none where it is none's to the smallest unit and a half percent.
fn result_of(wager: &Wager, back: i64) -> Option<BetResult> {
    let results = [
        BetResult::Loss,
        BetResult::Push,
        BetResult::Win,
        BetResult::HalfLoss,
        BetResult::HalfWin,
    ];
    results.into_iter().find(|result| {
        let own = settle(wager, &[Fate::ended(*result)], &[]).map_or(-1, |settled| settled.payout);
        let near = 1 + own.abs() / 200;
        own >= 0 && (own - back).abs() <= near
    })
}

impl Mapping {
    /// The mapping with one of its columns changed: a kind that another column had is taken from it.
    pub fn set(&mut self, at: usize, column: Option<Column>) {
        if column.is_some() {
            for other in &mut self.columns {
                if *other == column {
                    *other = None;
                }
            }
        }
        if let Some(place) = self.columns.get_mut(at) {
            *place = column;
        }
    }
}
