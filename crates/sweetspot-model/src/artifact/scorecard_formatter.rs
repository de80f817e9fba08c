//! The layout of the scorecard's JSON: an object of a list starts a line, and its numbers follow on the same line.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// The depth up to which each member of an object has a line of its own.
const MAX_OPEN_DEPTH: usize = 3;

/// Writes the members of outer objects, and the objects of lists, on lines of their own.
#[derive(Debug, Default)]
pub(super) struct ScorecardFormatter {
    open: Vec<Container>,
}

/// An open list or object.
#[derive(Debug)]
struct Container {
    is_list: bool,
    /// Whether its contents are on lines of their own.
    has_lines: bool,
}

impl ScorecardFormatter {
    fn start_line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        self.open.iter().try_for_each(|_| writer.write_all(b"  "))
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        if self.open.pop().is_some_and(|container| container.has_lines) {
            self.start_line(writer)?;
        }
        writer.write_all(bracket)
    }
}

impl Formatter for ScorecardFormatter {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open.push(Container { is_list: true, has_lines: false });
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if let Some(list) = self.open.last_mut().filter(|around| around.is_list) {
            list.has_lines = true;
            self.start_line(writer)?;
        }
        self.open.push(Container { is_list: false, has_lines: false });
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.open.len() > MAX_OPEN_DEPTH {
            return writer.write_all(if first { b"" } else { b" " });
        }
        if let Some(object) = self.open.last_mut() {
            object.has_lines = true;
        }
        self.start_line(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_of_lists_start_lines_and_numbers_share_one() {
        let card =
            json!({"a": [{"b": [1, 2], "c": [{"d": 1, "e": [3]}, {"d": 2, "e": []}], "f": {"g": 1}}], "h": {"i": []}});
        let mut text = Vec::new();
        card.serialize(&mut serde_json::Serializer::with_formatter(&mut text, ScorecardFormatter::default())).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), card);
        let lines = [
            "{",
            "  \"a\": [",
            "    {",
            "      \"b\": [1, 2],",
            "      \"c\": [",
            "        {\"d\": 1, \"e\": [3]}, ",
            "        {\"d\": 2, \"e\": []}",
            "      ],",
            "      \"f\": {\"g\": 1}",
            "    }",
            "  ],",
            "  \"h\": {",
            "    \"i\": []",
            "  }",
            "}",
        ];
        assert_eq!(text.lines().map(str::trim_end).collect::<Vec<_>>(), lines.map(str::trim_end));
    }
}
