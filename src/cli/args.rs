//! The arguments of the command line, except those of each command.

use std::path::PathBuf;

use clap::{ArgAction, Parser};

use super::commands::Command;
use super::connection::ServerConnection;

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 failure, 2 usage, 3 data rejected, 4 promotion check
failed (not promoted), 5 server unreachable, 64 + gRPC code for a server's
refusal.";

/// Learn what your best customers have in common, score prospects, and explain why.
#[derive(Debug, Parser)]
#[command(name = "sweetspot", version, max_term_width = 80, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// What every command understands.
    #[command(flatten)]
    pub(crate) global: Global,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options that every command accepts.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Folder of the embedded store [default: ./sweetspot-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// Use this server instead of a store
    #[arg(long, global = true, value_name = "URL", conflicts_with = "store")]
    pub(crate) server: Option<String>,
    /// Settings file [default: ./sweetspot.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Workspace
    #[arg(long, global = true, value_name = "W", default_value = "default", hide_default_value = true)]
    pub(crate) workspace: String,
    /// Model within the workspace
    #[arg(long, global = true, value_name = "M", default_value = "default", hide_default_value = true)]
    pub(crate) model: String,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print only warnings and errors to stderr
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print logs to stderr; repeat for more
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    #[command(flatten)]
    pub(crate) connection: ServerConnection,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn global_options_are_accepted_before_and_after_the_command() {
        for line in [["sweetspot", "--json", "config", "show"], ["sweetspot", "config", "show", "--json"]] {
            assert!(Args::try_parse_from(line).unwrap().global.json);
        }
    }

    #[test]
    fn contradicting_options_are_refused() {
        for line in ["model list --store a --server b", "model list -q -v", "train --label best", "score f --tier E"] {
            let words = std::iter::once("sweetspot").chain(line.split(' '));
            assert_eq!(Args::try_parse_from(words).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
