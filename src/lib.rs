//! Sweetspot learns what a company's best customers have in common, scores lists of prospects by gRPC, and says why.
//!
//! Read `docs/ARCHITECTURE.md` for the map.

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod datasets;
pub mod definitions;
pub mod domain;
pub mod fault;
pub mod generated;
pub mod http;
pub mod ingest;
pub mod jobs;
mod json;
pub mod layers;
pub mod model;
pub mod registry;
pub mod report;
pub mod store;
pub mod synth;
pub mod telemetry;
