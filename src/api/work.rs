//! Takes work off the threads that answer calls, a bounded amount at a time.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::available_parallelism;

use sweetspot_core::fault::Fault;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::status::{Refusal, refuse, status};

/// Accounts for each core that are scored or wait for it: a tenth of a second's work. Turning calls away sooner would leave
/// less done, since a refusal takes a good part of the time of a short list.
const ACCOUNTS_PER_CORE: usize = 40_000;

/// Calls to the store at a time: they wait for the disk more than they compute.
const STORE_CALLS: usize = 32;

/// Room for work.
#[derive(Clone, Debug)]
pub(super) struct Work {
    scoring: Arc<Semaphore>,
    accounts: Arc<Semaphore>,
    store: Arc<Semaphore>,
}

impl Work {
    /// As many places as the machine has cores.
    pub(super) fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let room = |places| Arc::new(Semaphore::new(places));
        Self { scoring: room(cores), accounts: room(cores * ACCOUNTS_PER_CORE), store: room(STORE_CALLS) }
    }

    /// As [`Self::compute`] for so many accounts, but turned away at once where too many wait already.
    pub(super) async fn compute_soon<T: Send + 'static>(
        &self,
        accounts: u32,
        work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let _place = self.accounts.try_acquire_many(accounts).map_err(|_| refuse(Refusal::Overloaded))?;
        self.compute(work).await
    }

    /// Computes. The work is told through the token when nobody waits for it any more.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let given_up = CancellationToken::new();
        let guard = given_up.clone().drop_guard();
        let done = aside(&self.scoring, move || work(&given_up)).await;
        drop(guard);
        done
    }

    /// Reads or changes what is kept. Once begun it is finished, whether or not the caller still waits.
    pub(super) async fn keep<T: Send + 'static, F: Fault + Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, F> + Send + 'static,
    ) -> Result<T, Status> {
        aside(&self.store, work).await?.map_err(|fault| status(&fault))
    }
}

async fn aside<T: Send + 'static>(
    room: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    let Ok(place) = Arc::clone(room).acquire_owned().await else { return Err(refuse(Refusal::Draining)) };
    let work = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(place);
        done
    });
    match work.await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(refuse(Refusal::Draining)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_that_would_wait_too_long_is_turned_away_and_a_chunk_is_not() {
        let work = Work::new();
        let everybody = u32::try_from(work.accounts.available_permits()).unwrap();
        let waiting = Arc::clone(&work.accounts).acquire_many_owned(everybody - 99).await.unwrap();
        assert_eq!(work.compute_soon(100, |_| 1).await.unwrap_err().code(), tonic::Code::Unavailable);
        assert_eq!(work.compute(|_| 2).await.unwrap(), 2);
        assert_eq!(work.compute_soon(99, |_| 4).await.unwrap(), 4);
        drop(waiting);
        assert_eq!(work.compute_soon(100, |_| 3).await.unwrap(), 3);
    }
}
