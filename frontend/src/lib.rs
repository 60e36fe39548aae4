//! Where the pages come to life in the browser.

/// Takes over the page that the server sent; the script beside it wakes the islands afterwards.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    app::browser::start();
}
