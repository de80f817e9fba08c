//! Keeps what this process has in memory in line with a store that other processes change.

use sweetspot_core::reportable_error::ReportableError;
use sweetspot_store::follower::{Follower, Refresh};
use sweetspot_store::store::StoreError;

use crate::api::AppState;

/// Follows the changes of a store. `None` if this process alone uses it.
///
/// # Errors
/// If the thread cannot be started.
pub(super) fn follow(state: &AppState) -> Result<Option<Follower>, StoreError> {
    let (registry, keys, jobs) = (state.registry.clone(), state.api_keys.clone(), state.jobs.clone());
    let refreshes: Vec<Refresh> = vec![
        Box::new(move |changed| registry.refresh(changed).map_err(boxed)),
        Box::new(move |changed| keys.refresh(changed).map_err(boxed)),
        Box::new(move |changed| jobs.refresh(changed).map_err(boxed)),
    ];
    Follower::start(state.store.clone(), refreshes)
}

fn boxed<E: ReportableError + Send + Sync + 'static>(error: E) -> Box<dyn ReportableError + Send + Sync> {
    Box::new(error)
}
