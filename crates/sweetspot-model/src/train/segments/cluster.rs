//! Clusters of places, and whether others like these would have the same.

use std::collections::BTreeMap;

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::{Array2, ArrayView1, Axis};
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::agreement::adjusted_rand;

/// Places that stability is judged by.
const JUDGED: usize = 300;
/// Resamples that must agree, each of this share of the places.
const RESAMPLES: u64 = 4;
const SHARE: f64 = 0.7;
/// Steps of one attempt at a clustering, and attempts: the best one counts.
const STEPS: u64 = 20;
const ATTEMPTS: usize = 4;

/// Where customers stand.
pub(super) struct Points {
    places: Array2<f64>,
    judged: Array2<f64>,
    /// The account of each place that is judged; nothing where it stands alone.
    accounts: Vec<Option<usize>>,
    /// Every so many places one is judged.
    step: usize,
}

impl Points {
    /// Of one row each; rows of one account stay together in a resample.
    pub(super) fn new(places: Array2<f64>, accounts: Vec<Option<usize>>) -> Self {
        let step = places.nrows().div_ceil(JUDGED).max(1);
        let rows: Vec<usize> = (0..places.nrows()).step_by(step).collect();
        let accounts = accounts.into_iter().step_by(step).collect();
        Self { judged: places.select(Axis(0), &rows), accounts, places, step }
    }

    /// How well clusterings of resamples agree about all of them, on average.
    pub(super) fn stability(&self, kinds: usize, seed: u64) -> f64 {
        let of = |number: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(1 + number);
            let rows = self.resample(&mut rng);
            let centres = best(&self.judged.select(Axis(0), &rows), kinds, &mut rng)?;
            Some(centres.nearest(&self.judged))
        };
        let Some(found) = (0..RESAMPLES).map(of).collect::<Option<Vec<Vec<usize>>>>() else { return 0.0 };
        let pairs =
            found.iter().enumerate().flat_map(|(at, one)| found.iter().skip(at + 1).map(move |other| (one, other)));
        let agreements: Vec<f64> = pairs.map(|(one, other)| adjusted_rand(one, other)).collect();
        agreements.iter().sum::<f64>() / agreements.len().max(1) as f64
    }

    /// A share of the places, accounts whole.
    fn resample(&self, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let mut drawn: BTreeMap<usize, bool> = BTreeMap::new();
        let mut is_drawn = |row: &usize| match self.accounts.get(*row).copied().flatten() {
            Some(account) => *drawn.entry(account).or_insert_with(|| rng.random_bool(SHARE)),
            None => rng.random_bool(SHARE),
        };
        (0..self.judged.nrows()).filter(|row| is_drawn(row)).collect()
    }

    /// How much nearer customers are to their own cluster than to the next one, on average, -1 to 1 (Rousseeuw 1987, J. Comput.
    /// Appl. Math. 20:53).
    pub(super) fn silhouette(&self, clusters: &[usize]) -> f64 {
        let own: Vec<usize> = clusters.iter().copied().step_by(self.step).collect();
        let kinds = own.iter().max().map_or(0, |most| most + 1);
        let widths = self.judged.rows().into_iter().zip(&own).filter_map(|(place, kind)| {
            let mut sums = vec![(0.0, 0.0); kinds];
            for (other, of) in self.judged.rows().into_iter().zip(&own) {
                let sum = sums.get_mut(*of)?;
                *sum = (sum.0 + squared(place, other).sqrt(), sum.1 + 1.0);
            }
            let (within, members) = *sums.get(*kind)?;
            let others = sums.iter().enumerate().filter(|(of, (_, count))| of != kind && *count > 0.0);
            let next = others.map(|(_, (sum, count))| sum / count).min_by(f64::total_cmp)?;
            // The place itself is no neighbour; who is alone is in no cluster.
            let near = if members > 1.0 { within / (members - 1.0) } else { next };
            Some((next - near) / next.max(near).max(f64::MIN_POSITIVE))
        });
        let widths: Vec<f64> = widths.collect();
        widths.iter().sum::<f64>() / widths.len().max(1) as f64
    }

    /// The cluster of each customer.
    pub(super) fn clusters(&self, kinds: usize, seed: u64) -> Vec<usize> {
        let best = best(&self.places, kinds, &mut ChaCha8Rng::seed_from_u64(seed));
        best.map_or_else(|| vec![0; self.places.nrows()], |centres| centres.nearest(&self.places))
    }
}

/// The middles of clusters.
struct Centres {
    middles: Array2<f64>,
    /// The mean squared distance of a place from its middle.
    inertia: f64,
}

impl Centres {
    /// The cluster of each place.
    fn nearest(&self, places: &Array2<f64>) -> Vec<usize> {
        let of = |place: ArrayView1<'_, f64>| {
            let distances = self.middles.rows().into_iter().map(|middle| squared(place, middle)).enumerate();
            distances.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(cluster, _)| cluster)
        };
        places.rows().into_iter().map(of).collect()
    }
}

fn squared(one: ArrayView1<'_, f64>, other: ArrayView1<'_, f64>) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum()
}

/// The clustering of several attempts whose customers are nearest to their middles.
fn best(places: &Array2<f64>, kinds: usize, rng: &mut ChaCha8Rng) -> Option<Centres> {
    (0..ATTEMPTS).filter_map(|_| means(places, kinds, rng)).min_by(|a, b| a.inertia.total_cmp(&b.inertia))
}

fn means(places: &Array2<f64>, kinds: usize, rng: &mut ChaCha8Rng) -> Option<Centres> {
    let starts = starts(places, kinds, rng)?;
    let parameters = KMeans::params(kinds).init_method(KMeansInit::Precomputed(starts));
    let parameters = parameters.n_runs(1).max_n_iterations(STEPS).tolerance(1e-6);
    let model = parameters.fit(&DatasetBase::from(places.clone())).ok()?;
    Some(Centres { middles: model.centroids().clone(), inertia: model.inertia() })
}

/// Where clusters begin: each place is drawn in proportion to its squared distance from those drawn before (Arthur and
/// Vassilvitskii 2007, SODA, p. 1027).
fn starts(places: &Array2<f64>, kinds: usize, rng: &mut ChaCha8Rng) -> Option<Array2<f64>> {
    let mut nearest = vec![1.0; places.nrows()];
    let mut drawn = Vec::new();
    for _ in 0..kinds {
        let total: f64 = nearest.iter().sum();
        let mut rest = rng.random_range(0.0..1.0) * total;
        let reached = |distance: &f64| {
            rest -= distance;
            rest < 0.0
        };
        let row = nearest.iter().position(reached).or_else(|| nearest.iter().rposition(|distance| *distance > 0.0))?;
        for (known, place) in nearest.iter_mut().zip(places.rows()) {
            let away = squared(place, places.row(row));
            *known = if drawn.is_empty() { away } else { known.min(away) };
        }
        drawn.push(row);
    }
    Some(places.select(Axis(0), &drawn))
}

#[cfg(test)]
mod tests {
    use super::super::{CLEAR, STABLE};
    use super::*;

    /// Customers around so many corners.
    fn points(corners: usize, noise: f64) -> Points {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let corner = |row: usize| [(row % corners % 2) as f64, (row % corners / 2) as f64];
        let places = (0..200).flat_map(|row| corner(row).map(|at| at + noise * rng.random_range(-1.0..1.0))).collect();
        Points::new(Array2::from_shape_vec((200, 2), places).unwrap(), Vec::new())
    }

    #[test]
    fn kinds_that_are_there_are_found_again_and_others_are_not() {
        let four = points(4, 0.1);
        assert!(four.stability(4, 0) > 0.95);
        let found = four.clusters(4, 7);
        assert!((adjusted_rand(&found, &(0..200).map(|row| row % 4).collect::<Vec<_>>()) - 1.0).abs() < 1e-12);
        assert_eq!(found, four.clusters(4, 7), "the same seed, the same clusters");
        let clear = [2, 3, 4, 5].map(|kinds| four.silhouette(&four.clusters(kinds, 7)));
        assert!(clear[2] > 0.8 && clear.iter().all(|one| *one <= clear[2]), "{clear:?}");
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let noise = (0..2400).map(|_| rng.random_range(-1.0..1.0)).collect();
        let noise = Points::new(Array2::from_shape_vec((200, 12), noise).unwrap(), Vec::new());
        assert!(noise.stability(5, 0) < STABLE, "there is only one kind");
        assert!(noise.silhouette(&noise.clusters(3, 0)) < CLEAR);
    }

    #[test]
    fn an_account_is_drawn_whole_or_not_at_all() {
        let accounts: Vec<Option<usize>> = (0..200).map(|row| (row < 150).then_some(row / 5)).collect();
        let points = Points::new(Array2::zeros((200, 2)), accounts);
        for seed in 0..20 {
            let drawn = points.resample(&mut ChaCha8Rng::seed_from_u64(seed));
            assert!((0..30).all(|account| [0, 5].contains(&drawn.iter().filter(|row| **row / 5 == account).count())));
            assert!((90..190).contains(&drawn.len()), "{}", drawn.len());
        }
    }

    #[test]
    fn customers_who_are_all_alike_have_no_kinds() {
        let same = Points::new(Array2::zeros((50, 3)), Vec::new());
        assert_eq!(same.stability(3, 0), 0.0);
        assert_eq!(same.clusters(3, 0), vec![0; 50]);
    }
}
