//! The connection to the collector.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::task::spawn_blocking;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use super::headers::read_headers;
use crate::config::{HttpUrl, OtlpSettings};
use crate::telemetry::OtlpError;

/// The time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The time for the collector to accept a message.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);
/// The interval at which an idle connection is checked, so that one to a machine that is gone is replaced.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// A collector. Clones share the connection.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    channel: Channel,
    headers_file: Option<PathBuf>,
}

impl Collector {
    /// Checks the settings and reads their files. Connects with the first message. `None` if no collector is set.
    pub(super) fn open(settings: &OtlpSettings) -> Result<Option<Self>, OtlpError> {
        let OtlpSettings { endpoint, headers_file, ca_file, .. } = settings;
        let Some(url) = endpoint else {
            return if *settings == OtlpSettings::default() { Ok(None) } else { Err(OtlpError::NoEndpoint) };
        };
        if !["", "/"].contains(&url.uri().path()) {
            return Err(OtlpError::Path { endpoint: url.to_string() });
        }
        if headers_file.is_some() && !url.is_encrypted() && !url.is_loopback() {
            return Err(OtlpError::Unencrypted { endpoint: url.to_string() });
        }
        if let Some(path) = headers_file {
            read_headers(path).map_err(|cause| file_error("otlp.headers_file", path, cause))?;
        }
        let channel = endpoint_of(url, ca_file.as_deref())?.connect_lazy();
        Ok(Some(Self { channel, headers_file: headers_file.clone() }))
    }

    pub(super) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Returns a request with the headers of the settings.
    pub(super) async fn request<M>(&self, message: M) -> Result<Request<M>, Status> {
        let mut request = Request::new(message);
        if let Some(path) = self.headers_file.clone() {
            let read = spawn_blocking(move || read_headers(&path)).await;
            let headers = read.map_err(|error| Status::internal(error.to_string()))?;
            *request.metadata_mut() =
                headers.map_err(|cause| Status::internal(format!("otlp.headers_file: {cause}")))?;
        }
        Ok(request)
    }
}

fn endpoint_of(url: &HttpUrl, ca_file: Option<&Path>) -> Result<Endpoint, OtlpError> {
    let endpoint = Endpoint::from(url.uri().clone())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(EXPORT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_while_idle(true);
    if !url.is_encrypted() {
        return match ca_file {
            None => Ok(endpoint),
            Some(_) => Err(OtlpError::UnusedAuthorities { endpoint: url.to_string() }),
        };
    }
    let tls = match ca_file {
        None => ClientTlsConfig::new().with_native_roots(),
        Some(path) => {
            let failed = |cause| file_error("otlp.ca_file", path, cause);
            let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
            // The library takes a file without any.
            if !matches!(CertificateDer::pem_slice_iter(&pem).next(), Some(Ok(_))) {
                return Err(failed("it contains no certificate".to_owned()));
            }
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem))
        }
    };
    endpoint.tls_config(tls).map_err(|error| OtlpError::Tls { cause: error.to_string() })
}

fn file_error(setting: &'static str, path: &Path, cause: String) -> OtlpError {
    OtlpError::File { setting, path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(settings: &OtlpSettings) -> String {
        Collector::open(settings).unwrap_err().to_string()
    }

    #[tokio::test]
    async fn settings_that_cannot_be_used_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "authorization\n").unwrap();
        let at = |endpoint: &str| OtlpSettings { endpoint: endpoint.parse().ok(), ..OtlpSettings::default() };
        assert!(Collector::open(&OtlpSettings::default()).unwrap().is_none());
        assert!(Collector::open(&at("http://collector:4317")).unwrap().is_some());
        assert!(Collector::open(&at("https://collector:4317")).unwrap().is_some());
        let alone = OtlpSettings { trace_sample: Some(1), ..OtlpSettings::default() };
        assert!(error(&alone).contains("set otlp.endpoint"));
        assert!(error(&at("http://collector:4318/v1/traces")).contains("has a path"));
        let headers = |endpoint| OtlpSettings { headers_file: Some(file.clone()), ..at(endpoint) };
        assert!(error(&headers("http://collector:4317")).contains("without encryption"));
        assert!(error(&headers("https://collector:4317")).contains("otlp.headers_file: cannot use"));
        let authorities = |endpoint, file| OtlpSettings { ca_file: Some(file), ..at(endpoint) };
        assert!(error(&authorities("http://collector", file.clone())).contains("is not encrypted"));
        assert!(error(&authorities("https://collector", folder.path().join("none"))).contains("otlp.ca_file: cannot"));
        assert!(error(&authorities("https://collector", file.clone())).contains("it contains no certificate"));
    }
}
