//! Lists of attributes' names.

use super::value::usable_name;
use crate::api::limits::ATTRIBUTES;
use crate::api::problems::Problems;

/// Checks such a list: how many there are, and how long each is. `purpose` says what becomes of the attributes.
pub(super) fn check_names(names: &[String], field: &'static str, purpose: &str, problems: &mut Problems) {
    if names.len() > ATTRIBUTES {
        let text = format!("{} names exceed the limit of {ATTRIBUTES} that can be {purpose}", names.len());
        problems.add("TOO_MANY_ATTRIBUTES", field, text);
    }
    if let Some(index) = names.iter().position(|name| !usable_name(name)) {
        let field = format!("{field}[{index}]");
        problems.add("INVALID_ATTRIBUTE_NAME", field, "an attribute's name must have 1 to 256 bytes");
    }
}
