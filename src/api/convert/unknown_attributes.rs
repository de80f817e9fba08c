//! Attributes that a request names and a version does not have: most often misspellings.

use sweetspot_core::{Condition, Test, unknown_names};
use sweetspot_model::Scorer;

use crate::api::problems::echo;

/// Most sentences of one answer.
const MAX_WARNINGS: usize = 50;

/// A sentence for each name of the list in `field` that is no attribute of the model, with the nearest one.
pub(in crate::api) fn unknown_attributes(field: &str, names: &[String], scorer: &Scorer) -> Vec<String> {
    let warning = |(index, name): (usize, &String)| {
        let known = Condition { attribute: echo(name).to_owned(), test: Test::Present(true) };
        let who = format!("{field}[{index}]");
        unknown_names(&known, scorer).first().map(|one| one.sentence(&who, "which the version does not have"))
    };
    names.iter().enumerate().filter_map(warning).take(MAX_WARNINGS).collect()
}
