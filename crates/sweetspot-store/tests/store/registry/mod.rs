//! The registry with real models: publication, promotion, roll-back, and the live version in the meantime.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod checks;
mod crash;
mod delete;
mod live;
mod promote;
mod publish;
mod retention;
mod rollback;
mod support;
mod update;
