//! Erases accounts from datasets and definitions.

use std::collections::BTreeSet;

use prost::Message as _;
use sweetspot_core::{DatasetName, DatasetVersionName, Digest, WorkspaceName};
use sweetspot_proto::v1;
use sweetspot_store::datasets::{DatasetErasure, ErasedDatasetVersion};
use sweetspot_store::definitions::{DefinitionErasure, EntryName};
use sweetspot_store::erasure::{AffectedVersion, ErasedCounts, ErasureReport, ErasureRequest};
use sweetspot_store::registry::RequestKey;
use tonic::Status;

use super::dataset::DatasetApi;
use super::limits::{MAX_ACCOUNT_ID_BYTES, MAX_ERASED_DATASETS, MAX_ERASED_IDS};
use super::violations::Violations;

/// The workspace for requests that name none.
const DEFAULT_WORKSPACE: &str = "workspaces/default";
/// Maximum number of elements of a list in the response.
const MAX_LISTED: usize = 100;

impl DatasetApi {
    /// Erases accounts, or reports what would be erased.
    pub(super) async fn erase(&self, request: v1::EraseAccountsRequest) -> Result<v1::EraseAccountsResponse, Status> {
        let body = Digest::new(&request.encode_to_vec());
        let id = request.request_id.clone();
        let mut problems = Violations::default();
        problems.check_request_id(&id);
        let scope = parse_scope(request, &mut problems);
        let scope = problems.finish(scope)?;
        let erasure = self.state.erasure.clone();
        let key = RequestKey { id, body };
        let report = self.pool.run_store(move || erasure.erase(&scope, &key)).await?;
        Ok(erase_response(report))
    }
}

fn parse_scope(request: v1::EraseAccountsRequest, problems: &mut Violations) -> Option<ErasureRequest> {
    let v1::EraseAccountsRequest { parent, account_ids, datasets: names, validate_only, request_id: _ } = request;
    let workspace: Option<WorkspaceName> = problems.parse_name_or("parent", &parent, DEFAULT_WORKSPACE);
    let workspace = workspace.map(|name| name.workspace);
    check_ids(&account_ids, problems);
    if names.len() > MAX_ERASED_DATASETS {
        let text = format!("{} datasets exceed the limit of {MAX_ERASED_DATASETS}", names.len());
        problems.add("TOO_MANY_ELEMENTS", "datasets", text);
        return None;
    }
    let mut datasets = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let field = format!("datasets[{index}]");
        let Some(name) = problems.parse_name::<DatasetName>(&field, name) else { continue };
        if workspace.as_ref().is_some_and(|workspace| name.workspace != *workspace) {
            problems.add("INVALID_NAME", field, "it is not a dataset of the workspace in parent");
        }
        datasets.insert(name);
    }
    Some(ErasureRequest { workspace: workspace?, datasets, ids: account_ids.into_iter().collect(), validate_only })
}

fn check_ids(ids: &[String], problems: &mut Violations) {
    if ids.is_empty() {
        problems.add("EMPTY_REQUEST", "account_ids", "at least one account id is required");
    }
    if ids.len() > MAX_ERASED_IDS {
        let text = format!("{} ids exceed the limit of {MAX_ERASED_IDS}: send several requests", ids.len());
        problems.add("TOO_MANY_IDS", "account_ids", text);
    }
    for (index, id) in ids.iter().enumerate().take(MAX_ERASED_IDS) {
        let field = || format!("account_ids[{index}]");
        if id.is_empty() {
            problems.add("EMPTY_ACCOUNT_ID", field(), "an account id must not be empty");
        } else if id.len() > MAX_ACCOUNT_ID_BYTES {
            let text = format!("an account id must have at most {MAX_ACCOUNT_ID_BYTES} bytes");
            problems.add("ACCOUNT_ID_TOO_LONG", field(), text);
        }
    }
}

fn erase_response(report: ErasureReport) -> v1::EraseAccountsResponse {
    let ErasureReport { counts, datasets, definitions, affected } = report;
    let ErasedCounts { accounts, dataset_versions, entries } = counts;
    let DatasetErasure { versions, unreadable, .. } = datasets;
    let DefinitionErasure { entries: erased, mentions } = definitions;
    v1::EraseAccountsResponse {
        accounts,
        dataset_versions,
        definition_entries: entries,
        erased_versions: versions.into_iter().take(MAX_LISTED).map(erased_version).collect(),
        erased_entries: erased.iter().take(MAX_LISTED).map(entry_name).collect(),
        affected_model_version_count: affected.len() as u64,
        affected_model_versions: affected.into_iter().take(MAX_LISTED).map(affected_version).collect(),
        remaining_entry_count: mentions.len() as u64,
        remaining_entries: mentions.iter().take(MAX_LISTED).map(entry_name).collect(),
        unreadable_dataset_versions: unreadable.iter().take(MAX_LISTED).map(DatasetVersionName::to_string).collect(),
    }
}

fn erased_version(version: ErasedDatasetVersion) -> v1::ErasedDatasetVersion {
    let ErasedDatasetVersion { name, erased, accounts } = version;
    v1::ErasedDatasetVersion { name: name.to_string(), erased, accounts }
}

fn affected_version(version: AffectedVersion) -> v1::AffectedModelVersion {
    let AffectedVersion { name, content } = version;
    let (golden_rows, evaluated_accounts) = content.map(|content| (content.golden_rows, content.evaluated)).unzip();
    v1::AffectedModelVersion { name: name.to_string(), golden_rows, evaluated_accounts }
}

/// The name of an entry, such as `workspaces/w/models/m/definition/findings/f`.
fn entry_name(entry: &EntryName) -> String {
    let EntryName { model, version, entry } = entry;
    let version = version.map(|number| format!("/versions/{number}")).unwrap_or_default();
    let entry = entry.as_ref().map(|path| format!("/{path}")).unwrap_or_default();
    format!("{model}/definition{version}{entry}")
}
