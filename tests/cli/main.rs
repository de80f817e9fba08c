//! The program as people and scripts use it: real processes, real files, a real server.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod bad_files;
mod demo;
mod exits;
mod help;
mod models;
mod rejects;
mod scoring;
mod server;
mod support;
mod training;
