//! The solver: additive logistic regression on encoded rows, with penalties whose strengths are found from the data.
//!
//! Knows slots and parameters, not attributes. The same problem gives the same bits whatever the number of threads.

mod banded;
mod block;
mod coarse;
mod counted;
mod design;
mod directed;
mod estimator;
mod evidence;
#[cfg(test)]
mod made_up;
mod monotonicity;
mod newton;
mod passes;
mod problem;
mod strengths;
mod system;
mod uncertainty;

pub use block::{Block, ChainStrengths, Form, Penalty, Prior};
pub use coarse::Groups;
pub use design::{Codes, Design, TermCodes};
pub use estimator::{AdditiveLogistic, FitError, Fitted, Precision, Settings, Start};
pub use monotonicity::Monotonicity;
pub use passes::{row_sums, slot_sums};
pub use problem::{probability, row_derivatives, sigmoid, softplus};
pub use uncertainty::Uncertainty;
