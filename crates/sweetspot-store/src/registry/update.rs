//! Changes what people wrote on a version. The version itself never changes.

use super::version_store::{annotations_name, model_state_key};
use super::{Registry, RegistryError, UpdateVersionRequest, VersionRecord, rows};
use crate::annotations::{self, Annotations};
use crate::store::requests;

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
        let record = self.version_store.record(version, &before.head)?;
        if requests::find_answer(self.store.as_ref(), &scope, request)?.is_some() {
            return Ok(record);
        }
        if !etag.is_empty() && rows::etag(model, before.head.revision) != *etag {
            return Err(RegistryError::StaleEtag { model: model.clone() });
        }
        let current = record.annotations.clone();
        let next = Annotations {
            labels: labels.clone().unwrap_or(current.labels),
            description: description.clone().unwrap_or(current.description),
            owner: owner.clone().unwrap_or(current.owner),
        };
        let now = self.clock.now();
        let head = before.head.with_annotations().changed_at(now);
        let commit = requests::record_answer(&scope, request, b"", now)
            .replace(model_state_key(model), Some(before.bytes), rows::encode(&head)?)
            .merge(annotations::replace(&annotations_name(version), &record.annotations, &next));
        self.commit(model, &commit)?;
        self.version_store.record(version, &head)
    }
}
