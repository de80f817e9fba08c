//! `data versions`, `show`, `restore` and `delete`: the imports of a dataset.

use serde_json::{Value, json};
use sweetspot_proto::v1::{
    DatasetVersion, DeleteDatasetVersionRequest, GetDatasetVersionRequest, ListDatasetVersionsRequest,
    RestoreDatasetVersionRequest,
};

use crate::cli::client::{Client, Opening, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::names::short;
use crate::cli::output::{plural, table, wrap};
use crate::cli::version_json::time_text;

const PAGE: i32 = 500;
/// Versions of models that a text names.
const NAMED: usize = 10;

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
    of: DatasetArgs,
}

/// The version that a dataset holds, or another one.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Number of the version [default: the current one]
    version: Option<u64>,
    #[command(flatten)]
    of: DatasetArgs,
}

/// Every version, newest first.
pub(crate) async fn list(args: &DatasetArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.dataset)?;
    let found = context.with_client(Opening::Existing, async |client: &mut Client| all(client, &context).await).await?;
    if context.out.json {
        return context.out.json(&found.iter().map(version_json).collect::<Vec<_>>());
    }
    let header = ["version", "", "imported", "accounts", "with outcome", "attributes", "models"];
    context.out.text(&table(&header, &[0, 3, 4, 5, 6], found.iter().map(version_row).collect()))
}

async fn all(client: &mut Client, context: &Context) -> Result<Vec<DatasetVersion>, CliError> {
    let mut found = Vec::new();
    let parent = context.names.dataset.to_string();
    let mut message = ListDatasetVersionsRequest { parent, page_size: PAGE, page_token: String::new() };
    loop {
        let answer = client.datasets.list_dataset_versions(request(message.clone())).await;
        let page = client.answer(answer)?;
        found.extend(page.versions);
        if page.next_page_token.is_empty() {
            return Ok(found);
        }
        message.page_token = page.next_page_token;
    }
}

/// One version.
pub(crate) async fn show(args: &ShowArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.of.dataset)?;
    let name = args.version.map_or_else(|| context.names.dataset.to_string(), |number| version_name(&context, number));
    let get = async |client: &mut Client| {
        let answer = client.datasets.get_dataset_version(request(GetDatasetVersionRequest { name })).await;
        client.answer(answer)?.version.ok_or_else(no_version)
    };
    let version = context.with_client(Opening::Existing, get).await?;
    if context.out.json { context.out.json(&version_json(&version)) } else { context.out.text(&version_text(&version)) }
}

/// Makes a version the one that its dataset holds.
pub(crate) async fn restore(args: &DatasetVersionArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.of.dataset)?;
    let name = version_name(&context, args.version);
    let restore = async |client: &mut Client| hold(client, name).await;
    let version = context.with_client(Opening::Existing, restore).await?;
    if context.out.json {
        return context.out.json(&version_json(&version));
    }
    let accounts = plural(version.accounts, "account", "accounts");
    context.out.text(&format!("dataset {} is now at version {}: {accounts}", args.of.dataset, args.version))
}

/// Makes a version, by its full name, the one that its dataset holds.
///
/// # Errors
/// Where the server refuses.
pub(crate) async fn hold(client: &mut Client, name: String) -> Result<DatasetVersion, CliError> {
    let answer = client.datasets.restore_dataset_version(request(RestoreDatasetVersionRequest { name })).await;
    client.answer(answer)?.version.ok_or_else(no_version)
}

/// Deletes a version.
pub(crate) async fn delete(args: &DatasetVersionArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.of.dataset)?;
    let name = version_name(&context, args.version);
    let message = DeleteDatasetVersionRequest { name: name.clone() };
    let delete = async |client: &mut Client| {
        let answer = client.datasets.delete_dataset_version(request(message)).await;
        client.answer(answer)
    };
    let was_current = context.with_client(Opening::Existing, delete).await?.was_current;
    if context.out.json {
        return context.out.json(&json!({ "deleted": name, "was_current": was_current }));
    }
    let mut text = format!("deleted version {} of dataset {}", args.version, args.of.dataset);
    if was_current {
        text.push_str(", which it held: it holds none now, until you restore one (sweetspot data restore N) or import");
    }
    context.out.text(&wrap(&text, 0, 2))
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
        short(&version.name).to_owned(),
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
            let named: Vec<_> = version.model_versions.iter().take(NAMED).map(String::as_str).collect();
            let more = count.saturating_sub(named.len() as u64);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            wrap(&format!("used by {}{more}", named.join(", ")), 0, 2)
        }
    });
    lines.join("\n")
}

/// A version, as programs read it.
fn version_json(version: &DatasetVersion) -> Value {
    json!({
        "name": version.name,
        "current": version.current,
        "created": version.create_time.as_ref().map(time_text),
        "accounts": version.accounts,
        "outcomes": version.outcomes,
        "attributes": version.attributes,
        "bytes": version.bytes,
        "data_sha256": version.data_sha256,
        "model_version_count": version.model_version_count,
        "model_versions": version.model_versions,
    })
}
