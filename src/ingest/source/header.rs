//! The names of the columns.

use std::collections::HashSet;

use csv::ByteRecord;
use unicode_normalization::UnicodeNormalization as _;

use crate::ingest::limits::{MAX_COLUMNS, MAX_TEXT_BYTES};
use crate::ingest::suggest::listing;

/// The columns' names, trimmed and in Unicode form C; a column without a name is called `column 3` by its place.
///
/// # Errors
/// What is wrong with the header, to be read behind "the header of this file".
pub(super) fn names(record: &ByteRecord) -> Result<Vec<String>, String> {
    if record.len() > MAX_COLUMNS {
        return Err(format!("has {} columns: at most {MAX_COLUMNS} are read, so leave some out", record.len()));
    }
    let mut names = Vec::with_capacity(record.len());
    for (index, cell) in record.iter().enumerate() {
        let text = std::str::from_utf8(cell)
            .map_err(|_| format!("is not UTF-8 in column {}: save the file as CSV in UTF-8", index + 1))?;
        if let Some(at) = text.find('\0') {
            let place = format!("byte {} of the name in column {}", at + 1, index + 1);
            return Err(format!("cannot be used: {place} is zero; remove it, or save the file again as CSV in UTF-8"));
        }
        let name: String = text.trim().nfc().collect();
        if name.len() > MAX_TEXT_BYTES {
            return Err(format!(
                "has a name of {} bytes in column {}: use at most {MAX_TEXT_BYTES}",
                name.len(),
                index + 1
            ));
        }
        names.push(if name.is_empty() { format!("column {}", index + 1) } else { name });
    }
    let mut seen = HashSet::new();
    let repeated: Vec<&str> = names.iter().map(String::as_str).filter(|name| !seen.insert(*name)).collect();
    if repeated.is_empty() {
        return Ok(names);
    }
    Err(format!("has more than one column called {}: give every column a name of its own", listing(repeated, 10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_normalised_and_filled_in() {
        let record = ByteRecord::from(vec![" City ", "", "Cafe\u{301}"]);
        assert_eq!(names(&record).unwrap(), ["City", "column 2", "Caf\u{e9}"]);
    }

    #[test]
    fn unusable_headers_say_what_to_do() {
        for (record, words) in [
            (ByteRecord::from(vec!["a", "b", "a"]), "called \"a\""),
            (ByteRecord::from(vec![&b"a"[..], b"\xE9t\xE9"]), "not UTF-8 in column 2"),
            (ByteRecord::from(vec!["a", "b\0"]), "byte 2 of the name in column 2 is zero"),
            (ByteRecord::from(vec!["x"; MAX_COLUMNS + 1]), "at most 4096"),
            (ByteRecord::from(vec!["x".repeat(2000)]), "2000 bytes"),
        ] {
            assert!(names(&record).unwrap_err().contains(words), "{words}");
        }
    }
}
