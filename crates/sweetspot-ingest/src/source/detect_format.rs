//! Detects the format of a file by its first bytes. The file name is ignored.

use std::collections::BTreeMap;

use serde_json::Value;

/// The format of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ContentFormat {
    /// Delimited text, as far as can be determined.
    Text,
    /// JSON Lines: one JSON object per line.
    JsonLines,
    Gzip,
    /// A ZIP archive or an OLE2 compound file, which may be a workbook.
    Container,
    /// A Parquet file.
    Parquet,
    /// An unsupported format: what it is, and how to fix it.
    Foreign(String),
}

/// The signatures of ZIP archives and OLE2 compound files.
const CONTAINERS: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"];

/// The signatures of unsupported formats, with their names and how to fix them.
const MAGIC: [(&[u8], &str, &str); 16] = [
    (b"%PDF", "is a PDF document", EXPORT),
    (b"\x89PNG", "is a PNG picture", EXPORT),
    (b"\xFF\xD8\xFF", "is a JPEG picture", EXPORT),
    (b"GIF8", "is a GIF picture", EXPORT),
    (b"PARE", "is an encrypted Parquet file", "write it without encryption"),
    (b"Obj\x01", "is an Avro file", WAREHOUSE),
    (b"ARROW1", "is an Arrow file", WAREHOUSE),
    (b"FEA1", "is a Feather file", WAREHOUSE),
    (b"SQLite format 3\0", "is an SQLite database", WAREHOUSE),
    (b"\x28\xB5\x2F\xFD", "is compressed with zstd", UNPACK),
    (b"BZh91AY&SY", "is compressed with bzip2", UNPACK),
    (b"\xFD7zXZ\0", "is compressed with xz", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "is a 7-Zip archive", UNPACK),
    (b"Rar!\x1A\x07", "is a RAR archive", UNPACK),
    (b"{\\rtf", "is an RTF document", EXPORT),
    (b"\xFF\xFE\0\0", "is UTF-32 text", "save the table as CSV in UTF-8"),
];
const EXPORT: &str = "export the table as CSV in UTF-8";
const WAREHOUSE: &str = "export the rows as CSV in UTF-8 or as JSON Lines";
const UNPACK: &str = "unpack it and name the file in it; gzip is supported directly";

/// The beginnings of unsupported text formats, in lowercase, with their names and how to fix them.
const MARKUP: [(&str, &str, &str); 9] = [
    ("<!doctype html", HTML, OPEN_AND_SAVE),
    ("<html", HTML, OPEN_AND_SAVE),
    ("<head", HTML, OPEN_AND_SAVE),
    ("<body", HTML, OPEN_AND_SAVE),
    ("<table", HTML, OPEN_AND_SAVE),
    ("<meta", HTML, OPEN_AND_SAVE),
    ("<script", HTML, OPEN_AND_SAVE),
    ("<style", HTML, OPEN_AND_SAVE),
    ("mime-version:", "is a web page with its parts (MHTML), as some systems export for Excel", OPEN_AND_SAVE),
];
const HTML: &str = "is a web page (HTML), as some systems export for Excel, or the log-in page of one";
const OPEN_AND_SAVE: &str = "open it, and if it shows the table save that as .xlsx or as CSV in UTF-8";

/// The number of bytes of a text to search for tags.
const SEARCHED_BYTES: usize = 2_048;

impl ContentFormat {
    /// Detects the format of undecoded bytes.
    pub(super) fn from_bytes(prefix: &[u8]) -> Self {
        if prefix.starts_with(b"\x1F\x8B") {
            return Self::Gzip;
        }
        if CONTAINERS.iter().any(|magic| prefix.starts_with(magic)) {
            return Self::Container;
        }
        if prefix.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        let known = MAGIC.iter().find(|(magic, ..)| prefix.starts_with(magic));
        known.map_or(Self::Text, |(_, what, remedy)| foreign(what, remedy))
    }

    /// Detects the format of decoded text.
    pub(super) fn from_text(prefix: &[u8]) -> Self {
        let text = prefix.trim_ascii_start();
        let start =
            String::from_utf8_lossy(text.get(..SEARCHED_BYTES.min(text.len())).unwrap_or_default()).to_lowercase();
        if start.starts_with('<') || start.starts_with("mime-version") {
            return markup(&start);
        }
        match text.first() {
            Some(b'{') => json_object(text),
            Some(b'[') if is_json_array(text) => {
                foreign("is a JSON list", "write one object a line (JSON Lines), as `jq -c '.[]'` does")
            }
            _ => Self::Text,
        }
    }
}

fn foreign(what: &str, remedy: &str) -> ContentFormat {
    ContentFormat::Foreign(format!("{what}: {remedy}"))
}

fn markup(start: &str) -> ContentFormat {
    if let Some((_, what, remedy)) = MARKUP.iter().find(|(tag, ..)| start.starts_with(tag)) {
        return foreign(what, remedy);
    }
    let holds = |tag: &str| start.contains(tag);
    if holds("<html") || holds("<table") || holds("<body") {
        return foreign(HTML, OPEN_AND_SAVE);
    }
    if holds("urn:schemas-microsoft-com:office:spreadsheet") {
        return foreign("is an XML spreadsheet", OPEN_AND_SAVE);
    }
    // A column name may be in angle brackets.
    if start.starts_with("<?xml") || start.starts_with("<!--") || holds("</") {
        return foreign("is XML", EXPORT);
    }
    ContentFormat::Text
}

fn json_object(text: &[u8]) -> ContentFormat {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
    let object = serde_json::from_slice::<BTreeMap<String, Value>>(line);
    let is_list = |value: &Value| value.as_array().is_some_and(|list| list.first().is_some_and(Value::is_object));
    if rest.trim_ascii().is_empty()
        && let Some((key, _)) = object.iter().flatten().find(|(_, value)| is_list(value))
    {
        let what = format!("is one JSON object with a list in it ({key:?})");
        return foreign(&what, "write the objects of the list one a line (JSON Lines), as `jq -c` does");
    }
    let is_object = object.is_ok();
    // If a line is longer than the bytes read, only its beginning is known.
    let is_long = line.len() == text.len() && line.len() > SEARCHED_BYTES && line.starts_with(b"{\"");
    if is_object || is_long {
        return ContentFormat::JsonLines;
    }
    let after = text.get(1..).unwrap_or_default().trim_ascii_start();
    if after.starts_with(b"\"") || after.starts_with(b"}") {
        return foreign("is JSON over several lines", "write one object a line (JSON Lines), as `jq -c` does");
    }
    ContentFormat::Text
}

fn is_json_array(text: &[u8]) -> bool {
    let after = text.get(1..).unwrap_or_default().trim_ascii_start();
    matches!(after.first(), Some(b'{' | b'[' | b'"' | b']'))
}

/// Describes bytes that do not occur in text, if any. A stray control character is data and a stray zero byte
/// invalidates its row, but a share of one in twenty is not text.
pub(super) fn find_binary(prefix: &[u8]) -> Option<String> {
    let control = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C);
    let strange = prefix.iter().filter(|byte| control(**byte)).count();
    if strange < 2 || strange * 20 <= prefix.len() {
        return None;
    }
    let before = prefix.iter().take_while(|byte| !control(**byte));
    let (line, byte) =
        before.fold((1, 1), |(line, byte), c| if *c == b'\n' { (line + 1, 1) } else { (line, byte + 1) });
    Some(format!("has binary data, first in line {line}, byte {byte}: {EXPORT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(format: ContentFormat) -> String {
        if let ContentFormat::Foreign(what) = format { what } else { format!("{format:?}") }
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        for (bytes, words) in [
            (&b"PK\x03\x04\x14\x00"[..], "Container"),
            (b"\x1F\x8B\x08", "Gzip"),
            (b"\x89PNG\r\n\x1a\n", "PNG"),
            (b"%PDF-1.7\n", "PDF"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "Container"),
            (b"PAR1\x15", "Parquet"),
            (b"PARE\x15", "encrypted Parquet file"),
            (b"Obj\x01\x04", "Avro"),
            (b"a,b\n", "Text"),
            (b"BZh,b\n", "Text"),
        ] {
            assert!(what(ContentFormat::from_bytes(bytes)).contains(words), "{bytes:?}");
        }
    }

    #[test]
    fn texts_that_are_no_tables_are_known_by_how_they_begin() {
        for (text, words) in [
            ("\n <!DOCTYPE html><html>", "(HTML)"),
            ("<html><head><meta", "(HTML)"),
            ("<table border=1><tr>", "(HTML)"),
            ("<?xml version=\"1.0\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">", "(HTML)"),
            (
                "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                "XML spreadsheet",
            ),
            ("<?xml version=\"1.0\"?><rows>", "is XML"),
            ("{\"id\": 1}\n{\"id\": 2}\n", "JsonLines"),
            ("{\n  \"id\": 1\n}", "several lines"),
            ("[{\"id\": 1}]", "JSON list"),
            ("{\"value\": [{\"id\": 1}]}\n", "one JSON object with a list in it (\"value\")"),
            ("{\"value\": [{\"id\": 1}]}\n{\"value\": []}\n", "JsonLines"),
            ("[Account ID],[Name]\n", "Text"),
            ("<id>,name\n", "Text"),
            ("{id},name\n", "Text"),
            ("id,name\n", "Text"),
        ] {
            assert!(what(ContentFormat::from_text(text.as_bytes())).contains(words), "{text:?}");
        }
    }

    #[test]
    fn one_control_character_in_twenty_is_binary() {
        assert!(find_binary(b"\x01\x02\x03\x04").unwrap().contains("first in line 1, byte 1"));
        assert!(find_binary(b"a,b\n1,\x00,\x00").unwrap().contains("first in line 2, byte 3"));
        for stray in [&b"a,b\r\n1,\t2 and a few more words \x01"[..], b"a,b\n1,\x00"] {
            assert_eq!(find_binary(stray), None, "{stray:?}");
        }
    }
}
