//! Formatting of accounts' values, consistent with the other documents.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::Contribution;
use sweetspot_model::{AttributeChange, AttributeEffects};

use crate::{ReportInput, format_band, readable_name};

/// The formatter of one version.
#[derive(Debug)]
pub(crate) struct AttributeValueFormatter {
    /// Attributes whose values are ranges of numbers with thousands separators.
    numbers: BTreeSet<String>,
    /// The names of segments, by id.
    segments: BTreeMap<String, String>,
}

impl AttributeValueFormatter {
    /// Creates the formatter of a version.
    pub(crate) fn new(input: &ReportInput) -> Self {
        let numbers = input.effects().into_iter().filter(AttributeEffects::is_amount);
        Self {
            numbers: numbers.map(|effects| effects.attribute).collect(),
            segments: input.model.segments().into_iter().map(|segment| (segment.id, segment.name)).collect(),
        }
    }

    /// `revenue eur: 10,200,000 or more`, or `revenue eur: missing`.
    pub(crate) fn reason(&self, reason: &Contribution<'_>) -> String {
        format!("{}: {}", readable_name(&reason.attribute), self.value(&reason.attribute, &reason.value_label))
    }

    /// A shared value, given as `attribute: value`.
    pub(super) fn shared_value(&self, shared: &str) -> String {
        let Some((attribute, value)) = shared.split_once(": ") else { return shared.to_owned() };
        format!("{}: {}", readable_name(attribute), self.value(attribute, value))
    }

    /// `employees: 50 or more instead of 10 to 49`.
    pub(super) fn change(&self, change: &AttributeChange) -> String {
        let AttributeChange { attribute, old_label: from, new_label: to, .. } = change;
        format!(
            "{}: {} instead of {}",
            readable_name(attribute),
            self.value(attribute, to),
            self.value(attribute, from)
        )
    }

    /// The name of a segment.
    pub(super) fn segment<'s>(&'s self, id: &'s str) -> &'s str {
        self.segments.get(id).map_or(id, String::as_str)
    }

    /// Whether an attribute's values are ranges of numbers with thousands separators.
    pub(super) fn is_amount(&self, attribute: &str) -> bool {
        self.numbers.contains(attribute)
    }

    fn value(&self, attribute: &str, label: &str) -> String {
        if self.is_amount(attribute) { format_band(label) } else { label.to_owned() }
    }
}
