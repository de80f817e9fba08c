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
mod shared_state;
mod startup_retention;
mod stores;
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
use sweetspot_store::follower::Follower;
use sweetspot_store::garbage::GarbageCollector;
pub use sweetspot_store::jobs::SubmittingProcess;
use sweetspot_store::jobs::{JobLimits, Jobs};
use sweetspot_store::registry::Registry;
use sweetspot_store::store::{LocalCache, Store};

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
pub(crate) use self::stores::open_store;
use crate::api::{AppState, WorkspaceLimits};
use crate::config::Settings;

/// The state of a server. Clones share it.
#[derive(Clone, Debug)]
pub struct App {
    state: AppState,
    /// Joined once the last clone is dropped, so that the store can be opened again.
    _garbage: Option<Arc<GarbageCollector>>,
    /// Joined like the above. `None` if this process alone uses the store.
    _follower: Option<Arc<Follower>>,
}

impl App {
    /// Opens the store of the settings for a process of the kind `owner`, and the components on top of it. A server whose
    /// database does not answer starts with the copies in `server.model_cache`, if there are any.
    ///
    /// # Errors
    /// Returns an error if the store is in use, unreadable, or cannot be reached.
    pub fn open(settings: &Settings, owner: SubmittingProcess) -> Result<Self, AppError> {
        let (store, cache) = stores::open(settings, owner)?;
        Self::build(store, cache, Arc::new(SystemClock), settings, owner)
            .map_err(|error| error.with_store(&settings.store))
    }

    /// Creates the components of a server on top of a given store.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub fn with_store(store: Arc<dyn Store>, clock: Arc<dyn Clock>, settings: &Settings) -> Result<Self, AppError> {
        Self::build(store, None, clock, settings, SubmittingProcess::Server)
    }

    fn build(
        store: Arc<dyn Store>,
        cache: Option<Arc<LocalCache>>,
        clock: Arc<dyn Clock>,
        settings: &Settings,
        owner: SubmittingProcess,
    ) -> Result<Self, AppError> {
        let (of_registry, of_keys) = (cache.clone(), cache);
        let registry = Arc::new(Registry::open_with_cache(Arc::clone(&store), Arc::clone(&clock), of_registry)?);
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
        let api_keys = ApiKeys::open_with_cache(Arc::clone(&store), Arc::clone(&clock), of_keys)?;
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
        let follower = shared_state::follow(&state)?.map(Arc::new);
        Ok(Self { state, _garbage: garbage, _follower: follower })
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
