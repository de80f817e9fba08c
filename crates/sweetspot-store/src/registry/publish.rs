//! Publication of a new version: of a training run, or of an artifact from another store.

use sweetspot_core::{DatasetVersionName, ModelName, ModelVersionName, ModelVersionRef, RunName};
use sweetspot_model::ModelArtifact;

use super::row_reader::{annotations_name, model_state_key, published_key, version_key};
use super::rows::{self, ModelVersionRow};
use super::{ImportVersionRequest, Registry, RegistryError, VersionRecord, version_cache};
use crate::annotations::{self, Annotations};
use crate::store::{Commit, LeaseToken, idempotency};

/// The maximum number of attempts to add a version while other servers change its model.
const MAX_ATTEMPTS: usize = 10;

/// Where a new version comes from.
struct VersionOrigin<'a> {
    /// `None` for an artifact from another store.
    run: Option<&'a RunName>,
    /// The dataset version of its training in this store, if it is known.
    dataset: Option<&'a DatasetVersionName>,
}

impl Registry {
    /// Publishes a version that was not trained on a dataset version; see [`Self::publish_with_dataset`].
    ///
    /// # Errors
    /// If the artifact cannot be verified, or the store fails.
    pub fn publish(&self, run: &RunName, artifact: &ModelArtifact) -> Result<VersionRecord, RegistryError> {
        self.publish_with_dataset(run, artifact, None, None)
    }

    /// Stores a new version with the name of its dataset version and the annotations of its run, reads it back and
    /// verifies it, and moves `candidate` to it. A run publishes one version: if it has already published, that version
    /// is returned. Nothing is published if `lease` is lost.
    ///
    /// # Errors
    /// If the artifact cannot be verified, or the store fails.
    pub fn publish_with_dataset(
        &self,
        run: &RunName,
        artifact: &ModelArtifact,
        dataset: Option<&DatasetVersionName>,
        lease: Option<&LeaseToken>,
    ) -> Result<VersionRecord, RegistryError> {
        self.add_with_retries(&run.model, || self.publish_version(run, artifact, dataset, lease))
    }

    /// Adds a version, again if another server changed the model at the same time, and removes old versions.
    fn add_with_retries(
        &self,
        model: &ModelName,
        add: impl Fn() -> Result<VersionRecord, RegistryError>,
    ) -> Result<VersionRecord, RegistryError> {
        let mut attempts = 1..MAX_ATTEMPTS;
        let record = loop {
            match add() {
                Err(RegistryError::StaleEtag { .. }) if attempts.next().is_some() => {}
                added => break added?,
            }
        };
        self.apply_retention(model);
        Ok(record)
    }

    fn publish_version(
        &self,
        run: &RunName,
        artifact: &ModelArtifact,
        dataset: Option<&DatasetVersionName>,
        lease: Option<&LeaseToken>,
    ) -> Result<VersionRecord, RegistryError> {
        let _one = self.lock();
        if let Some(name) = self.reader.published(run)? {
            let (name, state) = self.reader.resolve(&ModelVersionRef::Number(name))?;
            return self.reader.record(&name, &state);
        }
        let annotations = annotations::read(self.store.as_ref(), &run.to_string())?;
        let origin = VersionOrigin { run: Some(run), dataset };
        let record_run = |number| {
            let commit = Commit { lease: lease.cloned(), ..Commit::default() };
            Ok(commit.create(published_key(run), rows::encode(&number)?))
        };
        self.add_version(&run.model, artifact, &origin, annotations, record_run)
    }

    /// Stores an artifact of another store as a new version, reads it back and verifies it, and moves `candidate` to it.
    /// A repeated request returns the version of the first one.
    ///
    /// # Errors
    /// If the artifact cannot be verified, or the store fails.
    pub fn import_version(&self, import: &ImportVersionRequest) -> Result<VersionRecord, RegistryError> {
        self.add_with_retries(&import.model, || self.add_imported(import))
    }

    fn add_imported(&self, import: &ImportVersionRequest) -> Result<VersionRecord, RegistryError> {
        let ImportVersionRequest { model, artifact, annotations, request } = import;
        let _one = self.lock();
        let scope = format!("{}/import-version", model.workspace);
        if let Some(answer) = idempotency::find_answer(self.store.as_ref(), &scope, request)? {
            let version = ModelVersionName { model: model.clone(), number: rows::decode(&answer)? };
            let (name, state) = self.reader.resolve(&ModelVersionRef::Number(version))?;
            return self.reader.record(&name, &state);
        }
        let record_answer =
            |number| Ok(idempotency::record_answer(&scope, request, &rows::encode(&number)?, self.clock.now()));
        let origin = VersionOrigin { run: None, dataset: None };
        self.add_version(model, artifact, &origin, annotations.clone(), record_answer)
    }

    /// Adds a version with the next number. `record_number` returns what is stored with it. The caller holds the lock.
    fn add_version(
        &self,
        model: &ModelName,
        artifact: &ModelArtifact,
        origin: &VersionOrigin<'_>,
        annotations: Annotations,
        record_number: impl FnOnce(u64) -> Result<Commit, RegistryError>,
    ) -> Result<VersionRecord, RegistryError> {
        let before = self.reader.model_state(model)?;
        let (state, number) = match &before {
            Some(row) => row.state.publish(),
            None => self.reader.first_state(model)?.publish(),
        };
        let name = ModelVersionName { model: model.clone(), number };
        let bytes = artifact.to_bytes();
        let digest = self.store.put_blob(&bytes)?;
        let stored = self.store.blob(&digest)?;
        let stored = ModelArtifact::from_bytes(&stored)
            .map_err(|source| RegistryError::Artifact { version: name.clone(), source })?;
        let loaded = version_cache::compile(&name, &stored)?;
        let now = self.clock.now();
        let mut state = state.changed_at(now);
        if before.is_none() {
            state.created.clone_from(&state.updated);
        }
        let row = ModelVersionRow::new(origin.run, &stored, digest, bytes.len(), now, origin.dataset);
        let commit = record_number(number)?
            .merge(annotations::replace(&annotations_name(&name), &Annotations::default(), &annotations))
            .create(version_key(&name), rows::encode(&row)?)
            .replace(model_state_key(model), before.map(|row| row.bytes), rows::encode(&state)?);
        self.commit(model, &commit)?;
        self.recent.insert(&loaded);
        Ok(row.record(&name, &state, None, annotations)?)
    }
}
