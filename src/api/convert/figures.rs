//! Figures of documents as they are answered.

use sweetspot_proto::v1;
use sweetspot_report::{Factor, Share};

/// A part of a whole, with its rate and interval.
pub(in crate::api) fn share(share: Share) -> v1::Share {
    let (low, high) = share.interval();
    v1::Share { part: share.part, of: share.of, rate: share.rate(), low, high }
}

/// One value of an attribute and its effect.
pub(in crate::api) fn factor(factor: Factor) -> v1::Factor {
    let Factor { attribute, value, odds_ratio, low, high, customers, .. } = factor;
    v1::Factor { attribute, value, odds_ratio, low, high, customers: Some(share(customers)) }
}
