//! Sets the retention of versions, and applies it once at start.

use std::sync::Arc;

use sweetspot_core::ModelVersionName;
use sweetspot_store::definitions::Definitions;
use sweetspot_store::registry::{Registry, VersionRetention};
use sweetspot_store::retention::RetentionPolicy;
use sweetspot_store::store::HeldLease;
use sweetspot_store::workspaces;

use super::AppError;
use crate::api::{AppState, find_approval};
use crate::config::ServerSettings;

/// The number of datasets that are read at a time.
const PAGE: usize = 100;

/// Sets the retention of model versions.
pub(super) fn set(registry: &Registry, definitions: Definitions, settings: &ServerSettings) {
    let policy =
        RetentionPolicy { max_versions: settings.max_model_versions, max_days: settings.max_model_version_days };
    let find_approval = Arc::new(move |version: &ModelVersionName| find_approval(&definitions, version));
    registry.set_retention(VersionRetention { policy, find_approval });
}

/// Deletes the old versions of models and datasets. What cannot be deleted is logged, and does not prevent the start.
pub(super) fn apply(state: &AppState, settings: &ServerSettings) {
    let alone = match HeldLease::acquire(&state.store, "retention") {
        Ok(Some(alone)) => alone,
        // Another server that starts does it.
        Ok(None) => return,
        Err(error) => return tracing::warn!(%error, "old versions are deleted by a later start"),
    };
    let policy = RetentionPolicy { max_versions: None, max_days: settings.max_dataset_version_days };
    let deleted = || -> Result<(), AppError> {
        state.registry.apply_retention_to_all()?;
        if policy.keeps_all() { Ok(()) } else { delete_old_datasets(state, policy) }
    };
    if let Err(error) = deleted() {
        tracing::warn!(%error, "cannot delete old versions");
    }
    drop(alone);
}

fn delete_old_datasets(state: &AppState, policy: RetentionPolicy) -> Result<(), AppError> {
    let AppState { store, datasets, jobs, .. } = state;
    let mut workspace = None;
    while let Some(next) = workspaces::list(&**store, workspace.as_ref(), 1)?.pop() {
        let mut after = None;
        loop {
            let page = datasets.datasets(&next, after.as_ref(), PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.name.clone());
            for dataset in &page {
                if let Err(error) = datasets.delete_expired(&dataset.name, policy, &|| jobs.uses()) {
                    tracing::warn!(%error, dataset = %dataset.name, "cannot delete old versions");
                }
            }
        }
        workspace = Some(next);
    }
    Ok(())
}
