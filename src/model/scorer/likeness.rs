//! Accounts as points, and what two of them share.

use super::reasons::Reason;
use super::{Placed, Scorer};
use crate::model::encoder::Reading;

impl Scorer {
    /// How many numbers make a point.
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        self.terms.len() + self.hypotheses.len() + self.pairs.len()
    }

    /// An account as a point: what every attribute, hypothesis and pair adds to its log-odds. Near points fit for the same reasons.
    #[must_use]
    pub fn point(&self, placed: &Placed<'_>) -> Vec<f64> {
        let mut point = Vec::with_capacity(self.dimensions());
        for (term, spot) in self.terms.iter().zip(&placed.spots) {
            let slots = placed.slots(spot).iter().filter_map(|slot| term.slots.get(*slot as usize));
            point.push(slots.map(|slot| slot.log_odds).sum());
        }
        let held = self.hypotheses.iter().zip(&placed.holds);
        point.extend(held.map(|(hypothesis, holds)| if *holds { hypothesis.slot.log_odds } else { 0.0 }));
        point.extend(self.pairs.iter().map(|pair| pair.cell(&placed.spots).map_or(0.0, |(_, slot)| slot.log_odds)));
        point
    }

    /// The attribute values that two accounts share, those that move a score most first. Values that are missing in both, or that
    /// training did not tell apart and that differ, are not shared.
    #[must_use]
    pub fn shared<'s>(&'s self, one: &Placed<'_>, other: &Placed<'_>, most: usize) -> Vec<Reason<'s>> {
        let mut shared = Vec::new();
        for ((term, spot), others) in self.terms.iter().zip(&one.spots).zip(&other.spots) {
            let known = |reading| !matches!(reading, Reading::Missing | Reading::Mismatch);
            if known(spot.reading) && known(others.reading) && one.text(spot) == other.text(others) {
                let common = one.slots(spot).iter().filter(|slot| other.slots(others).contains(slot));
                shared.extend(common.filter_map(|slot| term.reason(*spot, *slot as usize)));
            }
        }
        shared.sort_by(|a, b| b.log_odds().abs().total_cmp(&a.log_odds().abs()));
        shared.truncate(most);
        shared
    }
}
