//! One strip a group, mirrored about its own line: where the members of each group are.

use maud::{Markup, html};

use super::scale::{Scale, written};
use super::write::{Anchor, fitting, line, rectangle, text};
use super::{Drawn, LINE, Width};
use crate::document::{Axis, Line};
use crate::drawn::Strip;
use crate::words::count;

/// Strips that are drawn; the table has the others.
const MOST: usize = 6;
/// Room above the strips, and for the name of each cut.
const TOP: f64 = 8.0;
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
    // Each cut has a line of writing of its own, so that no name stands on another.
    let cuts: Vec<&Line> = lines.iter().filter(|cut| cut.at.is_finite()).collect();
    let top = TOP + LINE * cuts.len() as f64;
    let bottom = top + ROW * known.len() as f64;
    let ticks = if width == Width::Narrow { 5.0 } else { 10.0 };
    let marks = html! {
        @for tick in scale.ticks(ticks) {
            @let place = scale.place(tick);
            (line("grid", (place, top), (place, bottom)))
            (text(place, bottom + LINE, Anchor::Middle, "figure", &written(tick, axis)))
        }
        @for (index, strip) in known.iter().enumerate() { (shape(strip, index, (left, right), top + ROW * index as f64)) }
        @for (row, cut) in cuts.iter().enumerate() {
            (named(cut, scale.place(cut.at), (left, right), (TOP + LINE * row as f64, bottom)))
        }
        (text(right, bottom + 2.0 * LINE, Anchor::End, "name", &axis.name))
    };
    Some(Drawn { height: bottom + BOTTOM, marks })
}

/// A cut with its name, on the side where there is room.
fn named(cut: &Line, place: f64, (left, right): (f64, f64), (top, bottom): (f64, f64)) -> Markup {
    let (anchor, beside, room) = if place > f64::midpoint(left, right) {
        (Anchor::End, place - 5.0, place - left)
    } else {
        (Anchor::Start, place + 5.0, right - place)
    };
    html! {
        (line("rule", (place, top), (place, bottom)))
        (text(beside, top + 12.0, anchor, "label", &fitting(&cut.name, room - 5.0)))
    }
}

/// A group's bins, as high as their share of its fullest.
fn shape(strip: &Strip, index: usize, (left, right): (f64, f64), top: f64) -> Markup {
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
