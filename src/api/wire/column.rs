//! A column of a table in wire format.

use prost::encoding::decode_varint;
use sweetspot_core::{Date, ValueRef};

use super::field_numbers::{
    column, date_column, dictionary_column, dictionary_list_column, double_column, flag_column,
};
use super::fields::{WireField, WireFields};
use super::row::{NeedsFallback, read_text};
use crate::api::convert::attribute_value::is_usable_name;
use crate::api::limits::{MAX_LIST_ITEMS, MAX_TEXT_BYTES};

/// One attribute of all accounts.
#[derive(Debug)]
pub(in crate::api) struct WireColumn<'a> {
    pub(in crate::api) name: &'a str,
    /// One bit per row, least significant first; empty if every row has a value.
    validity: &'a [u8],
    pub(in crate::api) data: WireData<'a>,
}

/// The values, one per row.
#[derive(Debug)]
pub(in crate::api) enum WireData<'a> {
    /// Eight bytes each.
    Numbers(&'a [u8]),
    /// One byte each.
    Flags(&'a [u8]),
    Dates(Vec<i32>),
    Texts {
        dictionary: Vec<&'a str>,
        codes: Vec<u32>,
    },
    /// Row `i` has the codes from `offsets[i]` to `offsets[i + 1]`.
    Lists {
        dictionary: Vec<&'a str>,
        codes: Vec<u32>,
        offsets: Vec<u32>,
    },
}

impl<'a> WireColumn<'a> {
    /// Reads a `Column`.
    ///
    /// # Errors
    /// If anything is unusual.
    pub(super) fn read(message: &'a [u8]) -> Result<Self, NeedsFallback> {
        let (mut name, mut validity, mut data) = ("", &[][..], None);
        let mut fields = WireFields::new(message);
        while let Some((number, field)) = fields.next().map_err(|_| NeedsFallback)? {
            match (number, field) {
                (column::NAME, WireField::Bytes(bytes)) => {
                    name = std::str::from_utf8(bytes).map_err(|_| NeedsFallback)?;
                }
                (column::VALIDITY, WireField::Bytes(bytes)) => validity = bytes,
                // Text formats are checked on the slow path only.
                (
                    column::DECIMAL
                    | column::DATE_ORDER
                    | column::LABEL
                    | column::UNIT
                    | column::IS_CHANGEABLE
                    | column::IS_BINNED,
                    _,
                ) => return Err(NeedsFallback),
                (_, WireField::Bytes(bytes)) if data.is_none() => data = Some(WireData::read(number, bytes)?),
                _ => return Err(NeedsFallback),
            }
        }
        if is_usable_name(name) {
            Ok(Self { name, validity, data: data.ok_or(NeedsFallback)? })
        } else {
            Err(NeedsFallback)
        }
    }

    /// Whether a row has a value.
    pub(in crate::api) fn is_present(&self, row: usize) -> bool {
        self.validity.is_empty() || self.validity.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    }

    /// The value of a row that has one.
    pub(in crate::api) fn value(&self, row: usize) -> Option<ValueRef<'a>> {
        match &self.data {
            WireData::Numbers(_) => self.data.number(row).map(ValueRef::Number),
            WireData::Flags(flags) => flags.get(row).map(|flag| ValueRef::Flag(*flag != 0)),
            WireData::Dates(days) => days.get(row).map(|days| ValueRef::Date(Date { days: *days })),
            WireData::Texts { dictionary, codes } => {
                dictionary.get(*codes.get(row)? as usize).map(|text| ValueRef::Text(text))
            }
            WireData::Lists { dictionary, .. } => {
                let items = self.list_codes(row)?.iter().map(|code| dictionary.get(*code as usize).copied());
                items.collect::<Option<_>>().map(ValueRef::List)
            }
        }
    }

    /// The codes of a row in a column of lists.
    pub(in crate::api) fn list_codes(&self, row: usize) -> Option<&[u32]> {
        let WireData::Lists { codes, offsets, .. } = &self.data else { return None };
        codes.get(*offsets.get(row)? as usize..*offsets.get(row + 1)? as usize)
    }

    /// Whether every value that is present in this number of rows is valid.
    pub(super) fn is_valid(&self, rows: usize) -> bool {
        let has_valid_bitmap = self.validity.is_empty() || self.validity.len() == rows.div_ceil(8);
        let usable = match &self.data {
            WireData::Numbers(bytes) => {
                let finite = |row| self.data.number(row).is_some_and(f64::is_finite);
                bytes.len() == rows * 8 && (0..rows).all(|row| finite(row) || !self.is_present(row))
            }
            WireData::Flags(flags) => flags.len() == rows,
            WireData::Dates(days) => days.len() == rows,
            WireData::Texts { dictionary, codes } => {
                let known = |(row, code): (usize, &u32)| (*code as usize) < dictionary.len() || !self.is_present(row);
                codes.len() == rows && codes.iter().enumerate().all(known)
            }
            WireData::Lists { dictionary, offsets, .. } => {
                let known = |code: &u32| (*code as usize) < dictionary.len();
                let usable = |items: &[u32]| items.len() <= MAX_LIST_ITEMS && items.iter().all(known);
                let short = |row| self.list_codes(row).is_some_and(usable);
                offsets.len() == rows + 1 && offsets.is_sorted() && (0..rows).all(short)
            }
        };
        has_valid_bitmap && usable
    }
}

impl<'a> WireData<'a> {
    /// Reads the field of a `Column` with this number.
    fn read(number: u32, bytes: &'a [u8]) -> Result<Self, NeedsFallback> {
        match number {
            column::NUMBERS => {
                let [values] = packed_fields(bytes, [double_column::VALUES])?;
                Ok(Self::Numbers(values))
            }
            column::FLAGS => {
                let [flags] = packed_fields(bytes, [flag_column::VALUES])?;
                if flags.iter().any(|byte| *byte >= 0x80) { Err(NeedsFallback) } else { Ok(Self::Flags(flags)) }
            }
            column::DATES => {
                let [days] = packed_fields(bytes, [date_column::DAYS])?;
                Ok(Self::Dates(varints(days)?.into_iter().map(unzigzag).collect()))
            }
            column::TEXTS => {
                use dictionary_column::{CODES, DICTIONARY};
                let (dictionary, [codes]) = dictionary_fields(bytes, Some(DICTIONARY), [CODES])?;
                Ok(Self::Texts { dictionary, codes: varints(codes)? })
            }
            column::TEXT_LISTS => {
                use dictionary_list_column::{CODES, DICTIONARY, OFFSETS};
                let (dictionary, [codes, offsets]) = dictionary_fields(bytes, Some(DICTIONARY), [CODES, OFFSETS])?;
                Ok(Self::Lists { dictionary, codes: varints(codes)?, offsets: varints(offsets)? })
            }
            _ => Err(NeedsFallback),
        }
    }

    /// The number of a row in a column of numbers.
    pub(in crate::api) fn number(&self, row: usize) -> Option<f64> {
        let Self::Numbers(bytes) = self else { return None };
        let bytes = bytes.get(row * 8..)?.first_chunk()?;
        Some(f64::from_le_bytes(*bytes))
    }
}

/// Reads a message whose fields are packed numbers, at most once each.
fn packed_fields<const N: usize>(message: &[u8], numbers: [u32; N]) -> Result<[&[u8]; N], NeedsFallback> {
    dictionary_fields(message, None, numbers).map(|(_, packed)| packed)
}

/// Reads a message with the texts of a dictionary, and fields of packed numbers, at most once each.
fn dictionary_fields<const N: usize>(
    message: &[u8],
    dictionary: Option<u32>,
    numbers: [u32; N],
) -> Result<(Vec<&str>, [&[u8]; N]), NeedsFallback> {
    let (mut texts, mut packed) = (Vec::new(), [None; N]);
    let mut fields = WireFields::new(message);
    while let Some((number, field)) = fields.next().map_err(|_| NeedsFallback)? {
        let WireField::Bytes(bytes) = field else { return Err(NeedsFallback) };
        if dictionary == Some(number) {
            texts.push(read_text(bytes, MAX_TEXT_BYTES)?);
            continue;
        }
        match packed.iter_mut().zip(numbers).find(|(_, known)| *known == number) {
            Some((values @ None, _)) => *values = Some(bytes),
            _ => return Err(NeedsFallback),
        }
    }
    Ok((texts, packed.map(Option::unwrap_or_default)))
}

/// Decodes packed integers. Most take one byte.
fn varints(mut packed: &[u8]) -> Result<Vec<u32>, NeedsFallback> {
    let mut numbers = Vec::with_capacity(packed.len());
    while let Some((byte, rest)) = packed.split_first() {
        if *byte < 0x80 {
            numbers.push(u32::from(*byte));
            packed = rest;
        } else {
            numbers.push(decode_varint(&mut packed).map_err(|_| NeedsFallback)? as u32);
        }
    }
    Ok(numbers)
}

/// Decodes a zigzag-encoded signed integer.
const fn unzigzag(folded: u32) -> i32 {
    (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed()
}
