//! `rule`: exclusion rules, which apply regardless of the fit.

use std::path::PathBuf;

use clap::Subcommand;
use sweetspot_core::{Attribution, ExclusionRule, PondMapSectionKind, Severity};
use sweetspot_proto::v1;

use crate::cli::context::Context;
use crate::cli::definition::entry_args::{AttributionArgs, RemovalArgs, WhenArgs};
use crate::cli::definition::{EntryOperation, enum_words};
use crate::cli::exit::CliError;
use crate::cli::input;
use crate::messages::entries::wire_exclusion_rule;

/// The operations on exclusion rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RuleCommand {
    /// Add an exclusion rule, or all rules of a file
    Add(Box<RuleArgs>),
    /// List the exclusion rules of the definition, by id
    List,
    /// Remove an exclusion rule; approved versions keep it
    Remove(RemovalArgs),
}

/// The exclusion rule to add.
#[derive(Debug, clap::Args)]
pub(crate) struct RuleArgs {
    /// Id of the rule, 1 to 64 bytes
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    id: Option<String>,
    /// File of exclusion rules: TOML, one [[rule]] each
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// The rule in your words [default: its condition]
    #[arg(long, value_name = "S", default_value = "", hide_default_value = true)]
    statement: String,
    /// Put the account out of the pond
    #[arg(long, conflicts_with_all = ["caution", "file"])]
    out: bool,
    /// Ask for a second look
    #[arg(long, conflicts_with = "file")]
    caution: bool,
    /// Section of the Pond Map
    #[arg(long, value_name = "S", value_parser = enum_words::section, default_value = "account_profile")]
    section: PondMapSectionKind,
    #[command(flatten)]
    when: WhenArgs,
    #[command(flatten)]
    attribution_args: AttributionArgs,
}

/// Runs the command.
pub(crate) async fn run(command: RuleCommand, context: &Context) -> Result<(), CliError> {
    let operation = match command {
        RuleCommand::Add(args) => {
            let validate_only = args.attribution_args.validate_only;
            EntryOperation::Add { entries: entries(*args)?, validate_only }
        }
        RuleCommand::List => EntryOperation::List,
        RuleCommand::Remove(args) => EntryOperation::Remove(args),
    };
    operation.run(context).await
}

fn entries(args: RuleArgs) -> Result<Vec<v1::ExclusionRule>, CliError> {
    if let Some(file) = &args.file {
        return Ok(input::exclusion_rules(file)?.into_iter().map(wire_exclusion_rule).collect());
    }
    let RuleArgs { id, file: _, statement, out, caution, section, when, attribution_args } = args;
    let severity = match (out, caution) {
        (true, _) => Severity::Out,
        (false, true) => Severity::Caution,
        (false, false) => return Err(CliError::Usage("set the severity: --out or --caution".to_owned())),
    };
    let (expires, when) = (attribution_args.expires(), when.condition()?);
    let attribution = Attribution {
        author: attribution_args.by,
        reason: attribution_args.because,
        expires,
        ..Attribution::default()
    };
    Ok(vec![wire_exclusion_rule(ExclusionRule {
        id: id.unwrap_or_default(),
        statement,
        when,
        severity,
        section,
        attribution,
    })])
}
