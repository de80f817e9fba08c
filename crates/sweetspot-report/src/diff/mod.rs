//! Differences between two states of a profile, as sentences: in the definition, and in the model.

mod definition_diff;
mod effect_diff;
mod model_diff;
#[cfg(test)]
mod tests;

pub use effect_diff::odds;
use sweetspot_core::Definition;
use sweetspot_model::{EffectChange, ModelArtifact};

use super::AttributeName;

/// The kind of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It exists only in the later state.
    Added,
    /// It exists only in the earlier state.
    Removed,
    /// It differs between the two states.
    Changed,
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileDifference {
    /// Whether it was added, removed or changed.
    pub kind: DifferenceKind,
    /// What differs: `exclusion rule`, `attribute`, `tier` and so on.
    pub subject: &'static str,
    /// The id, or the name of an attribute, if there are several of the subject.
    pub id: String,
    /// The difference as a sentence.
    pub sentence: String,
    /// For an effect: the value and its figures.
    pub effect: Option<EffectChange>,
}

/// One state of a profile.
#[derive(Clone, Copy, Debug)]
pub struct ProfileState<'a> {
    /// The definition.
    pub definition: &'a Definition,
    /// The number of the version and its model; `None` if there is no version.
    pub model: Option<(u64, &'a ModelArtifact)>,
}

/// All differences: those of the definition first, then those of the model.
#[must_use]
pub fn differences(from: ProfileState<'_>, to: ProfileState<'_>) -> Vec<ProfileDifference> {
    // The kind in the later version, or else in the earlier one.
    let name = |attribute: &str| {
        let kind = |state: ProfileState<'_>| state.model.and_then(|(_, model)| model.kind(attribute));
        AttributeName::new(attribute, None, kind(to).or_else(|| kind(from)))
    };
    let mut found = definition_diff::differences(from.definition, to.definition, &name);
    found.extend(model_diff::differences(from.model, to.model));
    found
}

/// Creates a difference of the kind `Changed`.
fn new_change(subject: &'static str, id: &str, sentence: String) -> ProfileDifference {
    ProfileDifference { kind: DifferenceKind::Changed, subject, id: id.to_owned(), sentence, effect: None }
}

/// Creates a difference of the kind `Added` or `Removed`.
fn addition_or_removal(added: bool, subject: &'static str, id: &str, sentence: String) -> ProfileDifference {
    let kind = if added { DifferenceKind::Added } else { DifferenceKind::Removed };
    ProfileDifference { kind, subject, id: id.to_owned(), sentence, effect: None }
}

/// `severity OUT instead of CAUTION`; `None` if both are the same.
fn replacement_text(what: &str, from: &str, to: &str) -> Option<String> {
    let text = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    (from != to).then(|| format!("{what} {} instead of {}", text(to), text(from)))
}
