//! Hypotheses in a fit: one term of the design whose slots are the beliefs, each with a prior of its own.

mod choose;
mod question;
mod told;

pub(super) use choose::{NOWHERE, honest, standing, untested};
use sweetspot_core::{AccountTable, ColumnData, Hypothesis, Matcher, ValueRef};
use sweetspot_solver::{Codes, Prior, TermCodes};
pub(super) use told::{doubted, told};

use crate::condition::of_dataset;

/// How many customers the assumed rate of ideal ones is worth where customers are too few to learn from.
const ASSUMED_CUSTOMERS: f64 = 10.0;

/// The hypotheses of a training, by id: the order in which they were given means nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Beliefs {
    /// The hypotheses.
    pub hypotheses: Vec<Hypothesis>,
    /// Their conditions.
    pub conditions: Vec<Matcher>,
    /// The rate of ideal customers that is taken for granted, where customers are too few to tell.
    pub assumed_rate: Option<f64>,
}

impl Beliefs {
    /// Of these hypotheses, whose conditions read values as the columns of `accounts` have them.
    pub(super) fn new(mut hypotheses: Vec<Hypothesis>, accounts: &AccountTable, assumed_rate: Option<f64>) -> Self {
        hypotheses.sort_by(|a, b| a.id.cmp(&b.id));
        let conditions = hypotheses.iter().map(|hypothesis| of_dataset(hypothesis.when.clone(), accounts)).collect();
        Self { hypotheses, conditions, assumed_rate }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.hypotheses.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.hypotheses.is_empty()
    }

    /// The beliefs that hold, for each of these rows; no term where nothing is believed.
    pub(super) fn encode(&self, accounts: &AccountTable, rows: &[usize]) -> Option<TermCodes> {
        let holding: Vec<Vec<bool>> = self.conditions.iter().map(|belief| holds(belief, accounts, rows)).collect();
        let (mut offsets, mut slots) = (vec![0], Vec::new());
        for row in 0..rows.len() {
            let hold = holding.iter().enumerate().filter(|(_, holding)| holding.get(row) == Some(&true));
            slots.extend(hold.map(|(slot, _)| slot as u16));
            offsets.push(slots.len() as u32);
        }
        (!self.is_empty()).then_some(TermCodes { slots: self.len(), codes: Codes::Many { offsets, slots } })
    }

    /// What is believed of each before the customers are asked. A customer carries r (1 − r) of information about the log-odds, at
    /// the rate r of ideal ones.
    pub(super) fn priors(&self, labels: &[f64], weights: &[f64]) -> Vec<Prior> {
        let (assumed, worth) = self.assumed_rate.map_or((0.0, 0.0), |rate| (rate, ASSUMED_CUSTOMERS));
        let ideal: f64 = labels.iter().zip(weights).map(|(label, weight)| label * weight).sum();
        let rate = (ideal + worth * assumed) / (weights.iter().sum::<f64>() + worth);
        let of = |(parameter, hypothesis): (usize, &Hypothesis)| Prior {
            parameter,
            mean: hypothesis.log_odds_ratio(),
            precision: hypothesis.confidence_customers * rate * (1.0 - rate),
        };
        self.hypotheses.iter().enumerate().map(of).collect()
    }

    /// The prior of the base, where customers are too few to tell it.
    pub(super) fn base(&self) -> Option<Prior> {
        let rate = self.assumed_rate?;
        let (mean, precision) = ((rate / (1.0 - rate)).ln(), ASSUMED_CUSTOMERS * rate * (1.0 - rate));
        Some(Prior { parameter: 0, mean, precision })
    }
}

/// Whether a belief holds, for each of these rows. Where the column has a dictionary, each text is asked once, not once a row.
pub(super) fn holds(belief: &Matcher, accounts: &AccountTable, rows: &[usize]) -> Vec<bool> {
    let Some(column) = accounts.column(belief.attribute()) else {
        return vec![belief.holds(None); rows.len()];
    };
    let ColumnData::Categories { dictionary, codes } = &column.data else {
        return rows.iter().map(|row| belief.holds(column.data.get(*row).as_ref())).collect();
    };
    let texts: Vec<bool> = dictionary.iter().map(|text| belief.holds(Some(&ValueRef::Text(text)))).collect();
    let missing = belief.holds(None);
    let of = |row: &usize| codes.get(*row).and_then(|code| texts.get(code as usize).copied());
    rows.iter().map(|row| of(row).unwrap_or(missing)).collect()
}
