//! Dotted keys, their spelling as environment variables, and suggestions for unknown ones.

use serde_json::Value;

use super::settings::Settings;

/// The prefix of this program's environment variables.
pub(super) const PREFIX: &str = "SWEETSPOT__";

/// The minimum similarity of two names, in `[0, 1]`, for one to be suggested as the correction of the other.
const MIN_SIMILARITY: f64 = 0.7;

/// The built-in settings as a tree, in which an unset setting is null.
pub(super) fn built_in() -> Value {
    serde_json::to_value(Settings::default()).unwrap_or(Value::Null)
}

/// Returns every dotted key of a tree of settings with its value, in order.
pub(super) fn flatten(tree: &Value) -> Vec<(String, Value)> {
    fn walk(prefix: &str, tree: &Value, out: &mut Vec<(String, Value)>) {
        if let Value::Object(fields) = tree {
            for (name, value) in fields {
                walk(&join(prefix, name), value, out);
            }
        } else {
            out.push((prefix.to_owned(), tree.clone()));
        }
    }
    let mut out = Vec::new();
    walk("", tree, &mut out);
    out
}

/// Returns `prefix.name`, or `name` at the top level.
pub(super) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// Returns the value at a dotted key.
pub(super) fn value_mut<'a>(tree: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    tree.pointer_mut(&format!("/{}", key.replace('.', "/")))
}

/// Returns the keys of a section such as `server`.
pub(super) fn section_keys(section: &str) -> Vec<String> {
    let start = format!("{section}.");
    flatten(&built_in()).into_iter().map(|(key, _)| key).filter(|key| key.starts_with(&start)).collect()
}

/// Returns the key of a variable. A name that is not in uppercase is returned as it is, and so matches no key.
pub(super) fn key_from_variable(variable: &str) -> String {
    let name = variable.strip_prefix(PREFIX).unwrap_or(variable);
    if name.chars().any(|letter| letter.is_ascii_lowercase()) {
        return variable.to_owned();
    }
    name.replace("__", ".").to_ascii_lowercase()
}

/// Returns the variable of a key: `SWEETSPOT__SERVER__LISTEN` for `server.listen`.
pub(super) fn variable_from_key(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// Returns the known key that is most similar to an unknown one, by the whole key or by its last part.
pub(super) fn suggest(unknown: &str) -> Option<String> {
    let wanted = unknown.trim_start_matches(PREFIX).replace("__", ".").to_ascii_lowercase();
    flatten(&built_in())
        .into_iter()
        .map(|(key, _)| (similarity(&wanted, &key), key))
        .filter(|(likeness, _)| *likeness >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, key)| key)
}

fn similarity(wanted: &str, key: &str) -> f64 {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let whole = strsim::normalized_damerau_levenshtein(wanted, key);
    whole.max(strsim::normalized_damerau_levenshtein(&last(wanted), &last(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_variable_are_each_others_inverse() {
        for (key, _) in flatten(&built_in()) {
            assert_eq!(key_from_variable(&variable_from_key(&key)), key);
        }
        assert_eq!(variable_from_key("server.listen"), "SWEETSPOT__SERVER__LISTEN");
    }

    #[test]
    fn a_setting_that_is_unset_is_still_a_key() {
        assert!(flatten(&built_in()).contains(&("server.reflection".to_owned(), Value::Null)));
    }

    #[test]
    fn misspelt_and_misplaced_keys_are_recognised() {
        assert_eq!(suggest("server.listn").as_deref(), Some("server.listen"));
        assert_eq!(suggest("server_listen").as_deref(), Some("server.listen"));
        assert_eq!(suggest("listen").as_deref(), Some("server.listen"));
        assert_eq!(suggest("SWEETSPOT__LOG__FORMT").as_deref(), Some("log.format"));
        assert_eq!(suggest("colour"), None);
    }

    #[test]
    fn a_variable_in_small_letters_is_no_key() {
        assert_eq!(key_from_variable("SWEETSPOT__server__listen"), "SWEETSPOT__server__listen");
    }
}
