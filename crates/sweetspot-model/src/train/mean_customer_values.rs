//! Mean customer values: of ideal customers, of those in each segment, and of the others.

use sweetspot_core::Customers;

use super::segments::DiscoveredSegment;
use super::training_sample::Sample;
use crate::stored;

/// A segment's mean is pooled with the overall mean as if it had this many more customers with that mean: partial
/// pooling with a fixed prior, so that a few customers do not determine the value of a segment.
const POOLING_CUSTOMERS: f64 = 10.0;

/// The values of a version; `None` if the value of no ideal customer is known.
///
/// Ideal customers count if their net value is known. So do the others, and lost ones, whose value is zero whatever the
/// amount of their deal.
pub(super) fn customer_values(sample: &Sample, customers: &Customers) -> Option<stored::Values> {
    let rows = || sample.rows.iter().zip(&sample.labels).zip(&sample.values).zip(sample.counts.iter());
    let ideal = rows().filter(|(((_, label), _), _)| **label > 0.5);
    let ideal = ideal.filter_map(|((_, value), count)| Some(((*value)?, count)));
    let (value_if_ideal, ideal) = finite_mean(ideal)?;
    let others = rows().filter(|(((_, label), _), _)| **label <= 0.5).filter_map(|(((row, _), value), count)| {
        let value = if customers.outcomes().get(*row).is_lost() { Some(0.0) } else { *value };
        Some((value?, count))
    });
    let (value_if_not, others) = finite_mean(others).unwrap_or((0.0, 0));
    let currency = customers.currency().unwrap_or_default().to_owned();
    Some(stored::Values { currency, value_if_ideal, ideal, value_if_not, others, pooling: POOLING_CUSTOMERS })
}

/// The value of an ideal customer of a segment, pooled with the mean of all, and the number of customers with a known
/// value.
pub(super) fn segment_value(sample: &Sample, segment: &DiscoveredSegment, values: &stored::Values) -> (f64, u64) {
    let ideal = segment.rows.iter().filter(|row| sample.labels.get(**row).is_some_and(|label| *label > 0.5));
    let known = ideal.filter_map(|row| Some((sample.values.get(*row).copied().flatten()?, sample.counts.get(*row))));
    let (own, number) = finite_mean(known).unwrap_or((0.0, 0));
    let weight = number as f64 / (number as f64 + values.pooling);
    (weight * own + (1.0 - weight) * values.value_if_ideal, number)
}

/// The mean and the number of values, each of which a number of customers has; `None` if there are no values or the mean
/// is not finite.
fn finite_mean(values: impl Iterator<Item = (f64, u64)>) -> Option<(f64, u64)> {
    let (sum, number) =
        values.fold((0.0, 0_u64), |(sum, number), (value, count)| (sum + value * count as f64, number + count));
    let mean = sum / number as f64;
    mean.is_finite().then_some((mean, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_no_or_infinite_values_is_unknown() {
        assert_eq!(finite_mean([(1.0, 1), (2.0, 1), (6.0, 1)].into_iter()), Some((3.0, 3)));
        assert_eq!(finite_mean([(1.0, 3), (5.0, 1)].into_iter()), Some((2.0, 4)));
        assert_eq!(finite_mean(std::iter::empty()), None);
        assert_eq!(finite_mean([(f64::MAX, 2)].into_iter()), None);
    }
}
