//! The store service: statistics, garbage and backups.

mod backup;
mod garbage;
mod stats;

use std::sync::Arc;

use sweetspot_proto::v1;
use sweetspot_store::clock::Clock;
use sweetspot_store::inventory::BlobTotal;
use sweetspot_store::store::Store;
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status};

use self::backup::BackupParts;
use super::AppState;
use super::blocking_pool::BlockingPool;
use super::response::respond;
use super::wire::received::store_service_server::StoreService;

/// Implements the store service.
#[derive(Clone, Debug)]
pub(super) struct StoreApi {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    pool: BlockingPool,
    max_response_bytes: usize,
    /// Limits the number of backups at a time.
    backup_permit: Arc<Semaphore>,
}

impl StoreApi {
    /// Creates the service.
    pub(super) fn new(state: &AppState, pool: BlockingPool, max_response_bytes: usize) -> Self {
        let (store, clock) = (Arc::clone(&state.store), Arc::clone(&state.clock));
        Self { store, clock, pool, max_response_bytes, backup_permit: Arc::new(Semaphore::new(1)) }
    }
}

#[tonic::async_trait]
impl StoreService for StoreApi {
    type BackupStoreStream = BackupParts;

    async fn get_store_stats(
        &self,
        request: Request<v1::GetStoreStatsRequest>,
    ) -> Result<Response<v1::GetStoreStatsResponse>, Status> {
        respond(self.read_stats(request.into_inner()).await?, self.max_response_bytes)
    }

    async fn collect_garbage(
        &self,
        request: Request<v1::CollectGarbageRequest>,
    ) -> Result<Response<v1::CollectGarbageResponse>, Status> {
        respond(self.remove_garbage(request.into_inner()).await?, self.max_response_bytes)
    }

    async fn backup_store(
        &self,
        request: Request<v1::BackupStoreRequest>,
    ) -> Result<Response<Self::BackupStoreStream>, Status> {
        Ok(Response::new(self.start_backup(request.into_inner()).await?))
    }
}

fn file_total(total: BlobTotal) -> v1::FileTotal {
    let BlobTotal { count, bytes } = total;
    v1::FileTotal { count, bytes }
}
