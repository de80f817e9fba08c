//! What became of a hypothesis in a model.

use sweetspot_core::{Condition, Effect, Verdict, hypothesis_label};

use crate::condition::from_stored;
use crate::scorer::standard_error;
use crate::stored;

/// A hypothesis and its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct HypothesisSummary {
    /// Tells it from the others.
    pub id: String,
    /// The belief in a person's words; may be empty.
    pub statement: String,
    /// Who holds it.
    pub author: String,
    /// Whom it is about.
    pub when: Condition,
    /// What its reasons are called: the statement, or else the condition in words.
    pub label: String,
    /// What was believed.
    pub odds_ratio: f64,
    /// How many customers of evidence the belief is worth.
    pub confidence_customers: f64,
    /// What became of it.
    pub verdict: Verdict,
    /// Training customers for whom it holds.
    pub customers: u64,
    /// How many of them are ideal.
    pub ideal: u64,
    /// What the customers say, all else equal; nothing where it holds for nobody or for everybody.
    pub customers_say: Option<Effect>,
    /// What the model adds where it holds, besides the attribute's own slot.
    pub model: Effect,
}

impl HypothesisSummary {
    /// The summary of a kept hypothesis; nothing where it has no condition or no coefficient, with which no model compiles.
    pub(super) fn of(stored: &stored::Hypothesis) -> Option<Self> {
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
        } = stored;
        let (when, slot) = (from_stored(when.as_ref())?, slot.as_ref()?);
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
            verdict: Verdict::of(odds_ratio.ln(), customers_say),
            customers: slot.customers,
            ideal: slot.ideal,
            customers_say,
            model: Effect { log_odds: slot.log_odds, standard_error: standard_error(slot) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::hypothesis;

    #[test]
    fn a_summary_by_hand() {
        let kept = hypothesis();
        let told = HypothesisSummary::of(&kept).unwrap();
        assert_eq!((told.id.as_str(), told.label.as_str(), told.odds_ratio), ("h", "SAP or Zürich", 2.0));
        assert_eq!((told.verdict, told.customers, told.ideal), (Verdict::Supported, 12, 9));
        assert_eq!((told.model.log_odds, told.model.standard_error), (0.5, 0.25));
        assert_eq!(HypothesisSummary::of(&stored::Hypothesis { when: None, ..kept.clone() }), None);
        assert_eq!(HypothesisSummary::of(&stored::Hypothesis { slot: None, ..kept.clone() }), None);
        let silent = HypothesisSummary::of(&stored::Hypothesis { customers_say: None, ..kept }).unwrap();
        assert_eq!((silent.verdict, silent.customers_say), (Verdict::NotEnoughData, None));
    }
}
