//! Charts as SVG: each drawn twice, for a page and for a telephone, so that its text is as large as the text around it.
//!
//! Deterministic: the same chart gives the same bytes. Colours are classes of the page's style, and never say anything
//! alone. Where there is nothing to draw there is no drawing; the table beside it has the numbers.

mod axes;
mod bars;
mod curves;
mod dots;
mod labels;
mod scale;
mod strips;
mod waterfall;
mod write;

use maud::{Markup, html};
use write::at;

use super::document::{Chart, ChartKind};

/// The height of a line of text.
const LINE: f64 = 17.0;

/// How wide a drawing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// For a telephone.
    Narrow,
    /// For a page.
    Wide,
}

impl Width {
    /// In units of the drawing, which are about those of the screen.
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

/// What is drawn, and how high it is.
#[derive(Debug)]
struct Drawn {
    height: f64,
    marks: Markup,
}

/// The drawings of a chart, whose ids all begin with `id`; nothing where there is nothing to draw.
pub(crate) fn draw(chart: &Chart, id: &str) -> Option<Markup> {
    let (narrow, wide) = (drawn(&chart.kind, Width::Narrow)?, drawn(&chart.kind, Width::Wide)?);
    let of = |width: Width, drawn: &Drawn| {
        let (title, description) = (format!("{id}-{}-title", width.class()), format!("{id}-{}-desc", width.class()));
        html! {
            svg class={ "drawing " (width.class()) } viewBox={ "0 0 " (at(width.units())) " " (at(drawn.height)) }
                role="img" aria-labelledby={ (title) " " (description) } {
                title id=(title) { (chart.finding) }
                desc id=(description) { (chart.description) }
                g aria-hidden="true" { (drawn.marks) }
            }
        }
    };
    Some(html! { (of(Width::Wide, &wide)) (of(Width::Narrow, &narrow)) })
}

fn drawn(kind: &ChartKind, width: Width) -> Option<Drawn> {
    match kind {
        ChartKind::Curves { x, y, curves, lines } => curves::draw((x, y), curves, lines, width),
        ChartKind::Bars { axis, bars, origin, reference, dots } => {
            bars::draw(axis, bars, (*origin, reference), *dots, width)
        }
        ChartKind::Dots { x, y, dots, diagonal } => dots::draw((x, y), dots, diagonal, width),
        ChartKind::Strips { axis, strips, lines } => strips::draw(axis, strips, lines, width),
        ChartKind::Waterfall { axis, start, from, steps, to } => {
            waterfall::draw(axis, (*start, from), steps, to, width)
        }
    }
}

#[cfg(test)]
mod tests;
