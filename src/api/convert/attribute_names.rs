//! Lists of attribute names.

use super::attribute_value::is_usable_name;
use crate::api::limits::MAX_ATTRIBUTES;
use crate::api::violations::Violations;

/// Checks the number and the lengths of attribute names. `purpose` describes their use in the message of an error.
pub(super) fn check_attribute_names(names: &[String], field: &'static str, purpose: &str, problems: &mut Violations) {
    if names.len() > MAX_ATTRIBUTES {
        let text = format!("{} names exceed the limit of {MAX_ATTRIBUTES} that can be {purpose}", names.len());
        problems.add("TOO_MANY_ATTRIBUTES", field, text);
    }
    if let Some(index) = names.iter().position(|name| !is_usable_name(name)) {
        let field = format!("{field}[{index}]");
        problems.add("INVALID_ATTRIBUTE_NAME", field, "an attribute's name must have 1 to 256 bytes");
    }
}
