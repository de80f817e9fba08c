//! `model label` and `model describe`: what is written on a version.

use prost_types::FieldMask;
use sweetspot_core::ModelVersionRef;
use sweetspot_proto::v1::{ModelVersion, UpdateModelVersionRequest};
use uuid::Uuid;

use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::version_lookup;

/// Labels to set or remove.
#[derive(Debug, clap::Args)]
pub(crate) struct LabelArgs {
    /// Number, live, candidate, previous or a full name
    version: String,
    /// Label to set, or KEY- to remove one
    #[arg(required = true, value_name = "KEY=VALUE")]
    changes: Vec<String>,
}

/// Texts to set.
#[derive(Debug, clap::Args)]
pub(crate) struct DescribeArgs {
    /// Number, live, candidate, previous or a full name
    version: String,
    /// New description; empty to remove it
    #[arg(long, value_name = "TEXT", required_unless_present = "owner")]
    description: Option<String>,
    /// New owner; empty to remove it
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
}

/// Parses a label.
///
/// # Errors
/// Returns an error if the text has no equals sign.
pub(crate) fn parse_label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not of the form KEY=VALUE"))?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Sets and removes labels; others stay.
pub(crate) async fn label(client: &mut Client, context: &Context, args: &LabelArgs) -> Result<(), CliError> {
    let version = version_lookup::get(client, &context.names.version(&args.version)?).await?;
    let mut labels = version.labels.clone();
    for change in &args.changes {
        if let Some(key) = change.strip_suffix('-').filter(|_| !change.contains('=')) {
            labels.remove(key);
            continue;
        }
        let (key, value) = parse_label(change).map_err(CliError::Usage)?;
        labels.insert(key, value);
    }
    let message = UpdateModelVersionRequest { labels, ..update(&version, &["labels"]) };
    print(context, &send(client, message).await?)
}

/// Sets the description or the owner.
pub(crate) async fn describe(client: &mut Client, context: &Context, args: &DescribeArgs) -> Result<(), CliError> {
    let version: ModelVersionRef = context.names.version(&args.version)?;
    let version = version_lookup::get(client, &version).await?;
    let fields = [("description", args.description.is_some()), ("owner", args.owner.is_some())];
    let fields: Vec<&str> = fields.into_iter().filter(|(_, is_set)| *is_set).map(|(field, _)| field).collect();
    let message = UpdateModelVersionRequest {
        description: args.description.clone().unwrap_or_default(),
        owner: args.owner.clone().unwrap_or_default(),
        ..update(&version, &fields)
    };
    print(context, &send(client, message).await?)
}

/// A change of these fields, refused if the model has changed since the version was read.
fn update(version: &ModelVersion, fields: &[&str]) -> UpdateModelVersionRequest {
    UpdateModelVersionRequest {
        name: version.name.clone(),
        update_mask: Some(FieldMask { paths: fields.iter().map(|field| (*field).to_owned()).collect() }),
        etag: version.etag.clone(),
        request_id: Uuid::new_v4().to_string(),
        ..UpdateModelVersionRequest::default()
    }
}

async fn send(client: &mut Client, message: UpdateModelVersionRequest) -> Result<ModelVersion, CliError> {
    let answer = client.models.update_model_version(request(message)).await;
    client.response(answer)?.version.ok_or_else(|| CliError::Failed("the server's response has no version".to_owned()))
}

fn print(context: &Context, version: &ModelVersion) -> Result<(), CliError> {
    let text = [vec![version.name.clone()], crate::cli::version_text::annotation_lines(version)].concat().join("\n");
    context.out.print_message(&text, version)
}
