//! The stored form of outcomes.

use sweetspot_core::{Date, OutcomeRef, OutcomeStatus};

use super::normalize_zero;
use crate::stored::CustomerOutcome;
use crate::stored::customer_outcome::Status as Kept;

/// Encodes an outcome.
pub(super) fn encode(outcome: OutcomeRef<'_>) -> CustomerOutcome {
    let OutcomeRef { status, value, cost_to_serve, cost_to_acquire, since, group, reason } = outcome;
    let status = match status {
        None => Kept::Unspecified,
        Some(OutcomeStatus::Won) => Kept::Won,
        Some(OutcomeStatus::Lost) => Kept::Lost,
        Some(OutcomeStatus::Churned) => Kept::Churned,
    };
    CustomerOutcome {
        status: status.into(),
        value: value.map(normalize_zero),
        cost_to_serve: cost_to_serve.map(normalize_zero),
        cost_to_acquire: cost_to_acquire.map(normalize_zero),
        since_days: since.map(|date| date.days),
        group: group.map(str::to_owned),
        reason: reason.map(str::to_owned),
    }
}

/// Decodes an outcome. Returns `None` if its status is unknown.
pub(super) fn decode(outcome: &CustomerOutcome) -> Option<OutcomeRef<'_>> {
    let CustomerOutcome { status, value, cost_to_serve, cost_to_acquire, since_days, group, reason } = outcome;
    let status = match Kept::try_from(*status).ok()? {
        Kept::Unspecified => None,
        Kept::Won => Some(OutcomeStatus::Won),
        Kept::Lost => Some(OutcomeStatus::Lost),
        Kept::Churned => Some(OutcomeStatus::Churned),
    };
    let since = since_days.map(|days| Date { days });
    Some(OutcomeRef {
        status,
        value: *value,
        cost_to_serve: *cost_to_serve,
        cost_to_acquire: *cost_to_acquire,
        since,
        group: group.as_deref(),
        reason: reason.as_deref(),
    })
}
