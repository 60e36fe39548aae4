//! Where the pages come to life in the browser.

use leptos::prelude::hydrate_body;

/// Takes over the page that the server sent.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    hydrate_body(app::App);
}
