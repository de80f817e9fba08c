//! `finding`: findings from conversations.

use std::path::PathBuf;

use clap::Subcommand;
use sweetspot_core::{Attribution, Finding, IcpCategory, PondSection, SpicedPart, Stance};
use sweetspot_proto::v1;
use uuid::Uuid;

use crate::cli::client::{Client, OpenMode, request};
use crate::cli::context::Context;
use crate::cli::definition::args::StatementArgs;
use crate::cli::definition::json::finding_json;
use crate::cli::definition::text::findings_text;
use crate::cli::definition::wire::wire_finding;
use crate::cli::definition::{PAGE_SIZE, list_all, missing_field, print_entries, print_removed, print_result, words};
use crate::cli::exit::CliError;
use crate::cli::input;

/// The operations on findings.
#[derive(Debug, Subcommand)]
pub(crate) enum FindingCommand {
    /// Add a finding, or all findings of a file
    Add(Box<FindingArgs>),
    /// List the findings of the definition, by id
    List,
    /// Remove a finding; approved versions keep it
    Remove {
        /// Id of the finding
        id: String,
    },
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
    #[arg(long, value_name = "S", value_parser = words::section)]
    section: Option<PondSection>,
    /// Part of a SPICED diagnosis
    #[arg(long, value_name = "P", value_parser = words::spiced)]
    spiced: Option<SpicedPart>,
    /// Category of the profile
    #[arg(long, value_name = "C", value_parser = words::category)]
    category: Option<IcpCategory>,
    /// Direction of the finding: neutral, positive or negative
    #[arg(long, value_name = "L", value_parser = words::lean, default_value = "neutral")]
    lean: Stance,
    #[command(flatten)]
    statement_args: StatementArgs,
}

/// Runs the command.
pub(crate) async fn run(command: FindingCommand, context: &Context) -> Result<(), CliError> {
    match command {
        FindingCommand::Add(args) => {
            let entries = entries(*args)?;
            let work = async |client: &mut Client| add(client, context, entries).await;
            context.with_client(OpenMode::OrCreate, work).await
        }
        FindingCommand::List => {
            context.with_client(OpenMode::Existing, async |client: &mut Client| list(client, context).await).await
        }
        FindingCommand::Remove { id } => {
            let work = async |client: &mut Client| remove(client, context, id).await;
            context.with_client(OpenMode::Existing, work).await
        }
    }
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
        lean,
        statement_args: said,
    } = args;
    let expires = said.expires();
    let finding = Finding {
        id: id.unwrap_or_default(),
        text: text.unwrap_or_default(),
        question,
        account_id: account,
        segment_id: segment,
        section,
        spiced,
        category,
        stance: lean,
        attribution: Attribution { author: said.by, reason: said.because, expires, ..Attribution::default() },
    };
    Ok(vec![wire_finding(finding)])
}

async fn add(client: &mut Client, context: &Context, entries: Vec<v1::Finding>) -> Result<(), CliError> {
    let (mut ids, mut added) = (Vec::new(), Vec::new());
    for entry in entries {
        let message = v1::CreateFindingRequest {
            parent: context.names.model.to_string(),
            finding: Some(entry),
            etag: String::new(),
            request_id: Uuid::new_v4().to_string(),
        };
        let answer = client.profiles.create_finding(request(message)).await;
        let answer = client.response(answer)?;
        answer.warnings.iter().for_each(|warning| context.out.warn(&format!("warning: {warning}")));
        let held = answer.finding.ok_or_else(|| missing_field("finding"))?;
        ids.push(format!("{:?}", held.id));
        added.push(finding_json(&held));
    }
    print_result(context, &format!("added finding {}", ids.join(", ")), &added.into())
}

async fn list(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let parent = parent.clone();
        let message = v1::ListFindingsRequest { parent, page_size: PAGE_SIZE, page_token, profile_version: 0 };
        let answer = client.profiles.list_findings(request(message)).await;
        client.response(answer).map(|page| (page.findings, page.next_page_token))
    };
    print_entries(context, &list_all(client, page).await?, finding_json, findings_text)
}

async fn remove(client: &mut Client, context: &Context, id: String) -> Result<(), CliError> {
    let message = v1::DeleteFindingRequest {
        parent: context.names.model.to_string(),
        id: id.clone(),
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.profiles.delete_finding(request(message)).await;
    client.response(answer)?;
    print_removed(context, "finding", &id)
}
