//! Converts evaluation reports to messages.

use sweetspot_core::OutcomeStatus;
use sweetspot_proto::v1::acceptance_criterion::Verdict as WireVerdict;
use sweetspot_proto::v1::{self};
use sweetspot_report::{Criterion, CriterionResult, MissingShares, OutcomeScoreCounts, Proof, ScoreCounts};

use super::evaluation::evaluation_with_details;
use super::proportion::factor;
use super::version::{attribute, label_card};

/// Converts the report on an evaluation.
pub(in crate::api) fn evaluation_report(proof: Proof) -> v1::EvaluationReport {
    let Proof {
        version,
        label_card: card,
        evaluation,
        details,
        gains,
        // Both are part of the evaluation.
        overall: _,
        tiers: _,
        acceptance,
        calibration,
        effects,
        omitted_effects: less_effects,
        cuts,
        influence,
        omitted_influence: less_influence,
        strips,
        missing,
        omitted_missing: less_missing,
        cautions,
        warnings,
    } = proof;
    let mut evaluation = evaluation_with_details(&evaluation, details);
    for (decile, (low, high)) in evaluation.deciles.iter_mut().zip(gains) {
        (decile.found_low, decile.found_high) = (Some(low), Some(high));
    }
    v1::EvaluationReport {
        version,
        evaluation: Some(evaluation),
        label_card: Some(label_card(card)),
        acceptance: acceptance.criteria().map(criterion).to_vec(),
        too_broad: acceptance.is_too_broad,
        influence: influence.into_iter().map(|influence| attribute(influence.summary)).collect(),
        scores: strips.into_iter().map(outcome_scores).collect(),
        missing: missing.into_iter().map(missing_attribute).collect(),
        cautions,
        warnings,
        more_influence: less_influence as u64,
        more_missing: less_missing as u64,
        tier_cuts: cuts.map(Vec::from).unwrap_or_default(),
        effects: effects.into_iter().map(factor).collect(),
        more_effects: less_effects as u64,
        calibration_intercept: calibration.map(|(intercept, _)| intercept),
        calibration_slope: calibration.map(|(_, slope)| slope),
    }
}

/// Converts an acceptance criterion.
pub(in crate::api) fn criterion(criterion: &Criterion) -> v1::AcceptanceCriterion {
    let Criterion { name, requirement: wanted, observed: found, is_percent: _, result: verdict } = criterion;
    let verdict = match verdict {
        CriterionResult::Met => WireVerdict::Reached,
        CriterionResult::NotMet => WireVerdict::NotReached,
        CriterionResult::Inconclusive => WireVerdict::NotSure,
        CriterionResult::Unknown => WireVerdict::Unspecified,
    };
    v1::AcceptanceCriterion {
        name: (*name).to_owned(),
        wanted: (*wanted).to_owned(),
        found: found.map(|found| found.value),
        low: found.map(|found| found.low),
        high: found.map(|found| found.high),
        verdict: verdict.into(),
    }
}

fn outcome_scores(strip: OutcomeScoreCounts) -> v1::OutcomeScores {
    let outcome = match strip.status {
        Some(OutcomeStatus::Won) => "won",
        Some(OutcomeStatus::Churned) => "churned",
        Some(OutcomeStatus::Lost) => "lost",
        None => "",
    };
    v1::OutcomeScores { outcome: outcome.to_owned(), ..scores(strip.scores) }
}

/// Converts the score distribution of accounts, without an outcome.
pub(in crate::api) fn scores(scores: ScoreCounts) -> v1::OutcomeScores {
    let ScoreCounts { counts, tiers } = scores;
    v1::OutcomeScores { outcome: String::new(), bins: counts, tiers: tiers.to_vec() }
}

fn missing_attribute(shares: MissingShares) -> v1::MissingAttribute {
    let uneven = shares.is_uneven();
    let MissingShares { attribute, ideal, not_ideal: other } = shares;
    v1::MissingAttribute {
        attribute: attribute.key,
        ideal_missing: ideal.part,
        ideal: ideal.total,
        other_missing: other.part,
        other: other.total,
        uneven,
    }
}
