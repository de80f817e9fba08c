//! Who says something, why, and until when.

use jiff::Timestamp;
use sweetspot_core::Statement;

use super::time::{moment, timestamp};
use crate::api::problems::Problems;

/// The time from which on something does not hold any more.
pub(super) fn expiry(wire: Option<prost_types::Timestamp>, path: &str, problems: &mut Problems) -> Option<Timestamp> {
    let wire = wire?;
    let time = moment(&wire).and_then(|(seconds, nanos)| Timestamp::new(seconds, nanos).ok());
    if time.is_none() {
        problems.add("INVALID_TIME", format!("{path}.expire_time"), "a time must be within the years 1 to 9999");
    }
    time
}

/// A time as it is answered.
pub(super) fn wire_time(time: Option<Timestamp>) -> Option<prost_types::Timestamp> {
    time.map(timestamp)
}

/// What is said, undated: the definition dates it.
pub(super) fn statement(author: String, reason: String, expires: Option<Timestamp>) -> Statement {
    Statement { author, stated: Timestamp::UNIX_EPOCH, reason, expires }
}
