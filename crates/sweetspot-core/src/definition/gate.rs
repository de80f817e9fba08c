//! Rules that a person sets.

use jiff::Timestamp;

use super::{PondSection, Statement};
use crate::{Condition, Date};

/// How much a negative factor counts. The two kinds are this product's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Puts an account out of the pond.
    Out,
    /// Asks for a second look.
    Caution,
}

impl Severity {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Out, Self::Caution];

    /// The word for it in files, messages and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Out => "OUT",
            Self::Caution => "CAUTION",
        }
    }
}

/// A rule: what it is about counts as a negative factor, whatever the fit says.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Tells it from the others, 1 to 64 bytes.
    pub id: String,
    /// The rule in a person's words; may be empty.
    pub statement: String,
    /// Whom it is about.
    pub when: Condition,
    /// What it does.
    pub severity: Severity,
    /// Where it stands on the Pond Map.
    pub section: PondSection,
    /// Who set it, when, why, and until when.
    pub by: Statement,
}

impl Gate {
    /// The day from which on it does not count any more, in UTC, if that is past at this time.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> Option<Date> {
        self.by.expires.filter(|_| !self.by.holds(now)).map(Date::of)
    }
}
