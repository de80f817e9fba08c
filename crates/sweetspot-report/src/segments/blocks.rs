//! The segments as blocks.

use sweetspot_core::SpicedPart;

use super::{DistinctTrait, Quote, SegmentProfile, SegmentProfiles, SpicedPartAnswers};
use crate::format::to_sentence;
use crate::summary::spiced_name;
use crate::{
    Block, CalloutKind, Card, ColumnHead, Proportion, Table, TableCell, format_count, format_money, format_number,
    format_percent, plural,
};

/// The text of a part without interviews.
const NOT_INTERVIEWED: &str = "not yet interviewed";

/// The document: an overview, then each segment.
#[must_use]
pub fn blocks(view: &SegmentProfiles) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Segments".to_owned())];
    if view.segments.is_empty() {
        let text = "The data do not separate the ideal customers into segments: they count as one. More ideal customers, or \
                    attributes that separate them, such as the use case, would show segments if there are any.";
        let text = if view.note.is_empty() { text.to_owned() } else { format!("{text} {}", to_sentence(&view.note)) };
        blocks.push(Block::Callout(CalloutKind::Missing, text));
        blocks.extend(findings_without_segment(view));
        return blocks;
    }
    let kinds = plural(view.segments.len() as u64, "segment", "segments");
    let text = format!(
        "The ideal customers form {kinds}. Each is defined by a rule; if several rules hold, the first counts. {}{}",
        outside(view.outside),
        put_out(view.put_out)
    );
    blocks.push(Block::Text(text));
    if !view.note.is_empty() {
        blocks.push(Block::Callout(CalloutKind::Caution, to_sentence(&view.note)));
    }
    blocks.push(Block::Cards(view.segments.iter().map(|segment| card(segment, view)).collect()));
    blocks.push(Block::Table(overview(view)));
    view.segments.iter().for_each(|segment| blocks.extend(section(segment, view)));
    blocks.extend(findings_without_segment(view));
    let text = "How to approach each segment: to be written by the team.";
    blocks.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
    blocks
}

fn findings_without_segment(view: &SegmentProfiles) -> Vec<Block> {
    if view.findings_without_segment.is_empty() {
        return Vec::new();
    }
    vec![
        Block::Heading(2, "Findings on segments of other versions".to_owned()),
        Block::List(view.findings_without_segment.clone()),
    ]
}

/// The customers that an exclusion rule puts out.
pub(super) fn put_out(share: Proportion) -> String {
    let Proportion { part, total } = share;
    if total == 0 {
        return String::new();
    }
    let (customers, verb) = (plural(total, "customer", "customers"), if total == 1 { "counts" } else { "count" });
    format!(" An exclusion rule puts out {customers} ({} ideal), which {verb} in no segment.", format_count(part))
}

fn outside(share: Proportion) -> String {
    let Proportion { part, total: of } = share;
    if of == 0 {
        return "Every customer is in one of them.".to_owned();
    }
    format!("{} in none of them ({} ideal).", plural(of, "customer is", "customers are"), format_count(part))
}

fn card(segment: &SegmentProfile, view: &SegmentProfiles) -> Card {
    let currency = view.currency.as_deref();
    let mut facts = vec![("ideal".to_owned(), rate(segment.ideal))];
    let mut add = |name: &str, fact: Option<String>| facts.extend(fact.map(|fact| (name.to_owned(), fact)));
    add("share of value", segment.value_share.map(format_percent));
    add("value of an ideal customer", segment.value_if_ideal.map(|value| format_money(value, currency)));
    for size in &segment.sizes {
        add(&format!("median {}", size.name), Some(format_number(size.median)));
    }
    add(
        "more common than elsewhere",
        join(segment.traits.iter().map(|distinct_trait| distinct_trait.attribute.phrase(&distinct_trait.value))),
    );
    add("use cases", join(segment.use_cases.iter().map(|quote| quote.text.clone())));
    let pain = segment.distinct_pain.as_ref().map_or_else(|| pain(&segment.spiced), |quote| quote.text.clone());
    add("pain", Some(pain));
    add("examples", join(segment.examples.iter().map(|example| example.name.clone())));
    Card { title: segment.name.clone(), subtitle: segment.rule_sentence.clone(), facts }
}

fn join(texts: impl Iterator<Item = String>) -> Option<String> {
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The most frequent pain, if any is known.
fn pain(spiced: &[SpicedPartAnswers]) -> String {
    let line = spiced.iter().find(|line| line.part == SpicedPart::Pain);
    let answer = line.and_then(|line| line.quotes.first().map(|quote| &quote.text).or_else(|| line.findings.first()));
    answer.map_or_else(|| NOT_INTERVIEWED.to_owned(), String::clone)
}

/// `56% of 120 (95% 47% to 65%)`
fn rate(share: Proportion) -> String {
    let ((low, high), total) = (share.interval(), format_count(share.total));
    let lines =
        |rate| format!("{} of {total} (95% {} to {})", format_percent(rate), format_percent(low), format_percent(high));
    share.rate().map_or_else(|| "not yet known".to_owned(), lines)
}

fn overview(view: &SegmentProfiles) -> Table {
    let currency = view.currency.as_deref();
    let row = |segment: &SegmentProfile| {
        let Proportion { part, total: of } = segment.ideal;
        let value = segment.value.map_or_else(String::new, |value| format_money(value, currency));
        let mut cells: Vec<TableCell> =
            vec![segment.name.clone().into(), format_count(of).into(), format_count(part).into()];
        cells.push(TableCell { text: rate(segment.ideal), is_faint: segment.ideal.is_faint() });
        cells.push(value.into());
        cells.push(segment.value_share.map_or_else(String::new, format_percent).into());
        cells.push(format_number(segment.stability).into());
        cells
    };
    let figures = ["customers", "ideal", "rate", "net value", "share of value", "stability"];
    Table {
        caption: "The segments, in the order in which their rules apply".to_owned(),
        columns: std::iter::once(ColumnHead::text("segment")).chain(figures.map(ColumnHead::figure)).collect(),
        rows: view.segments.iter().map(row).collect(),
    }
}

fn section(segment: &SegmentProfile, view: &SegmentProfiles) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading(2, segment.name.clone()),
        Block::Text(format!("How to recognize one. {}", segment.rule_sentence)),
        Block::Callout(CalloutKind::Finding, format!("Ideal: {}.", rate(segment.ideal))),
    ];
    if segment.ideal.is_faint() {
        blocks.push(Block::Callout(CalloutKind::Caution, "This is based on few customers.".to_owned()));
    }
    if !segment.traits.is_empty() {
        blocks.push(Block::Heading(3, "What they have more often than other ideal customers".to_owned()));
        blocks.push(Block::List(segment.traits.iter().map(trait_text).collect()));
    }
    blocks.push(Block::Heading(3, "What they say".to_owned()));
    if let Some(Quote { text, customers }) = &segment.distinct_pain {
        let count = plural(*customers, "customer", "customers");
        blocks.push(Block::Callout(CalloutKind::Finding, format!("The pain that sets them apart: {text} ({count}).")));
    }
    if segment.spiced.iter().all(|line| line.quotes.is_empty() && line.findings.is_empty()) {
        blocks.push(Block::Text(to_sentence(NOT_INTERVIEWED)));
    } else {
        blocks.push(Block::List(segment.spiced.iter().map(spiced_text).collect()));
    }
    let example = |example: &super::ExampleCustomer| match example.value {
        Some(value) => format!("{}: {}", example.name, format_money(value, view.currency.as_deref())),
        None => example.name.clone(),
    };
    blocks.extend(
        join(segment.examples.iter().map(example)).map(|examples| Block::Text(format!("Examples: {examples}."))),
    );
    blocks
}

fn trait_text(distinct_trait: &DistinctTrait) -> String {
    let DistinctTrait { attribute, value, here, elsewhere, lift } = distinct_trait;
    let rate = |share: &Proportion| share.rate().map_or_else(String::new, format_percent);
    format!(
        "{}: {} of {} here, {} of {} elsewhere, {}× as often",
        attribute.phrase(value),
        rate(here),
        format_count(here.total),
        rate(elsewhere),
        format_count(elsewhere.total),
        format_number(*lift)
    )
}

fn spiced_text(line: &SpicedPartAnswers) -> String {
    let quote = |quote: &Quote| format!("{} ({})", quote.text, plural(quote.customers, "customer", "customers"));
    let texts: Vec<String> = line.quotes.iter().map(quote).chain(line.findings.iter().cloned()).collect();
    let part = spiced_name(line.part);
    if texts.is_empty() { format!("{part}: {NOT_INTERVIEWED}") } else { format!("{part}: {}", texts.join("; ")) }
}
