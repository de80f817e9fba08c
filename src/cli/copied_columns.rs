//! Columns of a list that are copied to the output, next to the results for its accounts.

use serde_json::{Map, Value};
use sweetspot_proto::json::JsonMessage;

use super::exit::CliError;
use super::output::Output;

/// The prefix of a copied column whose name is also that of an output column.
const PREFIX: &str = "input_";

/// The maximum size of copied cells held in memory, for rows whose position is known only at the end of the list.
const MAX_KEPT_BYTES: usize = 256 << 20;
/// The size of a cell in addition to its text, in bytes.
const CELL_OVERHEAD_BYTES: usize = size_of::<String>();

/// The total size of the copied cells of rows that are held until the end of the list.
#[derive(Debug)]
pub(crate) struct KeptBytesBudget {
    bytes: usize,
    max_bytes: usize,
}

impl Default for KeptBytesBudget {
    fn default() -> Self {
        Self::with_limit(MAX_KEPT_BYTES)
    }
}

impl KeptBytesBudget {
    /// Creates a budget of `limit` bytes for all rows together.
    pub(crate) const fn with_limit(limit: usize) -> Self {
        Self { bytes: 0, max_bytes: limit }
    }

    /// Adds the cells of a row.
    pub(crate) fn add(&mut self, cells: &[String]) {
        self.bytes = self.bytes.saturating_add(byte_count(cells));
    }

    /// Removes the cells of a row.
    pub(crate) fn remove(&mut self, cells: &[String]) {
        self.bytes = self.bytes.saturating_sub(byte_count(cells));
    }

    /// Whether the budget is exceeded.
    pub(crate) const fn is_over(&self) -> bool {
        self.bytes > self.max_bytes
    }

    /// Checks the budget.
    ///
    /// # Errors
    /// Returns an error if the cells are larger than the budget.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        if !self.is_over() {
            return Ok(());
        }
        Err(CliError::Data(format!(
            "the columns of --keep need more than {} MiB for the best accounts so far, which exceeds the memory \
             limit: keep fewer columns, or request fewer accounts with --top",
            self.max_bytes >> 20
        )))
    }
}

fn byte_count(cells: &[String]) -> usize {
    cells.iter().map(|cell| cell.len() + CELL_OVERHEAD_BYTES).sum()
}

/// Parses names in lists such as `City,"Name, Inc"`, in their order.
///
/// # Errors
/// Returns an error if a name is empty or a duplicate.
pub(crate) fn parse_names(lists: &[String]) -> Result<Vec<String>, CliError> {
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

/// Returns the names of the columns in the output: as in the file, except for names in `used_names`, which a note
/// reports.
pub(crate) fn output_names(columns: &[String], used_names: &[impl AsRef<str>], out: Output) -> Vec<String> {
    let mut names = Vec::<String>::new();
    for column in columns {
        let mut name = column.clone();
        let is_taken = |name: &String| {
            used_names.iter().any(|other| other.as_ref() == name)
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

/// Returns a message as a JSON object, with the copied cells in its member `columns` if there are any.
pub(crate) fn with_kept_columns(message: &impl JsonMessage, names: &[String], cells: &[String]) -> Map<String, Value> {
    // A message is an object of numbers, texts, lists and objects, so that it always has a JSON form.
    let mut object = match serde_json::to_value(message.to_json()) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => Map::new(),
    };
    if !names.is_empty() {
        let columns = names.iter().cloned().zip(cells.iter().map(|cell| Value::from(cell.as_str())));
        object.insert("columns".to_owned(), columns.collect());
    }
    object
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::Comment;

    use super::*;

    fn parse(lists: &[&str]) -> Result<Vec<String>, CliError> {
        parse_names(&lists.iter().map(|list| (*list).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn column_names_are_separated_by_unquoted_commas() {
        assert_eq!(parse(&["City, Zip", "\"Name, Inc\""]).unwrap(), ["City", "Zip", "Name, Inc"]);
        assert_eq!(parse(&[]).unwrap(), Vec::<String>::new());
        for lists in [&["City,City"][..], &["City", "City"], &["City,"], &[","]] {
            assert!(matches!(parse(lists), Err(CliError::Usage(_))), "{lists:?}");
        }
    }

    #[test]
    fn columns_with_names_of_the_output_get_a_prefix() {
        let columns = ["City", "score", "input_score", "input_tier"].map(str::to_owned);
        let found = output_names(&columns, &["id", "score", "tier"], Output { json: false, quiet: true });
        assert_eq!(found, ["City", "input_input_score", "input_score", "input_tier"]);
        let comment = Comment { id: "1".to_owned(), ..Comment::default() };
        let row = with_kept_columns(&comment, &found[..1], &["Bern".to_owned()]);
        assert_eq!(Value::Object(row), serde_json::json!({ "id": "1", "columns": { "City": "Bern" } }));
        assert_eq!(Value::Object(with_kept_columns(&comment, &[], &[])), serde_json::json!({ "id": "1" }));
    }
}
