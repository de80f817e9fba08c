//! The scored list on its way to a file: in the order of the input, or the best of it.

use std::path::Path;

use super::exit::CliError;
use super::output::plural;
use super::scoring::{Ranking, ScoredRow, line, record, tier};
use super::table_file::TableFile;

/// Where scored rows go.
#[derive(Debug)]
pub(crate) struct Scores {
    file: TableFile,
    version: String,
    best: Option<Ranking>,
    tiers: [(&'static str, u64); 4],
    count: u64,
}

impl Scores {
    /// Begins the file; with `top`, only the best of the list are written, best first.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn create(
        path: &Path,
        json: bool,
        id_header: &str,
        version: &str,
        top: Option<usize>,
    ) -> Result<Self, CliError> {
        let columns = [
            "score",
            "probability",
            "low",
            "high",
            "evidence",
            "tier",
            "pond_side",
            "segment",
            "expected_value",
            "coverage",
            "reasons",
            "model_version",
        ];
        let file = TableFile::create(path, [id_header].into_iter().chain(columns), json)?;
        let tiers = [("A", 0), ("B", 0), ("C", 0), ("D", 0)];
        Ok(Self { file, version: version.to_owned(), best: top.map(Ranking::new), tiers, count: 0 })
    }

    /// Takes a row.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(crate) fn push(&mut self, row: ScoredRow) -> Result<(), CliError> {
        self.count += 1;
        match &mut self.best {
            Some(best) => {
                best.push(row);
                Ok(())
            }
            None => self.write(&row),
        }
    }

    /// How many rows it was given.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// Completes the file and says what is in it.
    ///
    /// # Errors
    /// Where the file cannot be completed.
    pub(crate) fn finish(mut self, filtered: u64) -> Result<String, CliError> {
        for row in self.best.take().into_iter().flat_map(Ranking::into_rows) {
            self.write(&row)?;
        }
        self.file.finish()?;
        let written: u64 = self.tiers.iter().map(|(_, count)| count).sum();
        let tiers: Vec<_> = self.tiers.iter().map(|(tier, count)| format!("{tier} {count}")).collect();
        let (scored, tiers) = (plural(self.count + filtered, "account", "accounts"), tiers.join(", "));
        Ok(format!("scored {scored} with {};\nwrote {written}: {tiers}", self.version))
    }

    fn write(&mut self, row: &ScoredRow) -> Result<(), CliError> {
        let letter = tier(row.score.tier());
        if let Some((_, count)) = self.tiers.iter_mut().find(|(tier, _)| *tier == letter) {
            *count += 1;
        }
        self.file.push(&record(row, &self.version), Some(&|| line(row, &self.version)))
    }
}
