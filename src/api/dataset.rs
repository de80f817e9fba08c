//! The dataset service.

use sweetspot_core::{DatasetName, DatasetRef, DatasetVersionName};
use sweetspot_proto::v1;
use sweetspot_store::datasets::{DatasetError, ImportOptions, Imported};
use tonic::{Request, Response, Status, Streaming};

use super::Parts;
use super::answer::answer;
use super::convert::dataset::{imported, version};
use super::import::{Import, WholeImport};
use super::page::Page;
use super::problems::Problems;
use super::status::broken::watched;
use super::status::{Refusal, refuse, status};
use super::wire::received::dataset_service_server::DatasetService;
use super::work::Work;

/// The dataset that is meant where none is named.
const DEFAULT_DATASET: &str = "workspaces/default/datasets/default";

/// The service.
#[derive(Clone, Debug)]
pub(super) struct Dataset {
    pub(super) parts: Parts,
    pub(super) work: Work,
    pub(super) most_accounts: u64,
    pub(super) most_bytes: u64,
    pub(super) most_versions: usize,
    pub(super) most_out: usize,
}

#[tonic::async_trait]
impl DatasetService for Dataset {
    async fn import_accounts(
        &self,
        request: Request<Streaming<v1::ImportAccountsRequest>>,
    ) -> Result<Response<v1::ImportAccountsResponse>, Status> {
        let broken = watched(request.extensions());
        let mut stream = request.into_inner();
        let mut import = Import::new(self.most_accounts, self.most_bytes);
        while let Some(message) = stream.message().await? {
            import = self.work.keep(move || import.add(message)).await?;
        }
        if broken() {
            return Err(refuse(Refusal::Broken));
        }
        let whole = self.work.keep(move || import.finish()).await?;
        answer(imported(self.keep(whole).await?), self.most_out)
    }

    async fn list_dataset_versions(
        &self,
        request: Request<v1::ListDatasetVersionsRequest>,
    ) -> Result<Response<v1::ListDatasetVersionsResponse>, Status> {
        answer(self.list_versions(request.into_inner()).await?, self.most_out)
    }

    async fn get_dataset_version(
        &self,
        request: Request<v1::GetDatasetVersionRequest>,
    ) -> Result<Response<v1::GetDatasetVersionResponse>, Status> {
        let mut problems = Problems::default();
        let name = problems.name_or("name", &request.into_inner().name, DEFAULT_DATASET);
        let name: DatasetRef = problems.check(name).map_err(|fault| status(&fault))?;
        let version = Some(self.version(name).await?);
        answer(v1::GetDatasetVersionResponse { version }, self.most_out)
    }

    async fn restore_dataset_version(
        &self,
        request: Request<v1::RestoreDatasetVersionRequest>,
    ) -> Result<Response<v1::RestoreDatasetVersionResponse>, Status> {
        let name = version_name(&request.into_inner().name)?;
        let (datasets, restored) = (self.parts.datasets.clone(), name.clone());
        self.work.keep(move || datasets.restore(&restored)).await?;
        let version = Some(self.version(DatasetRef::Version(name)).await?);
        answer(v1::RestoreDatasetVersionResponse { version }, self.most_out)
    }

    async fn delete_dataset_version(
        &self,
        request: Request<v1::DeleteDatasetVersionRequest>,
    ) -> Result<Response<v1::DeleteDatasetVersionResponse>, Status> {
        let name = version_name(&request.into_inner().name)?;
        let Parts { datasets, jobs, .. } = self.parts.clone();
        let was_current = self.work.keep(move || datasets.delete(&name, &|| jobs.uses())).await?;
        answer(v1::DeleteDatasetVersionResponse { was_current }, self.most_out)
    }
}

impl Dataset {
    /// Keeps an import, or says what keeping it would refuse.
    async fn keep(&self, whole: WholeImport) -> Result<Imported, Status> {
        let WholeImport { dataset, customers, request, stage, validate_only } = whole;
        let Parts { datasets, jobs, .. } = self.parts.clone();
        let options = ImportOptions { stage, keep: self.most_versions };
        let keep = move || {
            if validate_only {
                let record = datasets.check(&dataset, &customers, &request)?;
                return Ok(Imported { record, current: false, removed: Vec::new() });
            }
            datasets.import(&dataset, &customers, &request, options, &|| jobs.uses())
        };
        self.work.keep::<_, DatasetError>(keep).await
    }

    /// A page of versions, newest first.
    async fn list_versions(
        &self,
        request: v1::ListDatasetVersionsRequest,
    ) -> Result<v1::ListDatasetVersionsResponse, Status> {
        let v1::ListDatasetVersionsRequest { parent, page_size, page_token } = request;
        let mut problems = Problems::default();
        let name = problems.name_or("parent", &parent, DEFAULT_DATASET);
        let page = Page::parse("ListDatasetVersions", &parent, page_size, &page_token, &mut problems);
        let (name, page): (DatasetName, _) = problems.check(name.zip(page)).map_err(|fault| status(&fault))?;
        let before = page.after.as_ref().and_then(|number| number.parse().ok());
        let (Parts { datasets, jobs, .. }, limit) = (self.parts.clone(), page.size + 1);
        let read = move || {
            let records = datasets.versions(&name, before, limit)?;
            Ok::<_, DatasetError>((records, datasets.current(&name)?, jobs.uses()?))
        };
        let (records, current, uses) = self.work.keep(read).await?;
        let entries = records.into_iter().map(|record| {
            let mut version = version(&record, current, &uses);
            version.model_versions.clear();
            (record.version.unwrap_or_default().to_string(), version)
        });
        let (versions, next_page_token) = page.fill(entries, self.most_out);
        Ok(v1::ListDatasetVersionsResponse { versions, next_page_token })
    }

    async fn version(&self, name: DatasetRef) -> Result<v1::DatasetVersion, Status> {
        let Parts { datasets, jobs, .. } = self.parts.clone();
        let read = move || {
            let record = datasets.resolve(&name)?;
            Ok::<_, DatasetError>(version(&record, datasets.current(name.dataset())?, &jobs.uses()?))
        };
        self.work.keep(read).await
    }
}

fn version_name(text: &str) -> Result<DatasetVersionName, Status> {
    let mut problems = Problems::default();
    let name = problems.name("name", text);
    problems.check(name).map_err(|fault| status(&fault))
}
