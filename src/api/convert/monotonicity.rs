//! Reads the monotonicity constraints of a training configuration.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::MonotonicityConstraint;

use super::attribute_names::check_attribute_names;
use crate::api::violations::{Violations, truncate_for_message};

/// Reads both lists of a training configuration. An attribute has at most one direction, and an excluded one has none.
pub(super) fn monotonicity_constraints(
    increasing: &[String],
    decreasing: &[String],
    excluded: &[String],
    violations: &mut Violations,
) -> BTreeMap<String, MonotonicityConstraint> {
    let excluded: BTreeSet<&String> = excluded.iter().collect();
    let mut found = BTreeMap::new();
    for (names, field, direction) in [
        (increasing, "config.increasing_attributes", MonotonicityConstraint::Increasing),
        (decreasing, "config.decreasing_attributes", MonotonicityConstraint::Decreasing),
    ] {
        check_attribute_names(names, field, "constrained", violations);
        for (index, name) in names.iter().enumerate() {
            let before = found.insert(name.clone(), direction);
            let Some((reason, what)) = constraint_fault(before, direction, excluded.contains(name)) else { continue };
            violations.add(
                reason,
                format!("{field}[{index}]"),
                format!("attribute {:?} {what}", truncate_for_message(name)),
            );
        }
    }
    found
}

/// Returns what is wrong with a direction, given the earlier settings of the same attribute.
const fn constraint_fault(
    before: Option<MonotonicityConstraint>,
    now: MonotonicityConstraint,
    excluded: bool,
) -> Option<(&'static str, &'static str)> {
    match (before, now) {
        (Some(MonotonicityConstraint::Increasing), MonotonicityConstraint::Decreasing) => {
            Some(("INVALID_DIRECTION", "is also in increasing_attributes: list it in one of the two, or in neither"))
        }
        (Some(MonotonicityConstraint::Increasing | MonotonicityConstraint::Decreasing), _) => {
            Some(("DUPLICATE_ATTRIBUTE", "is listed twice"))
        }
        (None, _) if excluded => {
            Some(("INVALID_DIRECTION", "is in excluded_attributes: remove it from one of the two lists"))
        }
        (None, _) => None,
    }
}
