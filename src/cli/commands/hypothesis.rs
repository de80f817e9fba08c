//! `hypothesis`: hypotheses about good customers, which every training uses.

use std::path::PathBuf;

use clap::Subcommand;
use sweetspot_core::Hypothesis;
use sweetspot_proto::v1;
use uuid::Uuid;

use crate::cli::client::{Client, OpenMode, request};
use crate::cli::context::Context;
use crate::cli::definition::args::{StatementArgs, WhenArgs};
use crate::cli::definition::json::hypothesis_entry_json;
use crate::cli::definition::text::hypotheses_text;
use crate::cli::definition::{PAGE_SIZE, list_all, missing_field, print_entries, print_removed, print_result};
use crate::cli::exit::CliError;
use crate::cli::wire::wire_hypothesis;
use crate::cli::{input, versions};

/// The operations on hypotheses.
#[derive(Debug, Subcommand)]
pub(crate) enum HypothesisCommand {
    /// Add a hypothesis, or all hypotheses of a file
    Add(Box<HypothesisArgs>),
    /// List the hypotheses of the definition, by id
    List,
    /// Remove a hypothesis; approved versions keep it
    Remove {
        /// Id of the hypothesis
        id: String,
    },
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
    statement_args: StatementArgs,
}

/// Runs the command.
pub(crate) async fn run(command: HypothesisCommand, context: &Context) -> Result<(), CliError> {
    match command {
        HypothesisCommand::Add(args) => {
            let entries = entries(*args)?;
            let work = async |client: &mut Client| add(client, context, entries).await;
            context.with_client(OpenMode::OrCreate, work).await
        }
        HypothesisCommand::List => {
            context.with_client(OpenMode::Existing, async |client: &mut Client| list(client, context).await).await
        }
        HypothesisCommand::Remove { id } => {
            let work = async |client: &mut Client| remove(client, context, id).await;
            context.with_client(OpenMode::Existing, work).await
        }
    }
}

fn entries(args: HypothesisArgs) -> Result<Vec<v1::HeldHypothesis>, CliError> {
    let HypothesisArgs { id, file, statement, odds, worth, when, statement_args: said } = args;
    let held = |hypothesis: Hypothesis, reason: String| v1::HeldHypothesis {
        hypothesis: Some(wire_hypothesis(hypothesis)),
        create_time: None,
        reason,
    };
    if let Some(file) = &file {
        let read = input::hypotheses(file)?;
        return Ok(read.into_iter().map(|hypothesis| held(hypothesis, said.because.clone())).collect());
    }
    let hypothesis = Hypothesis {
        id: id.unwrap_or_default(),
        statement,
        when: when.condition()?,
        odds_ratio: odds.unwrap_or_default(),
        confidence_customers: worth.unwrap_or_default(),
        expires: said.expires(),
        author: said.by,
    };
    Ok(vec![held(hypothesis, said.because)])
}

async fn add(client: &mut Client, context: &Context, entries: Vec<v1::HeldHypothesis>) -> Result<(), CliError> {
    let (mut ids, mut added) = (Vec::new(), Vec::new());
    for entry in entries {
        let message = v1::CreateHypothesisRequest {
            parent: context.names.model.to_string(),
            hypothesis: Some(entry),
            etag: String::new(),
            request_id: Uuid::new_v4().to_string(),
        };
        let answer = client.profiles.create_hypothesis(request(message)).await;
        let answer = client.response(answer)?;
        answer.warnings.iter().for_each(|warning| context.out.warn(&format!("warning: {warning}")));
        let held = answer.hypothesis.ok_or_else(|| missing_field("hypothesis"))?;
        ids.push(format!("{:?}", held.hypothesis.as_ref().map(|one| one.id.clone()).unwrap_or_default()));
        added.push(hypothesis_entry_json(&held));
    }
    print_result(context, &format!("added hypothesis {}", ids.join(", ")), &added.into())
}

async fn list(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let parent = parent.clone();
        let message = v1::ListHypothesesRequest { parent, page_size: PAGE_SIZE, page_token, profile_version: 0 };
        let answer = client.profiles.list_hypotheses(request(message)).await;
        client.response(answer).map(|page| (page.hypotheses, page.next_page_token))
    };
    let held = list_all(client, page).await?;
    let attributes = versions::known_attributes(client, context).await;
    print_entries(context, &held, hypothesis_entry_json, |held| hypotheses_text(held, &attributes))
}

async fn remove(client: &mut Client, context: &Context, id: String) -> Result<(), CliError> {
    let message = v1::DeleteHypothesisRequest {
        parent: context.names.model.to_string(),
        id: id.clone(),
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.profiles.delete_hypothesis(request(message)).await;
    client.response(answer)?;
    print_removed(context, "hypothesis", &id)
}
