//! What the browser adds to the pages that the server draws: they are kept current, follow links and send forms without being
//! loaded anew, and answer to pointer and keyboard. Every page works without any of it.
//!
//! Nothing here knows what a page says. It works on the marks that the server's markup carries:
//!
//! | mark | means |
//! | --- | --- |
//! | `data-follows` | what news this page is asked again for: `boards`, `board:12`, `opportunities`, `bets`, `health` |
//! | `data-shows` | a `<time>` whose text goes on: `relative`, `age`, `clock` |
//! | `data-until` | gone after that instant |
//! | `data-from`, `data-to`, `data-last`, `data-values`, `data-zone` | what a chart spans and says (`chart.rs`) |
//! | `data-send` | a control that sends its form when it changes; `sliding`, while it does |
//! | `data-here` | a form that stays where it is |
//! | `data-stays` | left alone when the rest is redrawn |

mod charts;
mod clock;
mod dom;
mod keyboard;
mod stream;
mod visit;

/// Takes the page over.
pub fn start() {
    clock::start();
    visit::start();
    stream::start();
    keyboard::start();
    charts::start();
}
