//! Tables as files: CSV in which no spreadsheet finds a formula, JSON Lines, or Parquet. Every table that is written goes
//! through here.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sweetspot_core::parse_number;

use super::exit::CliError;
use super::files::{Sink, csv_cause};
#[cfg(feature = "parquet")]
use super::parquet_table::ParquetTable;

/// A column of a table that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableColumn {
    /// Its name.
    pub(crate) name: String,
    /// What its cells are, for files that tell.
    pub(crate) kind: CellKind,
}

/// What the cells of a column are; an empty one is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// Texts.
    Text,
    /// Whole numbers.
    Whole,
    /// Numbers.
    Number,
}

impl TableColumn {
    /// A column of texts.
    pub(crate) fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: CellKind::Text }
    }

    /// A column that says something of an account, by the name that it has in every table.
    pub(crate) fn result(name: &str) -> Self {
        let kind = match name {
            "row" | "rank" | "score" => CellKind::Whole,
            "probability" | "low" | "high" | "expected_value" | "coverage" => CellKind::Number,
            _ => CellKind::Text,
        };
        Self { name: name.to_owned(), kind }
    }
}

/// A table on its way to a file.
#[derive(Debug)]
pub(crate) struct TableFile {
    path: PathBuf,
    header: Vec<String>,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Csv(Box<csv::Writer<Sink>>),
    JsonLines(Sink),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetTable>),
}

impl TableFile {
    /// Begins a file with these columns; `-` is standard output. It is Parquet where the path ends in `.parquet`, JSON Lines
    /// where `json` says so or the path ends in `.jsonl` or `.ndjson`, else CSV.
    ///
    /// # Errors
    /// Where it cannot be written.
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
            return Ok(Self { path: path.to_owned(), header, form: Form::JsonLines(sink) });
        }
        let mut writer = csv::Writer::from_writer(sink);
        let heading = |name: &String| if is_plain_name(name) { name.clone() } else { guarded(name).into_owned() };
        let written = writer.write_record(header.iter().map(heading));
        written.map_err(|error| CliError::file("write", path, csv_cause(error)))?;
        Ok(Self { path: path.to_owned(), header, form: Form::Csv(Box::new(writer)) })
    }

    #[cfg(feature = "parquet")]
    fn create_parquet(path: &Path, columns: &[TableColumn]) -> Result<Self, CliError> {
        let table = ParquetTable::create(Sink::create(path)?, columns);
        let table = table.map_err(|error| CliError::file("write", path, error))?;
        Ok(Self { path: path.to_owned(), header: Vec::new(), form: Form::Parquet(Box::new(table)) })
    }

    #[cfg(not(feature = "parquet"))]
    fn create_parquet(path: &Path, _: &[TableColumn]) -> Result<Self, CliError> {
        Err(CliError::Usage(format!(
            "{} ends in .parquet, and this program was built without the feature `parquet`: write CSV or JSON Lines, or build \
             with `--features parquet`",
            path.display()
        )))
    }

    /// Writes a row: its cells in CSV and Parquet, and in JSON Lines the object that `object` makes, or the cells under the names of their
    /// columns.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(crate) fn push(
        &mut self,
        cells: &[impl AsRef<str>],
        object: Option<&dyn Fn() -> Value>,
    ) -> Result<(), CliError> {
        let written = match &mut self.form {
            Form::Csv(writer) => {
                writer.write_record(cells.iter().map(|cell| guarded(cell.as_ref()).into_owned())).map_err(csv_cause)
            }
            Form::JsonLines(sink) => {
                let row = || self.header.iter().cloned().zip(cells.iter().map(|cell| Value::from(cell.as_ref())));
                let value = object.map_or_else(|| Value::Object(row().collect::<Map<_, _>>()), |object| object());
                writeln!(sink, "{value}")
            }
            #[cfg(feature = "parquet")]
            Form::Parquet(table) => table.push(cells.iter().map(AsRef::as_ref)),
        };
        written.map_err(|error| self.failed(error))
    }

    /// Completes the file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn finish(self) -> Result<(), CliError> {
        let sink = match self.form {
            Form::JsonLines(sink) => sink,
            #[cfg(feature = "parquet")]
            Form::Parquet(table) => table.finish().map_err(|error| CliError::file("write", &self.path, error))?,
            Form::Csv(writer) => {
                writer.into_inner().map_err(|error| CliError::file("write", &self.path, error.into_error()))?
            }
        };
        sink.commit()
    }

    fn failed(&self, error: io::Error) -> CliError {
        CliError::file("write", &self.path, error)
    }
}

/// Whether the name ends in a point and one of these, in any case.
fn has_suffix(path: &Path, suffixes: &[&str]) -> bool {
    path.extension().is_some_and(|end| suffixes.iter().any(|suffix| end.eq_ignore_ascii_case(suffix)))
}

/// Whether a heading is an at sign and a word, such as `@id`: spreadsheets leave it alone, and programs look for it by its name.
fn is_plain_name(heading: &str) -> bool {
    heading.strip_prefix('@').is_some_and(|word| word.chars().all(|part| part.is_alphanumeric() || part == '_'))
}

/// The cell as no spreadsheet takes it for a formula (OWASP, "CSV Injection"): an apostrophe stands in front of what would be
/// one. A plain number, below zero or with its sign, is none. Reading removes the apostrophe.
fn guarded(cell: &str) -> Cow<'_, str> {
    let formula = match cell.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n') => true,
        Some('+' | '-') => parse_number(cell).is_none(),
        Some(_) | None => false,
    };
    if formula { format!("'{cell}").into() } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, cells: [&str; 2]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut file = TableFile::create(&path, ["=id", "size"].map(TableColumn::text), false).unwrap();
        file.push(&cells, None).unwrap();
        file.finish().unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_name_decides_between_csv_and_json_lines() {
        assert_eq!(written("a.csv", ["@1", "-5"]), "'=id,size\n'@1,-5\n");
        assert_eq!(written("a.ndjson", ["@1", "-5"]), "{\"=id\":\"@1\",\"size\":\"-5\"}\n");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_a_text() {
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
            ("", ""),
        ] {
            assert_eq!(guarded(cell), expected);
        }
        for (heading, plain) in [("@id", true), ("@SUM(A1)", false), ("=id", false), ("id", false)] {
            assert_eq!(is_plain_name(heading), plain, "{heading}");
        }
    }
}
