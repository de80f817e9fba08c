//! What is told of an evaluation beyond its headline: the newest customers, tenths, tiers.

use sweetspot_core::{Date, RowWeights};

use crate::evaluate::{Tenth, TierFigures, tier_figures, with_values};
use crate::stored;

/// How good a fit to the older customers is on the newest ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewestEvaluation {
    /// The first day of the newest.
    pub from: Date,
    /// Newest customers.
    pub rows: u64,
    /// Ideal ones among them.
    pub positives: u64,
    /// Area under the ROC curve, in `[0, 1]`.
    pub auc: f64,
    /// Lower end of its 95% interval.
    pub auc_low: f64,
    /// Upper end of its 95% interval.
    pub auc_high: f64,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: f64,
    /// Expected calibration error over ten bins of equal count.
    pub calibration_error: f64,
}

/// An evaluation in detail. Everything but the newest customers is out of fold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvaluationDetails {
    /// On the newest customers; nothing where too few are dated, or too few of either label are old or new.
    pub newest: Option<NewestEvaluation>,
    /// Tenths of the customers, best-scored first.
    pub tenths: Vec<Tenth>,
    /// Tiers from A on.
    pub tiers: Vec<TierFigures>,
    /// Ideal customers in parts of equal weight, best-scored first; at most 200.
    pub parts: Vec<u64>,
    /// What a row of either label counts for: counts are those of rows, rates are weighted.
    pub weights: RowWeights,
}

impl EvaluationDetails {
    /// Puts the details into an evaluation as it is kept.
    pub(crate) fn add_to(&self, stored: &mut stored::Evaluation) {
        stored.newest = self.newest.as_ref().map(stored_newest);
        let tenth = |&Tenth { customers, ideal, mean_probability }: &Tenth| stored::Tenth {
            customers,
            ideal,
            mean_probability,
        };
        stored.parts.clone_from(&self.parts);
        stored.tenths = self.tenths.iter().map(tenth).collect();
        let tier =
            |tier: &TierFigures| stored::TierCount { customers: tier.customers, ideal: tier.ideal, value: tier.value };
        stored.tiers = self.tiers.iter().map(tier).collect();
    }

    /// From what is kept of a version whose rows have these weights.
    pub(super) fn from_stored(stored: Option<&stored::Evaluation>, weights: RowWeights) -> Self {
        let Some(stored) = stored else { return Self::default() };
        let tenth = |&stored::Tenth { customers, ideal, mean_probability }: &stored::Tenth| Tenth {
            customers,
            ideal,
            mean_probability,
        };
        let counts: Vec<(u64, u64)> = stored.tiers.iter().map(|tier| (tier.customers, tier.ideal)).collect();
        Self {
            newest: stored.newest.as_ref().map(newest),
            tenths: stored.tenths.iter().map(tenth).collect(),
            tiers: with_values(tier_figures(&counts, weights), stored.tiers.iter().map(|tier| tier.value)),
            parts: stored.parts.clone(),
            weights,
        }
    }
}

fn stored_newest(newest: &NewestEvaluation) -> stored::NewestEvaluation {
    let NewestEvaluation { from, rows, positives, auc, auc_low, auc_high, log_loss, calibration_error } = *newest;
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

fn newest(stored: &stored::NewestEvaluation) -> NewestEvaluation {
    let stored::NewestEvaluation { from_day, rows, positives, auc, auc_low, auc_high, log_loss, calibration_error } =
        *stored;
    NewestEvaluation {
        from: Date { days: from_day },
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
    fn what_is_kept_is_what_is_told() {
        let newest = NewestEvaluation {
            from: Date { days: 19_000 },
            rows: 80,
            positives: 30,
            auc: 0.7,
            auc_low: 0.6,
            auc_high: 0.8,
            log_loss: 0.5,
            calibration_error: 0.04,
        };
        let weights = RowWeights::new(0.03, 120, 280);
        let details = EvaluationDetails {
            newest: Some(newest),
            tenths: vec![Tenth { customers: 40, ideal: 30, mean_probability: 0.7 }, Tenth::default()],
            tiers: with_values(tier_figures(&[(40, 30), (0, 0), (80, 30), (280, 30)], weights), [Some(5.5), None]),
            parts: vec![3, 0, 1],
            weights,
        };
        let mut stored = stored::Evaluation::default();
        details.add_to(&mut stored);
        assert_eq!(EvaluationDetails::from_stored(Some(&stored), weights), details);
    }

    #[test]
    fn an_artifact_from_before_there_were_details_has_none() {
        assert_eq!(
            EvaluationDetails::from_stored(Some(&stored::Evaluation::default()), RowWeights::EVEN),
            EvaluationDetails::default()
        );
        assert_eq!(EvaluationDetails::from_stored(None, RowWeights::EVEN), EvaluationDetails::default());
    }
}
