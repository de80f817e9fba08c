//! A report as one HTML page: no script, nothing loaded from anywhere, to be read on paper, on a screen and by ear.

mod cards;
mod figure;
mod headings;
mod part;
mod pond;
mod table;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::headings::Headings;
use self::part::part;
use self::table::Regions;
use super::report::Report;
use crate::domain::visible;

const STYLE: &str = include_str!("style.css");
/// Nothing but the page's own style may act, whatever a text holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// What is counted while a page is written.
#[derive(Debug, Default)]
struct Page {
    headings: Headings,
    regions: Regions,
    charts: usize,
}

/// The page.
#[must_use]
pub fn page(report: &Report) -> String {
    let mut page = Page::default();
    let parts: Vec<Markup> = report.parts.iter().map(|one| part(&mut page, one)).collect();
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (report.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#report" { "Skip to the report" }
                header {
                    h1 { (report.title) }
                    p { (report.line) }
                }
                div.columns {
                    nav aria-label="Contents" { (page.headings.contents()) }
                    main id="report" tabindex="-1" { @for part in &parts { (part) } }
                }
                footer { p { "Made by sweetspot from your own accounts. Every figure has its number of accounts beside it; grey figures stand on fewer than ten." } }
            }
        }
    };
    // A figure and its sign stay on one line.
    visible(&whole.into_string()).replace(" %", "\u{a0}%")
}
