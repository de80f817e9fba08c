//! The Pond Map as blocks.

use sweetspot_core::PondMapSectionKind;

use super::super::{Block, CalloutKind, PondMapColumn, PondMapEntry, Proportion, format_count, format_percent, plural};
use super::adherence_blocks::adherence_blocks;
use super::{PondFactor, PondMap, RefutedHypothesis};

/// The map as blocks.
#[must_use]
pub fn blocks(map: &PondMap) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Pond Map".to_owned())];
    blocks.push(Block::Callout(CalloutKind::Finding, finding(map)));
    blocks.push(Block::Text(
        "Factors above the waterline count against an account, factors below it for one. OUT puts an account out of the pond, \
         whatever its other values; CAUTION asks for a second look. Learned factors come from customers; stated ones from the \
         people named."
            .to_owned(),
    ));
    blocks.push(Block::Pond(map.sections.iter().map(band).collect()));
    if !map.refuted.is_empty() {
        blocks.push(Block::Heading(2, "Refuted hypotheses".to_owned()));
        blocks.push(Block::Text("The customers refute these, so they are not on the map.".to_owned()));
        blocks.push(Block::List(map.refuted.iter().map(RefutedHypothesis::description).collect()));
    }
    blocks.push(Block::Heading(2, "Adherence to the pond".to_owned()));
    blocks.extend(adherence_blocks(&map.adherence));
    blocks
}

fn finding(map: &PondMap) -> String {
    let all = map.inside.total + map.outside.total;
    if all == 0 {
        return "No customer is known to be ideal or not: the map shows what people stated.".to_owned();
    }
    let rate = |share: Proportion| {
        let (low, high) = share.interval();
        let rate = share.rate().map(format_percent);
        rate.map(|rate| format!("{rate} (95% {} to {})", format_percent(low), format_percent(high)))
    };
    let inside = Proportion { part: map.inside.total, total: all }.rate().map(format_percent).unwrap_or_default();
    let are = plural(all, "customer is", "customers are");
    match (rate(map.inside), rate(map.outside)) {
        (Some(rate), Some(others)) => format!(
            "{inside} of {} are in the pond: {rate} of them are ideal; of the {} outside, {others}.",
            plural(all, "customer", "customers"),
            format_count(map.outside.total)
        ),
        (Some(rate), None) => format!("{are} in the pond and none outside it; ideal: {rate}."),
        (None, others) => format!("{are} outside the pond and none in it; ideal: {}.", others.unwrap_or_default()),
    }
}

/// The name of a section.
pub(crate) const fn section_name(section: PondMapSectionKind) -> &'static str {
    match section {
        PondMapSectionKind::AccountProfile => "Account profile",
        PondMapSectionKind::Needs => "Needs",
        PondMapSectionKind::UrgencyDrivers => "Urgency drivers",
        PondMapSectionKind::Beliefs => "Beliefs",
        PondMapSectionKind::TippingPoint => "Tipping point",
    }
}

fn band(section: &super::MapSection) -> PondMapColumn {
    let mark = |factor: &PondFactor| PondMapEntry {
        text: factor.text.clone(),
        source: factor.source.description(),
        matching: factor.matching_summary(),
        severity: factor.severity.map(|severity| severity.as_str().to_owned()).unwrap_or_default(),
    };
    PondMapColumn {
        name: section_name(section.section).to_owned(),
        negatives: section.negatives.iter().map(mark).collect(),
        positives: section.positives.iter().map(mark).collect(),
    }
}
