//! Gates on their way into a version: those that still hold, with whom they hold for.

use jiff::Timestamp;
use sweetspot_core::{AccountTable, Gate, Severity, unknown_names};

use super::TrainingSpec;
use super::beliefs::{NOWHERE, holds};
use super::sample::Sample;
use crate::artifact::GateSummary;
use crate::condition::of_dataset;

/// From this share of the ideal customers on, a gate that puts them out of the pond deserves a second look.
const TOO_MANY: f64 = 0.25;

/// The gates that have not expired, in their order, and what a person should know of them.
pub(super) fn standing(
    spec: &TrainingSpec,
    accounts: &AccountTable,
    sample: &Sample,
) -> (Vec<GateSummary>, Vec<String>) {
    let (mut standing, mut warnings) = (Vec::new(), Vec::new());
    for gate in &spec.gates {
        if let Some(day) = spec.as_of.and_then(|now| gate.expired(now)) {
            warnings.push(format!("gate {:?} is left out: it expired on {day}", gate.id));
            continue;
        }
        let summary = counted(gate, spec, accounts, sample);
        warnings.extend(unheard_of(gate, accounts));
        warnings.extend(too_many(&summary, sample));
        standing.push(summary);
    }
    (standing, warnings)
}

fn counted(gate: &Gate, spec: &TrainingSpec, accounts: &AccountTable, sample: &Sample) -> GateSummary {
    let holds = holds(&of_dataset(gate.when.clone(), accounts), accounts, &sample.rows);
    let labels = sample.labels.iter().zip(holds).filter(|(_, holds)| *holds).map(|(label, _)| *label > 0.5);
    let (customers, ideal) = labels.fold((0, 0), |(all, ideal), label| (all + 1, ideal + u64::from(label)));
    let mut gate = gate.clone();
    if gate.by.stated == Timestamp::default() {
        gate.by.stated = spec.as_of.unwrap_or_default();
    }
    GateSummary { gate, customers, ideal }
}

/// What a gate asks for that the dataset does not have.
fn unheard_of(gate: &Gate, accounts: &AccountTable) -> Vec<String> {
    let who = format!("gate {:?}", gate.id);
    unknown_names(&gate.when, accounts).iter().map(|unknown| unknown.sentence(&who, NOWHERE)).collect()
}

fn too_many(summary: &GateSummary, sample: &Sample) -> Option<String> {
    let GateSummary { gate, ideal, .. } = summary;
    let all = sample.labels.iter().filter(|label| **label > 0.5).count();
    let careless = gate.severity == Severity::Out && *ideal > 0 && *ideal as f64 >= TOO_MANY * all as f64;
    careless
        .then(|| format!("gate {:?} puts {ideal} of {all} ideal customers out of the pond: review the gate", gate.id))
}
