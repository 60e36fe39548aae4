//! The island that draws the calculators: one at a time, all of them there without another request.

#![expect(missing_docs, reason = "the island macro makes a type without any")]

use super::{Answer, CALCULATORS, Calculator, Cell, Entry, Field, FieldError, Kind, Row, Table};
use domain::OddsFormat;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// What was typed since this page was opened, by calculator and field: other pages are looked at in between, and the odds format
/// changes.
#[cfg(feature = "hydrate")]
mod typed {
    use super::{Calculator, Field, OddsFormat};
    use std::cell::RefCell;
    use std::collections::HashMap;

    struct Typed {
        /// What the address said when it was typed.
        sent: Option<String>,
        format: OddsFormat,
        text: String,
    }

    thread_local! {
        static TYPED: RefCell<HashMap<(&'static str, &'static str), Typed>> = RefCell::default();
    }

    pub(super) fn keep(
        calculator: &'static Calculator,
        field: &'static Field,
        sent: Option<String>,
        format: OddsFormat,
        text: String,
    ) {
        let typed = Typed { sent, format, text };
        TYPED.with_borrow_mut(|all| all.insert((calculator.key, field.name), typed));
    }

    /// The text, in the reader's format of now; nothing when the address says something else since.
    pub(super) fn recall(
        calculator: &'static Calculator,
        field: &'static Field,
        sent: Option<&String>,
        format: OddsFormat,
    ) -> Option<String> {
        TYPED.with_borrow(|all| {
            let typed = all.get(&(calculator.key, field.name))?;
            (sent.is_none() || typed.sent.as_ref() == sent).then(|| field.sent_text(&typed.text, typed.format, format))
        })
    }

    /// Names the open calculator in the address bar, as a link to it would, but without asking for anything.
    pub(super) fn name_in_address(path: &str) {
        if let Ok(history) = window().history() {
            // A browser that is asked too often keeps the old address.
            _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
        }
    }

    use leptos::prelude::window;
}

/// Nothing is typed on the server.
#[cfg(not(feature = "hydrate"))]
mod typed {
    use super::{Calculator, Field, OddsFormat};

    pub(super) fn keep(_: &Calculator, _: &Field, _: Option<String>, _: OddsFormat, _: String) {}

    pub(super) const fn recall(_: &Calculator, _: &Field, _: Option<&String>, _: OddsFormat) -> Option<String> {
        None
    }

    pub(super) const fn name_in_address(_: &str) {}
}

/// A field and what is typed into it.
#[derive(Clone)]
struct Typing {
    field: &'static Field,
    text: RwSignal<String>,
    /// What the address says.
    sent: Option<String>,
}

/// A calculator and what is typed into it.
#[derive(Clone)]
struct Desk {
    calculator: &'static Calculator,
    fields: Vec<Typing>,
    format: OddsFormat,
    /// What the elements' names end in: those of another island must not be taken for its own when a page is folded in.
    mark: String,
}

/// Why there is no answer, or the answer.
type Outcome = Result<Answer, FieldError>;

impl Desk {
    fn new(calculator: &'static Calculator, format: OddsFormat, sent: &[(String, String)], mark: &str) -> Self {
        let said = |name: &str| sent.iter().find(|(sent, _)| sent == name).map(|(_, text)| text.clone());
        let sent_in = said("format")
            .and_then(|code| OddsFormat::from_code(&code))
            .unwrap_or(format);
        let typing = |field: &'static Field| {
            let sent = said(field.name);
            let text = match &sent {
                Some(text) => field.sent_text(text, sent_in, format),
                None => field.first_text(format),
            };
            Typing {
                field,
                text: RwSignal::new(text),
                sent,
            }
        };
        Self {
            calculator,
            fields: calculator.fields().map(typing).collect(),
            format,
            mark: mark.to_owned(),
        }
    }

    fn reckon(&self) -> Outcome {
        let texts = self.fields.iter().map(|typing| typing.text.get());
        Entry::new(self.calculator, self.format, texts).reckon()
    }

    /// Writes what was typed earlier back. Only once the page is alive: until then it must be what the server drew.
    fn recall(&self) {
        for Typing { field, text, sent } in &self.fields {
            if let Some(typed) = typed::recall(self.calculator, field, sent.as_ref(), self.format) {
                text.set(typed);
            }
        }
    }
}

/// Tabs of all calculators, and the one that is open.
#[island]
pub fn CalculatorDesk(
    /// Which calculator is open at first.
    open: String,
    /// How prices are written.
    format: OddsFormat,
    /// What the address says, for the calculator that is open at first.
    sent: Vec<(String, String)>,
    /// What its elements' names end in.
    mark: String,
) -> impl IntoView {
    let desks: Vec<Desk> = CALCULATORS
        .into_iter()
        .map(|calculator| {
            let sent = if calculator.key == open { sent.as_slice() } else { &[] };
            Desk::new(calculator, format, sent, &mark)
        })
        .collect();
    let at_first = desks.iter().position(|desk| desk.calculator.key == open).unwrap_or(0);
    let opened = RwSignal::new(at_first);
    let recalled = desks.clone();
    Effect::new(move || recalled.iter().for_each(Desk::recall));
    let tabs = CALCULATORS
        .into_iter()
        .enumerate()
        .map(|(at, calculator)| {
            let path = path_of(calculator);
            let shown = path.clone();
            let choose = move |event: MouseEvent| {
                let is_plain = !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
                if is_plain {
                    event.prevent_default();
                    opened.set(at);
                    typed::name_in_address(&path);
                }
            };
            view! {
                <a href=shown aria-current=move || (opened.get() == at).then_some("page") on:click=choose>
                    {calculator.title}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="Calculators">
            {tabs}
        </nav>
        {move || desks.get(opened.get()).map(|desk| desk_view(desk.clone()))}
    }
}

/// Where a calculator is.
pub fn path_of(calculator: &Calculator) -> String {
    format!("/calculators/{}", calculator.key)
}

fn desk_view(desk: Desk) -> AnyView {
    let Desk {
        calculator,
        fields,
        format,
        mark,
    } = desk.clone();
    let outcome = Memo::new(move |_| desk.reckon());
    let mut fields = fields.into_iter();
    let rows = calculator
        .rows
        .iter()
        .map(|row| {
            let row = fields
                .by_ref()
                .take(row.len())
                .map(|typing| field_view(calculator, typing, (format, &mark), outcome))
                .collect_view();
            view! { <div class="asks">{row}</div> }
        })
        .collect_view();
    let said = move || {
        outcome.with(|outcome| match outcome {
            Ok(answer) => answer
                .facts
                .first()
                .map(|fact| format!("{}: {}", fact.name, fact.cell.text)),
            Err(error) => Some(error.message.clone()),
        })
    };
    view! {
        <section class="card reckoner">
            <header>
                <h2>{calculator.title}</h2>
                <p class="under">{calculator.about}</p>
            </header>
            <form method="get" action=path_of(calculator) data-here="" autocomplete="off">
                <input type="hidden" name="format" value=format.code() />
                {rows}
                <noscript>
                    <button>"Reckon"</button>
                </noscript>
            </form>
            <div class="reckoned">
                <p class="unseen" role="status">
                    {said}
                </p>
                {move || outcome.with(outcome_view)}
            </div>
        </section>
    }
    .into_any()
}

fn field_view(
    calculator: &'static Calculator,
    typing: Typing,
    (format, mark): (OddsFormat, &str),
    outcome: Memo<Outcome>,
) -> AnyView {
    let Typing { field, text, sent } = typing;
    let complaint = move || {
        outcome.with(|outcome| {
            let error = outcome.as_ref().err().filter(|error| error.field == field.name);
            error.map(|error| error.message.clone())
        })
    };
    let is_wrong = Memo::new(move |_| complaint().is_some());
    let invalid = move || is_wrong.get().then_some("true");
    let id = format!("calc-{}-{mark}", field.name);
    let note = format!("note-{}-{mark}", field.name);
    let hint = Some(field.hint_in(format)).filter(|hint| !hint.is_empty());
    let typed = move |event| {
        let typed = event_target_value(&event);
        typed::keep(calculator, field, sent.clone(), format, typed.clone());
        text.set(typed);
    };
    let first = text.get_untracked();
    let offers: Option<Vec<(&str, &str)>> = match field.kind {
        Kind::Choice(offers) => Some(offers.to_vec()),
        Kind::Format => Some(OddsFormat::ALL.map(|format| (format.code(), format.name())).to_vec()),
        _ => None,
    };
    let control = if let Some(offers) = offers {
        let offers = offers
            .into_iter()
            .map(|(code, name)| {
                let is_chosen = code == first;
                view! { <option value=code selected=is_chosen>{name}</option> }
            })
            .collect_view();
        view! {
            <select
                id=id.clone()
                name=field.name
                aria-describedby=note.clone()
                aria-invalid=invalid
                prop:value=move || text.get()
                on:change=typed
            >
                {offers}
            </select>
        }
        .into_any()
    } else {
        let keys = if field.kind == Kind::Number { "decimal" } else { "text" };
        let class = if field.max_chars() > super::MAX_CHARS {
            ""
        } else {
            "number"
        };
        view! {
            <input
                id=id.clone()
                class=class
                name=field.name
                inputmode=keys
                maxlength=field.max_chars().to_string()
                aria-describedby=note.clone()
                aria-invalid=invalid
                value=first
                prop:value=move || text.get()
                on:input=typed
            />
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label for=id>{field.label}</label>
            {control}
            <p class="note" class:wrong=move || is_wrong.get() id=note>
                {move || complaint().or_else(|| hint.clone())}
            </p>
        </div>
    }
    .into_any()
}

fn outcome_view(outcome: &Outcome) -> AnyView {
    match outcome {
        Ok(answer) => answer_view(answer),
        Err(_) => view! { <p class="empty">"No answer yet: see the field that is marked."</p> }.into_any(),
    }
}

fn answer_view(answer: &Answer) -> AnyView {
    let facts = answer
        .facts
        .iter()
        .enumerate()
        .map(|(at, fact)| {
            let class = if at == 0 { "big" } else { "" };
            view! {
                <div class="fact">
                    <dt>{fact.name}</dt>
                    <dd class=class>{cell_view(&fact.cell)}</dd>
                </div>
            }
        })
        .collect_view();
    let tables = answer.tables.iter().map(table_view).collect_view();
    let notes = answer
        .notes
        .iter()
        .map(|note| view! { <p class="under">{note.clone()}</p> })
        .collect_view();
    view! {
        <dl class="facts">{facts}</dl>
        {tables}
        {notes}
    }
    .into_any()
}

fn table_view(table: &Table) -> AnyView {
    let head = table
        .head
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let class = if at == 0 { "" } else { "number" };
            view! { <th scope="col" class=class>{name.clone()}</th> }
        })
        .collect_view();
    let rows = |rows: &[Row]| rows.iter().map(row_view).collect_view();
    let totals = (!table.totals.is_empty()).then(|| view! { <tfoot>{rows(&table.totals)}</tfoot> });
    view! {
        <div class="market" role="group" aria-label=table.caption tabindex="0">
            <table class="dense">
                <caption>{table.caption}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{rows(&table.rows)}</tbody>
                {totals}
            </table>
        </div>
    }
    .into_any()
}

fn row_view(row: &Row) -> AnyView {
    let cells = row
        .cells
        .iter()
        .map(|cell| view! { <td class="number">{cell_view(cell)}</td> })
        .collect_view();
    view! {
        <tr>
            <th scope="row">{row.name.clone()} {small(&row.under)}</th>
            {cells}
        </tr>
    }
    .into_any()
}

fn cell_view(cell: &Cell) -> AnyView {
    view! { <span class=cell.tone.class()>{cell.text.clone()}</span> {small(&cell.under)} }.into_any()
}

fn small(text: &str) -> Option<impl IntoView + use<>> {
    let text = text.to_owned();
    (!text.is_empty()).then(|| view! { <small class="under">{text}</small> })
}
