//! Table files: CSV without spreadsheet formulas, JSON Lines, or Parquet. All tables are written through this module.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sweetspot_core::parse_number;

use super::exit::CliError;
use super::output_file::{Sink, csv_cause};
#[cfg(feature = "parquet")]
use super::parquet_writer::ParquetWriter;

/// A column of a table file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableColumn {
    /// The name.
    pub(crate) name: String,
    /// The kind of its cells, for formats with types.
    pub(crate) kind: CellKind,
}

/// The kind of the cells of a column; an empty cell is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// Text.
    Text,
    /// Integers.
    Integer,
    /// Floating-point numbers.
    Number,
}

impl TableColumn {
    /// Creates a text column.
    pub(crate) fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: CellKind::Text }
    }

    /// Creates a result column, which has the same name in all tables. Its kind follows from the name.
    pub(crate) fn result(name: &str) -> Self {
        let kind = match name {
            "row" | "rank" | "score" => CellKind::Integer,
            "probability" | "low" | "high" | "expected_value" | "coverage" => CellKind::Number,
            _ => CellKind::Text,
        };
        Self { name: name.to_owned(), kind }
    }
}

/// Writes a table to a file.
#[derive(Debug)]
pub(crate) struct TableWriter {
    path: PathBuf,
    header: Vec<String>,
    format: OutputFormat,
}

#[derive(Debug)]
enum OutputFormat {
    Csv(Box<csv::Writer<Sink>>),
    JsonLines(Sink),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetWriter>),
}

impl TableWriter {
    /// Creates a file with these columns; `-` is standard output. The format is Parquet if the path ends in `.parquet`,
    /// JSON Lines if `json` is set or the path ends in `.jsonl` or `.ndjson`, and else CSV.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn create(
        path: &Path,
        columns: impl IntoIterator<Item = TableColumn>,
        json: bool,
    ) -> Result<Self, CliError> {
        let columns: Vec<TableColumn> = columns.into_iter().collect();
        if has_suffix(path, &["parquet"]) {
            return Self::create_parquet(path, &columns);
        }
        let sink = Sink::create(path)?;
        let header: Vec<String> = columns.into_iter().map(|column| column.name).collect();
        if json || has_suffix(path, &["jsonl", "ndjson"]) {
            return Ok(Self { path: path.to_owned(), header, format: OutputFormat::JsonLines(sink) });
        }
        let mut writer = csv::Writer::from_writer(sink);
        let heading =
            |name: &String| if is_plain_heading(name) { name.clone() } else { escape_formula(name).into_owned() };
        let written = writer.write_record(header.iter().map(heading));
        written.map_err(|error| CliError::file("write", path, csv_cause(error)))?;
        Ok(Self { path: path.to_owned(), header, format: OutputFormat::Csv(Box::new(writer)) })
    }

    #[cfg(feature = "parquet")]
    fn create_parquet(path: &Path, columns: &[TableColumn]) -> Result<Self, CliError> {
        let table = ParquetWriter::create(Sink::create(path)?, columns);
        let table = table.map_err(|error| CliError::file("write", path, error))?;
        Ok(Self { path: path.to_owned(), header: Vec::new(), format: OutputFormat::Parquet(Box::new(table)) })
    }

    #[cfg(not(feature = "parquet"))]
    fn create_parquet(path: &Path, _: &[TableColumn]) -> Result<Self, CliError> {
        Err(CliError::Usage(format!(
            "{} ends in .parquet, and this program was built without the feature `parquet`: write CSV or JSON Lines, or build \
             with `--features parquet`",
            path.display()
        )))
    }

    /// Writes a row: its cells in CSV and Parquet, and in JSON Lines the object that `object` returns, or an object of
    /// the cells by column name.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(crate) fn push(
        &mut self,
        cells: &[impl AsRef<str>],
        object: Option<&dyn Fn() -> Value>,
    ) -> Result<(), CliError> {
        let written = match &mut self.format {
            OutputFormat::Csv(writer) => writer
                .write_record(cells.iter().map(|cell| escape_formula(cell.as_ref()).into_owned()))
                .map_err(csv_cause),
            OutputFormat::JsonLines(sink) => {
                let cell = |cell: &str| Value::from(protect_marks(cell).as_ref());
                let row = || self.header.iter().cloned().zip(cells.iter().map(|text| cell(text.as_ref())));
                let value = object.map_or_else(|| Value::Object(row().collect::<Map<_, _>>()), |object| object());
                writeln!(sink, "{value}")
            }
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet(table) => {
                let cells: Vec<_> = cells.iter().map(|cell| protect_marks(cell.as_ref())).collect();
                table.push(cells.iter().map(AsRef::as_ref))
            }
        };
        written.map_err(|error| self.write_error(error))
    }

    /// Completes the file.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn finish(self) -> Result<(), CliError> {
        let sink = match self.format {
            OutputFormat::JsonLines(sink) => sink,
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet(table) => {
                table.finish().map_err(|error| CliError::file("write", &self.path, error))?
            }
            OutputFormat::Csv(writer) => {
                writer.into_inner().map_err(|error| CliError::file("write", &self.path, error.into_error()))?
            }
        };
        sink.commit()
    }

    fn write_error(&self, error: io::Error) -> CliError {
        CliError::file("write", &self.path, error)
    }
}

/// Whether the file name ends in a period and one of these suffixes, in any case.
fn has_suffix(path: &Path, suffixes: &[&str]) -> bool {
    path.extension().is_some_and(|end| suffixes.iter().any(|suffix| end.eq_ignore_ascii_case(suffix)))
}

/// Whether a heading is an at sign and a word, such as `@id`: spreadsheets do not change it, and programs look it up by
/// name.
fn is_plain_heading(heading: &str) -> bool {
    heading.strip_prefix('@').is_some_and(|word| word.chars().all(|part| part.is_alphanumeric() || part == '_'))
}

/// Escapes a cell that a spreadsheet would take for a formula (OWASP, "CSV Injection") with a leading apostrophe. A
/// plain number, also with a sign, is not escaped. Reading removes the apostrophe.
fn escape_formula(cell: &str) -> Cow<'_, str> {
    let formula = match cell.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n') => true,
        Some('+' | '-') => parse_number(cell).is_none(),
        Some(_) | None => false,
    };
    if formula { format!("'{cell}").into() } else { protect_marks(cell) }
}

/// Puts an apostrophe before a cell that begins with a mark which reading removes, in every format: `'000123`, or
/// `="000123"`.
fn protect_marks(cell: &str) -> Cow<'_, str> {
    let is_removed = |c: char| c.is_ascii_digit() || "=+-@\t\r\n'".contains(c);
    let is_marked = cell.starts_with("=\"") || cell.strip_prefix('\'').is_some_and(|rest| rest.starts_with(is_removed));
    if is_marked { format!("'{cell}").into() } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_text(name: &str, cells: [&str; 2]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut file = TableWriter::create(&path, ["=id", "size"].map(TableColumn::text), false).unwrap();
        file.push(&cells, None).unwrap();
        file.finish().unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_file_extension_selects_csv_or_json_lines() {
        assert_eq!(written_text("a.csv", ["@1", "-5"]), "'=id,size\n'@1,-5\n");
        assert_eq!(written_text("a.ndjson", ["@1", "-5"]), "{\"=id\":\"@1\",\"size\":\"-5\"}\n");
    }

    #[test]
    fn formulas_are_escaped_for_spreadsheets() {
        for (cell, expected) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("-2-3", "'-2-3"),
            ("-2\n=1", "'-2\n=1"),
            ("\t=1", "'\t=1"),
            ("\t-1", "'\t-1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("-", "'-"),
            ("-12.5", "-12.5"),
            ("-1,200", "-1,200"),
            ("+7", "+7"),
            ("Ann & Co", "Ann & Co"),
            ("'007", "''007"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("", ""),
        ] {
            assert_eq!(escape_formula(cell), expected);
        }
        for (heading, plain) in [("@id", true), ("@SUM(A1)", false), ("=id", false), ("id", false)] {
            assert_eq!(is_plain_heading(heading), plain, "{heading}");
        }
    }
}
