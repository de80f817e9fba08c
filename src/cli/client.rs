//! One client for all commands: of a remote server, or of the same services within this process.

use std::path::Path;
use std::time::Duration;

use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::definition_service_client::DefinitionServiceClient;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::report_service_client::ReportServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use sweetspot_proto::v1::store_service_client::StoreServiceClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};

use super::exit::{CliError, innermost};
use super::server_error::ServerError;
use crate::app::{App, EmbeddedServer, SubmittingProcess};
use crate::config::Settings;

/// The timeout of a call. A batch on a busy machine is slow, and no interactive routing waits for this client.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum size of a response message, in bytes: the largest that a server can be configured to send.
const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// What to do if the store does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissingStore {
    /// Creates the store if it does not exist.
    Create,
    /// Requires a store that an earlier command has created.
    Refuse,
}

/// Clients of all services.
#[derive(Debug)]
pub(crate) struct Client {
    /// Scoring and explanations.
    pub(crate) scoring: ScoringServiceClient<Channel>,
    /// Training and versions.
    pub(crate) models: ModelServiceClient<Channel>,
    /// Imports and dataset versions.
    pub(crate) datasets: DatasetServiceClient<Channel>,
    /// The definition and reports.
    pub(crate) definitions: DefinitionServiceClient<Channel>,
    pub(crate) reports: ReportServiceClient<Channel>,
    /// Maintenance of the store.
    pub(crate) stores: StoreServiceClient<Channel>,
    url: String,
    embedded: Option<EmbeddedServer>,
}

impl Client {
    /// Connects to a server.
    ///
    /// # Errors
    /// Returns an error if the address is invalid or no server answers.
    pub(crate) async fn connect(url: &str) -> Result<Self, CliError> {
        Ok(Self::from_channel(connect_channel(url).await?, url, None))
    }

    /// Opens the store of the settings within this process.
    ///
    /// # Errors
    /// Returns an error if the store does not exist and must not be created, or if it cannot be opened.
    pub(crate) async fn embed(settings: &Settings, missing_store: MissingStore) -> Result<Self, CliError> {
        if missing_store == MissingStore::Refuse && !settings.store.is_dir() {
            return Err(no_store(&settings.store));
        }
        let embedded = App::open(settings, SubmittingProcess::Command)
            .map_err(|error| CliError::from_app(&error))?
            .embed(settings)
            .await
            .map_err(|error| CliError::from_app(&error))?;
        let channel = embedded.channel.clone();
        Ok(Self::from_channel(channel, "this process", Some(embedded)))
    }

    fn from_channel(channel: Channel, url: &str, embedded: Option<EmbeddedServer>) -> Self {
        Self {
            scoring: ScoringServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            models: ModelServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            datasets: DatasetServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            definitions: DefinitionServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            reports: ReportServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            stores: StoreServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES),
            url: url.to_owned(),
            embedded,
        }
    }

    /// Closes the client; afterwards another process can open an embedded store.
    pub(crate) async fn close(self) {
        let Self { scoring, models, datasets, definitions, reports, stores, url: _, embedded } = self;
        // The embedded server drains only once all clones of its channel are dropped.
        drop((scoring, models, datasets, definitions, reports, stores));
        if let Some(embedded) = embedded {
            embedded.close().await;
        }
    }

    /// Returns the response, or a `CliError` that explains the failure to a user.
    ///
    /// # Errors
    /// Returns an error if the server refuses or cannot be reached.
    pub(crate) fn response<T>(&self, result: Result<Response<T>, Status>) -> Result<T, CliError> {
        result.map(Response::into_inner).map_err(|status| self.error(&status))
    }

    /// Converts a status to an error for a user.
    pub(crate) fn error(&self, status: &Status) -> CliError {
        let refusal = ServerError::from_status(status);
        if refusal.reason().is_none() && is_connection_error(status) {
            return CliError::Unreachable { url: self.url.clone(), why: status.message().to_owned() };
        }
        if refusal.reason() == Some("PROMOTION_CHECK_FAILED") {
            return CliError::PromotionCheck(refusal);
        }
        CliError::Refused(refusal)
    }
}

/// Whether a status without a reason comes from the connection; our servers always add a reason.
///
/// For a call that starts just as the server sends GOAWAY, the library returns INTERNAL, with the connection error as
/// its source, and for a stream that breaks off UNKNOWN.
fn is_connection_error(status: &Status) -> bool {
    let broken = std::error::Error::source(status).is_some();
    status.code() == Code::Unavailable || (matches!(status.code(), Code::Internal | Code::Unknown) && broken)
}

/// Creates a request with the timeout of a call.
pub(crate) fn request<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(CALL_TIMEOUT);
    request
}

/// Connects a channel to a server; an address without a scheme is taken as `http://`.
///
/// # Errors
/// Returns an error if the address is invalid or no server answers.
pub(crate) async fn connect_channel(url: &str) -> Result<Channel, CliError> {
    if url.starts_with("https://") {
        return Err(CliError::Usage(format!("cannot connect to {url}: only http:// is supported")));
    }
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let wrong = |_| CliError::Usage(format!("{url:?} is not the address of a server: use http://HOST:PORT"));
    let endpoint = Endpoint::from_shared(full).map_err(wrong)?.connect_timeout(CONNECT_TIMEOUT);
    let unreachable = |error| CliError::Unreachable { url: url.to_owned(), why: innermost(&error) };
    endpoint.connect().await.map_err(unreachable)
}

fn no_store(path: &Path) -> CliError {
    let what = format!("there is no store at {}", path.display());
    CliError::Failed(format!(
        "{what}: train a model first (sweetspot train FILE --mapping M), or name another with --store or --server"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn invalid_addresses_are_usage_errors() {
        for url in ["", "http://", "https://localhost:1", "not an address"] {
            assert!(matches!(connect_channel(url).await, Err(CliError::Usage(_))), "{url}");
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(matches!(connect_channel(&address.to_string()).await, Err(CliError::Unreachable { .. })));
    }

    #[test]
    fn a_closed_connection_differs_from_a_server_error() {
        let goodbye = Status::from_error(Box::new(h2::Error::from(h2::Reason::NO_ERROR)));
        assert_eq!(goodbye.code(), Code::Internal);
        assert!(is_connection_error(&goodbye));
        let broken = Status::from_error(Box::new(std::io::Error::other("error reading a body from connection")));
        assert_eq!(broken.code(), Code::Unknown);
        assert!(is_connection_error(&broken));
        assert!(is_connection_error(&Status::unavailable("connection refused")));
        assert!(!is_connection_error(&Status::internal("a fault of a server that gives no reasons")));
        assert!(!is_connection_error(&Status::not_found("")));
    }

    #[tokio::test]
    async fn a_missing_store_is_not_created_for_reading() {
        let store = std::env::temp_dir().join(uuid::Uuid::new_v4().to_string());
        let settings = Settings { store: store.clone(), ..Settings::default() };
        let error = Client::embed(&settings, MissingStore::Refuse).await.unwrap_err();
        assert!(error.to_string().contains("there is no store"), "{error}");
        assert!(!store.exists());
    }
}
