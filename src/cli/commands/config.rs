//! `config`: the settings in effect.

use std::fmt::Write as _;

use clap::Subcommand;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::CliError;

/// The operations on settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting, as a settings file would give it
    Show {
        /// Also where each value comes from
        #[arg(long)]
        origin: bool,
    },
}

/// Prints the settings.
pub(crate) fn run(command: &ConfigCommand, context: &Context) -> Result<(), CliError> {
    let ConfigCommand::Show { origin } = command;
    if context.out.json {
        let entry = |entry: &crate::config::SettingEntry| json!({ "key": entry.key, "value": entry.value, "origin": entry.origin.to_string() });
        return context.out.print_json(&context.origins.iter().map(entry).collect::<Vec<_>>());
    }
    let mut text = String::new();
    for entry in &context.origins {
        // Dotted keys are valid TOML, so that the output can be used as a settings file. Writing to a `String` cannot
        // fail.
        let line = if entry.value == "unset" {
            format!("# {} is unset", entry.key)
        } else {
            format!("{} = {}", entry.key, entry.value)
        };
        let _infallible =
            if *origin { writeln!(text, "{line:56} # {}", entry.origin) } else { writeln!(text, "{line}") };
    }
    context.out.print_text(&text)
}
