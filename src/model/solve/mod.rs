//! The solver: additive logistic regression on encoded rows, with penalties whose strengths are found from the data.
//!
//! Knows slots and parameters, not attributes. The same problem gives the same bits whatever the number of threads.

mod banded;
mod block;
mod coarse;
mod counted;
mod directed;
mod estimator;
mod evidence;
#[cfg(test)]
mod made_up;
mod newton;
mod passes;
mod problem;
mod strengths;
mod system;
mod uncertainty;

pub(super) use block::{Block, ChainStrengths, Prior};
pub(super) use coarse::Groups;
pub(super) use estimator::{AdditiveLogistic, FitError, Fitted, Precision, Settings, Start};
pub(super) use passes::{row_sums, slot_sums};
pub(crate) use problem::probability;
pub(super) use problem::{row_derivatives, sigmoid, softplus};
pub(super) use uncertainty::Uncertainty;
