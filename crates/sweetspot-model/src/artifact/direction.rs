//! Conversion of a term's direction to and from its stored form.

use sweetspot_core::MonotonicityConstraint;

use crate::stored;

/// Converts a direction to its stored form.
pub(crate) const fn stored_direction(direction: Option<MonotonicityConstraint>) -> stored::Direction {
    match direction {
        None => stored::Direction::Unspecified,
        Some(MonotonicityConstraint::Increasing) => stored::Direction::Increasing,
        Some(MonotonicityConstraint::Decreasing) => stored::Direction::Decreasing,
    }
}

/// The direction of a stored term.
pub(crate) fn term_direction(term: &stored::Term) -> Option<MonotonicityConstraint> {
    match term.direction() {
        stored::Direction::Unspecified => None,
        stored::Direction::Increasing => Some(MonotonicityConstraint::Increasing),
        stored::Direction::Decreasing => Some(MonotonicityConstraint::Decreasing),
    }
}
