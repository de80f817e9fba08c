//! The records of JSON Lines: one object per line, whose keys are the columns.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::io::{self, BufRead as _, BufReader};

use csv::StringRecord;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::delimited_text::BoundedText;
use super::record::ReadStep;
use super::reject::RowProblem;
use crate::limits::MAX_COLUMNS;
use crate::list_cells::list_cell;
use crate::quoted_list::quoted_list;

/// The limits on the lines, and on their bytes, that are read to find the keys.
const MAX_SAMPLE_LINES: usize = 1_000;
const MAX_SAMPLE_BYTES: u64 = 4 << 20;
/// The maximum number of late keys named in a message.
const MAX_LATE_KEYS: usize = 100;

/// A line that was read to find the keys: its number, and its cells with their column indices.
type SampledLine = (u64, Result<Vec<(usize, String)>, RowProblem>);

/// Reads objects. A key of a nested object is joined with a dot: `address.city`.
pub(super) struct JsonLines {
    lines: BufReader<BoundedText>,
    line: u64,
    columns: Vec<String>,
    places: HashMap<String, usize>,
    sample: VecDeque<SampledLine>,
    /// Keys that are not in the sample, each with the first line that has it.
    late_lines: BTreeMap<String, u64>,
}

impl JsonLines {
    /// Reads the first lines to find the keys.
    pub(super) fn open(text: BoundedText) -> io::Result<Self> {
        let mut records = Self {
            lines: BufReader::with_capacity(1 << 16, text),
            line: 0,
            columns: Vec::new(),
            places: HashMap::new(),
            sample: VecDeque::new(),
            late_lines: BTreeMap::new(),
        };
        let mut bytes = 0;
        let mut line = Vec::new();
        while records.sample.len() < MAX_SAMPLE_LINES && bytes < MAX_SAMPLE_BYTES && records.next_line(&mut line)? {
            bytes += line.len() as u64;
            let cells = object(&line).map(|cells| records.sampled_cells(cells));
            records.sample.push_back((records.line, cells));
        }
        Ok(records)
    }

    /// Returns the keys in order of first occurrence.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Reads the next object.
    pub(super) fn read(&mut self, record: &mut StringRecord) -> io::Result<ReadStep> {
        let (line, cells) = if let Some(sampled) = self.sample.pop_front() {
            sampled
        } else {
            let mut text = Vec::new();
            if !self.next_line(&mut text)? {
                return Ok(ReadStep::End);
            }
            (self.line, object(&text).map(|cells| self.known_cells(cells)))
        };
        match cells {
            Ok(cells) => {
                fill(record, cells, self.columns.len());
                Ok(ReadStep::Record(line))
            }
            Err(problem) => Ok(ReadStep::Broken(line, problem)),
        }
    }

    /// Returns the number of the next line, starting at 1.
    pub(super) fn line(&self) -> u64 {
        self.sample.front().map_or(self.line + 1, |(line, _)| *line)
    }

    /// Returns a phrase on keys that occurred too late to be columns.
    pub(super) fn late_keys(&self) -> Option<String> {
        let first = self.late_lines.values().min()?;
        let keys = quoted_list(self.late_lines.keys().map(String::as_str), 5);
        Some(format!(
            "keys that first appear in line {first} or later are not read ({keys}): put an object with every key first"
        ))
    }

    /// Reads the next line that is not blank. Returns `false` at the end.
    fn next_line(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            line.clear();
            self.lines.get_mut().next_row();
            if self.lines.read_until(b'\n', line)? == 0 {
                return Ok(false);
            }
            self.line += 1;
            if !line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// Returns the cells of a line with their column indices, adding columns for new keys.
    fn sampled_cells(&mut self, cells: Vec<(String, String)>) -> Vec<(usize, String)> {
        for (key, _) in &cells {
            // One column too many shows that the limit is exceeded.
            if !self.places.contains_key(key) && self.columns.len() <= MAX_COLUMNS {
                self.places.insert(key.clone(), self.columns.len());
                self.columns.push(key.clone());
            }
        }
        self.known_cells(cells)
    }

    fn known_cells(&mut self, cells: Vec<(String, String)>) -> Vec<(usize, String)> {
        let mut known = Vec::with_capacity(cells.len());
        for (key, text) in cells {
            if let Some(place) = self.places.get(&key) {
                known.push((*place, text));
            } else if !text.is_empty() && self.late_lines.len() < MAX_LATE_KEYS {
                self.late_lines.entry(key).or_insert(self.line);
            }
        }
        known
    }
}

fn fill(record: &mut StringRecord, mut cells: Vec<(usize, String)>, width: usize) {
    cells.sort_by_key(|(place, _)| *place);
    record.clear();
    let mut cells = cells.into_iter().peekable();
    for place in 0..width {
        let mut text = String::new();
        // If a key occurs twice, the last one wins, as in most programs.
        while let Some((_, later)) = cells.next_if(|(cell, _)| *cell == place) {
            text = later;
        }
        record.push_field(&text);
    }
}

/// Returns the cells of a line, each with its key.
fn object(line: &[u8]) -> Result<Vec<(String, String)>, RowProblem> {
    let KeyedValues(values) = serde_json::from_slice(line).map_err(|error| {
        RowProblem::new("NOT_JSON", format!("the line is not a JSON object ({error}): write one object a line"))
    })?;
    let mut cells = Vec::with_capacity(values.len());
    for (key, value) in values {
        flatten(key, value, &mut cells);
    }
    Ok(cells)
}

/// The values of an object with their keys, in order.
struct KeyedValues(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for KeyedValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeyedValuesVisitor)
    }
}

struct KeyedValuesVisitor;

impl<'de> Visitor<'de> for KeyedValuesVisitor {
    type Value = KeyedValues;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<KeyedValues, M::Error> {
        let mut values = Vec::new();
        while let Some(value) = map.next_entry()? {
            values.push(value);
        }
        Ok(KeyedValues(values))
    }
}

/// The parser limits the depth.
fn flatten(key: String, value: Value, cells: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (inner, value) in object {
                flatten(format!("{key}.{inner}"), value, cells);
            }
        }
        Value::Array(values) => {
            let is_plain = values.iter().all(|value| !value.is_array() && !value.is_object());
            let text = if is_plain {
                list_cell(&values.into_iter().map(scalar).filter(|text| !text.is_empty()).collect::<Vec<_>>())
            } else {
                Value::Array(values).to_string()
            };
            cells.push((key, text));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => cells.push((key, scalar(value))),
    }
}

fn scalar(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::bounded_reader::BoundedReader;

    /// The cells of a row, or the reason for its rejection.
    type LineCells = Result<Vec<String>, &'static str>;

    fn read(text: &str) -> (Vec<String>, Vec<LineCells>, Option<String>) {
        let text: Box<dyn io::Read + Send> = Box::new(io::Cursor::new(text.as_bytes().to_vec()));
        let mut records = JsonLines::open(BoundedReader::new(text, 1 << 20, None)).unwrap();
        let mut record = StringRecord::new();
        let mut rows = Vec::new();
        loop {
            match records.read(&mut record).unwrap() {
                ReadStep::Record(_) => rows.push(Ok(record.iter().map(str::to_owned).collect())),
                ReadStep::Broken(_, problem) => rows.push(Err(problem.reason)),
                ReadStep::End => return (records.columns().to_vec(), rows, records.late_keys()),
            }
        }
    }

    #[test]
    fn objects_are_rows_and_keys_columns() {
        let (columns, rows, late) = read(
            "{\"id\": \"007\", \"size\": 12.50, \"open\": true}\n\n{\"size\": null, \"tags\": [\"a\", 1, null], \"at\": {\"city\": \"Köln\"}, \"id\": 8}\n",
        );
        let rows: Vec<_> = rows.into_iter().map(|row| row.unwrap().join("|")).collect();
        assert_eq!(columns, ["id", "size", "open", "tags", "at.city"]);
        assert_eq!(rows, ["007|12.5|true||", "8|||a; 1|Köln"]);
        assert_eq!(late, None);
    }

    #[test]
    fn a_line_that_is_no_object_costs_itself() {
        let (_, rows, _) = read("{\"a\": 1}\n{\"a\": \n[1]\n{\"a\": 2, \"a\": 3}\n");
        let expected = [Ok("1"), Err("NOT_JSON"), Err("NOT_JSON"), Ok("3")];
        assert_eq!(rows, expected.map(|row| row.map(|text| vec![text.to_owned()])));
    }

    #[test]
    fn keys_that_come_late_are_named() {
        let text = "{\"a\": 1}\n".repeat(MAX_SAMPLE_LINES) + "{\"a\": 2, \"b\": 3}\n";
        let (columns, rows, late) = read(&text);
        assert_eq!((columns.len(), rows.len()), (1, MAX_SAMPLE_LINES + 1));
        assert!(late.unwrap().contains("line 1001 or later are not read (\"b\")"));
    }
}
