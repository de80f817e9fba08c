//! Stands in for the fetcher of keys in a build without the feature `jwt`.

use std::convert::Infallible;

use tokio_util::sync::CancellationToken;

use crate::access::{TokenError, TokenVerifier};
use crate::config::AuthSettings;
use crate::telemetry::Metrics;

/// There is none.
#[derive(Clone, Debug)]
pub(super) struct NoKeyFetcher(Infallible);

impl NoKeyFetcher {
    /// Settings of tokens are refused elsewhere.
    #[expect(clippy::unnecessary_wraps, reason = "the signature with the feature")]
    pub(super) const fn open(_: &AuthSettings) -> Result<Option<Self>, TokenError> {
        Ok(None)
    }

    #[expect(clippy::unused_async, reason = "the signature with the feature")]
    pub(super) async fn run(self, _: TokenVerifier, _: Metrics, _: CancellationToken) {
        match self.0 {}
    }
}
