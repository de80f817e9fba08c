//! The command line: reads a command, runs it as a client of the services, and ends with the code that scripts rely on.
//!
//! Data goes to stdout, everything else to stderr. With `--server` a command talks to that server; without it, to the
//! same services over the store on this machine, within this process.

mod args;
mod client;
mod columns;
mod commands;
mod context;
mod evaluation_text;
mod exclusions;
mod exit;
mod files;
mod gate_text;
mod hypothesis_json;
mod hypothesis_text;
mod input;
mod kept_columns;
mod list;
mod names;
mod output;
#[cfg(feature = "parquet")]
mod parquet_table;
mod parts;
mod promotion;
mod refusal;
mod rejects;
mod remarks;
mod scores;
mod scoring;
mod segment_text;
mod stated;
mod table_file;
mod targets;
mod training;
mod version_json;
mod version_text;
mod versions;
mod wire;
mod wire_gate;

use std::process::ExitCode;

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use self::args::Args;
use self::context::Context;
use self::exit::CliError;

/// Runs the program: reads its arguments, does what they say, reports what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help that nobody reads is no failure; clap's own code tells help from a wrong command line.
            let _unread = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let context = match Context::new(&args.global, args.command.serves(), args.command.settings()) {
        Ok(context) => context,
        Err(error) => return ended(&error),
    };
    let runtime = match runtime(context.settings.server.workers) {
        Ok(runtime) => runtime,
        Err(error) => return ended(&CliError::Failed(format!("cannot start the runtime: {error}"))),
    };
    let result = runtime.block_on(commands::run(args.command, context));
    // An interrupted training run must not hold the process.
    runtime.shutdown_background();
    result.map_or_else(|error| ended(&error), |()| ExitCode::SUCCESS)
}

/// Threads that wait for nothing: as many as there are cores, unless the settings say otherwise.
fn runtime(workers: usize) -> std::io::Result<Runtime> {
    let mut runtime = Builder::new_multi_thread();
    if workers > 0 {
        runtime.worker_threads(workers);
    }
    runtime.enable_all().build()
}

fn ended(error: &CliError) -> ExitCode {
    if !matches!(error, CliError::Pipe) {
        let quiet = output::Output { json: false, quiet: true };
        quiet.warn(&format!("error: {error}"));
    }
    ExitCode::from(error)
}
