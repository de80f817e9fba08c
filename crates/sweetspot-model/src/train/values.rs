//! What customers are worth: the ideal ones, those of each segment, and the others.

use sweetspot_core::Customers;

use super::sample::Sample;
use super::segments::Segment;
use crate::stored;

/// A segment's mean counts as so many customers of the overall mean more: partial pooling with a fixed prior, so that a few
/// customers do not make a segment's worth.
const POOLING: f64 = 10.0;

/// The values of a version; nothing where no ideal customer's value is known.
///
/// Of the ideal customers, those count whose net value is known. Of the others as well, and lost ones, which are worth nothing
/// whatever amount their deal carried.
pub(super) fn values(sample: &Sample, customers: &Customers) -> Option<stored::Values> {
    let rows = || sample.rows.iter().zip(&sample.labels).zip(&sample.values);
    let ideal = rows().filter(|((_, label), _)| **label > 0.5).filter_map(|(_, value)| *value);
    let (value_if_ideal, ideal) = mean(ideal)?;
    let others = rows()
        .filter(|((_, label), _)| **label <= 0.5)
        .filter_map(|((row, _), value)| if customers.outcomes().get(*row).is_lost() { Some(0.0) } else { *value });
    let (value_if_not, others) = mean(others).unwrap_or((0.0, 0));
    let currency = customers.currency().unwrap_or_default().to_owned();
    Some(stored::Values { currency, value_if_ideal, ideal, value_if_not, others, pooling: POOLING })
}

/// What an ideal customer of a segment is worth, and of how many that is known: the segment's mean, pooled with that of all.
pub(super) fn of_segment(sample: &Sample, segment: &Segment, values: &stored::Values) -> (f64, u64) {
    let ideal = segment.rows.iter().filter(|row| sample.labels.get(**row).is_some_and(|label| *label > 0.5));
    let known = ideal.filter_map(|row| sample.values.get(*row).copied().flatten());
    let (own, number) = mean(known).unwrap_or((0.0, 0));
    let weight = number as f64 / (number as f64 + values.pooling);
    (weight * own + (1.0 - weight) * values.value_if_ideal, number)
}

/// The mean, and of how many; nothing of nothing, or where it is beyond all numbers.
fn mean(values: impl Iterator<Item = f64>) -> Option<(f64, u64)> {
    let (sum, number) = values.fold((0.0, 0_u64), |(sum, number), value| (sum + value, number + 1));
    let mean = sum / number as f64;
    mean.is_finite().then_some((mean, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_nothing_or_of_too_much_is_not_known() {
        assert_eq!(mean([1.0, 2.0, 6.0].into_iter()), Some((3.0, 3)));
        assert_eq!(mean(std::iter::empty()), None);
        assert_eq!(mean([f64::MAX, f64::MAX].into_iter()), None);
    }
}
