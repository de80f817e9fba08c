//! Dots with their intervals: predicted against observed.

use maud::html;

use super::axes::Plane;
use super::write::{Anchor, at, line, text};
use super::{Drawn, Width};
use crate::document::Axis;
use crate::drawn::Dot;

/// Dots that are drawn; the table has the others.
const MOST: usize = 100;
/// The radius of the dot that stands for the most.
const LARGEST: f64 = 8.0;

/// Draws dots; nothing where there are none.
pub(super) fn draw((x, y): (&Axis, &Axis), dots: &[Dot], diagonal: &str, width: Width) -> Option<Drawn> {
    let height = match width {
        Width::Narrow => 330.0,
        Width::Wide => 420.0,
    };
    let plane = Plane::new(x, y, width, height)?;
    let placed: Vec<(&Dot, (f64, f64))> =
        dots.iter().filter_map(|dot| Some((dot, plane.place((dot.x, dot.y))?))).take(MOST).collect();
    let most = placed.iter().map(|(dot, _)| dot.weight).max()?.max(1);
    // Between the ends that both axes have.
    let (from, to) = (x.from.max(y.from), x.to.min(y.to));
    let (start, end) = (plane.place((from, from))?, plane.place((to, to))?);
    let marks = html! {
        (plane.draw(x, y, width))
        (line("reference-1 curve", start, end))
        // Above the line, where a dot would be far off, and between two lines of the grid.
        @let beside = (start.0 + 0.7 * (end.0 - start.0), start.1 + 0.7 * (end.1 - start.1));
        (text(beside.0 - 8.0, beside.1 + 4.0, Anchor::End, "label", diagonal))
        @for (dot, place) in placed.iter().filter(|(dot, _)| dot.interval.0.is_finite() && dot.interval.1.is_finite()) {
            (line("whisker", (place.0, plane.y.place(dot.interval.0)), (place.0, plane.y.place(dot.interval.1))))
        }
        @for (dot, place) in &placed {
            circle class={ "dot" @if dot.faint { " few" } } cx=(at(place.0)) cy=(at(place.1))
                r=(at(LARGEST * (dot.weight as f64 / most as f64).sqrt().max(0.35))) {}
        }
    };
    Some(Drawn { height, marks })
}
