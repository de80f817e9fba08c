//! Several server processes on one PostgreSQL database, which is killed, paused and cut off.
#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../program/bench.rs"]
mod bench;
mod cluster;
#[path = "../program/process/support/data.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod data;
mod load;
mod outages;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod postgres;
mod propagation;
mod proxy;
mod server;
mod training;
mod upgrade;
