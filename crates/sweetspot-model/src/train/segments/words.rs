//! What a rule is called.

use sweetspot_core::Condition;

use crate::encoder::{Encoder, Feature};
use crate::rule::test_of;

/// Most levels that a name tells one by one, and most letters of one.
const NAMED: usize = 3;
const LETTERS: usize = 40;

/// One condition of a rule.
pub(super) fn condition(feature: &Feature, slots: &[usize]) -> Option<Condition> {
    Some(Condition { attribute: feature.attribute.clone(), test: test_of(feature, slots)? })
}

/// A name out of the conditions: `Logistics or Retail, 50 to 199 employees`.
pub(super) fn name(parts: &[(&Feature, &[usize])]) -> String {
    let part = |(feature, slots): &(&Feature, &[usize])| {
        let attribute = short(&feature.attribute);
        match &feature.encoder {
            Encoder::Number(_) => format!("{} {attribute}", feature.group_label(slots)),
            Encoder::Date(_) => format!("{attribute} {}", feature.group_label(slots)),
            Encoder::Category(_) => levels(feature, slots),
            Encoder::List(_) => format!("with {}", levels(feature, slots)),
            Encoder::Flag => format!("{attribute}: {}", levels(feature, slots)),
        }
    };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

fn levels(feature: &Feature, slots: &[usize]) -> String {
    let named: Vec<String> = slots.iter().take(NAMED).map(|slot| short(&feature.label(*slot))).collect();
    let more = slots.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    named.join(if more.is_empty() { " or " } else { ", " }) + &more
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
