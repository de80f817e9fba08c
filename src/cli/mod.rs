//! The command line: parses a command, runs it as a client of the services, and returns the exit code for scripts.
//!
//! Data goes to stdout, everything else to stderr. With `--server` a command uses that server; without it, the same
//! services on the local store, within this process.

mod args;
mod attribute_issues;
mod client;
mod column_messages;
mod commands;
mod connection;
mod context;
mod copied_columns;
mod definition;
mod evaluation_text;
mod excluded_ids;
mod exit;
mod hypothesis_text;
mod import_messages;
mod input;
mod names;
mod output;
mod output_file;
#[cfg(feature = "parquet")]
mod parquet_writer;
mod promotion;
mod prospect_list;
mod rejected_rows;
mod response_parts;
mod review_mapping;
mod rule_text;
mod scores_file;
mod scoring;
mod segment_text;
mod server_error;
mod signals;
mod table_writer;
mod targets;
mod training;
mod version_lookup;
mod version_text;

use std::process::ExitCode;

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use self::args::Args;
use self::context::Context;
use self::exit::CliError;

/// Runs the program: parses its arguments, runs the command, and reports its error.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help that cannot be printed is not an error; clap's exit code distinguishes help from an invalid command
            // line.
            let _unread = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let context = match Context::new(&args.global, args.command.is_server(), args.command.settings()) {
        Ok(context) => context,
        Err(error) => return exit_code(&error),
    };
    let runtime = match runtime(context.settings.server.workers) {
        Ok(runtime) => runtime,
        Err(error) => return exit_code(&CliError::Failed(format!("cannot start the runtime: {error}"))),
    };
    let result = runtime.block_on(commands::run(args.command, context));
    // An interrupted training run must not keep the process alive.
    runtime.shutdown_background();
    result.map_or_else(|error| exit_code(&error), |()| ExitCode::SUCCESS)
}

/// Creates a runtime with one worker thread per core, unless the settings specify another number.
fn runtime(workers: usize) -> std::io::Result<Runtime> {
    let mut runtime = Builder::new_multi_thread();
    if workers > 0 {
        runtime.worker_threads(workers);
    }
    runtime.enable_all().build()
}

fn exit_code(error: &CliError) -> ExitCode {
    if !matches!(error, CliError::Pipe) {
        let quiet = output::Output { json: false, quiet: true };
        quiet.warn(&format!("error: {error}"));
    }
    ExitCode::from(error)
}
