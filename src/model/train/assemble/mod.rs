//! From a fit to the artifact that is kept.

mod parts;

use self::parts::Parts;
use super::fit::FittedModel;
use super::out_of_fold::Tested;
use super::pairs::Pair;
use super::sample::Sample;
use super::tiers::tier_cuts;
use super::{TrainError, TrainingSpec, directions, newest};
use crate::domain::{Account, Customers, Digest, Value, ValueRef};
use crate::generated::stored;
use crate::model::artifact::{EvaluationDetails, stored_card, stored_direction};
use crate::model::encoder::Feature;
use crate::model::evaluate;
use crate::model::scorer::RANK;
use crate::model::scorer::cell::to_cell;
use crate::model::solve::Groups;
use crate::model::{ModelArtifact, Scorer};

/// Rows whose score is kept, to be checked whenever the artifact is loaded.
const GOLDEN_ROWS: usize = 16;

/// Puts the artifact together and checks it by compiling it.
pub(super) fn artifact(
    spec: &TrainingSpec,
    customers: &Customers,
    data: Digest,
    sample: &Sample,
    model: &FittedModel,
    tested: &Tested,
) -> Result<ModelArtifact, TrainError> {
    let uncertainty = model.fitted.uncertainty(&model.design, RANK);
    let uncertainty = uncertainty.ok_or(TrainError::Inconsistent)?;
    let calibration = tested.calibration;
    let mut parts = Parts::new(sample, model, &uncertainty, |raw| calibration.apply(raw), calibration.slope);
    // The base is the first term of the design, then come attributes, then pairs.
    let of_feature = |(index, feature)| term(&mut parts, sample, model, index + 1, feature);
    let terms: Vec<stored::Term> = sample.features.iter().enumerate().map(of_feature).collect();
    let first_pair = 1 + terms.len();
    let of_pair = |(index, of)| pair(&mut parts, sample, model, first_pair + index, of);
    let pairs = model.pairs.iter().enumerate().map(of_pair).collect();
    let (base, base_variance, base_factors) = parts.base();
    let tiers = tier_cuts(&tested.probabilities);
    let mut evaluation = tested.evaluation.to_stored(tested.folds);
    details(tested, &tiers).add_to(&mut evaluation);
    let mut stored = stored::ModelArtifact {
        format_version: crate::model::artifact::FORMAT_VERSION,
        trainer_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: spec.seed,
        data_sha256: data.to_string(),
        base_log_odds: base,
        terms,
        tiers: Some(tiers),
        label_card: Some(stored_card(&sample.card)),
        evaluation: Some(evaluation),
        solver: Some(stored::SolverReport {
            iterations: model.fitted.iterations,
            gradient: model.fitted.gradient,
            parameters: model.fitted.parameters.len() as u64,
        }),
        calibration: Some(stored::Calibration {
            intercept: tested.calibration.intercept,
            slope: tested.calibration.slope,
        }),
        golden_rows: Vec::new(),
        warnings: warnings(sample, model, tested),
        base_variance,
        base_factors,
        pairs,
    };
    let scorer = compile(&stored)?;
    let step = sample.rows.len().div_ceil(GOLDEN_ROWS).max(1);
    stored.golden_rows =
        sample.rows.iter().step_by(step).map(|row| golden_row(&scorer, sample, customers, *row)).collect();
    compile(&stored)?;
    Ok(ModelArtifact(stored))
}

/// What a person should know, what matters most first.
fn warnings(sample: &Sample, model: &FittedModel, tested: &Tested) -> Vec<String> {
    let verdict = Some(tested.evaluation.verdict()).filter(|_| !tested.evaluation.has_signal());
    let newest = tested.newest.as_ref().and_then(|newest| newest::warning(newest, &tested.evaluation));
    let told = verdict.into_iter().chain(sample.warnings.iter().cloned());
    told.chain(directions::warnings(sample, model)).chain(newest).collect()
}

fn details(tested: &Tested, cuts: &stored::TierCuts) -> EvaluationDetails {
    let (labels, probabilities) = (&tested.labels, &tested.probabilities);
    let counts = evaluate::count_by_tier(labels, probabilities, [cuts.a, cuts.b, cuts.c]);
    EvaluationDetails {
        newest: tested.newest,
        tenths: evaluate::tenths(labels, probabilities),
        tiers: evaluate::tier_figures(&counts),
    }
}

fn compile(stored: &stored::ModelArtifact) -> Result<Scorer, TrainError> {
    Scorer::compile(&ModelArtifact(stored.clone())).map_err(|_| TrainError::Inconsistent)
}

fn term(parts: &mut Parts<'_>, sample: &Sample, model: &FittedModel, index: usize, feature: &Feature) -> stored::Term {
    let slots = parts.slots(index);
    let missing = slots.last().map_or(0, |slot| slot.customers);
    stored::Term {
        attribute: feature.attribute.clone(),
        encoder: Some(feature.to_stored()),
        slots,
        strength: model.layout.strength_of(index, &model.fitted.strengths),
        effective_parameters: model.fitted.effective.get(index).copied().unwrap_or(0.0),
        missing_share: missing as f64 / sample.rows.len().max(1) as f64,
        direction: stored_direction(model.layout.blocks.get(index).and_then(|block| block.direction)).into(),
    }
}

fn pair(parts: &mut Parts<'_>, sample: &Sample, model: &FittedModel, index: usize, pair: &Pair) -> stored::Pair {
    let side = |feature: usize, groups: &Groups| {
        let feature = sample.features.get(feature);
        let of_slot = |slot: usize| groups.of(slot).unwrap_or(0);
        let slots = feature.map_or(0, Feature::slots);
        let members = |group: usize| (0..slots).filter(|slot| of_slot(*slot) == group).collect::<Vec<_>>();
        let label = |group: usize| feature.map_or_else(String::new, |feature| feature.group_label(&members(group)));
        let name = feature.map_or_else(String::new, |feature| feature.attribute.clone());
        (name, (0..slots).map(|slot| of_slot(slot) as u32).collect(), (0..groups.count).map(label).collect())
    };
    let (first, first_groups, first_labels) = side(pair.first, &pair.first_groups);
    let (second, second_groups, second_labels) = side(pair.second, &pair.second_groups);
    stored::Pair {
        first,
        second,
        first_groups,
        second_groups,
        first_labels,
        second_labels,
        cells: parts.slots(index),
        strength: model.layout.strength_of(index, &model.fitted.strengths),
        effective_parameters: model.fitted.effective.get(index).copied().unwrap_or(0.0),
        evidence: model.fitted.evidence.get(index).copied().flatten().unwrap_or(0.0),
    }
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
