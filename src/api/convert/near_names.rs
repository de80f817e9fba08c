//! The names of a model that are nearest to ones that it does not have.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use sweetspot_core::Vocabulary;
use sweetspot_core::suggest::nearest;
use sweetspot_model::Scorer;

/// Names of one call for which the nearest is looked for: each of them is compared with all names of the model.
const MAX_NAMES: usize = 64;

/// Looks for the nearest name once for each unknown one, of the first [`MAX_NAMES`] of a call.
#[derive(Debug)]
pub(in crate::api) struct NearNames<'s> {
    scorer: &'s Scorer,
    found: HashMap<String, Option<&'s str>, RandomState>,
}

impl<'s> NearNames<'s> {
    /// Of the names of a model.
    pub(in crate::api) fn new(scorer: &'s Scorer) -> Self {
        Self { scorer, found: HashMap::default() }
    }

    /// The nearest name, if one is near and `unknown` is one of the first names.
    pub(in crate::api) fn find(&mut self, unknown: &str) -> Option<&'s str> {
        if let Some(found) = self.found.get(unknown) {
            return *found;
        }
        if self.found.len() >= MAX_NAMES {
            return None;
        }
        let name = nearest(unknown, Vocabulary::attributes(self.scorer));
        self.found.insert(unknown.to_owned(), name);
        name
    }
}
