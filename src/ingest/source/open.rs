//! From bytes to text: unpacks gzip, drops a byte-order mark, and tells at once when the file is no CSV.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::delimiter;
use super::metered::{Breach, Metered};
use super::workbook;
use crate::ingest::IngestError;
use crate::ingest::limits::{MAX_ROW_BYTES, MAX_UNPACKED_BYTES};

/// How much of the file is looked at before reading it.
const PREFIX_BYTES: u64 = 64 << 10;

/// How files of other kinds begin.
const MAGIC: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "looks like a zip archive or an .xlsx workbook"),
    (b"\x89PNG", "looks like a PNG picture"),
    (b"%PDF", "looks like a PDF"),
    (b"PAR1", "looks like a Parquet file"),
    (b"\xD0\xCF\x11\xE0", "looks like an old .xls workbook"),
    (b"\xFF\xFE", "is UTF-16 text"),
    (b"\xFE\xFF", "is UTF-16 text"),
    (b"\x1F\x8B", "is compressed twice"),
];

/// Bytes to read accounts from, and what to call them in messages.
pub struct Source {
    name: String,
    bytes: Box<dyn Read + Send>,
    unpacked_bound: u64,
}

/// Text whose form is known.
pub(super) struct Opened {
    pub(super) name: String,
    pub(super) text: Metered<Box<dyn Read + Send>>,
    pub(super) delimiter: u8,
    pub(super) unpacked_bound: u64,
}

impl Source {
    /// A file, or standard input for `-`. Also a workbook: its first sheet, or the one behind a `#`; not without the feature `xlsx`.
    ///
    /// # Errors
    /// Where the file cannot be opened or is a directory.
    pub fn open(path: &Path) -> Result<Self, IngestError> {
        if path == Path::new("-") {
            return Ok(Self::new("standard input", io::stdin()));
        }
        if let Some((file, sheet)) = workbook::named(path).filter(|_| !path.is_dir()) {
            return Self::workbook(&file, sheet.as_deref());
        }
        let name = path.display().to_string();
        match File::open(path) {
            // Opening one succeeds on some systems, and only reading fails.
            _ if path.is_dir() => Err(IngestError::Directory { file: name }),
            Ok(file) => Ok(Self::new(name, file)),
            Err(source) => Err(IngestError::Open { file: name, source }),
        }
    }

    #[cfg(feature = "xlsx")]
    fn workbook(file: &Path, sheet: Option<&str>) -> Result<Self, IngestError> {
        let name = sheet.map_or_else(|| file.display().to_string(), |sheet| format!("{}#{sheet}", file.display()));
        Ok(Self::new(name, workbook::read(file, sheet)?))
    }

    #[cfg(not(feature = "xlsx"))]
    fn workbook(file: &Path, _: Option<&str>) -> Result<Self, IngestError> {
        let file = file.display().to_string();
        Err(match File::open(&file) {
            Ok(_) => IngestError::WithoutWorkbooks { file },
            Err(source) => IngestError::Open { file, source },
        })
    }

    /// Any bytes, under a name for messages.
    pub fn new(name: impl Into<String>, bytes: impl Read + Send + 'static) -> Self {
        Self { name: name.into(), bytes: Box::new(bytes), unpacked_bound: MAX_UNPACKED_BYTES }
    }

    /// Looks at the first bytes and decides how to read the rest.
    pub(super) fn prepare(self) -> Result<Opened, IngestError> {
        let Self { name, mut bytes, unpacked_bound } = self;
        let failed = |source| IngestError::Read { file: name.clone(), row: 0, source };
        let mut prefix = read_prefix(&mut bytes).map_err(failed)?;
        let packed = prefix.starts_with(b"\x1F\x8B");
        if packed {
            bytes = Box::new(MultiGzDecoder::new(Cursor::new(prefix).chain(bytes)));
            prefix = read_prefix(&mut bytes).map_err(failed)?;
        }
        if let Some(looks) = foreign(&prefix) {
            return Err(IngestError::NotCsv { file: name, looks });
        }
        if let Some(text) = prefix.strip_prefix(b"\xEF\xBB\xBF") {
            prefix = text.to_vec();
        }
        if prefix.trim_ascii().is_empty() {
            return Err(IngestError::Empty { file: name });
        }
        let delimiter = delimiter::detect(&prefix);
        let text: Box<dyn Read + Send> = Box::new(Cursor::new(prefix).chain(bytes));
        let text = Metered::new(text, MAX_ROW_BYTES, packed.then_some(unpacked_bound));
        Ok(Opened { name, text, delimiter, unpacked_bound })
    }

    /// The same source with another bound on what it unpacks to, in bytes.
    #[cfg(test)]
    pub(super) fn unpacking_at_most(self, unpacked_bound: u64) -> Self {
        Self { unpacked_bound, ..self }
    }
}

impl Opened {
    /// The error behind a failed read of the row after `row`, which starts on `line`.
    pub(super) fn read_error(name: &str, bound: u64, row: u64, line: u64, source: io::Error) -> IngestError {
        let file = name.to_owned();
        match Breach::behind(&source) {
            Some(Breach::Row) => IngestError::RowTooLong { file, row: row + 1, line },
            Some(Breach::Total) => IngestError::UnpackedTooLarge { file, limit: bound },
            None => IngestError::Read { file, row, source },
        }
    }
}

fn read_prefix(bytes: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut prefix = Vec::new();
    bytes.take(PREFIX_BYTES).read_to_end(&mut prefix)?;
    Ok(prefix)
}

/// What these bytes are, where they are no text.
fn foreign(prefix: &[u8]) -> Option<String> {
    if let Some((_, looks)) = MAGIC.iter().find(|(magic, _)| prefix.starts_with(magic)) {
        return Some((*looks).to_owned());
    }
    let control = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C);
    let strange = prefix.iter().filter(|byte| control(**byte)).count();
    // A stray control character is somebody's data, and a stray zero byte costs its row; one in twenty is no text.
    if strange < 2 || strange * 20 <= prefix.len() {
        return None;
    }
    let before = prefix.iter().take_while(|byte| !control(**byte));
    let (line, byte) =
        before.fold((1, 1), |(line, byte), c| if *c == b'\n' { (line + 1, 1) } else { (line, byte + 1) });
    Some(format!("holds binary data, at first in line {line}, byte {byte}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_files_are_told_apart() {
        for (bytes, word) in [
            (&b"PK\x03\x04\x14\x00"[..], "xlsx"),
            (b"\x89PNG\r\n\x1a\n", "PNG"),
            (b"\xFF\xFEa\x00", "UTF-16"),
            (b"a\x00,\x00b\x00", "binary"),
            (b"\x01\x02\x03\x04", "binary data, at first in line 1, byte 1"),
            (b"a,b\n1,\x00,\x00", "binary data, at first in line 2, byte 3"),
        ] {
            assert!(foreign(bytes).unwrap().contains(word), "{bytes:?}");
        }
        for stray in [&b"a,b\r\n1,\t2 and a few more words \x01"[..], b"a,b\n1,\x00"] {
            assert_eq!(foreign(stray), None, "{stray:?}");
        }
    }
}
