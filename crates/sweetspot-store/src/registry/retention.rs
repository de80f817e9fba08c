//! Removes old versions of models.

use std::sync::Arc;

use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionName};

use super::{DeleteVersionRequest, Registry, RegistryError, VersionApproval};
use crate::retention::{KEEP_LABEL, RetentionCandidate, RetentionPolicy};
use crate::store::{RequestKey, StoreError};

/// The user under whose name old versions are deleted.
const ACTOR: &str = "retention";

/// Returns an approval of a definition that names a version, if there is one.
type ApprovalFinder = Arc<dyn Fn(&ModelVersionName) -> Result<Option<VersionApproval>, RegistryError> + Send + Sync>;

/// The retention of versions, and what else protects them.
#[derive(Clone)]
pub struct VersionRetention {
    /// The policy.
    pub policy: RetentionPolicy,
    /// Returns an approval of the definition that names a version.
    pub find_approval: ApprovalFinder,
}

impl std::fmt::Debug for VersionRetention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VersionRetention").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Registry {
    /// Sets the retention that applies after each publication. Can be set once; further calls have no effect.
    pub fn set_retention(&self, retention: VersionRetention) {
        let _is_first = self.retention.set(retention);
    }

    /// Deletes the versions of all models that the retention no longer keeps. A version that cannot be deleted is
    /// logged.
    ///
    /// # Errors
    /// If the models cannot be read.
    pub fn apply_retention_to_all(&self) -> Result<(), StoreError> {
        for (model, _) in self.reader.model_states()? {
            self.apply_retention(&model);
        }
        Ok(())
    }

    /// Deletes the versions of a model that the retention no longer keeps. An error is logged: the next publication
    /// tries again.
    pub(super) fn apply_retention(&self, model: &ModelName) {
        let Some(retention) = self.retention.get().filter(|retention| !retention.policy.keeps_all()) else { return };
        if let Err(error) = self.delete_expired(model, retention) {
            tracing::warn!(%error, %model, "cannot delete old versions");
        }
    }

    fn delete_expired(&self, model: &ModelName, retention: &VersionRetention) -> Result<(), RegistryError> {
        let VersionRetention { policy, find_approval } = retention;
        let mut versions = Vec::new();
        for record in self.versions(model, None, usize::MAX)? {
            let is_protected = record.aliases.iter().any(|alias| {
                matches!(alias, ModelVersionAlias::Live | ModelVersionAlias::Candidate | ModelVersionAlias::Previous)
            }) || record.annotations.labels.contains_key(KEEP_LABEL)
                || find_approval(&record.name)?.is_some();
            versions.push(RetentionCandidate {
                number: record.name.number,
                created: Some(record.created),
                is_protected,
            });
        }
        for number in policy.expired(&versions) {
            let request = DeleteVersionRequest {
                version: ModelVersionName { model: model.clone(), number },
                etag: String::new(),
                reason: "it is beyond server.max_model_versions or server.max_model_version_days".to_owned(),
                actor: ACTOR.to_owned(),
                request: RequestKey { id: String::new(), body: sweetspot_core::Digest::new(b"") },
            };
            match self.delete_version(&request, &**find_approval) {
                // It was promoted, approved or deleted in the meantime.
                Err(RegistryError::VersionInUse { .. } | RegistryError::NoVersion { .. }) => {}
                deleted => drop(deleted?),
            }
        }
        Ok(())
    }
}
