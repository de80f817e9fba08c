//! The prioritized list of target accounts, with reasons, look-alikes, next steps, and attributes worth learning.

mod distribution_shift;
mod document;
mod explanation_context;
mod ranked_list;
mod tables;
mod target;
mod tiering;
mod value_formatter;
mod waterfall;
mod waterfall_chart;

pub use distribution_shift::{DistributionShift, ShiftSize};
pub use document::{TargetDocument, blocks};
pub use explanation_context::ExplanationContext;
pub use ranked_list::{ListTotals, RankCriterion, TargetList, TargetListOptions, TierSize};
pub use target::{LookAlike, Target};
pub use tiering::Tiering;
pub(crate) use value_formatter::AttributeValueFormatter;
pub use waterfall::{ScoreStep, Waterfall};
