//! Names, texts and numbers as SQL.

use std::fmt::Write as _;

use sweetspot_core::Date;

use super::dialect::{Invisible, Spellings, fill};

/// The characters with the Unicode property `White_Space`.
const WHITE_SPACE: [char; 25] = [
    '\t', '\n', '\u{b}', '\u{c}', '\r', ' ', '\u{85}', '\u{a0}', '\u{1680}', '\u{2000}', '\u{2001}', '\u{2002}',
    '\u{2003}', '\u{2004}', '\u{2005}', '\u{2006}', '\u{2007}', '\u{2008}', '\u{2009}', '\u{200a}', '\u{2028}',
    '\u{2029}', '\u{202f}', '\u{205f}', '\u{3000}',
];

/// The character between the items of a list.
pub(super) const ITEM_MARK: char = '\u{1f}';

/// Whole numbers below are written without an exponent.
const MAX_PLAIN_NUMBER: f64 = 1e15;

impl Spellings {
    /// A quoted name.
    pub(super) fn name(&self, name: &str) -> String {
        let mark = self.name_mark;
        // A dialect that escapes the mark by a backslash escapes a backslash, too.
        let escapes = self.escaped_name_mark.starts_with('\\');
        let name = if escapes { name.replace('\\', "\\\\") } else { name.to_owned() };
        format!("{mark}{}{mark}", name.replace(mark, self.escaped_name_mark))
    }

    /// A text. Characters that cannot be seen are spelled by their code points.
    pub(super) fn text(&self, text: &str) -> String {
        match self.invisible {
            Invisible::Escape(prefix) => self.escaped_text(prefix, text),
            Invisible::Function(function) => concatenated_text(function, text),
        }
    }

    fn escaped_text(&self, prefix: &str, text: &str) -> String {
        let (mut inside, mut escaped) = (String::new(), false);
        for c in text.chars() {
            match c {
                '\0' => inside.push('\u{fffd}'),
                '\'' if self.backslash_escapes => inside.push_str("\\'"),
                '\'' => inside.push_str("''"),
                // In PostgreSQL, a backslash begins an escape after the prefix only.
                '\\' if self.backslash_escapes => inside.push_str("\\\\"),
                '\\' => {
                    inside.push_str("\\\\");
                    escaped = true;
                }
                c if is_invisible(c) => {
                    _ = write!(inside, "\\u{:04x}", u32::from(c));
                    escaped = true;
                }
                c => inside.push(c),
            }
        }
        format!("{}'{inside}'", if escaped { prefix } else { "" })
    }

    /// All white space, as one text.
    pub(super) fn white_space(&self) -> String {
        self.text(&WHITE_SPACE.iter().collect::<String>())
    }

    /// The pattern of an item mark with white space around it.
    pub(super) fn item_mark_pattern(&self) -> String {
        let spaces: String = WHITE_SPACE.iter().collect();
        self.text(&format!("[{spaces}]*{ITEM_MARK}[{spaces}]*"))
    }

    /// A day, which is moved into the range of SQL's dates.
    pub(super) fn day(days: f64) -> String {
        const FIRST: f64 = -719_162.0; // 0001-01-01
        const LAST: f64 = 2_932_896.0; // 9999-12-31
        format!("DATE '{}'", Date { days: days.ceil().clamp(FIRST, LAST) as i32 })
    }

    /// A value read as a type.
    pub(super) fn read_as(&self, value: &str, of_type: &str) -> String {
        fill(self.read_as, &[value, of_type])
    }
}

/// Whether a character is invisible, or ends a line.
fn is_invisible(c: char) -> bool {
    c != ' ' && (c.is_control() || c.is_whitespace())
}

fn concatenated_text(function: &str, text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut visible = String::new();
    for c in text.chars() {
        if is_invisible(c) && c != '\0' {
            if !visible.is_empty() {
                parts.push(format!("'{visible}'"));
                visible.clear();
            }
            parts.push(format!("{function}({})", u32::from(c)));
        } else if c == '\'' {
            visible.push_str("''");
        } else {
            visible.push(if c == '\0' { '\u{fffd}' } else { c });
        }
    }
    if !visible.is_empty() || parts.is_empty() {
        parts.push(format!("'{visible}'"));
    }
    match parts.as_slice() {
        [one] => one.clone(),
        _ => format!("({})", parts.join(" || ")),
    }
}

/// A number to compare with: without an exponent if it is whole, so that it is easy to read.
pub(super) fn number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < MAX_PLAIN_NUMBER { format!("{number:.0}") } else { double(number) }
}

/// A number that every dialect reads as 64-bit floating point.
pub(super) fn double(number: f64) -> String {
    format!("{number:e}")
}

/// A text for a comment: on one line, and not too long.
pub(super) fn comment(text: &str) -> String {
    let line: String =
        text.chars().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).take(200).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::SqlDialect;

    use super::*;

    #[test]
    fn texts_and_names_cannot_end_early() {
        let text = "it's \"a\" `b` \\ \n end";
        for (dialect, literal, name) in [
            (SqlDialect::DuckDb, "('it''s \"a\" `b` \\ ' || chr(10) || ' end')", "\"a\"\"b`c\""),
            (SqlDialect::Postgres, "E'it''s \"a\" `b` \\\\ \\u000a end'", "\"a\"\"b`c\""),
            (SqlDialect::Spark, "'it\\'s \"a\" `b` \\\\ \\u000a end'", "`a\"b``c`"),
            (SqlDialect::BigQuery, "'it\\'s \"a\" `b` \\\\ \\u000a end'", "`a\"b\\`c`"),
        ] {
            assert_eq!(dialect.spellings().text(text), literal, "{}", dialect.as_str());
            assert_eq!(dialect.spellings().name("a\"b`c"), name, "{}", dialect.as_str());
        }
        assert_eq!(SqlDialect::Ansi.spellings().text(""), "''");
        assert_eq!(SqlDialect::Postgres.spellings().text("plain"), "'plain'");
        assert_eq!(comment("a\n; DROP TABLE t\u{2028}--"), "a ; DROP TABLE t --");
    }

    #[test]
    fn white_space_is_the_unicode_property() {
        for code in 0..=0x10_ffff {
            if let Some(c) = char::from_u32(code) {
                assert_eq!(WHITE_SPACE.contains(&c), c.is_whitespace(), "{code:x}");
            }
        }
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        for (value, text) in [(50.0, "50"), (-3.0, "-3"), (0.5, "5e-1"), (1e300, "1e300"), (0.1, "1e-1")] {
            assert_eq!(number(value), text);
            assert_eq!(number(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
        assert_eq!(double(0.0), "0e0");
    }

    #[test]
    fn days_are_within_the_range_of_dates() {
        assert_eq!(Spellings::day(31.0), "DATE '1970-02-01'");
        assert_eq!(Spellings::day(30.5), "DATE '1970-02-01'");
        assert_eq!(Spellings::day(-1e300), "DATE '0001-01-01'");
        assert_eq!(Spellings::day(f64::INFINITY), "DATE '9999-12-31'");
    }
}
