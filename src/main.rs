//! The `sweetspot` program.

use std::process::ExitCode;

/// Many threads ask for little and give it back soon: every call, every row.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sweetspot::cli::main()
}
