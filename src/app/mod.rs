//! The composition root: puts a store, a registry, datasets, jobs and services together, and serves them.

mod connections;
mod embed;
mod error;
mod figures;
mod http;
mod serve;

use std::sync::Arc;
use std::thread::available_parallelism;

use sweetspot_store::clock::{Clock, SystemClock};
use sweetspot_store::datasets::Datasets;
use sweetspot_store::definitions::Definitions;
pub use sweetspot_store::jobs::Owner;
use sweetspot_store::jobs::{JobLimits, Jobs};
use sweetspot_store::registry::Registry;
use sweetspot_store::store::{SledStore, Store, requests};

pub use self::connections::listen;
pub use self::embed::Embedded;
pub use self::error::AppError;
use crate::api::Parts;
use crate::config::Settings;

/// Everything a server holds. Clones share it.
#[derive(Clone, Debug)]
pub struct World {
    parts: Parts,
}

impl World {
    /// Opens the sled store of the settings for a process of the kind `owner`, and everything above it.
    ///
    /// # Errors
    /// Where the store is in use or unreadable.
    pub fn open(settings: &Settings, owner: Owner) -> Result<Self, AppError> {
        let store = Arc::new(SledStore::open(&settings.store)?);
        Self::above(store, Arc::new(SystemClock), settings, owner).map_err(|error| error.within(&settings.store))
    }

    /// Everything above a given store, as a server has it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn over(store: Arc<dyn Store>, clock: Arc<dyn Clock>, settings: &Settings) -> Result<Self, AppError> {
        Self::above(store, clock, settings, Owner::Server)
    }

    fn above(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        settings: &Settings,
        owner: Owner,
    ) -> Result<Self, AppError> {
        requests::sweep(&*store, clock.now())?;
        let registry = Arc::new(Registry::open(Arc::clone(&store), Arc::clone(&clock))?);
        let datasets = Datasets::new(Arc::clone(&store), Arc::clone(&clock));
        let cores = available_parallelism().map_or(1, usize::from);
        let threads = if settings.training.threads == 0 { cores } else { settings.training.threads };
        let memory = settings.training.max_memory_bytes;
        let limits = JobLimits { queued: settings.training.queue, threads, memory };
        let definitions = Definitions::new(Arc::clone(&store), Arc::clone(&clock));
        let jobs = Jobs::start(store, Arc::clone(&registry), datasets.clone(), Arc::clone(&clock), limits, owner)?;
        Ok(Self { parts: Parts { registry, datasets, definitions, jobs, clock } })
    }

    /// Versions and what is live.
    #[must_use]
    pub const fn registry(&self) -> &Arc<Registry> {
        &self.parts.registry
    }
}
