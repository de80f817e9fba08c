//! Writes readable TOML: values with comments next to them, or above them if the line would be too long.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

/// The maximum width of a line in characters. Only a single long text makes a line wider.
const MAX_LINE_CHARS: usize = 80;

/// Writes a key and its value, with a comment unless it is empty.
pub(super) fn write_line(out: &mut String, key: &str, value: &str, comment: &str) {
    write_entry(out, "", &format!("{key} = {value}"), comment);
}

/// Returns whether a key and its value fit on a line.
pub(super) fn fits(key: &str, value: &str) -> bool {
    key.width() + " = ".len() + value.width() <= MAX_LINE_CHARS
}

/// Writes a key and its list, on one line if it fits, otherwise with one text per line.
pub(super) fn write_list(out: &mut String, key: &str, texts: &[String], comment: &str) {
    let array = quoted_array(texts);
    if fits(key, &array) {
        return write_line(out, key, &array, comment);
    }
    write_comment(out, "", comment);
    // Writing to a string cannot fail.
    let _infallible = writeln!(out, "{key} = [");
    for item in texts {
        write_entry(out, "    ", &format!("{},", quoted_text(item)), "");
    }
    out.push_str("]\n");
}

/// Writes an indented piece of TOML, with a comment unless it is empty.
pub(super) fn write_entry(out: &mut String, indent: &str, plain: &str, comment: &str) {
    let suffix = if comment.is_empty() { String::new() } else { format!("  # {}", one_line(comment)) };
    let width = indent.width() + plain.width() + suffix.width();
    let suffix = if width > MAX_LINE_CHARS && !comment.is_empty() {
        write_comment(out, indent, comment);
        ""
    } else {
        &suffix
    };
    // Writing to a string cannot fail.
    let _infallible = writeln!(out, "{indent}{plain}{suffix}");
}

/// Writes a comment on separate lines.
fn write_comment(out: &mut String, indent: &str, comment: &str) {
    let mut line = format!("{indent}#");
    for word in one_line(comment).split_whitespace() {
        if line.width() + 1 + word.width() > MAX_LINE_CHARS && !line.ends_with('#') {
            line.push('\n');
            out.push_str(&line);
            line = format!("{indent}#");
        }
        line.push(' ');
        line.push_str(word);
    }
    if !comment.is_empty() {
        line.push('\n');
        out.push_str(&line);
    }
}

/// Returns a TOML basic string on one line, so that it can also be in a comment.
pub(super) fn quoted_text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _infallible = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns an array of strings on one line.
pub(super) fn quoted_array(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|item| quoted_text(item)).collect::<Vec<_>>().join(", "))
}

fn one_line(words: &str) -> String {
    words.replace(|c: char| c.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stand_beside_a_value_or_above_it() {
        let mut out = String::new();
        write_line(&mut out, "key", "1", "why");
        write_line(&mut out, "key", &"1".repeat(60), "why it is so long");
        write_entry(&mut out, "  ", "\"a\",", &"word ".repeat(18));
        write_list(&mut out, "few", &["a".to_owned()], "");
        let above = format!("key = 1  # why\n# why it is so long\nkey = {}\n", "1".repeat(60));
        let item = format!("  #{}\n  #{}\n  \"a\",\nfew = [\"a\"]\n", " word".repeat(15), " word".repeat(3));
        assert_eq!(out, format!("{above}{item}"));
    }

    proptest! {
        #[test]
        fn lists_fit_the_page_and_read_back(texts in proptest::collection::vec("\\PC{0,20}", 0..20), comment in "[a-z ]{0,200}") {
            let mut out = String::new();
            write_list(&mut out, "key", &texts, &comment);
            prop_assert!(out.lines().all(|line| line.starts_with('#') || line.width() <= MAX_LINE_CHARS), "{}", out);
            let read: toml::Table = out.parse().unwrap();
            let read: Vec<_> = read["key"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
            prop_assert_eq!(read, texts);
        }
    }
}
