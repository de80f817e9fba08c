//! Takes work off the threads that answer calls, a bounded amount at a time.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::status::{Refusal, refuse, status};
use crate::fault::Fault;

/// Lists for each core that are scored or wait for it. More would wait for so long that their callers gave up.
const LISTS_PER_CORE: usize = 16;

/// Calls to the store at a time: they wait for the disk more than they compute.
const STORE_CALLS: usize = 32;

/// Room for work.
#[derive(Clone, Debug)]
pub(super) struct Work {
    scoring: Arc<Semaphore>,
    lists: Arc<Semaphore>,
    store: Arc<Semaphore>,
}

impl Work {
    /// As many places as the machine has cores.
    pub(super) fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let room = |places| Arc::new(Semaphore::new(places));
        Self { scoring: room(cores), lists: room(cores * LISTS_PER_CORE), store: room(STORE_CALLS) }
    }

    /// As [`Self::compute`], but turned away at once where too many wait already.
    pub(super) async fn compute_soon<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let _place = self.lists.try_acquire().map_err(|_| refuse(Refusal::Overloaded))?;
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
