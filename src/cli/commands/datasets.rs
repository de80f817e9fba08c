//! `data list`: the datasets of a workspace.

use sweetspot_proto::v1::{Dataset, ListDatasetsRequest};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::definition::{PAGE_SIZE, list_all};
use crate::cli::exit::CliError;
use crate::cli::names::short_name;
use crate::cli::output::table;
use crate::cli::version_text::time_text;

/// Lists the datasets, by name.
pub(crate) async fn list(context: &Context) -> Result<(), CliError> {
    let parent = format!("workspaces/{}", context.names.dataset.workspace);
    let page = async |client: &mut Client, page_token| {
        let message =
            ListDatasetsRequest { parent: parent.clone(), page_size: PAGE_SIZE, page_token, ..Default::default() };
        let answer = client.datasets.list_datasets(request(message)).await;
        client.response(answer).map(|page| (page.datasets, page.next_page_token))
    };
    let list = async |client: &mut Client| list_all(client, page).await;
    let found: Vec<Dataset> = context.with_client(MissingStore::Refuse, list).await?;
    if context.out.json {
        return context.out.print_json_list(&found);
    }
    let header = ["dataset", "current", "versions", "accounts", "with outcome", "bytes", "imported"];
    context.out.print_text(&table(&header, &[1, 2, 3, 4, 5], found.iter().map(dataset_row).collect()))
}

fn dataset_row(dataset: &Dataset) -> Vec<String> {
    let imported = dataset.update_time.as_ref().map(time_text).unwrap_or_default();
    vec![
        short_name(&dataset.name).to_owned(),
        short_name(&dataset.current_version).to_owned(),
        dataset.version_count.to_string(),
        dataset.accounts.to_string(),
        dataset.outcomes.to_string(),
        dataset.bytes.to_string(),
        imported.get(..10).unwrap_or(&imported).to_owned(),
    ]
}
