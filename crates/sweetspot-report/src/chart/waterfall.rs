//! From one value to another in additive steps.

use maud::{Markup, html};
use sweetspot_model::probability;

use super::scale::{Scale, format_tick};
use super::svg_elements::{Anchor, line, rectangle, text, text_width, truncate_to_width};
use super::{Drawing, LINE_HEIGHT, Width};
use crate::chart_data::WaterfallStep;
use crate::document::Axis;
use crate::format_percent;

/// The maximum number of steps in the drawing.
const MAX_STEPS: usize = 12;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 59.0;

/// Draws steps of log-odds, with probabilities below the ticks. `None` without steps, or if a value is not finite.
pub(super) fn draw(
    axis: &Axis,
    (start, from): (f64, &str),
    steps: &[WaterfallStep],
    to: &str,
    width: Width,
) -> Option<Drawing> {
    if !start.is_finite() || steps.iter().any(|step| !step.change.is_finite()) || steps.is_empty() {
        return None;
    }
    let (left, right, row) = match width {
        Width::Narrow => (8.0, width.units() - 8.0, 42.0),
        Width::Wide => (230.0, width.units() - 90.0, 28.0),
    };
    let scale = Scale::new(axis, left, right)?;
    let shown = steps.get(..MAX_STEPS.min(steps.len())).unwrap_or_default();
    let bottom = TOP + row * (shown.len() + 2) as f64;
    let end = steps.iter().fold(start, |sum, step| sum + step.change);
    let y = |index: usize| TOP + row * index as f64;
    let mut reached = start;
    let marks = html! {
        @for tick in scale.ticks(6.0) {
            @let place = scale.place(tick);
            (line("grid", (place, TOP), (place, bottom)))
            (text(place, bottom + LINE_HEIGHT, Anchor::Middle, "figure", &format_tick(tick, axis)))
            (text(place, bottom + 2.0 * LINE_HEIGHT, Anchor::Middle, "figure", &format_percent(probability(tick))))
        }
        (level_row(&scale, start, from, (y(0), row), width))
        @for (index, step) in shown.iter().enumerate() {
            @let before = reached;
            @let () = reached += step.change;
            (step_bar(&scale, step, before, (y(index + 1), row), width))
        }
        (level_row(&scale, end, to, (y(shown.len() + 1), row), width))
        (text(right, bottom + 3.0 * LINE_HEIGHT, Anchor::End, "name", &axis.name))
    };
    Some(Drawing { height: bottom + BOTTOM, marks })
}

/// The middle of the bar in a row.
fn middle(top: f64, row: f64, width: Width) -> f64 {
    match width {
        Width::Narrow => top + row - 12.0,
        Width::Wide => top + row / 2.0,
    }
}

fn row_labels(name: &str, value_label: &str, (top, row): (f64, f64), width: Width) -> Markup {
    let middle = middle(top, row, width);
    match width {
        Width::Narrow => html! {
            (text(8.0, top + 15.0, Anchor::Start, "label", &truncate_to_width(name, 344.0 - text_width(value_label) - 12.0)))
            (text(352.0, top + 15.0, Anchor::End, "figure", value_label))
        },
        Width::Wide => html! {
            (text(218.0, middle + 4.5, Anchor::End, "label", &truncate_to_width(name, 214.0)))
            (text(width.units() - 78.0, middle + 4.5, Anchor::Start, "figure", value_label))
        },
    }
}

/// The level before the first step, or after the last.
fn level_row(scale: &Scale, value: f64, name: &str, (top, row): (f64, f64), width: Width) -> Markup {
    let (place, middle) = (scale.place(value), middle(top, row, width));
    html! { (row_labels(name, "", (top, row), width)) (line("level", (place, middle - 9.0), (place, middle + 9.0))) }
}

fn step_bar(scale: &Scale, step: &WaterfallStep, before: f64, (top, row): (f64, f64), width: Width) -> Markup {
    let (from, to, middle) = (scale.place(before), scale.place(before + step.change), middle(top, row, width));
    let class = if step.change < 0.0 { "bar against" } else { "bar for" };
    html! {
        (row_labels(&step.name, &step.value_label, (top, row), width))
        (rectangle(class, (from, middle - 7.0), (to, middle + 7.0)))
        (line("tick", (to, middle + 7.0), (to, middle + row - 7.0)))
    }
}
