//! Single figures of the value report.

use sweetspot_proto::v1;
use sweetspot_report::Share;
use sweetspot_report::value::{Estimate, Known, Money};

pub(super) fn share(share: Share) -> v1::ValueShare {
    let ((low, high), Share { part, of }) = (share.interval(), share);
    v1::ValueShare { part, of, low, high }
}

pub(super) fn estimate(estimate: Estimate) -> v1::ValueEstimate {
    let Estimate { value, interval } = estimate;
    v1::ValueEstimate { value, low: interval.map(|(low, _)| low), high: interval.map(|(_, high)| high) }
}

pub(super) fn known(known: Known) -> v1::ValueKnown {
    let Known { customers, value, cost_to_serve, serve_from_hours, cost_to_acquire, payment_days, market } = known;
    v1::ValueKnown { customers, value, cost_to_serve, serve_from_hours, cost_to_acquire, payment_days, market }
}

pub(super) fn money(money: Money) -> v1::ValueMoney {
    let Money { revenue, cost_to_serve, cost_to_acquire, financing, market, net } = money;
    v1::ValueMoney { revenue, cost_to_serve, cost_to_acquire, financing, market, net }
}
