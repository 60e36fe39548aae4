//! The few ways in which the document is asked and listened to.

use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Window};

/// A browser page always has a window and a document; elsewhere this program does not run.
pub fn window() -> Window {
    leptos::prelude::window()
}

pub fn document() -> Document {
    leptos::prelude::document()
}

/// The first element that fits.
pub fn find(selector: &str) -> Option<HtmlElement> {
    find_in(document().unchecked_ref(), selector)
}

/// The first element within another that fits.
pub fn find_in(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Every element of the document that fits.
pub fn find_all(selector: &str) -> Vec<HtmlElement> {
    find_all_in(document().unchecked_ref(), selector)
}

/// Every element within another that fits.
pub fn find_all_in(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = root.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|at| list.get(at)?.dyn_into().ok())
        .collect()
}

/// The element an event happened in, or the nearest around it that fits.
pub fn target<T: JsCast>(event: &Event, selector: &str) -> Option<T> {
    let element: Element = event.target()?.dyn_into().ok()?;
    element.closest(selector).ok().flatten()?.dyn_into().ok()
}

/// Listens for as long as the page is open.
pub fn listen<E: FromWasmAbi + 'static>(target: &EventTarget, name: &str, heard: impl FnMut(E) + 'static) {
    let listener = Closure::<dyn FnMut(E)>::new(heard);
    // The names of events are fixed; a browser that lacks one never sends it.
    _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}
