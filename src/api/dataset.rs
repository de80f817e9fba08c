//! The dataset service.

use tonic::{Request, Response, Status, Streaming};

use super::import::Import;
use super::status::broken::watched;
use super::status::{Refusal, refuse};
use super::work::Work;
use crate::datasets::{DatasetRecord, Datasets};
use crate::generated::v1::dataset_service_server::DatasetService;
use crate::generated::v1::{ImportAccountsRequest, ImportAccountsResponse};

/// The service.
#[derive(Debug)]
pub(super) struct Dataset {
    pub(super) datasets: Datasets,
    pub(super) work: Work,
    pub(super) most_accounts: u64,
    pub(super) most_bytes: u64,
}

#[tonic::async_trait]
impl DatasetService for Dataset {
    async fn import_accounts(
        &self,
        request: Request<Streaming<ImportAccountsRequest>>,
    ) -> Result<Response<ImportAccountsResponse>, Status> {
        let broken = watched(request.extensions());
        let mut stream = request.into_inner();
        let mut import = Import::new(self.most_accounts, self.most_bytes);
        while let Some(message) = stream.message().await? {
            import = self.work.keep(move || import.add(message)).await?;
        }
        if broken() {
            return Err(refuse(Refusal::Broken));
        }
        let datasets = self.datasets.clone();
        let (name, customers, key) = self.work.keep(move || import.finish()).await?;
        let DatasetRecord { name, accounts, outcomes, data, size: _ } =
            self.work.keep(move || datasets.replace(&name, &customers, &key)).await?;
        let (dataset, data_sha256) = (name.to_string(), data.to_string());
        Ok(Response::new(ImportAccountsResponse { dataset, accounts, data_sha256, outcomes }))
    }
}
