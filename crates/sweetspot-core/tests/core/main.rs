//! Tests of the crate's public interface: labels, tables, names and parsing.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue should stop")]

mod conditions;
mod digests_and_scores;
mod label_laws;
mod labels;
mod names;
mod numbers;
mod parsing;
mod tables;
mod thresholds;
