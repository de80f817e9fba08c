//! Deletion of versions and of whole models.
//!
//! The deletion of a model is decided by one commit, which removes its state and leaves a tombstone. Its other rows are
//! removed afterwards, a page at a time; if the process ends in between, the next one continues.

use std::collections::BTreeSet;

use sweetspot_core::{Digest, ModelName, ModelVersionAlias, ModelVersionName};

use super::model_state::ModelState;
use super::row_reader::{
    PUBLISHED_PREFIX, VERSION_PREFIX, annotations_name, model_state_key, moves_prefix, tiers_key, tiers_prefix,
    version_key, versions_prefix,
};
use super::rows::{self, ModelVersionRow};
use super::tombstones::{self, DeletedModelRow, DeletedVersionRow};
use super::{DeleteModelRequest, DeleteVersionRequest, ModelRecord, Registry, RegistryError};
use crate::annotations::{self, Annotations};
use crate::store::{Commit, StoreError, idempotency};

/// The number of rows that are read or removed at a time.
const PAGE_ROWS: usize = 256;

/// What approves a version of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionApproval {
    /// The approved version of the definition with this number, which may be damaged.
    Approved(u64),
    /// An approval of the definition in review, which may be damaged.
    InReview,
}

impl VersionApproval {
    /// Why the version cannot be deleted.
    fn why(self) -> String {
        match self {
            Self::Approved(number) => {
                format!("approved version {number} of the definition names it, or cannot be read")
            }
            Self::InReview => "an approval of the definition in review names it, or cannot be read: approve the \
                               definition, or return it to draft"
                .to_owned(),
        }
    }
}

/// Returns an approval that names this version of the model, if there is one.
pub type FindApproval<'a> = &'a dyn Fn(&ModelVersionName) -> Result<Option<VersionApproval>, RegistryError>;

impl Registry {
    /// Deletes a version and its artifact, and returns the record of the model. If the version was the candidate, the
    /// newest other version becomes the candidate. A repeated request returns the current record.
    ///
    /// # Errors
    /// If the version is live, previous or named by an approval of the definition; if the etag is stale; or if the version
    /// does not exist.
    pub fn delete_version(
        &self,
        delete: &DeleteVersionRequest,
        find_approval: FindApproval<'_>,
    ) -> Result<ModelRecord, RegistryError> {
        let DeleteVersionRequest { version, etag, reason, actor, request } = delete;
        let model = &version.model;
        let _one = self.lock();
        let scope = format!("{}/delete-version", model.workspace);
        if idempotency::find_answer(self.store.as_ref(), &scope, request)?.is_some() {
            return self.model(model);
        }
        let before = self.existing_state(model)?;
        if !etag.is_empty() && rows::etag(model, before.state.revision) != *etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let artifact = self.reader.artifact_digest(version)?;
        let annotations = annotations::read(self.store.as_ref(), &annotations_name(version))?;
        check_unused(version, &before.state, find_approval)?;
        let newest = self.newest_other(&before.state, version)?;
        let now = self.clock.now();
        let state = before.state.delete(version.number, newest).changed_at(now);
        let tombstone = DeletedVersionRow { time: now.to_string(), actor: actor.clone(), reason: reason.clone() };
        let mut commit = idempotency::record_answer(&scope, request, b"", now)
            .create(tombstones::version_key(version), rows::encode(&tombstone)?)
            .replace(model_state_key(model), Some(before.bytes), rows::encode(&state)?);
        commit = commit.merge(annotations::replace(&annotations_name(version), &annotations, &Annotations::default()));
        commit.writes.push((version_key(version), None));
        commit.writes.push((tiers_key(version), None));
        self.commit(model, &commit)?;
        self.recent.remove(model, |number| number == version.number);
        tracing::info!(%version, by = actor, reason, "version deleted");
        self.remove_artifacts(BTreeSet::from([artifact.to_string()]));
        self.model(model)
    }

    /// Returns the number of the newest version other than this one.
    fn newest_other(&self, state: &ModelState, version: &ModelVersionName) -> Result<Option<u64>, RegistryError> {
        for number in (1..=state.versions).rev().filter(|number| *number != version.number) {
            if self.store.get(&version_key(&ModelVersionName { model: version.model.clone(), number }))?.is_some() {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// Deletes a model: its versions, promotion history and thresholds. The caller removes what belongs to others, and
    /// then calls [`Self::finish_deletion`]. A repeated request has no effect.
    ///
    /// # Errors
    /// If the request does not confirm the deletion, the etag is missing or stale, or the model does not exist.
    pub fn delete_model(&self, delete: &DeleteModelRequest) -> Result<(), RegistryError> {
        let DeleteModelRequest { model, etag, force, reason, actor, request } = delete;
        let _one = self.lock();
        let scope = format!("{}/delete-model", model.workspace);
        if idempotency::find_answer(self.store.as_ref(), &scope, request)?.is_some() {
            return Ok(());
        }
        let before = self.existing_state(model)?;
        let count = before.state.version_count();
        if !force {
            return Err(RegistryError::ModelNotEmpty { model: model.clone(), count });
        }
        if etag.is_empty() {
            return Err(RegistryError::EtagMissing);
        }
        if rows::etag(model, before.state.revision) != *etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let (now, ModelState { versions, moves, revision, .. }) = (self.clock.now(), before.state);
        let tombstone = DeletedModelRow {
            time: now.to_string(),
            actor: actor.clone(),
            reason: reason.clone(),
            versions,
            moves,
            revision: revision + 1,
            is_removed: false,
        };
        let mut commit = idempotency::record_answer(&scope, request, b"", now);
        commit.expectations.push((model_state_key(model), Some(before.bytes)));
        commit.writes.push((model_state_key(model), None));
        commit.writes.push((tombstones::model_key(model), Some(rows::encode(&tombstone)?)));
        self.commit(model, &commit)?;
        self.live.remove(model);
        self.recent.remove(model, |_| true);
        tracing::info!(%model, versions = count, by = actor, reason, "model deleted");
        Ok(())
    }

    /// Returns the deleted models for which [`Self::finish_deletion`] is still to be called.
    ///
    /// # Errors
    /// If the store fails.
    pub fn unfinished_deletions(&self) -> Result<Vec<ModelName>, StoreError> {
        self.reader.unfinished_deletions()
    }

    /// Removes the rows and artifacts of a deleted model. Has no effect if that is done.
    ///
    /// # Errors
    /// If the store fails.
    pub fn finish_deletion(&self, model: &ModelName) -> Result<(), RegistryError> {
        let _one = self.lock();
        let Some(tombstone) = self.reader.deleted_model(model)?.filter(|row| !row.is_removed) else {
            return Ok(());
        };
        // Removed before the rows that name them: the model has no other use for them.
        let artifacts = self.artifacts(model)?;
        let published = format!("{PUBLISHED_PREFIX}{model}/");
        let prefixes = [
            versions_prefix(model),
            moves_prefix(model),
            tiers_prefix(model),
            published,
            tombstones::version_prefix(model),
            annotations::prefix(&model.to_string()),
        ];
        for prefix in prefixes {
            self.remove_rows(&prefix)?;
        }
        self.remove_artifacts(artifacts);
        let tombstone = rows::encode(&DeletedModelRow { is_removed: true, ..tombstone })?;
        let writes = vec![(tombstones::model_key(model), Some(tombstone))];
        Ok(self.store.commit(&Commit { lease: None, expectations: Vec::new(), writes })?)
    }

    /// Removes all rows whose keys start with a prefix.
    fn remove_rows(&self, prefix: &str) -> Result<(), StoreError> {
        loop {
            let page = self.store.scan(prefix, None, PAGE_ROWS)?;
            if page.is_empty() {
                return Ok(());
            }
            let writes = page.into_iter().map(|row| (row.key, None)).collect();
            self.store.commit(&Commit { lease: None, expectations: Vec::new(), writes })?;
        }
    }

    /// Returns the digests of the artifacts of a model.
    fn artifacts(&self, model: &ModelName) -> Result<BTreeSet<String>, StoreError> {
        let mut artifacts = BTreeSet::new();
        self.visit_versions(&versions_prefix(model), |row| {
            artifacts.insert(row.artifact()?.to_string());
            Ok(())
        })?;
        Ok(artifacts)
    }

    /// Removes the blobs of these artifacts that no version refers to. The rows are gone already: a blob that remains
    /// only takes disk space, so that an error is only logged.
    fn remove_artifacts(&self, mut artifacts: BTreeSet<String>) {
        let used = self.visit_versions(VERSION_PREFIX, |row| {
            artifacts.remove(&row.artifact()?.to_string());
            Ok(())
        });
        let remove = || -> Result<(), StoreError> {
            used?;
            for digest in artifacts.iter().filter_map(|digest| digest.parse::<Digest>().ok()) {
                self.store.remove_blob(&digest)?;
            }
            Ok(())
        };
        if let Err(error) = remove() {
            tracing::warn!(%error, "cannot remove the artifact of a deleted version from the disk");
        }
    }

    fn visit_versions(
        &self,
        prefix: &str,
        mut visit: impl FnMut(&ModelVersionRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let page = self.store.scan(prefix, after.as_deref(), PAGE_ROWS)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.key.clone());
            for row in &page {
                visit(&rows::decode(&row.value)?)?;
            }
        }
    }
}

/// Fails if a version cannot be deleted because of its use.
fn check_unused(
    version: &ModelVersionName,
    state: &ModelState,
    find_approval: FindApproval<'_>,
) -> Result<(), RegistryError> {
    let use_of = |why: String| Err(RegistryError::VersionInUse { version: version.clone(), why });
    if state.alias_target(ModelVersionAlias::Live) == Some(version.number) {
        return use_of("it is live: promote another version first".to_owned());
    }
    if state.alias_target(ModelVersionAlias::Previous) == Some(version.number) {
        return use_of("it is the previous version, which answers if the live one is damaged".to_owned());
    }
    match find_approval(version)? {
        Some(approval) => use_of(approval.why()),
        None => Ok(()),
    }
}
