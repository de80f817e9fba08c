//! The value of customers: the value curve, cohorts, common traits of the best, and customers that cost more than they
//! pay.
//!
//! There are two views: [`ValueReport`] is the document, [`BadFitCustomers`] the list of accounts that lose money. Both
//! take what the data do not contain from a person ([`MoneyAssumptions`]), and count unknown values instead of
//! estimating them.

mod bad_fit;
mod blocks;
mod bootstrap;
mod common_traits;
mod customer_value;
#[cfg(test)]
mod fixtures;
mod ideal_axes;
mod level_counts;
mod quarterly_spending;
mod threshold_groups;
mod threshold_split;
mod value_curve;
mod value_report;

pub use bad_fit::{BadFit, BadFitCustomers, BadFitTotals, LossAdvice, ResourceShare};
pub use blocks::blocks;
pub use bootstrap::Estimate;
pub use common_traits::{CommonTrait, CommonTraits, IcpPart};
pub use customer_value::{KnownCounts, MoneyTotals};
pub use ideal_axes::{GoodCustomer, IdealAxes, Percentiles};
pub use quarterly_spending::GrowthPotential;
pub use sweetspot_core::{MoneyAssumptions, SplitBasis, ValueOptions};
pub use threshold_groups::{Cohort, Cohorts, Quarter};
pub use value_curve::{Peak, TopShare, ValueCurve};
pub use value_report::ValueReport;
