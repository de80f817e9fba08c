//! `hypothesis`: hypotheses about good customers, which every training uses.

use std::path::PathBuf;

use clap::Subcommand;
use sweetspot_core::Hypothesis;
use sweetspot_proto::v1;

use crate::cli::context::Context;
use crate::cli::definition::EntryOperation;
use crate::cli::definition::entry_args::{AttributionArgs, RemovalArgs, WhenArgs};
use crate::cli::exit::CliError;
use crate::cli::input;
use crate::messages::entries::wire_hypothesis;

/// The operations on hypotheses.
#[derive(Debug, Subcommand)]
pub(crate) enum HypothesisCommand {
    /// Add a hypothesis, or all hypotheses of a file
    Add(Box<HypothesisArgs>),
    /// List the hypotheses of the definition, by id
    List,
    /// Remove a hypothesis; approved versions keep it
    Remove(RemovalArgs),
}

/// The hypothesis to add.
#[derive(Debug, clap::Args)]
pub(crate) struct HypothesisArgs {
    /// Id of the hypothesis, 1 to 64 bytes
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    id: Option<String>,
    /// File of hypotheses: TOML, one [[hypothesis]] each
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// The hypothesis in your words; names its reasons
    #[arg(long, value_name = "S", default_value = "", hide_default_value = true)]
    statement: String,
    /// Odds of being ideal as a multiple of the odds of others, all else equal
    #[arg(long, value_name = "X", conflicts_with = "file", required_unless_present = "file")]
    odds: Option<f64>,
    /// Number of customers that weigh as much as this hypothesis
    #[arg(long, value_name = "N", conflicts_with = "file", required_unless_present = "file")]
    worth: Option<f64>,
    #[command(flatten)]
    when: WhenArgs,
    #[command(flatten)]
    attribution_args: AttributionArgs,
}

/// Runs the command.
pub(crate) async fn run(command: HypothesisCommand, context: &Context) -> Result<(), CliError> {
    let operation = match command {
        HypothesisCommand::Add(args) => {
            let validate_only = args.attribution_args.validate_only;
            EntryOperation::Add { entries: entries(*args)?, validate_only }
        }
        HypothesisCommand::List => EntryOperation::List,
        HypothesisCommand::Remove(args) => EntryOperation::Remove(args),
    };
    operation.run(context).await
}

fn entries(args: HypothesisArgs) -> Result<Vec<v1::HypothesisEntry>, CliError> {
    let HypothesisArgs { id, file, statement, odds, worth, when, attribution_args } = args;
    let entry = |hypothesis: Hypothesis, reason: String| v1::HypothesisEntry {
        hypothesis: Some(wire_hypothesis(hypothesis)),
        create_time: None,
        reason,
        name: String::new(),
    };
    if let Some(file) = &file {
        let read = input::hypotheses(file)?;
        return Ok(read.into_iter().map(|hypothesis| entry(hypothesis, attribution_args.because.clone())).collect());
    }
    let hypothesis = Hypothesis {
        id: id.unwrap_or_default(),
        statement,
        when: when.condition()?,
        odds_ratio: odds.unwrap_or_default(),
        confidence_customers: worth.unwrap_or_default(),
        expires: attribution_args.expires(),
        author: attribution_args.by,
    };
    Ok(vec![entry(hypothesis, attribution_args.because)])
}
