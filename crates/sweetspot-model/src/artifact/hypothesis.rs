//! The hypotheses of a model with their verdicts.

use sweetspot_core::{Condition, Effect, Verdict, hypothesis_label};

use crate::score_uncertainty::slot_standard_error;
use crate::stored;
use crate::stored_condition::matcher_from_stored;

/// A hypothesis and its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct HypothesisSummary {
    /// The unique id.
    pub id: String,
    /// The hypothesis in its author's words; may be empty.
    pub statement: String,
    /// The author.
    pub author: String,
    /// The condition for the customers that it is about.
    pub when: Condition,
    /// The label of its reasons: the statement, or the condition in words if the statement is empty.
    pub label: String,
    /// The odds ratio that the author expects.
    pub odds_ratio: f64,
    /// The weight of the hypothesis, as a number of customers of evidence.
    pub confidence_customers: f64,
    /// The verdict.
    pub verdict: Verdict,
    /// The number of training customers that match the condition.
    pub customers: u64,
    /// The number of ideal customers among them.
    pub ideal: u64,
    /// The effect in the data, all else equal; `None` if the condition matches no customer or all of them.
    pub data_effect: Option<Effect>,
    /// What the model adds if the condition holds, in addition to the attribute's own slot.
    pub model_effect: Effect,
}

impl HypothesisSummary {
    /// Summarizes a stored hypothesis; `None` if it has no condition or no coefficient, in which case the model does
    /// not compile.
    pub(super) fn from_stored(stored: &stored::Hypothesis) -> Option<Self> {
        let stored::Hypothesis {
            id,
            statement,
            author,
            when,
            odds_ratio,
            confidence_customers,
            slot,
            customers_say,
            customers_by_slot: _,
            expires: _,
        } = stored;
        let (when, slot) = (matcher_from_stored(when.as_ref())?, slot.as_ref()?);
        let (kind, when) = (when.kind(), when.condition);
        let customers_say =
            customers_say.map(|stored::Effect { log_odds, standard_error }| Effect { log_odds, standard_error });
        Some(Self {
            id: id.clone(),
            statement: statement.clone(),
            author: author.clone(),
            label: hypothesis_label(statement, &when, kind),
            when,
            odds_ratio: *odds_ratio,
            confidence_customers: *confidence_customers,
            verdict: Verdict::new(odds_ratio.ln(), customers_say),
            customers: slot.customers,
            ideal: slot.ideal,
            data_effect: customers_say,
            model_effect: Effect { log_odds: slot.log_odds, standard_error: slot_standard_error(slot) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::hypothesis;

    #[test]
    fn a_hypothesis_summary_of_a_worked_example() {
        let kept = hypothesis();
        let told = HypothesisSummary::from_stored(&kept).unwrap();
        assert_eq!((told.id.as_str(), told.label.as_str(), told.odds_ratio), ("h", "SAP or Zürich", 2.0));
        assert_eq!((told.verdict, told.customers, told.ideal), (Verdict::Supported, 12, 9));
        assert_eq!((told.model_effect.log_odds, told.model_effect.standard_error), (0.5, 0.25));
        assert_eq!(HypothesisSummary::from_stored(&stored::Hypothesis { when: None, ..kept.clone() }), None);
        assert_eq!(HypothesisSummary::from_stored(&stored::Hypothesis { slot: None, ..kept.clone() }), None);
        let silent = HypothesisSummary::from_stored(&stored::Hypothesis { customers_say: None, ..kept }).unwrap();
        assert_eq!((silent.verdict, silent.data_effect), (Verdict::NotEnoughData, None));
    }
}
