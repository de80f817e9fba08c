//! The Pond Map, one column per section: factors against an account above the waterline, factors for it below.

use maud::{Markup, html};

use super::PageState;
use crate::document::{PondMapColumn, PondMapEntry};

/// The map. Each side is a labeled list, so that its content does not depend on the layout.
pub(super) fn pond(page: &mut PageState, bands: &[PondMapColumn]) -> Markup {
    let headings: Vec<Markup> = bands.iter().map(|band| page.headings.add(3, &band.name)).collect();
    html! {
        div.pond {
            @for (band, heading) in bands.iter().zip(&headings) {
                div.band {
                    (heading)
                    div.above { (side("Above the waterline: counts against", &band.negatives, "−")) }
                    div.below { (side("Below the waterline: counts for", &band.positives, "+")) }
                }
            }
        }
    }
}

fn side(name: &str, marks: &[PondMapEntry], sign: &str) -> Markup {
    html! {
        p.side { (name) }
        @if marks.is_empty() {
            p.nothing { "nothing known" }
        } @else {
            ul { @for mark in marks { (chip(mark, sign)) } }
        }
    }
}

fn chip(mark: &PondMapEntry, sign: &str) -> Markup {
    html! {
        li {
            span.factor { span.sign aria-hidden="true" { (sign) } " " (mark.text) }
            @if !mark.severity.is_empty() { " " strong.severity { (mark.severity) } }
            @if !mark.source.is_empty() { " " small { (mark.source) } }
            @if !mark.matching.is_empty() { " " small { (mark.matching) } }
        }
    }
}
