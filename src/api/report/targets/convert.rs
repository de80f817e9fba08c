//! Converts target lists to messages.

use sweetspot_core::{Contribution, Fit};
use sweetspot_proto::v1;
use sweetspot_report::targets::{DistributionShift, LookAlike, Target, TargetList, TierSize};

use super::account_reader::RankableAccounts;
use crate::api::convert::counterfactual::{wire_next_step, wire_worth_learning};
use crate::api::convert::evaluation_report::scores;
use crate::api::convert::row_faults::IgnoredValue;
use crate::messages::enums::WireEnum as _;

/// Converts a ranking, with the results for the rows that are not on the list.
pub(super) fn response(list: TargetList, listed: RankableAccounts, warnings: Vec<String>) -> v1::RankTargetsResponse {
    let TargetList {
        version,
        order: _,
        accounts,
        tiers,
        scores: scored,
        shifts,
        is_whole: _,
        targets,
        compared_with_ideal,
        has_changeable_attributes: _,
        currency,
    } = list;
    let RankableAccounts { accounts: _, mut ignored, received, excluded, errors } = listed;
    let size = |TierSize { tier, accounts, min_probability: least_probability, expected_ideal }| v1::TierSize {
        tier: tier.wire().into(),
        accounts,
        least_probability,
        expected_ideal,
    };
    let summary = v1::TargetSummary {
        resolved_version: version,
        received,
        ranked: accounts,
        excluded,
        failed: errors.len() as u64,
        tiers: tiers.into_iter().map(size).collect(),
        compared_with_ideal,
        scores: Some(scores(scored)),
        warnings,
        shifts: shifts.into_iter().map(shift).collect(),
    };
    let targets = targets.into_iter().map(|listed_target| {
        let ignored = ignored.remove(&listed_target.id).unwrap_or_default();
        target(listed_target, ignored, currency.as_deref())
    });
    let targets = targets.collect();
    v1::RankTargetsResponse { targets, errors, summary: Some(summary) }
}

fn shift(shift: DistributionShift) -> v1::AttributeShift {
    let DistributionShift { attribute, index, chance_bound: by_chance, spread, value, customers, list } = shift;
    v1::AttributeShift {
        attribute: attribute.key,
        stability_index: index,
        by_chance,
        spread,
        value_label: value,
        customers_with: customers.part,
        customers: customers.total,
        listed_with: list.part,
        listed: list.total,
    }
}

fn target(target: Target, ignored: Vec<IgnoredValue>, currency: Option<&str>) -> v1::Target {
    let Target {
        rank,
        id,
        name: _,
        fit,
        exclusion_rules,
        segment,
        tier,
        reasons,
        contributions: _,
        look_alikes,
        next_step,
        worth_learning,
        goal,
    } = target;
    let better = goal.map(|(tier, _)| tier);
    let issues = ignored.into_iter().map(IgnoredValue::into_issue).collect();
    v1::Target {
        rank: rank as u64,
        score: Some(v1::FitScore { issues, ..score(id, &fit, exclusion_rules, reasons, segment, currency) }),
        tier: tier.wire().into(),
        look_alikes: look_alikes.into_iter().map(look_alike).collect(),
        next_step: next_step.map(|step| wire_next_step(step, better)),
        worth_learning: worth_learning.map(|value| wire_worth_learning(value, better)),
    }
}

/// Converts a fit as scoring does, without the issues of single attributes.
fn score(
    account_id: String,
    fit: &Fit,
    exclusion_rules: Vec<String>,
    reasons: Vec<Contribution<'static>>,
    segment: Option<String>,
    currency: Option<&str>,
) -> v1::FitScore {
    let Fit {
        probability,
        log_odds,
        low,
        high,
        data_support,
        base_log_odds,
        tier,
        coverage,
        pond_side: pond,
        matched_rules: _,
        segment: _,
        expected_value,
    } = *fit;
    v1::FitScore {
        account_id,
        probability,
        log_odds,
        tier: tier.wire().into(),
        reasons: reasons.into_iter().map(reason).collect(),
        base_log_odds,
        coverage,
        score: fit.score(),
        low,
        high,
        data_support: data_support.wire().into(),
        pond_side: pond.wire().into(),
        exclusion_rules,
        segment_id: segment.unwrap_or_default(),
        expected_value,
        currency_code: expected_value.and(currency).unwrap_or_default().to_owned(),
        ..v1::FitScore::default()
    }
}

fn reason(reason: Contribution<'static>) -> v1::Reason {
    let Contribution {
        attribute,
        value_label,
        log_odds,
        standard_error,
        kind,
        customers,
        ideal_rate,
        raw_rate_differs,
    } = reason;
    v1::Reason {
        attribute: attribute.into_owned(),
        value_label: value_label.into_owned(),
        log_odds,
        standard_error,
        customers,
        ideal_rate,
        kind: kind.wire().into(),
        raw_rate_differs,
    }
}

fn look_alike(neighbor: LookAlike) -> v1::LookAlike {
    let LookAlike { id, name, ideal, distance, shared_values: shares } = neighbor;
    v1::LookAlike { account_id: id, name, ideal, distance, shares }
}
