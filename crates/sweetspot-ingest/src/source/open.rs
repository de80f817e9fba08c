//! From bytes to records: unpacks gzip, decodes the text, and detects the format of the file.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::bounded_reader::{BoundExceeded, BoundedReader};
use super::delimited_text::TextRecords;
use super::detect_format::{ContentFormat, find_binary};
use super::encoding::{AmbiguousEncoding, SharedEncoding, TranscodingReader, utf16};
use super::json_lines::JsonLines;
use super::options::FileOptions;
use super::progress::SourceProgress;
use super::record::RecordReader;
use super::{delimiter, parquet, workbook};
use crate::IngestError;
use crate::limits::{MAX_ROW_BYTES, MAX_UNPACKED_BYTES};

/// The number of bytes to examine before reading the file.
const PREFIX_BYTES: u64 = 64 << 10;

/// The bytes of a file of accounts, and its name in messages.
pub struct Source {
    name: String,
    bytes: Box<dyn Read + Send>,
    /// The file, if it is seekable.
    file: Option<File>,
    options: FileOptions,
    /// The sheet named after the path.
    sheet: Option<String>,
    unpacked_bound: u64,
    /// `None` if the size is unknown.
    progress: Option<SourceProgress>,
}

/// A file whose format is known.
pub(super) struct OpenedSource {
    pub(super) name: String,
    pub(super) records: RecordReader,
    pub(super) options: FileOptions,
    pub(super) encoding: SharedEncoding,
    pub(super) unpacked_bound: u64,
    /// Noteworthy detected properties, one phrase each.
    pub(super) findings: Vec<String>,
    /// By column of a sheet: the number of formulas without a stored value.
    pub(super) formulas: Vec<(usize, u64)>,
}

impl Source {
    /// Opens a file, or standard input for `-`. Its content determines whether it is delimited text, JSON Lines,
    /// Parquet or a workbook. The path of a workbook may be followed by `#` and the name of a sheet.
    ///
    /// # Errors
    /// Returns an error if the file cannot be opened or is a directory.
    pub fn open(path: &Path) -> Result<Self, IngestError> {
        if path == Path::new("-") {
            return Ok(Self::new("standard input", io::stdin()));
        }
        let (file, sheet) = workbook::split_sheet_name(path);
        let name = path.display().to_string();
        match File::open(&file) {
            // On some systems, opening a directory succeeds and only reading it fails.
            _ if file.is_dir() => Err(IngestError::Directory { file: name }),
            Ok(bytes) => {
                // A pipe has no size.
                let Some(metadata) = bytes.metadata().ok().filter(std::fs::Metadata::is_file) else {
                    return Ok(Self { sheet, ..Self::new(name, bytes) });
                };
                let (progress, file) = (SourceProgress::new(metadata.len()), bytes.try_clone().ok());
                Ok(Self {
                    sheet,
                    file,
                    progress: Some(progress.clone()),
                    ..Self::new(name, progress.counting_reader(bytes))
                })
            }
            Err(source) => Err(IngestError::Open { file: name, source }),
        }
    }

    /// Creates a source from any bytes, with a name for messages.
    pub fn new(name: impl Into<String>, bytes: impl Read + Send + 'static) -> Self {
        let options = FileOptions::default();
        let bytes = Box::new(bytes);
        let (name, unpacked_bound) = (name.into(), MAX_UNPACKED_BYTES);
        Self { name, bytes, file: None, options, sheet: None, unpacked_bound, progress: None }
    }

    /// Sets the options that are not set yet. Existing ones take precedence.
    #[must_use]
    pub fn with_options(self, options: &FileOptions) -> Self {
        Self { options: self.options.or(options), ..self }
    }

    /// Returns the reading progress from now on; `None` if the size is unknown.
    #[must_use]
    pub fn progress(&self) -> Option<SourceProgress> {
        self.progress.clone()
    }

    /// Returns the options set so far, without the sheet named after the path.
    pub(crate) const fn options(&self) -> &FileOptions {
        &self.options
    }

    /// Examines the first bytes and decides how to read the rest.
    pub(super) fn prepare(self) -> Result<OpenedSource, IngestError> {
        let Self { name, mut bytes, file, options, sheet, unpacked_bound, progress } = self;
        let options = FileOptions { sheet, ..FileOptions::default() }.or(&options);
        let failed = |source| IngestError::Read { file: name.clone(), row: 0, source };
        let mut prefix = read_prefix(&mut bytes).map_err(failed)?;
        let mut format = ContentFormat::from_bytes(&prefix);
        let is_packed = format == ContentFormat::Gzip;
        if is_packed {
            bytes = Box::new(MultiGzDecoder::new(Cursor::new(prefix).chain(bytes)));
            prefix = read_prefix(&mut bytes).map_err(failed)?;
            format = ContentFormat::from_bytes(&prefix);
        }
        match format {
            ContentFormat::Gzip => {
                let what = "is compressed twice: unpack it once".to_owned();
                return Err(IngestError::NotTable { file: name, what });
            }
            ContentFormat::Foreign(what) => return Err(IngestError::NotTable { file: name, what }),
            ContentFormat::Parquet => {
                let file = file.filter(|_| !is_packed);
                let bytes = Cursor::new(prefix).chain(bytes);
                let content = parquet::ParquetInput { name, file, bytes, bound: unpacked_bound, progress };
                return parquet::open(content, options);
            }
            ContentFormat::Container => return workbook::open(&name, Cursor::new(prefix).chain(bytes), options),
            ContentFormat::Text | ContentFormat::JsonLines => (),
        }
        let is_utf16 = prefix.starts_with(b"\xFF\xFE") || prefix.starts_with(b"\xFE\xFF") || utf16(&prefix).is_some();
        let is_stated_utf16 = options.encoding().is_some_and(|encoding| encoding.name().starts_with("UTF-16"));
        if let Some(what) = find_binary(&prefix).filter(|_| !is_utf16 && !is_stated_utf16) {
            return Err(IngestError::NotTable { file: name, what });
        }
        let decoded = TranscodingReader::new(&prefix, Cursor::new(prefix.clone()).chain(bytes), options.encoding());
        let encoding = decoded.shared_encoding();
        let bound = is_packed.then_some(unpacked_bound);
        open_text(name, decoded, encoding, options, bound).map(|opened| OpenedSource { unpacked_bound, ..opened })
    }

    /// Sets another limit on the unpacked size, in bytes.
    #[cfg(test)]
    pub(super) fn with_unpacked_bound(self, unpacked_bound: u64) -> Self {
        Self { unpacked_bound, ..self }
    }
}

/// Opens delimited text or JSON Lines, already in UTF-8.
fn open_text(
    name: String,
    mut text: impl Read + Send + 'static,
    encoding: SharedEncoding,
    options: FileOptions,
    bound: Option<u64>,
) -> Result<OpenedSource, IngestError> {
    let failed = |source| OpenedSource::read_error(&name, 0, 0, 1, source);
    let mut prefix = read_prefix(&mut text).map_err(failed)?;
    if prefix.starts_with(b"\xEF\xBB\xBF") {
        prefix.drain(..3);
    }
    if prefix.trim_ascii().is_empty() {
        return Err(IngestError::Empty { file: name });
    }
    let is_whole = (prefix.len() as u64) < PREFIX_BYTES - 3;
    let format = ContentFormat::from_text(&prefix);
    let mut skipped_lines = 0;
    let mut delimiter = options.delimiter();
    if format == ContentFormat::Text
        && let Some((stated, length)) = delimiter::from_sep_line(&prefix)
    {
        prefix.drain(..length);
        skipped_lines = 1;
        delimiter = delimiter.or(Some(stated));
    }
    let delimiter = delimiter.unwrap_or_else(|| delimiter::detect(&prefix, is_whole));
    let text: Box<dyn Read + Send> = Box::new(Cursor::new(prefix).chain(text));
    let text = BoundedReader::new(text, MAX_ROW_BYTES, bound);
    let records = match format {
        ContentFormat::Foreign(what) => return Err(IngestError::NotTable { file: name, what }),
        ContentFormat::JsonLines => RecordReader::JsonLines(Box::new(JsonLines::open(text).map_err(failed)?)),
        ContentFormat::Text | ContentFormat::Gzip | ContentFormat::Container | ContentFormat::Parquet => {
            RecordReader::Text(Box::new(TextRecords::new(text, delimiter, skipped_lines)))
        }
    };
    let (unpacked_bound, findings, formulas) = (MAX_UNPACKED_BYTES, Vec::new(), Vec::new());
    Ok(OpenedSource { name, records, options, encoding, unpacked_bound, findings, formulas })
}

impl OpenedSource {
    /// Returns the error for a failed read of the row after `row`, which starts on `line`.
    pub(super) fn read_error(name: &str, bound: u64, row: u64, line: u64, source: io::Error) -> IngestError {
        let file = name.to_owned();
        if AmbiguousEncoding::caused(&source) {
            return IngestError::Encoding { file };
        }
        match BoundExceeded::from_io_error(&source) {
            Some(BoundExceeded::Row) => IngestError::RowTooLong { file, row: row + 1, line },
            Some(BoundExceeded::Total) => IngestError::UnpackedTooLarge { file, limit: bound },
            #[cfg(feature = "parquet")]
            Some(BoundExceeded::Pages) => IngestError::PagesTooLarge { file, row },
            None => IngestError::Read { file, row, source },
        }
    }
}

fn read_prefix(bytes: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut prefix = Vec::new();
    bytes.take(PREFIX_BYTES).read_to_end(&mut prefix)?;
    Ok(prefix)
}
