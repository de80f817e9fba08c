//! The requests to an object store, over hyper: the library's own client would bring a second TLS library.
//!
//! It follows no redirects and uses no proxy. The library signs requests and repeats those that fail.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody,
    HttpService,
};
use object_store::{ClientConfigKey, ClientOptions};
use tokio::time::timeout;

/// The time in which a connection must be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The default time in which the response to a request without a body must begin.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// The minimum number of bytes of a request that the network must transfer in a second.
const MIN_BYTES_PER_SECOND: u32 = 256 * 1024;
/// The time after which an unused connection is closed, before an object store does so.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// The maximum number of unused connections to an address.
const MAX_IDLE_CONNECTIONS: usize = 8;

/// Makes clients.
#[derive(Debug)]
pub(super) struct HyperConnector {
    /// The time in which the response to a request without a body must begin.
    pub(super) response_timeout: Duration,
}

impl Default for HyperConnector {
    fn default() -> Self {
        Self { response_timeout: RESPONSE_TIMEOUT }
    }
}

impl HttpConnector for HyperConnector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let may_be_plain = options.get_config_value(&ClientConfigKey::AllowHttp).as_deref() == Some("true");
        let failed = |source| object_store::Error::Generic { store: "TLS", source };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(error.into()))?
            .with_native_roots()
            .map_err(|error| failed(error.into()))?
            .with_no_client_auth();
        let mut tcp = TcpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.set_nodelay(true);
        let schemes = HttpsConnectorBuilder::new().with_tls_config(tls);
        let schemes = if may_be_plain { schemes.https_or_http() } else { schemes.https_only() };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS)
            .build(schemes.enable_http1().wrap_connector(tcp));
        Ok(HttpClient::new(HyperService { client, response_timeout: self.response_timeout }))
    }
}

/// Sends requests.
struct HyperService {
    client: Client<HttpsConnector<TcpConnector>, HttpRequestBody>,
    response_timeout: Duration,
}

impl fmt::Debug for HyperService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperService").finish_non_exhaustive()
    }
}

impl HyperService {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let bytes = u32::try_from(request.body().content_length()).unwrap_or(u32::MAX);
        let limit = self.response_timeout + Duration::from_secs(1) * (bytes / MIN_BYTES_PER_SECOND);
        let response = timeout(limit, self.client.request(request)).await;
        let response = response.map_err(|_| {
            let text = format!("no response within {limit:?}");
            HttpError::new(HttpErrorKind::Timeout, io::Error::other(text))
        })?;
        let response = response.map_err(|error| {
            let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Interrupted };
            HttpError::new(kind, io::Error::other(innermost(&error)))
        })?;
        Ok(response.map(|body| {
            let body =
                body.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, io::Error::other(innermost(&error))));
            HttpResponseBody::new(body)
        }))
    }
}

impl HttpService for HyperService {
    fn call<'service, 'response>(
        &'service self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'response>>
    where
        'service: 'response,
        Self: 'response,
    {
        Box::pin(self.send(request))
    }
}

/// The last cause of an error, which contains neither the address nor a header.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
