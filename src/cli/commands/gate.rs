//! `gate`: exclusion rules, which apply regardless of the fit.

use std::path::PathBuf;

use clap::Subcommand;
use sweetspot_core::{Attribution, ExclusionRule, PondSection, Severity};
use sweetspot_proto::v1;
use uuid::Uuid;

use crate::cli::client::{Client, OpenMode, request};
use crate::cli::context::Context;
use crate::cli::definition::args::{StatementArgs, WhenArgs};
use crate::cli::definition::json::gate_json;
use crate::cli::definition::text::gates_text;
use crate::cli::definition::{PAGE_SIZE, list_all, missing_field, print_entries, print_removed, print_result, words};
use crate::cli::exit::CliError;
use crate::cli::wire_gate::wire_gate;
use crate::cli::{input, versions};

/// The operations on exclusion rules.
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

/// The exclusion rule to add.
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
    statement_args: StatementArgs,
}

/// Runs the command.
pub(crate) async fn run(command: GateCommand, context: &Context) -> Result<(), CliError> {
    match command {
        GateCommand::Add(args) => {
            let entries = entries(*args)?;
            let work = async |client: &mut Client| add(client, context, entries).await;
            context.with_client(OpenMode::OrCreate, work).await
        }
        GateCommand::List => {
            context.with_client(OpenMode::Existing, async |client: &mut Client| list(client, context).await).await
        }
        GateCommand::Remove { id } => {
            let work = async |client: &mut Client| remove(client, context, id).await;
            context.with_client(OpenMode::Existing, work).await
        }
    }
}

fn entries(args: GateArgs) -> Result<Vec<v1::Gate>, CliError> {
    if let Some(file) = &args.file {
        return Ok(input::gates(file)?.into_iter().map(wire_gate).collect());
    }
    let GateArgs { id, file: _, statement, out, caution, section, when, statement_args: said } = args;
    let severity = match (out, caution) {
        (true, _) => Severity::Out,
        (false, true) => Severity::Caution,
        (false, false) => return Err(CliError::Usage("set the severity: --out or --caution".to_owned())),
    };
    let (expires, when) = (said.expires(), when.condition()?);
    let by = Attribution { author: said.by, reason: said.because, expires, ..Attribution::default() };
    Ok(vec![wire_gate(ExclusionRule {
        id: id.unwrap_or_default(),
        statement,
        when,
        severity,
        section,
        attribution: by,
    })])
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
        let answer = client.response(answer)?;
        answer.warnings.iter().for_each(|warning| context.out.warn(&format!("warning: {warning}")));
        let held = answer.gate.ok_or_else(|| missing_field("gate"))?;
        ids.push(format!("{:?}", held.id));
        added.push(gate_json(&held));
    }
    print_result(context, &format!("added gate {}", ids.join(", ")), &added.into())
}

async fn list(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let parent = parent.clone();
        let message = v1::ListGatesRequest { parent, page_size: PAGE_SIZE, page_token, profile_version: 0 };
        let answer = client.profiles.list_gates(request(message)).await;
        client.response(answer).map(|page| (page.gates, page.next_page_token))
    };
    let gates = list_all(client, page).await?;
    let attributes = versions::known_attributes(client, context).await;
    print_entries(context, &gates, gate_json, |gates| gates_text(gates, &attributes))
}

async fn remove(client: &mut Client, context: &Context, id: String) -> Result<(), CliError> {
    let message = v1::DeleteGateRequest {
        parent: context.names.model.to_string(),
        id: id.clone(),
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.profiles.delete_gate(request(message)).await;
    client.response(answer)?;
    print_removed(context, "gate", &id)
}
