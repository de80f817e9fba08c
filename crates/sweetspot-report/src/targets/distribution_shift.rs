//! Differences between a list and the training customers: the scores of accounts unlike the customers are less certain
//! than their intervals indicate.

mod blocks;

pub(super) use blocks::blocks;
use sweetspot_core::normal_quantiles::NINETY_PERCENT;
use sweetspot_core::{Account, Value};
use sweetspot_model::AttributeEffects;

use crate::{AttributeName, Proportion, ReportInput};

/// The minimum index of a different distribution (Siddiqi 2006, Credit Risk Scorecards, ch. 8).
const DIFFERENT_INDEX: f64 = 0.1;
/// The minimum index of a very different distribution (same source).
const VERY_DIFFERENT_INDEX: f64 = 0.25;

/// The distribution of one attribute over a list, and over the customers.
#[derive(Clone, Debug, PartialEq)]
pub struct DistributionShift {
    /// The attribute.
    pub attribute: AttributeName,
    /// Population stability index: the sum over the values of `Σ (q − p) ln(q / p)`, with `p` the share of customers
    /// and `q` the share of the list; 0 if the distributions are equal. Half an account is added to each count, so that
    /// no share is zero. For list attributes, shares are of items.
    pub index: f64,
    /// The 95% quantile of the index for lists drawn from the same distribution as the customers.
    pub chance_bound: f64,
    /// The total influence of the attribute: the standard deviation of the contributions of it and its interactions, in
    /// log-odds.
    pub spread: f64,
    /// The value with the largest term of the index.
    pub value: String,
    /// The customers with that value.
    pub customers: Proportion,
    /// The accounts of the list with that value.
    pub list: Proportion,
}

/// The interpretation of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShiftSize {
    /// Similar, or within the range of chance.
    Similar,
    /// Different distributions.
    Different,
    /// Very different distributions.
    VeryDifferent,
}

impl DistributionShift {
    /// The interpretation of the index.
    #[must_use]
    pub fn size(&self) -> ShiftSize {
        match self.index {
            index if index <= self.chance_bound || index < DIFFERENT_INDEX => ShiftSize::Similar,
            index if index < VERY_DIFFERENT_INDEX => ShiftSize::Different,
            _ => ShiftSize::VeryDifferent,
        }
    }

    /// Whether the index indicates a difference that chance may explain.
    fn is_inconclusive(&self) -> bool {
        self.index >= DIFFERENT_INDEX && self.index <= self.chance_bound
    }

    /// The weight of the shift, by its influence on the scores.
    fn weight(&self) -> f64 {
        self.spread * self.index
    }
}

/// An attribute for comparing lists.
#[derive(Debug)]
pub(super) struct ComparedAttribute {
    name: AttributeName,
    effects: AttributeEffects,
    spread: f64,
}

/// Every attribute of a version.
pub(super) fn compared(input: &ReportInput) -> Vec<ComparedAttribute> {
    let summaries = input.model.attributes();
    let spread = |name: &str| {
        summaries.iter().find(|summary| summary.attribute == name).map_or(0.0, |summary| summary.total_spread)
    };
    let attribute = |effects: AttributeEffects| ComparedAttribute {
        name: input.attribute(&effects.attribute),
        spread: spread(&effects.attribute),
        effects,
    };
    input.effects().into_iter().map(attribute).collect()
}

/// The shift of each attribute, the largest influence on the scores first.
pub(super) fn shifts(attributes: &[ComparedAttribute], accounts: &[Account]) -> Vec<DistributionShift> {
    let mut shifts: Vec<DistributionShift> =
        attributes.iter().filter_map(|attribute| shift(attribute, accounts)).collect();
    shifts.sort_by(|a, b| b.weight().total_cmp(&a.weight()).then_with(|| a.attribute.cmp(&b.attribute)));
    shifts
}

fn shift(
    ComparedAttribute { name, effects, spread }: &ComparedAttribute,
    accounts: &[Account],
) -> Option<DistributionShift> {
    let mut listed = vec![0; effects.values.len()];
    for account in accounts {
        let value = account.attributes.get(&effects.attribute).map(Value::as_ref);
        for found in effects.value_indices(value.as_ref()) {
            listed.iter_mut().skip(found).take(1).for_each(|count| *count += 1);
        }
    }
    let counts_by_value =
        effects.values.iter().zip(listed).map(|(value, list)| (value.label.as_str(), (value.customers, list)));
    let (labels, counts): (Vec<&str>, Vec<(u64, u64)>) =
        counts_by_value.filter(|(_, counts)| *counts != (0, 0)).unzip();
    let (index, by_chance) = stability_index(&counts)?;
    let largest = labels.iter().zip(&counts).zip(index_terms(&counts)).max_by(|(_, a), (_, b)| a.total_cmp(b));
    let ((value, (customers, list)), _) = largest?;
    let [all, on_list] = totals(&counts);
    Some(DistributionShift {
        attribute: name.clone(),
        index,
        chance_bound: by_chance,
        spread: *spread,
        value: (*value).to_owned(),
        customers: Proportion { part: *customers, total: all },
        list: Proportion { part: *list, total: on_list },
    })
}

fn totals(counts: &[(u64, u64)]) -> [u64; 2] {
    [counts.iter().map(|(customers, _)| customers).sum(), counts.iter().map(|(_, list)| list).sum()]
}

/// The terms of the index, one per value.
fn index_terms(counts: &[(u64, u64)]) -> impl Iterator<Item = f64> {
    let half = counts.len() as f64 / 2.0;
    let [customers, list] = totals(counts).map(|total| total as f64 + half);
    counts.iter().map(move |(of_customers, of_list)| {
        let (p, q) = ((*of_customers as f64 + 0.5) / customers, (*of_list as f64 + 0.5) / list);
        (q - p) * (q / p).ln()
    })
}

/// The index of these counts, and its bound by chance; `None` if one of the two totals is zero.
///
/// If both are drawn from the same distribution, the index over `1/n + 1/m` has the χ² distribution with one degree of
/// freedom fewer than there are values (Yurdakul and Naranjo 2020, J. Risk Model Valid. 14(4):89). The 95% quantile is
/// approximated as in Wilson and Hilferty 1931, Proc. Natl. Acad. Sci. 17:684.
fn stability_index(counts: &[(u64, u64)]) -> Option<(f64, f64)> {
    let [customers, list] = totals(counts);
    if customers == 0 || list == 0 {
        return None;
    }
    let freedom = counts.len().saturating_sub(1) as f64;
    let ninth = 2.0 / (9.0 * freedom.max(1.0));
    let quantile = freedom * (1.0 - ninth + NINETY_PERCENT * ninth.sqrt()).powi(3);
    Some((index_terms(counts).sum::<f64>() + 0.0, quantile * (1.0 / customers as f64 + 1.0 / list as f64)))
}

#[cfg(test)]
mod tests;
