//! Promotion checks: what a version must pass before it goes live.
//!
//! The list is data: a check is one entry of [`PROMOTION_CHECKS`] and the function that judges.

mod attributes;
mod figures;
mod labels;
mod threshold;
mod words;

use std::collections::BTreeMap;

use sweetspot_model::{Comparison, ModelArtifact};

use self::attributes::{lost_attributes, missing_values};
use self::figures::{auc_drop, calibration, leave_values_out, log_loss_rise, min_auc, signal};
use self::labels::{label_rate, label_rule};
pub(super) use self::threshold::change_thresholds;
pub use self::threshold::{Threshold, ThresholdError};

/// One promotion check.
#[derive(Debug)]
pub struct PromotionCheck {
    /// Its name, by which it is overridden.
    pub name: &'static str,
    /// What it asks, one sentence.
    pub description: &'static str,
    /// Its threshold, by which a model is judged more or less strictly; nothing where there is no degree.
    pub threshold: Option<Threshold>,
    judge: fn(&Facts<'_>, f64) -> Finding,
}

/// Every promotion check, in the order in which they are told.
pub const PROMOTION_CHECKS: [PromotionCheck; 10] = [
    PromotionCheck {
        name: "signal",
        description: "the 95% interval of the AUC lies above min_auc_low",
        threshold: Some(Threshold { name: "min_auc_low", default: 0.5, min: 0.0, max: 1.0 }),
        judge: signal,
    },
    PromotionCheck {
        name: "min_auc",
        description: "the AUC is at least min_auc",
        threshold: Some(Threshold { name: "min_auc", default: 0.0, min: 0.0, max: 1.0 }),
        judge: min_auc,
    },
    PromotionCheck {
        name: "auc_drop",
        description: "on the same customers the AUC is not, beyond chance, more than max_auc_drop below that of the live version",
        threshold: Some(Threshold { name: "max_auc_drop", default: 0.0, min: 0.0, max: 1.0 }),
        judge: auc_drop,
    },
    PromotionCheck {
        name: "log_loss_rise",
        description: "on the same customers the log-loss is not, beyond chance, more than max_log_loss_rise above that of the live version",
        threshold: Some(Threshold { name: "max_log_loss_rise", default: 0.0, min: 0.0, max: 100.0 }),
        judge: log_loss_rise,
    },
    PromotionCheck {
        name: "calibration",
        description: "the calibration error is not, beyond chance, above max_calibration_error",
        threshold: Some(Threshold { name: "max_calibration_error", default: 0.05, min: 0.0, max: 1.0 }),
        judge: calibration,
    },
    PromotionCheck {
        name: "leave_values_out",
        description: "rows whose value of the attribute that recurs most is new to the model are not ranked worse, beyond chance",
        threshold: None,
        judge: leave_values_out,
    },
    PromotionCheck {
        name: "lost_attributes",
        description: "no attribute is lost whose effects in the live version spread by more than max_lost_spread, in log-odds",
        threshold: Some(Threshold { name: "max_lost_spread", default: 0.05, min: 0.0, max: 100.0 }),
        judge: lost_attributes,
    },
    PromotionCheck {
        name: "missing_values",
        description: "no attribute that the live version uses is missing, beyond chance, for a share of customers that is more than max_missing_change larger",
        threshold: Some(Threshold { name: "max_missing_change", default: 0.05, min: 0.0, max: 1.0 }),
        judge: missing_values,
    },
    PromotionCheck {
        name: "label_rate",
        description: "the rate of ideal customers, or the base rate where one is set, has not, beyond chance, changed by more than max_label_rate_change of the rarer label's rate in the live version",
        threshold: Some(Threshold { name: "max_label_rate_change", default: 0.25, min: 0.0, max: 100.0 }),
        judge: label_rate,
    },
    PromotionCheck {
        name: "label_rule",
        description: "outcomes become labels by the same policy and currency as in the live version",
        threshold: None,
        judge: label_rule,
    },
];

/// What a check can ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    /// The version that would go live.
    pub(super) challenger: &'a ModelArtifact,
    /// The live version and its number; nothing where none is live or readable.
    pub(super) champion: Option<(u64, &'a ModelArtifact)>,
    /// Both on the same customers; nothing where there is no live version, or one of them was not judged.
    pub(super) comparison: Option<&'a Comparison>,
}

/// What a check finds, with the figures in words.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    Passes(String),
    Fails(String),
    DoesNotApply(String),
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// The version passes.
    Passed,
    /// The version is refused, unless the check is overridden.
    Failed,
    /// There is nothing to ask, such as while no version is live.
    NotApplicable,
}

/// A check's answer about one version.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    /// The check's name.
    pub check: &'static str,
    /// How it went.
    pub status: CheckStatus,
    /// The figures, in words.
    pub detail: String,
    /// The threshold that counted.
    pub threshold: Option<f64>,
}

/// The check of a name.
pub(super) fn find_check(name: &str) -> Option<&'static PromotionCheck> {
    PROMOTION_CHECKS.iter().find(|check| check.name == name)
}

/// Asks every check. `thresholds` holds what was set for the model, by the thresholds' names.
pub(super) fn judge(facts: &Facts<'_>, thresholds: &BTreeMap<String, f64>) -> Vec<CheckResult> {
    let ask = |check: &PromotionCheck| {
        let threshold = check.threshold.as_ref().map(|threshold| threshold.value(thresholds));
        let (status, detail) = match (check.judge)(facts, threshold.unwrap_or(0.0)) {
            Finding::Passes(detail) => (CheckStatus::Passed, detail),
            Finding::Fails(detail) => (CheckStatus::Failed, detail),
            Finding::DoesNotApply(detail) => (CheckStatus::NotApplicable, detail),
        };
        CheckResult { check: check.name, status, detail, threshold }
    };
    PROMOTION_CHECKS.iter().map(ask).collect()
}

impl Finding {
    fn new(fails: bool, detail: String) -> Self {
        if fails { Self::Fails(detail) } else { Self::Passes(detail) }
    }

    fn without_live_version() -> Self {
        Self::DoesNotApply("no other version is live".to_owned())
    }
}
