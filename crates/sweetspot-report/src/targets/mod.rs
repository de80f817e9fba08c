//! The prioritized list of target accounts, with reasons, look-alikes, next steps, and attributes worth learning.

mod document;
mod list;
mod ranking_context;
mod shift;
mod tables;
mod target;
mod tiering;
mod value_formatter;
mod waterfall;
mod waterfall_chart;

pub use document::{TargetDocument, blocks};
pub use list::{ListTotals, RankCriterion, TargetList, TargetListOptions, TierSize};
pub use ranking_context::RankingContext;
pub use shift::{DistributionShift, ShiftSize};
pub use target::{LookAlike, Target};
pub use tiering::Tiering;
pub use waterfall::{ScoreStep, Waterfall};
