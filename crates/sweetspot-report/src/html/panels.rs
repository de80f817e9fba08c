//! Panels next to each other, and rates as bars.

use maud::{Markup, html};

use super::PageState;
use crate::document::{Panel, PanelLine, RateBar};

/// Renders the panels.
pub(super) fn panels(page: &mut PageState, panels: &[Panel]) -> Markup {
    let headings: Vec<Markup> = panels.iter().map(|panel| page.headings.add(2, &panel.title)).collect();
    html! {
        div.panels {
            @for (panel, heading) in panels.iter().zip(&headings) {
                div.panel {
                    (heading)
                    @if let Some(lead) = &panel.lead { p { (lead) } }
                    @if !panel.lines.is_empty() {
                        ul { @for PanelLine { lead, text } in &panel.lines { li { strong { (lead) ":" } " " (text) } } }
                    }
                }
            }
        }
    }
}

/// Renders the bars. Their texts state the rates, so the bars themselves are decoration.
pub(super) fn rate_bars(bars: &[RateBar]) -> Markup {
    html! {
        div.rates {
            @for (index, RateBar { name, rate, label }) in bars.iter().enumerate() {
                p.rate {
                    span.name { (name) }
                    svg.track viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                        rect.level.first[index == 0] width=(format!("{:.1}", rate.clamp(0.0, 1.0) * 100.0)) height="4" {}
                    }
                    span.label { (label) }
                }
            }
        }
    }
}
