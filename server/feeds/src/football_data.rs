//! The files of football-data.co.uk: played matches with the prices that a handful of bookmakers had, one file a season.
//!
//! No feed yet: nothing is asked for on a schedule. A file that somebody has is read by [`read`].

use chrono::NaiveDate;
use csv::{ByteRecord, ReaderBuilder, Trim};
use domain::event::Score;
use domain::reading::ReadIssue;
use domain::{IssueKind, Price};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The widest file has 132 columns. What is far wider is no such file, and would cost that much work in every row.
const MAX_COLUMNS: usize = 512;

/// More issues than this in one file are counted and no longer listed.
const MAX_ISSUES: usize = 10_000;

/// The columns of a three-way market end with these, in the order of [`ThreeWay`].
const OUTCOMES: [&str; 3] = ["H", "D", "A"];

/// The vendor's code of a bookmaker, and the key that other feeds know it by. A code that isn't listed is its own key.
const BOOKMAKERS: [(&str, &str); 21] = [
    ("1XB", "onexbet"),
    ("B365", "bet365"),
    // The sportsbook. The same house's exchange is BFE.
    ("BF", "betfair_sb_uk"),
    ("BFD", "betfred_uk"),
    ("BFE", "betfair_ex_uk"),
    ("BMGM", "betmgm"),
    ("BS", "bluesquare"),
    ("BV", "betvictor"),
    ("BW", "bwin"),
    ("CL", "coral"),
    ("GB", "gamebookers"),
    ("IW", "interwetten"),
    ("LB", "ladbrokes_uk"),
    ("P", "pinnacle"),
    ("PS", "pinnacle"),
    ("SB", "sportingbet"),
    ("SJ", "stanjames"),
    ("SO", "sportingodds"),
    ("SY", "stanleybet"),
    // What BetVictor was called before.
    ("VC", "betvictor"),
    ("WH", "williamhill"),
];

/// Columns that the vendor misspells, and what they mean.
const MISSPELT: [(&str, &str); 1] = [("B36CA", "B365CA")];

/// One match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The vendor's key of the league, such as `E0`; in files of the other leagues country and league, `Norway Eliteserien`.
    pub division: String,
    /// The day of the match, as it is called in Britain.
    pub date: NaiveDate,
    /// The home side, as the vendor spells it.
    pub home: String,
    /// The away side, as the vendor spells it.
    pub away: String,
    /// The score after 90 minutes; `None` where it isn't given, as in lists of matches to come.
    pub result: Option<Score>,
    /// Every bookmaker that has a price for this match, each once.
    pub books: Vec<BookPrices>,
}

/// What one bookmaker asked for one match. Aggregates over bookmakers (the vendor's `Max`, `Avg` and `Bb` columns) are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookPrices {
    /// The bookmaker's key, as [`domain::bookmaker::known_profile`] knows it. One of them is an exchange.
    pub bookmaker: Cow<'static, str>,
    /// The earlier set, which the vendor notes on a fixed afternoon some days or hours before the match. Not the first price
    /// that there was.
    pub opening: ThreeWay,
    /// The last prices before the start.
    ///
    /// **They are not of one instant.** Each bookmaker's last price is from whenever it last moved or was looked at, so what
    /// stands side by side here may never have been on offer at the same time. An arbitrage over closing prices is therefore
    /// partly a skew in time. Most seasons have several times as many of them as over opening prices, and that is no measure of
    /// what could have been bet.
    pub closing: ThreeWay,
}

/// The prices of the three results of a match. A missing price is `None`, never 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreeWay {
    /// The home side wins.
    pub home: Option<Price>,
    /// Nobody wins.
    pub draw: Option<Price>,
    /// The away side wins.
    pub away: Option<Price>,
}

impl ThreeWay {
    /// True when no price is known.
    pub const fn is_empty(self) -> bool {
        self.home.is_none() && self.draw.is_none() && self.away.is_none()
    }

    /// Home, draw, away, when all of them are known.
    pub fn complete(self) -> Option<[Price; 3]> {
        Some([self.home?, self.draw?, self.away?])
    }
}

/// Reads a file. Total: whatever the bytes are, a row or a cell that can't be used is an issue that names its row; the head is
/// row 1, and empty lines don't count. Issues point to matches by their position.
///
/// ```
/// let file = b"Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,B365H,B365D,B365A\n\
///              X1,07/03/26,Brightwater,Oldmere,2,1,2.10,3.40,0\n";
/// let (matches, issues) = feeds::football_data::read(file);
/// let prices = matches[0].books[0].opening;
/// assert_eq!(prices.home.unwrap().to_string(), "2.1");
/// assert_eq!(prices.away, None, "0 is a missing price");
/// assert_eq!(issues[0].detail, "row 2: bet365 has no opening price of the away side");
/// ```
pub fn read(body: &[u8]) -> (Vec<Match>, Vec<ReadIssue>) {
    let mut reader = Reader::default();
    if crate::is_web_page(body) {
        reader.issue(IssueKind::BlockedPage, None, None, || {
            "the file is a web page".to_owned()
        });
    } else {
        reader.file(body);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    matches: Vec<Match>,
    issues: Vec<ReadIssue>,
    /// Issues beyond [`MAX_ISSUES`].
    unlisted_issues: usize,
    /// Division, day, home and away of the matches so far.
    seen: HashSet<(String, NaiveDate, String, String)>,
}

/// Where things stand in a row.
struct Head {
    width: usize,
    country: Option<usize>,
    division: usize,
    date: usize,
    home: usize,
    away: usize,
    /// Goals of the home side, of the away side, and the letter of who won.
    result: [Option<usize>; 3],
    books: Vec<BookColumns>,
}

/// Where a bookmaker's prices stand in a row.
struct BookColumns {
    bookmaker: Cow<'static, str>,
    opening: Option<[usize; 3]>,
    closing: Option<[usize; 3]>,
}

/// One row of a file.
struct Row<'a> {
    cells: &'a ByteRecord,
    /// The cells from here on aren't used.
    end: usize,
    /// As a person counts them.
    number: usize,
}

impl Row<'_> {
    /// The text of a cell, which is empty where there is none.
    fn text(&self, column: impl Into<Option<usize>>) -> Cow<'_, str> {
        match column.into() {
            Some(column) if column < self.end => text_of(self.cells.get(column).unwrap_or_default()),
            _ => Cow::Borrowed(""),
        }
    }
}

impl Reader {
    fn file(&mut self, body: &[u8]) {
        // Quotes are taken as they come. The vendor writes none, and one that is opened and never closed must cost its own row
        // and not all that follow.
        let mut rows = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .quoting(false)
            .trim(Trim::All)
            .from_reader(body);
        let is_ended = body.last().is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        let mut cells = ByteRecord::new();
        let mut head = None;
        let mut number = 0;
        loop {
            match rows.read_byte_record(&mut cells) {
                Ok(true) => number += 1,
                Ok(false) => break,
                Err(error) => {
                    self.issue(IssueKind::UnreadablePayload, None, None, || {
                        format!("after row {number}: {error}")
                    });
                    break;
                }
            }
            if cells.iter().all(|cell| text_of(cell).is_empty()) {
                continue;
            }
            let Some(head) = &head else {
                head = self.head(&cells);
                if head.is_none() {
                    return;
                }
                continue;
            };
            let is_cut = !is_ended && usize::try_from(rows.position().byte()) == Ok(body.len());
            self.row(head, &cells, number, is_cut);
        }
        if head.is_none() {
            self.issue(IssueKind::UnreadablePayload, None, None, || {
                "the file is empty".to_owned()
            });
        }
    }

    /// Reads the head; `None` when it isn't one.
    fn head(&mut self, cells: &ByteRecord) -> Option<Head> {
        if cells.len() > MAX_COLUMNS {
            self.issue(IssueKind::UnreadablePayload, None, None, || {
                format!("row 1: the head has {} columns, more than {MAX_COLUMNS}", cells.len())
            });
            return None;
        }
        let names: Vec<Cow<'_, str>> = cells.iter().map(text_of).collect();
        let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, name) in names.iter().enumerate() {
            let name = MISSPELT
                .iter()
                .find_map(|(wrong, right)| (wrong == name).then_some(*right))
                .unwrap_or(name);
            if name.is_empty() {
                continue;
            }
            if columns.contains_key(name) {
                self.issue(IssueKind::DuplicateQuote, None, None, || {
                    format!("row 1: the column {} comes again and was left out", clip(name))
                });
            } else {
                columns.insert(name, at);
            }
        }
        let column = |name: &str| columns.get(name).copied();
        // The files of the other leagues hold all seasons of one league, name their columns in another way and have closing
        // prices only, whether their names say so or not.
        let is_other_league = column("HomeTeam").is_none() && column("Home").is_some();
        let (division, home, away, result) = if is_other_league {
            ("League", "Home", "Away", ["HG", "AG", "Res"])
        } else {
            ("Div", "HomeTeam", "AwayTeam", ["FTHG", "FTAG", "FTR"])
        };
        let needed = [division, "Date", home, away];
        let [Some(division), Some(date), Some(home), Some(away)] = needed.map(column) else {
            let missing: Vec<_> = needed.into_iter().filter(|name| column(name).is_none()).collect();
            self.issue(IssueKind::UnreadablePayload, None, None, || {
                format!("row 1: no column is called {}", missing.join(", "))
            });
            return None;
        };
        Some(Head {
            width: cells.len(),
            country: column("Country").filter(|_| is_other_league),
            division,
            date,
            home,
            away,
            result: result.map(column),
            books: self.books(&columns, is_other_league),
        })
    }

    /// Tells bookmakers by their columns: whatever has one for each of home, draw and away, and isn't an aggregate. That leaves
    /// out handicaps, such as `B365AHH` and `B365AHA`, and what is counted in a match, such as `AR`.
    fn books(&mut self, columns: &BTreeMap<&str, usize>, is_closing_only: bool) -> Vec<BookColumns> {
        let mut found: BTreeMap<&str, [Option<usize>; 3]> = BTreeMap::new();
        for (name, at) in columns {
            for (position, outcome) in OUTCOMES.iter().enumerate() {
                if let Some(stem) = name.strip_suffix(outcome).filter(|stem| !stem.is_empty()) {
                    found.entry(stem).or_default()[position] = Some(*at);
                }
            }
        }
        let complete: BTreeMap<&str, [usize; 3]> = found
            .iter()
            .filter_map(|(stem, [home, draw, away])| Some((*stem, [(*home)?, (*draw)?, (*away)?])))
            .collect();
        for stem in found.keys().filter(|stem| !complete.contains_key(*stem)) {
            let code = stem.strip_suffix('C').unwrap_or(stem);
            if let Some(key) = known_key(stem).or_else(|| known_key(code)) {
                self.issue(IssueKind::IncompleteMarket, None, Some(key), || {
                    format!("row 1: the columns {stem}H, {stem}D and {stem}A are not all there; they were left out")
                });
            }
        }
        let stems: BTreeSet<&str> = complete.keys().copied().collect();
        let mut books: Vec<BookColumns> = Vec::new();
        for (stem, three) in complete {
            let (code, is_closing) = code_of(stem, &stems);
            if is_aggregate(code) {
                continue;
            }
            let key = known_key(code).map_or_else(|| Cow::Owned(code.to_lowercase()), Cow::Borrowed);
            let at = books
                .iter()
                .position(|book| book.bookmaker == key)
                .unwrap_or(books.len());
            if at == books.len() {
                books.push(BookColumns {
                    bookmaker: key,
                    opening: None,
                    closing: None,
                });
            }
            let book = &mut books[at];
            let set = if is_closing || is_closing_only {
                &mut book.closing
            } else {
                &mut book.opening
            };
            if set.is_some() {
                let key = book.bookmaker.clone();
                self.issue(IssueKind::DuplicateQuote, None, Some(&key), || {
                    format!("row 1: the columns {stem}H, {stem}D and {stem}A are a second set of one bookmaker; they were left out")
                });
            } else {
                *set = Some(three);
            }
        }
        books
    }

    fn row(&mut self, head: &Head, cells: &ByteRecord, number: usize, is_cut: bool) {
        // Too many cells: one of them was split, and nobody knows which columns the others belong to. Commas at the end of a row
        // are no cells.
        if cells.iter().skip(head.width).any(|cell| !text_of(cell).is_empty()) {
            self.issue(IssueKind::UnreadablePayload, None, None, || {
                let (has, width) = (cells.len(), head.width);
                format!("row {number} has {has} cells, the head {width}; the row was left out")
            });
            return;
        }
        let is_short = cells.len() < head.width;
        let row = Row {
            cells,
            // Where the file ends within a row, so does its last cell: 12.5 may have been cut to 1.
            end: cells.len() - usize::from(is_short && is_cut),
            number,
        };
        let Some(found) = self.identity(head, &row) else {
            return;
        };
        let at = u32::try_from(self.matches.len()).ok();
        if is_short {
            self.issue(IssueKind::UnreadablePayload, at, None, || {
                let (has, width) = (cells.len(), head.width);
                format!("row {number} has {has} cells, the head {width}; those it lacks are missing")
            });
        }
        let result = self.result(head, &row, at);
        let mut books = Vec::with_capacity(head.books.len());
        for columns in &head.books {
            let prices = BookPrices {
                bookmaker: columns.bookmaker.clone(),
                opening: self.three_way(&row, columns, columns.opening, "opening", at),
                closing: self.three_way(&row, columns, columns.closing, "closing", at),
            };
            if !(prices.opening.is_empty() && prices.closing.is_empty()) {
                books.push(prices);
            }
        }
        if books.is_empty() {
            self.issue(IssueKind::NoQuotes, at, None, || format!("row {number}: no price"));
        }
        self.matches.push(Match { result, books, ..found });
    }

    /// Which match a row is about; `None` when it can't be told, or was told before.
    fn identity(&mut self, head: &Head, row: &Row<'_>) -> Option<Match> {
        let [division, home, away] = [head.division, head.home, head.away].map(|column| row.text(column));
        for (what, text) in [("division", &division), ("home side", &home), ("away side", &away)] {
            if text.is_empty() {
                self.issue(IssueKind::MissingField, None, None, || {
                    format!("row {}: no {what}; the row was left out", row.number)
                });
                return None;
            }
        }
        let date = row.text(head.date);
        let Some(date) = parse_date(&date) else {
            self.issue(IssueKind::UnreadableTime, None, None, || {
                format!("row {}: {} is no day; the row was left out", row.number, clip(&date))
            });
            return None;
        };
        let country = row.text(head.country);
        let division = if country.is_empty() {
            division.into_owned()
        } else {
            format!("{country} {division}")
        };
        let (home, away) = (home.into_owned(), away.into_owned());
        if !self.seen.insert((division.clone(), date, home.clone(), away.clone())) {
            self.issue(IssueKind::DuplicateEvent, None, None, || {
                let (home, away) = (clip(&home), clip(&away));
                format!(
                    "row {}: {home} against {away} on {date} came before; the row was left out",
                    row.number
                )
            });
            return None;
        }
        Some(Match {
            division,
            date,
            home,
            away,
            result: None,
            books: Vec::new(),
        })
    }

    fn result(&mut self, head: &Head, row: &Row<'_>, at: Option<u32>) -> Option<Score> {
        let [home, away, winner] = head.result.map(|column| row.text(column));
        if home.is_empty() && away.is_empty() && winner.is_empty() {
            return None;
        }
        let score = parse_goals(&home).zip(parse_goals(&away));
        let letter = score.map(|(home, away)| match home.cmp(&away) {
            std::cmp::Ordering::Greater => "H",
            std::cmp::Ordering::Equal => "D",
            std::cmp::Ordering::Less => "A",
        });
        if letter.is_some_and(|letter| winner.is_empty() || winner == letter) {
            return score.map(|(home, away)| Score { home, away });
        }
        self.issue(IssueKind::UnusableScore, at, None, || {
            let (home, away, winner) = (clip(&home), clip(&away), clip(&winner));
            format!("row {}: goals {home} and {away} with the result {winner}", row.number)
        });
        None
    }

    fn three_way(
        &mut self,
        row: &Row<'_>,
        book: &BookColumns,
        columns: Option<[usize; 3]>,
        set: &str,
        at: Option<u32>,
    ) -> ThreeWay {
        let Some(columns) = columns else {
            return ThreeWay::default();
        };
        let texts = columns.map(|column| row.text(column));
        if texts.iter().all(|text| is_missing(text)) {
            return ThreeWay::default();
        }
        let sides = ["the home side", "the draw", "the away side"];
        let mut prices = [None; 3];
        for ((price, text), side) in prices.iter_mut().zip(&texts).zip(sides) {
            if is_missing(text) {
                self.issue(IssueKind::IncompleteMarket, at, Some(&book.bookmaker), || {
                    format!("row {}: {} has no {set} price of {side}", row.number, book.bookmaker)
                });
                continue;
            }
            *price = parse_price(text);
            if price.is_none() {
                self.issue(IssueKind::ImpossiblePrice, at, Some(&book.bookmaker), || {
                    let (row, bookmaker, text) = (row.number, &book.bookmaker, clip(text));
                    format!("row {row}: {text} is no {set} price of {bookmaker} for {side}")
                });
            }
        }
        let [home, draw, away] = prices;
        ThreeWay { home, draw, away }
    }

    fn issue(&mut self, kind: IssueKind, event: Option<u32>, bookmaker: Option<&str>, detail: impl FnOnce() -> String) {
        if self.issues.len() >= MAX_ISSUES {
            self.unlisted_issues += 1;
            return;
        }
        self.issues.push(ReadIssue {
            kind,
            event,
            bookmaker: bookmaker.map(str::to_owned),
            detail: detail(),
        });
    }

    fn finish(mut self) -> (Vec<Match>, Vec<ReadIssue>) {
        if self.unlisted_issues > 0 {
            self.issues.push(ReadIssue {
                kind: IssueKind::UnreadablePayload,
                event: None,
                bookmaker: None,
                detail: format!("{} more issues are not listed", self.unlisted_issues),
            });
        }
        (self.matches, self.issues)
    }
}

/// The key of a bookmaker's code, if it is known.
fn known_key(code: &str) -> Option<&'static str> {
    BOOKMAKERS
        .iter()
        .find_map(|(known, key)| (*known == code).then_some(*key))
}

/// The bookmaker's code in a column's name without its outcome, and whether it is about closing prices, which a `C` after
/// the code says. Codes may end with C themselves: `VCH` is the opening price of VC, `VCCH` its closing one.
fn code_of<'a>(stem: &'a str, stems: &BTreeSet<&str>) -> (&'a str, bool) {
    if known_key(stem).is_some() {
        return (stem, false);
    }
    match stem.strip_suffix('C').filter(|code| !code.is_empty()) {
        Some(code) if known_key(code).is_some() || !stems.contains(format!("{stem}C").as_str()) => (code, true),
        _ => (stem, false),
    }
}

/// True for the greatest and the mean price over all bookmakers; before 2019 they come from a third party named Betbrain.
fn is_aggregate(code: &str) -> bool {
    matches!(code, "Max" | "Avg") || code.starts_with("Bb")
}

/// A cell without the quotes that some programs put around it. Older files aren't UTF-8: their bytes are Latin-1.
fn text_of(cell: &[u8]) -> Cow<'_, str> {
    let cell = match cell {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        cell => cell,
    };
    match std::str::from_utf8(cell) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(cell.iter().copied().map(char::from).collect()),
    }
}

/// True where no price is given: nothing, or a zero.
fn is_missing(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

/// A number longer than this is no price; nor is one with a sign or an exponent.
fn parse_price(text: &str) -> Option<Price> {
    const MAX_LEN: usize = 32;
    let is_plain = text.len() <= MAX_LEN && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_plain { text.parse().ok() } else { None }
}

/// Goals, which programs that saved a file anew write as `2.0`.
fn parse_goals(text: &str) -> Option<i32> {
    parse_digits(text.strip_suffix(".0").unwrap_or(text))
}

/// `dd/mm/yy` or `dd/mm/yyyy`. The oldest file is of 1993.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('/');
    let (Some(day), Some(month), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let in_full = match (year.len(), parse_digits(year)?) {
        (2, year) => year + if year < 90 { 2000 } else { 1900 },
        (4, year @ 1990..2200) => year,
        _ => return None,
    };
    let [day, month] = [day, month].map(|part| u32::try_from(parse_digits(part)?).ok());
    NaiveDate::from_ymd_opt(in_full, month?, day?)
}

/// A whole number of digits alone.
fn parse_digits(text: &str) -> Option<i32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// A file's text, quoted and cut to a readable length.
fn clip(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}
