//! Fits the encoder of an attribute to a column of training values.

use std::collections::BTreeMap;

use sweetspot_core::{Column, ColumnData, MonotonicityConstraint, TextFormat, level_key};

use super::bins::round_edge;
use super::{Bins, Feature, FeatureEncoder, Levels};

/// If [`Resolution::min_per_bin`] allows fewer quantile bins than this, bins may have as few as [`MIN_PER_SMALL_BIN`]
/// customers, so that a number is informative with few customers, too.
const MIN_BINS: f64 = 20.0;
const MIN_PER_SMALL_BIN: f64 = 5.0;
/// Values that recur in this share of customers, and in at least [`MIN_RECURRING_CUSTOMERS`], get a bin of their own:
/// round amounts carry information in CRM data.
const MIN_RECURRING_SHARE: f64 = 0.0001;
const MIN_RECURRING_CUSTOMERS: f64 = 6.0;
/// The maximum number of values of one number that get a bin of their own.
const MAX_RECURRING: usize = 1024;
/// The minimum share of distinct texts at which a category counts as an identifier or free text.
const MIN_IDENTIFIER_SHARE: f64 = 0.9;

/// How finely an attribute's values are distinguished. Customers are counted by their weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolution {
    /// The maximum number of quantile bins of a number.
    max_bins: usize,
    /// The minimum number of customers per quantile bin.
    min_per_bin: f64,
    /// Whether recurring values get a bin of their own.
    separates_recurring: bool,
    /// The minimum number of customers of a level or item. Others are pooled, so that no coefficient represents a
    /// single customer.
    min_per_level: f64,
    /// The maximum number of levels or items of one attribute; rarer ones are pooled.
    max_levels: usize,
    /// Whether numbers are the lower ends of ranges: two bins are then separated at the upper of two values, and a value
    /// that recurs means nothing.
    cuts_at_values: bool,
}

impl Resolution {
    /// The resolution of a model.
    pub(crate) const FINE: Self = Self {
        max_bins: 1024,
        min_per_bin: 20.0,
        separates_recurring: true,
        min_per_level: 5.0,
        max_levels: 1000,
        cuts_at_values: false,
    };

    /// The resolution of a model for an attribute whose values are the lower ends of ranges.
    pub(crate) const BINNED: Self = Self { separates_recurring: false, cuts_at_values: true, ..Self::FINE };

    /// A resolution so coarse that no slot represents only a few of this many customers.
    pub(crate) const fn coarse(customers: usize) -> Self {
        let min_per_level = (customers as f64 / 200.0).max(20.0);
        Self {
            max_bins: 12,
            min_per_bin: 50.0,
            separates_recurring: false,
            min_per_level,
            max_levels: 20,
            cuts_at_values: false,
        }
    }
}

/// The rows that an encoder is fitted to, with their weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightedRows<'a> {
    /// The rows of the column.
    pub rows: &'a [usize],
    /// The weight of each row: the number of customers that it stands for, or for one of several rows of an account, its
    /// share of the account, above 0 and at most 1. `None` if each row is one customer.
    pub weights: Option<&'a [f64]>,
}

impl WeightedRows<'_> {
    /// The values that are present, each with its weight.
    fn present_values<T>(self, value: impl Fn(usize) -> Option<T>) -> impl Iterator<Item = (T, f64)> {
        let weight = move |place: usize| self.weights.and_then(|weights| weights.get(place)).copied().unwrap_or(1.0);
        self.rows.iter().enumerate().filter_map(move |(place, row)| Some((value(*row)?, weight(place))))
    }
}

/// An attribute's encoder, and the information that only the fit needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FittedFeature {
    /// The feature.
    pub feature: Feature,
    /// The bins that contain one recurring value of a number, ascending.
    pub recurring_bins: Vec<usize>,
    /// The direction that is required of the attribute's effect, if any.
    pub direction: Option<MonotonicityConstraint>,
}

/// The reason why an attribute is left out of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OmissionReason {
    /// No customer has a value.
    Empty,
    /// Every customer has the same value.
    Constant,
    /// Nearly every customer has a unique text.
    Identifier,
    /// No text is shared by enough customers.
    TooRare,
}

impl OmissionReason {
    /// The reason as text.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Empty => "no customer has it",
            Self::Constant => "every customer has the same value",
            Self::Identifier => "nearly every customer has a unique text, like identifiers and free text",
            Self::TooRare => "no value is shared by 5 customers",
        }
    }
}

/// Fits the encoder of one attribute to the given rows of its column.
pub(crate) fn fit_feature(
    column: &Column,
    counted: WeightedRows<'_>,
    resolution: Resolution,
) -> Result<FittedFeature, OmissionReason> {
    let mut recurring = Vec::new();
    let customers = counted.rows.len();
    let encoder = match &column.data {
        ColumnData::Numbers(values) => {
            let (bins, single_bins) =
                fit_bins(counted.present_values(|row| values.get(row)).collect(), customers, resolution)?;
            recurring = single_bins;
            FeatureEncoder::Number(bins)
        }
        ColumnData::Dates(values) => {
            let days = counted.present_values(|row| values.get(row).map(|date| f64::from(date.days)));
            FeatureEncoder::Date(fit_bins(days.collect(), customers, resolution)?.0)
        }
        ColumnData::Flags(values) => {
            let present: Vec<Option<bool>> = counted.rows.iter().map(|row| values.get(*row)).collect();
            check_flags(&present)?;
            FeatureEncoder::Flag
        }
        ColumnData::Categories { dictionary, codes } => {
            let present = counted.present_values(|row| codes.get(row));
            FeatureEncoder::Category(fit_levels(dictionary, present, customers, resolution)?)
        }
        ColumnData::Lists { dictionary, rows: lists } => {
            let present = counted.present_values(|row| lists.get(row));
            FeatureEncoder::List(fit_items(dictionary, present, resolution)?)
        }
    };
    Ok(FittedFeature {
        feature: Feature { attribute: column.name.clone(), encoder, format: TextFormat::default() },
        recurring_bins: recurring,
        direction: None,
    })
}

fn check_flags(values: &[Option<bool>]) -> Result<(), OmissionReason> {
    match values.split_first() {
        Some((first, rest)) if rest.iter().any(|value| value != first) => Ok(()),
        Some((Some(_), _)) => Err(OmissionReason::Constant),
        Some((None, _)) | None => Err(OmissionReason::Empty),
    }
}

/// The bins of weighted values, and the indices of those that contain one recurring value.
fn fit_bins(
    mut values: Vec<(f64, f64)>,
    customers: usize,
    resolution: Resolution,
) -> Result<(Bins, Vec<usize>), OmissionReason> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut runs: Vec<(f64, f64)> = Vec::new();
    for (value, weight) in &values {
        match runs.last_mut() {
            Some((last, count)) if last == value => *count += weight,
            _ => runs.push((*value, *weight)),
        }
    }
    let (Some((min, _)), Some((max, _))) = (runs.first().copied(), runs.last().copied()) else {
        return Err(OmissionReason::Empty);
    };
    if runs.len() == 1 && values.len() == customers {
        return Err(OmissionReason::Constant);
    }
    let is_whole = values.iter().all(|(value, _)| value.fract() == 0.0 && value.abs() < 1e15);
    let total: f64 = runs.iter().map(|(_, count)| count).sum();
    let max_bins = (total / resolution.min_per_bin).max(MIN_BINS.min(total / MIN_PER_SMALL_BIN));
    let max_bins = (max_bins as usize).clamp(2, resolution.max_bins);
    let recurs = if resolution.separates_recurring { min_recurring_count(&runs, total) } else { f64::INFINITY };
    let starts = bin_starts(&runs, total, max_bins, recurs);
    let edges = starts
        .iter()
        .filter_map(|start| {
            let below = start.checked_sub(1).and_then(|index| runs.get(index))?.0;
            let value = runs.get(*start)?.0;
            Some(if resolution.cuts_at_values { value } else { round_edge(below, value) })
        })
        .collect();
    let ends = starts.iter().copied().chain([runs.len()]);
    let single =
        std::iter::once(0).chain(starts.iter().copied()).zip(ends).enumerate().filter_map(|(bin, (start, end))| {
            let is_single = end - start == 1 && runs.get(start).is_some_and(|(_, count)| *count >= recurs);
            is_single.then_some(bin)
        });
    Ok((Bins::new(edges, min, max, is_whole), single.collect()))
}

/// The minimum number of customers with a value for it to count as recurring.
fn min_recurring_count(runs: &[(f64, f64)], total: f64) -> f64 {
    let mut counts: Vec<f64> = runs.iter().map(|(_, count)| *count).collect();
    counts.sort_unstable_by(|a, b| b.total_cmp(a));
    let rarest = counts.get(MAX_RECURRING).map_or(0.0, |count| count + 1.0);
    MIN_RECURRING_CUSTOMERS.max((MIN_RECURRING_SHARE * total).floor()).max(rarest)
}

/// The indices of the runs at which a new bin starts, ascending, without the first.
fn bin_starts(runs: &[(f64, f64)], total: f64, max_bins: usize, recurs: f64) -> Vec<usize> {
    if runs.len() <= max_bins {
        return (1..runs.len()).collect();
    }
    let mut starts = Vec::new();
    let (mut seen, mut quantile, max_bins) = (0.0, 1.0, max_bins as f64);
    for (index, (_, count)) in runs.iter().enumerate() {
        let recurring = *count >= recurs;
        if recurring {
            starts.push(index);
        }
        seen += count;
        if recurring || seen * max_bins >= quantile * total {
            starts.push(index + 1);
            quantile = (seen * max_bins / total).floor() + 1.0;
        }
    }
    starts.retain(|start| (1..runs.len()).contains(start));
    starts.dedup();
    starts
}

/// The number of occurrences of a text.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// Rows, each counted as often as it is repeated.
    rows: f64,
    /// The sum of the weights of the rows.
    customers: f64,
}

impl Count {
    /// Adds a row: with a weight above one, it stands for several.
    fn add(&mut self, weight: f64) {
        self.rows += weight.max(1.0);
        self.customers += weight;
    }

    fn plus(self, other: Self) -> Self {
        Self { rows: self.rows + other.rows, customers: self.customers + other.customers }
    }
}

fn fit_levels(
    dictionary: &[String],
    codes: impl Iterator<Item = (u32, f64)>,
    customers: usize,
    resolution: Resolution,
) -> Result<Levels, OmissionReason> {
    let mut counts = vec![Count::default(); dictionary.len()];
    let mut present_rows = 0;
    for (code, weight) in codes {
        present_rows += 1;
        if let Some(count) = counts.get_mut(code as usize) {
            count.add(weight);
        }
    }
    let levels = pool_spellings(dictionary, &counts);
    let present: f64 = levels.values().map(|(count, _)| count.rows).sum();
    match levels.len() {
        0 => return Err(OmissionReason::Empty),
        1 if present_rows == customers => return Err(OmissionReason::Constant),
        distinct if present >= 20.0 && distinct as f64 >= MIN_IDENTIFIER_SHARE * present => {
            return Err(OmissionReason::Identifier);
        }
        _ => {}
    }
    frequent_levels(levels, resolution)
}

fn fit_items<'a>(
    dictionary: &[String],
    lists: impl Iterator<Item = (&'a [u32], f64)>,
    resolution: Resolution,
) -> Result<Levels, OmissionReason> {
    let mut counts = vec![Count::default(); dictionary.len()];
    let mut any = false;
    for (list, weight) in lists {
        any = true;
        let mut items = list.to_vec();
        items.sort_unstable();
        items.dedup();
        for code in items {
            if let Some(count) = counts.get_mut(code as usize) {
                count.add(weight);
            }
        }
    }
    if !any {
        return Err(OmissionReason::Empty);
    }
    frequent_levels(pool_spellings(dictionary, &counts), resolution)
}

/// The count and label of each key; the label is the most frequent spelling, or the first in alphabetical order of
/// equally frequent ones.
fn pool_spellings<'a>(dictionary: &'a [String], counts: &[Count]) -> BTreeMap<String, (Count, &'a str)> {
    let mut best: BTreeMap<String, (Count, f64, &str)> = BTreeMap::new();
    for (text, count) in dictionary.iter().zip(counts).filter(|(_, count)| count.rows > 0.0) {
        let entry = best.entry(level_key(text).into_owned()).or_insert((Count::default(), 0.0, text.as_str()));
        entry.0 = entry.0.plus(*count);
        let text = text.trim();
        if count.rows > entry.1 || (count.rows == entry.1 && text < entry.2) {
            (entry.1, entry.2) = (count.rows, text);
        }
    }
    best.into_iter().map(|(key, (total, _, label))| (key, (total, label))).collect()
}

/// The levels with enough customers, most frequent first, then by key.
fn frequent_levels(levels: BTreeMap<String, (Count, &str)>, resolution: Resolution) -> Result<Levels, OmissionReason> {
    let enough = |count: &Count| count.customers >= resolution.min_per_level;
    let mut frequent: Vec<(String, (Count, &str))> =
        levels.into_iter().filter(|(_, (count, _))| enough(count)).collect();
    frequent.sort_by(|(_, (a, _)), (_, (b, _))| b.customers.total_cmp(&a.customers));
    frequent.truncate(resolution.max_levels);
    if frequent.is_empty() {
        return Err(OmissionReason::TooRare);
    }
    Ok(Levels::new(frequent.into_iter().map(|(key, (_, label))| (key, label.to_owned())).collect()))
}

#[cfg(test)]
mod tests;
