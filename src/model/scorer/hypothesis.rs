//! A hypothesis, ready to score.

use super::Slot;
use crate::domain::{Account, Contribution, ContributionKind};
use crate::generated::stored;
use crate::model::belief::Belief;

/// A belief and what it adds where it holds.
#[derive(Debug)]
pub(super) struct Hypothesis {
    pub(super) belief: Belief,
    label: String,
    pub(super) slot: Slot,
}

impl Hypothesis {
    /// From what is kept; an explanation where the parts do not fit together.
    pub(super) fn compile(stored: &stored::Hypothesis) -> Result<Self, String> {
        let name = format!("hypothesis {:?}", stored.id);
        let belief = Belief::from_stored(stored.when.as_ref()).ok_or_else(|| format!("{name} has no condition"))?;
        let slot = stored.slot.as_ref().ok_or_else(|| format!("{name} has no coefficient"))?;
        let label = crate::domain::hypothesis_label(&stored.statement, &belief.condition);
        Ok(Self { belief, label, slot: Slot::compile(slot, &name)? })
    }

    /// Whether it holds for an account.
    pub(super) fn holds(&self, account: &Account) -> bool {
        let value = account.attributes.get(self.belief.attribute());
        self.belief.holds(value.map(|value| value.as_ref()).as_ref())
    }

    /// What it adds where it holds.
    pub(super) fn contribution(&self) -> Contribution {
        self.slot.contribution(self.belief.attribute().to_owned(), self.label.clone(), ContributionKind::Hypothesis)
    }
}
