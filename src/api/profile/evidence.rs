//! What the documents of a version are made of: loaded once, kept while it is asked for.

use std::sync::{Arc, Mutex, PoisonError};

use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_core::{Date, Definition, Digest, LabelError, VersionRef};
use sweetspot_report::Evidence;
use sweetspot_store::datasets::DatasetError;
use sweetspot_store::definitions::DefinitionError;
use sweetspot_store::registry::{RegistryError, VersionRecord};
use thiserror::Error;
use tonic::Status;

use super::Profile;
use crate::api::Parts;
use crate::api::convert::plan::DEFAULT_VERSION;
use crate::api::problems::Problems;
use crate::api::status::status;

/// Approved states that documents tell of.
const APPROVED: usize = 10;

/// The evidence that was asked for last: people read one document after the other.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Option<(Key, Arc<Evidence>)>>);

/// What evidence depends on: the artifact, the etag of the definition with the kept tiers, and the day.
type Key = (Digest, String, Date);

impl Cache {
    fn get(&self, key: &Key) -> Option<Arc<Evidence>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(of, _)| of == key).map(|(_, evidence)| Arc::clone(evidence))
    }

    fn keep(&self, key: Key, evidence: &Arc<Evidence>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, Arc::clone(evidence)));
    }
}

/// Why there is no evidence for a version.
#[derive(Debug, Error)]
pub(super) enum EvidenceError {
    /// The version cannot be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The customers it was trained on cannot be read.
    #[error(transparent)]
    Customers(#[from] DatasetError),
    /// What people agree on cannot be read.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// Its policy does not label its own customers.
    #[error(transparent)]
    Labels(#[from] LabelError),
}

impl Fault for EvidenceError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Registry(source) => source.kind(),
            Self::Customers(source) => source.kind(),
            Self::Definition(source) => source.kind(),
            Self::Labels(_) => FaultKind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Registry(source) => source.reason(),
            Self::Customers(source) => source.reason(),
            Self::Definition(source) => source.reason(),
            Self::Labels(_) => "INTERNAL",
        }
    }
}

impl Profile {
    /// Makes a document of a version; an empty name means the live one of the default model.
    pub(super) async fn document<T: Send + 'static>(
        &self,
        version: &str,
        make: impl FnOnce(&Evidence) -> T + Send + 'static,
    ) -> Result<T, Status> {
        let evidence = self.evidence(version).await?;
        self.work.compute(move |_| make(&evidence)).await
    }

    /// What the documents of a version are made of.
    pub(super) async fn evidence(&self, version: &str) -> Result<Arc<Evidence>, Status> {
        let mut problems = Problems::default();
        let name = problems.name_or("version", version, DEFAULT_VERSION);
        let name: VersionRef = problems.check(name).map_err(|fault| status(&fault))?;
        let registry = Arc::clone(&self.parts.registry);
        let definitions = self.parts.definitions.clone();
        let read = move || {
            let record = registry.version(&name)?;
            let held = definitions.get(&record.name.model)?;
            Ok::<_, EvidenceError>((record, held))
        };
        let (record, held) = self.work.keep(read).await?;
        let as_of = Date::of(self.parts.clock.now());
        // Tiers may be others since a promotion, though the artifact is the same.
        let key = (record.artifact, format!("{} {:?}", held.etag, record.kept_tiers), as_of);
        if let Some(evidence) = self.evidence.get(&key) {
            return Ok(evidence);
        }
        let parts = self.parts.clone();
        let evidence = self.work.keep(move || load(&parts, &record, held.definition, as_of)).await?;
        self.evidence.keep(key, &evidence);
        Ok(evidence)
    }
}

fn load(
    parts: &Parts,
    record: &VersionRecord,
    definition: Definition,
    as_of: Date,
) -> Result<Arc<Evidence>, EvidenceError> {
    // By number: an alias may have moved in between.
    let version = VersionRef::Number(record.name.clone());
    let (loaded, model) = (parts.registry.resolve(&version)?, parts.registry.artifact(&version)?);
    let customers = parts.datasets.customers(&record.data)?;
    let evidence = Evidence::new(record.name.to_string(), model, &loaded.scorer, customers, definition, as_of)?;
    let approved = parts.definitions.versions(&record.name.model, None, APPROVED)?;
    Ok(Arc::new(Evidence { approved, ..evidence }))
}
