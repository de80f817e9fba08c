//! One document of the page: its blocks, one after the other.

use maud::{Markup, html};

use super::Page;
use super::cards::cards;
use super::figure::figure;
use super::pond::pond;
use super::table::table;
use crate::document::{Block, Tone};
use crate::report::Part;

/// A document as a section of the page. One that does not begin with a heading gets its title.
pub(super) fn part(page: &mut Page, part: &Part) -> Markup {
    let titled = matches!(part.blocks.first(), Some(Block::Heading(1, _)));
    let title = if titled { Markup::default() } else { page.headings.add(1, part.document.title()) };
    // The heading's id is known once it is written.
    let (first, others) = part.blocks.split_at(usize::from(titled));
    let opening: Vec<Markup> = first.iter().map(|one| block(page, one)).collect();
    let id = page.headings.latest().to_owned();
    let others: Vec<Markup> = others.iter().map(|one| block(page, one)).collect();
    html! {
        section aria-labelledby=(id) {
            (title)
            @for block in opening.iter().chain(&others) { (block) }
        }
    }
}

fn block(page: &mut Page, block: &Block) -> Markup {
    match block {
        Block::Heading(level, text) => page.headings.add(*level, text),
        Block::Text(text) => html! { p { (text) } },
        Block::Told(tone, text) => told(*tone, text),
        Block::List(items) => html! { ul.list { @for item in items { li { (item) } } } },
        Block::Table(one) => table(&mut page.regions, one),
        Block::Chart(chart) => figure(page, chart),
        Block::Cards(all) => cards(all),
        Block::Pond(bands) => pond(page, bands),
    }
}

/// A paragraph that stands out, and says as what: not by its colour alone.
fn told(tone: Tone, text: &str) -> Markup {
    match tone {
        Tone::Finding => html! { p.finding { (text) } },
        Tone::Caution => html! { p.told.caution { strong { "Bear in mind" } " " (text) } },
        Tone::Missing => html! { p.told.missing { strong { "Not yet known" } " " (text) } },
    }
}
