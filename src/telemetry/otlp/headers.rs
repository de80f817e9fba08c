//! The file with headers for the collector.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use tonic::metadata::{Ascii, MetadataKey, MetadataMap, MetadataValue};

/// The maximum size of the file, in bytes.
const MAX_FILE_BYTES: u64 = 16 << 10;

/// Reads the headers. An error never contains a value, which is a credential.
pub(super) fn read_headers(path: &Path) -> Result<MetadataMap, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(error.to_string()),
        Ok(size) if size as u64 > MAX_FILE_BYTES => Err(format!("it has more than {MAX_FILE_BYTES} bytes")),
        Ok(_) => parse_headers(&text),
    }
}

fn parse_headers(text: &str) -> Result<MetadataMap, String> {
    let mut headers = MetadataMap::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = || format!("line {number} is not a header: write NAME: VALUE");
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let name: MetadataKey<Ascii> = name.trim().to_ascii_lowercase().parse().map_err(|_| wrong())?;
        let mut value: MetadataValue<Ascii> = value.trim().parse().map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_header() {
        let headers = parse_headers("Authorization: Bearer a:b\n\nx-scope: acme\r\n").unwrap();
        assert_eq!(headers.get("authorization").unwrap(), "Bearer a:b");
        assert_eq!(headers.get("x-scope").unwrap(), "acme");
        assert!(!format!("{headers:?}").contains("Bearer"));
        for wrong in ["secret", "a b: secret", "a: \u{1}secret", "\u{e9}: secret", "a-bin: secret"] {
            assert_eq!(
                parse_headers(&format!("a: b\n{wrong}")).unwrap_err(),
                "line 2 is not a header: write NAME: VALUE"
            );
        }
    }

    #[test]
    fn a_file_that_is_too_long_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("headers");
        std::fs::write(&path, format!("a: {}", "b".repeat(20_000))).unwrap();
        assert!(read_headers(&path).unwrap_err().contains("more than 16384 bytes"));
    }
}
