//! Label policies, which turn an outcome into "ideal" or "not ideal".

use thiserror::Error;

use super::net_values::NetValues;
use super::{Customers, LabelCard, OutcomeRef, OutcomeStatus, amount, group_thousands, percent};

/// The default share of customers that count as high value.
pub(crate) const DEFAULT_TOP_SHARE: f64 = 0.2;

/// The minimum distance of a base rate from 0 and from 1.
const MIN_BASE_RATE: f64 = 1e-9;

/// Signed case weights by class: ideal if above zero, not ideal if below, and excluded if zero or absent.
///
/// A customer belongs to the first class that applies: negative net value, churned, lost, high value, won.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassWeights {
    /// Net value below zero.
    pub negative_net: f64,
    /// Bought, and left later.
    pub churned: f64,
    /// Never bought.
    pub lost: f64,
    /// Bought, kept, and in the top share of net values.
    pub high_value: f64,
    /// Bought and kept.
    pub won: f64,
}

/// The definition of an ideal customer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LabelPreset {
    /// Won, kept and of high net value, against all others with a known outcome. Without values: won and kept.
    #[default]
    Ideal,
    /// Won, kept or not, against lost.
    Won,
    /// Kept against churned.
    Retained,
    /// High net value against the rest of the customers.
    HighValue,
    /// By the weights of the classes.
    Custom(ClassWeights),
}

impl LabelPreset {
    /// The name in mapping files and on label cards.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ideal => "ideal",
            Self::Won => "won",
            Self::Retained => "retained",
            Self::HighValue => "high_value",
            Self::Custom(_) => "custom",
        }
    }
}

/// A label policy: a preset with its settings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LabelPolicy {
    /// The preset.
    pub preset: LabelPreset,
    /// The share of customers, by net value, that counts as high value, in (0, 1). Default 0.2.
    pub top_share: Option<f64>,
    /// The net value from which a customer counts as high value, instead of a share.
    pub value_at_least: Option<f64>,
    /// Customers younger than this number of days, relative to the newest `since`, are not yet labeled by value or
    /// retention.
    pub maturity_days: Option<u32>,
    /// The real rate of ideal accounts if the rows were resampled by outcome, above 0 and below 1: probabilities are
    /// corrected to it.
    pub base_rate: Option<f64>,
}

/// The label and the case weight of each customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// One entry per customer; `None` excludes the customer from training.
    pub ideal: Vec<Option<bool>>,
    /// Case weights, above zero; one per customer.
    pub weights: Vec<f64>,
    /// A summary of the labels.
    pub card: LabelCard,
}

/// An error of labeling.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LabelPolicyError {
    /// The top share is outside (0, 1).
    #[error("top_share is {found}: it must be above 0 and below 1")]
    TopShare {
        /// The given value.
        found: f64,
    },
    /// The base rate is outside (0, 1).
    #[error("base_rate is {found}: it must be above 0 and below 1, at least {MIN_BASE_RATE:e} from either")]
    BaseRate {
        /// The given value.
        found: f64,
    },
    /// The policy requires values, but there are none.
    #[error(
        "label policy high_value requires customers with a value, and none has one: map the value column, or choose \
         the policy won or retained"
    )]
    NoValues,
    /// A threshold or weight that is not finite.
    #[error("{what} must be a finite number")]
    NotFinite {
        /// The name of the setting.
        what: &'static str,
    },
}

impl LabelPolicy {
    /// Validates the settings.
    ///
    /// # Errors
    /// Returns an error if a share or the base rate is outside (0, 1), or a number is not finite.
    pub fn check(&self) -> Result<(), LabelPolicyError> {
        if let Some(found) = self.top_share.filter(|share| !(*share > 0.0 && *share < 1.0)) {
            return Err(LabelPolicyError::TopShare { found });
        }
        if let Some(found) = self.base_rate.filter(|rate| !(MIN_BASE_RATE..=1.0 - MIN_BASE_RATE).contains(rate)) {
            return Err(LabelPolicyError::BaseRate { found });
        }
        if self.value_at_least.is_some_and(|value| !value.is_finite()) {
            return Err(LabelPolicyError::NotFinite { what: "value_at_least" });
        }
        match self.preset {
            LabelPreset::Custom(w)
                if ![w.negative_net, w.churned, w.lost, w.high_value, w.won].iter().all(|x| x.is_finite()) =>
            {
                Err(LabelPolicyError::NotFinite { what: "a custom weight" })
            }
            LabelPreset::Custom(_)
            | LabelPreset::Ideal
            | LabelPreset::Won
            | LabelPreset::Retained
            | LabelPreset::HighValue => Ok(()),
        }
    }

    /// Labels all customers.
    ///
    /// # Errors
    /// Returns an error if the settings are invalid, or the policy requires values and there are none.
    pub fn label(&self, customers: &Customers) -> Result<Labels, LabelPolicyError> {
        self.check()?;
        let values = NetValues::new(customers);
        if values.is_empty() && self.preset == LabelPreset::HighValue {
            return Err(LabelPolicyError::NoValues);
        }
        let threshold = self.value_at_least.or_else(|| values.top_value(self.top_share.unwrap_or(DEFAULT_TOP_SHARE)));
        let uses_value = matches!(self.preset, LabelPreset::Ideal | LabelPreset::HighValue | LabelPreset::Custom(_));
        let threshold = threshold.filter(|_| uses_value && !values.is_empty());
        let newest = customers.outcomes().iter().filter_map(|outcome| outcome.since).max();
        let mature_until =
            newest.zip(self.maturity_days).map(|(newest, days)| newest.days.saturating_sub_unsigned(days));
        let outcome_values: Vec<Option<f64>> = customers
            .outcomes()
            .iter()
            .map(|outcome| {
                let is_immature =
                    mature_until.is_some_and(|limit| outcome.since.is_some_and(|since| since.days > limit));
                self.signed_weight(&outcome, threshold, is_immature).filter(|weight| *weight != 0.0)
            })
            .collect();
        let ideal: Vec<_> = outcome_values.iter().map(|weight| weight.map(|weight| weight > 0.0)).collect();
        let weight = outcome_values.iter().map(|weight| weight.map_or(1.0, f64::abs)).collect();
        let card = self.card(customers, &ideal, threshold, &values);
        Ok(Labels { ideal, weights: weight, card })
    }

    /// The signed case weight: above zero for ideal, below zero for not ideal; `None` excludes the customer.
    fn signed_weight(&self, outcome: &OutcomeRef<'_>, threshold: Option<f64>, is_immature: bool) -> Option<f64> {
        let net = outcome.net_value();
        let high = threshold.and_then(|threshold| net.map(|net| net >= threshold));
        let sign = |ideal: bool| if ideal { 1.0 } else { -1.0 };
        match self.preset {
            LabelPreset::Won => match outcome.status? {
                OutcomeStatus::Won | OutcomeStatus::Churned => Some(1.0),
                OutcomeStatus::Lost => Some(-1.0),
            },
            LabelPreset::Retained => match outcome.status? {
                OutcomeStatus::Won => (!is_immature).then_some(1.0),
                OutcomeStatus::Churned => Some(-1.0),
                OutcomeStatus::Lost => None,
            },
            LabelPreset::HighValue => match outcome.status {
                Some(OutcomeStatus::Lost) => None,
                Some(OutcomeStatus::Won | OutcomeStatus::Churned) | None => {
                    high.filter(|high| *high || !is_immature).map(sign)
                }
            },
            LabelPreset::Ideal => match outcome.status {
                Some(OutcomeStatus::Lost | OutcomeStatus::Churned) => Some(-1.0),
                Some(OutcomeStatus::Won) if threshold.is_none() => (!is_immature).then_some(1.0),
                Some(OutcomeStatus::Won) | None => high.filter(|high| *high || !is_immature).map(sign),
            },
            LabelPreset::Custom(weights) => custom_weight(&weights, outcome.status, net, high, is_immature),
        }
    }

    fn card(
        &self,
        customers: &Customers,
        ideal: &[Option<bool>],
        threshold: Option<f64>,
        values: &NetValues,
    ) -> LabelCard {
        let count = |expected: Option<bool>| {
            let rows = ideal.iter().enumerate().filter(|(_, label)| **label == expected);
            rows.map(|(row, _)| customers.weights().get(row)).sum()
        };
        LabelCard {
            policy: self.preset.name().to_owned(),
            rule: self.rule(threshold, customers),
            ideal: count(Some(true)),
            not_ideal: count(Some(false)),
            excluded: count(None),
            value_threshold: threshold,
            currency: customers.currency().filter(|_| threshold.is_some()).map(str::to_owned),
            notes: self.notes(customers, threshold, values),
            base_rate: self.base_rate,
        }
    }

    fn rule(&self, threshold: Option<f64>, customers: &Customers) -> String {
        let from = threshold.map_or_else(String::new, |threshold| {
            format!(" with a net value of at least {}", amount(threshold, customers.currency()))
        });
        match self.preset {
            LabelPreset::Won => "ideal: won; not ideal: lost".to_owned(),
            LabelPreset::Retained => "ideal: won and kept; not ideal: churned".to_owned(),
            LabelPreset::HighValue => format!("ideal: customers{from}; not ideal: the other customers"),
            LabelPreset::Ideal if threshold.is_none() => "ideal: won and kept; not ideal: lost or churned".to_owned(),
            LabelPreset::Ideal => {
                let unknown =
                    customers.outcomes().iter().any(|outcome| outcome.status.is_none() && outcome.value.is_some());
                let unknown = if unknown { ", or of unknown status," } else { "" };
                format!("ideal: won and kept{unknown}{from}; not ideal: lost, churned or worth less")
            }
            LabelPreset::Custom(_) => "ideal: classes with a weight above zero; not ideal: below zero".to_owned(),
        }
    }

    fn notes(&self, customers: &Customers, threshold: Option<f64>, values: &NetValues) -> Vec<String> {
        let mut notes = Vec::new();
        let count_text = |count: u64| group_thousands(&count.to_string());
        if self.preset == LabelPreset::Ideal && values.is_empty() {
            notes.push("no customer has a value: ideal means won and kept, whatever the customer is worth".to_owned());
        }
        if threshold.is_none() {
            return notes;
        }
        // Only customers with a value; lost deals have none.
        let without_costs = |cost: fn(&OutcomeRef<'_>) -> Option<f64>| -> u64 {
            let rows = customers.outcomes().iter().enumerate();
            let without = rows.filter(|(_, outcome)| outcome.net_value().is_some() && cost(outcome).is_none());
            without.map(|(row, _)| customers.weights().get(row)).sum()
        };
        for (count, what) in [
            (without_costs(|o| o.cost_to_serve), "cost to serve"),
            (without_costs(|o| o.cost_to_acquire), "cost to acquire"),
        ] {
            if count > 0 {
                let (customers, have) = (
                    if values.count() == 1 { "customer" } else { "customers" },
                    if count == 1 { "has" } else { "have" },
                );
                notes.push(format!(
                    "{} of {} {customers} with a value {have} no {what}: counted as if it were zero",
                    count_text(count),
                    count_text(values.count())
                ));
            }
        }
        if self.value_at_least.is_none() {
            for share in [0.1, 0.3] {
                if let Some(value) = values.top_value(share) {
                    let count = values.count_at_least(value);
                    notes.push(format!(
                        "a top share of {} would start at {} ({} {})",
                        percent(share),
                        amount(value, customers.currency()),
                        count_text(count),
                        if count == 1 { "customer" } else { "customers" }
                    ));
                }
            }
        }
        notes
    }
}

fn custom_weight(
    weights: &ClassWeights,
    status: Option<OutcomeStatus>,
    net: Option<f64>,
    high: Option<bool>,
    is_immature: bool,
) -> Option<f64> {
    let status = status?;
    // The costs of a young customer have not had time to be recovered.
    if status != OutcomeStatus::Lost && !is_immature && net.is_some_and(|net| net < 0.0) {
        return Some(weights.negative_net);
    }
    match status {
        OutcomeStatus::Churned => Some(weights.churned),
        OutcomeStatus::Lost => Some(weights.lost),
        OutcomeStatus::Won if high == Some(true) && weights.high_value != 0.0 => Some(weights.high_value),
        OutcomeStatus::Won => (!is_immature).then_some(weights.won),
    }
}
