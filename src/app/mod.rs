//! The composition root: connects a store, a registry, datasets, jobs and services, and serves them.

mod access_control;
mod admin_server;
mod connections;
mod embedded_server;
mod ended_runs;
mod error;
mod file_limit;
mod http;
#[cfg(feature = "jwt")]
mod key_fetch;
mod memory_limit;
mod metrics_source;
#[cfg(not(feature = "jwt"))]
mod no_key_fetch;
mod otlp_export;
mod process_stats;
mod reload;
mod serve;
mod startup_retention;
mod tls;
mod unknown_clients;
mod write_timeout;

use std::sync::Arc;
use std::thread::available_parallelism;

use sweetspot_store::api_keys::ApiKeys;
use sweetspot_store::audit_log::{AuditLog, AuditLogKind};
use sweetspot_store::clock::{Clock, SystemClock};
use sweetspot_store::datasets::Datasets;
use sweetspot_store::definitions::Definitions;
use sweetspot_store::erasure::Erasure;
use sweetspot_store::garbage::GarbageCollector;
pub use sweetspot_store::jobs::SubmittingProcess;
use sweetspot_store::jobs::{JobLimits, Jobs};
use sweetspot_store::registry::Registry;
use sweetspot_store::store::{SledStore, Store, idempotency};

pub use self::connections::listen;
#[cfg(any(test, fuzzing))]
pub(crate) use self::connections::reference_frame_parser;
pub use self::embedded_server::EmbeddedServer;
pub use self::error::AppError;
pub(crate) use self::file_limit::raise_file_limit;
#[cfg(feature = "jwt")]
use self::key_fetch::KeyFetcher;
#[cfg(not(feature = "jwt"))]
use self::no_key_fetch::NoKeyFetcher as KeyFetcher;
use crate::api::{AppState, WorkspaceLimits};
use crate::config::Settings;

/// The state of a server. Clones share it.
#[derive(Clone, Debug)]
pub struct App {
    state: AppState,
    /// Joined once the last clone is dropped, so that the store can be opened again.
    _garbage: Option<Arc<GarbageCollector>>,
}

impl App {
    /// Opens the sled store of the settings for a process of the kind `owner`, and the components on top of it.
    ///
    /// # Errors
    /// Returns an error if the store is in use or unreadable.
    pub fn open(settings: &Settings, owner: SubmittingProcess) -> Result<Self, AppError> {
        let store = Arc::new(SledStore::open_with_min_free(&settings.store, settings.server.min_free_disk.0)?);
        Self::build(store, Arc::new(SystemClock), settings, owner)
            .map_err(|error| error.with_store_path(&settings.store))
    }

    /// Creates the components of a server on top of a given store.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub fn with_store(store: Arc<dyn Store>, clock: Arc<dyn Clock>, settings: &Settings) -> Result<Self, AppError> {
        Self::build(store, clock, settings, SubmittingProcess::Server)
    }

    fn build(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        settings: &Settings,
        owner: SubmittingProcess,
    ) -> Result<Self, AppError> {
        idempotency::sweep(&*store, clock.now())?;
        let registry = Arc::new(Registry::open(Arc::clone(&store), Arc::clone(&clock))?);
        let datasets = Datasets::new(Arc::clone(&store), Arc::clone(&clock));
        let max_import_bytes = memory_limit::import_memory(settings.server.max_import_size);
        let definitions = Definitions::new(Arc::clone(&store), Arc::clone(&clock));
        let jobs = Jobs::start(
            Arc::clone(&store),
            Arc::clone(&registry),
            datasets.clone(),
            Arc::clone(&clock),
            job_limits(settings),
            owner,
        )?;
        startup_retention::set(&registry, definitions.clone(), &settings.server);
        let garbage = match owner {
            SubmittingProcess::Server => {
                Some(Arc::new(GarbageCollector::start(Arc::clone(&store), Arc::clone(&clock))?))
            }
            SubmittingProcess::Command => None,
        };
        let erasure = Erasure::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            datasets.clone(),
            definitions.clone(),
            Arc::clone(&registry),
            jobs.clone(),
        );
        erasure.finish_interrupted();
        let api_keys = ApiKeys::open(Arc::clone(&store), Arc::clone(&clock))?;
        let max_records = settings.auth.max_audit_records;
        let audit = AuditLog::open(Arc::clone(&store), Arc::clone(&clock), AuditLogKind::Changes, max_records)?;
        let denials = AuditLog::open(Arc::clone(&store), Arc::clone(&clock), AuditLogKind::Denials, max_records)?;
        let state = AppState {
            store,
            registry,
            datasets,
            definitions,
            erasure,
            jobs,
            api_keys,
            audit,
            denials,
            workspace_limits: WorkspaceLimits::new(&settings.workspace),
            clock,
            max_import_bytes,
        };
        if owner == SubmittingProcess::Server {
            startup_retention::apply(&state, &settings.server);
        }
        Ok(Self { state, _garbage: garbage })
    }

    /// The registry of versions and aliases.
    #[must_use]
    pub const fn registry(&self) -> &Arc<Registry> {
        &self.state.registry
    }
}

/// The limits of training runs, with the machine's own where the settings leave them open.
fn job_limits(settings: &Settings) -> JobLimits {
    let cores = available_parallelism().map_or(1, usize::from);
    JobLimits {
        max_queued: settings.training.queue,
        max_queued_per_workspace: settings.workspace.max_queued_runs.unwrap_or(settings.training.queue),
        threads: if settings.training.threads == 0 { cores } else { settings.training.threads },
        max_memory_bytes: memory_limit::training_memory(settings.training.max_memory),
    }
}
