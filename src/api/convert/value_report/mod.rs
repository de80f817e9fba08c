//! The value report and the list of bad fits on the wire.

mod bad_fit;
mod cohorts;
mod curve;
mod figures;
mod question;
mod traits;

pub(in crate::api) use bad_fit::{account, liability};
pub(in crate::api) use question::{question, stated};
use sweetspot_proto::v1;
use sweetspot_report::value::{Axes, Percentiles, Standing, ValueReport};

use self::cohorts::cohorts;
use self::curve::curve;
use self::figures::{known, money, share};
use self::question::weights;
use self::traits::{common, growth};

/// The value report.
pub(in crate::api) fn report(report: ValueReport) -> v1::ValueReport {
    let ValueReport {
        version,
        as_of,
        currency,
        stated,
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
        weights: Some(weights(stated)),
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

fn axes(axes: Axes) -> v1::ValueAxes {
    let Axes {
        pays_known,
        demands_known,
        demands_by_hours,
        easy_known,
        easy_by_advocacy,
        good,
        good_ideal,
        other_ideal,
        standings,
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

fn standing(standing: Standing) -> v1::ValueStanding {
    let Standing { account_id, name, percentiles: Percentiles { pays, demands_little, easy } } = standing;
    v1::ValueStanding { account_id, name, pays, demands_little, easy }
}
