//! Hypotheses in a fit: one term of the design whose slots are the hypotheses, each with its own prior.

mod choose;
mod prior_conflict;
mod single_hypothesis;

pub(super) use choose::{NOT_IN_DATASET, unexpired_hypotheses, unknown_name_warnings, without_leaks};
pub(super) use prior_conflict::{data_estimates, discount_priors};
use sweetspot_core::{AccountTable, ColumnData, Hypothesis, Matcher, ValueRef};
use sweetspot_solver::{EncodedTerm, Prior, TermSlots};

use crate::stored_condition::dataset_matcher;

/// The weight of the assumed rate of ideal customers, in customers, if there are too few customers to learn from.
const ASSUMED_CUSTOMERS: f64 = 10.0;

/// The hypotheses of a training, sorted by id: the order in which they were given has no effect.
#[derive(Clone, Debug, Default)]
pub(super) struct HypothesisSet {
    /// The hypotheses, by id.
    pub hypotheses: Vec<Hypothesis>,
    /// The condition of each hypothesis.
    pub conditions: Vec<Matcher>,
    /// The assumed rate of ideal customers; `None` if there are enough customers to estimate it.
    pub assumed_rate: Option<f64>,
}

impl HypothesisSet {
    /// Creates the set; the conditions read values as the columns of `accounts` store them.
    pub(super) fn new(mut hypotheses: Vec<Hypothesis>, accounts: &AccountTable, assumed_rate: Option<f64>) -> Self {
        hypotheses.sort_by(|a, b| a.id.cmp(&b.id));
        let conditions =
            hypotheses.iter().map(|hypothesis| dataset_matcher(hypothesis.when.clone(), accounts)).collect();
        Self { hypotheses, conditions, assumed_rate }
    }

    /// The number of hypotheses.
    pub(super) fn len(&self) -> usize {
        self.hypotheses.len()
    }

    /// Whether there are no hypotheses.
    pub(super) fn is_empty(&self) -> bool {
        self.hypotheses.is_empty()
    }

    /// The hypotheses that hold for each of these rows; `None` if there are no hypotheses.
    pub(super) fn encode_rows(&self, accounts: &AccountTable, rows: &[usize]) -> Option<EncodedTerm> {
        let holding: Vec<Vec<bool>> =
            self.conditions.iter().map(|condition| condition_holds(condition, accounts, rows)).collect();
        let (mut offsets, mut slots) = (vec![0], Vec::new());
        for row in 0..rows.len() {
            let hold = holding.iter().enumerate().filter(|(_, holding)| holding.get(row) == Some(&true));
            slots.extend(hold.map(|(slot, _)| slot as u16));
            offsets.push(slots.len() as u32);
        }
        (!self.is_empty()).then_some(EncodedTerm { slots: self.len(), codes: TermSlots::Many { offsets, slots } })
    }

    /// The prior of each hypothesis. A customer carries r (1 − r) of information about the log-odds, at the rate r of
    /// ideal customers.
    pub(super) fn priors(&self, labels: &[f64], weights: &[f64]) -> Vec<Prior> {
        let (assumed, assumed_customers) = self.assumed_rate.map_or((0.0, 0.0), |rate| (rate, ASSUMED_CUSTOMERS));
        let ideal: f64 = labels.iter().zip(weights).map(|(label, weight)| label * weight).sum();
        let rate = (ideal + assumed_customers * assumed) / (weights.iter().sum::<f64>() + assumed_customers);
        let prior = |(parameter, hypothesis): (usize, &Hypothesis)| Prior {
            parameter,
            mean: hypothesis.log_odds_ratio(),
            precision: hypothesis.confidence_customers * rate * (1.0 - rate),
        };
        self.hypotheses.iter().enumerate().map(prior).collect()
    }

    /// The prior of the base, if there are too few customers to estimate it.
    pub(super) fn base_prior(&self) -> Option<Prior> {
        let rate = self.assumed_rate?;
        let (mean, precision) = ((rate / (1.0 - rate)).ln(), ASSUMED_CUSTOMERS * rate * (1.0 - rate));
        Some(Prior { parameter: 0, mean, precision })
    }
}

/// Whether a hypothesis holds, for each of these rows. If the column has a dictionary, each text is tested once, not
/// once per row.
pub(super) fn condition_holds(condition: &Matcher, accounts: &AccountTable, rows: &[usize]) -> Vec<bool> {
    let Some(column) = accounts.column(condition.attribute()) else {
        return vec![condition.holds(None); rows.len()];
    };
    let ColumnData::Categories { dictionary, codes } = &column.data else {
        return rows.iter().map(|row| condition.holds(column.data.get(*row).as_ref())).collect();
    };
    let texts: Vec<bool> = dictionary.iter().map(|text| condition.holds(Some(&ValueRef::Text(text)))).collect();
    let missing = condition.holds(None);
    let text_of_row = |row: &usize| codes.get(*row).and_then(|code| texts.get(code as usize).copied());
    rows.iter().map(|row| text_of_row(row).unwrap_or(missing)).collect()
}
