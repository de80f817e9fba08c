//! Compiled exclusion rules.

use sweetspot_core::{Matcher, Severity};

use crate::artifact::severity_from_stored;
use crate::condition::matcher_from_stored;
use crate::stored;

/// A compiled exclusion rule: it determines the side of the pond, and adds nothing to the score.
#[derive(Debug)]
pub(super) struct CompiledExclusionRule {
    pub(super) id: String,
    pub(super) matcher: Matcher,
    pub(super) severity: Severity,
}

impl CompiledExclusionRule {
    /// Compiles a stored rule; the error describes an inconsistency.
    pub(super) fn compile(stored: &stored::Gate) -> Result<Self, String> {
        let name = format!("gate {:?}", stored.id);
        let when = matcher_from_stored(stored.when.as_ref()).ok_or_else(|| format!("{name} has no condition"))?;
        let severity = severity_from_stored(stored.severity()).ok_or_else(|| format!("{name} has no severity"))?;
        Ok(Self { id: stored.id.clone(), matcher: when, severity })
    }
}

#[cfg(test)]
mod tests;
