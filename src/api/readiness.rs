//! Tells probes whether the process lives, and whether it can score.

use std::sync::Arc;

use sweetspot_store::registry::Registry;
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus::{NotServing, Serving};
use tonic_health::server::HealthReporter;

/// The service whose health is the health of scoring.
const SCORING: &str = "sweetspot.v1.ScoringService";

/// The health of this server.
#[derive(Clone, Debug)]
pub(crate) struct Readiness {
    reporter: HealthReporter,
    registry: Arc<Registry>,
    draining: CancellationToken,
}

impl Readiness {
    /// The health of a server over this registry, as it is now.
    pub(crate) async fn new(registry: Arc<Registry>) -> Self {
        let readiness = Self { reporter: HealthReporter::new(), registry, draining: CancellationToken::new() };
        readiness.refresh().await;
        readiness
    }

    /// Where health is reported.
    pub(super) fn reporter(&self) -> HealthReporter {
        self.reporter.clone()
    }

    /// Cancelled by [`Self::stop`].
    pub(super) fn draining(&self) -> CancellationToken {
        self.draining.clone()
    }

    /// Looks again whether there is anything to score with.
    pub(crate) async fn refresh(&self) {
        let status = if self.registry.any_live() { Serving } else { NotServing };
        self.reporter.set_service_status(SCORING, status).await;
    }

    /// Sends no more calls here, and ends every watch with that.
    pub(crate) async fn stop(&self) {
        self.reporter.set_service_status("", NotServing).await;
        self.reporter.set_service_status(SCORING, NotServing).await;
        self.draining.cancel();
    }
}
