//! The author, the reason and the expiry of entries.

use jiff::Timestamp;
use sweetspot_core::Attribution;

use super::time::timestamp_parts;
use crate::api::violations::Violations;

/// Reads the time at which an entry expires.
pub(super) fn parse_expiry(
    wire: Option<prost_types::Timestamp>,
    path: &str,
    problems: &mut Violations,
) -> Option<Timestamp> {
    let wire = wire?;
    let time = timestamp_parts(&wire).and_then(|(seconds, nanos)| Timestamp::new(seconds, nanos).ok());
    if time.is_none() {
        problems.add("INVALID_TIME", format!("{path}.expire_time"), "a time must be within the years 1 to 9999");
    }
    time
}

/// An attribution without a date, which the definition sets.
pub(super) fn undated_attribution(author: String, reason: String, expires: Option<Timestamp>) -> Attribution {
    Attribution { author, stated_at: Timestamp::UNIX_EPOCH, reason, expires }
}
