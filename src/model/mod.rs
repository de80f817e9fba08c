//! The fit model: learn from labelled customers, score an account, say why.
//!
//! Pure and synchronous: the same customers, policy and seed give the same bytes, whatever the number of threads.

mod alike;
mod artifact;
mod compare;
mod condition;
mod design;
mod encoder;
mod evaluate;
#[cfg(test)]
pub(crate) mod made_up;
mod rule;
mod scorer;
mod solve;
mod train;

pub use alike::{Alike, LookAlikes, MOST_ALIKE, Search};
pub use artifact::{
    ArtifactError, AttributeEffects, AttributeSummary, EffectChange, Evaluation, EvaluationDetails, GateSummary,
    HypothesisSummary, LeaveValuesOut, ModelArtifact, NewestEvaluation, PairSummary, SegmentSummary, ValueEffect,
    ValueSummary,
};
pub use compare::{
    Accounts, AttributeDifference, Basis, Comparison, ContributionChange, JudgedRow, JudgedSample, MIN_ROWS_OF_A_LABEL,
    Mover, ScorerPair, Standing, TierMoves, UnseenRows, attribute_differences, compare, score_unseen_rows,
};
pub use evaluate::{Difference, Tenth, TierFigures};
pub(crate) use evaluate::{RESAMPLES, draw, middle};
pub use scorer::{Change, CompileError, Explained, Mark, NextStep, Placed, Reason, Scorer, Spot, Steps, WorthLearning};
pub(crate) use solve::probability;
pub use train::{Progress, TrainError, TrainingSpec, Unattended, check, train};
