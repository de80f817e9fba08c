//! Finds the threshold that best separates two groups of customers.

/// The minimum number of customers on each side of a threshold.
const MIN_SIDE_CUSTOMERS: usize = 10;
/// The minimum share of the customers on each side of a threshold.
const MIN_SIDE_SHARE: f64 = 0.1;

/// Figures that differ by less than this share of the largest one are equal up to rounding.
const ROUNDING: f64 = 1e-9;

/// One customer: the measure that is split, and the figure that should differ between the groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct SplitObservation {
    /// The measure of the threshold.
    pub(super) measure: f64,
    /// The figure that should differ between the groups.
    pub(super) target: f64,
}

/// The best threshold: customers at or above it are the upper group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BestThreshold {
    pub(super) threshold: f64,
    /// The number of thresholds examined.
    pub(super) threshold_count: u64,
}

/// The threshold with the largest difference between the groups (the sum of squares between them, as in regression
/// trees: Breiman et al. 1984). Both groups have at least 10 customers and a tenth of all; `None` if that is
/// impossible.
pub(super) fn best_split(mut points: Vec<SplitObservation>) -> Option<BestThreshold> {
    if !is_varied(points.iter().map(|point| point.target)) {
        return None;
    }
    points.sort_by(|a, b| a.measure.total_cmp(&b.measure));
    let min_customers = MIN_SIDE_CUSTOMERS.max((points.len() as f64 * MIN_SIDE_SHARE).ceil() as usize);
    let total: f64 = points.iter().map(|point| point.target).sum();
    let (mut below, mut best, mut threshold_count) = (0.0, None, 0);
    for (index, pair) in points.windows(2).enumerate() {
        let [last, next] = pair else { continue };
        below += last.target;
        let (lower, upper) = (index + 1, points.len() - index - 1);
        if last.measure == next.measure || lower < min_customers || upper < min_customers {
            continue;
        }
        threshold_count += 1;
        let difference = below / lower as f64 - (total - below) / upper as f64;
        let between = difference * difference * lower as f64 * upper as f64;
        if best.is_none_or(|(best_variance, _)| between > best_variance) {
            best = Some((between, halfway(last.measure, next.measure)));
        }
    }
    best.map(|(_, threshold)| BestThreshold { threshold, threshold_count })
}

/// Whether numbers differ by more than rounding.
fn is_varied(numbers: impl Iterator<Item = f64>) -> bool {
    let (min, max) =
        numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), number| (min.min(number), max.max(number)));
    max - min > ROUNDING * max.abs().max(min.abs())
}

/// A number above the lower one and at most the upper one: adjacent floats have no number between them.
fn halfway(lower: f64, upper: f64) -> f64 {
    let middle = lower + (upper - lower) / 2.0;
    if middle > lower { middle } else { upper }
}

/// The difference of two means in standard deviations within the groups (Cohen 1988); `None` if there is no variance.
pub(super) fn standardized_difference(lower: &[f64], upper: &[f64]) -> Option<f64> {
    let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len().max(1) as f64;
    let squares = |numbers: &[f64]| {
        let mean = mean(numbers);
        numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>()
    };
    if !is_varied(lower.iter().chain(upper).copied()) {
        return None;
    }
    let free = (lower.len() + upper.len()).checked_sub(2).filter(|free| *free > 0)?;
    let deviation = ((squares(lower) + squares(upper)) / free as f64).sqrt();
    (!lower.is_empty() && !upper.is_empty() && deviation > 0.0).then(|| (mean(upper) - mean(lower)) / deviation)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(numbers: &[(f64, f64)]) -> Vec<SplitObservation> {
        numbers.iter().map(|&(by, target)| SplitObservation { measure: by, target }).collect()
    }

    #[test]
    fn a_step_is_found_and_small_groups_are_not() {
        let step: Vec<_> = (0..40).map(|number| (f64::from(number), if number < 25 { 1.0 } else { 3.0 })).collect();
        assert_eq!(best_split(points(&step)), Some(BestThreshold { threshold: 24.5, threshold_count: 21 }));
        assert_eq!(best_split(points(&step[..19])), None);
        assert_eq!(best_split(points(&[(1.0, 1.0); 40])), None);
        assert_eq!(best_split(Vec::new()), None);
        let rounding: Vec<_> = (0..40).map(|number| (f64::from(number), 1.0 + f64::from(number % 2) * 1e-15)).collect();
        assert_eq!(best_split(points(&rounding)), None);
    }

    #[test]
    fn a_difference_is_reported_in_deviations() {
        assert_eq!(standardized_difference(&[1.0, 3.0], &[4.0, 6.0]), Some(3.0 / 2.0_f64.sqrt()));
        assert_eq!(standardized_difference(&[1.0, 1.0], &[1.0]), None);
        assert_eq!(standardized_difference(&[], &[1.0, 2.0, 3.0]), None);
    }

    proptest! {
        #[test]
        fn both_groups_are_large_enough(numbers in prop::collection::vec((0..50_u8, -9.0..9.0_f64), 0..200)) {
            let numbers: Vec<_> = numbers.into_iter().map(|(by, target)| (f64::from(by), target)).collect();
            if let Some(split) = best_split(points(&numbers)) {
                let upper = numbers.iter().filter(|(by, _)| *by >= split.threshold).count();
                prop_assert!(upper >= MIN_SIDE_CUSTOMERS && numbers.len() - upper >= MIN_SIDE_CUSTOMERS);
                prop_assert!(upper as f64 >= numbers.len() as f64 * MIN_SIDE_SHARE);
            }
        }
    }
}
