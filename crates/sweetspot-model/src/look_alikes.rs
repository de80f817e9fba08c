//! The customers most similar to an account. The distance is measured in contributions to the score, so that the
//! attributes' units do not matter.

use std::collections::BTreeMap;

use linfa_nn::distance::L2Dist;
use linfa_nn::{CommonNearestNeighbour, NearestNeighbour as _, NearestNeighbourIndex};
use ndarray::{Array2, ArrayView1};
use sweetspot_core::AccountTable;

use super::Scorer;

/// The maximum number of look-alikes of an account.
pub const MAX_LOOK_ALIKES: usize = 3;
/// The maximum number of customers to compare with; of more, evenly spaced ones are used.
const MAX_COMPARED: usize = 50_000;
/// The minimum number of points for which a tree is faster.
const MIN_POINTS_FOR_TREE: usize = 256;

/// Customers as points. Customers at the same point share an entry.
#[derive(Debug)]
pub struct LookAlikePoints {
    points: Array2<f64>,
    /// The rows of the first few customers at each point.
    rows: Vec<Vec<usize>>,
}

/// A customer that is similar to an account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbor {
    /// The customer's row.
    pub row: usize,
    /// The distance, in log-odds.
    pub distance: f64,
}

/// The points, indexed for searching.
pub struct LookAlikeTree<'a> {
    tree: Option<Box<dyn NearestNeighbourIndex<f64> + Send + Sync + 'a>>,
    rows: &'a [Vec<usize>],
}

impl LookAlikePoints {
    /// Indexes these rows of a table.
    #[must_use]
    pub fn new(scorer: &Scorer, accounts: &AccountTable, rows: &[usize]) -> Self {
        // Distinct points in a fixed order, each with its customers. Each stores one more than is returned, because an
        // account is not its own look-alike.
        let mut distinct = BTreeMap::<Vec<u64>, Vec<usize>>::new();
        let compared = rows.len().min(MAX_COMPARED);
        for row in (0..compared).filter_map(|number| rows.get(number * rows.len() / compared)) {
            let point = scorer.contribution_vector(&scorer.encode_row(accounts, *row));
            let rows = distinct.entry(point.into_iter().map(f64::to_bits).collect()).or_default();
            if rows.len() <= MAX_LOOK_ALIKES {
                rows.push(*row);
            }
        }
        let numbers = distinct.keys().flatten().map(|bits| f64::from_bits(*bits)).collect();
        let shape = (distinct.len(), scorer.dimension_count());
        // Every point has `dimension_count` coordinates, so the shape fits.
        let points = Array2::from_shape_vec(shape, numbers).unwrap_or_default();
        Self { points, rows: distinct.into_values().collect() }
    }

    /// Prepares the index for this number of searches.
    #[must_use]
    pub fn search(&self, questions: usize) -> LookAlikeTree<'_> {
        let few = self.rows.len().min(questions) < MIN_POINTS_FOR_TREE;
        let algorithm = if few { CommonNearestNeighbour::LinearSearch } else { CommonNearestNeighbour::KdTree };
        let tree = (!self.points.is_empty()).then(|| algorithm.from_batch(&self.points, L2Dist).ok()).flatten();
        LookAlikeTree { tree: tree.map(|tree| tree as _), rows: &self.rows }
    }
}

impl LookAlikeTree<'_> {
    /// The nearest customers of a point (see [`Scorer::contribution_vector`]), nearest first; ties are in the order of
    /// rows.
    #[must_use]
    pub fn nearest(&self, point: &[f64], is_itself: impl Fn(usize) -> bool) -> Vec<Neighbor> {
        let found =
            self.tree.as_ref().and_then(|tree| tree.k_nearest(ArrayView1::from(point), MAX_LOOK_ALIKES + 1).ok());
        let mut neighbors: Vec<Neighbor> = Vec::new();
        for (other, number) in found.into_iter().flatten() {
            let square: f64 = other.iter().zip(point).map(|(a, b)| (a - b) * (a - b)).sum();
            let rows = self.rows.get(number).into_iter().flatten().filter(|row| !is_itself(**row));
            neighbors.extend(rows.map(|row| Neighbor { row: *row, distance: square.sqrt() }));
        }
        neighbors.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.row.cmp(&b.row)));
        neighbors.truncate(MAX_LOOK_ALIKES);
        neighbors
    }
}

impl std::fmt::Debug for LookAlikeTree<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("points", &self.rows.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
