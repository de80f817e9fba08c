//! A list in one cell: items with separators, or an array as databases and programs write it into a text file.

use std::borrow::Cow;
use std::collections::HashSet;

use sweetspot_core::parse_list;

/// Returns the items of a cell: those of an array, or else those of [`parse_list`].
pub(crate) fn list_items(text: &str) -> Vec<Cow<'_, str>> {
    array_items(text).unwrap_or_else(|| parse_list(text).into_iter().map(Cow::Borrowed).collect())
}

/// Returns a cell with these items, which [`list_items`] reads back: with separators, or as an array of JSON if they contain
/// separators.
pub(crate) fn list_cell(items: &[String]) -> String {
    let has_separator = |item: &String| item.contains([';', '|']) || (items.len() == 1 && item.contains(", "));
    if items.iter().any(has_separator) || items.first().is_some_and(|item| item.starts_with(['[', '{'])) {
        serde_json::Value::from(items).to_string()
    } else {
        items.join("; ")
    }
}

/// Whether a cell is an array.
pub(crate) fn is_array(text: &str) -> bool {
    array_items(text).is_some()
}

/// Returns the distinct items of an array: `["a", "b"]` of JSON, `['a', 'b']` of Python, `[a, b]` of `DuckDB` and `{a,"b"}` of
/// PostgreSQL. Empty and missing items are left out. `None` if the text is no array, or if it has arrays or objects in it.
fn array_items(text: &str) -> Option<Vec<Cow<'_, str>>> {
    if let Ok(values) = serde_json::from_str::<Vec<serde_json::Value>>(text) {
        return json_items(values);
    }
    let inside = |open, close| text.strip_prefix(open)?.strip_suffix(close);
    let mut rest = inside('[', ']').or_else(|| inside('{', '}'))?.trim();
    let (mut items, mut seen) = (Vec::new(), HashSet::new());
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|first| ['"', '\''].contains(first));
        let (item, remaining) = if let Some(quote) = quote {
            quoted_item(rest, quote)?
        } else {
            let (bare, remaining) = rest.split_once(',').unwrap_or((rest, ""));
            if bare.contains(['[', ']', '{', '}', '"']) {
                return None;
            }
            (bare_item(bare), remaining)
        };
        rest = remaining.trim_start();
        items.extend(item.filter(|item| seen.insert(item.clone())));
    }
    Some(items)
}

fn json_items<'a>(values: Vec<serde_json::Value>) -> Option<Vec<Cow<'a, str>>> {
    let (mut items, mut seen) = (Vec::new(), HashSet::new());
    for value in values {
        let item = match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.trim().to_owned(),
            scalar @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_)) => scalar.to_string(),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => return None,
        };
        if !item.is_empty() && seen.insert(item.clone()) {
            items.push(Cow::Owned(item));
        }
    }
    Some(items)
}

/// Returns an item without quotes; `None` if it is missing.
fn bare_item(text: &str) -> Option<Cow<'_, str>> {
    let item = text.trim();
    let is_missing = item.is_empty() || ["null", "none", "nan"].iter().any(|word| item.eq_ignore_ascii_case(word));
    (!is_missing).then_some(Cow::Borrowed(item))
}

/// Splits off an item in quotes. Inside, a backslash or a second quote precedes a quote. Returns `None` if the quotes are
/// not closed, or if no comma follows.
fn quoted_item(text: &str, quote: char) -> Option<(Option<Cow<'_, str>>, &str)> {
    let mut item = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((place, letter)) = letters.next() {
        if letter == '\\' {
            item.push(letters.next()?.1);
        } else if letter != quote {
            item.push(letter);
        } else if letters.next_if(|(_, next)| *next == quote).is_some() {
            item.push(quote);
        } else {
            let remaining = text.get(place + quote.len_utf8()..)?.trim_start();
            let remaining = if remaining.is_empty() { remaining } else { remaining.strip_prefix(',')? };
            let item = item.trim().to_owned();
            return Some(((!item.is_empty()).then_some(Cow::Owned(item)), remaining));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arrays_as_programs_write_them() {
        for (text, items) in [
            (r#"["SAP", "C++, Net"]"#, vec!["SAP", "C++, Net"]),
            (r#"["a\"b", "c\\d", "e", "a\"b"]"#, vec!["a\"b", "c\\d", "e"]),
            ("['SAP', \"L'Oréal\", None]", vec!["SAP", "L'Oréal"]),
            ("[SAP, Slack]", vec!["SAP", "Slack"]),
            ("[L'Oréal, NULL, 'C++, Net', 'it''s']", vec!["L'Oréal", "C++, Net", "it's"]),
            (r#"{SAP,"C++, Net",NULL,"say \"x\""}"#, vec!["SAP", "C++, Net", "say \"x\""]),
            ("[1, 2.5]", vec!["1", "2.5"]),
            ("[]", vec![]),
            ("{ }", vec![]),
            ("[one]", vec!["one"]),
        ] {
            assert_eq!(list_items(text), items, "{text}");
            assert!(is_array(text), "{text}");
        }
    }

    #[test]
    fn other_texts_have_separators() {
        for text in
            ["SAP; Slack", "a, b", "one", "[a]; b", "x [y]", "[[a], [b]]", r#"[{"a": 1}]"#, r#"["a" "b"]"#, r#"["a"#]
        {
            assert!(!is_array(text), "{text}");
            assert_eq!(list_items(text), parse_list(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn arrays_of_json_are_read_back(items in proptest::collection::vec("[^\\p{Cc}\\s]([^\\p{Cc}]{0,6}[^\\p{Cc}\\s])?", 0..5)) {
            let text = serde_json::to_string(&items).unwrap();
            let mut distinct: Vec<String> = Vec::new();
            for item in items {
                if !distinct.contains(&item) {
                    distinct.push(item);
                }
            }
            prop_assert_eq!(list_items(&text), distinct, "{}", text);
        }

        #[test]
        fn lists_are_read_back(items in proptest::collection::vec("[a;|,\\[\\]{} \"']{0,4}", 0..4)) {
            let mut distinct: Vec<String> = Vec::new();
            for item in items.iter().map(|item| item.trim().to_owned()) {
                if !item.is_empty() && !distinct.contains(&item) {
                    distinct.push(item);
                }
            }
            let present: Vec<String> = items.into_iter().filter(|item| !item.is_empty()).collect();
            let cell = list_cell(&present);
            prop_assert_eq!(list_items(&cell), distinct, "{}", cell);
        }

        #[test]
        fn any_text_is_read(text in "[\\[{]?\\PC{0,12}[\\]}]?") {
            list_items(&text);
        }
    }
}
