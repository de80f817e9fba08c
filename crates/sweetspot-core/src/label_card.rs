//! How outcomes became labels, told to people.

use super::{RowWeights, percent};

/// How many customers got which label, and by which rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelCard {
    /// The policy's name: `ideal`, `won`, `retained`, `high_value` or `custom`.
    pub policy: String,
    /// The rule in one sentence.
    pub rule: String,
    /// Customers labelled ideal.
    pub ideal: u64,
    /// Customers labelled not ideal.
    pub not_ideal: u64,
    /// Customers that say nothing: no outcome, or too young to tell.
    pub excluded: u64,
    /// The net value from which on a customer counts as high value.
    pub value_threshold: Option<f64>,
    /// The currency of the threshold (ISO 4217).
    pub currency: Option<String>,
    /// What else a reader should know, one sentence each.
    pub notes: Vec<String>,
    /// The real rate of ideal accounts, above 0 and below 1, where the rows were resampled.
    pub base_rate: Option<f64>,
}

impl LabelCard {
    /// What a row of either label counts for where rates are the real ones; 1 each where the rows were not resampled.
    #[must_use]
    pub fn row_weights(&self) -> RowWeights {
        self.base_rate.map(|rate| RowWeights::new(rate, self.ideal, self.not_ideal)).unwrap_or_default()
    }

    /// The real rate of ideal accounts as far as it is known: the base rate, or else that of the rows; nothing without rows.
    #[must_use]
    pub fn ideal_rate(&self) -> Option<f64> {
        let rows = self.ideal + self.not_ideal;
        self.base_rate.or_else(|| (rows > 0).then(|| self.ideal as f64 / rows as f64))
    }

    /// What a reader of counts must know where the rows were resampled, as a clause.
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
