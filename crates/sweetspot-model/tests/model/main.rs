//! The fit model by its public face: laws, faults, determinism, and a score computed by hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod artifact;
mod base_rate;
mod beliefs;
mod by_hand;
mod customers;
mod directions;
mod golden;
mod honest;
mod hypotheses;
mod laws;
mod segments;
mod signal;
mod small;
