//! What happened to one account.

use sweetspot_core::{Date, OutcomeRef, Status};

use super::one_zero;
use crate::stored::CustomerOutcome;
use crate::stored::customer_outcome::Status as Kept;

/// An outcome as it is kept.
pub(super) fn encode(outcome: OutcomeRef<'_>) -> CustomerOutcome {
    let OutcomeRef { status, value, cost_to_serve, cost_to_acquire, since, group, reason } = outcome;
    let status = match status {
        None => Kept::Unspecified,
        Some(Status::Won) => Kept::Won,
        Some(Status::Lost) => Kept::Lost,
        Some(Status::Churned) => Kept::Churned,
    };
    CustomerOutcome {
        status: status.into(),
        value: value.map(one_zero),
        cost_to_serve: cost_to_serve.map(one_zero),
        cost_to_acquire: cost_to_acquire.map(one_zero),
        since_days: since.map(|date| date.days),
        group: group.map(str::to_owned),
        reason: reason.map(str::to_owned),
    }
}

/// An outcome from its kept form; nothing where its status is unknown here.
pub(super) fn decode(outcome: &CustomerOutcome) -> Option<OutcomeRef<'_>> {
    let CustomerOutcome { status, value, cost_to_serve, cost_to_acquire, since_days, group, reason } = outcome;
    let status = match Kept::try_from(*status).ok()? {
        Kept::Unspecified => None,
        Kept::Won => Some(Status::Won),
        Kept::Lost => Some(Status::Lost),
        Kept::Churned => Some(Status::Churned),
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
