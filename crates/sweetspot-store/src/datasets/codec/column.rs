//! The stored form of columns, one per attribute.

use sweetspot_core::{Column, ColumnData, ColumnMetadata, Date, NullableLists, NullableVec, TextFormat};

use super::normalize_zero;
use crate::stored::customer_column::Data;
use crate::stored::{self};

/// Encodes a column with its metadata, if any.
pub(super) fn encode(column: &Column, metadata: Option<&ColumnMetadata>) -> stored::CustomerColumn {
    let Column { name, data } = column;
    let (present, data) = match data {
        ColumnData::Numbers(values) => {
            (values.bitmap(), Data::Numbers(stored::Numbers { values: values.dense().map(normalize_zero).collect() }))
        }
        ColumnData::Categories { dictionary, codes } => {
            let categories = stored::Categories { dictionary: dictionary.clone(), codes: codes.dense().collect() };
            (codes.bitmap(), Data::Categories(categories))
        }
        ColumnData::Flags(values) => (values.bitmap(), Data::Flags(stored::Flags { values: values.dense().collect() })),
        ColumnData::Lists { dictionary, rows } => {
            let lengths: NullableVec<u32> = rows.iter().map(|codes| codes.map(|codes| codes.len() as u32)).collect();
            let (dictionary, codes) = (dictionary.clone(), rows.codes().to_vec());
            let lists = stored::Lists { dictionary, lengths: lengths.dense().collect(), codes };
            (lengths.bitmap(), Data::Lists(lists))
        }
        ColumnData::Dates(values) => {
            let days = values.dense().map(|date| date.days).collect();
            (values.bitmap(), Data::Dates(stored::Dates { days }))
        }
    };
    let ColumnMetadata { format, label, unit, is_changeable, is_binned } = metadata.cloned().unwrap_or_default();
    let (decimal, date_order) = format.keys();
    let data = Some(data);
    stored::CustomerColumn {
        name: name.clone(),
        present,
        data,
        decimal,
        date_order,
        label,
        unit,
        is_changeable,
        is_binned,
    }
}

/// Decodes a column and its metadata. Returns `None` if its parts are inconsistent.
pub(super) fn decode(column: stored::CustomerColumn) -> Option<(Column, ColumnMetadata)> {
    let stored::CustomerColumn { name, present, data, decimal, date_order, label, unit, is_changeable, is_binned } =
        column;
    let data = match data? {
        Data::Numbers(stored::Numbers { values }) => ColumnData::Numbers(NullableVec::from_dense(values, present)?),
        Data::Categories(stored::Categories { dictionary, codes }) => {
            ColumnData::Categories { dictionary, codes: NullableVec::from_dense(codes, present)? }
        }
        Data::Flags(stored::Flags { values }) => ColumnData::Flags(NullableVec::from_dense(values, present)?),
        Data::Lists(stored::Lists { dictionary, lengths, codes }) => {
            ColumnData::Lists { dictionary, rows: lists(&NullableVec::from_dense(lengths, present)?, &codes)? }
        }
        Data::Dates(stored::Dates { days }) => {
            let dates = days.into_iter().map(|days| Date { days }).collect();
            ColumnData::Dates(NullableVec::from_dense(dates, present)?)
        }
    };
    let format = TextFormat::from_keys(&decimal, &date_order);
    Some((Column { name, data }, ColumnMetadata { format, label, unit, is_changeable, is_binned }))
}

/// Splits the concatenated codes into one list per row.
fn lists(lengths: &NullableVec<u32>, mut codes: &[u32]) -> Option<NullableLists> {
    let mut rows = NullableLists::default();
    for length in lengths.iter() {
        let list = length.map(|length| codes.split_at_checked(length as usize));
        rows.push(match list {
            None => None,
            Some(split) => {
                let (list, rest) = split?;
                codes = rest;
                Some(list.iter().copied())
            }
        });
    }
    codes.is_empty().then_some(rows)
}
