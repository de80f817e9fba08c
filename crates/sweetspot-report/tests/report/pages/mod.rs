//! Reports as pages: what they look like, and that no text can turn them into something else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod evidence;
mod golden;
mod hostile;
mod made;
mod read;
