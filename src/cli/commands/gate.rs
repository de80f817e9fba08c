//! `gate`: rules that people set, whatever the fit says.

use std::path::PathBuf;

use clap::Subcommand;
use sweetspot_core::{Gate, PondSection, Severity, Statement};
use sweetspot_proto::v1;
use uuid::Uuid;

use crate::cli::client::{Client, Opening, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::stated::args::{SaidArgs, WhenArgs};
use crate::cli::stated::json::gate_json;
use crate::cli::stated::text::gates_text;
use crate::cli::stated::{PAGE, all, done, missing, removed, told, words};
use crate::cli::wire_gate::wire_gate;
use crate::cli::{input, versions};

/// What to do with them.
#[derive(Debug, Subcommand)]
pub(crate) enum GateCommand {
    /// Add an exclusion rule, or all rules of a file
    Add(Box<GateArgs>),
    /// List the exclusion rules of the definition, by id
    List,
    /// Remove an exclusion rule; approved versions keep it
    Remove {
        /// Id of the rule
        id: String,
    },
}

/// What to add.
#[derive(Debug, clap::Args)]
pub(crate) struct GateArgs {
    /// Id of the rule, 1 to 64 bytes
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    id: Option<String>,
    /// File of exclusion rules: TOML, one [[gate]] each
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
    #[arg(long, value_name = "S", value_parser = words::section, default_value = "account_profile")]
    section: PondSection,
    #[command(flatten)]
    when: WhenArgs,
    #[command(flatten)]
    said: SaidArgs,
}

/// Does it.
pub(crate) async fn run(command: GateCommand, context: &Context) -> Result<(), CliError> {
    match command {
        GateCommand::Add(args) => {
            let entries = entries(*args)?;
            let work = async |client: &mut Client| add(client, context, entries).await;
            context.with_client(Opening::OrCreate, work).await
        }
        GateCommand::List => {
            context.with_client(Opening::Existing, async |client: &mut Client| list(client, context).await).await
        }
        GateCommand::Remove { id } => {
            let work = async |client: &mut Client| remove(client, context, id).await;
            context.with_client(Opening::Existing, work).await
        }
    }
}

fn entries(args: GateArgs) -> Result<Vec<v1::Gate>, CliError> {
    if let Some(file) = &args.file {
        return Ok(input::gates(file)?.into_iter().map(wire_gate).collect());
    }
    let GateArgs { id, file: _, statement, out, caution, section, when, said } = args;
    let severity = match (out, caution) {
        (true, _) => Severity::Out,
        (false, true) => Severity::Caution,
        (false, false) => return Err(CliError::Usage("set the severity: --out or --caution".to_owned())),
    };
    let (expires, when) = (said.expires(), when.condition()?);
    let by = Statement { author: said.by, reason: said.because, expires, ..Statement::default() };
    Ok(vec![wire_gate(Gate { id: id.unwrap_or_default(), statement, when, severity, section, by })])
}

async fn add(client: &mut Client, context: &Context, entries: Vec<v1::Gate>) -> Result<(), CliError> {
    let (mut ids, mut added) = (Vec::new(), Vec::new());
    for entry in entries {
        let message = v1::CreateGateRequest {
            parent: context.names.model.to_string(),
            gate: Some(entry),
            etag: String::new(),
            request_id: Uuid::new_v4().to_string(),
        };
        let answer = client.profiles.create_gate(request(message)).await;
        let answer = client.answer(answer)?;
        answer.warnings.iter().for_each(|warning| context.out.warn(&format!("warning: {warning}")));
        let held = answer.gate.ok_or_else(|| missing("gate"))?;
        ids.push(format!("{:?}", held.id));
        added.push(gate_json(&held));
    }
    done(context, &format!("added gate {}", ids.join(", ")), &added.into())
}

async fn list(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let parent = parent.clone();
        let message = v1::ListGatesRequest { parent, page_size: PAGE, page_token, profile_version: 0 };
        let answer = client.profiles.list_gates(request(message)).await;
        client.answer(answer).map(|page| (page.gates, page.next_page_token))
    };
    let gates = all(client, page).await?;
    let attributes = versions::known_attributes(client, context).await;
    told(context, &gates, gate_json, |gates| gates_text(gates, &attributes))
}

async fn remove(client: &mut Client, context: &Context, id: String) -> Result<(), CliError> {
    let message = v1::DeleteGateRequest {
        parent: context.names.model.to_string(),
        id: id.clone(),
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.profiles.delete_gate(request(message)).await;
    client.answer(answer)?;
    removed(context, "gate", &id)
}
