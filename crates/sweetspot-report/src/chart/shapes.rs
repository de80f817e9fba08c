//! Small panels, each with the effect of a number as steps with a band, and the distribution of the customers below.

use maud::{Markup, html};

use super::scale::{Scale, format_tick};
use super::svg_elements::{Anchor, line, points, rectangle, text, truncate_to_width};
use super::{Drawing, LINE_HEIGHT, Width};
use crate::chart_data::{EffectStep, ShapePanel};
use crate::document::Axis;

/// The maximum number of panels in the drawing; the table contains the others.
const MAX_PANELS: usize = 6;
/// The height of a panel and, from top to bottom, of its name, its steps and its distribution.
const PANEL_HEIGHT: f64 = 186.0;
const NAME_HEIGHT: f64 = 22.0;
const STEPS_HEIGHT: f64 = 106.0;
const DISTRIBUTION_HEIGHT: f64 = 30.0;
/// The space for the ticks of the vertical axis, and at the right.
const LEFT: f64 = 40.0;
const RIGHT: f64 = 14.0;
/// The space for the name of the vertical axis, next to that of the panel.
const Y_NAME_WIDTH: f64 = 70.0;

/// Draws the panels: two next to each other on a page, one on a phone. `None` if no panel has a step.
pub(super) fn draw(y: &Axis, panels: &[ShapePanel], width: Width) -> Option<Drawing> {
    let columns = match width {
        Width::Narrow => 1,
        Width::Wide => 2,
    };
    let panel_width = width.units() / columns as f64;
    let usable = panels.iter().filter(|panel| !panel.steps.is_empty()).take(MAX_PANELS);
    let mut markups = Vec::new();
    for (index, panel) in usable.enumerate() {
        let corner = (panel_width * (index % columns) as f64, PANEL_HEIGHT * (index / columns) as f64);
        markups.push(draw_panel(y, panel, corner, panel_width)?);
    }
    let rows = markups.len().div_ceil(columns);
    (rows > 0)
        .then(|| Drawing { height: PANEL_HEIGHT * rows as f64, marks: html! { @for panel in &markups { (panel) } } })
}

fn draw_panel(y: &Axis, panel: &ShapePanel, (x, top): (f64, f64), width: f64) -> Option<Markup> {
    let (left, right) = (x + LEFT, x + width - RIGHT);
    let (ceiling, floor) = (top + NAME_HEIGHT, top + NAME_HEIGHT + STEPS_HEIGHT);
    let (across, up) = (Scale::new(&panel.x, left, right)?, Scale::new(y, floor, ceiling)?);
    let bottom = floor + DISTRIBUTION_HEIGHT;
    Some(html! {
        (text(left, top + 14.0, Anchor::Start, "label", &truncate_to_width(&panel.name, right - left - Y_NAME_WIDTH)))
        (text(right, top + 14.0, Anchor::End, "name", &y.name))
        @for tick in up.ticks(4.0) {
            @let place = up.place(tick);
            (line("grid", (left, place), (right, place)))
            (text(left - 6.0, place + 4.0, Anchor::End, "figure", &format_tick(tick, y)))
        }
        (line("rule", (left, up.place(0.0)), (right, up.place(0.0))))
        (steps(&panel.steps, across, up))
        (distribution(&panel.counts, (left, right), (floor + 4.0, bottom)))
        (line("axis", (left, bottom), (right, bottom)))
        @for (tick, label) in labels(&panel.x, across) {
            (text(across.place(tick), bottom + LINE_HEIGHT - 3.0, Anchor::Middle, "figure", &label))
        }
    })
}

/// The labeled values of the horizontal axis, at most about four.
fn labels(axis: &Axis, scale: Scale) -> Vec<(f64, String)> {
    if axis.labels.is_empty() {
        return scale.ticks(4.0).into_iter().map(|tick| (tick, format_tick(tick, axis))).collect();
    }
    axis.labels.iter().step_by(axis.labels.len().div_ceil(4)).cloned().collect()
}

/// The effect of each range as a horizontal line, connected by vertical ones, with its band.
fn steps(steps: &[EffectStep], across: Scale, up: Scale) -> Markup {
    let corners = |bound: fn(&EffectStep) -> f64| -> Vec<(f64, f64)> {
        let ends = steps.iter().flat_map(|step| [step.from, step.to].map(|end| (end, bound(step))));
        ends.filter(|(end, bound)| end.is_finite() && bound.is_finite())
            .map(|(end, bound)| (across.place(end), up.place(bound)))
            .collect()
    };
    let (low, high) = (corners(|step| step.low), corners(|step| step.high));
    html! {
        polygon class="spread series-1" points=(points(high.into_iter().chain(low.into_iter().rev()))) {}
        polyline class="curve series-1" points=(points(corners(|step| step.value))) {}
    }
}

/// The number of customers in each bin, relative to the largest one.
fn distribution(counts: &[u64], (left, right): (f64, f64), (top, bottom): (f64, f64)) -> Markup {
    let largest = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let edge = |bin: usize| left + (right - left) * bin as f64 / counts.len().max(1) as f64;
    html! {
        @for (bin, members) in counts.iter().enumerate().filter(|(_, members)| **members > 0) {
            @let height = ((bottom - top) * *members as f64 / largest).max(0.75);
            (rectangle("strip series-3", (edge(bin), bottom - height), (edge(bin + 1), bottom)))
        }
    }
}
