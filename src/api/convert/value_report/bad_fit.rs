//! Customers that cost more than they pay.

use sweetspot_proto::v1;
use sweetspot_report::value::{Advice, BadFit, Liability, Taken};

use super::figures::{known, share};
use crate::api::convert::fit::wire_tier;

/// What all of them take.
pub(in crate::api) fn liability(liability: Liability) -> v1::ValueLiability {
    let Liability { known: told, accounts, lost, costs, hours, requests, churned, advised } = liability;
    let [break_up, second_look, too_young, gone] = advised;
    v1::ValueLiability {
        known: Some(known(told)),
        accounts: Some(share(accounts)),
        lost,
        costs: Some(taken(costs)),
        hours: Some(taken(hours)),
        requests: Some(taken(requests)),
        churned: Some(share(churned)),
        break_up,
        second_look,
        too_young,
        gone,
    }
}

fn taken(taken: Taken) -> v1::ValueTaken {
    let Taken { amount, share, known } = taken;
    v1::ValueTaken { amount, share, known }
}

/// One of them, with the reason in words.
pub(in crate::api) fn account(account: BadFit, currency: Option<&str>) -> v1::BadFitAccount {
    let reason = account.reason(currency);
    let BadFit {
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
        tier: wire_tier(tier).into(),
        advice: wire_advice(advice).into(),
        reason,
    }
}

const fn wire_advice(advice: Advice) -> v1::BadFitAdvice {
    match advice {
        Advice::BreakUp => v1::BadFitAdvice::BreakUp,
        Advice::SecondLook => v1::BadFitAdvice::SecondLook,
        Advice::TooYoung => v1::BadFitAdvice::TooYoung,
        Advice::Gone => v1::BadFitAdvice::Gone,
    }
}
