//! Builds the artifact to be stored from a fit.

mod empty_slots;
mod golden_rows;
mod hypotheses;
mod interactions;
mod segments;
mod slot_builder;
mod unknown_value_effect;

use sweetspot_core::{Customers, Digest, Vocabulary as _};
use sweetspot_solver::Design;

use self::empty_slots::AttributeHypotheses;
use self::golden_rows::golden_rows;
use self::hypotheses::stored_hypotheses;
use self::interactions::stored_interaction;
use self::segments::{StoredSegments, stored_segments};
use self::slot_builder::SlotBuilder;
use super::conditional_frequencies::value_frequencies;
use super::fitted_model::FittedModel;
use super::mean_customer_values::customer_values;
use super::out_of_fold::OutOfFoldEvaluation;
use super::tier_cuts::{tier_cuts, tier_cuts_by_odds};
use super::training_sample::Sample;
use super::{
    TrainError, TrainingSpec, active_exclusion_rules, deal_date_warnings, leave_values_out, monotonicity,
    temporal_holdout,
};
use crate::artifact::{
    AdditionalTerms, EvaluationDetails, no_value_order_reason, stored_evaluated_sample, stored_label_card, total_spread,
};
use crate::encoder::Feature;
use crate::evaluated_sample::{EvaluatedRow, EvaluatedSample};
use crate::score_uncertainty::FACTOR_COUNT;
use crate::stored::StoredField as _;
use crate::{ModelArtifact, Scorer, evaluate, stored};

/// From this AUC on, a warning asks whether the AUC is plausible.
const SUSPICIOUS_AUC: f64 = 0.98;
/// The maximum number of attributes named as responsible, each with at least this share of the largest spread.
const MAX_RESPONSIBLE: usize = 3;
const MIN_RESPONSIBLE_SHARE: f64 = 0.5;

/// Assembles the artifact and checks it by compiling it.
pub(super) fn assemble_artifact(
    spec: &TrainingSpec,
    customers: &Customers,
    data_digest: Digest,
    sample: &Sample,
    model: &FittedModel,
    out_of_fold: &OutOfFoldEvaluation,
) -> Result<ModelArtifact, TrainError> {
    let uncertainty = model.solution.uncertainty(&model.design, &model.row_counts, FACTOR_COUNT);
    let uncertainty = uncertainty.ok_or(TrainError::Inconsistent)?;
    let calibration = out_of_fold.calibration;
    let design = model.sample_design(sample);
    let mut parts = SlotBuilder::new(sample, model, &design, &uncertainty, calibration);
    // The base is the first term of the design, followed by attributes, hypotheses and interactions.
    let of_feature = |(index, feature)| stored_term(&mut parts, sample, model, &design, (index + 1, feature));
    let mut terms: Vec<stored::Term> = sample.features.iter().enumerate().map(of_feature).collect();
    let hypotheses = stored_hypotheses(&parts, sample, model, 1 + terms.len());
    let first_pair = sample.design.terms.len();
    let interaction = |(index, pair)| stored_interaction(&mut parts, sample, model, &terms, (first_pair + index, pair));
    let pairs: Vec<stored::Pair> = model.interactions.iter().enumerate().map(interaction).collect();
    let (base, base_variance, base_factors) = parts.base();
    let tiers = stored_tiers(sample, out_of_fold, base);
    let kind_of = |attribute: &str| customers.accounts().kind(attribute);
    let (exclusion_rules, rule_warnings) = active_exclusion_rules::active_rules(spec, customers.accounts(), sample);
    let values = customer_values(sample, customers);
    let additions = AdditionalTerms { interactions: &pairs, hypotheses: &hypotheses };
    let frequencies = value_frequencies(sample, &terms, additions);
    terms.iter_mut().zip(frequencies).for_each(|(term, frequencies)| term.value_frequencies = frequencies);
    let StoredSegments { segments, last_number, note } =
        stored_segments(spec, customers, sample, &terms, additions, &exclusion_rules, values.as_ref());
    let no_order = no_value_order_reason(values.as_ref(), &segments);
    let mut stored = stored::ModelArtifact {
        format_version: crate::artifact::FORMAT_VERSION,
        trainer_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: spec.seed,
        data_sha256: data_digest.to_string(),
        base_log_odds: base,
        segments,
        values,
        terms,
        tiers: Some(tiers),
        label_card: Some(stored_label_card(&sample.card)),
        evaluation: (!sample.is_few()).then(|| stored_evaluation(sample, out_of_fold, &tiers)),
        judged: (!sample.is_few())
            .then(|| stored_evaluated_sample(&evaluated_sample(sample, out_of_fold, customers, data_digest))),
        solver: Some(solver_report(model)),
        calibration: Some(stored::Calibration { intercept: calibration.intercept, slope: calibration.slope }),
        golden_rows: Vec::new(),
        warnings: Vec::new(),
        base_variance,
        base_factors,
        pairs,
        hypotheses,
        label_policy: Some(spec.label_policy.into()),
        exclusion_rules: exclusion_rules
            .iter()
            .map(|rule| rule.to_stored(kind_of(&rule.rule.when.attribute)))
            .collect(),
        last_segment_number: last_number,
        segment_note: note,
    };
    let warnings = model_warnings(sample, model, out_of_fold, &stored);
    stored.warnings = warnings.into_iter().chain(rule_warnings).chain(no_order).collect();
    add_golden_rows(stored, sample, customers)
}

/// Adds scores that every later program must reproduce, and checks that this one does.
fn add_golden_rows(
    mut stored: stored::ModelArtifact,
    sample: &Sample,
    customers: &Customers,
) -> Result<ModelArtifact, TrainError> {
    stored.golden_rows = golden_rows(&compile(&stored)?, sample, customers);
    compile(&stored)?;
    let mut artifact = ModelArtifact(stored);
    let date_warnings = deal_date_warnings::warnings(&artifact.attributes());
    artifact.0.warnings.extend(date_warnings);
    Ok(artifact)
}

/// The probabilities at which the tiers start: by the odds of the average customer if there are too few customers to
/// evaluate.
fn stored_tiers(sample: &Sample, out_of_fold: &OutOfFoldEvaluation, base: f64) -> stored::TierCuts {
    if sample.is_few() {
        return tier_cuts_by_odds(base);
    }
    tier_cuts(&out_of_fold.probabilities, &out_of_fold.labels, sample.row_weights)
}

fn solver_report(model: &FittedModel) -> stored::SolverReport {
    let fitted = &model.solution;
    let (iterations, gradient) = (fitted.iterations, fitted.gradient);
    stored::SolverReport { iterations, gradient, parameters: fitted.parameters.len() as u64 }
}

/// The warnings of a model, most important first.
fn model_warnings(
    sample: &Sample,
    model: &FittedModel,
    tested: &OutOfFoldEvaluation,
    stored: &stored::ModelArtifact,
) -> Vec<String> {
    let verdict = Some(tested.evaluation.verdict()).filter(|_| !tested.evaluation.has_signal());
    let newest = tested
        .temporal_holdout
        .as_ref()
        .and_then(|newest| temporal_holdout::holdout_warning(newest, &tested.evaluation));
    let unseen = tested.evaluation.leave_values_out.as_ref().and_then(leave_values_out::disagreement_warning);
    let doubts = unseen.into_iter().chain(suspicious_auc_warning(
        tested.evaluation.auc,
        &stored.terms,
        AdditionalTerms::from_model(stored),
    ));
    let warnings = verdict.into_iter().chain(doubts).chain(sample.warnings.iter().cloned());
    warnings.chain(monotonicity::contradiction_warnings(sample, model)).chain(newest).collect()
}

/// The warning about an implausibly high AUC, with the attributes that contribute most.
fn suspicious_auc_warning(auc: f64, terms: &[stored::Term], additions: AdditionalTerms<'_>) -> Option<String> {
    let mut spreads: Vec<(&str, f64)> =
        terms.iter().map(|term| (term.attribute.as_str(), total_spread(term, additions))).collect();
    spreads.sort_by(|a, b| b.1.total_cmp(&a.1));
    let min_spread = spreads.first()?.1 * MIN_RESPONSIBLE_SHARE;
    let responsible: Vec<String> = spreads
        .iter()
        .take(MAX_RESPONSIBLE)
        .filter(|(_, spread)| *spread >= min_spread)
        .map(|(name, spread)| format!("{name:?} ({spread:.2} log-odds)"))
        .collect();
    (auc >= SUSPICIOUS_AUC).then(|| {
        format!(
            "AUC {auc:.3}: too good to be true? It rests most on {}. Values written after the outcome, and rows that repeat an account, \
             look like this; leave such an attribute out (train --exclude), or map a group",
            responsible.join(", ")
        )
    })
}

fn stored_evaluation(sample: &Sample, tested: &OutOfFoldEvaluation, cuts: &stored::TierCuts) -> stored::Evaluation {
    let (labels, probabilities) = (&tested.labels, &tested.probabilities);
    let cuts = [cuts.a, cuts.b, cuts.c];
    let counts = evaluate::count_by_tier(labels, probabilities, cuts);
    let weights = sample.row_weights;
    let value = |(row, label): (&usize, &f64)| (sample.values.get(*row).copied().flatten(), weights.weight(*label));
    let values: Vec<_> = tested.rows.iter().zip(labels).map(value).collect();
    let values = evaluate::value_by_tier(&values, probabilities, cuts);
    let (deciles, parts) = evaluate::deciles_and_parts(labels, probabilities, weights);
    let details = EvaluationDetails {
        weights,
        temporal_holdout: tested.temporal_holdout,
        deciles,
        ideal_by_part: parts,
        tiers: evaluate::add_values(evaluate::tier_metrics(&counts, weights), values.into_iter().flatten().map(Some)),
    };
    let mut evaluation = tested.evaluation.to_stored(tested.fold_count);
    details.add_to(&mut evaluation);
    evaluation
}

/// The evaluated customers, each with its out-of-fold prediction.
///
/// The customers of a weighted row have no ids. They are found again by a version of the same data alone.
fn evaluated_sample(
    sample: &Sample,
    tested: &OutOfFoldEvaluation,
    customers: &Customers,
    data: Digest,
) -> EvaluatedSample {
    let hash_account = |id: &str, number: usize| {
        if sample.counts.are_weighted() {
            EvaluatedRow::account_hash(&format!("{data} {id} {number}"))
        } else {
            EvaluatedRow::account_hash(id)
        }
    };
    let mut numbers = vec![0; sample.rows.len()];
    let evaluated_row = |(row, (label, (log_odds, fold))): (&usize, (&f64, (&f64, &usize)))| {
        let id = customers.accounts().ids().get(*sample.rows.get(*row)?)?;
        let group = sample.groups.get(*row).copied().flatten();
        let number = numbers.get_mut(*row)?;
        *number += 1;
        Some(EvaluatedRow {
            account: hash_account(id, *number),
            ideal: *label > 0.5,
            log_odds: *log_odds,
            group: group.map_or(0, |group| group as u32 + 1),
            fold: *fold as u8,
        })
    };
    let predictions = tested.calibrated_log_odds.iter().zip(&tested.row_folds);
    EvaluatedSample::new(
        tested.rows.iter().zip(tested.labels.iter().zip(predictions)).filter_map(evaluated_row).collect(),
    )
}

fn compile(stored: &stored::ModelArtifact) -> Result<Scorer, TrainError> {
    Scorer::compile(&ModelArtifact(stored.clone())).map_err(|_| TrainError::Inconsistent)
}

fn stored_term(
    parts: &mut SlotBuilder<'_>,
    sample: &Sample,
    model: &FittedModel,
    design: &Design,
    (index, feature): (usize, &Feature),
) -> stored::Term {
    let mut slots = parts.slots(index);
    let smoothing = model.layout.smoothing_of_term(index, &model.solution.smoothing);
    parts.widen_pooled_slot(&mut slots, feature, smoothing);
    let (hypothesis_slots, codes) = (parts.hypothesis_slots(1 + sample.features.len()), design.terms.get(index));
    if let Some(codes) = codes {
        let of_beliefs = design.terms.get(1 + sample.features.len()).filter(|_| !sample.hypothesis_set.is_empty());
        let hypotheses = AttributeHypotheses::for_attribute(
            feature,
            &sample.hypothesis_set.conditions,
            &hypothesis_slots,
            of_beliefs.map(AsRef::as_ref),
        );
        empty_slots::fill_empty_slots(&mut slots, feature, codes, &sample.counts, &hypotheses);
    }
    let missing = slots.last().map_or(0, |slot| slot.customers);
    let (decimal, date_order) = feature.format.keys();
    stored::Term {
        attribute: feature.attribute.clone(),
        encoder: Some(feature.to_stored()),
        slots,
        strength: smoothing,
        effective_parameters: model.solution.effective_parameters.get(index).copied().unwrap_or(0.0),
        missing_share: missing as f64 / sample.counts.total().max(1) as f64,
        direction: model
            .layout
            .blocks
            .get(index)
            .and_then(|block| block.monotonicity)
            .map_or(0, |monotonicity| monotonicity::direction_from_monotonicity(monotonicity).into_stored()),
        value_frequencies: None,
        decimal,
        date_order,
    }
}

#[cfg(test)]
mod tests;
