//! Signatures: sets of attributes that agree where a value recurs, and may identify accounts.

use super::super::duplicates::token::MISSING;
use super::partition::{Partition, agreement};
use super::table::{TokenColumns, TokenizedAttributes};

/// The minimum share and number of rows in groups that a signature needs.
const MIN_GROUPED_SHARE: f64 = 0.02;
const MIN_GROUPED_ROWS: f64 = 40.0;
/// The minimum number of known pairs to estimate the agreement of an attribute.
const MIN_PAIRS: f64 = 30.0;
/// The minimum share of pairs that agree beyond chance, and its minimum in standard errors, for an attribute to join a
/// signature.
const MIN_KAPPA: f64 = 0.1;
const MIN_DEVIATIONS: f64 = 4.0;
/// The number of buckets of values to estimate chance agreement.
const BUCKETS: usize = 4096;
/// The maximum chance agreement of an attribute; above it, agreement is no evidence.
const MAX_CHANCE: f64 = 0.98;
/// The maximum number of attributes of a signature.
const MAX_ATTRIBUTES: usize = 16;
/// An attribute follows a number if the row agrees with its neighbors in at least this share of the pairs in which
/// these agree.
const MIN_FOLLOWING_SHARE: f64 = 0.9;
const MIN_FOLLOWING_PAIRS: f64 = 20.0;

/// A signature: attributes that may identify accounts, with the groups of rows that are equal on them.
#[derive(Debug)]
pub(super) struct IdentifyingAttributes {
    /// The attributes; the search began with the first one.
    pub attributes: Vec<usize>,
    /// The share of pairs, beyond chance, that agree in the attribute that joins next: how much the rows look like one
    /// account. For the last signature, the maximum over the search.
    pub likeness: f64,
    /// The groups of rows of the table.
    pub partition: Partition,
}

/// Whether enough rows are in groups of more than `more_than` and at most `cap` rows.
pub(super) fn has_enough_rows(partition: &Partition, cap: usize, rows: usize, more_than: usize) -> bool {
    let found = partition.row_counts(cap).0 - partition.row_counts(more_than).0;
    found as f64 >= (MIN_GROUPED_SHARE * rows as f64).max(MIN_GROUPED_ROWS)
}

/// The signatures that begin with one attribute, each with one more attribute than the last. `partition` has the rows
/// with equal values of that attribute.
///
/// κ = (A − c) / (1 − c) estimates the share of pairs that really are one account, from the share A of pairs that agree
/// and the share c that chance explains (Cohen 1960, Educ. Psychol. Meas. 20:37). For example, if head counts collide
/// by chance, all attributes of the account agree in a third of the pairs, and in more once the first of them has
/// joined.
pub(super) fn find_signatures(
    attributes: &TokenizedAttributes<'_>,
    table: &TokenColumns,
    (seed, partition): (usize, &Partition),
    cap: usize,
) -> Vec<IdentifyingAttributes> {
    let neighbors = attributes.numbers(seed, table).map(|values| Neighbors::new(&values, table.row_hashes()));
    let neighbors = neighbors.as_ref();
    let rows = table.sample_rows.len();
    let mut partition = partition.clone();
    let (mut chosen, mut likeness, mut steps) = (vec![seed], 0.0_f64, Vec::new());
    let mut following: Option<Vec<bool>> = None;
    while has_enough_rows(&partition, cap, rows, 0) {
        let groups = partition.sample_groups(cap, |row| table.hash(row, &chosen));
        let following = following.get_or_insert_with(|| {
            let follows = |tokens: &Vec<u64>| {
                neighbors.is_some_and(|neighbors| neighbors.is_determined_by_neighbors(tokens, &groups))
            };
            table.tokens.iter().map(follows).collect()
        });
        let others = table.tokens.iter().enumerate().filter(|(index, _)| !chosen.contains(index));
        let kappa = |(index, tokens): (usize, &Vec<u64>)| Some((index, significant_kappa(tokens, &groups, neighbors)?));
        // The first one in case of a tie.
        let best = others.filter_map(kappa).reduce(|best, next| if next.1 > best.1 { next } else { best });
        let best = best.filter(|_| chosen.len() < MAX_ATTRIBUTES);
        let agreeing = best.filter(|(index, _)| following.get(*index) != Some(&true)).map(|(_, kappa)| kappa);
        let here = agreeing.unwrap_or(likeness);
        steps.push(IdentifyingAttributes { attributes: chosen.clone(), likeness: here, partition: partition.clone() });
        likeness = likeness.max(here);
        let Some((index, _)) = best else { break };
        chosen.push(index);
        partition = partition.refine(table.tokens.get(index).map(Vec::as_slice).unwrap_or_default());
    }
    steps
}

/// κ of an attribute over rows of one group; `None` if it is too small or may be chance.
fn significant_kappa(tokens: &[u64], groups: &[&[u32]], neighbors: Option<&Neighbors>) -> Option<f64> {
    let (agreeing, pairs) = agreement(groups.iter().copied(), tokens);
    if pairs < MIN_PAIRS {
        return None;
    }
    let mut chance = chance_agreement(groups, tokens);
    if let Some(neighbors) = neighbors {
        // An attribute that depends only on the approximate value of a number does not identify an account.
        chance = chance.max(neighbors.neighbor_agreement(tokens, groups));
    }
    if chance > MAX_CHANCE {
        return None;
    }
    let deviation = (chance * (1.0 - chance) / pairs).sqrt().max(f64::MIN_POSITIVE);
    let beyond_chance = agreeing / pairs - chance;
    let kappa = beyond_chance / (1.0 - chance);
    (kappa > MIN_KAPPA && beyond_chance / deviation > MIN_DEVIATIONS).then_some(kappa)
}

/// The probability that the values of two rows of different groups are equal: Σ f². A row of a group with k known
/// values has the weight (k − 1) / k, as in [`agreement`]. Values are counted by [`BUCKETS`] parts of their hashes,
/// which raises the agreement only slightly.
fn chance_agreement(groups: &[&[u32]], tokens: &[u64]) -> f64 {
    let mut sums = vec![0.0; BUCKETS];
    for group in groups {
        let known = || group.iter().filter_map(|row| tokens.get(*row as usize)).filter(|token| **token != MISSING);
        let weight = row_weight(known().count());
        for token in known() {
            if let Some(sum) = sums.get_mut(*token as usize % BUCKETS) {
                *sum += weight;
            }
        }
    }
    // Four sums each, so that additions need not wait for each other.
    let add = |[a, b, c, d]: [f64; 4], [e, f, g, h]: [f64; 4]| [a + e, b + f, c + g, d + h];
    let (mut totals, mut squares) = ([0.0; 4], [0.0; 4]);
    for [a, b, c, d] in sums.as_chunks::<4>().0 {
        totals = add(totals, [*a, *b, *c, *d]);
        squares = add(squares, [a * a, b * b, c * c, d * d]);
    }
    let total: f64 = totals.iter().sum();
    squares.iter().sum::<f64>() / (total * total).max(f64::MIN_POSITIVE)
}

/// The weight of each row of a group with this many known values, so that the weights of the group add up to one less.
fn row_weight(known: usize) -> f64 {
    if known > 1 { (known as f64 - 1.0) / known as f64 } else { 0.0 }
}

/// For each row, one with the next lower value of a number and one with the next higher; at the ends both are on one
/// side.
struct Neighbors(Vec<(u32, u32)>);

impl Neighbors {
    /// Among several rows with the next value, hashes of all their values decide, so that the order of the rows has no
    /// effect.
    fn new(values: &[Option<f64>], row_hashes: &[u64]) -> Self {
        let known = (0_u32..).zip(values).zip(row_hashes);
        let mut sorted: Vec<(f64, u64, u32)> =
            known.filter_map(|((row, value), hash)| Some(((*value)?, *hash, row))).collect();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let runs: Vec<&[(f64, u64, u32)]> = sorted.chunk_by(|a, b| a.0 == b.0).collect();
        let mut neighbors: Vec<(u32, u32)> = (0..values.len() as u32).map(|row| (row, row)).collect();
        let row_at = |run: Option<usize>| Some(runs.get(run?)?.first()?.2);
        for (index, run) in runs.iter().enumerate() {
            let (below, above) = (row_at(index.checked_sub(1)), row_at(index.checked_add(1)));
            for (_, _, row) in *run {
                if let Some(slot) = neighbors.get_mut(*row as usize) {
                    *slot = (below.or(above).unwrap_or(*row), above.or(below).unwrap_or(*row));
                }
            }
        }
        Self(neighbors)
    }

    fn neighbors(&self, row: u32) -> (u32, u32) {
        self.0.get(row as usize).copied().unwrap_or((row, row))
    }

    /// The share of rows that agree with the lower neighbor, or with the higher one, whichever is larger.
    fn neighbor_agreement(&self, tokens: &[u64], groups: &[&[u32]]) -> f64 {
        let token = |row: u32| tokens.get(row as usize).copied().unwrap_or(MISSING);
        let (mut all, mut below, mut above) = (0.0, 0.0, 0.0);
        for group in groups {
            let known = || group.iter().filter(|row| token(**row) != MISSING);
            let weight = row_weight(known().count());
            let agreeing = |side: fn((u32, u32)) -> u32| {
                known().filter(|row| token(**row) == token(side(self.neighbors(**row)))).count() as f64
            };
            all += weight * known().count() as f64;
            below += weight * agreeing(|neighbors| neighbors.0);
            above += weight * agreeing(|neighbors| neighbors.1);
        }
        f64::max(below, above) / f64::max(all, f64::MIN_POSITIVE)
    }

    /// Whether an attribute depends only on the approximate value of a number, as a size class of an amount does: if
    /// the lower and the higher neighbor agree on it, so does the row.
    fn is_determined_by_neighbors(&self, tokens: &[u64], groups: &[&[u32]]) -> bool {
        let token = |row: u32| tokens.get(row as usize);
        let (mut all, mut agreeing) = (0.0, 0.0);
        for group in groups {
            let weight = row_weight(group.len());
            for row in *group {
                let (below, above) = self.neighbors(*row);
                if token(below) == token(above) {
                    all += weight;
                    agreeing += if token(*row) == token(below) { weight } else { 0.0 };
                }
            }
        }
        all >= MIN_FOLLOWING_PAIRS && agreeing > MIN_FOLLOWING_SHARE * all
    }
}
