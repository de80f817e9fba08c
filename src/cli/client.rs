//! One client for every command: of a server somewhere, or of the same services within this process.

use std::path::Path;
use std::time::Duration;

use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::profile_service_client::ProfileServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};

use super::exit::{CliError, innermost};
use super::refusal::Refusal;
use crate::app::{Embedded, Owner, World};
use crate::config::Settings;

/// Longest time one answer may take. A batch on a busy machine is slow, and nobody routes leads by hand.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read: what a server may be set to send.
const MOST_BYTES: usize = 64 << 20;

/// Whether a command may begin a new store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Creates the store where there is none.
    OrCreate,
    /// Needs what an earlier command has kept.
    Existing,
}

/// The services.
#[derive(Debug)]
pub(crate) struct Client {
    /// Scores and explanations.
    pub(crate) scoring: ScoringServiceClient<Channel>,
    /// Training and versions.
    pub(crate) models: ModelServiceClient<Channel>,
    /// Imports.
    pub(crate) datasets: DatasetServiceClient<Channel>,
    /// Documents, and what people agree on.
    pub(crate) profiles: ProfileServiceClient<Channel>,
    url: String,
    embedded: Option<Embedded>,
}

impl Client {
    /// Connects to a server.
    ///
    /// # Errors
    /// Where the address is none, or nobody answers there.
    pub(crate) async fn connect(url: &str) -> Result<Self, CliError> {
        Ok(Self::over(channel(url).await?, url, None))
    }

    /// Opens the store of the settings within this process.
    ///
    /// # Errors
    /// Where there is no store and none may be created, or it cannot be opened.
    pub(crate) async fn embed(settings: &Settings, opening: Opening) -> Result<Self, CliError> {
        if opening == Opening::Existing && !settings.store.is_dir() {
            return Err(no_store(&settings.store));
        }
        let embedded = World::open(settings, Owner::Command)
            .map_err(|error| CliError::from_app(&error))?
            .embed(settings)
            .await
            .map_err(|error| CliError::from_app(&error))?;
        let channel = embedded.channel.clone();
        Ok(Self::over(channel, "this process", Some(embedded)))
    }

    fn over(channel: Channel, url: &str, embedded: Option<Embedded>) -> Self {
        Self {
            scoring: ScoringServiceClient::new(channel.clone()).max_decoding_message_size(MOST_BYTES),
            models: ModelServiceClient::new(channel.clone()).max_decoding_message_size(MOST_BYTES),
            datasets: DatasetServiceClient::new(channel.clone()).max_decoding_message_size(MOST_BYTES),
            profiles: ProfileServiceClient::new(channel).max_decoding_message_size(MOST_BYTES),
            url: url.to_owned(),
            embedded,
        }
    }

    /// Ends it; an embedded store is free for another process afterwards.
    pub(crate) async fn close(self) {
        let Self { scoring, models, datasets, profiles, url: _, embedded } = self;
        // The embedded server drains only once nobody holds its channel.
        drop((scoring, models, datasets, profiles));
        if let Some(embedded) = embedded {
            embedded.close().await;
        }
    }

    /// The answer, or what it means to a person that there is none.
    ///
    /// # Errors
    /// A refusal, or a server that is gone.
    pub(crate) fn answer<T>(&self, result: Result<Response<T>, Status>) -> Result<T, CliError> {
        result.map(Response::into_inner).map_err(|status| self.error(&status))
    }

    /// What a refusal means to a person.
    pub(crate) fn error(&self, status: &Status) -> CliError {
        let refusal = Refusal::from_status(status);
        if refusal.reason().is_none() && of_the_connection(status) {
            return CliError::Unreachable { url: self.url.clone(), why: status.message().to_owned() };
        }
        if refusal.reason() == Some("PROMOTION_CHECK_FAILED") {
            return CliError::PromotionCheck(refusal);
        }
        CliError::Refused(refusal)
    }
}

/// Whether it is the connection that speaks; of a status without a reason, which our servers never leave out.
///
/// A call that begins just as the server says goodbye is told INTERNAL by the library, with the broken connection as its source.
fn of_the_connection(status: &Status) -> bool {
    let broken = std::error::Error::source(status).is_some();
    status.code() == Code::Unavailable || (status.code() == Code::Internal && broken)
}

/// A request that may take its time.
pub(crate) fn request<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(CALL_TIMEOUT);
    request
}

/// A channel to a server; an address without a scheme is taken as `http://`.
///
/// # Errors
/// Where the address is none, or nobody answers there.
pub(crate) async fn channel(url: &str) -> Result<Channel, CliError> {
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
    async fn addresses_that_are_none_are_usage() {
        for url in ["", "http://", "https://localhost:1", "not an address"] {
            assert!(matches!(channel(url).await, Err(CliError::Usage(_))), "{url}");
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(matches!(channel(&address.to_string()).await, Err(CliError::Unreachable { .. })));
    }

    #[test]
    fn a_goodbye_is_told_from_a_fault_of_the_server() {
        let goodbye = Status::from_error(Box::new(h2::Error::from(h2::Reason::NO_ERROR)));
        assert_eq!(goodbye.code(), Code::Internal);
        assert!(of_the_connection(&goodbye));
        assert!(of_the_connection(&Status::unavailable("nobody is there")));
        assert!(!of_the_connection(&Status::internal("a fault of a server that gives no reasons")));
        assert!(!of_the_connection(&Status::not_found("")));
    }

    #[tokio::test]
    async fn a_missing_store_is_not_created_to_be_read() {
        let store = std::env::temp_dir().join(uuid::Uuid::new_v4().to_string());
        let settings = Settings { store: store.clone(), ..Settings::default() };
        let error = Client::embed(&settings, Opening::Existing).await.unwrap_err();
        assert!(error.to_string().contains("there is no store"), "{error}");
        assert!(!store.exists());
    }
}
