//! Accounts as points, and the reasons that two accounts share.

use super::reasons::Reason;
use super::{EncodedAccount, Scorer};
use crate::encoder::ValueStatus;

impl Scorer {
    /// The number of coordinates of a point.
    #[must_use]
    pub const fn dimension_count(&self) -> usize {
        self.terms.len() + self.hypotheses.len() + self.interactions.len()
    }

    /// An account as a point. Its coordinates are the contributions of every attribute (including hypotheses about its
    /// value), every interaction, and the hypotheses about other attributes. Accounts at near points have similar
    /// scores for the same reasons.
    #[must_use]
    pub fn contribution_vector(&self, encoded_account: &EncodedAccount<'_>) -> Vec<f64> {
        let mut point = Vec::with_capacity(self.dimension_count());
        for (term, encoded_value) in self.terms.iter().zip(&encoded_account.values) {
            let slots = encoded_account.slots(encoded_value).iter().filter_map(|slot| term.slots.get(*slot as usize));
            point.push(slots.map(|slot| slot.log_odds).sum());
        }
        let attributes = self.terms.len();
        for (hypothesis, holds) in self.hypotheses.iter().zip(&encoded_account.conditions_met) {
            let adds = if *holds { hypothesis.slot.log_odds } else { 0.0 };
            // A hypothesis is about its attribute's value, as the attribute's own slot is.
            let term = self.attribute_index(hypothesis.matcher.attribute()).filter(|term| *holds && *term < attributes);
            let own = term.and_then(|term| point.get_mut(term)).map(|own| *own += adds);
            point.push(if own.is_some() { 0.0 } else { adds });
        }
        point.extend(
            self.interactions
                .iter()
                .map(|pair| pair.find_cell(&encoded_account.values).map_or(0.0, |(_, slot)| slot.log_odds)),
        );
        point
    }

    /// At most `max_count` attribute values that two accounts share, largest contribution first, including hypotheses
    /// about them. Values that are missing in both, and different values that training did not distinguish, are not
    /// shared.
    #[must_use]
    pub fn shared_reasons<'s>(
        &'s self,
        first: &EncodedAccount<'_>,
        second: &EncodedAccount<'_>,
        max_count: usize,
    ) -> Vec<Reason<'s>> {
        let mut shared: Vec<(f64, Reason<'_>)> = Vec::new();
        for (number, ((term, encoded_value), others)) in
            self.terms.iter().zip(&first.values).zip(&second.values).enumerate()
        {
            let known = |reading| !matches!(reading, ValueStatus::Missing | ValueStatus::Mismatch);
            if known(encoded_value.status)
                && known(others.status)
                && first.pooled_text(encoded_value) == second.pooled_text(others)
            {
                let common = first.slots(encoded_value).iter().filter(|slot| second.slots(others).contains(slot));
                let hypothesis_log_odds = self.shared_hypothesis_log_odds(number, first, second);
                let reasons = common.filter_map(|slot| term.reason(*encoded_value, *slot as usize));
                shared.extend(reasons.map(|reason| ((reason.log_odds() + hypothesis_log_odds).abs(), reason)));
            }
        }
        shared.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        shared.truncate(max_count);
        shared.into_iter().map(|(_, reason)| reason).collect()
    }

    /// The log-odds of the hypotheses about an attribute that hold for both accounts.
    fn shared_hypothesis_log_odds(
        &self,
        attribute: usize,
        first: &EncodedAccount<'_>,
        second: &EncodedAccount<'_>,
    ) -> f64 {
        let holds = |encoded_account: &EncodedAccount<'_>, number: usize| {
            encoded_account.conditions_met.get(number).copied().unwrap_or_default()
        };
        let shared =
            self.condition_numbers(attribute).iter().filter(|number| holds(first, **number) && holds(second, **number));
        shared.filter_map(|number| self.hypotheses.get(*number)).map(|hypothesis| hypothesis.slot.log_odds).sum()
    }
}
