//! Learns a model of ideal customers from labeled customers, scores accounts and explains each score.
//!
//! This crate computes and does nothing else: no files, no network, no clock. The same customers, label policy and seed give the
//! same bytes, whatever the number of threads. `sweetspot-ingest` reads customers and prospects from files.
//!
//! # Example
//!
//! ```
//! use sweetspot_core::{Account, AccountTable, Column, ColumnData, Customers, Digest, Outcome, Status, Value};
//! use sweetspot_model::{Scorer, TrainingSpec, Unattended, train};
//!
//! // 60 customers with one attribute: those with 100 employees or more were won, the others lost.
//! let employees: Vec<f64> = (0..60).map(|row| f64::from(row * 7 % 60) * 4.0).collect();
//! let outcome = |employees: &f64| Outcome {
//!     status: Some(if *employees >= 100.0 { Status::Won } else { Status::Lost }),
//!     ..Outcome::default()
//! };
//! let outcomes = employees.iter().map(outcome).collect();
//! let data = ColumnData::Numbers(employees.iter().copied().map(Some).collect());
//! let ids = (0..60).map(|row| format!("C{row}")).collect();
//! let accounts = AccountTable::new(ids, vec![Column { name: "employees".to_owned(), data }])?;
//! let customers = Customers::new(accounts, outcomes, None)?;
//!
//! let artifact = train(&TrainingSpec::default(), &customers, Digest::of(b"customers"), &Unattended)?;
//! let scorer = Scorer::compile(&artifact)?;
//! let attributes = [("employees".to_owned(), Value::Number(180.0))].into();
//! let explained = scorer.explain(&Account { id: "P1".to_owned(), attributes });
//! assert!(explained.fit.probability > 0.8);
//! assert_eq!(explained.contributions[0].attribute, "employees");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alike;
mod artifact;
mod compare;
mod condition;
mod encoder;
mod evaluate;
#[cfg(test)]
pub(crate) mod made_up;
mod rule;
mod scorer;
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
pub use evaluate::{Difference, RESAMPLES, Tenth, TierFigures, draw, middle};
pub use scorer::{Change, CompileError, Explained, Mark, NextStep, Placed, Reason, Scorer, Spot, Steps, WorthLearning};
pub use sweetspot_solver::probability;
use sweetspot_stored as stored;
pub use train::{Progress, TrainError, TrainingSpec, Unattended, check, train};
