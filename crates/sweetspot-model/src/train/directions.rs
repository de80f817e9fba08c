//! Directions that were asked for: which attributes can have one, and whether the customers agree.

use std::collections::BTreeMap;

use sweetspot_core::{AccountTable, Direction, Kind};
use sweetspot_solver::{Block, Monotonicity};

use super::TrainError;
use super::fitted::FittedModel;
use super::sample::Sample;
use crate::encoder::Feature;

/// From so many standard errors on, customers are said to speak against a direction: bins can be parted at a thousand places, and
/// chance alone makes two or three of the largest.
const AGAINST: f64 = 4.0;

/// Refuses directions of attributes that have none. Attributes that are not in the table are passed over.
pub(super) fn check(directions: &BTreeMap<String, Direction>, accounts: &AccountTable) -> Result<(), TrainError> {
    for (attribute, direction) in directions {
        let kind = accounts.column(attribute).map(|column| column.data.kind());
        match kind {
            None | Some(Kind::Number | Kind::Date) => {}
            Some(kind @ (Kind::Category | Kind::Flag | Kind::List)) => {
                return Err(TrainError::NoDirection { attribute: attribute.clone(), direction: *direction, kind });
            }
        }
    }
    Ok(())
}

/// The direction of an attribute as the solver's constraint.
pub(super) const fn monotonicity(direction: Direction) -> Monotonicity {
    match direction {
        Direction::Increasing => Monotonicity::Increasing,
        Direction::Decreasing => Monotonicity::Decreasing,
    }
}

/// The direction of an attribute whose effects the solver constrained so.
pub(super) const fn direction(monotonicity: Monotonicity) -> Direction {
    match monotonicity {
        Monotonicity::Increasing => Direction::Increasing,
        Monotonicity::Decreasing => Direction::Decreasing,
    }
}

/// What a person should know where customers clearly speak against a direction: one sentence an attribute.
pub(super) fn warnings(sample: &Sample, model: &FittedModel) -> Vec<String> {
    // The base is the first term of the design.
    let terms = sample.features.iter().zip(model.layout.blocks.iter().zip(&model.fitted.objections).skip(1));
    let warning = |(feature, (block, objection)): (&Feature, (&Block, &f64))| {
        let direction = direction(block.direction.filter(|_| *objection > AGAINST)?);
        Some(format!(
            "attribute {:?} is constrained to be {}, but the customers contradict it (by {objection:.1} standard \
             errors): values that violate the constraint count as equal; check the direction",
            feature.attribute,
            direction.word(),
        ))
    };
    terms.filter_map(warning).collect()
}

#[cfg(test)]
mod tests;
