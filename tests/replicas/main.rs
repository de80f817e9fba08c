//! Several server processes on one PostgreSQL database, which is killed, paused and cut off.
#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../support/authority.rs"]
mod authority;
#[path = "../program/bench.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod bench;
mod cluster;
mod copies;
mod credentials;
#[path = "../program/process/support/data.rs"]
mod data;
mod encrypted;
mod load;
mod outages;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod postgres;
mod propagation;
mod proxy;
#[path = "../program/process/support/server.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod server;
mod streams;
mod training;
mod upgrade;

use bench::{Bench, Run, signal};

/// Held by a test while its servers run: their times would depend on those of others.
pub(crate) static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
