//! From bytes to records: unpacks gzip, decodes the text, and finds out what kind of file it is.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::encoding::{Decoded, FoundEncoding, Undecided, utf16};
use super::format::{Format, binary};
use super::json_lines::JsonLines;
use super::metered::{Breach, Metered};
use super::options::FileOptions;
use super::progress::SourceProgress;
use super::record::Records;
use super::text::TextRecords;
use super::{delimiter, parquet, workbook};
use crate::IngestError;
use crate::limits::{MAX_ROW_BYTES, MAX_UNPACKED_BYTES};

/// How much of the file is looked at before reading it.
const PREFIX_BYTES: u64 = 64 << 10;

/// Bytes to read accounts from, and what to call them in messages.
pub struct Source {
    name: String,
    bytes: Box<dyn Read + Send>,
    /// The file of the bytes, where there is one that can be read from any place.
    file: Option<File>,
    options: FileOptions,
    /// The sheet that was named behind the file.
    sheet: Option<String>,
    unpacked_bound: u64,
    /// Where the size is known.
    progress: Option<SourceProgress>,
}

/// A file whose kind is known.
pub(super) struct Opened {
    pub(super) name: String,
    pub(super) records: Records,
    pub(super) options: FileOptions,
    pub(super) encoding: FoundEncoding,
    pub(super) unpacked_bound: u64,
    /// What was found out and is worth a word, one phrase each.
    pub(super) findings: Vec<String>,
    /// Cells by their column in a sheet whose formulas have no stored value.
    pub(super) formulas: Vec<(usize, u64)>,
}

impl Source {
    /// A file, or standard input for `-`: a text in columns, JSON Lines, Parquet or a workbook, by
    /// its content. Behind a workbook, a `#`
    /// and the name of a sheet.
    ///
    /// # Errors
    /// Where the file cannot be opened or is a directory.
    pub fn open(path: &Path) -> Result<Self, IngestError> {
        if path == Path::new("-") {
            return Ok(Self::new("standard input", io::stdin()));
        }
        let (file, sheet) = workbook::named(path);
        let name = path.display().to_string();
        match File::open(&file) {
            // Opening one succeeds on some systems, and only reading fails.
            _ if file.is_dir() => Err(IngestError::Directory { file: name }),
            Ok(bytes) => {
                // A pipe has no size.
                let Some(metadata) = bytes.metadata().ok().filter(std::fs::Metadata::is_file) else {
                    return Ok(Self { sheet, ..Self::new(name, bytes) });
                };
                let (progress, file) = (SourceProgress::new(metadata.len()), bytes.try_clone().ok());
                Ok(Self { sheet, file, progress: Some(progress.clone()), ..Self::new(name, progress.count(bytes)) })
            }
            Err(source) => Err(IngestError::Open { file: name, source }),
        }
    }

    /// Any bytes, under a name for messages.
    pub fn new(name: impl Into<String>, bytes: impl Read + Send + 'static) -> Self {
        let options = FileOptions::default();
        let bytes = Box::new(bytes);
        let (name, unpacked_bound) = (name.into(), MAX_UNPACKED_BYTES);
        Self { name, bytes, file: None, options, sheet: None, unpacked_bound, progress: None }
    }

    /// The same source, written as these options say; those that it has already win.
    #[must_use]
    pub fn with_options(self, options: &FileOptions) -> Self {
        Self { options: self.options.or(options), ..self }
    }

    /// How far it is read, from here on; `None` where its size is not known.
    #[must_use]
    pub fn progress(&self) -> Option<SourceProgress> {
        self.progress.clone()
    }

    /// How it is written, as far as that has been set; not the sheet that is named behind a file.
    pub(crate) const fn options(&self) -> &FileOptions {
        &self.options
    }

    /// Looks at the first bytes and decides how to read the rest.
    pub(super) fn prepare(self) -> Result<Opened, IngestError> {
        let Self { name, mut bytes, file, options, sheet, unpacked_bound, progress } = self;
        let options = FileOptions { sheet, ..FileOptions::default() }.or(&options);
        let failed = |source| IngestError::Read { file: name.clone(), row: 0, source };
        let mut prefix = read_prefix(&mut bytes).map_err(failed)?;
        let mut format = Format::of_bytes(&prefix);
        let is_packed = format == Format::Gzip;
        if is_packed {
            bytes = Box::new(MultiGzDecoder::new(Cursor::new(prefix).chain(bytes)));
            prefix = read_prefix(&mut bytes).map_err(failed)?;
            format = Format::of_bytes(&prefix);
        }
        match format {
            Format::Gzip => {
                let what = "is compressed twice: unpack it once".to_owned();
                return Err(IngestError::NotTable { file: name, what });
            }
            Format::Foreign(what) => return Err(IngestError::NotTable { file: name, what }),
            Format::Parquet => {
                let file = file.filter(|_| !is_packed);
                let bytes = Cursor::new(prefix).chain(bytes);
                let content = parquet::Content { name, file, bytes, bound: unpacked_bound, progress };
                return parquet::open(content, options);
            }
            Format::Container => return workbook::open(&name, Cursor::new(prefix).chain(bytes), options),
            Format::Text | Format::JsonLines => (),
        }
        let is_utf16 = prefix.starts_with(b"\xFF\xFE") || prefix.starts_with(b"\xFE\xFF") || utf16(&prefix).is_some();
        let is_stated_utf16 = options.encoding().is_some_and(|encoding| encoding.name().starts_with("UTF-16"));
        if let Some(what) = binary(&prefix).filter(|_| !is_utf16 && !is_stated_utf16) {
            return Err(IngestError::NotTable { file: name, what });
        }
        let decoded = Decoded::new(&prefix, Cursor::new(prefix.clone()).chain(bytes), options.encoding());
        let encoding = decoded.found();
        let bound = is_packed.then_some(unpacked_bound);
        open_text(name, decoded, encoding, options, bound).map(|opened| Opened { unpacked_bound, ..opened })
    }

    /// The same source with another bound on what it unpacks to, in bytes.
    #[cfg(test)]
    pub(super) fn unpacking_at_most(self, unpacked_bound: u64) -> Self {
        Self { unpacked_bound, ..self }
    }
}

/// Text in columns or JSON Lines, already in UTF-8.
fn open_text(
    name: String,
    mut text: impl Read + Send + 'static,
    encoding: FoundEncoding,
    options: FileOptions,
    bound: Option<u64>,
) -> Result<Opened, IngestError> {
    let failed = |source| Opened::read_error(&name, 0, 0, 1, source);
    let mut prefix = read_prefix(&mut text).map_err(failed)?;
    if prefix.starts_with(b"\xEF\xBB\xBF") {
        prefix.drain(..3);
    }
    if prefix.trim_ascii().is_empty() {
        return Err(IngestError::Empty { file: name });
    }
    let is_whole = (prefix.len() as u64) < PREFIX_BYTES - 3;
    let format = Format::of_text(&prefix);
    let mut skipped_lines = 0;
    let mut delimiter = options.delimiter();
    if format == Format::Text
        && let Some((stated, length)) = delimiter::from_sep_line(&prefix)
    {
        prefix.drain(..length);
        skipped_lines = 1;
        delimiter = delimiter.or(Some(stated));
    }
    let delimiter = delimiter.unwrap_or_else(|| delimiter::detect(&prefix, is_whole));
    let text: Box<dyn Read + Send> = Box::new(Cursor::new(prefix).chain(text));
    let text = Metered::new(text, MAX_ROW_BYTES, bound);
    let records = match format {
        Format::Foreign(what) => return Err(IngestError::NotTable { file: name, what }),
        Format::JsonLines => Records::JsonLines(Box::new(JsonLines::open(text).map_err(failed)?)),
        Format::Text | Format::Gzip | Format::Container | Format::Parquet => {
            Records::Text(Box::new(TextRecords::new(text, delimiter, skipped_lines)))
        }
    };
    let (unpacked_bound, findings, formulas) = (MAX_UNPACKED_BYTES, Vec::new(), Vec::new());
    Ok(Opened { name, records, options, encoding, unpacked_bound, findings, formulas })
}

impl Opened {
    /// The error behind a failed read of the row after `row`, which starts on `line`.
    pub(super) fn read_error(name: &str, bound: u64, row: u64, line: u64, source: io::Error) -> IngestError {
        let file = name.to_owned();
        if Undecided::is_behind(&source) {
            return IngestError::Encoding { file };
        }
        match Breach::behind(&source) {
            Some(Breach::Row) => IngestError::RowTooLong { file, row: row + 1, line },
            Some(Breach::Total) => IngestError::UnpackedTooLarge { file, limit: bound },
            #[cfg(feature = "parquet")]
            Some(Breach::Pages) => IngestError::PagesTooLarge { file, row },
            None => IngestError::Read { file, row, source },
        }
    }
}

fn read_prefix(bytes: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut prefix = Vec::new();
    bytes.take(PREFIX_BYTES).read_to_end(&mut prefix)?;
    Ok(prefix)
}
