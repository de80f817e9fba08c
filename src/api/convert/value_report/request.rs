//! Reads value report requests, and converts the stated amounts to messages.

use sweetspot_proto::v1;
use sweetspot_report::value::{MoneyAssumptions, SplitBasis, ValueOptions};

use crate::api::violations::Violations;
use crate::messages::enums::WireEnum as _;

/// The error reason for an invalid stated amount.
const REASON: &str = "INVALID_VALUE_WEIGHT";

/// Reads a value report request, except for its version.
pub(in crate::api) fn parse_value_request(
    request: &v1::GetValueCurveRequest,
    problems: &mut Violations,
) -> Option<ValueOptions> {
    let v1::GetValueCurveRequest { version: _, weights, top_share, cohort_basis, cohort_threshold } = *request;
    let stated = parse_money_assumptions(weights, problems);
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
    let basis = SplitBasis::from_wire(problems.parse_enum("cohort_basis", cohort_basis)?);
    Some(ValueOptions { assumptions: stated, top_share, basis, threshold: cohort_threshold })
}

/// Reads the stated amounts. If the message is absent, none are stated.
pub(in crate::api) fn parse_money_assumptions(
    wire: Option<v1::ValueWeights>,
    problems: &mut Violations,
) -> MoneyAssumptions {
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
    MoneyAssumptions {
        annual_rate,
        hourly_cost,
        advocacy_point,
        reputation_point,
        counts_market_value: count_market_value,
    }
}

pub(super) const fn wire_weights(stated: MoneyAssumptions) -> v1::ValueWeights {
    let MoneyAssumptions {
        annual_rate,
        hourly_cost,
        advocacy_point,
        reputation_point,
        counts_market_value: count_market_value,
    } = stated;
    v1::ValueWeights { annual_rate, hourly_cost, advocacy_point, reputation_point, count_market_value }
}
