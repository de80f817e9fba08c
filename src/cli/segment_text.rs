//! The segments of a version and the values of customers as text.

use sweetspot_proto::v1::{ModelVersion, SegmentSummary, ValueSummary};

use super::hypothesis_text::condition_text;
use super::output::{amount_text, plural};

/// Returns one line per segment, one on why there are few, and one for the value of all customers.
pub(super) fn segment_lines(version: &ModelVersion) -> Vec<String> {
    let currency = version.values.as_ref().map_or("", |values| values.currency_code.as_str());
    let line = |segment: &SegmentSummary| {
        let SegmentSummary { id, name, conditions, customers, ideal, value_if_ideal, .. } = segment;
        let rule: Vec<String> =
            conditions.iter().map(|condition| condition_text(condition, &version.attributes)).collect();
        let value_text =
            value_if_ideal.map(|value| format!("; an ideal one is worth {}", amount_text(value, currency)));
        let value_text = value_text.unwrap_or_default();
        let customers = plural(*customers, "customer", "customers");
        format!("- {id}, {name}: {} ({customers}, {ideal} ideal{value_text})", rule.join(" and "))
    };
    let all = version.values.as_ref().map(|values| {
        let ValueSummary { value_if_ideal, ideal, value_if_not, others, .. } = values;
        let (good, other) = (amount_text(*value_if_ideal, currency), amount_text(*value_if_not, currency));
        let (ideal, others) = (plural(*ideal, "ideal customer", "ideal customers"), plural(*others, "other", "others"));
        format!("- on average {good} for {ideal}, {other} for {others}")
    });
    let note = Some(&version.segment_note).filter(|note| !note.is_empty()).map(|note| format!("- {note}"));
    version.segments.iter().map(line).chain(note).chain(all).collect()
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::Condition;
    use sweetspot_proto::v1::condition::Test;

    use super::*;

    #[test]
    fn a_segment_line_has_rule_count_and_value() {
        let conditions = vec![Condition { attribute: "b2b".to_owned(), test: Some(Test::Flag(true)) }];
        let segment = SegmentSummary {
            id: "segment-1".to_owned(),
            name: "b2b: yes".to_owned(),
            conditions,
            customers: 40,
            ideal: 30,
            value_if_ideal: Some(1200.5),
            ..SegmentSummary::default()
        };
        let values = ValueSummary {
            currency_code: "CHF".to_owned(),
            value_if_ideal: 900.0,
            ideal: 50,
            others: 70,
            ..ValueSummary::default()
        };
        let version = ModelVersion {
            segments: vec![segment],
            values: Some(values),
            segment_note: "2 segments: why".to_owned(),
            ..ModelVersion::default()
        };
        let first =
            "- segment-1, b2b: yes: b2b is yes (40 customers, 30 ideal; an ideal one is worth CHF 1,200.50)".to_owned();
        let last = "- on average CHF 900 for 50 ideal customers, CHF 0 for 70 others".to_owned();
        assert_eq!(segment_lines(&version), [first, "- 2 segments: why".to_owned(), last]);
        assert_eq!(segment_lines(&ModelVersion::default()), Vec::<String>::new());
    }
}
