//! The scored list on its way to a file: in the order of the input, or the best of it.

use std::path::Path;

use sweetspot_proto::v1::FitScore;

use super::exit::CliError;
use super::kept_columns::{output_names, with_kept};
use super::output::{Output, plural};
use super::scoring::{COLUMNS, Ranking, ScoredRow, line, record, tier};
use super::table_file::{TableColumn, TableFile};

/// Where scored rows go.
#[derive(Debug)]
pub(crate) struct Scores {
    file: TableFile,
    version: String,
    best: Option<Ranking>,
    /// What the columns of the list that are kept are called in the file.
    kept: Vec<String>,
    tiers: [(&'static str, u64); 4],
    count: u64,
}

/// What the file looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScoresLayout<'a> {
    /// What the column of ids is called.
    pub(crate) id_header: &'a str,
    /// The full name of the version that scores.
    pub(crate) version: &'a str,
    /// The headings of the columns of the list that are kept.
    pub(crate) kept: &'a [String],
    /// Only the best of the list are written, best first.
    pub(crate) top: Option<usize>,
}

impl Scores {
    /// Begins the file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn create(path: &Path, layout: ScoresLayout<'_>, out: Output) -> Result<Self, CliError> {
        let ScoresLayout { id_header, version, kept, top } = layout;
        let empty = ScoredRow { row: 0, id: String::new(), score: FitScore::default(), kept: Vec::new() };
        let members = line(&empty, version);
        let members = members.as_object().into_iter().flat_map(|members| members.keys().map(String::as_str));
        let taken: Vec<&str> = [id_header].into_iter().chain(COLUMNS).chain(members).collect();
        let kept = output_names(kept, &taken, out);
        let results = COLUMNS.into_iter().map(TableColumn::result);
        let columns = [TableColumn::text(id_header)].into_iter().chain(results);
        let columns = columns.chain(kept.iter().map(TableColumn::text));
        let file = TableFile::create(path, columns, out.json)?;
        let tiers = [("A", 0), ("B", 0), ("C", 0), ("D", 0)];
        Ok(Self { file, version: version.to_owned(), best: top.map(Ranking::new), kept, tiers, count: 0 })
    }

    /// Takes a row.
    ///
    /// # Errors
    /// Where the file cannot be written, or what is kept of the best rows is too large to be held.
    pub(crate) fn push(&mut self, row: ScoredRow) -> Result<(), CliError> {
        self.count += 1;
        match &mut self.best {
            Some(best) => best.push(row),
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
        let Self { file, version, kept, .. } = self;
        let cells: Vec<String> = record(row, version).into_iter().chain(row.kept.iter().cloned()).collect();
        file.push(&cells, Some(&|| with_kept(line(row, version), kept, &row.kept)))
    }
}
