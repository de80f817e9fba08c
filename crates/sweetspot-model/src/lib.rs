//! Learns a model of ideal customers from labeled customers, scores accounts and explains each score.
//!
//! This crate has no side effects: it uses no files, no network and no clock. The same customers, label policy and seed
//! produce the same bytes, regardless of the number of threads. `sweetspot-ingest` reads customers and prospects from
//! files.
//!
//! # Example
//!
//! ```
//! use sweetspot_core::{Account, AccountTable, Column, ColumnData, Customers, Digest, Outcome, OutcomeStatus, Value};
//! use sweetspot_model::{Scorer, TrainingSpec, NoProgress, train};
//!
//! // 60 customers with one attribute: those with 100 employees or more were won, the others lost.
//! let employees: Vec<f64> = (0..60).map(|row| f64::from(row * 7 % 60) * 4.0).collect();
//! let outcome = |employees: &f64| Outcome {
//!     status: Some(if *employees >= 100.0 { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
//!     ..Outcome::default()
//! };
//! let outcomes = employees.iter().map(outcome).collect();
//! let data = ColumnData::Numbers(employees.iter().copied().map(Some).collect());
//! let ids = (0..60).map(|row| format!("C{row}")).collect();
//! let accounts = AccountTable::new(ids, vec![Column { name: "employees".to_owned(), data }])?;
//! let customers = Customers::new(accounts, outcomes, None)?;
//!
//! let artifact = train(&TrainingSpec::default(), &customers, Digest::new(b"customers"), &NoProgress)?;
//! let scorer = Scorer::compile(&artifact)?;
//! let attributes = [("employees".to_owned(), Value::Number(180.0))].into();
//! let explained = scorer.explain(&Account { id: "P1".to_owned(), attributes });
//! assert!(explained.fit.probability > 0.8);
//! assert_eq!(explained.contributions[0].attribute, "employees");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod artifact;
mod compare;
mod condition_slots;
mod encoder;
mod evaluate;
mod evaluated_sample;
#[cfg(test)]
pub(crate) mod fixtures;
mod look_alikes;
mod score_uncertainty;
mod scorer;
mod stored_condition;
mod train;

pub use artifact::{
    ArtifactError, AttributeEffects, AttributeSummary, CustomerValueSummary, EffectChange, Evaluation,
    EvaluationDetails, ExclusionRuleSummary, HypothesisSummary, InteractionSummary, LeaveValuesOut, ModelArtifact,
    SegmentSummary, ShapeStep, TemporalHoldoutEvaluation, ValueEffect,
};
pub use compare::{
    Accounts, AttributeDifference, Comparison, ComparisonBasis, ContributionChange, MIN_ROWS_PER_LABEL,
    RescoredAccount, ScorerPair, TierMoves, UnseenRows, VersionScore, attribute_differences, compare,
    score_unseen_rows,
};
pub use evaluate::{Decile, MetricDifference, RESAMPLES, TierMetrics, draw_resample, percentile_interval};
pub use evaluated_sample::{EvaluatedRow, EvaluatedSample};
pub use look_alikes::{LookAlikePoints, LookAlikeTree, MAX_LOOK_ALIKES, Neighbor};
pub use scorer::{
    Alternatives, AttributeChange, Checkpoint, CompileError, Counterfactual, EncodedAccount, EncodedValue, Explanation,
    NoteKinds, Reason, Scorer, ValueOfInformation,
};
pub use sweetspot_solver::probability;
use sweetspot_stored as stored;
pub use train::{EarlierSegment, EarlierSegments, NoProgress, Progress, TrainError, TrainingSpec, check, train};
