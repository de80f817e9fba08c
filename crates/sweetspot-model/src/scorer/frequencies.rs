//! How often customers have the values of an attribute, given what else is known of an account.

use super::steps::Step;
use super::{Spot, Term};
use crate::encoder::Reading;
use crate::stored;

/// Frequencies that rest on fewer customers say less than those of all customers.
const MIN_CUSTOMERS: u64 = 20;

/// The frequencies of one attribute's values.
#[derive(Debug, Default)]
pub(super) struct Frequencies {
    /// The group of each of the attribute's slots.
    groups: Vec<usize>,
    /// The attribute that tells most first.
    given: Vec<Given>,
}

/// Customers by the groups of another attribute.
#[derive(Debug)]
struct Given {
    /// That attribute's place among the terms.
    term: usize,
    groups: Vec<usize>,
    labels: Vec<String>,
    /// Of each of its groups, the customers in each group of the attribute.
    customers: Vec<Vec<u64>>,
}

/// The customers who are like an account in one attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alike<'f> {
    groups: &'f [usize],
    customers: &'f [u64],
    /// The attribute.
    pub(super) attribute: &'f str,
    /// The account's value of it, or the band or group that it lies in, as a person reads it.
    pub(super) value: &'f str,
}

impl Frequencies {
    /// From what is kept of a term; an explanation where the parts do not fit together.
    pub(super) fn compile(stored: &stored::Term, terms: &[Term]) -> Result<Self, String> {
        let Some(kept) = &stored.value_frequencies else { return Ok(Self::default()) };
        let groups = indices(&kept.groups);
        let width = groups.iter().max().map_or(0, |last| last + 1);
        let damaged = || format!("the frequencies of {:?} do not fit its slots", stored.attribute);
        let given = kept.given.iter().map(|given| Given::compile(given, width, terms));
        let given = given.collect::<Option<Vec<_>>>().filter(|_| groups.len() == stored.slots.len());
        Ok(Self { groups, given: given.ok_or_else(damaged)? })
    }

    /// The customers who are like the account in the attribute that tells most of those that are known of it.
    pub(super) fn alike<'f>(&'f self, terms: &'f [Term], spots: &[Spot]) -> Option<Alike<'f>> {
        self.given.iter().find_map(|given| {
            let spot =
                spots.get(given.term).filter(|spot| !matches!(spot.reading, Reading::Missing | Reading::Mismatch))?;
            let group = *given.groups.get(spot.slot())?;
            let customers = given.customers.get(group).filter(|row| row.iter().sum::<u64>() >= MIN_CUSTOMERS)?;
            let attribute = terms.get(given.term).map(|term| term.feature.attribute.as_str())?;
            Some(Alike { groups: &self.groups, customers, attribute, value: given.labels.get(group)? })
        })
    }
}

impl Given {
    fn compile(stored: &stored::GivenAttribute, width: usize, terms: &[Term]) -> Option<Self> {
        let term = terms.iter().position(|term| term.feature.attribute == stored.attribute)?;
        let slots = terms.get(term).filter(|of| !of.feature.is_list())?.slots.len();
        let (groups, rows) = (indices(&stored.groups), stored.labels.len());
        let fits = groups.len() == slots
            && groups.iter().all(|group| *group < rows)
            && width > 0
            && stored.customers.len() == rows * width;
        let customers = stored.customers.chunks(width.max(1)).map(<[u64]>::to_vec).collect();
        fits.then(|| Self { term, groups, labels: stored.labels.clone(), customers })
    }
}

impl Alike<'_> {
    /// How many there are.
    pub(super) fn customers(&self) -> u64 {
        self.customers.iter().sum()
    }

    /// How often they have each of these values. Within a group, values are spread as over all customers.
    pub(super) fn shares(&self, steps: &[Step]) -> Vec<f64> {
        let group = |step: &Step| self.groups.get(step.slot).copied().unwrap_or_default();
        let mut all = vec![0_u64; self.customers.len()];
        for step in steps {
            all.get_mut(group(step)).into_iter().for_each(|sum| *sum += step.customers);
        }
        let here = self.customers().max(1) as f64;
        let share = |step: &Step| {
            let of = |counts: &[u64]| counts.get(group(step)).copied().unwrap_or_default() as f64;
            of(self.customers) / here * step.customers as f64 / of(&all).max(1.0)
        };
        steps.iter().map(share).collect()
    }
}

fn indices(groups: &[u32]) -> Vec<usize> {
    groups.iter().map(|group| *group as usize).collect()
}
