//! Summarizes how a file was read: what was detected, and which rows were skipped.

use std::collections::BTreeMap;

use super::rows_without_account::NonAccountRow;
use crate::limits::clip_to;

/// The maximum number of bytes of a cell in a message.
const MAX_SHOWN_BYTES: usize = 40;

/// The skipped rows, which do not contain an account.
#[derive(Clone, Debug, Default)]
pub(super) struct SkippedRows {
    /// By reason: the number of rows, and the text and line of the first one.
    by_reason: BTreeMap<NonAccountRow, (u64, String, u64)>,
}

impl SkippedRows {
    /// Adds a row that starts on this line with this text.
    pub(super) fn add(&mut self, reason: NonAccountRow, text: &str, line: u64) {
        let first = || (0, clip_to(text, MAX_SHOWN_BYTES).to_owned(), line);
        self.by_reason.entry(reason).or_insert_with(first).0 += 1;
    }

    /// Describes the number of skipped rows, and the first of each kind.
    fn sentence(&self) -> Option<String> {
        let count: u64 = self.by_reason.values().map(|(count, ..)| count).sum();
        if count == 0 {
            return None;
        }
        let kinds = self.by_reason.iter().map(|(reason, (count, text, line))| {
            let (singular, plural) = reason.labels();
            let example = if text.is_empty() { String::new() } else { format!("{text:?}, ") };
            let prefix = if *count == 1 { "" } else { "such as " };
            format!("{count} {} ({prefix}{example}row {line})", if *count == 1 { singular } else { plural })
        });
        let kinds: Vec<String> = kinds.collect();
        let rows = if count == 1 { "row has no account and is" } else { "rows have no account and are" };
        Some(format!("{count} {rows} left out: {}", kinds.join(", ")))
    }
}

/// How a file was read.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadingSummary {
    /// What was detected when the file was opened, one phrase each.
    pub(super) findings: Vec<String>,
    /// The rows without an account.
    pub(super) skipped: SkippedRows,
}

impl ReadingSummary {
    /// Returns one line about the file; `None` if there is nothing noteworthy.
    pub(super) fn line(&self, file: &str, encoding: Option<String>, late_keys: Option<String>) -> Option<String> {
        let parts =
            encoding.into_iter().chain(self.findings.iter().cloned()).chain(late_keys).chain(self.skipped.sentence());
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| format!("{file}: {}", parts.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_described_in_one_line() {
        assert_eq!(ReadingSummary::default().line("a.csv", None, None), None);
        let mut reading =
            ReadingSummary { findings: vec!["the header is row 11".to_owned()], ..ReadingSummary::default() };
        reading.skipped.add(NonAccountRow::Footer, "Copyright", 75);
        reading.skipped.add(NonAccountRow::Total, "Total", 72);
        reading.skipped.add(NonAccountRow::Footer, "Confidential", 76);
        assert_eq!(
            reading.line("a.csv", Some("the text is decoded as windows-1252".to_owned()), None).unwrap(),
            "a.csv: the text is decoded as windows-1252; the header is row 11; \
             3 rows have no account and are left out: 1 total (\"Total\", row 72), 2 footer lines (such as \"Copyright\", row 75)"
        );
    }
}
