//! Between messages and domain values. Messages are taken apart field by field, so that a new field is not overlooked.

mod condition;
mod directions;
pub(super) mod evaluation;
pub(super) mod faults;
pub(super) mod filter;
pub(super) mod fit;
mod hypothesis;
mod names;
pub(super) mod outlook;
pub(super) mod plan;
pub(super) mod row;
pub(super) mod run;
pub(super) mod screen;
pub(super) mod table;
pub(super) mod time;
pub(super) mod training;
pub(super) mod value;
pub(super) mod version;
