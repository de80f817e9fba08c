//! The segments as a page.

use sweetspot_core::Spiced;

use super::{Quote, Segment, Segments, SpicedLine, Trait};
use crate::summary::spiced_name;
use crate::{Block, Card, Cell, Head, Share, Table, Tone, count, money, number, percent, plain, plural};

/// What stands where nobody has asked.
const NOT_YET: &str = "not yet interviewed";

/// The page: an overview, then each segment.
#[must_use]
pub fn blocks(view: &Segments) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Segments".to_owned())];
    if view.segments.is_empty() {
        let text = "The data do not separate the ideal customers into segments: they count as one. More ideal customers, or \
                    attributes that separate them, such as the use case, would show segments if there are any.";
        blocks.push(Block::Told(Tone::Missing, text.to_owned()));
        return blocks;
    }
    let kinds = plural(view.segments.len() as u64, "segment", "segments");
    let text = format!(
        "The ideal customers form {kinds}. Each is defined by a rule; if several rules hold, the first counts. {}",
        outside(view.outside)
    );
    blocks.push(Block::Text(text));
    blocks.push(Block::Cards(view.segments.iter().map(|segment| card(segment, view)).collect()));
    blocks.push(Block::Table(overview(view)));
    view.segments.iter().for_each(|segment| blocks.extend(section(segment, view)));
    blocks
}

fn outside(share: Share) -> String {
    let Share { part, of } = share;
    if of == 0 {
        return "Every customer is in one of them.".to_owned();
    }
    format!("{} in none of them ({} ideal).", plural(of, "customer is", "customers are"), count(part))
}

fn card(segment: &Segment, view: &Segments) -> Card {
    let currency = view.currency.as_deref();
    let mut facts = vec![("ideal".to_owned(), rate(segment.ideal))];
    let mut add = |name: &str, told: Option<String>| facts.extend(told.map(|told| (name.to_owned(), told)));
    add("share of value", segment.value_share.map(percent));
    add("value of an ideal customer", segment.value_if_ideal.map(|value| money(value, currency)));
    for size in &segment.sizes {
        add(&format!("median {}", plain(&size.name)), Some(number(size.median)));
    }
    add(
        "more common than elsewhere",
        join(segment.traits.iter().map(|one| format!("{} {}", plain(&one.attribute), one.value))),
    );
    add("use cases", join(segment.use_cases.iter().map(|quote| quote.text.clone())));
    let pain = segment.distinct_pain.as_ref().map_or_else(|| pain(&segment.spiced), |quote| quote.text.clone());
    add("pain", Some(pain));
    add("examples", join(segment.examples.iter().map(|example| example.name.clone())));
    Card { title: segment.name.clone(), line: segment.spot.clone(), facts }
}

fn join(texts: impl Iterator<Item = String>) -> Option<String> {
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The commonest pain, where somebody told one.
fn pain(spiced: &[SpicedLine]) -> String {
    let line = spiced.iter().find(|line| line.part == Spiced::Pain);
    let told = line.and_then(|line| line.quotes.first().map(|quote| &quote.text).or_else(|| line.findings.first()));
    told.map_or_else(|| NOT_YET.to_owned(), String::clone)
}

/// `56% of 120 (95% 47% to 65%)`
fn rate(share: Share) -> String {
    let ((low, high), of) = (share.interval(), count(share.of));
    let told = |rate| format!("{} of {of} (95% {} to {})", percent(rate), percent(low), percent(high));
    share.rate().map_or_else(|| "not yet known".to_owned(), told)
}

fn overview(view: &Segments) -> Table {
    let currency = view.currency.as_deref();
    let row = |segment: &Segment| {
        let Share { part, of } = segment.ideal;
        let value = segment.value.map_or_else(String::new, |value| money(value, currency));
        let mut cells: Vec<Cell> = vec![segment.name.clone().into(), count(of).into(), count(part).into()];
        cells.push(Cell { text: rate(segment.ideal), faint: segment.ideal.is_faint() });
        cells.push(value.into());
        cells.push(segment.value_share.map_or_else(String::new, percent).into());
        cells.push(number(segment.stability).into());
        cells
    };
    let figures = ["customers", "ideal", "rate", "net value", "share of value", "stability"];
    Table {
        caption: "The segments, in the order in which their rules apply".to_owned(),
        columns: std::iter::once(Head::text("segment")).chain(figures.map(Head::figure)).collect(),
        rows: view.segments.iter().map(row).collect(),
    }
}

fn section(segment: &Segment, view: &Segments) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading(2, segment.name.clone()),
        Block::Text(format!("How to recognize one. {}", segment.spot)),
        Block::Told(Tone::Finding, format!("Ideal: {}.", rate(segment.ideal))),
    ];
    if segment.ideal.is_faint() {
        blocks.push(Block::Told(Tone::Caution, "This is based on few customers.".to_owned()));
    }
    if !segment.traits.is_empty() {
        blocks.push(Block::Heading(3, "What they have more often than other ideal customers".to_owned()));
        blocks.push(Block::List(segment.traits.iter().map(told_trait).collect()));
    }
    blocks.push(Block::Heading(3, "What they say".to_owned()));
    if let Some(Quote { text, customers }) = &segment.distinct_pain {
        let said = plural(*customers, "customer", "customers");
        blocks.push(Block::Told(Tone::Finding, format!("The pain that sets them apart: {text} ({said}).")));
    }
    blocks.push(Block::List(segment.spiced.iter().map(said).collect()));
    blocks.push(Block::Heading(3, "Examples".to_owned()));
    let example = |example: &super::Example| match example.value {
        Some(value) => format!("{}: {}", example.name, money(value, view.currency.as_deref())),
        None => example.name.clone(),
    };
    blocks.push(Block::List(segment.examples.iter().map(example).collect()));
    blocks.push(Block::Told(Tone::Missing, "How to approach them: to be written by the team.".to_owned()));
    blocks
}

fn told_trait(one: &Trait) -> String {
    let Trait { attribute, value, here, elsewhere, lift } = one;
    let rate = |share: &Share| share.rate().map_or_else(String::new, percent);
    format!(
        "{} {value}: {} of {} here, {} of {} elsewhere, {}× as often",
        plain(attribute),
        rate(here),
        count(here.of),
        rate(elsewhere),
        count(elsewhere.of),
        number(*lift)
    )
}

fn said(line: &SpicedLine) -> String {
    let quote = |quote: &Quote| format!("{} ({})", quote.text, plural(quote.customers, "customer", "customers"));
    let told: Vec<String> = line.quotes.iter().map(quote).chain(line.findings.iter().cloned()).collect();
    let part = spiced_name(line.part);
    if told.is_empty() { format!("{part}: {NOT_YET}") } else { format!("{part}: {}", told.join("; ")) }
}
