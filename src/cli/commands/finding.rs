//! `finding`: findings from conversations.

use std::path::PathBuf;

use clap::Subcommand;
use sweetspot_core::{Attribution, Finding, IcpCategory, PondMapSectionKind, SpicedPart, Stance};
use sweetspot_proto::v1;

use crate::cli::context::Context;
use crate::cli::definition::entry_args::{AttributionArgs, RemovalArgs};
use crate::cli::definition::{EntryOperation, enum_words};
use crate::cli::exit::CliError;
use crate::cli::input;
use crate::messages::entries::wire_finding;

/// The operations on findings.
#[derive(Debug, Subcommand)]
pub(crate) enum FindingCommand {
    /// Add a finding, or all findings of a file
    Add(Box<FindingArgs>),
    /// List the findings of the definition, by id
    List,
    /// Remove a finding; approved versions keep it
    Remove(RemovalArgs),
}

/// The finding to add.
#[derive(Debug, clap::Args)]
pub(crate) struct FindingArgs {
    /// Id of the finding, 1 to 64 bytes
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    id: Option<String>,
    /// File of findings: TOML, one [[finding]] each
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// What was learned
    #[arg(long, value_name = "T", required_unless_present = "file", conflicts_with = "file")]
    text: Option<String>,
    /// Question that was asked
    #[arg(long, value_name = "Q", default_value = "", hide_default_value = true)]
    question: String,
    /// Id of the customer it was learned from or about
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    account: String,
    /// Segment it is about
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    segment: String,
    /// Section of the Pond Map
    #[arg(long, value_name = "S", value_parser = enum_words::section)]
    section: Option<PondMapSectionKind>,
    /// Part of a SPICED diagnosis
    #[arg(long, value_name = "P", value_parser = enum_words::spiced)]
    spiced: Option<SpicedPart>,
    /// Category of the profile
    #[arg(long, value_name = "C", value_parser = enum_words::category)]
    category: Option<IcpCategory>,
    /// Direction of the finding: neutral, positive or negative
    #[arg(long, value_name = "L", value_parser = enum_words::stance, default_value = "neutral")]
    stance: Stance,
    #[command(flatten)]
    attribution_args: AttributionArgs,
}

/// Runs the command.
pub(crate) async fn run(command: FindingCommand, context: &Context) -> Result<(), CliError> {
    let operation = match command {
        FindingCommand::Add(args) => {
            let validate_only = args.attribution_args.validate_only;
            EntryOperation::Add { entries: entries(*args)?, validate_only }
        }
        FindingCommand::List => EntryOperation::List,
        FindingCommand::Remove(args) => EntryOperation::Remove(args),
    };
    operation.run(context).await
}

fn entries(args: FindingArgs) -> Result<Vec<v1::Finding>, CliError> {
    if let Some(file) = &args.file {
        return Ok(input::findings(file)?.into_iter().map(wire_finding).collect());
    }
    let FindingArgs {
        id,
        file: _,
        text,
        question,
        account,
        segment,
        section,
        spiced,
        category,
        stance,
        attribution_args,
    } = args;
    let expires = attribution_args.expires();
    let finding = Finding {
        id: id.unwrap_or_default(),
        text: text.unwrap_or_default(),
        question,
        account_id: account,
        segment_id: segment,
        section,
        spiced,
        category,
        stance,
        attribution: Attribution {
            author: attribution_args.by,
            reason: attribution_args.because,
            expires,
            ..Attribution::default()
        },
    };
    Ok(vec![wire_finding(finding)])
}
