//! From one value to another in steps that add up.

use maud::{Markup, html};
use sweetspot_model::probability;

use super::scale::{Scale, written};
use super::write::{Anchor, fitting, line, rectangle, text, width_of};
use super::{Drawn, LINE, Width};
use crate::document::Axis;
use crate::drawn::Step;
use crate::percent;

/// Steps that are drawn.
const MOST: usize = 12;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 59.0;

/// Draws steps of log-odds, and below their figures the probabilities that they stand for; nothing where they do not lead anywhere.
pub(super) fn draw(axis: &Axis, (start, from): (f64, &str), steps: &[Step], to: &str, width: Width) -> Option<Drawn> {
    if !start.is_finite() || steps.iter().any(|step| !step.by.is_finite()) || steps.is_empty() {
        return None;
    }
    let (left, right, row) = match width {
        Width::Narrow => (8.0, width.units() - 8.0, 42.0),
        Width::Wide => (230.0, width.units() - 90.0, 28.0),
    };
    let scale = Scale::new(axis, left, right)?;
    let shown = steps.get(..MOST.min(steps.len())).unwrap_or_default();
    let bottom = TOP + row * (shown.len() + 2) as f64;
    let end = steps.iter().fold(start, |at, step| at + step.by);
    let at = |index: usize| TOP + row * index as f64;
    let mut reached = start;
    let marks = html! {
        @for tick in scale.ticks(6.0) {
            @let place = scale.place(tick);
            (line("grid", (place, TOP), (place, bottom)))
            (text(place, bottom + LINE, Anchor::Middle, "figure", &written(tick, axis)))
            (text(place, bottom + 2.0 * LINE, Anchor::Middle, "figure", &percent(probability(tick))))
        }
        (level(&scale, start, from, (at(0), row), width))
        @for (index, step) in shown.iter().enumerate() {
            @let before = reached;
            @let () = reached += step.by;
            (one(&scale, step, before, (at(index + 1), row), width))
        }
        (level(&scale, end, to, (at(shown.len() + 1), row), width))
        (text(right, bottom + 3.0 * LINE, Anchor::End, "name", &axis.name))
    };
    Some(Drawn { height: bottom + BOTTOM, marks })
}

/// The middle of the bar in a row.
fn middle(top: f64, row: f64, width: Width) -> f64 {
    match width {
        Width::Narrow => top + row - 12.0,
        Width::Wide => top + row / 2.0,
    }
}

fn named(name: &str, told: &str, (top, row): (f64, f64), width: Width) -> Markup {
    let middle = middle(top, row, width);
    match width {
        Width::Narrow => html! {
            (text(8.0, top + 15.0, Anchor::Start, "label", &fitting(name, 344.0 - width_of(told) - 12.0)))
            (text(352.0, top + 15.0, Anchor::End, "figure", told))
        },
        Width::Wide => html! {
            (text(218.0, middle + 4.5, Anchor::End, "label", &fitting(name, 214.0)))
            (text(width.units() - 78.0, middle + 4.5, Anchor::Start, "figure", told))
        },
    }
}

/// The value before the first step, or after the last.
fn level(scale: &Scale, value: f64, name: &str, (top, row): (f64, f64), width: Width) -> Markup {
    let (place, middle) = (scale.place(value), middle(top, row, width));
    html! { (named(name, "", (top, row), width)) (line("level", (place, middle - 9.0), (place, middle + 9.0))) }
}

fn one(scale: &Scale, step: &Step, before: f64, (top, row): (f64, f64), width: Width) -> Markup {
    let (from, to, middle) = (scale.place(before), scale.place(before + step.by), middle(top, row, width));
    let class = if step.by < 0.0 { "bar against" } else { "bar for" };
    html! {
        (named(&step.name, &step.told, (top, row), width))
        (rectangle(class, (from, middle - 7.0), (to, middle + 7.0)))
        (line("tick", (to, middle + 7.0), (to, middle + row - 7.0)))
    }
}
