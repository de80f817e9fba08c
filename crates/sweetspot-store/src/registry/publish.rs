//! Publication of a new version.

use sweetspot_core::{DatasetVersionName, ModelVersionName, ModelVersionRef, RunName};
use sweetspot_model::ModelArtifact;

use super::row_reader::{annotations_name, model_state_key, published_key, version_key};
use super::rows::{self, ModelVersionRow};
use super::{Registry, RegistryError, VersionRecord, version_cache};
use crate::annotations::{self, Annotations};
use crate::store::{Commit, LeaseToken};

/// The maximum number of attempts to publish a version while other servers change its model.
const MAX_ATTEMPTS: usize = 10;

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
        let mut attempts = 1..MAX_ATTEMPTS;
        let record = loop {
            match self.publish_version(run, artifact, dataset, lease) {
                // Another server changed the model at the same time.
                Err(RegistryError::StaleEtag { .. }) if attempts.next().is_some() => {}
                published => break published?,
            }
        };
        self.apply_retention(&run.model);
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
        let before = self.reader.model_state(&run.model)?;
        let (state, number) = match &before {
            Some(row) => row.state.publish(),
            None => self.reader.first_state(&run.model)?.publish(),
        };
        let name = ModelVersionName { model: run.model.clone(), number };
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
        let row = ModelVersionRow::new(run, &stored, digest, bytes.len(), now, dataset);
        let annotations = annotations::read(self.store.as_ref(), &run.to_string())?;
        let commit = annotations::replace(&annotations_name(&name), &Annotations::default(), &annotations)
            .create(version_key(&name), rows::encode(&row)?)
            .create(published_key(run), rows::encode(&number)?)
            .replace(model_state_key(&run.model), before.map(|row| row.bytes), rows::encode(&state)?);
        let commit = Commit { lease: lease.cloned(), ..commit };
        self.commit(&run.model, &commit)?;
        self.recent.insert(&loaded);
        Ok(row.record(&name, &state, None, annotations)?)
    }
}
