//! TOML that a person reads: values with a few words beside them, or above them where a line would grow too wide.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

/// Columns of a line. Only a single long text of a file makes a line wider.
const WIDTH: usize = 80;

/// One key and its value, with a comment unless that is empty.
pub(super) fn line(out: &mut String, key: &str, value: &str, comment: &str) {
    entry(out, "", &format!("{key} = {value}"), comment);
}

/// Whether a key and its value have room on a line.
pub(super) fn fits(key: &str, value: &str) -> bool {
    key.width() + " = ".len() + value.width() <= WIDTH
}

/// One key and its list, on a line where that is wide enough, else with one text a line.
pub(super) fn list(out: &mut String, key: &str, texts: &[String], comment: &str) {
    let short = array(texts);
    if fits(key, &short) {
        return line(out, key, &short, comment);
    }
    above(out, "", comment);
    // Writing to a text cannot fail.
    let _infallible = writeln!(out, "{key} = [");
    for item in texts {
        entry(out, "    ", &format!("{},", text(item)), "");
    }
    out.push_str("]\n");
}

/// An indented piece of TOML, with a comment unless that is empty.
pub(super) fn entry(out: &mut String, indent: &str, plain: &str, comment: &str) {
    let beside = if comment.is_empty() { String::new() } else { format!("  # {}", one_line(comment)) };
    let width = indent.width() + plain.width() + beside.width();
    let beside = if width > WIDTH && !comment.is_empty() {
        above(out, indent, comment);
        ""
    } else {
        &beside
    };
    // Writing to a text cannot fail.
    let _infallible = writeln!(out, "{indent}{plain}{beside}");
}

/// A comment on lines of its own.
fn above(out: &mut String, indent: &str, comment: &str) {
    let mut line = format!("{indent}#");
    for word in one_line(comment).split_whitespace() {
        if line.width() + 1 + word.width() > WIDTH && !line.ends_with('#') {
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

/// A TOML basic string on one line, so that it may also stand in a comment.
pub(super) fn text(text: &str) -> String {
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

/// Strings on one line.
pub(super) fn array(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|item| text(item)).collect::<Vec<_>>().join(", "))
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
        line(&mut out, "key", "1", "why");
        line(&mut out, "key", &"1".repeat(60), "why it is so long");
        entry(&mut out, "  ", "\"a\",", &"word ".repeat(18));
        list(&mut out, "few", &["a".to_owned()], "");
        let above = format!("key = 1  # why\n# why it is so long\nkey = {}\n", "1".repeat(60));
        let item = format!("  #{}\n  #{}\n  \"a\",\nfew = [\"a\"]\n", " word".repeat(15), " word".repeat(3));
        assert_eq!(out, format!("{above}{item}"));
    }

    proptest! {
        #[test]
        fn lists_fit_the_page_and_read_back(texts in proptest::collection::vec("\\PC{0,20}", 0..20), comment in "[a-z ]{0,200}") {
            let mut out = String::new();
            list(&mut out, "key", &texts, &comment);
            prop_assert!(out.lines().all(|line| line.starts_with('#') || line.width() <= WIDTH), "{}", out);
            let read: toml::Table = out.parse().unwrap();
            let read: Vec<_> = read["key"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
            prop_assert_eq!(read, texts);
        }
    }
}
