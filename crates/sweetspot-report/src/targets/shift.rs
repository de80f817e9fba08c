//! Where a list differs from the customers that its model learned from: the scores of accounts unlike them are less sure than their
//! intervals tell.

mod told;

use sweetspot_core::normal::NINETY_PERCENT;
use sweetspot_core::{Account, Value};
use sweetspot_model::AttributeEffects;
pub(super) use told::blocks;

use crate::{Evidence, Share};

/// From here on an attribute is spread differently (Siddiqi 2006, Credit Risk Scorecards, ch. 8).
const DIFFERENT: f64 = 0.1;
/// From here on it is spread very differently (the same).
const FAR: f64 = 0.25;

/// How one attribute is spread over a list, and over the customers.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// Its name.
    pub attribute: String,
    /// Population stability index: over its values, `Σ (q − p) ln(q / p)`, `p` the share of customers and `q` that of the list; 0
    /// where they are spread alike. Half an account is added to each count, so that no share is zero. Of lists, shares are of items.
    pub index: f64,
    /// In 19 of 20 lists drawn from accounts like the customers, the index stays below this.
    pub by_chance: f64,
    /// How much the attribute matters in all: the standard deviation of what it and its pairs add to the log-odds.
    pub spread: f64,
    /// The value that adds most to the index.
    pub value: String,
    /// The customers with it.
    pub customers: Share,
    /// The accounts of the list with it.
    pub list: Share,
}

/// What an index says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShiftSize {
    /// Small, or no more than chance explains.
    Alike,
    /// Spread differently.
    Different,
    /// Spread very differently.
    Far,
}

impl Shift {
    /// What the index says.
    #[must_use]
    pub fn size(&self) -> ShiftSize {
        match self.index {
            index if index <= self.by_chance || index < DIFFERENT => ShiftSize::Alike,
            index if index < FAR => ShiftSize::Different,
            _ => ShiftSize::Far,
        }
    }

    /// Whether it would be different, were it not that chance may explain it.
    fn is_open(&self) -> bool {
        self.index >= DIFFERENT && self.index <= self.by_chance
    }

    /// By how much it matters to the scores.
    fn weight(&self) -> f64 {
        self.spread * self.index
    }
}

/// An attribute to compare lists by.
#[derive(Debug)]
pub(super) struct Compared {
    effects: AttributeEffects,
    spread: f64,
}

/// Every attribute of a version.
pub(super) fn compared(evidence: &Evidence) -> Vec<Compared> {
    let summaries = evidence.model.attributes();
    let spread = |name: &str| summaries.iter().find(|one| one.attribute == name).map_or(0.0, |one| one.whole_spread);
    let attribute = |effects: AttributeEffects| Compared { spread: spread(&effects.attribute), effects };
    evidence.effects().into_iter().map(attribute).collect()
}

/// Each attribute, first what matters most to the scores.
pub(super) fn shifts(attributes: &[Compared], accounts: &[Account]) -> Vec<Shift> {
    let mut shifts: Vec<Shift> = attributes.iter().filter_map(|one| shift(one, accounts)).collect();
    shifts.sort_by(|a, b| b.weight().total_cmp(&a.weight()).then_with(|| a.attribute.cmp(&b.attribute)));
    shifts
}

fn shift(Compared { effects, spread }: &Compared, accounts: &[Account]) -> Option<Shift> {
    let mut listed = vec![0; effects.values.len()];
    for account in accounts {
        let value = account.attributes.get(&effects.attribute).map(Value::as_ref);
        for found in effects.values_of(value.as_ref()) {
            listed.iter_mut().skip(found).take(1).for_each(|count| *count += 1);
        }
    }
    let both = effects.values.iter().zip(listed).map(|(value, list)| (value.label.as_str(), (value.customers, list)));
    let (labels, counts): (Vec<&str>, Vec<(u64, u64)>) = both.filter(|(_, counts)| *counts != (0, 0)).unzip();
    let (index, by_chance) = stability(&counts)?;
    let most = labels.iter().zip(&counts).zip(parts(&counts)).max_by(|(_, one), (_, other)| one.total_cmp(other));
    let ((value, (customers, list)), _) = most?;
    let [all, on_list] = totals(&counts);
    Some(Shift {
        attribute: effects.attribute.clone(),
        index,
        by_chance,
        spread: *spread,
        value: (*value).to_owned(),
        customers: Share { part: *customers, of: all },
        list: Share { part: *list, of: on_list },
    })
}

fn totals(counts: &[(u64, u64)]) -> [u64; 2] {
    [counts.iter().map(|(customers, _)| customers).sum(), counts.iter().map(|(_, list)| list).sum()]
}

/// What each value adds to the index.
fn parts(counts: &[(u64, u64)]) -> impl Iterator<Item = f64> {
    let half = counts.len() as f64 / 2.0;
    let [customers, list] = totals(counts).map(|total| total as f64 + half);
    counts.iter().map(move |(of_customers, of_list)| {
        let (p, q) = ((*of_customers as f64 + 0.5) / customers, (*of_list as f64 + 0.5) / list);
        (q - p) * (q / p).ln()
    })
}

/// The index of these counts, and what it stays below by chance; nothing where one of the two has nobody.
///
/// Where both are drawn from the same accounts, the index over `1/n + 1/m` has the χ² distribution with one degree of freedom less than
/// there are values (Yurdakul and Naranjo 2020, J. Risk Model Valid. 14(4):89). Its 95% quantile is that of Wilson and Hilferty 1931,
/// Proc. Natl. Acad. Sci. 17:684.
fn stability(counts: &[(u64, u64)]) -> Option<(f64, f64)> {
    let [customers, list] = totals(counts);
    if customers == 0 || list == 0 {
        return None;
    }
    let freedom = counts.len().saturating_sub(1) as f64;
    let ninth = 2.0 / (9.0 * freedom.max(1.0));
    let quantile = freedom * (1.0 - ninth + NINETY_PERCENT * ninth.sqrt()).powi(3);
    Some((parts(counts).sum::<f64>() + 0.0, quantile * (1.0 / customers as f64 + 1.0 / list as f64)))
}

#[cfg(test)]
mod tests;
