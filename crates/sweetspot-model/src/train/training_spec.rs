//! The input of a training besides the customers, and its stored form.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sweetspot_core::{ExclusionRule, Hypothesis, LabelPolicy, MonotonicityConstraint};

use super::segments::EarlierSegments;
use crate::stored::{self, stored_message};

/// The input of a training besides the customers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingSpec {
    /// The rule that turns outcomes into labels.
    pub label_policy: LabelPolicy,
    /// The names of the attributes to leave out.
    pub excluded_attributes: Vec<String>,
    /// The names of the attributes to keep even if they seem to be leaks.
    pub allowed_attributes: Vec<String>,
    /// The monotonicity constraints of numbers and dates, by name.
    pub directions: BTreeMap<String, MonotonicityConstraint>,
    /// The hypotheses, in any order.
    pub hypotheses: Vec<Hypothesis>,
    /// The exclusion rules, at most [`sweetspot_core::MAX_EXCLUSION_RULES`]. They determine the pond side, and do not
    /// affect the fit.
    pub exclusion_rules: Vec<ExclusionRule>,
    /// What was left out before training began, one sentence each: the first warnings of the model.
    pub initial_warnings: Vec<String>,
    /// The time at which expired hypotheses and exclusion rules are left out; with `None`, none expires.
    pub as_of: Option<Timestamp>,
    /// The assumed rate of ideal customers if there are too few to estimate it, in (0, 1); the default is 0.2. Only a
    /// training with hypotheses accepts so few customers.
    pub assumed_ideal_rate: Option<f64>,
    /// Whether rows are independent: no rows are treated as one account unless a group declares it.
    pub independent_rows: bool,
    /// The segments of the version before, whose ids continue; without segments by default.
    pub earlier_segments: EarlierSegments,
    /// The seed of the evaluation folds.
    pub seed: u64,
}

stored_message!(
    TrainingSpec as stored::TrainingSpec:
    label_policy, excluded_attributes, allowed_attributes, directions, hypotheses, exclusion_rules, initial_warnings,
    as_of, assumed_ideal_rate, independent_rows, earlier_segments, seed;
    + format_version
);

#[cfg(test)]
mod tests {
    use sweetspot_core::{Condition, LabelPreset, Test};

    use super::super::segments::EarlierSegment;
    use super::*;
    use crate::fixtures::{exclusion_rule, hypothesis};
    use crate::stored::FieldError;

    fn spec() -> TrainingSpec {
        let [excluded_attributes, allowed_attributes] = ["a \"b\"", "c"].map(|name| vec![name.to_owned()]);
        let when = Condition { attribute: "a".to_owned(), test: Test::Range { gte: Some(0.5), lt: None } };
        let directions = [("d", MonotonicityConstraint::Increasing), ("e ü", MonotonicityConstraint::Decreasing)];
        TrainingSpec {
            label_policy: LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() },
            excluded_attributes,
            allowed_attributes,
            directions: directions.map(|(name, direction)| (name.to_owned(), direction)).into(),
            hypotheses: vec![hypothesis().try_into().unwrap()],
            exclusion_rules: vec![exclusion_rule().try_into().unwrap()],
            initial_warnings: vec!["x".to_owned()],
            as_of: Some(Timestamp::from_nanosecond(1_234_567_890_123_456_789).unwrap()),
            assumed_ideal_rate: Some(0.1),
            independent_rows: true,
            earlier_segments: EarlierSegments {
                version: "v".to_owned(),
                last_number: 7,
                segments: vec![EarlierSegment { id: "segment-7".to_owned(), conditions: vec![when] }],
            },
            seed: u64::MAX,
        }
    }

    #[test]
    fn a_spec_round_trips_through_storage() {
        for spec in [spec(), TrainingSpec::default()] {
            assert_eq!(stored::TrainingSpec::from(spec.clone()).try_into(), Ok(spec));
        }
    }

    #[test]
    fn specs_with_absent_or_unknown_fields_are_refused() {
        type Change = fn(&mut stored::TrainingSpec);
        let cases: [(Change, &str); 6] = [
            (|stored| stored.label_policy = None, "label_policy"),
            (|stored| stored.directions.values_mut().for_each(|number| *number = 3), "directions"),
            (|stored| stored.hypotheses[0].when = None, "when"),
            (|stored| stored.exclusion_rules[0].severity = 0, "severity"),
            (|stored| stored.earlier_segments.as_mut().unwrap().segments[0].conditions[0].test = None, "test"),
            (|stored| stored.as_of.as_mut().unwrap().seconds = i64::MAX, "as_of"),
        ];
        for (change, name) in cases {
            let mut stored = stored::TrainingSpec::from(spec());
            change(&mut stored);
            assert_eq!(TrainingSpec::try_from(stored), Err(FieldError(name)));
        }
    }
}
