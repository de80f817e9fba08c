//! Tables: with a caption, heads that say what they are heads of, and room to be moved where they are too wide.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::document::{Align, Cell, Head, Table};

/// Names of regions: two places of a page must not have the same.
#[derive(Debug, Default)]
pub(super) struct Regions(BTreeMap<String, usize>);

impl Regions {
    /// The name, or the name with a number where it was given before.
    pub(super) fn name(&mut self, name: &str) -> String {
        let name = if name.trim().is_empty() { "Table" } else { name.trim() };
        let given = self.0.entry(name.to_owned()).or_default();
        *given += 1;
        if *given == 1 { name.to_owned() } else { format!("{name} ({given})") }
    }
}

/// A table. A row that is shorter than the head is filled up with empty cells.
pub(super) fn table(regions: &mut Regions, table: &Table) -> Markup {
    let name = regions.name(&table.caption);
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

fn cells(columns: &[Head], row: &[Cell]) -> Markup {
    let empty = Cell::default();
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

const fn side(head: &Head) -> &'static str {
    match head.align {
        Align::Left => "text",
        Align::Right => "figure",
    }
}

fn class(head: &Head, cell: &Cell) -> String {
    if cell.faint { format!("{} few", side(head)) } else { side(head).to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_once() {
        let mut regions = Regions::default();
        assert_eq!(
            ["a", "a", " ", "a", ""].map(|name| regions.name(name)),
            ["a", "a (2)", "Table", "a (3)", "Table (2)"]
        );
    }

    #[test]
    fn a_short_row_is_filled_up() {
        let columns = vec![Head::text("name"), Head::figure("accounts")];
        let rows = vec![vec!["only".into()], vec!["a".into(), "1".into(), "too many".into()]];
        let written = table(&mut Regions::default(), &Table { caption: "t".to_owned(), columns, rows }).into_string();
        assert_eq!(written.matches("<td").count(), 2);
        assert!(!written.contains("too many"));
    }
}
