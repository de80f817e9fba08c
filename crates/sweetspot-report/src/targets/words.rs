//! What accounts have, in the words of the other documents.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::Contribution;
use sweetspot_model::{AttributeEffects, Change};

use crate::{Evidence, band, plain};

/// The words of one version.
#[derive(Debug)]
pub(super) struct Words {
    /// Attributes whose values are bands of numbers that are read with thousands apart.
    numbers: BTreeSet<String>,
    /// What segments are called, by id.
    segments: BTreeMap<String, String>,
}

impl Words {
    /// Of a version.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let numbers = evidence.effects().into_iter().filter(AttributeEffects::is_amount);
        Self {
            numbers: numbers.map(|effects| effects.attribute).collect(),
            segments: evidence.model.segments().into_iter().map(|segment| (segment.id, segment.name)).collect(),
        }
    }

    /// `revenue eur: 10,200,000 or more`; of what is not known `revenue eur: missing`.
    pub(super) fn reason(&self, reason: &Contribution<'_>) -> String {
        format!("{}: {}", plain(&reason.attribute), self.value(&reason.attribute, &reason.value_label))
    }

    /// A value that two share, told as `attribute: value`.
    pub(super) fn shared(&self, shared: &str) -> String {
        let Some((attribute, value)) = shared.split_once(": ") else { return shared.to_owned() };
        format!("{}: {}", plain(attribute), self.value(attribute, value))
    }

    /// `employees: 50 or more instead of 10 to 49`.
    pub(super) fn change(&self, change: &Change) -> String {
        let Change { attribute, from, to, .. } = change;
        format!("{}: {} instead of {}", plain(attribute), self.value(attribute, to), self.value(attribute, from))
    }

    /// What a segment is called.
    pub(super) fn segment<'s>(&'s self, id: &'s str) -> &'s str {
        self.segments.get(id).map_or(id, String::as_str)
    }

    /// Whether an attribute's values are bands of numbers that are read with thousands apart.
    pub(super) fn is_amount(&self, attribute: &str) -> bool {
        self.numbers.contains(attribute)
    }

    fn value(&self, attribute: &str, label: &str) -> String {
        if self.is_amount(attribute) { band(label) } else { label.to_owned() }
    }
}
