//! Writes a model version for other engines.
//!
//! Every format is generated from the [`ParsedScorecard`], the documented JSON form of a version (`docs/SCORECARD.md`), and
//! from nothing else: what these formats can compute, any program that reads the scorecard can compute as well.
//!
//! This crate has no side effects: the same scorecard and options give the same text.

mod error;
mod onnx;
mod scorecard;
mod sql;

pub use error::ExportError;
pub use onnx::write_onnx;
pub use scorecard::{
    CardAttribute, CardCondition, CardExclusionRule, CardHypothesis, CardInteraction, CardKind, CardSegment, CardSlot,
    CardTierUnits, ParsedScorecard, Values,
};
pub use sql::{
    AggregateColumn, AggregateOptions, AggregateValues, MAX_AGGREGATED_BINS, MAX_SQL_BYTES, SqlDialect, SqlOptions,
    write_edges_sql, write_rows_sql, write_sql,
};
