//! From a fit to the artifact that is kept.

use super::out_of_fold::Tested;
use super::sample::Sample;
use super::tiers::tier_cuts;
use super::{Fitted, TrainError, TrainingSpec};
use crate::domain::{Account, Customers, Digest, Value, ValueRef};
use crate::generated::stored;
use crate::model::artifact::stored_card;
use crate::model::design::TermCodes;
use crate::model::encoder::{Encoder, Feature};
use crate::model::scorer::cell::to_cell;
use crate::model::{ModelArtifact, Scorer};

/// Log-odds are kept as multiples of this, 2⁻³²: sums of them are exact in f64, in any order of addition.
const GRAIN: f64 = 1.0 / 4_294_967_296.0;
/// Rows whose score is kept, to be checked whenever the artifact is loaded.
const GOLDEN_ROWS: usize = 16;

/// Puts the artifact together and checks it by compiling it.
pub(super) fn artifact(
    spec: &TrainingSpec,
    customers: &Customers,
    data: Digest,
    sample: &Sample,
    fitted: &Fitted,
    tested: &Tested,
) -> Result<ModelArtifact, TrainError> {
    let (base, terms) = terms(sample, fitted, tested);
    let mut warnings = sample.warnings.clone();
    if !tested.evaluation.has_signal() {
        warnings.insert(0, tested.evaluation.verdict());
    }
    let mut stored = stored::ModelArtifact {
        format_version: crate::model::artifact::FORMAT_VERSION,
        trainer_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: spec.seed,
        data_sha256: data.to_string(),
        base_log_odds: base,
        terms,
        tiers: Some(tier_cuts(&tested.probabilities)),
        label_card: Some(stored_card(&sample.card)),
        evaluation: Some(tested.evaluation.to_stored(tested.folds)),
        solver: Some(stored::SolverReport {
            iterations: fitted.iterations,
            gradient: fitted.gradient,
            parameters: fitted.parameters.len() as u64,
        }),
        calibration: Some(stored::Calibration {
            intercept: tested.calibration.intercept,
            slope: tested.calibration.slope,
        }),
        golden_rows: Vec::new(),
        warnings,
    };
    let scorer = compile(&stored)?;
    let step = sample.rows.len().div_ceil(GOLDEN_ROWS).max(1);
    stored.golden_rows =
        sample.rows.iter().step_by(step).map(|row| golden_row(&scorer, sample, customers, *row)).collect();
    compile(&stored)?;
    Ok(ModelArtifact(stored))
}

fn compile(stored: &stored::ModelArtifact) -> Result<Scorer, TrainError> {
    Scorer::compile(&ModelArtifact(stored.clone())).map_err(|_| TrainError::Inconsistent)
}

/// Base and terms: calibrated, each term moved so that the average customer gets zero from it, rounded to the grain.
fn terms(sample: &Sample, fitted: &Fitted, tested: &Tested) -> (f64, Vec<stored::Term>) {
    let mut base = tested.calibration.apply(fitted.parameters.first().copied().unwrap_or(0.0));
    let mut terms = Vec::with_capacity(sample.features.len());
    let mut start = 1;
    // The first penalties are one a feature, in their order.
    for ((feature, codes), strength) in sample.features.iter().zip(&sample.design.terms).zip(&fitted.strengths) {
        let range = start..start + codes.slots;
        start = range.end;
        let beta = fitted.parameters.get(range.clone()).unwrap_or_default();
        let effective = fitted.effective.get(range).unwrap_or_default().iter().sum();
        let mut slots = counts(sample, codes);
        for (slot, beta) in slots.iter_mut().zip(beta) {
            slot.log_odds = beta * tested.calibration.slope;
        }
        base += centre(feature, &mut slots, sample.rows.len());
        let missing = slots.last().map_or(0, |slot| slot.customers);
        terms.push(stored::Term {
            attribute: feature.attribute.clone(),
            encoder: Some(feature.to_stored()),
            slots,
            strength: *strength,
            effective_parameters: effective,
            missing_share: missing as f64 / sample.rows.len().max(1) as f64,
        });
    }
    (to_grain(base), terms)
}

/// How many customers, and ideal ones, fill each slot.
fn counts(sample: &Sample, term: &TermCodes) -> Vec<stored::Slot> {
    let mut slots = vec![stored::Slot::default(); term.slots];
    for (row, label) in sample.labels.iter().enumerate() {
        for code in term.codes.row(row) {
            if let Some(slot) = slots.get_mut(*code as usize) {
                slot.customers += 1;
                slot.ideal += u64::from(*label > 0.5);
            }
        }
    }
    slots
}

/// Moves a term's mean into the base and rounds. A slot that no customer fills gets zero: what is not known counts as average.
///
/// The slots of a list add up, so that it has no mean to move: its base is an account about whose items nothing is said.
fn centre(feature: &Feature, slots: &mut [stored::Slot], rows: usize) -> f64 {
    let mean = match feature.encoder {
        Encoder::List(_) => 0.0,
        Encoder::Number(_) | Encoder::Date(_) | Encoder::Category(_) | Encoder::Flag => {
            slots.iter().map(|slot| slot.log_odds * slot.customers as f64).sum::<f64>() / rows.max(1) as f64
        }
    };
    for slot in slots {
        slot.log_odds = if slot.customers == 0 { 0.0 } else { to_grain(slot.log_odds - mean) };
    }
    mean
}

fn to_grain(log_odds: f64) -> f64 {
    // Adding zero makes -0 into 0, so that equal numbers have equal bytes.
    (log_odds / GRAIN).round() * GRAIN + 0.0
}

fn golden_row(scorer: &Scorer, sample: &Sample, customers: &Customers, row: usize) -> stored::GoldenRow {
    let value =
        |feature: &Feature| customers.accounts().column(&feature.attribute).and_then(|column| column.data.get(row));
    let cells: Vec<stored::Cell> = sample.features.iter().map(|feature| to_cell(value(feature).as_ref())).collect();
    let known = sample.features.iter().filter_map(|feature| Some((feature.attribute.clone(), owned(&value(feature)?))));
    let account = Account { id: String::new(), attributes: known.collect() };
    stored::GoldenRow { cells, log_odds: scorer.score(&account).log_odds }
}

fn owned(value: &ValueRef<'_>) -> Value {
    match value {
        ValueRef::Number(number) => Value::Number(*number),
        ValueRef::Text(text) => Value::Text((*text).to_owned()),
        ValueRef::Flag(flag) => Value::Flag(*flag),
        ValueRef::List(items) => Value::List(items.iter().map(|item| (*item).to_owned()).collect()),
        ValueRef::Date(date) => Value::Date(*date),
    }
}

#[cfg(test)]
mod tests;
