//! Exclusion rules, which people set.

use jiff::Timestamp;

use super::{Attribution, PondMapSectionKind};
use crate::{Condition, Date};

/// What an exclusion rule does to an account that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Puts an account out of the pond.
    Out,
    /// Asks for a second look.
    Caution,
}

impl Severity {
    /// All severities.
    pub const ALL: [Self; 2] = [Self::Out, Self::Caution];

    /// The value in files, messages and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Out => "OUT",
            Self::Caution => "CAUTION",
        }
    }
}

/// A rule whose condition counts as a negative factor, independently of the fit.
#[derive(Clone, Debug, PartialEq)]
pub struct ExclusionRule {
    /// The id, unique among the rules, 1 to 64 bytes.
    pub id: String,
    /// The rule as written by a person; can be empty.
    pub statement: String,
    /// The accounts that the rule applies to.
    pub when: Condition,
    /// The effect of the rule.
    pub severity: Severity,
    /// The section of the rule on the Pond Map.
    pub section: PondMapSectionKind,
    /// The author, the time, the reason and the expiration.
    pub attribution: Attribution,
}

impl ExclusionRule {
    /// The day in UTC on which the rule expired; `None` if it is active at `now`.
    #[must_use]
    pub fn expired_on(&self, now: Timestamp) -> Option<Date> {
        self.attribution.expires.filter(|_| !self.attribution.holds(now)).map(Date::from_timestamp)
    }
}
