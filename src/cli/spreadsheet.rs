//! Cells that people open in a spreadsheet: none of them is a formula.

use std::borrow::Cow;

use crate::domain::parse_number;

/// The cell as no spreadsheet takes it for a formula (OWASP, "CSV Injection"): an apostrophe stands in front of what would be
/// one. A plain number, below zero or with its sign, is none.
pub(crate) fn harmless(cell: &str) -> Cow<'_, str> {
    let formula = match cell.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n') => true,
        Some('+' | '-') => parse_number(cell).is_none(),
        Some(_) | None => false,
    };
    if formula { format!("'{cell}").into() } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_a_text() {
        for (cell, expected) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("-2-3", "'-2-3"),
            ("-2\n=1", "'-2\n=1"),
            ("\t=1", "'\t=1"),
            ("\t-1", "'\t-1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("-", "'-"),
            ("-12.5", "-12.5"),
            ("-1,200", "-1,200"),
            ("+7", "+7"),
            ("Ann & Co", "Ann & Co"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), expected);
        }
    }
}
