//! Between messages and domain values. Messages are taken apart field by field, so that a new field is not overlooked.

mod condition;
pub(super) mod definition;
mod directions;
pub(super) mod evaluation;
pub(super) mod faults;
pub(super) mod figures;
pub(super) mod filter;
mod finding;
pub(super) mod fit;
pub(super) mod gate;
mod held;
mod hypothesis;
mod names;
pub(super) mod outlook;
pub(super) mod place;
pub(super) mod plan;
pub(super) mod proof;
pub(super) mod row;
pub(super) mod run;
mod said;
pub(super) mod screen;
pub(super) mod spoken;
pub(super) mod table;
pub(super) mod time;
pub(super) mod training;
pub(super) mod value;
pub(super) mod version;
