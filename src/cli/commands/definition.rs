//! `definition`: the definition, its approval, and its approved versions.

use clap::Subcommand;
use sweetspot_proto::v1;
use uuid::Uuid;

use super::comment::comments;
use super::definition_set::{self, SetArgs};
use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::definition::approval_text;
use crate::cli::definition::text::{definition_text, diff_text, versions_text};
use crate::cli::definition::{PAGE_SIZE, list_all, missing_field};
use crate::cli::exit::CliError;
use crate::cli::output::wrap;

/// The operations on the definition.
#[derive(Debug, Subcommand)]
pub(crate) enum DefinitionCommand {
    /// Show the state of the definition
    Show,
    /// Set the categories and sections of attributes, the review date, the approvers, and self-approval
    Set(SetArgs),
    /// Submit the draft for review, or an approved definition for another version of the model
    Submit {
        /// Author of the submission [default: the holder of the credential]
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        by: String,
    },
    /// Approve the definition in review; the last required approval freezes it under a number
    Approve {
        /// Author of the approval [default: the holder of the credential]
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        by: String,
        /// Version of the model that was reviewed [default: live, or else the candidate]
        #[arg(long, value_name = "V", default_value = "", hide_default_value = true)]
        version: String,
    },
    /// Return the definition in review to draft
    Return {
        /// Author of the return [default: the holder of the credential]
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        by: String,
        /// Reason
        #[arg(long, value_name = "R")]
        because: String,
    },
    /// List the approved versions, newest first
    Versions,
    /// Compare two approved versions, in sentences
    Diff {
        /// Number of an approved version; 0 is the current definition
        from: u64,
        /// Number of an approved version; 0 is the current definition
        #[arg(default_value_t = 0)]
        to: u64,
    },
}

/// Runs the command.
pub(crate) async fn run(command: DefinitionCommand, context: &Context) -> Result<(), CliError> {
    // Only `set` may create a store: a new definition has nothing to show or approve.
    let missing_store = match command {
        DefinitionCommand::Set(_) => MissingStore::Create,
        DefinitionCommand::Show
        | DefinitionCommand::Submit { .. }
        | DefinitionCommand::Approve { .. }
        | DefinitionCommand::Return { .. }
        | DefinitionCommand::Versions
        | DefinitionCommand::Diff { .. } => MissingStore::Refuse,
    };
    let work = async |client: &mut Client| match command {
        DefinitionCommand::Show => print_definition(context, &get(client, context).await?),
        DefinitionCommand::Set(args) => definition_set::run(client, context, args).await,
        DefinitionCommand::Submit { by } => submit(client, context, by).await,
        DefinitionCommand::Approve { by, version } => approve(client, context, by, version).await,
        DefinitionCommand::Return { by, because } => return_definition(client, context, by, because).await,
        DefinitionCommand::Versions => list_versions(client, context).await,
        DefinitionCommand::Diff { from, to } => diff(client, context, from, to).await,
    };
    context.with_client(missing_store, work).await
}

/// Reads the definition.
pub(super) async fn get(client: &mut Client, context: &Context) -> Result<v1::Definition, CliError> {
    let message = v1::GetDefinitionRequest { model: context.names.model.to_string() };
    let answer = client.definitions.get_definition(request(message)).await;
    client.response(answer)?.definition.ok_or_else(|| missing_field("definition"))
}

/// Prints a definition.
pub(super) fn print_definition(context: &Context, definition: &v1::Definition) -> Result<(), CliError> {
    context.out.print_message(&definition_text(definition), definition)
}

async fn submit(client: &mut Client, context: &Context, author: String) -> Result<(), CliError> {
    let message = v1::SubmitDefinitionRequest {
        model: context.names.model.to_string(),
        author,
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.definitions.submit_definition(request(message)).await;
    let definition = client.response(answer)?.definition.ok_or_else(|| missing_field("definition"))?;
    let text = definition_text(&definition) + &open_comments_text(client, context, definition.open_comments).await?;
    context.out.print_message(&text, &definition)
}

/// The open comments on a line of their own; empty if there are none. JSON has their number.
async fn open_comments_text(client: &mut Client, context: &Context, count: u64) -> Result<String, CliError> {
    if count == 0 || context.out.json {
        return Ok(String::new());
    }
    let text = approval_text::open_comments(&comments(client, context).await?);
    Ok(text.map(|text| format!("\n{}", wrap(&text, 0, 2))).unwrap_or_default())
}

async fn approve(client: &mut Client, context: &Context, approver: String, version: String) -> Result<(), CliError> {
    let etag = get(client, context).await?.etag;
    let message = v1::ApproveDefinitionRequest {
        model: context.names.model.to_string(),
        approver,
        etag,
        model_version: version,
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.definitions.approve_definition(request(message)).await;
    let v1::ApproveDefinitionResponse { version, definition } = client.response(answer)?;
    let definition = definition.ok_or_else(|| missing_field("definition"))?;
    let comments = open_comments_text(client, context, definition.open_comments).await?;
    let Some(version) = version else {
        let text = wrap(&approval_text::partial_approval(&definition), 0, 2);
        return context.out.print_message(&(text + &comments), &definition);
    };
    let text = format!("approved as version {} of the definition{comments}", version.number);
    context.out.print_message(&text, &version)
}

async fn return_definition(
    client: &mut Client,
    context: &Context,
    author: String,
    reason: String,
) -> Result<(), CliError> {
    let message = v1::ReturnDefinitionRequest {
        model: context.names.model.to_string(),
        author,
        reason,
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.definitions.return_definition(request(message)).await;
    print_definition(context, &client.response(answer)?.definition.ok_or_else(|| missing_field("definition"))?)
}

async fn list_versions(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let message = v1::ListDefinitionVersionsRequest { parent: parent.clone(), page_size: PAGE_SIZE, page_token };
        let answer = client.definitions.list_definition_versions(request(message)).await;
        client.response(answer).map(|page| (page.versions, page.next_page_token))
    };
    let versions = list_all(client, page).await?;
    if context.out.json {
        return context.out.print_json_list(&versions);
    }
    context.out.print_text(&versions_text(&versions))
}

async fn diff(client: &mut Client, context: &Context, from: u64, to: u64) -> Result<(), CliError> {
    let model = context.names.model.to_string();
    let mut diff = v1::DiffDefinitionsResponse::default();
    loop {
        let (model, page_token) = (model.clone(), diff.next_page_token);
        let message = v1::DiffDefinitionsRequest { model, from, to, page_size: 0, page_token };
        let answer = client.definitions.diff_definitions(request(message)).await;
        let page = client.response(answer)?;
        let changes = diff.changes.into_iter().chain(page.changes).collect();
        diff = v1::DiffDefinitionsResponse { changes, ..page };
        if diff.next_page_token.is_empty() {
            break;
        }
    }
    context.out.print_message(&diff_text(&diff), &diff)
}
