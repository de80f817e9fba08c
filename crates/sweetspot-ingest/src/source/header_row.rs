//! Finds the row that names the columns: reports have titles and filters above it, and workbooks have blank rows and
//! group headings.

use std::collections::{BTreeMap, HashSet};

use csv::StringRecord;
use sweetspot_core::{parse_date, parse_number};

use super::record::{cell_text, extent};
use super::reject::RowProblem;
use crate::word_lists::is_missing_marker;

/// The maximum number of records to examine.
pub(super) const MAX_SAMPLE: usize = 100;

/// A record that was read before the header was found.
#[derive(Clone, Debug, Default)]
pub(super) struct SampledRecord {
    /// Its line in a text file, or its row in a sheet.
    pub(super) line: u64,
    /// Its cells; empty if it cannot be read.
    pub(super) record: StringRecord,
    /// The reason why it cannot be read.
    pub(super) problem: Option<RowProblem>,
}

/// The properties that decide whether a record can be the header.
struct RecordShape {
    filled: usize,
    /// The number of cells up to the last non-empty one.
    extent: usize,
}

impl RecordShape {
    fn new(record: &StringRecord) -> Self {
        Self { filled: record.iter().filter(|text| !cell_text(text).is_empty()).count(), extent: extent(record) }
    }
}

/// Returns the index of the header in the first records of a file: the first record that is as wide as most records,
/// and has more than half of those cells filled.
///
/// # Errors
/// Returns why the header cannot be determined, as a continuation of the file name.
pub(super) fn find(sample: &[SampledRecord], setting: Option<u32>) -> Result<usize, String> {
    if let Some(row) = setting {
        let place = sample.iter().position(|sampled| sampled.line == u64::from(row));
        return place.ok_or_else(|| {
            let first: Vec<String> = sample.iter().take(5).map(|sampled| sampled.line.to_string()).collect();
            format!("has no cells in row {row}, which header_row names; its first rows are {}", first.join(", "))
        });
    }
    let shapes: Vec<RecordShape> = sample.iter().map(|sampled| RecordShape::new(&sampled.record)).collect();
    let extent = usual_extent(&shapes);
    let reaches = |shape: &RecordShape| shape.extent >= extent && shape.filled * 2 > extent;
    let Some((first, first_shape)) = sample.first().zip(shapes.first()) else { return Ok(0) };
    if extent < 2 || reaches(first_shape) {
        return if extent >= 2 && is_data(sample) {
            Err("has no header: its first row has numbers where the rows below have them, so it names no columns; \
                 put a line with the names of the columns first, or set header_row in the mapping"
                .to_owned())
        } else {
            Ok(0)
        };
    }
    let found = shapes.iter().position(reaches);
    let found = found.and_then(|place| sample.get(place..)?.split_first().map(|(header, rows)| (place, header, rows)));
    let can_be_first = (first_shape.filled * 2 > extent || is_as_wide_as_most(&shapes)) && names_columns(&first.record);
    match found.map(|(place, header, rows)| (place, header, is_above_values(header, rows))) {
        // Some columns have no names, or some rows have too many cells.
        Some((_, _, false)) | None if can_be_first => Ok(0),
        Some((place, header, _)) if names_columns(&header.record) => Ok(place),
        Some((_, header, _)) => Err(format!(
            "has no clear header row: row {} is narrower than the rows below, and row {} has numbers or repeats a \
             text; set header_row in the mapping to the row with the names of the columns",
            first.line, header.line
        )),
        None => Err(format!(
            "has no clear header row: no row from {} to {} is as wide as the rows below; set header_row in the \
             mapping to the row with the names of the columns",
            first.line,
            sample.last().map_or(first.line, |last| last.line)
        )),
    }
}

/// Returns whether the first record has at least three cells without a gap, and at most half of the records below are
/// wider.
fn is_as_wide_as_most(shapes: &[RecordShape]) -> bool {
    let Some((first, rows)) = shapes.split_first() else { return false };
    let rows = || rows.iter().filter(|row| row.filled >= 2);
    let wider = rows().filter(|row| row.extent > first.extent).count();
    first.filled >= 3 && first.filled == first.extent && wider * 2 <= rows().count()
}

/// Returns the most frequent extent of at least two; the largest one on a tie.
fn usual_extent(shapes: &[RecordShape]) -> usize {
    let mut counts = BTreeMap::new();
    for shape in shapes.iter().filter(|shape| shape.filled >= 2) {
        *counts.entry(shape.extent).or_insert(0_usize) += 1;
    }
    counts.into_iter().max_by_key(|(extent, count)| (*count, *extent)).map_or(0, |(extent, _)| extent)
}

/// Returns whether the record has texts above columns of numbers or dates.
fn is_above_values(header: &SampledRecord, rows: &[SampledRecord]) -> bool {
    let columns = value_columns(rows, header.record.len());
    let is_name = |column: &usize| header.record.get(*column).map(cell_text).is_some_and(|text| !is_value(text));
    !columns.is_empty() && columns.iter().all(is_name)
}

/// Returns whether the cells can be column names: distinct texts.
fn names_columns(record: &StringRecord) -> bool {
    let mut seen = HashSet::new();
    record.iter().map(cell_text).filter(|text| !text.is_empty()).all(|text| !is_value(text) && seen.insert(text))
}

/// Returns whether the text is a number or a date instead of a name.
pub(super) fn is_value(text: &str) -> bool {
    parse_number(text).is_some() || parse_date(text).is_some()
}

/// Returns whether the first record is a data row: it has a number in every column of numbers, and a date in every
/// column of dates. Years and consecutive numbers can be names.
fn is_data(sample: &[SampledRecord]) -> bool {
    let Some((first, rows)) = sample.split_first() else { return false };
    let columns = value_columns(rows, first.record.len());
    let names: Vec<&str> = columns.iter().filter_map(|column| first.record.get(*column)).map(cell_text).collect();
    let examples = columns.iter().map(|column| {
        rows.iter().filter_map(|row| row.record.get(*column)).map(cell_text).find(|text| !text.is_empty())
    });
    let is_alike = names.iter().zip(examples).all(|(name, example)| {
        example.is_some_and(|example| {
            (parse_number(name).is_some() && parse_number(example).is_some())
                || (parse_date(name).is_some() && parse_date(example).is_some())
        })
    });
    let numbers: Vec<f64> = names.iter().filter_map(|name| parse_number(name)).collect();
    let is_small =
        numbers.first().is_some_and(|first| (0.0..100.0).contains(first) || (1900.0..2101.0).contains(first));
    let counts_up = numbers.windows(2).all(|pair| matches!(pair, [a, b] if a + 1.0 == *b));
    !names.is_empty() && is_alike && !(is_small && counts_up && numbers.len() == names.len())
}

/// Returns whether the first of these rows is a second header with descriptions or units: there are at least two
/// columns that otherwise contain only numbers or dates, and it has a text in each of them.
pub(super) fn is_second_header(rows: &[SampledRecord], width: usize) -> bool {
    let Some((first, rows)) = rows.split_first() else { return false };
    let columns = value_columns(rows, width);
    let is_name = |column: &usize| {
        let text = first.record.get(*column).map_or("", cell_text);
        !text.is_empty() && !is_value(text) && !is_missing_marker(text)
    };
    columns.len() >= 2 && columns.iter().all(is_name)
}

/// Returns the columns that contain only numbers or dates, in at least five rows.
pub(super) fn value_columns(rows: &[SampledRecord], width: usize) -> Vec<usize> {
    let holds_values = |column: &usize| {
        let cells =
            rows.iter().filter_map(|row| row.record.get(*column)).map(cell_text).filter(|text| !text.is_empty());
        let (values, others): (Vec<&str>, Vec<&str>) = cells.partition(|text| is_value(text));
        values.len() >= 5 && others.is_empty()
    };
    (0..width).filter(holds_values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(rows: &[&str]) -> Vec<SampledRecord> {
        let record = |text: &str| StringRecord::from(text.split(',').collect::<Vec<_>>());
        let sampled = |(place, text): (usize, &&str)| SampledRecord {
            line: place as u64 + 1,
            record: record(text),
            problem: None,
        };
        rows.iter().enumerate().map(sampled).collect()
    }

    fn find_in_rows(rows: &[&str]) -> Result<usize, String> {
        find(&sample(rows), None)
    }

    #[test]
    fn titles_above_the_header_are_passed_over() {
        for (rows, place) in [
            (&["id,city,size", "1,Bern,2", "2,,3"][..], 0),
            (&["Accounts", "as of today", "id,city,size", "1,Bern,2", "2,Basel,3"], 2),
            (&["Accounts,,", "Filter:,all,", "id,city,size", "1,Bern,2", "2,Basel,3"], 2),
            (&["Company,,,Deal,", "id,city,size,stage,amount", "1,Bern,2,won,5", "2,Basel,3,lost,"], 1),
            (&[",city,size", "1,Bern,2", "2,,3"], 0),
            (&["id,city,", "1,Bern,2", "2,Basel,3"], 0),
            (&["id", "a", "b"], 0),
            (&["id,city,size", "a,b,c,d"], 0),
            (&["id,city,size", "1,a,", "2,b,5", "1,x,x,x,x,x,x,x", "1,y,y,y,y,y,y,y"], 0),
            (&["Company,Size,", "id,size,city", "1,3,a", "2,3,b", "3,3,c", "4,3,d", "5,3,e"], 1),
            (&["id,2021,2022", "1,5,6", "2,5,6", "3,5,6", "4,5,6", "5,5,6"], 0),
            (&["id,note,size,city,x,y", "1,,,,", "2,,,,", "3,a,4,Bern,,"], 0),
        ] {
            assert_eq!(find_in_rows(rows), Ok(place), "{rows:?}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_reported_is_refused() {
        for (rows, words) in [
            (&["Accounts", "1,Bern,2", "2,Basel,3"][..], "set header_row"),
            (&["a,b", "1,Bern,2,3,4", "2,Basel,3,4,5"], "set header_row"),
            (&["1,Bern,234", "2,Basel,345", "3,Bern,456", "4,Bern,56", "5,Bern,67", "6,Bern,78"], "has no header"),
        ] {
            let error = find_in_rows(rows).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_header_row_setting_overrides_detection() {
        let rows = sample(&["x,y,z", "id,city,size", "1,Bern,2"]);
        assert_eq!(find(&rows, Some(2)), Ok(1));
        assert!(find(&rows, Some(9)).unwrap_err().contains("no cells in row 9"));
    }

    #[test]
    fn units_below_the_header_are_a_second_one() {
        let mut rows = vec!["name,people,EUR"];
        rows.extend(["a,1,2"; 6]);
        assert!(is_second_header(&sample(&rows), 3));
        rows[0] = "b,unknown,n/a";
        assert!(!is_second_header(&sample(&rows), 3));
        rows[0] = "b,3,";
        assert!(!is_second_header(&sample(&rows), 3));
    }
}
