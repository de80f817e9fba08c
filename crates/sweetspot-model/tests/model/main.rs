//! Tests of the public API of the model: laws, faults, determinism, and a score computed by hand.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod artifact;
mod base_rate;
mod by_hand;
mod customer_fixtures;
mod directions;
mod evaluation;
mod golden;
mod hypotheses;
mod hypothesis_fixtures;
mod laws;
mod segments;
mod signal;
mod small_samples;
mod weights;
