//! The same account under other ids: customers that agree in every attribute although chance would not make them.
//!
//! Such twins say nothing new, and a model that learned from the one is not tested by the other. Finding them takes time
//! linear in rows × attributes and some 60 bytes a row.

pub(super) mod seen;
pub(super) mod token;

use rayon::prelude::*;
use seen::{Counts, repeats};
use sweetspot_core::Column;
use token::{MISSING, mix, tokens};

/// Bits by which an agreement must be rarer than one pair among all pairs of rows: chance makes one in 2¹¹ tables.
const MARGIN: f32 = 10.0;
/// Most chance agreements, as a share of those found.
const MOST_CHANCE: f64 = 0.5;
/// One account has no more ids than this, or than [`MOST_SHARE`] of the customers: a larger crowd is a common profile.
const MOST_IDS: usize = 10;
/// See [`MOST_IDS`].
const MOST_SHARE: f64 = 0.02;

/// For each of the rows the place of its first twin, itself where it is the first; nothing where it has none.
///
/// Rows are twins where they agree in all attributes, and the known values that they share are rare enough together among
/// the other rows: Σ −log₂ frequency > 2 log₂ rows + margin. A missing value is evidence for nothing. Attributes that go
/// together are rarer on paper than in the data: see [`Survey::by_chance`].
pub(super) fn twins(columns: &[&Column], rows: &[usize]) -> Vec<Option<usize>> {
    let mut first = vec![None; rows.len()];
    let survey = Survey::new(columns, rows);
    let agreeing = repeats(survey.hashed(|_, hash| hash));
    if agreeing.is_empty() || survey.by_chance(columns, rows, surplus(&agreeing)) {
        return first;
    }
    let most = MOST_IDS.max((MOST_SHARE * rows.len() as f64) as usize);
    for crowd in agreeing.chunk_by(|a, b| a.0 == b.0).filter(|crowd| crowd.len() <= most) {
        for (_, row) in crowd {
            if let (Some(slot), Some((_, eldest))) = (first.get_mut(*row as usize), crowd.first()) {
                *slot = Some(*eldest as usize);
            }
        }
    }
    first
}

/// How many rows repeat another one; rows of one crowd stand together.
fn surplus(agreeing: &[(u64, u32)]) -> usize {
    agreeing.len() - agreeing.chunk_by(|a, b| a.0 == b.0).count()
}

/// What one pass over the attributes tells of each row.
struct Survey {
    /// The sum of the hashes of a row's values: taking one away leaves the hash of the others.
    hashes: Vec<u64>,
    /// Rows whose known values are rare enough together.
    telling: Vec<u32>,
    /// How likely two rows agree in an attribute, one an attribute.
    likeness: Vec<f64>,
}

impl Survey {
    fn new(columns: &[&Column], rows: &[usize]) -> Self {
        let count = rows.len() as f32;
        let (mut hashes, mut bits) = (vec![0_u64; rows.len()], vec![0.0_f32; rows.len()]);
        let mut likeness = Vec::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            let tokens = tokens(column, rows);
            let counts = Counts::of(&tokens);
            let add = |((token, hash), bits): ((&u64, &mut u64), &mut f32)| {
                let others = counts.of_others(*token);
                *hash = hash.wrapping_add(salted(*token, index));
                *bits += if *token == MISSING { 0.0 } else { (count / others as f32).log2() };
                u64::from(others)
            };
            let alike: u64 = tokens.par_iter().zip(&mut hashes).zip(&mut bits).map(add).sum();
            likeness.push(alike as f64 / (rows.len() as f64).powi(2));
        }
        let needed = 2.0 * count.log2() + MARGIN;
        let telling = (0_u32..).zip(&bits).filter(|(_, bits)| **bits > needed).map(|(row, _)| row).collect();
        Self { hashes, telling, likeness }
    }

    /// The telling rows with what becomes of their hash. A 64-bit hash of a million rows is shared by two different ones
    /// once in 30 million tables.
    fn hashed(&self, hash: impl Fn(usize, u64) -> u64) -> Vec<(u64, u32)> {
        let own = |row: usize| hash(row, self.hashes.get(row).copied().unwrap_or(0));
        self.telling.iter().map(|row| (own(*row as usize), *row)).collect()
    }

    /// Whether so many agreements are what the near misses make one expect, as in a table of many flags.
    ///
    /// Where rows that agree in all other attributes agree in this one by chance with probability q, each near miss stands
    /// for q / (1 − q) agreements. Real twins have no near misses, however much their attributes depend on each other.
    fn by_chance(&self, columns: &[&Column], rows: &[usize], found: usize) -> bool {
        columns.par_iter().zip(&self.likeness).enumerate().any(|(index, (column, alike))| {
            let tokens = tokens(column, rows);
            let token = |row: usize| tokens.get(row).copied().unwrap_or(MISSING);
            let of_others = self.hashed(|row, hash| hash.wrapping_sub(salted(token(row), index)));
            let near_misses = surplus(&repeats(of_others)).saturating_sub(found);
            near_misses as f64 * alike > MOST_CHANCE * found as f64 * (1.0 - alike)
        })
    }
}

/// Equal values of different attributes have different hashes.
fn salted(token: u64, attribute: usize) -> u64 {
    mix(token ^ mix(attribute as u64 + 1))
}

#[cfg(test)]
mod tests;
