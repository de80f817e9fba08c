//! How a command reaches a server: encryption, and the credential.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tonic::codegen::http::Uri;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};

use super::exit::{CliError, innermost};
use crate::config;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The options of a connection to a server.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "With --server")]
pub(crate) struct ServerConnection {
    // Not a documentation comment, which would show backticks.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        requires = "server",
        help = "File with an API key or a token [default: the one in SWEETSPOT__API_KEY]"
    )]
    api_key_file: Option<PathBuf>,
    /// File with the certificates that sign the server's, in PEM [default: those of
    /// the system]
    #[arg(long, global = true, value_name = "FILE", requires = "server")]
    tls_ca: Option<PathBuf>,
    /// File with a client certificate, in PEM
    #[arg(long, global = true, value_name = "FILE", requires = "client_key")]
    client_cert: Option<PathBuf>,
    /// File with the private key of the client certificate, in PEM
    #[arg(long, global = true, value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
}

/// A credential that is sent with each call, or none.
#[derive(Clone)]
pub(crate) struct Credential(Option<MetadataValue<Ascii>>);

impl Credential {
    /// Sends no credential.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// Whether there is a credential.
    pub(crate) const fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Credential(…)" } else { "Credential(none)" })
    }
}

impl Interceptor for Credential {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

impl ServerConnection {
    /// Reads the credential.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or contains no key, or if the key would be sent without encryption to
    /// another machine.
    pub(crate) fn credential(&self, url: &str) -> Result<Credential, CliError> {
        let key = match &self.api_key_file {
            Some(path) => Some(read(path)?),
            None => config::api_key(),
        };
        let Some(key) = key.map(|key| key.trim().to_owned()) else { return Ok(Credential::none()) };
        if !is_encrypted(url) && !is_loopback(url) {
            let text = format!("the API key would be sent to {url} without encryption: use https://");
            return Err(CliError::Usage(text));
        }
        let invalid =
            || CliError::Usage("the API key is neither of the form swt_ID_SECRET nor a token (eyJ…)".to_owned());
        let mut value: MetadataValue<Ascii> = format!("Bearer {key}").parse().map_err(|_| invalid())?;
        // Any other file, such as a private key, is not sent.
        if !["swt_", "eyJ"].iter().any(|start| key.starts_with(start)) {
            return Err(invalid());
        }
        value.set_sensitive(true);
        Ok(Credential(Some(value)))
    }

    /// Connects a channel to a server; an address without a scheme is taken as `http://`.
    ///
    /// # Errors
    /// Returns an error if the address is invalid, a file cannot be read, or no server answers.
    pub(crate) async fn connect(&self, url: &str) -> Result<Channel, CliError> {
        let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let is_known = full.starts_with("http://") || full.starts_with("https://");
        let wrong = || CliError::Usage(format!("{url:?} is not the address of a server: use http[s]://HOST:PORT"));
        if !is_known {
            return Err(wrong());
        }
        let mut endpoint = Endpoint::from_shared(full).map_err(|_| wrong())?.connect_timeout(CONNECT_TIMEOUT);
        if is_encrypted(url) {
            let unusable = |error: tonic::transport::Error| CliError::Usage(innermost(&error));
            endpoint = endpoint.tls_config(self.tls()?).map_err(unusable)?;
        } else if self.tls_ca.is_some() || self.client_cert.is_some() {
            let text = format!("{url} is not encrypted: use https://, or omit --tls-ca and --client-cert");
            return Err(CliError::Usage(text));
        }
        let unreachable = |error| CliError::Unreachable { url: url.to_owned(), why: innermost(&error) };
        endpoint.connect().await.map_err(unreachable)
    }

    fn tls(&self) -> Result<ClientTlsConfig, CliError> {
        let mut tls = match &self.tls_ca {
            Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
            None => ClientTlsConfig::new().with_native_roots(),
        };
        if let Some((certificate, key)) = self.client_cert.as_ref().zip(self.client_key.as_ref()) {
            tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
        }
        Ok(tls)
    }
}

fn is_encrypted(url: &str) -> bool {
    url.starts_with("https://")
}

/// Whether an address is certainly that of this machine.
fn is_loopback(url: &str) -> bool {
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let Ok(uri) = full.parse::<Uri>() else { return false };
    // A user before the host is not supported, and could hide it.
    let host = uri.host().filter(|_| uri.authority().is_some_and(|authority| !authority.as_str().contains('@')));
    let host = host.unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::file("read", path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn invalid_addresses_are_usage_errors() {
        for url in ["", "http://", "not an address", "ftp://localhost:1"] {
            let result = ServerConnection::default().connect(url).await;
            assert!(matches!(result, Err(CliError::Usage(_))), "{url}");
        }
        let encrypted = ServerConnection { tls_ca: Some("ca.pem".into()), ..ServerConnection::default() };
        assert!(matches!(encrypted.connect("http://127.0.0.1:1").await, Err(CliError::Usage(_))));
        assert!(matches!(encrypted.connect("https://127.0.0.1:1").await, Err(CliError::File { .. })));
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let result = ServerConnection::default().connect(&address.to_string()).await;
        assert!(matches!(result, Err(CliError::Unreachable { .. })));
    }

    #[test]
    fn a_key_is_sent_to_other_machines_with_encryption_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "swt_0123_45\n").unwrap();
        let connection = ServerConnection { api_key_file: Some(path.clone()), ..ServerConnection::default() };
        for url in ["https://scores.example:1", "http://127.0.0.1:1", "localhost:1", "http://[::1]:1"] {
            assert!(connection.credential(url).unwrap().0.is_some(), "{url}");
        }
        let others =
            ["http://127.evil.example:1", "http://localhost:x@evil.example:1", "http://localhost@evil.example:1"];
        for url in ["http://scores.example:1", "scores.example:1", "http://localhost.example:1"].iter().chain(&others) {
            let error = connection.credential(url).unwrap_err().to_string();
            assert!(error.contains("without encryption"), "{error}");
        }
        std::fs::write(&path, "eyJhbGciOiJFZERTQSJ9.e30.AAAA").unwrap();
        assert!(connection.credential("localhost:1").unwrap().0.is_some());
        std::fs::write(&path, "secret").unwrap();
        assert!(connection.credential("localhost:1").is_err());
    }
}
