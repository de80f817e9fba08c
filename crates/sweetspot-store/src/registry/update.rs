//! Changes what people wrote on a version. The version itself never changes.

use super::row_reader::{annotations_name, model_state_key};
use super::{Registry, RegistryError, UpdateVersionRequest, VersionRecord, rows};
use crate::annotations::{self, Annotations};
use crate::store::idempotency;

impl Registry {
    /// Changes the labels, the description or the owner of a version. A repeated request returns the current record.
    ///
    /// # Errors
    /// If the etag is stale, or the version does not exist.
    pub fn update_version(&self, update: &UpdateVersionRequest) -> Result<VersionRecord, RegistryError> {
        let UpdateVersionRequest { version, etag, labels, description, owner, request } = update;
        let model = &version.model;
        let _one = self.lock();
        let scope = format!("{}/update-version", model.workspace);
        let before = self.existing_state(model)?;
        let record = self.reader.record(version, &before.state)?;
        if idempotency::find_answer(self.store.as_ref(), &scope, request)?.is_some() {
            return Ok(record);
        }
        if !etag.is_empty() && rows::etag(model, before.state.revision) != *etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let current = record.annotations.clone();
        let next = Annotations {
            labels: labels.clone().unwrap_or(current.labels),
            description: description.clone().unwrap_or(current.description),
            owner: owner.clone().unwrap_or(current.owner),
        };
        let now = self.clock.now();
        let state = before.state.with_annotations().changed_at(now);
        let commit = idempotency::record_answer(&scope, request, b"", now)
            .replace(model_state_key(model), Some(before.bytes), rows::encode(&state)?)
            .merge(annotations::replace(&annotations_name(version), &record.annotations, &next));
        self.commit(model, &commit)?;
        self.reader.record(version, &state)
    }
}
