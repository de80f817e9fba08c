//! Two axes with their grid: what curves and dots are drawn over.

use maud::{Markup, html};

use super::scale::{Scale, written};
use super::write::{Anchor, line, text};
use super::{LINE, Width};
use crate::document::{Axis, Line};

/// Room for the figures of the axis up, for its name, and for the figures and name of the axis across.
const LEFT: f64 = 52.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 44.0;
const RIGHT: f64 = 16.0;

/// The plane between two axes.
#[derive(Debug)]
pub(super) struct Plane {
    pub(super) x: Scale,
    pub(super) y: Scale,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Plane {
    /// A plane of this height, axes and their texts included.
    pub(super) fn new(x: &Axis, y: &Axis, width: Width, height: f64) -> Option<Self> {
        let (left, right, top, bottom) = (LEFT, width.units() - RIGHT, TOP, height - BOTTOM);
        Some(Self { x: Scale::new(x, left, right)?, y: Scale::new(y, bottom, top)?, left, right, top, bottom })
    }

    /// The place of a point; nothing where it is none.
    pub(super) fn place(&self, point: (f64, f64)) -> Option<(f64, f64)> {
        (point.0.is_finite() && point.1.is_finite()).then(|| (self.x.place(point.0), self.y.place(point.1)))
    }

    /// The grid, the axes, their figures and names.
    pub(super) fn draw(&self, x: &Axis, y: &Axis, width: Width) -> Markup {
        let across = match width {
            Width::Narrow => 5.0,
            Width::Wide => 10.0,
        };
        html! {
            @for tick in self.y.ticks(5.0) {
                @let place = self.y.place(tick);
                (line("grid", (self.left, place), (self.right, place)))
                (text(self.left - 8.0, place + 4.0, Anchor::End, "figure", &written(tick, y)))
            }
            @for tick in self.x.ticks(across) {
                @let place = self.x.place(tick);
                (line("tick", (place, self.bottom), (place, self.bottom + 5.0)))
                (text(place, self.bottom + 5.0 + LINE - 3.0, Anchor::Middle, "figure", &written(tick, x)))
            }
            (line("axis", (self.left, self.bottom), (self.right, self.bottom)))
            (text(0.0, 13.0, Anchor::Start, "name", &y.name))
            (text(self.right, self.bottom + 5.0 + 2.0 * LINE - 1.0, Anchor::End, "name", &x.name))
        }
    }

    /// A straight line at a value of one axis, with its name.
    pub(super) fn straight(&self, line_at: &Line) -> Markup {
        if !line_at.at.is_finite() {
            return Markup::default();
        }
        if line_at.across {
            let place = self.x.place(line_at.at);
            let (anchor, beside) =
                if place > f64::midpoint(self.left, self.right) { (Anchor::End, -5.0) } else { (Anchor::Start, 5.0) };
            let name = text(place + beside, self.top + 12.0, anchor, "label", &line_at.name);
            return html! { (line("rule", (place, self.top), (place, self.bottom))) (name) };
        }
        let place = self.y.place(line_at.at);
        let name = text(self.right, place - 5.0, Anchor::End, "label", &line_at.name);
        html! { (line("rule", (self.left, place), (self.right, place))) (name) }
    }
}
