//! `data versions`, `show`, `restore` and `delete`: the versions of a dataset.

use serde_json::json;
use sweetspot_proto::json::JsonMessage as _;
use sweetspot_proto::v1::{
    DatasetVersion, DeleteDatasetRequest, DeleteDatasetVersionRequest, GetDatasetVersionRequest,
    ListDatasetVersionsRequest, RestoreDatasetVersionRequest,
};
use uuid::Uuid;

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::names::short_name;
use crate::cli::output::{plural, table, wrap};
use crate::cli::version_text::time_text;

const PAGE_SIZE: i32 = 500;
/// The maximum number of model versions that a text names.
const MAX_NAMED: usize = 10;

/// A dataset.
#[derive(Debug, clap::Args)]
pub(crate) struct DatasetArgs {
    /// Dataset
    #[arg(long, value_name = "D", default_value = "default")]
    dataset: String,
}

/// A version of a dataset.
#[derive(Debug, clap::Args)]
pub(crate) struct DatasetVersionArgs {
    /// Number of the version
    version: u64,
    #[command(flatten)]
    dataset_args: DatasetArgs,
}

/// The current version of a dataset, or another one.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Number of the version [default: the current one]
    version: Option<u64>,
    #[command(flatten)]
    dataset_args: DatasetArgs,
}

/// A version of a dataset to delete, or all of them.
#[derive(Debug, clap::Args)]
pub(crate) struct DeleteVersionsArgs {
    /// Number of the version
    #[arg(required_unless_present = "all_versions")]
    version: Option<u64>,
    /// Delete the dataset: all versions with their customers
    #[arg(long, conflicts_with = "version")]
    all_versions: bool,
    #[command(flatten)]
    dataset_args: DatasetArgs,
}

/// Lists all versions, newest first.
pub(crate) async fn list(args: &DatasetArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.dataset)?;
    let found =
        context.with_client(MissingStore::Refuse, async |client: &mut Client| list_all(client, &context).await).await?;
    if context.out.json {
        return context.out.print_json_list(&found);
    }
    let header = ["version", "", "imported", "accounts", "with outcome", "attributes", "models"];
    context.out.print_text(&table(&header, &[0, 3, 4, 5, 6], found.iter().map(version_row).collect()))
}

async fn list_all(client: &mut Client, context: &Context) -> Result<Vec<DatasetVersion>, CliError> {
    let mut found = Vec::new();
    let parent = context.names.dataset.to_string();
    let mut message = ListDatasetVersionsRequest { parent, page_size: PAGE_SIZE, page_token: String::new() };
    loop {
        let answer = client.datasets.list_dataset_versions(request(message.clone())).await;
        let page = client.response(answer)?;
        found.extend(page.versions);
        if page.next_page_token.is_empty() {
            return Ok(found);
        }
        message.page_token = page.next_page_token;
    }
}

/// Shows one version.
pub(crate) async fn show(args: &ShowArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.dataset_args.dataset)?;
    let name = args.version.map_or_else(|| context.names.dataset.to_string(), |number| version_name(&context, number));
    let get = async |client: &mut Client| {
        let answer = client.datasets.get_dataset_version(request(GetDatasetVersionRequest { name })).await;
        client.response(answer)?.version.ok_or_else(no_version)
    };
    let version = context.with_client(MissingStore::Refuse, get).await?;
    if context.out.json {
        context.out.print_json(&version.to_json())
    } else {
        context.out.print_text(&version_text(&version))
    }
}

/// Makes a version the current one of its dataset.
pub(crate) async fn restore(args: &DatasetVersionArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.dataset_args.dataset)?;
    let name = version_name(&context, args.version);
    let restore = async |client: &mut Client| restore_version(client, name).await;
    let version = context.with_client(MissingStore::Refuse, restore).await?;
    if context.out.json {
        return context.out.print_json(&version.to_json());
    }
    let accounts = plural(version.accounts, "account", "accounts");
    context
        .out
        .print_text(&format!("dataset {} is now at version {}: {accounts}", args.dataset_args.dataset, args.version))
}

/// Makes a version, given by its full name, the current one of its dataset.
///
/// # Errors
/// Returns an error if the server refuses.
pub(crate) async fn restore_version(client: &mut Client, name: String) -> Result<DatasetVersion, CliError> {
    let message = RestoreDatasetVersionRequest { name, request_id: Uuid::new_v4().to_string() };
    let answer = client.datasets.restore_dataset_version(request(message)).await;
    client.response(answer)?.version.ok_or_else(no_version)
}

/// Deletes a version, or the dataset.
pub(crate) async fn delete(args: &DeleteVersionsArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.dataset_args.dataset)?;
    let Some(version) = args.version else { return delete_dataset(&context).await };
    let name = version_name(&context, version);
    let message = DeleteDatasetVersionRequest { name: name.clone(), request_id: Uuid::new_v4().to_string() };
    let delete = async |client: &mut Client| {
        let answer = client.datasets.delete_dataset_version(request(message)).await;
        client.response(answer)
    };
    let was_current = context.with_client(MissingStore::Refuse, delete).await?.was_current;
    if context.out.json {
        return context.out.print_json(&json!({ "deleted": name, "wasCurrent": was_current }));
    }
    let mut text = format!("deleted version {version} of dataset {}", args.dataset_args.dataset);
    if was_current {
        text.push_str(", which it held: it holds none now, until you restore one (sweetspot data restore N) or import");
    }
    context.out.print_text(&wrap(&text, 0, 2))
}

async fn delete_dataset(context: &Context) -> Result<(), CliError> {
    let name = context.names.dataset.to_string();
    let message = DeleteDatasetRequest { name: name.clone(), force: true, request_id: Uuid::new_v4().to_string() };
    let delete = async |client: &mut Client| {
        let answer = client.datasets.delete_dataset(request(message)).await;
        client.response(answer)
    };
    context.with_client(MissingStore::Refuse, delete).await?;
    if context.out.json {
        return context.out.print_json(&json!({ "deleted": name }));
    }
    context.out.print_text(&format!("deleted dataset {} with all versions", short_name(&name)))
}

fn version_name(context: &Context, number: u64) -> String {
    format!("{}/versions/{number}", context.names.dataset)
}

fn no_version() -> CliError {
    CliError::Failed(
        "the server's response has no dataset version: check that the server has the same release".to_owned(),
    )
}

fn version_row(version: &DatasetVersion) -> Vec<String> {
    let created = version.create_time.as_ref().map(time_text).unwrap_or_default();
    vec![
        short_name(&version.name).to_owned(),
        if version.current { "current".to_owned() } else { String::new() },
        created.get(..10).unwrap_or(&created).to_owned(),
        version.accounts.to_string(),
        version.outcomes.to_string(),
        version.attributes.map(|attributes| attributes.to_string()).unwrap_or_default(),
        version.model_version_count.to_string(),
    ]
}

fn version_text(version: &DatasetVersion) -> String {
    let mut lines = vec![format!("{}{}", version.name, if version.current { ", current" } else { "" })];
    lines.extend(version.create_time.as_ref().map(|time| format!("imported {}", time_text(time))));
    let accounts = plural(version.accounts, "account", "accounts");
    lines.push(format!("{accounts}, {} with an outcome", version.outcomes));
    if let (Some(attributes), Some(bytes)) = (version.attributes, version.bytes) {
        lines.push(format!("{}, {bytes} bytes", plural(attributes, "attribute", "attributes")));
    }
    lines.push(format!("SHA-256 {}", version.data_sha256));
    lines.push(match version.model_version_count {
        0 => "no version of a model depends on it".to_owned(),
        count => {
            let named: Vec<_> = version.model_versions.iter().take(MAX_NAMED).map(String::as_str).collect();
            let more = count.saturating_sub(named.len() as u64);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            wrap(&format!("used by {}{more}", named.join(", ")), 0, 2)
        }
    });
    lines.join("\n")
}
