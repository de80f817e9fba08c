//! One client for all commands: of a remote server, or of the same services within this process.

use std::path::Path;
use std::time::Duration;

use sweetspot_proto::v1::StreamScoresResponse;
use sweetspot_proto::v1::access_service_client::AccessServiceClient;
use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::definition_service_client::DefinitionServiceClient;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::report_service_client::ReportServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use sweetspot_proto::v1::store_service_client::StoreServiceClient;
use sweetspot_store::store::StoreLocation;
use tokio_stream::Stream;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

use super::connection::{Credential, ServerConnection};
use super::exit::CliError;
use super::scoring::EncodedRequest;
use super::server_error::ServerError;
use crate::app::{App, EmbeddedServer, SubmittingProcess};
use crate::config::Settings;

/// The timeout of a call. A batch on a busy machine is slow, and no interactive routing waits for this client.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);
/// The maximum size of a response message, in bytes: the largest that a server can be configured to send.
const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// A channel that sends a credential with each call.
pub(crate) type ClientChannel = InterceptedService<Channel, Credential>;

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
    pub(crate) scoring: ScoringServiceClient<ClientChannel>,
    /// Training and versions.
    pub(crate) models: ModelServiceClient<ClientChannel>,
    /// Imports and dataset versions.
    pub(crate) datasets: DatasetServiceClient<ClientChannel>,
    /// The definition and reports.
    pub(crate) definitions: DefinitionServiceClient<ClientChannel>,
    pub(crate) reports: ReportServiceClient<ClientChannel>,
    /// Maintenance of the store.
    pub(crate) stores: StoreServiceClient<ClientChannel>,
    /// API keys and the audit log.
    pub(crate) access: AccessServiceClient<ClientChannel>,
    channel: ClientChannel,
    url: String,
    has_credential: bool,
    embedded: Option<EmbeddedServer>,
}

impl Client {
    /// Whether the server knows who calls, so that no name of a person needs to be sent.
    pub(crate) const fn has_credential(&self) -> bool {
        self.has_credential
    }

    /// Connects to a server.
    ///
    /// # Errors
    /// Returns an error if the address or the credential is invalid, or no server answers.
    pub(crate) async fn connect(url: &str, connection: &ServerConnection) -> Result<Self, CliError> {
        let credential = connection.credential(url)?;
        Ok(Self::from_channel(connection.connect(url).await?, credential, url, None))
    }

    /// Opens the store of the settings within this process.
    ///
    /// # Errors
    /// Returns an error if the store does not exist and must not be created, or if it cannot be opened.
    pub(crate) async fn embed(settings: &Settings, missing_store: MissingStore) -> Result<Self, CliError> {
        if let StoreLocation::Folder(folder) = &settings.store
            && missing_store == MissingStore::Refuse
            && !folder.is_dir()
        {
            return Err(no_store(folder));
        }
        let embedded = App::open(settings, SubmittingProcess::Command)
            .map_err(|error| CliError::from_app(&error))?
            .embed(settings)
            .await
            .map_err(|error| CliError::from_app(&error))?;
        let channel = embedded.channel.clone();
        Ok(Self::from_channel(channel, Credential::none(), "this process", Some(embedded)))
    }

    fn from_channel(channel: Channel, credential: Credential, url: &str, embedded: Option<EmbeddedServer>) -> Self {
        let has_credential = credential.is_some();
        let channel = InterceptedService::new(channel, credential);
        Self {
            scoring: ScoringServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            models: ModelServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            datasets: DatasetServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            definitions: DefinitionServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            reports: ReportServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            stores: StoreServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            access: AccessServiceClient::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            channel,
            url: url.to_owned(),
            has_credential,
            embedded,
        }
    }

    /// Closes the client; afterwards another process can open an embedded store.
    pub(crate) async fn close(self) {
        let Self {
            scoring,
            models,
            datasets,
            definitions,
            reports,
            stores,
            access,
            channel,
            url: _,
            has_credential: _,
            embedded,
        } = self;
        // The embedded server drains only once all clones of its channel are dropped.
        drop((scoring, models, datasets, definitions, reports, stores, access, channel));
        if let Some(embedded) = embedded {
            embedded.close().await;
        }
    }

    /// Calls `StreamScores` with encoded accounts.
    pub(crate) async fn stream_scores(
        &self,
        requests: impl Stream<Item = EncodedRequest> + Send + 'static,
    ) -> Result<Streaming<StreamScoresResponse>, Status> {
        let mut client = Grpc::new(self.channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES);
        client.ready().await.map_err(|error| Status::from_error(Box::new(error)))?;
        let path = PathAndQuery::from_static("/sweetspot.v1.ScoringService/StreamScores");
        client.streaming(Request::new(requests), path, ProstCodec::default()).await.map(Response::into_inner)
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
/// its source, for a stream that breaks off UNKNOWN, and for a connection that ends in its handshake CANCELLED.
fn is_connection_error(status: &Status) -> bool {
    let broken = std::error::Error::source(status).is_some();
    matches!(status.code(), Code::Unavailable | Code::Cancelled)
        || (matches!(status.code(), Code::Internal | Code::Unknown) && broken)
}

/// Creates a request with the timeout of a call.
pub(crate) fn request<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(CALL_TIMEOUT);
    request
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
        let settings = Settings { store: store.clone().into(), ..Settings::default() };
        let error = Client::embed(&settings, MissingStore::Refuse).await.unwrap_err();
        assert!(error.to_string().contains("there is no store"), "{error}");
        assert!(!store.exists());
    }
}
