//! What differs between two states of a profile, in sentences: what people agreed on, and what the model has learned.

mod agreed;
mod learned;
#[cfg(test)]
mod tests;
mod values;

use sweetspot_core::Definition;
use sweetspot_model::{EffectChange, ModelArtifact};
pub use values::odds;

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another one.
    Changed,
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What became of it.
    pub kind: DifferenceKind,
    /// What it is about: `gate`, `attribute`, `tier` and the like.
    pub subject: &'static str,
    /// Which one, where there are several; an id or the name of an attribute.
    pub id: String,
    /// The difference as a person reads it.
    pub sentence: String,
    /// Of an effect: the value and its figures.
    pub effect: Option<EffectChange>,
}

/// One state of a profile.
#[derive(Clone, Copy, Debug)]
pub struct ProfileState<'a> {
    /// What people agreed on.
    pub definition: &'a Definition,
    /// The number of the model's version, and the version; nothing where there was none.
    pub model: Option<(u64, &'a ModelArtifact)>,
}

/// Everything that differs: what people agreed on first, then what the model has learned.
#[must_use]
pub fn differences(from: ProfileState<'_>, to: ProfileState<'_>) -> Vec<Difference> {
    // As the later version knows an attribute, or else the earlier one.
    let kind = |attribute: &str| {
        let known = |state: ProfileState<'_>| state.model.and_then(|(_, model)| model.kind(attribute));
        known(to).or_else(|| known(from))
    };
    let mut found = agreed::differences(from.definition, to.definition, &kind);
    found.extend(learned::differences(from.model, to.model));
    found
}

/// Something changed.
fn changed(subject: &'static str, id: &str, sentence: String) -> Difference {
    Difference { kind: DifferenceKind::Changed, subject, id: id.to_owned(), sentence, effect: None }
}

/// Something is there that was not, or the other way round.
fn moved(added: bool, subject: &'static str, id: &str, sentence: String) -> Difference {
    let kind = if added { DifferenceKind::Added } else { DifferenceKind::Removed };
    Difference { kind, subject, id: id.to_owned(), sentence, effect: None }
}

/// `severity OUT instead of CAUTION`; nothing where both are the same.
fn instead(what: &str, from: &str, to: &str) -> Option<String> {
    let text = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    (from != to).then(|| format!("{what} {} instead of {}", text(to), text(from)))
}
