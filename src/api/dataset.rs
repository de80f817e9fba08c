//! The dataset service.

use prost::Message as _;
use sweetspot_core::{DatasetName, DatasetRef, DatasetVersionName, Digest, WorkspaceName};
use sweetspot_proto::v1;
use sweetspot_store::datasets::{DatasetError, DatasetSummary, DeleteDatasetRequest, ImportOptions, ImportResult};
use sweetspot_store::store::RequestKey;
use tonic::{Request, Response, Status, Streaming};

use super::blocking_pool::BlockingPool;
use super::convert::dataset::{dataset, dataset_version, import_response};
use super::import::{CompleteImport, ImportBuilder, ImportFlags};
use super::list_filter::{FilterFields, FilteredEntry, ListFilter, ListOrder, read_matching};
use super::pagination::PageRequest;
use super::response::respond;
use super::status::aborted_stream::abort_check;
use super::status::{Refusal, refusal_status};
use super::violations::Violations;
use super::wire::received::dataset_service_server::DatasetService;
use super::{AppState, DEFAULT_WORKSPACE};
use crate::telemetry::Metrics;

/// The dataset for requests that name none.
const DEFAULT_DATASET: &str = "workspaces/default/datasets/default";

/// Implements the dataset service.
#[derive(Clone, Debug)]
pub(super) struct DatasetApi {
    pub(super) state: AppState,
    pub(super) metrics: Metrics,
    pub(super) pool: BlockingPool,
    pub(super) max_accounts: u64,
    pub(super) max_bytes: u64,
    pub(super) max_versions: usize,
    pub(super) max_version_days: Option<u32>,
    pub(super) max_response_bytes: usize,
}

#[tonic::async_trait]
impl DatasetService for DatasetApi {
    async fn import_accounts(
        &self,
        request: Request<Streaming<v1::ImportAccountsRequest>>,
    ) -> Result<Response<v1::ImportAccountsResponse>, Status> {
        let broken = abort_check(request.extensions());
        let mut stream = request.into_inner();
        let mut import = ImportBuilder::new(self.max_accounts, self.max_bytes);
        while let Some(message) = stream.message().await? {
            import = self.pool.run_store(move || import.add(message)).await?;
        }
        if broken() {
            return Err(refusal_status(Refusal::StreamAborted));
        }
        let import = self.pool.run_store(move || import.finish()).await?;
        respond(import_response(self.run_import(import).await?), self.max_response_bytes)
    }

    async fn list_datasets(
        &self,
        request: Request<v1::ListDatasetsRequest>,
    ) -> Result<Response<v1::ListDatasetsResponse>, Status> {
        respond(self.list_summaries(request.into_inner()).await?, self.max_response_bytes)
    }

    async fn get_dataset(
        &self,
        request: Request<v1::GetDatasetRequest>,
    ) -> Result<Response<v1::GetDatasetResponse>, Status> {
        let mut problems = Violations::default();
        let name = problems.parse_name_or("name", &request.into_inner().name, DEFAULT_DATASET);
        let name: DatasetName = problems.finish(name)?;
        let datasets = self.state.datasets.clone();
        let summary = self.pool.run_store(move || datasets.dataset(&name)).await?;
        respond(v1::GetDatasetResponse { dataset: Some(dataset(summary)) }, self.max_response_bytes)
    }

    async fn delete_dataset(
        &self,
        request: Request<v1::DeleteDatasetRequest>,
    ) -> Result<Response<v1::DeleteDatasetResponse>, Status> {
        let request = request.into_inner();
        let body = v1::DeleteDatasetRequest { request_id: String::new(), ..request.clone() };
        let v1::DeleteDatasetRequest { name, force, request_id } = request;
        let mut problems = Violations::default();
        // Required: a deletion has no default.
        let name = problems.parse_name("name", &name);
        problems.check_request_id(&request_id);
        let name = problems.finish(name)?;
        let request = RequestKey { id: request_id, body: Digest::new(&body.encode_to_vec()) };
        let delete = DeleteDatasetRequest { name, force, request };
        let AppState { datasets, jobs, .. } = self.state.clone();
        self.pool.run_store(move || datasets.delete_dataset(&delete, &|| jobs.uses())).await?;
        respond(v1::DeleteDatasetResponse {}, self.max_response_bytes)
    }

    async fn list_dataset_versions(
        &self,
        request: Request<v1::ListDatasetVersionsRequest>,
    ) -> Result<Response<v1::ListDatasetVersionsResponse>, Status> {
        respond(self.list_versions(request.into_inner()).await?, self.max_response_bytes)
    }

    async fn get_dataset_version(
        &self,
        request: Request<v1::GetDatasetVersionRequest>,
    ) -> Result<Response<v1::GetDatasetVersionResponse>, Status> {
        let mut problems = Violations::default();
        let name = problems.parse_name_or("name", &request.into_inner().name, DEFAULT_DATASET);
        let name: DatasetRef = problems.finish(name)?;
        let version = Some(self.read_version(name).await?);
        respond(v1::GetDatasetVersionResponse { version }, self.max_response_bytes)
    }

    async fn restore_dataset_version(
        &self,
        request: Request<v1::RestoreDatasetVersionRequest>,
    ) -> Result<Response<v1::RestoreDatasetVersionResponse>, Status> {
        let request = request.into_inner();
        let body = Digest::new(&request.encode_to_vec());
        let v1::RestoreDatasetVersionRequest { name, request_id } = request;
        let (name, request) = parse_version_change(&name, request_id, body)?;
        let (datasets, restored) = (self.state.datasets.clone(), name.clone());
        self.pool.run_store(move || datasets.restore(&restored, &request)).await?;
        let version = Some(self.read_version(DatasetRef::Version(name)).await?);
        respond(v1::RestoreDatasetVersionResponse { version }, self.max_response_bytes)
    }

    async fn delete_dataset_version(
        &self,
        request: Request<v1::DeleteDatasetVersionRequest>,
    ) -> Result<Response<v1::DeleteDatasetVersionResponse>, Status> {
        let request = request.into_inner();
        let body = Digest::new(&request.encode_to_vec());
        let v1::DeleteDatasetVersionRequest { name, request_id } = request;
        let (name, request) = parse_version_change(&name, request_id, body)?;
        let AppState { datasets, jobs, .. } = self.state.clone();
        let was_current = self.pool.run_store(move || datasets.delete(&name, &request, &|| jobs.uses())).await?;
        respond(v1::DeleteDatasetVersionResponse { was_current }, self.max_response_bytes)
    }

    async fn erase_accounts(
        &self,
        request: Request<v1::EraseAccountsRequest>,
    ) -> Result<Response<v1::EraseAccountsResponse>, Status> {
        respond(self.erase(request.into_inner()).await?, self.max_response_bytes)
    }
}

impl DatasetApi {
    /// Stores an import, or only validates it if the request asks for that.
    async fn run_import(&self, import: CompleteImport) -> Result<ImportResult, Status> {
        let CompleteImport { dataset, customers, request, flags, bytes } = import;
        let ImportFlags { stage, validate_only, refuse_erased, allow_contact_data: _ } = flags;
        let (state, workspace) = (self.state.clone(), WorkspaceName { workspace: dataset.workspace.clone() });
        self.pool.run_store(move || state.workspace_limits.check_space(&state, &workspace)).await?;
        let AppState { datasets, jobs, .. } = self.state.clone();
        let options = ImportOptions {
            is_staged: stage,
            max_versions: self.max_versions,
            max_days: self.max_version_days,
            refuse_erased,
        };
        let accounts = customers.accounts().rows() as u64;
        let keep = move || {
            if validate_only {
                return datasets.validate_import(&dataset, &customers, &request, refuse_erased);
            }
            datasets.import(&dataset, &customers, &request, options, &|| jobs.uses())
        };
        let result = self.pool.run_store::<_, DatasetError>(keep).await?;
        if !validate_only {
            self.metrics.record_import(accounts, bytes);
        }
        Ok(result)
    }

    /// Lists a page of datasets.
    async fn list_summaries(&self, request: v1::ListDatasetsRequest) -> Result<v1::ListDatasetsResponse, Status> {
        let v1::ListDatasetsRequest { parent, page_size, page_token, filter, order_by } = request;
        let mut problems = Violations::default();
        let workspace = problems.parse_name_or("parent", &parent, DEFAULT_WORKSPACE);
        let list = format!("ListDatasets {filter:?} {order_by:?}");
        let page = PageRequest::parse(&list, &parent, page_size, &page_token, &mut problems);
        let filter = ListFilter::parse(&filter, FILTER_FIELDS, &mut problems);
        let order = ListOrder::parse(&order_by, FILTER_FIELDS.time, &mut problems);
        let ((workspace, page), (filter, order)): ((WorkspaceName, _), _) =
            problems.finish(workspace.zip(page).zip(filter.zip(order)))?;
        let after: Option<DatasetName> = page.after.as_ref().and_then(|name| name.parse().ok());
        let (datasets, limit) = (self.state.datasets.clone(), page.size + 1);
        let read = move || {
            let matches = |summary: &DatasetSummary| {
                filter.matches(&FilteredEntry { labels: None, texts: Vec::new(), time: summary.updated })
            };
            let read = |after: Option<&DatasetName>| datasets.datasets(&workspace, after, limit);
            let key = |summary: &DatasetSummary| summary.name.clone();
            if order == ListOrder::Default {
                return read_matching(limit, after, read, key, matches);
            }
            let mut summaries = read_matching(usize::MAX, None, read, key, matches)?;
            sort_by_time(&mut summaries, order);
            let start = summaries.iter().position(|summary| Some(&summary.name) == after.as_ref());
            Ok(summaries.into_iter().skip(start.map_or(0, |start| start + 1)).take(limit).collect())
        };
        let summaries = self.pool.run_store::<_, DatasetError>(read).await?;
        let entries = summaries.into_iter().map(|summary| (summary.name.to_string(), dataset(summary)));
        let (datasets, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListDatasetsResponse { datasets, next_page_token })
    }

    /// Lists a page of versions, newest first.
    async fn list_versions(
        &self,
        request: v1::ListDatasetVersionsRequest,
    ) -> Result<v1::ListDatasetVersionsResponse, Status> {
        let v1::ListDatasetVersionsRequest { parent, page_size, page_token } = request;
        let mut problems = Violations::default();
        let name = problems.parse_name_or("parent", &parent, DEFAULT_DATASET);
        let page = PageRequest::parse("ListDatasetVersions", &parent, page_size, &page_token, &mut problems);
        let (name, page): (DatasetName, _) = problems.finish(name.zip(page))?;
        let before = page.after.as_ref().and_then(|number| number.parse().ok());
        let (AppState { datasets, jobs, .. }, limit) = (self.state.clone(), page.size + 1);
        let read = move || {
            let records = datasets.versions(&name, before, limit)?;
            Ok::<_, DatasetError>((records, datasets.current(&name)?, jobs.uses()?))
        };
        let (records, current, uses) = self.pool.run_store(read).await?;
        let entries = records.into_iter().map(|record| {
            let mut version = dataset_version(&record, current, &uses);
            version.model_versions.clear();
            (record.version.unwrap_or_default().to_string(), version)
        });
        let (versions, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListDatasetVersionsResponse { versions, next_page_token })
    }

    async fn read_version(&self, name: DatasetRef) -> Result<v1::DatasetVersion, Status> {
        let AppState { datasets, jobs, .. } = self.state.clone();
        let read = move || {
            let record = datasets.resolve(&name)?;
            Ok::<_, DatasetError>(dataset_version(&record, datasets.current(name.dataset())?, &jobs.uses()?))
        };
        self.pool.run_store(read).await
    }
}

/// The fields that datasets can be filtered by.
const FILTER_FIELDS: FilterFields = FilterFields { has_labels: false, texts: &[], time: "update_time" };

/// Sorts datasets by the time of their newest import, and then by name.
fn sort_by_time(summaries: &mut [DatasetSummary], order: ListOrder) {
    summaries.sort_by(|one, other| {
        let by_time = one.updated.cmp(&other.updated);
        let by_time = if order == ListOrder::NewestFirst { by_time.reverse() } else { by_time };
        by_time.then_with(|| one.name.cmp(&other.name))
    });
}

/// Parses the name and the request id of a change to a version. `body` is the digest of the request, including its id.
fn parse_version_change(
    name: &str,
    request_id: String,
    body: Digest,
) -> Result<(DatasetVersionName, RequestKey), Status> {
    let mut problems = Violations::default();
    problems.check_request_id(&request_id);
    let name = problems.parse_name("name", name);
    let name = problems.finish(name)?;
    Ok((name, RequestKey { id: request_id, body }))
}
