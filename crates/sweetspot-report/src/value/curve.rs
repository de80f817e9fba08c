//! The value curve: how much of the value the best customers hold.

use super::resample::{Estimate, estimates};
use super::worth::top_count;
use crate::Share;

/// Most points of a curve but its first.
const STEPS: usize = 200;
/// Shares of customers whose part of the value is told, besides the one that was asked for.
const SHARES: [f64; 4] = [0.09, 0.1, 0.2, 0.4];
/// The part of the value whose holders are counted.
const MOST: f64 = 0.8;

/// What the best of the customers hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopHeld {
    /// The share of customers, in (0, 1).
    pub share: f64,
    /// How many that is.
    pub customers: u64,
    /// Their share of the value; above 1 where others lose money.
    pub held: Estimate,
}

/// Where a curve is highest: the customers after it cost more than they pay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// How many customers earn something, of all.
    pub customers: Share,
    /// What they hold of the value: 1.12 means that the others lose 12% of it.
    pub held: f64,
}

/// The value that customers hold together, the most valuable first.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueCurve {
    /// How many customers.
    pub customers: u64,
    /// What they hold together, in the currency of the customers; above 0.
    pub total: f64,
    /// Share of customers, share of the value: from (0, 0) to (1, 1), at most 201 points.
    pub points: Vec<(f64, f64)>,
    /// The value of the top 9, 10, 20 and 40% of the customers, and of the share that was asked for; by share.
    pub tops: Vec<TopHeld>,
    /// The smallest share of customers that holds 80% of the value.
    pub holding_most: Option<Estimate>,
    /// The Gini coefficient, from 0 (all equal) towards 1 (one has all); nothing where a customer loses money.
    pub gini: Option<Estimate>,
    /// Where the curve falls behind its top, if it does.
    pub peak: Option<Peak>,
}

impl ValueCurve {
    /// Nothing where the customers hold nothing together: a share of nothing says nothing.
    pub(super) fn of(values: impl IntoIterator<Item = f64>, share: f64, seed: u64) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let total: f64 = sorted.iter().sum();
        if total <= 0.0 || !total.is_finite() {
            return None;
        }
        let [a, b, c, d] = SHARES;
        let shares = [a, b, c, d, share];
        let counts = shares.map(|share| top_count(sorted.len(), share) as u64);
        let [first, second, third, fourth, asked, holding_most, gini] =
            estimates(sorted.len(), seed, |times| figures(&sorted, times, counts));
        let held = [first, second, third, fourth, asked];
        let tops = shares.into_iter().zip(counts).zip(held);
        let mut tops: Vec<_> =
            tops.filter_map(|((share, customers), held)| Some(TopHeld { share, customers, held: held? })).collect();
        tops.sort_by(|a, b| a.share.total_cmp(&b.share));
        tops.dedup_by(|a, b| a.share == b.share);
        let customers = sorted.len() as u64;
        let (points, peak) = (points(&sorted, total), peak(&sorted, total));
        Some(Self { customers, total, points, tops, holding_most, gini, peak })
    }

    /// What a share of the customers holds, if it is one of those that are told.
    #[must_use]
    pub fn top(&self, share: f64) -> Option<&TopHeld> {
        self.tops.iter().find(|top| top.share == share)
    }
}

/// What the first so many customers hold, the share of customers that holds most of it, and the Gini coefficient, of sorted
/// values that were drawn so often.
fn figures(sorted: &[f64], times: &[u32], counts: [u64; 5]) -> [Option<f64>; 7] {
    let drawn = || sorted.iter().copied().zip(times.iter().copied()).filter(|(_, times)| *times > 0);
    let total: f64 = drawn().map(|(value, times)| value * f64::from(times)).sum();
    if total <= 0.0 {
        return [None; 7];
    }
    let (mut seen, mut sum, mut ranks, mut most) = (0_u64, 0.0, 0.0, None);
    let mut held = [0.0; 5];
    let customers = sorted.len() as f64;
    for (value, times) in drawn() {
        let times = u64::from(times);
        for (held, count) in held.iter_mut().zip(counts) {
            *held += value * count.saturating_sub(seen).min(times) as f64;
        }
        if most.is_none() && sum + value * times as f64 >= MOST * total {
            let needed = ((MOST * total - sum) / value).ceil().clamp(1.0, times as f64);
            most = Some((seen as f64 + needed) / customers);
        }
        // Ranks count from the least valuable up: the one after `seen` others is the (n - seen)-th.
        ranks += value * times as f64 * (customers - seen as f64 - (times as f64 - 1.0) / 2.0);
        sum += value * times as f64;
        seen += times;
    }
    // Gini from ranks (Dixon et al. 1987, Ecology 68:1548); above 1 and without meaning where values are negative.
    let gini = 2.0 * ranks / (customers * total) - (customers + 1.0) / customers;
    let gini = sorted.last().is_some_and(|least| *least >= 0.0).then_some(gini.max(0.0));
    let mut told = [None, None, None, None, None, most, gini];
    for (told, held) in told.iter_mut().zip(held) {
        *told = Some(held / total);
    }
    told
}

fn points(sorted: &[f64], total: f64) -> Vec<(f64, f64)> {
    let steps = sorted.len().min(STEPS);
    let (mut points, mut sum, mut step) = (vec![(0.0, 0.0)], 0.0, 1);
    for (index, value) in sorted.iter().enumerate() {
        sum += value;
        // Every step holds a customer at least, so no step is passed over.
        if (index + 1) * steps >= step * sorted.len() {
            points.push(((index + 1) as f64 / sorted.len() as f64, sum / total));
            step += 1;
        }
    }
    points
}

fn peak(sorted: &[f64], total: f64) -> Option<Peak> {
    let earning = sorted.iter().take_while(|value| **value >= 0.0).count();
    let held = sorted.iter().take(earning).sum::<f64>() / total;
    let customers = Share { part: earning as u64, of: sorted.len() as u64 };
    (earning < sorted.len()).then_some(Peak { customers, held })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_curve_says_what_the_best_hold() {
        let curve = ValueCurve::of([1.0, 4.0, 1.0, 1.0, 1.0, 12.0, 0.0, 0.0, 0.0, 0.0], 0.3, 1).unwrap();
        assert_eq!((curve.customers, curve.total, curve.points.len()), (10, 20.0, 11));
        let held = |share| curve.top(share).map(|top| (top.customers, top.held.value));
        assert_eq!([0.1, 0.2, 0.3, 0.4].map(held), [Some((1, 0.6)), Some((2, 0.8)), Some((3, 0.85)), Some((4, 0.9))]);
        assert_eq!(curve.holding_most.unwrap().value, 0.2);
        assert_eq!((curve.peak, curve.top(0.5)), (None, None));
        // By the definition: the mean difference of all pairs over twice the mean.
        assert!((curve.gini.unwrap().value - 0.72).abs() < 1e-12, "{:?}", curve.gini);
    }

    #[test]
    fn a_curve_falls_where_customers_lose_money() {
        let curve = ValueCurve::of([100.0, 12.0, -12.0], 0.2, 1).unwrap();
        let peak = curve.peak.unwrap();
        assert_eq!((peak.customers, peak.held), (Share { part: 2, of: 3 }, 1.12));
        assert_eq!(curve.gini, None);
        for values in [vec![], vec![1.0, -1.0], vec![0.0]] {
            assert_eq!(ValueCurve::of(values, 0.2, 1), None);
        }
    }

    proptest! {
        #[test]
        fn a_curve_rises_from_nothing_to_everything(values in prop::collection::vec(0.0..1e6_f64, 1..900), share in 0.01..0.99_f64) {
            prop_assume!(values.iter().sum::<f64>() > 0.0);
            let curve = ValueCurve::of(values.clone(), share, 3).unwrap();
            prop_assert!(curve.points.len() <= STEPS + 1);
            prop_assert_eq!(curve.points.first(), Some(&(0.0, 0.0)));
            let (x, y) = *curve.points.last().unwrap();
            prop_assert!(x == 1.0 && (y - 1.0).abs() < 1e-9);
            for pair in curve.points.windows(2) {
                // Concave and above the diagonal: the best come first.
                prop_assert!(pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1 + 1e-12);
                prop_assert!(pair[1].1 >= pair[1].0 - 1e-9);
            }
            for top in &curve.tops {
                prop_assert!(top.held.value >= top.customers as f64 / values.len() as f64 - 1e-9);
            }
            let gini = curve.gini.unwrap().value;
            prop_assert!((0.0..1.0).contains(&gini));
        }
    }
}
