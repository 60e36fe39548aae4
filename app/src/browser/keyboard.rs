//! The keyboard: `/` searches, `g` and a letter goes, `?` lists the keys.

use super::dom::{document, find, listen, target};
use super::visit;
use crate::places::PLACES;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, KeyboardEvent};

pub fn start() {
    let after_g = Cell::new(false);
    listen(&document(), "keydown", move |event: KeyboardEvent| {
        let is_typing = target::<Element>(&event, "input, select, textarea").is_some();
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typing {
            return;
        }
        let went = after_g.take();
        match event.key().as_str() {
            "?" => toggle_list(),
            "/" => {
                event.prevent_default();
                match find("#search") {
                    Some(search) => _ = search.focus(),
                    None => visit::go("/games"),
                }
            }
            letter if went => {
                let place = PLACES.iter().find(|(known, ..)| letter.chars().eq([*known]));
                if let Some((_, path, _)) = place {
                    visit::go(path);
                }
            }
            "g" => after_g.set(true),
            _ => {}
        }
    });
}

fn toggle_list() {
    let Some(list) = find("#keys").and_then(|list| list.dyn_into::<HtmlDialogElement>().ok()) else {
        return;
    };
    if list.open() {
        list.close();
    } else {
        // A dialog that is not open can always be shown.
        _ = list.show_modal();
    }
}
