//! Bins of numbers and days.

use sweetspot_core::Date;

use super::ValueStatus;

/// Consecutive half-open intervals: bin `i` contains values in `[edges[i - 1], edges[i])`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bins {
    /// The edges: ascending and finite.
    pub edges: Vec<f64>,
    /// The minimum of the training values.
    pub min: f64,
    /// The maximum of the training values.
    pub max: f64,
    /// Whether all training values were whole numbers.
    pub is_whole: bool,
}

impl Bins {
    /// Bins between these edges.
    pub(crate) const fn new(edges: Vec<f64>, least: f64, greatest: f64, whole: bool) -> Self {
        Self { edges, min: least, max: greatest, is_whole: whole }
    }

    /// The number of bins.
    pub(crate) fn len(&self) -> usize {
        self.edges.len() + 1
    }

    /// The bin of a finite value.
    #[inline]
    pub(crate) fn encode(&self, value: f64) -> (usize, ValueStatus) {
        let bin = self.edges.partition_point(|edge| *edge <= value);
        let inside = value >= self.min && value <= self.max;
        (bin, if inside { ValueStatus::Used } else { ValueStatus::OutOfRange })
    }

    /// The lower and upper edge of a bin; `None` for an open end.
    fn bounds(&self, bin: usize) -> (Option<f64>, Option<f64>) {
        let lower = bin.checked_sub(1).and_then(|below| self.edges.get(below));
        (lower.copied(), self.edges.get(bin).copied())
    }

    /// The range from one bin to another, with the ends of the training values in place of open ones.
    pub(crate) fn range_within_training(&self, first: usize, last: usize) -> (f64, f64) {
        (self.bounds(first).0.unwrap_or(self.min), self.bounds(last).1.unwrap_or(self.max))
    }

    /// A value in the middle of the bin's part of the training range.
    pub(crate) fn midpoint(&self, bin: usize) -> f64 {
        let (lower, upper) = self.bounds(bin);
        let lower = lower.unwrap_or_else(|| upper.map_or(self.min, |upper| upper.min(self.min)));
        let upper = upper.unwrap_or_else(|| self.max.max(lower));
        f64::midpoint(lower, upper)
    }

    /// A label such as `below 12`, `12 to 34`, `35` or `1000 or more`.
    pub(crate) fn number_label(&self, bin: usize) -> String {
        self.number_range(bin, bin)
    }

    /// The label of the range from one bin to another.
    pub(crate) fn number_range(&self, first: usize, last: usize) -> String {
        match (self.bounds(first).0, self.bounds(last).1) {
            (None, None) => "any number".to_owned(),
            (None, Some(upper)) if self.is_whole && upper - 1.0 == self.min => format!("{}", self.min),
            (None, Some(upper)) => format!("below {upper}"),
            (Some(lower), None) if lower == self.max => format!("{lower}"),
            (Some(lower), None) => format!("{lower} or more"),
            (Some(lower), Some(upper)) if self.is_whole && upper - lower == 1.0 => format!("{lower}"),
            (Some(lower), Some(upper)) if self.is_whole => format!("{lower} to {}", upper - 1.0),
            (Some(lower), Some(upper)) => format!("{lower} to below {upper}"),
        }
    }

    /// A label such as `before 2024-01-01`, `2024-01-01 to 2024-03-31` or `since 2025-06-01`.
    pub(crate) fn date_label(&self, bin: usize) -> String {
        self.date_range(bin, bin)
    }

    /// The label of the days from one bin to another.
    pub(crate) fn date_range(&self, first: usize, last: usize) -> String {
        // Edges of days are whole and derived from days, so they fit.
        let day = |days: f64| Date { days: days as i32 };
        match (self.bounds(first).0, self.bounds(last).1) {
            (None, None) => "any day".to_owned(),
            (None, Some(upper)) => format!("before {}", day(upper)),
            (Some(lower), None) => format!("since {}", day(lower)),
            (Some(lower), Some(upper)) if upper - lower == 1.0 => day(lower).to_string(),
            (Some(lower), Some(upper)) => format!("{} to {}", day(lower), day(upper - 1.0)),
        }
    }
}

/// The roundest number in `(below, at_most]`: a multiple of the largest possible power of ten, nearest to the middle.
///
/// Any edge between two adjacent values separates them equally well, and a round one is easier to read.
pub(crate) fn round_edge(below: f64, at_most: f64) -> f64 {
    let middle = below + (at_most - below) / 2.0;
    let widest = (at_most - below).log10().ceil();
    if !widest.is_finite() {
        return at_most;
    }
    let widest = widest as i32 + 1;
    for exponent in ((widest - 18)..=widest).rev() {
        let nearest = round_to_power(middle, exponent, f64::round);
        for candidate in [nearest, round_to_power(at_most, exponent, f64::floor)] {
            if candidate > below && candidate <= at_most {
                return candidate;
            }
        }
    }
    at_most
}

/// Rounds `value` to a multiple of a power of ten with `to_whole`. Divides by whole powers, so that 0.1 remains 0.1.
fn round_to_power(value: f64, exponent: i32, to_whole: fn(f64) -> f64) -> f64 {
    let power = 10_f64.powi(exponent.abs());
    if exponent < 0 { to_whole(value * power) / power } else { to_whole(value / power) * power }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn edges_are_round() {
        for (below, upto, edge) in [
            (499.0, 500.0, 500.0),
            (487.3, 512.9, 500.0),
            (0.0, 1.0, 1.0),
            (0.113, 0.127, 0.12),
            (-3.0, 4.0, 0.0),
            (1.0, 2.0, 2.0),
        ] {
            assert_eq!(round_edge(below, upto), edge, "{below} {upto}");
        }
    }

    proptest! {
        #[test]
        fn an_edge_separates_its_neighbors(a in -1e300_f64..1e300, b in -1e300_f64..1e300, tiny in 1e-300_f64..1.0) {
            for (x, y) in [(a, b), (a, a + a.abs() * 1e-15), (0.0, tiny), (tiny, tiny * 1.000_001), (-tiny, 0.0)] {
                let (below, upto) = if x < y { (x, y) } else { (y, x) };
                prop_assume!(below < upto);
                let edge = round_edge(below, upto);
                prop_assert!(below < edge && edge <= upto, "{below} < {edge} <= {upto}");
            }
        }

        #[test]
        fn each_value_lies_within_the_bounds_of_its_bin(mut edges in prop::collection::vec(-1e6_f64..1e6, 1..20), value in -2e6_f64..2e6) {
            edges.sort_by(f64::total_cmp);
            edges.dedup();
            let bins = Bins::new(edges, -1e6, 1e6, false);
            let (bin, reading) = bins.encode(value);
            let (lower, upper) = bins.bounds(bin);
            prop_assert!(lower.is_none_or(|lower| lower <= value) && upper.is_none_or(|upper| value < upper));
            prop_assert_eq!(reading == ValueStatus::Used, (-1e6..=1e6).contains(&value));
            prop_assert_eq!(bins.encode(bins.midpoint(bin)).0, bin);
        }
    }

    #[test]
    fn labels_of_number_and_date_bins() {
        let whole = Bins::new(vec![1.0, 2.0, 50.0, 200.0], 0.0, 900.0, true);
        let labels: Vec<_> = (0..whole.len()).map(|bin| whole.number_label(bin)).collect();
        assert_eq!(labels, ["0", "1", "2 to 49", "50 to 199", "200 or more"]);
        let real = Bins::new(vec![0.5, 1.5], 0.1, 1.5, false);
        assert_eq!(
            (0..3).map(|bin| real.number_label(bin)).collect::<Vec<_>>(),
            ["below 0.5", "0.5 to below 1.5", "1.5"]
        );
        let days = Bins::new(vec![0.0, 1.0, 32.0], -5.0, 40.0, true);
        let labels: Vec<_> = (0..4).map(|bin| days.date_label(bin)).collect();
        assert_eq!(labels, ["before 1970-01-01", "1970-01-01", "1970-01-02 to 1970-02-01", "since 1970-02-02"]);
    }
}
