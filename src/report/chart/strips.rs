//! One strip a group, mirrored about its own line: where the members of each group are.

use maud::{Markup, html};

use super::scale::{Scale, written};
use super::write::{Anchor, fitting, line, rectangle, text};
use super::{Drawn, LINE, Width};
use crate::report::document::{Axis, Line};
use crate::report::drawn::Strip;
use crate::report::words::count;

/// Strips that are drawn; the table has the others.
const MOST: usize = 6;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 44.0;
/// The height of a strip, its name above it included.
const ROW: f64 = 82.0;
const HALF: f64 = 26.0;

/// Draws strips; nothing where no group has members.
pub(super) fn draw(axis: &Axis, strips: &[Strip], lines: &[Line], width: Width) -> Option<Drawn> {
    let (left, right) = (10.0, width.units() - 10.0);
    let scale = Scale::new(axis, left, right)?;
    let known: Vec<&Strip> = strips.iter().filter(|strip| strip.members() > 0).take(MOST).collect();
    if known.is_empty() {
        return None;
    }
    let bottom = TOP + ROW * known.len() as f64;
    let ticks = if width == Width::Narrow { 5.0 } else { 10.0 };
    let marks = html! {
        @for tick in scale.ticks(ticks) {
            @let place = scale.place(tick);
            (line("grid", (place, TOP), (place, bottom)))
            (text(place, bottom + LINE, Anchor::Middle, "figure", &written(tick, axis)))
        }
        @for (index, strip) in known.iter().enumerate() { (shape(strip, index, (left, right))) }
        @for cut in lines.iter().filter(|cut| cut.at.is_finite()) {
            @let place = scale.place(cut.at);
            (line("rule", (place, TOP - 4.0), (place, bottom)))
            (text(place, TOP - 9.0, Anchor::Middle, "label", &cut.name))
        }
        (text(right, bottom + 2.0 * LINE, Anchor::End, "name", &axis.name))
    };
    Some(Drawn { height: bottom + BOTTOM, marks })
}

/// A group's bins, as high as their share of its fullest.
fn shape(strip: &Strip, index: usize, (left, right): (f64, f64)) -> Markup {
    let top = TOP + ROW * index as f64;
    let middle = top + LINE + 6.0 + HALF;
    let fullest = strip.counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let bins = strip.counts.len().max(1) as f64;
    let edge = |bin: usize| left + (right - left) * bin as f64 / bins;
    let name = format!("{} ({})", strip.name, count(strip.members()));
    html! {
        (line("grid", (left, middle), (right, middle)))
        @for (bin, members) in strip.counts.iter().enumerate().filter(|(_, members)| **members > 0) {
            @let half = (HALF * *members as f64 / fullest).max(0.75);
            (rectangle(&format!("strip series-{}", index % 3 + 1), (edge(bin) + 0.5, middle - half), (edge(bin + 1) - 0.5, middle + half)))
        }
        (text(left, top + 15.0, Anchor::Start, "label", &fitting(&name, right - left)))
    }
}
