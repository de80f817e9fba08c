//! From a fit to the artifact that is kept.

mod beliefs;
mod golden;
mod mixture;
mod pairs;
mod parts;
mod segments;
mod unfilled;

use sweetspot_core::{Customers, Digest, Vocabulary as _};

use self::beliefs::hypotheses;
use self::golden::golden_rows;
use self::pairs::pair;
use self::parts::Parts;
use self::segments::kinds;
use self::unfilled::Believed;
use super::fitted::FittedModel;
use super::frequencies::value_frequencies;
use super::out_of_fold::Tested;
use super::sample::Sample;
use super::tiers::{cuts_by_odds, tier_cuts};
use super::values::values;
use super::{TrainError, TrainingSpec, deal_dates, directions, gates, newest, values_out};
use crate::artifact::{
    Additions, EvaluationDetails, no_value_order, stored_card, stored_direction, stored_policy, stored_sample,
    whole_spread,
};
use crate::compare::{JudgedRow, JudgedSample};
use crate::encoder::Feature;
use crate::scorer::RANK;
use crate::{ModelArtifact, Scorer, evaluate, stored};

/// From this AUC on a person is asked whether it can be true.
const TOO_GOOD: f64 = 0.98;
/// Most attributes that are named as responsible, each with at least this share of the largest spread.
const MAX_RESPONSIBLE: usize = 3;
const SHARE_RESPONSIBLE: f64 = 0.5;

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
    let mut parts = Parts::new(sample, model, &uncertainty, calibration);
    // The base is the first term of the design, then come attributes, then beliefs, then pairs.
    let of_feature = |(index, feature)| term(&mut parts, sample, model, index + 1, feature);
    let mut terms: Vec<stored::Term> = sample.features.iter().enumerate().map(of_feature).collect();
    let hypotheses = hypotheses(&parts, sample, model, 1 + terms.len());
    let first_pair = sample.design.terms.len();
    let of_pair = |(index, of)| pair(&mut parts, sample, model, &terms, (first_pair + index, of));
    let pairs: Vec<stored::Pair> = model.pairs.iter().enumerate().map(of_pair).collect();
    let (base, base_variance, base_factors) = parts.base();
    let tiers = if sample.is_few() {
        cuts_by_odds(base)
    } else {
        tier_cuts(&tested.probabilities, &tested.labels, sample.row_weights)
    };
    let kind_of = |attribute: &str| customers.accounts().kind(attribute);
    let (gates, gate_warnings) = gates::standing(spec, customers.accounts(), sample);
    let values = values(sample, customers);
    let additions = Additions { pairs: &pairs, hypotheses: &hypotheses };
    let frequencies = value_frequencies(sample, &terms, additions);
    terms.iter_mut().zip(frequencies).for_each(|(term, frequencies)| term.value_frequencies = frequencies);
    let segments = kinds(sample, &terms, additions, values.as_ref(), spec.seed);
    let no_order = no_value_order(values.as_ref(), &segments);
    let mut stored = stored::ModelArtifact {
        format_version: crate::artifact::FORMAT_VERSION,
        trainer_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: spec.seed,
        data_sha256: data.to_string(),
        base_log_odds: base,
        segments,
        values,
        terms,
        tiers: Some(tiers),
        label_card: Some(stored_card(&sample.card)),
        evaluation: (!sample.is_few()).then(|| evaluation(sample, tested, &tiers)),
        judged: (!sample.is_few()).then(|| stored_sample(&judged_sample(sample, tested, customers))),
        solver: Some(solver_report(model)),
        calibration: Some(stored::Calibration {
            intercept: tested.calibration.intercept,
            slope: tested.calibration.slope,
        }),
        golden_rows: Vec::new(),
        warnings: Vec::new(),
        base_variance,
        base_factors,
        pairs,
        hypotheses,
        label_policy: Some(stored_policy(&spec.label_policy)),
        gates: gates.iter().map(|one| one.to_stored(kind_of(&one.gate.when.attribute))).collect(),
    };
    let warnings = warnings(sample, model, tested, &stored);
    stored.warnings = warnings.into_iter().chain(gate_warnings).chain(no_order).collect();
    stored.golden_rows = golden_rows(&compile(&stored)?, sample, customers);
    compile(&stored)?;
    let mut artifact = ModelArtifact(stored);
    let of_deals = deal_dates::warnings(&artifact.attributes());
    artifact.0.warnings.extend(of_deals);
    Ok(artifact)
}

fn solver_report(model: &FittedModel) -> stored::SolverReport {
    let fitted = &model.fitted;
    let (iterations, gradient) = (fitted.iterations, fitted.gradient);
    stored::SolverReport { iterations, gradient, parameters: fitted.parameters.len() as u64 }
}

/// What a person should know, what matters most first.
fn warnings(sample: &Sample, model: &FittedModel, tested: &Tested, stored: &stored::ModelArtifact) -> Vec<String> {
    let verdict = Some(tested.evaluation.verdict()).filter(|_| !tested.evaluation.has_signal());
    let newest = tested.newest.as_ref().and_then(|newest| newest::warning(newest, &tested.evaluation));
    let unseen = tested.evaluation.leave_values_out.as_ref().and_then(values_out::warning);
    let doubts = unseen.into_iter().chain(too_good(tested.evaluation.auc, &stored.terms, Additions::of_model(stored)));
    let told = verdict.into_iter().chain(doubts).chain(sample.warnings.iter().cloned());
    told.chain(directions::warnings(sample, model)).chain(newest).collect()
}

/// What is said of an AUC that honest attributes hardly ever reach, with the attributes that contribute most.
fn too_good(auc: f64, terms: &[stored::Term], additions: Additions<'_>) -> Option<String> {
    let mut spreads: Vec<(&str, f64)> =
        terms.iter().map(|term| (term.attribute.as_str(), whole_spread(term, additions))).collect();
    spreads.sort_by(|one, other| other.1.total_cmp(&one.1));
    let least = spreads.first()?.1 * SHARE_RESPONSIBLE;
    let responsible: Vec<String> = spreads
        .iter()
        .take(MAX_RESPONSIBLE)
        .filter(|(_, spread)| *spread >= least)
        .map(|(name, spread)| format!("{name:?} ({spread:.2} log-odds)"))
        .collect();
    (auc >= TOO_GOOD).then(|| {
        format!(
            "AUC {auc:.3}: too good to be true? It rests most on {}. Values written after the outcome, and rows that repeat an account, \
             look like this; leave such an attribute out (train --exclude), or map a group",
            responsible.join(", ")
        )
    })
}

fn evaluation(sample: &Sample, tested: &Tested, cuts: &stored::TierCuts) -> stored::Evaluation {
    let (labels, probabilities) = (&tested.labels, &tested.probabilities);
    let cuts = [cuts.a, cuts.b, cuts.c];
    let counts = evaluate::count_by_tier(labels, probabilities, cuts);
    let weights = sample.row_weights;
    let value = |(row, label): (&usize, &f64)| (sample.values.get(*row).copied().flatten(), weights.weight(*label));
    let values: Vec<_> = tested.rows.iter().zip(labels).map(value).collect();
    let values = evaluate::value_by_tier(&values, probabilities, cuts);
    let (tenths, parts) = evaluate::tenths_and_parts(labels, probabilities, weights);
    let details = EvaluationDetails {
        weights,
        newest: tested.newest,
        tenths,
        parts,
        tiers: evaluate::with_values(evaluate::tier_figures(&counts, weights), values.into_iter().flatten().map(Some)),
    };
    let mut evaluation = tested.evaluation.to_stored(tested.folds);
    details.add_to(&mut evaluation);
    evaluation
}

/// The customers judged, each with the prediction of a fit that had not seen it.
fn judged_sample(sample: &Sample, tested: &Tested, customers: &Customers) -> JudgedSample {
    let judged = |(row, (label, (log_odds, fold))): (&usize, (&f64, (&f64, &usize)))| {
        let id = customers.accounts().ids().get(*sample.rows.get(*row)?)?;
        let group = sample.groups.get(*row).copied().flatten();
        Some(JudgedRow {
            account: JudgedRow::hash(id),
            ideal: *label > 0.5,
            log_odds: *log_odds,
            group: group.map_or(0, |group| group as u32 + 1),
            fold: *fold as u8,
        })
    };
    let predictions = tested.calibrated.iter().zip(&tested.fold_of);
    JudgedSample::new(tested.rows.iter().zip(tested.labels.iter().zip(predictions)).filter_map(judged).collect())
}

fn compile(stored: &stored::ModelArtifact) -> Result<Scorer, TrainError> {
    Scorer::compile(&ModelArtifact(stored.clone())).map_err(|_| TrainError::Inconsistent)
}

fn term(parts: &mut Parts<'_>, sample: &Sample, model: &FittedModel, index: usize, feature: &Feature) -> stored::Term {
    let mut slots = parts.slots(index);
    let strength = model.layout.strength_of(index, &model.fitted.strengths);
    parts.doubt_pooled(&mut slots, feature, strength);
    let (beliefs, codes) = (parts.beliefs(1 + sample.features.len()), model.design.terms.get(index));
    if let Some(codes) = codes {
        let of_beliefs = model.design.terms.get(1 + sample.features.len()).filter(|_| !sample.beliefs.is_empty());
        let believed = Believed::new(feature, &sample.beliefs.conditions, &beliefs, of_beliefs.map(AsRef::as_ref));
        unfilled::fill(&mut slots, feature, codes, &believed);
    }
    let missing = slots.last().map_or(0, |slot| slot.customers);
    let (decimal, date_order) = feature.format.keys();
    stored::Term {
        attribute: feature.attribute.clone(),
        encoder: Some(feature.to_stored()),
        slots,
        strength,
        effective_parameters: model.fitted.effective.get(index).copied().unwrap_or(0.0),
        missing_share: missing as f64 / sample.rows.len().max(1) as f64,
        direction: stored_direction(
            model.layout.blocks.get(index).and_then(|block| block.direction).map(directions::direction),
        )
        .into(),
        value_frequencies: None,
        decimal,
        date_order,
    }
}

#[cfg(test)]
mod tests;
