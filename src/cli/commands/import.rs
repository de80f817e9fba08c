//! `import`: customers and their outcomes, from a file into a dataset.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use crate::cli::client::{Client, Opening};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::input;
use crate::cli::names::short;
use crate::cli::output::{plural, wrap};
use crate::cli::wire::ImportMessages;
use crate::domain::Customers;
use crate::generated::v1::ImportAccountsResponse;
use crate::ingest::Mapping;

/// What to import.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// Customers and their outcomes: CSV, .csv.gz or .xlsx; - is stdin
    file: PathBuf,
    /// What the columns mean
    #[arg(long, value_name = "M")]
    mapping: PathBuf,
    /// Dataset to replace
    #[arg(long, value_name = "D", default_value = "default")]
    dataset: String,
    /// Where to list rows that cannot be used, as CSV
    #[arg(long, value_name = "F")]
    rejects: Option<PathBuf>,
}

/// Reads the file and sends it.
pub(crate) async fn run(args: ImportArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.dataset)?;
    let mapping = input::mapping(&args.mapping)?;
    let customers = read(&context, &args.file, &mapping, args.rejects.as_deref())?;
    let work = async |client: &mut Client| send(client, &context, customers).await;
    let answer = context.with_client(Opening::OrCreate, work).await?;
    if context.out.json {
        let ImportAccountsResponse { dataset, accounts, outcomes, data_sha256 } = answer;
        let report =
            json!({ "dataset": dataset, "accounts": accounts, "outcomes": outcomes, "data_sha256": data_sha256 });
        return context.out.json(&report);
    }
    context.out.text(&told(&answer))
}

/// Reads customers, and tells what cannot be used and what a person should know.
///
/// # Errors
/// Where the file or every row of it cannot be used.
pub(crate) fn read(
    context: &Context,
    file: &Path,
    mapping: &Mapping,
    rejects: Option<&Path>,
) -> Result<Customers, CliError> {
    input::customers(context, file, mapping, rejects)
}

/// Sends customers to the dataset of the context, and replaces what it held.
///
/// # Errors
/// Where the server refuses them.
pub(crate) async fn send(
    client: &mut Client,
    context: &Context,
    customers: Customers,
) -> Result<ImportAccountsResponse, CliError> {
    let dataset = context.names.dataset.to_string();
    let messages = ImportMessages::new(Arc::new(customers), dataset, Uuid::new_v4().to_string());
    let answer = client.datasets.import_accounts(tokio_stream::iter(messages)).await;
    client.answer(answer)
}

/// What has been done, in one line unless the name of the dataset is long.
pub(crate) fn told(answer: &ImportAccountsResponse) -> String {
    let ImportAccountsResponse { dataset, accounts, outcomes, .. } = answer;
    let accounts = plural(*accounts, "account", "accounts");
    wrap(&format!("imported {accounts}, {outcomes} with an outcome, into dataset {}", short(dataset)), 0, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_been_done_fits_the_page() {
        let told = |accounts, id: &str| {
            let dataset = format!("workspaces/{id}/datasets/{id}");
            told(&ImportAccountsResponse { dataset, accounts, outcomes: accounts, ..ImportAccountsResponse::default() })
        };
        assert_eq!(told(40, "default"), "imported 40 accounts, 40 with an outcome, into dataset default");
        assert!(told(5_000_000, &"x".repeat(63)).lines().all(|line| line.len() <= 80));
    }
}
