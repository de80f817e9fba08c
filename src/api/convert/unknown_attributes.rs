//! Warnings for attributes that a request names and a version does not have, usually misspellings.

use sweetspot_core::{Condition, Test, condition_issues};
use sweetspot_model::Scorer;

use crate::api::violations::truncate_for_message;

/// Maximum number of warnings in a response.
const MAX_WARNINGS: usize = 50;

/// Returns a sentence, with the nearest name, for each name of the list in `field` that the model does not have.
pub(in crate::api) fn unknown_attribute_warnings(field: &str, names: &[String], scorer: &Scorer) -> Vec<String> {
    let warning = |(index, name): (usize, &String)| {
        let known = Condition { attribute: truncate_for_message(name).to_owned(), test: Test::Present(true) };
        let subject = format!("{field}[{index}]");
        condition_issues(&known, scorer)
            .first()
            .map(|issue| issue.sentence(&subject, "which the version does not have"))
    };
    names.iter().enumerate().filter_map(warning).take(MAX_WARNINGS).collect()
}
