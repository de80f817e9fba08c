//! Lists.

use std::collections::HashSet;

/// Reads several texts out of one: separated by `;` or `|`, or, where neither occurs, by a comma and a space.
///
/// Items are trimmed, empty ones dropped, and each is given once, in the order in which it first came.
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
