//! Columns of a list that are copied to the output, beside what is found out about its accounts.

use serde_json::Value;

use super::exit::CliError;
use super::output::Output;

/// What stands before the name of a kept column where the output has a column of that name.
const PREFIX: &str = "input_";

/// Most bytes of kept cells that are held at once, for rows whose place is known only at the end of the list.
const MAX_HELD_BYTES: usize = 256 << 20;
/// What a cell takes beside its text.
const CELL_BYTES: usize = size_of::<String>();

/// Counts the kept cells of rows that are held until the end of the list.
#[derive(Debug)]
pub(crate) struct HeldCells {
    bytes: usize,
    most: usize,
}

impl Default for HeldCells {
    fn default() -> Self {
        Self::at_most(MAX_HELD_BYTES)
    }
}

impl HeldCells {
    /// Of rows whose cells have at most this many bytes together.
    pub(crate) const fn at_most(most: usize) -> Self {
        Self { bytes: 0, most }
    }

    /// A row is held.
    pub(crate) fn add(&mut self, cells: &[String]) {
        self.bytes = self.bytes.saturating_add(bytes(cells));
    }

    /// A row is held no more.
    pub(crate) fn remove(&mut self, cells: &[String]) {
        self.bytes = self.bytes.saturating_sub(bytes(cells));
    }

    /// Whether there are too many.
    pub(crate) const fn is_over(&self) -> bool {
        self.bytes > self.most
    }

    /// Refuses too many.
    ///
    /// # Errors
    /// Where the cells have more bytes than are held.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        if !self.is_over() {
            return Ok(());
        }
        Err(CliError::Data(format!(
            "the columns of --keep need more than {} MiB for the best accounts so far, which exceeds the memory \
             limit: keep fewer columns, or request fewer accounts with --top",
            self.most >> 20
        )))
    }
}

fn bytes(cells: &[String]) -> usize {
    cells.iter().map(|cell| cell.len() + CELL_BYTES).sum()
}

/// The names in lists such as `City,"Name, Inc"`, in their order.
///
/// # Errors
/// Where a name is empty or comes twice.
pub(crate) fn names(lists: &[String]) -> Result<Vec<String>, CliError> {
    let mut names = Vec::<String>::new();
    for list in lists {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(list.as_bytes());
        for name in reader.records().flatten().flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>()) {
            if name.is_empty() || names.contains(&name) {
                let problem = if name.is_empty() { "an empty name".to_owned() } else { format!("{name:?} twice") };
                return Err(CliError::Usage(format!(
                    "--keep has {problem}: name each column once, separated by commas"
                )));
            }
            names.push(name);
        }
    }
    Ok(names)
}

/// What the columns are called in the output: as in the file, but for one whose name is `taken`, which a note reports.
pub(crate) fn output_names(columns: &[String], taken: &[impl AsRef<str>], out: Output) -> Vec<String> {
    let mut names = Vec::<String>::new();
    for column in columns {
        let mut name = column.clone();
        let is_taken = |name: &String| {
            taken.iter().any(|other| other.as_ref() == name)
                || names.contains(name)
                || (name != column && columns.contains(name))
        };
        while is_taken(&name) {
            name.insert_str(0, PREFIX);
        }
        if name != *column {
            out.note(&format!("note: column {column:?} is kept as {name:?}: the output has a {column:?} of its own"));
        }
        names.push(name);
    }
    names
}

/// The object with the kept cells behind its own members.
pub(crate) fn with_kept(mut object: Value, names: &[String], cells: &[String]) -> Value {
    if let Value::Object(members) = &mut object {
        members.extend(names.iter().cloned().zip(cells.iter().map(|cell| Value::from(cell.as_str()))));
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(lists: &[&str]) -> Result<Vec<String>, CliError> {
        names(&lists.iter().map(|list| (*list).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn names_are_separated_by_commas_that_are_not_quoted() {
        assert_eq!(names_of(&["City, Zip", "\"Name, Inc\""]).unwrap(), ["City", "Zip", "Name, Inc"]);
        assert_eq!(names_of(&[]).unwrap(), Vec::<String>::new());
        for lists in [&["City,City"][..], &["City", "City"], &["City,"], &[","]] {
            assert!(matches!(names_of(lists), Err(CliError::Usage(_))), "{lists:?}");
        }
    }

    #[test]
    fn names_that_are_taken_get_a_prefix() {
        let columns = ["City", "score", "input_score", "input_tier"].map(str::to_owned);
        let found = output_names(&columns, &["id", "score", "tier"], Output { json: false, quiet: true });
        assert_eq!(found, ["City", "input_input_score", "input_score", "input_tier"]);
        let row = with_kept(serde_json::json!({ "id": "1" }), &found[..1], &["Bern".to_owned()]);
        assert_eq!(row, serde_json::json!({ "id": "1", "City": "Bern" }));
    }
}
