//! The pure core by its public face: labels, tables, names, and how texts are read.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod conditions;
mod label_laws;
mod labels;
mod names;
mod numbers;
mod parsing;
mod small;
mod tables;
mod thresholds;
