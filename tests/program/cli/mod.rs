//! The program as users and scripts run it: real processes, real files, a real server.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod attribute_kinds;
mod bad_files;
mod data_check;
mod dataset_versions;
mod definition;
mod demo;
mod erase;
mod exit_codes;
mod file_formats;
mod fixtures;
mod golden;
mod golden_store;
mod help;
mod hostile;
mod hypotheses;
mod invalid_input;
mod labels;
mod lists;
mod manual_scores;
mod models;
mod monotonicity;
#[cfg(feature = "parquet")]
mod parquet;
mod promotion;
mod recounts;
mod rejects;
mod reports;
mod review_round_trip;
mod score_table;
mod scoring;
#[path = "../../support/sentences.rs"]
mod sentences;
mod server;
mod store;
mod store_repair;
mod stream_resumption;
mod support;
mod targets;
mod training;
mod versions;
mod weights;
