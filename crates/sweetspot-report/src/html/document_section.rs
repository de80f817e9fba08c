//! One document of the page: its blocks in order.

use maud::{Markup, html};

use super::PageState;
use super::cards::cards;
use super::figure::figure;
use super::panels::{panels, rate_bars};
use super::pond_map::pond;
use super::table::table;
use crate::document::{Block, CalloutKind};
use crate::report::{Document, ReportPart};

/// Renders a document as a section of the page. If it does not begin with a heading, its title becomes one.
pub(super) fn part(page: &mut PageState, part: &ReportPart) -> Markup {
    let titled = matches!(part.blocks.first(), Some(Block::Heading(1, _)));
    let title = if titled { Markup::default() } else { page.headings.add(1, part.document.title()) };
    // The heading's id is known after rendering it.
    let (first, others) = part.blocks.split_at(usize::from(titled));
    let opening: Vec<Markup> = first.iter().map(|content| block(page, content)).collect();
    let id = page.headings.last_id().to_owned();
    let others: Vec<Markup> = others.iter().map(|content| block(page, content)).collect();
    html! {
        section aria-labelledby=(id) class=[(part.document == Document::Overview).then_some("overview")] {
            (title)
            @for block in opening.iter().chain(&others) { (block) }
        }
    }
}

fn block(page: &mut PageState, block: &Block) -> Markup {
    match block {
        Block::Heading(level, text) => page.headings.add(*level, text),
        Block::Text(text) => html! { p { (text) } },
        Block::Callout(tone, text) => callout(*tone, text),
        Block::List(items) => html! { ul.list { @for item in items { li { (item) } } } },
        Block::Table(one) => table(&mut page.regions, one),
        Block::Chart(chart) => figure(page, chart),
        Block::Cards(all) => cards(all),
        Block::Pond(bands) => pond(page, bands),
        Block::Panels(all) => panels(page, all),
        Block::RateBars(bars) => rate_bars(bars),
    }
}

/// A highlighted paragraph with a label, so that color is not the only carrier of its meaning.
fn callout(tone: CalloutKind, text: &str) -> Markup {
    match tone {
        CalloutKind::Finding => html! { p.finding { (text) } },
        CalloutKind::Caution => html! { p.callout.caution { strong { "Bear in mind" } " " (text) } },
        CalloutKind::Missing => html! { p.callout.missing { strong { "Not yet known" } " " (text) } },
    }
}
