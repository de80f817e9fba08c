//! `profile`: the definition, its approval, and its approved versions.

use clap::Subcommand;
use sweetspot_proto::v1;
use uuid::Uuid;

use super::profile_set::{self, SetArgs};
use crate::cli::client::{Client, OpenMode, request};
use crate::cli::context::Context;
use crate::cli::definition::json::{definition_json, diff_json, profile_json};
use crate::cli::definition::text::{definition_text, diff_text, profiles_text};
use crate::cli::definition::{PAGE_SIZE, list_all, missing_field, print_entries, print_result};
use crate::cli::exit::CliError;

/// The operations on the definition.
#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Show the state of the definition
    Show,
    /// Set the categories and sections of attributes, and the review date
    Set(SetArgs),
    /// Submit the draft for review
    Submit {
        /// Author of the submission
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Approve the definition in review, and freeze it under a number
    Approve {
        /// Author of the approval
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Version of the model that was reviewed [default: live, or else the candidate]
        #[arg(long, value_name = "V", default_value = "", hide_default_value = true)]
        version: String,
    },
    /// Return the definition in review to draft
    Return {
        /// Author of the return
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Reason
        #[arg(long, value_name = "R")]
        because: String,
    },
    /// List the approved versions, newest first
    Versions,
    /// Compare two approved versions, in sentences
    Diff {
        /// Number of a profile version; 0 is the current definition
        from: u64,
        /// Number of a profile version; 0 is the current definition
        #[arg(default_value_t = 0)]
        to: u64,
    },
}

/// Runs the command.
pub(crate) async fn run(command: ProfileCommand, context: &Context) -> Result<(), CliError> {
    // Only `set` may create a store: a new definition has nothing to show or approve.
    let opening = match command {
        ProfileCommand::Set(_) => OpenMode::OrCreate,
        ProfileCommand::Show
        | ProfileCommand::Submit { .. }
        | ProfileCommand::Approve { .. }
        | ProfileCommand::Return { .. }
        | ProfileCommand::Versions
        | ProfileCommand::Diff { .. } => OpenMode::Existing,
    };
    let work = async |client: &mut Client| match command {
        ProfileCommand::Show => print_definition(context, &get(client, context).await?),
        ProfileCommand::Set(args) => profile_set::run(client, context, args).await,
        ProfileCommand::Submit { by } => submit(client, context, by).await,
        ProfileCommand::Approve { by, version } => approve(client, context, by, version).await,
        ProfileCommand::Return { by, because } => return_profile(client, context, by, because).await,
        ProfileCommand::Versions => list_versions(client, context).await,
        ProfileCommand::Diff { from, to } => diff(client, context, from, to).await,
    };
    context.with_client(opening, work).await
}

/// Reads the definition.
pub(super) async fn get(client: &mut Client, context: &Context) -> Result<v1::Definition, CliError> {
    let message = v1::GetDefinitionRequest { model: context.names.model.to_string() };
    let answer = client.profiles.get_definition(request(message)).await;
    client.response(answer)?.definition.ok_or_else(|| missing_field("definition"))
}

/// Prints a definition.
pub(super) fn print_definition(context: &Context, definition: &v1::Definition) -> Result<(), CliError> {
    print_result(context, &definition_text(definition), &definition_json(definition))
}

async fn submit(client: &mut Client, context: &Context, author: String) -> Result<(), CliError> {
    let message = v1::SubmitProfileRequest {
        model: context.names.model.to_string(),
        author,
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.profiles.submit_profile(request(message)).await;
    print_definition(context, &client.response(answer)?.definition.ok_or_else(|| missing_field("definition"))?)
}

async fn approve(client: &mut Client, context: &Context, approver: String, version: String) -> Result<(), CliError> {
    let etag = get(client, context).await?.etag;
    let message = v1::ApproveProfileRequest {
        model: context.names.model.to_string(),
        approver,
        etag,
        version,
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.profiles.approve_profile(request(message)).await;
    let profile = client.response(answer)?.profile.ok_or_else(|| missing_field("profile version"))?;
    print_result(context, &format!("approved as profile version {}", profile.number), &profile_json(&profile))
}

async fn return_profile(
    client: &mut Client,
    context: &Context,
    author: String,
    reason: String,
) -> Result<(), CliError> {
    let message = v1::ReturnProfileRequest {
        model: context.names.model.to_string(),
        author,
        reason,
        etag: String::new(),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.profiles.return_profile(request(message)).await;
    print_definition(context, &client.response(answer)?.definition.ok_or_else(|| missing_field("definition"))?)
}

async fn list_versions(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| {
        let message = v1::ListProfileVersionsRequest { parent: parent.clone(), page_size: PAGE_SIZE, page_token };
        let answer = client.profiles.list_profile_versions(request(message)).await;
        client.response(answer).map(|page| (page.profiles, page.next_page_token))
    };
    print_entries(context, &list_all(client, page).await?, profile_json, profiles_text)
}

async fn diff(client: &mut Client, context: &Context, from: u64, to: u64) -> Result<(), CliError> {
    let model = context.names.model.to_string();
    let mut diff = v1::DiffProfilesResponse::default();
    loop {
        let (model, page_token) = (model.clone(), diff.next_page_token);
        let message = v1::DiffProfilesRequest { model, from, to, page_size: 0, page_token };
        let answer = client.profiles.diff_profiles(request(message)).await;
        let page = client.response(answer)?;
        let changes = diff.changes.into_iter().chain(page.changes).collect();
        diff = v1::DiffProfilesResponse { changes, ..page };
        if diff.next_page_token.is_empty() {
            break;
        }
    }
    print_result(context, &diff_text(&diff), &diff_json(&diff))
}
