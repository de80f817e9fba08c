//! The records of JSON Lines: one object a line, its keys the columns.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::io::{self, BufRead as _, BufReader};

use csv::StringRecord;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::record::Step;
use super::reject::Problem;
use super::text::Text;
use crate::limits::MAX_COLUMNS;
use crate::suggest::listing;

/// How many lines, and how much of them, are read to find the keys.
const MAX_SAMPLE_LINES: usize = 1_000;
const MAX_SAMPLE_BYTES: u64 = 4 << 20;
/// How many keys that come too late are named.
const MAX_LATE_KEYS: usize = 100;

/// A line that was read to find the keys: its number, and its cells with their places.
type SampledLine = (u64, Result<Vec<(usize, String)>, Problem>);

/// Reads objects; a key within an object of an object is called by both: `address.city`.
pub(super) struct JsonLines {
    lines: BufReader<Text>,
    line: u64,
    columns: Vec<String>,
    places: HashMap<String, usize>,
    sample: VecDeque<SampledLine>,
    /// Keys that the sample does not have, each with the first line that does.
    late: BTreeMap<String, u64>,
}

impl JsonLines {
    /// Reads the first lines to find the keys.
    pub(super) fn open(text: Text) -> io::Result<Self> {
        let mut records = Self {
            lines: BufReader::with_capacity(1 << 16, text),
            line: 0,
            columns: Vec::new(),
            places: HashMap::new(),
            sample: VecDeque::new(),
            late: BTreeMap::new(),
        };
        let mut bytes = 0;
        let mut line = Vec::new();
        while records.sample.len() < MAX_SAMPLE_LINES && bytes < MAX_SAMPLE_BYTES && records.next_line(&mut line)? {
            bytes += line.len() as u64;
            let cells = object(&line).map(|cells| records.sampled(cells));
            records.sample.push_back((records.line, cells));
        }
        Ok(records)
    }

    /// The keys in the order in which they occur first.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The next object.
    pub(super) fn read(&mut self, record: &mut StringRecord) -> io::Result<Step> {
        let (line, cells) = if let Some(sampled) = self.sample.pop_front() {
            sampled
        } else {
            let mut text = Vec::new();
            if !self.next_line(&mut text)? {
                return Ok(Step::End);
            }
            (self.line, object(&text).map(|cells| self.known(cells)))
        };
        match cells {
            Ok(cells) => {
                fill(record, cells, self.columns.len());
                Ok(Step::Record(line))
            }
            Err(problem) => Ok(Step::Broken(line, problem)),
        }
    }

    /// The line that is read next, from 1.
    pub(super) fn line(&self) -> u64 {
        self.sample.front().map_or(self.line + 1, |(line, _)| *line)
    }

    /// What to say of keys that came too late to be columns.
    pub(super) fn late_keys(&self) -> Option<String> {
        let first = self.late.values().min()?;
        let keys = listing(self.late.keys().map(String::as_str), 5);
        Some(format!(
            "keys that first appear in line {first} or later are not read ({keys}): put an object with every key first"
        ))
    }

    /// Reads a line that is not blank; false at the end.
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

    /// The places of the cells of a line that adds to the columns.
    fn sampled(&mut self, cells: Vec<(String, String)>) -> Vec<(usize, String)> {
        for (key, _) in &cells {
            // One too many shows that they are.
            if !self.places.contains_key(key) && self.columns.len() <= MAX_COLUMNS {
                self.places.insert(key.clone(), self.columns.len());
                self.columns.push(key.clone());
            }
        }
        self.known(cells)
    }

    fn known(&mut self, cells: Vec<(String, String)>) -> Vec<(usize, String)> {
        let mut known = Vec::with_capacity(cells.len());
        for (key, text) in cells {
            if let Some(place) = self.places.get(&key) {
                known.push((*place, text));
            } else if !text.is_empty() && self.late.len() < MAX_LATE_KEYS {
                self.late.entry(key).or_insert(self.line);
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
        // Of a key that is there twice, the last, as programs read it.
        while let Some((_, later)) = cells.next_if(|(cell, _)| *cell == place) {
            text = later;
        }
        record.push_field(&text);
    }
}

/// The cells of a line, each with its key.
fn object(line: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    let Keyed(values) = serde_json::from_slice(line).map_err(|error| {
        Problem::new("NOT_JSON", format!("the line is not a JSON object ({error}): write one object a line"))
    })?;
    let mut cells = Vec::with_capacity(values.len());
    for (key, value) in values {
        flatten(key, value, &mut cells);
    }
    Ok(cells)
}

/// The values of an object with their keys, in their order.
struct Keyed(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Keyed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeyedVisitor)
    }
}

struct KeyedVisitor;

impl<'de> Visitor<'de> for KeyedVisitor {
    type Value = Keyed;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Keyed, M::Error> {
        let mut values = Vec::new();
        while let Some(value) = map.next_entry()? {
            values.push(value);
        }
        Ok(Keyed(values))
    }
}

/// Depth is bounded by the parser.
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
                values.into_iter().map(scalar).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
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
    use crate::source::metered::Metered;

    /// The cells of a row, or why it is rejected.
    type Row = Result<Vec<String>, &'static str>;

    fn read(text: &str) -> (Vec<String>, Vec<Row>, Option<String>) {
        let text: Box<dyn io::Read + Send> = Box::new(io::Cursor::new(text.as_bytes().to_vec()));
        let mut records = JsonLines::open(Metered::new(text, 1 << 20, None)).unwrap();
        let mut record = StringRecord::new();
        let mut rows = Vec::new();
        loop {
            match records.read(&mut record).unwrap() {
                Step::Record(_) => rows.push(Ok(record.iter().map(str::to_owned).collect())),
                Step::Broken(_, problem) => rows.push(Err(problem.reason)),
                Step::End => return (records.columns().to_vec(), rows, records.late_keys()),
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
