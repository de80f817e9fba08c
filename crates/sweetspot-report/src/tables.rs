//! The tables of a report, for spreadsheets: those of the page, and the figures of its charts.

use sweetspot_core::sanitize;

use super::document::{Block, Table, TableCell};
use super::report::Report;

/// A table with its place in the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTable {
    /// The title of the document.
    pub document: String,
    /// The heading above it.
    pub section: String,
    /// Its caption; for the figures of a chart, the finding of the chart.
    pub caption: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows, with one cell per column.
    pub rows: Vec<Vec<String>>,
}

/// Returns the tables in the order of the page. Counts have no thousands separators, and a minus is a hyphen, so that a
/// spreadsheet reads numbers as numbers.
#[must_use]
pub fn tables(report: &Report) -> Vec<ReportTable> {
    let mut tables = Vec::new();
    for part in &report.parts {
        let mut section = part.document.title();
        for block in &part.blocks {
            match block {
                Block::Heading(_, text) => section = text,
                Block::Table(table) => tables.push(placed_table(part.document.title(), section, &table.caption, table)),
                Block::Chart(chart) => {
                    tables.push(placed_table(part.document.title(), section, &chart.finding, &chart.table));
                }
                Block::Text(_)
                | Block::Callout(..)
                | Block::List(_)
                | Block::Cards(_)
                | Block::Pond(_)
                | Block::Panels(_)
                | Block::RateBars(_) => {}
            }
        }
    }
    tables
}

fn placed_table(document: &str, section: &str, caption: &str, table: &Table) -> ReportTable {
    let text = |text: &str| sanitize(text).into_owned();
    let cell = |cell: &TableCell| plain_number(&text(&cell.text));
    let cells = |row: &Vec<TableCell>| {
        (0..table.columns.len()).map(|column| row.get(column).map_or_else(String::new, cell)).collect()
    };
    ReportTable {
        document: text(document),
        section: text(section),
        caption: text(caption),
        columns: table.columns.iter().map(|head| text(&head.name)).collect(),
        rows: table.rows.iter().map(cells).collect(),
    }
}

/// `-1234.5` for `−1,234.5`; any other text is unchanged.
fn plain_number(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('\u{2212}').map_or(("", text), |digits| ("-", digits));
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '%'));
    if is_number { format!("{sign}{}", digits.replace(',', "")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_spreadsheets_read_them() {
        for (shown, plain) in [
            ("1,234", "1234"),
            ("\u{2212}0.31", "-0.31"),
            ("12%", "12%"),
            ("2.1×", "2.1×"),
            ("10 to 1,200", "10 to 1,200"),
            ("EUR 1,200", "EUR 1,200"),
            ("", ""),
        ] {
            assert_eq!(plain_number(shown), plain);
        }
    }
}
