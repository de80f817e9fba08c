//! The attributes, kinds and levels that a model knows: it checks the names in conditions against them.

use sweetspot_core::{AttributeKind, Matcher, TextFormat, Vocabulary};

use super::{Scorer, Term};

impl Scorer {
    fn find_term(&self, attribute: &str) -> Option<&Term> {
        self.terms.get(self.attribute_index(attribute)?)
    }

    /// The conditions of hypotheses and exclusion rules on attributes of the training dataset.
    fn known_conditions(&self) -> impl Iterator<Item = &Matcher> {
        let conditions = self
            .hypotheses
            .iter()
            .map(|entry| &entry.matcher)
            .chain(self.exclusion_rules.iter().map(|entry| &entry.matcher));
        conditions.filter(|when| when.kind().is_some())
    }
}

/// An attribute that only a hypothesis or an exclusion rule uses is known if the training dataset had it.
impl Vocabulary for Scorer {
    fn attributes(&self) -> Vec<&str> {
        let extra_attributes =
            self.known_conditions().map(Matcher::attribute).filter(|name| self.find_term(name).is_none());
        self.terms.iter().map(|term| term.feature.attribute.as_str()).chain(extra_attributes).collect()
    }

    fn kind(&self, attribute: &str) -> Option<AttributeKind> {
        let tested = || self.known_conditions().find(|when| when.attribute() == attribute).and_then(Matcher::kind);
        self.find_term(attribute).map(|term| term.feature.kind()).or_else(tested)
    }

    fn text_format(&self, attribute: &str) -> TextFormat {
        let tested = || self.known_conditions().find(|when| when.attribute() == attribute).map(Matcher::format);
        self.find_term(attribute).map(|term| term.feature.format).or_else(tested).unwrap_or_default()
    }

    fn levels(&self, attribute: &str) -> Vec<&str> {
        let levels = self.find_term(attribute).and_then(|term| term.feature.levels());
        levels.into_iter().flat_map(|levels| levels.entries().map(|(_, label)| label)).collect()
    }

    fn has_level(&self, attribute: &str, text: &str) -> bool {
        // The levels of an attribute that is not a term of the model are not stored.
        self.find_term(attribute)
            .is_none_or(|term| term.feature.levels().is_some_and(|levels| levels.find(text).is_some()))
    }
}
