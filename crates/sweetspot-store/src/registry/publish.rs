//! A new version: kept, read back, verified, numbered.

use sweetspot_core::{DatasetVersionName, RunName, VersionName, VersionRef};
use sweetspot_model::ModelArtifact;

use super::ledger::{head_key, published_key, version_key};
use super::rows::{self, VersionRow};
use super::{Registry, RegistryError, VersionRecord, load};
use crate::store::Commit;

impl Registry {
    /// Keeps a new version that stands on no version of a dataset; as [`Self::publish_on`].
    ///
    /// # Errors
    /// Where it does not verify or the store fails.
    pub fn publish(&self, run: &RunName, artifact: &ModelArtifact) -> Result<VersionRecord, RegistryError> {
        self.publish_on(run, artifact, None)
    }

    /// Keeps a new version and the dataset version that it stands on, reads it back, verifies it, and points `candidate` at
    /// it. A run publishes once: again, and it is given the same version.
    ///
    /// # Errors
    /// Where it does not verify or the store fails.
    pub fn publish_on(
        &self,
        run: &RunName,
        artifact: &ModelArtifact,
        dataset: Option<&DatasetVersionName>,
    ) -> Result<VersionRecord, RegistryError> {
        let _one = self.one_at_a_time();
        if let Some(name) = self.ledger.published(run)? {
            let (name, head) = self.ledger.resolve(&VersionRef::Number(name))?;
            return self.ledger.record(&name, &head);
        }
        let before = self.ledger.head(&run.model)?;
        let (head, number) = before.as_ref().map(|row| row.head.clone()).unwrap_or_default().publish();
        let name = VersionName { model: run.model.clone(), number };
        let bytes = artifact.to_bytes();
        let digest = self.store.put_blob(&bytes)?;
        let kept = self.store.blob(&digest)?;
        let kept = ModelArtifact::from_bytes(&kept)
            .map_err(|source| RegistryError::Artifact { version: name.clone(), source })?;
        let loaded = load::compile(&name, &kept)?;
        let row = VersionRow::new(run, &kept, digest, bytes.len(), self.clock.now(), dataset);
        let commit = Commit::default()
            .create(version_key(&name), rows::encode(&row)?)
            .create(published_key(run), rows::encode(&number)?)
            .replace(head_key(&run.model), before.map(|row| row.bytes), rows::encode(&head)?);
        self.commit(&run.model, &commit)?;
        self.recent.keep(&loaded);
        Ok(row.record(&name, &head, None)?)
    }
}
