//! Markdown tables.

use super::escape::escaped;
use crate::document::{Align, Table, TableCell};

/// Renders the table. Rows have the length of the head.
pub(super) fn table(table: &Table) -> String {
    let heads: Vec<String> = table.columns.iter().map(|head| escaped(&head.name)).collect();
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| (0..heads.len()).map(|column| row.get(column).map_or_else(String::new, cell)).collect())
        .collect();
    let rule = table.columns.iter().map(|head| match head.align {
        Align::Left => "---".to_owned(),
        Align::Right => "---:".to_owned(),
    });
    let all = [heads, rule.collect()].into_iter().chain(rows);
    all.map(|cells| format!("| {} |", cells.join(" | "))).collect::<Vec<_>>().join("\n")
}

/// Figures from small samples are marked.
fn cell(cell: &TableCell) -> String {
    let text = escaped(&cell.text);
    if cell.is_faint && !text.is_empty() { format!("*{text}*") } else { text }
}
