//! A chain of subqueries, each of which adds columns to the one before.

use std::fmt::Write as _;

/// The query so far.
pub(super) struct Subqueries {
    text: String,
    /// The name of the last subquery; empty at the start.
    last: String,
    fence: &'static str,
}

/// A column: an expression and its name.
pub(super) struct ColumnSql {
    pub(super) expression: String,
    pub(super) name: String,
}

impl ColumnSql {
    pub(super) fn new(expression: impl Into<String>, name: impl Into<String>) -> Self {
        Self { expression: expression.into(), name: name.into() }
    }
}

impl Subqueries {
    /// Starts with a comment.
    pub(super) const fn new(header: String, fence: &'static str) -> Self {
        Self { text: header, last: String::new(), fence }
    }

    /// The first subquery: these columns of a relation.
    pub(super) fn start(&mut self, name: &str, table: &str, columns: &[ColumnSql]) {
        name.clone_into(&mut self.last);
        _ = write!(self.text, "WITH {name} AS (\n  SELECT\n{}\n  FROM {table}{}\n)", list(columns), self.fence);
    }

    /// A subquery with all columns so far and these; none if there are no columns.
    pub(super) fn add(&mut self, name: &str, comment: &str, columns: &[ColumnSql]) {
        if columns.is_empty() {
            return;
        }
        self.text.push_str(",\n");
        if !comment.is_empty() {
            _ = writeln!(self.text, "-- {comment}");
        }
        let last = std::mem::replace(&mut self.last, name.to_owned());
        _ = write!(
            self.text,
            "{name} AS (\n  SELECT before.*,\n{}\n  FROM {last} AS before{}\n)",
            list(columns),
            self.fence
        );
    }

    /// Ends with these columns.
    pub(super) fn finish(mut self, columns: &[ColumnSql]) -> String {
        _ = write!(self.text, "\nSELECT\n{}\nFROM {}\n", list(columns), self.last);
        self.text
    }
}

/// Texts one after the other.
pub(super) fn concat(texts: impl Iterator<Item = String>) -> String {
    texts.collect()
}

fn list(columns: &[ColumnSql]) -> String {
    let columns = columns.iter().map(|ColumnSql { expression, name }| format!("    {expression} AS {name}"));
    columns.collect::<Vec<_>>().join(",\n")
}
