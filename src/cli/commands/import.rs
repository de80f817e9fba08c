//! `import`: imports customers and their outcomes from a file into a dataset.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sweetspot_core::Customers;
use sweetspot_ingest::Mapping;
use sweetspot_proto::json::JsonMessage as _;
use sweetspot_proto::v1::{ImportAccountsRequest, ImportAccountsResponse};
use uuid::Uuid;

use crate::cli::client::{Client, MissingStore};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::import_messages::ImportMessages;
use crate::cli::input;
use crate::cli::names::short_name;
use crate::cli::output::{plural, wrap};

/// The arguments of `import`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ImportArgs {
    /// Customers and their outcomes: CSV, JSON Lines, Parquet or a workbook; - is stdin
    file: PathBuf,
    /// Mapping of the columns
    #[arg(long, value_name = "M")]
    mapping: PathBuf,
    /// Dataset to import into
    #[arg(long, value_name = "D", default_value = "default")]
    dataset: String,
    /// Keep the import as a version only: the dataset's current version stays the same
    #[arg(long)]
    stage: bool,
    /// Validate the import, and keep nothing
    #[arg(long)]
    validate_only: bool,
    /// Fail if an account was erased before, instead of warning
    #[arg(long)]
    refuse_erased: bool,
    /// Accept attributes with e-mail addresses or telephone numbers of people
    #[arg(long)]
    allow_contact_data: bool,
    /// File for the list of rows that cannot be used, as CSV
    #[arg(long, value_name = "F")]
    rejects: Option<PathBuf>,
}

/// Reads the file and sends it.
pub(crate) async fn run(args: ImportArgs, context: &Context) -> Result<(), CliError> {
    let context = context.clone().with_dataset(&args.dataset)?;
    let mapping = input::mapping(&args.mapping)?;
    let customers = read(&context, &args.file, &mapping, args.rejects.as_deref())?;
    let head = ImportAccountsRequest {
        stage: args.stage,
        validate_only: args.validate_only,
        refuse_erased_accounts: args.refuse_erased,
        allow_contact_data: args.allow_contact_data,
        ..ImportAccountsRequest::default()
    };
    let work = async |client: &mut Client| send(client, &context, customers, head).await;
    let answer = context.with_client(MissingStore::Create, work).await?;
    if context.out.json {
        context.out.print_json(&answer.to_json())
    } else {
        context.out.print_text(&import_text(&answer))
    }
}

/// Reads customers, and reports rejected rows and warnings.
///
/// # Errors
/// Returns an error if the file or every row of it is invalid.
pub(crate) fn read(
    context: &Context,
    file: &Path,
    mapping: &Mapping,
    rejects: Option<&Path>,
) -> Result<Customers, CliError> {
    input::customers(context, file, mapping, rejects)
}

/// Sends customers to the dataset of the context, as specified by `head`.
///
/// # Errors
/// Returns an error if the server refuses.
pub(crate) async fn send(
    client: &mut Client,
    context: &Context,
    customers: Customers,
    head: ImportAccountsRequest,
) -> Result<ImportAccountsResponse, CliError> {
    let (dataset, request_id) = (context.names.dataset.to_string(), Uuid::new_v4().to_string());
    let messages = ImportMessages::new(Arc::new(customers), ImportAccountsRequest { dataset, request_id, ..head });
    let answer = client.datasets.import_accounts(tokio_stream::iter(messages)).await;
    let answer = client.response(answer)?;
    warn_of_erased(context, &answer);
    Ok(answer)
}

/// Warns of imported accounts that were erased before.
fn warn_of_erased(context: &Context, answer: &ImportAccountsResponse) {
    let ImportAccountsResponse { erased_accounts, erased_account_ids, .. } = answer;
    if let Some(first) = erased_account_ids.first() {
        let accounts = plural(*erased_accounts, "account was", "accounts were");
        context.out.warn(&format!(
            "warning: {accounts} erased before and imported again, such as {first:?}: erase them again (sweetspot data \
             erase), and remove them from the file"
        ));
    }
}

/// Describes an import, in one line unless the name of the dataset is long or old versions were deleted.
pub(crate) fn import_text(answer: &ImportAccountsResponse) -> String {
    let ImportAccountsResponse { dataset, accounts, outcomes, dataset_version, removed_versions, .. } = answer;
    let (accounts, dataset) = (plural(*accounts, "account", "accounts"), short_name(dataset));
    if dataset_version.is_empty() {
        let text =
            format!("{accounts}, {outcomes} with an outcome, can be imported into dataset {dataset}; nothing was kept");
        return wrap(&text, 0, 2);
    }
    let version = short_name(dataset_version);
    let removed: Vec<_> = removed_versions.iter().map(|name| short_name(name)).collect();
    let removed = match removed.as_slice() {
        [] => String::new(),
        [one] => format!("; version {one}, the oldest beyond the limit, was removed"),
        many => format!("; versions {}, the oldest beyond the limit, were removed", many.join(", ")),
    };
    let text =
        format!("imported {accounts}, {outcomes} with an outcome, into dataset {dataset}, version {version}{removed}");
    wrap(&text, 0, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_texts_fit_the_page_width() {
        let text = |accounts, id: &str, removed: usize| {
            let dataset = format!("workspaces/{id}/datasets/{id}");
            let dataset_version = format!("{dataset}/versions/21");
            let removed_versions = (1..=removed).map(|number| format!("{dataset}/versions/{number}")).collect();
            let answer =
                ImportAccountsResponse { dataset, dataset_version, accounts, outcomes: accounts, ..Default::default() };
            import_text(&ImportAccountsResponse { removed_versions, ..answer })
        };
        let expected = "imported 40 accounts, 40 with an outcome, into dataset default, version 21";
        assert_eq!(text(40, "default", 0), expected);
        for removed in [0, 1, 2, 40] {
            assert!(text(5_000_000, &"x".repeat(63), removed).lines().all(|line| line.len() <= 80), "{removed}");
        }
        assert!(text(40, "default", 1).contains("version 1, the oldest beyond the limit, was removed"));
        let checked = ImportAccountsResponse { dataset: "d".into(), accounts: 1, ..Default::default() };
        assert_eq!(
            import_text(&checked),
            "1 account, 0 with an outcome, can be imported into dataset d; nothing was kept"
        );
    }
}
