//! The slots of each term as stored.

use sweetspot_solver::{Design, EffectUncertainty, EncodedTerm, TermSlots};

use super::super::calibrate::Calibration;
use super::super::fitted_model::FittedModel;
use super::super::training_sample::Sample;
use crate::encoder::{Feature, FeatureEncoder};
use crate::stored;

/// Log-odds are stored as multiples of this, 2⁻³²: sums of them are exact in `f64`, in any order of addition.
pub(super) const LOG_ODDS_STEP: f64 = 1.0 / 4_294_967_296.0;

/// Converts a fit to the slots of an artifact.
pub(super) struct SlotBuilder<'a> {
    sample: &'a Sample,
    model: &'a FittedModel,
    /// The terms of the model, for all rows of the sample.
    design: &'a Design,
    uncertainty: &'a EffectUncertainty,
    slope: f64,
    /// The factor of all uncertainties; calibration that shrinks effects does not reduce it below one.
    uncertainty_scale: f64,
    /// The log-odds of the average customer, accumulated so far.
    base: f64,
}

impl<'a> SlotBuilder<'a> {
    /// Starts with the base, corrected to the base rate; every number is multiplied by the slope of the calibration.
    pub(super) fn new(
        sample: &'a Sample,
        model: &'a FittedModel,
        design: &'a Design,
        uncertainty: &'a EffectUncertainty,
        calibration: Calibration,
    ) -> Self {
        let raw = model.solution.effects.first().copied().unwrap_or(0.0);
        let (base, slope) = (calibration.apply(raw) + sample.row_weights.offset(), calibration.slope);
        Self { sample, model, design, uncertainty, slope, uncertainty_scale: slope.max(1.0), base }
    }

    /// The slots of a term of the design, centered so that the average customer gets zero; the mean is added to the
    /// base.
    ///
    /// The slots of a list add up, so they are not centered: the reference is an account without known items.
    pub(super) fn slots(&mut self, term: usize) -> Vec<stored::Slot> {
        let mut slots = self.fitted_slots(term);
        if !matches!(self.design.terms.get(term).map(|term| &term.codes), Some(TermSlots::Many { .. })) {
            self.center(&mut slots);
        }
        for slot in &mut slots {
            // A slot without customers counts as average, unless `empty_slots` has a better estimate.
            slot.log_odds = if slot.customers == 0 { 0.0 } else { round_to_step(slot.log_odds) };
        }
        slots
    }

    /// The slots of the hypotheses, which have an effect even without customers. They add up like those of a list.
    pub(super) fn hypothesis_slots(&self, term: usize) -> Vec<stored::Slot> {
        let mut slots = self.fitted_slots(term);
        for slot in &mut slots {
            slot.log_odds = round_to_step(slot.log_odds);
        }
        slots
    }

    /// The slots of a term of the design as fitted and calibrated.
    fn fitted_slots(&self, term: usize) -> Vec<stored::Slot> {
        let offsets = self.design.offsets();
        let (Some(codes), Some(start)) = (self.design.terms.get(term), offsets.get(term)) else {
            return Vec::new();
        };
        let range = *start..start + codes.slots;
        let effects = self.model.solution.effects.get(range.clone()).unwrap_or_default();
        let variances = self.uncertainty.variances.get(range.clone()).unwrap_or_default();
        let rank = self.uncertainty.rank;
        let factors = self.uncertainty.factors.get(range.start * rank..range.end * rank).unwrap_or_default();
        let mut slots = slot_counts(self.sample, codes);
        for (((slot, effect), variance), factors) in
            slots.iter_mut().zip(effects).zip(variances).zip(factors.chunks(rank.max(1)))
        {
            slot.log_odds = effect * self.slope;
            slot.variance = (variance * self.uncertainty_scale * self.uncertainty_scale) as f32;
            slot.factors = factors.iter().map(|factor| (factor * self.uncertainty_scale) as f32).collect();
        }
        slots
    }

    /// Increases the variance of the slot for a category's rare levels: their common effect is known, but each level
    /// differs from it by 1 / `smoothing` in variance. A slot without customers has that variance already.
    pub(super) fn widen_pooled_slot(&self, slots: &mut [stored::Slot], feature: &Feature, smoothing: f64) {
        let FeatureEncoder::Category(levels) = &feature.encoder else { return };
        if let Some(pooled) = slots.get_mut(levels.len()).filter(|slot| slot.customers > 0) {
            pooled.variance += (self.uncertainty_scale * self.uncertainty_scale / smoothing) as f32;
        }
    }

    fn center(&mut self, slots: &mut [stored::Slot]) {
        let customers = self.sample.counts.total().max(1) as f64;
        let mean = slots.iter().map(|slot| slot.log_odds * slot.customers as f64).sum::<f64>() / customers;
        self.base += mean;
        for slot in slots.iter_mut() {
            slot.log_odds -= mean;
        }
    }

    /// The base with everything that was added to it: log-odds, variance, factors.
    pub(super) fn base(&self) -> (f64, f32, Vec<f32>) {
        let variance = self.uncertainty.variances.first().copied().unwrap_or(0.0)
            * self.uncertainty_scale
            * self.uncertainty_scale;
        let factors = self.uncertainty.factors.get(..self.uncertainty.rank).unwrap_or_default();
        (
            round_to_step(self.base),
            variance as f32,
            factors.iter().map(|factor| (factor * self.uncertainty_scale) as f32).collect(),
        )
    }
}

/// The number of customers, and of ideal ones, in each slot.
fn slot_counts(sample: &Sample, term: &EncodedTerm) -> Vec<stored::Slot> {
    let mut slots = vec![stored::Slot::default(); term.slots];
    for ((row, label), count) in sample.labels.iter().enumerate().zip(sample.counts.iter()) {
        for code in term.codes.row(row) {
            if let Some(slot) = slots.get_mut(usize::from(*code)) {
                slot.customers += count;
                slot.ideal += if *label > 0.5 { count } else { 0 };
            }
        }
    }
    slots
}

/// Rounds log-odds to a multiple of [`LOG_ODDS_STEP`].
pub(super) fn round_to_step(log_odds: f64) -> f64 {
    // Adding zero turns -0 into 0, so that equal numbers have equal bytes.
    (log_odds / LOG_ODDS_STEP).round() * LOG_ODDS_STEP + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_to_the_step_moves_a_number_by_half_a_step_at_most() {
        for number in [0.0, -0.0, 1e-11, -1e-11, 0.1, -3.7, 999.999, LOG_ODDS_STEP, 1.5 * LOG_ODDS_STEP] {
            let rounded = round_to_step(number);
            assert!((rounded - number).abs() <= LOG_ODDS_STEP / 2.0, "{number}");
            assert_eq!((rounded / LOG_ODDS_STEP).fract(), 0.0, "{number}");
            assert_eq!(round_to_step(rounded).to_bits(), rounded.to_bits(), "{number}");
        }
        assert_eq!(round_to_step(-1e-11).to_bits(), 0, "-0 becomes 0");
    }
}
