//! Conditions and names of segments, from the slots of their rules.

use sweetspot_core::Condition;

use crate::condition_slots::test_from_slots;
use crate::encoder::{Feature, FeatureEncoder};

/// The maximum number of letters of an attribute or a level in a name.
const MAX_LETTERS: usize = 60;
/// The number of letters that remain at the end of a longer one.
const END_LETTERS: usize = 20;

/// The condition that one of these slots is filled.
pub(super) fn condition_from_slots(feature: &Feature, slots: &[usize]) -> Option<Condition> {
    Some(Condition { attribute: feature.attribute.clone(), test: test_from_slots(feature, slots)? })
}

/// A name from the conditions, each with its attribute and all of its values: `sector: Logistics or Retail; employees:
/// 50 to 199`.
pub(super) fn segment_name(parts: &[(&Feature, &[usize])]) -> String {
    let part = |(feature, slots): &(&Feature, &[usize])| {
        let values = match &feature.encoder {
            FeatureEncoder::Number(_) | FeatureEncoder::Date(_) => feature.group_label(slots),
            FeatureEncoder::Category(_) | FeatureEncoder::List(_) | FeatureEncoder::Flag => level_names(feature, slots),
        };
        format!("{}: {values}", shorten(feature.attribute.trim()))
    };
    parts.iter().map(part).collect::<Vec<_>>().join("; ")
}

/// All levels: a rule has at most six for each attribute.
fn level_names(feature: &Feature, slots: &[usize]) -> String {
    let levels: Vec<String> = slots.iter().map(|slot| shorten(feature.label(*slot).trim())).collect();
    match levels.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        other => other.concat(),
    }
}

/// The text, with `…` in place of the middle of a long one: its beginning and its end tell it from similar ones.
fn shorten(text: &str) -> String {
    let letters = text.chars().count();
    if letters <= MAX_LETTERS {
        return text.to_owned();
    }
    let start = text.chars().take(MAX_LETTERS - END_LETTERS - 1);
    start.chain(['…']).chain(text.chars().skip(letters - END_LETTERS)).collect()
}

#[cfg(test)]
mod tests {
    use sweetspot_core::TextFormat;

    use super::*;
    use crate::encoder::{Bins, Levels};

    fn feature(attribute: &str, encoder: FeatureEncoder) -> Feature {
        Feature { attribute: attribute.to_owned(), encoder, format: TextFormat::default() }
    }

    fn levels(names: &[&str]) -> Levels {
        Levels::new(names.iter().map(|name| (name.to_lowercase(), (*name).to_owned())).collect())
    }

    #[test]
    fn a_name_has_the_attribute_of_each_value() {
        let contract = feature("Contract", FeatureEncoder::Category(levels(&["Two year", "One year", "None"])));
        let partner = feature("Partner", FeatureEncoder::Category(levels(&["No", "Yes"])));
        let tools = feature("tools", FeatureEncoder::List(levels(&["SAP", "Slack"])));
        let remote = feature("remote", FeatureEncoder::Flag);
        let size = feature("employees", FeatureEncoder::Number(Bins::new(vec![50.0, 200.0], 1.0, 900.0, true)));
        let since = feature("since", FeatureEncoder::Date(Bins::new(vec![10.0], 0.0, 20.0, true)));
        let name = |parts: &[(&Feature, &[usize])]| segment_name(parts);
        assert_eq!(
            name(&[(&contract, &[0, 1, 2]), (&partner, &[0])]),
            "Contract: Two year, One year or None; Partner: No"
        );
        assert_eq!(name(&[(&tools, &[0]), (&remote, &[1])]), "tools: SAP; remote: yes");
        assert_eq!(name(&[(&size, &[1]), (&since, &[1])]), "employees: 50 to 199; since: since 1970-01-11");
        assert_eq!(name(&[(&partner, &[0, 1])]), "Partner: No or Yes");
    }

    #[test]
    fn a_long_value_keeps_its_beginning_and_its_end() {
        let long = |end: &str| format!("{}{end}", "ä".repeat(70));
        let feature = feature(&long("!"), FeatureEncoder::Category(levels(&[&long(" north"), &long(" south")])));
        let name = segment_name(&[(&feature, &[0, 1])]);
        assert!(name.contains("ä north or ä") && name.ends_with("ä south"), "{name}");
        assert!(name.chars().count() <= 3 * MAX_LETTERS + ":  or ".len(), "{name}");
        assert_eq!(shorten(&"a".repeat(60)), "a".repeat(60));
        assert_eq!(shorten(&"a".repeat(61)).chars().count(), 60);
    }
}
