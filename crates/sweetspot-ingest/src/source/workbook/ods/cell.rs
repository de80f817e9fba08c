//! The value of a cell of an `OpenDocument` spreadsheet, as people type it.

use std::io::BufRead;

use jiff::SignedDuration;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{cut_short, skip};
use crate::source::workbook::book::BookError;
use crate::source::workbook::percent_cells::percent_text;
use crate::source::workbook::xml_attributes::{attribute, push_reference};

/// The maximum number of spaces for one element.
const MAX_SPACES: usize = 1_000;
/// The length of a date.
const DAY_CHARS: usize = "2026-01-31".len();

/// A cell.
#[derive(Debug, Default)]
pub(super) struct OdsCell {
    text: String,
    /// Whether the value is the displayed text.
    shows_text: bool,
    lacks_value: bool,
}

impl OdsCell {
    /// Reads a cell to the end of its element.
    ///
    /// # Errors
    /// Returns an error if the cell is damaged.
    pub(super) fn read<R: BufRead>(element: &BytesStart<'_>, xml: &mut Reader<R>) -> Result<Self, BookError> {
        let mut cell = Self::from_attributes(element)?;
        let shown = shown_text(xml)?;
        if cell.shows_text {
            cell.text = shown;
        }
        Ok(cell)
    }

    /// Reads the attributes of the element (`OpenDocument` 1.3, 19.385).
    fn from_attributes(element: &BytesStart<'_>) -> Result<Self, BookError> {
        let value = |name: &str| Ok::<_, BookError>(attribute(element, name)?.unwrap_or_default());
        let Some(kind) = attribute(element, "office:value-type")? else {
            let lacks_value = attribute(element, "table:formula")?.is_some();
            return Ok(Self { lacks_value, ..Self::default() });
        };
        if attribute(element, "calcext:value-type")?.as_deref() == Some("error") {
            return Ok(Self::default());
        }
        let text = match kind.as_str() {
            "percentage" => number(&value("office:value")?, percent_text)?,
            "float" | "currency" => number(&value("office:value")?, |number| number.to_string())?,
            "date" => value("office:date-value")?.chars().take(DAY_CHARS).collect(),
            "time" => days(&value("office:time-value")?)?,
            "boolean" => value("office:boolean-value")?.to_lowercase(),
            _ => {
                let text = attribute(element, "office:string-value")?;
                return Ok(Self { shows_text: text.is_none(), text: text.unwrap_or_default(), ..Self::default() });
            }
        };
        Ok(Self { text, ..Self::default() })
    }

    /// Returns the value of the cell.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether the cell has a formula without a stored value.
    pub(super) const fn lacks_value(&self) -> bool {
        self.lacks_value
    }

    /// Returns whether there is nothing to store for the cell.
    pub(super) fn is_empty(&self) -> bool {
        !self.lacks_value && self.text.trim().is_empty()
    }
}

/// Returns the text of the paragraphs in a cell, read to the end of its element.
fn shown_text<R: BufRead>(xml: &mut Reader<R>) -> Result<String, BookError> {
    let (mut buffer, mut shown) = (Vec::new(), String::new());
    let (mut depth, mut paragraphs) = (0_u32, 0_u32);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(BookError::broken)? {
            Event::Start(element) => match element.name().0 {
                // Comments, drawings and tables in the cell are not part of its text.
                name if name == "office:annotation" || name.starts_with("draw:") || name.starts_with("table:") => {
                    skip(xml, &element)?;
                }
                name => {
                    depth += 1;
                    paragraphs += u32::from(name == "text:p");
                    shown.push_str(&white_space(&element, paragraphs > 1)?);
                }
            },
            Event::End(_) if depth == 0 => return Ok(shown),
            Event::End(_) => depth -= 1,
            // Text between the paragraphs is layout of the file.
            Event::Text(text) if depth > 0 => shown.push_str(&text.xml10_content()),
            Event::CData(text) if depth > 0 => shown.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => push_reference(&reference, &mut shown)?,
            Event::Eof => return Err(cut_short()),
            Event::Text(_)
            | Event::CData(_)
            | Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => (),
        }
    }
}

/// Returns the white space that an element represents.
fn white_space(element: &BytesStart<'_>, is_later: bool) -> Result<String, BookError> {
    Ok(match element.name().0 {
        "text:p" if is_later => "\n".to_owned(),
        "text:line-break" => "\n".to_owned(),
        "text:tab" => "\t".to_owned(),
        "text:s" => {
            let count = attribute(element, "text:c")?.and_then(|count| count.parse().ok());
            " ".repeat(count.unwrap_or(1).min(MAX_SPACES))
        }
        _ => String::new(),
    })
}

/// Formats a number with `write`.
fn number(text: &str, write: impl Fn(f64) -> String) -> Result<String, BookError> {
    text.parse().map(write).map_err(|_| BookError::Broken(format!("a cell has the number {text:?}")))
}

/// Converts a time of day or a duration to days, as in other workbooks.
fn days(text: &str) -> Result<String, BookError> {
    let duration: SignedDuration =
        text.parse().map_err(|_| BookError::Broken(format!("a cell has the time {text:?}")))?;
    Ok((duration.as_secs_f64() / 86_400.0).to_string())
}
