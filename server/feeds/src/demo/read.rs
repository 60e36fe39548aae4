//! Reads the demo feed's answers.

use super::wire::{self, Answer, CompleteFor};
use domain::event::{EventStatus, Score};
use domain::reading::{
    Lines, ReadBookmaker, ReadCompetition, ReadEvent, ReadIssue, ReadMarket, ReadQuote, ReadScore, Reading, Scope,
};
use domain::{IssueKind, Line, MarketKind, Outcome, Period, Price, Role, Side, Sport};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Reads one answer; what cannot be used becomes an issue.
pub(super) fn read(body: &[u8]) -> Reading<'_> {
    let mut reading = Reading::default();
    let answer: Answer<'_, &RawValue> = match serde_json::from_slice(body) {
        Ok(answer) => answer,
        Err(error) => {
            let detail = format!("not an answer of the demo feed: {error}");
            reading.issues.push(ReadIssue {
                kind: IssueKind::UnreadablePayload,
                event: None,
                bookmaker: None,
                detail,
            });
            return reading;
        }
    };
    reading.competitions = answer.competitions.into_iter().map(read_competition).collect();
    reading.scope = answer.complete_for.map(read_scope).unwrap_or_default();
    for event in answer.events {
        read_event(&mut reading, event);
    }
    reading
}

fn read_competition(competition: wire::Competition<'_>) -> ReadCompetition<'_> {
    ReadCompetition {
        feed_key: competition.key,
        sport: Sport::from_key(&competition.sport),
        name: competition.name,
        is_active: true,
        has_outrights: false,
    }
}

fn read_scope(complete_for: CompleteFor) -> Scope {
    let known = |(kind, period): (String, String)| {
        let (kind, period) = (MarketKind::from_code(&kind)?, Period::from_code(&period)?);
        Some((kind, period, Lines::All))
    };
    Scope {
        markets: complete_for.markets.into_iter().filter_map(known).collect(),
        bookmakers: complete_for.bookmakers,
    }
}

fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn read_event<'a>(reading: &mut Reading<'a>, text: &'a RawValue) {
    let at = position(reading.events.len());
    let issue = |kind, detail| ReadIssue {
        kind,
        event: None,
        bookmaker: None,
        detail,
    };
    let event: wire::Event<'a, &'a RawValue> = match serde_json::from_str(text.get()) {
        Ok(event) => event,
        Err(error) => {
            reading.issues.push(issue(
                IssueKind::MissingField,
                format!("an event was left out: {error}"),
            ));
            return;
        }
    };
    let Some(starts_at) = wire::read_time(&event.starts_at) else {
        reading.issues.push(issue(
            IssueKind::UnreadableTime,
            format!("event {}: the start cannot be read", event.id),
        ));
        return;
    };
    let status = EventStatus::from_code(&event.status);
    if status.is_none() {
        let detail = format!("status {:?} is not known", event.status);
        reading.issues.push(ReadIssue {
            kind: IssueKind::ImpossibleStatus,
            event: Some(at),
            bookmaker: None,
            detail,
        });
    }
    if let Some(score) = &event.score {
        reading.scores.push(ReadScore {
            event: at,
            score: Some(Score {
                home: score.home,
                away: score.away,
            }),
            is_final: status == Some(EventStatus::Final),
            source_at: wire::read_time(&score.updated_at),
        });
    }
    reading.events.push(ReadEvent {
        feed_id: event.id,
        sport: Sport::from_key(&event.competition.sport),
        competition_key: event.competition.key,
        competition_name: event.competition.name,
        starts_at,
        participants: vec![(Role::Home, event.home), (Role::Away, event.away)],
        status,
    });
    for book in event.books {
        read_book(reading, at, book);
    }
}

fn read_book<'a>(reading: &mut Reading<'a>, event: u32, text: &'a RawValue) {
    let book: wire::Book<'a> = match serde_json::from_str(text.get()) {
        Ok(book) => book,
        Err(error) => {
            let detail = format!("a bookmaker was left out: {error}");
            reading.issues.push(ReadIssue {
                kind: IssueKind::MissingField,
                event: Some(event),
                bookmaker: None,
                detail,
            });
            return;
        }
    };
    let issue = |kind, detail| ReadIssue {
        kind,
        event: Some(event),
        bookmaker: Some(book.key.clone().into_owned()),
        detail,
    };
    let is_american = match &*book.format {
        "american" => true,
        "decimal" => false,
        other => {
            reading.issues.push(issue(
                IssueKind::MissingField,
                format!("prices written as {other:?} cannot be read"),
            ));
            return;
        }
    };
    let source_at = wire::read_time(&book.updated_at);
    if source_at.is_none() {
        reading.issues.push(issue(
            IssueKind::UnreadableTime,
            "the time of its update cannot be read".to_owned(),
        ));
    }
    let known = reading.bookmakers.iter().position(|other| other.key == book.key);
    let bookmaker = position(known.unwrap_or(reading.bookmakers.len()));
    if known.is_none() {
        reading.bookmakers.push(ReadBookmaker {
            key: book.key.clone(),
            name: book.name.clone(),
        });
    }
    for market in book.markets {
        reading.prices_seen += market.offers.len();
        let read = match read_market(event, &market) {
            Ok(read) => read,
            Err((kind, detail)) => {
                reading.issues.push(issue(kind, detail));
                continue;
            }
        };
        let at = position(reading.markets.len());
        for offer in market.offers {
            match read_offer(&read.kind, offer, is_american) {
                Ok((outcome, side, price, price_text)) => reading.quotes.push(ReadQuote {
                    market: at,
                    bookmaker,
                    outcome,
                    side,
                    price,
                    price_text,
                    source_at,
                }),
                Err((kind, detail)) => reading.issues.push(issue(kind, detail)),
            }
        }
        reading.markets.push(read);
    }
}

type Unusable = (IssueKind, String);

fn read_market<'a>(event: u32, market: &wire::Market<'a>) -> Result<ReadMarket<'a>, Unusable> {
    let kind = MarketKind::from_code(&market.kind).ok_or_else(|| {
        (
            IssueKind::UnknownMarket,
            format!("market {:?} is not known", market.kind),
        )
    })?;
    let period = Period::from_code(&market.period).ok_or_else(|| {
        (
            IssueKind::UnknownMarket,
            format!("period {:?} is not known", market.period),
        )
    })?;
    let line: Option<Line> = match &market.line {
        Some(text) => Some(text.parse().map_err(|error| {
            (
                IssueKind::ImpossibleLine,
                format!("{}: line {text:?}: {error}", market.kind),
            )
        })?),
        None => None,
    };
    if kind.has_line() && line.is_none() {
        return Err((IssueKind::ImpossibleLine, format!("{} without a line", market.kind)));
    }
    Ok(ReadMarket {
        event,
        kind,
        period,
        line,
        participant: None,
    })
}

fn read_offer<'a>(
    kind: &MarketKind,
    offer: wire::Offer<'a>,
    is_american: bool,
) -> Result<(Outcome, Side, Price, Cow<'a, str>), Unusable> {
    let outcome = Outcome::from_code(&offer.outcome);
    if kind.outcomes().is_some_and(|outcomes| !outcomes.contains(&outcome)) {
        return Err((
            IssueKind::UnknownOutcome,
            format!("{} has no outcome {:?}", kind.code(), offer.outcome),
        ));
    }
    let side = Side::from_code(&offer.side)
        .ok_or_else(|| (IssueKind::UnknownOutcome, format!("side {:?} is not known", offer.side)))?;
    let impossible =
        |why: &dyn std::fmt::Display| (IssueKind::ImpossiblePrice, format!("price {:?}: {why}", offer.price));
    let price = if is_american {
        let american: i64 = offer
            .price
            .parse()
            .map_err(|error: std::num::ParseIntError| impossible(&error))?;
        Price::from_american(american).map_err(|error| impossible(&error))?
    } else {
        offer.price.parse::<Price>().map_err(|error| impossible(&error))?
    };
    Ok((outcome, side, price, offer.price))
}
