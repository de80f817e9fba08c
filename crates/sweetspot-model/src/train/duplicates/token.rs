//! Tokens of values: equal values have equal tokens, however they are spelled.

use rayon::prelude::*;
use sweetspot_core::{Column, ColumnData, level_key};

/// The token of a missing value; no other value has it.
pub(in crate::train) const MISSING: u64 = 0;

/// A number whose bits all depend on all bits of the given one, the same on every machine: the finalizer of
/// `SplitMix64` (Steele, Lea and Flood 2014, OOPSLA, p. 453).
pub(in crate::train) fn mix_bits(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The tokens of these rows of a column. Texts of the same level are one value; lists are sets.
pub(in crate::train) fn column_tokens(column: &Column, rows: &[usize]) -> Vec<u64> {
    Tokenizer::new(column).tokens(rows)
}

/// Computes tokens of a column's values; the texts of its dictionary are hashed once.
#[derive(Debug)]
pub(in crate::train) struct Tokenizer<'a> {
    data: &'a ColumnData,
    /// A hash of the level of each text in the dictionary.
    levels: Vec<u64>,
}

impl<'a> Tokenizer<'a> {
    pub(in crate::train) fn new(column: &'a Column) -> Self {
        let levels = match &column.data {
            ColumnData::Categories { dictionary, .. } | ColumnData::Lists { dictionary, .. } => {
                dictionary.par_iter().with_min_len(4096).map(|text| hash_text(&level_key(text))).collect()
            }
            ColumnData::Numbers(_) | ColumnData::Flags(_) | ColumnData::Dates(_) => Vec::new(),
        };
        Self { data: &column.data, levels }
    }

    /// One token per row; independent of the order of the dictionary.
    pub(in crate::train) fn tokens(&self, rows: &[usize]) -> Vec<u64> {
        let level = |code: u32| self.levels.get(code as usize).copied();
        match self.data {
            // Adding zero turns -0 into 0.
            ColumnData::Numbers(values) => tokens_of_values(rows, |row| Some((values.get(row)? + 0.0).to_bits())),
            ColumnData::Flags(values) => tokens_of_values(rows, |row| values.get(row).map(u64::from)),
            ColumnData::Dates(values) => {
                tokens_of_values(rows, |row| Some(u64::from(values.get(row)?.days.cast_unsigned())))
            }
            ColumnData::Categories { codes, .. } => tokens_of_values(rows, |row| level(codes.get(row)?)),
            ColumnData::Lists { rows: lists, .. } => tokens_of_values(rows, |row| {
                let mut items: Vec<u64> = lists.get(row)?.iter().filter_map(|code| level(*code)).collect();
                items.sort_unstable();
                items.dedup();
                Some(items.iter().fold(0, |sum: u64, item| sum.wrapping_add(mix_bits(item.wrapping_add(1)))))
            }),
        }
    }
}

fn tokens_of_values(rows: &[usize], value: impl Fn(usize) -> Option<u64> + Sync) -> Vec<u64> {
    // The constant keeps zero from becoming `MISSING`.
    let token = |row: &usize| value(*row).map_or(MISSING, |value| mix_bits(value ^ 0x9e37_79b9_7f4a_7c15).max(1));
    rows.par_iter().map(token).collect()
}

/// A hash of a text, the same on every machine. Among a million texts, two share a hash once in 30 million tables.
fn hash_text(text: &str) -> u64 {
    let chunk = |hash: u64, bytes: &[u8]| {
        let word = bytes.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        mix_bits(hash ^ mix_bits(word.wrapping_add(0x9e37_79b9_7f4a_7c15)))
    };
    text.as_bytes().chunks(8).fold(mix_bits(text.len() as u64), chunk)
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Date;

    use super::*;

    fn tokens_of(data: ColumnData) -> Vec<u64> {
        let rows: Vec<usize> = (0..data.len()).collect();
        column_tokens(&Column { name: "a".to_owned(), data }, &rows)
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn equal_values_have_equal_tokens_and_others_have_not() {
        let numbers = tokens_of(ColumnData::Numbers(vec![Some(0.0), Some(-0.0), Some(1.0), None].into()));
        assert!(numbers[0] == numbers[1] && numbers[0] != numbers[2] && numbers[0] != MISSING);
        assert_eq!(numbers[3], MISSING);
        let flags = tokens_of(ColumnData::Flags(vec![Some(false), Some(true), None].into()));
        assert!(flags[0] != flags[1] && flags[0] != MISSING && flags[2] == MISSING);
        let days = tokens_of(ColumnData::Dates([-1, 0, i32::MAX].map(|days| Some(Date { days })).to_vec().into()));
        assert!(days[0] != days[1] && days[1] != days[2]);
    }

    #[test]
    fn spellings_of_one_level_have_one_token() {
        let codes = vec![Some(0), Some(1), Some(2), None];
        let found = tokens_of(ColumnData::Categories {
            dictionary: texts(&["Zürich", " ZÜRICH", "Bern"]),
            codes: codes.into(),
        });
        assert!(found[0] == found[1] && found[0] != found[2] && found[3] == MISSING);
    }

    #[test]
    fn tokens_of_a_list_ignore_order_and_repetition() {
        let rows = [Some(vec![0, 2]), Some(vec![2, 1, 0]), Some(vec![]), Some(vec![2]), None];
        let found =
            tokens_of(ColumnData::Lists { dictionary: texts(&["SAP", "sap", "Jira"]), rows: rows.to_vec().into() });
        assert_eq!(found[0], found[1]);
        assert!(found[0] != found[3] && found[2] != MISSING && found[2] != found[3] && found[4] == MISSING);
    }
}
