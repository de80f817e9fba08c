//! How often customers have the values of an attribute, given another attribute of an account.

use super::alternative_values::Alternative;
use super::{EncodedValue, Term};
use crate::encoder::ValueStatus;
use crate::stored;

/// The minimum number of customers for a conditional frequency; with fewer, the frequencies of all customers are
/// better.
const MIN_CUSTOMERS: u64 = 20;

/// How often customers have each value of one attribute, given their value of another.
#[derive(Debug, Default)]
pub(super) struct ConditionalFrequencies {
    /// The group of each of the attribute's slots.
    groups: Vec<usize>,
    /// The counts given another attribute, the most informative attribute first.
    conditionals: Vec<ConditionalCounts>,
}

/// The number of customers by the groups of another attribute.
#[derive(Debug)]
struct ConditionalCounts {
    /// The index of the other attribute's term.
    term: usize,
    groups: Vec<usize>,
    labels: Vec<String>,
    /// For each group of the other attribute, the number of customers in each group of this attribute.
    customers: Vec<Vec<u64>>,
}

/// The customers who are similar to an account in one attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct SimilarCustomers<'f> {
    groups: &'f [usize],
    group_counts: &'f [u64],
    /// The attribute's name.
    pub(super) attribute: &'f str,
    /// The label of the account's value of the attribute, or of its group.
    pub(super) value: &'f str,
}

impl ConditionalFrequencies {
    /// Compiles the frequencies of a stored term; the error describes an inconsistency.
    pub(super) fn compile(stored: &stored::Term, terms: &[Term]) -> Result<Self, String> {
        let Some(frequencies) = &stored.value_frequencies else { return Ok(Self::default()) };
        let groups = to_indices(&frequencies.groups);
        let width = groups.iter().max().map_or(0, |last| last + 1);
        let damaged = || format!("the frequencies of {:?} do not fit its slots", stored.attribute);
        let conditional_counts = frequencies
            .given
            .iter()
            .map(|conditional_counts| ConditionalCounts::compile(conditional_counts, width, terms));
        let conditional_counts =
            conditional_counts.collect::<Option<Vec<_>>>().filter(|_| groups.len() == stored.slots.len());
        Ok(Self { groups, conditionals: conditional_counts.ok_or_else(damaged)? })
    }

    /// The customers who share the account's value of the most informative known attribute.
    pub(super) fn similar_customers<'f>(
        &'f self,
        terms: &'f [Term],
        encoded_values: &[EncodedValue],
    ) -> Option<SimilarCustomers<'f>> {
        self.conditionals.iter().find_map(|given| {
            let encoded_value = encoded_values.get(given.term).filter(|encoded_value| {
                !matches!(encoded_value.status, ValueStatus::Missing | ValueStatus::Mismatch)
            })?;
            let group = *given.groups.get(encoded_value.first_slot())?;
            let customers = given.customers.get(group).filter(|row| row.iter().sum::<u64>() >= MIN_CUSTOMERS)?;
            let attribute = terms.get(given.term).map(|term| term.feature.attribute.as_str())?;
            Some(SimilarCustomers {
                groups: &self.groups,
                group_counts: customers,
                attribute,
                value: given.labels.get(group)?,
            })
        })
    }
}

impl ConditionalCounts {
    fn compile(stored: &stored::GivenAttribute, width: usize, terms: &[Term]) -> Option<Self> {
        let term = terms.iter().position(|term| term.feature.attribute == stored.attribute)?;
        let slots = terms.get(term).filter(|term_slots| !term_slots.feature.is_list())?.slots.len();
        let (groups, rows) = (to_indices(&stored.groups), stored.labels.len());
        let fits = groups.len() == slots
            && groups.iter().all(|group| *group < rows)
            && width > 0
            && stored.customers.len() == rows * width;
        let customers = stored.customers.chunks(width.max(1)).map(<[u64]>::to_vec).collect();
        fits.then(|| Self { term, groups, labels: stored.labels.clone(), customers })
    }
}

impl SimilarCustomers<'_> {
    /// The number of customers.
    pub(super) fn customer_count(&self) -> u64 {
        self.group_counts.iter().sum()
    }

    /// The share of customers with each of these values. Within a group, values are distributed as among all customers.
    pub(super) fn alternative_shares(&self, steps: &[Alternative]) -> Vec<f64> {
        let group = |step: &Alternative| self.groups.get(step.slot).copied().unwrap_or_default();
        let mut all = vec![0_u64; self.group_counts.len()];
        for step in steps {
            all.get_mut(group(step)).into_iter().for_each(|sum| *sum += step.customers);
        }
        let here = self.customer_count().max(1) as f64;
        let share = |step: &Alternative| {
            let count = |counts: &[u64]| counts.get(group(step)).copied().unwrap_or_default() as f64;
            count(self.group_counts) / here * step.customers as f64 / count(&all).max(1.0)
        };
        steps.iter().map(share).collect()
    }
}

fn to_indices(groups: &[u32]) -> Vec<usize> {
    groups.iter().map(|group| *group as usize).collect()
}
