//! Which hypotheses take part in a training.

use sweetspot_core::{AccountTable, Hypothesis, unknown_names};

use super::super::TrainingSpec;
use super::super::leaks::Gate;

/// What is said of a name that the dataset does not have.
pub(in crate::train) const NOWHERE: &str = "which the dataset does not have";

/// The hypotheses that have not expired, and a warning for each that has.
pub(in crate::train) fn standing(spec: &TrainingSpec) -> (Vec<Hypothesis>, Vec<String>) {
    let (mut standing, mut warnings) = (Vec::new(), spec.left_out.clone());
    for hypothesis in &spec.hypotheses {
        match spec.as_of.and_then(|now| hypothesis.expired(now)) {
            Some(day) => warnings.push(format!("hypothesis {:?} is left out: it expired on {day}", hypothesis.id)),
            None => standing.push(hypothesis.clone()),
        }
    }
    (standing, warnings)
}

/// Those of the hypotheses whose attribute does not give the outcome away; warns of the others.
pub(in crate::train) fn honest(
    hypotheses: Vec<Hypothesis>,
    accounts: &AccountTable,
    gate: &Gate<'_>,
    warnings: &mut Vec<String>,
) -> Vec<Hypothesis> {
    let mut keep = |hypothesis: &Hypothesis| {
        let column = accounts.column(&hypothesis.when.attribute);
        let refused = column.and_then(|column| gate.admit(column).err());
        warnings.extend(refused.iter().map(|why| format!("hypothesis {:?} is left out: {why}", hypothesis.id)));
        refused.is_none()
    };
    hypotheses.into_iter().filter(|hypothesis| keep(hypothesis)).collect()
}

/// A warning for each attribute or text that a hypothesis asks for and the dataset does not have.
pub(in crate::train) fn untested(hypotheses: &[Hypothesis], accounts: &AccountTable) -> Vec<String> {
    let warnings = |hypothesis: &Hypothesis| {
        let who = format!("hypothesis {:?}", hypothesis.id);
        let unknown = unknown_names(&hypothesis.when, accounts).into_iter();
        unknown.map(|unknown| format!("{}: no customer tests it", unknown.sentence(&who, NOWHERE))).collect::<Vec<_>>()
    };
    hypotheses.iter().flat_map(warnings).collect()
}
