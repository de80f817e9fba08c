//! One attribute of every account.

use super::{bitmap, one_zero};
use crate::domain::{Column, ColumnData, Date};
use crate::generated::stored::{self, customer_column::Data};

/// A column as it is kept.
pub(super) fn encode(column: &Column) -> stored::CustomerColumn {
    let Column { name, data } = column;
    let (present, data) = match data {
        ColumnData::Numbers(values) => {
            let (present, values) = bitmap::split(values);
            (present, Data::Numbers(stored::Numbers { values: values.into_iter().map(one_zero).collect() }))
        }
        ColumnData::Categories { dictionary, codes } => {
            let (present, codes) = bitmap::split(codes);
            (present, Data::Categories(stored::Categories { dictionary: dictionary.clone(), codes }))
        }
        ColumnData::Flags(values) => {
            let (present, values) = bitmap::split(values);
            (present, Data::Flags(stored::Flags { values }))
        }
        ColumnData::Lists { dictionary, rows } => {
            let lengths: Vec<_> = rows.iter().map(|row| row.as_ref().map(|codes| codes.len() as u32)).collect();
            let (present, lengths) = bitmap::split(&lengths);
            let codes = rows.iter().flatten().flatten().copied().collect();
            (present, Data::Lists(stored::Lists { dictionary: dictionary.clone(), lengths, codes }))
        }
        ColumnData::Dates(values) => {
            let days: Vec<_> = values.iter().map(|value| value.map(|date| date.days)).collect();
            let (present, days) = bitmap::split(&days);
            (present, Data::Dates(stored::Dates { days }))
        }
    };
    stored::CustomerColumn { name: name.clone(), present, data: Some(data) }
}

/// A column of `rows` rows; nothing where its parts do not fit together.
pub(super) fn decode(column: stored::CustomerColumn, rows: usize) -> Option<Column> {
    let stored::CustomerColumn { name, present, data } = column;
    let data = match data? {
        Data::Numbers(stored::Numbers { values }) => ColumnData::Numbers(bitmap::join(&present, values, rows)?),
        Data::Categories(stored::Categories { dictionary, codes }) => {
            ColumnData::Categories { dictionary, codes: bitmap::join(&present, codes, rows)? }
        }
        Data::Flags(stored::Flags { values }) => ColumnData::Flags(bitmap::join(&present, values, rows)?),
        Data::Lists(stored::Lists { dictionary, lengths, codes }) => {
            let rows = lists(&bitmap::join(&present, lengths, rows)?, &codes)?;
            ColumnData::Lists { dictionary, rows }
        }
        Data::Dates(stored::Dates { days }) => {
            let dates = days.into_iter().map(|days| Date { days }).collect();
            ColumnData::Dates(bitmap::join(&present, dates, rows)?)
        }
    };
    Some(Column { name, data })
}

/// Cuts the codes of all lists into one list a row.
fn lists(lengths: &[Option<u32>], mut codes: &[u32]) -> Option<Vec<Option<Vec<u32>>>> {
    let mut next = |length: u32| {
        let (list, rest) = codes.split_at_checked(length as usize)?;
        codes = rest;
        Some(list.to_vec())
    };
    let rows = lengths.iter().map(|length| length.map_or(Some(None), |length| next(length).map(Some)));
    let rows = rows.collect::<Option<_>>()?;
    codes.is_empty().then_some(rows)
}
