//! What people agree on about a model's ideal customers: the living definition beside what is learned.

mod approval;
mod category;
mod check;
mod check_gates;
mod edit;
mod entry;
mod gate;
mod said;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use approval::{Approval, ApprovedVersion};
pub use category::{Category, PondSection, guess};
pub use check::{EntryFault, MOST_REASON_BYTES, MOST_STATEMENT_BYTES, check_person};
pub use check_gates::{GateFault, MOST_GATES, check_gates};
pub use edit::EditError;
pub use entry::{Entry, EntryKind};
pub use gate::{Gate, Severity};
use jiff::Timestamp;
pub use said::{Comment, Finding, Lean, Spiced, Statement};

use super::{Date, Hypothesis};

/// A hypothesis as it is held, with when and why it was stated. Author and end stand in the hypothesis.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldHypothesis {
    /// The belief.
    pub hypothesis: Hypothesis,
    /// When it was stated.
    pub stated: Timestamp,
    /// Why.
    pub reason: String,
}

/// What people agree on about one model's ideal customers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition {
    /// Beliefs, tested against outcomes; by id.
    pub hypotheses: Vec<HeldHypothesis>,
    /// Rules; by id.
    pub gates: Vec<Gate>,
    /// What was learned in conversations; by id.
    pub findings: Vec<Finding>,
    /// Remarks, oldest first.
    pub comments: Vec<Comment>,
    /// Attributes whose category was told instead of guessed.
    pub categories: BTreeMap<String, Category>,
    /// Attributes whose section of the Pond Map was told instead of guessed.
    pub sections: BTreeMap<String, PondSection>,
    /// How far the committee is.
    pub approval: Approval,
    /// When it should be looked at again.
    pub review_on: Option<Date>,
}
