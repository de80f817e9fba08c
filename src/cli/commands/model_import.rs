//! `model import`: a version that another server exported.

use std::path::{Path, PathBuf};

use clap::Args;
use sweetspot_core::Digest;
use sweetspot_proto::json::JsonMessage as _;
use sweetspot_proto::v1::{ImportModelVersionRequest, ModelVersion};
use uuid::Uuid;

use super::model_annotate;
use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::names::short_name;

/// The version, and what to write on it.
#[derive(Debug, Args)]
pub(crate) struct VersionImportArgs {
    /// File of `model export --format artifact`
    file: PathBuf,
    /// Label of the version, for lists and filters; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = model_annotate::parse_label)]
    set_label: Vec<(String, String)>,
    /// Description of the version
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    description: String,
    /// Person or team that is responsible for the version
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    owner: String,
}

/// Runs the command.
pub(crate) async fn run(client: &mut Client, context: &Context, args: VersionImportArgs) -> Result<(), CliError> {
    let artifact = read_file(&args.file)?;
    let import = ImportModelVersionRequest {
        model: context.names.model.to_string(),
        content_sha256: Digest::new(&artifact).to_string(),
        content: artifact,
        request_id: Uuid::new_v4().to_string(),
        labels: args.set_label.into_iter().collect(),
        description: args.description,
        owner: args.owner,
    };
    let answer = client.models.import_model_version(request(import)).await;
    let version = client.response(answer)?.version.unwrap_or_default();
    if context.out.json {
        return context.out.print_json(&version.to_json());
    }
    context.out.print_text(&import_text(&version))?;
    context.out.note(&format!("to make it live: sweetspot model promote {}", short_name(&version.name)));
    Ok(())
}

fn read_file(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|error| CliError::file("read", path, error))
}

fn import_text(version: &ModelVersion) -> String {
    let digest = version.artifact_sha256.get(..12).unwrap_or(&version.artifact_sha256);
    format!("imported as version {}, which is the candidate (SHA-256 {digest}...)", short_name(&version.name))
}
