//! `hypothesis`: beliefs about good customers that every training takes in.

use std::path::PathBuf;

use clap::Subcommand;
use sweetspot_core::Hypothesis;
use sweetspot_proto::v1;
use uuid::Uuid;

use crate::cli::client::{Client, Opening, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::stated::args::{SaidArgs, WhenArgs};
use crate::cli::stated::json::held_json;
use crate::cli::stated::text::held_text;
use crate::cli::stated::{PAGE, all, done, missing, removed, told};
use crate::cli::wire::wire_hypothesis;
use crate::cli::{input, versions};

/// What to do with them.
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

/// What to add.
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
    said: SaidArgs,
}

/// Does it.
pub(crate) async fn run(command: HypothesisCommand, context: &Context) -> Result<(), CliError> {
    match command {
        HypothesisCommand::Add(args) => {
            let entries = entries(*args)?;
            let work = async |client: &mut Client| add(client, context, entries).await;
            context.with_client(Opening::OrCreate, work).await
        }
        HypothesisCommand::List => {
            context.with_client(Opening::Existing, async |client: &mut Client| list(client, context).await).await
        }
        HypothesisCommand::Remove { id } => {
            let work = async |client: &mut Client| remove(client, context, id).await;
            context.with_client(Opening::Existing, work).await
        }
    }
}

fn entries(args: HypothesisArgs) -> Result<Vec<v1::HeldHypothesis>, CliError> {
    let HypothesisArgs { id, file, statement, odds, worth, when, said } = args;
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
        let answer = client.answer(answer)?;
        answer.warnings.iter().for_each(|warning| context.out.warn(&format!("warning: {warning}")));
        let held = answer.hypothesis.ok_or_else(|| missing("hypothesis"))?;
        ids.push(format!("{:?}", held.hypothesis.as_ref().map(|one| one.id.clone()).unwrap_or_default()));
        added.push(held_json(&held));
    }
    done(context, &format!("added hypothesis {}", ids.join(", ")), &added.into())
}

async fn list(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let parent = parent.clone();
        let message = v1::ListHypothesesRequest { parent, page_size: PAGE, page_token, profile_version: 0 };
        let answer = client.profiles.list_hypotheses(request(message)).await;
        client.answer(answer).map(|page| (page.hypotheses, page.next_page_token))
    };
    let held = all(client, page).await?;
    let attributes = versions::known_attributes(client, context).await;
    told(context, &held, held_json, |held| held_text(held, &attributes))
}

async fn remove(client: &mut Client, context: &Context, id: String) -> Result<(), CliError> {
    let message = v1::DeleteHypothesisRequest {
        parent: context.names.model.to_string(),
        id: id.clone(),
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.profiles.delete_hypothesis(request(message)).await;
    client.answer(answer)?;
    removed(context, "hypothesis", &id)
}
