//! Where output goes: data to stdout, messages to stderr, never a colour.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use sweetspot_core::visible;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::exit::CliError;

/// Every table and paragraph fits a terminal of this width.
pub(crate) const WIDTH: u16 = 80;

/// How a command speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// Tables become JSON.
    pub(crate) json: bool,
    /// Only warnings and errors on stderr.
    pub(crate) quiet: bool,
}

impl Output {
    /// Writes data to stdout, as it is.
    ///
    /// # Errors
    /// Where stdout cannot be written, or nobody reads it.
    #[expect(clippy::unused_self, reason = "output goes through this type and nowhere else")]
    pub(crate) fn data(self, bytes: &[u8]) -> Result<(), CliError> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Writes a text to stdout and ends its line.
    ///
    /// # Errors
    /// Where stdout cannot be written, or nobody reads it.
    pub(crate) fn text(self, text: &str) -> Result<(), CliError> {
        self.data(format!("{}\n", visible(text.trim_end())).as_bytes())
    }

    /// Writes a value to stdout as indented JSON.
    ///
    /// # Errors
    /// Where stdout cannot be written, or nobody reads it.
    pub(crate) fn json(self, value: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(value).map_err(|error| CliError::Failed(error.to_string()))?;
        self.data(format!("{text}\n").as_bytes())
    }

    /// A message about what is going on.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// A message that is wanted even by the quiet. A stderr that is gone does not stop the work.
    #[expect(clippy::unused_self, reason = "output goes through this type and nowhere else")]
    pub(crate) fn warn(self, text: &str) {
        // There is nowhere left to report to.
        let _unwritable = writeln!(io::stderr().lock(), "{}", visible(text));
    }

    /// Progress in units of work, on a terminal only.
    pub(crate) fn progress(self, total: Option<u64>, what: &str) -> ProgressBar {
        self.bar(total, "{msg} [{bar:30}] {percent}%", what)
    }

    /// Progress of reading a file of so many bytes, with the time left, on a terminal only; where the size is not known, the
    /// count of what it is increased by.
    pub(crate) fn reading_progress(self, bytes: Option<u64>, what: &str) -> ProgressBar {
        self.bar(bytes, "{msg} [{bar:30}] {percent}%, {eta} left", what)
    }

    fn bar(self, total: Option<u64>, with_total: &str, what: &str) -> ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = if total.is_some() { with_total } else { "{spinner} {msg} {human_pos}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

/// `1 gate`, `2 gates`.
pub(crate) fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A table of [`WIDTH`] columns at most; the columns whose numbers are given are aligned to the right.
pub(crate) fn table(header: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(header.iter().map(Cell::new));
    table.add_rows(rows.into_iter().map(|row| row.into_iter().map(|cell| visible(&cell).into_owned())));
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Breaks a text into lines of at most [`WIDTH`] columns, the first and the other ones indented by so many.
pub(crate) fn wrap(text: &str, first: usize, others: usize) -> String {
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    for word in text.split_whitespace() {
        if !line.trim().is_empty() {
            if line.width() + 1 + word.width() > usize::from(WIDTH) {
                lines.push(std::mem::replace(&mut line, " ".repeat(others)));
            } else {
                line.push(' ');
            }
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}

/// The text, or its beginning where it takes more than so many columns.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut beginning = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(1);
        if used > width {
            break;
        }
        beginning.push(c);
    }
    format!("{beginning}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_paragraphs_fit_eighty_columns() {
        let long = "a rather long text that goes on ".repeat(8);
        let rows = vec![vec!["1".to_owned(), long.clone(), long.clone()], vec!["22".into(), "b".into(), "c".into()]];
        let text = table(&["n", "first", "second"], &[0], rows);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let text = wrap(&long, 2, 4);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("    ") && !line.starts_with("     ")), "{text}");
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), long.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn what_steers_a_terminal_is_shown() {
        assert!(table(&["a"], &[], vec![vec!["\u{7}".to_owned()]]).contains('\u{fffd}'));
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|number| plural(number, "gate", "gates")), ["0 gates", "1 gate", "2 gates"]);
    }

    #[test]
    fn an_empty_paragraph_is_empty() {
        assert_eq!(wrap("", 0, 2), "");
    }
}
