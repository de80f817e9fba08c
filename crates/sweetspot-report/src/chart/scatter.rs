//! Scatter plots of dots with intervals, such as predicted against observed rates.

use maud::html;

use super::axes::PlotArea;
use super::svg_elements::{Anchor, coordinate, line, text};
use super::{Drawing, Width};
use crate::chart_data::Dot;
use crate::document::Axis;

/// The maximum number of dots in the drawing; the table contains the others.
const MAX_DOTS: usize = 100;
/// The radius of the dot with the largest weight.
const MAX_RADIUS: f64 = 8.0;

/// Draws dots. `None` if there are none.
pub(super) fn draw((x, y): (&Axis, &Axis), dots: &[Dot], diagonal: &str, width: Width) -> Option<Drawing> {
    let height = match width {
        Width::Narrow => 330.0,
        Width::Wide => 420.0,
    };
    let plane = PlotArea::new(x, y, width, height)?;
    let positions: Vec<(&Dot, (f64, f64))> =
        dots.iter().filter_map(|dot| Some((dot, plane.place((dot.x, dot.y))?))).take(MAX_DOTS).collect();
    let max_weight = positions.iter().map(|(dot, _)| dot.weight).max()?.max(1);
    // The range that both axes have in common.
    let (from, to) = (x.min.max(y.min), x.max.min(y.max));
    let (start, end) = (plane.place((from, from))?, plane.place((to, to))?);
    let marks = html! {
        (plane.draw(x, y, width))
        (line("reference-1 curve", start, end))
        // Above the line, where dots are unlikely, and between two grid lines.
        @let label = (start.0 + 0.7 * (end.0 - start.0), start.1 + 0.7 * (end.1 - start.1));
        (text(label.0 - 8.0, label.1 + 4.0, Anchor::End, "label", diagonal))
        @for (dot, place) in positions.iter().filter(|(dot, _)| dot.interval.0.is_finite() && dot.interval.1.is_finite()) {
            (line("whisker", (place.0, plane.y.place(dot.interval.0)), (place.0, plane.y.place(dot.interval.1))))
        }
        @for (dot, place) in &positions {
            circle class={ "dot" @if dot.is_faint { " few" } } cx=(coordinate(place.0)) cy=(coordinate(place.1))
                r=(coordinate(MAX_RADIUS * (dot.weight as f64 / max_weight as f64).sqrt().max(0.35))) {}
        }
    };
    Some(Drawing { height, marks })
}
