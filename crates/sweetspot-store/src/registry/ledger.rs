//! The registry's rows in the store, read.

use std::sync::Arc;

use sweetspot_core::{Alias, ModelName, RunName, VersionName, VersionRef};
use sweetspot_model::ModelArtifact;

use super::head::Head;
use super::rows::{self, MoveRow, TiersRow, VersionRow};
use super::{DataUse, PromotionRecord, RegistryError, VersionRecord};
use crate::store::{Store, StoreError};

const MODELS: &str = "model/";
const VERSIONS: &str = "version/";
/// Rows that are read at once.
const PAGE: usize = 256;

/// The key of a model's head row.
pub(super) fn head_key(model: &ModelName) -> String {
    format!("{MODELS}{model}")
}

/// The key of a version's row.
pub(super) fn version_key(name: &VersionName) -> String {
    format!("{VERSIONS}{}/{:020}", name.model, name.number)
}

/// The version of such a key.
fn version_of(key: &str) -> Option<VersionName> {
    let (model, number) = key.strip_prefix(VERSIONS)?.rsplit_once('/')?;
    Some(VersionName { model: model.parse().ok()?, number: number.parse().ok()? })
}

/// The key of an entry of a model's promotion history.
pub(super) fn move_key(model: &ModelName, number: u64) -> String {
    format!("promotion/{model}/{number:020}")
}

/// The key of where the tiers of a version begin, where its promotion kept them.
pub(super) fn tiers_key(name: &VersionName) -> String {
    format!("tiers/{}/{:020}", name.model, name.number)
}

/// The key of the number of the version that a run published.
pub(super) fn published_key(run: &RunName) -> String {
    format!("published/{run}")
}

/// A head together with the bytes it was read from.
#[derive(Debug)]
pub(super) struct HeadRow {
    /// The head.
    pub(super) head: Head,
    /// Its bytes, to be expected by the commit that changes it.
    pub(super) bytes: Vec<u8>,
}

/// Reads rows.
#[derive(Debug)]
pub(super) struct Ledger {
    store: Arc<dyn Store>,
}

impl Ledger {
    /// The rows of this store.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Every model and its head.
    pub(super) fn heads(&self) -> Result<Vec<(ModelName, Head)>, StoreError> {
        let mut heads = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.scan(MODELS, after.as_deref(), PAGE)?;
            let Some(last) = page.last() else { return Ok(heads) };
            after = Some(last.key.clone());
            for row in &page {
                let model = row.key.strip_prefix(MODELS).unwrap_or_default().parse();
                let model = model.map_err(|source| missing("read the name of a model", source))?;
                heads.push((model, rows::decode(&row.value)?));
            }
        }
    }

    /// A model's head; nothing where the model does not exist.
    pub(super) fn head(&self, model: &ModelName) -> Result<Option<HeadRow>, StoreError> {
        let Some(bytes) = self.store.get(&head_key(model))? else { return Ok(None) };
        Ok(Some(HeadRow { head: rows::decode(&bytes)?, bytes }))
    }

    /// The version that a run has published, if it has.
    pub(super) fn published(&self, run: &RunName) -> Result<Option<VersionName>, StoreError> {
        let Some(bytes) = self.store.get(&published_key(run))? else { return Ok(None) };
        Ok(Some(VersionName { model: run.model.clone(), number: rows::decode(&bytes)? }))
    }

    /// The version of a reference, and its model's head.
    pub(super) fn resolve(&self, version: &VersionRef) -> Result<(VersionName, Head), RegistryError> {
        let model = version.model();
        let Some(HeadRow { head, .. }) = self.head(model)? else {
            return Err(match version {
                VersionRef::Alias(model, Alias::Live) => RegistryError::NoLiveVersion { model: model.clone() },
                VersionRef::Alias(model, Alias::Candidate | Alias::Previous)
                | VersionRef::Number(VersionName { model, .. }) => RegistryError::NoModel { model: model.clone() },
            });
        };
        let number = match version {
            VersionRef::Number(name) => Some(name.number).filter(|number| (1..=head.versions).contains(number)),
            VersionRef::Alias(_, alias) => head.at(*alias),
        };
        match (number, version) {
            (Some(number), _) => Ok((VersionName { model: model.clone(), number }, head)),
            (None, VersionRef::Alias(model, Alias::Live)) => Err(RegistryError::NoLiveVersion { model: model.clone() }),
            (None, VersionRef::Alias(_, Alias::Candidate | Alias::Previous) | VersionRef::Number(_)) => {
                Err(RegistryError::NoVersion { version: version.clone() })
            }
        }
    }

    /// What every version of every model was trained on.
    pub(super) fn data_uses(&self) -> Result<Vec<DataUse>, StoreError> {
        let mut uses = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.scan(VERSIONS, after.as_deref(), PAGE)?;
            let Some(last) = page.last() else { return Ok(uses) };
            after = Some(last.key.clone());
            for row in &page {
                let version =
                    version_of(&row.key).ok_or_else(|| missing("read the name of a version", "it is damaged"))?;
                let row: VersionRow = rows::decode(&row.value)?;
                uses.push(DataUse { version, dataset: row.dataset()?, data: row.data()? });
            }
        }
    }

    /// What is known of a version, as the model stands.
    pub(super) fn record(&self, name: &VersionName, head: &Head) -> Result<VersionRecord, RegistryError> {
        Ok(self.version(name)?.record(name, head, self.kept_tiers(name)?)?)
    }

    /// The artifact of a version, verified, with the tiers that it has by now.
    pub(super) fn artifact(&self, name: &VersionName) -> Result<ModelArtifact, RegistryError> {
        self.artifact_with(name, self.kept_tiers(name)?)
    }

    /// The artifact of a version, verified, with tiers that begin here, or else where its training put them.
    pub(super) fn artifact_with(
        &self,
        name: &VersionName,
        cuts: Option<[f64; 3]>,
    ) -> Result<ModelArtifact, RegistryError> {
        let bytes = self.store.blob(&self.version(name)?.artifact()?)?;
        let artifact = ModelArtifact::from_bytes(&bytes)
            .map_err(|source| RegistryError::Artifact { version: name.clone(), source })?;
        Ok(match cuts {
            Some(cuts) => artifact.with_tier_cuts(cuts),
            None => artifact,
        })
    }

    /// Where the tiers of a version begin, if its promotion kept them.
    fn kept_tiers(&self, name: &VersionName) -> Result<Option<[f64; 3]>, StoreError> {
        let Some(bytes) = self.store.get(&tiers_key(name))? else { return Ok(None) };
        Ok(Some(rows::decode::<TiersRow>(&bytes)?.cuts))
    }

    /// One entry of a model's promotion history.
    pub(super) fn promotion(&self, model: &ModelName, number: u64) -> Result<PromotionRecord, RegistryError> {
        let bytes = self.store.get(&move_key(model, number))?;
        let bytes = bytes.ok_or_else(|| missing("read the promotion history", "an entry is missing"))?;
        Ok(rows::decode::<MoveRow>(&bytes)?.record(model)?)
    }

    fn version(&self, name: &VersionName) -> Result<VersionRow, RegistryError> {
        match self.store.get(&version_key(name))? {
            Some(bytes) => Ok(rows::decode(&bytes)?),
            None if self.head(&name.model)?.is_none() => Err(RegistryError::NoModel { model: name.model.clone() }),
            None => Err(RegistryError::NoVersion { version: VersionRef::Number(name.clone()) }),
        }
    }
}

fn missing(action: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Backend { action, source: source.into() }
}
