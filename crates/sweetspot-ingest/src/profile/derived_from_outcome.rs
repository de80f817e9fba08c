//! Numbers that are derived from something known only after the sale: multiples, products and sums of an outcome or of
//! the customer's tenure, up to rounding.

use sweetspot_core::AttributeKind;

use super::{ColumnRole, InspectedColumn};
use crate::word_lists::has_any_word;

/// The maximum number of rows to examine, spread over the file.
const MAX_SAMPLED_ROWS: usize = 4096;
/// The maximum number of number columns to combine. Further ones are examined only individually.
const MAX_COMBINED_COLUMNS: usize = 100;
/// The minimum number of rows that have all of the numbers.
const MIN_ROWS: u64 = 30;
/// The minimum correlation for a number to be another one up to rounding.
const MIN_SAME_CORRELATION: f64 = 0.999;
/// The minimum share of rows in which one number must predict the other to within a tenth, because a few outliers alone
/// can cause a high correlation.
const MIN_PREDICTED_SHARE: f64 = 0.8;
/// The minimum share of another column's unexplained variance that an outcome must explain.
const MIN_EXPLAINED_SHARE: f64 = 0.75;

/// Words for the time for which an account has been a customer.
const TENURE_WORDS: [&str; 4] = ["tenure", "duration", "lifetime", "seniority"];

/// A column of numbers, sampled at regular intervals.
struct NumberColumn<'a> {
    place: usize,
    name: &'a str,
    cells: Vec<Option<f64>>,
}

/// Returns the attributes that are derived from outcomes: their indices, and the reason.
pub(super) fn find(columns: &[InspectedColumn<'_>]) -> Vec<(usize, String)> {
    let late = |column: &InspectedColumn<'_>| {
        column.role == ColumnRole::Outcome || column.leak.is_some() || has_any_word(column.name, &TENURE_WORDS)
    };
    let open = |column: &InspectedColumn<'_>| {
        column.role == ColumnRole::Attribute && column.leak.is_none() && !has_any_word(column.name, &TENURE_WORDS)
    };
    // Of two numbers, only one needs to be known late. An outcome encoded as 0 and 1 is no evidence here.
    let sources = numbers(columns, |column| late(column) && column.stats.distinct() > 2);
    if sources.is_empty() {
        return Vec::new();
    }
    let targets = numbers(columns, |column| open(column) && column.stats.distinct() > 2);
    targets.iter().filter_map(|target| Some((target.place, reason(target, &sources, &targets)?))).collect()
}

fn numbers<'a>(
    columns: &[InspectedColumn<'a>],
    is_included: impl Fn(&InspectedColumn<'a>) -> bool,
) -> Vec<NumberColumn<'a>> {
    let step = |rows: u64| (rows as usize).div_ceil(MAX_SAMPLED_ROWS).max(1);
    let read = |column: &InspectedColumn<'a>| {
        let rows = column.texts.row_texts().step_by(step(column.stats.rows));
        let reader = column.reader();
        rows.map(|text| text.and_then(|text| reader.number(text))).collect()
    };
    let found =
        columns.iter().enumerate().filter(|(_, column)| column.kind == AttributeKind::Number && is_included(column));
    found.map(|(place, column)| NumberColumn { place, name: column.name, cells: read(column) }).collect()
}

fn reason(target: &NumberColumn<'_>, sources: &[NumberColumn<'_>], others: &[NumberColumn<'_>]) -> Option<String> {
    let is_other = |number_column: &&NumberColumn<'_>| number_column.place != target.place;
    for source in sources.iter().filter(is_other) {
        let coefficient = correlation(target, |row| cell(source, row));
        if coefficient.is_some_and(|coefficient| coefficient.abs() >= MIN_SAME_CORRELATION)
            && predicts(target, |row| cell(source, row))
        {
            return Some(format!("up to rounding it goes with {:?}, which is known only afterwards", source.name));
        }
        for other in others.iter().take(MAX_COMBINED_COLUMNS).filter(is_other) {
            if let Some(operation) = derivation(target, source, other) {
                return Some(format!(
                    "up to rounding the {operation} of {:?}, which is known only afterwards, and {:?}",
                    source.name, other.name
                ));
            }
        }
    }
    None
}

/// Returns how a number is derived from an outcome and another number, if neither alone explains it.
fn derivation(target: &NumberColumn<'_>, source: &NumberColumn<'_>, b: &NumberColumn<'_>) -> Option<&'static str> {
    let cells = |row: usize| Some((cell(source, row)?, cell(b, row)?));
    let without = correlation(target, |row| cells(row).map(|(_, b)| b)).unwrap_or(0.0);
    let adds = |with: f64| {
        with >= MIN_SAME_CORRELATION && 1.0 - with * with <= (1.0 - MIN_EXPLAINED_SHARE) * (1.0 - without * without)
    };
    let explains = |operation: fn(f64, f64) -> f64| {
        let results = |row| cells(row).map(|(source, b)| operation(source, b));
        correlation(target, results).is_some_and(adds) && predicts(target, results)
    };
    if explains(|a, b| a * b) {
        return Some("product");
    }
    explains(|a, b| a + b).then_some("sum")
}

/// Returns whether a linear function of the other numbers is close to most of the target's.
fn predicts(target: &NumberColumn<'_>, other: impl Fn(usize) -> Option<f64>) -> bool {
    let pairs: Vec<(f64, f64)> =
        target.cells.iter().enumerate().filter_map(|(row, x)| Some(((*x)?, other(row)?))).collect();
    let mut moments = PairMoments::default();
    for (x, y) in &pairs {
        moments.add(*x, *y);
    }
    let slope = moments.products / moments.squares.1;
    let mut sizes: Vec<f64> = pairs.iter().map(|(x, _)| x.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let rounding = sizes.get(sizes.len() / 2).copied().unwrap_or(0.0) / 100.0;
    let near = |(x, y): &&(f64, f64)| {
        let predicted = moments.mean.0 + slope * (y - moments.mean.1);
        (x - predicted).abs() <= x.abs() / 10.0 + rounding
    };
    pairs.iter().filter(near).count() as f64 >= MIN_PREDICTED_SHARE * pairs.len() as f64
}

fn cell(numbers: &NumberColumn<'_>, row: usize) -> Option<f64> {
    numbers.cells.get(row).copied().flatten()
}

/// Returns Pearson's correlation over the rows that have both; `None` if there are too few, or one does not vary. It
/// stops early if the first rows disagree.
fn correlation(target: &NumberColumn<'_>, other: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    const FIRST: u64 = 200;
    const APART: f64 = 0.9;
    let mut moments = PairMoments::default();
    for (row, value) in target.cells.iter().enumerate() {
        if let (Some(x), Some(y)) = (*value, other(row)) {
            moments.add(x, y);
            if moments.rows == FIRST && moments.correlation().is_none_or(|early| early.abs() < APART) {
                break;
            }
        }
    }
    (moments.rows >= MIN_ROWS).then(|| moments.correlation()).flatten()
}

/// Running moments of pairs (Welford 1962, Technometrics 4:419).
#[derive(Clone, Copy, Debug, Default)]
struct PairMoments {
    rows: u64,
    mean: (f64, f64),
    squares: (f64, f64),
    products: f64,
}

impl PairMoments {
    fn add(&mut self, x: f64, y: f64) {
        self.rows += 1;
        let count = self.rows as f64;
        let (from_x, from_y) = (x - self.mean.0, y - self.mean.1);
        self.mean = (self.mean.0 + from_x / count, self.mean.1 + from_y / count);
        self.squares.0 += from_x * (x - self.mean.0);
        self.squares.1 += from_y * (y - self.mean.1);
        self.products += from_x * (y - self.mean.1);
    }

    fn correlation(&self) -> Option<f64> {
        let scale = (self.squares.0 * self.squares.1).sqrt();
        (scale.is_finite() && scale > 0.0).then(|| self.products / scale)
    }
}
