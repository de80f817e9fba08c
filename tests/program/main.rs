//! The program as users run it, and the files that come with it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod architecture;
#[path = "../support/authority.rs"]
mod authority;
mod bench;
mod cli;
mod deploy;
mod docs;
mod log_forms;
mod process;
mod settings;
mod words;
