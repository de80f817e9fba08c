//! The uncertainty of the share of ideal customers among the best-scored ones.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use sweetspot_core::SamplingWeights;

use super::bootstrap::{RESAMPLES, draw_rows, percentile_interval};
use super::deciles::bin_start;

/// The minimum number of customers of either label: resamples of fewer only repeat them.
const MIN_PER_LABEL: usize = 20;
/// The number of points of the curve: tenths of the list.
const DECILES: usize = 10;

/// The 95% interval of the share of all ideal customers in the best-scored tenths of the list, one for each number of
/// tenths: a percentile bootstrap over customers evaluated out of fold. `None` if there are too few of either label.
///
/// `parts` are the numbers of ideal customers in parts of equal weight, best-scored first; within a part they are
/// assumed to be evenly spread. Each resample has as many customers as there are `accounts`: the rows of one account
/// may all have the same outcome, and then make the interval no narrower than one row does.
pub(crate) fn gains_intervals(
    parts: &[u64],
    customers: usize,
    accounts: usize,
    weights: SamplingWeights,
    seed: u64,
) -> Vec<(f64, f64)> {
    let is_even = weights.is_even();
    let ideal =
        if is_even { expand_parts(parts, customers) } else { expand_parts_by_weight(parts, customers, weights) };
    let gains = |times: &[u32]| if is_even { gains(&ideal, times) } else { weighted_gains(&ideal, times, weights) };
    let ideals = ideal.iter().filter(|ideal| **ideal).count();
    if ideals.min(ideal.len() - ideals) < MIN_PER_LABEL {
        return Vec::new();
    }
    let mut times = vec![1; ideal.len()];
    let observed = gains(&times).unwrap_or_default();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut samples = vec![Vec::new(); DECILES];
    for _ in 0..RESAMPLES {
        draw_rows(&mut rng, &mut times, accounts.clamp(1, customers.max(1)));
        for (sampled_gains, found) in samples.iter_mut().zip(gains(&times).unwrap_or_default()) {
            sampled_gains.push(found);
        }
    }
    // The interval includes the observed share.
    let interval = |(samples, gain): (Vec<f64>, f64)| {
        percentile_interval(samples).map(|(low, high)| (low.min(gain), high.max(gain)))
    };
    samples.into_iter().zip(observed).map_while(interval).collect()
}

/// Whether each customer is ideal, best-scored first.
fn expand_parts(parts: &[u64], customers: usize) -> Vec<bool> {
    let place = |part: usize| bin_start(part, parts.len(), customers);
    let mut ideal = Vec::with_capacity(customers);
    for (part, ideals) in parts.iter().enumerate() {
        let size = place(part + 1) - place(part);
        let ideals = (*ideals as usize).min(size);
        ideal.extend((0..size).map(|index| (index + 1) * ideals / size != index * ideals / size));
    }
    ideal
}

/// Whether each customer is ideal, best-scored first, if parts have equal weight: others fill up the weight of a part.
fn expand_parts_by_weight(parts: &[u64], customers: usize, weights: SamplingWeights) -> Vec<bool> {
    let (of_ideal, of_other) = (weights.weight(1.0), weights.weight(0.0));
    // Damaged counts must not exceed the number of customers.
    let all: u64 = parts.iter().fold(0_u64, |sum, ideals| sum.saturating_add(*ideals)).min(customers as u64);
    let total = weights.total(all, customers as u64);
    let mut customers_so_far = Vec::with_capacity(customers);
    let (mut ideals_before, mut others_before) = (0_u64, 0_u64);
    for (part, ideals) in (1_u64..).zip(parts) {
        let ideals = (*ideals).min(all - ideals_before);
        ideals_before += ideals;
        let weight = total * part as f64 / parts.len() as f64 - of_ideal * ideals_before as f64;
        let others_so_far = ((weight / of_other).round().max(0.0) as u64).clamp(others_before, customers as u64 - all);
        let size = ideals + (others_so_far - others_before);
        others_before = others_so_far;
        customers_so_far.extend((0..size).map(|index| (index + 1) * ideals / size != index * ideals / size));
    }
    customers_so_far
}

/// The same as [`gains`], up to each tenth of the drawn weight, to the nearest row.
fn weighted_gains(ideal: &[bool], times: &[u32], weights: SamplingWeights) -> Option<Vec<f64>> {
    let rows = || ideal.iter().zip(times).map(|(ideal, times)| (f64::from(u8::from(*ideal)), f64::from(*times)));
    let all: f64 = rows().map(|(ideal, times)| ideal * times).sum();
    let total: f64 = rows().map(|(ideal, times)| weights.weight(ideal) * times).sum();
    let mut gains = Vec::with_capacity(DECILES);
    let (mut so_far, mut ideal_so_far) = (0.0, 0.0);
    for (ideal, times) in rows() {
        let weight = weights.weight(ideal) * times;
        while gains.len() + 1 < DECILES && so_far + weight / 2.0 > total * (gains.len() + 1) as f64 / DECILES as f64 {
            gains.push(ideal_so_far / all);
        }
        (so_far, ideal_so_far) = (so_far + weight, ideal_so_far + ideal * times);
    }
    gains.resize(DECILES, 1.0);
    (all > 0.0).then_some(gains)
}

/// The share of the drawn ideal customers up to the end of each tenth; `None` if none was drawn.
fn gains(ideal: &[bool], times: &[u32]) -> Option<Vec<f64>> {
    let ideals = |times: usize, ideal: bool| if ideal { times } else { 0 };
    let customers = || ideal.iter().zip(times).map(|(ideal, times)| (*ideal, *times as usize));
    let all: usize = customers().map(|(ideal, times)| ideals(times, ideal)).sum();
    if all == 0 {
        return None;
    }
    let size: usize = times.iter().map(|times| *times as usize).sum();
    let mut ends = (1..=DECILES).map(|bin| bin_start(bin, DECILES, size)).peekable();
    let mut gains = Vec::with_capacity(DECILES);
    let (mut sampled, mut ideal_so_far) = (0, 0);
    for (ideal, times) in customers() {
        // A customer drawn several times may be on both sides of an end.
        while let Some(end) = ends.next_if(|end| *end <= sampled + times) {
            gains.push((ideal_so_far + ideals(end - sampled, ideal)) as f64 / all as f64);
        }
        sampled += times;
        ideal_so_far += ideals(times, ideal);
    }
    Some(gains)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::deciles_and_parts;
    use super::*;

    const EVEN: SamplingWeights = SamplingWeights::EVEN;

    /// Half of the rows are ideal, but one account in fifty: of 2,000 others, at most one fifth are above an ideal row.
    #[test]
    fn a_resampled_file_has_the_curve_of_all_accounts_and_the_interval_of_its_rows() {
        let labels: Vec<f64> = (0..4000_u32).map(|row| f64::from(u8::from(row.is_multiple_of(2)))).collect();
        let score = |row: usize| if row.is_multiple_of(2) { 0.5 + row as f64 / 8000.0 } else { row as f64 / 4000.0 };
        let probabilities: Vec<f64> = (0..4000).map(score).collect();
        let weights = SamplingWeights::new(0.02, 2000, 2000);
        let (deciles, parts) = deciles_and_parts(&labels, &probabilities, weights);
        let found = gains_intervals(&parts, 4000, 4000, weights, 7);
        let mut ideal_so_far = 0.0;
        for (decile, (low, high)) in deciles.iter().zip(&found) {
            ideal_so_far += decile.ideal as f64;
            let here = ideal_so_far / 2000.0;
            assert!(*low <= here + 0.005 && here - 0.005 <= *high && high - low < 0.1, "{low} {here} {high}");
        }
        assert_eq!((found.len(), found[9]), (10, (1.0, 1.0)));
        // Ideal scores are evenly spread from one half on, so that a tenth of all accounts contains nearly a fifth of
        // the ideal ones.
        assert!((0.15..0.25).contains(&f64::midpoint(found[0].0, found[0].1)), "{:?}", found[0]);
    }

    #[test]
    fn each_customer_once_gives_the_curve_itself() {
        let ideal: Vec<bool> = (0..20).map(|row| row < 4 || row == 10).collect();
        let found = gains(&ideal, &[1; 20]).unwrap();
        assert_eq!(found, [0.4, 0.8, 0.8, 0.8, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0]);
        // The first is drawn three times: the third time after the end of the first tenth.
        let mut times = [1; 20];
        (times[0], times[1], times[19]) = (3, 0, 0);
        assert_eq!(gains(&ideal, &times).unwrap()[..2], [2.0 / 6.0, 4.0 / 6.0]);
        assert_eq!(gains(&[false; 20], &[1; 20]), None);
    }

    #[test]
    fn ideal_customers_are_spread_evenly_within_their_parts() {
        assert_eq!(
            expand_parts(&[2, 0, 1], 12).iter().map(|ideal| u8::from(*ideal)).collect::<Vec<_>>(),
            [0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]
        );
        // Counts above the number of customers are limited to it.
        assert_eq!(expand_parts(&[u64::from(u32::MAX)], 2), [true, true]);
    }

    /// Three quarters of the better half are ideal, and one quarter of the other half.
    #[test]
    fn the_gains_interval_has_the_binomial_width() {
        let parts: Vec<u64> = (0..200).map(|part| if part < 100 { 15 } else { 5 }).collect();
        let found = gains_intervals(&parts, 4000, 4000, EVEN, 7);
        let (low, high) = found[4];
        // The share is x / (x + y) with variances of 2000 · 3/16 each: by the delta method (500² + 1500²) · 375 /
        // 2000⁴.
        let error = (2.5e6_f64 * 375.0).sqrt() / 4e6;
        assert!(low < 0.75 && 0.75 < high, "{low} {high}");
        assert!(((high - low) / (2.0 * 1.96 * error) - 1.0).abs() < 0.2, "{low} {high} {error}");
        assert_eq!(found, gains_intervals(&parts, 4000, 4000, EVEN, 7));
        assert_ne!(found, gains_intervals(&parts, 4000, 4000, EVEN, 8));
        // Four rows per account: twice the width.
        let (low, high) = gains_intervals(&parts, 4000, 1000, EVEN, 7)[4];
        assert!(((high - low) / (4.0 * 1.96 * error) - 1.0).abs() < 0.2, "{low} {high} {error}");
    }

    proptest! {
        #[test]
        fn every_gains_interval_contains_the_curve(rows in prop::collection::vec((any::<bool>(), 1..20_u8), 1..300), seed in 0..9_u64) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let probabilities: Vec<f64> = rows.iter().map(|(_, step)| f64::from(*step) / 20.0).collect();
            let (deciles, parts) = deciles_and_parts(&labels, &probabilities, EVEN);
            let found = gains_intervals(&parts, rows.len(), rows.len(), EVEN, seed);
            let ideals = labels.iter().sum::<f64>();
            let enough = ideals.min(labels.len() as f64 - ideals) >= MIN_PER_LABEL as f64;
            prop_assert_eq!(found.len(), if enough { DECILES } else { 0 });
            let mut so_far = 0.0;
            for (decile, (low, high)) in deciles.iter().zip(&found) {
                so_far += decile.ideal as f64;
                let here = so_far / ideals;
                prop_assert!(0.0 <= *low && *low <= here && here <= *high && *high <= 1.0, "{} {} {}", low, here, high);
            }
            prop_assert!(!enough || found.last() == Some(&(1.0, 1.0)), "the whole list contains all");
        }
    }
}
