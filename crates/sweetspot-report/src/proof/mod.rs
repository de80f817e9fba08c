//! The proof: how good the model is on customers that it did not learn from, and what to bear in mind.

mod acceptance;
mod bins;
mod blocks;
mod calibration;
mod caution;
mod distribution;
mod gains;
mod influence;
mod lift;
mod missing;
mod ratio;
mod separation;
mod tiers;

pub(super) use acceptance::shown;
pub use acceptance::{Acceptance, Criterion, Verdict};
pub(super) use blocks::blocks;
pub use distribution::{BINS as SCORE_BINS, ScoreStrip, Scores, beside_customers};
pub use missing::MissingShares;
pub use ratio::Ratio;
use sweetspot_core::LabelCard;
use sweetspot_model::{AttributeSummary, Evaluation, EvaluationDetails};
pub use tiers::TierRow;

use super::evidence::Evidence;
use super::factor::{Factor, factors};
use super::figure::Share;

/// How good a version is, in figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The version's name.
    pub version: String,
    /// How outcomes became labels.
    pub card: LabelCard,
    /// The headline. Out of fold; without rows where nothing was judged.
    pub evaluation: Evaluation,
    /// Its details: the newest customers by a fit to the older ones; tenths, best-scored first, and tiers out of fold.
    pub details: EvaluationDetails,
    /// The 95% interval of what each tenth and all better ones hold of the ideal customers; nothing where it cannot be told.
    pub gains: Vec<(f64, f64)>,
    /// Ideal customers of all that were judged.
    pub overall: Share,
    /// What each tier holds, A first. Out of fold.
    pub tiers: Vec<TierRow>,
    /// What a profile should reach, and whether this one does.
    pub acceptance: Acceptance,
    /// The line by which raw log-odds were corrected, intercept and slope; nothing where it was not kept.
    pub calibration: Option<(f64, f64)>,
    /// The values that move most customers most, first what raises the odds most.
    pub effects: Vec<Factor>,
    /// How many values there are beyond those.
    pub less_effects: usize,
    /// The attributes that move scores most, pairs included, first the most.
    pub influence: Vec<AttributeSummary>,
    /// How many attributes there are beyond those.
    pub less_influence: usize,
    /// The probabilities at which tiers A, B and C begin; 1 where nobody reaches one.
    pub cuts: Option<[f64; 3]>,
    /// Where customers of each outcome are scored. The model has seen them.
    pub strips: Vec<ScoreStrip>,
    /// The attributes that are missing most unevenly, first the most.
    pub missing: Vec<MissingShares>,
    /// How many attributes there are beyond those.
    pub less_missing: usize,
    /// What to bear in mind, one sentence or two each.
    pub cautions: Vec<String>,
    /// What training had to say, one sentence each.
    pub warnings: Vec<String>,
}

impl Proof {
    /// The figures of a version.
    #[must_use]
    pub fn new(evidence: &Evidence) -> Self {
        let model = &evidence.model;
        let (evaluation, details) = (model.evaluation(), model.evaluation_details());
        let tiers: Vec<TierRow> = tiers::rows(&details.tiers, details.weights);
        let (effects, less_effects) = influence::effects(factors(evidence));
        let (influence, less_influence) = influence::attributes(model.attributes());
        let (missing, less_missing) = missing::shares(evidence);
        Self {
            version: evidence.version.clone(),
            card: model.label_card(),
            gains: model.gains_intervals(),
            overall: Share { part: evaluation.positives, of: evaluation.rows },
            acceptance: Acceptance::new(&tiers),
            cautions: caution::sentences(evidence, &evaluation),
            warnings: model.warnings().to_vec(),
            calibration: model.calibration().filter(|_| evaluation.rows > 0),
            cuts: model.tier_cuts(),
            strips: distribution::strips(evidence),
            effects,
            less_effects,
            details,
            evaluation,
            tiers,
            influence,
            less_influence,
            missing,
            less_missing,
        }
    }
}
