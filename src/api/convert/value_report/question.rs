//! What is asked of a value report, from the wire, and what was stated, on the wire.

use sweetspot_proto::v1;
use sweetspot_report::value::{Basis, Stated, ValueQuestion};

use crate::api::problems::Problems;

/// Why a stated figure is refused.
const REASON: &str = "INVALID_VALUE_WEIGHT";

/// Reads what a value report is asked; the version is read elsewhere.
pub(in crate::api) fn question(request: &v1::GetValueCurveRequest, problems: &mut Problems) -> Option<ValueQuestion> {
    let v1::GetValueCurveRequest { version: _, weights, top_share, cohort_basis, cohort_threshold } = *request;
    let stated = stated(weights, problems);
    if top_share.is_some_and(|share| !(share > 0.0 && share < 1.0)) {
        problems.add("INVALID_TOP_SHARE", "top_share", "a share must be above 0 and below 1: omit it for 0.2");
    }
    if cohort_threshold.is_some_and(|threshold| !threshold.is_finite()) {
        problems.add(
            REASON,
            "cohort_threshold",
            "a threshold must be a finite amount: omit it to find one automatically",
        );
    }
    let basis = basis(problems.known("cohort_basis", cohort_basis)?);
    Some(ValueQuestion { stated, top_share, basis, threshold: cohort_threshold })
}

/// Reads what is stated about money; nothing is stated where the message is absent.
pub(in crate::api) fn stated(wire: Option<v1::ValueWeights>, problems: &mut Problems) -> Stated {
    let v1::ValueWeights { annual_rate, hourly_cost, advocacy_point, reputation_point, count_market_value } =
        wire.unwrap_or_default();
    if annual_rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
        problems.add(REASON, "weights.annual_rate", "a rate must be between 0 and 1: 0.08 is 8% a year");
    }
    let amounts = [
        ("weights.hourly_cost", hourly_cost),
        ("weights.advocacy_point", advocacy_point),
        ("weights.reputation_point", reputation_point),
    ];
    for (field, amount) in amounts {
        if amount.is_some_and(|amount| !(amount >= 0.0 && amount.is_finite())) {
            problems.add(REASON, field, "an amount must be finite and not negative: omit it to ignore it");
        }
    }
    Stated { annual_rate, hourly_cost, advocacy_point, reputation_point, count_market_value }
}

const fn basis(wire: v1::CohortBasis) -> Option<Basis> {
    match wire {
        v1::CohortBasis::Unspecified => None,
        v1::CohortBasis::YearlySpend => Some(Basis::YearlySpend),
        v1::CohortBasis::FirstQuarter => Some(Basis::FirstQuarter),
        v1::CohortBasis::Value => Some(Basis::Value),
    }
}

pub(super) const fn wire_basis(basis: Basis) -> v1::CohortBasis {
    match basis {
        Basis::YearlySpend => v1::CohortBasis::YearlySpend,
        Basis::FirstQuarter => v1::CohortBasis::FirstQuarter,
        Basis::Value => v1::CohortBasis::Value,
    }
}

pub(super) const fn weights(stated: Stated) -> v1::ValueWeights {
    let Stated { annual_rate, hourly_cost, advocacy_point, reputation_point, count_market_value } = stated;
    v1::ValueWeights { annual_rate, hourly_cost, advocacy_point, reputation_point, count_market_value }
}
