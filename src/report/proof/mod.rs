//! The proof: how good the model is on customers that it did not learn from, and what to bear in mind.

mod acceptance;
mod blocks;
mod calibration;
mod caution;
mod distribution;
mod gains;
mod influence;
mod missing;
mod ratio;
mod tiers;

use super::evidence::Evidence;
use super::figure::Share;
use crate::domain::LabelCard;
use crate::model::{AttributeSummary, Evaluation, EvaluationDetails};

pub use acceptance::{Acceptance, Criterion, Verdict};
pub(super) use blocks::blocks;
pub use distribution::ScoreStrip;
pub use missing::MissingShares;
pub use ratio::Ratio;
pub use tiers::TierRow;

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
    /// Ideal customers of all that were judged.
    pub overall: Share,
    /// What each tier holds, A first. Out of fold.
    pub tiers: Vec<TierRow>,
    /// What a profile should reach, and whether this one does.
    pub acceptance: Acceptance,
    /// The attributes that move scores most, first the most.
    pub influence: Vec<AttributeSummary>,
    /// How many attributes there are beyond those.
    pub less_influence: usize,
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
        let tiers: Vec<TierRow> = tiers::rows(&details.tiers);
        let (influence, less_influence) = influence::attributes(model.attributes());
        let (missing, less_missing) = missing::shares(evidence);
        Self {
            version: evidence.version.clone(),
            card: model.label_card(),
            overall: Share { part: evaluation.positives, of: evaluation.rows },
            acceptance: Acceptance::new(&tiers),
            cautions: caution::sentences(evidence, &evaluation),
            warnings: model.warnings().to_vec(),
            strips: distribution::strips(evidence),
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
