//! Moves work off the threads that serve calls, with a bounded number of tasks at a time.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::available_parallelism;

use sweetspot_core::reportable_error::ReportableError;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tracing::Span;

use super::status::{Refusal, refusal_status, status};
use crate::access::Call;
use crate::telemetry::Metrics;

/// Maximum number of accounts per core that are being scored or queued: about a tenth of a second of work. A lower
/// limit would reduce throughput, since a rejection costs a large part of the time of a short list.
const MAX_ACCOUNTS_PER_CORE: usize = 40_000;

/// Maximum number of concurrent store calls. They wait for the disk more than they compute.
const MAX_STORE_CALLS: usize = 32;

/// Runs work on blocking threads. Limits the concurrent scoring tasks, the accounts that are scored or queued, and the
/// concurrent store calls. Clones share the limits.
#[derive(Clone, Debug)]
pub(super) struct BlockingPool {
    scoring: Arc<Semaphore>,
    accounts: Arc<Semaphore>,
    store: Arc<Semaphore>,
    metrics: Metrics,
}

impl BlockingPool {
    /// Creates a pool with one scoring slot per core.
    pub(super) fn new(metrics: Metrics) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let room = |places| Arc::new(Semaphore::new(places));
        let (scoring, accounts) = (room(cores), room(cores * MAX_ACCOUNTS_PER_CORE));
        Self { scoring, accounts, store: room(MAX_STORE_CALLS), metrics }
    }

    /// Runs [`Self::compute`] for this number of accounts, or fails immediately if too many accounts are queued
    /// already.
    pub(super) async fn try_compute<T: Send + 'static>(
        &self,
        accounts: u32,
        work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let _place = self.accounts.try_acquire_many(accounts).map_err(|_| refusal_status(Refusal::Overloaded))?;
        let _counted = self.metrics.begin_list(accounts);
        self.compute(work).await
    }

    /// Runs a computation. The token is canceled if the caller goes away.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let cancellation = CancellationToken::new();
        let guard = cancellation.clone().drop_guard();
        let done = run_blocking(&self.scoring, move || work(&cancellation)).await;
        drop(guard);
        done
    }

    /// Runs a store operation. Once started, it completes even if the caller goes away.
    pub(super) async fn run_store<T: Send + 'static, F: ReportableError + Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, F> + Send + 'static,
    ) -> Result<T, Status> {
        let call = Call::current();
        let noted = move || {
            let result = work();
            call.note_result(result.as_ref().err().map_or("", ReportableError::reason));
            result
        };
        run_blocking(&self.store, noted).await?.map_err(|fault| status(&fault))
    }
}

async fn run_blocking<T: Send + 'static>(
    semaphore: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    let Ok(place) = Arc::clone(semaphore).acquire_owned().await else { return Err(refusal_status(Refusal::Draining)) };
    // A change is in the audit log before it begins.
    let (span, call) = (Span::current(), Call::current());
    let work = tokio::task::spawn_blocking(move || {
        let recorded = call.record_start().map_err(|fault| status(&fault));
        let done = recorded.map(|()| span.in_scope(|| call.continue_with(work)));
        drop(place);
        done
    });
    match work.await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(refusal_status(Refusal::Draining)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_beyond_the_queue_is_refused_and_a_chunk_waits() {
        let work = BlockingPool::new(Metrics::default());
        let all_permits = u32::try_from(work.accounts.available_permits()).unwrap();
        let waiting = Arc::clone(&work.accounts).acquire_many_owned(all_permits - 99).await.unwrap();
        assert_eq!(work.try_compute(100, |_| 1).await.unwrap_err().code(), tonic::Code::Unavailable);
        assert_eq!(work.compute(|_| 2).await.unwrap(), 2);
        assert_eq!(work.try_compute(99, |_| 4).await.unwrap(), 4);
        drop(waiting);
        assert_eq!(work.try_compute(100, |_| 3).await.unwrap(), 3);
    }
}
