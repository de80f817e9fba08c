//! How outcomes became labels, told to people.

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
}
