//! The details of an evaluation: the temporal holdout, deciles and tiers.

use sweetspot_core::{Date, SamplingWeights};

use crate::evaluate::{Decile, TierMetrics, add_values, tier_metrics};
use crate::stored;

/// How well a fit to the older customers predicts the newest ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemporalHoldoutEvaluation {
    /// The first day of the holdout.
    pub first_day: Date,
    /// The number of customers in the holdout.
    pub rows: u64,
    /// The number of ideal customers among them.
    pub positives: u64,
    /// The area under the ROC curve, in `[0, 1]`.
    pub auc: f64,
    /// The lower end of its 95% interval.
    pub auc_low: f64,
    /// The upper end of its 95% interval.
    pub auc_high: f64,
    /// The mean negative log-likelihood, in nats.
    pub log_loss: f64,
    /// The expected calibration error over ten bins of equal count.
    pub calibration_error: f64,
}

/// The details of an evaluation. All but the temporal holdout are out of fold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvaluationDetails {
    /// The evaluation on the newest customers; `None` if too few have dates, or the older or newer part has too few of
    /// either label.
    pub temporal_holdout: Option<TemporalHoldoutEvaluation>,
    /// The deciles of the customers, best-scored first.
    pub deciles: Vec<Decile>,
    /// The tiers, starting with A.
    pub tiers: Vec<TierMetrics>,
    /// The number of ideal customers in each of at most 200 parts of equal weight, best-scored first.
    pub ideal_by_part: Vec<u64>,
    /// The weights of rows by label. Counts are of rows; rates are weighted.
    pub weights: SamplingWeights,
}

impl EvaluationDetails {
    /// Stores the details in an evaluation.
    pub(crate) fn add_to(&self, stored: &mut stored::Evaluation) {
        stored.newest = self.temporal_holdout.as_ref().map(stored_temporal_holdout);
        let tenth = |&Decile { customers, ideal, mean_probability }: &Decile| stored::Tenth {
            customers,
            ideal,
            mean_probability,
        };
        stored.parts.clone_from(&self.ideal_by_part);
        stored.tenths = self.deciles.iter().map(tenth).collect();
        let tier =
            |tier: &TierMetrics| stored::TierCount { customers: tier.customers, ideal: tier.ideal, value: tier.value };
        stored.tiers = self.tiers.iter().map(tier).collect();
    }

    /// Reads the details of a stored version whose rows have these weights.
    pub(super) fn from_stored(stored: Option<&stored::Evaluation>, weights: SamplingWeights) -> Self {
        let Some(stored) = stored else { return Self::default() };
        let tenth = |&stored::Tenth { customers, ideal, mean_probability }: &stored::Tenth| Decile {
            customers,
            ideal,
            mean_probability,
        };
        let counts: Vec<(u64, u64)> = stored.tiers.iter().map(|tier| (tier.customers, tier.ideal)).collect();
        Self {
            temporal_holdout: stored.newest.as_ref().map(temporal_holdout),
            deciles: stored.tenths.iter().map(tenth).collect(),
            tiers: add_values(tier_metrics(&counts, weights), stored.tiers.iter().map(|tier| tier.value)),
            ideal_by_part: stored.parts.clone(),
            weights,
        }
    }
}

fn stored_temporal_holdout(newest: &TemporalHoldoutEvaluation) -> stored::NewestEvaluation {
    let TemporalHoldoutEvaluation {
        first_day: from,
        rows,
        positives,
        auc,
        auc_low,
        auc_high,
        log_loss,
        calibration_error,
    } = *newest;
    stored::NewestEvaluation {
        from_day: from.days,
        rows,
        positives,
        auc,
        auc_low,
        auc_high,
        log_loss,
        calibration_error,
    }
}

fn temporal_holdout(stored: &stored::NewestEvaluation) -> TemporalHoldoutEvaluation {
    let stored::NewestEvaluation { from_day, rows, positives, auc, auc_low, auc_high, log_loss, calibration_error } =
        *stored;
    TemporalHoldoutEvaluation {
        first_day: Date { days: from_day },
        rows,
        positives,
        auc,
        auc_low,
        auc_high,
        log_loss,
        calibration_error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluation_details_survive_storage() {
        let newest = TemporalHoldoutEvaluation {
            first_day: Date { days: 19_000 },
            rows: 80,
            positives: 30,
            auc: 0.7,
            auc_low: 0.6,
            auc_high: 0.8,
            log_loss: 0.5,
            calibration_error: 0.04,
        };
        let weights = SamplingWeights::new(0.03, 120, 280);
        let details = EvaluationDetails {
            temporal_holdout: Some(newest),
            deciles: vec![Decile { customers: 40, ideal: 30, mean_probability: 0.7 }, Decile::default()],
            tiers: add_values(tier_metrics(&[(40, 30), (0, 0), (80, 30), (280, 30)], weights), [Some(5.5), None]),
            ideal_by_part: vec![3, 0, 1],
            weights,
        };
        let mut stored = stored::Evaluation::default();
        details.add_to(&mut stored);
        assert_eq!(EvaluationDetails::from_stored(Some(&stored), weights), details);
    }

    #[test]
    fn an_artifact_without_stored_details_has_empty_details() {
        assert_eq!(
            EvaluationDetails::from_stored(Some(&stored::Evaluation::default()), SamplingWeights::EVEN),
            EvaluationDetails::default()
        );
        assert_eq!(EvaluationDetails::from_stored(None, SamplingWeights::EVEN), EvaluationDetails::default());
    }
}
