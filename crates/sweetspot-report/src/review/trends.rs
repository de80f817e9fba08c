//! Which values of the attributes go with ideal customers, and which do not.

use sweetspot_core::{Cells, Column, ColumnData, ValueRef, holds_years};

use super::amounts::quantile;
use super::tally::{Tally, tally};
use super::{Evidence, Share, number, short};
use crate::words::bounds;

/// Most trends that are shown.
const MOST: usize = 25;

/// One value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// The attribute.
    pub attribute: String,
    /// Its value, or a range of numbers.
    pub value: String,
    /// How many of its accounts are ideal, of those whose outcome tells.
    pub ideal: Share,
    /// How many of all other accounts are.
    pub rest: Share,
    /// Whether it is above the rest, or below it, by more than both intervals; nothing where they overlap.
    pub stands_out: Option<bool>,
    /// The mean net value of its customers; nothing where none has one.
    pub average_value: Option<f64>,
}

/// The values of all attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trends {
    /// Those that stand out first, by how far; then the most frequent. At most 25.
    pub trends: Vec<Trend>,
    /// How many values were looked at.
    pub looked_at: u64,
    /// How many of them stand out.
    pub standing_out: u64,
    /// How many accounts are ideal, of those whose outcome tells.
    pub overall: Share,
}

impl Trends {
    /// Looks at every value of every attribute.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let ideal = |row| evidence.ideal(row);
        let overall = Share::of((0..evidence.rows()).filter_map(ideal));
        let mut trends: Vec<Trend> =
            evidence.accounts().columns().iter().flat_map(|column| of_column(evidence, column, overall)).collect();
        let looked_at = trends.len() as u64;
        let standing_out = trends.iter().filter(|trend| trend.stands_out.is_some()).count() as u64;
        trends.sort_by(|one, other| {
            let key = |trend: &Trend| if trend.stands_out.is_some() { gap(trend.ideal, trend.rest) } else { -1.0 };
            key(other).total_cmp(&key(one)).then(other.ideal.of.cmp(&one.ideal.of))
        });
        trends.truncate(MOST);
        Self { trends, looked_at, standing_out, overall }
    }
}

/// How far apart two intervals are; not above zero where they overlap.
fn gap(one: Share, other: Share) -> f64 {
    let ((low, high), (rest_low, rest_high)) = (one.interval(), other.interval());
    (low - rest_high).max(rest_low - high)
}

fn of_column(evidence: &Evidence, column: &Column, overall: Share) -> Vec<Trend> {
    let trend = |value: String, tally: &Tally| {
        let ideal = tally.ideal;
        let rest = Share { part: overall.part - ideal.part, of: overall.of - ideal.of };
        let apart = rest.of > 0 && gap(ideal, rest) > 0.0;
        Trend {
            attribute: short(&column.name),
            value,
            ideal,
            rest,
            stands_out: apart.then(|| ideal.rate() > rest.rate()),
            average_value: (tally.valued > 0).then(|| tally.value / tally.valued as f64),
        }
    };
    let told = |tally: &&Tally| tally.ideal.of > 0;
    if let ColumnData::Numbers(numbers) = &column.data {
        let cuts = cuts(numbers);
        let bin = |row| numbers.get(row).map(|number| cuts.iter().filter(|cut| **cut <= number).count());
        let tallies = tally(evidence, |row| bin(row).into_iter().collect());
        let told = tallies.by.iter().filter(|(_, tally)| told(tally));
        let bound = if holds_years(&column.name, numbers) { |cut: f64| cut.to_string() } else { number };
        return told.map(|(bin, tally)| trend(range(&cuts, *bin, bound), tally)).collect();
    }
    let tallies = tally(evidence, |row| texts(column.data.get(row)));
    tallies.by.iter().filter(|(_, tally)| told(tally)).map(|(name, tally)| trend(short(name), tally)).collect()
}

/// What a value that is no number says; days by their year.
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

/// The quartiles, each once.
fn cuts(numbers: &Cells<f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.iter().flatten().collect();
    sorted.sort_by(f64::total_cmp);
    let mut cuts: Vec<f64> = [0.25, 0.5, 0.75].into_iter().filter_map(|share| quantile(&sorted, share)).collect();
    cuts.dedup();
    // Nothing lies below the smallest.
    cuts.retain(|cut| sorted.first() < Some(cut));
    cuts
}

fn range(cuts: &[f64], bin: usize, bound: fn(f64) -> String) -> String {
    let below = bin.checked_sub(1).and_then(|below| cuts.get(below));
    match (below, cuts.get(bin)) {
        (None, None) => "any number".to_owned(),
        (None, Some(to)) => format!("below {}", bound(*to)),
        (Some(from), None) => format!("{} and more", bound(*from)),
        (Some(from), Some(to)) => {
            let (from, to) = bounds(*from, *to, bound);
            format!("{from} to below {to}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fall_into_ranges_that_leave_nothing_out() {
        let cells = |numbers: &[f64]| numbers.iter().map(|number| Some(*number)).collect::<Cells<f64>>();
        let quarters = cuts(&cells(&[1.0, 2.0, 3.0, 4.0, 5.0]));
        assert_eq!(quarters, [2.0, 3.0, 4.0]);
        let names: Vec<String> = (0..4).map(|bin| range(&quarters, bin, number)).collect();
        assert_eq!(names, ["below 2", "2 to below 3", "3 to below 4", "4 and more"]);
        assert_eq!(cuts(&cells(&[7.0, 7.0])), Vec::<f64>::new());
        assert_eq!(range(&[], 0, number), "any number");
        assert_eq!(cuts(&cells(&[0.0, 0.0, 0.0, 1.0])), [0.25]);
    }

    #[test]
    fn intervals_that_overlap_are_not_apart() {
        assert!(gap(Share { part: 90, of: 100 }, Share { part: 10, of: 100 }) > 0.5);
        assert!(gap(Share { part: 1, of: 3 }, Share { part: 2, of: 3 }) <= 0.0);
    }
}
