//! The intra-class correlation of outcomes within the values of a column: whether rows with one value agree more than
//! chance and the strongest attribute explain.

use sweetspot_core::AttributeKind;

use super::{ColumnRole, InspectedColumn};

/// The maximum number of levels of an attribute that is considered.
const MAX_LEVELS: usize = 20;
/// The number of bins of about equal size for a number.
const NUMBER_PARTS: u64 = 5;
/// Probabilities are clamped to this distance from 0 and 1.
const MIN_RATE: f64 = 0.005;
/// A value with more rows than this, and than one in twenty rows, is not an account.
const MAX_ACCOUNT_ROWS: u64 = 50;

/// The agreement of the outcomes within groups of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GroupCorrelation {
    /// The intra-class correlation of the outcome: 0 if rows of one value agree no more than any others, 1 if they
    /// always agree.
    pub(super) correlation: f64,
    /// The number of standard errors above zero, if rows were independent.
    pub(super) z: f64,
    /// The number of values with at least two rows, excluding those with too many rows for an account.
    pub(super) groups: u64,
}

/// The minimum number of values per level of an attribute. With fewer, the attribute could identify the values
/// themselves.
const MIN_VALUES_PER_LEVEL: usize = 20;

/// For each row, the difference between its outcome and the expected one, and the variance of that difference.
type Residual = Option<(f64, f64)>;

/// The residuals of outcomes from the overall rate, and from the rate given the strongest attribute.
#[derive(Debug)]
pub(super) struct OutcomeResiduals {
    from_mean: Vec<Residual>,
    from_levels: Vec<Residual>,
    levels: usize,
}

/// The sums of one value.
#[derive(Clone, Copy, Debug, Default)]
struct ResidualSums {
    rows: u64,
    residual: f64,
    squares: f64,
    deviation: f64,
    variance: f64,
    variance_squares: f64,
}

impl OutcomeResiduals {
    /// Computes the residuals of labeled rows; `None` if all have the same label.
    pub(super) fn new(columns: &[InspectedColumn<'_>], labels: &[Option<bool>]) -> Option<Self> {
        let mut all = OutcomeTally::default();
        labels.iter().flatten().for_each(|label| all.add(*label));
        if all.ideal == 0 || all.ideal == all.rows {
            return None;
        }
        let strongest = columns
            .iter()
            .filter(|column| column.role == ColumnRole::Attribute && column.leak.is_none())
            .filter_map(|column| AttributeStrata::new(column, labels))
            .map(|strata| (strata.gain(all), strata))
            .filter(|(gain, _)| *gain > 0.0)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let residual = |label: Option<bool>, rate: f64| Some((f64::from(u8::from(label?)) - rate, rate * (1.0 - rate)));
        let overall = all.rate(all);
        let of_all = labels.iter().map(|label| residual(*label, overall)).collect();
        let (of_levels, levels) = strongest.map_or((Vec::new(), 0), |(_, strata)| {
            let rates: Vec<f64> = strata.levels.iter().map(|level| level.rate(all)).collect();
            let rate = |code| rates.get(strata.level(code)).copied().unwrap_or(overall);
            let codes = strata.column.texts.codes();
            (codes.zip(labels).map(|(code, label)| residual(*label, rate(code))).collect(), rates.len())
        });
        Some(Self { from_mean: of_all, from_levels: of_levels, levels })
    }

    /// Returns the residuals from the strongest attribute if there are enough values, so that it cannot identify them.
    fn residuals_for(&self, values: usize) -> &[Residual] {
        let many = self.levels > 0 && values >= MIN_VALUES_PER_LEVEL * self.levels;
        if many { &self.from_levels } else { &self.from_mean }
    }

    /// Returns the agreement within groups of rows with one key, from 0 to `count`. With `a = 1 / (rows - 1)` for each
    /// group, which weights a group by its rows, the correlation is `Σ a Σ r_i r_j / Σ a Σ √(v_i v_j)` over the pairs
    /// of a group, and z is `Σ a Σ r_i r_j / √(Σ a² Σ v_i v_j)`: products of different pairs are uncorrelated if rows
    /// are independent.
    pub(super) fn agreement(&self, keys: impl Iterator<Item = Option<u32>>, count: usize) -> Option<GroupCorrelation> {
        let mut sums = vec![ResidualSums::default(); count];
        for (key, residual) in keys.zip(self.residuals_for(count)) {
            let (Some(key), Some((residual, variance))) = (key, residual) else { continue };
            if let Some(sums) = sums.get_mut(key as usize) {
                sums.add(*residual, *variance);
            }
        }
        let max_rows = MAX_ACCOUNT_ROWS.max(self.from_mean.len() as u64 / 20);
        let (mut products, mut scale, mut spread, mut groups) = (0.0, 0.0, 0.0, 0);
        for group in sums.iter().filter(|sums| (2..=max_rows).contains(&sums.rows)) {
            let weight = 1.0 / (group.rows - 1) as f64;
            products += weight * pair_product_sum(group.residual, group.squares);
            scale += weight * pair_product_sum(group.deviation, group.variance);
            spread += weight * weight * pair_product_sum(group.variance, group.variance_squares);
            groups += 1;
        }
        (scale > 0.0 && spread > 0.0).then(|| GroupCorrelation {
            correlation: products / scale,
            z: products / spread.sqrt(),
            groups,
        })
    }
}

/// Returns the sum of the products of all pairs, from the sum and the sum of squares.
fn pair_product_sum(sum: f64, squares: f64) -> f64 {
    (sum * sum - squares) / 2.0
}

impl ResidualSums {
    fn add(&mut self, residual: f64, variance: f64) {
        self.rows += 1;
        self.residual += residual;
        self.squares += residual * residual;
        self.deviation += variance.sqrt();
        self.variance += variance;
        self.variance_squares += variance * variance;
    }
}

/// The labeled rows of one level.
#[derive(Clone, Copy, Debug, Default)]
struct OutcomeTally {
    rows: u64,
    ideal: u64,
}

impl OutcomeTally {
    fn add(&mut self, ideal: bool) {
        self.rows += 1;
        self.ideal += u64::from(ideal);
    }

    /// Returns the share of ideal rows, smoothed with two additional rows at the overall rate.
    fn rate(self, all: Self) -> f64 {
        let overall = all.ideal as f64 / all.rows as f64;
        ((self.ideal as f64 + 2.0 * overall) / (self.rows as f64 + 2.0)).clamp(MIN_RATE, 1.0 - MIN_RATE)
    }

    fn log_likelihood(self) -> f64 {
        let part = |count: u64| {
            if count == 0 { 0.0 } else { count as f64 * (count as f64 / self.rows as f64).ln() }
        };
        part(self.ideal) + part(self.rows - self.ideal)
    }
}

/// The rows of an attribute by level. The last level is that of missing cells.
struct AttributeStrata<'a> {
    column: &'a InspectedColumn<'a>,
    level_by_code: Vec<usize>,
    levels: Vec<OutcomeTally>,
}

impl<'a> AttributeStrata<'a> {
    /// Returns `None` if the attribute has too many levels.
    fn new(column: &'a InspectedColumn<'a>, labels: &[Option<bool>]) -> Option<Self> {
        let of_code = match column.kind {
            AttributeKind::Category | AttributeKind::Flag => levels_of_texts(column)?,
            AttributeKind::Number => parts_of_numbers(column),
            AttributeKind::List | AttributeKind::Date => return None,
        };
        let missing = of_code.iter().max().map_or(0, |level| level + 1);
        let mut strata = Self { column, level_by_code: of_code, levels: vec![OutcomeTally::default(); missing + 1] };
        for (code, label) in column.texts.codes().zip(labels) {
            let level = strata.level(code);
            if let (Some(label), Some(tally)) = (label, strata.levels.get_mut(level)) {
                tally.add(*label);
            }
        }
        Some(strata)
    }

    fn level(&self, code: Option<u32>) -> usize {
        let missing = self.levels.len().saturating_sub(1);
        code.and_then(|code| self.level_by_code.get(code as usize)).copied().unwrap_or(missing)
    }

    /// Returns what the levels add to the log-likelihood, beyond what the same number of levels adds by chance.
    fn gain(&self, all: OutcomeTally) -> f64 {
        let levels = self.levels.iter().filter(|level| level.rows > 0);
        let separate: f64 = levels.clone().map(|level| level.log_likelihood()).sum();
        separate - all.log_likelihood() - levels.count() as f64
    }
}

fn levels_of_texts(column: &InspectedColumn<'_>) -> Option<Vec<usize>> {
    if column.stats.distinct() > MAX_LEVELS as u64 {
        return None;
    }
    let mut next = 0;
    let level = |count: u64| {
        next += usize::from(count > 0);
        next.saturating_sub(1)
    };
    Some(column.stats.counts_by_code().map(level).collect())
}

/// Returns the fifth of the rows in which each number falls. Unreadable numbers fall in the last one.
fn parts_of_numbers(column: &InspectedColumn<'_>) -> Vec<usize> {
    let reader = column.reader();
    let numbers = column.texts.texts_by_code().map(|text| reader.number(text));
    let mut sorted: Vec<(f64, usize, u64)> = numbers
        .zip(column.stats.counts_by_code())
        .enumerate()
        .map(|(code, (number, count))| (number.unwrap_or(f64::INFINITY), code, count))
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut levels = vec![0; sorted.len()];
    let (mut below, all) = (0, column.stats.listed_rows.max(1));
    for (_, code, count) in sorted {
        if let Some(level) = levels.get_mut(code) {
            *level = (below * NUMBER_PARTS / all).min(NUMBER_PARTS - 1) as usize;
        }
        below += count;
    }
    levels
}
