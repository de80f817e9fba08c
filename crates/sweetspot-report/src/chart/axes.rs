//! Two axes with a grid, over which curves and dots are drawn.

use maud::{Markup, html};

use super::scale::{Scale, format_tick};
use super::svg_elements::{Anchor, line, text};
use super::{LINE_HEIGHT, Width};
use crate::document::{Axis, ReferenceLine};

/// The space for the ticks and the name of the vertical axis, and for the ticks and the name of the horizontal one.
const LEFT: f64 = 52.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 44.0;
const RIGHT: f64 = 16.0;

/// The area between two axes.
#[derive(Debug)]
pub(super) struct PlotArea {
    pub(super) x: Scale,
    pub(super) y: Scale,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl PlotArea {
    /// Creates a plot area of this height, which includes the axes and their labels. `None` if an axis has no length.
    pub(super) fn new(x: &Axis, y: &Axis, width: Width, height: f64) -> Option<Self> {
        let (left, right, top, bottom) = (LEFT, width.units() - RIGHT, TOP, height - BOTTOM);
        Some(Self { x: Scale::new(x, left, right)?, y: Scale::new(y, bottom, top)?, left, right, top, bottom })
    }

    /// The coordinates of a point; `None` if it is not finite.
    pub(super) fn place(&self, point: (f64, f64)) -> Option<(f64, f64)> {
        (point.0.is_finite() && point.1.is_finite()).then(|| (self.x.place(point.0), self.y.place(point.1)))
    }

    /// Draws the grid and the axes with their ticks and names.
    pub(super) fn draw(&self, x: &Axis, y: &Axis, width: Width) -> Markup {
        let across = match width {
            Width::Narrow => 5.0,
            Width::Wide => 10.0,
        };
        html! {
            @for tick in self.y.ticks(5.0) {
                @let place = self.y.place(tick);
                (line("grid", (self.left, place), (self.right, place)))
                (text(self.left - 8.0, place + 4.0, Anchor::End, "figure", &format_tick(tick, y)))
            }
            @for (tick, label) in self.labels(x, across) {
                @let place = self.x.place(tick);
                (line("tick", (place, self.bottom), (place, self.bottom + 5.0)))
                (text(place, self.bottom + 5.0 + LINE_HEIGHT - 3.0, Anchor::Middle, "figure", &label))
            }
            (line("axis", (self.left, self.bottom), (self.right, self.bottom)))
            (text(0.0, 13.0, Anchor::Start, "name", &y.name))
            (text(self.right, self.bottom + 5.0 + 2.0 * LINE_HEIGHT - 1.0, Anchor::End, "name", &x.name))
        }
    }

    /// The labeled values of the horizontal axis, about `max_labels` at most.
    fn labels(&self, x: &Axis, max_labels: f64) -> Vec<(f64, String)> {
        if x.labels.is_empty() {
            return self.x.ticks(max_labels).into_iter().map(|tick| (tick, format_tick(tick, x))).collect();
        }
        let step = (x.labels.len() as f64 / max_labels).ceil() as usize;
        x.labels.iter().step_by(step.max(1)).cloned().collect()
    }

    /// A straight line at a value of one axis, with its label.
    pub(super) fn reference_line(&self, line_at: &ReferenceLine) -> Markup {
        if !line_at.value.is_finite() {
            return Markup::default();
        }
        if line_at.is_vertical {
            let place = self.x.place(line_at.value);
            let (anchor, offset) =
                if place > f64::midpoint(self.left, self.right) { (Anchor::End, -5.0) } else { (Anchor::Start, 5.0) };
            let name = text(place + offset, self.top + 12.0, anchor, "label", &line_at.name);
            return html! { (line("rule", (place, self.top), (place, self.bottom))) (name) };
        }
        let place = self.y.place(line_at.value);
        let name = text(self.right, place - 5.0, Anchor::End, "label", &line_at.name);
        html! { (line("rule", (self.left, place), (self.right, place))) (name) }
    }
}
