//! The prioritised list of target accounts: who comes first, why, whom they are like, and what to find out or to change.

mod blocks;
mod list;
mod prepared;
mod target;
mod tiering;
mod waterfall;

pub use blocks::blocks;
pub use list::{Order, TargetList, TierSize, Wanted};
pub use prepared::Prepared;
pub use target::{LookAlike, Target};
pub use tiering::Tiering;
pub use waterfall::{Part, Waterfall};
