//! Values of attributes that correlate with ideal customers, and those that do not.

use sweetspot_core::{Column, ColumnData, NullableVec, ValueRef, is_year_column};

use super::amount_statistics::quantile;
use super::breakdown::{GroupTotals, tally};
use super::{Proportion, ReportInput, format_number, truncate};
use crate::AttributeName;
use crate::format::format_bounds;

/// The maximum number of trends to show.
const MAX_TRENDS: usize = 12;

/// A value of an attribute, with the rate of ideal accounts that have it and that of the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueCorrelation {
    /// The attribute.
    pub attribute: AttributeName,
    /// Its value, or a range of numbers.
    pub value: String,
    /// The ideal accounts with the value, of those with a label.
    pub ideal: Proportion,
    /// The ideal accounts of all others with a label.
    pub rest: Proportion,
    /// Whether the rate is above the rest (`true`) or below it (`false`); `None` if the intervals overlap.
    pub stands_out: Option<bool>,
    /// The mean net value of its customers; `None` if it is unknown for all of them.
    pub average_value: Option<f64>,
}

/// The values of all attributes, with the rates of ideal accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueCorrelations {
    /// The values: those that stand out first, by the distance of the intervals; then the most frequent. At most 12.
    pub trends: Vec<ValueCorrelation>,
    /// The number of values examined.
    pub examined_count: u64,
    /// The number of values that stand out.
    pub standing_out_count: u64,
    /// The ideal accounts of all with a label.
    pub overall: Proportion,
}

impl ValueCorrelations {
    /// Examines every value of every attribute.
    pub(super) fn new(input: &ReportInput) -> Self {
        let ideal = |row| input.ideal(row);
        let overall = Proportion::from_bools((0..input.rows()).filter_map(ideal));
        let mut trends: Vec<ValueCorrelation> =
            input.accounts().columns().iter().flat_map(|column| column_trends(input, column, overall)).collect();
        let looked_at = trends.len() as u64;
        let standing_out = trends.iter().filter(|trend| trend.stands_out.is_some()).count() as u64;
        trends.sort_by(|a, b| {
            let key = |trend: &ValueCorrelation| {
                if trend.stands_out.is_some() { interval_gap(trend.ideal, trend.rest) } else { -1.0 }
            };
            key(b).total_cmp(&key(a)).then(b.ideal.total.cmp(&a.ideal.total))
        });
        trends.truncate(MAX_TRENDS);
        Self { trends, examined_count: looked_at, standing_out_count: standing_out, overall }
    }
}

/// The gap between two intervals; not positive if they overlap.
fn interval_gap(first: Proportion, second: Proportion) -> f64 {
    let ((low, high), (rest_low, rest_high)) = (first.interval(), second.interval());
    (low - rest_high).max(rest_low - high)
}

fn column_trends(input: &ReportInput, column: &Column, overall: Proportion) -> Vec<ValueCorrelation> {
    let trend = |value: String, tally: &GroupTotals| {
        let ideal = tally.ideal;
        let rest = Proportion { part: overall.part - ideal.part, total: overall.total - ideal.total };
        let apart = rest.total > 0 && interval_gap(ideal, rest) > 0.0;
        ValueCorrelation {
            attribute: input.attribute(&column.name),
            value,
            ideal,
            rest,
            stands_out: apart.then(|| ideal.rate() > rest.rate()),
            average_value: (tally.valued > 0).then(|| tally.value / tally.valued as f64),
        }
    };
    let has_labels = |tally: &&GroupTotals| tally.ideal.total > 0;
    if let ColumnData::Numbers(numbers) = &column.data {
        let cuts = cuts(numbers);
        let bin = |row| numbers.get(row).map(|number| cuts.iter().filter(|cut| **cut <= number).count());
        let tallies = tally(input, |row| bin(row).into_iter().collect());
        let has_labels = tallies.by_key.iter().filter(|(_, tally)| has_labels(tally));
        let bound = if is_year_column(&column.name, numbers) { |cut: f64| cut.to_string() } else { format_number };
        return has_labels.map(|(bin, tally)| trend(range(&cuts, *bin, bound), tally)).collect();
    }
    let tallies = tally(input, |row| texts(column.data.get(row)));
    tallies
        .by_key
        .iter()
        .filter(|(_, tally)| has_labels(tally))
        .map(|(name, tally)| trend(truncate(name), tally))
        .collect()
}

/// The texts of a value that is not a number; dates become years.
fn texts(value: Option<ValueRef<'_>>) -> Vec<String> {
    let mut texts: Vec<String> = match value {
        Some(ValueRef::Text(text)) => vec![text.to_owned()],
        Some(ValueRef::Flag(flag)) => vec![if flag { "yes" } else { "no" }.to_owned()],
        Some(ValueRef::List(items)) => items.into_iter().map(str::to_owned).collect(),
        Some(ValueRef::Date(date)) => date.to_civil().map(|day| day.year().to_string()).into_iter().collect(),
        Some(ValueRef::Number(_)) | None => Vec::new(),
    };
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// The distinct quartiles.
fn cuts(numbers: &NullableVec<f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.iter().flatten().collect();
    sorted.sort_by(f64::total_cmp);
    let mut cuts: Vec<f64> = [0.25, 0.5, 0.75].into_iter().filter_map(|share| quantile(&sorted, share)).collect();
    cuts.dedup();
    // No value is below the smallest.
    cuts.retain(|cut| sorted.first() < Some(cut));
    cuts
}

fn range(cuts: &[f64], bin: usize, bound: fn(f64) -> String) -> String {
    let below = bin.checked_sub(1).and_then(|below| cuts.get(below));
    match (below, cuts.get(bin)) {
        (None, None) => "any number".to_owned(),
        (None, Some(to)) => format!("below {}", bound(*to)),
        (Some(from), None) => format!("{} or more", bound(*from)),
        (Some(from), Some(to)) => {
            let (from, to) = format_bounds(*from, *to, bound);
            format!("{from} to below {to}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fall_into_ranges_that_leave_nothing_out() {
        let cells = |numbers: &[f64]| numbers.iter().map(|number| Some(*number)).collect::<NullableVec<f64>>();
        let quarters = cuts(&cells(&[1.0, 2.0, 3.0, 4.0, 5.0]));
        assert_eq!(quarters, [2.0, 3.0, 4.0]);
        let names: Vec<String> = (0..4).map(|bin| range(&quarters, bin, format_number)).collect();
        assert_eq!(names, ["below 2", "2 to below 3", "3 to below 4", "4 or more"]);
        assert_eq!(cuts(&cells(&[7.0, 7.0])), Vec::<f64>::new());
        assert_eq!(range(&[], 0, format_number), "any number");
        assert_eq!(cuts(&cells(&[0.0, 0.0, 0.0, 1.0])), [0.25]);
    }

    #[test]
    fn intervals_that_overlap_are_not_apart() {
        assert!(interval_gap(Proportion { part: 90, total: 100 }, Proportion { part: 10, total: 100 }) > 0.5);
        assert!(interval_gap(Proportion { part: 1, total: 3 }, Proportion { part: 2, total: 3 }) <= 0.0);
    }
}
