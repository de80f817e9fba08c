//! From a column of training values to the encoder of an attribute.

use std::collections::BTreeMap;

use super::bins::round_edge;
use super::levels::key;
use super::{Bins, Encoder, Feature, Levels};
use crate::domain::{Column, ColumnData};

/// Most quantile bins of a number.
const MAX_BINS: usize = 128;
/// Customers per quantile bin, at least.
const MIN_PER_BIN: usize = 20;
/// Values that recur in this share of customers, and at least [`MIN_ATOM`] times, get a bin of their own: round amounts
/// carry information in CRM data.
const ATOM_SHARE: f64 = 0.002;
const MIN_ATOM: usize = 12;
/// Levels and items with fewer customers are pooled, so that no coefficient singles out one customer.
pub(super) const MIN_PER_LEVEL: usize = 5;
/// Most levels or items of one attribute; rarer ones are pooled.
const MAX_LEVELS: usize = 1000;
/// From this share of distinct texts on a category is taken for an identifier or free text.
const IDENTIFIER_SHARE: f64 = 0.9;

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
pub(crate) fn fit_feature(column: &Column, rows: &[usize]) -> Result<Feature, Omitted> {
    let encoder = match &column.data {
        ColumnData::Numbers(values) => {
            let present = rows.iter().filter_map(|row| values.get(*row).copied().flatten());
            Encoder::Number(fit_bins(present.collect(), rows.len())?)
        }
        ColumnData::Dates(values) => {
            let present = rows.iter().filter_map(|row| values.get(*row).copied().flatten());
            Encoder::Date(fit_bins(present.map(|date| f64::from(date.days)).collect(), rows.len())?)
        }
        ColumnData::Flags(values) => {
            let present: Vec<Option<bool>> = rows.iter().filter_map(|row| values.get(*row).copied()).collect();
            check_flags(&present)?;
            Encoder::Flag
        }
        ColumnData::Categories { dictionary, codes } => {
            let present = rows.iter().filter_map(|row| codes.get(*row).copied().flatten());
            Encoder::Category(fit_levels(dictionary, present, rows.len())?)
        }
        ColumnData::Lists { dictionary, rows: lists } => {
            let present = rows.iter().filter_map(|row| lists.get(*row)?.as_ref());
            Encoder::List(fit_items(dictionary, present)?)
        }
    };
    Ok(Feature { attribute: column.name.clone(), encoder })
}

fn check_flags(values: &[Option<bool>]) -> Result<(), Omitted> {
    match values.split_first() {
        Some((first, rest)) if rest.iter().any(|value| value != first) => Ok(()),
        Some((Some(_), _)) => Err(Omitted::Constant),
        Some((None, _)) | None => Err(Omitted::Empty),
    }
}

fn fit_bins(mut values: Vec<f64>, customers: usize) -> Result<Bins, Omitted> {
    values.sort_by(f64::total_cmp);
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
    let most = (values.len() / MIN_PER_BIN).clamp(2, MAX_BINS);
    let starts = bin_starts(&runs, values.len(), most);
    let edges = starts
        .iter()
        .filter_map(|start| {
            let below = start.checked_sub(1).and_then(|index| runs.get(index))?.0;
            Some(round_edge(below, runs.get(*start)?.0))
        })
        .collect();
    Ok(Bins::new(edges, least, greatest, whole))
}

/// Indices of the runs at which a new bin starts, ascending, without the first.
fn bin_starts(runs: &[(f64, usize)], total: usize, most: usize) -> Vec<usize> {
    if runs.len() <= most {
        return (1..runs.len()).collect();
    }
    let atom = MIN_ATOM.max((ATOM_SHARE * total as f64) as usize);
    let mut starts = Vec::new();
    let (mut seen, mut quantile) = (0, 1);
    for (index, (_, count)) in runs.iter().enumerate() {
        let recurring = *count >= atom;
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

fn fit_items<'a>(dictionary: &[String], lists: impl Iterator<Item = &'a Vec<u32>>) -> Result<Levels, Omitted> {
    let mut counts = vec![0_usize; dictionary.len()];
    let mut any = false;
    for list in lists {
        any = true;
        let mut items = list.clone();
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

/// Key to count and label; the label is the most frequent spelling, the first one among equals.
fn pool_spellings<'a>(dictionary: &'a [String], counts: &[usize]) -> BTreeMap<String, (usize, &'a str)> {
    let mut best: BTreeMap<String, (usize, usize, &str)> = BTreeMap::new();
    for (text, count) in dictionary.iter().zip(counts).filter(|(_, count)| **count > 0) {
        let entry = best.entry(key(text).into_owned()).or_insert((0, 0, text.trim()));
        entry.0 += count;
        if *count > entry.1 {
            (entry.1, entry.2) = (*count, text.trim());
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
mod tests {
    use super::*;

    fn numbers(values: &[Option<f64>]) -> Column {
        Column { name: "n".into(), data: ColumnData::Numbers(values.to_vec()) }
    }

    fn texts(values: &[&str]) -> Column {
        let mut dictionary: Vec<String> = Vec::new();
        let codes = values
            .iter()
            .map(|text| {
                let code = dictionary.iter().position(|known| known == text).unwrap_or_else(|| {
                    dictionary.push((*text).to_owned());
                    dictionary.len() - 1
                });
                Some(code as u32)
            })
            .collect();
        Column { name: "t".into(), data: ColumnData::Categories { dictionary, codes } }
    }

    fn fit(column: &Column) -> Result<Encoder, Omitted> {
        let rows: Vec<usize> = (0..column.data.len()).collect();
        fit_feature(column, &rows).map(|feature| feature.encoder)
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        assert_eq!(fit(&numbers(&[None; 30])), Err(Omitted::Empty));
        assert_eq!(fit(&numbers(&[Some(3.0); 30])), Err(Omitted::Constant));
        assert_eq!(fit(&texts(&["same"; 30])), Err(Omitted::Constant));
        let ids: Vec<String> = (0..30).map(|i| format!("id-{i}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(fit(&texts(&ids)), Err(Omitted::Identifier));
        assert_eq!(fit(&texts(&["a", "a", "b", "b", "c", "c"])), Err(Omitted::TooRare));
        let flags = |values: Vec<Option<bool>>| Column { name: "f".into(), data: ColumnData::Flags(values) };
        assert_eq!(fit(&flags(vec![None; 3])), Err(Omitted::Empty));
        assert_eq!(fit(&flags(vec![Some(true); 3])), Err(Omitted::Constant));
        assert_eq!(fit(&flags(vec![Some(true), None])), Ok(Encoder::Flag));
    }

    #[test]
    fn few_values_get_a_bin_each_and_recurring_ones_always_do() {
        let bands: Vec<_> = (0..200).map(|i| Some(f64::from(i % 5))).collect();
        let Ok(Encoder::Number(bins)) = fit(&numbers(&bands)) else { panic!("bins") };
        assert_eq!(bins.edges, [1.0, 2.0, 3.0, 4.0]);
        let mut amounts: Vec<_> = (0..5000).map(|i| Some(f64::from(i) + 0.25)).collect();
        amounts.extend([Some(1000.0); 100]);
        let Ok(Encoder::Number(bins)) = fit(&numbers(&amounts)) else { panic!("bins") };
        let bin = bins.place(1000.0).0;
        assert_ne!(bins.place(999.25).0, bin);
        assert_ne!(bins.place(1000.25).0, bin);
        assert!(bins.len() > 100 && bins.len() <= MAX_BINS + 3, "{}", bins.len());
    }

    #[test]
    fn spellings_are_pooled_and_rare_levels_dropped() {
        let mut values = vec!["Fintech"; 6];
        values.extend(["FINTECH "; 4]);
        values.extend(["Mining"; 5]);
        values.extend(["Rare"; 4]);
        let Ok(Encoder::Category(levels)) = fit(&texts(&values)) else { panic!("levels") };
        assert_eq!(levels.in_order(), [("fintech", "Fintech"), ("mining", "Mining")]);
    }
}
