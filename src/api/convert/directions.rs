//! Which way attributes may move the fit, as a training is asked for it.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::Direction;

use super::names::check_names;
use crate::api::problems::{Problems, echo};

/// Reads the two lists of a training's configuration: every attribute has one direction at most, and none that is left out.
pub(super) fn directions(
    increasing: &[String],
    decreasing: &[String],
    excluded: &[String],
    problems: &mut Problems,
) -> BTreeMap<String, Direction> {
    let excluded: BTreeSet<&String> = excluded.iter().collect();
    let mut found = BTreeMap::new();
    for (names, field, direction) in [
        (increasing, "config.increasing_attributes", Direction::Increasing),
        (decreasing, "config.decreasing_attributes", Direction::Decreasing),
    ] {
        check_names(names, field, "constrained", problems);
        for (index, name) in names.iter().enumerate() {
            let before = found.insert(name.clone(), direction);
            let Some((reason, what)) = fault(before, direction, excluded.contains(name)) else { continue };
            problems.add(reason, format!("{field}[{index}]"), format!("attribute {:?} {what}", echo(name)));
        }
    }
    found
}

/// What is wrong with a direction, after what was asked of the same attribute before.
const fn fault(before: Option<Direction>, now: Direction, excluded: bool) -> Option<(&'static str, &'static str)> {
    match (before, now) {
        (Some(Direction::Increasing), Direction::Decreasing) => {
            Some(("INVALID_DIRECTION", "is also in increasing_attributes: list it in one of the two, or in neither"))
        }
        (Some(Direction::Increasing | Direction::Decreasing), _) => Some(("DUPLICATE_ATTRIBUTE", "is listed twice")),
        (None, _) if excluded => {
            Some(("INVALID_DIRECTION", "is in excluded_attributes: remove it from one of the two lists"))
        }
        (None, _) => None,
    }
}
