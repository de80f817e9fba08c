//! Conditions and names of segments, from the slots of their rules.

use sweetspot_core::Condition;

use crate::condition_slots::test_from_slots;
use crate::encoder::{Feature, FeatureEncoder};

/// The maximum number of levels listed in a name, and the maximum number of letters of one.
const MAX_NAMED_LEVELS: usize = 3;
const MAX_LETTERS: usize = 40;

/// The condition that one of these slots is filled.
pub(super) fn condition_from_slots(feature: &Feature, slots: &[usize]) -> Option<Condition> {
    Some(Condition { attribute: feature.attribute.clone(), test: test_from_slots(feature, slots)? })
}

/// A name from the conditions: `Logistics or Retail, 50 to 199 employees`.
pub(super) fn segment_name(parts: &[(&Feature, &[usize])]) -> String {
    let part = |(feature, slots): &(&Feature, &[usize])| {
        let attribute = truncate(&feature.attribute);
        match &feature.encoder {
            FeatureEncoder::Number(_) => format!("{} {attribute}", feature.group_label(slots)),
            FeatureEncoder::Date(_) => format!("{attribute} {}", feature.group_label(slots)),
            FeatureEncoder::Category(_) => level_names(feature, slots),
            FeatureEncoder::List(_) => format!("with {}", level_names(feature, slots)),
            FeatureEncoder::Flag => format!("{attribute}: {}", level_names(feature, slots)),
        }
    };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

fn level_names(feature: &Feature, slots: &[usize]) -> String {
    let named: Vec<String> = slots.iter().take(MAX_NAMED_LEVELS).map(|slot| truncate(&feature.label(*slot))).collect();
    let more = slots.len().saturating_sub(MAX_NAMED_LEVELS);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    named.join(if more.is_empty() { " or " } else { ", " }) + &more
}

fn truncate(text: &str) -> String {
    match text.char_indices().nth(MAX_LETTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
