//! Rejected rows: written to a file if one is given, otherwise the first few are shown.

use std::fmt::Write as _;
use std::path::Path;

use super::exit::CliError;
use super::output::{Output, plural};
use super::table_writer::{TableColumn, TableWriter};

/// The maximum number of rows shown without a file.
const MAX_SHOWN: u64 = 5;

/// One rejected row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RejectedRow<'a> {
    /// The number of the row in the file, from 1, without the header.
    pub(crate) row: u64,
    /// The id; empty if the row has none.
    pub(crate) id: &'a str,
    /// The reason in `UPPER_SNAKE`, for programs.
    pub(crate) reason: &'a str,
    /// The description, for people.
    pub(crate) description: &'a str,
}

/// The rejected rows of one file.
#[derive(Debug)]
pub(crate) struct RejectList {
    file: Option<(String, TableWriter)>,
    shown: String,
    count: u64,
}

impl RejectList {
    /// Writes rejects to `path`, as CSV, JSON Lines or Parquet by its extension, or keeps the first ones to show them.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(crate) fn create(path: Option<&Path>) -> Result<Self, CliError> {
        let open = |path: &Path| -> Result<_, CliError> {
            let columns = ["row", "id", "reason", "description"].map(TableColumn::result);
            let file = TableWriter::create(path, columns, false)?;
            Ok((path.display().to_string(), file))
        };
        Ok(Self { file: path.map(open).transpose()?, shown: String::new(), count: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(crate) fn add(&mut self, rejected: RejectedRow<'_>) -> Result<(), CliError> {
        let RejectedRow { row, id, reason, description } = rejected;
        self.count += 1;
        if let Some((_, file)) = &mut self.file {
            return file.push(&[row.to_string().as_str(), id, reason, description], None);
        }
        if self.count <= MAX_SHOWN {
            let id = if id.is_empty() { String::new() } else { format!(" ({id})") };
            // Writing to a `String` cannot fail.
            let _infallible = write!(self.shown, "\n  row {row}{id}: {description} [{reason}]");
        }
        Ok(())
    }

    /// Returns the number of rejected rows.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// Completes the file and reports the number of rejected rows; `unlisted` rows were rejected elsewhere and not
    /// added.
    ///
    /// # Errors
    /// Returns an error if the file cannot be completed.
    pub(crate) fn finish(self, out: Output, unlisted: u64) -> Result<(), CliError> {
        let (count, shown) = (self.count + unlisted, self.shown);
        let place = match self.file {
            Some((name, file)) => {
                file.finish()?;
                format!("; they are listed in {name}")
            }
            None if count > MAX_SHOWN => "; the first of them are these (all with --rejects FILE)".to_owned(),
            None => String::new(),
        };
        if count > 0 {
            let rows = plural(count, "row", "rows");
            out.warn(&format!("warning: {rows} rejected{place}{shown}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_are_listed_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.csv");
        let mut rejects = RejectList::create(Some(&path)).unwrap();
        rejects.add(RejectedRow { row: 3, id: "a,b", reason: "ID_MISSING", description: "no id" }).unwrap();
        assert_eq!(rejects.count(), 1);
        rejects.finish(Output { json: false, quiet: true }, 0).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "row,id,reason,description\n3,\"a,b\",ID_MISSING,no id\n");
    }
}
