//! The keyboard: `/` searches, `g` and a letter goes, `?` lists the keys.

use leptos::prelude::*;

/// Where `g` and a letter lead.
pub const PLACES: [(char, &str, &str); 6] = [
    ('t', "/", "Today"),
    ('g', "/games", "Games"),
    ('o', "/opportunities", "Opportunities"),
    ('h', "/health", "Health"),
    ('i', "/issues", "Issues"),
    ('s', "/settings", "Settings"),
];

/// Listens to the keyboard, and shows the list of keys when asked.
#[component]
pub fn Keyboard() -> impl IntoView {
    let is_shown = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    browser::listen(is_shown);
    view! {
        <Show when=move || is_shown.get()>
            <div class="veil" on:click=move |_| is_shown.set(false)></div>
            <section class="keys" role="dialog" aria-modal="true" aria-labelledby="keys-title">
                <h2 id="keys-title">"Keys"</h2>
                <dl>
                    <dt><kbd>"/"</kbd></dt>
                    <dd>"Search games"</dd>
                    {PLACES
                        .iter()
                        .map(|(letter, _, name)| {
                            view! {
                                <dt>
                                    <kbd>"g"</kbd>
                                    " "
                                    <kbd>{letter.to_string()}</kbd>
                                </dt>
                                <dd>{*name}</dd>
                            }
                        })
                        .collect_view()}
                    <dt><kbd>"?"</kbd></dt>
                    <dd>"This list"</dd>
                    <dt><kbd>"Esc"</kbd></dt>
                    <dd>"Close it"</dd>
                </dl>
                <button type="button" class="quiet" autofocus on:click=move |_| is_shown.set(false)>
                    "Close"
                </button>
            </section>
        </Show>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::PLACES;
    use leptos::ev;
    use leptos::prelude::*;
    use leptos_router::hooks::use_navigate;
    use wasm_bindgen::JsCast;
    use web_sys::{HtmlElement, KeyboardEvent};

    pub(super) fn listen(is_shown: RwSignal<bool>) {
        let after_g = StoredValue::new(false);
        let navigate = use_navigate();
        let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typing(&event) {
                return;
            }
            let key = event.key();
            let went = after_g.get_value();
            after_g.set_value(false);
            match key.as_str() {
                "Escape" => is_shown.set(false),
                "?" => is_shown.update(|is_shown| *is_shown = !*is_shown),
                "/" => {
                    event.prevent_default();
                    if !focus("search") {
                        navigate("/games", leptos_router::NavigateOptions::default());
                    }
                }
                letter if went => {
                    let place = PLACES.iter().find(|(known, ..)| letter.chars().eq([*known]));
                    if let Some((_, path, _)) = place {
                        navigate(path, leptos_router::NavigateOptions::default());
                    }
                }
                "g" => after_g.set_value(true),
                _ => {}
            }
        });
        on_cleanup(move || handle.remove());
    }

    fn is_typing(event: &KeyboardEvent) -> bool {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        target.is_some_and(|element| ["INPUT", "SELECT", "TEXTAREA"].contains(&element.tag_name().as_str()))
    }

    fn focus(id: &str) -> bool {
        let element = document()
            .get_element_by_id(id)
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        element.is_some_and(|element| element.focus().is_ok())
    }
}
