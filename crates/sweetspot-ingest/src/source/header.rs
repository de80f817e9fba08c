//! The names of the columns.

use std::collections::{HashMap, HashSet};

use csv::StringRecord;
use unicode_normalization::UnicodeNormalization as _;

use super::record::cell_text;
use crate::limits::{MAX_COLUMNS, MAX_TEXT_BYTES};

/// Returns the names of the first `width` columns, trimmed and in Unicode form C. A column without a name is called
/// `column 3` by its position.
///
/// # Errors
/// Returns what is wrong with the header, as a continuation of "the header of this file".
pub(super) fn names(record: &StringRecord, width: usize) -> Result<Vec<String>, String> {
    if width > MAX_COLUMNS {
        return Err(format!("has {width} columns, which exceeds the limit of {MAX_COLUMNS}: leave some out"));
    }
    let mut names = Vec::with_capacity(width);
    for index in 0..width {
        let text = record.get(index).unwrap_or_default();
        if let Some(position) = text.find('\0') {
            let place = format!("byte {} of the name in column {}", position + 1, index + 1);
            return Err(format!("cannot be used: {place} is zero; remove it, or save the file again as CSV in UTF-8"));
        }
        let name = clean_name(text);
        if name.len() > MAX_TEXT_BYTES {
            return Err(format!(
                "has a name of {} bytes in column {}: use at most {MAX_TEXT_BYTES}",
                name.len(),
                index + 1
            ));
        }
        names.push(if name.is_empty() { format!("column {}", index + 1) } else { name });
    }
    let mut first = HashMap::new();
    for (index, name) in names.iter().enumerate() {
        if let Some(other) = first.insert(name, index) {
            let places = format!("columns {} and {}", other + 1, index + 1);
            return Err(format!(
                "has more than one column called {name:?} ({places}): give every column a name of its own"
            ));
        }
    }
    Ok(names)
}

/// Removes what reports add to a name: an arrow for the sort order, and zero-width characters.
fn clean_name(text: &str) -> String {
    let is_mark = |c: char| {
        is_invisible(c) || matches!(c, '\u{2190}'..='\u{2193}' | '\u{25b2}' | '\u{25bc}' | '\u{2bc5}' | '\u{2bc6}')
    };
    cell_text(text).trim_matches(|c: char| is_mark(c) || c.is_whitespace()).nfc().collect()
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Renames columns to these names if exactly one column and one name differ only in case, spaces, hyphens and
/// underscores. Returns the old and new names.
pub(super) fn rename<'a>(columns: &mut [String], names: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    let used_names: HashSet<String> = columns.iter().cloned().collect();
    let mut new_names: HashMap<String, Option<&str>> = HashMap::new();
    for name in names.into_iter().collect::<HashSet<_>>() {
        if !used_names.contains(name) {
            new_names.entry(folded_name(name)).and_modify(|other| *other = None).or_insert(Some(name));
        }
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    for column in columns.iter() {
        *places.entry(folded_name(column)).or_default() += 1;
    }
    let mut renamed = Vec::new();
    for column in columns {
        let plain = folded_name(column);
        if let Some(Some(name)) = new_names.get(&plain)
            && places.get(&plain) == Some(&1)
        {
            renamed.push((std::mem::replace(column, (*name).to_owned()), (*name).to_owned()));
        }
    }
    renamed
}

/// Returns the name without differences in case and separators.
fn folded_name(name: &str) -> String {
    let is_dropped = |c: &char| c.is_whitespace() || matches!(c, '_' | '-') || is_invisible(*c);
    name.nfkc().filter(|c| !is_dropped(c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_normalised_and_filled_in() {
        let record = StringRecord::from(vec![" City ", "", "Cafe\u{301}", "Name  \u{2191}", "\u{feff}id", "=\"x\""]);
        let expected = ["City", "column 2", "Caf\u{e9}", "Name", "id", "x", "column 7"];
        assert_eq!(names(&record, 7).unwrap(), expected);
    }

    #[test]
    fn unusable_headers_say_what_to_do() {
        for (record, words) in [
            (StringRecord::from(vec!["a", "b", "a"]), "called \"a\" (columns 1 and 3)"),
            (StringRecord::from(vec!["a", "b\0"]), "byte 2 of the name in column 2 is zero"),
            (StringRecord::from(vec!["x"; MAX_COLUMNS + 1]), "exceeds the limit of 4096"),
            (StringRecord::from(vec!["x".repeat(2000)]), "2000 bytes"),
        ] {
            assert!(names(&record, record.len()).unwrap_err().contains(words), "{words}");
        }
    }

    #[test]
    fn columns_are_renamed_where_there_is_no_doubt() {
        let mut columns = ["account id", "Industry", "annual_revenue", "e-mail", "Email", "SIZE"].map(str::to_owned);
        let names = ["Account ID", "Industry", "Annual Revenue", "EMail", "Size", "size"];
        let renamed = rename(&mut columns, names);
        assert_eq!(columns, ["Account ID", "Industry", "Annual Revenue", "e-mail", "Email", "SIZE"]);
        assert_eq!(renamed.first().unwrap(), &("account id".to_owned(), "Account ID".to_owned()));
    }
}
