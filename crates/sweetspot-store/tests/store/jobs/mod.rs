//! Training runs through the public API: admission, repeated requests, cancellation, failures and restarts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod admission;
mod cancellation;
mod failures;
mod repeated_requests;
mod restarts;
mod support;
