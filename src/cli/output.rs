//! Output: data to stdout, messages to stderr, without colors.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use sweetspot_core::sanitize;
use sweetspot_proto::json::JsonMessage;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::exit::CliError;

/// The width of all tables and paragraphs, in columns.
pub(crate) const PAGE_WIDTH: u16 = 80;

/// The output options of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// Whether to print JSON instead of tables.
    pub(crate) json: bool,
    /// Whether to print only warnings and errors on stderr.
    pub(crate) quiet: bool,
}

impl Output {
    /// Writes data to stdout unchanged.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written, or if its reader has closed it.
    #[expect(clippy::unused_self, reason = "all output goes through this type")]
    pub(crate) fn write_bytes(self, bytes: &[u8]) -> Result<(), CliError> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Writes a text and a line end to stdout.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written, or if its reader has closed it.
    pub(crate) fn print_text(self, text: &str) -> Result<(), CliError> {
        self.write_bytes(format!("{}\n", sanitize(text.trim_end())).as_bytes())
    }

    /// Writes a value to stdout as indented JSON.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written, or if its reader has closed it.
    pub(crate) fn print_json(self, value: &impl Serialize) -> Result<(), CliError> {
        self.write_bytes(json_text(value)?.as_bytes())
    }

    /// Writes a text, or the message as JSON.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written, or if its reader has closed it.
    pub(crate) fn print_message(self, text: &str, message: &impl JsonMessage) -> Result<(), CliError> {
        if self.json { self.print_json(&message.to_json()) } else { self.print_text(text) }
    }

    /// Writes messages as a JSON list.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written, or if its reader has closed it.
    pub(crate) fn print_json_list(self, messages: &[impl JsonMessage]) -> Result<(), CliError> {
        self.print_json(&messages.iter().map(JsonMessage::to_json).collect::<Vec<_>>())
    }

    /// Prints an informational message, unless `quiet` is set.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Prints a warning, also if `quiet` is set. A closed stderr is ignored.
    #[expect(clippy::unused_self, reason = "all output goes through this type")]
    pub(crate) fn warn(self, text: &str) {
        // There is no other place to report the error.
        let _unwritable = writeln!(io::stderr().lock(), "{}", sanitize(text));
    }

    /// Returns a progress bar in units of work, shown on a terminal only.
    pub(crate) fn progress(self, total: Option<u64>, what: &str) -> ProgressBar {
        self.bar(total, "{msg} [{bar:30}] {percent}%", what)
    }

    /// Returns a progress bar for reading a file of `bytes` bytes, with the time left, shown on a terminal only; if the
    /// size is unknown, it shows the count.
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

/// Returns a value as indented JSON that ends with a line feed.
///
/// # Errors
/// Returns an error if the value has no JSON form.
pub(crate) fn json_text(value: &impl Serialize) -> Result<String, CliError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| CliError::Failed(error.to_string()))?;
    Ok(format!("{text}\n"))
}

/// Formats an amount, preceded by its currency unless that is empty: `EUR 35,385.50`.
pub(crate) fn amount_text(value: f64, currency_code: &str) -> String {
    sweetspot_core::amount(value, Some(currency_code).filter(|code| !code.is_empty()))
}

/// Formats `1 exclusion rule`, `2 exclusion rules`.
pub(crate) fn plural(number: u64, singular: &str, plural_form: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural_form })
}

/// Formats a table of at most [`PAGE_WIDTH`] columns; the table columns with the indices in `right` are right-aligned.
pub(crate) fn table(header: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(PAGE_WIDTH);
    table.set_header(header.iter().map(Cell::new));
    table.add_rows(rows.into_iter().map(|row| row.into_iter().map(|cell| sanitize(&cell).into_owned())));
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Breaks a text into lines of at most [`PAGE_WIDTH`] columns; `first` and `others` are the indents of the lines.
pub(crate) fn wrap(text: &str, first: usize, others: usize) -> String {
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    for word in text.split_whitespace() {
        if !line.trim().is_empty() {
            if line.width() + 1 + word.width() > usize::from(PAGE_WIDTH) {
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

/// Returns the text, shortened if it is wider than `width` columns.
pub(crate) fn truncate(text: &str, width: usize) -> String {
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
    fn control_characters_are_shown_as_text() {
        assert!(table(&["a"], &[], vec![vec!["\u{7}".to_owned()]]).contains('\u{fffd}'));
    }

    #[test]
    fn the_singular_is_used_for_one_only() {
        assert_eq!(
            [0, 1, 2].map(|number| plural(number, "exclusion rule", "exclusion rules")),
            ["0 exclusion rules", "1 exclusion rule", "2 exclusion rules"]
        );
    }

    #[test]
    fn an_empty_paragraph_is_empty() {
        assert_eq!(wrap("", 0, 2), "");
    }
}
