//! Ids: read, validated, and made unique within a file.

use sweetspot_core::Texts;

use crate::column::TextInterner;
use crate::history::MissingTexts;
use crate::limits::MAX_ID_BYTES;
use crate::source::{Reject, RowProblem, ValidRow};

/// The maximum number of ids of a stream in memory.
const MAX_REMEMBERED_IDS: usize = 4_000_000;

/// Returns the id of a row: the text of its column, or `row-1` by row number if there is no such column.
pub(crate) fn read_id(row: &ValidRow<'_>, column: Option<usize>, missing: &MissingTexts) -> Result<String, Reject> {
    let Some(column) = column else { return Ok(format!("row-{}", row.number)) };
    let Some(id) = missing.present_text(column, row.cell(column)) else {
        return Err(row.reject(
            "",
            RowProblem::new("EMPTY_ID", "the row has no id: give every account an id, or remove id from the mapping"),
        ));
    };
    if id.len() > MAX_ID_BYTES {
        let description = format!("the id has {} bytes, which exceeds the limit of {MAX_ID_BYTES}", id.len());
        return Err(row.reject(id, RowProblem::new("ID_TOO_LONG", description)));
    }
    Ok(id.to_owned())
}

/// The ids of a file, in order. The second row with an id becomes `id#2`, the third `id#3`, skipping ids that exist.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    texts: TextInterner,
    /// By text: the number of rows with this id.
    row_counts: Vec<u32>,
    /// By row: the unique id, and the original id.
    rows: Vec<(u32, u32)>,
}

impl Ids {
    /// Adds the id of the next row. Returns the number of bytes by which the texts have grown.
    pub(crate) fn push(&mut self, id: &str) -> usize {
        let before = self.texts.texts().bytes();
        let known_number = self.number(id);
        let unique = self.claim_unique(known_number, id);
        self.rows.push((unique, known_number));
        self.texts.texts().bytes() - before
    }

    /// Returns the unique form of the next id of a stream, without storing its row. After [`MAX_REMEMBERED_IDS`] ids,
    /// it is `id#r5000001`, by row number, which needs no memory.
    pub(crate) fn unique(&mut self, id: &str, row: u64) -> String {
        if self.texts.len() >= MAX_REMEMBERED_IDS {
            return format!("{id}#r{row}");
        }
        let known_number = self.number(id);
        let unique = self.claim_unique(known_number, id);
        self.texts.get(unique).unwrap_or(id).to_owned()
    }

    fn number(&mut self, id: &str) -> u32 {
        let number = self.texts.intern(id);
        if self.row_counts.len() <= number as usize {
            self.row_counts.resize(number as usize + 1, 0);
        }
        number
    }

    /// Claims the id, or the next free `id#n`.
    fn claim_unique(&mut self, original: u32, id: &str) -> u32 {
        loop {
            let Some(count) = self.row_counts.get_mut(original as usize) else { return original };
            *count += 1;
            if *count == 1 {
                return original;
            }
            let candidate = format!("{id}#{count}");
            let number = self.number(&candidate);
            if let Some(count @ 0) = self.row_counts.get_mut(number as usize) {
                *count = 1;
                return number;
            }
        }
    }

    /// By row: the id that it shares with other rows.
    pub(crate) fn shared_ids(&self) -> impl Iterator<Item = Option<&str>> {
        let mut shared = vec![false; self.texts.len()];
        for (_, original) in self.rows.iter().filter(|(unique, original)| unique != original) {
            if let Some(shared) = shared.get_mut(*original as usize) {
                *shared = true;
            }
        }
        let id = move |original: u32| self.texts.get(original).filter(|_| shared.get(original as usize) == Some(&true));
        self.rows.iter().map(move |(_, original)| id(*original))
    }

    /// Returns a note with the number of rows that repeat an id.
    pub(crate) fn note(&self) -> Option<String> {
        let repeated = self.rows.iter().filter(|(unique, original)| unique != original);
        let first = repeated.clone().next().and_then(|(_, original)| self.texts.get(*original))?;
        let count = repeated.count();
        Some(format!(
            "{count} rows repeat an id, such as {first:?}: they are kept as {:?} and so on, in one group with it",
            format!("{first}#2")
        ))
    }

    /// Returns the unique ids in row order.
    pub(crate) fn into_unique(self) -> Texts {
        let Self { texts, rows, .. } = self;
        rows.iter().map(|(unique, _)| texts.get(*unique).unwrap_or("")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(texts: &[&str]) -> Ids {
        let mut ids = Ids::default();
        for text in texts {
            ids.push(text);
        }
        ids
    }

    #[test]
    fn repeated_ids_are_numbered_around_taken_ones() {
        let given = ["a", "b", "a", "a#3", "a", "a#2", "b"];
        let unique = ["a", "b", "a#2", "a#3", "a#4", "a#2#2", "b#2"];
        assert_eq!(ids(&given).into_unique(), unique.into_iter().collect());
        let mut stream = Ids::default();
        assert_eq!(given.map(|id| stream.unique(id, 1)), unique);
    }

    #[test]
    fn rows_tell_the_id_that_they_share() {
        let ids = ids(&["x", "a", "a", "b", "a"]);
        let shared: Vec<_> = ids.shared_ids().collect();
        assert_eq!(shared, [None, Some("a"), Some("a"), None, Some("a")]);
        let numbered: Vec<_> = self::ids(&["a", "a", "a#2"]).shared_ids().map(|id| id.map(str::to_owned)).collect();
        assert_eq!(numbered, [Some("a"), Some("a"), Some("a#2")].map(|id| id.map(str::to_owned)));
        assert!(ids.note().unwrap().starts_with("2 rows repeat an id, such as \"a\""));
    }
}
