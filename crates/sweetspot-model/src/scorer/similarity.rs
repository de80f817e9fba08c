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
    pub fn contribution_vector(&self, placed: &EncodedAccount<'_>) -> Vec<f64> {
        let mut point = Vec::with_capacity(self.dimension_count());
        for (term, spot) in self.terms.iter().zip(&placed.values) {
            let slots = placed.slots(spot).iter().filter_map(|slot| term.slots.get(*slot as usize));
            point.push(slots.map(|slot| slot.log_odds).sum());
        }
        let attributes = self.terms.len();
        for (hypothesis, holds) in self.hypotheses.iter().zip(&placed.conditions_met) {
            let adds = if *holds { hypothesis.slot.log_odds } else { 0.0 };
            // A hypothesis is about its attribute's value, as the attribute's own slot is.
            let term = self.attribute_index(hypothesis.matcher.attribute()).filter(|term| *holds && *term < attributes);
            let own = term.and_then(|term| point.get_mut(term)).map(|own| *own += adds);
            point.push(if own.is_some() { 0.0 } else { adds });
        }
        point.extend(
            self.interactions.iter().map(|pair| pair.find_cell(&placed.values).map_or(0.0, |(_, slot)| slot.log_odds)),
        );
        point
    }

    /// At most `most` attribute values that two accounts share, largest contribution first, including hypotheses about
    /// them. Values that are missing in both, and different values that training did not distinguish, are not shared.
    #[must_use]
    pub fn shared_reasons<'s>(
        &'s self,
        one: &EncodedAccount<'_>,
        other: &EncodedAccount<'_>,
        most: usize,
    ) -> Vec<Reason<'s>> {
        let mut shared: Vec<(f64, Reason<'_>)> = Vec::new();
        for (number, ((term, spot), others)) in self.terms.iter().zip(&one.values).zip(&other.values).enumerate() {
            let known = |reading| !matches!(reading, ValueStatus::Missing | ValueStatus::Mismatch);
            if known(spot.status) && known(others.status) && one.pooled_text(spot) == other.pooled_text(others) {
                let common = one.slots(spot).iter().filter(|slot| other.slots(others).contains(slot));
                let believed = self.shared_hypothesis_log_odds(number, one, other);
                let reasons = common.filter_map(|slot| term.reason(*spot, *slot as usize));
                shared.extend(reasons.map(|reason| ((reason.log_odds() + believed).abs(), reason)));
            }
        }
        shared.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        shared.truncate(most);
        shared.into_iter().map(|(_, reason)| reason).collect()
    }

    /// The log-odds of the hypotheses about an attribute that hold for both accounts.
    fn shared_hypothesis_log_odds(
        &self,
        attribute: usize,
        one: &EncodedAccount<'_>,
        other: &EncodedAccount<'_>,
    ) -> f64 {
        let holds =
            |placed: &EncodedAccount<'_>, number: usize| placed.conditions_met.get(number).copied().unwrap_or_default();
        let both =
            self.condition_numbers(attribute).iter().filter(|number| holds(one, **number) && holds(other, **number));
        both.filter_map(|number| self.hypotheses.get(*number)).map(|hypothesis| hypothesis.slot.log_odds).sum()
    }
}
