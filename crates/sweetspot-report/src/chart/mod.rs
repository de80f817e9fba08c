//! Charts as SVG. Each is drawn twice, for wide and for narrow screens, so that its text is as large as the surrounding
//! text.
//!
//! Deterministic: the same chart gives the same bytes. Colors are classes of the page's style, and never the only
//! carrier of information. A chart without data has no drawing; the table next to it contains the numbers.

mod axes;
mod bars;
mod curve_labels;
mod curves;
mod scale;
mod scatter;
mod shapes;
mod strips;
mod svg_elements;
mod waterfall;

use maud::{Markup, html};
use svg_elements::coordinate;

use super::document::{Chart, ChartKind};

/// The height of a line of text.
const LINE_HEIGHT: f64 = 17.0;

/// The width of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// For a phone.
    Narrow,
    /// For a page.
    Wide,
}

impl Width {
    /// In drawing units, which are close to screen pixels.
    const fn units(self) -> f64 {
        match self {
            Self::Narrow => 360.0,
            Self::Wide => 720.0,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Narrow => "narrow",
            Self::Wide => "wide",
        }
    }
}

/// The shapes and the height of a drawing.
#[derive(Debug)]
struct Drawing {
    height: f64,
    marks: Markup,
}

/// The drawings of a chart, whose ids all begin with `id`. `None` if there is nothing to draw.
pub(crate) fn draw(chart: &Chart, id: &str) -> Option<Markup> {
    let (narrow, wide) = (draw_kind(&chart.kind, Width::Narrow)?, draw_kind(&chart.kind, Width::Wide)?);
    let figure = |width: Width, drawing: &Drawing| {
        let (title, description) = (format!("{id}-{}-title", width.class()), format!("{id}-{}-desc", width.class()));
        html! {
            svg class={ "drawing " (width.class()) } viewBox={ "0 0 " (coordinate(width.units())) " " (coordinate(drawing.height)) }
                role="img" aria-labelledby={ (title) " " (description) } {
                title id=(title) { (chart.finding) }
                desc id=(description) { (chart.description) }
                g aria-hidden="true" { (drawing.marks) }
            }
        }
    };
    Some(html! { (figure(Width::Wide, &wide)) (figure(Width::Narrow, &narrow)) })
}

fn draw_kind(kind: &ChartKind, width: Width) -> Option<Drawing> {
    match kind {
        ChartKind::Curves { x, y, curves, lines } => curves::draw((x, y), curves, lines, width),
        ChartKind::Bars { axis, bars, origin, reference, is_dot_plot: dots } => {
            bars::draw(axis, bars, (*origin, reference), *dots, width)
        }
        ChartKind::Dots { x, y, dots, diagonal } => scatter::draw((x, y), dots, diagonal, width),
        ChartKind::Strips { axis, strips, lines } => strips::draw(axis, strips, lines, width),
        ChartKind::Shapes { y, panels } => shapes::draw(y, panels, width),
        ChartKind::Waterfall { axis, start, start_label: from, steps, end_label: to } => {
            waterfall::draw(axis, (*start, from), steps, to, width)
        }
    }
}

#[cfg(test)]
mod tests;
