//! Which hypotheses take part in a training.

use super::super::TrainingSpec;
use super::super::leaks::Gate;
use super::super::sample::did_you_mean;
use crate::domain::{AccountTable, Hypothesis};

/// The hypotheses that have not expired, and a warning for each that has.
pub(in crate::model::train) fn standing(spec: &TrainingSpec) -> (Vec<Hypothesis>, Vec<String>) {
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
pub(in crate::model::train) fn honest(
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

/// A warning for each hypothesis that asks for an attribute which the dataset does not have; of a dataset without any
/// attributes there is nothing to say.
pub(in crate::model::train) fn untested(hypotheses: &[Hypothesis], accounts: &AccountTable) -> Vec<String> {
    let known = || accounts.columns().iter().map(|column| column.name.as_str());
    let warning = |hypothesis: &Hypothesis| {
        let (id, name) = (&hypothesis.id, &hypothesis.when.attribute);
        (accounts.column(name).is_none() && known().next().is_some()).then(|| {
            let hint = did_you_mean(name, known());
            format!("hypothesis {id:?} asks for attribute {name:?}, which the dataset does not have{hint}: no customer tests it")
        })
    };
    hypotheses.iter().filter_map(warning).collect()
}
