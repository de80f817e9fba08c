//! Documents of made-up companies: the figures they tell, and that they stay calm where there is little to tell.
#![expect(clippy::unwrap_used, reason = "tests")]

mod calm;
mod diff;
mod pond;
mod proof;
mod summary;
mod support;
