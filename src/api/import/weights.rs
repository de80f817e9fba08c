//! The weights of the accounts of an import.

use sweetspot_core::FrequencyWeights;

use crate::api::violations::Violations;

/// The field of all violations.
const FIELD: &str = "weights";

/// The weights so far.
#[derive(Debug, Default)]
pub(super) struct ImportWeights {
    counts: Vec<u32>,
    /// Whether the first message with accounts has weights.
    are_stated: Option<bool>,
}

impl ImportWeights {
    /// Adds the weights of a message with this number of accounts.
    pub(super) fn add(&mut self, weights: Vec<u32>, accounts: usize, problems: &mut Violations) {
        if !weights.is_empty() && weights.len() != accounts {
            let text = format!("{} weights for {accounts} accounts: send one for each account, or none", weights.len());
            problems.add("WEIGHT_COUNT", FIELD, text);
        }
        if accounts > 0 && *self.are_stated.get_or_insert(!weights.is_empty()) == weights.is_empty() {
            let text = "some messages of the import have weights and others have none: send weights in all of them";
            problems.add("WEIGHT_COUNT", FIELD, text);
        }
        if let Some(index) = weights.iter().position(|weight| *weight == 0) {
            let text = "a weight is the number of customers that an account stands for: send at least 1";
            problems.add("INVALID_WEIGHT", format!("{FIELD}[{index}]"), text);
        }
        self.counts.extend(weights);
    }

    /// Returns the weights of all accounts.
    pub(super) fn finish(self, problems: &mut Violations) -> FrequencyWeights {
        FrequencyWeights::new(self.counts).unwrap_or_else(|error| {
            problems.add("INVALID_WEIGHT", FIELD, error.to_string());
            FrequencyWeights::default()
        })
    }
}
