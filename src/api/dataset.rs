//! The dataset service.

use std::time::Duration;

use tokio::time::timeout;
use tonic::{Request, Response, Status, Streaming};

use super::import::Import;
use super::status::broken::watched;
use super::status::{Refusal, refuse, with_kind};
use super::work::Work;
use crate::datasets::{DatasetRecord, Datasets};
use crate::fault::FaultKind;
use crate::generated::v1::dataset_service_server::DatasetService;
use crate::generated::v1::{ImportAccountsRequest, ImportAccountsResponse};

/// Longest silence within an import.
const IDLE: Duration = Duration::from_secs(30);

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
        while let Some(message) = next(&mut stream).await? {
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

async fn next(stream: &mut Streaming<ImportAccountsRequest>) -> Result<Option<ImportAccountsRequest>, Status> {
    let Ok(message) = timeout(IDLE, stream.message()).await else {
        let text = format!("no message came for {IDLE:?}, and nothing was imported: send the stream again");
        return Err(with_kind(FaultKind::DeadlineExceeded, &text, "STREAM_IDLE"));
    };
    message
}
