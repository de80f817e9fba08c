//! Figures of documents as they are answered.

use crate::generated::v1;
use crate::report::Share;

/// A part of a whole, with its rate and interval.
pub(in crate::api) fn share(share: Share) -> v1::Share {
    let (low, high) = share.interval();
    v1::Share { part: share.part, of: share.of, rate: share.rate(), low, high }
}
