//! What the documents of a version are made of: loaded once, kept while it is asked for.

use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use tonic::Status;

use super::Profile;
use crate::api::convert::plan::DEFAULT_VERSION;
use crate::api::problems::Problems;
use crate::api::status::status;
use crate::datasets::DatasetError;
use crate::domain::{Definition, Digest, LabelError, VersionRef};
use crate::fault::{Fault, FaultKind};
use crate::registry::{RegistryError, VersionRecord};
use crate::report::Evidence;

/// The evidence that was asked for last: people read one document after the other.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Option<(Digest, Arc<Evidence>)>>);

impl Cache {
    fn get(&self, artifact: Digest) -> Option<Arc<Evidence>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(digest, _)| *digest == artifact).map(|(_, evidence)| Arc::clone(evidence))
    }

    fn keep(&self, artifact: Digest, evidence: &Arc<Evidence>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((artifact, Arc::clone(evidence)));
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
    /// Its policy does not label its own customers.
    #[error(transparent)]
    Labels(#[from] LabelError),
}

impl Fault for EvidenceError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Registry(source) => source.kind(),
            Self::Customers(source) => source.kind(),
            Self::Labels(_) => FaultKind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Registry(source) => source.reason(),
            Self::Customers(source) => source.reason(),
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
        let record = self.work.keep(move || registry.version(&name)).await?;
        if let Some(evidence) = self.evidence.get(record.artifact) {
            return Ok(evidence);
        }
        let (parts, artifact) = (self.parts.clone(), record.artifact);
        let evidence = self.work.keep(move || load(&parts, &record)).await?;
        self.evidence.keep(artifact, &evidence);
        Ok(evidence)
    }
}

fn load(parts: &super::Parts, record: &VersionRecord) -> Result<Arc<Evidence>, EvidenceError> {
    // By number: an alias may have moved in between.
    let version = VersionRef::Number(record.name.clone());
    let (loaded, model) = (parts.registry.resolve(&version)?, parts.registry.artifact(&version)?);
    let customers = parts.datasets.customers(&record.data)?;
    let definition = Definition::default();
    let as_of = crate::domain::Date::of(parts.clock.now());
    let evidence = Evidence::new(record.name.to_string(), model, &loaded.scorer, customers, definition, as_of)?;
    Ok(Arc::new(evidence))
}
