//! The quality of a model, for display and for promotion checks.

use sweetspot_core::{ChanceComparison, customer_count_phrase, group_thousands, percent};

use crate::stored;

/// The quality of a model on customers that it was not trained on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// The number of evaluated rows.
    pub rows: u64,
    /// The number of ideal rows among them.
    pub positives: u64,
    /// The area under the ROC curve, in `[0, 1]`.
    pub auc: f64,
    /// The lower end of its 95% interval.
    pub auc_low: f64,
    /// The upper end of its 95% interval.
    pub auc_high: f64,
    /// The mean negative log-likelihood, in nats.
    pub log_loss: f64,
    /// The mean squared error of the probabilities (Brier score).
    pub brier: f64,
    /// The expected calibration error over ten bins of equal count.
    pub calibration_error: f64,
    /// The rate of ideal accounts in the best-scored tenth, divided by the overall rate.
    pub lift_at_top_decile: f64,
    /// The share of all positive value in the best-scored fifth; `None` if no value is known.
    pub value_captured_at_top_quintile: Option<f64>,
    /// The number of accounts: less than `rows` if accounts have several rows, 0 if unknown.
    pub accounts: u64,
    /// The evaluation on rows whose value of one attribute the fit had not seen; `None` if no attribute has values that
    /// recur in a few rows each.
    pub leave_values_out: Option<LeaveValuesOut>,
}

/// The quality of a fit on rows for which it has seen no row with the same value of one attribute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveValuesOut {
    /// The attribute's name.
    pub attribute: String,
    /// The number of evaluated rows: those whose value recurs in a few rows.
    pub rows: u64,
    /// The area under the ROC curve if all rows with a value are left out together, in `[0, 1]`.
    pub auc: f64,
    /// The lower end of its 95% interval.
    pub auc_low: f64,
    /// The upper end of its 95% interval.
    pub auc_high: f64,
    /// The area under the ROC curve on the same rows, by fits that saw other rows with the value.
    pub auc_with_values: f64,
    /// Whether [`Self::auc`] is lower beyond chance. The other metrics then hold for values that the model knows, not
    /// for new accounts.
    pub disagrees: bool,
}

impl Evaluation {
    /// Whether the model ranks better than chance, as far as the data show.
    #[must_use]
    pub fn ranking_signal(&self) -> ChanceComparison {
        ChanceComparison::new(self.auc_low, self.auc_high)
    }

    /// Whether the model ranks better than chance: the AUC interval lies above one half.
    #[must_use]
    pub fn has_signal(&self) -> bool {
        self.ranking_signal() == ChanceComparison::Better
    }

    /// The evaluation with whole values left out, if it contradicts the other metrics. They then hold only for accounts
    /// that the model knows, and the version must not be promoted.
    #[must_use]
    pub fn contradiction(&self) -> Option<&LeaveValuesOut> {
        self.leave_values_out.as_ref().filter(|found| found.disagrees)
    }

    /// A description of the evaluated rows: `400 customers`, or `6,663 rows of 1,500 accounts` if accounts have several
    /// rows.
    #[must_use]
    pub fn subjects(&self) -> String {
        customer_count_phrase(self.rows, self.accounts)
    }

    /// A summary in one sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let Self { positives, auc, auc_low, auc_high, .. } = self;
        if self.rows == 0 {
            return "Not judged: too few customers are ideal, or too few are not. Its scores rest on \
                    hypotheses that no evaluation has tested."
                .to_owned();
        }
        let (subjects, positives) = (self.subjects(), group_thousands(&positives.to_string()));
        let figures = format!("AUC {auc:.3}, 95% interval {auc_low:.3} to {auc_high:.3}");
        let basis = format!("{positives} ideal of {subjects}, each judged by a model that had not seen it");
        let ranks = "given an ideal and another customer, it ranks the ideal one higher in";
        let cases = percent(*auc).trim_end_matches('%').replace('>', "more than ").replace('<', "less than ");
        match self.ranking_signal() {
            ChanceComparison::Better => {
                format!("{} {cases} of 100 cases ({figures}; {basis}).", ranks.replacen('g', "G", 1))
            }
            ChanceComparison::Chance => format!(
                "Its ranking is not distinguishable from chance on {subjects} ({figures}, which includes one half; \
                 {basis})."
            ),
            ChanceComparison::Worse => format!(
                "It ranks worse than chance: {ranks} {cases} of 100 cases ({figures}, all of it below one half; {basis}). Do not \
                 use it."
            ),
        }
    }

    /// Converts the evaluation to its stored form, without details.
    pub(crate) fn to_stored(&self, folds: usize) -> stored::Evaluation {
        stored::Evaluation {
            rows: self.rows,
            positives: self.positives,
            auc: self.auc,
            auc_low: self.auc_low,
            auc_high: self.auc_high,
            log_loss: self.log_loss,
            brier: self.brier,
            calibration_error: self.calibration_error,
            lift_at_top_decile: self.lift_at_top_decile,
            value_captured_at_top_quintile: self.value_captured_at_top_quintile,
            folds: folds as u32,
            accounts: self.accounts,
            leave_values_out: self.leave_values_out.as_ref().map(LeaveValuesOut::to_stored),
            ..stored::Evaluation::default()
        }
    }

    /// Reads a stored evaluation.
    pub(super) fn from_stored(stored: Option<&stored::Evaluation>) -> Self {
        let Some(stored) = stored else { return Self::default() };
        Self {
            rows: stored.rows,
            positives: stored.positives,
            auc: stored.auc,
            auc_low: stored.auc_low,
            auc_high: stored.auc_high,
            log_loss: stored.log_loss,
            brier: stored.brier,
            calibration_error: stored.calibration_error,
            lift_at_top_decile: stored.lift_at_top_decile,
            value_captured_at_top_quintile: stored.value_captured_at_top_quintile,
            accounts: stored.accounts,
            leave_values_out: stored.leave_values_out.as_ref().map(LeaveValuesOut::from_stored),
        }
    }
}

impl LeaveValuesOut {
    fn to_stored(&self) -> stored::LeaveValuesOut {
        let Self { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees } = self.clone();
        stored::LeaveValuesOut { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees }
    }

    fn from_stored(stored: &stored::LeaveValuesOut) -> Self {
        let stored::LeaveValuesOut { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees } =
            stored.clone();
        Self { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_check_that_disagrees_contradicts() {
        let checked = |disagrees| {
            let leave_values_out =
                Some(LeaveValuesOut { attribute: "revenue".to_owned(), disagrees, ..LeaveValuesOut::default() });
            Evaluation { leave_values_out, ..Evaluation::default() }
        };
        assert_eq!(checked(true).contradiction().map(|found| found.attribute.as_str()), Some("revenue"));
        assert_eq!((checked(false).contradiction(), Evaluation::default().contradiction()), (None, None));
        let kept = checked(true).to_stored(5);
        assert_eq!(Evaluation::from_stored(Some(&kept)), checked(true));
    }

    #[test]
    fn a_verdict_states_whether_the_model_has_signal() {
        let good =
            Evaluation { rows: 100, positives: 40, auc: 0.8, auc_low: 0.7, auc_high: 0.9, ..Evaluation::default() };
        assert!(good.verdict().contains("80 of 100 cases"), "{}", good.verdict());
        assert!(good.verdict().contains("each judged by a model that had not seen it"), "{}", good.verdict());
        let none = Evaluation { auc_low: 0.48, ..good.clone() };
        assert!(none.verdict().starts_with("Its ranking is not distinguishable from chance"), "{}", none.verdict());
        assert!(none.verdict().contains("which includes one half") && !none.has_signal());
        let worse = Evaluation { auc: 0.198, auc_low: 0.076, auc_high: 0.32, ..good.clone() };
        assert!(worse.verdict().starts_with("It ranks worse than chance: "), "{}", worse.verdict());
        assert!(
            worse
                .verdict()
                .contains("20 of 100 cases (AUC 0.198, 95% interval 0.076 to 0.320, all of it below one half")
        );
        assert!(!worse.verdict().contains("includes") && !worse.has_signal());
        let nearly = Evaluation { auc: 0.9997, auc_low: 0.99, auc_high: 1.0, ..good };
        assert!(nearly.verdict().contains("more than 99.9 of 100 cases"), "{}", nearly.verdict());
        let unjudged = Evaluation::default();
        let judged = Evaluation { rows: 6663, accounts: 1500, positives: 2000, auc_low: 0.6, ..Evaluation::default() };
        assert!(judged.verdict().contains("2,000 ideal of 6,663 rows of 1,500 accounts"), "{}", judged.verdict());
        assert!(unjudged.verdict().starts_with("Not judged: ") && !unjudged.has_signal());
    }
}
