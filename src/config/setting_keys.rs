//! Dotted keys, their spelling as environment variables, and suggestions for unknown ones.

use super::settings::SETTINGS;

/// The prefix of this program's environment variables.
pub(super) const PREFIX: &str = "SWEETSPOT__";

/// The minimum similarity of two names, in `[0, 1]`, for one to be suggested as the correction of the other.
const MIN_SIMILARITY: f64 = 0.7;

fn all() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|setting| setting.key)
}

/// Returns `prefix.name`, or `name` at the top level.
pub(super) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// Returns the keys of a section such as `server`.
pub(super) fn section_keys(section: &str) -> Vec<&'static str> {
    all().filter(|key| key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))).collect()
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
pub(super) fn suggest(unknown: &str) -> Option<&'static str> {
    let normalized = unknown.trim_start_matches(PREFIX).replace("__", ".").to_ascii_lowercase();
    all()
        .map(|key| (similarity(&normalized, key), key))
        .filter(|(likeness, _)| *likeness >= MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, key)| key)
}

fn similarity(unknown: &str, key: &str) -> f64 {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let key_similarity = strsim::normalized_damerau_levenshtein(unknown, key);
    key_similarity.max(strsim::normalized_damerau_levenshtein(&last(unknown), &last(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_variable_are_each_others_inverse() {
        for key in all() {
            assert_eq!(key_from_variable(&variable_from_key(key)), key);
        }
        assert_eq!(variable_from_key("server.listen"), "SWEETSPOT__SERVER__LISTEN");
    }

    #[test]
    fn misspelt_and_misplaced_keys_are_recognised() {
        assert_eq!(suggest("server.listn"), Some("server.listen"));
        assert_eq!(suggest("server_listen"), Some("server.listen"));
        assert_eq!(suggest("listen"), Some("server.listen"));
        assert_eq!(suggest("SWEETSPOT__LOG__FORMT"), Some("log.format"));
        assert_eq!(suggest("colour"), None);
    }

    #[test]
    fn a_variable_in_small_letters_is_no_key() {
        assert_eq!(key_from_variable("SWEETSPOT__server__listen"), "SWEETSPOT__server__listen");
    }
}
