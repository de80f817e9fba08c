//! The prioritised list of target accounts: who comes first, why, whom they are like, and what to find out or to change.

mod document;
mod list;
mod prepared;
mod shift;
mod tables;
mod target;
mod tiering;
mod waterfall;
mod why;
mod words;

pub use document::{TargetDocument, blocks};
pub use list::{Order, TargetList, TierSize, Wanted, WholeList};
pub use prepared::Prepared;
pub use shift::{Shift, ShiftSize};
pub use target::{LookAlike, Target};
pub use tiering::Tiering;
pub use waterfall::{Part, Waterfall};
