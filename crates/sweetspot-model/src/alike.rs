//! Which customers an account is most like: near by what their attributes add to the fit, whatever the attributes' units.

use std::collections::BTreeMap;

use linfa_nn::distance::L2Dist;
use linfa_nn::{CommonNearestNeighbour, NearestNeighbour as _, NearestNeighbourIndex};
use ndarray::{Array2, ArrayView1};
use sweetspot_core::AccountTable;

use super::Scorer;

/// Most look-alikes of one account.
pub const MOST_ALIKE: usize = 3;
/// Most customers that are compared with; of more, evenly spread ones.
const MOST_COMPARED: usize = 50_000;
/// Below so many points a tree costs more than it saves.
const WORTH_A_TREE: usize = 256;

/// Customers as points. Those of one point are kept together: an account is as near to each of them.
#[derive(Debug)]
pub struct LookAlikes {
    points: Array2<f64>,
    /// The first few customers at each point, by row.
    rows: Vec<Vec<usize>>,
}

/// A customer that an account is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alike {
    /// Its row.
    pub row: usize,
    /// How far away it is, in log-odds.
    pub distance: f64,
}

/// The points, ready to be searched.
pub struct Search<'a> {
    tree: Option<Box<dyn NearestNeighbourIndex<f64> + Send + Sync + 'a>>,
    rows: &'a [Vec<usize>],
}

impl LookAlikes {
    /// Of these rows of a table.
    #[must_use]
    pub fn new(scorer: &Scorer, accounts: &AccountTable, rows: &[usize]) -> Self {
        // Distinct points in a fixed order, each with its customers. One more than is told: an account is not like itself.
        let mut distinct = BTreeMap::<Vec<u64>, Vec<usize>>::new();
        let compared = rows.len().min(MOST_COMPARED);
        for row in (0..compared).filter_map(|number| rows.get(number * rows.len() / compared)) {
            let point = scorer.point(&scorer.placed_row(accounts, *row));
            let here = distinct.entry(point.into_iter().map(f64::to_bits).collect()).or_default();
            if here.len() <= MOST_ALIKE {
                here.push(*row);
            }
        }
        let numbers = distinct.keys().flatten().map(|bits| f64::from_bits(*bits)).collect();
        let shape = (distinct.len(), scorer.dimensions());
        // Every point has so many numbers, so the shape fits.
        let points = Array2::from_shape_vec(shape, numbers).unwrap_or_default();
        Self { points, rows: distinct.into_values().collect() }
    }

    /// Makes them ready, for a number of questions.
    #[must_use]
    pub fn search(&self, questions: usize) -> Search<'_> {
        let few = self.rows.len().min(questions) < WORTH_A_TREE;
        let way = if few { CommonNearestNeighbour::LinearSearch } else { CommonNearestNeighbour::KdTree };
        let tree = (!self.points.is_empty()).then(|| way.from_batch(&self.points, L2Dist).ok()).flatten();
        Search { tree: tree.map(|tree| tree as _), rows: &self.rows }
    }
}

impl Search<'_> {
    /// The nearest customers of a point (see [`Scorer::point`]), nearest first, and of equally near ones the earlier row first.
    #[must_use]
    pub fn nearest(&self, point: &[f64], is_itself: impl Fn(usize) -> bool) -> Vec<Alike> {
        let found = self.tree.as_ref().and_then(|tree| tree.k_nearest(ArrayView1::from(point), MOST_ALIKE + 1).ok());
        let mut alike: Vec<Alike> = Vec::new();
        for (other, number) in found.into_iter().flatten() {
            let square: f64 = other.iter().zip(point).map(|(a, b)| (a - b) * (a - b)).sum();
            let here = self.rows.get(number).into_iter().flatten().filter(|row| !is_itself(**row));
            alike.extend(here.map(|row| Alike { row: *row, distance: square.sqrt() }));
        }
        alike.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.row.cmp(&b.row)));
        alike.truncate(MOST_ALIKE);
        alike
    }
}

impl std::fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("points", &self.rows.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
