//! The messages of definition entries and of training options, for the services that return them and the command line that sends them.

pub(crate) mod entries;
pub(crate) mod enums;
pub(crate) mod training;
