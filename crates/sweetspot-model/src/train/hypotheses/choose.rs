//! Selects the hypotheses that take part in a training.

use sweetspot_core::{AccountTable, Hypothesis, condition_issues};

use super::super::TrainingSpec;
use super::super::leaks::LeakFilter;

/// The end of a warning about a name that is not in the dataset.
pub(in crate::train) const NOT_IN_DATASET: &str = "which the dataset does not have";

/// The hypotheses that have not expired, and a warning for each that has.
pub(in crate::train) fn unexpired_hypotheses(spec: &TrainingSpec) -> (Vec<Hypothesis>, Vec<String>) {
    let (mut standing, mut warnings) = (Vec::new(), spec.initial_warnings.clone());
    for hypothesis in &spec.hypotheses {
        match spec.as_of.and_then(|now| hypothesis.expired_on(now)) {
            Some(day) => warnings.push(format!("hypothesis {:?} is left out: it expired on {day}", hypothesis.id)),
            None => standing.push(hypothesis.clone()),
        }
    }
    (standing, warnings)
}

/// The hypotheses whose attribute is not a leak; adds a warning for each of the others.
pub(in crate::train) fn without_leaks(
    hypotheses: Vec<Hypothesis>,
    accounts: &AccountTable,
    leak_filter: &LeakFilter<'_>,
    warnings: &mut Vec<String>,
) -> Vec<Hypothesis> {
    let mut keep = |hypothesis: &Hypothesis| {
        let column = accounts.column(&hypothesis.when.attribute);
        let refused = column.and_then(|column| leak_filter.check(column).err());
        warnings.extend(refused.iter().map(|why| format!("hypothesis {:?} is left out: {why}", hypothesis.id)));
        refused.is_none()
    };
    hypotheses.into_iter().filter(|hypothesis| keep(hypothesis)).collect()
}

/// A warning for each attribute or text in a hypothesis that the dataset does not have.
pub(in crate::train) fn unknown_name_warnings(hypotheses: &[Hypothesis], accounts: &AccountTable) -> Vec<String> {
    let warnings = |hypothesis: &Hypothesis| {
        let who = format!("hypothesis {:?}", hypothesis.id);
        let unknown = condition_issues(&hypothesis.when, accounts).into_iter();
        unknown
            .map(|unknown| format!("{}: no customer tests it", unknown.sentence(&who, NOT_IN_DATASET)))
            .collect::<Vec<_>>()
    };
    hypotheses.iter().flat_map(warnings).collect()
}
