//! `model delete`: deletes a version, or a model.

use serde_json::json;
use sweetspot_core::ModelVersionRef;
use sweetspot_proto::v1::{DeleteModelRequest, DeleteModelVersionRequest, GetModelRequest};
use uuid::Uuid;

use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::names::short_name;
use crate::cli::promotion::ActorArgs;
use crate::cli::version_lookup;

/// What to delete.
#[derive(Debug, clap::Args)]
pub(crate) struct DeleteArgs {
    /// Number, candidate or a full name
    #[arg(required_unless_present = "all_versions")]
    version: Option<String>,
    /// Delete the model: all versions, training runs, promotions and thresholds
    #[arg(long, conflicts_with = "version")]
    all_versions: bool,
    #[command(flatten)]
    who: ActorArgs,
}

/// Runs the command.
pub(crate) async fn run(client: &mut Client, context: &Context, args: &DeleteArgs) -> Result<(), CliError> {
    match &args.version {
        Some(version) => delete_version(client, context, &context.names.version(version)?, &args.who).await,
        None => delete_model(client, context, &args.who).await,
    }
}

async fn delete_version(
    client: &mut Client,
    context: &Context,
    version: &ModelVersionRef,
    who: &ActorArgs,
) -> Result<(), CliError> {
    let name = match version {
        // A version whose artifact is damaged can be deleted by its number.
        ModelVersionRef::Number(name) => name.to_string(),
        ModelVersionRef::Alias(..) => version_lookup::get(client, version).await?.name,
    };
    let message = DeleteModelVersionRequest {
        name: name.clone(),
        etag: String::new(),
        reason: who.reason(),
        by: who.actor_name(client.has_credential()),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.models.delete_model_version(request(message)).await;
    let model = client.response(answer)?.model.unwrap_or_default();
    if context.out.json {
        return context.out.print_json(&json!({ "deleted": name, "candidateVersion": model.candidate_version }));
    }
    let candidate = match short_name(&model.candidate_version) {
        "" => "no version is the candidate".to_owned(),
        number => format!("the candidate is version {number}"),
    };
    context.out.print_text(&format!("deleted version {}; {candidate}", short_name(&name)))
}

async fn delete_model(client: &mut Client, context: &Context, who: &ActorArgs) -> Result<(), CliError> {
    let name = context.names.model.to_string();
    let answer = client.models.get_model(request(GetModelRequest { name: name.clone() })).await;
    let model = client.response(answer)?.model.unwrap_or_default();
    let message = DeleteModelRequest {
        name: name.clone(),
        etag: model.etag,
        force: true,
        reason: who.reason(),
        by: who.actor_name(client.has_credential()),
        request_id: Uuid::new_v4().to_string(),
    };
    let answer = client.models.delete_model(request(message)).await;
    client.response(answer)?;
    if context.out.json {
        return context.out.print_json(&json!({ "deleted": name, "versionCount": model.version_count }));
    }
    context.out.print_text(&format!("deleted model {} with {} versions", short_name(&name), model.version_count))
}
