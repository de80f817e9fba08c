//! What agrees where a value recurs: the sets of attributes that may tell accounts apart.

use super::super::twins::token::MISSING;
use super::partition::Partition;
use super::table::{Attributes, Table};

/// Rows in groups that a signature needs: this share of all, and this many.
const MIN_SHARE: f64 = 0.02;
const MIN_ROWS: f64 = 40.0;
/// Known pairs that tell how often an attribute agrees.
const MIN_PAIRS: usize = 30;
/// An attribute joins a signature from this share of pairs on that agree beyond chance, and this many standard errors.
const MIN_KAPPA: f64 = 0.1;
const MIN_DEVIATIONS: f64 = 4.0;
/// An attribute that agrees by chance this often says nothing.
const MAX_CHANCE: f64 = 0.98;
/// Most attributes of a signature.
const MAX_ATTRIBUTES: usize = 16;
/// An attribute follows a number where the row agrees with its neighbours in this share of the pairs in which these agree.
const FOLLOWS: f64 = 0.9;
const MIN_FOLLOWING: usize = 20;

/// Rows that are equal on some attributes.
#[derive(Debug)]
pub(super) struct Signature {
    /// The attributes; the first is the one that the search began with.
    pub attributes: Vec<usize>,
    /// The largest share of pairs, beyond chance, that agree in an attribute that joined: how far the rows look like one account.
    pub likeness: f64,
    /// The rows of the table.
    pub partition: Partition,
}

/// Whether enough rows are in groups of at most `cap`.
pub(super) fn is_enough(partition: &Partition, cap: usize, rows: usize) -> bool {
    partition.rows(cap).0 as f64 >= (MIN_SHARE * rows as f64).max(MIN_ROWS)
}

/// The signatures that begin with one attribute, each with one attribute more than the last.
///
/// κ = (A − c) / (1 − c) estimates the share of pairs that really are one account, from the share A of pairs that agree and the
/// share c that chance explains (Cohen 1960, Educ. Psychol. Meas. 20:37). Where a head count collides by chance, all attributes of the
/// account agree in a third of the pairs, and more once the first of them has joined.
pub(super) fn signatures(attributes: &Attributes<'_>, table: &Table, seed: usize, cap: usize) -> Vec<Signature> {
    let order = attributes.numbers(seed, table).map(Order::new);
    let rows = table.places.len();
    let mut partition = table.tokens.get(seed).map(|tokens| Partition::new(tokens)).unwrap_or_default();
    let (mut chosen, mut likeness, mut steps) = (vec![seed], 0.0_f64, Vec::new());
    let mut following: Option<Vec<bool>> = None;
    while is_enough(&partition, cap, rows) {
        let pairs = partition.pairs(cap);
        let neighbors = order.as_ref().map(|order| order.neighbors(&pairs));
        steps.push((chosen.clone(), partition.clone()));
        let following = following.get_or_insert_with(|| {
            let follows = |tokens: &Vec<u64>| neighbors.as_ref().is_some_and(|near| follows(tokens, &pairs, near));
            table.tokens.iter().map(follows).collect()
        });
        let others = table.tokens.iter().enumerate().filter(|(index, _)| !chosen.contains(index));
        let kappa = |(index, tokens): (usize, &Vec<u64>)| {
            Some((index, kappa_beyond_chance(tokens, &pairs, neighbors.as_deref())?))
        };
        // The first of equals.
        let best = others.filter_map(kappa).reduce(|best, next| if next.1 > best.1 { next } else { best });
        let Some((index, kappa)) = best.filter(|_| chosen.len() < MAX_ATTRIBUTES) else { break };
        if following.get(index) != Some(&true) {
            likeness = likeness.max(kappa);
        }
        chosen.push(index);
        partition = partition.split(table.tokens.get(index).map(Vec::as_slice).unwrap_or_default());
    }
    steps.into_iter().map(|(attributes, partition)| Signature { attributes, likeness, partition }).collect()
}

/// κ of an attribute over pairs of rows, where it is large enough and no chance.
fn kappa_beyond_chance(tokens: &[u64], pairs: &[(u32, u32)], neighbors: Option<&[(u32, u32)]>) -> Option<f64> {
    let token = |row: u32| tokens.get(row as usize).copied().unwrap_or(MISSING);
    let known = |(one, other): &(u32, u32)| token(*one) != MISSING && token(*other) != MISSING;
    let known: Vec<usize> = (0..pairs.len()).filter(|pair| pairs.get(*pair).is_some_and(known)).collect();
    if known.len() < MIN_PAIRS {
        return None;
    }
    let share = |agrees: &dyn Fn(usize) -> Option<bool>| {
        known.iter().filter(|pair| agrees(**pair) == Some(true)).count() as f64 / known.len() as f64
    };
    let agreement = share(&|pair| pairs.get(pair).map(|(one, other)| token(*one) == token(*other)));
    let mut chance =
        collision(known.iter().filter_map(|pair| pairs.get(*pair)).flat_map(|(a, b)| [token(*a), token(*b)]));
    if let Some(neighbors) = neighbors {
        // What merely depends on about where a number lies is no sign of identity.
        let near = |pair: usize| Some((pairs.get(pair)?.0, *neighbors.get(pair)?));
        chance = chance.max(share(&|pair| near(pair).map(|(row, (below, _))| token(row) == token(below))));
        chance = chance.max(share(&|pair| near(pair).map(|(row, (_, above))| token(row) == token(above))));
    }
    if chance > MAX_CHANCE {
        return None;
    }
    let deviation = (chance * (1.0 - chance) / known.len() as f64).sqrt().max(f64::MIN_POSITIVE);
    let kappa = (agreement - chance) / (1.0 - chance);
    (kappa > MIN_KAPPA && (agreement - chance) / deviation > MIN_DEVIATIONS).then_some(kappa)
}

/// How likely two of these tokens are equal: Σ f².
fn collision(tokens: impl Iterator<Item = u64>) -> f64 {
    let mut tokens: Vec<u64> = tokens.collect();
    tokens.sort_unstable();
    let equal: u64 = tokens.chunk_by(|a, b| a == b).map(|equal| (equal.len() as u64).pow(2)).sum();
    equal as f64 / (tokens.len() as f64).powi(2).max(1.0)
}

/// Whether an attribute says no more than about where a number lies, as a size class of an amount does: where the neighbours below
/// and above agree on it, so does the row.
fn follows(tokens: &[u64], pairs: &[(u32, u32)], neighbors: &[(u32, u32)]) -> bool {
    let token = |row: u32| tokens.get(row as usize);
    let sandwiched = pairs.iter().zip(neighbors).filter(|(_, (below, above))| token(*below) == token(*above));
    let agree: Vec<bool> = sandwiched.map(|((row, _), (below, _))| token(*row) == token(*below)).collect();
    let agreeing = agree.iter().filter(|agrees| **agrees).count();
    agree.len() >= MIN_FOLLOWING && agreeing as f64 > FOLLOWS * agree.len() as f64
}

/// Rows in the order of a number.
struct Order {
    values: Vec<Option<f64>>,
    sorted: Vec<(f64, u32)>,
}

impl Order {
    fn new(values: Vec<Option<f64>>) -> Self {
        let mut sorted: Vec<(f64, u32)> =
            (0_u32..).zip(&values).filter_map(|(row, value)| Some(((*value)?, row))).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { values, sorted }
    }

    /// For the first row of each pair, a row with the next value below and one with the next above; at the ends both are on one side.
    fn neighbors(&self, pairs: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let near = |(row, _): &(u32, u32)| {
            let value = self.values.get(*row as usize).copied().flatten().unwrap_or(0.0);
            let below = self.sorted.partition_point(|(other, _)| *other < value).checked_sub(1);
            let above = Some(self.sorted.partition_point(|(other, _)| *other <= value));
            let at = |place: Option<usize>| Some(self.sorted.get(place?)?.1);
            let (below, above) = (at(below), at(above));
            (below.or(above).unwrap_or(*row), above.or(below).unwrap_or(*row))
        };
        pairs.iter().map(near).collect()
    }
}
