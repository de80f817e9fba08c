//! The messages of definition entries, of review fields and of training options, for the services that return them and
//! the command line that sends them; and the words for parts of a score.

pub(crate) mod document_settings;
pub(crate) mod entries;
pub(crate) mod enums;
pub(crate) mod review_fields;
pub(crate) mod training;
pub(crate) mod words;
