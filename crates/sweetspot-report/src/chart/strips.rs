//! One strip per group, mirrored about its own center line: the distribution of the group's members.

use maud::{Markup, html};

use super::scale::{Scale, format_tick};
use super::svg_elements::{Anchor, line, rectangle, text, truncate_to_width};
use super::{Drawing, LINE_HEIGHT, Width};
use crate::chart_data::DistributionStrip;
use crate::document::{Axis, ReferenceLine};
use crate::format::format_count;

/// The maximum number of strips in the drawing; the table contains the others.
const MAX_STRIPS: usize = 6;
/// The space above the strips, and for the label of each cut.
const TOP: f64 = 8.0;
const BOTTOM: f64 = 44.0;
/// The height of a strip, including its label.
const ROW_HEIGHT: f64 = 82.0;
const HALF_STRIP_HEIGHT: f64 = 26.0;

/// Draws strips. `None` if no group has members.
pub(super) fn draw(
    axis: &Axis,
    strips: &[DistributionStrip],
    lines: &[ReferenceLine],
    width: Width,
) -> Option<Drawing> {
    let (left, right) = (10.0, width.units() - 10.0);
    let scale = Scale::new(axis, left, right)?;
    let known: Vec<&DistributionStrip> = strips.iter().filter(|strip| strip.members() > 0).take(MAX_STRIPS).collect();
    if known.is_empty() {
        return None;
    }
    // Each cut label has its own line of text, so that no labels overlap.
    let cuts: Vec<&ReferenceLine> = lines.iter().filter(|cut| cut.value.is_finite()).collect();
    let top = TOP + LINE_HEIGHT * cuts.len() as f64;
    let bottom = top + ROW_HEIGHT * known.len() as f64;
    let ticks = if width == Width::Narrow { 5.0 } else { 10.0 };
    let marks = html! {
        @for tick in scale.ticks(ticks) {
            @let place = scale.place(tick);
            (line("grid", (place, top), (place, bottom)))
            (text(place, bottom + LINE_HEIGHT, Anchor::Middle, "figure", &format_tick(tick, axis)))
        }
        @for (index, strip) in known.iter().enumerate() { (strip_shape(strip, index, (left, right), top + ROW_HEIGHT * index as f64)) }
        @for (row, cut) in cuts.iter().enumerate() {
            (cut_label(cut, scale.place(cut.value), (left, right), (TOP + LINE_HEIGHT * row as f64, bottom)))
        }
        (text(right, bottom + 2.0 * LINE_HEIGHT, Anchor::End, "name", &axis.name))
    };
    Some(Drawing { height: bottom + BOTTOM, marks })
}

/// A cut with its label, on the side with enough space.
fn cut_label(cut: &ReferenceLine, place: f64, (left, right): (f64, f64), (top, bottom): (f64, f64)) -> Markup {
    let (anchor, label_x, room) = if place > f64::midpoint(left, right) {
        (Anchor::End, place - 5.0, place - left)
    } else {
        (Anchor::Start, place + 5.0, right - place)
    };
    html! {
        (line("rule", (place, top), (place, bottom)))
        (text(label_x, top + 12.0, anchor, "label", &truncate_to_width(&cut.name, room - 5.0)))
    }
}

/// The shape of a group's bins, relative to its largest bin.
fn strip_shape(strip: &DistributionStrip, index: usize, (left, right): (f64, f64), top: f64) -> Markup {
    let middle = top + LINE_HEIGHT + 6.0 + HALF_STRIP_HEIGHT;
    let fullest = strip.counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let bins = strip.counts.len().max(1) as f64;
    let edge = |bin: usize| left + (right - left) * bin as f64 / bins;
    let name = format!("{} ({})", strip.name, format_count(strip.members()));
    html! {
        (line("grid", (left, middle), (right, middle)))
        @for (bin, members) in strip.counts.iter().enumerate().filter(|(_, members)| **members > 0) {
            @let half = (HALF_STRIP_HEIGHT * *members as f64 / fullest).max(0.75);
            (rectangle(&format!("strip series-{}", index % 3 + 1), (edge(bin) + 0.5, middle - half), (edge(bin + 1) - 0.5, middle + half)))
        }
        (text(left, top + 15.0, Anchor::Start, "label", &truncate_to_width(&name, right - left)))
    }
}
