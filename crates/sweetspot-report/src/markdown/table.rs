//! Tables with pipes.

use super::escape::escaped;
use crate::document::{Align, Cell, Table};

/// The table. Rows are as long as the head, whatever they hold.
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

/// What stands on few is set apart.
fn cell(cell: &Cell) -> String {
    let text = escaped(&cell.text);
    if cell.faint && !text.is_empty() { format!("*{text}*") } else { text }
}
