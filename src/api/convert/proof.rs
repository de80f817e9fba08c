//! How good a version is, as it is answered.

use sweetspot_core::Status;
use sweetspot_proto::v1::acceptance_criterion::Verdict as WireVerdict;
use sweetspot_proto::v1::{self};
use sweetspot_report::{Criterion, MissingShares, Proof, ScoreStrip, Scores, Verdict};

use super::evaluation::whole_evaluation;
use super::figures::factor;
use super::version::{attribute, label_card};

/// The report on an evaluation.
pub(in crate::api) fn evaluation_report(proof: Proof) -> v1::EvaluationReport {
    let Proof {
        version,
        card,
        evaluation,
        details,
        gains,
        // Both are told by the evaluation.
        overall: _,
        tiers: _,
        acceptance,
        calibration,
        effects,
        less_effects,
        cuts,
        influence,
        less_influence,
        strips,
        missing,
        less_missing,
        cautions,
        warnings,
    } = proof;
    let mut evaluation = whole_evaluation(&evaluation, details);
    for (tenth, (low, high)) in evaluation.tenths.iter_mut().zip(gains) {
        (tenth.found_low, tenth.found_high) = (Some(low), Some(high));
    }
    v1::EvaluationReport {
        version,
        evaluation: Some(evaluation),
        label_card: Some(label_card(card)),
        acceptance: acceptance.criteria().map(criterion).to_vec(),
        too_broad: acceptance.too_broad,
        influence: influence.into_iter().map(attribute).collect(),
        scores: strips.into_iter().map(strip).collect(),
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

fn criterion(criterion: &Criterion) -> v1::AcceptanceCriterion {
    let Criterion { name, wanted, found, percent: _, verdict } = criterion;
    let verdict = match verdict {
        Verdict::Met => WireVerdict::Reached,
        Verdict::Missed => WireVerdict::NotReached,
        Verdict::Open => WireVerdict::NotSure,
        Verdict::Unknown => WireVerdict::Unspecified,
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

fn strip(strip: ScoreStrip) -> v1::OutcomeScores {
    let outcome = match strip.status {
        Some(Status::Won) => "won",
        Some(Status::Churned) => "churned",
        Some(Status::Lost) => "lost",
        None => "",
    };
    v1::OutcomeScores { outcome: outcome.to_owned(), ..scores(strip.scores) }
}

/// Where accounts of no outcome are scored.
pub(in crate::api) fn scores(scores: Scores) -> v1::OutcomeScores {
    let Scores { counts, tiers } = scores;
    v1::OutcomeScores { outcome: String::new(), bins: counts, tiers: tiers.to_vec() }
}

fn missing_attribute(shares: MissingShares) -> v1::MissingAttribute {
    let uneven = shares.is_uneven();
    let MissingShares { attribute, ideal, other } = shares;
    v1::MissingAttribute {
        attribute,
        ideal_missing: ideal.part,
        ideal: ideal.of,
        other_missing: other.part,
        other: other.of,
        uneven,
    }
}
