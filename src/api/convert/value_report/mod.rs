//! Converts the value report and the list of bad-fit customers to messages.

mod bad_fit;
mod cohorts;
mod curve;
mod estimate;
mod traits;

pub(in crate::api) use bad_fit::{bad_fit_account, liability};
use sweetspot_proto::v1;
use sweetspot_report::value::{GoodCustomer, IdealAxes, Percentiles, ValueReport};

use self::cohorts::cohorts;
use self::curve::curve;
use self::estimate::{known, money, share};
use self::traits::{common, growth};
use crate::messages::document_settings::wire_weights;

/// Converts the value report.
pub(in crate::api) fn value_report(report: ValueReport) -> v1::ValueReport {
    let ValueReport {
        version,
        as_of,
        currency,
        assumptions: stated,
        top_share,
        known: told,
        money: sums,
        revenue,
        net,
        cohorts: sides,
        axes: sides_of_ideal,
        common: traits,
        growth: potential,
        liability: lost,
    } = report;
    v1::ValueReport {
        version,
        as_of: as_of.to_string(),
        currency,
        weights: Some(wire_weights(stated)),
        top_share,
        known: Some(known(told)),
        money: Some(money(sums)),
        revenue: revenue.map(curve),
        net: net.map(curve),
        cohorts: sides.map(cohorts),
        axes: Some(axes(sides_of_ideal)),
        common: Some(common(traits)),
        growth: Some(growth(potential)),
        liability: Some(liability(lost)),
    }
}

fn axes(axes: IdealAxes) -> v1::ValueAxes {
    let IdealAxes {
        pays_known,
        demands_known,
        is_demand_in_hours: demands_by_hours,
        ease_known: easy_known,
        is_ease_from_advocacy: easy_by_advocacy,
        good,
        good_ideal,
        other_ideal,
        good_customers: standings,
    } = axes;
    v1::ValueAxes {
        pays_known,
        demands_known,
        demands_by_hours,
        easy_known,
        easy_by_advocacy,
        good: Some(share(good)),
        good_ideal: Some(share(good_ideal)),
        other_ideal: Some(share(other_ideal)),
        standings: standings.into_iter().map(standing).collect(),
    }
}

fn standing(standing: GoodCustomer) -> v1::ValueStanding {
    let GoodCustomer {
        account_id,
        name,
        percentiles: Percentiles { revenue: pays, low_demand: demands_little, ease: easy },
    } = standing;
    v1::ValueStanding { account_id, name, pays, demands_little, easy }
}
