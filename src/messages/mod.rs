//! The messages of definition entries, for the services that return them and the command line that sends them.

pub(crate) mod entries;
pub(crate) mod enums;
