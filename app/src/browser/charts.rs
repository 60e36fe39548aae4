//! The values of a chart under the pointer or the arrow keys.

use super::dom::{document, find_all_in, find_in, listen, target};
use crate::viewer::Zone;
use chrono::DateTime;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent};

const PLOT: &str = "figure.chart svg.plot";

pub fn start() {
    let document = document();
    listen(&document, "pointermove", |event: PointerEvent| {
        let Some(chart) = chart_of(&event) else { return };
        let Some(plot) = find_plot(&chart) else { return };
        let drawing = plot.get_bounding_client_rect();
        if drawing.width() > 0.0 {
            let share = (f64::from(event.client_x()) - drawing.left()) / drawing.width();
            let span = Span::of(&chart);
            #[expect(clippy::cast_possible_truncation, reason = "a share of a span of milliseconds")]
            let at_ms = span.from_ms + (share.clamp(0.0, 1.0) * (span.to_ms - span.from_ms) as f64) as i64;
            point(&chart, Some(at_ms.min(span.last_ms)));
        }
    });
    for name in ["pointerout", "focusout"] {
        listen(&document, name, |event: Event| {
            if let Some(chart) = chart_of(&event) {
                point(&chart, None);
            }
        });
    }
    listen(&document, "keydown", |event: KeyboardEvent| {
        let Some(chart) = chart_of(&event) else { return };
        let is_before = match event.key().as_str() {
            "ArrowLeft" => true,
            "ArrowRight" => false,
            _ => return,
        };
        event.prevent_default();
        let at_ms = pointed(&chart).unwrap_or(Span::of(&chart).last_ms);
        let mut moments: Vec<i64> = keys(&chart)
            .iter()
            .flat_map(values)
            .map(|(moment_ms, _)| moment_ms)
            .filter(|moment_ms| {
                if is_before {
                    *moment_ms < at_ms
                } else {
                    *moment_ms > at_ms
                }
            })
            .collect();
        moments.sort_unstable();
        let found = if is_before { moments.last() } else { moments.first() };
        point(&chart, Some(found.copied().unwrap_or(at_ms)));
    });
}

/// The chart whose drawing an event happened in.
fn chart_of(event: &Event) -> Option<Element> {
    target::<Element>(event, PLOT)?.closest("figure.chart").ok().flatten()
}

fn find_plot(chart: &Element) -> Option<Element> {
    chart.query_selector("svg.plot").ok().flatten()
}

/// What a chart spans, in milliseconds since 1970.
struct Span {
    from_ms: i64,
    to_ms: i64,
    last_ms: i64,
}

impl Span {
    fn of(chart: &Element) -> Self {
        let number = |name: &str| {
            chart
                .get_attribute(name)
                .and_then(|number| number.parse().ok())
                .unwrap_or(0)
        };
        Self {
            from_ms: number("data-from"),
            to_ms: number("data-to"),
            last_ms: number("data-last"),
        }
    }
}

fn keys(chart: &Element) -> Vec<HtmlElement> {
    find_all_in(chart, ".key[data-values]")
}

/// From when on a line has which value, as written.
fn values(key: &HtmlElement) -> Vec<(i64, String)> {
    let text = key.get_attribute("data-values").unwrap_or_default();
    text.split(';')
        .filter_map(|value| value.split_once('='))
        .filter_map(|(at_ms, value)| Some((at_ms.parse().ok()?, value.to_owned())))
        .collect()
}

fn pointed(chart: &Element) -> Option<i64> {
    chart.get_attribute("data-pointed")?.parse().ok()
}

/// Shows the values at an instant, or the last ones.
fn point(chart: &Element, at_ms: Option<i64>) {
    let span = Span::of(chart);
    let set = |element: &Element, name: &str, value: &str| element.set_attribute(name, value).unwrap_or_default();
    match at_ms {
        Some(at_ms) => set(chart, "data-pointed", &at_ms.to_string()),
        None => chart.remove_attribute("data-pointed").unwrap_or_default(),
    }
    let x = at_ms.map_or_else(
        || "-1".to_owned(),
        |at_ms| {
            let share = (at_ms - span.from_ms) as f64 / (span.to_ms - span.from_ms).max(1) as f64;
            format!("{:.2}%", share * 100.0)
        },
    );
    if let Ok(Some(cursor)) = chart.query_selector(".cursor") {
        set(&cursor, "x1", &x);
        set(&cursor, "x2", &x);
    }
    let at_ms = at_ms.unwrap_or(span.last_ms);
    for key in keys(chart) {
        let value = values(&key)
            .into_iter()
            .take_while(|(from_ms, _)| *from_ms <= at_ms)
            .last();
        if let Some(shown) = find_in(&key, ".key-value") {
            let text = value.map(|(_, text)| text).filter(|text| !text.is_empty());
            shown.set_text_content(Some(text.as_deref().unwrap_or("–")));
        }
    }
    let zone: Zone = chart
        .get_attribute("data-zone")
        .and_then(|zone| serde_json::from_str(&zone).ok())
        .unwrap_or_default();
    if let (Some(shown), Some(at)) = (find_in(chart, ".shown-at"), DateTime::from_timestamp_millis(at_ms)) {
        shown.set_text_content(Some(&zone.exact(at)));
    }
}
