//! Training runs at the boundary of their module: admitted, repeated, cancelled, gone wrong, recovered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod admitting;
mod cancelling;
mod failing;
mod repeating;
mod restarting;
mod support;
