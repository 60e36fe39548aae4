//! Pages are fetched and folded into the one that is open: what did not change stays as it is, with what is typed in it.

use super::dom::{document, find, find_all, find_in, listen, target, window};
use super::{clock, stream};
use js_sys::{Function, Object, Reflect};
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Document, DomParser, Element, Event, FormData, HtmlAnchorElement, HtmlElement, HtmlFormElement,
    HtmlInputElement, MouseEvent, RequestInit, Response, SubmitEvent, SupportedType, Url, UrlSearchParams,
};

/// Why a page is fetched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// A link was followed: the new page is looked at from its top.
    Link,
    /// A form was sent.
    Form,
    /// A slider is being moved: only the last answer counts.
    Sliding,
    /// Back or forward.
    History,
    /// Something changed.
    News,
}

/// What the address bar does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bar {
    Push,
    Replace,
    Keep,
}

struct Visit {
    address: String,
    /// The fields of a form that is posted.
    body: Option<String>,
    why: Why,
    bar: Bar,
}

thread_local! {
    /// What a person asked for last; the answer to anything before it is dropped.
    static TURN: Cell<u32> = const { Cell::new(0) };
    static UNDER_WAY: RefCell<Option<AbortController>> = const { RefCell::new(None) };
    static IS_REFRESHING: Cell<bool> = const { Cell::new(false) };
}

pub fn start() {
    mark_islands(|_| ());
    let document = document();
    listen(&document, "click", |event: MouseEvent| {
        if let Some(address) = followed(&event) {
            event.prevent_default();
            go(&address);
        }
    });
    listen(&document, "submit", |event: SubmitEvent| {
        // A file goes the browser's own way.
        let Some(form) =
            target::<HtmlFormElement>(&event, "form:not([method=dialog], [enctype='multipart/form-data'])")
        else {
            return;
        };
        event.prevent_default();
        if !form.has_attribute("data-here") {
            send(&form, event.submitter().as_ref(), Why::Form, Bar::Push);
        }
    });
    listen(&document, "change", |event: Event| {
        let Some((control, form)) = sender(&event) else { return };
        if is_sliding(&control) {
            send(&form, None, Why::Form, Bar::Replace);
        } else {
            // A form that the browser finds fault with says so itself.
            _ = form.request_submit();
        }
    });
    listen(&document, "input", |event: Event| {
        if let Some((control, form)) = sender(&event)
            && is_sliding(&control)
        {
            send(&form, None, Why::Sliding, Bar::Keep);
        }
    });
    listen(&window(), "popstate", |_: Event| {
        visit(Visit {
            address: here(),
            body: None,
            why: Why::History,
            bar: Bar::Keep,
        });
    });
}

/// Follows a link to a page of this site.
pub fn go(address: &str) {
    visit(Visit {
        address: address.to_owned(),
        body: None,
        why: Why::Link,
        bar: Bar::Push,
    });
}

/// Asks for this page again; false when a person is just now asking for another.
pub fn refresh() -> bool {
    if IS_REFRESHING.get() || UNDER_WAY.with_borrow(Option::is_some) {
        return false;
    }
    visit(Visit {
        address: here(),
        body: None,
        why: Why::News,
        bar: Bar::Keep,
    });
    true
}

fn here() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// The address of a link that a click follows, unless the browser had better follow it itself.
fn followed(event: &MouseEvent) -> Option<String> {
    let is_plain =
        event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    let link: HtmlAnchorElement = target(event, "a[href]")?;
    let location = window().location();
    let is_page = link.target().is_empty() && link.rel() != "external" && !link.has_attribute("download");
    let is_elsewhere = link.origin() != location.origin().ok()?;
    let is_within = !link.hash().is_empty() && link.pathname() + &link.search() == here();
    (is_plain && is_page && !is_elsewhere && !is_within && !event.default_prevented())
        .then(|| link.pathname() + &link.search() + &link.hash())
}

/// A control that sends its form by itself.
fn sender(event: &Event) -> Option<(HtmlElement, HtmlFormElement)> {
    let control: HtmlElement = target(event, "[data-send]")?;
    let form = control.closest("form").ok().flatten()?.dyn_into().ok()?;
    Some((control, form))
}

fn is_sliding(control: &HtmlElement) -> bool {
    control.get_attribute("data-send").as_deref() == Some("sliding")
}

/// Sends a form as the browser would, but in place.
fn send(form: &HtmlFormElement, by: Option<&HtmlElement>, why: Why, bar: Bar) {
    let Ok(data) = FormData::new_with_form(form) else {
        return;
    };
    if let Some((name, value)) = by.and_then(|by| Some((by.get_attribute("name")?, by.get_attribute("value")?))) {
        _ = data.append_with_str(&name, &value);
    }
    let Ok(fields) = UrlSearchParams::new_with_str_sequence_sequence(&data) else {
        return;
    };
    let action = form.get_attribute("action").unwrap_or_else(here);
    if form.method() == "post" {
        // Sent once, however often it is pressed until the answer is there.
        if !form.has_attribute("aria-busy") {
            form.set_attribute("aria-busy", "true").unwrap_or_default();
            visit(Visit {
                address: action,
                body: fields.to_string().as_string(),
                why,
                bar,
            });
        }
        return;
    }
    // At its end a slider says nothing: that is now, which goes on.
    for slider in super::dom::find_all_in(form, "input[type=range]") {
        if let Ok(slider) = slider.dyn_into::<HtmlInputElement>()
            && slider.value() == slider.max()
        {
            fields.delete(&slider.name());
        }
    }
    let query = fields.to_string().as_string().unwrap_or_default();
    let mark = if query.is_empty() { "" } else { "?" };
    visit(Visit {
        address: format!("{action}{mark}{query}"),
        body: None,
        why,
        bar,
    });
}

/// What came back.
struct Answer {
    address: String,
    is_ok: bool,
    page: Document,
}

fn visit(visit: Visit) {
    let is_news = visit.why == Why::News;
    let abort = AbortController::new().ok();
    let turn = if is_news {
        IS_REFRESHING.set(true);
        TURN.get()
    } else {
        TURN.set(TURN.get().wrapping_add(1));
        let last = UNDER_WAY.replace(abort.clone());
        // A form that is under way is not taken back: the server may have done what it says.
        if let Some(last) = last.filter(|_| visit.body.is_none()) {
            last.abort();
        }
        TURN.get()
    };
    spawn_local(async move {
        let answer = ask(&visit, abort.as_ref()).await;
        if is_news {
            IS_REFRESHING.set(false);
        }
        if turn != TURN.get() {
            return;
        }
        if !is_news {
            UNDER_WAY.set(None);
        }
        match answer {
            Some(answer) if answer.is_ok || !is_news => show(&visit, answer),
            // What is on the page is still the best there is.
            _ if is_news => say_away(),
            None if visit.body.is_some() => {
                say_away();
                for form in find_all("form[aria-busy]") {
                    form.remove_attribute("aria-busy").unwrap_or_default();
                }
            }
            // The browser explains why an address cannot be reached.
            _ => _ = window().location().assign(&visit.address),
        }
    });
}

/// The page at an address; `None` when there is none, as when the server is away.
async fn ask(visit: &Visit, abort: Option<&AbortController>) -> Option<Answer> {
    let request = RequestInit::new();
    let headers = web_sys::Headers::new().ok()?;
    headers.set("Accept", "text/html").ok()?;
    if let Some(body) = &visit.body {
        request.set_method("POST");
        request.set_body(&JsValue::from_str(body));
        headers
            .set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
            .ok()?;
    }
    request.set_headers(&headers);
    request.set_signal(abort.map(AbortController::signal).as_ref());
    let fetched = JsFuture::from(window().fetch_with_str_and_init(&visit.address, &request)).await;
    let response: Response = fetched.ok()?.dyn_into().ok()?;
    let kind = response.headers().get("content-type").ok().flatten()?;
    if !kind.starts_with("text/html") {
        return None;
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let page = DomParser::new()
        .ok()?
        .parse_from_string(&text, SupportedType::TextHtml)
        .ok()?;
    find_in(page.document_element()?.as_ref(), "#main")?;
    let asked = Url::new_with_base(&visit.address, &window().location().href().ok()?).ok()?;
    let came = Url::new(&response.url()).ok()?;
    let hash = if response.redirected() {
        String::new()
    } else {
        asked.hash()
    };
    Some(Answer {
        address: came.pathname() + &came.search() + &hash,
        is_ok: response.ok(),
        page,
    })
}

/// Makes the page that came the one that is open.
fn show(visit: &Visit, answer: Answer) {
    let Some(body) = answer.page.body() else { return };
    clock::follow(&body);
    if let Ok(history) = window().history() {
        // A form that was posted comes back to the page it stood on, which is then no new place.
        let is_same = answer.address.split('?').next() == here().split('?').next();
        let done = match visit.bar {
            Bar::Keep => Ok(()),
            Bar::Push if visit.body.is_none() || !is_same => {
                history.push_state_with_url(&JsValue::NULL, "", Some(&answer.address))
            }
            Bar::Push | Bar::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(&answer.address)),
        };
        // A browser that is asked too often for new places keeps the old one in its bar.
        done.unwrap_or_default();
    }
    document().set_title(&answer.page.title());
    let is_refused = visit.why == Why::Form && find_in(&body, ".problem, .wrong").is_some();
    if fold(&body, is_refused).is_none() {
        _ = window().location().assign(&answer.address);
        return;
    }
    mark_islands(hydrate);
    stream::follow();
    if visit.why == Why::Link {
        look_at(&answer.address);
    }
}

/// Looks at a new page from its top, or from where the address points to.
fn look_at(address: &str) {
    let place = address
        .split_once('#')
        .and_then(|(_, id)| document().get_element_by_id(id));
    if let Some(place) = place {
        place.scroll_into_view();
        return;
    }
    window().scroll_to_with_x_and_y(0.0, 0.0);
    if let Some(main) = find("#main") {
        _ = main.focus();
    }
}

/// Says that the server does not answer; the next page that comes takes it away.
fn say_away() {
    if let Some(away) = find("#away") {
        away.set_text_content(Some(
            "The server does not answer. What you see is the last that arrived.",
        ));
        away.set_hidden(false);
    }
}

/// Folds the body of another page into this one.
fn fold(body: &HtmlElement, is_refused: bool) -> Option<()> {
    let old = document().body()?;
    let library = Reflect::get(&window(), &"Idiomorph".into()).ok()?;
    let morph: Function = Reflect::get(&library, &"morph".into()).ok()?.dyn_into().ok()?;
    let judge = Closure::<dyn Fn(JsValue, JsValue) -> bool>::new(move |old: JsValue, new: JsValue| {
        match (old.dyn_into::<Element>(), new.dyn_into::<Element>()) {
            (Ok(old), Ok(new)) => may_fold(&old, &new, is_refused),
            _ => true,
        }
    });
    let callbacks = Object::new();
    Reflect::set(&callbacks, &"beforeNodeMorphed".into(), judge.as_ref()).ok()?;
    let options = Object::new();
    Reflect::set(&options, &"morphStyle".into(), &"innerHTML".into()).ok()?;
    // What is being typed is left alone; a button that was pressed may become another.
    let is_typing = document()
        .active_element()
        .is_some_and(|active| active.matches("input, select, textarea").unwrap_or(false));
    Reflect::set(&options, &"ignoreActiveValue".into(), &JsValue::from_bool(is_typing)).ok()?;
    Reflect::set(&options, &"callbacks".into(), &callbacks).ok()?;
    morph.call3(&library, &old, &body.child_nodes(), &options).ok()?;
    Some(())
}

/// Whether an element may become another; carries over what a person did to it.
fn may_fold(old: &Element, new: &Element, is_refused: bool) -> bool {
    if old.has_attribute("data-stays") && new.has_attribute("data-stays") {
        return false;
    }
    match old.tag_name().as_str() {
        // An island that says the same is alive: the server's picture of it is not.
        "LEPTOS-ISLAND" => old.get_attribute("data-props") != new.get_attribute("data-props"),
        "DETAILS" => {
            if old.has_attribute("open") {
                new.set_attribute("open", "").unwrap_or_default();
            }
            true
        }
        "INPUT" => {
            if let (Some(old), Some(new)) = (old.dyn_ref::<HtmlInputElement>(), new.dyn_ref::<HtmlInputElement>()) {
                keep_typed(old, new, is_refused);
            }
            true
        }
        "SELECT" => !is_refused,
        _ => true,
    }
}

/// Lines that were switched off stay off, and what a form was refused for stays in it to be corrected.
fn keep_typed(old: &HtmlInputElement, new: &HtmlInputElement, is_refused: bool) {
    match old.type_().as_str() {
        "checkbox" | "radio" if is_refused || old.class_name().starts_with("toggle-") => new.set_checked(old.checked()),
        "checkbox" | "radio" | "password" | "hidden" => {}
        _ if is_refused => new.set_attribute("value", &old.value()).unwrap_or_default(),
        _ => {}
    }
}

/// Brings islands to life that are not yet.
fn mark_islands(wake: impl Fn(&HtmlElement)) {
    let mark = JsValue::from_str("isAwake");
    for island in find_all("leptos-island") {
        let is_awake = Reflect::get(&island, &mark).is_ok_and(|is_awake| is_awake.is_truthy());
        if !is_awake {
            // An element takes any property.
            _ = Reflect::set(&island, &mark, &JsValue::TRUE);
            wake(&island);
        }
    }
}

/// The framework's own way to wake an island that came later.
fn hydrate(island: &HtmlElement) {
    let wake = Reflect::get(&window(), &"__hydrateIsland".into()).ok();
    if let Some(wake) = wake.and_then(|wake| wake.dyn_into::<Function>().ok()) {
        let component = island.get_attribute("data-component").unwrap_or_default();
        _ = wake.call2(&JsValue::NULL, island, &component.into());
    }
}
