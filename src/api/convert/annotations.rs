//! Reads what people write on a run or a version, and checks its limits.

use std::collections::{BTreeMap, HashMap};

use sweetspot_store::annotations::{
    Annotations, MAX_DESCRIPTION_BYTES, MAX_LABEL_KEY_BYTES, MAX_LABEL_VALUE_BYTES, MAX_LABELS, MAX_OWNER_BYTES,
};

use crate::api::violations::{Violations, truncate_for_message};

/// Reads labels, a description and an owner.
pub(in crate::api) fn parse_annotations(
    labels: HashMap<String, String>,
    description: String,
    owner: String,
    problems: &mut Violations,
) -> Annotations {
    let labels: BTreeMap<String, String> = labels.into_iter().collect();
    if labels.len() > MAX_LABELS {
        problems.add("TOO_MANY_LABELS", "labels", format!("at most {MAX_LABELS} labels can be set"));
    }
    for (key, value) in labels.iter().take(MAX_LABELS) {
        let field = || format!("labels[{:?}]", truncate_for_message(key));
        if !is_label_key(key) {
            let text = format!(
                "a key must have 1 to {MAX_LABEL_KEY_BYTES} characters of a-z, 0-9, -, _ and ., and begin with a letter"
            );
            problems.add("INVALID_LABEL", field(), text);
        }
        if value.len() > MAX_LABEL_VALUE_BYTES || value.chars().any(char::is_control) {
            let text = format!("a value must have at most {MAX_LABEL_VALUE_BYTES} bytes and no control characters");
            problems.add("INVALID_LABEL", field(), text);
        }
    }
    if description.len() > MAX_DESCRIPTION_BYTES {
        let text = format!("a description must have at most {MAX_DESCRIPTION_BYTES} bytes");
        problems.add("TEXT_TOO_LONG", "description", text);
    }
    if owner.len() > MAX_OWNER_BYTES || owner.chars().any(char::is_control) {
        let text = format!("a name must have at most {MAX_OWNER_BYTES} bytes and no control characters");
        problems.add("INVALID_PERSON", "owner", text);
    }
    Annotations { labels, description, owner }
}

/// Whether a text can be the key of a label.
pub(in crate::api) fn is_label_key(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    key.len() <= MAX_LABEL_KEY_BYTES
        && key.bytes().all(allowed)
        && key.starts_with(|first: char| first.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_labels_are_short_words() {
        for key in ["a", "team", "a-1_b.c", &"a".repeat(63)] {
            assert!(is_label_key(key), "{key}");
        }
        for key in ["", "1a", "-a", "A", "a b", "a/b", "é", &"a".repeat(64)] {
            assert!(!is_label_key(key), "{key}");
        }
    }
}
