//! The ids of a file, such as the customers to exclude from a list.

use super::error::IngestError;
use super::history::{position, require};
use super::source::{RowReader, Source};

/// The headings of id columns, compared by letters and digits only, ignoring case.
const ID_HEADINGS: [&str; 8] =
    ["id", "account", "accountid", "customerid", "companyid", "prospectid", "leadid", "uuid"];

/// Returns whether a column name is that of an account id.
pub fn is_id_heading(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    ID_HEADINGS.contains(&plain.as_str())
}

/// Iterates over the ids in one column of a file, in row order. Rows without an id are skipped.
pub struct IdColumnReader {
    rows: RowReader,
    place: usize,
    /// The heading of a file without a header: its first line is an id like the others.
    heading: Option<String>,
    rejected: u64,
    ended: bool,
}

impl IdColumnReader {
    /// Opens `column` if given, however its heading is written; otherwise the column named `default_name`, the first column
    /// with the name of an id, or the only column. A file with a single column that does not have the name of an id is
    /// assumed to have no header.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, lacks the column, or the id column cannot be determined.
    pub fn open(source: Source, column: Option<&str>, default_name: Option<&str>) -> Result<Self, IngestError> {
        let mut rows = RowReader::open(source)?;
        rows.rename(column.or(default_name));
        if let Some(column) = column {
            require(rows.name(), rows.columns(), [column])?;
        }
        let columns = rows.columns();
        let position_of = |name: Option<&str>| name.and_then(|name| position(columns, name));
        let found = position_of(column)
            .or_else(|| position_of(default_name))
            .or_else(|| columns.iter().position(|name| is_id_heading(name)));
        let (place, heading) = match (found, columns) {
            (Some(place), _) => (place, None),
            (None, [heading]) => (0, Some(heading.clone())),
            (None, _) => {
                return Err(IngestError::NoIdColumn {
                    file: rows.name().to_owned(),
                    columns: super::quoted_list(columns.iter().map(String::as_str), 10),
                });
            }
        };
        rows.set_id_column(Some(place));
        rows.keep_only_ids();
        Ok(Self { rows, place, heading, rejected: 0, ended: false })
    }

    /// Returns the name of the column.
    #[must_use]
    pub fn name(&self) -> &str {
        self.rows.columns().get(self.place).map_or("", String::as_str)
    }

    /// Returns the number of rows so far that have the wrong shape, so that their id is unknown.
    #[must_use]
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }

    fn next_id(&mut self) -> Result<Option<String>, IngestError> {
        if let Some(heading) = self.heading.take() {
            return Ok(Some(heading));
        }
        while let Some(row) = self.rows.advance()? {
            match row {
                Ok(row) if row.cell(self.place).is_empty() => (),
                Ok(row) => return Ok(Some(row.cell(self.place).to_owned())),
                Err(_) => self.rejected += 1,
            }
        }
        Ok(None)
    }
}

impl Iterator for IdColumnReader {
    /// An id. An error ends the iteration.
    type Item = Result<String, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.next_id();
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &'static str, column: Option<&str>, usual: Option<&str>) -> Result<Vec<String>, String> {
        let found =
            IdColumnReader::open(Source::new("crm.csv", text.as_bytes()), column, usual).and_then(Iterator::collect);
        found.map_err(|error: IngestError| error.to_string())
    }

    #[test]
    fn the_column_is_the_named_one_or_the_usual_one_or_one_called_like_an_id() {
        let text = "Name,key,Account ID\nAnn,k1,a1\nBen,k2,\n,,a3\n";
        assert_eq!(ids(text, Some("KEY"), Some("Name")).unwrap(), ["k1", "k2"]);
        assert_eq!(ids(text, None, Some("Key")).unwrap(), ["k1", "k2"]);
        assert_eq!(ids(text, None, None).unwrap(), ["a1", "a3"]);
        assert_eq!(ids(text, None, Some("other")).unwrap(), ["a1", "a3"]);
        let error = ids(text, Some("Nmae"), None).unwrap_err();
        assert!(error.contains("did you mean \"Name\"?"), "{error}");
        let error = ids("Name,City\nAnn,Bern\n", None, None).unwrap_err();
        assert!(error.contains("crm.csv") && error.contains("\"Name\", \"City\""), "{error}");
    }

    #[test]
    fn a_plain_list_needs_no_heading() {
        assert_eq!(ids("a-1\na-2\n", None, None).unwrap(), ["a-1", "a-2"]);
        assert_eq!(ids("17\n18\n\n19\n", None, None).unwrap(), ["17", "18", "19"]);
        assert_eq!(ids("id\na-1\n", None, None).unwrap(), ["a-1"]);
        assert_eq!(ids("{\"id\":\"a\"}\n{\"id\":\"b\"}\n", None, None).unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_row_of_nothing_but_its_id_counts() {
        let text = "id,name,city\n=\"001\",Ann,Bern\n 'a-2 ,,\n'7,,\n";
        assert_eq!(ids(text, None, None).unwrap(), ["001", "'a-2", "7"]);
    }
}
