//! Promotion checks: conditions that a version must meet to go live.
//!
//! A check is an entry of [`PROMOTION_CHECKS`] with a function that evaluates it.

mod attributes;
mod explanations;
mod label_policy;
mod metrics;
mod threshold;

use std::collections::BTreeMap;

use sweetspot_model::{Comparison, ModelArtifact};

use self::attributes::{lost_attributes, missing_values};
use self::label_policy::{label_rate, label_rule};
use self::metrics::{auc_drop, calibration, leave_values_out, log_loss_rise, min_auc, signal};
pub(super) use self::threshold::change_thresholds;
pub use self::threshold::{ThresholdError, ThresholdSpec};

/// One promotion check.
#[derive(Debug)]
pub struct PromotionCheck {
    /// The name, which an override refers to.
    pub name: &'static str,
    /// The condition, in one sentence.
    pub description: &'static str,
    /// The adjustable threshold of the check. `None` if it has no threshold.
    pub threshold: Option<ThresholdSpec>,
    evaluate: fn(&CheckInput<'_>, f64) -> CheckOutcome,
}

/// All promotion checks, in the order in which they are reported.
pub const PROMOTION_CHECKS: [PromotionCheck; 10] = [
    PromotionCheck {
        name: "signal",
        description: "the 95% interval of the AUC lies above min_auc_low",
        threshold: Some(ThresholdSpec { name: "min_auc_low", default: 0.5, min: 0.0, max: 1.0 }),
        evaluate: signal,
    },
    PromotionCheck {
        name: "min_auc",
        description: "the AUC is at least min_auc",
        threshold: Some(ThresholdSpec { name: "min_auc", default: 0.0, min: 0.0, max: 1.0 }),
        evaluate: min_auc,
    },
    PromotionCheck {
        name: "auc_drop",
        description: "on the same customers the AUC is not, beyond chance, more than max_auc_drop below that of the live version",
        threshold: Some(ThresholdSpec { name: "max_auc_drop", default: 0.0, min: 0.0, max: 1.0 }),
        evaluate: auc_drop,
    },
    PromotionCheck {
        name: "log_loss_rise",
        description: "on the same customers the log-loss is not, beyond chance, more than max_log_loss_rise above that of the live version",
        threshold: Some(ThresholdSpec { name: "max_log_loss_rise", default: 0.0, min: 0.0, max: 100.0 }),
        evaluate: log_loss_rise,
    },
    PromotionCheck {
        name: "calibration",
        description: "the calibration error is not, beyond chance, above max_calibration_error",
        threshold: Some(ThresholdSpec { name: "max_calibration_error", default: 0.05, min: 0.0, max: 1.0 }),
        evaluate: calibration,
    },
    PromotionCheck {
        name: "leave_values_out",
        description: "rows whose value of the attribute that recurs most is new to the model are not ranked worse, beyond chance",
        threshold: None,
        evaluate: leave_values_out,
    },
    PromotionCheck {
        name: "lost_attributes",
        description: "no attribute is lost whose effects in the live version spread by more than max_lost_spread, in log-odds",
        threshold: Some(ThresholdSpec { name: "max_lost_spread", default: 0.05, min: 0.0, max: 100.0 }),
        evaluate: lost_attributes,
    },
    PromotionCheck {
        name: "missing_values",
        description: "no attribute that the live version uses is missing, beyond chance, for a share of customers that is more than max_missing_change larger",
        threshold: Some(ThresholdSpec { name: "max_missing_change", default: 0.05, min: 0.0, max: 1.0 }),
        evaluate: missing_values,
    },
    PromotionCheck {
        name: "label_rate",
        description: "the rate of ideal customers, or the base rate where one is set, has not, beyond chance, changed by more than max_label_rate_change of the rarer label's rate in the live version",
        threshold: Some(ThresholdSpec { name: "max_label_rate_change", default: 0.25, min: 0.0, max: 100.0 }),
        evaluate: label_rate,
    },
    PromotionCheck {
        name: "label_rule",
        description: "outcomes become labels by the same policy and currency as in the live version",
        threshold: None,
        evaluate: label_rule,
    },
];

/// The input of a check.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckInput<'a> {
    /// The version that would go live.
    pub(super) challenger: &'a ModelArtifact,
    /// The live version and its number. `None` if no version is live or it cannot be read.
    pub(super) champion: Option<(u64, &'a ModelArtifact)>,
    /// Both versions on the same customers. `None` if no version is live or one of them was not evaluated.
    pub(super) comparison: Option<&'a Comparison>,
}

/// The outcome of a check, with an explanation that includes the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
enum CheckOutcome {
    Pass(String),
    Fail(String),
    NotApplicable(String),
}

/// The status of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// The version meets the condition.
    Passed,
    /// The version does not meet the condition and is refused, unless the check is overridden.
    Failed,
    /// The check does not apply, for example because no version is live.
    NotApplicable,
}

/// The result of a check for one version.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    /// The name of the check.
    pub check: &'static str,
    /// The status.
    pub status: CheckStatus,
    /// An explanation with the figures.
    pub detail: String,
    /// The threshold that was applied.
    pub threshold: Option<f64>,
}

/// Returns the check with this name.
pub(super) fn find_check(name: &str) -> Option<&'static PromotionCheck> {
    PROMOTION_CHECKS.iter().find(|check| check.name == name)
}

/// Evaluates all checks. `thresholds` contains the thresholds that are set for the model, by name.
pub(super) fn evaluate(input: &CheckInput<'_>, thresholds: &BTreeMap<String, f64>) -> Vec<CheckResult> {
    let ask = |check: &PromotionCheck| {
        let threshold = check.threshold.as_ref().map(|threshold| threshold.value(thresholds));
        let (status, detail) = match (check.evaluate)(input, threshold.unwrap_or(0.0)) {
            CheckOutcome::Pass(detail) => (CheckStatus::Passed, detail),
            CheckOutcome::Fail(detail) => (CheckStatus::Failed, detail),
            CheckOutcome::NotApplicable(detail) => (CheckStatus::NotApplicable, detail),
        };
        CheckResult { check: check.name, status, detail, threshold }
    };
    PROMOTION_CHECKS.iter().map(ask).collect()
}

impl CheckOutcome {
    fn new(fails: bool, detail: String) -> Self {
        if fails { Self::Fail(detail) } else { Self::Pass(detail) }
    }

    fn without_live_version() -> Self {
        Self::NotApplicable("no other version is live".to_owned())
    }
}
