//! Compiled exclusion rules.

use sweetspot_core::{ExclusionRule, Matcher, Severity};

use crate::stored::{self, FieldError};
use crate::stored_condition::matcher_from_stored;

/// A compiled exclusion rule: it determines the side of the pond, and adds nothing to the score.
#[derive(Debug)]
pub(super) struct CompiledExclusionRule {
    pub(super) id: String,
    pub(super) matcher: Matcher,
    pub(super) severity: Severity,
}

impl CompiledExclusionRule {
    /// Compiles a stored rule; the error describes an inconsistency.
    pub(super) fn compile(stored: &stored::ExclusionRule) -> Result<Self, String> {
        let faulty = |field: FieldError| format!("exclusion rule {:?} has {field}", stored.id);
        let ExclusionRule { id, severity, .. } = stored.clone().try_into().map_err(faulty)?;
        let matcher = matcher_from_stored(stored.when.as_ref()).ok_or_else(|| faulty(FieldError("condition")))?;
        Ok(Self { id, matcher, severity })
    }
}

#[cfg(test)]
mod tests;
