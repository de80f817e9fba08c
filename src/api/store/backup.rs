//! `BackupStore`: a backup as a stream of parts. Each is read when the client has room for it.

use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt as _, once, unfold};
use prost::Message as _;
use sweetspot_core::reportable_error::ErrorKind;
use sweetspot_proto::v1;
use sweetspot_store::backup::{BackupOptions, BackupStream, DamagedBlob, DamagedBlobs};
use tokio::sync::OwnedSemaphorePermit;
use tonic::Status;

use super::StoreApi;
use crate::api::blocking_pool::BlockingPool;
use crate::api::response::content_budget;
use crate::api::status::status_with_kind;

/// The maximum size of a part in bytes.
const MAX_PART_BYTES: usize = 256 << 10;

/// The parts of a backup.
pub(super) type BackupParts = BoxStream<'static, Result<v1::BackupStoreResponse, Status>>;

/// A backup that is being sent.
struct BackupInProgress {
    backup: BackupStream,
    pool: BlockingPool,
    part_bytes: usize,
    /// Held for the lifetime of the stream.
    permit: OwnedSemaphorePermit,
}

impl StoreApi {
    /// Starts a backup.
    pub(super) async fn start_backup(&self, request: v1::BackupStoreRequest) -> Result<BackupParts, Status> {
        let v1::BackupStoreRequest { skip_damaged } = request;
        let permit = Arc::clone(&self.backup_permit).try_acquire_owned().map_err(|_| backup_in_progress())?;
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        let options = BackupOptions { skip_damaged };
        let backup = self.pool.run_store(move || BackupStream::start(store, now, options)).await?;
        let part_bytes = MAX_PART_BYTES.min(content_budget(self.max_response_bytes));
        let skipped = skipped_files(backup.skipped(), part_bytes);
        let progress = BackupInProgress { backup, pool: self.pool.clone(), part_bytes, permit };
        let parts = unfold(Some(progress), next_part);
        Ok(match skipped {
            Some(skipped) => once(async { Ok(skipped) }).chain(parts).boxed(),
            None => parts.boxed(),
        })
    }
}

/// Reads the next part. The stream ends after an error.
async fn next_part(
    progress: Option<BackupInProgress>,
) -> Option<(Result<v1::BackupStoreResponse, Status>, Option<BackupInProgress>)> {
    let BackupInProgress { mut backup, pool, part_bytes, permit } = progress?;
    let read = move || backup.next_part(part_bytes).map(|part| (part, backup));
    match pool.run_store(read).await {
        Ok((None, _ended)) => None,
        Ok((Some(part), backup)) => {
            let response = v1::BackupStoreResponse { content: part, ..Default::default() };
            Some((Ok(response), Some(BackupInProgress { backup, pool, part_bytes, permit })))
        }
        Err(status) => Some((Err(status), None)),
    }
}

/// The response that names the files that are left out, as far as they fit. `None` if there are none.
fn skipped_files(files: &DamagedBlobs, max_bytes: usize) -> Option<v1::BackupStoreResponse> {
    let DamagedBlobs { count, first } = files;
    let mut response = v1::BackupStoreResponse { skipped_file_count: *count, ..Default::default() };
    for DamagedBlob { sha256, cause, use_count, uses } in first {
        let (sha256, cause) = (sha256.clone(), cause.clone());
        response.skipped_files.push(v1::SkippedFile { sha256, cause, use_count: *use_count, uses: uses.clone() });
        if response.encoded_len() > max_bytes {
            response.skipped_files.pop();
            break;
        }
    }
    (*count > 0).then_some(response)
}

fn backup_in_progress() -> Status {
    let text = "another backup is in progress: wait for its end, or cancel it";
    status_with_kind(ErrorKind::FailedPrecondition, text, "BACKUP_IN_PROGRESS")
}
