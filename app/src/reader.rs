//! How this person reads: their odds format, their clock, and what time it is. Everything written through the reader changes
//! at once when a preference does.

use crate::viewer::{UserRole, Viewer, Zone};
use crate::{AppError, write};
use chrono::{DateTime, Duration, Utc};
use domain::{OddsFormat, Price};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// How long a price that moved is marked.
pub const MARK_FOR: Duration = Duration::seconds(12);

/// Who is looking; kept in the context of every page behind the sign-in.
///
/// The answer of the server is asked for once by the frame, and every page waits for it beside its own: nothing is drawn inside
/// the wait for another, because what a page asks would then be asked at each try to draw it.
#[derive(Clone, Copy)]
pub struct Reader {
    answer: Option<Resource<Result<Viewer, AppError>>>,
    viewer: RwSignal<Viewer>,
    now: RwSignal<DateTime<Utc>>,
}

/// The signed-in person.
///
/// # Errors
/// [`AppError::SignInRequired`], [`AppError::SetupRequired`].
#[server(name = GetViewer, prefix = "/ui", endpoint = "viewer", input = GetUrl)]
pub(crate) async fn get_viewer() -> Result<Viewer, AppError> {
    use crate::backend::{answer, backend};
    answer(backend()?.viewer().await)
}

impl Reader {
    /// Asks who is looking, for everything below.
    pub fn provide() -> Self {
        let reader = Self::new(Some(Resource::new_blocking(|| (), |()| get_viewer())));
        provide_context(reader);
        reader
    }

    /// The reader of this page; at the door, where nobody is known, one who reads decimal prices in UTC.
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| Self::new(None))
    }

    fn new(answer: Option<Resource<Result<Viewer, AppError>>>) -> Self {
        let nobody = Viewer {
            id: domain::UserId(0),
            email: String::new(),
            role: UserRole::Viewer,
            prefs: crate::viewer::Prefs::default(),
            zone: Zone::default(),
            now: DateTime::UNIX_EPOCH,
            shows_demo: false,
            version: String::new(),
        };
        Self {
            answer,
            viewer: RwSignal::new(nobody),
            now: RwSignal::new(DateTime::UNIX_EPOCH),
        }
    }

    /// Whether it is known who is looking: `None` while it is being asked. To be called where a page waits for its own
    /// answers; what is drawn after it may use everything else here.
    pub fn settle(self) -> Option<Result<(), AppError>> {
        let Some(answer) = self.answer else { return Some(Ok(())) };
        answer.get().map(|answer| {
            answer.map(|viewer| {
                if self.viewer.with_untracked(|known| *known != viewer) {
                    self.now.set(viewer.now);
                    self.viewer.set(viewer);
                }
            })
        })
    }

    /// The person, following changes.
    pub fn viewer(self) -> Viewer {
        self.viewer.get()
    }

    /// The person as of now.
    pub fn viewer_untracked(self) -> Viewer {
        self.viewer.get_untracked()
    }

    /// Asks the server again, after a preference was changed.
    pub fn refresh(self) {
        if let Some(answer) = self.answer {
            answer.refetch();
        }
    }

    /// The server's time when it last said who is looking; `None` before.
    pub fn told_at(self) -> Option<DateTime<Utc>> {
        self.viewer
            .with(|viewer| Some(viewer.now).filter(|now| *now != DateTime::UNIX_EPOCH))
    }

    /// What time it is: the server's at first, moved on by the browser.
    pub fn now(self) -> DateTime<Utc> {
        self.now.get()
    }

    /// The same, without following it.
    pub fn now_untracked(self) -> DateTime<Utc> {
        self.now.get_untracked()
    }

    /// Moves the clock on.
    pub fn set_now(self, now: DateTime<Utc>) {
        self.now.set(now);
    }

    /// May change settings for everybody.
    pub fn is_owner(self) -> bool {
        self.viewer.with(|viewer| viewer.role == UserRole::Owner)
    }

    /// How prices are written.
    pub fn odds_format(self) -> OddsFormat {
        self.viewer.with(|viewer| viewer.prefs.odds_format)
    }

    /// A price in the reader's format.
    pub fn price(self, price: Price) -> String {
        self.odds_format().write(price).replace('-', "\u{2212}")
    }

    /// Something written in the reader's time zone.
    pub fn zoned<T>(self, write: impl FnOnce(&Zone) -> T) -> T {
        self.viewer.with(|viewer| write(&viewer.zone))
    }

    /// True while a change at an instant is worth a mark.
    pub fn is_fresh(self, at: DateTime<Utc>) -> bool {
        self.now() - at < MARK_FOR
    }
}

/// A price that follows the reader's format.
pub fn priced(price: Price) -> impl IntoView {
    let reader = Reader::current();
    move || reader.price(price)
}

/// An instant as a relative time, with the exact one on hover.
pub fn when(at: DateTime<Utc>) -> impl IntoView {
    let reader = Reader::current();
    view! {
        <time datetime=write::rfc3339(at) title=move || reader.zoned(|zone| zone.exact(at))>
            {move || write::relative(at, reader.now())}
        </time>
    }
}

/// As [`when`], or a dash.
pub fn when_known(at: Option<DateTime<Utc>>) -> impl IntoView {
    at.map_or_else(|| "–".into_any(), |at| when(at).into_any())
}

/// How old something is, with its exact time on hover.
pub fn age(at: DateTime<Utc>) -> impl IntoView {
    let reader = Reader::current();
    view! {
        <time datetime=write::rfc3339(at) title=move || reader.zoned(|zone| zone.exact(at))>
            {move || write::span((reader.now() - at).max(Duration::zero()))}
        </time>
    }
}

/// The exact time of an instant in the reader's zone, with the relative one on hover.
pub fn exactly(at: DateTime<Utc>) -> impl IntoView {
    let reader = Reader::current();
    view! {
        <time datetime=write::rfc3339(at) title=move || write::relative(at, reader.now())>
            {move || reader.zoned(|zone| zone.exact(at))}
        </time>
    }
}

/// Day and time of an instant in the reader's zone, with the exact one on hover.
pub fn shortly(at: DateTime<Utc>) -> impl IntoView {
    let reader = Reader::current();
    view! {
        <time datetime=write::rfc3339(at) title=move || reader.zoned(|zone| zone.exact(at))>
            {move || reader.zoned(|zone| zone.short(at))}
        </time>
    }
}
