//! Rows that cannot be used: written to a file where one is named, otherwise the first few are shown.

use std::fmt::Write as _;
use std::path::Path;

use super::exit::CliError;
use super::output::{Output, plural};
use super::table_file::{TableColumn, TableFile};

/// How many are shown without a file.
const SHOWN: u64 = 5;

/// One row that cannot be used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rejected<'a> {
    /// Its number in the file, from 1, the header not counted.
    pub(crate) row: u64,
    /// Its id, empty where it has none.
    pub(crate) id: &'a str,
    /// `UPPER_SNAKE`, for programs.
    pub(crate) reason: &'a str,
    /// For people.
    pub(crate) description: &'a str,
}

/// The rejects of one file.
#[derive(Debug)]
pub(crate) struct Rejects {
    file: Option<(String, TableFile)>,
    shown: String,
    count: u64,
}

impl Rejects {
    /// Collects rejects in `path`, as CSV, JSON Lines or Parquet by its name, or the first of them for the screen.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(crate) fn create(path: Option<&Path>) -> Result<Self, CliError> {
        let open = |path: &Path| -> Result<_, CliError> {
            let columns = ["row", "id", "reason", "description"].map(TableColumn::result);
            let file = TableFile::create(path, columns, false)?;
            Ok((path.display().to_string(), file))
        };
        Ok(Self { file: path.map(open).transpose()?, shown: String::new(), count: 0 })
    }

    /// Adds one.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(crate) fn add(&mut self, rejected: Rejected<'_>) -> Result<(), CliError> {
        let Rejected { row, id, reason, description } = rejected;
        self.count += 1;
        if let Some((_, file)) = &mut self.file {
            return file.push(&[row.to_string().as_str(), id, reason, description], None);
        }
        if self.count <= SHOWN {
            let id = if id.is_empty() { String::new() } else { format!(" ({id})") };
            // Writing to a text cannot fail.
            let _infallible = write!(self.shown, "\n  row {row}{id}: {description} [{reason}]");
        }
        Ok(())
    }

    /// How many there were.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// Completes the file and tells how many there were; `unlisted` ones were counted elsewhere and not added.
    ///
    /// # Errors
    /// Where the file cannot be completed.
    pub(crate) fn finish(self, out: Output, unlisted: u64) -> Result<(), CliError> {
        let (count, shown) = (self.count + unlisted, self.shown);
        let place = match self.file {
            Some((name, file)) => {
                file.finish()?;
                format!("; they are listed in {name}")
            }
            None if count > SHOWN => "; the first of them are these (all with --rejects FILE)".to_owned(),
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
        let mut rejects = Rejects::create(Some(&path)).unwrap();
        rejects.add(Rejected { row: 3, id: "a,b", reason: "ID_MISSING", description: "no id" }).unwrap();
        assert_eq!(rejects.count(), 1);
        rejects.finish(Output { json: false, quiet: true }, 0).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "row,id,reason,description\n3,\"a,b\",ID_MISSING,no id\n");
    }
}
