//! One chart for everything that holds a value until it changes: step lines, drawn as SVG, with a legend that switches lines
//! without scripts. Each line of the legend carries its values as text, so that the browser can show those under the pointer
//! or the arrow keys (`browser/chart.rs`).
//!
//! The outer drawing has no view box, so text keeps its size on every screen; the lines lie in an inner one that stretches.

use crate::reader::Reader;
use crate::write;
use chrono::{DateTime, NaiveTime, Utc};
use leptos::prelude::*;
use std::fmt::Write as _;

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

/// The values of a line for the browser: `milliseconds=text` from when on, a gap without text, separated by `;`.
fn spelled(line: &Line, label: &dyn Fn(f64) -> String) -> String {
    let mut text = String::new();
    for (at, value) in &line.points {
        if !text.is_empty() {
            text.push(';');
        }
        // Writing to a String cannot fail.
        _ = write!(text, "{}=", at.timestamp_millis());
        if let Some(value) = value {
            text.push_str(&label(*value));
        }
    }
    text
}

/// Step lines over time.
#[component]
pub fn Chart(
    /// What the chart shows, for those who do not see it.
    title: String,
    /// The unit of the values.
    unit: String,
    /// The lines.
    lines: Vec<Line>,
    /// How far to the right the lines hold.
    until: DateTime<Utc>,
    /// How a value is written.
    label: Box<dyn Fn(f64) -> String>,
) -> impl IntoView {
    let reader = Reader::current();
    let Some(frame) = Frame::around(&lines, until) else {
        return view! { <p class="empty">"No prices to draw yet."</p> }.into_any();
    };
    let until_ms = until.timestamp_millis();
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
            view! {
                <line class="grid" x1="0" x2="100%" y1=y.clone() y2=y.clone() />
                <text class="tick" x="100%" y=y dy="-4" text-anchor="end">{label(value)}</text>
            }
        })
        .collect_view();
    let days = (frame.to_ms - frame.from_ms) / 86_400_000;
    let offset_ms = reader.zoned(|zone| (zone.local(until).0 - until.naive_utc()).num_milliseconds());
    let times = frame
        .instants(offset_ms)
        .into_iter()
        .filter_map(|at_ms| DateTime::from_timestamp_millis(at_ms).map(|at| (at_ms, at)))
        .map(|(at_ms, at)| {
            let x = percent_of(frame.across(at_ms));
            // Words must be short enough to stand side by side on a phone: a day where one begins, else the time.
            let text = reader.zoned(|zone| {
                if days >= 20 || zone.local(at).0.time() == NaiveTime::MIN {
                    write::day_of_year(zone.date(at))
                } else {
                    zone.clock(at)
                }
            });
            view! {
                <line class="grid" x1=x.clone() x2=x.clone() y1="0" y2="100%" />
                <text class="tick" x=x y="100%" dy="18" text-anchor="middle">{text}</text>
            }
        })
        .collect_view();
    let legend_class = if lines.len() > 3 { "legend" } else { "legend few" };
    let legend = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let style = at % STYLES;
            let value = line.at(until).map_or_else(|| "–".to_owned(), &label);
            view! {
                <label class="key" data-values=spelled(line, &label)>
                    <input type="checkbox" checked class=format!("toggle-{style}") autocomplete="off" />
                    <svg class="swatch" width="20" height="8" aria-hidden="true">
                        <path class=format!("line series-{style}") d="M0 4H20" />
                    </svg>
                    <span class="key-name">{line.name.clone()}</span>
                    <span class="key-value">{value}</span>
                </label>
            }
        })
        .collect_view();
    // Where the browser finds the wall clock at an instant: the same offsets as the server's.
    let zone = reader.zoned(|zone| serde_json::to_string(zone).unwrap_or_default());
    view! {
        <figure
            class="chart"
            data-from=frame.from_ms
            data-to=frame.to_ms
            data-last=until_ms
            data-zone=zone
        >
            <svg class="plot" role="img" aria-label=title.clone() tabindex="0">
                <title>{title.clone()}</title>
                <svg class="area" x="0" y="8" width="100%" height="244">
                    <g>{scale}</g>
                    <g>{times}</g>
                </svg>
                <svg class="area" x="0" y="8" width="100%" height="244" viewBox="0 0 1000 1000" preserveAspectRatio="none">
                    {paths}
                </svg>
                <svg class="area" x="0" y="8" width="100%" height="244">
                    <line class="cursor" x1="-1" x2="-1" y1="0" y2="100%" />
                </svg>
            </svg>
            <figcaption>
                <p class="unit">
                    <span>{unit}</span>
                    <span class="shown-at" aria-live="polite">{reader.zoned(|zone| zone.exact(until))}</span>
                </p>
                <fieldset class=legend_class>
                    <legend class="unseen">"Lines shown"</legend>
                    {legend}
                </fieldset>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// A part of a distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Where it begins, on the scale below; nothing where that is left out.
    pub edge: String,
    /// What it spans, for those who point at it.
    pub span: String,
    /// How many are in it, kind by kind.
    pub counts: Vec<u32>,
}

/// Height of the drawing of columns, in its own units.
const COLUMNS_HEIGHT: f64 = 160.0;

/// A distribution as columns, each with its kinds upon one another.
#[component]
pub fn Columns(
    /// What it shows, for those who do not see it.
    title: String,
    /// The kinds, from the lowest up.
    kinds: Vec<&'static str>,
    /// The columns, from the left.
    columns: Vec<Column>,
) -> impl IntoView {
    let sum = |column: &Column| column.counts.iter().copied().fold(0_u32, u32::saturating_add);
    let highest = f64::from(columns.iter().map(sum).max().unwrap_or(0).max(1));
    let width = 100.0 / columns.len().max(1) as f64;
    let drawn = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let left = at as f64 * width;
            let mut below = 0.0;
            let bars = column
                .counts
                .iter()
                .enumerate()
                .map(|(kind, count)| {
                    let height = f64::from(*count) / highest * COLUMNS_HEIGHT;
                    below += height;
                    let (x, y) = (format!("{:.2}%", left + width * 0.1), format!("{:.1}", COLUMNS_HEIGHT - below));
                    view! { <rect class=format!("kind-{kind}") x=x y=y width=format!("{:.2}%", width * 0.8) height=format!("{height:.1}") /> }
                })
                .collect_view();
            let told: Vec<String> =
                kinds.iter().zip(&column.counts).map(|(kind, count)| format!("{count} {kind}")).collect();
            let middle = format!("{:.2}%", left + width / 2.0);
            let total = sum(column);
            view! {
                <g class="column">
                    <title>{format!("{}: {}", column.span, told.join(", "))}</title>
                    <rect class="reach" x=format!("{left:.2}%") y="0" width=format!("{width:.2}%") height="100%" />
                    {bars}
                    {(total > 0)
                        .then(|| view! { <text class="tick" x=middle y=format!("{:.1}", COLUMNS_HEIGHT - below) dy="-4" text-anchor="middle">{total.to_string()}</text> })}
                    {(!column.edge.is_empty())
                        .then(|| view! { <text class="tick" x=format!("{left:.2}%") y="100%" dy="18" text-anchor="middle">{column.edge.clone()}</text> })}
                </g>
            }
        })
        .collect_view();
    let legend = kinds
        .iter()
        .enumerate()
        .map(|(kind, name)| {
            view! {
                <span class="key">
                    <svg class="swatch" width="12" height="12" aria-hidden="true">
                        <rect class=format!("kind-{kind}") width="12" height="12" />
                    </svg>
                    {*name}
                </span>
            }
        })
        .collect_view();
    view! {
        <figure class="columns">
            <svg class="plot" role="img" aria-label=title.clone()>
                <svg class="area" x="0" y="20" width="100%" height=COLUMNS_HEIGHT.to_string()>{drawn}</svg>
            </svg>
            <figcaption class="legend">{legend}</figcaption>
        </figure>
    }
}

/// How large an amount is beside others, to the right when it was won and to the left when it was lost: from -1 to 1.
pub fn balance_bar(share: f64) -> impl IntoView {
    let width = share.abs().min(1.0) * 50.0;
    let (class, x) = if share < 0.0 {
        ("bar-loss", 50.0 - width)
    } else {
        ("bar-gain", 50.0)
    };
    view! {
        <svg class="meter" aria-hidden="true">
            <rect class="meter-all" width="100%" height="4" />
            <rect class=class x=format!("{x:.1}%") width=format!("{width:.1}%") height="4" />
        </svg>
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
    fn a_line_is_spelled_with_its_gaps() {
        let label = |value: f64| format!("{value:.2}");
        assert_eq!(
            spelled(&line(), &label),
            "1700000000000=2.00;1700000600000=2.20;1700000900000="
        );
    }
}
