//! From a column of training values to the encoder of an attribute.

use std::collections::BTreeMap;

use sweetspot_core::{Column, ColumnData, Direction, TextFormat, level_key};

use super::bins::round_edge;
use super::{Bins, Encoder, Feature, Levels};

/// Customers per quantile bin, at least; where that leaves fewer than [`FEW_BINS`], they may be as small as [`MIN_PER_SMALL_BIN`], so
/// that a number says something to few customers, too.
const FEW_BINS: f64 = 20.0;
const MIN_PER_SMALL_BIN: f64 = 5.0;
/// Values that recur in this share of customers, and at least [`MIN_ATOM`] times, get a bin of their own: round amounts
/// carry information in CRM data.
const ATOM_SHARE: f64 = 0.0001;
const MIN_ATOM: f64 = 6.0;
/// Most values of one number that get a bin of their own.
const MOST_RECURRING: usize = 1024;
/// From this share of distinct texts on a category is taken for an identifier or free text.
const IDENTIFIER_SHARE: f64 = 0.9;

/// How finely an attribute's values are told apart. Customers are counted by their weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolution {
    /// Most quantile bins of a number.
    max_bins: usize,
    /// Customers per quantile bin, at least.
    min_per_bin: f64,
    /// Whether values that recur get a bin of their own.
    recurring: bool,
    /// Levels and items with fewer customers are pooled, so that no coefficient singles out one customer.
    min_per_level: f64,
    /// Most levels or items of one attribute; rarer ones are pooled.
    max_levels: usize,
}

impl Resolution {
    /// That of a model.
    pub(crate) const FINE: Self =
        Self { max_bins: 1024, min_per_bin: 20.0, recurring: true, min_per_level: 5.0, max_levels: 1000 };

    /// So coarse that no slot stands for a few of this many customers.
    pub(crate) const fn coarse(customers: usize) -> Self {
        let min_per_level = (customers as f64 / 200.0).max(20.0);
        Self { max_bins: 12, min_per_bin: 50.0, recurring: false, min_per_level, max_levels: 20 }
    }
}

/// Rows to learn an encoder from, and what each counts for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted<'a> {
    /// Rows of the column.
    pub rows: &'a [usize],
    /// One weight a row, above 0 and at most 1; nothing: each row is one customer.
    pub weights: Option<&'a [f64]>,
}

impl Counted<'_> {
    /// The values that are there, each with its weight.
    fn present<T>(self, value: impl Fn(usize) -> Option<T>) -> impl Iterator<Item = (T, f64)> {
        let weight = move |place: usize| self.weights.and_then(|weights| weights.get(place)).copied().unwrap_or(1.0);
        self.rows.iter().enumerate().filter_map(move |(place, row)| Some((value(*row)?, weight(place))))
    }
}

/// An attribute's encoder, and what only the fit needs to know about it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Learned {
    /// The feature.
    pub feature: Feature,
    /// Bins that hold one recurring value of a number, ascending.
    pub recurring: Vec<usize>,
    /// Which way its bins may go, where that was asked for.
    pub direction: Option<Direction>,
}

/// Why an attribute is left out of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Omitted {
    /// No customer has it.
    Empty,
    /// Every customer has the same value.
    Constant,
    /// Nearly every customer has a text of its own.
    Identifier,
    /// No text is shared by enough customers.
    TooRare,
}

impl Omitted {
    /// The reason in words.
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Empty => "no customer has it",
            Self::Constant => "every customer has the same value",
            Self::Identifier => "nearly every customer has a unique text, like identifiers and free text",
            Self::TooRare => "no value is shared by 5 customers",
        }
    }
}

/// Learns the encoder of one attribute from the given rows of its column.
pub(crate) fn fit_feature(column: &Column, counted: Counted<'_>, resolution: Resolution) -> Result<Learned, Omitted> {
    let mut recurring = Vec::new();
    let customers = counted.rows.len();
    let encoder = match &column.data {
        ColumnData::Numbers(values) => {
            let (bins, own) = fit_bins(counted.present(|row| values.get(row)).collect(), customers, resolution)?;
            recurring = own;
            Encoder::Number(bins)
        }
        ColumnData::Dates(values) => {
            let days = counted.present(|row| values.get(row).map(|date| f64::from(date.days)));
            Encoder::Date(fit_bins(days.collect(), customers, resolution)?.0)
        }
        ColumnData::Flags(values) => {
            let present: Vec<Option<bool>> = counted.rows.iter().map(|row| values.get(*row)).collect();
            check_flags(&present)?;
            Encoder::Flag
        }
        ColumnData::Categories { dictionary, codes } => {
            let present = counted.present(|row| codes.get(row));
            Encoder::Category(fit_levels(dictionary, present, customers, resolution)?)
        }
        ColumnData::Lists { dictionary, rows: lists } => {
            let present = counted.present(|row| lists.get(row));
            Encoder::List(fit_items(dictionary, present, resolution)?)
        }
    };
    Ok(Learned {
        feature: Feature { attribute: column.name.clone(), encoder, format: TextFormat::default() },
        recurring,
        direction: None,
    })
}

fn check_flags(values: &[Option<bool>]) -> Result<(), Omitted> {
    match values.split_first() {
        Some((first, rest)) if rest.iter().any(|value| value != first) => Ok(()),
        Some((Some(_), _)) => Err(Omitted::Constant),
        Some((None, _)) | None => Err(Omitted::Empty),
    }
}

/// The bins of values with their weights, and which bins hold one recurring value.
fn fit_bins(
    mut values: Vec<(f64, f64)>,
    customers: usize,
    resolution: Resolution,
) -> Result<(Bins, Vec<usize>), Omitted> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut runs: Vec<(f64, f64)> = Vec::new();
    for (value, weight) in &values {
        match runs.last_mut() {
            Some((last, count)) if last == value => *count += weight,
            _ => runs.push((*value, *weight)),
        }
    }
    let (Some((least, _)), Some((greatest, _))) = (runs.first().copied(), runs.last().copied()) else {
        return Err(Omitted::Empty);
    };
    if runs.len() == 1 && values.len() == customers {
        return Err(Omitted::Constant);
    }
    let whole = values.iter().all(|(value, _)| value.fract() == 0.0 && value.abs() < 1e15);
    let total: f64 = runs.iter().map(|(_, count)| count).sum();
    let most = (total / resolution.min_per_bin).max(FEW_BINS.min(total / MIN_PER_SMALL_BIN));
    let most = (most as usize).clamp(2, resolution.max_bins);
    let recurs = if resolution.recurring { recurs_from(&runs, total) } else { f64::INFINITY };
    let starts = bin_starts(&runs, total, most, recurs);
    let edges = starts
        .iter()
        .filter_map(|start| {
            let below = start.checked_sub(1).and_then(|index| runs.get(index))?.0;
            Some(round_edge(below, runs.get(*start)?.0))
        })
        .collect();
    let ends = starts.iter().copied().chain([runs.len()]);
    let single =
        std::iter::once(0).chain(starts.iter().copied()).zip(ends).enumerate().filter_map(|(bin, (start, end))| {
            let alone = end - start == 1 && runs.get(start).is_some_and(|(_, count)| *count >= recurs);
            alone.then_some(bin)
        });
    Ok((Bins::new(edges, least, greatest, whole), single.collect()))
}

/// From how many customers on a value counts as recurring.
fn recurs_from(runs: &[(f64, f64)], total: f64) -> f64 {
    let mut counts: Vec<f64> = runs.iter().map(|(_, count)| *count).collect();
    counts.sort_unstable_by(|a, b| b.total_cmp(a));
    let rarest = counts.get(MOST_RECURRING).map_or(0.0, |count| count + 1.0);
    MIN_ATOM.max((ATOM_SHARE * total).floor()).max(rarest)
}

/// Indices of the runs at which a new bin starts, ascending, without the first.
fn bin_starts(runs: &[(f64, f64)], total: f64, most: usize, recurs: f64) -> Vec<usize> {
    if runs.len() <= most {
        return (1..runs.len()).collect();
    }
    let mut starts = Vec::new();
    let (mut seen, mut quantile, most) = (0.0, 1.0, most as f64);
    for (index, (_, count)) in runs.iter().enumerate() {
        let recurring = *count >= recurs;
        if recurring {
            starts.push(index);
        }
        seen += count;
        if recurring || seen * most >= quantile * total {
            starts.push(index + 1);
            quantile = (seen * most / total).floor() + 1.0;
        }
    }
    starts.retain(|start| (1..runs.len()).contains(start));
    starts.dedup();
    starts
}

/// How often something occurs.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    rows: usize,
    /// The sum of the rows' weights.
    customers: f64,
}

impl Count {
    fn add(&mut self, rows: usize, customers: f64) {
        self.rows += rows;
        self.customers += customers;
    }
}

fn fit_levels(
    dictionary: &[String],
    codes: impl Iterator<Item = (u32, f64)>,
    customers: usize,
    resolution: Resolution,
) -> Result<Levels, Omitted> {
    let mut counts = vec![Count::default(); dictionary.len()];
    for (code, weight) in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            count.add(1, weight);
        }
    }
    let levels = pool_spellings(dictionary, &counts);
    let present: usize = levels.values().map(|(count, _)| count.rows).sum();
    match levels.len() {
        0 => return Err(Omitted::Empty),
        1 if present == customers => return Err(Omitted::Constant),
        distinct if present >= 20 && distinct as f64 >= IDENTIFIER_SHARE * present as f64 => {
            return Err(Omitted::Identifier);
        }
        _ => {}
    }
    frequent(levels, resolution)
}

fn fit_items<'a>(
    dictionary: &[String],
    lists: impl Iterator<Item = (&'a [u32], f64)>,
    resolution: Resolution,
) -> Result<Levels, Omitted> {
    let mut counts = vec![Count::default(); dictionary.len()];
    let mut any = false;
    for (list, weight) in lists {
        any = true;
        let mut items = list.to_vec();
        items.sort_unstable();
        items.dedup();
        for code in items {
            if let Some(count) = counts.get_mut(code as usize) {
                count.add(1, weight);
            }
        }
    }
    if !any {
        return Err(Omitted::Empty);
    }
    frequent(pool_spellings(dictionary, &counts), resolution)
}

/// Key to count and label; the label is the most frequent spelling, the first one in the alphabet among equals.
fn pool_spellings<'a>(dictionary: &'a [String], counts: &[Count]) -> BTreeMap<String, (Count, &'a str)> {
    let mut best: BTreeMap<String, (Count, usize, &str)> = BTreeMap::new();
    for (text, count) in dictionary.iter().zip(counts).filter(|(_, count)| count.rows > 0) {
        let entry = best.entry(level_key(text).into_owned()).or_insert((Count::default(), 0, text.as_str()));
        entry.0.add(count.rows, count.customers);
        let text = text.trim();
        if count.rows > entry.1 || (count.rows == entry.1 && text < entry.2) {
            (entry.1, entry.2) = (count.rows, text);
        }
    }
    best.into_iter().map(|(key, (total, _, label))| (key, (total, label))).collect()
}

/// The levels with enough customers, most frequent first, by key among equals.
fn frequent(levels: BTreeMap<String, (Count, &str)>, resolution: Resolution) -> Result<Levels, Omitted> {
    let enough = |count: &Count| count.customers >= resolution.min_per_level;
    let mut kept: Vec<(String, (Count, &str))> = levels.into_iter().filter(|(_, (count, _))| enough(count)).collect();
    kept.sort_by(|(_, (one, _)), (_, (other, _))| other.customers.total_cmp(&one.customers));
    kept.truncate(resolution.max_levels);
    if kept.is_empty() {
        return Err(Omitted::TooRare);
    }
    Ok(Levels::new(kept.into_iter().map(|(key, (_, label))| (key, label.to_owned())).collect()))
}

#[cfg(test)]
mod tests;
