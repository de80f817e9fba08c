//! Tables with a caption, scoped heads, and a scrollable region for wide ones.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::document::{Align, ColumnHead, Table, TableCell};

/// The names of regions, which must be unique on a page.
#[derive(Debug, Default)]
pub(super) struct RegionNames(BTreeMap<String, usize>);

impl RegionNames {
    /// The name, with a number appended if it is already taken.
    pub(super) fn unique_name(&mut self, name: &str) -> String {
        let name = if name.trim().is_empty() { "Table" } else { name.trim() };
        let uses = self.0.entry(name.to_owned()).or_default();
        *uses += 1;
        if *uses == 1 { name.to_owned() } else { format!("{name} ({uses})") }
    }
}

/// A table. Rows that are shorter than the head are padded with empty cells.
pub(super) fn table(regions: &mut RegionNames, table: &Table) -> Markup {
    let name = regions.unique_name(&table.caption);
    html! {
        div.scroll role="region" tabindex="0" aria-label=(name) {
            table {
                caption { span { (table.caption) } }
                thead { tr { @for head in &table.columns { th scope="col" class=(side(head)) { (head.name) } } } }
                tbody { @for row in &table.rows { (cells(&table.columns, row)) } }
            }
        }
    }
}

fn cells(columns: &[ColumnHead], row: &[TableCell]) -> Markup {
    let empty = TableCell::default();
    let filled = columns.iter().enumerate().map(|(index, head)| (index, head, row.get(index).unwrap_or(&empty)));
    html! {
        tr {
            @for (index, head, cell) in filled {
                @if index == 0 {
                    th scope="row" class=(class(head, cell)) { (cell.text) }
                } @else {
                    td class=(class(head, cell)) { (cell.text) }
                }
            }
        }
    }
}

const fn side(head: &ColumnHead) -> &'static str {
    match head.align {
        Align::Left => "text",
        Align::Right => "figure",
    }
}

fn class(head: &ColumnHead, cell: &TableCell) -> String {
    if cell.is_faint { format!("{} few", side(head)) } else { side(head).to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_once() {
        let mut regions = RegionNames::default();
        assert_eq!(
            ["a", "a", " ", "a", ""].map(|name| regions.unique_name(name)),
            ["a", "a (2)", "Table", "a (3)", "Table (2)"]
        );
    }

    #[test]
    fn a_short_row_is_filled_up() {
        let columns = vec![ColumnHead::text("name"), ColumnHead::figure("accounts")];
        let rows = vec![vec!["only".into()], vec!["a".into(), "1".into(), "too many".into()]];
        let written =
            table(&mut RegionNames::default(), &Table { caption: "t".to_owned(), columns, rows }).into_string();
        assert_eq!(written.matches("<td").count(), 2);
        assert!(!written.contains("too many"));
    }
}
