//! Monotonicity constraints: which attributes can have one, and whether the customers agree.

use std::collections::BTreeMap;

use sweetspot_core::{AccountTable, AttributeKind, MonotonicityConstraint};
use sweetspot_solver::{Monotonicity, TermBlock};

use super::TrainError;
use super::fitted_model::FittedModel;
use super::training_sample::Sample;
use crate::encoder::Feature;

/// The minimum number of standard errors by which customers contradict a constraint. Bins can be split at a thousand
/// places, and the largest of a thousand differences is two or three standard errors by chance alone.
const MIN_CONTRADICTION_Z: f64 = 4.0;

/// Checks that each constrained attribute has ordered values. Attributes that are not in the table are ignored.
pub(super) fn check_directions(
    directions: &BTreeMap<String, MonotonicityConstraint>,
    accounts: &AccountTable,
) -> Result<(), TrainError> {
    for (attribute, direction) in directions {
        let kind = accounts.column(attribute).map(|column| column.data.kind());
        match kind {
            None | Some(AttributeKind::Number | AttributeKind::Date) => {}
            Some(kind @ (AttributeKind::Category | AttributeKind::Flag | AttributeKind::List)) => {
                return Err(TrainError::NoDirection { attribute: attribute.clone(), direction: *direction, kind });
            }
        }
    }
    Ok(())
}

/// The constraint of an attribute as the solver's constraint.
pub(super) const fn monotonicity_from_direction(direction: MonotonicityConstraint) -> Monotonicity {
    match direction {
        MonotonicityConstraint::Increasing => Monotonicity::Increasing,
        MonotonicityConstraint::Decreasing => Monotonicity::Decreasing,
    }
}

/// The constraint of an attribute from the solver's constraint.
pub(super) const fn direction_from_monotonicity(monotonicity: Monotonicity) -> MonotonicityConstraint {
    match monotonicity {
        Monotonicity::Increasing => MonotonicityConstraint::Increasing,
        Monotonicity::Decreasing => MonotonicityConstraint::Decreasing,
    }
}

/// One warning for each attribute whose constraint the customers clearly contradict.
pub(super) fn contradiction_warnings(sample: &Sample, model: &FittedModel) -> Vec<String> {
    // The base is the first term of the design.
    let terms =
        sample.features.iter().zip(model.layout.blocks.iter().zip(&model.solution.monotonicity_score_z).skip(1));
    let warning = |(feature, (block, objection)): (&Feature, (&TermBlock, &f64))| {
        let direction = direction_from_monotonicity(block.monotonicity.filter(|_| *objection > MIN_CONTRADICTION_Z)?);
        Some(format!(
            "attribute {:?} is constrained to be {}, but the customers contradict it (by {objection:.1} standard \
             errors): values that violate the constraint count as equal; check the direction",
            feature.attribute,
            direction.as_str(),
        ))
    };
    terms.filter_map(warning).collect()
}

#[cfg(test)]
mod tests;
