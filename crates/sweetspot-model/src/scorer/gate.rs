//! A gate, ready to be asked.

use sweetspot_core::{Matcher, Severity};

use crate::artifact::severity;
use crate::condition::from_stored;
use crate::stored;

/// A rule: it says on which side an account stands, and adds nothing to its score.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) id: String,
    pub(super) when: Matcher,
    pub(super) severity: Severity,
}

impl Gate {
    /// From what is kept; an explanation where the parts do not fit together.
    pub(super) fn compile(stored: &stored::Gate) -> Result<Self, String> {
        let name = format!("gate {:?}", stored.id);
        let when = from_stored(stored.when.as_ref()).ok_or_else(|| format!("{name} has no condition"))?;
        let severity = severity(stored.severity()).ok_or_else(|| format!("{name} has no severity"))?;
        Ok(Self { id: stored.id.clone(), when, severity })
    }
}

#[cfg(test)]
mod tests;
