//! One horizontal bar per row, with its interval.

use maud::{Markup, html};

use super::scale::{Scale, format_tick};
use super::svg_elements::{
    Anchor, coordinate, line, rectangle, text, text_width, truncate_name_to_width, truncate_to_width,
};
use super::{Drawing, LINE_HEIGHT, Width};
use crate::document::{Axis, Bar};

/// The maximum number of bars in the drawing; the table contains the others.
const MAX_BARS: usize = 30;
/// The space for the reference label above the bars, and for the ticks and the name of the axis below them.
const TOP: f64 = 24.0;
const BOTTOM: f64 = 42.0;

/// The geometry of the chart.
struct BarLayout {
    scale: Scale,
    left: f64,
    right: f64,
    /// The height of a row.
    row: f64,
    /// From the top of a row to the middle of its bar.
    middle: f64,
    /// Half the height of a bar.
    half: f64,
}

impl BarLayout {
    fn new(axis: &Axis, bars: &[Bar], width: Width) -> Option<Self> {
        let widest = |text: fn(&Bar) -> &str, max_width: f64| {
            bars.iter().map(|bar| text_width(text(bar))).fold(40.0, f64::max).min(max_width)
        };
        let (left, right, row, middle) = match width {
            Width::Narrow => (8.0, width.units() - 8.0, 46.0, 30.0),
            Width::Wide => {
                let (name, label) = (widest(|bar| &bar.name, 230.0), widest(|bar| &bar.value_label, 200.0));
                (name + 12.0, width.units() - label - 16.0, 28.0, 14.0)
            }
        };
        Some(Self { scale: Scale::new(axis, left, right)?, left, right, row, middle, half: 7.0 })
    }

    fn bottom(&self, rows: usize) -> f64 {
        TOP + self.row * rows as f64
    }
}

/// Draws bars or dots, next to the reference line. `None` if no bar has a finite value.
pub(super) fn draw(
    axis: &Axis,
    bars: &[Bar],
    (origin, reference): (f64, &str),
    dots: bool,
    width: Width,
) -> Option<Drawing> {
    let known: Vec<Bar> = bars.iter().filter(|bar| bar.value.is_finite()).take(MAX_BARS).cloned().collect();
    if known.is_empty() || !origin.is_finite() {
        return None;
    }
    let layout = BarLayout::new(axis, &known, width)?;
    let bottom = layout.bottom(known.len());
    let at_origin = layout.scale.place(origin);
    let marks = html! {
        @for tick in layout.scale.ticks(if width == Width::Narrow { 4.0 } else { 6.0 }) {
            @let place = layout.scale.place(tick);
            (line("grid", (place, TOP), (place, bottom)))
            (text(place, bottom + LINE_HEIGHT, Anchor::Middle, "figure", &format_tick(tick, axis)))
        }
        (line("rule", (at_origin, TOP - 6.0), (at_origin, bottom)))
        @for (index, bar) in known.iter().enumerate() {
            (row_labels(&layout, bar, index, width))
            (row_mark(&layout, bar, origin, layout.bottom(index) + layout.middle, dots))
        }
        (reference_label(&layout, at_origin, reference))
        (text(layout.right, bottom + 2.0 * LINE_HEIGHT, Anchor::End, "name", &axis.name))
    };
    Some(Drawing { height: bottom + BOTTOM, marks })
}

/// The label of the reference line, on the side with enough space.
fn reference_label(layout: &BarLayout, place: f64, reference: &str) -> Markup {
    if place > f64::midpoint(layout.left, layout.right) {
        text(place + 4.0, TOP - 10.0, Anchor::End, "label", reference)
    } else {
        text(place - 4.0, TOP - 10.0, Anchor::Start, "label", reference)
    }
}

/// The texts of a row.
fn row_labels(layout: &BarLayout, bar: &Bar, index: usize, width: Width) -> Markup {
    let top = layout.bottom(index);
    let middle = top + layout.middle;
    html! {
        @match width {
            Width::Narrow => {
                (text(layout.left, top + 15.0, Anchor::Start, "label", &truncate_name_to_width(&bar.name, layout.right - layout.left - text_width(&bar.value_label) - 12.0)))
                (text(layout.right, top + 15.0, Anchor::End, "figure", &truncate_to_width(&bar.value_label, 220.0)))
            }
            Width::Wide => {
                (text(layout.left - 12.0, middle + 4.5, Anchor::End, "label", &truncate_name_to_width(&bar.name, layout.left - 8.0)))
                (text(layout.right + 12.0, middle + 4.5, Anchor::Start, "figure", &truncate_to_width(&bar.value_label, width.units() - layout.right - 10.0)))
            }
        }
    }
}

/// The shapes of a row: the bar below its interval, or the dot on it.
fn row_mark(layout: &BarLayout, bar: &Bar, origin: f64, middle: f64, dots: bool) -> Markup {
    let (from, to) = (layout.scale.place(origin), layout.scale.place(bar.value));
    let side = if bar.value < origin { "against" } else { "for" };
    let class = if bar.is_faint { format!("bar {side} few") } else { format!("bar {side}") };
    html! {
        @if !dots { (rectangle(&class, (from, middle - layout.half), (to, middle + layout.half))) }
        @if let Some((low, high)) = bar.interval.filter(|(low, high)| low.is_finite() && high.is_finite()) {
            (whisker(layout.scale.place(low), layout.scale.place(high), middle))
        }
        @if dots { circle class=(class) cx=(coordinate(to)) cy=(coordinate(middle)) r="5.5" {} }
    }
}

/// An interval: a line with a cap at each end.
fn whisker(low: f64, high: f64, middle: f64) -> Markup {
    html! {
        (line("whisker", (low, middle), (high, middle)))
        (line("whisker", (low, middle - 4.0), (low, middle + 4.0)))
        (line("whisker", (high, middle - 4.0), (high, middle + 4.0)))
    }
}
