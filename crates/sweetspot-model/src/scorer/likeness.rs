//! Accounts as points, and what two of them share.

use super::reasons::Reason;
use super::{Placed, Scorer};
use crate::encoder::Reading;

impl Scorer {
    /// How many numbers make a point.
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        self.terms.len() + self.hypotheses.len() + self.pairs.len()
    }

    /// An account as a point: what every attribute, with what is believed of its value, and every pair adds to its log-odds, and what is
    /// believed of other attributes. Near points fit for the same reasons.
    #[must_use]
    pub fn point(&self, placed: &Placed<'_>) -> Vec<f64> {
        let mut point = Vec::with_capacity(self.dimensions());
        for (term, spot) in self.terms.iter().zip(&placed.spots) {
            let slots = placed.slots(spot).iter().filter_map(|slot| term.slots.get(*slot as usize));
            point.push(slots.map(|slot| slot.log_odds).sum());
        }
        let attributes = self.terms.len();
        for (hypothesis, holds) in self.hypotheses.iter().zip(&placed.holds) {
            let adds = if *holds { hypothesis.slot.log_odds } else { 0.0 };
            // A belief speaks of its attribute's value, as the attribute's own slot does.
            let term = self.attribute(hypothesis.when.attribute()).filter(|term| *holds && *term < attributes);
            let own = term.and_then(|term| point.get_mut(term)).map(|own| *own += adds);
            point.push(if own.is_some() { 0.0 } else { adds });
        }
        point.extend(self.pairs.iter().map(|pair| pair.cell(&placed.spots).map_or(0.0, |(_, slot)| slot.log_odds)));
        point
    }

    /// The attribute values that two accounts share, those that move a score most first, with what is believed of them. Values that are missing in both, or that
    /// training did not tell apart and that differ, are not shared.
    #[must_use]
    pub fn shared<'s>(&'s self, one: &Placed<'_>, other: &Placed<'_>, most: usize) -> Vec<Reason<'s>> {
        let mut shared: Vec<(f64, Reason<'_>)> = Vec::new();
        for (number, ((term, spot), others)) in self.terms.iter().zip(&one.spots).zip(&other.spots).enumerate() {
            let known = |reading| !matches!(reading, Reading::Missing | Reading::Mismatch);
            if known(spot.reading) && known(others.reading) && one.text(spot) == other.text(others) {
                let common = one.slots(spot).iter().filter(|slot| other.slots(others).contains(slot));
                let believed = self.believed_of_both(number, one, other);
                let reasons = common.filter_map(|slot| term.reason(*spot, *slot as usize));
                shared.extend(reasons.map(|reason| ((reason.log_odds() + believed).abs(), reason)));
            }
        }
        shared.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        shared.truncate(most);
        shared.into_iter().map(|(_, reason)| reason).collect()
    }

    /// What the beliefs about an attribute add that hold for both.
    fn believed_of_both(&self, attribute: usize, one: &Placed<'_>, other: &Placed<'_>) -> f64 {
        let holds = |placed: &Placed<'_>, number: usize| placed.holds.get(number).copied().unwrap_or_default();
        let both = self.asked_by(attribute).iter().filter(|number| holds(one, **number) && holds(other, **number));
        both.filter_map(|number| self.hypotheses.get(*number)).map(|hypothesis| hypothesis.slot.log_odds).sum()
    }
}
