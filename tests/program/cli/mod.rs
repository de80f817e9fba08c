//! The program as people and scripts use it: real processes, real files, a real server.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod bad_files;
mod believing;
mod by_hand;
mod checking;
mod dataset_versions;
mod defining;
mod demo;
mod directions;
mod exits;
mod golden;
mod help;
mod hostile;
mod kinds;
mod labels;
mod lists;
mod made;
mod models;
#[cfg(feature = "parquet")]
mod parquet;
mod promoting;
mod recount;
mod rejects;
mod reporting;
mod resuming;
mod scored;
mod scoring;
#[path = "../../support/sentences.rs"]
mod sentences;
mod server;
mod shapes;
mod support;
mod targets;
mod training;
mod versions;
mod wrong;
