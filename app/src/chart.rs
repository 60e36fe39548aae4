//! One chart for everything that holds a value until it changes: step lines, drawn on the server as SVG, with a legend that
//! switches lines (without scripts too) and, once alive, the values under the pointer or the arrow keys.
//!
//! The outer drawing has no view box, so text keeps its size on every screen; the lines lie in an inner one that stretches.

use crate::reader::Reader;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use std::fmt::Write;

/// A line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// From when on which value; `None` is a gap.
    pub points: Vec<(DateTime<Utc>, Option<f64>)>,
}

impl Line {
    /// The value that holds at an instant.
    pub fn at(&self, at: DateTime<Utc>) -> Option<f64> {
        let after = self.points.partition_point(|(from, _)| *from <= at);
        after
            .checked_sub(1)
            .and_then(|last| self.points.get(last))
            .and_then(|(_, value)| *value)
    }
}

/// How a value is written.
pub type Label = std::sync::Arc<dyn Fn(f64) -> String + Send + Sync>;

/// What a chart spans.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Frame {
    from_ms: i64,
    to_ms: i64,
    low: f64,
    high: f64,
}

/// The inner drawing's size, in its own units.
const SIZE: f64 = 1000.0;
/// Room at the right for the scale's labels, as a share of the span.
const LABEL_ROOM: f64 = 0.08;
/// Lines told apart by their own colour and dash; further ones repeat.
const STYLES: usize = 16;

impl Frame {
    fn around(lines: &[Line], until: DateTime<Utc>) -> Option<Self> {
        let from = lines
            .iter()
            .filter_map(|line| line.points.first())
            .map(|(at, _)| *at)
            .min()?;
        let values = || {
            lines
                .iter()
                .flat_map(|line| &line.points)
                .filter_map(|(_, value)| *value)
        };
        let (low, high) = values().fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        if low > high {
            return None;
        }
        let margin = if high > low {
            (high - low) * 0.08
        } else {
            high.abs().max(1.0) * 0.02
        };
        let span_ms = (until - from).num_milliseconds().max(60_000);
        let from_ms = from.timestamp_millis();
        #[expect(clippy::cast_possible_truncation, reason = "a share of a span of milliseconds")]
        let to_ms = from_ms + (span_ms as f64 * (1.0 + LABEL_ROOM)) as i64;
        Some(Self {
            from_ms,
            to_ms,
            low: low - margin,
            high: high + margin,
        })
    }

    /// How far to the right an instant is, from 0 to 1.
    fn across(self, at_ms: i64) -> f64 {
        (at_ms - self.from_ms) as f64 / (self.to_ms - self.from_ms) as f64
    }

    /// How far down a value is, from 0 to 1.
    fn down(self, value: f64) -> f64 {
        (self.high - value) / (self.high - self.low)
    }

    /// The instant under a share of the width.
    fn instant(self, share: f64) -> Option<DateTime<Utc>> {
        #[expect(clippy::cast_possible_truncation, reason = "a share of a span of milliseconds")]
        let at_ms = self.from_ms + (share.clamp(0.0, 1.0) * (self.to_ms - self.from_ms) as f64) as i64;
        DateTime::from_timestamp_millis(at_ms)
    }

    /// Round values between bottom and top, about five.
    fn values(self) -> Vec<f64> {
        let rough = (self.high - self.low) / 5.0;
        let magnitude = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * magnitude)
            .into_iter()
            .find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let mut value = (self.low / step).ceil() * step;
        let mut values = Vec::new();
        while value < self.high && values.len() < 12 {
            values.push(value);
            value += step;
        }
        values
    }

    /// Round instants between left and right, about five.
    fn instants(self, offset_ms: i64) -> Vec<i64> {
        const MINUTE: i64 = 60_000;
        let rough = (self.to_ms - self.from_ms) / 5;
        let steps =
            [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400].map(|minutes| minutes * MINUTE);
        let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(rough.max(1));
        let first = (self.from_ms + offset_ms).div_euclid(step) * step + step - offset_ms;
        (0..12)
            .map(|at| first + at * step)
            .take_while(|at| self.across(*at) < 0.93)
            .collect()
    }
}

/// The path of a step line.
fn path(line: &Line, frame: Frame, until_ms: i64) -> String {
    let mut path = String::new();
    let mut is_drawing = false;
    for (at, value) in &line.points {
        let x = frame.across(at.timestamp_millis().min(until_ms)) * SIZE;
        // Writing to a String cannot fail.
        match value {
            Some(value) if is_drawing => _ = write!(path, "H{x:.1}V{:.1}", frame.down(*value) * SIZE),
            Some(value) => _ = write!(path, "M{x:.1} {:.1}", frame.down(*value) * SIZE),
            None if is_drawing => _ = write!(path, "H{x:.1}"),
            None => {}
        }
        is_drawing = value.is_some();
    }
    if is_drawing {
        _ = write!(path, "H{:.1}", frame.across(until_ms) * SIZE);
    }
    path
}

fn percent_of(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// Step lines over time.
#[component]
pub fn Chart(
    /// What the chart shows, for those who do not see it.
    #[prop(into)]
    title: String,
    /// The unit of the values.
    #[prop(into)]
    unit: Signal<String>,
    /// The lines.
    lines: Vec<Line>,
    /// How far to the right the lines hold.
    until: DateTime<Utc>,
    /// How a value is written; may follow the reader's preferences.
    label: Label,
) -> impl IntoView {
    let reader = Reader::current();
    let Some(frame) = Frame::around(&lines, until) else {
        return view! { <p class="empty">"No prices to draw yet."</p> }.into_any();
    };
    let until_ms = until.timestamp_millis();
    let pointed = RwSignal::new(None::<DateTime<Utc>>);
    let moments = StoredValue::new(moments(&lines));
    let paths = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            view! { <path class=format!("line series-{}", at % STYLES) d=path(line, frame, until_ms) vector-effect="non-scaling-stroke" /> }
        })
        .collect_view();
    let scale = frame
        .values()
        .into_iter()
        .map(|value| {
            let y = percent_of(frame.down(value));
            let label = label.clone();
            view! {
                <line class="grid" x1="0" x2="100%" y1=y.clone() y2=y.clone() />
                <text class="tick" x="100%" y=y dy="-4" text-anchor="end">{move || label(value)}</text>
            }
        })
        .collect_view();
    let days = frame.to_ms - frame.from_ms > 2 * 86_400_000;
    let times = move || {
        let offset_ms = reader.zoned(|zone| (zone.local(until).0 - until.naive_utc()).num_milliseconds());
        frame
            .instants(offset_ms)
            .into_iter()
            .filter_map(|at_ms| DateTime::from_timestamp_millis(at_ms).map(|at| (at_ms, at)))
            .map(|(at_ms, at)| {
                let x = percent_of(frame.across(at_ms));
                let text = reader.zoned(|zone| if days { zone.short(at) } else { zone.clock(at) });
                view! {
                    <line class="grid" x1=x.clone() x2=x.clone() y1="0" y2="100%" />
                    <text class="tick" x=x y="100%" dy="18" text-anchor="middle">{text}</text>
                }
            })
            .collect_view()
    };
    let cursor = move || {
        pointed.get().map(|at| {
            let x = percent_of(frame.across(at.timestamp_millis()));
            view! { <line class="cursor" x1=x.clone() x2=x y1="0" y2="100%" /> }
        })
    };
    let legend = lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| {
            let style = at % STYLES;
            let label = label.clone();
            let name = line.name.clone();
            let value = move || {
                line.at(pointed.get().unwrap_or(until))
                    .map_or_else(|| "–".to_owned(), |value| label(value))
            };
            view! {
                <label class="key">
                    <input type="checkbox" checked class=format!("toggle-{style}") autocomplete="off" />
                    <svg class="swatch" width="20" height="8" aria-hidden="true">
                        <path class=format!("line series-{style}") d="M0 4H20" />
                    </svg>
                    <span class="key-name">{name}</span>
                    <span class="key-value">{value}</span>
                </label>
            }
        })
        .collect_view();
    let shown_at = move || {
        let at = pointed.get().unwrap_or(until);
        reader.zoned(|zone| zone.exact(at))
    };
    view! {
        <figure class="chart">
            <svg
                class="plot"
                role="img"
                aria-label=title.clone()
                tabindex="0"
                on:pointermove=move |event| pointed.set(share_under(&event).and_then(|share| frame.instant(share)).map(|at| at.min(until)))
                on:pointerleave=move |_| pointed.set(None)
                on:blur=move |_| pointed.set(None)
                on:keydown=move |event| {
                    let step = match event.key().as_str() {
                        "ArrowLeft" => -1,
                        "ArrowRight" => 1,
                        _ => return,
                    };
                    event.prevent_default();
                    pointed.update(|at| *at = moments.with_value(|moments| beside(moments, at.unwrap_or(until), step)));
                }
            >
                <title>{title.clone()}</title>
                <svg class="area" x="0" y="8" width="100%" height="244">
                    <g>{scale}</g>
                    <g>{times}</g>
                </svg>
                <svg class="area" x="0" y="8" width="100%" height="244" viewBox="0 0 1000 1000" preserveAspectRatio="none">
                    {paths}
                </svg>
                <svg class="area" x="0" y="8" width="100%" height="244">
                    <g>{cursor}</g>
                </svg>
            </svg>
            <figcaption>
                <p class="unit">
                    <span>{move || unit.get()}</span>
                    <span class="shown-at" aria-live="polite">{shown_at}</span>
                </p>
                <fieldset class="legend">
                    <legend class="unseen">"Lines shown"</legend>
                    {legend}
                </fieldset>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// Every instant at which a line changes, in order.
fn moments(lines: &[Line]) -> Vec<DateTime<Utc>> {
    let mut moments: Vec<_> = lines
        .iter()
        .flat_map(|line| line.points.iter().map(|(at, _)| *at))
        .collect();
    moments.sort_unstable();
    moments.dedup();
    moments
}

/// The change before or after an instant, or the instant itself at an end.
fn beside(moments: &[DateTime<Utc>], at: DateTime<Utc>, step: i32) -> Option<DateTime<Utc>> {
    let found = if step < 0 {
        moments.iter().rev().find(|moment| **moment < at)
    } else {
        moments.iter().find(|moment| **moment > at)
    };
    Some(found.copied().unwrap_or(at))
}

/// How far to the right of the drawing the pointer is, from 0 to 1.
fn share_under(event: &leptos::ev::PointerEvent) -> Option<f64> {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let drawing = event
            .current_target()?
            .dyn_into::<web_sys::Element>()
            .ok()?
            .get_bounding_client_rect();
        (drawing.width() > 0.0).then(|| (f64::from(event.client_x()) - drawing.left()) / drawing.width())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    fn line() -> Line {
        Line {
            name: "Book".into(),
            points: vec![(at(0), Some(2.0)), (at(600), Some(2.2)), (at(900), None)],
        }
    }

    #[test]
    fn a_value_holds_until_the_next_one() {
        assert_eq!(line().at(at(-1)), None);
        assert_eq!(line().at(at(599)), Some(2.0));
        assert_eq!(line().at(at(600)), Some(2.2));
        assert_eq!(line().at(at(1000)), None);
    }

    #[test]
    fn a_path_steps_and_ends_where_the_price_was_withdrawn() {
        let frame = Frame {
            from_ms: at(0).timestamp_millis(),
            to_ms: at(1000).timestamp_millis(),
            low: 2.0,
            high: 3.0,
        };
        assert_eq!(
            path(&line(), frame, at(1000).timestamp_millis()),
            "M0.0 1000.0H600.0V800.0H900.0"
        );
    }

    #[test]
    fn the_scale_has_round_values() {
        let frame = Frame {
            from_ms: 0,
            to_ms: 1,
            low: 1.87,
            high: 2.13,
        };
        let texts: Vec<_> = frame.values().iter().map(|value| format!("{value:.2}")).collect();
        assert_eq!(texts, ["1.90", "2.00", "2.10"]);
    }

    #[test]
    fn arrow_keys_go_from_change_to_change() {
        let moments = moments(&[line()]);
        assert_eq!(beside(&moments, at(700), -1), Some(at(600)));
        assert_eq!(beside(&moments, at(600), 1), Some(at(900)));
        assert_eq!(beside(&moments, at(900), 1), Some(at(900)));
    }
}
