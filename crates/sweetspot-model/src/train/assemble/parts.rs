//! Each term's slots as they are kept.

use sweetspot_solver::{Codes, TermCodes, Uncertainty};

use super::super::calibrate::Calibration;
use super::super::fitted::FittedModel;
use super::super::sample::Sample;
use crate::encoder::{Encoder, Feature};
use crate::stored;

/// Log-odds are kept as multiples of this, 2⁻³²: sums of them are exact in f64, in any order of addition.
pub(super) const GRAIN: f64 = 1.0 / 4_294_967_296.0;

/// A fit on its way into an artifact.
pub(super) struct Parts<'a> {
    sample: &'a Sample,
    model: &'a FittedModel,
    uncertainty: &'a Uncertainty,
    slope: f64,
    /// What uncertainties are multiplied by: drawing effects together makes them no surer.
    spread: f64,
    /// Log-odds of the average customer, so far.
    base: f64,
}

impl<'a> Parts<'a> {
    /// Starts with the base, corrected to the base rate; every number is multiplied by the calibration's slope.
    pub(super) fn new(
        sample: &'a Sample,
        model: &'a FittedModel,
        uncertainty: &'a Uncertainty,
        calibration: Calibration,
    ) -> Self {
        let raw = model.fitted.effects.first().copied().unwrap_or(0.0);
        let (base, slope) = (calibration.apply(raw) + sample.row_weights.offset(), calibration.slope);
        Self { sample, model, uncertainty, slope, spread: slope.max(1.0), base }
    }

    /// The slots of a term of the design, moved so that the average customer gets zero from it; what they lose goes to the base.
    ///
    /// The slots of a list add up, so that it has no mean to move: its base is an account about whose items nothing is said.
    pub(super) fn slots(&mut self, term: usize) -> Vec<stored::Slot> {
        let mut slots = self.found(term);
        if !matches!(self.model.design.terms.get(term).map(|term| &term.codes), Some(Codes::Many { .. })) {
            self.centre(&mut slots);
        }
        for slot in &mut slots {
            // What no customer fills counts as average, unless `unfilled` knows better.
            slot.log_odds = if slot.customers == 0 { 0.0 } else { to_grain(slot.log_odds) };
        }
        slots
    }

    /// The slots of the beliefs, which say something also where no customer fills them. They add up as a list's do.
    pub(super) fn beliefs(&self, term: usize) -> Vec<stored::Slot> {
        let mut slots = self.found(term);
        for slot in &mut slots {
            slot.log_odds = to_grain(slot.log_odds);
        }
        slots
    }

    /// The slots of a term of the design as they were fitted and calibrated.
    fn found(&self, term: usize) -> Vec<stored::Slot> {
        let offsets = self.model.design.offsets();
        let (Some(codes), Some(start)) = (self.model.design.terms.get(term), offsets.get(term)) else {
            return Vec::new();
        };
        let range = *start..start + codes.slots;
        let effects = self.model.fitted.effects.get(range.clone()).unwrap_or_default();
        let variances = self.uncertainty.variances.get(range.clone()).unwrap_or_default();
        let rank = self.uncertainty.rank;
        let factors = self.uncertainty.factors.get(range.start * rank..range.end * rank).unwrap_or_default();
        let mut slots = counts(self.sample, codes);
        for (((slot, effect), variance), factors) in
            slots.iter_mut().zip(effects).zip(variances).zip(factors.chunks(rank.max(1)))
        {
            slot.log_odds = effect * self.slope;
            slot.variance = (variance * self.spread * self.spread) as f32;
            slot.factors = factors.iter().map(|factor| (factor * self.spread) as f32).collect();
        }
        slots
    }

    /// Makes the slot of a category's rare levels as unsure as it is: what they share is known, but each of them differs from that as
    /// levels differ, by 1 / strength in variance. Where nobody fills the slot, its variance is that already.
    pub(super) fn doubt_pooled(&self, slots: &mut [stored::Slot], feature: &Feature, strength: f64) {
        let Encoder::Category(levels) = &feature.encoder else { return };
        if let Some(pooled) = slots.get_mut(levels.len()).filter(|slot| slot.customers > 0) {
            pooled.variance += (self.spread * self.spread / strength) as f32;
        }
    }

    fn centre(&mut self, slots: &mut [stored::Slot]) {
        let rows = self.sample.rows.len().max(1) as f64;
        let mean = slots.iter().map(|slot| slot.log_odds * slot.customers as f64).sum::<f64>() / rows;
        self.base += mean;
        for slot in slots.iter_mut() {
            slot.log_odds -= mean;
        }
    }

    /// The base with everything that was moved into it: log-odds, variance, factors.
    pub(super) fn base(&self) -> (f64, f32, Vec<f32>) {
        let variance = self.uncertainty.variances.first().copied().unwrap_or(0.0) * self.spread * self.spread;
        let factors = self.uncertainty.factors.get(..self.uncertainty.rank).unwrap_or_default();
        (to_grain(self.base), variance as f32, factors.iter().map(|factor| (factor * self.spread) as f32).collect())
    }
}

/// How many customers, and ideal ones, fill each slot.
fn counts(sample: &Sample, term: &TermCodes) -> Vec<stored::Slot> {
    let mut slots = vec![stored::Slot::default(); term.slots];
    for (row, label) in sample.labels.iter().enumerate() {
        for code in term.codes.row(row) {
            if let Some(slot) = slots.get_mut(usize::from(*code)) {
                slot.customers += 1;
                slot.ideal += u64::from(*label > 0.5);
            }
        }
    }
    slots
}

/// Log-odds as they are kept.
pub(super) fn to_grain(log_odds: f64) -> f64 {
    // Adding zero makes -0 into 0, so that equal numbers have equal bytes.
    (log_odds / GRAIN).round() * GRAIN + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_to_the_grain_moves_a_number_by_half_a_grain_at_most() {
        for number in [0.0, -0.0, 1e-11, -1e-11, 0.1, -3.7, 999.999, GRAIN, 1.5 * GRAIN] {
            let rounded = to_grain(number);
            assert!((rounded - number).abs() <= GRAIN / 2.0, "{number}");
            assert_eq!((rounded / GRAIN).fract(), 0.0, "{number}");
            assert_eq!(to_grain(rounded).to_bits(), rounded.to_bits(), "{number}");
        }
        assert_eq!(to_grain(-1e-11).to_bits(), 0, "there is one zero");
    }
}
