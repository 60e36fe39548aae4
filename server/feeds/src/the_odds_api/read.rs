//! How an answer is read.
//!
//! One pass over the bytes, whatever their shape: rows tell by their fields what they are, so a file of unknown origin
//! is read like a live answer. What cannot be used becomes an issue and the next row is read.

use super::index::Index;
use super::values::{clip, detect_format, line_of, over_under, parse_time, plausible, price_of, yes_no};
use super::{markets, refusal};
use crate::json::{Broken, Cursor, Mark, Value};
use crate::{Endpoint, Payload, PriceFormat};
use chrono::{DateTime, Utc};
use domain::event::Score;
use domain::reading::{
    ArchivePoint, Lines, ReadBookmaker, ReadCompetition, ReadEvent, ReadIssue, ReadMarket, ReadParticipant, ReadQuote,
    ReadScore, Reading, Scope,
};
use domain::{EventStatus, IssueKind, Line, MarketKind, Outcome, Period, Price, Role, Side, Sport};
use markets::{Base, Rule};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

/// More issues than this in one answer are counted and no longer listed.
const MAX_ISSUES: usize = 10_000;

/// A quote takes at least about so many bytes of an answer.
const BYTES_PER_QUOTE: usize = 96;

/// Reads an answer.
pub(super) fn read<'a>(payload: &Payload<'a>) -> Reading<'a> {
    let mut reader = Reader::new(payload);
    if crate::is_web_page(payload.body) {
        reader.issue(IssueKind::BlockedPage, None, None, || {
            "the answer is a web page".to_owned()
        });
    } else if let Err(broken) = reader.answer() {
        reader.unreadable(|| format!("not JSON from byte {} on; what stands before it was kept", broken.at));
    }
    reader.finish()
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    reading: Reading<'a>,
    endpoint: Endpoint,
    received_at: DateTime<Utc>,
    query: &'a [(String, String)],
    format: PriceFormat,
    /// True when a part of the answer was not JSON: then absence means nothing.
    is_damaged: bool,
    /// Issues beyond [`MAX_ISSUES`].
    unlisted_issues: usize,
    /// Rows in the shape of the vendor's version 3.
    retired_rows: usize,
    /// Ids of the events so far.
    event_ids: HashSet<Cow<'a, str>>,
    /// Positions of bookmakers by key.
    bookmakers: Index<Cow<'a, str>>,
    /// By bookmaker: what it has said of the event that was read last.
    said: Vec<Said<'a>>,
    /// The outcomes of the market that is being read.
    outcomes: Vec<OutcomeRow<'a>>,
    /// Market kinds, periods and lines so far.
    kinds: Index<(MarketKind, Period, Lines)>,
    /// What head-to-head keys turned out to be: the period of the key, then kind and period.
    head_to_head: Vec<(Option<Period>, MarketKind, Period)>,
    /// Keys of unknown markets, each reported once.
    unknown_markets: BTreeSet<String>,
    /// Markets that were named without any outcome.
    bare_markets: Vec<(u32, u32)>,
    /// The time that was read last: the same text stands in an answer many times.
    last_time: Option<(&'a str, DateTime<Utc>)>,
}

/// What one bookmaker has said of one event.
#[derive(Default)]
struct Said<'a> {
    event: u32,
    markets: Index<ReadMarket<'a>>,
    quotes: Index<(u32, Outcome, Side)>,
}

/// Where a quote belongs.
#[derive(Clone, Copy)]
struct Place<'e, 'a> {
    event: &'e EventPlace<'a>,
    bookmaker: u32,
}

/// An event that was accepted.
struct EventPlace<'a> {
    index: u32,
    sport: Sport,
    /// Home and away; `None` for an outright.
    sides: Option<(Cow<'a, str>, Cow<'a, str>)>,
}

/// An object of the outermost list, whatever it is.
#[derive(Default)]
struct Row<'a> {
    id: Value<'a>,
    sport_key: Value<'a>,
    sport_title: Value<'a>,
    commence_time: Value<'a>,
    home_team: Value<'a>,
    away_team: Value<'a>,
    completed: Value<'a>,
    last_update: Value<'a>,
    scores: Option<Vec<ScoreRow<'a>>>,
    key: Value<'a>,
    title: Value<'a>,
    active: Value<'a>,
    has_outrights: Value<'a>,
    full_name: Value<'a>,
    /// The bookmakers that stand before the fields which are needed to read them.
    bookmakers: Option<Mark>,
    is_event: bool,
    is_competition: bool,
    is_retired: bool,
}

/// One side's score.
#[derive(Default)]
struct ScoreRow<'a> {
    name: Value<'a>,
    score: Value<'a>,
}

/// One outcome of a market, as it came.
#[derive(Default)]
struct OutcomeRow<'a> {
    name: Value<'a>,
    description: Value<'a>,
    price: Value<'a>,
    point: Value<'a>,
}

/// The fields of an outermost object that decide what it is.
#[derive(Default)]
struct Envelope<'a> {
    data: Option<Mark>,
    timestamp: Value<'a>,
    previous_timestamp: Value<'a>,
    next_timestamp: Value<'a>,
    is_error: bool,
    is_retired: bool,
    is_row: bool,
}

impl<'a> Reader<'a> {
    fn new(payload: &Payload<'a>) -> Self {
        let cursor = Cursor::new(payload.body, "price");
        let format = payload
            .price_format
            .unwrap_or_else(|| detect_format(&cursor, payload.body));
        let mut reading = Reading::default();
        reading.quotes.reserve(payload.body.len() / BYTES_PER_QUOTE);
        Self {
            cursor,
            reading,
            endpoint: payload.endpoint,
            received_at: payload.received_at,
            query: payload.query,
            format,
            is_damaged: false,
            unlisted_issues: 0,
            retired_rows: 0,
            event_ids: HashSet::new(),
            bookmakers: Index::default(),
            said: Vec::new(),
            outcomes: Vec::new(),
            kinds: Index::default(),
            head_to_head: Vec::new(),
            unknown_markets: BTreeSet::new(),
            bare_markets: Vec::new(),
            last_time: None,
        }
    }

    fn answer(&mut self) -> Result<(), Broken> {
        match self.cursor.peek() {
            Some(b'[') => self.items("the answer", None, Self::row)?,
            Some(b'{') => self.object()?,
            Some(_) => return Err(self.cursor.broken()),
            None => {
                self.unreadable(|| "the answer is empty".to_owned());
                return Ok(());
            }
        }
        if self.cursor.peek().is_some() {
            Err(self.cursor.broken())
        } else {
            Ok(())
        }
    }

    /// An outermost object: one row, or a wrapper around rows, or an error.
    fn object(&mut self) -> Result<(), Broken> {
        let start = self.cursor.mark();
        let mut envelope = Envelope::default();
        let scanned = self.envelope(&mut envelope);
        let end = self.cursor.mark();
        self.cursor.rewind(start);
        if envelope.is_error && envelope.data.is_none() && !envelope.is_row {
            scanned?;
            self.cursor.go_to(end);
            let code = self
                .cursor
                .text()
                .and_then(|text| refusal::error_code(text.as_bytes()))
                .unwrap_or_default();
            let code = if code.is_empty() { "without a code" } else { &code };
            self.issue(IssueKind::UnreadablePayload, None, None, || {
                format!("the answer is the vendor's error {code}")
            });
            self.is_damaged = true;
            return Ok(());
        }
        let Some(data) = envelope.data else {
            return self.row();
        };
        self.cursor.go_to(data);
        if envelope.is_retired {
            self.items("data", None, |reader| {
                reader.retired_rows += 1;
                reader.cursor.skip()
            })?;
        } else {
            self.archive(&envelope);
            if self.cursor.peek() == Some(b'{') {
                self.row()?;
            } else {
                self.items("data", None, Self::row)?;
            }
        }
        scanned?;
        self.cursor.go_to(end);
        Ok(())
    }

    fn envelope(&mut self, envelope: &mut Envelope<'a>) -> Result<(), Broken> {
        self.cursor.open(b'{')?;
        let mut first = true;
        while let Some(key) = self.cursor.next_key(&mut first)? {
            match key {
                b"data" => {
                    self.cursor.peek();
                    envelope.data = Some(self.cursor.mark());
                    self.cursor.skip()?;
                }
                b"timestamp" => envelope.timestamp = self.cursor.value()?,
                b"previous_timestamp" => envelope.previous_timestamp = self.cursor.value()?,
                b"next_timestamp" => envelope.next_timestamp = self.cursor.value()?,
                other => {
                    envelope.is_error |= matches!(other, b"error_code" | b"message");
                    envelope.is_retired |= other == b"success";
                    envelope.is_row |= matches!(other, b"id" | b"sport_key" | b"commence_time" | b"bookmakers");
                    self.cursor.skip()?;
                }
            }
        }
        Ok(())
    }

    fn archive(&mut self, envelope: &Envelope<'a>) {
        let Some(at) = self.time(envelope.timestamp) else {
            self.issue(IssueKind::UnreadableTime, None, None, || {
                "the time of the recorded answer is missing or unreadable".to_owned()
            });
            return;
        };
        let previous_at = self.time(envelope.previous_timestamp);
        let next_at = self.time(envelope.next_timestamp);
        self.reading.archive = Some(ArchivePoint {
            at,
            previous_at,
            next_at,
        });
    }

    /// Every item of a list. An item that is not JSON is stepped over where that can be done.
    fn items(
        &mut self,
        what: &str,
        event: Option<u32>,
        mut item: impl FnMut(&mut Self) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        if self.cursor.peek() != Some(b'[') {
            self.issue(IssueKind::MissingField, event, None, || format!("{what} is not a list"));
            return self.cursor.skip();
        }
        self.cursor.open(b'[')?;
        let mut first = true;
        while self.cursor.next_item(&mut first)? {
            let mark = self.cursor.mark();
            if let Err(broken) = item(self) {
                self.cursor.rewind(mark);
                self.cursor.skip()?;
                self.is_damaged = true;
                self.issue(IssueKind::UnreadablePayload, event, None, || {
                    format!(
                        "an item of {what} is not JSON at byte {}; the rest of that item was left out",
                        broken.at
                    )
                });
            }
        }
        Ok(())
    }

    /// Opens an object; where there is none, says so, steps over what there is and gives false.
    fn open(&mut self, what: &str, event: Option<u32>, bookmaker: Option<u32>) -> Result<bool, Broken> {
        if self.cursor.peek() == Some(b'{') {
            self.cursor.open(b'{')?;
            return Ok(true);
        }
        self.issue(IssueKind::MissingField, event, bookmaker, || {
            format!("{what} is not an object")
        });
        self.cursor.skip()?;
        Ok(false)
    }

    fn row(&mut self) -> Result<(), Broken> {
        if !self.open("a row", None, None)? {
            return Ok(());
        }
        let mut row = Row::default();
        let mut event = None;
        let mut first = true;
        while let Some(key) = self.cursor.next_key(&mut first)? {
            row.is_event |= matches!(
                key,
                b"sport_key"
                    | b"commence_time"
                    | b"home_team"
                    | b"away_team"
                    | b"bookmakers"
                    | b"completed"
                    | b"scores"
            );
            row.is_competition |= matches!(key, b"key" | b"group" | b"active" | b"has_outrights");
            let field = match key {
                b"id" => &mut row.id,
                b"sport_key" => &mut row.sport_key,
                b"sport_title" => &mut row.sport_title,
                b"commence_time" => &mut row.commence_time,
                b"home_team" => &mut row.home_team,
                b"away_team" => &mut row.away_team,
                b"completed" => &mut row.completed,
                b"last_update" => &mut row.last_update,
                b"key" => &mut row.key,
                b"title" => &mut row.title,
                b"active" => &mut row.active,
                b"has_outrights" => &mut row.has_outrights,
                b"full_name" => &mut row.full_name,
                b"bookmakers" if row.is_ready() && event.is_none() => {
                    let place = self.event(&mut row);
                    self.bookmakers(place.as_ref())?;
                    event = Some(place);
                    continue;
                }
                b"bookmakers" => {
                    row.bookmakers = Some(self.cursor.pass_over()?);
                    continue;
                }
                b"scores" => {
                    row.scores = self.scores()?;
                    continue;
                }
                b"sites" | b"sites_count" => {
                    row.is_retired = true;
                    self.cursor.skip()?;
                    continue;
                }
                _ => {
                    self.cursor.pass_over()?;
                    continue;
                }
            };
            *field = self.cursor.value()?;
        }
        if row.is_retired {
            self.retired_rows += 1;
        } else if row.is_event {
            let place = event.unwrap_or_else(|| self.event(&mut row));
            if let Some(bookmakers) = row.bookmakers {
                let end = self.cursor.mark();
                self.cursor.go_to(bookmakers);
                self.bookmakers(place.as_ref())?;
                self.cursor.go_to(end);
            }
            if let Some(place) = place {
                self.score(&place, &row);
            }
        } else if row.is_competition {
            self.competition(&row);
        } else {
            self.participant(&row);
        }
        Ok(())
    }

    fn competition(&mut self, row: &Row<'a>) {
        let Some(feed_key) = row.key.text().filter(|key| !key.is_empty()) else {
            return self.missing("a competition's key");
        };
        let Some(name) = row.title.text() else {
            return self.missing(&format!("the title of competition {}", clip(&feed_key)));
        };
        // The list without the parameter `all` holds what is in season, and older lists know no outrights.
        let is_active = !matches!(row.active, Value::Bare("false"));
        let has_outrights = matches!(row.has_outrights, Value::Bare("true"));
        let sport = markets::sport_of(&feed_key);
        self.reading.competitions.push(ReadCompetition {
            feed_key,
            sport,
            name,
            is_active,
            has_outrights,
        });
    }

    fn participant(&mut self, row: &Row<'a>) {
        match (row.id.text(), row.full_name.text()) {
            (Some(feed_id), Some(name)) if !feed_id.is_empty() && !name.is_empty() => {
                self.reading.participants.push(ReadParticipant { feed_id, name });
            }
            (None, None) => self.missing("what would make a row an event, a competition or a participant"),
            _ => self.missing("a participant's id or full name"),
        }
    }

    /// Accepts an event, or says why not.
    fn event(&mut self, row: &mut Row<'a>) -> Option<EventPlace<'a>> {
        let Some(feed_id) = row.id.text().filter(|id| !id.is_empty()) else {
            self.missing("an event's id");
            return None;
        };
        let Some(competition_key) = row.sport_key.text().filter(|key| !key.is_empty()) else {
            self.missing(&format!("the sport_key of event {}", clip(&feed_id)));
            return None;
        };
        if row.commence_time.is_none() {
            self.missing(&format!("the commence_time of event {}", clip(&feed_id)));
            return None;
        }
        let Some(starts_at) = self.time(row.commence_time) else {
            self.issue(IssueKind::UnreadableTime, None, None, || {
                format!("the commence_time of event {} cannot be read", clip(&feed_id))
            });
            return None;
        };
        let sides = match (row.home_team.text(), row.away_team.text()) {
            (Some(home), Some(away)) if home != away && !home.is_empty() && !away.is_empty() => Some((home, away)),
            _ if row.home_team.is_none() && row.away_team.is_none() => None,
            _ => {
                self.missing(&format!("the home_team or away_team of event {}", clip(&feed_id)));
                return None;
            }
        };
        if !self.event_ids.insert(feed_id.clone()) {
            self.issue(IssueKind::DuplicateEvent, None, None, || {
                format!("event {} came twice; the first was kept", clip(&feed_id))
            });
            return None;
        }
        let sport = markets::sport_of(&competition_key);
        let participants = match &sides {
            Some((home, away)) => vec![(Role::Home, home.clone()), (Role::Away, away.clone())],
            None => Vec::new(),
        };
        let index = position(self.reading.events.len());
        self.reading.events.push(ReadEvent {
            feed_id,
            competition_key,
            competition_name: row.sport_title.text().unwrap_or_default(),
            sport: sport.clone(),
            starts_at,
            participants,
            status: None,
        });
        Some(EventPlace { index, sport, sides })
    }

    /// The bookmakers of an event; of an event that was not accepted, their prices are only counted.
    fn bookmakers(&mut self, event: Option<&EventPlace<'a>>) -> Result<(), Broken> {
        let Some(event) = event else {
            return self.cursor.skip();
        };
        let mut is_empty = true;
        self.items("bookmakers", Some(event.index), |reader| {
            is_empty = false;
            reader.bookmaker(event)
        })?;
        if is_empty {
            self.issue(IssueKind::NoQuotes, Some(event.index), None, || {
                "no bookmaker has a price".to_owned()
            });
        }
        Ok(())
    }

    fn bookmaker(&mut self, event: &EventPlace<'a>) -> Result<(), Broken> {
        if !self.open("a bookmaker", Some(event.index), None)? {
            return Ok(());
        }
        let (mut key, mut title, mut last_update) = (Value::Absent, Value::Absent, Value::Absent);
        let mut markets = None;
        let mut index = None;
        let start = self.reading.quotes.len();
        let mut first = true;
        while let Some(name) = self.cursor.next_key(&mut first)? {
            match name {
                b"key" => key = self.cursor.value()?,
                b"title" => title = self.cursor.value()?,
                b"last_update" => last_update = self.cursor.value()?,
                b"markets" => match (key.text(), title.text()) {
                    (Some(key), Some(title)) if !key.is_empty() && index.is_none() => {
                        let bookmaker = self.bookmaker_index(key, title, event.index);
                        index = Some(bookmaker);
                        self.items("markets", Some(event.index), |reader| {
                            reader.market(Place { event, bookmaker })
                        })?;
                    }
                    _ => markets = Some(self.cursor.pass_over()?),
                },
                _ => drop(self.cursor.pass_over()?),
            }
        }
        if index.is_none() {
            let Some(key) = key.text().filter(|key| !key.is_empty()) else {
                self.issue(IssueKind::MissingField, Some(event.index), None, || {
                    "the key of a bookmaker is missing or unreadable".to_owned()
                });
                return self.count_only(markets);
            };
            let title = title
                .text()
                .filter(|title| !title.is_empty())
                .unwrap_or_else(|| key.clone());
            let bookmaker = self.bookmaker_index(key, title, event.index);
            index = Some(bookmaker);
            let Some(markets) = markets else {
                self.issue(IssueKind::MissingField, Some(event.index), Some(bookmaker), || {
                    "the markets of a bookmaker are missing".to_owned()
                });
                return Ok(());
            };
            let end = self.cursor.mark();
            self.cursor.go_to(markets);
            self.items("markets", Some(event.index), |reader| {
                reader.market(Place { event, bookmaker })
            })?;
            self.cursor.go_to(end);
        }
        if last_update.is_none() {
            return Ok(());
        }
        // The time of the bookmaker holds for those of its markets that have none of their own.
        if let Some(at) = self.time(last_update) {
            for quote in self.reading.quotes.iter_mut().skip(start) {
                quote.source_at = quote.source_at.or(Some(at));
            }
        } else {
            self.issue(IssueKind::UnreadableTime, Some(event.index), index, || {
                "the last_update of a bookmaker cannot be read".to_owned()
            });
        }
        Ok(())
    }

    /// Counts the prices of a part that cannot be used.
    fn count_only(&mut self, part: Option<Mark>) -> Result<(), Broken> {
        if let Some(part) = part {
            let end = self.cursor.mark();
            self.cursor.go_to(part);
            self.cursor.skip()?;
            self.cursor.go_to(end);
        }
        Ok(())
    }

    fn bookmaker_index(&mut self, key: Cow<'a, str>, name: Cow<'a, str>, event: u32) -> u32 {
        let index = self.bookmakers.find(&key).unwrap_or_else(|| {
            let index = position(self.reading.bookmakers.len());
            self.bookmakers.insert(key.clone(), index);
            self.reading.bookmakers.push(ReadBookmaker { key, name });
            self.said.push(Said {
                event,
                ..Said::default()
            });
            index
        });
        if let Some(said) = self.said.get_mut(index as usize).filter(|said| said.event != event) {
            said.event = event;
            said.markets.clear();
            said.quotes.clear();
        }
        index
    }

    fn market(&mut self, place: Place<'_, 'a>) -> Result<(), Broken> {
        self.outcomes.clear();
        if !self.open("a market", Some(place.event.index), Some(place.bookmaker))? {
            return Ok(());
        }
        let (mut key, mut last_update) = (Value::Absent, Value::Absent);
        let mut has_outcomes = false;
        let mut first = true;
        while let Some(name) = self.cursor.next_key(&mut first)? {
            match name {
                b"key" => key = self.cursor.value()?,
                b"last_update" => last_update = self.cursor.value()?,
                b"outcomes" => {
                    has_outcomes = true;
                    self.items("outcomes", Some(place.event.index), |reader| reader.outcome_row(place))?;
                }
                _ => drop(self.cursor.pass_over()?),
            }
        }
        let Some(key) = key.text() else {
            self.issue(
                IssueKind::MissingField,
                Some(place.event.index),
                Some(place.bookmaker),
                || "the key of a market is missing or unreadable".to_owned(),
            );
            return Ok(());
        };
        let source_at = if last_update.is_none() {
            None
        } else {
            self.time(last_update)
        };
        if source_at.is_none() && !last_update.is_none() {
            self.issue(
                IssueKind::UnreadableTime,
                Some(place.event.index),
                Some(place.bookmaker),
                || format!("the last_update of market {} cannot be read", clip(&key)),
            );
        }
        let rule = Rule::of(&key);
        if matches!(rule.base, Base::Other(_)) && !self.unknown_markets.contains(&*key) {
            self.unknown_markets.insert(key.clone().into_owned());
            self.issue(
                IssueKind::UnknownMarket,
                Some(place.event.index),
                Some(place.bookmaker),
                || format!("market {} is not known; it was kept as it came", clip(&key)),
            );
        }
        self.outcomes(place, rule, &key, source_at, has_outcomes);
        Ok(())
    }

    fn outcome_row(&mut self, place: Place<'_, 'a>) -> Result<(), Broken> {
        if !self.open("an outcome", Some(place.event.index), Some(place.bookmaker))? {
            return Ok(());
        }
        let mut row = OutcomeRow::default();
        let mut first = true;
        while let Some(key) = self.cursor.next_key(&mut first)? {
            match key {
                b"name" => row.name = self.cursor.value()?,
                b"price" => {
                    row.price = self.cursor.value()?;
                    if !row.price.is_none() {
                        self.cursor.count();
                    }
                }
                b"point" => row.point = self.cursor.value()?,
                b"description" => row.description = self.cursor.value()?,
                _ => drop(self.cursor.pass_over()?),
            }
        }
        self.outcomes.push(row);
        Ok(())
    }

    /// Makes quotes of the outcomes of one market at one bookmaker.
    fn outcomes(
        &mut self,
        place: Place<'_, 'a>,
        rule: Rule<'_>,
        key: &str,
        source_at: Option<DateTime<Utc>>,
        has_outcomes: bool,
    ) {
        let rows = std::mem::take(&mut self.outcomes);
        let is_drawable = rule.base == Base::HeadToHead && is_drawable(&rows, place.event.sides.as_ref());
        let (kind, period) = rule.kind(&place.event.sport, is_drawable);
        let seen = (kind, period, rule.lines);
        if self.kinds.find(&seen).is_none() {
            self.kinds.insert(seen.clone(), 0);
        }
        let (kind, period, _) = seen;
        if rule.base == Base::HeadToHead {
            let turned_out = (rule.period, kind.clone(), period);
            if !self.head_to_head.contains(&turned_out) {
                self.head_to_head.push(turned_out);
            }
        }
        let mut market = ReadMarket {
            event: place.event.index,
            kind,
            period,
            line: None,
            participant: None,
        };
        if !has_outcomes {
            self.market_index(place, &market);
            self.bare_markets.push((place.event.index, place.bookmaker));
        }
        let mut current: Option<u32> = None;
        for row in &rows {
            let selection = match self.selection(place, rule, row) {
                Ok(selection) => selection,
                Err((issue, said)) => {
                    self.issue(issue, Some(place.event.index), Some(place.bookmaker), || {
                        format!("market {}: {said}", clip(key))
                    });
                    continue;
                }
            };
            let index = match current {
                Some(index) if market.line == selection.line && market.participant == selection.participant => index,
                _ => {
                    market.line = selection.line;
                    market.participant = selection.participant;
                    self.market_index(place, &market)
                }
            };
            current = Some(index);
            self.quote(ReadQuote {
                market: index,
                bookmaker: place.bookmaker,
                outcome: selection.outcome,
                side: rule.side,
                price: selection.price,
                price_text: Cow::Borrowed(selection.price_text),
                source_at,
            });
        }
        self.outcomes = rows;
    }

    /// What one outcome row says, or why it cannot be used.
    fn selection(
        &self,
        place: Place<'_, 'a>,
        rule: Rule<'_>,
        row: &OutcomeRow<'a>,
    ) -> Result<Selection<'a>, (IssueKind, String)> {
        let Some(name) = row.name.text().filter(|name| !name.is_empty()) else {
            return Err((
                IssueKind::MissingField,
                "the name of an outcome is missing or unreadable".to_owned(),
            ));
        };
        let unknown = || {
            (
                IssueKind::UnknownOutcome,
                format!("{} is none of its outcomes", clip(&name)),
            )
        };
        let outcome = match rule.base {
            Base::HeadToHead | Base::ThreeWay if markets::is_draw(&name) => Outcome::Draw,
            Base::HeadToHead | Base::ThreeWay | Base::Spread | Base::DrawNoBet => {
                let (home, away) = place.event.sides.as_ref().ok_or_else(unknown)?;
                if name == *home {
                    Outcome::Home
                } else if name == *away {
                    Outcome::Away
                } else {
                    return Err(unknown());
                }
            }
            Base::Total | Base::TeamTotal => over_under(&name).ok_or_else(unknown)?,
            Base::BothTeamsToScore => yes_no(&name).ok_or_else(unknown)?,
            Base::DoubleChance => {
                let (home, away) = place.event.sides.as_ref().ok_or_else(unknown)?;
                markets::double_chance(&name, home, away).ok_or_else(unknown)?
            }
            Base::Prop(_) => over_under(&name)
                .or_else(|| yes_no(&name))
                .unwrap_or_else(|| Outcome::Named(name.clone().into_owned())),
            Base::Outright | Base::Other(_) => Outcome::Named(name.clone().into_owned()),
        };
        let is_over_under = matches!(outcome, Outcome::Over | Outcome::Under);
        let participant = match rule.base {
            Base::TeamTotal | Base::Prop(_) | Base::Other(_) => row.description.text(),
            _ => None,
        };
        // A statistic of nobody cannot be told from another's; an outcome that is itself a name needs no other.
        let needs_participant =
            rule.base == Base::TeamTotal || matches!(rule.base, Base::Prop(_)) && !matches!(outcome, Outcome::Named(_));
        if needs_participant && participant.as_ref().is_none_or(|participant| participant.is_empty()) {
            return Err((
                IssueKind::MissingField,
                format!("{} without a description of whose", clip(&name)),
            ));
        }
        let line = match rule.base {
            Base::Spread | Base::Total | Base::TeamTotal => Some(line_of(row.point)),
            Base::Prop(_) if is_over_under => Some(line_of(row.point)),
            Base::Prop(_) | Base::Other(_) if !row.point.is_none() => Some(line_of(row.point)),
            _ => None,
        };
        let line = match line {
            Some(Some(line)) if rule.base == Base::Spread && outcome == Outcome::Away => Some(-line),
            Some(Some(line)) => Some(line),
            Some(None) => {
                let said = format!("the point of {} is missing or unreadable", clip(&name));
                return Err((IssueKind::ImpossibleLine, said));
            }
            None => None,
        };
        let (price, price_text) = match row.price {
            Value::Bare(text) if text != "null" => match price_of(text, self.format) {
                Some(price) => (price, text),
                None => return Err((IssueKind::ImpossiblePrice, format!("{} at {}", clip(&name), clip(text)))),
            },
            _ => {
                return Err((
                    IssueKind::MissingField,
                    format!("the price of {} is missing or no number", clip(&name)),
                ));
            }
        };
        Ok(Selection {
            outcome,
            line,
            participant,
            price,
            price_text,
        })
    }

    fn market_index(&mut self, place: Place<'_, 'a>, market: &ReadMarket<'a>) -> u32 {
        let said = self.said.get_mut(place.bookmaker as usize);
        if let Some(index) = said.as_ref().and_then(|said| said.markets.find(market)) {
            return index;
        }
        let index = position(self.reading.markets.len());
        self.reading.markets.push(market.clone());
        if let Some(said) = said {
            said.markets.insert(market.clone(), index);
        }
        index
    }

    /// Keeps a quote unless the bookmaker has already given one for the selection.
    fn quote(&mut self, quote: ReadQuote<'a>) {
        let Some(said) = self.said.get_mut(quote.bookmaker as usize) else {
            return;
        };
        let event = said.event;
        let selection = (quote.market, quote.outcome.clone(), quote.side);
        let Some(index) = said.quotes.find(&selection) else {
            said.quotes.insert(selection, position(self.reading.quotes.len()));
            self.reading.quotes.push(quote);
            return;
        };
        let Some(earlier) = self.reading.quotes.get_mut(index as usize) else {
            return;
        };
        let bookmaker = quote.bookmaker;
        let outcome = quote.outcome.code();
        let (kind, said) = if earlier.price == quote.price {
            (
                IssueKind::DuplicateQuote,
                format!("{} at {}", clip(&outcome), quote.price_text),
            )
        } else {
            let said = format!(
                "{} at {} and at {}",
                clip(&outcome),
                earlier.price_text,
                quote.price_text
            );
            if quote.source_at > earlier.source_at {
                *earlier = quote;
                (IssueKind::ConflictingQuotes, format!("{said}; the newer was kept"))
            } else {
                (IssueKind::ConflictingQuotes, format!("{said}; the first was kept"))
            }
        };
        self.issue(kind, Some(event), Some(bookmaker), || said);
    }

    fn scores(&mut self) -> Result<Option<Vec<ScoreRow<'a>>>, Broken> {
        if self.cursor.peek() != Some(b'[') {
            return Ok(match self.cursor.value()? {
                Value::Bare("null") => None,
                _ => Some(Vec::new()),
            });
        }
        let mut rows = Vec::new();
        self.items("scores", None, |reader| {
            if !reader.open("a score", None, None)? {
                return Ok(());
            }
            let mut row = ScoreRow::default();
            let mut first = true;
            while let Some(key) = reader.cursor.next_key(&mut first)? {
                match key {
                    b"name" => row.name = reader.cursor.value()?,
                    b"score" => row.score = reader.cursor.value()?,
                    _ => drop(reader.cursor.pass_over()?),
                }
            }
            rows.push(row);
            Ok(())
        })?;
        Ok(Some(rows))
    }

    /// What a row of the scores says of an event. A row without `completed` and `scores` says nothing.
    fn score(&mut self, place: &EventPlace<'a>, row: &Row<'a>) {
        let is_final = matches!(row.completed, Value::Bare("true"));
        if row.scores.is_none() && !is_final {
            return;
        }
        if !matches!(row.completed, Value::Bare("true" | "false")) {
            self.issue(IssueKind::MissingField, Some(place.index), None, || {
                "whether the event is completed is missing or unreadable".to_owned()
            });
        }
        let score = place
            .sides
            .as_ref()
            .zip(row.scores.as_ref())
            .and_then(|((home, away), rows)| {
                let points = |side: &Cow<'a, str>| {
                    let row = rows.iter().find(|row| row.name.text().as_ref() == Some(side))?;
                    match &row.score {
                        Value::Text(text) => text.trim().parse().ok(),
                        Value::Bare(text) => text.parse().ok(),
                        _ => None,
                    }
                };
                Some(Score {
                    home: points(home)?,
                    away: points(away)?,
                })
            });
        if score.is_none() {
            self.issue(IssueKind::UnusableScore, Some(place.index), None, || {
                "the scores do not give a number for each side".to_owned()
            });
        }
        let source_at = if row.last_update.is_none() {
            None
        } else {
            self.time(row.last_update)
        };
        if source_at.is_none() && !row.last_update.is_none() {
            self.issue(IssueKind::UnreadableTime, Some(place.index), None, || {
                "the last_update of a score cannot be read".to_owned()
            });
        }
        if let Some(event) = self.reading.events.get_mut(place.index as usize) {
            event.status = match row.completed {
                Value::Bare("true") => Some(EventStatus::Final),
                Value::Bare("false") if score.is_some() && event.starts_at <= self.received_at => {
                    Some(EventStatus::Live)
                }
                _ => None,
            };
        }
        self.reading.scores.push(ReadScore {
            event: place.index,
            score,
            is_final,
            source_at,
        });
    }

    /// A time in either of the vendor's formats.
    fn time(&mut self, value: Value<'a>) -> Option<DateTime<Utc>> {
        match value {
            Value::Text(text) => match self.last_time {
                Some((last, at)) if last == text => Some(at),
                _ => {
                    let at = parse_time(text)?;
                    self.last_time = Some((text, at));
                    Some(at)
                }
            },
            Value::Bare(text) => plausible(DateTime::from_timestamp(text.parse().ok()?, 0)?),
            _ => None,
        }
    }

    fn missing(&mut self, what: &str) {
        self.issue(IssueKind::MissingField, None, None, || {
            format!("{what} is missing or unreadable")
        });
    }

    fn unreadable(&mut self, detail: impl FnOnce() -> String) {
        self.is_damaged = true;
        self.issue(IssueKind::UnreadablePayload, None, None, detail);
    }

    #[cold]
    fn issue(&mut self, kind: IssueKind, event: Option<u32>, bookmaker: Option<u32>, detail: impl FnOnce() -> String) {
        if self.reading.issues.len() >= MAX_ISSUES {
            self.unlisted_issues += 1;
            return;
        }
        let bookmaker = bookmaker
            .and_then(|index| self.reading.bookmakers.get(index as usize))
            .map(|bookmaker| bookmaker.key.clone().into_owned());
        self.reading.issues.push(ReadIssue {
            kind,
            event,
            bookmaker,
            detail: detail(),
        });
    }

    fn finish(mut self) -> Reading<'a> {
        if self.retired_rows > 0 {
            let rows = self.retired_rows;
            self.unreadable(|| {
                format!("the answer is in the vendor's retired v3 format; its {rows} rows were not read")
            });
        }
        // Only a list of the markets on offer names markets without outcomes.
        let is_market_list = match self.endpoint {
            Endpoint::EventMarkets => true,
            Endpoint::Unknown => self.cursor.counted() == 0,
            _ => false,
        };
        if !is_market_list {
            for (event, bookmaker) in std::mem::take(&mut self.bare_markets) {
                self.issue(IssueKind::MissingField, Some(event), Some(bookmaker), || {
                    "the outcomes of a market are missing".to_owned()
                });
            }
        }
        self.reading.prices_seen = self.cursor.counted();
        self.reading.scope = self.scope();
        if self.unlisted_issues > 0 {
            let detail = format!("{} more issues are not listed", self.unlisted_issues);
            let kind = IssueKind::UnreadablePayload;
            self.reading.issues.push(ReadIssue {
                kind,
                event: None,
                bookmaker: None,
                detail,
            });
        }
        self.reading
    }

    /// What absence means: for what was asked, or for what a file of unknown origin holds.
    fn scope(&self) -> Scope {
        let asks = |name: &str| {
            self.query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let has_odds = matches!(
            self.endpoint,
            Endpoint::Odds | Endpoint::EventOdds | Endpoint::PastOdds | Endpoint::PastEventOdds | Endpoint::Unknown
        );
        if self.is_damaged || !has_odds || (self.endpoint == Endpoint::Unknown && self.cursor.counted() == 0) {
            return Scope {
                markets: Vec::new(),
                bookmakers: Some(Vec::new()),
            };
        }
        let mut markets: Vec<(MarketKind, Period, Lines)> = Vec::new();
        let mut cover = |kind: MarketKind, period: Period, lines: Lines| {
            match markets.iter_mut().find(|known| known.0 == kind && known.1 == period) {
                // Main and alternate lines together are all.
                Some((.., known)) if *known != lines => *known = Lines::All,
                Some(_) => {}
                None => markets.push((kind, period, lines)),
            }
        };
        match asks("markets") {
            Some(keys) => {
                for rule in keys.split(',').filter(|key| !key.is_empty()).map(Rule::of) {
                    for (kind, period) in self.kinds_of(rule) {
                        cover(kind, period, rule.lines);
                    }
                }
            }
            None => {
                for (kind, period, lines) in self.kinds.keys().cloned() {
                    cover(kind, period, lines);
                }
            }
        }
        let bookmakers = match asks("bookmakers") {
            Some(keys) => Some(
                keys.split(',')
                    .filter(|key| !key.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
            None if self.endpoint == Endpoint::Unknown => Some(
                self.reading
                    .bookmakers
                    .iter()
                    .map(|bookmaker| bookmaker.key.clone().into_owned())
                    .collect(),
            ),
            None => None,
        };
        Scope { markets, bookmakers }
    }

    /// What a market key that was asked for may have come as, in the sports of this answer.
    fn kinds_of(&self, rule: Rule<'_>) -> Vec<(MarketKind, Period)> {
        let mut sports: Vec<&Sport> = Vec::new();
        for event in &self.reading.events {
            if sports.last() != Some(&&event.sport) && sports.len() < 64 && !sports.contains(&&event.sport) {
                sports.push(&event.sport);
            }
        }
        let usual = sports.into_iter().map(|sport| rule.kind(sport, false));
        let turned_out = self
            .head_to_head
            .iter()
            .filter(|(period, ..)| rule.base == Base::HeadToHead && *period == rule.period)
            .map(|(_, kind, period)| (kind.clone(), *period));
        usual.chain(turned_out).collect()
    }
}

impl Row<'_> {
    /// True when everything that is needed to read bookmakers has been seen.
    const fn is_ready(&self) -> bool {
        !matches!(self.id, Value::Absent)
            && !matches!(self.sport_key, Value::Absent)
            && !matches!(self.sport_title, Value::Absent)
            && !matches!(self.commence_time, Value::Absent)
            && !matches!(self.home_team, Value::Absent)
            && !matches!(self.away_team, Value::Absent)
    }
}

/// What one outcome row says.
struct Selection<'a> {
    outcome: Outcome,
    line: Option<Line>,
    participant: Option<Cow<'a, str>>,
    price: Price,
    price_text: &'a str,
}

/// A position as readings hold them. No answer within the size limit comes near the bound.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// True when a head-to-head market has a draw among its outcomes, or a third row that could be one.
fn is_drawable(rows: &[OutcomeRow<'_>], sides: Option<&(Cow<'_, str>, Cow<'_, str>)>) -> bool {
    let is_side = |name: &str| sides.is_some_and(|(home, away)| name == home || name == away);
    rows.iter().any(|row| match row.name.text() {
        Some(name) => markets::is_draw(&name) || (rows.len() > 2 && !is_side(&name)),
        None => rows.len() > 2,
    })
}
