//! Lists.

use std::collections::HashSet;

/// Splits a text into items, separated by `;` or `|` or, if neither occurs, by a comma and a space.
///
/// Items are trimmed, empty ones are dropped, and duplicates are removed, in the order of first occurrence.
#[must_use]
pub fn parse_list(text: &str) -> Vec<&str> {
    let parts: Vec<&str> =
        if text.contains([';', '|']) { text.split([';', '|']).collect() } else { text.split(", ").collect() };
    let mut seen = HashSet::with_capacity(parts.len());
    parts.into_iter().map(str::trim).filter(|item| !item.is_empty() && seen.insert(*item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_by_their_separators() {
        for (text, items) in [
            ("SAP; Slack ;SAP;;", vec!["SAP", "Slack"]),
            ("a|b;c", vec!["a", "b", "c"]),
            ("Acme, Inc; Bolt", vec!["Acme, Inc", "Bolt"]),
            ("red, green", vec!["red", "green"]),
            ("1,200", vec!["1,200"]),
            ("one", vec!["one"]),
            (" ; ", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(parse_list(text), items, "{text}");
        }
    }
}
