//! The value curve: the share of the value that the best customers hold.

use super::bootstrap::{Estimate, estimates};
use super::customer_value::top_count;
use crate::Proportion;

/// The maximum number of points of a curve, without its first.
const MAX_POINTS: usize = 200;
/// The shares of customers to report, in addition to the requested one.
const TOP_SHARES: [f64; 4] = [0.09, 0.1, 0.2, 0.4];
/// The share of the value whose holders are counted.
const MAJOR_VALUE_SHARE: f64 = 0.8;

/// The value of the best customers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopShare {
    /// The share of customers, in (0, 1).
    pub share: f64,
    /// The number of customers.
    pub customers: u64,
    /// Their share of the value; above 1 if other customers lose money.
    pub value_share: Estimate,
}

/// The maximum of a curve: the customers after it cost more than they pay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// The customers with positive value, of all customers.
    pub customers: Proportion,
    /// Their share of the value: 1.12 means that the others lose 12% of it.
    pub value_share: f64,
}

/// The cumulative value of customers, the most valuable first.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueCurve {
    /// The number of customers.
    pub customers: u64,
    /// Their total value, in the currency of the customers; above 0.
    pub total: f64,
    /// Pairs of a share of customers and their share of the value, from (0, 0) to (1, 1); at most 201 points.
    pub points: Vec<(f64, f64)>,
    /// The value of the top 9, 10, 20 and 40% of the customers, and of the requested share; in ascending order of
    /// shares.
    pub tops: Vec<TopShare>,
    /// The smallest share of customers that holds 80% of the value.
    pub major_value_holders: Option<Estimate>,
    /// The Gini coefficient, from 0 (all equal) towards 1 (one has all); `None` if a customer loses money.
    pub gini: Option<Estimate>,
    /// The maximum, if the curve declines after it.
    pub peak: Option<Peak>,
}

impl ValueCurve {
    /// `None` if the total value is not positive, because shares of it are undefined.
    pub(super) fn new(values: impl IntoIterator<Item = f64>, share: f64, seed: u64) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let total: f64 = sorted.iter().sum();
        if total <= 0.0 || !total.is_finite() {
            return None;
        }
        let [a, b, c, d] = TOP_SHARES;
        let shares = [a, b, c, d, share];
        let counts = shares.map(|share| top_count(sorted.len(), share) as u64);
        let [first, second, third, fourth, requested, holding_most, gini] =
            estimates(sorted.len(), seed, |times| figures(&sorted, times, counts));
        let value_shares = [first, second, third, fourth, requested];
        let tops = shares.into_iter().zip(counts).zip(value_shares);
        let mut tops: Vec<_> = tops
            .filter_map(|((share, customers), value_shares)| {
                Some(TopShare { share, customers, value_share: value_shares? })
            })
            .collect();
        tops.sort_by(|a, b| a.share.total_cmp(&b.share));
        tops.dedup_by(|a, b| a.share == b.share);
        let customers = sorted.len() as u64;
        let (points, peak) = (points(&sorted, total), peak(&sorted, total));
        Some(Self { customers, total, points, tops, major_value_holders: holding_most, gini, peak })
    }

    /// The value of a share of the customers, if it is one of the reported shares.
    #[must_use]
    pub fn top(&self, share: f64) -> Option<&TopShare> {
        self.tops.iter().find(|top| top.share == share)
    }
}

/// The shares of value of the first `counts` customers, the share of customers that holds 80% of the value, and the
/// Gini coefficient, of sorted values with these multiplicities.
fn figures(sorted: &[f64], times: &[u32], counts: [u64; 5]) -> [Option<f64>; 7] {
    let repeated_customers = || sorted.iter().copied().zip(times.iter().copied()).filter(|(_, times)| *times > 0);
    let total: f64 = repeated_customers().map(|(value, times)| value * f64::from(times)).sum();
    if total <= 0.0 {
        return [None; 7];
    }
    let (mut seen, mut sum, mut ranks, mut peak) = (0_u64, 0.0, 0.0, None);
    let mut value_sums = [0.0; 5];
    let customers = sorted.len() as f64;
    for (value, times) in repeated_customers() {
        let times = u64::from(times);
        for (value_sum, count) in value_sums.iter_mut().zip(counts) {
            *value_sum += value * count.saturating_sub(seen).min(times) as f64;
        }
        if peak.is_none() && sum + value * times as f64 >= MAJOR_VALUE_SHARE * total {
            let needed = ((MAJOR_VALUE_SHARE * total - sum) / value).ceil().clamp(1.0, times as f64);
            peak = Some((seen as f64 + needed) / customers);
        }
        // Ranks count from the least valuable customer: the one after `seen` others has rank n - seen.
        ranks += value * times as f64 * (customers - seen as f64 - (times as f64 - 1.0) / 2.0);
        sum += value * times as f64;
        seen += times;
    }
    // Gini from ranks (Dixon et al. 1987, Ecology 68:1548); above 1 and meaningless if values are negative.
    let gini = 2.0 * ranks / (customers * total) - (customers + 1.0) / customers;
    let gini = sorted.last().is_some_and(|least| *least >= 0.0).then_some(gini.max(0.0));
    let mut figures = [None, None, None, None, None, peak, gini];
    for (figure, value_sum) in figures.iter_mut().zip(value_sums) {
        *figure = Some(value_sum / total);
    }
    figures
}

fn points(sorted: &[f64], total: f64) -> Vec<(f64, f64)> {
    let steps = sorted.len().min(MAX_POINTS);
    let (mut points, mut sum, mut step) = (vec![(0.0, 0.0)], 0.0, 1);
    for (index, value) in sorted.iter().enumerate() {
        sum += value;
        // Every step contains at least one customer, so no step is skipped.
        if (index + 1) * steps >= step * sorted.len() {
            points.push(((index + 1) as f64 / sorted.len() as f64, sum / total));
            step += 1;
        }
    }
    points
}

fn peak(sorted: &[f64], total: f64) -> Option<Peak> {
    let earning = sorted.iter().take_while(|value| **value >= 0.0).count();
    let share_of_value = sorted.iter().take(earning).sum::<f64>() / total;
    let customers = Proportion { part: earning as u64, total: sorted.len() as u64 };
    (earning < sorted.len()).then_some(Peak { customers, value_share: share_of_value })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_curve_says_what_the_best_hold() {
        let curve = ValueCurve::new([1.0, 4.0, 1.0, 1.0, 1.0, 12.0, 0.0, 0.0, 0.0, 0.0], 0.3, 1).unwrap();
        assert_eq!((curve.customers, curve.total, curve.points.len()), (10, 20.0, 11));
        let held = |share| curve.top(share).map(|top| (top.customers, top.value_share.value));
        assert_eq!([0.1, 0.2, 0.3, 0.4].map(held), [Some((1, 0.6)), Some((2, 0.8)), Some((3, 0.85)), Some((4, 0.9))]);
        assert_eq!(curve.major_value_holders.unwrap().value, 0.2);
        assert_eq!((curve.peak, curve.top(0.5)), (None, None));
        // By definition: the mean difference of all pairs over twice the mean.
        assert!((curve.gini.unwrap().value - 0.72).abs() < 1e-12, "{:?}", curve.gini);
    }

    #[test]
    fn a_curve_falls_where_customers_lose_money() {
        let curve = ValueCurve::new([100.0, 12.0, -12.0], 0.2, 1).unwrap();
        let peak = curve.peak.unwrap();
        assert_eq!((peak.customers, peak.value_share), (Proportion { part: 2, total: 3 }, 1.12));
        assert_eq!(curve.gini, None);
        for values in [vec![], vec![1.0, -1.0], vec![0.0]] {
            assert_eq!(ValueCurve::new(values, 0.2, 1), None);
        }
    }

    proptest! {
        #[test]
        fn a_curve_rises_from_nothing_to_everything(values in prop::collection::vec(0.0..1e6_f64, 1..900), share in 0.01..0.99_f64) {
            prop_assume!(values.iter().sum::<f64>() > 0.0);
            let curve = ValueCurve::new(values.clone(), share, 3).unwrap();
            prop_assert!(curve.points.len() <= MAX_POINTS + 1);
            prop_assert_eq!(curve.points.first(), Some(&(0.0, 0.0)));
            let (x, y) = *curve.points.last().unwrap();
            prop_assert!(x == 1.0 && (y - 1.0).abs() < 1e-9);
            for pair in curve.points.windows(2) {
                // Concave and above the diagonal, because the best come first.
                prop_assert!(pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1 + 1e-12);
                prop_assert!(pair[1].1 >= pair[1].0 - 1e-9);
            }
            for top in &curve.tops {
                prop_assert!(top.value_share.value >= top.customers as f64 / values.len() as f64 - 1e-9);
            }
            let gini = curve.gini.unwrap().value;
            prop_assert!((0.0..1.0).contains(&gini));
        }
    }
}
