//! Converts bad-fit customers to messages.

use sweetspot_proto::v1;
use sweetspot_report::value::{BadFit, BadFitTotals, ResourceShare};

use super::estimate::{known, share};
use crate::messages::enums::WireEnum as _;

/// Converts the totals over all bad-fit customers.
pub(in crate::api) fn liability(liability: BadFitTotals) -> v1::ValueLiability {
    let BadFitTotals { known: told, accounts, lost, costs, hours, requests, churned, advice_counts: advised } =
        liability;
    let [break_up, second_look, too_young, gone] = advised;
    v1::ValueLiability {
        known: Some(known(told)),
        accounts: Some(share(accounts)),
        lost,
        costs: Some(resource_share(costs)),
        hours: Some(resource_share(hours)),
        requests: Some(resource_share(requests)),
        churned: Some(share(churned)),
        break_up,
        second_look,
        too_young,
        gone,
    }
}

fn resource_share(resource: ResourceShare) -> v1::ValueTaken {
    let ResourceShare { amount, share, known } = resource;
    v1::ValueTaken { amount, share, known }
}

/// Converts a bad-fit customer, with the reason as text.
pub(in crate::api) fn bad_fit_account(account: BadFit, currency: Option<&str>) -> v1::BadFitAccount {
    let reason = account.reason(currency);
    let BadFit {
        account_id,
        name,
        value,
        cost_to_serve,
        cost_to_acquire,
        net,
        is_served_at_loss: served_at_a_loss,
        support_hours,
        success_hours,
        roadmap_requests,
        churned,
        score,
        tier,
        advice,
    } = account;
    v1::BadFitAccount {
        account_id,
        name,
        value,
        cost_to_serve,
        cost_to_acquire,
        net,
        served_at_a_loss,
        support_hours,
        success_hours,
        roadmap_requests,
        churned,
        score,
        tier: tier.wire().into(),
        advice: advice.wire().into(),
        reason,
    }
}
