//! The format of rows that are JSON: the number in their key `format`. Format 1 has no such key, and no others are
//! written yet.

use serde::Deserialize;

use crate::stored::ReadError;

/// The format of every row in JSON.
const FORMAT: u32 = 1;

/// A row of any format.
#[derive(Deserialize)]
struct AnyRow {
    format: u32,
}

/// The error of a row that cannot be read because a newer release wrote it. `None` if it is damaged instead.
pub(crate) fn unknown(name: &'static str, bytes: &[u8]) -> Option<ReadError> {
    let AnyRow { format: found } = serde_json::from_slice(bytes).ok()?;
    (found > FORMAT).then_some(ReadError::UnknownFormat { name, found, known: FORMAT })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_row_with_a_newer_format_has_one() {
        let newer = br#"{"any":[1],"format":2}"#;
        assert_eq!(unknown("row", newer), Some(ReadError::UnknownFormat { name: "row", found: 2, known: FORMAT }));
        for bytes in [&b"{}"[..], b"{\"format\":1}", b"{\"format\":\"2\"}", b"{\"format\":2", b"\xFF"] {
            assert_eq!(unknown("row", bytes), None);
        }
    }
}
