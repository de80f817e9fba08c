//! Sweetspot learns what a company's best customers have in common, scores lists of prospects over gRPC, and explains
//! the scores.
//!
//! See `docs/ARCHITECTURE.md` for an overview.

mod access;
pub mod api;
pub mod app;
pub mod cli;
pub mod config;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod http;
pub mod layers;
mod messages;
pub mod telemetry;
