//! Customers either side of a threshold: where they began, and how they grew.

use sweetspot_core::Status;

use super::growth::{QUARTERS, ends, growth, quarters_known, spend};
use super::question::{Basis, ValueQuestion};
use super::resample::{Estimate, estimates, mean};
use super::split::{Point, Split, best, standardised};
use super::worth::{Worth, Worths};
use crate::{Evidence, Share};

/// One quarter of a cohort.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quarter {
    /// From 1.
    pub quarter: u8,
    /// How many customers' spending is known in it.
    pub customers: u64,
    /// What they spent on average, with its interval.
    pub mean: Option<Estimate>,
    /// The same of those alone whose spending is known in every quarter.
    pub mean_of_complete: Option<f64>,
}

/// Customers on one side of the threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cohort {
    /// How many.
    pub customers: u64,
    /// Their share of the revenue of both cohorts; nothing where that is not above 0.
    pub share_of_value: Option<f64>,
    /// Their revenue over the lifetime, on average.
    pub mean_value: Option<Estimate>,
    /// What they spent quarter by quarter.
    pub quarters: Vec<Quarter>,
    /// How many have every quarter.
    pub complete: u64,
    /// How much those grew from the first quarter to the last: 1.25 is 125% more.
    pub growth: Option<Estimate>,
    /// How many left, of those whose status is known.
    pub churned: Share,
    /// How many are ideal, of those that have a label.
    pub ideal: Share,
}

/// Two cohorts.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohorts {
    /// What the threshold is about.
    pub basis: Basis,
    /// From this amount on a customer belongs to the upper cohort.
    pub threshold: f64,
    /// How many thresholds were tried to find this one; nothing where it was given.
    pub tried: Option<u64>,
    /// The difference of what was to differ, growth or else revenue, in standard deviations within the cohorts.
    pub difference: Option<f64>,
    /// Whether that is growth; revenue otherwise.
    pub by_growth: bool,
    /// How many customers are in neither, since what the threshold is about is not known of them.
    pub without: u64,
    /// The quarters over which growth is told, at most 6; 0 where none are known.
    pub quarters: u8,
    /// Customers below the threshold.
    pub lower: Cohort,
    /// Customers from the threshold on.
    pub upper: Cohort,
}

impl Cohorts {
    /// Nothing where there is no threshold that leaves ten customers on each side, and none was given.
    pub(super) fn of(evidence: &Evidence, worths: &Worths, question: &ValueQuestion, seed: u64) -> Option<Self> {
        let quarters = quarters_known(evidence, &worths.sorted);
        let basis = question.basis.unwrap_or(if quarters > 0 { Basis::YearlySpend } else { Basis::Value });
        let measured: Vec<(f64, &Worth)> =
            worths.sorted.iter().filter_map(|worth| Some((measure(evidence, worth, basis)?, worth))).collect();
        if measured.is_empty() {
            return None;
        }
        let grown = |worth: &Worth| log_growth(evidence, worth.row, quarters);
        let (split, by_growth) = threshold(&measured, question, grown)?;
        let (upper, lower): (Vec<_>, Vec<_>) = measured.iter().partition(|(by, _)| *by >= split.threshold);
        let targets = |side: &[(f64, &Worth)]| -> Vec<f64> {
            side.iter().filter_map(|(_, worth)| if by_growth { grown(worth) } else { Some(worth.value) }).collect()
        };
        let difference = standardised(&targets(&lower), &targets(&upper));
        let total = measured.iter().map(|(_, worth)| worth.value).sum();
        let cohort = |side: &[(f64, &Worth)]| Cohort::of(evidence, side, quarters, total, seed);
        Some(Self {
            basis,
            threshold: split.threshold,
            tried: question.threshold.is_none().then_some(split.tried),
            difference,
            by_growth,
            without: (worths.sorted.len() - measured.len()) as u64,
            quarters,
            lower: cohort(&lower),
            upper: cohort(&upper),
        })
    }
}

/// The threshold that was given, or the one at which growth differs most; revenue where too little growth is known.
fn threshold(
    measured: &[(f64, &Worth)],
    question: &ValueQuestion,
    grown: impl Fn(&Worth) -> Option<f64>,
) -> Option<(Split, bool)> {
    let growing = measured.iter().filter_map(|(by, worth)| Some(Point { by: *by, target: grown(worth)? }));
    if let Some(threshold) = question.threshold {
        return Some((Split { threshold, tried: 0 }, growing.count() > 0));
    }
    let valued = measured.iter().map(|(by, worth)| Point { by: *by, target: worth.value });
    best(growing.collect()).map(|split| (split, true)).or_else(|| Some((best(valued.collect())?, false)))
}

fn measure(evidence: &Evidence, worth: &Worth, basis: Basis) -> Option<f64> {
    match basis {
        Basis::Value => Some(worth.value),
        Basis::FirstQuarter => spend(evidence, worth.row, 1),
        Basis::YearlySpend => {
            mean((1..=QUARTERS).filter_map(|quarter| Some((4.0 * spend(evidence, worth.row, quarter)?, 1))))
        }
    }
}

/// How much one customer grew, on a scale on which twice as much and half as much are equally far; nothing from or to nothing.
fn log_growth(evidence: &Evidence, row: usize, quarters: u8) -> Option<f64> {
    let (first, last) = ends(evidence, row, quarters).filter(|_| quarters > 1)?;
    (first > 0.0 && last > 0.0).then(|| (last / first).ln())
}

impl Cohort {
    fn of(evidence: &Evidence, side: &[(f64, &Worth)], quarters: u8, total: f64, seed: u64) -> Self {
        let rows: Vec<usize> = side.iter().map(|(_, worth)| worth.row).collect();
        let values: Vec<f64> = side.iter().map(|(_, worth)| worth.value).collect();
        let ends: Vec<_> = rows.iter().filter_map(|row| ends(evidence, *row, quarters)).collect();
        let churned = rows.iter().filter_map(|row| evidence.outcome(*row).status).map(|status| match status {
            Status::Churned => true,
            Status::Won | Status::Lost => false,
        });
        Self {
            customers: rows.len() as u64,
            share_of_value: (total > 0.0).then(|| values.iter().sum::<f64>() / total),
            mean_value: mean_of(&values, seed),
            quarters: (1..=quarters).map(|quarter| Quarter::of(evidence, &rows, quarter, quarters, seed)).collect(),
            complete: if quarters > 0 { ends.len() as u64 } else { 0 },
            growth: (quarters > 1).then(|| growth(&ends, seed)).flatten(),
            churned: Share::of(churned),
            ideal: Share::of(rows.iter().filter_map(|row| evidence.ideal(*row))),
        }
    }
}

impl Quarter {
    fn of(evidence: &Evidence, rows: &[usize], quarter: u8, quarters: u8, seed: u64) -> Self {
        let known: Vec<f64> = rows.iter().filter_map(|row| spend(evidence, *row, quarter)).collect();
        let complete = rows.iter().filter(|row| ends(evidence, **row, quarters).is_some());
        let complete = complete.filter_map(|row| Some((spend(evidence, *row, quarter)?, 1)));
        let mean_of_complete = mean(complete);
        Self { quarter, customers: known.len() as u64, mean: mean_of(&known, seed), mean_of_complete }
    }
}

fn mean_of(numbers: &[f64], seed: u64) -> Option<Estimate> {
    let figure = |times: &[u32]| [mean(numbers.iter().copied().zip(times.iter().copied()))];
    let [mean] = estimates(numbers.len(), seed, figure);
    mean
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{Outcome, ReviewField};

    use super::*;
    use crate::value::Stated;
    use crate::value::made_up::{evidence, numbers, won};

    /// Thirty small customers that grow by 15%, twenty large ones that grow by 125%, and one without a sixth quarter.
    fn grown() -> Evidence {
        let large = |row: usize| row >= 30;
        let first = |row| if large(row) { 25_000.0 } else { 1_000.0 + row as f64 };
        let last = |row| (row != 50).then(|| first(row) * if large(row) { 2.25 } else { 1.15 });
        let quarter = |quarter: u8| -> Vec<Option<f64>> {
            (0..51).map(|row| if quarter == 6 { last(row) } else { Some(first(row)) }).collect()
        };
        let review = [1, 2, 3, 4, 5, 6].map(|number| numbers(ReviewField::Spend(number), &quarter(number)));
        evidence((0..51).map(|row| won(if large(row) { 100.0 } else { 10.0 })).collect(), review)
    }

    fn cohorts(evidence: &Evidence, question: &ValueQuestion) -> Option<Cohorts> {
        Cohorts::of(evidence, &Worths::of(evidence, &Stated::default()), question, 5)
    }

    #[test]
    fn the_divide_is_found_and_told() {
        let found = cohorts(&grown(), &ValueQuestion::default()).unwrap();
        assert_eq!((found.basis, found.by_growth, found.quarters, found.without), (Basis::YearlySpend, true, 6, 0));
        assert!(found.threshold > 5_000.0 && found.tried > Some(1), "{found:?}");
        let told = |cohort: &Cohort| (cohort.customers, cohort.complete, cohort.growth.unwrap().value);
        assert_eq!((told(&found.lower).0, told(&found.lower).1), (30, 30));
        assert!((told(&found.lower).2 - 0.15).abs() < 1e-12);
        assert_eq!(told(&found.upper), (21, 20, 1.25));
        let last = found.upper.quarters.last().unwrap();
        assert_eq!((last.quarter, last.customers, last.mean.unwrap().value), (6, 20, 56_250.0));
        assert_eq!(found.upper.growth.unwrap().interval, Some((1.25, 1.25)));
    }

    #[test]
    fn a_given_threshold_is_taken_even_where_one_side_is_empty() {
        let question = ValueQuestion { threshold: Some(1e9), basis: Some(Basis::FirstQuarter), ..Default::default() };
        let found = cohorts(&grown(), &question).unwrap();
        assert_eq!((found.tried, found.upper.customers, found.lower.customers), (None, 0, 51));
        assert_eq!((found.upper.growth, found.upper.mean_value, found.difference), (None, None, None));
    }

    #[test]
    fn without_quarters_customers_are_told_apart_by_value() {
        let values = (0..40).map(|row| won(if row < 30 { 1.0 } else { 100.0 } + f64::from(row) / 100.0));
        let found = cohorts(&evidence(values.collect(), []), &ValueQuestion::default()).unwrap();
        assert_eq!((found.basis, found.by_growth, found.quarters), (Basis::Value, false, 0));
        assert_eq!((found.lower.customers, found.upper.customers, found.upper.complete), (30, 10, 0));
        assert_eq!(cohorts(&evidence(vec![won(1.0); 12], []), &ValueQuestion::default()), None);
        assert_eq!(cohorts(&evidence(vec![Outcome::default(); 12], []), &ValueQuestion::default()), None);
        let spend = ValueQuestion { basis: Some(Basis::YearlySpend), threshold: Some(1.0), ..Default::default() };
        assert_eq!(cohorts(&evidence(vec![won(1.0); 12], []), &spend), None);
    }
}
