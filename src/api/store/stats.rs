//! `GetStoreStats`.

use std::sync::Arc;

use sweetspot_proto::v1;
use sweetspot_store::inventory::{RowGroupStats, StoreStats, read_stats};
use sweetspot_store::store::DiskUsage;
use tonic::Status;

use super::{StoreApi, file_total};

impl StoreApi {
    /// Reads the statistics of the store.
    pub(super) async fn read_stats(
        &self,
        request: v1::GetStoreStatsRequest,
    ) -> Result<v1::GetStoreStatsResponse, Status> {
        let v1::GetStoreStatsRequest {} = request;
        let store = Arc::clone(&self.store);
        let stats = self.pool.run_store(move || read_stats(&*store)).await?;
        Ok(v1::GetStoreStatsResponse { stats: Some(store_stats(stats)) })
    }
}

fn store_stats(stats: StoreStats) -> v1::StoreStats {
    let StoreStats { groups, blobs, unnamed_blobs, disk } = stats;
    let DiskUsage { row_files, journal, free } = disk;
    let (unnamed_files, unreadable_record) = match unnamed_blobs {
        Ok(unnamed) => (Some(file_total(unnamed)), String::new()),
        Err(fault) => (None, fault.to_string()),
    };
    v1::StoreStats {
        groups: groups.into_iter().map(record_group).collect(),
        files: Some(file_total(blobs)),
        unnamed_files,
        unreadable_record,
        database_bytes: row_files,
        journal_bytes: journal,
        free_disk_bytes: free,
    }
}

fn record_group(group: RowGroupStats) -> v1::RecordGroupStats {
    let RowGroupStats { name, rows, row_bytes, blobs } = group;
    v1::RecordGroupStats {
        kind: name.to_owned(),
        records: rows,
        record_bytes: row_bytes,
        files: Some(file_total(blobs)),
    }
}
