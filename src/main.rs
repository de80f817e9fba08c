//! The `sweetspot` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    sweetspot::cli::main()
}
