//! Clusters of points, and their stability under resampling.

use std::collections::BTreeMap;

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::{Array2, ArrayView1, Axis};
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::clustering_agreement::adjusted_rand_index;

/// The maximum number of points used to estimate stability.
const MAX_STABILITY_POINTS: usize = 300;
/// The number of resamples that must agree, each with this share of the points.
const RESAMPLES: u64 = 4;
const RESAMPLE_SHARE: f64 = 0.7;
/// The maximum number of steps of one attempt at a clustering, and the number of attempts, of which the best one is
/// used.
const MAX_STEPS: u64 = 20;
const ATTEMPTS: usize = 4;

/// The coordinates of customers.
pub(super) struct ClusterPoints {
    coordinates: Array2<f64>,
    stability_coordinates: Array2<f64>,
    /// The account of each evaluated point; `None` for a single row.
    accounts: Vec<Option<usize>>,
    /// Every `step`-th point is evaluated.
    step: usize,
}

impl ClusterPoints {
    /// One point per row; rows of one account stay together in a resample.
    pub(super) fn new(places: Array2<f64>, accounts: Vec<Option<usize>>) -> Self {
        let step = places.nrows().div_ceil(MAX_STABILITY_POINTS).max(1);
        let rows: Vec<usize> = (0..places.nrows()).step_by(step).collect();
        let accounts = accounts.into_iter().step_by(step).collect();
        Self { stability_coordinates: places.select(Axis(0), &rows), accounts, coordinates: places, step }
    }

    /// The mean agreement of clusterings of resamples, on all evaluated points.
    pub(super) fn stability(&self, kinds: usize, seed: u64) -> f64 {
        let clustering = |number: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(1 + number);
            let rows = self.resample(&mut rng);
            let centers = best_clustering(&self.stability_coordinates.select(Axis(0), &rows), kinds, &mut rng)?;
            Some(centers.nearest_clusters(&self.stability_coordinates))
        };
        let Some(found) = (0..RESAMPLES).map(clustering).collect::<Option<Vec<Vec<usize>>>>() else { return 0.0 };
        let pairs = found
            .iter()
            .enumerate()
            .flat_map(|(index, first)| found.iter().skip(index + 1).map(move |second| (first, second)));
        let agreements: Vec<f64> = pairs.map(|(first, second)| adjusted_rand_index(first, second)).collect();
        agreements.iter().sum::<f64>() / agreements.len().max(1) as f64
    }

    /// A random share of the points, with whole accounts.
    fn resample(&self, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let mut first_draws: BTreeMap<usize, bool> = BTreeMap::new();
        let mut is_drawn = |row: &usize| match self.accounts.get(*row).copied().flatten() {
            Some(account) => *first_draws.entry(account).or_insert_with(|| rng.random_bool(RESAMPLE_SHARE)),
            None => rng.random_bool(RESAMPLE_SHARE),
        };
        (0..self.stability_coordinates.nrows()).filter(|row| is_drawn(row)).collect()
    }

    /// The mean silhouette, -1 to 1: how much closer customers are to their own cluster than to the next one (Rousseeuw
    /// 1987, J. Comput. Appl. Math. 20:53).
    pub(super) fn silhouette(&self, clusters: &[usize]) -> f64 {
        let own: Vec<usize> = clusters.iter().copied().step_by(self.step).collect();
        let kinds = own.iter().max().map_or(0, |last| last + 1);
        let widths = self.stability_coordinates.rows().into_iter().zip(&own).filter_map(|(place, kind)| {
            let mut sums = vec![(0.0, 0.0); kinds];
            for (other, cluster_of_row) in self.stability_coordinates.rows().into_iter().zip(&own) {
                let sum = sums.get_mut(*cluster_of_row)?;
                *sum = (sum.0 + squared_distance(place, other).sqrt(), sum.1 + 1.0);
            }
            let (own_distance, members) = *sums.get(*kind)?;
            let others = sums.iter().enumerate().filter(|(other_kind, (_, count))| other_kind != kind && *count > 0.0);
            let next = others.map(|(_, (sum, count))| sum / count).min_by(f64::total_cmp)?;
            // A point is not its own neighbor; the only point of a cluster has silhouette zero.
            let near = if members > 1.0 { own_distance / (members - 1.0) } else { next };
            Some((next - near) / next.max(near).max(f64::MIN_POSITIVE))
        });
        let widths: Vec<f64> = widths.collect();
        widths.iter().sum::<f64>() / widths.len().max(1) as f64
    }

    /// The cluster of each customer.
    pub(super) fn assign_clusters(&self, kinds: usize, seed: u64) -> Vec<usize> {
        let best = best_clustering(&self.coordinates, kinds, &mut ChaCha8Rng::seed_from_u64(seed));
        best.map_or_else(|| vec![0; self.coordinates.nrows()], |centers| centers.nearest_clusters(&self.coordinates))
    }
}

/// The centroids of clusters.
struct Centroids {
    centers: Array2<f64>,
    /// The mean squared distance of a point from its centroid.
    inertia: f64,
}

impl Centroids {
    /// The cluster of each point.
    fn nearest_clusters(&self, places: &Array2<f64>) -> Vec<usize> {
        let nearest = |place: ArrayView1<'_, f64>| {
            let distances = self.centers.rows().into_iter().map(|middle| squared_distance(place, middle)).enumerate();
            distances.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(cluster, _)| cluster)
        };
        places.rows().into_iter().map(nearest).collect()
    }
}

fn squared_distance(first: ArrayView1<'_, f64>, second: ArrayView1<'_, f64>) -> f64 {
    first.iter().zip(second).map(|(a, b)| (a - b).powi(2)).sum()
}

/// The clustering with the least inertia among several attempts.
fn best_clustering(places: &Array2<f64>, kinds: usize, rng: &mut ChaCha8Rng) -> Option<Centroids> {
    (0..ATTEMPTS).filter_map(|_| k_means(places, kinds, rng)).min_by(|a, b| a.inertia.total_cmp(&b.inertia))
}

fn k_means(places: &Array2<f64>, kinds: usize, rng: &mut ChaCha8Rng) -> Option<Centroids> {
    let starts = initial_centers(places, kinds, rng)?;
    let parameters = KMeans::params(kinds).init_method(KMeansInit::Precomputed(starts));
    let parameters = parameters.n_runs(1).max_n_iterations(MAX_STEPS).tolerance(1e-6);
    let model = parameters.fit(&DatasetBase::from(places.clone())).ok()?;
    Some(Centroids { centers: model.centroids().clone(), inertia: model.inertia() })
}

/// The initial centers: each is drawn from the points in proportion to its squared distance from the nearest center
/// drawn before (Arthur and Vassilvitskii 2007, SODA, p. 1027).
fn initial_centers(places: &Array2<f64>, kinds: usize, rng: &mut ChaCha8Rng) -> Option<Array2<f64>> {
    let mut nearest = vec![1.0; places.nrows()];
    let mut rows = Vec::new();
    for _ in 0..kinds {
        let total: f64 = nearest.iter().sum();
        let mut rest = rng.random_range(0.0..1.0) * total;
        let reached = |distance: &f64| {
            rest -= distance;
            rest < 0.0
        };
        let row = nearest.iter().position(reached).or_else(|| nearest.iter().rposition(|distance| *distance > 0.0))?;
        for (known, place) in nearest.iter_mut().zip(places.rows()) {
            let away = squared_distance(place, places.row(row));
            *known = if rows.is_empty() { away } else { known.min(away) };
        }
        rows.push(row);
    }
    Some(places.select(Axis(0), &rows))
}

#[cfg(test)]
mod tests {
    use super::super::{MIN_SILHOUETTE, MIN_STABILITY};
    use super::*;

    /// Customers around `corners` corners.
    fn points(corners: usize, noise: f64) -> ClusterPoints {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let corner = |row: usize| [(row % corners % 2) as f64, (row % corners / 2) as f64];
        let places = (0..200).flat_map(|row| corner(row).map(|at| at + noise * rng.random_range(-1.0..1.0))).collect();
        ClusterPoints::new(Array2::from_shape_vec((200, 2), places).unwrap(), Vec::new())
    }

    #[test]
    fn real_clusters_are_stable_and_others_are_not() {
        let four = points(4, 0.1);
        assert!(four.stability(4, 0) > 0.95);
        let found = four.assign_clusters(4, 7);
        assert!((adjusted_rand_index(&found, &(0..200).map(|row| row % 4).collect::<Vec<_>>()) - 1.0).abs() < 1e-12);
        assert_eq!(found, four.assign_clusters(4, 7), "the same seed, the same clusters");
        let clear = [2, 3, 4, 5].map(|kinds| four.silhouette(&four.assign_clusters(kinds, 7)));
        assert!(clear[2] > 0.8 && clear.iter().all(|one| *one <= clear[2]), "{clear:?}");
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let noise = (0..2400).map(|_| rng.random_range(-1.0..1.0)).collect();
        let noise = ClusterPoints::new(Array2::from_shape_vec((200, 12), noise).unwrap(), Vec::new());
        assert!(noise.stability(5, 0) < MIN_STABILITY, "noise has no stable clusters");
        assert!(noise.silhouette(&noise.assign_clusters(3, 0)) < MIN_SILHOUETTE);
    }

    #[test]
    fn a_resample_has_all_or_no_rows_of_an_account() {
        let accounts: Vec<Option<usize>> = (0..200).map(|row| (row < 150).then_some(row / 5)).collect();
        let points = ClusterPoints::new(Array2::zeros((200, 2)), accounts);
        for seed in 0..20 {
            let drawn = points.resample(&mut ChaCha8Rng::seed_from_u64(seed));
            assert!((0..30).all(|account| [0, 5].contains(&drawn.iter().filter(|row| **row / 5 == account).count())));
            assert!((90..190).contains(&drawn.len()), "{}", drawn.len());
        }
    }

    #[test]
    fn identical_customers_have_no_clusters() {
        let same = ClusterPoints::new(Array2::zeros((50, 3)), Vec::new());
        assert_eq!(same.stability(3, 0), 0.0);
        assert_eq!(same.assign_clusters(3, 0), vec![0; 50]);
    }
}
