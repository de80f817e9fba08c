//! `CollectGarbage`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sweetspot_proto::v1;
use sweetspot_store::garbage::{GarbageOptions, GarbageReport, MIN_AGE, collect_garbage};
use tonic::Status;

use super::{StoreApi, file_total};
use crate::api::convert::time::parse_duration;
use crate::api::violations::Violations;

impl StoreApi {
    /// Removes the files that no record names.
    pub(super) async fn remove_garbage(
        &self,
        request: v1::CollectGarbageRequest,
    ) -> Result<v1::CollectGarbageResponse, Status> {
        let v1::CollectGarbageRequest { validate_only, min_age } = request;
        let mut problems = Violations::default();
        let min_age = min_age.map_or(Some(MIN_AGE), |wire| parse_duration(&wire));
        if min_age.is_none() {
            problems.add("INVALID_MIN_AGE", "min_age", "a minimum age must not be negative");
        }
        let min_age = problems.finish(min_age)?;
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        let options = GarbageOptions { min_age, dry_run: validate_only };
        let collect = move || collect_garbage(&*store, now, options, &AtomicBool::new(false));
        let GarbageReport { named, garbage, young } = self.pool.run_store(collect).await?;
        Ok(v1::CollectGarbageResponse {
            removed: Some(file_total(garbage)),
            young: Some(file_total(young)),
            named: Some(file_total(named)),
        })
    }
}
