//! From a column of training values to the encoder of an attribute.

use std::collections::BTreeMap;

use super::bins::round_edge;
use super::levels::key;
use super::{Bins, Encoder, Feature, Levels};
use crate::domain::{Column, ColumnData, Direction};

/// Most quantile bins of a number.
const MAX_BINS: usize = 1024;
/// Customers per quantile bin, at least; where that leaves fewer than [`FEW_BINS`], they may be as small as [`MIN_PER_LEVEL`], so
/// that a number says something to few customers, too.
const MIN_PER_BIN: usize = 20;
const FEW_BINS: usize = 20;
/// Values that recur in this share of customers, and at least [`MIN_ATOM`] times, get a bin of their own: round amounts
/// carry information in CRM data.
const ATOM_SHARE: f64 = 0.0001;
const MIN_ATOM: usize = 6;
/// Most values of one number that get a bin of their own.
const MOST_RECURRING: usize = 1024;
/// Levels and items with fewer customers are pooled, so that no coefficient singles out one customer.
pub(super) const MIN_PER_LEVEL: usize = 5;
/// Most levels or items of one attribute; rarer ones are pooled.
const MAX_LEVELS: usize = 1000;
/// From this share of distinct texts on a category is taken for an identifier or free text.
const IDENTIFIER_SHARE: f64 = 0.9;

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
            Self::Identifier => "nearly every customer has a text of its own, as identifiers and free text do",
            Self::TooRare => "no value is shared by 5 customers",
        }
    }
}

/// Learns the encoder of one attribute from the given rows of its column.
pub(crate) fn fit_feature(column: &Column, rows: &[usize]) -> Result<Learned, Omitted> {
    let mut recurring = Vec::new();
    let encoder = match &column.data {
        ColumnData::Numbers(values) => {
            let present = rows.iter().filter_map(|row| values.get(*row));
            let (bins, own) = fit_bins(present.collect(), rows.len())?;
            recurring = own;
            Encoder::Number(bins)
        }
        ColumnData::Dates(values) => {
            let present = rows.iter().filter_map(|row| values.get(*row));
            Encoder::Date(fit_bins(present.map(|date| f64::from(date.days)).collect(), rows.len())?.0)
        }
        ColumnData::Flags(values) => {
            let present: Vec<Option<bool>> = rows.iter().map(|row| values.get(*row)).collect();
            check_flags(&present)?;
            Encoder::Flag
        }
        ColumnData::Categories { dictionary, codes } => {
            let present = rows.iter().filter_map(|row| codes.get(*row));
            Encoder::Category(fit_levels(dictionary, present, rows.len())?)
        }
        ColumnData::Lists { dictionary, rows: lists } => {
            let present = rows.iter().filter_map(|row| lists.get(*row));
            Encoder::List(fit_items(dictionary, present)?)
        }
    };
    Ok(Learned { feature: Feature { attribute: column.name.clone(), encoder }, recurring, direction: None })
}

fn check_flags(values: &[Option<bool>]) -> Result<(), Omitted> {
    match values.split_first() {
        Some((first, rest)) if rest.iter().any(|value| value != first) => Ok(()),
        Some((Some(_), _)) => Err(Omitted::Constant),
        Some((None, _)) | None => Err(Omitted::Empty),
    }
}

/// The bins, and which of them hold one recurring value.
fn fit_bins(mut values: Vec<f64>, customers: usize) -> Result<(Bins, Vec<usize>), Omitted> {
    values.sort_unstable_by(f64::total_cmp);
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for value in &values {
        match runs.last_mut() {
            Some((last, count)) if last == value => *count += 1,
            _ => runs.push((*value, 1)),
        }
    }
    let (Some((least, _)), Some((greatest, _))) = (runs.first().copied(), runs.last().copied()) else {
        return Err(Omitted::Empty);
    };
    if runs.len() == 1 && values.len() == customers {
        return Err(Omitted::Constant);
    }
    let whole = values.iter().all(|value| value.fract() == 0.0 && value.abs() < 1e15);
    let most = (values.len() / MIN_PER_BIN).max(FEW_BINS.min(values.len() / MIN_PER_LEVEL)).clamp(2, MAX_BINS);
    let recurs = recurs_from(&runs, values.len());
    let starts = bin_starts(&runs, values.len(), most, recurs);
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
fn recurs_from(runs: &[(f64, usize)], total: usize) -> usize {
    let mut counts: Vec<usize> = runs.iter().map(|(_, count)| *count).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let rarest = counts.get(MOST_RECURRING).map_or(0, |count| count + 1);
    MIN_ATOM.max((ATOM_SHARE * total as f64) as usize).max(rarest)
}

/// Indices of the runs at which a new bin starts, ascending, without the first.
fn bin_starts(runs: &[(f64, usize)], total: usize, most: usize, recurs: usize) -> Vec<usize> {
    if runs.len() <= most {
        return (1..runs.len()).collect();
    }
    let mut starts = Vec::new();
    let (mut seen, mut quantile) = (0, 1);
    for (index, (_, count)) in runs.iter().enumerate() {
        let recurring = *count >= recurs;
        if recurring {
            starts.push(index);
        }
        seen += count;
        if recurring || seen * most >= quantile * total {
            starts.push(index + 1);
            quantile = seen * most / total + 1;
        }
    }
    starts.retain(|start| (1..runs.len()).contains(start));
    starts.dedup();
    starts
}

fn fit_levels(dictionary: &[String], codes: impl Iterator<Item = u32>, customers: usize) -> Result<Levels, Omitted> {
    let mut counts = vec![0_usize; dictionary.len()];
    for code in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    let levels = pool_spellings(dictionary, &counts);
    let present: usize = levels.values().map(|(count, _)| count).sum();
    match levels.len() {
        0 => return Err(Omitted::Empty),
        1 if present == customers => return Err(Omitted::Constant),
        distinct if present >= 20 && distinct as f64 >= IDENTIFIER_SHARE * present as f64 => {
            return Err(Omitted::Identifier);
        }
        _ => {}
    }
    frequent(levels)
}

fn fit_items<'a>(dictionary: &[String], lists: impl Iterator<Item = &'a [u32]>) -> Result<Levels, Omitted> {
    let mut counts = vec![0_usize; dictionary.len()];
    let mut any = false;
    for list in lists {
        any = true;
        let mut items = list.to_vec();
        items.sort_unstable();
        items.dedup();
        for code in items {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
    }
    if !any {
        return Err(Omitted::Empty);
    }
    frequent(pool_spellings(dictionary, &counts))
}

/// Key to count and label; the label is the most frequent spelling, the first one in the alphabet among equals.
fn pool_spellings<'a>(dictionary: &'a [String], counts: &[usize]) -> BTreeMap<String, (usize, &'a str)> {
    let mut best: BTreeMap<String, (usize, usize, &str)> = BTreeMap::new();
    for (text, count) in dictionary.iter().zip(counts).filter(|(_, count)| **count > 0) {
        let entry = best.entry(key(text).into_owned()).or_insert((0, 0, text.as_str()));
        entry.0 += count;
        let text = text.trim();
        if *count > entry.1 || (*count == entry.1 && text < entry.2) {
            (entry.1, entry.2) = (*count, text);
        }
    }
    best.into_iter().map(|(key, (total, _, label))| (key, (total, label))).collect()
}

/// The levels with enough customers, most frequent first, by key among equals.
fn frequent(levels: BTreeMap<String, (usize, &str)>) -> Result<Levels, Omitted> {
    let mut kept: Vec<(String, (usize, &str))> =
        levels.into_iter().filter(|(_, (count, _))| *count >= MIN_PER_LEVEL).collect();
    kept.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    kept.truncate(MAX_LEVELS);
    if kept.is_empty() {
        return Err(Omitted::TooRare);
    }
    Ok(Levels::new(kept.into_iter().map(|(key, (_, label))| (key, label.to_owned())).collect()))
}

#[cfg(test)]
mod tests;
