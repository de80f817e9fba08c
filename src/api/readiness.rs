//! Liveness and readiness for probes: whether the process runs, whether it can score, and whether the store can be
//! changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sweetspot_store::registry::Registry;
use sweetspot_store::store::StoreError;
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus::{NotServing, Serving};
use tonic_health::server::HealthReporter;

/// The service whose health stands for scoring.
const SCORING_SERVICE: &str = "sweetspot.v1.ScoringService";

/// The service whose health stands for changes to the store.
const STORE_SERVICE: &str = "sweetspot.store";

/// The service whose health stands for live versions: each model with one is answered by it, and not by a stand-in.
const MODELS_SERVICE: &str = "sweetspot.models";

/// The health of this server.
#[derive(Clone, Debug)]
pub(crate) struct Readiness {
    reporter: HealthReporter,
    registry: Arc<Registry>,
    draining: CancellationToken,
    is_overloaded: Arc<AtomicBool>,
    is_writable: Arc<AtomicBool>,
}

impl Readiness {
    /// Creates the health state of a server from the current state of the registry.
    pub(crate) async fn new(registry: Arc<Registry>) -> Self {
        let readiness = Self {
            reporter: HealthReporter::new(),
            registry,
            draining: CancellationToken::new(),
            is_overloaded: Arc::default(),
            is_writable: Arc::new(AtomicBool::new(true)),
        };
        readiness.refresh().await;
        readiness
    }

    /// The reporter of the health service.
    pub(super) fn reporter(&self) -> HealthReporter {
        self.reporter.clone()
    }

    /// The token that [`Self::stop`] cancels.
    pub(super) fn draining(&self) -> CancellationToken {
        self.draining.clone()
    }

    /// Whether the server is not shutting down.
    pub(crate) fn is_live(&self) -> bool {
        !self.draining.is_cancelled()
    }

    /// Whether the server can score: the health of the scoring service.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_live() && self.registry.has_live_version() && !self.is_overloaded.load(Ordering::Relaxed)
    }

    /// Whether the store can be changed, as of the last check.
    pub(crate) fn is_writable(&self) -> bool {
        self.is_writable.load(Ordering::Relaxed)
    }

    /// Reports whether new calls have found no capacity for some time.
    pub(crate) async fn set_overloaded(&self, overloaded: bool) {
        if self.is_overloaded.swap(overloaded, Ordering::Relaxed) != overloaded && !self.draining.is_cancelled() {
            self.refresh().await;
        }
    }

    /// Reports whether the store can be changed; `refusal` is the reason why it cannot. Logs each change.
    pub(crate) async fn set_store_refusal(&self, refusal: Option<&StoreError>) {
        if self.is_writable.swap(refusal.is_none(), Ordering::Relaxed) == refusal.is_none() {
            return;
        }
        if let Some(error) = refusal {
            tracing::warn!(%error, "changes are refused");
        } else {
            tracing::info!("changes are accepted again");
        }
        if !self.draining.is_cancelled() {
            self.refresh().await;
        }
    }

    /// Whether the server can score, and whether all live versions answer.
    pub(crate) fn health(&self) -> (bool, bool) {
        (self.is_ready(), self.registry.live_failures().is_empty())
    }

    /// Checks again whether there is a version to score with, and capacity to do it, and whether live versions answer.
    pub(crate) async fn refresh(&self) {
        let status = if self.is_ready() { Serving } else { NotServing };
        self.reporter.set_service_status(SCORING_SERVICE, status).await;
        let status = if self.is_writable() { Serving } else { NotServing };
        self.reporter.set_service_status(STORE_SERVICE, status).await;
        let status = if self.registry.live_failures().is_empty() { Serving } else { NotServing };
        self.reporter.set_service_status(MODELS_SERVICE, status).await;
    }

    /// Reports all services as not serving, and ends every watch.
    pub(crate) async fn stop(&self) {
        for service in ["", SCORING_SERVICE, STORE_SERVICE, MODELS_SERVICE] {
            self.reporter.set_service_status(service, NotServing).await;
        }
        self.draining.cancel();
    }
}
