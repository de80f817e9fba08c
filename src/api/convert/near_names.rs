//! Suggests the nearest names of a model for unknown ones.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use sweetspot_core::Vocabulary;
use sweetspot_core::suggest::nearest;
use sweetspot_model::Scorer;

/// Maximum number of names per call for which the nearest is searched. Each is compared with all names of the model.
const MAX_NAMES: usize = 64;

/// Searches the nearest name once per unknown name, for the first [`MAX_NAMES`] of a call.
#[derive(Debug)]
pub(in crate::api) struct NearNames<'s> {
    scorer: &'s Scorer,
    suggestions: HashMap<String, Option<&'s str>, RandomState>,
}

impl<'s> NearNames<'s> {
    /// Creates a search over the names of a model.
    pub(in crate::api) fn new(scorer: &'s Scorer) -> Self {
        Self { scorer, suggestions: HashMap::default() }
    }

    /// The nearest name. `None` if no name is near, or if the call has too many unknown names.
    pub(in crate::api) fn find(&mut self, unknown: &str) -> Option<&'s str> {
        if let Some(found) = self.suggestions.get(unknown) {
            return *found;
        }
        if self.suggestions.len() >= MAX_NAMES {
            return None;
        }
        let name = nearest(unknown, Vocabulary::attributes(self.scorer));
        self.suggestions.insert(unknown.to_owned(), name);
        name
    }
}
