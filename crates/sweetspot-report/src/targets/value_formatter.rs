//! Formatting of accounts' values, consistent with the other documents.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::{Contribution, ContributionKind};
use sweetspot_model::{AttributeChange, AttributeEffects};

use crate::format::condition_text;
use crate::segments::segment_name;
use crate::{AttributeName, ReportInput, format_band, format_percent, plural};

/// The formatter of one version.
#[derive(Debug)]
pub(crate) struct AttributeValueFormatter {
    /// Attributes whose values are ranges of numbers with thousands separators.
    numbers: BTreeSet<String>,
    /// The attributes, by name.
    attributes: BTreeMap<String, AttributeName>,
    /// The conditions of hypotheses without a statement, by attribute and label.
    conditions: BTreeMap<(String, String), String>,
    /// The names of segments, by id.
    segments: BTreeMap<String, String>,
}

impl AttributeValueFormatter {
    /// Creates the formatter of a version.
    pub(crate) fn new(input: &ReportInput) -> Self {
        let names = input.model.attributes().into_iter().map(|summary| summary.attribute);
        let attributes = names.map(|name| (name.clone(), input.attribute(&name))).collect();
        let numbers = input.effects().into_iter().filter(AttributeEffects::is_amount);
        let hypotheses =
            input.model.hypotheses().into_iter().filter(|hypothesis| hypothesis.statement.trim().is_empty());
        let conditions = hypotheses.map(|hypothesis| {
            let text = condition_text(&hypothesis.when, &input.attribute(&hypothesis.when.attribute));
            ((hypothesis.when.attribute, hypothesis.label), text)
        });
        Self {
            conditions: conditions.collect(),
            attributes,
            numbers: numbers.map(|effects| effects.attribute).collect(),
            segments: input
                .model
                .segments()
                .into_iter()
                .map(|segment| (segment.id.clone(), segment_name(input, &segment)))
                .collect(),
        }
    }

    /// `revenue (EUR): 10,200,000 or more`, `industry: Retail, with size: 10 to 49`, or the statement or
    /// condition of a hypothesis.
    pub(crate) fn reason(&self, reason: &Contribution<'_>) -> String {
        let Contribution { attribute, value_label, kind, .. } = reason;
        match (kind, attribute.split_once(" * ").zip(value_label.split_once(" * "))) {
            (ContributionKind::Hypothesis, _) => {
                let key = (attribute.clone().into_owned(), value_label.clone().into_owned());
                self.conditions.get(&key).cloned().unwrap_or(key.1)
            }
            (ContributionKind::Interaction, Some(((one, other), (value, other_value)))) => {
                format!("{}, with {}", self.named_value(one, value), self.named_value(other, other_value))
            }
            _ => self.named_value(attribute, value_label),
        }
    }

    /// The reason with the rate of ideal customers: `industry: Retail (62 in 100 of 144 customers are ideal)`. Without
    /// a rate if there are no customers, or if they differ in other attributes so much that their rate is on the other
    /// side of the average.
    pub(super) fn reason_with_rate(&self, reason: &Contribution<'_>) -> String {
        let text = self.reason(reason);
        match reason {
            Contribution { kind: ContributionKind::Hypothesis, .. } => format!("{text} (stated)"),
            Contribution { customers: 0, .. } => text,
            Contribution { raw_rate_differs: true, .. } => format!("{text}, all else equal"),
            Contribution { customers, ideal_rate, .. } => {
                let rate = format_percent(*ideal_rate);
                format!("{text} ({rate} of {} ideal)", plural(*customers, "customer", "customers"))
            }
        }
    }

    /// The reason within a sentence: `200 to 499 employees`, `industry: Retail`.
    pub(crate) fn reason_phrase(&self, reason: &Contribution<'_>) -> String {
        let Contribution { attribute, value_label, kind, .. } = reason;
        if *kind == ContributionKind::Attribute && self.is_amount(attribute) {
            self.attribute(attribute).phrase(&format_band(value_label))
        } else {
            self.reason(reason)
        }
    }

    fn named_value(&self, attribute: &str, label: &str) -> String {
        self.attribute(attribute).with_value(&self.value(attribute, label))
    }

    /// A shared value, given as `attribute: value`.
    pub(super) fn shared_value(&self, shared: &str) -> String {
        let Some((attribute, value)) = shared.split_once(": ") else { return shared.to_owned() };
        self.named_value(attribute, value)
    }

    /// `employees: 50 or more instead of 10 to 49`.
    pub(super) fn change(&self, change: &AttributeChange) -> String {
        let AttributeChange { attribute, old_label: from, new_label: to, .. } = change;
        format!(
            "{}: {} instead of {}",
            self.attribute(attribute),
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

    /// An attribute with its label and unit.
    pub(super) fn attribute(&self, name: &str) -> AttributeName {
        self.attributes.get(name).cloned().unwrap_or_else(|| AttributeName::new(name, None, None))
    }

    fn value(&self, attribute: &str, label: &str) -> String {
        if self.is_amount(attribute) { format_band(label) } else { label.to_owned() }
    }
}
