//! The direction of a term as it is kept, and back.

use sweetspot_core::Direction;

use crate::stored;

/// As it is kept.
pub(crate) const fn stored_direction(direction: Option<Direction>) -> stored::Direction {
    match direction {
        None => stored::Direction::Unspecified,
        Some(Direction::Increasing) => stored::Direction::Increasing,
        Some(Direction::Decreasing) => stored::Direction::Decreasing,
    }
}

/// The direction of a kept term.
pub(crate) fn direction_of(term: &stored::Term) -> Option<Direction> {
    match term.direction() {
        stored::Direction::Unspecified => None,
        stored::Direction::Increasing => Some(Direction::Increasing),
        stored::Direction::Decreasing => Some(Direction::Decreasing),
    }
}
