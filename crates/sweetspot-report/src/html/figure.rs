//! Charts: the finding, the drawing, and the same numbers as a table.

use maud::{Markup, html};

use super::PageState;
use super::table::table;
use crate::chart::draw;
use crate::document::Chart;

/// A chart. Without a drawing, the table is expanded.
pub(super) fn figure(page: &mut PageState, chart: &Chart) -> Markup {
    page.charts += 1;
    let drawing = draw(chart, &format!("chart-{}", page.charts));
    let data = table(&mut page.regions, &chart.table);
    html! {
        figure {
            figcaption { (chart.finding) }
            @if let Some(drawing) = drawing {
                (drawing)
                details { summary { "View data" } (data) }
            } @else {
                p.undrawn { "There is too little to draw." }
                (data)
            }
        }
    }
}
