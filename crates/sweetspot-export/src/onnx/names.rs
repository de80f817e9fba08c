//! The names of inputs, which differ from each other and from those of outputs.

use std::collections::BTreeSet;

use crate::{CardExclusionRule, CardKind, ParsedScorecard};

/// The names of outputs, besides those of rules.
const OUTPUTS: [&str; 6] = ["log_odds", "probability", "low", "high", "tier", "pond_side"];

/// Where the value of an input comes from.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum InputSource<'c> {
    /// An attribute with this name.
    Attribute(&'c str),
    /// The caller states whether the condition of the hypothesis with this id holds.
    Hypothesis(&'c str),
    /// The caller states whether the condition of the exclusion rule with this id holds.
    ExclusionRule(&'c str),
}

impl<'c> InputSource<'c> {
    pub(super) fn rule(rule: &'c CardExclusionRule) -> Self {
        Self::ExclusionRule(&rule.id)
    }
}

/// The names that a graph has.
pub(super) struct Names<'c> {
    /// The names of attributes, also of those that only conditions test.
    attributes: BTreeSet<&'c str>,
    /// The names of outputs, and of the inputs so far.
    taken: BTreeSet<String>,
}

impl<'c> Names<'c> {
    pub(super) fn new(card: &'c ParsedScorecard) -> Self {
        let conditions = card.hypotheses.iter().map(|hypothesis| &hypothesis.when);
        let conditions = conditions.chain(card.exclusion_rules.iter().map(|rule| &rule.when));
        let attributes = card.attributes.iter().map(|attribute| attribute.attribute.as_str());
        let rules = card.exclusion_rules.iter().map(|rule| rule_output(&rule.id));
        Self {
            attributes: attributes.chain(conditions.map(|when| when.attribute.as_str())).collect(),
            taken: OUTPUTS.into_iter().map(str::to_owned).chain(rules).collect(),
        }
    }

    /// The names of attributes, which names of inputs start with.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &'c str> {
        self.attributes.iter().copied()
    }

    /// The name of a new input: that of the attribute, or one that no attribute has.
    pub(super) fn add(&mut self, source: InputSource<'c>, kind: CardKind) -> String {
        let (first, second) = match source {
            InputSource::Attribute(name) => (name.to_owned(), format!("{name}:{}", kind.as_str())),
            InputSource::Hypothesis(id) => (format!("condition:{id}"), format!("condition:hypothesis:{id}")),
            InputSource::ExclusionRule(id) => (format!("condition:{id}"), format!("condition:rule:{id}")),
        };
        let numbered = (2_usize..).map(|number| format!("{second}:{number}"));
        let candidates = [first, second.clone()].into_iter().chain(numbered);
        let is_own = |name: &str| source == InputSource::Attribute(name);
        let mut free = candidates
            .filter(|name| !self.taken.contains(name) && (is_own(name) || !self.attributes.contains(name.as_str())));
        let name = free.next().unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }
}

/// The name of the output with whether a rule holds.
pub(super) fn rule_output(id: &str) -> String {
    format!("rule:{id}")
}
