//! Sweetspot learns what a company's best customers have in common, scores lists of prospects by gRPC, and says why.
//!
//! Read `docs/ARCHITECTURE.md` for the map.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod http;
pub mod layers;
pub mod telemetry;
