//! Curves over two axes.

use maud::{Markup, html};

use super::axes::PlotArea;
use super::svg_elements::{Anchor, coordinate, points, text};
use super::{Drawing, Width, curve_labels};
use crate::document::{Axis, Curve, ReferenceLine};

/// The maximum number of markers on one curve.
const MAX_MARKERS: usize = 12;

/// Draws curves. `None` if no curve has two points.
pub(super) fn draw((x, y): (&Axis, &Axis), curves: &[Curve], lines: &[ReferenceLine], width: Width) -> Option<Drawing> {
    let height = match width {
        Width::Narrow => 320.0,
        Width::Wide => 400.0,
    };
    let plane = PlotArea::new(x, y, width, height)?;
    let curve_points: Vec<(&Curve, Vec<(f64, f64)>)> = curves
        .iter()
        .map(|curve| (curve, curve.points.iter().filter_map(|point| plane.place(*point)).collect()))
        .filter(|(_, places): &(_, Vec<_>)| places.len() > 1)
        .collect();
    if curve_points.is_empty() {
        return None;
    }
    let (around, along): (Vec<_>, Vec<_>) = curve_points.iter().partition(|(_, places)| is_closed(places));
    let named: Vec<(String, Vec<(f64, f64)>)> =
        along.into_iter().map(|(curve, places)| (curve.name.clone(), places.clone())).collect();
    let classes = classes(curve_points.iter().map(|(curve, _)| *curve));
    let marks = html! {
        (plane.draw(x, y, width))
        @for line in lines { (plane.reference_line(line)) }
        @for ((curve, places), class) in curve_points.iter().zip(&classes) {
            (band(&plane, curve, class))
            @if curve.is_fall_shaded { (fall_area(places)) }
            polyline class={ "curve " (class) } points=(points(places.iter().copied())) {}
        }
        @for ((curve, _), class) in curve_points.iter().zip(&classes) { (point_markers(&plane, curve, class)) }
        @for (curve, places) in around { (closed_curve_name(places, &curve.name)) }
        @for label in curve_labels::place_labels(&plane, &named) {
            (text(label.x, label.y, Anchor::Start, "label", &label.text))
        }
    };
    Some(Drawing { height, marks })
}

/// Whether a curve is closed.
fn is_closed(places: &[(f64, f64)]) -> bool {
    places.len() > 3 && places.first() == places.last()
}

/// The name of a closed curve, at its lower left.
fn closed_curve_name(places: &[(f64, f64)], name: &str) -> Markup {
    let left = places.iter().map(|place| place.0).fold(f64::INFINITY, f64::min);
    let bottom = places.iter().map(|place| place.1).fold(f64::NEG_INFINITY, f64::max);
    text(left + 6.0, bottom - 8.0, Anchor::Start, "label", name)
}

/// The class of each curve: its color and its dashes, which differ even without color.
fn classes<'a>(curves: impl Iterator<Item = &'a Curve>) -> Vec<String> {
    let (mut references, mut others) = (0, 0);
    let class = |curve: &Curve| {
        let (kind, number) = if curve.is_reference { ("reference", &mut references) } else { ("series", &mut others) };
        *number += 1;
        format!("{kind}-{}", (*number - 1) % 3 + 1)
    };
    curves.map(class).collect()
}

/// The interval around a curve.
fn band(plane: &PlotArea, curve: &Curve, class: &str) -> Markup {
    let places = |bound: fn(&(f64, f64)) -> f64| -> Vec<(f64, f64)> {
        let ends = curve.points.iter().zip(&curve.interval);
        ends.filter_map(|(point, interval)| plane.place((point.0, bound(interval)))).collect()
    };
    let (low, high) = (places(|interval| interval.0), places(|interval| interval.1));
    if low.len() < 2 || high.len() < 2 {
        return Markup::default();
    }
    html! { polygon class={ "spread " (class) } points=(points(high.into_iter().chain(low.into_iter().rev()))) {} }
}

/// The area of a curve's decline from its maximum.
fn fall_area(places: &[(f64, f64)]) -> Markup {
    let highest = places.iter().copied().enumerate().min_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
    let Some((index, top)) = highest else { return Markup::default() };
    let falling = places.get(index..).unwrap_or_default();
    let Some(last) = falling.last().filter(|last| last.1 > top.1 + 0.5) else { return Markup::default() };
    html! { polygon class="fall" points=(points(falling.iter().copied().chain([(last.0, top.1)]))) {} }
}

fn point_markers(plane: &PlotArea, curve: &Curve, class: &str) -> Markup {
    let middle = f64::midpoint(plane.left, plane.right);
    html! {
        @for (x, y, name) in curve.marks.iter().take(MAX_MARKERS) {
            @if let Some(place) = plane.place((*x, *y)) {
                circle class={ "mark " (class) } cx=(coordinate(place.0)) cy=(coordinate(place.1)) r="4.5" {}
                @if place.0 > middle {
                    (text(place.0 - 9.0, place.1 - 9.0, Anchor::End, "label", name))
                } @else {
                    (text(place.0 + 9.0, place.1 + 18.0, Anchor::Start, "label", name))
                }
            }
        }
    }
}
