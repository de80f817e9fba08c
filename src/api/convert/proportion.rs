//! Converts proportions with their intervals, and attribute values with their effects, to messages.

use sweetspot_core::Severity;
use sweetspot_proto::v1;
use sweetspot_report::{Factor, MatchingCustomers, Proportion};

/// Converts a proportion with its rate and interval.
pub(in crate::api) fn share(share: Proportion) -> v1::Share {
    let (low, high) = share.interval();
    v1::Share { part: share.part, of: share.total, rate: share.rate(), low, high }
}

/// Converts a value of an attribute with its effect.
pub(in crate::api) fn factor(factor: Factor) -> v1::Factor {
    let Factor { attribute, value, odds_ratio, low, high, customers, .. } = factor;
    v1::Factor { attribute: attribute.key, value, odds_ratio, low, high, customers: Some(share(customers)) }
}

/// Converts the customers that an exclusion rule of this severity holds for.
pub(in crate::api) fn matching_customers(matching: MatchingCustomers, severity: Severity) -> v1::MatchingCustomers {
    let summary = matching.summary(severity);
    let MatchingCustomers { accounts, ideal, all } = matching;
    v1::MatchingCustomers { accounts: Some(share(accounts)), ideal: Some(share(ideal)), all: Some(share(all)), summary }
}
