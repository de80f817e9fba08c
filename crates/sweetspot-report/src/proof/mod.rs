//! The proof: the model's quality on customers that it was not trained on, and the limitations.

mod acceptance;
mod blocks;
mod calibration;
mod caution;
mod discrimination;
mod distribution;
mod gains;
mod influence;
mod lift;
mod missing_values;
mod rank_bins;
mod rate_ratio;
mod tiers;

pub use acceptance::{Acceptance, Criterion, CriterionResult};
pub(super) use acceptance::{MIN_IDEAL_CAPTURED, summary_blocks};
pub(super) use blocks::blocks;
pub use distribution::{BINS as SCORE_BINS, OutcomeScoreCounts, ScoreCounts, prospect_chart};
pub use influence::AttributeInfluence;
pub use missing_values::MissingShares;
pub use rate_ratio::Ratio;
use sweetspot_core::LabelCard;
use sweetspot_model::{Evaluation, EvaluationDetails};
pub use tiers::TierRow;

use super::odds_factor::{Factor, factors};
use super::proportion::Proportion;
use super::report_input::ReportInput;

/// The figures of a version's quality.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The version's name.
    pub version: String,
    /// The label card of the training.
    pub label_card: LabelCard,
    /// The headline metrics, out of fold; without rows if there is no evaluation.
    pub evaluation: Evaluation,
    /// Details: the temporal holdout, and out-of-fold deciles (best scores first) and tiers.
    pub details: EvaluationDetails,
    /// The 95% interval of the share of ideal customers in each decile and all better ones; empty if it is unavailable.
    pub gains: Vec<(f64, f64)>,
    /// The ideal customers of all evaluated customers.
    pub overall: Proportion,
    /// The tiers, A first, out of fold.
    pub tiers: Vec<TierRow>,
    /// The acceptance criteria of the profile.
    pub acceptance: Acceptance,
    /// The calibration of raw log-odds, intercept and slope; `None` if it is unavailable.
    pub calibration: Option<(f64, f64)>,
    /// The values with the largest weights, in descending order of odds ratios.
    pub effects: Vec<Factor>,
    /// The number of other values.
    pub omitted_effects: usize,
    /// The attributes with the largest influence, interactions included, in descending order.
    pub influence: Vec<AttributeInfluence>,
    /// The number of other attributes.
    pub omitted_influence: usize,
    /// The cuts of tiers A, B and C as probabilities; 1 for a tier without accounts.
    pub cuts: Option<[f64; 3]>,
    /// The score distribution of each outcome. The model was trained on these customers.
    pub strips: Vec<OutcomeScoreCounts>,
    /// The attributes with the most uneven missing shares, in descending order.
    pub missing: Vec<MissingShares>,
    /// The number of other attributes.
    pub omitted_missing: usize,
    /// The limitations, in one or two sentences each.
    pub cautions: Vec<String>,
    /// The warnings of the training, one sentence each.
    pub warnings: Vec<String>,
}

impl Proof {
    /// Collects the figures of a version.
    #[must_use]
    pub fn new(input: &ReportInput) -> Self {
        let model = &input.model;
        let (evaluation, details) = (model.evaluation(), model.evaluation_details());
        let tiers: Vec<TierRow> = tiers::tier_rows(&details.tiers, details.weights);
        let (effects, less_effects) = influence::effects(factors(input));
        let (influence, less_influence) = influence::attributes(input);
        let (missing, less_missing) = missing_values::shares(input);
        Self {
            version: input.version.clone(),
            label_card: model.label_card(),
            gains: model.gains_intervals(),
            overall: Proportion { part: evaluation.positives, total: evaluation.rows },
            acceptance: Acceptance::new(&tiers),
            cautions: caution::sentences(input, &evaluation),
            warnings: model.warnings().to_vec(),
            calibration: model.calibration().filter(|_| evaluation.rows > 0),
            cuts: model.tier_cuts(),
            strips: distribution::strips(input),
            effects,
            omitted_effects: less_effects,
            details,
            evaluation,
            tiers,
            influence,
            omitted_influence: less_influence,
            missing,
            omitted_missing: less_missing,
        }
    }
}
