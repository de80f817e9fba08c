//! The messages of definition entries, of review fields and of training options, for the services that return them and the command line that sends them.

pub(crate) mod document_settings;
pub(crate) mod entries;
pub(crate) mod enums;
pub(crate) mod review_fields;
pub(crate) mod training;
