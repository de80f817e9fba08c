//! The registry over real models: what is published, promoted, rolled back, and what answers meanwhile.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod checks;
mod crash;
mod live;
mod promote;
mod publish;
mod rollback;
mod support;
