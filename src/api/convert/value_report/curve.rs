//! Converts value curves to messages.

use sweetspot_proto::v1;
use sweetspot_report::value::{Peak, TopShare, ValueCurve};

use super::estimate::estimate;

pub(super) fn curve(curve: ValueCurve) -> v1::ValueCurve {
    let ValueCurve { customers, total, points, tops, major_value_holders: holding_most, gini, peak } = curve;
    v1::ValueCurve {
        customers,
        total,
        points: points.into_iter().map(|(customers, value)| v1::ValuePoint { customers, value }).collect(),
        tops: tops.into_iter().map(top).collect(),
        holding_most: holding_most.map(estimate),
        gini: gini.map(estimate),
        peak: peak.map(curve_peak),
    }
}

fn top(top: TopShare) -> v1::ValueTop {
    let TopShare { share, customers, value_share: held } = top;
    v1::ValueTop { share, customers, held: Some(estimate(held)) }
}

fn curve_peak(peak: Peak) -> v1::ValuePeak {
    let Peak { customers, value_share: held } = peak;
    v1::ValuePeak { customers: customers.part, of: customers.total, held }
}
