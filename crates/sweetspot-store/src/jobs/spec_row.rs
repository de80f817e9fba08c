//! The stored form of a run's spec, in a blob because its list of excluded attributes may be long.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sweetspot_core::{CustomWeights, LabelPolicy, LabelPreset, MonotonicityConstraint};
use sweetspot_model::TrainingSpec;

use super::exclusion_rule_row::SpecExclusionRuleRow;
use super::hypothesis_row::SpecHypothesisRow;
use super::unreadable;
use crate::store::StoreError;

#[derive(Serialize, Deserialize)]
struct SpecRow {
    preset: PresetRow,
    top_share: Option<f64>,
    value_at_least: Option<f64>,
    maturity_days: Option<u32>,
    base_rate: Option<f64>,
    excluded_attributes: Vec<String>,
    #[serde(default)]
    allowed_attributes: Vec<String>,
    #[serde(default)]
    directions: BTreeMap<String, MonotonicityRow>,
    #[serde(default)]
    hypotheses: Vec<SpecHypothesisRow>,
    #[serde(default)]
    gates: Vec<SpecExclusionRuleRow>,
    #[serde(default)]
    left_out: Vec<String>,
    as_of: Option<String>,
    assumed_ideal_rate: Option<f64>,
    #[serde(default)]
    independent_rows: bool,
    seed: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PresetRow {
    Ideal,
    Won,
    Retained,
    HighValue,
    Custom { negative_net: f64, churned: f64, lost: f64, high_value: f64, won: f64 },
}

impl From<LabelPreset> for PresetRow {
    fn from(preset: LabelPreset) -> Self {
        match preset {
            LabelPreset::Ideal => Self::Ideal,
            LabelPreset::Won => Self::Won,
            LabelPreset::Retained => Self::Retained,
            LabelPreset::HighValue => Self::HighValue,
            LabelPreset::Custom(CustomWeights { negative_net, churned, lost, high_value, won }) => {
                Self::Custom { negative_net, churned, lost, high_value, won }
            }
        }
    }
}

impl From<PresetRow> for LabelPreset {
    fn from(preset: PresetRow) -> Self {
        match preset {
            PresetRow::Ideal => Self::Ideal,
            PresetRow::Won => Self::Won,
            PresetRow::Retained => Self::Retained,
            PresetRow::HighValue => Self::HighValue,
            PresetRow::Custom { negative_net, churned, lost, high_value, won } => {
                Self::Custom(CustomWeights { negative_net, churned, lost, high_value, won })
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MonotonicityRow {
    Increasing,
    Decreasing,
}

impl From<MonotonicityConstraint> for MonotonicityRow {
    fn from(direction: MonotonicityConstraint) -> Self {
        match direction {
            MonotonicityConstraint::Increasing => Self::Increasing,
            MonotonicityConstraint::Decreasing => Self::Decreasing,
        }
    }
}

impl From<MonotonicityRow> for MonotonicityConstraint {
    fn from(direction: MonotonicityRow) -> Self {
        match direction {
            MonotonicityRow::Increasing => Self::Increasing,
            MonotonicityRow::Decreasing => Self::Decreasing,
        }
    }
}

/// Encodes a spec.
pub(super) fn encode(spec: &TrainingSpec) -> Result<Vec<u8>, StoreError> {
    let TrainingSpec {
        label_policy,
        excluded_attributes,
        allowed_attributes,
        directions,
        hypotheses,
        exclusion_rules: gates,
        initial_warnings: left_out,
        as_of,
        assumed_ideal_rate,
        independent_rows,
        seed,
    } = spec;
    let LabelPolicy { preset, top_share, value_at_least, maturity_days, base_rate } = *label_policy;
    let row = SpecRow {
        preset: preset.into(),
        top_share,
        value_at_least,
        maturity_days,
        base_rate,
        excluded_attributes: excluded_attributes.clone(),
        allowed_attributes: allowed_attributes.clone(),
        directions: directions.iter().map(|(name, direction)| (name.clone(), (*direction).into())).collect(),
        hypotheses: hypotheses.iter().map(SpecHypothesisRow::from).collect(),
        gates: gates.iter().map(SpecExclusionRuleRow::from).collect(),
        left_out: left_out.clone(),
        as_of: as_of.map(|time| time.to_string()),
        assumed_ideal_rate: *assumed_ideal_rate,
        independent_rows: *independent_rows,
        seed: *seed,
    };
    serde_json::to_vec(&row)
        .map_err(|source| StoreError::Backend { action: "write a training spec", source: Box::new(source) })
}

/// Decodes a spec.
pub(super) fn decode(bytes: &[u8]) -> Result<TrainingSpec, StoreError> {
    let SpecRow {
        preset,
        top_share,
        value_at_least,
        maturity_days,
        base_rate,
        excluded_attributes,
        allowed_attributes,
        directions,
        hypotheses,
        gates,
        left_out,
        as_of,
        assumed_ideal_rate,
        independent_rows,
        seed,
    } = serde_json::from_slice(bytes).map_err(unreadable)?;
    let directions = directions.into_iter().map(|(name, direction)| (name, direction.into())).collect();
    let label_policy = LabelPolicy { preset: preset.into(), top_share, value_at_least, maturity_days, base_rate };
    let hypotheses = hypotheses.into_iter().map(SpecHypothesisRow::hypothesis).collect::<Result<_, _>>()?;
    let gates = gates.into_iter().map(SpecExclusionRuleRow::exclusion_rule).collect::<Result<_, _>>()?;
    let as_of = as_of.as_deref().map(str::parse).transpose().map_err(unreadable)?;
    Ok(TrainingSpec {
        label_policy,
        excluded_attributes,
        allowed_attributes,
        directions,
        hypotheses,
        exclusion_rules: gates,
        initial_warnings: left_out,
        as_of,
        assumed_ideal_rate,
        independent_rows,
        seed,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use sweetspot_core::{Attribution, Condition, ExclusionRule, Hypothesis, PondSection, Severity, Test};

    use super::*;

    /// A hypothesis with each test.
    fn hypotheses() -> Vec<Hypothesis> {
        let tests = [
            Test::AnyOf(vec!["SAP \"R/3\"".to_owned(), String::new()]),
            Test::Range { gte: Some(1.0 / 3.0), lt: None },
            Test::Range { gte: None, lt: Some(-1e300) },
            Test::Present(false),
            Test::Flag(true),
        ];
        let of = |test| Hypothesis {
            id: "id".to_owned(),
            statement: "They buy more.".to_owned(),
            when: Condition { attribute: "a".to_owned(), test },
            odds_ratio: 0.1 + 0.2,
            confidence_customers: 1e-9,
            author: "ann".to_owned(),
            expires: Some(Timestamp::from_nanosecond(1_234_567_890_123_456_789).unwrap()),
        };
        let forever = Hypothesis { expires: None, ..of(Test::Flag(false)) };
        tests.map(of).into_iter().chain([forever]).collect()
    }

    /// An exclusion rule with each severity and section.
    fn exclusion_rules() -> Vec<ExclusionRule> {
        let sections = PondSection::ALL.into_iter().zip(Severity::ALL.into_iter().cycle());
        let of = |(section, severity)| ExclusionRule {
            id: "id".to_owned(),
            statement: "Never.".to_owned(),
            when: Condition { attribute: "a".to_owned(), test: Test::Present(true) },
            severity,
            section,
            attribution: Attribution {
                author: "ann".to_owned(),
                stated_at: Timestamp::from_nanosecond(1_234_567_890_123_456_789).unwrap(),
                reason: "r".to_owned(),
                expires: (severity == Severity::Out).then_some(Timestamp::UNIX_EPOCH),
            },
        };
        sections.map(of).collect()
    }

    #[test]
    fn a_stored_spec_without_hypotheses_has_none() {
        let old = br#"{"preset":"won","top_share":null,"value_at_least":null,"maturity_days":null,"excluded_attributes":[],"seed":7}"#;
        let spec = decode(old).unwrap();
        assert_eq!((spec.hypotheses, spec.as_of, spec.assumed_ideal_rate, spec.seed), (Vec::new(), None, None, 7));
        assert_eq!((spec.exclusion_rules, spec.independent_rows, spec.label_policy.base_rate), (vec![], false, None));
    }

    #[test]
    fn a_spec_round_trips_through_storage() {
        let weights = CustomWeights { negative_net: -2.0, churned: -1.5, lost: -0.1, high_value: 3.0, won: 1.0 };
        for preset in [
            LabelPreset::Ideal,
            LabelPreset::Won,
            LabelPreset::Retained,
            LabelPreset::HighValue,
            LabelPreset::Custom(weights),
        ] {
            let label_policy = LabelPolicy {
                preset,
                top_share: Some(0.1),
                value_at_least: Some(1e6 / 3.0),
                maturity_days: Some(90),
                base_rate: Some(0.03),
            };
            let [excluded_attributes, allowed_attributes] = ["a \"b\"", "c"].map(|name| vec![name.to_owned()]);
            let directions = [("d", MonotonicityConstraint::Increasing), ("e ü", MonotonicityConstraint::Decreasing)];
            let directions = directions.map(|(name, direction)| (name.to_owned(), direction)).into();
            let spec = TrainingSpec {
                label_policy,
                excluded_attributes,
                allowed_attributes,
                directions,
                hypotheses: hypotheses(),
                exclusion_rules: exclusion_rules(),
                initial_warnings: vec!["x".to_owned()],
                as_of: Some(Timestamp::UNIX_EPOCH),
                assumed_ideal_rate: Some(0.1),
                independent_rows: true,
                seed: u64::MAX,
            };
            assert_eq!(decode(&encode(&spec).unwrap()).unwrap(), spec);
        }
    }

    #[test]
    fn a_stored_spec_without_directions_has_none() {
        let spec = TrainingSpec { seed: 7, ..TrainingSpec::default() };
        let mut kept: serde_json::Value = serde_json::from_slice(&encode(&spec).unwrap()).unwrap();
        for field in ["directions", "allowed_attributes"] {
            kept.as_object_mut().unwrap().remove(field).unwrap();
        }
        assert_eq!(decode(&serde_json::to_vec(&kept).unwrap()).unwrap(), spec);
    }

    #[test]
    fn bytes_that_are_no_spec_are_refused() {
        assert!(decode(b"{}").is_err());
    }
}
