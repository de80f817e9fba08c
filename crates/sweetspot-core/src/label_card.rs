//! A summary of how outcomes became labels, for people.

use super::{SamplingWeights, percent};

/// The number of customers with each label, and the rule of the labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelCard {
    /// The policy's name: `ideal`, `won`, `retained`, `high_value` or `custom`.
    pub policy: String,
    /// The rule in one sentence.
    pub rule: String,
    /// Customers labeled ideal.
    pub ideal: u64,
    /// Customers labeled not ideal.
    pub not_ideal: u64,
    /// Excluded customers: without a usable outcome, or too young.
    pub excluded: u64,
    /// The net value from which a customer counts as high value.
    pub value_threshold: Option<f64>,
    /// The currency of the threshold (ISO 4217).
    pub currency: Option<String>,
    /// Additional notes for readers, one sentence each.
    pub notes: Vec<String>,
    /// The real rate of ideal accounts, above 0 and below 1, if the rows were resampled.
    pub base_rate: Option<f64>,
}

impl LabelCard {
    /// The weights of the rows of each label that restore the real rates; 1 each if the rows were not resampled.
    #[must_use]
    pub fn row_weights(&self) -> SamplingWeights {
        self.base_rate.map(|rate| SamplingWeights::new(rate, self.ideal, self.not_ideal)).unwrap_or_default()
    }

    /// The best known rate of ideal accounts: the base rate, or the rate of the rows; `None` without rows.
    #[must_use]
    pub fn ideal_rate(&self) -> Option<f64> {
        let rows = self.ideal + self.not_ideal;
        self.base_rate.or_else(|| (rows > 0).then(|| self.ideal as f64 / rows as f64))
    }

    /// A caution about counts of resampled rows, as a clause; `None` if the rows were not resampled.
    #[must_use]
    pub fn resampling_caution(&self) -> Option<String> {
        let (rate, rows) = (self.base_rate?, self.ideal + self.not_ideal);
        Some(format!(
            "the rows were resampled: {} of them are ideal, and {} of all accounts are; probabilities, and the rates that judge \
             them, are corrected to this base rate, but counts of customers, and the rates of ideal ones beside single values, \
             segments and traits, are those of the resampled rows",
            percent(self.ideal as f64 / rows.max(1) as f64),
            percent(rate)
        ))
    }
}
