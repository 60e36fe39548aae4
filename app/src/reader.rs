//! How this person reads: their odds format, their clock, and what time it is. What is written through the reader is written
//! for them.

use crate::viewer::{UserRole, Viewer, Zone};
use crate::write;
use chrono::{DateTime, Duration, Utc};
use domain::{OddsFormat, Price};
use leptos::prelude::*;

/// How long a price that moved is marked.
pub const MARK_FOR: Duration = Duration::seconds(12);

/// Who is looking; in the context of everything that a request draws behind the sign-in.
#[derive(Clone, Copy)]
pub struct Reader(StoredValue<Viewer>);

impl Reader {
    /// Puts who is looking into the context.
    pub fn provide(viewer: Viewer) -> Self {
        let reader = Self(StoredValue::new(viewer));
        provide_context(reader);
        reader
    }

    /// The reader of this page; at the door, where nobody is known, one who reads decimal prices in UTC.
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| Self(StoredValue::new(Viewer::nobody())))
    }

    /// The person.
    pub fn viewer(self) -> Viewer {
        self.0.get_value()
    }

    /// What time it is.
    pub fn now(self) -> DateTime<Utc> {
        self.0.with_value(|viewer| viewer.now)
    }

    /// May change settings for everybody.
    pub fn is_owner(self) -> bool {
        self.0.with_value(|viewer| viewer.role == UserRole::Owner)
    }

    /// How prices are written.
    pub fn odds_format(self) -> OddsFormat {
        self.0.with_value(|viewer| viewer.prefs.odds_format)
    }

    /// A price in the reader's format.
    pub fn price(self, price: Price) -> String {
        self.odds_format().write(price).replace('-', "\u{2212}")
    }

    /// Something written in the reader's time zone.
    pub fn zoned<T>(self, write: impl FnOnce(&Zone) -> T) -> T {
        self.0.with_value(|viewer| write(&viewer.zone))
    }
}

/// A price in the reader's format.
pub fn priced(price: Price) -> String {
    Reader::current().price(price)
}

/// What the browser goes on to show of an instant as time passes.
#[derive(Clone, Copy)]
enum Ticking {
    /// `12 s ago`.
    Relative,
    /// `12 s`.
    Age,
}

fn ticking(at: DateTime<Utc>, ticking: Ticking) -> impl IntoView {
    let reader = Reader::current();
    let (shows, text) = match ticking {
        Ticking::Relative => ("relative", write::relative(at, reader.now())),
        Ticking::Age => ("age", write::age(at, reader.now())),
    };
    view! {
        <time datetime=write::rfc3339(at) title=reader.zoned(|zone| zone.exact(at)) data-shows=shows>
            {text}
        </time>
    }
}

/// An instant as a relative time, with the exact one on hover.
pub fn when(at: DateTime<Utc>) -> impl IntoView {
    ticking(at, Ticking::Relative)
}

/// As [`when`], or a dash.
pub fn when_known(at: Option<DateTime<Utc>>) -> impl IntoView {
    at.map_or_else(|| "–".into_any(), |at| when(at).into_any())
}

/// How old something is, with its exact time on hover.
pub fn age(at: DateTime<Utc>) -> impl IntoView {
    ticking(at, Ticking::Age)
}

/// The exact time of an instant in the reader's zone.
pub fn exactly(at: DateTime<Utc>) -> impl IntoView {
    view! { <time datetime=write::rfc3339(at)>{Reader::current().zoned(|zone| zone.exact(at))}</time> }
}

/// Day and time of an instant in the reader's zone, with the exact one on hover.
pub fn shortly(at: DateTime<Utc>) -> impl IntoView {
    let reader = Reader::current();
    view! {
        <time datetime=write::rfc3339(at) title=reader.zoned(|zone| zone.exact(at))>
            {reader.zoned(|zone| zone.short(at))}
        </time>
    }
}
