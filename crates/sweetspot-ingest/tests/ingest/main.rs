//! Files of accounts: reading, profiling, mappings and synthetic data.

mod dialects;
mod files;
mod mapping;
mod profile;
mod properties;
mod roles;
mod shapes;
mod synth;
mod weights;
#[cfg(feature = "workbooks")]
mod workbooks;
