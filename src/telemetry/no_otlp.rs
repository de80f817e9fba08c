//! Stands in for the exporter in a build without the feature `otlp`.

use std::convert::Infallible;
use std::future::Future;

use tokio_util::sync::CancellationToken;

use super::{Metrics, OtlpError, SpanQueue};
use crate::config::OtlpSettings;

/// There is none.
#[derive(Clone, Debug)]
pub struct NoOtlpExporter(Infallible);

impl NoOtlpExporter {
    /// Returns `None` if no setting is set.
    ///
    /// # Errors
    /// If one is.
    pub fn open(settings: &OtlpSettings, _: &Metrics) -> Result<Option<Self>, OtlpError> {
        if *settings == OtlpSettings::default() { Ok(None) } else { Err(OtlpError::NoSupport) }
    }

    /// Is never called.
    #[expect(clippy::unused_async, reason = "the signature with the feature")]
    pub async fn export_spans(self, _: SpanQueue, _: CancellationToken) {
        match self.0 {}
    }

    /// Is never called.
    #[expect(clippy::unused_async, reason = "the signature with the feature")]
    pub async fn export_metrics<F: Future<Output = String>>(self, _: impl Fn() -> F, _: CancellationToken) {
        match self.0 {}
    }
}
