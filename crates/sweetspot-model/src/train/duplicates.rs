//! Duplicates: customers that agree in every attribute when chance does not explain it.
//!
//! Duplicates add no information, and a model that learned from one is not tested by the other. Finding them takes time
//! linear in rows × attributes and about 60 bytes per row.

pub(super) mod count_min;
pub(super) mod token;

use count_min::{TokenCounts, repeated_hashes};
use rayon::prelude::*;
use sweetspot_core::Column;
use token::{MISSING, column_tokens, mix_bits};

/// The number of bits by which an agreement must be rarer than one pair among all pairs of rows: chance produces one in
/// 2¹¹ tables.
const MARGIN_BITS: f32 = 10.0;
/// The maximum share of chance agreements among those found.
const MAX_CHANCE_SHARE: f64 = 0.5;
/// The maximum number of ids of one account, or [`MAX_ID_SHARE`] of the customers if that is more: a larger set is a
/// common profile.
const MAX_IDS: usize = 10;
/// See [`MAX_IDS`].
const MAX_ID_SHARE: f64 = 0.02;

/// For each of the rows, the position of its first duplicate, which is its own position if it is the first; `None` if
/// the row has no duplicate.
///
/// Rows are duplicates if they agree in all attributes, and the known values that they share are rare enough among the
/// other rows: Σ −log₂ frequency > 2 log₂ rows + margin. A missing value is no evidence. Combinations of correlated
/// attributes are more frequent than this formula assumes: see [`Survey::is_chance`].
pub(super) fn find_duplicates(columns: &[&Column], rows: &[usize]) -> Vec<Option<usize>> {
    let mut first = vec![None; rows.len()];
    let survey = Survey::new(columns, rows);
    let agreeing = repeated_hashes(survey.hashed_rows(|_, hash| hash));
    if agreeing.is_empty() || survey.is_chance(columns, rows, repeat_count(&agreeing)) {
        return first;
    }
    let max_ids = MAX_IDS.max((MAX_ID_SHARE * rows.len() as f64) as usize);
    for crowd in agreeing.chunk_by(|a, b| a.0 == b.0).filter(|crowd| crowd.len() <= max_ids) {
        for (_, row) in crowd {
            if let (Some(slot), Some((_, eldest))) = (first.get_mut(*row as usize), crowd.first()) {
                *slot = Some(*eldest as usize);
            }
        }
    }
    first
}

/// The number of rows that repeat another one; equal rows must be adjacent.
fn repeat_count(agreeing: &[(u64, u32)]) -> usize {
    agreeing.len() - agreeing.chunk_by(|a, b| a.0 == b.0).count()
}

/// Statistics of each row, collected in one pass over the attributes.
struct Survey {
    /// The sum of the hashes of a row's values: subtracting one leaves the hash of the others.
    hashes: Vec<u64>,
    /// Rows whose known values are rare enough in combination.
    distinctive_rows: Vec<u32>,
    /// The probability that two rows agree, for each attribute.
    agreement_rates: Vec<f64>,
}

impl Survey {
    fn new(columns: &[&Column], rows: &[usize]) -> Self {
        let count = rows.len() as f32;
        let (mut hashes, mut bits) = (vec![0_u64; rows.len()], vec![0.0_f32; rows.len()]);
        let mut likeness = Vec::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            let tokens = column_tokens(column, rows);
            let counts = TokenCounts::new(&tokens);
            let add = |((token, hash), bits): ((&u64, &mut u64), &mut f32)| {
                let others = counts.other_count(*token);
                *hash = hash.wrapping_add(salt_token(*token, index));
                *bits += if *token == MISSING { 0.0 } else { (count / others as f32).log2() };
                u64::from(others)
            };
            let agreeing_pairs: u64 = tokens.par_iter().zip(&mut hashes).zip(&mut bits).map(add).sum();
            likeness.push(agreeing_pairs as f64 / (rows.len() as f64).powi(2));
        }
        let needed = 2.0 * count.log2() + MARGIN_BITS;
        let telling = (0_u32..).zip(&bits).filter(|(_, bits)| **bits > needed).map(|(row, _)| row).collect();
        Self { hashes, distinctive_rows: telling, agreement_rates: likeness }
    }

    /// The distinctive rows with their hash, transformed by `hash`. A 64-bit hash of a million rows is shared by two
    /// different ones once in 30 million tables.
    fn hashed_rows(&self, hash: impl Fn(usize, u64) -> u64) -> Vec<(u64, u32)> {
        let own = |row: usize| hash(row, self.hashes.get(row).copied().unwrap_or(0));
        self.distinctive_rows.iter().map(|row| (own(*row as usize), *row)).collect()
    }

    /// Whether the near misses explain `found` agreements, as in a table of many flags.
    ///
    /// If rows that agree in all other attributes agree in this one by chance with probability q, each near miss
    /// corresponds to q / (1 − q) agreements. Real duplicates have no near misses, however strongly their attributes
    /// depend on each other.
    fn is_chance(&self, columns: &[&Column], rows: &[usize], found: usize) -> bool {
        columns.par_iter().zip(&self.agreement_rates).enumerate().any(|(index, (column, agreement_rate))| {
            let tokens = column_tokens(column, rows);
            let token = |row: usize| tokens.get(row).copied().unwrap_or(MISSING);
            let of_others = self.hashed_rows(|row, hash| hash.wrapping_sub(salt_token(token(row), index)));
            let near_misses = repeat_count(&repeated_hashes(of_others)).saturating_sub(found);
            near_misses as f64 * agreement_rate > MAX_CHANCE_SHARE * found as f64 * (1.0 - agreement_rate)
        })
    }
}

/// Makes the hashes of equal values differ between attributes.
fn salt_token(token: u64, attribute: usize) -> u64 {
    mix_bits(token ^ mix_bits(attribute as u64 + 1))
}

#[cfg(test)]
mod tests;
