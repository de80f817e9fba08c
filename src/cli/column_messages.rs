//! Rows of a table in the column format of the API.

use std::collections::HashMap;
use std::ops::Range;

use sweetspot_core::{
    AccountReviews, AccountTable, Column, ColumnData, ColumnMetadata, NullableLists, NullableVec, ReviewField,
};
use sweetspot_proto::v1::{self, DateColumn, DictionaryColumn, DictionaryListColumn, DoubleColumn, FlagColumn, column};

use crate::messages::review_fields::wire_review_field;

/// Converts these rows of a table, with dictionaries that contain only the texts in use.
pub(crate) fn wire_table(table: &AccountTable, rows: Range<usize>) -> v1::AccountTable {
    let account_ids = rows.clone().filter_map(|row| table.ids().get(row)).map(str::to_owned).collect();
    let columns = table.columns().iter();
    let columns = columns.map(|column| wire_column(column, table.metadata(&column.name), rows.clone())).collect();
    v1::AccountTable { account_ids, columns }
}

/// Converts these rows of the review columns.
pub(crate) fn wire_review(review: &AccountReviews, rows: &Range<usize>) -> Vec<v1::ReviewColumn> {
    let column = |(field, values): (ReviewField, &ColumnData)| {
        let values = Some(wire_values(String::new(), values, rows.clone()));
        v1::ReviewColumn { field: wire_review_field(field).into(), quarter: field.quarter(), values }
    };
    review.columns().map(column).collect()
}

fn wire_column(column: &Column, metadata: Option<&ColumnMetadata>, rows: Range<usize>) -> v1::Column {
    let ColumnMetadata { format, label, unit, is_changeable, is_binned } = metadata.cloned().unwrap_or_default();
    let (decimal, date_order) = format.keys();
    let values = wire_values(column.name.clone(), &column.data, rows);
    v1::Column { decimal, date_order, label, unit, is_changeable, is_binned, ..values }
}

fn wire_values(name: String, values: &ColumnData, rows: Range<usize>) -> v1::Column {
    let (present, data) = match values {
        ColumnData::Numbers(values) => {
            let (present, values) = split_presence(values.range(rows));
            (present, column::Data::Numbers(DoubleColumn { values }))
        }
        ColumnData::Flags(values) => {
            let (present, values) = split_presence(values.range(rows));
            (present, column::Data::Flags(FlagColumn { values }))
        }
        ColumnData::Dates(values) => {
            let (present, days) = split_presence(values.range(rows).map(|date| date.map(|date| date.days)));
            (present, column::Data::Dates(DateColumn { days }))
        }
        ColumnData::Categories { dictionary, codes } => texts(dictionary, codes, rows),
        ColumnData::Lists { dictionary, rows: lists } => text_lists(dictionary, lists, rows),
    };
    v1::Column { name, validity: validity(&present), data: Some(data), ..v1::Column::default() }
}

/// Returns which values are present, and all values, with a default in place of each absent one.
fn split_presence<T: Default>(values: impl Iterator<Item = Option<T>>) -> (Vec<bool>, Vec<T>) {
    values.map(|value| (value.is_some(), value.unwrap_or_default())).unzip()
}

fn texts(dictionary: &[String], codes: &NullableVec<u32>, rows: Range<usize>) -> (Vec<bool>, column::Data) {
    let mut used = UsedDictionary::new(dictionary);
    let (present, codes) = split_presence(codes.range(rows).map(|code| code.and_then(|code| used.used_code(code))));
    (present, column::Data::Texts(DictionaryColumn { dictionary: used.texts, codes }))
}

fn text_lists(dictionary: &[String], lists: &NullableLists, rows: Range<usize>) -> (Vec<bool>, column::Data) {
    let mut used = UsedDictionary::new(dictionary);
    let mut codes = Vec::new();
    let mut offsets = vec![0];
    let mut present = Vec::with_capacity(rows.len());
    for list in lists.range(rows) {
        present.push(list.is_some());
        codes.extend(list.into_iter().flatten().filter_map(|code| used.used_code(*code)));
        offsets.push(codes.len() as u32);
    }
    (present, column::Data::TextLists(DictionaryListColumn { dictionary: used.texts, codes, offsets }))
}

/// The texts in use so far, in the order of their first use.
struct UsedDictionary<'a> {
    source: &'a [String],
    codes: HashMap<u32, u32>,
    texts: Vec<String>,
}

impl<'a> UsedDictionary<'a> {
    fn new(all: &'a [String]) -> Self {
        Self { source: all, codes: HashMap::new(), texts: Vec::new() }
    }

    fn used_code(&mut self, old: u32) -> Option<u32> {
        if let Some(code) = self.codes.get(&old) {
            return Some(*code);
        }
        let text = self.source.get(old as usize)?;
        let code = self.texts.len() as u32;
        self.texts.push(text.clone());
        self.codes.insert(old, code);
        Some(code)
    }
}

/// Returns one bit per row, the least significant first; empty if every row is present.
fn validity(present: &[bool]) -> Vec<u8> {
    if present.iter().all(|present| *present) {
        return Vec::new();
    }
    let byte = |rows: &[bool]| rows.iter().rev().fold(0_u8, |byte, present| (byte << 1) | u8::from(*present));
    present.chunks(8).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(data: ColumnData, rows: Range<usize>) -> (Vec<u8>, column::Data) {
        let wire = wire_column(&Column { name: "a".into(), data }, None, rows);
        (wire.validity, wire.data.unwrap())
    }

    #[test]
    fn validity_bits_start_with_the_least_significant() {
        assert_eq!(validity(&[true, false, true]), [0b101]);
        assert_eq!(validity(&[false, true, true, true, true, true, true, true, true]), [0b1111_1110, 1]);
        assert_eq!(validity(&[true; 9]), Vec::<u8>::new());
        assert_eq!(validity(&[]), Vec::<u8>::new());
    }

    #[test]
    fn a_part_of_a_table_carries_only_the_texts_it_uses() {
        let dictionary = vec!["x".to_owned(), "y".to_owned(), "z".to_owned()];
        let categories = ColumnData::Categories {
            dictionary: dictionary.clone(),
            codes: vec![Some(0), Some(2), None, Some(2)].into(),
        };
        let (bits, wire) = data(categories, 1..4);
        assert_eq!(bits, [0b101]);
        assert_eq!(wire, column::Data::Texts(DictionaryColumn { dictionary: vec!["z".into()], codes: vec![0, 0, 0] }));
        let lists = ColumnData::Lists { dictionary, rows: vec![Some(vec![1, 2]), None, Some(vec![])].into() };
        let (bits, wire) = data(lists, 0..3);
        assert_eq!(bits, [0b101]);
        let dictionary = vec!["y".to_owned(), "z".to_owned()];
        let expected = DictionaryListColumn { dictionary, codes: vec![0, 1], offsets: vec![0, 2, 2, 2] };
        assert_eq!(wire, column::Data::TextLists(expected));
    }

    #[test]
    fn every_review_field_has_its_own_wire_field() {
        let mut review = AccountReviews::default();
        for field in ReviewField::ALL.into_iter().chain([ReviewField::Spend(3)]) {
            review.set(field, ColumnData::Numbers(NullableVec::default()));
        }
        let wire = wire_review(&review, &(0..0));
        let fields: Vec<i32> = wire.iter().map(|column| column.field).collect();
        assert_eq!(fields, (1..=30).collect::<Vec<i32>>());
        assert_eq!(wire.last().unwrap().quarter, 3);
    }

    #[test]
    fn missing_values_are_sent_as_defaults() {
        let (bits, wire) = data(ColumnData::Numbers(vec![Some(1.5), None].into()), 0..2);
        assert_eq!((bits, wire), (vec![1], column::Data::Numbers(DoubleColumn { values: vec![1.5, 0.0] })));
        let (bits, wire) = data(ColumnData::Flags(vec![Some(true), Some(false)].into()), 0..2);
        assert_eq!((bits, wire), (vec![], column::Data::Flags(FlagColumn { values: vec![true, false] })));
    }
}
