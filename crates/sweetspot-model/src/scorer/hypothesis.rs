//! Compiled hypotheses.

use sweetspot_core::Matcher;

use super::{Slot, SlotDetails};
use crate::stored;
use crate::stored_condition::matcher_from_stored;

/// A compiled hypothesis: its condition, and what it adds if the condition holds.
#[derive(Debug)]
pub(super) struct CompiledHypothesis {
    pub(super) matcher: Matcher,
    pub(super) slot: Slot,
    pub(super) slot_details: SlotDetails,
}

impl CompiledHypothesis {
    /// Compiles a stored hypothesis, with the kind and the text format of the training. The error describes an
    /// inconsistency.
    pub(super) fn compile(stored: &stored::Hypothesis) -> Result<Self, String> {
        let name = format!("hypothesis {:?}", stored.id);
        let when = matcher_from_stored(stored.when.as_ref()).ok_or_else(|| format!("{name} has no condition"))?;
        let slot = stored.slot.as_ref().ok_or_else(|| format!("{name} has no coefficient"))?;
        let label = sweetspot_core::hypothesis_label(&stored.statement, &when.condition, when.kind());
        let (slot, details) = Slot::compile(slot, &name, label)?;
        Ok(Self { matcher: when, slot, slot_details: details })
    }
}
