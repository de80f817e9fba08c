//! Conversions between messages and domain values. Messages are destructured field by field, so that no new field is
//! overlooked.

pub(super) mod account_filter;
pub(super) mod account_review;
pub(super) mod account_table;
pub(super) mod annotations;
pub(super) mod attribute_filter;
mod attribute_names;
pub(super) mod attribute_value;
mod attribution;
pub(super) mod comparison;
mod condition;
pub(super) mod counterfactual;
pub(super) mod dataset;
pub(super) mod definition;
pub(super) mod document_settings;
pub(super) mod entry;
pub(super) mod evaluation;
pub(super) mod evaluation_report;
pub(super) mod exclusion_rule;
mod finding;
pub(super) mod hypothesis;
mod hypothesis_entry;
pub(super) mod model;
mod monotonicity;
pub(super) mod near_names;
pub(super) mod proportion;
pub(super) mod row;
pub(super) mod row_faults;
pub(super) mod score_plan;
mod segment;
pub(super) mod time;
pub(super) mod training_config;
pub(super) mod training_request;
pub(super) mod training_run;
pub(super) mod unknown_attributes;
pub(super) mod value_report;
pub(super) mod version;
