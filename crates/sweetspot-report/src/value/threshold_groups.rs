//! Customers on either side of a threshold: their initial spending, and their growth.

use sweetspot_core::OutcomeStatus;

use super::bootstrap::{Estimate, estimates, mean};
use super::customer_value::{CustomerValue, CustomerValues};
use super::quarterly_spending::{QUARTERS, first_and_last_quarter, growth, quarters_known, spend};
use super::threshold_split::{BestThreshold, SplitObservation, best_split, standardized_difference};
use super::{SplitBasis, ValueOptions};
use crate::{Proportion, ReportInput};

/// The spending of a cohort in one quarter since its customers started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quarter {
    /// The number of the quarter, from 1.
    pub quarter: u8,
    /// The number of customers with known spending in it.
    pub customers: u64,
    /// Their mean spending, with its interval.
    pub mean: Option<Estimate>,
    /// The mean spending of the customers with known spending in every quarter.
    pub mean_of_complete: Option<f64>,
}

/// Customers on one side of the threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cohort {
    /// The number of customers.
    pub customers: u64,
    /// Their share of the revenue of both cohorts; `None` if that is not positive.
    pub share_of_value: Option<f64>,
    /// Their mean lifetime revenue.
    pub mean_value: Option<Estimate>,
    /// Their spending by quarter.
    pub quarters: Vec<Quarter>,
    /// The number of customers with every quarter.
    pub complete: u64,
    /// The growth of those from the first quarter to the last: 1.25 is 125% more.
    pub growth: Option<Estimate>,
    /// The churned customers of those with a known status.
    pub churned: Proportion,
    /// The ideal customers of those with a label.
    pub ideal: Proportion,
}

/// The customers below a threshold, and those at or above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohorts {
    /// The measure of the threshold.
    pub basis: SplitBasis,
    /// The minimum of the measure in the upper cohort.
    pub threshold: f64,
    /// The number of thresholds examined to find this one; `None` if it was given.
    pub threshold_count: Option<u64>,
    /// The difference of growth, or else revenue, in standard deviations within the cohorts.
    pub difference: Option<f64>,
    /// Whether that is a difference of growth instead of revenue.
    pub is_by_growth: bool,
    /// The number of customers in neither cohort, because their measure is unknown.
    pub excluded_count: u64,
    /// The number of quarters of the growth, at most 6; 0 if none are known.
    pub quarters: u8,
    /// Customers below the threshold.
    pub lower: Cohort,
    /// Customers at or above the threshold.
    pub upper: Cohort,
}

impl Cohorts {
    /// `None` if no threshold is given, and none leaves ten customers on each side.
    pub(super) fn new(
        input: &ReportInput,
        customer_values: &CustomerValues,
        question: &ValueOptions,
        seed: u64,
    ) -> Option<Self> {
        let quarters = quarters_known(input, &customer_values.sorted);
        let basis = question.basis.unwrap_or(if quarters > 0 { SplitBasis::YearlySpend } else { SplitBasis::Value });
        let measured: Vec<(f64, &CustomerValue)> = customer_values
            .sorted
            .iter()
            .filter_map(|customer| Some((measure(input, customer, basis)?, customer)))
            .collect();
        if measured.is_empty() {
            return None;
        }
        let growth = |customer: &CustomerValue| log_growth(input, customer.row, quarters);
        let (split, by_growth) = choose_threshold(&measured, question, growth)?;
        let (upper, lower): (Vec<_>, Vec<_>) =
            measured.iter().partition(|(split_measure, _)| *split_measure >= split.threshold);
        let targets = |side: &[(f64, &CustomerValue)]| -> Vec<f64> {
            side.iter()
                .filter_map(|(_, customer)| if by_growth { growth(customer) } else { Some(customer.value) })
                .collect()
        };
        let difference = standardized_difference(&targets(&lower), &targets(&upper));
        let total = measured.iter().map(|(_, customer)| customer.value).sum();
        let cohort = |side: &[(f64, &CustomerValue)]| Cohort::new(input, side, quarters, total, seed);
        Some(Self {
            basis,
            threshold: split.threshold,
            threshold_count: question.threshold.is_none().then_some(split.threshold_count),
            difference,
            is_by_growth: by_growth,
            excluded_count: (customer_values.sorted.len() - measured.len()) as u64,
            quarters,
            lower: cohort(&lower),
            upper: cohort(&upper),
        })
    }
}

/// The given threshold, or the one with the largest difference of growth, or of revenue if too little growth is known.
fn choose_threshold(
    measured: &[(f64, &CustomerValue)],
    question: &ValueOptions,
    growth: impl Fn(&CustomerValue) -> Option<f64>,
) -> Option<(BestThreshold, bool)> {
    let growing = measured
        .iter()
        .filter_map(|(measure, customer)| Some(SplitObservation { measure: *measure, target: growth(customer)? }));
    if let Some(threshold) = question.threshold {
        return Some((BestThreshold { threshold, threshold_count: 0 }, growing.count() > 0));
    }
    let valued =
        measured.iter().map(|(measure, customer)| SplitObservation { measure: *measure, target: customer.value });
    best_split(growing.collect()).map(|split| (split, true)).or_else(|| Some((best_split(valued.collect())?, false)))
}

fn measure(input: &ReportInput, customer: &CustomerValue, basis: SplitBasis) -> Option<f64> {
    match basis {
        SplitBasis::Value => Some(customer.value),
        SplitBasis::FirstQuarter => spend(input, customer.row, 1),
        SplitBasis::YearlySpend => {
            mean((1..=QUARTERS).filter_map(|quarter| Some((4.0 * spend(input, customer.row, quarter)?, 1))))
        }
    }
}

/// The growth of one customer, on a scale where doubling and halving are equally far from zero; `None` if spending is
/// not positive at either end.
fn log_growth(input: &ReportInput, row: usize, quarters: u8) -> Option<f64> {
    let (first, last) = first_and_last_quarter(input, row, quarters).filter(|_| quarters > 1)?;
    (first > 0.0 && last > 0.0).then(|| (last / first).ln())
}

impl Cohort {
    fn new(input: &ReportInput, side: &[(f64, &CustomerValue)], quarters: u8, total: f64, seed: u64) -> Self {
        let rows: Vec<usize> = side.iter().map(|(_, customer)| customer.row).collect();
        let values: Vec<f64> = side.iter().map(|(_, customer)| customer.value).collect();
        let ends: Vec<_> = rows.iter().filter_map(|row| first_and_last_quarter(input, *row, quarters)).collect();
        let churned = rows.iter().filter_map(|row| input.outcome(*row).status).map(|status| match status {
            OutcomeStatus::Churned => true,
            OutcomeStatus::Won | OutcomeStatus::Lost => false,
        });
        Self {
            customers: rows.len() as u64,
            share_of_value: (total > 0.0).then(|| values.iter().sum::<f64>() / total),
            mean_value: mean_estimate(&values, seed),
            quarters: (1..=quarters).map(|quarter| Quarter::new(input, &rows, quarter, quarters, seed)).collect(),
            complete: if quarters > 0 { ends.len() as u64 } else { 0 },
            growth: (quarters > 1).then(|| growth(&ends, seed)).flatten(),
            churned: Proportion::from_bools(churned),
            ideal: Proportion::from_bools(rows.iter().filter_map(|row| input.ideal(*row))),
        }
    }
}

impl Quarter {
    fn new(input: &ReportInput, rows: &[usize], quarter: u8, quarters: u8, seed: u64) -> Self {
        let known: Vec<f64> = rows.iter().filter_map(|row| spend(input, *row, quarter)).collect();
        let complete = rows.iter().filter(|row| first_and_last_quarter(input, **row, quarters).is_some());
        let complete = complete.filter_map(|row| Some((spend(input, *row, quarter)?, 1)));
        let mean_of_complete = mean(complete);
        Self { quarter, customers: known.len() as u64, mean: mean_estimate(&known, seed), mean_of_complete }
    }
}

fn mean_estimate(numbers: &[f64], seed: u64) -> Option<Estimate> {
    let figure = |times: &[u32]| [mean(numbers.iter().copied().zip(times.iter().copied()))];
    let [mean] = estimates(numbers.len(), seed, figure);
    mean
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{Outcome, ReviewField};

    use super::*;
    use crate::value::MoneyAssumptions;
    use crate::value::fixtures::{input, numbers, won};

    /// Thirty small customers that grow by 15%, twenty large ones that grow by 125%, and one without a sixth quarter.
    fn grown() -> ReportInput {
        let large = |row: usize| row >= 30;
        let first = |row| if large(row) { 25_000.0 } else { 1_000.0 + row as f64 };
        let last = |row| (row != 50).then(|| first(row) * if large(row) { 2.25 } else { 1.15 });
        let quarter = |quarter: u8| -> Vec<Option<f64>> {
            (0..51).map(|row| if quarter == 6 { last(row) } else { Some(first(row)) }).collect()
        };
        let review = [1, 2, 3, 4, 5, 6].map(|number| numbers(ReviewField::Spend(number), &quarter(number)));
        input((0..51).map(|row| won(if large(row) { 100.0 } else { 10.0 })).collect(), review)
    }

    fn cohorts(input: &ReportInput, question: &ValueOptions) -> Option<Cohorts> {
        Cohorts::new(input, &CustomerValues::new(input, &MoneyAssumptions::default()), question, 5)
    }

    #[test]
    fn the_divide_is_found_and_reported() {
        let found = cohorts(&grown(), &ValueOptions::default()).unwrap();
        assert_eq!(
            (found.basis, found.is_by_growth, found.quarters, found.excluded_count),
            (SplitBasis::YearlySpend, true, 6, 0)
        );
        assert!(found.threshold > 5_000.0 && found.threshold_count > Some(1), "{found:?}");
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
        let question =
            ValueOptions { threshold: Some(1e9), basis: Some(SplitBasis::FirstQuarter), ..Default::default() };
        let found = cohorts(&grown(), &question).unwrap();
        assert_eq!((found.threshold_count, found.upper.customers, found.lower.customers), (None, 0, 51));
        assert_eq!((found.upper.growth, found.upper.mean_value, found.difference), (None, None, None));
    }

    #[test]
    fn without_quarters_customers_are_distinguished_by_value() {
        let values = (0..40).map(|row| won(if row < 30 { 1.0 } else { 100.0 } + f64::from(row) / 100.0));
        let found = cohorts(&input(values.collect(), []), &ValueOptions::default()).unwrap();
        assert_eq!((found.basis, found.is_by_growth, found.quarters), (SplitBasis::Value, false, 0));
        assert_eq!((found.lower.customers, found.upper.customers, found.upper.complete), (30, 10, 0));
        assert_eq!(cohorts(&input(vec![won(1.0); 12], []), &ValueOptions::default()), None);
        assert_eq!(cohorts(&input(vec![Outcome::default(); 12], []), &ValueOptions::default()), None);
        let spend = ValueOptions { basis: Some(SplitBasis::YearlySpend), threshold: Some(1.0), ..Default::default() };
        assert_eq!(cohorts(&input(vec![won(1.0); 12], []), &spend), None);
    }
}
