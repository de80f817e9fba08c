//! Converts single figures of the value report to messages.

use sweetspot_proto::v1;
use sweetspot_report::Proportion;
use sweetspot_report::value::{Estimate, KnownCounts, MoneyTotals};

pub(super) fn share(share: Proportion) -> v1::ValueShare {
    let ((low, high), Proportion { part, total }) = (share.interval(), share);
    v1::ValueShare { part, of: total, low, high }
}

pub(super) fn estimate(estimate: Estimate) -> v1::ValueEstimate {
    let Estimate { value, interval } = estimate;
    v1::ValueEstimate { value, low: interval.map(|(low, _)| low), high: interval.map(|(_, high)| high) }
}

pub(super) fn known(known: KnownCounts) -> v1::ValueKnown {
    let KnownCounts {
        customers,
        value,
        cost_to_serve,
        serve_from_hours,
        cost_to_acquire,
        payment_days,
        market_value: market,
    } = known;
    v1::ValueKnown { customers, value, cost_to_serve, serve_from_hours, cost_to_acquire, payment_days, market }
}

pub(super) fn money(money: MoneyTotals) -> v1::ValueMoney {
    let MoneyTotals { revenue, cost_to_serve, cost_to_acquire, financing, market_value: market, net } = money;
    v1::ValueMoney { revenue, cost_to_serve, cost_to_acquire, financing, market, net }
}
