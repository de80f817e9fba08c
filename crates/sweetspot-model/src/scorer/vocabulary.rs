//! The names that a model knows: those of its attributes, and the texts of its categories and lists.

use sweetspot_core::{Kind, Matcher, TextFormat, Vocabulary};

use super::{Scorer, Term};

impl Scorer {
    fn term(&self, attribute: &str) -> Option<&Term> {
        self.terms.get(self.attribute(attribute)?)
    }

    /// The conditions of hypotheses and gates on attributes that the training's dataset had.
    fn tested(&self) -> impl Iterator<Item = &Matcher> {
        let conditions = self.hypotheses.iter().map(|one| &one.when).chain(self.gates.iter().map(|one| &one.when));
        conditions.filter(|when| when.kind().is_some())
    }
}

/// An attribute that only a hypothesis or a gate asks for is known where the dataset of the training had it.
impl Vocabulary for Scorer {
    fn attributes(&self) -> Vec<&str> {
        let beyond = self.tested().map(Matcher::attribute).filter(|name| self.term(name).is_none());
        self.terms.iter().map(|term| term.feature.attribute.as_str()).chain(beyond).collect()
    }

    fn kind(&self, attribute: &str) -> Option<Kind> {
        let tested = || self.tested().find(|when| when.attribute() == attribute).and_then(Matcher::kind);
        self.term(attribute).map(|term| term.feature.kind()).or_else(tested)
    }

    fn text_format(&self, attribute: &str) -> TextFormat {
        let tested = || self.tested().find(|when| when.attribute() == attribute).map(Matcher::format);
        self.term(attribute).map(|term| term.feature.format).or_else(tested).unwrap_or_default()
    }

    fn levels(&self, attribute: &str) -> Vec<&str> {
        let levels = self.term(attribute).and_then(|term| term.feature.levels());
        levels.into_iter().flat_map(|levels| levels.in_order().map(|(_, label)| label)).collect()
    }

    fn has_level(&self, attribute: &str, text: &str) -> bool {
        // The levels of an attribute beyond the model are not kept.
        self.term(attribute).is_none_or(|term| term.feature.levels().is_some_and(|levels| levels.find(text).is_some()))
    }
}
