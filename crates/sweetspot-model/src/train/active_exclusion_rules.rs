//! Exclusion rules of a version: those that have not expired, with the customers that they match.

use jiff::Timestamp;
use sweetspot_core::{AccountTable, ExclusionRule, Severity, condition_issues};

use super::TrainingSpec;
use super::hypotheses::{NOT_IN_DATASET, condition_holds};
use super::training_sample::Sample;
use crate::artifact::ExclusionRuleSummary;
use crate::stored_condition::dataset_matcher;

/// From this share of ideal customers on, a warning is given for a rule that puts them out of the pond.
const MAX_EXCLUDED_SHARE: f64 = 0.25;

/// The rules that have not expired, in their order, and the warnings about them.
pub(super) fn active_rules(
    spec: &TrainingSpec,
    accounts: &AccountTable,
    sample: &Sample,
) -> (Vec<ExclusionRuleSummary>, Vec<String>) {
    let (mut standing, mut warnings) = (Vec::new(), Vec::new());
    for exclusion_rule in &spec.exclusion_rules {
        if let Some(day) = spec.as_of.and_then(|now| exclusion_rule.expired_on(now)) {
            warnings.push(format!("exclusion rule {:?} is left out: it expired on {day}", exclusion_rule.id));
            continue;
        }
        let summary = rule_summary(exclusion_rule, spec, accounts, sample);
        warnings.extend(unknown_name_warnings(exclusion_rule, accounts));
        warnings.extend(exclusion_warning(&summary, sample));
        standing.push(summary);
    }
    (standing, warnings)
}

fn rule_summary(
    exclusion_rule: &ExclusionRule,
    spec: &TrainingSpec,
    accounts: &AccountTable,
    sample: &Sample,
) -> ExclusionRuleSummary {
    let holds = condition_holds(&dataset_matcher(exclusion_rule.when.clone(), accounts), accounts, &sample.rows);
    let matching = || holds.iter().enumerate().filter(|(_, holds)| **holds).map(|(row, _)| row);
    let is_ideal = |row: &usize| sample.labels.get(*row).is_some_and(|label| *label > 0.5);
    let (customers, ideal) = (sample.counts.of_rows(matching()), sample.counts.of_rows(matching().filter(is_ideal)));
    let mut exclusion_rule = exclusion_rule.clone();
    if exclusion_rule.attribution.stated_at == Timestamp::default() {
        exclusion_rule.attribution.stated_at = spec.as_of.unwrap_or_default();
    }
    ExclusionRuleSummary { rule: exclusion_rule, customers, ideal }
}

/// A warning for each name in a rule that the dataset does not have.
fn unknown_name_warnings(exclusion_rule: &ExclusionRule, accounts: &AccountTable) -> Vec<String> {
    let who = format!("exclusion rule {:?}", exclusion_rule.id);
    condition_issues(&exclusion_rule.when, accounts)
        .iter()
        .map(|unknown| unknown.sentence(&who, NOT_IN_DATASET))
        .collect()
}

fn exclusion_warning(summary: &ExclusionRuleSummary, sample: &Sample) -> Option<String> {
    let ExclusionRuleSummary { rule: exclusion_rule, ideal, .. } = summary;
    let all = sample.card.ideal;
    let careless =
        exclusion_rule.severity == Severity::Out && *ideal > 0 && *ideal as f64 >= MAX_EXCLUDED_SHARE * all as f64;
    careless.then(|| {
        format!(
            "exclusion rule {:?} puts {ideal} of {all} ideal customers out of the pond: review it",
            exclusion_rule.id
        )
    })
}
