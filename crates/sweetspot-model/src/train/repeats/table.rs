//! The attributes of some rows as tokens.

use std::sync::OnceLock;

use rayon::prelude::*;
use sweetspot_core::{Column, ColumnData};

use super::super::duplicates::token::{MISSING, Tokenizer, mix_bits};
use super::partition::Partition;

/// The maximum number of rows that signatures are searched in; of more rows, a sample of whole values of the first
/// attribute.
const MAX_ROWS: usize = 100_000;

/// The attributes that may identify accounts.
#[derive(Debug)]
pub(super) struct TokenizedAttributes<'a> {
    pub columns: &'a [&'a Column],
    tokenizers: Vec<Tokenizer<'a>>,
    /// The rows of the sample in the columns.
    rows: &'a [usize],
}

/// Tokens of some rows.
#[derive(Debug)]
pub(super) struct TokenColumns {
    /// One list per attribute, with one token per row.
    pub tokens: Vec<Vec<u64>>,
    /// The index of each row in the sample.
    pub sample_rows: Vec<u32>,
    row_hashes: OnceLock<Vec<u64>>,
}

impl TokenColumns {
    /// The rows with equal values of an attribute.
    pub(super) fn partition(&self, attribute: usize) -> Partition {
        self.tokens.get(attribute).map(|tokens| Partition::new(tokens)).unwrap_or_default()
    }

    /// The partition of each attribute.
    pub(super) fn partitions(&self) -> Vec<Partition> {
        (0..self.tokens.len()).into_par_iter().map(|attribute| self.partition(attribute)).collect()
    }

    /// A hash of a row's values of some attributes.
    pub(super) fn hash(&self, row: u32, attributes: &[usize]) -> u64 {
        let tokens = attributes.iter().filter_map(|index| self.tokens.get(*index)?.get(row as usize));
        tokens.fold(0, |hash, token| mix_bits(hash ^ token))
    }

    /// A hash of all values of each row; rows that agree in everything have the same hash.
    pub(super) fn row_hashes(&self) -> &[u64] {
        let all: Vec<usize> = (0..self.tokens.len()).collect();
        let hash = |row: u32| self.hash(row, &all);
        // Without rayon: a thread that waits for parts of the work could steal a task that waits for the same cell.
        self.row_hashes.get_or_init(|| (0..self.sample_rows.len() as u32).map(hash).collect())
    }
}

impl<'a> TokenizedAttributes<'a> {
    pub(super) fn new(columns: &'a [&'a Column], rows: &'a [usize]) -> Self {
        Self { columns, tokenizers: columns.iter().map(|column| Tokenizer::new(column)).collect(), rows }
    }

    /// The number of rows of the sample.
    pub(super) const fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// All rows; `None` if there are too many.
    pub(super) fn full_table(&self) -> Option<TokenColumns> {
        (self.rows.len() <= MAX_ROWS).then(|| self.build_table((0..self.rows.len() as u32).collect()))
    }

    /// About [`MAX_ROWS`] rows: all rows of some values of one attribute. `None` if too few of its values recur.
    pub(super) fn sample_table(&self, attribute: usize, enough: impl Fn(&Partition) -> bool) -> Option<TokenColumns> {
        let tokens = self.tokenizers.get(attribute)?.tokens(self.rows);
        if !enough(&Partition::new(&tokens)) {
            return None;
        }
        let share = MAX_ROWS as f64 / tokens.len() as f64;
        let limit = (share * u64::MAX as f64) as u64;
        let chosen = |token: u64| token != MISSING && mix_bits(token.wrapping_add(1)) <= limit;
        Some(
            self.build_table((0_u32..).zip(&tokens).filter(|(_, token)| chosen(**token)).map(|(row, _)| row).collect()),
        )
    }

    fn build_table(&self, places: Vec<u32>) -> TokenColumns {
        let rows: Vec<usize> = places.iter().filter_map(|place| self.rows.get(*place as usize).copied()).collect();
        let tokens = self.tokenizers.par_iter().map(|tokenizer| tokenizer.tokens(&rows)).collect();
        TokenColumns { tokens, sample_rows: places, row_hashes: OnceLock::new() }
    }

    /// All rows of the sample that are equal on these attributes.
    pub(super) fn partition(&self, attributes: &[usize]) -> Partition {
        let mut tokens = attributes.iter().filter_map(|index| Some(self.tokenizers.get(*index)?.tokens(self.rows)));
        let first = tokens.next().map(|tokens| Partition::new(&tokens)).unwrap_or_default();
        tokens.fold(first, |partition, tokens| partition.refine(&tokens))
    }

    /// The tokens of one attribute in all rows of the sample.
    pub(super) fn tokens(&self, attribute: usize) -> Vec<u64> {
        self.tokenizers.get(attribute).map(|tokenizer| tokenizer.tokens(self.rows)).unwrap_or_default()
    }

    /// The values of a number or date in the rows of a table; `None` for other kinds of attributes.
    pub(super) fn numbers(&self, attribute: usize, table: &TokenColumns) -> Option<Vec<Option<f64>>> {
        let row = |place: &u32| self.rows.get(*place as usize).copied();
        match &self.columns.get(attribute)?.data {
            ColumnData::Numbers(values) => {
                Some(table.sample_rows.iter().map(|place| values.get(row(place)?)).collect())
            }
            ColumnData::Dates(values) => {
                Some(table.sample_rows.iter().map(|place| Some(f64::from(values.get(row(place)?)?.days))).collect())
            }
            ColumnData::Flags(_) | ColumnData::Categories { .. } | ColumnData::Lists { .. } => None,
        }
    }

    /// Whether an attribute is a number or a date.
    pub(super) fn is_number(&self, attribute: usize) -> bool {
        self.columns
            .get(attribute)
            .is_some_and(|column| matches!(column.data, ColumnData::Numbers(_) | ColumnData::Dates(_)))
    }
}
