//! A hypothesis, ready to score.

use super::{Slot, Told};
use crate::generated::stored;
use crate::model::belief::Belief;

/// A belief and what it adds where it holds.
#[derive(Debug)]
pub(super) struct Hypothesis {
    pub(super) belief: Belief,
    pub(super) slot: Slot,
    pub(super) told: Told,
}

impl Hypothesis {
    /// From what is kept; an explanation where the parts do not fit together.
    pub(super) fn compile(stored: &stored::Hypothesis) -> Result<Self, String> {
        let name = format!("hypothesis {:?}", stored.id);
        let belief = Belief::from_stored(stored.when.as_ref()).ok_or_else(|| format!("{name} has no condition"))?;
        let slot = stored.slot.as_ref().ok_or_else(|| format!("{name} has no coefficient"))?;
        let label = crate::domain::hypothesis_label(&stored.statement, &belief.condition);
        let (slot, told) = Slot::compile(slot, &name, label)?;
        Ok(Self { belief, slot, told })
    }
}
