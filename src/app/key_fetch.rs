//! Fetches the keys of an issuer of tokens: at the start, from time to time, and soon after a token names another key.
//!
//! Only the address in the settings is opened: nothing in a token and no redirect leads elsewhere.

use std::fs;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Collected, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, LOCATION, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::access::{MAX_KEY_SET_BYTES, TokenError, TokenVerifier};
use crate::config::{AuthSettings, HttpUrl};
use crate::telemetry::Metrics;

/// The time of one fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
/// The time after which a failed fetch is repeated, at the latest.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);
/// The minimum time between two fetches, however many tokens name unknown keys.
const MIN_INTERVAL: Duration = Duration::from_secs(10);

/// Fetches the keys of an issuer.
#[derive(Clone, Debug)]
pub(super) struct KeyFetcher {
    url: HttpUrl,
    interval: Duration,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl KeyFetcher {
    /// Checks the settings and reads the authorities. `None` if the keys come from a file.
    ///
    /// # Errors
    /// If the address is not encrypted, or the authorities cannot be used.
    pub(super) fn open(settings: &AuthSettings) -> Result<Option<Self>, TokenError> {
        let Some(url) = settings.jwt_keys_url.clone() else { return Ok(None) };
        if !url.is_encrypted() && !url.is_loopback() {
            return Err(TokenError::Unencrypted { url: url.to_string() });
        }
        let tls = client_config(settings.jwt_keys_ca_file.as_deref())?;
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Some(Self { url, interval: settings.jwt_keys_interval, client }))
    }

    /// Gives the keys to `verifier` again and again, until `stop` is canceled. If they cannot be fetched, the last ones
    /// stay.
    pub(super) async fn run(self, verifier: TokenVerifier, metrics: Metrics, stop: CancellationToken) {
        let mut last_error = String::new();
        let work = async {
            loop {
                let replaced = self.fetch().await.and_then(|keys| verifier.replace(&keys));
                let delay = match replaced {
                    Ok(has_changed) => {
                        last_error.clear();
                        if has_changed {
                            tracing::info!(url = %self.url, "the keys of tokens are fetched");
                        }
                        self.interval
                    }
                    Err(error) => {
                        metrics.record_failed_key_fetch();
                        // Once for each cause, not for each attempt.
                        if error != last_error {
                            tracing::warn!(url = %self.url, error, "cannot fetch the keys of tokens: the last ones stay");
                            last_error = error;
                        }
                        self.interval.min(RETRY_INTERVAL)
                    }
                };
                let delay = jittered(delay);
                wait_for_next(delay, delay.min(MIN_INTERVAL), verifier.unknown_key_seen()).await;
            }
        };
        stop.run_until_cancelled(work).await;
    }

    async fn fetch(&self) -> Result<Bytes, String> {
        timeout(FETCH_TIMEOUT, self.get()).await.unwrap_or_else(|_| Err(format!("no response in {FETCH_TIMEOUT:?}")))
    }

    async fn get(&self) -> Result<Bytes, String> {
        let request = Request::get(self.url.uri())
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, concat!("sweetspot/", env!("CARGO_PKG_VERSION")))
            .body(Empty::new());
        let request = request.map_err(|error| error.to_string())?;
        let response = self.client.request(request).await.map_err(|error| innermost(&error))?;
        if response.status() != StatusCode::OK {
            let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
            let hint =
                target.map(|target| format!(", which leads to {target:?}: set that address")).unwrap_or_default();
            return Err(format!("the response is {}{hint}", response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_KEY_SET_BYTES as usize).collect().await;
        body.map(Collected::to_bytes).map_err(|error| innermost(&*error))
    }
}

/// Waits for `delay`, or until a token names an unknown key, but not less than `minimum`.
async fn wait_for_next(delay: Duration, minimum: Duration, unknown_key: impl Future<Output = ()>) {
    sleep(minimum).await;
    tokio::select! {
        () = sleep(delay.saturating_sub(minimum)) => (),
        () = unknown_key => (),
    }
}

/// Varies a time by up to 10%, so that servers that started together do not ask together.
fn jittered(time: Duration) -> Duration {
    let (_, random) = Uuid::new_v4().as_u64_pair();
    time.mul_f64(0.9 + 0.2 * ((random % 1024) as f64 / 1024.0))
}

fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, TokenError> {
    let unusable = |cause: String| TokenError::Authorities { path: ca_file.map(Path::to_owned), cause };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?;
    let builder = match ca_file {
        None => builder.with_native_roots().map_err(|error| unusable(error.to_string()))?,
        Some(path) => {
            let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(unusable("it contains no certificate".to_owned()));
            }
            builder.with_root_certificates(roots)
        }
    };
    Ok(builder.with_no_client_auth())
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn an_unknown_key_hastens_the_next_fetch_and_not_below_the_minimum() {
        let (start, minimum) = (Instant::now(), Duration::from_millis(20));
        wait_for_next(Duration::from_secs(3600), minimum, ready(())).await;
        assert!(start.elapsed() >= minimum);
        let start = Instant::now();
        wait_for_next(2 * minimum, minimum, pending()).await;
        assert!(start.elapsed() >= 2 * minimum);
    }

    #[test]
    fn times_vary_by_a_tenth() {
        let times: Vec<f64> = (0..1000).map(|_| jittered(Duration::from_secs(100)).as_secs_f64()).collect();
        assert!(times.iter().all(|time| (90.0..110.0).contains(time)));
        assert!(times.iter().any(|time| *time < 93.0) && times.iter().any(|time| *time > 107.0));
    }

    #[test]
    fn settings_that_cannot_be_used_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, "x").unwrap();
        let at = |url: &str| AuthSettings { jwt_keys_url: url.parse().ok(), ..AuthSettings::default() };
        assert!(KeyFetcher::open(&AuthSettings::default()).unwrap().is_none());
        let error = |settings: &AuthSettings| KeyFetcher::open(settings).unwrap_err().to_string();
        assert!(error(&at("http://id.example/keys")).contains("use https://"));
        let authorities = AuthSettings { jwt_keys_ca_file: Some(file), ..at("https://id.example/keys") };
        assert!(error(&authorities).contains("auth.jwt_keys_ca_file: cannot use"));
        let missing = AuthSettings { jwt_keys_ca_file: Some(folder.path().join("no")), ..authorities };
        assert!(error(&missing).contains("auth.jwt_keys_ca_file: cannot use"));
    }
}
