//! A hypothesis, ready to score.

use sweetspot_core::Matcher;

use super::{Slot, Told};
use crate::condition::from_stored;
use crate::stored;

/// A belief and what it adds where it holds.
#[derive(Debug)]
pub(super) struct Hypothesis {
    pub(super) when: Matcher,
    pub(super) slot: Slot,
    pub(super) told: Told,
}

impl Hypothesis {
    /// From what is kept: a version reads values as it did when it was trained. Gives an explanation where the parts do not fit together.
    pub(super) fn compile(stored: &stored::Hypothesis) -> Result<Self, String> {
        let name = format!("hypothesis {:?}", stored.id);
        let when = from_stored(stored.when.as_ref()).ok_or_else(|| format!("{name} has no condition"))?;
        let slot = stored.slot.as_ref().ok_or_else(|| format!("{name} has no coefficient"))?;
        let label = sweetspot_core::hypothesis_label(&stored.statement, &when.condition, when.kind());
        let (slot, told) = Slot::compile(slot, &name, label)?;
        Ok(Self { when, slot, told })
    }
}
