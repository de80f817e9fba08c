//! Writes the scored list to a file: in the order of the input, or only the best rows.

use std::path::Path;

use super::copied_columns::output_names;
use super::exit::CliError;
use super::output::{Output, plural};
use super::scoring::{COLUMNS, ScoredRow, TopRows, csv_cells, row_json};
use super::table_writer::{TableColumn, TableWriter};
use crate::messages::words::tier_letter;

/// The output file of scored rows.
#[derive(Debug)]
pub(crate) struct ScoresFile {
    file: TableWriter,
    version: String,
    top_rows: Option<TopRows>,
    /// The names of the copied columns in the file.
    kept_columns: Vec<String>,
    tiers: [(&'static str, u64); 4],
    count: u64,
}

/// The layout of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScoresLayout<'a> {
    /// The heading of the id column.
    pub(crate) id_header: &'a str,
    /// The full name of the version that scores.
    pub(crate) version: &'a str,
    /// The headings of the copied columns.
    pub(crate) kept_columns: &'a [String],
    /// The number of best rows to write, best first; `None` writes all rows in the order of the input.
    pub(crate) top: Option<usize>,
}

impl ScoresFile {
    /// Creates the file.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn create(path: &Path, layout: ScoresLayout<'_>, out: Output) -> Result<Self, CliError> {
        let ScoresLayout { id_header, version, kept_columns: copied_columns, top } = layout;
        let own_columns: Vec<&str> = [id_header].into_iter().chain(COLUMNS).collect();
        let copied_columns =
            if out.json { copied_columns.to_vec() } else { output_names(copied_columns, &own_columns, out) };
        let results = COLUMNS.into_iter().map(TableColumn::result);
        let columns = [TableColumn::text(id_header)].into_iter().chain(results);
        let columns = columns.chain(copied_columns.iter().map(TableColumn::text));
        let file = TableWriter::create(path, columns, out.json)?;
        let tiers = [("A", 0), ("B", 0), ("C", 0), ("D", 0)];
        Ok(Self {
            file,
            version: version.to_owned(),
            top_rows: top.map(TopRows::new),
            kept_columns: copied_columns,
            tiers,
            count: 0,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written, or if the copied cells of the best rows are too large.
    pub(crate) fn push(&mut self, row: ScoredRow) -> Result<(), CliError> {
        self.count += 1;
        match &mut self.top_rows {
            Some(best) => best.push(row),
            None => self.write_row(&row),
        }
    }

    /// Returns the number of rows added.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// Completes the file and returns a summary of it.
    ///
    /// # Errors
    /// Returns an error if the file cannot be completed.
    pub(crate) fn finish(mut self, filtered: u64) -> Result<String, CliError> {
        for row in self.top_rows.take().into_iter().flat_map(TopRows::into_rows) {
            self.write_row(&row)?;
        }
        self.file.finish()?;
        let written: u64 = self.tiers.iter().map(|(_, count)| count).sum();
        let tiers: Vec<_> = self.tiers.iter().map(|(tier, count)| format!("{tier} {count}")).collect();
        let (scored, tiers) = (plural(self.count + filtered, "account", "accounts"), tiers.join(", "));
        Ok(format!("scored {scored} with {};\nwrote {written}: {tiers}", self.version))
    }

    fn write_row(&mut self, row: &ScoredRow) -> Result<(), CliError> {
        let letter = tier_letter(row.score.tier());
        if let Some((_, count)) = self.tiers.iter_mut().find(|(tier, _)| *tier == letter) {
            *count += 1;
        }
        let Self { file, version, kept_columns: kept, .. } = self;
        let cells: Vec<String> = csv_cells(row, version).into_iter().chain(row.kept_cells.iter().cloned()).collect();
        file.push(&cells, Some(&|| row_json(row, version, kept).into()))
    }
}
