//! Tables as files: CSV in which no spreadsheet finds a formula, or JSON Lines. Every table that is written goes through here.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::exit::CliError;
use super::files::{Sink, csv_cause};
use crate::domain::parse_number;

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
}

impl TableFile {
    /// Begins a file with these columns; `-` is standard output. It is JSON Lines where `json` says so or the path ends in
    /// `.jsonl` or `.ndjson`, else CSV.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn create(
        path: &Path,
        header: impl IntoIterator<Item = impl Into<String>>,
        json: bool,
    ) -> Result<Self, CliError> {
        let sink = Sink::create(path)?;
        let header: Vec<String> = header.into_iter().map(Into::into).collect();
        if json || is_json_lines(path) {
            return Ok(Self { path: path.to_owned(), header, form: Form::JsonLines(sink) });
        }
        let mut writer = csv::Writer::from_writer(sink);
        let heading = |name: &String| if is_plain_name(name) { name.clone() } else { guarded(name).into_owned() };
        let written = writer.write_record(header.iter().map(heading));
        written.map_err(|error| CliError::file("write", path, csv_cause(error)))?;
        Ok(Self { path: path.to_owned(), header, form: Form::Csv(Box::new(writer)) })
    }

    /// Writes a row: its cells in CSV, and in JSON Lines the object that `object` makes, or the cells under the names of their
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

/// Whether the name is that of JSON Lines.
fn is_json_lines(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("jsonl") || end.eq_ignore_ascii_case("ndjson"))
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
        let mut file = TableFile::create(&path, ["=id", "size"], false).unwrap();
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
