//! A column of a table, as it stands on the wire.

use prost::encoding::decode_varint;
use sweetspot_core::{Date, ValueRef};

use super::fields::{Field, Fields};
use super::row::{Odd, text};
use crate::api::convert::value::usable_name;
use crate::api::limits::{LIST_ITEMS, TEXT_BYTES};

/// One attribute of every account.
#[derive(Debug)]
pub(in crate::api) struct Column<'a> {
    pub(in crate::api) name: &'a str,
    /// One bit a row, least significant first; empty where every row has a value.
    validity: &'a [u8],
    pub(in crate::api) data: Data<'a>,
}

/// The values, one a row.
#[derive(Debug)]
pub(in crate::api) enum Data<'a> {
    /// Eight bytes each.
    Numbers(&'a [u8]),
    /// One byte each.
    Flags(&'a [u8]),
    Dates(Vec<i32>),
    Texts {
        dictionary: Vec<&'a str>,
        codes: Vec<u32>,
    },
    /// Row `i` holds the codes from `offsets[i]` to `offsets[i + 1]`.
    Lists {
        dictionary: Vec<&'a str>,
        codes: Vec<u32>,
        offsets: Vec<u32>,
    },
}

impl<'a> Column<'a> {
    /// Reads a `Column`.
    ///
    /// # Errors
    /// Where anything is unusual.
    pub(super) fn read(column: &'a [u8]) -> Result<Self, Odd> {
        let (mut name, mut validity, mut data) = ("", &[][..], None);
        let mut fields = Fields::new(column);
        while let Some((number, field)) = fields.next().map_err(|_| Odd)? {
            match (number, field) {
                (1, Field::Bytes(bytes)) => name = std::str::from_utf8(bytes).map_err(|_| Odd)?,
                (2, Field::Bytes(bytes)) => validity = bytes,
                (3..=7, Field::Bytes(bytes)) if data.is_none() => data = Some(Data::read(number, bytes)?),
                _ => return Err(Odd),
            }
        }
        if usable_name(name) { Ok(Self { name, validity, data: data.ok_or(Odd)? }) } else { Err(Odd) }
    }

    /// Whether a row has a value.
    pub(in crate::api) fn is_present(&self, row: usize) -> bool {
        self.validity.is_empty() || self.validity.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    }

    /// The value of a row that has one.
    pub(in crate::api) fn value(&self, row: usize) -> Option<ValueRef<'a>> {
        match &self.data {
            Data::Numbers(_) => self.data.number(row).map(ValueRef::Number),
            Data::Flags(flags) => flags.get(row).map(|flag| ValueRef::Flag(*flag != 0)),
            Data::Dates(days) => days.get(row).map(|days| ValueRef::Date(Date { days: *days })),
            Data::Texts { dictionary, codes } => {
                dictionary.get(*codes.get(row)? as usize).map(|text| ValueRef::Text(text))
            }
            Data::Lists { dictionary, .. } => {
                let items = self.items(row)?.iter().map(|code| dictionary.get(*code as usize).copied());
                items.collect::<Option<_>>().map(ValueRef::List)
            }
        }
    }

    /// The codes of a row, in a column of lists.
    pub(in crate::api) fn items(&self, row: usize) -> Option<&[u32]> {
        let Data::Lists { codes, offsets, .. } = &self.data else { return None };
        codes.get(*offsets.get(row)? as usize..*offsets.get(row + 1)? as usize)
    }

    /// Whether there is a usable value for each of so many rows that has one.
    pub(super) fn is_sound(&self, rows: usize) -> bool {
        let whole = self.validity.is_empty() || self.validity.len() == rows.div_ceil(8);
        let usable = match &self.data {
            Data::Numbers(bytes) => {
                let finite = |row| self.data.number(row).is_some_and(f64::is_finite);
                bytes.len() == rows * 8 && (0..rows).all(|row| finite(row) || !self.is_present(row))
            }
            Data::Flags(flags) => flags.len() == rows,
            Data::Dates(days) => days.len() == rows,
            Data::Texts { dictionary, codes } => {
                let known = |(row, code): (usize, &u32)| (*code as usize) < dictionary.len() || !self.is_present(row);
                codes.len() == rows && codes.iter().enumerate().all(known)
            }
            Data::Lists { dictionary, offsets, .. } => {
                let known = |code: &u32| (*code as usize) < dictionary.len();
                let usable = |items: &[u32]| items.len() <= LIST_ITEMS && items.iter().all(known);
                let short = |row| self.items(row).is_some_and(usable);
                offsets.len() == rows + 1 && offsets.is_sorted() && (0..rows).all(short)
            }
        };
        whole && usable
    }
}

impl<'a> Data<'a> {
    fn read(number: u32, bytes: &'a [u8]) -> Result<Self, Odd> {
        let Parts { texts, mut packed } = Parts::read(bytes, u32::from(matches!(number, 4 | 6)))?;
        let mut next = || packed.pop().unwrap_or_default();
        let data = match number {
            3 => Self::Numbers(next()),
            5 => Self::Flags(next()),
            7 => Self::Dates(varints(next())?.into_iter().map(unzigzag).collect()),
            4 => Self::Texts { codes: varints(next())?, dictionary: texts },
            _ => {
                let offsets = varints(next())?;
                Self::Lists { codes: varints(next())?, dictionary: texts, offsets }
            }
        };
        let plain = !matches!(&data, Self::Flags(flags) if flags.iter().any(|byte| *byte >= 0x80));
        if plain && packed.is_empty() { Ok(data) } else { Err(Odd) }
    }

    /// The number of a row, in a column of numbers.
    pub(in crate::api) fn number(&self, row: usize) -> Option<f64> {
        let Self::Numbers(bytes) = self else { return None };
        let bytes = bytes.get(row * 8..)?.first_chunk()?;
        Some(f64::from_le_bytes(*bytes))
    }
}

/// A message of packed numbers, one to two fields of them in order, behind the texts of a dictionary.
struct Parts<'a> {
    texts: Vec<&'a str>,
    packed: Vec<&'a [u8]>,
}

impl<'a> Parts<'a> {
    /// `dictionary` is the number of the dictionary's field; 0: there is none.
    fn read(message: &'a [u8], dictionary: u32) -> Result<Self, Odd> {
        let (mut parts, mut fields) = (Self { texts: Vec::new(), packed: Vec::new() }, Fields::new(message));
        while let Some((number, field)) = fields.next().map_err(|_| Odd)? {
            let Field::Bytes(bytes) = field else { return Err(Odd) };
            if number == dictionary {
                parts.texts.push(text(bytes, TEXT_BYTES)?);
            } else if number == dictionary + 1 + parts.packed.len() as u32 {
                parts.packed.push(bytes);
            } else {
                return Err(Odd);
            }
        }
        Ok(parts)
    }
}

/// Packed integers. Most take one byte.
fn varints(mut packed: &[u8]) -> Result<Vec<u32>, Odd> {
    let mut numbers = Vec::with_capacity(packed.len());
    while let Some((byte, rest)) = packed.split_first() {
        if *byte < 0x80 {
            numbers.push(u32::from(*byte));
            packed = rest;
        } else {
            numbers.push(decode_varint(&mut packed).map_err(|_| Odd)? as u32);
        }
    }
    Ok(numbers)
}

/// A signed integer, as protobuf folds it.
const fn unzigzag(folded: u32) -> i32 {
    (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed()
}
