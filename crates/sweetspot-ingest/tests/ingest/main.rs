//! Files of accounts: read, judged, mapped, made up.

mod dialects;
mod files;
mod mapping;
mod profile;
mod properties;
mod roles;
mod shapes;
mod synth;
#[cfg(feature = "workbooks")]
mod workbooks;
