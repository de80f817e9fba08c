//! Value curves.

use sweetspot_proto::v1;
use sweetspot_report::value::{Peak, TopHeld, ValueCurve};

use super::figures::estimate;

pub(super) fn curve(curve: ValueCurve) -> v1::ValueCurve {
    let ValueCurve { customers, total, points, tops, holding_most, gini, peak } = curve;
    v1::ValueCurve {
        customers,
        total,
        points: points.into_iter().map(|(customers, value)| v1::ValuePoint { customers, value }).collect(),
        tops: tops.into_iter().map(top).collect(),
        holding_most: holding_most.map(estimate),
        gini: gini.map(estimate),
        peak: peak.map(highest),
    }
}

fn top(top: TopHeld) -> v1::ValueTop {
    let TopHeld { share, customers, held } = top;
    v1::ValueTop { share, customers, held: Some(estimate(held)) }
}

fn highest(peak: Peak) -> v1::ValuePeak {
    let Peak { customers, held } = peak;
    v1::ValuePeak { customers: customers.part, of: customers.of, held }
}
